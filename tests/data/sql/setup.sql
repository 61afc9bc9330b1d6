-- The bundled data, and what lies in ../shared/data, as tables for the queries beside this file.
SET TimeZone = 'UTC';
CREATE MACRO z(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%fZ');
CREATE VIEW quakes AS SELECT *, make_timestamp(time * 1000) AS t, row_number() OVER () AS line FROM read_json('earthquakes.ndjson', sample_size = -1);
CREATE VIEW flights AS SELECT *, strptime(date, '%Y/%m/%d %H:%M') AS local FROM read_json('flights.ndjson', columns = {date: 'VARCHAR',
	delay: 'BIGINT', distance: 'BIGINT', origin: 'VARCHAR', destination: 'VARCHAR'});
-- one line of it ends within its last field, and is no record
CREATE VIEW log AS SELECT part[1] AS host, strptime(part[2], '%d/%b/%Y:%H:%M:%S +0000') AS t, part[3] AS path, part[4]::INT AS status,
	CASE WHEN part[5] <> '-' THEN part[5]::BIGINT END AS bytes
FROM (SELECT regexp_extract(line, '^(\S+) \S+ \S+ \[([^]]*)\] "\S+ (\S*)[^"]*" (\d+) (\S+)', ['1', '2', '3', '4', '5']) AS s,
	[s['1'], s['2'], s['3'], s['4'], s['5']] AS part FROM read_csv('access.log', columns = {line: 'VARCHAR'}, delim = '\0', quote = '', escape = '', header = false) WHERE line LIKE '%"');
