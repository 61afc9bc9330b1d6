#!/usr/bin/env bats
# stail beside GNU tail: the same bytes, and both succeed or both fail. tail is told what stail does by itself (all lines,
# no headers), or both are. What differs by intent stands in ../conformance/tail-differences.md, whose every row has a
# test here.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# ---- what is there

# verdict STATUS.. - of tail and stail: the same bytes, and both failed or neither
verdict() {
	cmp tail.out stail.out || { echo "of: $*"; head -c 300 tail.out stail.out; return 1; }
	[ $(($1 != 0)) -eq $(($2 != 0)) ] || { echo "status $1 of tail, $2 of stail: ${*:3}"; cat tail.err stail.err; return 1; }
}

# same ARG.. - of both, stdin from $input if there is one
same() {
	local a=0 b=0

	tail "$@" <"${input:-/dev/null}" >tail.out 2>tail.err || a=$?
	stail "$@" <"${input:-/dev/null}" >stail.out 2>stail.err || b=$?
	verdict "$a" "$b" "$@"
}

# same_of_pipe FILE ARG.. - with the file's bytes coming through a pipe
same_of_pipe() {
	local file=$1 a=0 b=0

	shift
	tail "$@" < <(cat "$file") >tail.out 2>tail.err || a=$?
	stail "$@" < <(cat "$file") >stail.out 2>stail.err || b=$?
	verdict "$a" "$b" "$*" "<$file"
}

# everywhere FILE ARG.. - of a file, of stdin that is one, of a pipe
everywhere() {
	local file=$1

	shift
	same "$@" "$file"
	input=$file same "$@"
	same_of_pipe "$file" "$@"
}

# all_starts FILE - from every kind of beginning, with small and large counts and each border of the file
all_starts() {
	local n size count

	size=$(wc -c <"$1")
	count=$(wc -l <"$1")
	for n in 0 1 2 "$count" $((count + 1)); do
		everywhere "$1" -n "$n"
		everywhere "$1" -n "+$n"
	done
	for n in 0 1 2 3 "$size" $((size + 1)); do
		everywhere "$1" -c "$n"
		everywhere "$1" -c "+$n"
	done
	same -n -2 "$1"
	same -c -2 "$1"
}

@test "lines" {
	seq 12 >f
	all_starts f
}
@test "no newline at the end" {
	printf 'a\nb\nc' >f
	all_starts f
}
@test "an empty file" {
	: >f
	all_starts f
}
@test "one byte" {
	printf x >f
	all_starts f
	printf '\n' >f
	all_starts f
}
@test "empty lines" {
	printf '\n\n\n\n' >f
	all_starts f
}
@test "CRLF" {
	printf 'a\r\nb\r\n\r\nc\r' >f
	all_starts f
}
@test "NUL bytes" {
	printf 'a\0b\n\0\n\0\0c\n\0' >f
	all_starts f
}
@test "bytes of a character may be cut" {
	printf 'ä€😀\nßé\n' >f
	all_starts f
}
@test "a line of 1 MB, alone and between others" {
	head -c 1000000 /dev/zero | tr '\0' x >f
	for o in '-n 0' '-n 1' '-n +1' '-n +2' '-c 1' '-c 999999' '-c +2' '-c +1000000' '-c +1000001'; do
		# shellcheck disable=SC2086
		everywhere f $o
	done
	printf 'first\n%s\nlast\n' "$(<f)" >g
	for o in '-n 1' '-n 2' '-n +2' '-n +3' '-c 5' '-c 1000006' '-c +7' '-c +1000007'; do
		# shellcheck disable=SC2086
		everywhere g $o
	done
}
@test "more than the buffers hold" {
	seq 200000 >f
	for n in 1 65536 65537 131072 200000 262143 262144 262145 524288 1288894 1288895; do
		for way in '-n ' '-n +' '-c ' '-c +'; do
			# shellcheck disable=SC2086
			everywhere f $way$n
		done
	done
}

@test "multipliers" {
	seq 200000 >f
	for n in 2b 1k 1K 1KiB 1kB 1KB 1M 1MB 1m b k +2b +1k +1kB +1M 1G 1T 2E; do
		same -n "$n" f
		same -c "$n" f
	done
}

@test "what is no number is refused" {
	echo a >f
	for n in '' x + - --1 +-1 1.5 0x1 '1 ' ' 1x' 1kk 1kBB 1g 1t 99999999999999999999 16E; do
		same -n "$n" f
		same -c "$n" f
	done
	for n in x -1 '' 1..5; do same -s "$n" f; done
	same --pid=x -n 1 f
	same --follow=x -n 1 f
	same -n
	same --no-such-option f
}

@test "long options" {
	seq 20 >f
	for o in --lines=3 --lines=-3 --lines=+3 --bytes=3 --bytes=+3 '--lines 4' '--bytes 4' '--quiet --lines=2' '--verbose --lines=2'; do
		# shellcheck disable=SC2086
		same $o f
	done
}

@test "-N as older tails have it" {
	seq 20 >f
	for n in 0 1 5 19 20 21; do
		everywhere f "-$n"
	done
	same -n -3 f
	printf 'x\n' >./-3
	same -n 1 -- -3
}

@test "several files, without headers" {
	seq 20 >a
	: >b
	lines x y >c
	for o in '-n 2' '-n +2' '-n 0' '-c 3' '-c +3' '-n 100'; do
		# shellcheck disable=SC2086
		same -q $o a b c a
	done
}

@test "-v: a header for each file that can be opened, empty ones too" {
	seq 20 >a
	: >b
	printf 'x\ny' >c
	lines z >d
	for o in '-n 2' '-n +2' '-n +1' '-n +100' '-c 3' '-c +3' '-n 100'; do
		# shellcheck disable=SC2086
		{
			same -v $o a
			same -v $o b
			same -v $o b b
			same -v $o a b c d
			same -v $o c a c
			same -v $o a nosuch b
			same -v $o nosuch
			same -v $o nosuch a
			input=a same -v $o
			input=c same -v $o d - a
			input=b same -v $o -
			same_of_pipe c -v $o a - d
		}
	done
}

@test "-q and -v: the later one counts" {
	lines 1 >a
	lines 2 >b
	same -q -v -n 1 a b
	same -v -q -n 1 a b
	same -qvn1 a b
}

@test "a file that is not there among others" {
	lines 1 >a
	lines 2 >b
	same -q -n 1 a nosuch b
	same -q -n 1 nosuch
	same -q -n 1 nosuch a
}

@test "a directory" {
	mkdir d
	lines 1 >a
	same -n 1 d
	same -q -n 1 d a
	same -q -n 1 a d
	same -v -n 1 a d a
}

@test "a file that may not be read" {
	[ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null || skip "as root every file may be read"
	lines 1 >a
	lines 2 >secret
	chmod 000 secret
	chmod 777 .
	if [ "$(id -u)" -eq 0 ]; then
		chmod 755 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
		setpriv --reuid 65534 --clear-groups cat "$BIN/stail" >/dev/null 2>&1 || skip "the tools are not for everybody"
		tail() { setpriv --reuid 65534 --clear-groups "$(type -P tail)" "$@"; }
		stail() { setpriv --reuid 65534 --clear-groups "$BIN/stail" "$@"; }
	fi
	same -q -n 1 a secret a
	same -v -n 1 secret a
	[[ $(<stail.err) == *'secret: Permission denied'* ]]
}

@test "stdin among files, and twice" {
	seq 20 >a
	lines x y z >b
	input=a same -q -n 2 b - b
	input=a same -q -n 2 - -
	same_of_pipe a -q -n 2 b - b
	same_of_pipe a -q -n +19 b - b
	same_of_pipe a -q -c 4 - b
}

@test "stdin that was read from before" {
	seq 30 >a
	for o in '-n 2' '-n +2' '-c 5' '-c +5' '-n 100'; do
		# shellcheck disable=SC2086
		for tool in tail stail; do
			{
				read -r
				read -r
				$tool $o
			} <a >$tool.out
		done
		verdict 0 0 "$o"
	done
}

@test "closed stdin" {
	seq 3 >a
	for args in '-n 1' '-n 1 -' '-v -n 1' '-q -n 1 a -'; do
		a=0 b=0
		# shellcheck disable=SC2086
		{
			timeout 30 tail $args >tail.out 2>tail.err <&- || a=$?
			timeout 30 stail $args >stail.out 2>stail.err <&- || b=$?
		}
		[ "$a" -ne 0 ]
		verdict "$a" "$b" "$args"
	done
}

@test "a full disk" {
	[ -w /dev/full ] || skip "no /dev/full"
	seq 3 >a
	for tool in tail stail; do
		run ! bash -c "$tool -n 1 a >/dev/full"
	done
}

@test "files of /proc, which say that they are empty" {
	for o in '-n 1' '-n +2' '-c 5' '-c +5'; do
		# shellcheck disable=SC2086
		{
			same $o /proc/version
			input=/proc/version same $o
			same $o /proc/self/limits
		}
	done
}

@test "a FIFO" {
	seq 20 >f
	mkfifo p
	for o in '-n 2' '-n +19' '-c 4' '-c +4'; do
		for tool in tail stail; do
			cat f >p 3>&- &
			# shellcheck disable=SC2086
			timeout 30 $tool $o p >$tool.out
			wait $!
		done
		verdict 0 0 "$o"
	done
}

@test "names that begin with a minus" {
	lines 1 2 >./-n
	lines 3 >./--
	same -q -n 1 -- -n --
	same -q -n 1 ./-n
}

@test "options behind operands" {
	seq 20 >a
	same a -n 2
	same a -q a -n 2
}

@test "the end of a huge file is there at once" {
	truncate -s 10G f
	printf '\n1\n2\n3' >>f
	for o in '-n 2' '-n 3' '-c 4' '-c 0' '-n 0' '-c +10737418240' '-c +20000000000'; do
		# shellcheck disable=SC2086
		{
			same $o f
			input=f same $o
		}
	done
	# of the 10 GB less than one is read
	stail --stats -n 2 f 2>stats >out
	[[ $(<stats) == *'"bytes_in":3,'* ]]
}

@test "the last bytes and lines of a long pipe take little memory" {
	yes | head -c 200M >f
	for o in '-n 10' '-c 100' '-n +100000000' '-c +200000000'; do
		# shellcheck disable=SC2086
		(
			sanitized || ulimit -v 60000
			stail $o < <(cat f) | cmp - <(tail $o f)
		)
	done
	(
		sanitized || ulimit -v 60000
		stail -c 3 < <(tr -d '\n' <f) | cmp - <(printf yyy)
	)
}

# ---- what comes

# both ARG.. - follow, in the background: their output in tail.out and stail.out, their messages in tail.err and stail.err
both() {
	default_signals tail -s .1 "$@" </dev/null >tail.out 2>tail.err 3>&- &
	pid_tail=$!
	default_signals stail -s .1 "$@" </dev/null >stail.out 2>stail.err 3>&- &
	pid_stail=$!
}

has() {
	[ "$(cat "$1")" = "$2" ]
}

# each COMMAND OF FILE.. - says so
wrote() {
	local expected
	expected=$(lines "$@")

	until_true has tail.out "$expected" || { echo "tail:"; cat tail.out tail.err; return 1; }
	until_true has stail.out "$expected" || { echo "stail:"; cat stail.out stail.err; return 1; }
}

# both have said it: a pattern for each
said() {
	until_true grep -q "$1" tail.err
	until_true grep -q "$2" stail.err
}

# stop - both, and their output is the same to the last byte
stop() {
	kill "$pid_tail" "$pid_stail"
	wait "$pid_tail" "$pid_stail" || :
	cmp tail.out stail.out
}

@test "-f: the last 10 lines, then what is added" {
	seq 20 >log
	both -f log
	wrote {11..20}
	lines 21 22 >>log
	wrote {11..22}
	stop
}

@test "-f from every kind of beginning" {
	for o in '-n 2' '-n +19' '-n +1' '-n 0' '-n +30' '-c 3' '-c +49' '-c 0' '--follow' '--follow=descriptor' '--follow=name'; do
		seq 20 >log
		# shellcheck disable=SC2086
		both -f $o log
		case $o in
		--*) tail -n 10 log >expected ;;
		*) tail $o log >expected ;;
		esac
		[ -s expected ] && wrote "$(<expected)" || { until_true has_open "$pid_tail" log && until_true has_open "$pid_stail" log; }
		lines more >>log
		lines more >>expected
		wrote "$(<expected)"
		stop
	done
}

# has_open PID FILE
has_open() {
	[ -n "$(find "/proc/$1/fd" -lname "*/$2" 2>/dev/null)" ]
}

@test "-f -v: a header where lines are of another file than those before" {
	lines 1 >a
	: >b
	lines 3 >c
	both -f -v a b c
	wrote '==> a <==' 1 '' '==> b <==' '' '==> c <==' 3
	lines 4 >>c
	wrote '==> a <==' 1 '' '==> b <==' '' '==> c <==' 3 4
	lines 5 >>b
	wrote '==> a <==' 1 '' '==> b <==' '' '==> c <==' 3 4 '' '==> b <==' 5
	lines 6 >>b
	wrote '==> a <==' 1 '' '==> b <==' '' '==> c <==' 3 4 '' '==> b <==' 5 6
	stop
}

@test "-f -q: none" {
	lines 1 >a
	lines 2 >b
	both -f -q a b
	wrote 1 2
	lines 3 >>a
	wrote 1 2 3
	stop
}

@test "-f: a file that is not there" {
	run ! timeout 30 tail -f nosuch
	run ! timeout 30 stail -f nosuch
}

@test "-f --retry: it is waited for, until it comes" {
	both -f --retry log
	said 'cannot open .log' 'cannot open log'
	lines 1 2 >log
	wrote 1 2
	lines 3 >>log
	wrote 1 2 3
	stop
}

@test "-F: a file that comes later is read from its start" {
	both -F log
	said 'cannot open .log' 'cannot open log'
	seq 20 >log
	wrote {1..20}
	stop
}

@test "-F: renamed, and another of its name" {
	lines 1 >log
	both -F log
	wrote 1
	mv log log.1
	lines 2 >log.new
	mv log.new log
	wrote 1 2
	lines 3 >>log
	wrote 1 2 3
	said "following new file" "was replaced"
	stop
}

@test "-F: deleted, and back" {
	lines 1 >log
	both -F log
	wrote 1
	rm log
	until_true grep -q inaccessible tail.err
	lines 2 3 >log
	wrote 1 2 3
	stop
}

@test "-F: truncated, and written again" {
	lines 1 2 3 >log
	both -F log
	wrote 1 2 3
	: >log
	said 'log: file truncated' 'log was truncated'
	lines 4 >>log
	wrote 1 2 3 4
	stop
}

@test "-f: renamed, the file is followed, not the name" {
	lines 1 >log
	both -f log
	wrote 1
	mv log log.1
	lines x >log
	lines 2 >>log.1
	wrote 1 2
	stop
}

@test "-f: deleted, it is followed all the same" {
	lines 1 >log
	exec {out}>>log
	both -f log
	wrote 1
	rm log
	lines 2 >&"$out"
	wrote 1 2
	exec {out}>&-
	stop
}

@test "-f: truncated" {
	lines 1 2 3 >log
	both -f log
	wrote 1 2 3
	: >log
	said 'log: file truncated' 'log was truncated'
	lines 4 >>log
	wrote 1 2 3 4
	stop
}

@test "--pid: they end when the process has, and all of the file was read" {
	lines 1 >log
	cat <> <(:) >>log 3>&- &
	writer=$!
	both -f --pid="$writer" log
	wrote 1
	lines 2 >>log
	kill "$writer"
	finish "$pid_tail" 0
	finish "$pid_stail" 0
	cmp tail.out stail.out
	has stail.out "$(lines 1 2)"
}

@test "--pid of a process that is not there" {
	sh -c 'exit 0' &
	gone=$!
	wait "$gone"
	seq 3 >log
	both -f --pid="$gone" log
	finish "$pid_tail" 0
	finish "$pid_stail" 0
	cmp tail.out stail.out
}

@test "--pid, -s and --retry mean nothing without -f" {
	seq 3 >log
	same --pid=1 -n 2 log
	same --retry -n 2 log
	same -s 5 -n 2 log
	same_of_pipe log --pid=1 -n 2
}

@test "-f ends when its reader has gone, at the next line at the latest" {
	lines 1 >log
	for tool in tail stail; do
		mkfifo $tool.fifo
		$tool -s .1 -f log 3>&- >$tool.fifo &
		pid=$!
		head -n 1 $tool.fifo
		lines 2 >>log
		ends 141 "$pid"
	done
}

@test "-f of a pipe on stdin reads it to its end" {
	seq 20 >f
	same_of_pipe f -n 20 -f
	same_of_pipe f -n +1 -f -
}

# ---- what differs: one test for each row of ../conformance/tail-differences.md

# differs FROM_TAIL FROM_STAIL ARG.. - printf formats
differs() {
	# shellcheck disable=SC2059
	cmp <(printf "$1") <(tail "${@:3}" 2>/dev/null)
	# shellcheck disable=SC2059
	cmp <(printf "$2") <(stail "${@:3}" 2>/dev/null)
}

@test "differs: all-lines" {
	seq 11 >f
	[ "$(tail f)" = "$(seq 2 11)" ]
	[ "$(stail f)" = "$(seq 11)" ]
}

@test "differs: headers" {
	lines 1 >a
	lines 2 >b
	differs '==> a <==\n1\n\n==> b <==\n2\n' '1\n2\n' -n 1 a b
}

@test "differs: statuses" {
	run -1 tail nosuch
	run -2 stail nosuch
	run -1 tail -n x
	run -2 stail -n x
	lines 1 >log
	both -f log
	wrote 1
	kill -TERM "$pid_tail" "$pid_stail"
	ends 143 "$pid_tail"
	ends 143 "$pid_stail"
}

@test "differs: open-lines" {
	printf 1 >a
	lines 2 >b
	differs '12\n' '1\n2\n' -q -n 1 a b
}

@test "differs: open-lines-followed" {
	printf 'a\nhal' >log
	both -f log
	until_true has tail.out $'a\nhal'
	until_true has stail.out a
	printf 'f\n' >>log
	wrote a half
	stop
}

@test "differs: empty-headers" {
	lines 1 >a
	differs '' '==> a <==\n' -v -n 0 a
}

@test "differs: compressed" {
	seq 20 | gzip >a.gz
	[ "$(stail -n 2 a.gz)" = "$(lines 19 20)" ]
	[ "$(tail -c 1000 a.gz | gunzip)" = "$(seq 20)" ]
}

@test "differs: long-lines" {
	printf '12345\n1\n' >f
	run -5 stail --max-record 4 -n 2 f
	printf '12345\n1\n' | cmp - <(tail -n 2 f)
}

@test "differs: control-lines" {
	printf '%sx\n' "$SYN" >f
	run -5 --separate-stderr stail -n 1 f
	want
	[ "$(tail -n 1 f)" = "${SYN}x" ]
}

@test "differs: both-counts" {
	lines 1 >f
	run -0 tail -n 1 -c 1 f
	run -2 --separate-stderr stail -n 1 -c 1 f
	says 'stail: -n and -c exclude one another'
}

@test "differs: options" {
	lines 1 >f
	for o in -z --max-unchanged-stats=5 --silent +1 -1c -1l ---disable-inotify; do
		tail $o f
		run -2 stail $o f
	done
	lines 2 >g
	run -1 tail -1 f g
	gives '' '1\n2\n' stail -1 f g
}

@test "differs: numbers" {
	seq 3000 >f
	run -1 tail -n 1Ki f
	cmp <(stail -n 1Ki f) <(tail -n 1KiB f)
	run -1 tail -s 1m f
	run -0 stail -s 1m -n 1 f
	run -0 tail -s 0 f
	run -2 stail -s 0 f
	run -0 tail --pid=0 f
	run -2 stail --pid=0 f
	run -0 tail -n '	1' f
	run -2 stail -n '	1' f
}

@test "differs: own-output" {
	lines 1 >f
	tail -n 1 f >>f
	[ "$(<f)" = "$(lines 1 1)" ]
	run -2 bash -c 'stail -n 1 f >>f'
}

@test "differs: missing-followed" {
	lines 1 >log
	default_signals tail -q -f nosuch log >tail.out 2>tail.err 3>&- &
	pid=$!
	until_true has tail.out 1
	kill "$pid"
	run -2 timeout 30 stail -f nosuch log
}

@test "differs: stdin-followed" {
	lines 1 >log
	default_signals tail -f <log >tail.out 3>&- &
	pid=$!
	until_true has tail.out 1
	lines 2 >>log
	until_true has tail.out "$(lines 1 2)"
	kill "$pid"
	gives '1\n' '1\n' timeout 30 stail -f
	run -0 timeout 30 stail -f <log
	want 1 2
}

@test "differs: pipes-followed" {
	mkfifo p q
	seq 12 >p 3>&- &
	default_signals tail -f p >tail.out 3>&- &
	pid=$!
	until_true has tail.out "$(seq 3 12)"
	seq 12 >q 3>&- &
	timeout 30 stail -f q >stail.out
	has stail.out "$(seq 12)"
	kill -0 "$pid"
	kill "$pid"
}

@test "differs: name-followed" {
	run -1 timeout 30 tail --follow=name log
	default_signals stail --follow=name log >stail.out 2>stail.err 3>&- &
	pid=$!
	until_true grep -q 'cannot open log' stail.err
	lines 1 >log
	until_true has stail.out 1
	kill "$pid"
}

@test "differs: rotated" {
	lines 1 >log
	both -F log
	wrote 1
	kill -STOP "$pid_tail" "$pid_stail"
	lines 2 >>log
	mv log log.2
	lines 3 >log
	mv log log.1
	lines 4 >log
	kill -CONT "$pid_tail" "$pid_stail"
	until_true has stail.out "$(lines 1 2 3 4)"
	until_true grep -qx 4 tail.out
	run ! grep -qx 3 tail.out
	kill "$pid_tail" "$pid_stail"
}

@test "differs: warnings" {
	lines 1 >log
	run -0 --separate-stderr tail --retry --pid=1 -n 1 log
	says '*ignored*'
	run -0 --separate-stderr stail --retry --pid=1 -n 1 log
	[ -z "$stderr" ]
}

@test "each difference that is listed has a test, and no other" {
	diff <(sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' "$BATS_TEST_DIRNAME/../conformance/tail-differences.md" | sort) \
		<(sed -n 's/^@test "differs: \([a-z-]*\)".*/\1/p' "$BATS_TEST_FILENAME" | sort)
}
