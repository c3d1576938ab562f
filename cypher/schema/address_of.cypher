// does:    one ADDRESS_OF for each id, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_address_of IF NOT EXISTS FOR ()-[r:ADDRESS_OF]-() REQUIRE r.id IS UNIQUE
