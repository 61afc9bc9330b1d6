#!/usr/bin/env bats
# swindow: delay, late records and corrections, watermarks from the input, time that goes on by itself.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load swindow

@test "late records, corrections, withdrawals" {
	rows <<-'ROWS'
		late|a12 a5|--size 10s count|10-20 value:1
		--delay|a12 a5 a14 a9 a20|--size 10s --delay 5s count|0-10 value:2; 10-20 value:2; 20-30 value:1
		--lateness|a1 a12 a2 a3 a16 a4|--size 10s --lateness 5s count|0-10 value:1; 0-10 value:2,revision:1; 0-10 value:3,revision:2; 10-20 value:2
		--retract|a1 a12 a2|--size 10s --lateness 5s --retract count|0-10 value:1; 0-10 value:1,retracted:true; 0-10 value:2,revision:1; 10-20 value:1
		a session that grows|a1 a9 a3|--gap 3s --lateness 9s --retract 'collect(.v)'|1-4 value:[1]; 1-4 value:[1],retracted:true; 1-6 value:[1,3],revision:1; 9-12 value:[9]
		a record before W that touches an open session|a10 a9 b20 b21|--gap 5s --by .k count|9-15 k:a,value:2; 20-26 k:b,value:2
		by order no record is late|a9 a1 a5|--rows 3 count|1-9 value:3
	ROWS
}

@test "--late FILE: what counted nowhere, byte for byte; both kinds are counted" {
	lines '{"ts":25}' '{"ts": 3.0,  "x":"\u0041"}' >in
	run -0 --separate-stderr swindow --size 10s --every 5s --late late --stats count in
	[ "$(cat late)" = '{"ts": 3.0,  "x":"\u0041"}' ] || { cat late; false; }
	says '*1 late record counted in no window (more than 1 %: see --delay)*' '*"late":1*'
	lines '{"ts":25}' '{"ts":22}' >in
	run -0 --separate-stderr swindow --size 10s --every 5s --late late2 count in
	says 'swindow: 1 late record missed some of its windows'
	[ ! -e late2 ]
	# it is appended to
	run -0 --separate-stderr swindow --size 10s --late late count <<<$'{"ts":25}\n{"ts":4}'
	[ "$(wc -l <late)" = 2 ]
	run -2 --separate-stderr swindow --size 10s --late /dev/full count <<<$'{"ts":25}\n{"ts":4}'
	says '*cannot write to /dev/full: No space*'
}

@test "watermark lines" {
	rows <<-'ROWS'
		they take precedence over the tool's own|W0 a1 a30 a2 W10|--size 10s count|W0; 0-10 value:2; W10; 30-40 value:1
		and over --delay|W0 a1 W10 a12|--size 10s --delay 1m count|W0; 0-10 value:1; W10; 10-20 value:1
		passed on: what may still leave|a1 W12|--size 10s --lateness 4s count|0-10 value:1; W8
		a session that ends at W is open|a1 W6|--gap 5s count|W5.999999999; 1-6 value:1
		what is still open of order|W3 a5 W9|--all count|W2.999999999; W4.999999999; 5-5 value:1
		sliding|W0 a5 W5 W6|--size 9s --sliding '{n: count}'|W0; W5; ts:5,k:a,v:5,n:1; W6
		idle closes nothing, and goes on|W0 a1 IDLE a2|--size 10s count|W0; IDLE; 0-10 value:2
		end closes all, and goes on|W0 a1 END|--size 10s count|W0; 0-10 value:1; END
		kinds not known go on|a1 X-MINE a2|--size 10s count|X-MINE; 0-10 value:2
	ROWS
}

@test "a result's event time downstream: windows of windows" {
	script a1 a12 a25 >in
	swindow --size 10s '{n: count}' in | swindow --size 30s '{n: sum(.n), windows: count}' >out
	[ "$(short <out)" = '0-30 n:3,windows:3' ]
	# with watermarks between: nothing is late
	{ printf '%s{"kind":"watermark","time":"1970-01-01T00:00:00Z"}\n' "$SYN"; script a1 a12 W20 a25 W60; } |
		swindow --gap 5s '{n: count}' | swindow --size 10s '{n: sum(.n)}' >out 2>err
	[ "$(sed '/\x16/d' out | short)" = '0-10 n:1; 10-20 n:1; 20-30 n:1' ] || { cat out; false; }
	[ ! -s err ]
}

@test "after restore, only end ends it" {
	script RESTORE a1 >in
	run -2 --separate-stderr swindow --size 10s count <in
	says '*died*'
	[[ $output != *value* ]]
	script RESTORE a1 END >in
	run -0 swindow --size 10s count <in
	[[ $output == *value* ]]
}

@test "--max-ahead: a record far ahead is bad, until three in a row agree" {
	run -5 --separate-stderr windows 'a1 a55 a2 a12' --size 10s --max-ahead 15s count
	want '0-10 value:2; 10-20 value:1'
	says '*stdin:2: *further ahead*--max-ahead*'
	run -5 --separate-stderr windows 'a1 a41 a42 a43' --size 10s --max-ahead 15s count
	want '0-10 value:1; 40-50 value:1'
	says '*stdin:2: *' '*stdin:3: *'
	# odd ones that do not agree are no majority
	run -5 --separate-stderr windows 'a1 a20 a40 a58 a2' --size 10s --max-ahead 10s count
	want '0-10 value:2'
}

@test "--max-ahead-clock: by the clock" {
	lines '{"ts":"2001-01-01T00:00:00Z"}' '{"ts":"2190-01-01T00:00:00Z"}' '{"ts":"2002-01-01T00:00:00Z"}' >in
	run -5 --separate-stderr swindow --size 1d --max-ahead 1d --max-ahead-clock count in
	[ "${#lines[@]}" = 2 ]
	says '*in:2: *'
}

@test "--processing-time: windows of the clock, which close without further records" {
	coproc swindow --size 250ms --processing-time '{n: count, later: (max(.ts) == 7)}' 3>&-
	local pid=$COPROC_PID
	echo '{"ts":7}' >&"${COPROC[1]}"
	answer "${COPROC[0]}" # closed while the input is open
	[[ $line == *'"n":1,"later":true}' ]]
	[ "$(sfilter -m '(.window_start | .[:4] | tonumber) > 2024' <<<"$line")" = true ]
	hang_up
	finish "$pid" 0
}

@test "--close-idle: in silence time goes on by the clock" {
	coproc swindow --size 200ms --close-idle 50ms count 3>&-
	local pid=$COPROC_PID
	echo '{"ts":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '{"window_start":"1970-01-01T00:00:01Z","window_end":"1970-01-01T00:00:01.2Z","value":1}' ]
	# what comes then is late for it
	lines '{"ts":1.1}' '{"ts":100}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[[ $line == *'"1970-01-01T00:01:40Z"'* ]]
	hang_up
	finish "$pid" 0
}

@test "--close-idle: no replay of a file knows it" {
	run -0 --separate-stderr windows 'a1 a2 a30 a3' --size 10s --close-idle 1ns count
	want '0-10 value:2; 30-40 value:1'
}

@test "the same stream gives the same bytes; any order within --delay too" {
	swindow --size 6h --every 1h --by .net --delay 8d '{n: count, m: max(.mag), s: sum(.sig), q: quantile(.mag; 0.5), f: first(.id)}' \
		"$DATA/earthquakes.ndjson" >want
	tac "$DATA/earthquakes.ndjson" | swindow --size 6h --every 1h --by .net --delay 8d \
		'{n: count, m: max(.mag), s: sum(.sig), q: quantile(.mag; 0.5), f: first(.id)}' | cmp - want
	shuf --random-source=<(yes) "$DATA/earthquakes.ndjson" | swindow --gap 3h --by .net --delay 8d '{n: count, f: last(.id)}' >got
	swindow --gap 3h --by .net '{n: count, f: last(.id)}' "$DATA/earthquakes.ndjson" | cmp - got
}
