#!/usr/bin/env bats
# sreplay: what comes out, in which order; times moved, what is left out, what it would be like. As fast as it goes, where pace does
# not matter: sreplay-time.bats has the pace.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# at SECOND.. - a record of each, in seconds since the epoch
at() {
	printf '{"ts":%s}\n' "$@"
}

# mark TIME.. - watermark lines, of times of the first minute
mark() {
	printf '\026{"kind":"watermark","time":"1970-01-01T00:00:%sZ"}\n' "$@"
}

nothing() {
	printf '\026{"kind":"watermark","time":"1677-09-22T00:00:00Z"}\n'
}

end() {
	printf '\026{"kind":"end"}\n'
}

# is FILE - the output of run is that file
is() {
	diff "$1" <(lines "$output")
}

# ---- what comes out

@test "--max: the bytes of the input" {
	for f in earthquakes.ndjson flights.ndjson access.log airports.csv; do
		sreplay --max "$DATA/$f" | cmp - "$DATA/$f"
		sreplay --max <"$DATA/$f" | cmp - "$DATA/$f"
		sreplay --rate 100M "$DATA/$f" | cmp - "$DATA/$f"
		sreplay -L 100G "$DATA/$f" | cmp - "$DATA/$f"
	done
	printf 'a\nb' >in
	sreplay --max in | cmp - in
	: >empty
	sreplay --max empty | cmp - empty
	sreplay empty | cmp - empty
}

@test "by time: the bytes of the input, and its order" {
	sreplay --speed 1M "$DATA/earthquakes.ndjson" 2>err && exit 1
	grep -q "'1M' is no speed" err
	sreplay --speed 1e9 "$DATA/earthquakes.ndjson" | cmp - "$DATA/earthquakes.ndjson"
	sreplay --speed 1e9x <"$DATA/earthquakes.ndjson" | cmp - "$DATA/earthquakes.ndjson"
	at 5 1 3 >in
	run -0 sreplay --speed 1e9 in
	is in
}

@test "a last line without newline gets one where records are looked at" {
	printf '{"ts":1}\n{"ts":2}' >in
	gives '{"ts":1}\n{"ts":2}' '{"ts":1}\n{"ts":2}\n' sreplay --speed 1e9
	gives '{"ts":1}\n{"ts":2}' '{"ts":1}\n{"ts":2}' sreplay --max
}

@test "logs and tables become records, or stay the lines they were" {
	head -n 500 "$DATA/access.log" >log
	stail --parse combined log >expected
	sreplay --speed 1e9 --parse combined log | cmp - expected
	sreplay --max --parse combined log | cmp - expected
	sreplay --speed 1e9 --lines --parse combined log | cmp - log
	lines ts,n 1,a '2,"b ""c"""' '3,"d' 'e"' >in.csv
	run -0 sreplay --speed 1e9 -i csv in.csv
	want '{"ts":1,"n":"a"}' '{"ts":2,"n":"b \"c\""}' '{"ts":3,"n":"d\ne"}'
	sreplay --speed 1e9 --lines -i csv in.csv | cmp - in.csv
	run -0 sreplay --speed 1e9 -i csv -o tsv --columns n,ts in.csv
	[ "${lines[1]}" = $'a\t1' ]
}

@test "compressed files" {
	head -n 300 "$DATA/earthquakes.ndjson" >in
	gzip -k in
	zstd -q in
	for f in in.gz in.zst; do
		sreplay --speed 1e9 "$f" | cmp - in
		sreplay --max "$f" | cmp - in
		sreplay --max <"$f" | cmp - in
	done
}

@test "what a URL names" {
	at 1 2 3 >in
	run -0 sreplay --speed 1e9 'exec:cat in'
	is in
	at 1.5 >b
	run -0 sreplay --max b 'exec:cat in'
	is <(at 1 1.5 2 3)
	run -2 sreplay nosuch://x
}

# ---- several, by time

@test "several files are merged by time: as a stable sort, and as mlr" {
	for i in 1 2 3; do
		seq 1 300 | awk -v i=$i '{ t += ($1 * 31 * i) % 4; printf "{\"ts\":%d,\"from\":%d,\"n\":%d}\n", 1000 + t, i, $1 }' >in$i
	done
	cat in1 in2 in3 | sort -s -t: -k2,2n >expected
	sreplay --max in1 in2 in3 | cmp - expected
	sreplay --speed 1e9 in1 in2 in3 | cmp - expected
	sreplay --max --time .ts 'in[123]' | cmp - expected
	gzip in2
	zstd -q --rm in3
	sreplay --max in1 in2.gz in3.zst | cmp - expected
	sreplay --max in1 - in3.zst < <(zcat in2.gz) | cmp - expected
	peer mlr
	mlr --ijson --ojsonl sort -nf ts in1 <(zcat in2.gz) <(zstd -dcq in3.zst) | tr -d ' ' | cmp - <(tr -d ' ' <expected)
}

@test "logs are merged, as records and as lines" {
	awk 'NR % 3 == 0' "$DATA/access.log" >a
	awk 'NR % 3 != 0' "$DATA/access.log" >b
	cat a b | sort -s -t[ -k2.1,2.20 >expected
	sreplay --max --parse combined --lines a b | cmp - expected
	sreplay --max --parse combined a b | cmp - <(stail --parse combined expected)
}

@test "CSV files: one header, if it is the same" {
	lines ts,n 1,a 4,b >a
	lines ts,n 2,c 3,d >b
	lines ts,m 5,e >c
	run -0 sreplay --max -i csv --lines a b
	want ts,n 1,a 2,c 3,d 4,b
	run -5 sreplay --max -i csv a c
	[ "$output" = 'sreplay: c: its header is not that of the files before: to be merged by time they need the same fields' ]
}

@test "a pattern that nothing matches, a file that is not there" {
	run -2 sreplay --max 'no*such'
	[ "$output" = 'sreplay: cannot open no*such: nothing matches it' ]
	at 1 >a
	run -2 --separate-stderr sreplay --max a nowhere
	is a
	says 'sreplay: cannot open nowhere: *'
}

@test "--reorder: records that are a little late are put in order" {
	seq 1000 3000 | awk '{ printf "{\"ts\":%d,\"n\":%d}\n", $1 - ($1 * 7919 % 30), NR }' >in
	sort -s -t: -k2,2n in >expected
	cmp -s in expected && exit 1
	sreplay --max --reorder 30s in | cmp - expected
	sreplay --speed 1e9 --reorder 1h in | cmp - expected
	awk 'NR % 2' in >a
	awk 'NR % 2 == 0' in >b
	sreplay --max --reorder 1m a b >got
	cut -d, -f1 got | cmp - <(cut -d, -f1 expected)
	diff <(sort got) <(sort expected)
	at 10 20 5 21 >in
	run -0 --separate-stderr sreplay --max --reorder 2s in
	is <(at 10 5 20 21)
	says 'sreplay: --reorder: 1 line came too late to be put in order'
}

@test "--reorder of a table and of a log" {
	lines ts,n 3,a 1,b 2,c >in.csv
	run -0 sreplay --max --reorder 5s -i csv --lines in.csv
	want ts,n 1,b 2,c 3,a
	head -n 400 "$DATA/access.log" | tac >log
	sreplay --max --reorder 1h --parse combined --lines log | cmp - <(sort -s -t[ -k2.1,2.20 log)
}

# ---- a part of it

@test "--since and --until, beside jq" {
	jq -c 'select(.time >= 1517616000000 and .time < 1517702400000)' "$DATA/earthquakes.ndjson" >expected
	[ "$(wc -l <expected)" -gt 100 ]
	sreplay --max --since 2018-02-03 --until 2018-02-04 "$DATA/earthquakes.ndjson" | jq -c . | cmp - expected
	sreplay --speed 1e9 --since 2018-02-03 --until 2018-02-04 <"$DATA/earthquakes.ndjson" | jq -c . | cmp - expected
}

@test "--since: a sorted file is searched" {
	seq 100000 300000 | sed 's/.*/{"ts":&,"text":"some forty bytes that make the line longer"}/' >in
	run -0 --separate-stderr sreplay --speed 1000 --stats --since 1970-01-03T20:40:00Z --until 1970-01-03T20:41:00Z in
	is <(seq 247200 247259 | sed 's/.*/{"ts":&,"text":"some forty bytes that make the line longer"}/')
	bytes=$(jq .bytes_in <<<"$stderr")
	[ "$bytes" -lt 1000000 ]
	seq 1 100000 | awk '{ printf "%010d.000000000 %d\n", 1700000000 + $1, $1 }' >rec
	run -0 --separate-stderr sreplay --recorded --max --stats --since 2023-11-15T16:13:20Z --until 2023-11-15T16:13:22Z rec
	want 64800 64801
	bytes=$(jq .bytes_in <<<"$stderr")
	[ "$bytes" -lt 1200000 ]
}

@test "--sample-by: all records of a part of the keys, the same ones in every run" {
	seq 1 20000 | awk '{ printf "{\"ts\":%d,\"user\":\"u%d\"}\n", $1, $1 * 7919 % 1000 }' >in
	run -0 sreplay --max --sample-by .user 1/10 in
	is <(sreplay --speed 1e9 --sample-by .user 10% in)
	keys=$(jq -r .user <<<"$output" | sort -u)
	n=$(wc -l <<<"$keys")
	# 1000 keys, each with a chance of a tenth: four standard deviations are 38
	[ "$n" -gt 62 ] && [ "$n" -lt 138 ]
	diff <(lines "$output") <(jq -c --arg keys "$keys" '($keys / "\n") as $k | select(.user | IN($k[]))' in)
	run -0 sreplay --max --sample-by .user 0.5 in
	diff <(comm -12 <(lines "$keys") <(jq -r .user <<<"$output" | sort -u)) <(lines "$keys")
	run -0 sreplay --max --sample-by .user 1 in
	is in
	run -2 sreplay --max --sample-by .user 3/2 in
	[ "$output" = 'sreplay: --sample-by 3/2: a part from 0 to 1, as 0.01, 1% or 1/100' ]
	run -3 sreplay --max --sample-by '.[' 1/2 in
	run -5 --separate-stderr sreplay --max --sample-by '.user|ltrimstr("u")|tonumber' 1 <<<'{"user":"ux"}'
	says 'sreplay: stdin:1: *'
}

# ---- times moved

@test "--shift: by hand" {
	{
		lines '{"ts":"2026-01-01T00:00:00Z","a":1}' '{ "ts" : "2026-01-01T00:00:01.500Z", "a": 1.0 }'
		lines '{"b":[1,2],"ts":"2026-01-01 01:00:02+01:00"}'
	} >in
	run -0 sreplay --max --shift 2030-12-31T23:59:59Z in
	want '{"ts":"2030-12-31T23:59:59Z","a":1}' '{ "ts" : "2031-01-01T00:00:00.500Z", "a": 1.0 }' \
		'{"b":[1,2],"ts":"2031-01-01 01:00:01+01:00"}'
	at 100 101.25 99 >in
	run -0 sreplay --speed 1e9 --shift 1970-01-01T00:00:10Z in
	is <(at 10 11.25 9)
	lines '{"a":{"when":"01.02.2026 10:00"}}' '{"a":{"when":"01.02.2026 10:30"}}' >in
	run -0 sreplay --max --shift 2026-03-01T23:45 --time .a.when --time-format '%d.%m.%Y %H:%M' --tz Europe/Berlin in
	want '{"a":{"when":"01.03.2026 23:45"}}' '{"a":{"when":"02.03.2026 00:15"}}'
}

@test "--shift: beside jq" {
	jq -c --argjson by "$((86400000 * 365 + 12345))" '.time += $by' "$DATA/earthquakes.ndjson" >expected
	first=$(head -n 1 "$DATA/earthquakes.ndjson" | jq .time)
	# 365 days and 12.345 s later
	to=$(date -u -d "@$(((first + 86400000 * 365 + 12345) / 1000))" +%FT%T).$(printf %03d $(((first + 12345) % 1000)))Z
	sreplay --max --shift "$to" "$DATA/earthquakes.ndjson" | jq -c . | cmp - expected
	# all but the field is as it was
	sreplay --max --shift "$to" "$DATA/earthquakes.ndjson" | sed 's/"time":[0-9]*/"time":/' |
		cmp - <(sed 's/"time":[0-9]*/"time":/' "$DATA/earthquakes.ndjson")
}

@test "--shift now: the first is now, distances stay" {
	at 100 107 >in
	before=$(date +%s)
	run -0 sreplay --max --shift now in
	after=$(date +%s)
	a=$(jq .ts <<<"${lines[0]}")
	[ "$a" -ge "$before" ] && [ "$a" -le "$after" ]
	[ "${lines[1]}" = "$(at $((a + 7)))" ]
}

@test "--shift of what was converted, and into another format" {
	lines 'ts,n' '2026-01-01 00:00:00,a' '2026-01-01 00:00:10,b' >in.csv
	run -0 sreplay --max --shift 2027-01-01 -i csv -o csv in.csv
	want ts,n '2027-01-01 00:00:00,a' '2027-01-01 00:00:10,b'
	run -0 sreplay --max --shift 2027-01-01 -i csv in.csv
	want '{"ts":"2027-01-01 00:00:00","n":"a"}' '{"ts":"2027-01-01 00:00:10","n":"b"}'
}

@test "--shift: what cannot be done is said" {
	at 1 >in
	run -2 sreplay --shift now --time '.ts + 1' in
	[ "$output" = "sreplay: --shift: '.ts + 1' is computed; the time has to be a field, as .a or .a.b, to be rewritten" ]
	run -2 sreplay --shift now --lines in
	run -2 sreplay --shift soon in
	run -2 sreplay --shift now --recorded in
	run -2 --separate-stderr sreplay --max --shift now <<<'{"a":1}'
	says 'sreplay: stdin:1: no event time: *' || exit 1
}

# ---- again and again

@test "--loop N, and times that go on rising with --shift" {
	at 10 20 40 >in
	run -0 sreplay --max --loop=3 in
	is <(cat in in in)
	run -0 sreplay --speed 1e9 --loop=2 in
	is <(cat in in)
	# 30 s in two steps: a pass begins 15 s behind the one before
	run -0 sreplay --max --loop=3 --shift 1970-01-01T00:01:40Z in
	is <(at 100 110 130 145 155 175 190 200 220)
	at 7 >in
	run -0 sreplay --max --loop=3 --shift 1970-01-01T00:01:40Z in
	is <(at 100 101 102)
	printf 'a\nb' >in
	run -0 sreplay --max --loop=2 in
	want a b a b
	: >in
	run -0 sreplay --max --loop in
	want 'sreplay: --loop: nothing of the input was played, so it is not played again'
}

@test "--loop without an end: until nobody reads it" {
	at 1 2 >in
	run -0 bash -c 'sreplay --max --loop in | head -n 100000 | sort | uniq -c | tr -s " "'
	want ' 50000 {"ts":1}' ' 50000 {"ts":2}'
}

@test "--loop with --watermark: with --shift only" {
	at 10 20 >in
	run -2 sreplay --max --loop=2 --watermark in
	[ "$output" = 'sreplay: --watermark with --loop needs --shift, or times would go back' ]
	{ nothing; at 1; mark 01; at 11; mark 11; at 21; mark 21; at 31; mark 31; end; } >expected
	run -0 sreplay --max --loop=2 --watermark --shift 1970-01-01T00:00:01Z in
	is expected
}

@test "--loop with --since and --until: of each pass" {
	at 10 20 30 40 >in
	run -0 sreplay --max --loop=2 --since 1970-01-01T00:00:20Z --until 1970-01-01T00:00:40Z in
	is <(at 20 30 20 30)
}

@test "--loop: what comes once cannot be read again" {
	at 1 >in
	run -2 sreplay --loop <in
	[ "$output" = 'sreplay: --loop: standard input cannot be read again; put what comes of it into a file, and name that' ]
	mkfifo pipe
	run -2 sreplay --loop=2 in pipe
	[ "$output" = 'sreplay: --loop: pipe cannot be read again; put what comes of it into a file, and name that' ]
	run -2 sreplay --loop 'exec:cat in'
}

# ---- watermarks

@test "--watermark: one stream, however many files" {
	at 1 2 >a
	at 3 4 >b
	{ nothing; at 1; mark 01; at 2; mark 02; at 3; mark 03; at 4; mark 04; end; } >expected
	run -0 sreplay --speed 1e9 --watermark a b
	is expected
	run -0 sreplay --max --watermark a b
	is expected
	{ nothing; at 1; mark 00.5; at 2; at 3; mark 02.5; at 4; end; } >expected
	run -0 sreplay --max --watermark --watermark-step 2s --delay 500ms a b
	is expected
	to out sreplay --max --watermark a b
	cmp out <(at 1 2 3 4)
}

@test "into swindow: the same results as by its own watermarks" {
	swindow --size 1d --by .net count "$DATA/earthquakes.ndjson" >expected
	sreplay --max --watermark "$DATA/earthquakes.ndjson" | swindow --size 1d --by .net count >got
	cmp expected got
}

# ---- what it would be like

@test "--dry-run" {
	at 0 1 3 3600 3590 3601 >in
	run -0 sreplay --dry-run in
	want 'records       6' 'bytes         63' 'first         1970-01-01T00:00:00Z' 'last          1970-01-01T01:00:01Z' \
		'span          1h1s' 'rate          0.001389 records/s' \
		'longest gaps  59m57s behind 1970-01-01T00:00:03Z' '              2s behind 1970-01-01T00:00:01Z' \
		'              1s behind 1970-01-01T00:00:00Z' 'out of order  1, by 10s at most' 'replay takes  1h1s'
	run -0 sreplay --dry-run --speed 2 --max-gap 1500ms -o json in
	# 1 + 1.5 + 1.5 + 1 s at twice the pace
	diff <(jq -S . <<<"$output") <(jq -S . <<-'X'
		{"records":6,"bytes":63,"first":"1970-01-01T00:00:00Z","last":"1970-01-01T01:00:01Z","span_s":3601,
		"rate":0.00138850,"gaps_over_max":2,"gaps":[{"behind":"1970-01-01T00:00:03Z","s":3597},
		{"behind":"1970-01-01T00:00:01Z","s":2},{"behind":"1970-01-01T00:00:00Z","s":1}],"out_of_order":1,"most_late_s":10,
		"takes_s":2.5}
	X
	)
	run -0 sreplay -n --rate 10 -o json in
	[ "$output" = '{"records":6,"bytes":63,"takes_s":0.5}' ]
	run -0 sreplay -n -L 51 -o json in
	[ "$(jq .takes_s <<<"$output")" = 1 ]
	run -0 sreplay -n --max in
	[ "${lines[2]}" = 'replay takes  as long as it takes to read' ]
	run -0 sreplay -n --reorder 10s -o json in
	[ "$(jq .out_of_order <<<"$output")" = 0 ]
	run -0 sreplay -n -o json --since 1970-01-01T01:00:00Z in
	[ "$(jq -c '[.records, .span_s]' <<<"$output")" = '[2,1]' ]
}

@test "--dry-run of a log, beside jq" {
	run -0 sreplay -n -o json --parse combined "$DATA/access.log"
	diff <(jq -c '[.records, .first, .last, .gaps[0].s]' <<<"$output") <(
		stail --parse combined "$DATA/access.log" | jq -sc 'map(.time[:19] + "Z") | map(fromdate) as $t |
			[length, min, max, ([range(1; $t | length) | $t[.] - $t[. - 1]] | max)]')
}

# ---- recorded

@test "--record and --recorded: the lines as they came" {
	head -n 200 "$DATA/access.log" | sreplay --record >rec
	cut -d' ' -f2- rec | cmp - <(head -n 200 "$DATA/access.log")
	cut -d' ' -f1 rec | sort -c
	[ "$(grep -Ec '^[0-9]{10}\.[0-9]{9} ' rec)" = 200 ]
	sreplay --recorded rec | cmp - <(head -n 200 "$DATA/access.log")
	sreplay --recorded --parse combined rec | cmp - <(head -n 200 "$DATA/access.log" | stail --parse combined)
	printf 'no newline' | sreplay --record | grep -Eqx '[0-9.]{20} no newline'
	sreplay --record 'exec:echo a' | grep -Eqx '[0-9.]{20} a'
}

@test "--recorded: several by the notes, a part, watermarks" {
	lines '0000000001.000000000 a' '0000000003.000000000 c' >a
	lines '0000000002.000000000 b' '0000000004.000000000 d' >b
	run -0 sreplay --recorded --max a b
	want a b c d
	run -0 sreplay --recorded --speed 1e9 --since 1970-01-01T00:00:02Z --until 1970-01-01T00:00:04Z a b
	want b c
	{ nothing; lines a; mark 01; lines b; mark 02; lines c; mark 03; lines d; mark 04; end; } >expected
	run -0 sreplay --recorded --max --watermark a b
	is expected
	lines '0000000003.000000000 c' '0000000001.500000000 x' >c
	run -0 sreplay --recorded --max --reorder 2s c a
	want a x c c
}

@test "--recorded: a line without a note is a bad record" {
	lines x '0000000001.000000000 a' b '0000000002.000000000 c' >rec
	for args in '--speed 1e9' --max '--rate 1M'; do
		# shellcheck disable=SC2086 # words
		run -5 --separate-stderr sreplay --recorded $args rec
		want a c
		[ "$stderr" = $'sreplay: rec:1: no note of when it came\nsreplay: rec:3: no note of when it came' ]
	done
	run -5 --separate-stderr sreplay --recorded --max --on-error pass --dead-letter dead rec
	want x a b c
	[ "$(cat dead)" = $'x\nb' ]
	run -0 --separate-stderr sreplay --recorded --max --on-error skip rec
	want a c
	[ -z "$stderr" ]
	run -5 --separate-stderr sreplay --recorded --max --on-error fail rec
	[ -z "$output" ]
	[ "$stderr" = 'sreplay: rec:1: no note of when it came' ]
	# as many as are held, less one, and then a note
	{ seq 99; lines '0000000001.000000000 a'; } >late
	run -5 --separate-stderr sreplay --recorded late
	want a
	says 'sreplay: late:1: no note*sreplay: late:10: no note of when it came'$'\n''sreplay: 99 bad records in all*'
}

@test "--recorded: no note at all is an error, said once" {
	at 1 2 3 >in
	for args in --max '--speed 1e9' --loop '--on-error pass'; do
		for f in in "$DATA/access.log"; do
			# shellcheck disable=SC2086 # words
			run -2 --separate-stderr sreplay --recorded $args "$f"
			[ -z "$output" ]
			[ "$stderr" = 'sreplay: --recorded: no line has a note of when it came: --record writes such lines' ]
		done
	done
}

@test "--recorded and --record: what they do not go with" {
	at 1 >in
	run -2 sreplay --record --parse combined in
	run -2 sreplay --record in in
	run -2 sreplay --record --recorded in
	run -2 sreplay --recorded --time .ts in
}

# ---- what is wrong

@test "bad records: said, left out, or passed on with the record before" {
	{ at 1; lines '{"x":1}' oops; at 2; lines '{"ts":"soon"}'; at 3; } >in
	run -5 --separate-stderr sreplay --speed 1e9 in
	is <(at 1 2 3)
	says "sreplay: in:2: no event time: none of window_end, ts, time, timestamp, @timestamp is there (--time EXPR names another)
sreplay: in:3: byte 1: *
sreplay: in:5: 'soon' is no RFC 3339 time*"
	run -5 --separate-stderr sreplay --speed 1e9 --on-error pass in
	is in
	run -5 --separate-stderr sreplay --speed 1e9 --on-error fail in
	is <(at 1)
	run -0 --separate-stderr sreplay --speed 1e9 --on-error skip --dead-letter dead in
	is <(at 1 2 3)
	diff dead <(lines '{"x":1}' oops '{"ts":"soon"}')
	# what a table cannot hold
	run -5 --separate-stderr sreplay --speed 1e9 -o csv < <(lines '{"ts":1}' '{"ts":2,"x":1}' '{"ts":3}')
	want ts 1 3
}

@test "no record has a time: that is said, with what helps" {
	seq 1 100000 | sed 's/.*/{"n":&}/' >in
	run -2 --separate-stderr sreplay in
	want
	[ "${stderr##*$'\n'}" = 'sreplay: no record has an event time to be played by: --time EXPR names it, --time-format says what it looks like; --rate N and --max need none' ]
	run -2 --separate-stderr sreplay <<<'{"n":1}'
	[ "${stderr##*$'\n'}" = 'sreplay: no record has an event time to be played by: --time EXPR names it, --time-format says what it looks like; --rate N and --max need none' ]
	run -0 sreplay --speed 1000 --time '.n / 1000' --until 1970-01-01T00:00:00.050Z in
	is <(head -n 49 in)
	lines '{"n":1}' >a
	lines '{"n":2}' >b
	run -0 --separate-stderr sreplay --max a b
	want '{"n":1}' '{"n":2}'
	says 'sreplay: no line had an event time to be put in order by (--time EXPR names it)'
}

@test "control lines are none of the data" {
	{ at 1; end; at 2; } >in
	run -5 --separate-stderr sreplay --speed 1e9 in
	is <(at 1 2)
	says 'sreplay: in:2: byte 1: a line of data must not begin with byte 0x16*'
	run -5 --separate-stderr sreplay --max in
	is <(at 1 2)
}

@test "options that do not go together" {
	at 1 >in
	run -2 sreplay --speed 2 --rate 5 in
	[ "$output" = 'sreplay: --max, --speed, and --rate with --rate-limit exclude one another' ]
	run -2 sreplay --max --speed 2 in
	run -2 sreplay --max -L 5 in
	run -2 sreplay --rate 5 --max-gap 1s in
	run -2 sreplay --lines -o csv in
	run -2 sreplay --lines -i json-stream in
	run -2 sreplay --parse combined -i csv in
	for speed in 0 -1 x 10xx inf nan ''; do
		run -2 sreplay --speed="$speed" in
	done
	for rate in 0 x 5/d 5/; do
		run -2 sreplay --rate="$rate" in
	done
	run -2 sreplay --rate-limit 0 in
	run -2 sreplay --on-lag wait in
	run -2 sreplay --since tomorrow in
	run -3 sreplay --time '.[' in
}

@test "head -n 1: the end, silently" {
	run -0 bash -c 'set -o pipefail; sreplay --max --loop "$1" | head -n 1 | wc -l; echo "${PIPESTATUS[0]}"' bash "$DATA/earthquakes.ndjson"
	want 1 141
	# while it waits for what is due in an hour
	at 1 2 3600 >in
	run -0 bash -c 'sreplay --speed 20 in | head -n 1; echo "${PIPESTATUS[0]}"'
	want '{"ts":1}' 141
}

@test "/dev/full" {
	at 1 2 >in
	for how in --max '--speed 1e9' -n '--rate 1M' --record; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr bash -c "sreplay $how in >/dev/full"
		says 'sreplay: cannot write to stdout: No space left on device'
	done
}

# ---- what is said

@test "a stretch and times that cannot be" {
	at 1 >in
	run -2 sreplay --max --since 2027-01-01 --until 2026-01-01 in
	[ "$output" = 'sreplay: --since is behind --until: there is nothing between them' ]
	run -0 sreplay --max --since 2026-01-01 --until 2026-01-01 in
	[ -z "$output" ]
	run -2 sreplay --max --shift 2300-01-01 in
	[ "$output" = "sreplay: --shift: '2300-01-01' is not between 1677 and 2262" ]
	run -2 sreplay --max --since 1600-01-01T12:00:00.5+01:00 in
	[ "$output" = "sreplay: --since: '1600-01-01T12:00:00.5+01:00' is not between 1677 and 2262" ]
	run -2 sreplay --max --shift 2300-13-01 in
	[[ "$output" = "sreplay: --shift: '2300-13-01' is no time (like "* ]]
}

@test "numbers of another unit than the first one, strings where numbers are meant" {
	at 1767225600 1767225601000 >in
	run -5 --separate-stderr sreplay --speed 1e9 in
	is <(at 1767225600)
	says 'sreplay: in:2: 1767225601000 is no time between 1677 and 2262 in seconds, as the first number was (--time-format says otherwise)'
	run -5 --separate-stderr sreplay --speed 1e9 --time-format s in
	says 'sreplay: in:2: 1767225601000 is no time between 1677 and 2262'
	at 1 '"1767225605123"' >in
	run -5 --separate-stderr sreplay --max --shift 2030-01-01 --time-format ms in
	says "sreplay: in:2: '1767225605123' is a string and no RFC 3339 time; --time-format ms is for numbers"
	run -5 --separate-stderr sreplay --max --shift 2030-01-01 in
	says "sreplay: in:2: '1767225605123' is no RFC 3339 time (--time-format says what else it is)"
}

@test "--loop: what is not there, and what is not played, ends it" {
	at 1 2 >in
	run -2 sreplay --loop 2 --max in
	[ "$output" = 'sreplay: cannot open 2: No such file or directory (a number of passes is --loop=2)' ]
	run -2 sreplay --loop=3 --max in nowhere
	[ "$output" = 'sreplay: cannot open nowhere: No such file or directory' ]
	for args in '--since now' '--max --sample-by .ts 0.0001'; do
		# shellcheck disable=SC2086 # words
		run -0 --separate-stderr timeout 10 sreplay --loop $args in
		[ -z "$output" ]
		says 'sreplay: --loop: nothing of the input was played, so it is not played again'
	done
	run -0 --separate-stderr sreplay --max in --since now
	[ -z "$stderr" ]
}

@test "--sample-by: a key that no record has" {
	at 1 2 >in
	for part in 0.5 1; do
		run -0 --separate-stderr sreplay --max --sample-by .nope $part in
		says 'sreplay: --sample-by: .nope was null in every record'
	done
	(
		at 1
		echo '{"nope":false}'
	) >in
	run -0 --separate-stderr sreplay --max --sample-by .nope 1 in
	[ -z "$stderr" ]
}

# By hand: three records over 10 s, so that a pass begins 15 s behind the one before.
@test "--dry-run of several passes" {
	at 0 3 10 >in
	run -0 sreplay -n --loop=3 in
	[ "${lines[-1]}" = 'replay takes  40s (3 passes)' ]
	run -0 sreplay -n -o json --loop=3 -s 20 in
	[ "$(jq -c '[.records, .takes_s]' <<<"$output")" = '[3,2]' ]
	run -0 sreplay -n -o json --loop=2 -g 4s in
	[ "$(jq .takes_s <<<"$output")" = 18 ] # 3 + 4, 4 between, 3 + 4
	run -0 sreplay -n -o json --loop=4 -r 10 in
	[ "$(jq .takes_s <<<"$output")" = 1.1 ] # 12 records, of which the last one is not waited for
	run -0 sreplay -n --loop=2 --max in
	[ "${lines[-1]}" = 'replay takes  as long as it takes to read (2 passes)' ]
	run -0 sreplay -n -l in
	[ "${lines[-1]}" = 'replay takes  for ever' ]
	run -0 sreplay -n -l -o json in
	[ "$(jq .takes_s <<<"$output")" = null ]
}

# The line of 5010 stands 710 s too early, away from the places that are looked at: that is said on the page.
@test "--since and --until of a file out of order: --delay, or a pipe, misses nothing" {
	seq 10000 | awk '{ printf "{\"ts\":%d}\n", $1 } NR == 4303 { print "{\"ts\":5010}" }' >in
	awk -F'[:}]' '$2 >= 5000 && $2 < 5100' in >expected
	[ "$(wc -l <expected)" = 101 ]
	stretch=(--max --since 1970-01-01T01:23:20Z --until 1970-01-01T01:25:00Z)
	run -0 sreplay "${stretch[@]}" --delay 12m in
	is expected
	run -0 bash -c 'cat in | sreplay "$@"' bash "${stretch[@]}"
	is expected
}
