#!/usr/bin/env bats
# stail -f and -F: growth, rotation, truncation.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# follow ARG.. - stail in the background; its output is fd $out, its messages are in err
follow() {
	mkfifo out
	default_signals stail "$@" >out 2>err 3>&- &
	pid=$!
	exec {out}<out
}

# next LINE.. - come out, in this order
next() {
	for expected; do
		answer "$out" || { cat err; return 1; }
		[ "$line" = "$expected" ] || { echo "got '$line', not '$expected'"; return 1; }
	done
}

# ended STATUS - after SIGTERM it ends so, and nothing more came
ended() {
	local got=0

	kill -TERM "$pid"
	wait "$pid" || got=$?
	[ "$got" -eq "$1" ] || { echo "status $got"; return 1; }
	run cat <&"$out"
	want
}

@test "-f begins with the last 10 lines, and goes on" {
	seq 15 >log
	follow -f log
	next 6 7 8 9 10 11 12 13 14 15
	echo 16 >>log
	next 16
	ended 143
}

@test "-n says where to begin" {
	seq 15 >log
	follow -F -n 2 log
	next 14 15
	echo 16 >>log
	next 16
	ended 143
}

@test "-n +1: all of it" {
	seq 15 >log
	follow -F -n +1 log
	next {1..15}
	ended 143
}

@test "-n 0: only what comes" {
	seq 15 >log
	touch other
	follow -F -n 0 other log
	until_true has_open log
	# the other file's line shows that the first round is over
	echo x >>other
	next x
	echo 16 >>log
	next 16
	ended 143
}

has_open() {
	[ -n "$(find "/proc/$pid/fd" -lname "*/$1" 2>/dev/null)" ]
}

@test "a line is written when its newline is there" {
	lines 1 >log
	follow -F log
	next 1
	printf 'ha' >>log
	touch other
	printf 'lf\n' >>log
	next half
	ended 143
}

@test "a rotated file is read to its end, then the new one from its start" {
	lines 1 >log
	follow -F log
	next 1
	mv log log.1
	lines 2 >>log.1
	lines 3 4 >log
	next 2 3 4
	lines 5 >>log
	next 5
	ended 143
	[[ $(<err) == *'log was replaced'* ]]
}

@test "rotated again and again" {
	lines 0 >log
	follow -F log
	next 0
	for i in 1 2 3; do
		mv log log.old
		lines "$i" >log
		next "$i"
	done
	ended 143
}

@test "-f stays with the file that it opened" {
	lines 1 >log
	follow -f log
	next 1
	mv log log.1
	lines x >log
	lines 2 >>log.1
	next 2
	ended 143
}

@test "a truncated file is read from its start again" {
	lines 1 2 3 >log
	follow -F log
	next 1 2 3
	: >log
	until_true said 'log was truncated; it is read from its start'
	lines 4 >>log
	next 4
	ended 143
}

said() {
	grep -q "$1" err
}

@test "copytruncate" {
	lines 1 2 3 >log
	follow -F log
	next 1 2 3
	cp log log.1
	lines 9 >log
	next 9
	ended 143
}

@test "-F waits for a file that is not there yet" {
	follow -F log
	until_true said 'cannot open log: No such file or directory; it is waited for'
	lines 1 2 >log
	next 1 2
	ended 143
}

@test "-f does not" {
	run -2 --separate-stderr stail -f log
	says 'stail: cannot open log: No such file or directory'
}

@test "a deleted file that comes back" {
	lines 1 >log
	follow -F log
	next 1
	rm log
	lines 2 >log
	next 2
	ended 143
}

@test "a directory cannot be followed" {
	mkdir d
	run -2 --separate-stderr stail -f d
	says 'stail: cannot follow d: *'
}

@test "several files are followed at once" {
	lines a >one
	lines b >two
	follow -F one two
	next a b
	lines c >>two
	next c
	lines d >>one
	next d
	ended 143
}

@test "the lines of two files do not mix" {
	: >one
	: >two
	follow -F one two
	printf 'he' >>one
	lines b >>two
	next b
	printf 'llo\n' >>one
	next hello
	ended 143
}

@test "--parse: what does not match is said, with the line that was followed" {
	: >log
	follow -F --parse 'n=(?<n>[0-9]+)' log
	lines n=1 oops n=2 >>log
	next '{"n":1}' '{"n":2}'
	grep -q '^stail: log:2: ' err
	ended 143
}

@test "-i csv: lines from further on have the header's names" {
	lines a,b 1,2 3,4 >t.csv
	follow -F -n 1 -i csv t.csv
	next '{"a":3,"b":4}'
	lines 5,6 >>t.csv
	next '{"a":5,"b":6}'
	ended 143
}

@test "-F - is stdin, read to its end" {
	gives '1\n2\n' '1\n2\n' stail -F -
	gives '1\n2\n' '1\n2\n' stail -F
}

@test "--graceful: 0" {
	lines 1 >log
	follow -F --graceful log
	next 1
	ended 0
}

@test "stdin beside files to follow" {
	lines 1 >log
	run -0 --separate-stderr bash -c 'echo 2 | timeout 20 stail -F --exit-at-end -n +1 log - | sort'
	want 1 2
}

@test "a reader that goes away ends it, though no line comes" {
	seq 3 >log
	run -0 timeout 30 bash -c 'stail -F -n +1 log | head -n 1'
	want 1
}
