#!/usr/bin/env bats
# swindow: every kind of window, and the options that go with each.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load swindow

@test "kinds of windows" {
	rows <<-'ROWS'
		tumbling|a1 a9 a10|--size 10s count|0-10 value:2; 10-20 value:1
		--offset|a3 a12 a13|--size 10s --offset 3s count|3-13 value:2; 13-23 value:1
		hopping|a5 a17|--size 10s --every 5s 'collect(.v)'|0-10 value:[5]; 5-15 value:[5]; 10-20 value:[17]; 15-25 value:[17]
		hops longer than windows|a2 a5 a10|--size 3s --every 10s 'collect(.v)'|0-3 value:[2]; 10-13 value:[10]
		cumulative|a1 a7|--size 9s --cumulate 3s 'collect(.v)'|0-3 value:[1]; 0-6 value:[1]; 0-9 value:[1,7]
		sliding|a1 b2 a3 a9|--size 5s --sliding --by .k '{n: count}'|ts:1,k:a,v:1,n:1; ts:2,k:b,v:2,n:1; ts:3,k:a,v:3,n:2; ts:9,k:a,v:9,n:1
		sessions|a1 a3 b4 a9|--gap 5s --by .k count|1-8 k:a,value:2; 4-9 k:b,value:1; 9-14 k:a,value:1
		exactly the gap is together|a1 a6 a12|--gap 5s count|1-11 value:2; 12-17 value:1
		--max-session|a1 a3 a5 a7|--gap 5s --max-session 4s count|1-10 value:3; 7-12 value:1
		rows|a1 a2 a3 a4 a5|--rows 2 count|1-2 value:2; 3-4 value:2; 5-5 value:1,partial:true
		rows by key|a1 b2 a3 b4|--rows 2 --by .k count|1-3 k:a,value:2; 2-4 k:b,value:2
		rows, another each so many|a1 a2 a3 a4|--rows 3 --every 2 count|1-3 value:3; 3-4 value:2,partial:true
		rows that come out of order|a5 a3 a4|--rows 4 --every 1 count|3-4 value:2,partial:true; 4-4 value:1,partial:true; 3-5 value:3,partial:true
		and of which one has to go|a5 a3 a4|--rows 4 --every 1 --max-keys 2 --on-full evict count|3-4 value:2,final:false; 4-4 value:1,partial:true; 3-5 value:3,partial:true
		runs|a1=x a2=x a3=y a4=x|--run .r '{r: first(.r), n: count}'|1-2 r:x,n:2; 3-3 r:y,n:1; 4-4 r:x,n:1
		conditions|a1 a2=b a3 a4=e a5|--from-when '.r == "b"' --until-when '.r == "e"' count|2-4 value:3
		a window without an end|a1=b a2|--from-when '.r == "b"' count|1-2 value:2
		conditions and a gap|a1=b a2 a9 b20|--from-when '.r == "b"' --until-when '.r == "e"' --gap 5s count|1-2 value:2
		conditions and a length|a1=b a2 a9|--from-when '.r == "b"' --until-when '.r == "e"' --max-session 5s count|1-2 value:2
		all|a3 b1 a9|--all count|1-9 value:3
		all, by key|a3 b1 a9|--all --by .k count|1-1 k:b,value:1; 3-9 k:a,value:2
	ROWS
}

# By hand: a counter of the second it is read at; what a key's windows say adds up to what it rose by
# where they neither overlap nor leave records out.
@test "increase: the rise from the last record before a window belongs to it, in every kind of windows but --sliding" {
	rows <<-'ROWS'
		tumbling|a1 a4 b5 a12 b13 a19|--size 10s --by .k 'increase(.v)'|0-10 k:a,value:3; 0-10 k:b,value:null; 10-20 k:a,value:15; 10-20 k:b,value:8
		sessions|a1 a3 b5 a9 b20 a21 a11|--gap 5s --delay 30s --by .k 'increase(.v)'|1-8 k:a,value:2; 5-10 k:b,value:null; 9-16 k:a,value:8; 20-25 k:b,value:15; 21-26 k:a,value:10
		sessions that are gone|a1 a3 W10 a12 W20 a22 W30 b31|--gap 5s --by .k 'increase(.v)'|1-8 k:a,value:2; W9.999999999; 12-17 k:a,value:9; W19.999999999; 22-27 k:a,value:10; W29.999999999; 31-36 k:b,value:null
		a session corrected|a1 a3 a20 a9|--gap 5s --lateness 30s 'increase(.v)'|1-8 value:2; 9-14 value:6; 20-25 value:11
		rows|a1 a3 b4 a6 a10 b11 a15|--rows 2 --by .k 'increase(.v)'|1-3 k:a,value:2; 6-10 k:a,value:7; 4-11 k:b,value:7; 15-15 k:a,value:5,partial:true
		rows that overlap|a1 a3 a6 a10|--rows 3 --every 1 'increase(.v)'|1-6 value:5; 3-10 value:9; 6-10 value:7,partial:true; 10-10 value:4,partial:true
		rows left out between|a1 a3 a6|--rows 1 --every 2 'increase(.v)'|1-1 value:null; 6-6 value:3
		runs|a1=x a3=x a4=y a9=x|--run .r 'increase(.v)'|1-3 value:2; 4-4 value:1; 9-9 value:5
		conditions|a1 a2=b a4=e a7 a9=b|--from-when '.r == "b"' --until-when '.r == "e"' 'increase(.v)'|2-4 value:3; 9-9 value:2
		sliding: the window alone|a1 a3 a9|--size 5s --sliding '{i: increase(.v)}'|ts:1,k:a,v:1,i:null; ts:3,k:a,v:3,i:2; ts:9,k:a,v:9,i:null
	ROWS
}

@test "windows of the calendar: in Berlin the last Sunday of March has 23 hours" {
	lines '{"ts":"2026-03-28T23:00:00Z"}' '{"ts":"2026-03-29T21:59:59Z"}' '{"ts":"2026-03-29T22:00:00Z"}' >in
	run -0 swindow --size day --tz Europe/Berlin count in
	want '{"window_start":"2026-03-28T23:00:00Z","window_end":"2026-03-29T22:00:00Z","value":2}' \
		'{"window_start":"2026-03-29T22:00:00Z","window_end":"2026-03-30T22:00:00Z","value":1}'
	for unit in week:2026-03-22T23:00:00Z:2026-03-29T22:00:00Z month:2026-02-28T23:00:00Z:2026-03-31T22:00:00Z \
		year:2025-12-31T23:00:00Z:2026-12-31T23:00:00Z; do
		run -0 swindow --size "${unit%%:*}" --tz Europe/Berlin count <<<'{"ts":"2026-03-29T12:00:00Z"}'
		[[ $output == "{\"window_start\":\"${unit:${#unit}-41:20}\",\"window_end\":\"${unit:${#unit}-20}\",\"value\":1}" ]]
	done
}

@test "windows that follow the order of records need no time" {
	printf '{"v":1}\n{"v":2}\n{"v":3}\n' >in
	run -0 swindow --rows 2 'sum(.v)' in
	want '{"window_start":null,"window_end":null,"value":3}' '{"window_start":null,"window_end":null,"value":3,"partial":true}'
	run -0 swindow --all 'sum(.v)' in
	want '{"window_start":null,"window_end":null,"value":6}'
	run -0 swindow --run '.v < 3' count in
	want '{"window_start":null,"window_end":null,"value":2}' '{"window_start":null,"window_end":null,"value":1}'
}

@test "--sliding leaves the record as it came, but for the fields of AGG" {
	run -0 swindow --size 5s --sliding '{n: count, m: max(.x)}' <<<'{"x": 1.50, "ts":  7,"y":"\u00e4","n":0}'
	[ "$(sfilter -m '[.x, .ts, .y, .n, .m]' <<<"$output")" = '[1.50,7,"ä",1,1.50]' ]
	# spelled as it was where AGG has none of its fields
	lines '{"ts": 1.0 , "y":"\u00e4\""} ' '{"ts":2,"v":{}}' '{ }' >in
	run -0 swindow --size 5s --sliding --time '.ts // 3' '{n: count}' in
	want '{"ts": 1.0 , "y":"\u00e4\"","n":1}' '{"ts":2,"v":{},"n":2}' '{ "n":3}'
	# and where it is spelled otherwise, the field is one
	run -0 swindow --size 5s --sliding '{n: count}' <<<'{"ts":1,"\u006e":9}'
	want '{"ts":1,"n":1}'
	run -0 swindow --size 5s --sliding --having '.n > 0' '{n: count}' <<<'{"ts": 1}'
	want '{"ts":1,"n":1}'
	run -5 --separate-stderr swindow --size 5s --sliding --time '.[0]' count <<<'[3]'
	says '*--sliding adds to records that are objects*'
}

@test "what does not go together is refused" {
	refused <<-'ROWS'
		|which windows?
		--size 1s --gap 1s|exclude one another
		--size 1s --all|exclude one another
		--rows 1 --run .a|exclude one another
		--all --from-when .a|exclude one another
		--gap 1s --sliding|go with --size
		--all --offset 1s|go with --size
		--rows 3 --cumulate 1s|go with --size
		--size 6s --every 2s --cumulate 2s|exclude one another
		--size 6s --every 2s --sliding|exclude one another
		--size 6s --cumulate 4s|multiple
		--gap 5s --every 1s|--every goes with
		--size 5s --max-session 9s|--max-session goes with --gap
		--until-when .a|--until-when goes with --from-when
		--size 5s --retract|goes with --lateness
		--size day --every 1h|fixed length
		--size week --cumulate 1d|fixed length
		--size month --sliding|is no duration
		--size 0s|--size: '0s' is no duration
		--size 30d --every 1ns|more than a million
		--rows 5 --every 0|is no number of records
		--rows 5 --every 1s|is no number of records
		--rows 5 --lateness 1s|none is late
		--all --lateness 1s|none is late
		--size 5s --sliding --lateness 1s|not with
		--size 5s --sliding --emit update|not with
		--size 5s --emit now|none of close, update, every:D, count:N
		--size 5s --emit count:0|none of
		--size 5s --emit every:x|is no duration
		--size 5s --top 3|go together
		--size 5s --rank .n|go together
		--gap 5s --top 3 --rank .n|--size or --all
		--size 5s --sliding --top 3 --rank .n|--size or --all
		--size 5s --top 3 --rank .n --lateness 5s|not with --lateness
		--size 5s --top 3 --rank .n --emit update|not with --lateness
		--gap 5s --fill empty|--fill: only windows of --size
		--size 5s --sliding --fill empty|--fill: only windows of --size
		--size 5s --every 10s --fill empty|leave gaps themselves
		--size 5s --fill linear --lateness 5s|not with --lateness, --top
		--gap 0|more than 0 is allowed
		--rows 0|1 or more is allowed
		--all --top 0 --rank .n|1 or more is allowed
		--size 5s --cumulate 0|--cumulate: '0' is no length of time: more than 0
		--gap 5s --max-session 0|--max-session: '0' is no length of time
		--size 5s --fill empty --fill-for 0|--fill-for: '0' is no length of time
		--size 5s --max-ahead 0|--max-ahead: '0' is no length of time
		--size 5s --close-idle 0s|--close-idle: '0s' is no length of time
		--size 5s --fill-for 5s|how long --fill goes on
		--size 5s --max-ahead-clock|--max-ahead D
		--size 5s --processing-time --time .a|exclude one another
		--size 5s --on-error pass|passes no records on
	ROWS
}

@test "--max-keys: more windows and keys end the run, with advice" {
	for ((i = 0; i < 3000; i++)); do printf '{"ts":1,"k":%d}\n' "$i"; done >in
	run -2 --separate-stderr swindow --size 10s --by .k --max-keys 1000 count in
	says '*more than 1000 windows and keys are open*'
	run -0 swindow --size 10s --by .k --max-keys 3000 count in
	[ "${#lines[@]}" = 3000 ]
}

@test "--max-memory: what windows hold, of every kind; it does not grow with records" {
	for ((i = 0; i < 9000; i++)); do printf '{"ts":%d,"k":%d}\n' "$((i / 1000))" "$i"; done >in
	for kind in '--size 1h' '--size 1h --every 10m' '--gap 1h' '--size 1h --sliding' '--rows 5' '--all'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr swindow $kind --by .k --delay 1h --max-memory 200k '{n: count, m: max(.k)}' in
		says '*more than --max-memory*'
		# shellcheck disable=SC2086
		swindow $kind --by .k --delay 1h --max-memory 50M '{n: count, m: max(.k)}' in >out
		[ "$(wc -l <out)" -ge 9000 ]
	done
	# what waits for --fill linear: 400 windows of each of 2000 keys
	for ((i = 0; i < 2400; i++)); do printf '{"ts":%d,"k":%d}\n' $((i < 2000 ? 1 : (i - 1999) * 10)) $((i < 2000 ? i : 0)); done >gaps
	run -2 --separate-stderr swindow --size 10s --by .k --fill linear --max-memory 6M count gaps
	says '*more than --max-memory (* or a --fill-for need less)'
	run -2 --separate-stderr swindow --size 10s --by .k --fill linear --max-memory 6M --on-full evict count gaps
	for fill in '--fill previous' '--fill linear --fill-for 1m'; do
		# shellcheck disable=SC2086
		swindow --size 10s --by .k $fill --max-memory 6M count gaps >out
		[ "$(wc -l <out)" -ge 2400 ]
	done
	# what values take counts: no sketch, but a list
	run -2 --separate-stderr swindow --all --max-memory 200k 'collect(.k)' in
	for kind in '--size 1s' '--gap 1s --max-session 1s' '--rows 7' '--run .ts'; do
		# shellcheck disable=SC2086
		swindow $kind --max-memory 200k 'collect(.ts) | length' in >out
		[ -s out ]
	done
	# a window of several slices takes as much again while it leaves
	run -0 swindow --size 2s --every 1s --max-memory 400k 'collect(.ts) | length' in
	[ "${#lines[@]}" = 10 ]
}

@test "--on-full evict: the oldest windows go with an early result, and are counted" {
	for ((i = 0; i < 9000; i++)); do printf '{"ts":%d,"k":%d}\n' "$((i / 1000))" "$((i % 2900))"; done >in
	for kind in '--size 1h' '--size 2s --delay 1h' '--gap 1h' '--run .k' '--all' '--rows 100'; do
		for full in '--max-memory 200k' '--max-keys 1500'; do
			# shellcheck disable=SC2086
			run -0 --separate-stderr swindow $kind $full --on-full evict --by .k '{n: count}' in
			says 'swindow: * windows and keys had to go *'
			# every record counts in one result, and the early ones are as many as were said
			[ "$(sfilter -s -m 'map(.n) | add' <<<"$output")" = 9000 ]
			[ "$(grep -c '"final":false' <<<"$output")" = "$(grep -oE '[0-9]+' <<<"$stderr")" ]
		done
	done
	# what is gone is the oldest
	for ((i = 0; i < 2000; i++)); do printf '{"ts":%d}\n' "$((i * 10))"; done >in
	run -0 --separate-stderr swindow --size 10s --delay 1d --max-keys 1000 --on-full evict count in
	[ "$(head -n 1 <<<"$output")" = '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","value":1,"final":false}' ]
}

@test "--on-full evict: each record counts once in each of its windows, whatever goes" {
	local words

	for ((i = 0; i < 9000; i++)); do printf '{"ts":%d,"k":%d}\n' "$((i / 1000))" "$((i % 2900))"; done >in
	# hopping: a second lies in two windows; cumulative: the first of four in 4, then 3, 2, 1, and there are 9
	while IFS='|' read -r words sum; do
		for full in '--max-memory 300k' '--max-keys 1500'; do
			# shellcheck disable=SC2086
			run -0 --separate-stderr swindow $words --delay 1h $full --on-full evict --by .k '{n: count}' in
			says 'swindow: * windows and keys had to go *'
			[ "$(sfilter -s -m 'map(.n) | add' <<<"$output")" = "$sum" ]
			[ "$(grep -c '"final":false' <<<"$output")" = "$(grep -oE '[0-9]+' <<<"$stderr")" ]
		done
	done <<-'ROWS'
		--size 4s --every 2s|18000
		--size 4s --cumulate 1s|24000
	ROWS
	# one key, so that what goes is told by hand: 1200 slices of a second, at the first look 1024 of them
	for ((i = 0; i < 1200; i++)); do printf '{"ts":%d}\n' "$i"; done >in
	run -0 --separate-stderr swindow --size 2s --every 1s --delay 1d --max-keys 1000 --on-full evict count in
	# 24 + 250 go, 0 to 273, in the windows that begin at -1 to 273
	says 'swindow: 275 windows and keys had to go *'
	[ "$(head -n 1 <<<"$output")" = '{"window_start":"1969-12-31T23:59:59Z","window_end":"1970-01-01T00:00:01Z","value":1,"final":false}' ]
	[ "$(sed -n 2p <<<"$output")" = '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:02Z","value":2,"final":false}' ]
	[ "$(sed -n 275p <<<"$output")" = '{"window_start":"1970-01-01T00:04:33Z","window_end":"1970-01-01T00:04:35Z","value":1,"final":false}' ]
	# and the rest of the last one, which is second 274
	[ "$(sed -n 276p <<<"$output")" = '{"window_start":"1970-01-01T00:04:33Z","window_end":"1970-01-01T00:04:35Z","value":1}' ]
}

@test "--on-full evict --sliding: the oldest records go, and what lacks them says so" {
	for ((i = 0; i < 1200; i++)); do printf '{"ts":%d}\n' "$i"; done >in
	# at the first look 1024 are held, the last two of which wait; 24 + 250 go, 0 to 273
	run -0 --separate-stderr swindow --size 1h --sliding --max-keys 1000 --on-full evict '{n: count}' in
	says 'swindow: 274 records had to go while windows still held them; *"final":false*"partial":true'
	[ "${#lines[@]}" = 1200 ]
	[ "${lines[1021]}" = '{"ts":1021,"n":1022}' ]
	[ "${lines[1022]}" = '{"ts":1022,"n":749,"partial":true}' ]
	[ "${lines[1199]}" = '{"ts":1199,"n":926,"partial":true}' ]
	# all wait: those that go leave early
	run -0 --separate-stderr swindow --size 1h --sliding --delay 1h --max-keys 1000 --on-full evict '{n: count}' in
	[ "${lines[0]}" = '{"ts":0,"n":1,"final":false}' ]
	[ "${lines[273]}" = '{"ts":273,"n":274,"final":false}' ]
	[ "${lines[274]}" = '{"ts":274,"n":1,"partial":true}' ]
	# a window that does not reach back to what went lacks nothing: 10 seconds before 284 and later
	run -0 --separate-stderr swindow --size 10s --sliding --delay 1h --max-keys 1000 --on-full evict '{n: count}' in
	[ "${lines[283]}" = '{"ts":283,"n":10,"partial":true}' ]
	[ "${lines[284]}" = '{"ts":284,"n":11}' ]
	# a field of the record's that is called so gives way, as it does to those of AGG
	for ((i = 0; i < 1100; i++)); do printf '{"ts":%d,"final":1}\n' "$i"; done >in
	run -0 --separate-stderr swindow --size 10s --sliding --delay 1h --max-keys 1000 --on-full evict '{n: count}' in
	[ "${lines[0]}" = '{"ts":0,"final":false,"n":1}' ]
	[ "${lines[1099]}" = '{"ts":1099,"final":1,"n":11}' ]
}
