// does:    what was pushed last, and whether it is whole
// params:  none
// returns: run (integer), started (datetime), finished (datetime)
// access:  read
MATCH (g:Graphmap {name: 'graphmap'})
RETURN g.run AS run, g.started AS started, g.finished AS finished
