// does:    one MOVED_TO for each id, found by it
// params:  none
// returns: nothing
// access:  write
CREATE CONSTRAINT graphmap_moved_to IF NOT EXISTS FOR ()-[r:MOVED_TO]-() REQUIRE r.id IS UNIQUE
