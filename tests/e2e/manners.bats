#!/usr/bin/env bats
# What every tool does alike: help, version, usage errors, colour, statistics, progress.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

TOOLS='stail sfilter swindow'

@test "--help on stdout, 0; the short form too" {
	for tool in $TOOLS; do
		for flag in --help -h; do
			run -0 --separate-stderr "$tool" "$flag"
			[[ $output == "usage: $tool "* ]]
			[ -z "$stderr" ]
		done
	done
}

@test "--version says tool and version" {
	for tool in $TOOLS; do
		run -0 --separate-stderr "$tool" --version
		[[ $output =~ ^"$tool "[0-9]+\.[0-9]+\.[0-9]+$ ]]
		[ "$output" = "$("$tool" -V)" ]
	done
}

@test "--help wins over what else is wrong with operands" {
	for tool in $TOOLS; do run -0 "$tool" --help nowhere; done
}

@test "usage errors: 2, on stderr, with where to read" {
	for tool in $TOOLS; do
		run -2 --separate-stderr "$tool" --nosuch
		want
		says "$tool: unknown option '--nosuch' (see $tool --help)"
		run -2 --separate-stderr "$tool" --on-error maybe x
		says "$tool: --on-error: 'maybe' is none of report|skip|fail|pass"
		run -2 --separate-stderr "$tool" --max-record 10x x
		says "$tool: --max-record: '10x' *"
	done
	run -2 --separate-stderr sfilter
	says 'sfilter: no EXPR is given (see sfilter --help)'
}

@test "an option's value is missing" {
	for tool in $TOOLS; do
		run -2 --separate-stderr "$tool" --dead-letter
		says "$tool: *--dead-letter*"
	done
}

@test "all messages name the tool" {
	lines oops >in
	for command in 'stail -i json' 'sfilter .' 'swindow --size 1s count'; do
		# shellcheck disable=SC2086
		run --separate-stderr $command in nowhere
		[ "$status" -eq 2 ]
		run grep -v "^${command%% *}: " <<<"$stderr"
		want
	done
}

# ---- colour

# on_terminal COMMAND - a command line with a terminal as stdout
on_terminal() {
	peer script
	script -qec "$1" /dev/null </dev/null
}

coloured() {
	[[ $output == *$'\033['* ]]
}

plain() {
	[[ $output == *a*1* && $output != *$'\033['* ]]
}

@test "colour on a terminal, not elsewhere, not under NO_COLOR, as --color says" {
	peer script
	lines '{"a":1}' >in
	run on_terminal 'stail -i json -o table in'
	coloured
	run on_terminal 'NO_COLOR=1 stail -i json -o table in'
	plain
	run on_terminal 'stail -i json -o table -M in'
	plain
	run on_terminal 'stail -i json -o table --color never in'
	plain
	run on_terminal 'NO_COLOR=1 stail -i json -o table -C in'
	coloured
	run stail -i json -o table in
	plain
}

@test "what passes is never coloured" {
	gives '{"a":1}\n' '{"a":1}\n' sfilter -C .a
	gives '{"a":1}\n' '{"a":1}\n' stail -C
}

# ---- statistics, progress

@test "--stats: one JSON line on stderr at the end" {
	lines '{"ts":1}' oops '{"ts":12}' >in
	run -5 --separate-stderr swindow --size 10s --stats --dead-letter dead count in
	lines "$stderr" | grep '"tool"' >stats
	run -0 sfilter -m '[.tool, .records_in, .records_out, .skipped, .bytes_in, .bytes_out, (.seconds | type)]' stats
	# two results, each as long as this one
	bytes=$((2 * $(lines '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","value":1}' | wc -c)))
	want "[\"swindow\",3,2,1,$(wc -c <in),$bytes,\"number\"]"
}

@test "--stats of every tool" {
	for command in 'stail' 'sfilter .' 'sfilter -m .'; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr $command --stats <<<'{"a":1}'
		[[ $stderr == '{"tool":"'"${command%% *}"'","records_in":1,"records_out":1,"skipped":0,'*'"bytes_in":8,"bytes_out":8,"seconds":'*'}' ]]
	done
}

@test "--stats of compressed input counts its bytes as they are stored" {
	seq 100000 | gzip >in
	run -0 --separate-stderr sfilter --stats empty in
	says "*\"records_in\":100000,*\"bytes_in\":$(wc -c <in),*"
}

@test "nothing on stderr without being asked" {
	for command in 'stail' 'sfilter .' 'swindow --size 1s count'; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr $command <<<'{"ts":1}'
		[ -z "$stderr" ]
	done
}

@test "--progress: bytes, records and rate on stderr" {
	seq 1000 >in
	run -0 --separate-stderr sfilter --progress empty in
	want
	says 'sfilter: *MB, 1000 records, *MB/s*'
}
