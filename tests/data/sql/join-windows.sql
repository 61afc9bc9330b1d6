-- in one window: quakes that were felt and others of the network, in windows that overlap, that grow, and in days of Los Angeles
-- $ for windows in '6h --every 2h' '1d --cumulate 6h' 'day --tz America/Los_Angeles'; do sjoin --on .net --size $windows <(sfilter '.felt == null' earthquakes.ndjson) <(sfilter '.felt != null' earthquakes.ndjson) --merge '{start: $window.start, end: $window.end, net: $left.net, felt: $left.felt, sig: $right.sig}' | swindow --all --by .start --by .end --by .net '{n: count, felt: sum(.felt), sig: sum(.sig)}' | sfilter -m --arg windows "$windows" '{$windows} + .'; done | sfilter '.n >= 60'
WITH day AS (SELECT unnest(generate_series(TIMESTAMP '2018-01-29', TIMESTAMP '2018-02-09', INTERVAL 1 DAY)) AS d),
	w AS (SELECT '6h --every 2h' AS windows, d + INTERVAL 2 HOUR * i AS s, s + INTERVAL 6 HOUR AS e FROM day, range(12) AS h(i)
		UNION ALL SELECT '1d --cumulate 6h', d, d + INTERVAL 6 HOUR * i FROM day, range(1, 5) AS h(i)
		UNION ALL SELECT 'day --tz America/Los_Angeles', d AT TIME ZONE 'America/Los_Angeles' AT TIME ZONE 'UTC',
			(d + INTERVAL 1 DAY) AT TIME ZONE 'America/Los_Angeles' AT TIME ZONE 'UTC' FROM day)
SELECT windows, z(s) AS start, z(e) AS end, l.net, count(*) AS n, sum(l.felt)::BIGINT AS felt, sum(r.sig)::BIGINT AS sig
FROM w JOIN (FROM quakes WHERE felt IS NOT NULL) l ON l.t >= s AND l.t < e JOIN (FROM quakes WHERE felt IS NULL) r ON r.t >= s AND r.t < e AND r.net = l.net
GROUP BY ALL HAVING count(*) >= 60
