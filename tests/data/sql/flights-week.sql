-- calendar: weeks of New York from Monday; the times in the file are local
-- $ swindow --size week --tz America/New_York --time .date --time-format '%Y/%m/%d %H:%M' --by .origin --having '.n >= 70' '{n: count, late: count(.delay > 15), sum: sum(.delay), worst: max(.delay), mean: avg(.delay), to: distinct(.destination)}' flights.ndjson
SELECT z(date_trunc('week', local) AT TIME ZONE 'America/New_York' AT TIME ZONE 'UTC') AS window_start,
	z((date_trunc('week', local) + INTERVAL 7 DAY) AT TIME ZONE 'America/New_York' AT TIME ZONE 'UTC') AS window_end, origin,
	count(*) AS n, count(*) FILTER (delay > 15) AS late, sum(delay) AS sum, max(delay) AS worst, avg(delay) AS mean,
	count(DISTINCT destination) AS to
FROM flights GROUP BY ALL HAVING count(*) >= 70
