// does:    one Segment for each name, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_segment IF NOT EXISTS FOR (n:Segment) REQUIRE n.name IS UNIQUE
