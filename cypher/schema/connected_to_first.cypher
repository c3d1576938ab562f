// does:    finds CONNECTED_TO by the time it was first seen
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_connected_to_first IF NOT EXISTS FOR ()-[r:CONNECTED_TO]-() ON (r.first)
