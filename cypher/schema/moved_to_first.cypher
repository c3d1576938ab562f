// does:    finds MOVED_TO by the time it was first seen
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_moved_to_first IF NOT EXISTS FOR ()-[r:MOVED_TO]-() ON (r.first)
