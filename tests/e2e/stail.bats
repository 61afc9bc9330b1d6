#!/usr/bin/env bats
# stail without following: lines as they are, and where to begin.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# kept TEXT - leaves stail byte for byte; a printf format
kept() {
	# shellcheck disable=SC2059
	gives "$1" "$1" stail
}

@test "lines are not looked into" {
	kept 'no json {\n\n \t\n\xff\xfe\0\x01\n'
}
@test "CRLF stays" { kept 'a\r\nb\r\n'; }
@test "a byte order mark stays where nothing is looked into" { kept '\xef\xbb\xbfa\n'; }
@test "a last line without newline stays without" { kept 'a\nb'; }
@test "an empty input" { kept ''; }
@test "one empty line" { kept '\n'; }

@test "FILEs come one behind the other, without headers; - is stdin" {
	lines 1 2 >a
	lines 3 >b
	gives 'x\n' '1\n2\nx\n3\n' stail a - b
}

@test "an unterminated file's last line does not run into the next file" {
	printf 1 >a
	lines 2 >b
	gives '' '1\n2\n' stail a b
}

@test "gzip and zstd are unpacked" {
	lines 1 | gzip >a
	lines 2 | zstd -q >b
	gives '' '1\n2\n' stail a b
}

@test "-n N: the last lines, of each file; as tail" {
	seq 30000 >a
	lines x y >b
	for n in 0 1 3 29999 30000 40000; do
		stail -n "$n" a | cmp - <(tail -n "$n" a)
		stail -n "$n" <a | cmp - <(tail -n "$n" a)
		stail -n "$n" a b | cmp - <(tail -q -n "$n" a b)
	done
}

@test "-n +N: from line N on, of each file; as tail" {
	seq 30000 >a
	lines x y >b
	for n in 0 1 2 29999 30000 30001; do
		stail -n "+$n" a | cmp - <(tail -n "+$n" a)
		stail -n "+$n" a b | cmp - <(tail -q -n "+$n" a b)
	done
}

@test "-n 2 of lines without a last newline, as tail" {
	printf 'a\nb\nc' >a
	stail -n 2 a | cmp - <(tail -n 2 a)
	stail -n 2 <a | cmp - <(tail -n 2 a)
	stail -n +3 a | cmp - <(tail -n +3 a)
}

@test "-n with what is no number" {
	for n in x --1 1.5 '' +; do
		run -2 --separate-stderr stail -n "$n" </dev/null
		says 'stail: -n: *'
	done
}

@test "-n counts lines of data: a table's header is not one of them" {
	lines a,b 1,2 3,4 5,6 >t.csv
	gives '' '{"a":5,"b":6}\n' stail -n 1 -i csv t.csv
	gives 'a,b\n1,2\n3,4\n' '{"a":3,"b":4}\n' stail -i csv -n 1 -
}

@test "-i json passes records and leaves out what is none" {
	lines '{"a": 1.0}' oops ' [2]' >in
	run -5 --separate-stderr stail -i json in
	want '{"a": 1.0}' ' [2]'
	says "stail: in:2: byte 1: expected a JSON value, got 'o'"
}

@test "a line over --max-record is bad, the next one is read" {
	printf '%s\n' 12345 123456 1 >in
	run -5 --separate-stderr stail --max-record 5 in
	want 12345 1
	says 'stail: in:2: byte 6: *--max-record*'
}
