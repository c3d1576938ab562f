// does:    every relationship that was pushed
// params:  none
// returns: type (string), start (string), src (string), dst (string), properties (map)
// access:  read
MATCH (a:User|Host|Source|Key|Session|Finding)-[r:LOGGED_ON_TO|CONNECTED_TO|MOVED_TO|OPENED|ADDRESS_OF|IN_SEGMENT|LED_TO|SHOWS]->(b)
RETURN type(r) AS type, labels(a)[0] AS start, coalesce(a.name, a.id) AS src, coalesce(b.name, b.id) AS dst,
    properties(r) AS properties
