#!/usr/bin/env bats
# sfilter as a filter: which records pass, and that they leave as they came in.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

@test "a record passes if one output is neither null nor false" {
	while IFS='|' read -r program record passes; do
		run -0 sfilter --count "$program" <<<"$record"
		[ "$output" = "$passes" ] || { echo "$program on $record: $output"; return 1; }
	done <<-'ROWS'
		.a|{"a":0}|1
		.a|{"a":""}|1
		.a|{"a":[]}|1
		.a|{"a":true}|1
		.a|{"a":false}|0
		.a|{"a":null}|0
		.a|{}|0
		empty|{}|0
		.[]|[]|0
		.[]|[null,false]|0
		.[]|[null,1]|1
		false, true|{}|1
		true, false|{}|1
		1, 2|{}|1
	ROWS
}

# kept RECORD - leaves sfilter byte for byte; a printf format
kept() {
	# shellcheck disable=SC2059
	gives "$1" "$1" sfilter 'true'
}

@test "numbers keep their spelling" {
	kept '{"a":1.0e+02,"b":-0,"c":1E400,"d":12345678901234567890123,"e":0.10}\n'
}
@test "keys keep their order, also those named twice" {
	kept '{"z":1,"a":2,"z":3}\n'
}
@test "escapes stay as they are written" {
	kept '{"a":"\\u00e9\\/\\ud83d\\ude00","\\u0061":"\\u0000"}\n'
}
@test "spacing stays" {
	kept ' \t{ "a" :\t1 , "b" : [ 1 ,2 ] } \t\n'
}
@test "CRLF stays" {
	kept '{"a":1}\r\n{"a":2}\r\n'
}
@test "bytes that are no UTF-8 stay" {
	kept '{"a":"\xff\xc3(\xed\xa0\x80"}\n'
}
@test "scalars are records" { kept '1\n"x"\nnull\ntrue\n[]\n'; }

@test "only the looked-at field is touched by the program, the record not" {
	gives '{"b": 1.50, "a" : "\\u0078"}\n{"b":2,"a":"y"}\n' '{"b": 1.50, "a" : "\\u0078"}\n' sfilter '.a == "x"'
}

@test "a last line without newline is a record and gets one" {
	gives '{"a":1}\n{"a":2}' '{"a":1}\n{"a":2}\n' sfilter .a
}
@test "blank lines are passed over" { gives '\n1\n\n \t\n\r\n2\n\n' '1\n2\n' sfilter .; }
@test "a byte order mark at the very start is dropped" {
	gives '\xef\xbb\xbf{"a":1}\n' '{"a":1}\n' sfilter .a
}
@test "no input, no output" { gives '' '' sfilter .a; }
@test "of a key named twice the last value counts" {
	gives '{"a":1,"a":null}\n{"a":null,"a":1}\n' '{"a":null,"a":1}\n' sfilter .a
}
@test "a key's escapes are read" {
	gives '{"\\u0061":1}\n' '{"\\u0061":1}\n' sfilter .a
}
@test "filtering all out is no error" {
	gives '{"a":1}\n' '' sfilter .b
}

@test "integers beyond 2^53 are told apart" {
	gives '9007199254740992\n9007199254740993\n' '9007199254740993\n' sfilter '. == 9007199254740993'
}

@test "-v passes the others" {
	gives '{"a":1}\n{"b":2}\n' '{"b":2}\n' sfilter -v .a
}
@test "-v: an error makes a bad record all the same" {
	run -5 --separate-stderr sfilter -v '.a.b' <<<'{"a":1}'
	want
	says 'sfilter: stdin:1: *'
}

@test "--count counts what would be written" {
	gives '1\nnull\n2\n' '2\n' sfilter --count .
	gives '1\nnull\n2\n' '1\n' sfilter --count -v .
	gives '[1,2]\n[]\n[3]\n' '3\n' sfilter --count -m '.[]'
	gives '' '0\n' sfilter --count .
}

@test "-e: 0 if something passed, else 4" {
	run -0 sfilter -e . <<<1
	run -4 sfilter -e . <<<null
	run -4 sfilter -e . </dev/null
	run -0 sfilter -e -v . <<<null
	run -4 sfilter -e --count . <<<null
	want 0
}

@test "-c is taken and changes nothing" {
	gives '{ "a":1}\n' '{ "a":1}\n' sfilter -c .a
}

@test "-f reads the program from a file; operands are inputs then" {
	lines '# the wanted' '.a ==' '  2 # two' >program
	lines '{"a":1}' '{"a":2}' >one
	lines '{"a":2,"b":0}' >two
	gives '' '{"a":2}\n{"a":2,"b":0}\n' sfilter -f program one two
}

@test "-f: a program that is not there" {
	run -2 --separate-stderr sfilter -f nowhere </dev/null
	says 'sfilter: cannot open nowhere: No such file or directory'
}

@test "--arg is a string, --argjson a value" {
	gives '{"a":"5"}\n{"a":5}\n' '{"a":"5"}\n' sfilter --arg x 5 '.a == $x'
	gives '{"a":"5"}\n{"a":5}\n' '{"a":5}\n' sfilter --argjson x 5 '.a == $x'
	gives '{"a":"x"}\n' '["x","y",[1]]\n' sfilter -m --arg p y --argjson q '[1]' '[.a, $p, $q]'
}

@test "--argjson that is no JSON" {
	run -2 --separate-stderr sfilter --argjson x '[1,' . </dev/null
	says "sfilter: --argjson x: '[[]1,' is no JSON: byte 4: *"
}

@test "--arg without its value" {
	run -2 --separate-stderr sfilter . --arg x
	says 'sfilter: *--arg*'
}

@test "FILEs are read one behind the other, - among them is stdin" {
	lines 1 2 >a
	printf 3 >b
	gives '4\n' '1\n2\n4\n3\n1\n2\n' sfilter . a - b a
}

@test "gzip and zstd are unpacked, in files and on stdin" {
	lines '{"a":1}' | gzip >a.gz
	lines '{"a":2}' | zstd -q >b.zst
	gives '' '{"a":1}\n{"a":2}\n' sfilter .a a.gz b.zst
	[ "$(sfilter .a <a.gz)" = '{"a":1}' ]
	[ "$(sfilter .a <b.zst)" = '{"a":2}' ]
}

@test "several members in one compressed file, as log rotation appends them" {
	for n in 1 2 3; do lines "$n" | gzip; done >a.gz
	for n in 4 5; do lines "$n" | zstd -q; done >b.zst
	gives '' '1\n2\n3\n4\n5\n' sfilter . a.gz b.zst
}

@test "a filter that is true for every record draws a warning" {
	for program in '{a: .a}' '[.a]' '"x"'; do
		run -0 --separate-stderr sfilter "$program" <<<'{"a":1}'
		want '{"a":1}'
		says 'sfilter: warning: *-m*'
	done
	run -0 --separate-stderr sfilter -m '[.]' <<<1
	[ -z "$stderr" ]
}

@test "options stand before and behind operands, -- ends them" {
	lines 1 >a
	gives '' '1\n' sfilter . a --on-error skip
	gives '' '1\n' sfilter -- . a
	lines 2 >-x
	gives '' '2\n' sfilter -- . -x
}
