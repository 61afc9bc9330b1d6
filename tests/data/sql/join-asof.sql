-- as of a time: flights that were very late, and the flight of their airport that was not, before, behind and nearest, at most six hours away
-- $ for how in backward forward nearest 'backward --strict' 'forward --strict' 'nearest --strict'; do sjoin --asof --direction $how --on .origin --time .date --time-format '%Y/%m/%d %H:%M' --tolerance 6h --type left <(sfilter '.delay <= 0' flights.ndjson) <(sfilter '.delay >= 270' flights.ndjson) --merge '{at: $left.date, origin: $left.origin, other: $right.date, to: $right.destination, distance: $right.distance}' | sfilter -m --arg how "$how" '{$how} + .'; done
WITH f AS (SELECT *, row_number() OVER () AS line FROM flights), l AS (FROM f WHERE delay >= 270), r AS (FROM f WHERE delay <= 0),
	hows AS (SELECT unnest(['backward', 'forward', 'nearest', 'backward --strict', 'forward --strict', 'nearest --strict']) AS how),
	near AS (SELECT how, l.line AS of, r.* FROM hows, l JOIN r ON l.origin = r.origin AND abs(epoch(r.local) - epoch(l.local)) <= 6 * 3600
			AND NOT (how LIKE '%strict' AND r.local = l.local) AND NOT (how LIKE 'backward%' AND r.local > l.local)
			AND NOT (how LIKE 'forward%' AND r.local < l.local)
		QUALIFY row_number() OVER (PARTITION BY how, l.line ORDER BY abs(epoch(r.local) - epoch(l.local)), r.local,
			CASE WHEN how LIKE 'forward%' OR r.local > l.local THEN r.line ELSE -r.line END) = 1)
SELECT l.how, l.date AS at, l.origin, near.date AS other, near.destination AS to, near.distance
FROM (FROM hows, l) l LEFT JOIN near ON near.how = l.how AND near.of = l.line
