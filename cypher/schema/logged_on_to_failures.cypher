// does:    finds LOGGED_ON_TO by how many logons were refused
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_logged_on_to_failures IF NOT EXISTS FOR ()-[r:LOGGED_ON_TO]-() ON (r.failures)
