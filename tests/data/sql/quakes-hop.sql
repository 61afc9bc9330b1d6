-- hopping: 6 hours, each 90 minutes; windows begin before the first record
-- $ swindow --size 6h --every 90m '{n: count, sig: sum(.sig), least: min(.mag), most: max(.mag), mean: avg(.mag), q: quantile(.mag; 0.9)}' earthquakes.ndjson
WITH starts AS (SELECT unnest(generate_series(TIMESTAMP '2018-01-30 00:00', TIMESTAMP '2018-02-08 00:00', INTERVAL 90 MINUTE)) AS s)
SELECT z(s) AS window_start, z(s + INTERVAL 6 HOUR) AS window_end, count(*) AS n, sum(sig) AS sig, min(mag) AS least, max(mag) AS most,
	avg(mag) AS mean, quantile_disc(mag, 0.9) AS q
FROM starts JOIN quakes ON t >= s AND t < s + INTERVAL 6 HOUR GROUP BY s
