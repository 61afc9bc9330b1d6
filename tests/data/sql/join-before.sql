-- as of a time, of an access log that is not in order: the request of the same host before one that failed, a minute at most
-- $ stail --on-error skip --parse combined access.log | sjoin --asof --on .host --delay 1h --left-when '.status >= 400' --right-when '.status < 400' --tolerance 1m --merge '{host: $left.host, failed: $left.path, at: ($left.time[:19] + "Z"), path: $right.path, before: ($right.time[:19] + "Z")}'
WITH numbered AS (SELECT *, row_number() OVER () AS line FROM log)
SELECT l.host, l.path AS failed, z(l.t) AS at, r.path, z(r.t) AS before
FROM (FROM numbered WHERE status >= 400) l JOIN (FROM numbered WHERE status < 400) r ON l.host = r.host AND r.t BETWEEN l.t - INTERVAL 1 MINUTE AND l.t
QUALIFY row_number() OVER (PARTITION BY l.line ORDER BY r.t DESC, r.line DESC) = 1
