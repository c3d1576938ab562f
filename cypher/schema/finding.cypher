// does:    one Finding for each id, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_finding IF NOT EXISTS FOR (n:Finding) REQUIRE n.id IS UNIQUE
