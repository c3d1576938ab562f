// does:    makes or updates which key opened which host, and for whom
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
WITH datetime({epochSeconds: 0}) AS epoch
UNWIND $rows AS row
MATCH (a:Key {name: row.src})
CALL (row) { MATCH (b:Host {name: row.dst}) RETURN b }
MERGE (a)-[r:OPENED]->(b)
SET r.count = row.count, r.failures = row.failures, r.first = epoch + duration({microseconds: row.first}),
    r.last = epoch + duration({microseconds: row.last}), r.days = row.days, r.users = row.users, r.run = $run
RETURN count(*) AS written
