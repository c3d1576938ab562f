// does:    what a user, host, source or key is related to, the latest first
// params:  $name (string), $limit (integer)
// returns: type (string), start (string), src (string), dst (string), count (integer), failures (integer), first (datetime), last (datetime)
// access:  read
MATCH (n:User|Host|Source|Key {name: $name})
MATCH (n)-[r:LOGGED_ON_TO|CONNECTED_TO|MOVED_TO|OPENED]-()
WITH DISTINCT r, startNode(r) AS a, endNode(r) AS b
RETURN type(r) AS type, labels(a)[0] AS start, a.name AS src, b.name AS dst,
    r.count AS count, r.failures AS failures, r.first AS first, r.last AS last
ORDER BY last DESC, first DESC, type, src, dst, count, failures
LIMIT $limit
