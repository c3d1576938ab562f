// does:    every node that was pushed
// params:  none
// returns: label (string), properties (map)
// access:  read
MATCH (n:User|Host|Source|Key|Segment|Session|Finding)
RETURN labels(n)[0] AS label, properties(n) AS properties
