-- sliding: behind each strong one the six hours before it, by network
-- $ sfilter '.mag >= 3' earthquakes.ndjson | swindow --size 6h --sliding --by .net '{n: count, sum: sum(.sig), most: max(.mag), mean: avg(.depth)}' | sfilter -m '{id, net, n, sum, most, mean}'
SELECT id, net, count(*) OVER w AS n, sum(sig) OVER w AS sum, max(mag) OVER w AS most, avg(depth) OVER w AS mean
FROM quakes WHERE mag >= 3 WINDOW w AS (PARTITION BY net ORDER BY t RANGE BETWEEN INTERVAL 6 HOUR PRECEDING AND CURRENT ROW)
