// does:    makes or updates who moved from host to host, by which service and method
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
WITH datetime({epochSeconds: 0}) AS epoch
UNWIND $rows AS row
MATCH (a:Host {name: row.src})
CALL (row) { MATCH (b:Host {name: row.dst}) RETURN b }
MERGE (a)-[r:MOVED_TO {id: row.id}]->(b)
SET r.user = row.user, r.service = row.service, r.method = row.method, r.count = row.count,
    r.failures = row.failures, r.first = epoch + duration({microseconds: row.first}),
    r.last = epoch + duration({microseconds: row.last}), r.days = row.days, r.run = $run
RETURN count(*) AS written
