-- days, every twelve hours, of a machine's temperature
-- $ swindow -i csv --size 1d --every 12h '{n: count, least: min(.value), most: max(.value), mean: avg(.value), median: median(.value)}' nab/machine_temperature_system_failure.csv
WITH starts AS (SELECT unnest(generate_series(TIMESTAMP '2013-12-01 00:00', TIMESTAMP '2014-02-21 00:00', INTERVAL 12 HOUR)) AS s)
SELECT z(s) AS window_start, z(s + INTERVAL 1 DAY) AS window_end, count(*) AS n, min(value) AS least, max(value) AS most, avg(value) AS mean,
	median(value) AS median
FROM starts JOIN 'nab/machine_temperature_system_failure.csv' ON timestamp >= s AND timestamp < s + INTERVAL 1 DAY GROUP BY s
