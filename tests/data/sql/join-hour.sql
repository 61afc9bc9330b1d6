-- in one window, each type: five minutes of many tweets on one company and the other, in the same hour
-- $ for type in inner left right full semi anti; do sjoin --size 1h --type $type --right-from csv -i csv <(sfilter -i csv '.value > 200' nab/Twitter_volume_GOOG.csv) <(sfilter -i csv '.value > 1500' nab/Twitter_volume_AAPL.csv) --merge '{start: $window.start, a: $left.value, g: $right.value}' | sfilter -m --arg type $type '{$type, start, a: (.a // .value), g}'; done
WITH a AS (SELECT date_trunc('hour', timestamp) AS w, value FROM 'nab/Twitter_volume_AAPL.csv' WHERE value > 1500),
	g AS (SELECT date_trunc('hour', timestamp) AS w, value FROM 'nab/Twitter_volume_GOOG.csv' WHERE value > 200)
SELECT 'inner' AS type, z(a.w) AS start, a.value AS a, g.value AS g FROM a JOIN g USING (w)
UNION ALL SELECT 'left', z(a.w), a.value, g.value FROM a LEFT JOIN g USING (w)
UNION ALL SELECT 'right', z(g.w), a.value, g.value FROM a RIGHT JOIN g USING (w)
UNION ALL SELECT 'full', z(coalesce(a.w, g.w)), a.value, g.value FROM a FULL JOIN g USING (w)
UNION ALL SELECT 'semi', NULL, value, NULL FROM a WHERE w IN (SELECT w FROM g)
UNION ALL SELECT 'anti', NULL, value, NULL FROM a WHERE w NOT IN (SELECT w FROM g)
