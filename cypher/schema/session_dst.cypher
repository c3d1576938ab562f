// does:    finds Session by dst and start
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_session_dst_start IF NOT EXISTS FOR (n:Session) ON (n.dst, n.start)
