// does:    makes or updates sessions of the hunting window
// params:  $rows (list), $run (integer)
// returns: written (integer)
// access:  write
WITH datetime({epochSeconds: 0}) AS epoch
UNWIND $rows AS row
MERGE (n:Session {id: row.id})
SET n.start = epoch + duration({microseconds: row.start}),
    n.end = CASE WHEN row.end IS NOT NULL THEN epoch + duration({microseconds: row.end}) END,
    n.src = row.src, n.src_known = row.src_known, n.dst = row.dst, n.user = row.user, n.account = row.account,
    n.service = row.service, n.method = row.method, n.key = row.key, n.command = row.command,
    n.origins = row.origins, n.certainty = row.certainty, n.basis = row.basis,
    n.latest = epoch + duration({microseconds: row.latest}),
    n.open = epoch + duration({microseconds: row.open}), n.lines = row.lines, n.run = $run
RETURN count(*) AS written
