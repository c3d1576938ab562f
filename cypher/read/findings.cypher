// does:    what was found about a host or user, the highest score first, and the sessions it shows
// params:  $name (string), $limit (integer)
// returns: id (string), detector (string), severity (string), score (float), title (string), sessions (list)
// access:  read
MATCH (f:Finding)
WHERE $name IN f.hosts OR $name IN f.users
OPTIONAL MATCH (f)-[:SHOWS]->(s:Session)
WITH f, s ORDER BY s.start, s.id
WITH f, collect(s.id) AS sessions
RETURN f.id AS id, f.detector AS detector, f.severity AS severity, f.score AS score, f.title AS title, sessions
ORDER BY score DESC, id
LIMIT $limit
