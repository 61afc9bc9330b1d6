#!/usr/bin/env bats
# The same answers as jq, Miller and SQLite on real data: 20,000 flights, 3,376 airports.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# as_jq FLAG PROGRAM - sfilter with that flag gives jq's bytes
as_jq() {
	peer jq
	jq -c "$2" "$DATA/flights.ndjson" >theirs
	[ -s theirs ]
	sfilter "$1" "$2" "$DATA/flights.ndjson" | cmp - theirs
}

@test "jq: filters" {
	peer jq
	for condition in '.delay > 60' '.origin == "SFO" or .destination == "SFO"' '.delay < 0 and (.distance > 1000 | not)' \
		'.date | startswith("2001/01/1")' '.origin | test("^S[FN].$")' '[.origin, .destination] | contains(["JFK"])'; do
		jq -c "select($condition)" "$DATA/flights.ndjson" >theirs
		[ -s theirs ]
		sfilter "$condition" "$DATA/flights.ndjson" | cmp - theirs
		sfilter -v "$condition" "$DATA/flights.ndjson" | cmp - <(jq -c "select($condition | not)" "$DATA/flights.ndjson")
	done
}

@test "jq: reshaping" {
	as_jq -m '{route: "\(.origin)-\(.destination)", late: (.delay > 15), day: .date[0:10]}'
}
@test "jq: arithmetic" { as_jq -m '[.distance * 3, .delay / 8, (.distance | sqrt | floor), .distance % 7, .delay % 7, 0 - .delay]'; }
@test "jq: times" { as_jq -m '.date | strptime("%Y/%m/%d %H:%M") | mktime | todate'; }
@test "jq: entries, deletion, assignment" { as_jq -m 'del(.date) | .delay += 1 | with_entries(.key |= ascii_upcase)'; }
@test "jq: generators" { as_jq -m '.origin, (.destination | explode[])'; }

# query SQL - SQLite's answer as CSV, over the table f(j) of the flights' JSON
query() {
	sqlite3 -batch :memory: <<-SQL
		create table f(j);
		.mode ascii
		.separator "\t" "\n"
		.import $DATA/flights.ndjson f
		create view flight as select
			substr(replace(json_extract(j, '\$.date'), '/', '-'), 1, 10) as day,
			json_extract(j, '\$.delay') as delay, json_extract(j, '\$.distance') as distance, json_extract(j, '\$.origin') as origin from f;
		.mode csv
		.separator "," "\n"
		$1
	SQL
}

@test "SQLite: count, sum, min, max by day and origin" {
	peer sqlite3
	query "select day || 'T00:00:00Z', origin, count(*), sum(delay), min(delay), max(delay), sum(distance) filter (where delay > 15)
		from flight group by 1, 2 order by 1, 2;" >theirs
	[ "$(wc -l <theirs)" -gt 1000 ]
	swindow --size 1d --by .origin --time .date --time-format '%Y/%m/%d %H:%M' -o csv --columns window_start,origin,n,s,lo,hi,far \
		'{n: count, s: sum(.delay), lo: min(.delay), hi: max(.delay), far: sum(select(.delay > 15) | .distance)}' "$DATA/flights.ndjson" >ours 2>err
	[ ! -s err ]
	tail -n +2 ours | cmp - theirs
}

@test "SQLite: the quantiles of each day, as percentile_disc has them" {
	peer sqlite3
	query "select day || 'T00:00:00Z', max(delay) filter (where 2 * r < n + 2), max(delay) filter (where 10 * r < 9 * n + 10)
		from (select day, delay, row_number() over (partition by day order by delay) r, count(*) over (partition by day) n from flight)
		group by 1 order by 1;" >theirs
	swindow --size 1d --time .date --time-format '%Y/%m/%d %H:%M' -o csv --columns window_start,p50,p90 \
		'{p50: quantile(.delay; 0.5), p90: quantile(.delay; 0.9)}' "$DATA/flights.ndjson" | tail -n +2 | cmp - theirs
}

@test "Miller: filtering CSV" {
	peer mlr
	mlr --icsv --ocsv filter '$state == "TX" && $latitude > 30' "$DATA/airports.csv" >theirs
	[ "$(wc -l <theirs)" -gt 50 ]
	sfilter -i csv '.state == "TX" and .latitude > 30' "$DATA/airports.csv" | cmp - theirs
}

@test "Miller: CSV to TSV, to JSON of strings" {
	peer mlr
	stail -i csv -o tsv "$DATA/airports.csv" | cmp - <(mlr --icsv --otsv cat "$DATA/airports.csv")
	peer jq
	stail -i csv --strings "$DATA/airports.csv" | jq -S . | cmp - <(mlr -S --icsv --ojson cat "$DATA/airports.csv" | jq -S '.[]')
}

@test "Miller: counts by state" {
	peer mlr
	mlr --icsv --ocsv count-distinct -f state 'then' sort -f state 'then' reorder -f state "$DATA/airports.csv" | tail -n +2 >theirs
	sfilter -i csv -m '. + {ts: 0}' "$DATA/airports.csv" | swindow --size 1s --by .state '{count: count}' -o csv --columns state,count | tail -n +2 | cmp - theirs
}
