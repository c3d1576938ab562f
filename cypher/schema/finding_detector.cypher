// does:    finds Finding by detector
// params:  none
// returns: nothing
// access:  write
CREATE INDEX graphmap_finding_detector IF NOT EXISTS FOR (n:Finding) ON (n.detector)
