-- near in time, each type: strong quakes, and the weaker ones of the same network from 5 minutes before to 40 minutes behind
-- $ for type in inner left right full semi anti; do sjoin --on .net --before 5m --after 40m --type $type <(sfilter '.mag >= 3 and .mag < 4.6' earthquakes.ndjson) <(sfilter '.mag >= 4.6' earthquakes.ndjson) --merge '{strong: $left.id, weak: $right.id}' | sfilter -m --arg type $type '{$type, strong: (.strong // .id), weak}'; done
WITH l AS (SELECT * FROM quakes WHERE mag >= 4.6), r AS (SELECT * FROM quakes WHERE mag >= 3 AND mag < 4.6)
SELECT 'inner' AS type, l.id AS strong, r.id AS weak FROM l JOIN r ON l.net = r.net AND r.t BETWEEN l.t - INTERVAL 5 MINUTE AND l.t + INTERVAL 40 MINUTE
UNION ALL SELECT 'left', l.id, r.id FROM l LEFT JOIN r ON l.net = r.net AND r.t BETWEEN l.t - INTERVAL 5 MINUTE AND l.t + INTERVAL 40 MINUTE
UNION ALL SELECT 'right', l.id, r.id FROM l RIGHT JOIN r ON l.net = r.net AND r.t BETWEEN l.t - INTERVAL 5 MINUTE AND l.t + INTERVAL 40 MINUTE
UNION ALL SELECT 'full', l.id, r.id FROM l FULL JOIN r ON l.net = r.net AND r.t BETWEEN l.t - INTERVAL 5 MINUTE AND l.t + INTERVAL 40 MINUTE
UNION ALL SELECT 'semi', l.id, NULL FROM l SEMI JOIN r ON l.net = r.net AND r.t BETWEEN l.t - INTERVAL 5 MINUTE AND l.t + INTERVAL 40 MINUTE
UNION ALL SELECT 'anti', l.id, NULL FROM l ANTI JOIN r ON l.net = r.net AND r.t BETWEEN l.t - INTERVAL 5 MINUTE AND l.t + INTERVAL 40 MINUTE
