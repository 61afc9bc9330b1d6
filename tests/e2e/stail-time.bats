#!/usr/bin/env bats
# stail and event time: --since, --until, --watermark, --merge-by-time, --max-rate.
# What run captures is a pipe.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# at SECOND.. - a record of each, in seconds since the epoch
at() {
	printf '{"ts":%s}\n' "$@"
}

# mark TIME.. - watermark lines, of times of the first minute
mark() {
	printf '\026{"kind":"watermark","time":"1970-01-01T00:00:%sZ"}\n' "$@"
}

# What comes before all records: that nothing is known yet, the first whole day of all times.
nothing() {
	printf '\026{"kind":"watermark","time":"1677-09-22T00:00:00Z"}\n'
}

end() {
	printf '\026{"kind":"end"}\n'
}

# is FILE - the output of run is that file
is() {
	diff "$1" <(lines "$output")
}

# from FIRST LAST - a record each second, with a text that makes lines longer
from() {
	seq "$1" "$2" | sed 's/.*/{"ts":&,"text":"some forty bytes that make the line longer"}/'
}

# reads_less_than BYTES - by the statistics on stderr
reads_less_than() {
	local bytes

	bytes=$(sed -n 's/.*"bytes_in":\([0-9]*\).*/\1/p' <<<"$stderr")
	[ "$bytes" -lt "$1" ] || { echo "$bytes bytes"; return 1; }
}

# ---- watermarks

@test "--watermark: a line behind each record that raises it, and the end" {
	{ nothing; at 1; mark 01; at 2; mark 02; at 2 1; at 5; mark 05; end; } >expected
	at 1 2 2 1 5 >in
	run -0 stail --watermark in
	is expected
	run -0 stail --watermark <in
	is expected
}

@test "--delay: so far behind" {
	{ nothing; at 11; mark 01.5; at 14.25; mark 04.75; at 12; end; } >expected
	at 11 14.25 12 >in
	run -0 stail --watermark -d 9.5s in
	is expected
}

@test "--watermark-step: no line for less, 100 ms by default" {
	{ nothing; at 1; mark 01; at 1.05 1.0999; at 1.1; mark 01.1; at 1.15 1.2; mark 01.2; end; } >expected
	at 1 1.05 1.0999 1.1 1.15 1.2 >in
	run -0 stail --watermark in
	is expected
	{ nothing; at 1; mark 01; at 1.05 1.0999 1.1 1.15 1.2; end; } >expected
	run -0 stail --watermark --watermark-step 1s in
	is expected
	{ nothing; at 1; mark 01; at 1.05; mark 01.05; at 1.05; end; } >expected
	at 1 1.05 1.05 >in
	run -0 stail --watermark --watermark-step 0 in
	is expected
}

@test "no control lines where stdout ends, nor unasked" {
	at 1 2 3 >in
	to out stail --watermark in
	cmp in out
	run -0 stail in
	is in
}

@test "--time, --time-format, --tz" {
	lines '{"when":"31.12.1969 19:00:07"}' >in
	{ nothing; cat in; mark 07; end; } >expected
	run -0 stail --watermark --time .when --time-format '%d.%m.%Y %H:%M:%S' --tz America/New_York in
	is expected
}

@test "a parsed log has its times" {
	lines '1.2.3.4 - - [01/Jan/1970:01:00:09 +0100] "GET / HTTP/1.1" 200 5' >log
	stail --parse common log >record
	{ nothing; cat record; mark 09; end; } >expected
	run -0 stail --watermark --parse common log
	is expected
}

@test "a record without a time is bad" {
	{ at 1; lines '{"x":1}' '{"ts":"soon"}'; at 2; } >in
	{ nothing; at 1; mark 01; at 2; mark 02; end; } >expected
	run -5 --separate-stderr stail --watermark in
	is expected
	says "stail: in:2: no event time: *
stail: in:3: 'soon' is no RFC 3339 time*"
	run -0 --separate-stderr stail --watermark --on-error skip in
	is expected
	{ nothing; at 1; mark 01; lines '{"x":1}' '{"ts":"soon"}'; at 2; mark 02; end; } >expected
	run -5 --separate-stderr stail --watermark --on-error pass in
	is expected
	{ nothing; at 1; mark 01; } >expected
	run -5 --separate-stderr stail --watermark --on-error fail in
	is expected
	says 'stail: in:2: no event time: *'
}

@test "files one behind the other: time waits for the last" {
	at 1 5 >a
	at 3 4 >b
	{ nothing; at 1 5 3; mark 03; at 4; mark 04; end; } >expected
	run -0 stail --watermark a b
	is expected
}

@test "the end is said when a signal brings it" {
	mkfifo in out
	default_signals stail --watermark -F in.log --tz UTC >out 2>err 3>&- &
	pid=$!
	exec {out}<out
	at 1 >in.log
	answer "$out"
	[ "$line" = "$(nothing)" ]
	answer "$out"
	[ "$line" = '{"ts":1}' ]
	answer "$out"
	kill -TERM "$pid"
	answer "$out"
	[ "$line" = "$(end)" ]
	finish "$pid" 143
}

@test "--idle: a silent input is not waited for, and all silent is said" {
	mkfifo a b out
	stail --watermark --merge-by-time --hold-back 1ms --idle 200ms a b >out 3>&- &
	exec {out}<out {a}>a {b}>b
	at 1 >&"$b"
	answer "$out"
	[ "$line" = "$(nothing)" ]
	answer "$out"
	# time stands still until a is left out; then b is silent too
	answer "$out"
	[ "$line" = "$(mark 01)" ]
	answer "$out"
	[ "$line" = "$SYN{\"kind\":\"idle\"}" ]
	# what is back has to catch up
	at 2 >&"$a"
	answer "$out"
	[ "$line" = '{"ts":2}' ]
	answer "$out"
	[ "$line" = "$(mark 02)" ]
	exec {a}>&- {b}>&-
	run -0 cat <&"$out"
	[[ $output == *"$(end)" ]]
}

@test "into swindow: the same results as by its own watermarks" {
	head -n 2000 "$DATA/earthquakes.ndjson" >quakes
	swindow --size 1d --by .net count quakes --delay 10d >expected
	stail --watermark -d 10d quakes | swindow --size 1d --by .net count >got
	cmp expected got
	[ "$(wc -l <got)" -gt 50 ]
}

@test "into swindow: what is out of order at the beginning is not late" {
	at 10.5 9.5 20 | stail --watermark -d 5s | swindow --size 1s count >got
	at 10.5 9.5 20 | swindow -d 5s --size 1s count | cmp - got
	[ "$(wc -l <got)" = 3 ]
}

@test "live through FIFOs and replayed from files: the same bytes" {
	# two inputs, each a little out of order, that are written by turns
	seq 1 400 | awk '{ printf "{\"ts\":%.1f,\"a\":%d}\n", $1 / 10 + ($1 % 7) / 10, $1 }' >a
	seq 1 300 | awk '{ printf "{\"ts\":%.1f,\"b\":%d}\n", $1 / 7 + ($1 % 5) / 10, $1 }' >b
	mkfifo fa fb
	for how in '--merge-by-time' ''; do
		# shellcheck disable=SC2086
		stail --watermark -d 1s $how a b | tee marks | swindow --size 2s '{a: count(.a), b: count(.b)}' >replayed
		# shellcheck disable=SC2086
		stail --watermark -d 1s $how fa fb 3>&- | tee live-marks | swindow --size 2s '{a: count(.a), b: count(.b)}' >live &
		(
			exec {a}>fa
			[ -z "$how" ] || exec {b}>fb
			for i in 0 1 2 3 4 5 6 7 8 9; do
				sed -n "$((i * 40 + 1)),$((i * 40 + 40))p" a >&"$a"
				[ -z "$how" ] || sed -n "$((i * 30 + 1)),$((i * 30 + 30))p" b >&"$b"
				sleep 0.02
			done
			exec {a}>&-
			[ -n "$how" ] || cat b >fb
		)
		wait
		cmp marks live-marks
		cmp replayed live
		# nothing was late: all of both is counted
		[ "$(jq -s 'map(.a) | add' replayed)" = 400 ]
		[ "$(jq -s 'map(.b) | add' replayed)" = 300 ]
	done
}

# ---- a stretch of time

@test "--since and --until: from the one, up to the other" {
	at 10 20 30 40 >in
	run -0 stail --since 1970-01-01T00:00:20Z --until 1970-01-01T00:00:40Z in
	is <(at 20 30)
	run -0 stail --since '1970-01-01 00:00:20.000000001' in
	is <(at 30 40)
	run -0 stail --until 1970-01-01T01:00:20 --tz Europe/Berlin in
	is <(at 10)
	run -0 stail --since 1970-01-01T00:00:20Z --until 1970-01-01T00:00:40Z <in
	is <(at 20 30)
	run -0 stail --since 1970-01-02 in
	want
}

@test "now, today, yesterday, a while ago" {
	now=$(date +%s)
	today=$(date -u -d 'today 00:00' +%s)
	at $((now - 200000)) $((today - 86401)) $((today - 86400)) $((today - 1)) $((today)) $((now - 0)) $((now + 3600)) |
		awk '!seen[$0]++' >in
	run -0 stail --since yesterday --until today in
	is <(at $((today - 86400)) $((today - 1)))
	run -0 stail --since today --until now in
	[[ $output == "$(at $((today)))"* ]]
	[[ $output != *"$(at $((now + 3600)))"* ]]
	run -0 stail --since -10m <<<"$(at $((now - 1200)) $((now)) $((now + 3600)))"
	is <(at $((now)) $((now + 3600)))
	run -0 stail --since -1d12h --until -12h <<<"$(at $((now - 200000)) $((now - 90000)) $((now - 600)))"
	is <(at $((now - 90000)))
}

@test "a time that is none" {
	run -2 stail --since tomorrow
	[ "$output" = "stail: --since: 'tomorrow' is no time (like 2026-01-31T12:00:00Z, today, yesterday, now, -15m)" ]
	run -2 stail --until 5
	run -2 stail --since today --tz Atlantis
	run -2 stail --since today -n 5
	run -2 stail --since today -c 5
	run -2 stail --since today --from-start
	run -3 stail --since today --time '.['
}

@test "a sorted file is searched: little of it is read" {
	from 100000 300000 >in
	run -0 --separate-stderr stail --stats --since 1970-01-03T20:40:00Z --until 1970-01-03T20:41:00Z in
	is <(from 247200 247259)
	reads_less_than 1000000
	[ "$(stat -c %s in)" -gt 10000000 ]
}

@test "one that is not is read whole, and none is lost" {
	{ from 150000 300000; from 100000 149999; } >in
	run -0 --separate-stderr stail --stats --since 1970-01-03T20:40:00Z --until 1970-01-03T20:41:00Z in
	is <(from 247200 247259)
	run -0 stail --since 1970-01-02T16:00:00Z --until 1970-01-02T16:01:00Z in
	is <(from 144000 144059)
}

@test "records a little out of order, within --delay" {
	# each up to 900 s late
	seq 100000 120000 | awk '{ printf "{\"ts\":%d}\n", $1 - ($1 * 7919 % 900) }' >in
	jq -c 'select(.ts >= 110000 and .ts < 110100)' in >expected
	[ "$(wc -l <expected)" -gt 50 ]
	run -0 stail -d 15m --since 1970-01-02T06:33:20Z --until 1970-01-02T06:35:00Z in
	is expected
	run -0 stail --since 1970-01-02T06:33:20Z --until 1970-01-02T06:35:00Z in
	is expected
}

@test "compressed files are read whole" {
	from 1000 5000 >in
	gzip -k in
	zstd -q in
	for f in in.gz in.zst; do
		run -0 stail --since 1970-01-01T01:00:00Z --until 1970-01-01T01:01:00Z "$f"
		is <(from 3600 3659)
	done
}

@test "a log, beside grep" {
	grep '\[25/Nov/2026:01:5[345]:' "$DATA/access.log" | stail --parse combined >expected
	run -0 stail --parse combined --since 2026-11-25T01:53:00Z --until 2026-11-25T01:56:00Z "$DATA/access.log"
	is expected
}

@test "CSV keeps its header" {
	{ lines 'ts,n'; seq 1 20000 | sed 's/.*/&,x&/'; } >in.csv
	run -0 stail -i csv --since 1970-01-01T05:33:19Z in.csv
	want '{"ts":19999,"n":"x19999"}' '{"ts":20000,"n":"x20000"}'
}

@test "what has no time goes with the record before it" {
	{ lines '{"x":"before all"}'; at 10; lines '{"x":10}'; at 20; lines '{"x":20}' '{"ts":null}'; at 30; lines '{"x":30}'; } >in
	run -0 stail --since 1970-01-01T00:00:20Z --until 1970-01-01T00:00:30Z in
	want '{"ts":20}' '{"x":20}' '{"ts":null}'
	run -0 stail --until 1970-01-01T00:00:20Z in
	want '{"x":"before all"}' '{"ts":10}' '{"x":10}'
	# so do lines that are no records, where they pass
	{ at 10; lines 'at one'; at 20; lines 'at two'; } >in
	run -5 --separate-stderr stail --on-error pass --since 1970-01-01T00:00:20Z - <in
	want '{"ts":20}' 'at two'
}

@test "lines that nobody counted have no number" {
	{ from 100000 200000; lines 'no record'; at 200001; } >in
	run -5 --separate-stderr stail --since 1970-01-03T07:33:21Z in
	want '{"ts":200001}'
	says 'stail: in: byte 2: *'
}

@test "no record has a time: that is said" {
	lines '{"x":1}' >in
	run -0 --separate-stderr stail --since today in
	want
	says 'stail: --since: no record had an event time (--time EXPR names it)'
}

@test "--since, followed" {
	from 1000 9000 >in
	mkfifo out
	default_signals stail -F --since 1970-01-01T02:29:59Z in >out 3>&- &
	pid=$!
	exec {out}<out
	answer "$out"
	[ "$line" = "$(from 8999 8999)" ]
	answer "$out"
	[ "$line" = "$(from 9000 9000)" ]
	at 5 9001 >>in
	answer "$out"
	[ "$line" = '{"ts":9001}' ]
	kill -TERM "$pid"
	finish "$pid" 143
}

@test "--until, followed: the end comes when time is there" {
	at 1 2 >in
	stail -F --until 1970-01-01T00:00:05Z in >out 3>&- &
	pid=$!
	until_true grep -q 2 out
	at 4 5 6 >>in
	finish "$pid" 0
	at 1 2 4 | cmp - out
}

# ---- in order of time

@test "--merge-by-time: as a stable sort" {
	for i in 1 2 3; do
		seq 1 300 | awk -v i=$i '{ t += ($1 * 31 * i) % 4; printf "{\"ts\":%d,\"from\":%d,\"n\":%d}\n", 1000 + t, i, $1 }' >in$i
	done
	cat in1 in2 in3 | sort -s -t: -k2,2n >expected
	run -0 stail --merge-by-time in1 in2 in3
	is expected
	gzip in2
	run -0 stail --merge-by-time in1 in2.gz in3
	is expected
	run -0 stail --merge-by-time --hold-back 1h in1 in2.gz in3
	is expected
	run -0 stail --merge-by-time in1
	is in1
}

@test "logs are merged by the times that --parse finds" {
	head -n 3000 "$DATA/access.log" | awk 'NR % 3 == 0' >a
	head -n 3000 "$DATA/access.log" | awk 'NR % 3 != 0' >b
	stail --parse combined a b | sort -s -t'"' -k10,10 >expected
	stail --parse combined --merge-by-time a b >got
	jq -r .time got | sort -c
	diff <(sort expected) <(sort got)
	# of equal times the first file's
	jq -r '.time' got >got-times
	paste <(jq -r .time <expected | sort -s) got-times | awk -F'\t' '$1 != $2 { exit 1 }'
}

@test "what has no time stays behind its record" {
	{ at 1; lines '{"x":"a"}'; at 5; } >a
	{ at 1 2; lines '{"x":"b"}' '{"x":"c"}'; at 3; } >b
	run -0 stail --merge-by-time a b
	is <(at 1; lines '{"x":"a"}'; at 1 2; lines '{"x":"b"}' '{"x":"c"}'; at 3 5)
}

@test "CSV files are merged if they have the same fields" {
	lines ts,n 1,a 4,b >a
	lines ts,n 2,c 3,d >b
	lines ts,m 5,e >c
	run -0 stail -i csv --merge-by-time a b
	want '{"ts":1,"n":"a"}' '{"ts":2,"n":"c"}' '{"ts":3,"n":"d"}' '{"ts":4,"n":"b"}'
	run -5 stail -i csv --merge-by-time a b c
	want 'stail: c: its header is not that of the files before: to be merged by time they need the same fields'
}

@test "a file that cannot be opened does not hold up the others" {
	at 1 3 >a
	at 2 >b
	run -2 --separate-stderr stail --merge-by-time a nowhere b
	is <(at 1 2 3)
	says 'stail: cannot open nowhere: *'
}

@test "no line has a time: that is said" {
	lines '{"x":1}' >a
	lines '{"x":2}' >b
	run -0 --separate-stderr stail --merge-by-time a b
	want '{"x":1}' '{"x":2}'
	says 'stail: --merge-by-time: no line had an event time (--time EXPR names it)'
}

@test "--hold-back: a live record waits for the others, but not for long" {
	mkfifo a b out
	stail --merge-by-time --hold-back 300ms a b >out 3>&- &
	exec {out}<out {a}>a {b}>b
	at 5 >&"$a"
	at 3 >&"$b"
	answer "$out"
	[ "$line" = '{"ts":3}' ]
	# nothing more comes of b
	answer "$out"
	[ "$line" = '{"ts":5}' ]
	at 7 >&"$b"
	at 6 >&"$a"
	answer "$out"
	[ "$line" = '{"ts":6}' ]
	exec {a}>&-
	answer "$out"
	[ "$line" = '{"ts":7}' ]
	exec {b}>&-
	run -0 cat <&"$out"
	want
}

@test "--hold-back, killed while lines are held: they come in the next run" {
	at 1 2 8 >a
	at 3 >b
	mkfifo out
	stail -F --resume state --every 1ms --merge-by-time --hold-back 1h a b --from-start >out 3>&- &
	pid=$!
	exec {out}<out
	for i in 1 2 3; do
		answer "$out"
		[ "$line" = "{\"ts\":$i}" ]
	done
	# 8 is held, since b may have something earlier
	until_true grep -q . state
	kill -KILL "$pid"
	finish "$pid" 137
	exec {out}<&-
	at 4 >>b
	run -0 stail --exit-at-end --resume state --merge-by-time --hold-back 1h a b --from-start
	[ "$(lines "$output" | tail -n 2)" = "$(at 4 8)" ]
	# into a pipe, what was written shortly before may come again, in order
	lines "$output" | sort -c -t: -k2,2n
}

@test "--merge-by-time of what is followed needs --hold-back, and that needs it" {
	at 1 >a
	cp a b
	run -2 stail -F --merge-by-time a b
	run -2 stail --merge-by-time a tcp://127.0.0.1:9
	run -2 stail --hold-back 1s a b
	run -2 stail --idle 1s a
}

# ---- no faster

@test "--max-rate: so many lines take so long" {
	began=$(date +%s%N)
	run -0 stail --max-rate 100/s < <(seq 31)
	[ "${#lines[@]}" -eq 31 ]
	[ $(($(date +%s%N) - began)) -ge 300000000 ]
}

@test "what is left out by --since costs no time" {
	{ from 1 5000; at 6000; } >in
	began=$SECONDS
	run -0 stail --max-rate 1/h --since 1970-01-01T01:40:00Z - <in
	is <(at 6000)
	[ $((SECONDS - began)) -lt 1000 ]
}

@test "each line leaves when it may, and a signal is not waited with" {
	mkfifo out
	seq 5 >in
	default_signals stail --max-rate 1/h in >out 3>&- &
	pid=$!
	exec {out}<out
	answer "$out"
	[ "$line" = 1 ]
	kill -TERM "$pid"
	finish "$pid" 143
}

@test "a rate that is none" {
	for rate in 0 x 5/d 5/ /s -1; do
		run -2 stail --max-rate="$rate" /dev/null
	done
	run -0 stail --max-rate 2k /dev/null
}
