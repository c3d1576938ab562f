// does:    how many nodes the database holds, whoever made them
// params:  none
// returns: nodes (integer)
// access:  read
MATCH (n)
RETURN count(n) AS nodes
