// does:    what was pushed last, of which window, and whether it is whole
// params:  none
// returns: run (integer), started (datetime), finished (datetime), since (datetime), until (datetime)
// access:  read
MATCH (g:Graphmap {name: 'graphmap'})
RETURN g.run AS run, g.started AS started, g.finished AS finished, g.since AS since, g.until AS until
