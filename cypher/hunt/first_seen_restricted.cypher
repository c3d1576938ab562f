// does:    ways into restricted segments that were first taken since a time, the newest first
// params:  $since (datetime), $limit (integer)
// returns: src (string), user (string), dst (string), segment (string), first (datetime), count (integer), failures (integer)
// access:  read
MATCH (a:Host)-[r:MOVED_TO]->(b:Host)
WHERE r.first >= $since AND r.count > 0 AND b.restricted AND (a.segment IS NULL OR a.segment <> b.segment)
RETURN a.name AS src, r.user AS user, b.name AS dst, b.segment AS segment, r.first AS first,
    r.count AS count, r.failures AS failures
ORDER BY first DESC, src, user, dst
LIMIT $limit
