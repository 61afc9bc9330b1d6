#!/usr/bin/env bats
# swindow: where AGG comes from, the variables that options give it, and what of it is refused before any record is read.
# shellcheck disable=SC2016 # programs are not the shell's
load swindow

@test "variables hold in every expression" {
	rows <<-'ROWS'
		AGG|a1 a2|--size 10s --arg x y --argjson z '[1,{"a":2}]' '{n: (count + $z[1].a), $x}'|0-10 n:4,x:y
		an argument|a1 a2 a3|--size 10s --argjson m 2 'count(.v >= $m)'|0-10 value:2
		a field by name|a1 b2|--size 10s --arg f v '{s: sum(.[$f]), t: sum(.v)}'|0-10 s:3,t:3
		a parameter|a1 a2 a3 a4|--size 10s --argjson q 0.75 'quantile(.v; $q)'|0-10 value:3
		a constant beside $key|b1|--size 10s --by .k --arg x y '[$key, $x, count]'|0-10 k:b,value:[b,y,1]
		--by|a1 b2|--size 10s --by 'k=$p + .k' --arg p x count|0-10 k:xa,value:1; 0-10 k:xb,value:1
		--having|a1 b2 b3|--size 10s --by .k --argjson n 2 --having '.value >= $n' count|0-10 k:b,value:2
		--rank|a1 b2 b3|--size 10s --by .k --argjson s -1 --top 1 --rank '.value * $s' count|0-10 k:a,value:1
		--time|a1|--size 10s --argjson h 30 --time '.ts + $h' count|30-40 value:1
		--run|a1 a2 a3|--run '.v > $x' --argjson x 1 count|1-1 value:1; 2-3 value:2
		--from-when, --until-when|a1 a2 a3 a4|--from-when '.v == $x' --until-when '.v == $y' --argjson x 2 --argjson y 3 count|2-3 value:2
		--sliding|a1 a2|--size 10s --sliding --argjson x 5 '{n: (count + $x)}'|ts:1,k:a,v:1,n:6; ts:2,k:a,v:2,n:7
		the first of a name counts|a1|--all --argjson x 1 --arg x 2 '[count, $x]'|1-1 value:[1,1]
		all of them|a1|--all --argjson b 1 --arg a 2 '[count, $ARGS.named]'|1-1 value:[1,b:1,a:2]
	ROWS
}

@test "values that are none, names that are taken" {
	refused <<-'ROWS'
		--all --argjson x '{'|swindow: --argjson x: '{' is no JSON: byte 2: expected a string as key or '}', got the end
		--all --argjson x '1 2'|swindow: --argjson x: '1 2' is no JSON: byte 3:
		--all --argjson x ''|swindow: --argjson x: '' is no JSON:
		--all --arg key 1|$key is a result's own in AGG: take another name
		--all --argjson window 1|$window is a result's own in AGG: take another name
	ROWS
	run -2 --separate-stderr swindow --all count --arg x
	says '*--arg needs a name and a value*'
	run -3 --separate-stderr swindow --all '[count, $y]' --arg x 1
	says 'swindow: AGG:1:9: *$y is not defined*'
	# what holds around the aggregates is not there yet in their arguments
	run -3 --separate-stderr swindow --all 'sum($key)' --arg x 1
	says '*$key is not defined*'
}

@test "-f FILE: AGG from there, and all operands are inputs" {
	lines '# of each key' '{ n: count, # all' '  s: sum(.v) }' >agg.jq
	script a1 a2 >one
	script b3 >two
	for way in '-f agg.jq one two' 'one two --from-file=agg.jq'; do
		# shellcheck disable=SC2086
		output=$(swindow --size 10s --by .k $way | short)
		want '0-10 k:a,n:2,s:3; 0-10 k:b,n:1,s:3'
	done
	lines '{n: count,' 'm: .x}' >bad.jq
	run -3 --separate-stderr swindow --all -f bad.jq one
	says 'swindow: bad.jq:2:4: *'
	run -2 --separate-stderr swindow --all -f nosuch one
	says 'swindow: cannot open nosuch: *'
	printf 'count\0' >nul
	run -3 --separate-stderr swindow --all -f nul one
	says 'swindow: nul: byte 6: *'
}

# uncompiled - a table from stdin, ARGS|MESSAGE: 3, and that is said
uncompiled() {
	local args message wrong=0 got
	local -a argv

	while IFS='|' read -r args message; do
		eval "argv=($args)"
		got=0
		swindow "${argv[@]}" </dev/null >out 2>err || got=$?
		if [ "$got" != 3 ] || [ -s out ] || ! grep -qF -- "$message" err; then
			echo "$args: status $got: $(cat err)"
			wrong=1
		fi
	done
	return "$wrong"
}

@test "--rank and --having of a field that results do not have: what was meant, or which there are" {
	uncompiled <<-'ROWS'
		--size 1m --by .k --top 1 --rank .m '{nn: count}'|swindow: --rank: results have no field 'm': they have window_start, window_end, k, nn
		--size 1m --by .host.id --top 1 --rank .totl '{n: count, total: 1}'|--rank: results have no field 'totl': did you mean 'total'?
		--size 1m --having '.errors > 5' '{error: count}'|swindow: --having: results have no field 'errors': did you mean 'error'?
		--size 1m --having '.n > 1 and .window.end' '{n: count}'|--having: results have no field 'window': they have window_start, window_end, n
		--size 1m --having '.window_stat < "x"' count|--having: results have no field 'window_stat': did you mean 'window_start'?
		--size 1m --having .n count|--having: results have no field 'n': they have window_start, window_end, value
		--size 1m --having .value '{n: count}'|--having: results have no field 'value': they have window_start, window_end, n
		--size 1m --having '.revison' count|--having: results have no field 'revison': did you mean 'revision'?
		--rows 2 --having .k '{n: count}'|--having: results have no field 'k'
		--size 1m --by .value count|two fields of the results are called 'value'
		--size 1m 'def d(x): x; {window_end: d(count)}'|AGG names a field window_end
	ROWS
}

@test "--rank and --having of what results have, or may have" {
	rows <<-'ROWS'
		key, field, bound|a1 b2|--size 10s --by .k --having '.k == "a" and .n == 1 and .window_start < .window_end' '{n: count}'|0-10 k:a,n:1
		the result as a whole|a1|--size 10s --having '[.[]] == [.window_start, .window_end, 1]' '{n: count}'|0-10 n:1
		marks|a1|--size 10s --having '[.revision, .final, .retracted, .partial] == [null, null, null, null]' '{n: count}'|0-10 n:1
		computed names|a1|--size 10s --having '.nn == 1' '{("n" + "n"): count}'|0-10 nn:1
		a value that may be an object|a1|--size 10s --having '.v == 1' 'first(.)'|0-10 ts:1,k:a,v:1
		the record of --sliding|a1 a2|--size 10s --sliding --having '.v == 2' '{n: count}'|ts:2,k:a,v:2,n:2
	ROWS
}
