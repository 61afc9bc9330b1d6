-- in one session: bursts of tweets on either company, ten minutes apart at most
-- $ sjoin --gap 10m --type full --right-from csv -i csv <(sfilter -i csv '.value > 80' nab/Twitter_volume_GOOG.csv) <(sfilter -i csv '.value > 500' nab/Twitter_volume_AAPL.csv) --merge '{start: $window.start, end: $window.end, a: $left.value, g: $right.value}' | swindow --all --by .start --by .end '{n: count, left: count(.a != null), right: count(.g != null), a: max(.a), g: max(.g), product: sum(if .a and .g then .a * .g else empty end)}' | sfilter '.n >= 4'
WITH spikes AS (SELECT timestamp AS t, value AS a, NULL::BIGINT AS g FROM 'nab/Twitter_volume_AAPL.csv' WHERE value > 500
		UNION ALL SELECT timestamp, NULL, value FROM 'nab/Twitter_volume_GOOG.csv' WHERE value > 80),
	marked AS (SELECT *, coalesce(t > lag(t) OVER (ORDER BY t) + INTERVAL 10 MINUTE, true) AS begins FROM spikes),
	numbered AS (SELECT *, sum(begins::INT) OVER (ORDER BY t RANGE UNBOUNDED PRECEDING) AS number FROM marked),
	bounds AS (SELECT number, min(t) AS s, max(t) + INTERVAL 10 MINUTE AS e FROM numbered GROUP BY number),
	pairs AS (SELECT coalesce(l.number, r.number) AS number, l.a, r.g FROM (FROM numbered WHERE a IS NOT NULL) l
		FULL JOIN (FROM numbered WHERE g IS NOT NULL) r ON l.number = r.number)
SELECT z(s) AS start, z(e) AS end, count(*) AS n, count(a) AS left, count(g) AS right, max(a) AS a, max(g) AS g, sum(a * g)::BIGINT AS product
FROM pairs JOIN bounds USING (number) GROUP BY ALL HAVING count(*) >= 4
