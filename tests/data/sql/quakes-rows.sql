-- windows of 100 records, and what is left
-- $ swindow --rows 100 '{n: count, sig: sum(.sig), most: max(.mag)}' earthquakes.ndjson | sfilter -m 'del(.partial)'
SELECT z(min(t)) AS window_start, z(max(t)) AS window_end, count(*) AS n, sum(sig) AS sig, max(mag) AS most
FROM (SELECT *, (row_number() OVER (ORDER BY line) - 1) // 100 AS w FROM quakes) GROUP BY w
