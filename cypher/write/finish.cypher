// does:    notes that a push is whole
// params:  $run (integer)
// returns: run (integer)
// access:  write
MATCH (g:Graphmap {name: 'graphmap', run: $run})
SET g.finished = datetime()
RETURN g.run AS run
