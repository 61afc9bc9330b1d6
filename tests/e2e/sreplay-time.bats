#!/usr/bin/env bats
# sreplay: when records leave. What is sure on any machine is asked: that nothing leaves before its time, and that nothing waits for
# what comes later; not how exact that is (bench/ measures it).
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# at SECOND.. - a record of each, in seconds since the epoch
at() {
	printf '{"ts":%s}\n' "$@"
}

# now - ms
now() {
	local t=$EPOCHREALTIME

	echo $((${t%.*} * 1000 + 10#${t#*.} / 1000))
}

# lasts MS COMMAND.. - no less than that
lasts() {
	local ms=$1 began

	shift
	began=$(now)
	run -0 --separate-stderr "$@"
	[ $(($(now) - began)) -ge "$ms" ] || { echo "$(($(now) - began)) ms"; return 1; }
}

# stat NAME - of the statistics in the file stats
stat_of() {
	jq ".$1" stats
}

@test "by their times, as they are, faster and slower" {
	at 1 1.1 1.3 >in
	lasts 300 sreplay in
	[ "$output" = "$(cat in)" ]
	at 1 2 4 >in
	lasts 300 sreplay --speed 10x in
	at 1 1.01 1.03 >in
	lasts 300 sreplay -s 0.1 in
}

@test "--rate and --rate-limit" {
	seq 31 >in
	lasts 300 sreplay --rate 100 in
	[ "${#lines[@]}" -eq 31 ]
	lasts 300 sreplay --rate 6k/m in
	# 31 lines of 2 and 3 bytes: 81, of which the last one is not waited for
	lasts 300 sreplay -L 260 in
	[ "$output" = "$(cat in)" ]
}

@test "--max-gap: what nobody wants to wait for" {
	at 1 1.1 7201.1 7201.2 >in
	lasts 300 sreplay --max-gap 100ms in
	[ "$output" = "$(cat in)" ]
}

@test "--loop: passes have the distance of their records" {
	at 1 1.1 1.2 >in
	lasts 500 sreplay --loop=2 in
	[ "${#lines[@]}" -eq 6 ]
}

@test "--recorded: as the lines came" {
	(
		echo a
		until_true test -s rec
		sleep 0.3
		echo b
	) | sreplay --record >rec
	lasts 300 sreplay --recorded rec
	[ "$output" = $'a\nb' ]
}

@test "what is due leaves at once, in one write, and does not wait for what comes later" {
	mkfifo out
	{ at 1 1 1; at 3601; } >in
	default_signals sreplay in >out 3>&- &
	pid=$!
	exec {out}<out
	[ "$(dd bs=64k count=1 status=none <&"$out")" = "$(at 1 1 1)" ]
	kill -TERM "$pid"
	finish "$pid" 143
	run -0 cat <&"$out"
	want
}

@test "asked to end in a wait: the end is said" {
	mkfifo out
	at 1 3601 >in
	for sig in TERM INT; do
		default_signals sreplay --watermark --graceful in >out 3>&- &
		pid=$!
		exec {out}<out
		for _ in 1 2 3; do
			answer "$out"
		done
		kill -$sig "$pid"
		answer "$out"
		[ "$line" = "$SYN"'{"kind":"end"}' ]
		finish "$pid" 0
		exec {out}<&-
	done
}

@test "SIGUSR1 in a wait: statistics" {
	mkfifo err
	at 1 3601 >in
	default_signals sreplay in >out 2>err 3>&- &
	pid=$!
	exec {err}<err
	until_true grep -q 1 out
	kill -USR1 "$pid"
	answer "$err"
	[ "$(jq -c '[.tool, .records_out, .late, .dropped]' <<<"$line")" = '["sreplay",1,0,0]' ]
	kill -TERM "$pid"
	finish "$pid" 143
}

@test "a pipe that nobody reads any more is noticed in a wait" {
	mkfifo out
	at 1 3601 >in
	default_signals sreplay in >out 3>&- &
	pid=$!
	exec {out}<out
	answer "$out"
	exec {out}<&-
	finish "$pid" 141
}

@test "records that come as they are written: none before its time, none held" {
	mkfifo in out
	sreplay in >out 3>&- &
	pid=$!
	exec {out}<out {in}>in
	began=$(now)
	at 100 >&"$in"
	answer "$out"
	[ "$line" = '{"ts":100}' ]
	at 100.25 >&"$in"
	answer "$out"
	[ $(($(now) - began)) -ge 250 ]
	at 100.3 99 >&"$in"
	answer "$out"
	answer "$out"
	[ "$line" = '{"ts":99}' ]
	exec {in}>&-
	finish "$pid" 0
}

# stalls OPTION.. - 60 records of 130 kB, 10 ms from one to the next, to a reader that sleeps for a second behind the first one; what
# it got is in got, by number
stalls() {
	awk 'BEGIN {
		for (text = "x"; length(text) < 100000;)
			text = text text
		for (i = 0; i < 60; i++)
			print "{\"ts\":" i / 100 ",\"n\":" i ",\"x\":\"" text "\"}"
	}' >in
	sreplay --stats "$@" in 2>stats | {
		read -r line
		lines "$line"
		sleep 1
		cat
	} | jq .n >got
}

@test "a reader that is too slow: what is late comes late" {
	stalls --burst
	seq 0 59 | cmp - got
	[ "$(stat_of 'lag_most_ms > 300')" = true ]
	[ "$(stat_of 'late > 10')" = true ]
	[ "$(stat_of dropped)" = 0 ]
	[ "$(stat_of stretched_ms)" = 0 ]
	stalls --on-lag queue
	seq 0 59 | cmp - got
}

@test "--on-lag drop: what is late is left out, and counted" {
	began=$(now)
	stalls --on-lag drop
	took=$(($(now) - began))
	n=$(wc -l <got)
	[ "$n" -lt 50 ]
	sort -nc got
	[ "$(stat_of dropped)" -eq $((60 - n)) ]
	[ "$(stat_of records_out)" -eq "$n" ]
	[ "$(stat_of "lag_most_ms <= $took")" = true ]
}

@test "--on-lag stretch: all that follows is put off" {
	began=$(now)
	stalls --on-lag stretch --max-lag 50ms
	# 0.1 s before the pipe was full at the earliest, 1 s of sleep, and what was left: 1 MiB are eight records
	[ $(($(now) - began)) -ge 1300 ]
	seq 0 59 | cmp - got
	[ "$(stat_of dropped)" = 0 ]
	[ "$(stat_of 'stretched_ms > 500')" = true ]
}

# held - a record each 10 ms; stopped for 1 s behind the first ones. $line is how many ms record 200 came behind the end of that;
# $played how many at most had been played before
held() {
	local back

	mkfifo out
	seq 0 300 | awk '{ printf "{\"ts\":%.2f,\"n\":%d}\n", $1 / 100, $1 }' >in
	played=$(now)
	sreplay in >out 3>&- &
	pid=$!
	exec {out}<out
	answer "$out"
	kill -STOP "$pid"
	played=$(($(now) - played))
	sleep 1.1
	back=$(now)
	kill -CONT "$pid"
	until [[ $line == *'"n":200}' ]]; do
		answer "$out"
	done
	line=$(($(now) - back))
	kill -PIPE "$pid"
	wait "$pid" || :
	exec {out}<&-
	rm out
}

@test "what is late catches up at twice its pace" {
	held
	# two seconds of event time, less what was played before it stood still, at twice the pace
	[ "$line" -ge $(((2000 - played) / 2 - 50)) ]
}
