// does:    hosts of a role (such as bastion) from which nobody has moved on since a time, the longest idle first
// params:  $role (string), $since (datetime), $limit (integer)
// returns: host (string), segment (string), last (datetime)
// access:  read
MATCH (h:Host)
WHERE $role IN h.roles
OPTIONAL MATCH (h)-[r:MOVED_TO]->(:Host)
WHERE r.count > 0
WITH h, max(r.last) AS last
WHERE last IS NULL OR last < $since
RETURN h.name AS host, h.segment AS segment, last
ORDER BY last IS NOT NULL, last, host
LIMIT $limit
