-- the two networks of each day with most, ties by name
-- $ swindow --size 1d --by .net --top 2 --rank .n '{n: count, most: max(.mag)}' earthquakes.ndjson
SELECT z(d) AS window_start, z(d + INTERVAL 1 DAY) AS window_end, net, n, most
FROM (SELECT date_trunc('day', t) AS d, net, count(*) AS n, max(mag) AS most FROM quakes GROUP BY ALL)
QUALIFY row_number() OVER (PARTITION BY d ORDER BY n DESC, net) <= 2
