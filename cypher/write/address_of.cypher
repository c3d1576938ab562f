// does:    makes or updates whose an address was, and when
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
WITH datetime({epochSeconds: 0}) AS epoch
UNWIND $rows AS row
MATCH (a:Source {name: row.src})
CALL (row) { MATCH (b:Host {name: row.dst}) RETURN b }
MERGE (a)-[r:ADDRESS_OF {id: row.id}]->(b)
SET r.from = CASE WHEN row.from IS NOT NULL THEN epoch + duration({microseconds: row.from}) END,
    r.until = CASE WHEN row.until IS NOT NULL THEN epoch + duration({microseconds: row.until}) END, r.run = $run
RETURN count(*) AS written
