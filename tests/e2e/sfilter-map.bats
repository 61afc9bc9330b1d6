#!/usr/bin/env bats
# sfilter -m: what the program gives is written.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# maps PROGRAM INPUT OUTPUT.. - lines
maps() {
	run -0 sfilter -m "$1" <<<"$2"
	want "${@:3}" || { echo "of: $1"; return 1; }
}

@test "each output is a record" {
	maps . '{"a":1}' '{"a":1}'
	maps '.a, .b' '{"a":1}' 1 null
	maps '.[]' '[1,[2],{}]' 1 '[2]' '{}'
	maps empty 1
}

@test "what is not changed keeps its bytes" {
	maps .a '{"a":1.0e+02}' 1.0e+02
	maps .a '{"a":12345678901234567890123}' 12345678901234567890123
	maps '{b: .a}' '{"a":"\u00e9\/"}' '{"b":"\u00e9\/"}'
}

@test "what is built has no spaces" {
	maps '{a, b: [.a, {c: 1}]}' '{"a": 1}' '{"a":1,"b":[1,{"c":1}]}'
}

@test "the manual's examples of jq" {
	maps '.foo.bar' '{"foo":{"bar":42}}' 42
	maps '.[-2:]' '["a","b","c","d","e"]' '["d","e"]'
	maps '.a // 42' '{"b":19}' 42
	maps '(.a, .b) = range(3)' null '{"a":0,"b":0}' '{"a":1,"b":1}' '{"a":2,"b":2}'
	maps 'map(has("foo"))' '[{"foo": 42}, {}]' '[true,false]'
	maps 'to_entries' '{"a": 1, "b": 2}' '[{"key":"a","value":1},{"key":"b","value":2}]'
	maps 'group_by(.foo)' '[{"foo":1,"bar":10},{"foo":3,"bar":100},{"foo":1,"bar":1}]' '[[{"foo":1,"bar":10},{"foo":1,"bar":1}],[{"foo":3,"bar":100}]]'
	maps 'reduce .[] as $item (0; . + $item)' '[1,2,3,4,5]' 15
	maps 'del(.[1, 2])' '["foo","bar","baz"]' '["foo"]'
	maps '.. | numbers' '[[1],2]' 1 2
	maps 'if . == 0 then "zero" elif . == 1 then "one" else "many" end' 1 '"one"'
	maps '"\(. + 1)"' 1 '"2"'
	maps '[.[] | tostring]' '[1, "1", [1]]' '["1","1","[1]"]'
	maps 'fromdate' '"2015-03-05T23:51:47Z"' 1425599507
	maps 'try error("x") catch .' 1 '"x"'
	maps '.[] as {a: $x} | $x' '[{"a":1},{"a":2}]' 1 2
}

@test "-r writes strings as they are, the rest as JSON; it implies -m" {
	run -0 sfilter -r '.[]' <<<'["a\tb","\u00e9",1.50,{"x":"y"},null]'
	want $'a\tb' é 1.50 '{"x":"y"}' null
}

@test "-e: 0 by the last output, 1 if it is null or false, 4 if there is none" {
	run -0 sfilter -em '.[]' <<<'[null,1]'
	run -1 sfilter -em '.[]' <<<'[1,null]'
	run -1 sfilter -em '.[]' <<<'[false]'
	run -4 sfilter -em '.[]' <<<'[]'
	lines '[null]' '[1]' '[]' >in
	run -0 sfilter -em '.[]' in
}

@test "an error behind an output: the output stays, the record is bad" {
	run -5 --separate-stderr sfilter -m '1, error("no"), 2' <<<0
	want 1
	says 'sfilter: stdin:1: *no*'
}

@test "--on-error pass in map mode: the line as it was" {
	run -5 --separate-stderr sfilter -m --on-error pass .a <<<'[1 ]'
	want '[1 ]'
}

@test 'error(null) is an error too' { run -5 sfilter -m 'error(null)' <<<0; }

@test '$ENV, env' {
	X=y run -0 sfilter -m '[$ENV.X, env.X]' <<<0
	want '["y","y"]'
}
