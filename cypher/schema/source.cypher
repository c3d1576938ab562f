// does:    one Source for each name, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_source IF NOT EXISTS FOR (n:Source) REQUIRE n.name IS UNIQUE
