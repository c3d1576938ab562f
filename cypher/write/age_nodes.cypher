// does:    removes the nodes of earlier pushes that this one did not write again
// params:  $run (integer)
// returns: removed (integer)
// access:  write
MATCH (n:User|Host|Source|Key|Segment|Session|Finding)
WHERE n.run < $run
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS removed
