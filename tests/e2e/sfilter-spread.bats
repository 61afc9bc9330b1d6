#!/usr/bin/env bats
# sfilter -P: on several threads the same bytes, messages and status as on one. Also run under ThreadSanitizer (make tsan).
load helper

# records enough for many blocks (256 KiB each): 30000 of them, no two alike, some wide; every 1009th is bad, every 1511th a control line
records() {
	awk -v syn="$SYN" -v bad="${1:-0}" 'BEGIN {
		for (i = 1; i <= 30000; i++) {
			if (bad && i % 1009 == 0) print "{\"id\":" i ",oops}"
			else if (bad && i % 1511 == 0) printf "%s{\"kind\":\"idle\",\"n\":%d}\n", syn, i
			else printf "{\"id\":%d,\"name\":\"n%d \\u00e9\",\"v\":%d.50,\"s\":\"%0*d\",\"l\":[1,%d,{\"x\":null}]}\n", i, i % 97, i % 1000, i % 200 + 1, 0, i
		}
	}'
}

# same ARG.. - on 2 and 5 threads what it is on one: stdout, stderr, status; reads a pipe where IN is set, so that control lines go through
same() {
	local one=0 other n

	sfilter "$@" <"${in:-/dev/null}" 2>one.err | cat >one.out
	one=${PIPESTATUS[0]}
	for n in 2 5; do
		other=0
		sfilter -P "$n" "$@" <"${in:-/dev/null}" 2>other.err | cat >other.out
		other=${PIPESTATUS[0]}
		cmp one.out other.out || { echo "of -P $n $*"; return 1; }
		diff one.err other.err || { echo "of -P $n $*"; return 1; }
		[ "$one" = "$other" ] || { echo "status $other, not $one, of -P $n $*"; return 1; }
	done
}

# some - the last run wrote something: equal because empty proves nothing
some() {
	[ -s one.out ] || { echo "nothing came out"; cat one.err; return 1; }
}

@test "filters and maps: the same bytes" {
	records >in.ndjson
	in=in.ndjson
	while IFS= read -r program; do
		same "$program"
		same -v "$program"
		same --count "$program"
	done <<-'ROWS'
		true
		.id % 3 == 0
		.name | test("^n[13]+ ")
		.v > 500 and (.l[1] | . % 2) == 1
		empty
	ROWS
	some
	while IFS= read -r program; do
		same -m "$program"
		some
	done <<-'ROWS'
		.
		.id, .name
		{id, n: (.name | ascii_upcase), sum: ([.v, .id] | add)}
		.l[]
		[.s | scan("0{5}")] | length
		.id | todate, strftime("%A %B %d %Y"), (tostring | sha256)
		.name | sub("(?<d>\\d+)"; "<\(.d)>")
		[range(.id % 7)] | map(. * 2) | group_by(. % 3)
		def f: if . > 0 then . - 1 | f else . end; .id % 50 | f
		with_entries(.value |= tostring)
		input_line_number
		(.id | localtime | mktime), ("10:20" | strptime("%H:%M") | .[3])
		[limit(3; .l | paths)]
	ROWS
	same -r .name
	same -j '.id, " "'
	same -S '.l'
	same --tab .
	same --indent 2 -C '.l'
	same -m -o logfmt '{id, name}'
	same -r -o text .name
	same -m --arg x y --argjson z '{"a":[1,2]}' '[.id, $x, $z.a[1], $ARGS.named.x]'
	same -i text -m 'length'
	same -R '. > "{\"id\":2"'
	same -i logfmt -m .
}

@test "bad records: the same messages, lines, dead letters, status" {
	records bad >in.ndjson
	in=in.ndjson
	for policy in report skip pass fail; do
		for mode in .id '-m .id' '-v .id' '--count .id' '-m if(.id%4999==0)then(error("no"))else(.id)end' 'if(.id%4999==0)then(error("no"))else(.id%7==0)end'; do
			# shellcheck disable=SC2086
			same --on-error "$policy" $mode
			[ "$policy" = skip ] || [ -s one.err ]
		done
	done
	sfilter --dead-letter dead.1 .id in.ndjson >/dev/null 2>&1 || [ $? -eq 5 ]
	sfilter -P 3 --dead-letter dead.3 .id in.ndjson >/dev/null 2>&1 || [ $? -eq 5 ]
	cmp dead.1 dead.3
	cmp dead.1 <(grep oops in.ndjson)
	same --max-record 250 .id # too long, and none of them ends a block
	grep -q 'longer than --max-record' one.err
}

@test "several files, compressed, without last newline, empty, missing; lines count in each" {
	records bad >a
	records | head -n 9000 | gzip >b.gz
	printf '{"id":1}\n{"id":oops}\n{"id":2}' >c
	: >d
	head -c 300000 /dev/zero | tr '\0' 9 >e # begins a file, and is too long
	printf '\nx\n' >>e
	printf '\xef\xbb\xbf{"id":7}\r\n\n' >f
	same --max-record 1k -m '[input_filename, input_line_number, .id?]' a b.gz c d e f c nowhere e f
	[ "$(grep -c 'sfilter: e:1: ' one.err)" -le 2 ]
	grep -q 'sfilter: cannot open nowhere' one.err
	same 'true' c f c
	same -m '[input_filename, input_line_number]' c e f
	grep -q 'sfilter: e:2: ' one.err
	in=a same -m '[input_filename, .id]' c - f
}

@test "control lines stand where they stood" {
	records bad >in.ndjson
	in=in.ndjson
	same --on-error skip -m 'empty'
	cmp one.out <(grep "^$SYN" in.ndjson)
	same --on-error skip '.id % 11 == 0'
	sfilter -P 3 --on-error skip 'true' in.ndjson >file # a file takes none
	cmp file <(grep -v "^$SYN\|oops" in.ndjson)
}

@test "-e, halt and halt_error" {
	records >in.ndjson
	in=in.ndjson
	same -e '.id < 0'
	same -e .id
	same -e -m 'false'
	same -e -m '.id == 30000'
	same -e -m 'select(.id == 1) | null'
	same -m 'if .id == 20000 then halt else .id end'
	[ "$(wc -l <one.out)" -eq 19999 ]
	same -m 'if .id == 20000 then "bye\n" | halt_error(7) else .id end'
	same -m 'if .id % 3 == 0 then "x" | halt_error else .id end'
	same -m 'if .id % 1000 == 0 then ("at \(.id)\n" | stderr), debug else empty end'
	[ "$(wc -l <one.err)" -gt 50 ]
}

@test "no input, one record, as many threads as there are processors" {
	same .
	same --count .
	gives '1' '1\n' sfilter -P 0 .
	gives '1\n\n\n' '[1]\n' sfilter -P 200 -m '[.]'
}

@test "a record written comes back before the next is sent" {
	for options in . '-m .' '-m -u .' '-r tojson'; do
		# shellcheck disable=SC2086
		coproc sfilter -P 2 $options 3>&-
		for i in 1 2 3 4 5; do
			echo "{\"a\":$i}" >&"${COPROC[1]}"
			answer "${COPROC[0]}"
			[ "$line" = "{\"a\":$i}" ]
		done
		pid=$COPROC_PID
		exec {COPROC[1]}>&-
		wait "$pid"
	done
}

@test "a bad record is said before the next is sent" {
	coproc sfilter -P 2 . 3>&- 2>&1
	for i in 1 2 3; do
		echo "oops" >&"${COPROC[1]}"
		answer "${COPROC[0]}"
		[ "$line" = "sfilter: stdin:$i: byte 1: expected a JSON value, got 'o'" ]
	done
}

@test "who reads no more ends it silently, as a signal would" {
	yes '{"a":1}' | {
		sfilter -P 3 -m .a || echo "$?" >status
	} | head -n 1 >one
	[ "$(<status)" = 141 ]
	[ "$(<one)" = 1 ]
}

@test "signals: the first ends in order, the second at once" {
	coproc default_signals sfilter -P 2 . 3>&-
	pid=$COPROC_PID
	echo 1 >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	signal INT "$pid"
	echo 2 >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	exec {COPROC[1]}>&-
	finish "$pid" 130
	coproc default_signals sfilter -P 2 -u -m 'if . == 1 then . else last(repeat(.)) end' 3>&-
	pid=$COPROC_PID
	echo 1 >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	lines 2 3 >&"${COPROC[1]}"
	signal TERM "$pid"
	kill -TERM "$pid"
	finish "$pid" 143
}

@test "--stats counts all of them" {
	records bad >in.ndjson
	for n in 1 4; do
		sfilter -P "$n" --on-error skip --stats '.id % 2 == 0' in.ndjson 2>stats >/dev/null
		grep -Eo '"(records_in|records_out|skipped|bytes_in|bytes_out)":[0-9]+' stats >"stats.$n"
	done
	diff stats.1 stats.4
}

@test "--max-memory holds on each thread" {
	same -m --max-memory 100k '[range(100000)]' <<<'1'
	run -5 --separate-stderr sfilter -P 2 -m --max-memory 100k '[range(100000)]' <<<'1'
	says 'sfilter: stdin:1: the program takes more than 100000 bytes of memory'
}

@test "what cannot be spread is refused, and says why" {
	while IFS='|' read -r message options; do
		eval "run -2 --separate-stderr sfilter -P 2 $options" </dev/null
		want
		says "sfilter: -P: $message" || { echo "of $options"; return 1; }
	done <<-'ROWS'
		*-n, -s and --stream*|-n .
		*-n, -s and --stream*|-s .
		*-n, -s and --stream*|--stream .
		EXPR reads further inputs|-m '[inputs]'
		EXPR looks back*|'.a > prev(.a)'
		--dedup, *|--dedup . .
		--dedup, *|--changed . .
		--dedup, *|--sample 0.1 .
		--dedup, *|--throttle 1/s .
		--dedup, *|--context 1 .
		--head *|--head 1 .
		CSV and TSV have a header*|-i csv .
		values over several lines*|-i json-stream .
		values over several lines*|--seq .
		columns are*|-m -o csv .
		columns are*|-m -o table .
		256 threads at most|-P 1000 .
	ROWS
	run -2 --separate-stderr sfilter -P x . </dev/null
	says "sfilter: --jobs: 'x' is no count*"
}
