-- calendar: months of Berlin, the last of which ends in summer time
-- $ swindow --size month --tz Europe/Berlin --time .date --time-format '%Y/%m/%d %H:%M' '{n: count, sum: sum(.distance), mean: avg(.delay), sd: stddev_pop(.delay), p99: quantile(.delay; 0.99), from: distinct(.origin)}' flights.ndjson
SELECT z(date_trunc('month', local) AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'UTC') AS window_start,
	z((date_trunc('month', local) + INTERVAL 1 MONTH) AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'UTC') AS window_end,
	count(*) AS n, sum(distance) AS sum, avg(delay) AS mean, stddev_pop(delay) AS sd, quantile_disc(delay, 0.99) AS "~p99",
	count(DISTINCT origin) AS "from"
FROM flights GROUP BY ALL
