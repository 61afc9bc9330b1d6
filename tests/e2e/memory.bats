#!/usr/bin/env bats
# However long the stream, a tool that holds nothing takes little memory: under 8 MiB resident; and swindow no more than it is given.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

RECORD='{"ts":"2026-01-01T00:00:00Z","host":"web-1","path":"/a/b","status":200,"ms":12.5}'

# flat LINE COMMAND.. - 200 MB of that line, and at last one that is answered
flat() {
	local text=$1

	shift
	coproc "$@" 3>&- 2>/dev/null
	exec {in}>&"${COPROC[1]}"
	yes "$text" | head -n $((200000000 / (${#text} + 1))) >&"$in"
	lines '{"last":true}' >&"$in"
	answer "${COPROC[0]}"
	[ "$line" = '{"last":true}' ]
	takes_less_than 8192 "$COPROC_PID"
}

@test "sfilter" { flat "$RECORD" sfilter .last; }
@test "sfilter -m" {
	flat "$RECORD" sfilter -m 'select(.last) | {last: ([.] | .[0].last)}'
}
@test "sfilter of bad records" {
	flat '{"ts":"2026-01-01T00:00:00Z","host":"web-1",oops}' sfilter .last
}

@test "stail --prefix --multiline of bad records" {
	flat '{"ts":"2026-01-01T00:00:00Z","host":"web-1",oops}' stail --prefix '[a-z]+: ' --multiline indent -i json
}

@test "stail -n 1, which holds back all but the last line" {
	coproc stail -n 1 3>&-
	exec {in}>&"${COPROC[1]}" {out}<&"${COPROC[0]}"
	pid=$COPROC_PID
	yes "$RECORD" | head -n 2500000 >&"$in"
	lines last >&"$in"
	until_true drained "$pid"
	takes_less_than 8192 "$pid"
	exec {in}>&-
	hang_up
	answer "$out"
	[ "$line" = last ]
}

# drained PID - it has read all that there is: it sleeps, and only a pipe that is empty lets it
drained() {
	grep -q '^State:[[:space:]]*S' "/proc/$1/status"
}

# given ARG.. - 600,000 records of as many keys, all held if they may be (90 MB and more): with 48 MB the process takes no more
given() {
	mkfifo fifo
	swindow "$@" --by .k --max-memory 48M --on-full evict '{n: count, s: sum(.ts)}' <fifo >out 2>err 3>&- &
	pid=$!
	exec {in}>fifo
	awk 'BEGIN { for (i = 0; i < 600000; i++) printf "{\"ts\":%d,\"k\":\"key-%d\"}\n", i / 1000, i }' >&"$in"
	until_true drained "$pid"
	takes_less_than $((48000000 / 1024)) "$pid"
	exec {in}>&-
	ends 0 "$pid"
	grep -q 'had to go' err
	[ "$(wc -l <out)" -ge 600000 ]
}

@test "swindow --size --max-memory" { given --size 1h; }
@test "swindow --size --delay --max-memory" { given --size 10s --delay 1h; }
@test "swindow --every --max-memory" { given --size 20s --every 5s --delay 1h; }
@test "swindow --cumulate --max-memory" { given --size 20s --cumulate 5s --delay 1h; }
@test "swindow --sliding --max-memory" { given --size 1h --sliding; }
@test "swindow --sliding --delay --max-memory" { given --size 10s --sliding --delay 1h; }
@test "swindow --gap --max-memory" { given --gap 1h; }
@test "swindow --all --max-memory" { given --all; }
@test "swindow --run --max-memory" { given --run .k; }
