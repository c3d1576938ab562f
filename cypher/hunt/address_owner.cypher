// does:    which host had an address at a time
// params:  $address (string), $at (datetime), $limit (integer)
// returns: host (string), since (datetime), until (datetime)
// access:  read
MATCH (:Source {name: $address})-[r:ADDRESS_OF]->(h:Host)
WHERE (r.from IS NULL OR r.from <= $at) AND (r.until IS NULL OR $at < r.until)
RETURN h.name AS host, r.from AS since, r.until AS until
ORDER BY host
LIMIT $limit
