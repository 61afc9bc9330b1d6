-- calendar: days of Los Angeles, at 08:00 UTC
-- $ swindow --size day --tz America/Los_Angeles --by .net '{n: count, most: max(.mag), mean: avg(.mag), spread: stddev(.mag)}' earthquakes.ndjson
SELECT z(d AT TIME ZONE 'America/Los_Angeles' AT TIME ZONE 'UTC') AS window_start,
	z((d + INTERVAL 1 DAY) AT TIME ZONE 'America/Los_Angeles' AT TIME ZONE 'UTC') AS window_end, net,
	count(*) AS n, max(mag) AS most, avg(mag) AS mean, stddev_samp(mag) AS spread
FROM (SELECT *, date_trunc('day', t AT TIME ZONE 'UTC' AT TIME ZONE 'America/Los_Angeles') AS d FROM quakes) GROUP BY ALL
