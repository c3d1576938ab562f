// does:    one Session for each id, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_session IF NOT EXISTS FOR (n:Session) REQUIRE n.id IS UNIQUE
