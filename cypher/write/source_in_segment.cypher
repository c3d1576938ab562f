// does:    makes or updates in which segment a source lies
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MATCH (a:Source {name: row.src})
CALL (row) { MATCH (b:Segment {name: row.dst}) RETURN b }
MERGE (a)-[r:IN_SEGMENT]->(b)
SET r.run = $run
RETURN count(*) AS written
