-- cumulative: a day, growing by 6 hours
-- $ swindow --size 1d --cumulate 6h '{n: count, sig: sum(.sig), most: max(.mag)}' earthquakes.ndjson
WITH steps AS (SELECT d, d + to_hours(6 * k) AS e FROM (SELECT DISTINCT date_trunc('day', t) AS d FROM quakes), range(1, 5) AS r(k))
SELECT z(d) AS window_start, z(e) AS window_end, count(*) AS n, sum(sig) AS sig, max(mag) AS most
FROM steps JOIN quakes ON t >= d AND t < e GROUP BY d, e
