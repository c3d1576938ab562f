// does:    finds Session by src and start
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_session_src_start IF NOT EXISTS FOR (n:Session) ON (n.src, n.start)
