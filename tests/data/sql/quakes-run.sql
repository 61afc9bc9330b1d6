-- runs: neighbours of one network, four or more
-- $ swindow --run .net --having '.n >= 4' '{n: count, net: first(.net), most: max(.mag)}' earthquakes.ndjson
WITH changes AS (SELECT *, coalesce(net <> lag(net) OVER (ORDER BY line), true) AS begins FROM quakes),
	runs AS (SELECT *, sum(begins::INT) OVER (ORDER BY line) AS run FROM changes)
SELECT z(min(t)) AS window_start, z(max(t)) AS window_end, count(*) AS n, any_value(net) AS net, max(mag) AS most
FROM runs GROUP BY run HAVING count(*) >= 4
