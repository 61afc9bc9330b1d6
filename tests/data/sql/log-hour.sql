-- a real access log: hours, by status
-- $ stail --on-error skip --parse combined access.log | swindow --size 1h --delay 1h --by .status --having '.n >= 8' '{n: count, bytes: sum(.bytes), most: max(.bytes), mean: avg(.bytes), paths: distinct(.path)}'
SELECT z(date_trunc('hour', t)) AS window_start, z(date_trunc('hour', t) + INTERVAL 1 HOUR) AS window_end, status,
	count(*) AS n, sum(bytes) AS bytes, max(bytes) AS most, avg(bytes) AS mean, count(DISTINCT path) AS paths
FROM log GROUP BY ALL HAVING count(*) >= 8
