// does:    paths in time from one host or source to a host, of at most 6 hops, that visit no host twice
// params:  $src (string), $dst (string), $begin (datetime), $end (datetime), $limit (integer)
// returns: sessions (list), hosts (list), users (list), certainty (float), start (datetime)
// access:  read
MATCH path = (first:Session {src: $src})-[:LED_TO*0..5]->(last:Session {dst: $dst})
WHERE first.start >= $begin - duration({seconds: 1}) AND first.start <= $end
    AND all(s IN nodes(path) WHERE s.latest >= $begin AND s.start <= $end AND s.dst <> $src)
    AND all(s IN nodes(path)[..-1] WHERE s.dst <> $dst)
WITH path, nodes(path) AS steps
WHERE all(i IN range(1, size(steps) - 1) WHERE
        none(j IN range(0, i - 1) WHERE steps[j].dst = steps[i].dst)
        AND none(j IN range(0, i) WHERE steps[j].start > steps[i].latest OR steps[j].start > steps[i - 1].open)
        AND steps[i - 1].open >= $begin)
RETURN [s IN steps | s.id] AS sessions,
    [$src] + [s IN steps | s.dst] AS hosts,
    [s IN steps | s.user] AS users,
    reduce(product = 1.0, r IN relationships(path) | product * r.certainty) AS certainty,
    head(steps).start AS start
ORDER BY certainty DESC, size(sessions), start DESC, sessions
LIMIT $limit
