-- visits: requests of a host no more than 30 minutes apart, 40 or more
-- $ stail --on-error skip --parse combined access.log | swindow --gap 30m --delay 1h --by .host --having '.n >= 40' '{n: count, bytes: sum(.bytes), errors: count(.status >= 400), paths: distinct(.path)}'
WITH marked AS (SELECT *, coalesce(t > lag(t) OVER k + INTERVAL 30 MINUTE, true) AS begins FROM log WINDOW k AS (PARTITION BY host ORDER BY t)),
	numbered AS (SELECT *, sum(begins::INT) OVER (PARTITION BY host ORDER BY t ROWS UNBOUNDED PRECEDING) AS number FROM marked)
SELECT z(min(t)) AS window_start, z(max(t) + INTERVAL 30 MINUTE) AS window_end, host, count(*) AS n, sum(bytes) AS bytes,
	count(*) FILTER (status >= 400) AS errors, count(DISTINCT path) AS paths
FROM numbered GROUP BY host, number HAVING count(*) >= 40
