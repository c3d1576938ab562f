// does:    makes or updates which sessions a finding shows
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MATCH (a:Finding {id: row.src})
CALL (row) { MATCH (b:Session {id: row.dst}) RETURN b }
MERGE (a)-[r:SHOWS]->(b)
SET r.run = $run
RETURN count(*) AS written
