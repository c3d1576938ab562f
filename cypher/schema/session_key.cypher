// does:    finds Session by key
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_session_key IF NOT EXISTS FOR (n:Session) ON (n.key)
