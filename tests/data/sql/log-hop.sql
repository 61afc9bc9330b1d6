-- hopping: four hours, each hour
-- $ stail --on-error skip --parse combined access.log | swindow --size 4h --every 1h --delay 1h '{n: count, bytes: sum(.bytes), hosts: distinct(.host), errors: count(.status >= 400)}'
WITH starts AS (SELECT unnest(generate_series(TIMESTAMP '2015-05-17 00:00', TIMESTAMP '2015-05-21 00:00', INTERVAL 1 HOUR)) AS s)
SELECT z(s) AS window_start, z(s + INTERVAL 4 HOUR) AS window_end, count(*) AS n, sum(bytes) AS bytes, count(DISTINCT host) AS hosts,
	count(*) FILTER (status >= 400) AS errors
FROM starts JOIN log ON t >= s AND t < s + INTERVAL 4 HOUR GROUP BY s
