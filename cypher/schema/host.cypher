// does:    one Host for each name, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_host IF NOT EXISTS FOR (n:Host) REQUIRE n.name IS UNIQUE
