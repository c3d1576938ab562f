// does:    hosts through which the sessions of a segment were reached, those of most sessions first
// params:  $segment (string), $begin (datetime), $end (datetime), $limit (integer)
// returns: host (string), sessions (integer), origins (integer), accounts (list)
// access:  read
MATCH (h:Host {segment: $segment})
MATCH (after:Session {dst: h.name})
WHERE after.start >= $begin AND after.start <= $end
MATCH (before:Session)-[:LED_TO]->(after)
WITH before, after ORDER BY after.account
RETURN before.dst AS host, count(DISTINCT after) AS sessions, count(DISTINCT before.src) AS origins,
    collect(DISTINCT after.account) AS accounts
ORDER BY sessions DESC, origins DESC, host
LIMIT $limit
