// does:    removes the note of pushes, when nothing of them is left
// params:  none
// returns: nothing
// access:  write
MATCH (g:Graphmap {name: 'graphmap'})
DELETE g
