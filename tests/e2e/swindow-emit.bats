#!/usr/bin/env bats
# swindow: when results leave, and which.
# shellcheck disable=SC2154 # set by bats and helper.bash
load swindow

@test "--emit" {
	rows <<-'ROWS'
		close|a1 a2|--size 10s --emit close count|0-10 value:2
		update|a1 a2 b3|--size 10s --by .k --emit update count|0-10 k:a,value:1,final:false; 0-10 k:a,value:2,final:false; 0-10 k:b,value:1,final:false; 0-10 k:a,value:2; 0-10 k:b,value:1
		count:N|a1 a2 a3|--size 10s --emit count:2 count|0-10 value:2,final:false; 0-10 value:3
		every:D|a1 a2 a5 a6 a11|--size 20s --emit every:5s count|0-20 value:3,final:false; 0-20 value:5,final:false; 0-20 value:5
		all, update|a1 a2|--all --emit update 'sum(.v)'|1-1 value:1,final:false; 1-2 value:3,final:false; 1-2 value:3
		sessions, count:N|a1 a2 a3|--gap 5s --emit count:2 count|1-7 value:2,final:false; 1-8 value:3
		rows, update|a1 a2|--rows 2 --emit update count|1-1 value:1,final:false; 1-2 value:2
	ROWS
}

@test "--fill: windows without records" {
	rows <<-'ROWS'
		empty|a1 a31|--size 10s --fill empty '{n: count, s: sum(.v), d: distinct(.v), l: collect(.v)}'|0-10 n:1,s:1,d:1,l:[1]; 10-20 n:0,s:null,d:0,l:[]; 20-30 n:0,s:null,d:0,l:[]; 30-40 n:1,s:31,d:1,l:[31]
		previous, with what it rose by from the one before|a1 a3 a12 a35|--size 10s --fill previous 'increase(.v)'|0-10 value:2; 10-20 value:9; 20-30 value:9; 30-40 value:23
		previous|a1 a31|--size 10s --fill previous 'last(.v)'|0-10 value:1; 10-20 value:1; 20-30 value:1; 30-40 value:31
		by key, in order|b1 a2 b11 a25|--size 10s --by .k --fill empty count|0-10 k:a,value:1; 0-10 k:b,value:1; 10-20 k:a,value:0; 10-20 k:b,value:1; 20-30 k:a,value:1; 20-30 k:b,value:0
		--fill-for|a1 a41|--size 10s --fill empty --fill-for 15s count|0-10 value:1; 10-20 value:0; 40-50 value:1
		with --having|a1 a31|--size 10s --fill empty --having '.value == 0' count|10-20 value:0; 20-30 value:0
		linear|a0 a1 a1 a1 a33|--size 10s --fill linear '{s: sum(.v), f: first(.k), n: count}'|0-10 s:3,f:a,n:4; 10-20 s:13,f:null,n:3; 20-30 s:23,f:null,n:2; 30-40 s:33,f:a,n:1
		linear, of each key before its next, none at the end|a0 b1 b11 a25 b41|--size 10s --by .k --fill linear 'sum(.v)'|0-10 k:a,value:0; 0-10 k:b,value:1; 10-20 k:b,value:11; 10-20 k:a,value:12.5; 20-30 k:a,value:25; 20-30 k:b,value:21; 30-40 k:b,value:31; 40-50 k:b,value:41
		linear, a side that is no number|a1=x a31|--size 10s --fill linear '{r: last(.r)}'|0-10 r:x; 10-20 r:null; 20-30 r:null; 30-40 r:null
		linear, a gap longer than --fill-for|a1 a41|--size 10s --fill linear --fill-for 15s count|0-10 value:1; 40-50 value:1
		linear, as long as --fill-for|a5 a20|--size 10s --fill linear --fill-for 15s 'sum(.v)'|0-10 value:5; 10-20 value:12.5; 20-30 value:20
		linear, hopping|a1 a22|--size 10s --every 5s --fill linear --time '.ts + 5' 'sum(.v)'|0-10 value:1; 5-15 value:1; 10-20 value:8; 15-25 value:15; 20-30 value:22; 25-35 value:22
		linear, the watermark waits|W0 a0 W10 W25 a30 W40|--size 10s --fill linear 'sum(.v)'|W0; 0-10 value:0; W10; W19.999999999; 10-20 value:10; 20-30 value:20; 30-40 value:30; W40
		linear, with --having|a1 a21|--size 10s --fill linear --having '.value == 11' 'sum(.v)'|10-20 value:11
		as W rises|W0 a1 W10 W30|--size 10s --fill empty count|W0; 0-10 value:1; W10; 10-20 value:0; 20-30 value:0; W30
	ROWS
}

@test "--having, with the key and the window" {
	rows <<-'ROWS'
		of the result|a1 b2 b3|--size 10s --by .k --having '.n > 1' '{n: count}'|0-10 k:b,n:2
		of keys and bounds|a1 b12|--size 10s --by .k --having '.k == "b" or .window_end[-3:] == "00Z"' count|10-20 k:b,value:1
	ROWS
	run -3 --separate-stderr swindow --size 1s --having '.n >' count
	run -5 --separate-stderr windows 'a1' --size 10s --having '.value | error("no")' count
	says '*--having: no*'
}

@test "--top N --rank EXPR: the best of each window, ties cut by key or kept" {
	rows <<-'ROWS'
		best first|a1 b1 b2 c1 c2 c3|--size 10s --by .k --top 2 --rank .n '{n: count}'|0-10 k:c,n:3; 0-10 k:b,n:2
		of each window|a1 a2 b3 a11 b12 b13|--size 10s --by .k --top 1 --rank .n '{n: count}'|0-10 k:a,n:2; 10-20 k:b,n:2
		ties are cut by key|c1 b1 a1|--size 10s --by .k --top 2 --rank .n '{n: count}'|0-10 k:a,n:1; 0-10 k:b,n:1
		ties kept|d1 d2 c1 b1 a1|--size 10s --by .k --top 2 --ties keep --rank .n '{n: count}'|0-10 k:d,n:2; 0-10 k:a,n:1; 0-10 k:b,n:1; 0-10 k:c,n:1
		the least, by a negative rank|a1 b1 b2|--size 10s --by .k --top 1 --rank '-.n' '{n: count}'|0-10 k:a,n:1
		all is one window|a1 b2 b3 c9|--all --by .k --top 1 --rank .n '{n: count}'|2-3 k:b,n:2
		behind --having|a1 b1 b2|--size 10s --by .k --having '.n < 2' --top 5 --rank .n '{n: count}'|0-10 k:a,n:1
	ROWS
}

@test "--seed: another sample, the same each time" {
	for ((i = 0; i < 200; i++)); do printf '{"ts":1,"v":%d}\n' "$i"; done >in
	for seed in 0 0 7; do swindow --size 10s --seed "$seed" 'sample(.v; 5)' in; done >out
	[ "$(sort -u out | wc -l)" = 2 ] && [ "$(head -n 2 out | sort -u | wc -l)" = 1 ]
}

@test "--explain: the kind of window and what is kept, and nothing is run" {
	run -0 swindow --explain --size 6h --every 90m --by .k '{n: count, s: sum(.x), m: avg(.x), q: quantile(.x; 0.9)}' nosuchfile
	[[ ${lines[0]} == 'windows: hopping' ]]
	[[ ${lines[1]} == 'kept by slices of 1h30m, at most 4 of which make a window' ]]
	[[ ${lines[2]} == 'a state, of each key and slice: '*' bytes' ]]
	# sum and avg share one
	[ "${#lines[@]}" = 6 ]
	[[ $output == *'quantile(f; q)'*'at first exact'* ]]
	for kind in '--gap 1m:sessions' '--all:the one' '--rows 3:of so many' '--run .a:runs' '--from-when .a --gap 1s:from one' \
		'--size 1m:tumbling' '--size month:of the calendar' '--size 4s --cumulate 2s:cumulative' '--size 4s --sliding:sliding'; do
		# shellcheck disable=SC2086
		run -0 swindow --explain ${kind%:*} count
		[[ ${lines[0]} == "windows: ${kind##*:}"* ]]
	done
}

@test "a second value of AGG is said: the result is bad" {
	run -5 --separate-stderr windows 'a1' --size 10s "(count, 7)"
	says '*AGG gives more than one value*'
	[ -z "$output" ]
	[ "$(windows 'a1' --size 10s '[count, 7]')" = '0-10 value:[1,7]' ]
}

# By hand: a1 a11 a25 rise by nothing, 10, 14; a8 takes 7 from the second window to the first.
@test "increase, corrected: a window that was said with another last sample before it is said again" {
	rows <<-'ROWS'
		of the next window|a1 a11 a25 a8|--size 10s --lateness 50s 'increase(.v)'|0-10 value:null; 10-20 value:10; 0-10 value:7,revision:1; 10-20 value:3,revision:1; 20-30 value:14
		withdrawn as it was said|a1 a11 a25 a8 a12|--size 10s --lateness 50s --retract 'increase(.v)'|0-10 value:null; 10-20 value:10; 0-10 value:null,retracted:true; 0-10 value:7,revision:1; 10-20 value:10,retracted:true; 10-20 value:3,revision:1; 10-20 value:3,revision:1,retracted:true; 10-20 value:4,revision:2; 20-30 value:13
		not where the last one stays|a1 a8 a11 a25 a5|--size 10s --lateness 50s 'increase(.v)'|0-10 value:7; 10-20 value:3; 0-10 value:7,revision:1; 20-30 value:14
		nor of other keys|a1 b11 a25 a8|--size 10s --lateness 50s --by .k 'increase(.v)'|0-10 k:a,value:null; 10-20 k:b,value:null; 0-10 k:a,value:7,revision:1; 20-30 k:a,value:17
		of the next session|a1 a11 a25 a5|--gap 5s --lateness 50s --retract 'increase(.v)'|1-6 value:null; 11-16 value:10; 1-6 value:null,retracted:true; 1-10 value:4,revision:1; 11-16 value:10,retracted:true; 11-16 value:6,revision:1; 25-30 value:14
		of hopping windows those that begin behind it|a1 a11 a25 a8|--size 10s --every 5s --lateness 50s 'increase(.v)'|window_start:1969-12-31T23:59:55Z,window_end:1970-01-01T00:00:05Z,value:null; 0-10 value:null; 5-15 value:10; 10-20 value:10; 0-10 value:7,revision:1; 5-15 value:10,revision:1; 10-20 value:3,revision:1; 20-30 value:14; 25-35 value:14
	ROWS
}

# A counter that rises by 1 a second, and was never reset, whatever order its samples come in.
@test "increase: a sample behind the watermark, in a window that is still open, is no reset" {
	for args in '--size 50s' '--gap 20s'; do
		# shellcheck disable=SC2086
		output=$(windows 'a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a13 a14 a15 a16 a17 a12 a18 a19 a0 a20' $args '{i: increase(.v), r: resets(.v), d: delta(.v)}')
		[[ $output == *' i:20,r:0,d:20' ]]
	done
}
