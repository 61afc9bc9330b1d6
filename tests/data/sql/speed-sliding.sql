-- behind each measurement of traffic the hour before it
-- $ swindow -i csv --size 1h --sliding '{n: count, least: min(.value), sum: sum(.value), mean: avg(.value)}' nab/speed_7578.csv | sfilter '.mean < 60' | sfilter -m 'del(.timestamp)'
SELECT value, n, least, sum, mean FROM (SELECT timestamp, value, count(*) OVER w AS n, min(value) OVER w AS least,
	sum(value) OVER w AS sum, avg(value) OVER w AS mean
FROM 'nab/speed_7578.csv' WINDOW w AS (ORDER BY timestamp RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW)) WHERE mean < 60
