// does:    keys that opened several accounts, the most accounts first
// params:  $accounts (integer), $limit (integer)
// returns: key (string), accounts (list), hosts (list), last (datetime)
// access:  read
MATCH (k:Key)-[r:OPENED]->(h:Host)
UNWIND r.users AS user
MATCH (u:User {name: user})
WITH k, h, r, u.account AS account ORDER BY account, h.name
WITH k.name AS key, collect(DISTINCT account) AS accounts, collect(DISTINCT h.name) AS hosts, max(r.last) AS last
WHERE size(accounts) >= $accounts
RETURN key, accounts, hosts, last
ORDER BY size(accounts) DESC, size(hosts) DESC, key
LIMIT $limit
