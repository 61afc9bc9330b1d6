#!/usr/bin/env bats
# What can be wrong with input, output and programs: a message that says what and where, and the run's status.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

TOOLS=('stail' 'stail -i json' 'sfilter .' 'sfilter -m .' 'swindow --size 1s count')

# each FUNCTION - for every tool's way to be called, as its arguments
each() {
	local tool

	for tool in "${TOOLS[@]}"; do
		# shellcheck disable=SC2086
		"$1" $tool || { echo "with: $tool"; return 1; }
	done
}

# ---- records

@test "file, line and byte of what is no JSON" {
	while IFS='|' read -r record byte what; do
		lines 1 "$record" 2 >in
		run -5 --separate-stderr sfilter -v empty in
		want 1 2
		says "sfilter: in:2: byte $byte: *$what*"
	done <<-'ROWS'
		{"a":1,}|8|'}'
		{"a" 1}|6|'1'
		{'a':1}|2|'
		{"a":1}}|8|'}'
		[1 2]|4|'2'
		[1,2|5|
		"abc|5|
		01|2|'1'
		1.|3|
		nul|4|
		{"a":tru}|9|
		{"a":"\x"}|8|'x'
		+1|1|'+'
		NaN|1|'N'
		1 2|3|'2'
	ROWS
}

@test "a control character inside a string" {
	printf '"a\tb"\n' >in
	run -5 --separate-stderr sfilter . in
	want
	says 'sfilter: in:1: byte 3: *'
}

@test "lines are counted for each FILE, blank ones too" {
	lines 1 '' oops >a
	lines oops >b
	run -5 --separate-stderr sfilter . a b
	want 1
	says 'sfilter: a:3: byte 1: *' '*sfilter: b:1: byte 1: *'
}

@test "an error in the program is said with file and line" {
	lines '{"a":{}}' '{"a":1}' >in
	run -5 --separate-stderr sfilter -m '.a.b' in
	want null
	says 'sfilter: in:2: *number*"b"*'
}

@test "the first ten are said, the others counted" {
	seq -f 'bad%g' 25 >in
	run -5 --separate-stderr sfilter . in
	want
	says '*in:10: *' '*25 bad records in all*'
	[ "$(grep -c 'in:' <<<"$stderr")" -eq 10 ]
}

@test "ten of them need no summary" {
	seq -f 'bad%g' 10 >in
	run -5 --separate-stderr sfilter . in
	[ "$(wc -l <<<"$stderr")" -eq 10 ]
}

@test "--on-error report: said, left out, 5" {
	lines 1 oops 2 >in
	run -5 --separate-stderr sfilter --on-error report . in
	want 1 2
	says 'sfilter: in:2: *'
}

@test "--on-error skip: left out, counted, 0" {
	lines 1 oops 2 >in
	run -0 --separate-stderr sfilter --on-error skip --stats . in
	want 1 2
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	says '*"skipped":1,*'
}

@test "--on-error fail: stops at the first, 5" {
	lines 1 oops 2 >in
	run -5 --separate-stderr sfilter --on-error fail . in
	want 1
	[[ $stderr == 'sfilter: in:2: byte 1: '* ]]
}

@test "--on-error pass: the line goes on unchanged, 5" {
	lines 1 'o o ps' null '[}' 2 >in
	run -5 --separate-stderr sfilter --on-error pass . in
	want 1 'o o ps' '[}' 2
	run -5 --separate-stderr stail -i json --on-error pass in
	want 1 'o o ps' null '[}' 2
	run -5 --separate-stderr stail --parse '^(?<n>[0-9]+)$' --on-error pass in
	want '{"n":1}' 'o o ps' null '[}' '{"n":2}'
}

@test "swindow passes no records on" {
	run -2 --separate-stderr swindow --size 1s --on-error pass count </dev/null
	says 'swindow: --on-error pass: *'
}

@test "--dead-letter keeps the lines as they were, behind what is there" {
	printf '1\n{"a" : oops}\r\n2\n\xff\0x' >in
	echo before >dead
	run -5 sfilter --dead-letter dead . in
	cmp dead <(printf 'before\n{"a" : oops}\r\n\xff\0x\n')
}

@test "--dead-letter of more than ten, and under skip" {
	seq -f 'bad%g' 25 >in
	run -5 sfilter --dead-letter dead . in
	cmp dead in
	run -0 sfilter --on-error skip --dead-letter dead2 . in
	cmp dead2 in
}

@test "--dead-letter where nothing was bad makes no file" {
	run -0 sfilter --dead-letter dead . <<<1
	[ ! -e dead ]
}

@test "--dead-letter that cannot be opened" {
	run -2 --separate-stderr sfilter --dead-letter no/dead . <<<oops
	says '*sfilter: cannot open no/dead: No such file or directory'
}

@test "--dead-letter of every tool" {
	lines oops >in
	run -5 stail -i json --dead-letter a in
	run -5 swindow --size 1s --dead-letter b count in
	cmp a in
	cmp b in
}

# ---- binary, empty, large

noise() {
	run --separate-stderr "$@" <noise
	[ "$status" -eq 5 ] && [ -z "$output" ]
}

@test "binary noise: an ordinary bad input" {
	# no line of it is JSON: each begins with a byte that no value begins with
	printf '\xde\xad\0\x01\n\x80\xff"{[\n\x1f\x8c\0\n\x7fELF\x02\0\0\n' >noise
	TOOLS=('stail -i json' 'sfilter .' 'sfilter -m .' 'swindow --size 1s count')
	each noise
	run -0 stail noise
	stail <noise | cmp - noise
}

@test "UTF-16 is no JSON" {
	printf '\xff\xfe{\0}\0\n\0' >in
	run -5 --separate-stderr sfilter . in
	says 'sfilter: in:1: byte 1: *0xFF*'
}

empty() {
	gives '' '' "$@"
	: >empty
	gives '' '' "$@" empty
}

@test "an empty input gives nothing, 0" { each empty; }

@test "a FILE of one newline" {
	gives '\n' '' sfilter .
	gives '\n' '' swindow --size 1s count
}

@test "a line of 100 MB is a bad record; memory stays bounded by --max-record" {
	coproc sfilter . 3>&- 2>err
	{ head -c 100000000 /dev/zero | tr '\0' 1; lines '' 2; } >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = 2 ]
	output=$(<err)
	want 'sfilter: stdin:1: byte 16777217: the record is longer than --max-record (16777216 bytes)'
	# twice the limit while the buffer grows, and what the program takes anyway
	takes_less_than $((40 * 1024)) "$COPROC_PID"
	pid=$COPROC_PID
	hang_up
	ends 5 "$pid"
}

@test "--max-record takes a larger one" {
	{ printf '"' && head -c 20000000 /dev/zero | tr '\0' x && printf '"\n'; } >in
	sfilter --max-record 20000002 . in | cmp - in
	run -5 sfilter --max-record 20000001 . in
}

@test "--max-record counts a line without its newline" {
	gives '12345\n' '12345\n' sfilter --max-record 5 .
	run -5 --separate-stderr sfilter --max-record 4 . <<<12345
	says 'sfilter: stdin:1: byte 5: *'
}

@test "100,000 brackets are an error, no crash" {
	head -c 100000 /dev/zero | tr '\0' '[' >in
	for program in . '.a' '.[0]'; do
		run -5 --separate-stderr sfilter "$program" in
		want
		says 'sfilter: in:1: byte 10001: *'
	done
	{ cat in; head -c 100000 /dev/zero | tr '\0' ']'; echo; } >closed
	run -5 --separate-stderr sfilter -m . closed
	says 'sfilter: closed:1: byte 10001: *'
}

@test "10,000 are none" {
	{ head -c 10000 /dev/zero | tr '\0' '['; head -c 10000 /dev/zero | tr '\0' ']'; echo; } >in
	sfilter . in | cmp - in
	sfilter -m . in | cmp - in
}

# ---- inputs and outputs

directory() {
	mkdir -p dir
	run -2 --separate-stderr "$@" dir
	says "$1: cannot read dir: it is a directory*"
}

@test "a directory for a FILE" { each directory; }

@test "a directory as stdin" {
	run -2 --separate-stderr sfilter . <.
	says 'sfilter: cannot read stdin: it is a directory'
}

missing() {
	run -2 --separate-stderr "$@" nowhere
	says "$1: cannot open nowhere: No such file or directory"
}

@test "a FILE that is not there" { each missing; }

@test "the others are still read" {
	lines '{"ts":1}' >a
	lines '{"ts":2}' >b
	run -2 --separate-stderr sfilter . a nowhere b
	want '{"ts":1}' '{"ts":2}'
	run -2 --separate-stderr stail nowhere a . b
	want '{"ts":1}' '{"ts":2}'
	run -2 --separate-stderr swindow --size 10s -o csv --columns value count a nowhere b
	want value 2
}

@test "damaged and cut compressed FILEs; what could be unpacked was read" {
	seq 100000 >in
	for pack in gzip zstd; do
		$pack -c <in >whole
		head -c 40000 whole >part
		lines last >next
		run -2 --separate-stderr stail part next
		says "stail: part: *"
		[ "${lines[0]}" = 1 ]
		[ "${lines[-1]}" = last ]
	done
	{ printf '\x1f\x8b' && head -c 100 /dev/zero; } >damaged
	run -2 --separate-stderr stail damaged
	says 'stail: damaged: damaged gzip data*'
}

full() {
	lines '{"ts":1}' >in
	run -2 to /dev/full "$@" in
	[ "$output" = "$1: cannot write to stdout: No space left on device" ] || { echo "$output"; return 1; }
}

@test "/dev/full as stdout" { each full; }

@test "/dev/full for many records ends at the first failure" {
	run -2 bash -c 'set -o pipefail; yes "{\"ts\":1}" | sfilter . >/dev/full; exit "${PIPESTATUS[1]}"'
	[ "$output" = 'sfilter: cannot write to stdout: No space left on device' ]
}

@test "/dev/full for --help, --version, --count" {
	for tool in stail sfilter swindow; do
		run -2 to /dev/full "$tool" --help
		run -2 to /dev/full "$tool" --version
	done
	run -2 to /dev/full sfilter --count . <<<1
}

closed() {
	local got

	yes '{"ts":1}' | "$@" 2>err | head -n 1 >/dev/null
	got=${PIPESTATUS[1]}
	[ "$got" -eq 141 ] && [ ! -s err ] || { echo "status $got"; cat err; return 1; }
}

@test "a closed pipe ends a tool quietly, by SIGPIPE" {
	TOOLS=('stail' 'stail -i json' 'sfilter .' 'sfilter -m .')
	each closed
}

@test "a closed pipe ends swindow quietly" {
	seq -f '{"ts":%g}' 1000000 >in
	swindow --size 1s count in 2>err | head -n 1 >/dev/null
	[ "${PIPESTATUS[0]}" -eq 141 ]
	[ ! -s err ]
}

@test "the same where SIGPIPE is ignored" {
	ignoring() { trap '' PIPE && exec "$@"; }
	yes 1 | (ignoring sfilter .) 2>err | head -n 1 >/dev/null
	got=${PIPESTATUS[1]}
	[ "$got" -eq 141 ] || [ "$got" -eq 2 ]
	[ "$got" -eq 2 ] || [ ! -s err ]
}

@test "stdin that is closed" {
	run -2 --separate-stderr sh -c 'exec sfilter . <&-'
	says 'sfilter: cannot open stdin: Bad file descriptor'
}

# ---- programs

@test "a program that does not compile: 3, a message with its column" {
	while IFS='|' read -r column program; do
		run -3 --separate-stderr sfilter "${program//@/|}" </dev/null
		says "sfilter: EXPR:1:$column: *"
	done <<-'ROWS'
		5|.a @
		6|.a + nosuch
		1|$x
		1|foo(1)
		4|.a )
		2|{
		6|.a ==
		10|.a as [$x
	ROWS
}

@test "the program's line is shown, with a mark under the place" {
	run -3 --separate-stderr sfilter '.a + nosuch' </dev/null
	says '*nosuch*' $'*\n    .a + nosuch\n         ^'
}

@test "in a program file it is the file's line" {
	lines '.a |' '  nosuch' >p
	run -3 --separate-stderr sfilter -f p </dev/null
	says 'sfilter: p:2:3: *'
}

@test "nothing is written where the program does not compile" {
	run -3 --separate-stderr sfilter '.a |' <<<1
	want
}

@test "AGG, --by and --time that do not compile" {
	run -3 --separate-stderr swindow --size 1s 'sum(.a' </dev/null
	says 'swindow: AGG:1:7: *'
	run -3 --separate-stderr swindow --size 1s --by 'x=.a +' count </dev/null
	says 'swindow: *'
	run -3 --separate-stderr swindow --size 1s --time '.a +' count </dev/null
	says 'swindow: --time:1:5: *'
}

# ---- statuses

@test "of several statuses: 2 before 5, 5 before 4 and 1" {
	lines oops >bad
	lines null >null
	run -2 sfilter . bad nowhere
	run -2 sfilter -e . nowhere null
	run -5 sfilter -e . bad
	run -5 sfilter -e . bad null
	run -5 sfilter -em . bad null
	run -4 sfilter -e . null
	run -1 sfilter -em . null
	run -3 sfilter -e '.a |' nowhere bad
	run -2 to /dev/full sfilter -m . bad null
}

@test "a file that is the output too is not read: it would never end" {
	echo '{"a":1}' >same
	run -2 --separate-stderr bash -c 'sfilter true same >>same'
	says 'sfilter: cannot read same: it is the output file too'
	[ "$(cat same)" = '{"a":1}' ]
}
