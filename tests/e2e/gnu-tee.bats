#!/usr/bin/env bats
# stee beside GNU tee: the same bytes on stdout and in all files, and both succeed or both fail. What differs by intent
# stands in ../conformance/tee-differences.md, whose every row has a test here.
# shellcheck disable=SC2154,SC2016,SC2034 # set by bats and helper.bash; programs are not the shell's
load helper

# both COMMAND - a shell's, in a folder for each of the tools, before what is compared
both() {
	local tool

	for tool in tee stee; do
		mkdir -p "$tool"
		(cd "$tool" && eval "$1")
	done
}

# alike COMMAND - a shell's, in which $tool is the tool: run in both folders, with stdin from $input if there is one. The same on
# stdout, the same files, and both fail or neither
alike() {
	local tool a=0 b=0

	mkdir -p tee stee
	(cd tee && tool='tee' && eval "$1") <"${input:-/dev/null}" >tee.out 2>tee.err || a=$?
	(cd stee && tool='stee' && eval "$1") <"${input:-/dev/null}" >stee.out 2>stee.err || b=$?
	verdict "$a" "$b" "$1"
}

verdict() {
	cmp tee.out stee.out || { echo "stdout of: $3"; head -c 300 tee.out stee.out; return 1; }
	diff -r tee stee || { echo "files of: $3"; return 1; }
	[ $(($1 != 0)) -eq $(($2 != 0)) ] || { echo "status $1 of tee, $2 of stee: $3"; cat tee.err stee.err; return 1; }
	[ -s tee.err ] && [ ! -s stee.err ] && { echo "tee says $(cat tee.err)"; return 1; }
	[ ! -s tee.err ] && [ -s stee.err ] && { echo "stee says $(cat stee.err)"; return 1; }
	:
}

# ---- bytes

@test "lines" {
	alike 'seq 12 | $tool'
	alike 'seq 12 | $tool a'
	alike 'seq 12 | $tool b c d'
	[ "$(cat stee/d)" = "$(seq 12)" ]
}
@test "nothing" {
	alike '$tool a b </dev/null'
	[ -e stee/b ] && [ ! -s stee/b ]
	both 'echo old >a'
	alike '$tool a </dev/null'
	[ ! -s stee/a ]
}
@test "no newline at the end" {
	alike 'printf "a\nb" | $tool a'
	alike 'printf x | $tool a b'
	[ "$(wc -c <stee/a)" -eq 1 ]
}
@test "newlines only, CRs" {
	alike 'printf "\n\n\n" | $tool a'
	alike 'printf "a\r\nb\r\n\r" | $tool a'
}
@test "NUL bytes, and bytes that are no UTF-8" {
	alike 'printf "a\0b\n\0\n\377\376\0" | $tool a'
	[ "$(wc -c <stee/a)" -eq 9 ]
	alike 'printf "\357\273\277x\n" | $tool a'
}
@test "all bytes there are, over and over" {
	for ((i = 0; i < 256; i++)); do printf "\\x$(printf %x "$i")"; done >all
	for ((i = 0; i < 3000; i++)); do cat all; done >many
	input=many alike '$tool a b'
	cmp many stee/a
}
@test "random bytes" {
	head -c 3000000 /dev/urandom >random
	input=random alike '$tool a'
	cmp random stee/a
	alike 'cat ../random | $tool a | cat'
}
@test "what is compressed" {
	seq 1000 | gzip >x.gz
	input=x.gz alike '$tool a'
	seq 1000 | zstd -q >x.zst
	input=x.zst alike '$tool a'
}
@test "one line of 3 MB, and many of all lengths" {
	head -c 3000000 /dev/zero | tr '\0' x >long
	input=long alike '$tool a'
	awk 'BEGIN { for (i = 0; i < 3000; i++) printf "%0*d\n", i % 997 + 1, i }' >lengths
	input=lengths alike '$tool a b'
}
@test "more than buffers hold, at once and in small pieces" {
	seq 300000 >f
	input=f alike '$tool a'
	alike 'dd if=../f bs=777 status=none | $tool a | dd bs=333 status=none'
}
@test "what looks like records, comments, options" {
	alike 'printf "{\"a\":\n#x\n-a\n--\n" | $tool a'
}

# ---- files

@test "files are replaced, or appended to" {
	both 'echo old >a; echo old >b'
	alike 'seq 3 | $tool a'
	alike 'seq 3 | $tool -a b'
	[ "$(head -n 1 stee/b)" = old ]
	alike 'seq 3 | $tool --append b c'
	alike 'seq 3 | $tool b -a'
}
@test "a file is the same one, with its mode and its other names" {
	both 'echo old >a; chmod 640 a; ln a other; ln -s a link'
	alike 'seq 3 | $tool link; stat -c "%a %h" a; cat other'
}
@test "a new file has the mode that the umask leaves" {
	alike 'umask 027; seq 3 | $tool a; stat -c %a a; umask 0; seq 3 | $tool b; stat -c %a b'
}
@test "a file named -" {
	alike 'seq 3 | $tool -'
	[ "$(cat stee/-)" = "$(seq 3)" ]
	alike 'seq 2 | $tool -- - -a'
	[ "$(cat stee/-a)" = "$(seq 2)" ]
}
@test "the same file twice" {
	alike 'seq 3 | $tool -a a a'
}
@test "names with blanks, newlines, and none at all" {
	alike 'seq 3 | $tool "a b" "c
d" é'
	alike 'seq 3 | $tool ""'
}
@test "devices and FIFOs" {
	alike 'seq 3 | $tool /dev/null'
	alike 'mkfifo f; cat f >g & seq 3 | $tool f; wait; rm f'
	alike 'seq 3 | $tool >(cat >g); until [ "$(wc -l <g)" -eq 3 ]; do :; done'
}
@test "what others append meanwhile stays" {
	alike 'echo 1 >a; { echo 2; until grep -q 2 a; do :; done; echo 3 >>a; echo 4; } | $tool -a a'
	[ "$(cat stee/a)" = "$(seq 4)" ]
}

# ---- files that cannot be written to

@test "a folder; a name in a folder that is not there" {
	both 'mkdir d'
	alike 'seq 3 | $tool d'
	alike 'seq 3 | $tool a d b'
	alike 'seq 3 | $tool a no/such b'
	[ "$(cat stee/b)" = "$(seq 3)" ]
	alike 'seq 3 | $tool -p a no/such b'
}
@test "a file that may not be written" {
	[ "$(id -u)" -ne 0 ] || skip "root may"
	both 'touch a; chmod 400 a'
	alike 'seq 3 | $tool a b'
}
@test "a full disk: the others have all" {
	for option in '' -p --output-error=warn --output-error=warn-nopipe; do
		alike "seq 100000 | \$tool $option a /dev/full b"
		[ "$(wc -l <stee/b)" -eq 100000 ]
	done
}
@test "a full disk ends the run: --output-error=exit" {
	for option in --output-error=exit --output-error=exit-nopipe; do
		alike "seq 3 | \$tool $option /dev/full"
		run ! bash -c "yes | stee $option /dev/full >out"
		run ! bash -c "yes | tee $option /dev/full >out"
	done
}
@test "a file that is not there ends the run: --output-error=exit" {
	for option in --output-error=exit --output-error=exit-nopipe; do
		alike "seq 3 | \$tool $option no/such"
		alike "yes | \$tool $option no/such"
	done
}

# ---- stdout

@test "stdout is full: files have all" {
	for option in '' -p --output-error=warn; do
		alike "seq 100000 | \$tool $option a b >/dev/full"
		[ "$(wc -l <stee/a)" -eq 100000 ]
	done
	run ! bash -c 'yes | tee --output-error=exit a >/dev/full'
	run ! bash -c 'yes | stee --output-error=exit a >/dev/full'
}
@test "stdout is closed: files have all" {
	for option in '' -p --output-error=warn; do
		alike "seq 3 | \$tool $option a >&-"
		[ "$(cat stee/a)" = "$(seq 3)" ]
	done
}
@test "nothing can be written to: reading ends" {
	alike 'yes | $tool >/dev/full'
	alike 'yes | $tool >&-'
	alike 'yes | $tool /dev/full >/dev/full'
}

# ---- pipes without reader

# gone OPTION - both tools with a stdout whose reader goes away behind one line, into a file too: $tee and $stee are statuses
gone() {
	local tool

	for tool in tee stee; do
		mkdir -p $tool
		run bash -c 'seq 200000 | "$1" $2 "$1/a" 2>"$1.err" | head -n 1; echo "${PIPESTATUS[1]}"' - $tool "$1"
		[ "${lines[0]}" -eq 1 ]
		printf -v $tool %s "${lines[1]}"
	done
}

@test "the reader of stdout goes away: ends as SIGPIPE does" {
	gone ''
	[ "$tee" -eq 141 ] && [ "$stee" -eq 141 ]
	[ ! -s tee.err ] && [ ! -s stee.err ]
}
@test "-p: files have all, in silence" {
	for option in -p --output-error --output-error=warn-nopipe --output-error=exit-nopipe; do
		gone $option
		[ "$tee" -eq 0 ] && [ "$stee" -eq 0 ]
		cmp tee/a stee/a && [ "$(wc -l <stee/a)" -eq 200000 ]
		[ ! -s tee.err ] && [ ! -s stee.err ]
	done
}
@test "--output-error=warn: files have all, and it is said" {
	gone --output-error=warn
	[ "$tee" -eq 1 ] && [ "$stee" -eq 2 ]
	cmp tee/a stee/a && [ "$(wc -l <stee/a)" -eq 200000 ]
	[ -s tee.err ] && [ -s stee.err ]
}
@test "--output-error=exit: the run ends" {
	gone --output-error=exit
	[ "$tee" -eq 1 ] && [ "$stee" -eq 2 ]
	[ -s tee.err ] && [ -s stee.err ]
}
@test "the reader of a FIFO goes away" {
	for option in -p --output-error=warn; do
		for tool in tee stee; do
			mkfifo f
			head -n 1 f >one &
			run -"$([ $option = -p ] && echo 0 || { [ $tool = tee ] && echo 1 || echo 2; })" \
				bash -c 'seq 200000 | "$1" $2 f a 2>err' - $tool $option
			wait $!
			[ "$(cat one)" = 1 ] && [ "$(wc -l <a)" -eq 200000 ]
			rm f a
		done
	done
	for tool in tee stee; do
		mkfifo f
		head -n 1 f >one &
		run -0 bash -c 'seq 200000 | "$1" f a >out 2>err; echo "${PIPESTATUS[1]}"' - $tool
		[ "$output" = 141 ]
		rm f
	done
}
@test "all pipes have gone: reading ends" {
	alike 'yes | $tool -p | head -n 1'
	alike 'yes | $tool --output-error=warn-nopipe | head -n 1'
}

# ---- the command line

@test "options anywhere, abbreviated, and their end" {
	both 'echo old >a'
	alike 'seq 3 | $tool --app a'
	alike 'seq 3 | $tool a --append b'
	alike 'seq 3 | $tool -ap a'
	alike 'seq 3 | $tool --output=warn a'
	alike 'seq 3 | $tool -- -a --append'
}
@test "words that are none" {
	alike 'seq 3 | $tool --nothing a'
	alike 'seq 3 | $tool -Z a'
	alike 'seq 3 | $tool --output-error=never a'
	alike 'seq 3 | $tool --append=yes a'
	[ ! -e stee/a ]
}

# ---- stdin

@test "stdin is closed, or a folder" {
	alike '$tool a <&-'
	alike '$tool a <.'
}
@test "each line goes on at once" {
	local pid

	for tool in tee stee; do
		coproc "$tool" a-$tool
		pid=$COPROC_PID
		for i in 1 2 3; do
			echo $i >&"${COPROC[1]}"
			answer "${COPROC[0]}"
			[ "$line" = $i ]
			until_true grep -q $i a-$tool
		done
		hang_up
		ends 0 "$pid"
	done
}

# ---- what differs: one test for each row of ../conformance/tee-differences.md

@test "differs: statuses" {
	run -1 bash -c 'seq 3 | tee no/such'
	run -2 --separate-stderr bash -c 'seq 3 | stee no/such'
	want 1 2 3
	says 'stee: cannot open no/such: No such file or directory'
}
@test "differs: interrupts" {
	local pid

	# tee ends; with -i it reads on, as stee does by itself
	mkfifo f g
	default_signals tee a <f >/dev/null &
	pid=$!
	exec 7>f
	echo 1 >&7
	until_true test -s a
	kill -INT $pid
	ends 130 $pid
	exec 7>&-
	default_signals stee b <g >/dev/null &
	pid=$!
	exec 7>g
	echo 1 >&7
	until_true test -s b
	signal INT $pid
	echo 2 >&7
	exec 7>&-
	ends 130 $pid
	[ "$(cat b)" = "$(seq 2)" ]
	run -0 bash -c 'echo x | tee -i a'
	run -2 bash -c 'echo x | stee -i a'
}
@test "differs: control-lines" {
	printf '1\n\026{"kind":"end"}\n2\n' >f
	tee a <f | cmp - f
	cmp a f
	stee b <f | cmp - f
	[ "$(cat b)" = "$(seq 2)" ]
	stee b <f >c
	[ "$(cat c)" = "$(seq 2)" ]
	# what only begins like one is a line as any other
	printf '1\n\026\n\026x\n\026{"kind":\n' >f
	stee b <f | cmp - f
	cmp b f
}
@test "differs: open-lines" {
	local pid

	coproc tee a
	pid=$COPROC_PID
	printf x >&"${COPROC[1]}"
	IFS= read -r -N 1 -t "$PATIENCE" line <&"${COPROC[0]}"
	[ "$line" = x ]
	hang_up
	ends 0 "$pid"
	coproc stee b
	pid=$COPROC_PID
	printf x >&"${COPROC[1]}"
	run ! read -r -N 1 -t 0.5 line <&"${COPROC[0]}"
	printf 'y\n' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = xy ]
	hang_up
	ends 0 "$pid"
}
@test "differs: torn-lines" {
	printf '1\nto' >a
	cp a b
	echo 2 | tee -a a
	[ "$(cat a)" = $'1\nto2' ]
	run -0 --separate-stderr bash -c 'echo 2 | stee -a b'
	says 'stee: b*'
	[ "$(cat b)" = $'1\nto\n2' ] && [ ! -e b.torn ]
	printf '{"a":1}\n{"to' >c
	run -0 --separate-stderr bash -c 'echo 2 | stee -a c'
	says 'stee: c*'
	[ "$(cat c)" = $'{"a":1}\n2' ] && [ "$(cat c.torn)" = '{"to' ]
	# bytes that are no text go on as with tee
	printf '1\n\0' | tee d >e
	for t in 'tee -a d' 'stee -a e'; do echo 2 | $t; done
	cmp d e
}
@test "differs: same-file" {
	echo x | tee a a >/dev/null
	[ "$(cat a)" = x ]
	echo x | stee -q b b
	[ "$(cat b)" = $'x\nx' ]
}
@test "differs: urls" {
	mkdir exec:x unix:x
	seq 3 | tee exec:x/a >/dev/null
	[ "$(cat exec:x/a)" = "$(seq 3)" ]
	seq 3 | stee -q exec:'cat >b'
	[ "$(cat b)" = "$(seq 3)" ]
	seq 3 | stee -q ./exec:x/b
	[ "$(cat exec:x/b)" = "$(seq 3)" ]
	run -2 bash -c 'seq 3 | stee -q nothing://x'
}
@test "differs: braces" {
	seq 3 | tee '{.a}' >/dev/null
	[ "$(cat '{.a}')" = "$(seq 3)" ]
	echo '{"a":"x"}' | stee -q '{.a}'
	[ "$(cat x)" = '{"a":"x"}' ]
	echo '{"a":"x"}' | stee -q '{{.a}}{#}' --partition .a -N 1
	[ "$(cat '{.a}0')" = '{"a":"x"}' ]
}
@test "differs: long-lines" {
	if sanitized; then skip "takes its time"; fi
	head -c 1100000000 /dev/zero | tee /dev/null | cmp -n 1000 - /dev/zero
	run -5 --separate-stderr bash -c 'head -c 1100000000 /dev/zero | stee a'
	says 'stee: stdin:1: byte 1073741825: the record is longer than*'
}
@test "differs: early-pipes" {
	for tool in tee stee; do
		mkfifo f
		{ s=0; $tool $tool.a <f || s=$?; echo $s >$tool.status; } | head -n 1 >one &
		exec 7>f
		echo 1 >&7
		until_true test -s one
		if [ $tool = tee ]; then
			run ! timeout 0.5 bash -c 'until [ -s tee.status ]; do sleep 0.1; done'
			echo 2 >&7
		fi
		until_true test -s $tool.status
		[ "$(cat $tool.status)" -eq 141 ]
		exec 7>&-
		[ "$(cat $tool.a)" = 1 ]
		rm f one
	done
}
@test "differs: all rows are tested" {
	diff <(sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' "$BATS_TEST_DIRNAME/../conformance/tee-differences.md" | sort) \
		<(sed -n 's/^@test "differs: \([a-z-]*\)" .*/\1/p' "$BATS_TEST_FILENAME" | sort)
}
