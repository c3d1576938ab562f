// does:    makes or updates fingerprints of keys
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MERGE (n:Key {name: row.name})
SET n.run = $run
RETURN count(*) AS written
