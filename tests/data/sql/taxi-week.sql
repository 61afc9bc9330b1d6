-- weeks of New York; the times in the file are local
-- $ swindow -i csv --size week --tz America/New_York '{n: count, sum: sum(.value), least: min(.value), most: max(.value), mean: avg(.value), sd: stddev(.value)}' nab/nyc_taxi.csv
SELECT z(date_trunc('week', timestamp) AT TIME ZONE 'America/New_York' AT TIME ZONE 'UTC') AS window_start,
	z((date_trunc('week', timestamp) + INTERVAL 7 DAY) AT TIME ZONE 'America/New_York' AT TIME ZONE 'UTC') AS window_end,
	count(*) AS n, sum(value)::BIGINT AS sum, min(value) AS least, max(value) AS most, avg(value) AS mean, stddev_samp(value) AS sd
FROM 'nab/nyc_taxi.csv' GROUP BY ALL
