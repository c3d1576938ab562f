// does:    begins a push of sessions of a window: gives it a number that is higher than any before
// params:  $since (datetime), $until (datetime)
// returns: run (integer)
// access:  write
MERGE (g:Graphmap {name: 'graphmap'})
SET g.run = coalesce(g.run, 0) + 1, g.started = datetime(), g.finished = null, g.since = $since, g.until = $until
RETURN g.run AS run
