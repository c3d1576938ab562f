// does:    makes or updates known hosts
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MERGE (n:Host {name: row.name})
SET n.segment = row.segment, n.restricted = row.restricted, n.roles = row.roles,
    n.owner = row.owner, n.run = $run
RETURN count(*) AS written
