// does:    finds Host by segment
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_host_segment IF NOT EXISTS FOR (n:Host) ON (n.segment)
