#!/usr/bin/env bats
# Control lines: byte 0x16 and an object. Passed on in order, consumed where the stream ends, honoured by swindow.
# What run captures is a pipe.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

mark() {
	printf '\026{"kind":"%s"}\n' "$@"
}

watermark() {
	printf '\026{"kind":"watermark","time":"1970-01-01T00:%s"}\n' "$@"
}

window() {
	printf '{"window_start":"1970-01-01T00:00:%s0Z","window_end":"1970-01-01T00:00:%s0Z","value":%s}\n' "$1" $(($1 + 1)) "$2"
}

# is FILE - the output of run is that file
is() {
	diff "$1" <(lines "$output")
}

@test "unknown kinds are passed on, in order" {
	{ mark first; lines 1 2; mark '\u00e9 x'; lines null 3; mark barrier last; } >in
	grep -v null in >expected
	run -0 sfilter . <in
	is expected
	run -0 sfilter -m 'values' <in
	is expected
	run -0 sfilter -u . <in
	is expected
}

@test "they are no records: -v, --count, -e, --stats do not see them" {
	{ mark a; lines 1; } >in
	mark a >mark
	run -0 sfilter -v . <in
	is mark
	run -4 sfilter -e . <mark
	run -0 --separate-stderr sfilter --stats . <in
	says '*"records_in":1,"records_out":1,*'
	sfilter --count . <in >out
	[ "$(<out)" = 1 ]
}

@test "bytes of a control line stay" {
	printf '\026{ "kind" : "x", "n":1.0e2 }\n' >in
	run -0 sfilter . <in
	is in
	run -0 swindow --size 1s count <in
	is in
}

@test "between CSV lines too" {
	{ lines a,b 1,2; mark x; lines 3,4; } >in
	run -0 sfilter -i csv '.a > 0' <in
	is in
	{ lines '{"a":1,"b":2}'; mark x; lines '{"a":3,"b":4}'; } >expected
	run -0 sfilter -i csv -m . <in
	is expected
}

@test "many, among records that are passed and made" {
	for i in {1..2000}; do lines "$i"; mark "k$i"; done >in
	run -0 sfilter . <in
	is in
	run -0 sfilter -m '. + 0' <in
	is in
}

@test "consumed where stdout is a file" {
	{ mark a; at 1; watermark 00:10Z; mark end; } >in
	sfilter . <in >out
	at 1 | cmp - out
	swindow --size 10s count <in >out
	window 0 1 | cmp - out
}

at() {
	printf '{"ts":%s}\n' "$@"
}

@test "a source refuses data that looks so" {
	{ at 1; mark x; at 2; printf '\026\n'; } >in
	run -5 --separate-stderr stail in
	want '{"ts":1}' '{"ts":2}'
	says 'stail: in:2: byte 1: *0x16*' '*stail: in:4: byte 1: *'
	run -5 --separate-stderr stail -i json in
	want '{"ts":1}' '{"ts":2}'
	run -5 --separate-stderr stail -i text in
	run -5 --separate-stderr stail --parse '(?<a>.*)' in
	want '{"a":"{\"ts\":1}"}' '{"a":"{\"ts\":2}"}'
}

@test "a refused line cannot be passed either, and is kept as it was" {
	mark x >in
	run -5 --separate-stderr stail --on-error pass --dead-letter dead in
	want
	cmp in dead
}

@test "a watermark closes windows, and follows what it closed" {
	{ at 1 2; watermark 00:09.999Z; at 3; watermark 00:10Z; at 11; } >in
	{ watermark 00:09.999Z; window 0 3; watermark 00:10Z; window 1 1; } >expected
	run -0 swindow --size 10s count <in
	is expected
}

@test "where watermarks come none is made: records do not close windows" {
	{ watermark 00:00Z; at 1 25 2; watermark 00:30Z; } >in
	{ watermark 00:00Z; window 0 2; window 2 1; watermark 00:30Z; } >expected
	run -0 --separate-stderr swindow --size 10s count <in
	is expected
	[ -z "$stderr" ]
}

@test "behind a watermark a record is late for windows that are over, for no others" {
	{ watermark 00:15Z; at 9 11; } >in
	{ watermark 00:15Z; window 1 1; } >expected
	run -0 --separate-stderr swindow --size 10s count <in
	is expected
	says 'swindow: 1 late record *'
}

@test "a watermark that goes back changes nothing: what is passed on is how far time has come" {
	{ at 1; watermark 00:10Z; watermark 00:05Z; at 2 11; } >in
	{ window 0 1; watermark 00:10Z; watermark 00:10Z; window 1 1; } >expected
	run -0 --separate-stderr swindow --size 10s count <in
	is expected
	says '*1 late record*'
}

@test "idle closes nothing by itself" {
	{ at 1; mark idle; at 2; } >in
	{ mark idle; window 0 2; } >expected
	run -0 swindow --size 10s count <in
	is expected
}

@test "end closes all, and goes on behind it" {
	{ at 1 11; mark end; } >in
	{ window 0 1; window 1 1; mark end; } >expected
	run -0 swindow --size 10s count <in
	is expected
}

@test "after restore, an end without end: nothing more is written, 2" {
	{ mark restore; at 1 11; } >in
	{ mark restore; window 0 1; } >expected
	run -2 --separate-stderr swindow --size 10s count <in
	is expected
	says 'swindow: *end*'
}

@test "after restore, with end: as ever" {
	{ mark restore; at 1 11; mark end; } >in
	{ mark restore; window 0 1; window 1 1; mark end; } >expected
	run -0 swindow --size 10s count <in
	is expected
}

@test "a control line that is malformed is a bad record for swindow" {
	for line in '\026{oops}' '\026{"kind":"watermark"}' '\026{"kind":"watermark","time":"soon"}'; do
		# shellcheck disable=SC2059
		{ at 1; printf "$line\n"; at 2; } >in
		window 0 2 >expected
		for jobs in 1 2; do
			run -5 --separate-stderr swindow -P "$jobs" --size 10s count <in
			says 'swindow: stdin:2: malformed control line*'
			is expected
			run -5 --separate-stderr swindow -P "$jobs" --on-error fail --size 10s count <in
			[ -z "$output" ]
		done
	done
}

@test "a chain passes them through" {
	{ at 1; mark x; watermark 00:10Z; mark end; } >in
	{ mark x; window 0 1; watermark 00:10Z; mark end; } >expected
	chain() { sfilter .ts | sfilter -m . | swindow --size 10s count | sfilter .; }
	run -0 chain <in
	is expected
}
