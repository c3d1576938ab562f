// does:    makes or updates what detectors found
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
UNWIND $rows AS row
MERGE (n:Finding {id: row.id})
SET n.detector = row.detector, n.technique = row.technique, n.severity = row.severity,
    n.score = row.score, n.title = row.title, n.why = row.why, n.hosts = row.hosts,
    n.users = row.users, n.run = $run
RETURN count(*) AS written
