// does:    hops that went on as another account than the session they came from, the surest first
// params:  $begin (datetime), $end (datetime), $limit (integer)
// returns: host (string), account (string), next (string), dst (string), start (datetime), certainty (float), session (string)
// access:  read
MATCH (after:Session)
WHERE after.start >= $begin AND after.start <= $end
MATCH (before:Session)-[l:LED_TO]->(after)
WHERE before.account <> after.account AND l.basis = after.basis
RETURN after.src AS host, before.account AS account, after.account AS next, after.dst AS dst, after.start AS start,
    l.certainty AS certainty, after.id AS session
ORDER BY certainty DESC, start, session, account
LIMIT $limit
