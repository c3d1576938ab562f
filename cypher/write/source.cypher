// does:    makes or updates addresses and names
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MERGE (n:Source {name: row.name})
SET n.segment = row.segment, n.restricted = row.restricted, n.run = $run
RETURN count(*) AS written
