#!/usr/bin/env bats
# swindow --live, on terminals (screen.bash).
# shellcheck disable=SC2154,SC2016,SC2034 # set by bats and helper.bash; programs are not the shell's
load swindow
load screen

# watch COLUMNSxROWS COMMAND - as open_screen; it reads ./in, which is FD 8
watch() {
	rm -f in
	mkfifo in
	open_screen "$@"
	exec 8>in
}

# feed WORD.. - records of script()
feed() {
	script "$@" >&8
}

# over - the end of the input
over() {
	exec 8>&-
	until_true shows 'ended with'
}

COUNTS=$'swindow --live --size 10s --by .k \'{n: count, most: max(.v)}\' <in'

@test "keys by the first number, how they went, the watermark, who was late" {
	watch 80x12 "$COUNTS >out"
	feed a1 b2 b3 a11 a12 a13 b14 c15 a21 b22 b23 b24 b25 a3 a26 c27 a28
	becomes <<-'END'
		watermark 1970-01-01T00:00:28Z  late 1  open 3  window 1970-01-01T00:00:20Z to~
		k  trend  n  most
		b  █▅     4    25
		a  ▃█     3    28
		c  █      1    27
	END
	feed c35
	becomes <<-'END'
		watermark 1970-01-01T00:00:35Z  late 1  open 1  window 1970-01-01T00:00:30Z to~
		k  trend  n  most
		c  ██     1    35
	END
	over
	[ "$(grep -c '"k":"c"' out)" = 3 ]
	run ! shows watermark
}

@test "of each kind of windows those that are open" {
	local label words args expected

	while IFS='|' read -r label words args expected; do
		watch 100x10 "swindow --live --by .k $args '{n: count}' <in >out"
		# shellcheck disable=SC2086
		feed $words
		becomes < <(printf "$expected") || { echo "$label"; return 1; }
		over
		mux kill-server
	done <<-'END'
		hopping, in the window due first|a1 a6 a12 b13|--size 10s --every 5s|watermark 1970-01-01T00:00:13Z  late 0  open 2  window 1970-01-01T00:00:05Z to 1970-01-01T00:00:15Z\nk  trend  n\na  ▅█     2\nb         1\n
		sessions|a1 a2 b3|--gap 5s|watermark 1970-01-01T00:00:03Z  late 0  open 2\nwindow_start          k  n\n1970-01-01T00:00:01Z  a  2\n1970-01-01T00:00:03Z  b  1\n
		of so many records|a1 a2 a3 b4 b5|--rows 3|watermark 1970-01-01T00:00:05Z  late 0  open 1  window 1970-01-01T00:00:04Z to 1970-01-01T00:00:05Z\nk  n\nb  2\n
		runs|a1=x a2=y a3=y|--run .r|watermark 1970-01-01T00:00:03Z  late 0  open 1  window 1970-01-01T00:00:02Z to 1970-01-01T00:00:03Z\nk  trend  n\na  █      2\n
		everything|a1 b1 b1|--all|watermark 1970-01-01T00:00:01Z  late 0  open 2  window 1970-01-01T00:00:01Z to 1970-01-01T00:00:01Z\nk  n\nb  2\na  1\n
	END
}

@test "--rank orders it, --top bounds it, --having too" {
	watch 100x12 "swindow --live --all --by .k --rank=-.n --top 2 --having '.n < 3' '{x: \"y\", n: count}' <in >out"
	feed a1 a1 a1 b1 b1 c1 d1
	becomes <<-'END'
		watermark 1970-01-01T00:00:01Z  late 0  open 3  window 1970-01-01T00:00:01Z to 1970-01-01T00:00:01Z
		k  x  n
		c  y  1
		d  y  1
	END
	over
}

@test "results on the same terminal stay whole: the table is below, and gone at the end" {
	watch 120x20 "$COUNTS"
	feed a1 a2 b3 a11
	becomes <<-'END'
		{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","k":"a","n":2,"most":2}
		{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","k":"b","n":1,"most":3}
		watermark 1970-01-01T00:00:11Z  late 0  open 1  window 1970-01-01T00:00:10Z to 1970-01-01T00:00:20Z
		k  trend  n  most
		a  █      1    11
	END
	lines oops >&8
	until_true shows 'stdin:5: byte 1: '
	feed a12
	until_true shows 'a  █      2    12'
	over
	screen -S - >end
	[ "$(grep -c watermark end)" = 0 ]
	[ "$(grep -c '^{"window_start".*}$' end)" = 3 ]
	[ "$(grep -c 'swindow: stdin:5: byte 1: ' end)" = 1 ]
}

@test "what is too wide is cut, more rows than the screen has are left out, also when it becomes smaller" {
	watch 60x8 "swindow --live --all --by .k '{n: count}' <in >out"
	for i in {1..20}; do printf '{"k":"%s %050d","ts":1}\n' "$i" 0; done >&8
	until_true shows '1 00000000000000000~'
	until_true fills 7
	mux resize-window -x 30 -y 5
	becomes <<-'END'
		watermark 1970-01-01T00:00:0~
		k           n
		1 0000000~  1
		10 000000~  1
	END
	over
}

@test "nothing in a key commands the terminal" {
	watch 100x8 "swindow --live --all --by .k '{n: count}' <in >out"
	printf '{"ts":1,"k":"a\\u001b[31mb\\u0000\\u009b5mc\\u007f\\u202ed\\r\\n\xe6\xbc\xa2"}\n' >&8
	until_true shows 'a?[31mb??5mc??d??漢  1'
	over
	run ! grep -q $'\033\\[31m' raw
	run ! grep -q $'\302\233' raw
}

@test "plain ASCII where the locale is" {
	LOCALE=C
	watch 100x8 "LC_ALL=C $COUNTS >out"
	printf '{"ts":%s,"k":"\xc3\xa4","v":1}\n' 1 11 12 21 >&8
	until_true shows '?  =#     1     1'
	over
}

@test "NO_COLOR and -M: no attributes; TERM=dumb: no table" {
	for row in '1||' '0|NO_COLOR=1|' '0||-M'; do
		IFS='|' read -r bold env flag <<<"$row"
		watch 100x8 "$env $COUNTS $flag >out"
		feed a1
		until_true shows watermark
		over
		until_true grep -q watermark raw # what was shown has come there
		[ "$(grep -c $'\033\\[1m' raw)" -ge "$bold" ]
		[ "$bold" = 1 ] || [ "$(grep -c $'\033\\[1m' raw)" = 0 ]
		mux kill-server
	done
	watch 100x8 "TERM=dumb $COUNTS >out"
	feed a1
	over
	run ! grep -q watermark raw
}

@test "a signal: the table goes; a second one at once, or an error: the terminal is as it was" {
	watch 100x8 "stty -a >before; $COUNTS >out; status=\$?; stty -a | cmp - before && (exit \$status)"
	feed a1
	until_true shows watermark
	kill -INT "$(screen_pid swindow)"
	feed a2
	until_true shows 'a  2     2'
	over
	shows 'ended with 130'
	run ! shows watermark
	mux kill-server
	watch 100x8 "stty -a >before; $COUNTS >out; status=\$?; stty -a | cmp - before && (exit \$status)"
	feed a1
	until_true shows watermark
	signal INT "$(screen_pid swindow)"
	kill -INT "$(screen_pid swindow)"
	until_true shows 'ended with 130'
	run ! grep -qF $'\033[?' raw
	exec 8>&-
	mux kill-server
	watch 100x8 "$COUNTS --on-error fail >out"
	feed a1
	until_true shows watermark
	lines oops >&8
	until_true shows 'ended with 5'
	run ! shows watermark
	shows "swindow: stdin:2: byte 1:"
	exec 8>&-
}

@test "stdout has the same bytes with it and without, on a terminal and off" {
	local args
	local -a argv

	while read -r args; do
		eval "argv=($args)"
		swindow "${argv[@]}" '{n: count, m: avg(.mag), p: p90(.mag), i: increase(.mag)}' "$DATA/earthquakes.ndjson" >without
		swindow --live "${argv[@]}" '{n: count, m: avg(.mag), p: p90(.mag), i: increase(.mag)}' "$DATA/earthquakes.ndjson" >with 2>err
		[ ! -s err ]
		cmp without with
		watch 80x24 "swindow --live $args '{n: count, m: avg(.mag), p: p90(.mag), i: increase(.mag)}' <in >out"
		cat "$DATA/earthquakes.ndjson" >&8
		until_true shows watermark
		over
		cmp without out
		mux kill-server
	done <<-'END'
		--size 6h --by .net --lateness 1h --delay 1h
		--size 1d --every 3h --by .net
		--gap 1h --by .net --emit every:2h
		--rows 50 --by .net
		--all --by .net --top 3 --rank .n
	END
}

@test "what it does not go with is refused" {
	refused <<-'END'
		--live --size 10s --sliding|--live shows windows that are open: with --sliding none ever is
		--live --all --progress|--live and --progress exclude one another
		--all --rank .n|--top N and --rank EXPR go together
	END
}
