// does:    makes or updates users, as logged
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MERGE (n:User {name: row.name})
SET n.account = row.account, n.service = row.service, n.run = $run
RETURN count(*) AS written
