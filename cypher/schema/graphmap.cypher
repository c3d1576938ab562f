// does:    one node that says what was pushed last
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_run IF NOT EXISTS FOR (n:Graphmap) REQUIRE n.name IS UNIQUE
