// does:    logons that many refused ones of the same user to the same host came with, the most refused first
// params:  $failures (integer), $limit (integer)
// returns: user (string), host (string), failures (integer), count (integer), last (datetime)
// access:  read
MATCH (u:User)-[r:LOGGED_ON_TO]->(h:Host)
USING INDEX SEEK r:LOGGED_ON_TO(failures)
WHERE r.failures >= $failures AND r.count > 0
RETURN u.name AS user, h.name AS host, r.failures AS failures, r.count AS count, r.last AS last
ORDER BY failures DESC, user, host
LIMIT $limit
