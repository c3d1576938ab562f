// does:    how a session came to be: the paths in time of at most 6 hops that end with it, the surest first
// params:  $session (string), $begin (datetime), $limit (integer)
// returns: sessions (list), hosts (list), users (list), certainty (float)
// access:  read
MATCH path = (first:Session)-[:LED_TO*0..5]->(last:Session {id: $session})
WHERE all(s IN nodes(path) WHERE s.latest >= $begin)
WITH path, nodes(path) AS steps
WHERE all(i IN range(1, size(steps) - 1) WHERE
        steps[i - 1].open >= $begin
        AND none(j IN range(0, i) WHERE steps[j].start > steps[i].latest OR steps[j].start > steps[i - 1].open))
RETURN [s IN steps | s.id] AS sessions, [head(steps).src] + [s IN steps | s.dst] AS hosts,
    [s IN steps | s.user] AS users,
    reduce(product = 1.0, r IN relationships(path) | product * r.certainty) AS certainty
ORDER BY certainty DESC, size(sessions) DESC, sessions
LIMIT $limit
