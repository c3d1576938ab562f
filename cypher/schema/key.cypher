// does:    one Key for each name, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_key IF NOT EXISTS FOR (n:Key) REQUIRE n.name IS UNIQUE
