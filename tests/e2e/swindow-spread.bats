#!/usr/bin/env bats
# swindow -P: records read on several threads give the same bytes and status as on one. Also run under ThreadSanitizer (make tsan).
load helper

# records enough for many blocks (256 KiB each): 20000 of them, out of order by up to 3 s; every 1009th is bad, every 5003rd a watermark,
# every 1511th has no value
records() {
	awk -v syn="$SYN" 'BEGIN {
		for (i = 1; i <= 20000; i++) {
			t = i * 0.05 + (i * 7919 % 61) / 20
			if (i % 1009 == 0) print "{\"ts\":" t ",oops}"
			else if (i % 5003 == 0) printf "%s{\"kind\":\"watermark\",\"time\":\"%s\"}\n", syn, strftime("%Y-%m-%dT%H:%M:%SZ", int(t) - 3, 1)
			else printf "{\"ts\":%.3f,\"k\":\"k%d\",\"v\":%s,\"w\":{\"x\":[%d,\"\\u00e9\"]},\"pad\":\"%0*d\"}\n", t, i % 13, i % 1511 ? (i * 31 % 997) / 8 : "null", i % 7, i % 90 + 1, 0
		}
	}'
}

# same ARG.. - on 2 and 5 threads what it is on one: stdout, status, and what stderr says
same() {
	local one=0 other n

	swindow "$@" <in.ndjson 2>one.err | cat >one.out
	one=${PIPESTATUS[0]}
	[ -s one.out ] || { echo "nothing came out"; cat one.err; return 1; }
	for n in 2 5; do
		other=0
		swindow -P "$n" "$@" <in.ndjson 2>other.err | cat >other.out
		other=${PIPESTATUS[0]}
		cmp one.out other.out || { echo "of -P $n $*"; return 1; }
		diff <(sort one.err) <(sort other.err) || { echo "of -P $n $*"; return 1; }
		[ "$one" = "$other" ] || { echo "status $other, not $one, of -P $n $*"; return 1; }
	done
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	records >in.ndjson
}

@test "every kind of window" {
	local agg='{n: count, s: sum(.v), a: avg(.v), p: p99(.v), d: distinct(.w), f: first(.w.x[1]), c: collect(.v; 2), r: corr(.v; .ts)}'

	while read -r -a kind; do
		same "${kind[@]}" --by .k --delay 2s "$agg"
	done <<-'ROWS'
		--size 10s
		--size 10s --every 2s
		--size 1m --cumulate 10s
		--gap 700ms
		--rows 100
		--run .w.x[0]<3
		--all
	ROWS
	same --size 2s --sliding --delay 3s '{m: max(.v), e: count(.w.x[0] > 3)}'
	same --size day --tz Asia/Kolkata --by 'x=.w.x[0]|tostring' '{n: count}'
	same --size 10s --by 'k=$p + .k' --delay 3s --arg p x --argjson m '{"v":[50]}' '{$p, n: count(.v > $m.v[0])}'
}

@test "late records, corrections, a time far ahead, results that fail" {
	same --size 10s --by .k --lateness 5s --retract '{n: count}'
	same --size 10s --by .k --delay 1s --late late.ndjson '{n: count}'
	sort -u late.ndjson >once
	[ "$(wc -l <late.ndjson)" = "$((3 * $(wc -l <once)))" ]
	same --size 10s --max-ahead 2s --by .k '{n: count}'
	same --on-error skip --size 100s --by .k --delay 3s '{e: (max(.v) | if . > 124 then error("high") else . end)}'
	same --on-error fail --size 10s --by .k --delay 3s '{n: count}'
	same --all '{n: count(.nothing.there), v: sum(.v)}' --time .absent
}

@test "what does not spread is said" {
	run -2 swindow -P 2 --size 1m --processing-time '{n: count}' </dev/null
	[[ $output == *"-P:"*"clock"* ]]
	run -2 swindow -P 2 -i csv --size 1m '{n: count}' </dev/null
	[[ $output == *"-P:"*header* ]]
	run -2 swindow -P 300 --size 1m '{n: count}' </dev/null
	[[ $output == *"256 threads at most"* ]]
}
