#!/usr/bin/env bats
# The first SIGINT or SIGTERM ends in order, the second at once; SIGUSR1 prints statistics at any time.
load helper

@test "a stage reads on after the first SIGINT, to the end of its input: 130" {
	coproc default_signals sfilter .a 3>&-
	pid=$COPROC_PID
	echo '{"a":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	signal INT "$pid"
	echo '{"a":2}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '{"a":2}' ]
	exec {COPROC[1]}>&-
	finish "$pid" 130
}

@test "SIGTERM: 143; --graceful: 0" {
	for row in 'TERM 143' 'TERM 0 --graceful' 'INT 0 --graceful'; do
		read -r sig status flag <<<"$row"
		# shellcheck disable=SC2086
		coproc default_signals sfilter $flag .a 3>&-
		pid=$COPROC_PID
		echo '{"a":1}' >&"${COPROC[1]}"
		answer "${COPROC[0]}"
		signal "$sig" "$pid"
		exec {COPROC[1]}>&-
		finish "$pid" "$status"
	done
}

@test "bad records count under --graceful: 5" {
	coproc default_signals sfilter --graceful .a 3>&- 2>/dev/null
	pid=$COPROC_PID
	lines 'oops' '{"a":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	signal TERM "$pid"
	exec {COPROC[1]}>&-
	finish "$pid" 5
}

@test "the second signal ends at once: open windows are not written" {
	coproc default_signals swindow --size 10s count 3>&-
	pid=$COPROC_PID
	exec {out}<&"${COPROC[0]}"
	lines '{"ts":1}' '{"ts":11}' >&"${COPROC[1]}"
	answer "$out"
	signal INT "$pid"
	lines '{"ts":21}' >&"${COPROC[1]}"
	answer "$out"
	kill -INT "$pid"
	finish "$pid" 130
	run -1 read -r -t "$PATIENCE" -u "$out"
}

@test "the second signal ends a computation without end" {
	coproc default_signals sfilter -u -m 'if . == 1 then . else last(repeat(.)) end' 3>&-
	pid=$COPROC_PID
	lines 1 2 >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	signal TERM "$pid"
	kill -TERM "$pid"
	finish "$pid" 143
}

@test "the second signal ends a write that nobody reads" {
	mkfifo out
	head -c 4000000 /dev/zero | tr '\0' 1 | fold -w 99 >big
	exec {hold}<>out
	default_signals stail big >out 3>&- &
	pid=$!
	until_true writing "$pid"
	signal TERM "$pid"
	kill -TERM "$pid"
	finish "$pid" 143
}

# writing PID - its handlers are there and it sleeps: a file is never waited for, so stdout is
writing() {
	[ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status") & 0x4000)) -ne 0 ] && grep -q '^State:[[:space:]]*S' "/proc/$1/status"
}

@test "signals reach a tool whose input always has something to read" {
	yes '{"a":1}' | default_signals sfilter --stats 'last(range(300))' >/dev/null 2>err 3>&- &
	pid=$!
	until_true statistics "$pid"
	signal TERM "$pid"
	kill -TERM "$pid"
	finish "$pid" 143
}

# statistics PID - asked for until they are there: the tool may not have come to listen yet
statistics() {
	local sent

	sent=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status")
	[ $((0x$sent & 0x200)) -ne 0 ] || return
	kill -USR1 "$1"
	grep -q '"tool":"sfilter"' err
}
