-- a table, each type: flights and the airports of four states, by type and state
-- $ for type in inner left right full semi anti; do sjoin --on .origin=.iata --type $type <(sfilter -i csv '.state | IN("CA", "HI", "MT", "AK")' airports.csv) --right-from csv flights.ndjson | sfilter -m --arg type $type '{$type, state, delay, distance}'; done | swindow --all --by .type --by .state '{n: count, flights: count(.distance != null), delay: sum(.delay), far: max(.distance)}'
WITH a AS (SELECT * FROM 'airports.csv' WHERE state IN ('CA', 'HI', 'MT', 'AK')),
	joined AS (SELECT 'inner' AS type, state, delay, distance FROM flights JOIN a ON origin = iata
		UNION ALL SELECT 'left', state, delay, distance FROM flights LEFT JOIN a ON origin = iata
		UNION ALL SELECT 'right', state, delay, distance FROM flights RIGHT JOIN a ON origin = iata
		UNION ALL SELECT 'full', state, delay, distance FROM flights FULL JOIN a ON origin = iata
		UNION ALL SELECT 'semi', NULL, delay, distance FROM flights SEMI JOIN a ON origin = iata
		UNION ALL SELECT 'anti', NULL, delay, distance FROM flights ANTI JOIN a ON origin = iata)
SELECT type, state, count(*) AS n, count(distance) AS flights, sum(delay)::BIGINT AS delay, max(distance) AS far FROM joined GROUP BY ALL
