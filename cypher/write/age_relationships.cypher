// does:    removes the relationships of earlier pushes that this one did not write again
// params:  $run (integer)
// returns: removed (integer)
// access:  write
CALL () {
    MATCH ()-[r:LOGGED_ON_TO]->() WHERE r.run < $run RETURN r
    UNION ALL
    MATCH ()-[r:CONNECTED_TO]->() WHERE r.run < $run RETURN r
    UNION ALL
    MATCH ()-[r:MOVED_TO]->() WHERE r.run < $run RETURN r
    UNION ALL
    MATCH ()-[r:OPENED]->() WHERE r.run < $run RETURN r
    UNION ALL
    MATCH ()-[r:ADDRESS_OF]->() WHERE r.run < $run RETURN r
    UNION ALL
    MATCH ()-[r:IN_SEGMENT]->() WHERE r.run < $run RETURN r
    UNION ALL
    MATCH ()-[r:LED_TO]->() WHERE r.run < $run RETURN r
    UNION ALL
    MATCH ()-[r:SHOWS]->() WHERE r.run < $run RETURN r
}
CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS removed
