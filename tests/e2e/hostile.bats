#!/usr/bin/env bats
# Input and programs made to hurt: each record ends in a defined error, the next one passes.
# shellcheck disable=SC2154,SC2016 # bats sets stderr; jq's variables are not the shell's

bats_require_minimum_version 1.5.0

setup() {
	PATH=${BIN:?}:$PATH
}

# repeat TEXT TIMES
repeat() {
	printf "%0*d" "$2" 0 | sed "s/0/$1/g"
}

@test "input nested too deeply is a bad record, not a crash" {
	{ repeat '[' 1000000; echo; echo 1; } >"$BATS_TEST_TMPDIR/in"
	run -5 --separate-stderr sfilter -m . "$BATS_TEST_TMPDIR/in"
	[ "$output" = 1 ]
	[[ $stderr = *":1: byte 10001: nested deeper than 10000 levels"* ]]
}

@test "a number of a million digits stays what it is" {
	repeat 1 1000000 >"$BATS_TEST_TMPDIR/in"
	echo >>"$BATS_TEST_TMPDIR/in"
	sfilter -m . "$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/in"
	[ "$(sfilter -m '. > 1e300' "$BATS_TEST_TMPDIR/in")" = true ]
}

@test "a program that builds without end is stopped in bounded memory, and the next record passes" {
	printf '%s\n' 1 2 >"$BATS_TEST_TMPDIR/in"
	run -5 --separate-stderr sfilter -m 'if . == 1 then [repeat(1)] else . end' "$BATS_TEST_TMPDIR/in"
	[ "$output" = 2 ]
	[[ $stderr = *":1: the program takes more than 1073741824 bytes of memory"* ]]
}

@test "a result that is longer than 1 GiB as text is a bad record" {
	run -5 --separate-stderr sfilter -m 'reduce range(60) as $i (0; [., .])' <<<null
	[ -z "$output" ]
	[[ $stderr = *"the result is longer than 1 GiB"* ]]
}

@test "bytes that are not UTF-8 pass as they are, and count as U+FFFD" {
	printf '"a\377b"\n' >"$BATS_TEST_TMPDIR/in"
	sfilter . "$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/in"
	[ "$(sfilter -m explode "$BATS_TEST_TMPDIR/in")" = '[97,65533,98]' ]
}

@test "the order of groups does not depend on the hash's seed" {
	local program='[range(1000) | {key: "k\(. * 7919 % 1000)", value: .}] | from_entries, group_by(.key)'
	[ "$(sfilter -m "$program" <<<null | cksum)" = "$(sfilter -m "$program" <<<null | cksum)" ]
}

@test "what data brings into a message does not steer the terminal" {
	run -5 --separate-stderr sfilter '.a | error' <<<'{"a":"\u001b[31mred\u0007"}'
	[ "$stderr" = 'sfilter: stdin:1: ?[31mred?' ]
}
