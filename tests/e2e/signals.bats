#!/usr/bin/env bats
# The first SIGINT or SIGTERM ends in order, the second at once; SIGUSR1 prints statistics at any time.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
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
	hang_up
	ends 130 "$pid"
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
		hang_up
		ends "$status" "$pid"
	done
}

@test "bad records count under --graceful: 5" {
	coproc default_signals sfilter --graceful .a 3>&- 2>/dev/null
	pid=$COPROC_PID
	lines 'oops' '{"a":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	signal TERM "$pid"
	hang_up
	ends 5 "$pid"
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
	ends 130 "$pid"
	run -1 read -r -t "$PATIENCE" -u "$out"
}

@test "the second signal ends a computation without end" {
	coproc default_signals sfilter -u -m 'if . == 1 then . else last(repeat(.)) end' 3>&-
	pid=$COPROC_PID
	lines 1 2 >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	signal TERM "$pid"
	kill -TERM "$pid"
	ends 143 "$pid"
}

@test "the second signal ends a write that nobody reads" {
	mkfifo out
	head -c 4000000 /dev/zero | tr '\0' 1 | fold -w 99 >big
	# nobody reads, but it is open
	# shellcheck disable=SC2034
	exec {hold}<>out
	default_signals stail big >out 3>&- &
	pid=$!
	until_true writing "$pid"
	signal TERM "$pid"
	kill -TERM "$pid"
	ends 143 "$pid"
}

# writing PID - its handlers are there and it sleeps: a file is never waited for, so stdout is
writing() {
	catches stail TERM "$1" && grep -q '^State:[[:space:]]*S' "/proc/$1/status"
}

@test "signals reach a tool whose input always has something to read" {
	yes '{"a":1}' | default_signals sfilter --stats 'last(range(300))' >/dev/null 2>err 3>&- &
	pid=$!
	until_true statistics "$pid"
	signal TERM "$pid"
	kill -TERM "$pid"
	ends 143 "$pid"
}

# statistics PID - asked for until they are there: the tool may not have come to listen yet
statistics() {
	catches sfilter USR1 "$1" || return
	kill -USR1 "$1"
	grep -q '"tool":"sfilter"' err
}

# The main job's shape: a source that follows, a stage behind it, one process group as a shell makes it.
watch_log() {
	set -m
	lines '{"ts":1}' '{"ts":12}' >log
	mkfifo out
	# shellcheck disable=SC2086
	{
		# this shell alone goes on, and notes the statuses
		set +e
		trap '' INT
		default_signals stail -F -n +1 $1 log | default_signals swindow --size 10s $1 count
		echo "${PIPESTATUS[*]}" >statuses
	} >out 3>&- &
	pid=$!
	set +m
	exec {out}<out
	# the first window is written: both run
	answer "$out"
	[ "$line" = '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","value":1}' ]
}

@test "Ctrl-C on stail -F | swindow: the open windows are written, in order: 130" {
	watch_log
	kill -INT -- "-$pid"
	answer "$out"
	[ "$line" = '{"window_start":"1970-01-01T00:00:10Z","window_end":"1970-01-01T00:00:20Z","value":1}' ]
	run cat <&"$out"
	want
	wait "$pid" || :
	[ "$(<statuses)" = '130 130' ]
}

@test "the same with --graceful: 0" {
	watch_log --graceful
	kill -INT -- "-$pid"
	answer "$out"
	[ "$line" = '{"window_start":"1970-01-01T00:00:10Z","window_end":"1970-01-01T00:00:20Z","value":1}' ]
	wait "$pid" || :
	[ "$(<statuses)" = '0 0' ]
}

@test "a SIGINT that the parent ignores (nohup, background jobs) is ignored" {
	ignoring() { trap '' INT && exec "$@"; }
	coproc ignoring sfilter .a 3>&-
	pid=$COPROC_PID
	echo '{"a":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	kill -INT "$pid"
	kill -INT "$pid"
	echo '{"a":2}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	hang_up
	ends 0 "$pid"
}

@test "SIGUSR1 prints statistics, and the run goes on" {
	coproc default_signals sfilter -v .a 3>&- 2>err
	pid=$COPROC_PID
	lines '{"a":1}' '{"b":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	signal USR1 "$pid"
	until_true grep -q '"tool":"sfilter","records_in":2,"records_out":1,"skipped":0,' err
	lines '{"b":2}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '{"b":2}' ]
	hang_up
	ends 0 "$pid"
}
