#!/usr/bin/env bats
# Loops, and calls that are the last thing a function does, take constant memory and constant stack.
load helper

# small PROGRAM OUTPUT - less than 50 MB were resident when the outputs are there, and 512 KiB of stack were enough
small() {
	local pid hwm

	sanitized && skip "an ASan build has its own idea of memory"
	rm -f in && mkfifo in
	(ulimit -s 512 && exec sfilter -mn "($1), input" <in >out) &
	pid=$!
	exec 5>in
	until_true same_count "$2" || { cat out; return 1; }
	diff <(lines "$2") out || { echo "of: $1"; return 1; }
	hwm=$(awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status")
	echo '"end"' >&5
	exec 5>&-
	wait "$pid"
	[ "$hwm" -lt 50000 ] || { echo "$hwm KiB for: $1"; return 1; }
}

# Are as many lines there as OUTPUT has?
same_count() {
	[ "$(wc -l <out)" -ge "$(lines "$1" | wc -l)" ]
}

@test "the bound is one: what keeps all its values is over it" {
	sanitized && skip "an ASan build has its own idea of memory"
	run ! small '[range(1e7)] | length' 10000000
	[[ $output == *" KiB for: "* ]]
}

@test "range" { small 'last(range(1e7))' 9999999; }
@test "range, by a step" { small 'last(range(1e7; 0; -1))' 1; }
@test "range of range" { small 'last(range(1000) as $i | range(1000) | . + $i)' 1998; }
@test "limit ends repeat" { small '[limit(3; repeat(1))]' '[1,1,1]'; }
@test "repeat, for long" { small 'last(limit(1000000; repeat(1)))' 1; }
@test "skip and nth of what does not end" { small 'nth(1000000; range(infinite)), first(skip(1000000; repeat(7)))' $'1000000\n7'; }
@test "first of recurse" { small '0 | first(recurse(. + 1; . < 1e6) | select(. > 999990))' 999991; }
@test "recurse to its end" { small '0 | last(recurse(if . < 1e6 then . + 1 else empty end))' 1000000; }
@test "until" { small '0 | until(. >= 1e6; . + 1)' 1000000; }
@test "while" { small '0 | last(while(. < 1e6; . + 1))' 999999; }
@test "reduce" { small 'reduce range(1e6) as $i (null; $i)' 999999; }
@test "reduce, a number" { small 'reduce range(1e6) as $i (0; . + $i)' 499999500000; }
@test "foreach" { small 'last(foreach range(1e6) as $i (0; . + 1; [$i, .]))' '[999999,1000000]'; }
@test "reduce over a generator of the language" { small 'reduce (0 | recurse(if . < 300000 then . + 1 else empty end)) as $i (0; . + 1)' 300001; }
@test "label and break" { small 'last(label $out | range(infinite) | if . > 1e6 then break $out else . end)' 1000000; }
@test "any, all, isempty of what does not end" { small 'any(range(infinite); . > 1e6), all(range(infinite); . < 1e6), isempty(repeat(1))' $'true\nfalse\nfalse'; }
@test "try in a loop" { small 'last(range(1e6) | try error catch .)' 999999; }

@test "a last call" { small 'def f: if . > 1e6 then . else . + 1 | f end; 0 | f' 1000001; }
@test "a last call with a value" { small 'def f($n): if $n > 1e6 then $n else f($n + 1) end; f(0)' 1000001; }
@test "a last call behind as" { small 'def f: . as $x | if $x > 1e6 then $x else $x + 1 | f end; 0 | f' 1000001; }
@test "a last call in elif" { small 'def f: if . < 0 then 0 elif . > 1e6 then . else . + 1 | f end; 0 | f' 1000001; }
@test "a last call behind //" { small 'def f: (select(. > 1e6) | tostring) // (. + 1 | f); 0 | f' '"1000001"'; }
@test "a last call as the last branch of a comma" { small 'def f: ., (if . < 1e6 then . + 1 | f else empty end); 0 | last(f)' 1000000; }
@test "two that call each other" {
	small 'def even: if . == 0 then true else . - 1 | (def odd: if . == 0 then false else . - 1 | even end; odd) end; 1e6 | even' true
}
@test "a last call within reduce's and foreach's source" {
	small 'def f: if . < 300000 then ., (. + 1 | f) else empty end; reduce (0 | f) as $x (0; . + 1), last(foreach (0 | f) as $x (0; . + 1))' $'300000\n300000'
}
@test "loops in the body of reduce" { small 'reduce range(1000) as $i (0; . + ([limit(1; range($i; infinite))] | .[0])), reduce range(100) as $i (0; until(. > $i * 10000; . + 1))' $'499500\n990001'; }
@test "a call in the body of reduce and foreach" {
	small 'def f: if . % 1000 == 0 then . else . - 1 | f end; reduce range(20000) as $i (0; $i | f), last(foreach range(20000) as $i (0; $i | f))' $'19000\n19000'
}
@test "a call that is not the last costs memory, and no C stack" { small 'def f: if . == 0 then 0 else (. - 1 | f) + 1 end; 50000 | f' 50000; }
