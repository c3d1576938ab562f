// does:    finds Session by account
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_session_account IF NOT EXISTS FOR (n:Session) ON (n.account)
