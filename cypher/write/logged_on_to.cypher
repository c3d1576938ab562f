// does:    makes or updates which user logged on to which host, or tried to
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
WITH datetime({epochSeconds: 0}) AS epoch
UNWIND $rows AS row
MATCH (a:User {name: row.src})
CALL (row) { MATCH (b:Host {name: row.dst}) RETURN b }
MERGE (a)-[r:LOGGED_ON_TO]->(b)
SET r.count = row.count, r.failures = row.failures, r.first = epoch + duration({microseconds: row.first}),
    r.last = epoch + duration({microseconds: row.last}), r.days = row.days, r.run = $run
RETURN count(*) AS written
