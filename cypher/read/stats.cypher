// does:    how many nodes and relationships of each kind there are
// params:  none
// returns: kind (string), number (integer)
// access:  read
MATCH (n:User) WITH count(n) AS number RETURN 'User' AS kind, number
UNION ALL
MATCH (n:Host) WITH count(n) AS number RETURN 'Host' AS kind, number
UNION ALL
MATCH (n:Source) WITH count(n) AS number RETURN 'Source' AS kind, number
UNION ALL
MATCH (n:Key) WITH count(n) AS number RETURN 'Key' AS kind, number
UNION ALL
MATCH (n:Segment) WITH count(n) AS number RETURN 'Segment' AS kind, number
UNION ALL
MATCH (n:Session) WITH count(n) AS number RETURN 'Session' AS kind, number
UNION ALL
MATCH (n:Finding) WITH count(n) AS number RETURN 'Finding' AS kind, number
UNION ALL
MATCH ()-[r:LOGGED_ON_TO]->() WITH count(r) AS number RETURN 'LOGGED_ON_TO' AS kind, number
UNION ALL
MATCH ()-[r:CONNECTED_TO]->() WITH count(r) AS number RETURN 'CONNECTED_TO' AS kind, number
UNION ALL
MATCH ()-[r:MOVED_TO]->() WITH count(r) AS number RETURN 'MOVED_TO' AS kind, number
UNION ALL
MATCH ()-[r:OPENED]->() WITH count(r) AS number RETURN 'OPENED' AS kind, number
UNION ALL
MATCH ()-[r:ADDRESS_OF]->() WITH count(r) AS number RETURN 'ADDRESS_OF' AS kind, number
UNION ALL
MATCH ()-[r:IN_SEGMENT]->() WITH count(r) AS number RETURN 'IN_SEGMENT' AS kind, number
UNION ALL
MATCH ()-[r:LED_TO]->() WITH count(r) AS number RETURN 'LED_TO' AS kind, number
UNION ALL
MATCH ()-[r:SHOWS]->() WITH count(r) AS number RETURN 'SHOWS' AS kind, number
