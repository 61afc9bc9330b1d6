-- tumbling: a day, by the kind of magnitude
-- $ swindow --size 1d --by .magType '{n: count, felt: sum(.felt), sig: sum(.sig), least: min(.mag), most: max(.mag), depth: avg(.depth), kinds: distinct(.type)}' earthquakes.ndjson
SELECT z(time_bucket(INTERVAL 1 DAY, t)) AS window_start, z(time_bucket(INTERVAL 1 DAY, t) + INTERVAL 1 DAY) AS window_end, magType,
	count(*) AS n, sum(felt) AS felt, sum(sig) AS sig, min(mag) AS least, max(mag) AS most, avg(depth) AS depth,
	count(DISTINCT type) AS kinds
FROM quakes GROUP BY ALL
