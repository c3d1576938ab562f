// does:    begins a push: gives it a number that is higher than any before
// params:  none
// returns: run (integer)
// access:  write
MERGE (g:Graphmap {name: 'graphmap'})
SET g.run = coalesce(g.run, 0) + 1, g.started = datetime(), g.finished = null
RETURN g.run AS run
