#!/usr/bin/env bats
# stee: what becomes of files: rotated, compressed, replaced at the end, torn, killed.
# shellcheck disable=SC2154,SC2016,SC2034 # set by bats and helper.bash; programs are not the shell's
load helper

@test "rotation by size: no file is larger, each record is in one" {
	seq 10000 | stee --rotate-size 5000 f | cmp - <(seq 10000)
	[ "$(find . -name 'f*' -size +5000c | wc -l)" -eq 0 ]
	cmp <(seq 10000) <(ls f.* | sort -t. -k2 -n -r | xargs cat; cat f)
	# one that is larger by itself has a file of its own
	printf 'a\n%0100d\nb\n' 0 | stee -q --rotate-size 50 g
	[ "$(cat g.2)" = a ] && [ "$(wc -c <g.1)" -eq 101 ] && [ "$(cat g)" = b ]
}
@test "rotation by count, kept and compressed" {
	seq 95 | stee -q --rotate-count 10 --keep 3 f
	diff <(ls) <(lines f f.1 f.2 f.3)
	diff f <(seq 91 95)
	diff f.1 <(seq 81 90)
	diff f.3 <(seq 61 70)
	seq 30 | stee -q --rotate-count 10 --compress gzip g
	diff <(gzip -dc g.1.gz) <(seq 11 20)
	diff <(gzip -dc g.2.gz) <(seq 10)
	seq 30 | stee -q --rotate-count 10 --compress zstd h
	diff <(zstd -dcq h.2.zst) <(seq 10)
	# what stail follows
	diff <(stail g.2.gz g.1.gz g) <(seq 30)
}
@test "rotation by time" {
	coproc stee --rotate-every 300ms f
	pid=$COPROC_PID
	echo 1 >&"${COPROC[1]}"
	until_true test -e f.1
	echo 2 >&"${COPROC[1]}"
	hang_up
	ends 0 "$pid"
	[ "$(cat f.1)" = 1 ] && [ "$(cat f)" = 2 ]
}
@test "rotated CSV: each file has the header" {
	seq 5 | sfilter -m '{n: .}' | stee -q -o csv --rotate-count 2 f
	diff f.2 <(lines n 1 2)
	diff f.1 <(lines n 3 4)
	diff f <(lines n 5)
}
@test "rotated CSV with newlines in its fields: files begin between records" {
	seq 40 | sfilter -m '{n: ., t: "a\nb\n\"c\"\n"}' | stee -q -o csv --rotate-size 100 f
	seq 40 | sfilter -m '{n: ., t: "a\nb\n\"c\"\n"}' | stee -q -o csv --rotate-count 7 g
	for f in f* g*; do
		stail -i csv "$f" >>"all-${f:0:1}" || { cat "$f"; false; }
	done
	cmp <(sort all-f) <(seq 40 | sfilter -m '{n: ., t: "a\nb\n\"c\"\n"}' | sort)
	cmp <(sort all-g) <(sort all-f)
}
@test "a stream that is followed while it rotates: each line once" {
	stail -F f >got &
	pid=$!
	for i in {1..200}; do echo "$i"; sleep 0.01; done | stee -q --rotate-count 20 f
	until_true eval '[ "$(wc -l <got)" -eq 200 ]'
	kill $pid
	diff got <(seq 200)
}
@test "--atomic: the old file is there until the end" {
	echo old >f
	coproc stee --atomic f
	pid=$COPROC_PID
	echo 1 >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$(cat f)" = old ]
	hang_up
	ends 0 "$pid"
	[ "$(cat f)" = 1 ]
	diff <(ls) <(lines f)
}
@test "--atomic: a run that is killed, or fails, leaves the old file" {
	echo old >f
	coproc stee --atomic f
	pid=$COPROC_PID
	echo 1 >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	kill -KILL "$pid"
	ends 137 "$pid"
	[ "$(cat f)" = old ]
	run -5 bash -c 'printf "1\nxx\n" | stee -q -i json --on-error fail --atomic f 2>err'
	[ "$(cat f)" = old ]
	run -2 bash -c 'stee -q --atomic f <. 2>err'
	[ "$(cat f)" = old ]
	seq 3 | stee -q --atomic f
	diff f <(seq 3)
	requests='{"k":"a"}\n{"k":"b"}\n'
	printf "$requests" | stee -q --atomic 'out/{.k}'
	[ "$(cat out/b)" = '{"k":"b"}' ] && [ "$(ls out | wc -l)" -eq 2 ]
}
@test "--atomic: by a pipe without reader, too" {
	echo old >f
	run -141 bash -c 'set -o pipefail; yes | stee --atomic f | head -n 1'
	[ "$(cat f)" = old ]
}
@test "a torn last line is mended by the next run that appends" {
	printf '{"a":1}\n{"a":2' >f
	run -0 --separate-stderr bash -c 'echo "{\"a\":3}" | stee -qa f'
	says 'stee: f*'
	diff f <(lines '{"a":1}' '{"a":3}')
	[ "$(cat f.torn)" = '{"a":2' ]
	# one that is whole but for its newline
	printf '{"a":1}\n{"a":2}' >g
	run -0 --separate-stderr bash -c 'echo "{\"a\":3}" | stee -qa g'
	says 'stee: g*'
	diff g <(lines '{"a":1}' '{"a":2}' '{"a":3}')
	[ ! -e g.torn ]
}
@test "-a: text goes on behind a newline, binary data where it ends" {
	printf part1 | stee -aq pp
	run -0 --separate-stderr bash -c "printf 'part2\n' | stee -aq pp"
	says 'stee: pp: the last line had no newline: it is ended with one'
	diff pp <(lines part1 part2)
	for i in 1 2 3; do seq $i | gzip -n | stee -aq gz; done
	diff <(gzip -dc gz) <(seq 1; seq 2; seq 3)
	[ ! -e pp.torn ] && [ ! -e gz.torn ]
}
@test "-a: a CSV record whose quotes are open is torn" {
	for torn in '1,"x\n' '1,"x\ny'; do
		printf "a,b\n$torn" >t.csv
		echo '{"a":5,"b":6}' | stee -aq -o csv t.csv 2>/dev/null
		diff t.csv <(lines a,b 5,6)
	done
}
@test "killed at random, files hold whole records" {
	"$BATS_TEST_DIRNAME/../torture/stee-kill" "$BIN" 50
}
@test "--fsync: never, at the end, each time, every second" {
	for when in never end each 1s; do
		seq 100 | stee -q --fsync $when f-$when
		diff f-$when <(seq 100)
	done
	if ! command -v strace >/dev/null || sanitized; then skip "nobody sees the calls"; fi
	for when in never end each; do
		seq 100 | strace -f -o trace-$when -e trace=fsync,fdatasync stee -q --fsync $when f
	done
	[ "$(grep -c 'sync(' trace-never)" -eq 0 ]
	[ "$(grep -c 'sync(' trace-end)" -ge 1 ]
	[ "$(grep -c 'sync(' trace-each)" -ge 1 ]
}
@test "no room: the count is said, and what is there is whole" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to mount"
	mkdir small
	mount -t tmpfs -o size=64k none small || skip "no mounting here"
	run -2 --separate-stderr bash -c 'seq 100000 | stee -q small/f'
	says 'stee: cannot write to small/f (*records, *bytes were written): No space left on device'
	n=$(wc -l <small/f)
	cmp small/f <(seq "$n")
	said=$(sed -n 's/.*(\([0-9]*\) records.*/\1/p' <<<"$stderr")
	[ "$said" -eq "$n" ]
	# with --retry it is waited for
	seq 20000 | stee -q --retry 1m small/f 2>err &
	pid=$!
	until_true grep -q 'no room' err
	mount -o remount,size=1m small
	ends 0 $pid
	cmp small/f <(seq 20000)
	umount small
}
@test "a file that may be no larger: the count is said, and what is there is whole" {
	run -2 --separate-stderr bash -c 'seq 100000 | (ulimit -f 64; exec stee -q f exec:"cat >/dev/null")'
	says 'stee: cannot write to f (*records, *bytes were written): File too large'
	n=$(wc -l <f)
	[ "$n" -gt 1000 ]
	cmp f <(seq "$n")
}
@test "a file that is removed, or renamed, meanwhile" {
	coproc stee -a f
	pid=$COPROC_PID
	echo 1 >&"${COPROC[1]}"
	until_true test -s f
	mv f g
	echo 2 >&"${COPROC[1]}"
	hang_up
	ends 0 "$pid"
	[ "$(cat g)" = "$(seq 2)" ]
}
@test "more names than descriptors: some files are closed and opened again" {
	jq -nc 'range(2000) | {id: .}' >in
	# the hard limit, too: nothing can be raised
	(ulimit -n 40 && stee -q 'm1/{.id%30}' 'm2/{.id%30}' <in)
	diff <(cat m1/* | sort) <(sort in)
	diff <(cat m2/* | sort) <(sort in)
	# the soft limit is
	(ulimit -Sn 40 && stee -q 'm3/{.id%90}' --on-slow block <in)
	diff <(cat m3/* | sort) <(sort in)
}
