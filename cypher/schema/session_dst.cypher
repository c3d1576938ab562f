// does:    finds Session by dst
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_session_dst IF NOT EXISTS FOR (n:Session) ON (n.dst)
