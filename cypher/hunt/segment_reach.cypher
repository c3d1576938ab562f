// does:    from where the hosts of a segment were reached within a time, by at most 6 hops, the surest first
// params:  $segment (string), $begin (datetime), $end (datetime), $limit (integer)
// returns: src (string), hops (integer), hosts (list), certainty (float), first (datetime)
// access:  read
MATCH (h:Host {segment: $segment})
MATCH (last:Session {dst: h.name})
WHERE last.start >= $begin - duration({seconds: 1}) AND last.start <= $end AND last.latest >= $begin
MATCH path = (first:Session)-[:LED_TO*0..5]->(last)
WHERE all(s IN nodes(path) WHERE s.latest >= $begin AND s.start <= $end)
WITH h, first, path, nodes(path) AS steps
WHERE all(i IN range(1, size(steps) - 1) WHERE
        steps[i - 1].open >= $begin
        AND none(j IN range(0, i) WHERE steps[j].start > steps[i].latest OR steps[j].start > steps[i - 1].open))
WITH first.src AS src, h.name AS host, first.start AS start, length(path) + 1 AS number,
    reduce(product = 1.0, r IN relationships(path) | product * r.certainty) AS sure
OPTIONAL MATCH (inside:Host {name: src, segment: $segment})
WITH src, host, start, number, sure, inside
WHERE inside IS NULL
WITH src, number, sure, start, host ORDER BY host
RETURN src, min(number) AS hops, collect(DISTINCT host) AS hosts, max(sure) AS certainty, min(start) AS first
ORDER BY certainty DESC, hops, src
LIMIT $limit
