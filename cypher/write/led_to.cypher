// does:    makes or updates which session could have led to which, and how surely
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MATCH (a:Session {id: row.src})
CALL (row) { MATCH (b:Session {id: row.dst}) RETURN b }
MERGE (a)-[r:LED_TO]->(b)
SET r.certainty = row.certainty, r.basis = row.basis, r.tied = row.tied, r.run = $run
RETURN count(*) AS written
