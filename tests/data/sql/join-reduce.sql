-- near in time, summed up: behind each quake that was felt, and up to six hours before it, those of its network
-- $ sjoin --on .net --before 6h --after 0s --type left --reduce '{n: count(.id), sig: sum(.sig), most: max(.mag), mean: avg(.depth)}' --merge '{id: $left.id} + $right' <(sfilter '.felt == null' earthquakes.ndjson) <(sfilter '.felt != null' earthquakes.ndjson)
SELECT l.id, count(r.id) AS n, sum(r.sig)::BIGINT AS sig, max(r.mag) AS most, avg(r.depth) AS mean
FROM quakes l LEFT JOIN (FROM quakes WHERE felt IS NULL) r ON l.net = r.net AND r.t BETWEEN l.t - INTERVAL 6 HOUR AND l.t
WHERE l.felt IS NOT NULL GROUP BY l.id
