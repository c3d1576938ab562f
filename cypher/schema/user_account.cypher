// does:    finds User by account
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_user_account IF NOT EXISTS FOR (n:User) ON (n.account)
