// does:    one User for each name, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_user IF NOT EXISTS FOR (n:User) REQUIRE n.name IS UNIQUE
