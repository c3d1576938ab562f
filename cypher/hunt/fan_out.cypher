// does:    accounts that went from one host to many within a time, the most hosts first
// params:  $begin (datetime), $end (datetime), $hosts (integer), $limit (integer)
// returns: src (string), account (string), hosts (list), first (datetime), last (datetime)
// access:  read
MATCH (s:Session)
WHERE s.start >= $begin AND s.start <= $end
WITH s ORDER BY s.dst
WITH s.src AS src, s.account AS account, collect(DISTINCT s.dst) AS hosts, min(s.start) AS first, max(s.start) AS last
WHERE size(hosts) >= $hosts
RETURN src, account, hosts, first, last
ORDER BY size(hosts) DESC, src, account
LIMIT $limit
