#!/usr/bin/env bats
# swindow: which window a record counts in, when a window is written, and what a result looks like.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# at SECONDS.. - records of these times
at() {
	printf '{"ts":%s}\n' "$@"
}

# windows ARG.. - swindow's results from stdin, without window_end and with the start's minutes and seconds alone
windows() {
	local got=0

	swindow "$@" >raw || got=$?
	sed -E 's/"window_start":"1970-01-01T00:([0-9:.]+)Z","window_end":"[^"]*"/\1/' raw
	return "$got"
}

# ---- windows

@test "a window is from its start, and with it, to its end, without it" {
	at 0 9.999999999 10 19 20 >in
	run -0 windows --size 10s count <in
	want '{00:00,"value":2}' '{00:10,"value":2}' '{00:20,"value":1}'
}

@test "the shape of a result: start, end, keys, then AGG's fields" {
	run -0 swindow --size 1m --by .user.id --by path=.p '{n: count, t: max(.ts)}' <<<'{"ts":60,"user":{"id":7},"p":"/a"}'
	want '{"window_start":"1970-01-01T00:01:00Z","window_end":"1970-01-01T00:02:00Z","id":7,"path":"/a","n":1,"t":60}'
}

@test "AGG that is no object is value" {
	at 0 1 >in
	run -0 windows --size 10s 'max(.ts)' <in
	want '{00:00,"value":1}'
	run -0 windows --size 10s '[count, min(.ts)]' <in
	want '{00:00,"value":[2,0]}'
}

@test "windows are aligned to the epoch, also before it" {
	run -0 swindow --size 1h count <<<'{"ts":-1}'
	want '{"window_start":"1969-12-31T23:00:00Z","window_end":"1970-01-01T00:00:00Z","value":1}'
	# 1970-01-01 was a Thursday: so begin weeks
	run -0 swindow --size 1w count <<<'{"ts":"2026-01-01T00:00:00Z"}'
	want '{"window_start":"2026-01-01T00:00:00Z","window_end":"2026-01-08T00:00:00Z","value":1}'
}

@test "a fraction of a second stands where it is not zero" {
	run -0 swindow --size 250ms count <<<'{"ts":0.3}'
	[[ $output =~ ^'{"window_start":"1970-01-01T00:00:00.25'0*'Z","window_end":"1970-01-01T00:00:00.5'0*'Z","value":1}'$ ]]
}

@test "no records, no windows" { gives '' '' swindow --size 1s count; }

# ---- event time

@test "times as text: T or a space, fractions, offsets, none is UTC" {
	for time in 2026-01-01T00:00:01Z '2026-01-01 00:00:01' 2026-01-01T00:00:01.123456789Z 2026-01-01T02:00:01+02:00 2025-12-31T19:00:01-05:00; do
		run -0 swindow --size 2s count <<<"{\"ts\":\"$time\"}"
		want '{"window_start":"2026-01-01T00:00:00Z","window_end":"2026-01-01T00:00:02Z","value":1}'
	done
}

@test "--tz is the zone of times without one" {
	# Berlin is two hours ahead in July, one in January
	lines '{"ts":"2026-07-01 02:00:00"}' >summer
	lines '{"ts":"2026-01-01 01:00:00"}' >winter
	run -0 swindow --size 1h --tz Europe/Berlin count summer
	want '{"window_start":"2026-07-01T00:00:00Z","window_end":"2026-07-01T01:00:00Z","value":1}'
	run -0 swindow --size 1h --tz Europe/Berlin count winter
	want '{"window_start":"2026-01-01T00:00:00Z","window_end":"2026-01-01T01:00:00Z","value":1}'
}

@test "times as numbers: s, ms, us, ns by their size" {
	# 1767225601 is 2026-01-01T00:00:01Z
	for time in 1767225601 1767225601.5 1767225601000 1767225601000000 1767225601000000000; do
		run -0 swindow --size 2s count <<<"{\"ts\":$time}"
		want '{"window_start":"2026-01-01T00:00:00Z","window_end":"2026-01-01T00:00:02Z","value":1}'
	done
}

@test "the first number decides for all" {
	lines '{"ts":1767225601000}' '{"ts":1000}' >in
	run -0 --separate-stderr swindow --size 2s count in
	want '{"window_start":"2026-01-01T00:00:00Z","window_end":"2026-01-01T00:00:02Z","value":1}'
	says '*1 late record*'
}

@test "--time-format" {
	run -0 windows --size 10s --time-format ms count <<<'{"ts":12000}'
	want '{00:10,"value":1}'
	run -0 windows --size 10s --time-format ns count <<<'{"ts":12000000000}'
	want '{00:10,"value":1}'
	run -0 windows --size 10s --time .d --time-format '%d.%m.%Y %H:%M:%S' count <<<'{"d":"01.01.1970 00:00:12"}'
	want '{00:10,"value":1}'
}

@test "--time is an expression" {
	run -0 windows --size 10s --time '.a + .b' count <<<'{"a":5,"b":7}'
	want '{00:10,"value":1}'
}

@test "the usual fields: the first that is there" {
	for field in ts time timestamp @timestamp; do
		run -0 windows --size 10s count <<<"{\"x\":0,\"$field\":12}"
		want '{00:10,"value":1}'
	done
	run -0 windows --size 10s count <<<'{"@timestamp":0,"timestamp":1,"time":2,"ts":12}'
	want '{00:10,"value":1}'
}

@test "a result's event time is the last instant before its window_end" {
	at 1 11 >in
	swindow --size 10s count in | swindow --size 20s '{n: sum(.value)}' >out
	run cat out
	want '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:20Z","n":2}'
}

@test "a record without a readable time is bad" {
	lines '{"ts":1}' '{"a":1}' '{"ts":"x"}' '{"ts":[]}' '{"ts":"9999-01-01T00:00:00Z"}' >in
	run -5 --separate-stderr swindow --size 10s -o csv --columns value count in
	want value 1
	says '*in:2: *no event time*' "*in:3: 'x' is no RFC 3339 time*" '*in:4: *' '*in:5: *'
}

# ---- watermark, late, order

@test "a record that comes when all is over is late: counted in no window, said, 0" {
	at 1 11 9 12 >in
	run -0 --separate-stderr windows --size 10s count <in
	want '{00:00,"value":1}' '{00:10,"value":2}'
	says 'swindow: 1 late record counted in no window (more than 1 %: see --delay)'
}

@test "out of order within its window is not late" {
	at 9 1 5 11 >in
	run -0 --separate-stderr windows --size 10s count <in
	want '{00:00,"value":3}' '{00:10,"value":1}'
	[ -z "$stderr" ]
}

@test "--delay: windows wait so long" {
	# W = 19.999 - 10 is before the window's end, W = 20 - 10 is at it
	at 1 19.999 9 20 8 >in
	run -0 --separate-stderr windows --size 10s --delay 10s count <in
	want '{00:00,"value":2}' '{00:10,"value":1}' '{00:20,"value":1}'
	says 'swindow: 1 late record *'
}

@test "late records under 1 % draw no advice; --stats counts them" {
	seq -f '{"ts":%g}' 1000 >in
	at 1 >>in
	run -0 --separate-stderr windows --size 10s --stats count <in
	says '*swindow: 1 late record counted in no window'$'\n''*' '*"late":1,*'
}

@test "any order within --delay gives the same bytes" {
	agg='{n: count, s: sum(.v), min: min(.v), max: max(.v), p: quantile(.v; 0.9), f: first(.v), l: last(.v)}'
	seq 0 999 | awk '{ printf "{\"ts\":%d,\"h\":%d,\"v\":%d}\n", $1, $1 % 3, $1 * 7919 % 1000 }' >in
	swindow --size 1m --by .h "$agg" in >sorted
	# blocks of 20 seconds backwards: a record is 19 seconds behind at most
	awk '{ at[NR % 20] = $0 } NR % 20 == 0 { for (i = 19; i >= 0; i--) print at[(i + 1) % 20] }' in >mixed
	swindow --size 1m --by .h --delay 19s "$agg" mixed >unsorted
	[ "$(sort mixed | cksum)" = "$(sort in | cksum)" ]
	[ "$(wc -l <sorted)" -eq 51 ]
	cmp sorted unsorted
}

@test "what leaves at once leaves by window, then by key as jq sorts" {
	for key in '"b"' '{"a":1}' 10 true '[1]' '"a"' 9 null false '"B"' '{}' '[]' -1; do
		lines "{\"ts\":11,\"k\":$key}" "{\"ts\":1,\"k\":$key}"
	done >in
	swindow --size 10s --delay 1m --by .k count in >out
	for w in 00:00 00:10; do
		for key in null false true -1 9 10 '"B"' '"a"' '"b"' '[]' '[1]' '{}' '{"a":1}'; do echo "$w $key"; done
	done >expected
	sed -E 's/.*_start":"1970-01-01T00:([0-9:]+)Z.*"k":(.*),"value":1}$/\1 \2/' out | diff expected -
}

@test "FILEs are one stream" {
	at 1 2 >a
	at 3 >b
	run -0 windows --size 10s count a - b </dev/null
	want '{00:00,"value":3}'
}

# ---- keys

@test "a missing key is null, a group of its own" {
	lines '{"ts":1,"k":"a"}' '{"ts":2}' '{"ts":3,"k":null}' >in
	run -0 windows --size 10s --by .k count <in
	want '{00:00,"k":null,"value":2}' '{00:00,"k":"a","value":1}'
}

@test "keys that are equal are one, however they are written" {
	lines '{"ts":1,"k":1}' '{"ts":1,"k":1.0}' '{"ts":1,"k":10e-1}' >in
	run -0 --separate-stderr windows --size 10s --by .k count <in
	[[ $output == '{00:00,"k":1'*',"value":3}' ]]
	lines '{"ts":1,"k":"\u0061"}' '{"ts":1,"k":"a"}' >in
	run -0 windows --size 10s --by .k count <in
	want '{00:00,"k":"a","value":2}'
}

@test "a key is any expression, with a name" {
	lines '{"ts":1,"s":404}' '{"ts":1,"s":500}' '{"ts":1,"s":403}' >in
	run -0 windows --size 10s --by 'class=.s / 100 | floor' count <in
	want '{00:00,"class":4,"value":2}' '{00:00,"class":5,"value":1}'
}

@test "an expression without a name is refused" {
	run -2 --separate-stderr swindow --size 1s --by '.a + 1' count </dev/null
	says "swindow: --by .a + 1: it needs a name*"
}

@test "a clash that only the results show: AGG's field stands, in the place of the other" {
	run -0 swindow --size 1m --by .k '{("k" + ""): count, ("window_" + "end"): 1}' <<<'{"ts":0,"k":"a"}'
	[ "$output" = '{"window_start":"1970-01-01T00:00:00Z","window_end":1,"k":1}' ]
	run -0 swindow --size 1m '{}' <<<'{"ts":0}'
	[ "$output" = '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:01:00Z"}' ]
}

@test "a clash of names is a compile error" {
	run -3 swindow --size 1s --by .n '{n: count}' </dev/null
	run -3 swindow --size 1s --by .a --by a=.b count </dev/null
	run -3 swindow --size 1s --by .window_end count </dev/null
	run -3 swindow --size 1s '{window_start: count}' </dev/null
}

@test 'an error in a key makes a bad record' {
	lines '{"ts":1,"k":{"a":1}}' '{"ts":1,"k":1}' >in
	run -5 --separate-stderr windows --size 10s --by .k.a count <in
	want '{00:00,"a":1,"value":1}'
	says 'swindow: stdin:2: *'
}

@test '$key and $window' {
	run -0 windows --size 10s --by .k '{x: $key, w: $window, n: count}' <<<'{"ts":11,"k":"a"}'
	want '{00:10,"k":"a","x":"a","w":{"start":"1970-01-01T00:00:10Z","end":"1970-01-01T00:00:20Z"},"n":1}'
	run -0 windows --size 10s --by .a --by .b '{x: $key, n: count}' <<<'{"ts":1,"a":1,"b":2}'
	want '{00:00,"a":1,"b":2,"x":{"a":1,"b":2},"n":1}'
}

# ---- aggregates

@test "aggregates, by hand" {
	for v in 4 1 3 2; do lines "{\"ts\":$v,\"v\":$v}"; done >in
	while IFS='|' read -r agg value; do
		run -0 windows --size 10s "${agg//@/|}" <in
		want "{00:00,\"value\":$value}" || { echo "of: $agg"; return 1; }
	done <<-'ROWS'
		count|4
		count(.v > 1)|3
		count(.x)|0
		sum(.v)|10
		avg(.v)|2.5
		min(.v)|1
		max(.v)|4
		first(.v)|1
		last(.v)|4
		quantile(.v; 0.5)|2
		quantile(.v; 0.75)|3
		quantile(.v; 0.76)|4
		quantile(.v; 0)|1
		quantile(.v; 1)|4
		sum(select(.v > 2) @ .v)|7
		sum(.v, .v)|20
		sum(empty)|null
		avg(.x)|null
		min(.x)|null
		stddev(select(.v == 1 or .v == 3) @ .v)|1.4142135623730951
		sum(first(.v, 100))|10
		count + sum(.v)|14
		sum(.v) / count|2.5
		if count > 3 then "many" else "few" end|"many"
		max(.v) as $m @ $m * $m|16
	ROWS
}

@test "min and max sort as jq does" {
	for v in '"a"' 1 '[0]' true; do lines "{\"ts\":1,\"v\":$v}"; done >in
	run -0 windows --size 10s '[min(.v), max(.v)]' <in
	want '{00:00,"value":[true,[0]]}'
}

@test "whole numbers are summed exactly" {
	lines '{"ts":1,"v":9007199254740993}' '{"ts":1,"v":1}' '{"ts":1,"v":-9007199254740990}' >in
	run -0 windows --size 10s 'sum(.v)' <in
	want '{00:00,"value":4}'
	lines '{"ts":1,"v":1e100}' '{"ts":1,"v":1}' '{"ts":1,"v":-1e100}' >in
	run -0 windows --size 10s 'sum(.v)' <in
	want '{00:00,"value":1}'
}

@test "first and last of one time: the record's bytes decide, not the order" {
	lines '{"ts":1,"v":"a"}' '{"ts":1,"v":"b"}' >in
	windows --size 10s '[first(.v), last(.v)]' <in >one
	tac in | windows --size 10s '[first(.v), last(.v)]' >two
	cmp one two
}

@test "a bare . at the level of AGG is refused, with what to use" {
	run -3 --separate-stderr swindow --size 1s '{n: count, x: .a}' </dev/null
	says "swindow: AGG:1:15: *first(.x)*"
	run -3 --separate-stderr swindow --size 1s '{n: length}' </dev/null
	says "swindow: AGG:1:5: length/0 is no aggregate: did you mean count[?]*"
}

@test "what is summed must be a number" {
	lines '{"ts":1,"v":"x"}' '{"ts":1,"v":2}' >in
	run -5 --separate-stderr windows --size 10s 'sum(.v)' <in
	want '{00:00,"value":2}'
	says 'swindow: stdin:1: *'
}

# ---- the command line

@test "what is missing or wrong on the command line" {
	while IFS='|' read -r status args message; do
		# shellcheck disable=SC2086
		run "-$status" --separate-stderr swindow $args </dev/null
		# shellcheck disable=SC2086
		says "swindow: *$message*"
	done <<-'ROWS'
		2|count|which windows? --size D,
		2|--size 1s|no AGG
		2|--size 0s count|--size
		2|--size x count|--size
		2|--size 1x count|--size
		2|--size 1s --delay x count|--delay
		2|--size 1s --tz Nowhere/Land count|Nowhere/Land
		2|--size 1s --nosuch count|--nosuch
		3|--size 1s nosuch(.a)|nosuch/1
	ROWS
}

@test "csv in, table out" {
	lines ts,h,ms 1,a,5 2,b,7 9,a,6 >in
	run -0 swindow -i csv --size 10s --by .h '{n: count, mean: avg(.ms)}' -o table in
	want 'window_start          window_end            h  n  mean' \
		'1970-01-01T00:00:00Z  1970-01-01T00:00:10Z  a  2   5.5' \
		'1970-01-01T00:00:00Z  1970-01-01T00:00:10Z  b  1     7'
}

@test "an aggregate that cannot be computed is said, with its window: 5" {
	run -5 --separate-stderr swindow --all --by .k '{n: count, ratio: (count / count(.e))}' \
		<<<$'{"ts":1,"k":"a","e":1}\n{"ts":2,"k":"b"}'
	want '{"window_start":"1970-01-01T00:00:01Z","window_end":"1970-01-01T00:00:01Z","k":"a","n":1,"ratio":1}'
	says '*the window of 1970-01-01T00:00:02Z: *cannot be divided*'
	run -5 --separate-stderr swindow --all --on-error fail '{x: error("boom")}' <<<'{"ts":1}'
	says '*boom*'
}

@test "--max-keys is looked at before the last windows leave" {
	run -2 --separate-stderr swindow --max-keys 1 --all --by .k count <<<$'{"k":1}\n{"k":2}'
	says '*more than 1 windows and keys are open*'
}
