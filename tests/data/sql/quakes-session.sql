-- sessions: strong ones of a network no more than two hours apart
-- $ sfilter '.mag >= 2' earthquakes.ndjson | swindow --gap 2h --by .net --having '.n >= 5' '{n: count, sig: sum(.sig), first: first(.id), most: max(.mag), mean: avg(.depth)}'
WITH strong AS (SELECT *, coalesce(t > lag(t) OVER k + INTERVAL 2 HOUR, true) AS begins FROM quakes WHERE mag >= 2 WINDOW k AS (PARTITION BY net ORDER BY t)),
	numbered AS (SELECT *, sum(begins::INT) OVER (PARTITION BY net ORDER BY t) AS number FROM strong)
SELECT z(min(t)) AS window_start, z(max(t) + INTERVAL 2 HOUR) AS window_end, net, count(*) AS n, sum(sig) AS sig, arg_min(id, t) AS first,
	max(mag) AS most, avg(depth) AS mean
FROM numbered GROUP BY net, number HAVING count(*) >= 5
