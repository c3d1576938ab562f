// does:    makes or updates whose an address was, and when
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MATCH (a:Source {name: row.src})
CALL (row) { MATCH (b:Host {name: row.dst}) RETURN b }
MERGE (a)-[r:ADDRESS_OF {id: row.id}]->(b)
SET r.from = row.from, r.until = row.until, r.run = $run
RETURN count(*) AS written
