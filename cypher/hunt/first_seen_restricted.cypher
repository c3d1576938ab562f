// does:    ways into restricted segments, from hosts or addresses, that were first taken since a time, the newest first
// params:  $since (datetime), $limit (integer)
// returns: src (string), known (boolean), user (string), service (string), method (string), dst (string), segment (string), first (datetime), count (integer), failures (integer)
// access:  read
CALL () {
    MATCH (a:Host)-[r:MOVED_TO]->(b:Host)
    USING INDEX SEEK r:MOVED_TO(first)
    WHERE r.first >= $since AND r.count > 0
    RETURN a, r, b
    UNION ALL
    MATCH (a:Source)-[r:CONNECTED_TO]->(b:Host)
    USING INDEX SEEK r:CONNECTED_TO(first)
    WHERE r.first >= $since AND r.count > 0
    RETURN a, r, b
}
WITH a, r, b
WHERE b.restricted AND (a.segment IS NULL OR a.segment <> b.segment)
RETURN a.name AS src, a:Host AS known, r.user AS user, r.service AS service, r.method AS method, b.name AS dst,
    b.segment AS segment, r.first AS first, r.count AS count, r.failures AS failures
ORDER BY first DESC, src, user, dst, service, method
LIMIT $limit
