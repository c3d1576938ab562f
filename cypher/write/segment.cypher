// does:    makes or updates network segments
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MERGE (n:Segment {name: row.name})
SET n.restricted = row.restricted, n.allowed_from = row.allowed_from, n.run = $run
RETURN count(*) AS written
