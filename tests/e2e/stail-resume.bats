#!/usr/bin/env bats
# stail --resume: each line once, whatever happens between two runs.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# follow ARG.. - stail in the background, appending to out, its messages to err
follow() {
	default_signals stail -F --resume p "$@" log >>out 2>>err 3>&- &
	pid=$!
}

# once OUT ARG.. - one run to the end of the log, appending to OUT
once() {
	local out=$1

	shift
	stail --resume p "$@" log >>"$out"
}

# small_disk SIZE - one of its own, at disk
small_disk() {
	mkdir disk
	mount -t tmpfs -o size="$1" none disk 2>/dev/null || skip "NOT TESTED: a small disk needs root"
}

teardown() {
	local child

	for child in $(jobs -p); do kill -PIPE "$child" 2>/dev/null || :; done
	! mountpoint -q disk || umount -l disk
}

has() {
	cmp -s "$1" <(lines "${@:2}")
}

size_is() {
	[ "$(wc -c <"$1")" -eq "$2" ]
}

said() {
	grep -q "$1" err
}

# kept - a mark of the file as it is now: it is another one after each save
kept() {
	stat -c %i.%z p
}

kept_anew() {
	[ "$(kept)" != "$1" ]
}

# stays - as it is, for some time
stays() {
	local was

	was=$(kept)
	sleep 0.5
	[ "$(kept)" = "$was" ]
}

end() {
	kill -9 "$pid"
	finish "$pid" 137
}

@test "each run takes what is new" {
	seq 3 >log
	run -0 stail --resume p log
	want 1 2 3
	run -0 stail --resume p log
	want
	lines 4 5 >>log
	run -0 stail --resume p log
	want 4 5
	[ "$(ls)" = $'log\np' ]
	[ "$(stat -c %a p)" = 600 ]
}

@test "appending to a file, killed at any time: each line once" {
	local n=30000

	for ((i = 0; i < n; i += 100)); do
		seq $((i + 1)) $((i + 100)) >>log
		sleep 0.01
	done 3>&- &
	writer=$!
	for _ in {1..25}; do
		follow -n +1 --every 20ms
		sleep "0.0$((RANDOM % 90 + 10))"
		end
	done
	wait "$writer"
	once out
	cmp out <(seq "$n")
}

@test "what is written but not kept is cut off, and written again" {
	seq 3 >log
	follow -n +1 --every 1h
	until_true has out 1 2 3
	end
	lines more >>out
	lines 4 >>log
	once out
	has out 1 2 3 4
}

@test "killed before the first save: it begins where the first run did" {
	seq 9 >log
	follow -n 2 --every 1h
	until_true has out 8 9
	end
	seq 10 20 >>log
	once out -n 2
	has out {8..20}
}

@test "into a pipe: at least once, in order, repeats since the last save" {
	mkfifo pipe
	seq 3 >log
	cat pipe >piped 3>&- &
	cat=$!
	exec {hold}>pipe
	default_signals stail -F -n +1 --every 1h --resume p log >pipe 3>&- &
	pid=$!
	until_true has piped 1 2 3
	end
	lines 4 >>log
	stail --resume p log >pipe
	lines 5 >>log
	stail --resume p log >pipe
	exec {hold}>&-
	finish "$cat" 0
	has piped 1 2 3 1 2 3 4 5
}

@test "SIGTERM keeps what was written" {
	seq 3 >log
	follow -n +1 --every 1h
	until_true has out 1 2 3
	kill -TERM "$pid"
	finish "$pid" 143
	lines 4 >>log
	run -0 stail --resume p log
	want 4
}

@test "positions are kept soon behind a line, and not written where nothing is new" {
	seq 3 >log
	follow -n +1 --every 100ms
	until_true has out 1 2 3
	until_true grep -q '"at":6,' p
	until_true stays
	was=$(kept)
	lines 4 >>log
	until_true kept_anew "$was"
	end
	run -0 --separate-stderr stail --resume p log
	want
	says 'stail: p: stdout is not the file that was appended to at the last save: *'
}

@test "two at once: the second is refused, until the first is gone" {
	seq 3 >log
	follow -n +1
	until_true has out 1 2 3
	run -2 --separate-stderr stail --resume p log
	want
	says 'stail: p is in use by another run: *'
	run -2 --separate-stderr once out --resume q
	says 'stail: another run that keeps positions appends to *'
	has out 1 2 3
	end
	once out
	has out 1 2 3
}

@test "what is no file of positions is refused, and stays" {
	seq 3 >log
	stail --resume good log >all
	head -c 40 good >torn
	sed 's/false\|true/ftrue/' good >changed
	sed 's/:1/:2/' good >newer
	: >empty
	for p in torn changed newer empty log; do
		cp "$p" before
		run -2 --separate-stderr stail --resume "$p" log
		want
		says "stail: $p *; remove it to begin anew, or give another file for positions"
		cmp "$p" before
	done
}

@test "output that became shorter is refused" {
	seq 3 >log
	follow -n +1 --every 50ms
	until_true has out 1 2 3
	lines 4 >>log
	until_true has out 1 2 3 4
	until_true grep -q '"size":8}' p
	end
	truncate -s 4 out
	run -2 --separate-stderr once out
	says "stail: p: stdout's file has 4 bytes, and had 8: output was lost; *"
	size_is out 4
	once other
	size_is other 0
}

@test "a full disk for positions: said once, nothing is lost, 2 in the end" {
	small_disk 16k
	seq 3 >log
	default_signals stail -F -n +1 --every 20ms --resume disk/p log >>out 2>err 3>&- &
	pid=$!
	until_true has out 1 2 3
	head -c 100000 /dev/zero >disk/fill 2>/dev/null || :
	lines 4 >>log
	until_true said '^stail: positions are not kept: cannot write disk/p.new: No space left on device; it is tried again$'
	for i in 5 6 7; do
		lines "$i" >>log
		sleep 0.1
	done
	kill -TERM "$pid"
	finish "$pid" 2
	has out {1..7}
	[ "$(wc -l <err)" -eq 2 ]
	said '^stail: the last positions are not kept: cannot write disk/p.new: No space left on device$'
	rm disk/fill
	lines 8 >>log
	stail --resume disk/p log >>out
	has out {1..8}
}

@test "the folder of positions goes away: said once, and kept again when it is back" {
	mkdir d
	seq 3 >log
	default_signals stail -F -n +1 --every 20ms --resume d/p log >>out 2>err 3>&- &
	pid=$!
	until_true has out 1 2 3
	mv d e
	lines 4 >>log
	until_true said '^stail: positions are not kept: cannot [a-z]* d/p.new: No such file or directory; it is tried again$'
	sleep 0.2
	[ "$(wc -l <err)" -eq 1 ]
	mv e d
	until_true said '^stail: d/p: positions are kept again$'
	end
	lines 5 >>log
	stail --resume d/p log >>out
	has out 1 2 3 4 5
}

@test "no space for output: what was kept stays, the rest comes again" {
	small_disk 64k
	seq 100000 >log
	run -2 --separate-stderr once disk/out
	says 'stail: cannot write to stdout: No space left on device'
	mount -o remount,size=2m disk
	once disk/out
	cmp log disk/out
}

@test "a reader that goes away: silent, and what was not written comes in the next run" {
	seq 300000 >log
	run -0 bash -c 'stail --resume p log 2>err | head -n 1; echo "${PIPESTATUS[0]}"'
	want 1 141
	[ ! -s err ]
	stail --resume p log >rest
	[ -s rest ]
	tail -c "$(wc -c <rest)" log | cmp - rest
	[ "$(head -n 1 rest)" -gt 1 ]
}

@test "a reader that goes away while nothing comes" {
	seq 3 >log
	run -0 timeout 30 bash -c 'stail -F -n +1 --every 1h --resume p log 2>err | head -n 3 | tail -n 1; echo "${PIPESTATUS[0]}"'
	want 3 141
	[ ! -s err ]
	lines 4 >>log
	run -0 stail --resume p log
	want 4
}

@test "a reader that was never there: everything comes in the next run" {
	seq 300000 >log
	mkfifo pipe
	exec {reader}<>pipe {writer}>pipe {reader}<&-
	stail --resume p log 1>&"$writer" 2>err && got=0 || got=$?
	[ "$got" -eq 141 ]
	[ ! -s err ]
	stail --resume p log | cmp - log
}

@test "with --exit-at-end: what was rotated away since, compressed or not" {
	seq 3 >log
	once out -F --exit-at-end --from-start
	lines 4 >>log
	mv log log.1
	seq 5 6 >log
	once out -F --exit-at-end
	has out {1..6}
	lines 7 >>log
	gzip log.1
	mv log.1.gz log.2.gz
	mv log log.1
	lines 8 >log
	once out -F --exit-at-end
	has out {1..8}
}

rotate() {
	for k in {9..1}; do [ ! -e "log.$k" ] || mv "log.$k" "log.$((k + 1))"; done
	mv log log.1
}

@test "killed while the log is rotated: each line once" {
	local n=20000

	for ((i = 0; i < n; i += 100)); do
		seq $((i + 1)) $((i + 100)) >>log
		[ $((i % 2000)) -ne 1900 ] || rotate
		sleep 0.01
	done 3>&- &
	writer=$!
	for _ in {1..15}; do
		follow -n +1 --every 20ms
		sleep "0.0$((RANDOM % 90 + 10))"
		end
	done
	wait "$writer"
	once out
	cmp out <(seq "$n")
	run ! grep lost err
}

@test "a last line without newline waits for it; one that gets none is a line" {
	printf '1\n2' >log
	once out
	has out 1
	printf '3\n4' >>log
	once out
	has out 1 23
	mv log log.1
	lines 5 >log
	once out
	has out 1 23 4 5
}

@test "a record that the end comes in is read by the next run" {
	printf 'a,b\n1,"x\n' >log
	run -0 --separate-stderr stail --resume p -i csv log
	want
	[ -z "$stderr" ]
	printf 'y"\n2,z\n' >>log
	run -0 stail --resume p -i csv log
	want '{"a":1,"b":"x\ny"}' '{"a":2,"b":"z"}'
	run -0 stail --resume p -i csv log
	want
}

@test "CSV: the header is read and written once" {
	lines a,b 1,2 3,4 >log
	once out -i csv -o csv --columns b,a
	lines 5,6 >>log
	once out -i csv -o csv --columns b,a
	has out b,a 2,1 4,3 6,5
	run -0 stail --resume p -i csv -o csv --columns b,a log
	want
	lines 7,8 >>log
	run -0 stail --resume p -i csv -o csv --columns b,a log
	want b,a 8,7
}

@test "what cannot be gone on with is refused" {
	run -2 --separate-stderr stail --resume p <<<1
	says 'stail: --resume: standard input, *'
	lines 1 >log
	run -2 --separate-stderr stail --resume p -i json-stream log
	says 'stail: --resume: -i json-stream *'
	run -2 --separate-stderr stail --resume p -i json -o csv log
	says 'stail: --resume: -o csv needs --columns, *'
	run -2 --separate-stderr stail --resume nowhere/p log
	says 'stail: cannot open nowhere/p.lock: No such file or directory'
	run -2 --separate-stderr stail --resume p --every 0 log
	says 'stail: --every: *'
	[ ! -e p ]
}
