-- bursts: five minutes with more than 100 tweets, half an hour apart at most
-- $ sfilter -i csv '.value > 100' nab/Twitter_volume_AAPL.csv | swindow -i csv --gap 30m --having '.n >= 4' '{n: count, sum: sum(.value), most: max(.value), mean: avg(.value)}'
WITH marked AS (SELECT *, coalesce(timestamp > lag(timestamp) OVER (ORDER BY timestamp) + INTERVAL 30 MINUTE, true) AS begins
		FROM 'nab/Twitter_volume_AAPL.csv' WHERE value > 100),
	numbered AS (SELECT *, sum(begins::INT) OVER (ORDER BY timestamp ROWS UNBOUNDED PRECEDING) AS number FROM marked)
SELECT z(min(timestamp)) AS window_start, z(max(timestamp) + INTERVAL 30 MINUTE) AS window_end, count(*) AS n, sum(value)::BIGINT AS sum,
	max(value) AS most, avg(value) AS mean
FROM numbered GROUP BY number HAVING count(*) >= 4
