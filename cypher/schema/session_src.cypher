// does:    finds Session by src
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_session_src IF NOT EXISTS FOR (n:Session) ON (n.src)
