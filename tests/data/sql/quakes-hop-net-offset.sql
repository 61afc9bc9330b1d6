-- hopping with a key and an offset: a day from 03:00, each 12 hours; with HAVING
-- $ swindow --size 1d --every 12h --offset 3h --by .net --having '.n >= 20' '{n: count, big: count(.mag >= 3), most: max(.mag), mean: avg(.mag)}' earthquakes.ndjson
WITH starts AS (SELECT unnest(generate_series(TIMESTAMP '2018-01-29 03:00', TIMESTAMP '2018-02-08 03:00', INTERVAL 12 HOUR)) AS s)
SELECT z(s) AS window_start, z(s + INTERVAL 1 DAY) AS window_end, net, count(*) AS n, count(*) FILTER (mag >= 3) AS big, max(mag) AS most,
	avg(mag) AS mean
FROM starts JOIN quakes ON t >= s AND t < s + INTERVAL 1 DAY GROUP BY s, net HAVING count(*) >= 20
