// does:    finds Session by start
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_session_start IF NOT EXISTS FOR (n:Session) ON (n.start)
