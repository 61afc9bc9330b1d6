#!/usr/bin/env bats
# sreplay on terminals (screen.bash): the status line, and what keys do. Time stands still for most of it, so that only keys move it.
# shellcheck disable=SC2154,SC2016,SC2034 # set by bats and helper.bash; programs are not the shell's
load helper
load screen

STILL='sreplay -s 0.000001'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# 1970-01-01T01:00:00Z to 01:10:00Z, a record each 10 s: .n is seconds
	seq 0 10 600 | awk '{ printf "{\"ts\":\"1970-01-01T01:%02d:%02dZ\",\"n\":%d,\"x\":\"%0100d\"}\n", $1 / 60, $1 % 60, $1, 0 }' >f
}

# watch COMMAND - on a screen, with stdout in ./out; the terminal's state before and behind it is compared
watch() {
	rm -f out
	open_screen 160x12 "stty -a >before; $1; status=\$?; stty -a | cmp - before && (exit \$status)"
}

# played N.. - these seconds' records, and no others, were written, or are by and by
played() {
	lines "$@" >wanted
	until_true is_played || { sed -n 's/.*"n":\([0-9]*\).*/\1/p' out | diff wanted -; return 1; }
}

is_played() {
	[ -e out ] || return
	sed -n 's/.*"n":\([0-9]*\).*/\1/p' out | cmp -s wanted -
}

# shown TEXT.. - is on the screen, or will be
shown() {
	local text

	for text; do until_true shows "$text" || { screen; return 1; }; done
}

# ended STATUS - with that status, the terminal as it was and the line gone
ended() {
	shown "ended with $1"
	[ "$(screen)" = "ended with $1" ] || { screen; return 1; }
}

@test "the line: event time, how much, speed, records a second, lag, the rest" {
	watch "sreplay -s 300 f >out"
	until_true matches '^1970-01-01 01:0[0-9]:[0-9]{2}\.[0-9]Z  [0-9]+ %  300x  [0-9]+(\.[0-9])?/s  lag [0-9.]+ ms  ETA [0-9]+s$'
	ended 0
	cmp f out
}

matches() {
	screen | grep -Eq "$1"
}

@test "how much has been played: 60 s of 600, and what is left of it at this speed" {
	watch "$STILL f >out"
	played 0
	press Up
	shown '1970-01-01 01:01:00.0Z  10 %'
	press q
	ended 0
	# ending with --until: 60 s of 240; beginning with --since: none of it
	watch "$STILL --until 1970-01-01T01:04:00Z f >out"
	played 0
	press Up
	shown '01:01:00.0Z  25 %'
	press q
	ended 0
	watch "$STILL -s 1000 --since 1970-01-01T01:05:00Z f >out"
	ended 0
	cmp out <(tail -n +31 f)
}

@test "seeking: arrows, pages, Home; not before the first record" {
	watch "$STILL f >out"
	played 0
	press Right
	played 0 10
	press Up
	played 0 10 70
	press PageUp # behind the end
	ended 0
	watch "$STILL f >out"
	played 0
	press Up
	played 0 60
	press Left
	played 0 60 50
	press Down
	played 0 60 50 0
	press Right Right Right
	shown '01:00:30.0Z'
	press Home
	until_true ends_with_first
	press q
	ended 0
}

ends_with_first() {
	tail -n 1 out | cmp -s - <(head -n 1 f)
}

@test "seeking goes on at the pace from the time sought, though there is no record of it" {
	printf '{"ts":%s,"n":%s}\n' 0 0 15 15 15 16 >g
	watch "sreplay -s 0.1 g >out"
	played 0
	press Right
	shown '00:00:10.'
	played 0 # 15 is due in 50 s
	press ']' + + + + + +
	played 0 15 16
	ended 0
}

@test "seeking in compressed files, in several, in CSV, where times are moved, in a loop" {
	gzip -k f
	awk 'NR % 2' f >odd
	awk 'NR % 2 == 0' f >even
	sed '1i ts,n
		s/{"ts":"\([^"]*\)","n":\([0-9]*\).*/\1,\2/' f >f.csv
	for args in 'f.gz' 'odd even' '-i csv f.csv' '--reorder 20s f' '--loop=2 f'; do
		watch "$STILL $args >out"
		played 0 || { echo "$args"; return 1; }
		press Up
		played 0 60 || { echo "$args"; return 1; }
		press Left
		played 0 60 50 || { echo "$args"; return 1; }
		press q
		ended 0
	done
	watch "$STILL --shift 2026-01-01 f >out"
	played 0
	press Up
	played 0 60
	[[ $(tail -n 1 out) == '{"ts":"2026-01-01T00:01:00Z","n":60,'* ]]
	press q
	ended 0
}

@test "seeking where that cannot be: it is said" {
	watch "cat f | $STILL >out"
	played 0
	press Right
	shown 'cannot seek: the input is no file'
	press q
	ended 0
	watch "sreplay -r 1/h f >out"
	played 0
	press Right
	shown 'cannot seek: records are played whatever their times (-t names them)'
	press q
	ended 0
	watch "$STILL --watermark f | cat >out"
	played 0
	press Up
	played 0 60
	press Left
	shown 'cannot go back: watermarks were written, and do not'
	press Right
	played 0 60 70
	press q
	ended 0
}

@test "pause, steps, going on" {
	watch "sreplay -s 0.1 f >out"
	played 0
	press Space
	shown paused
	press . .
	played 0 10 20
	shown '01:00:20.0Z'
	press Space
	until_true lacks paused
	press q
	ended 0
	# as fast as it goes: at once behind the first records, which a pipe brings
	mkfifo wake
	watch "{ head -n 3 f; read -r _ <wake; tail -n +4 f; } | sreplay --max >out"
	played 0 10 20
	press Space
	shown paused
	echo >wake
	press . .
	played 0 10 20 30 40
	press Space
	ended 0
	cmp f out
}

lacks() {
	! shows "$1"
}

@test "speed: twice, half, a tenth more or less, as it was" {
	watch "sreplay -s 0.01 f >out"
	shown '  0.01x  '
	press +
	shown '  0.02x  '
	press - -
	shown '  0.005x  '
	press '='
	shown '  0.01x  '
	press ']'
	shown '  0.011x  '
	press BSpace
	shown '  0.01x  '
	press '['
	shown '  0.009091x  '
	press + + + + + + + + + + + + + + + +
	ended 0
	cmp f out
	# of a rate it is a multiple
	watch "sreplay -r 1/h f >out"
	shown '%  1/h  '
	press + +
	shown '  1/h  4x  '
	press q
	ended 0
}

@test "the keys are shown; others do nothing" {
	watch "$STILL f >out"
	played 0
	press x Enter F5 '?'
	shown 'space  pause, go on' '?  this' '01:00:00.0Z'
	press q
	shown 'ended with 0'
	[ "$(screen | wc -l)" = 7 ]
	played 0
}

@test "a message takes the line's place, and the line comes back" {
	sed '2s/.*/oops/' f >g
	watch "$STILL --on-error report g >out"
	until_true matches '^1970-01-01 01:00:00.0Z .*  1e-06x .* lag'
	[ "$(screen | grep -c .)" = 2 ]
	[ "$(screen | sed -n '1s/, .*//p')" = 'sreplay: g:2: byte 1: expected a JSON value' ]
	press q
	shown 'ended with 5'
	[ "$(screen | grep -c lag)" = 0 ]
}

@test "however it ends the terminal is as it was" {
	local how

	for how in TERM INT HUP QUIT; do
		watch "$STILL f >out"
		shown '01:00:00.0Z'
		kill "-$how" "$(screen_pid sreplay)"
		shown "ended with $((128 + $(kill -l "$how")))"
	done
	# Ctrl-C, typed
	watch "$STILL f >out"
	shown '01:00:00.0Z'
	press C-c
	ended 130
	# its reader goes away
	watch "$STILL f | head -n 1 >out; (exit \${PIPESTATUS[0]})"
	shown 'ended with 141'
}

@test "stopped by Ctrl-Z and brought back; in the background there are no keys and no line" {
	open_screen 100x20 'exec bash --norc --noprofile -i'
	shown 'bash-'
	press "$STILL f >out" Enter
	shown '01:00:00.0Z'
	press C-z
	shown 'Stopped'
	press 'stty -a | grep -o -- "[-]*icanon" >modes' Enter
	until_true grep -qx icanon modes
	press bg Enter
	until_true shows '[1]+ sreplay'
	press 'echo still"-"here' Enter
	shown still-here
	press fg Enter
	shown '01:00:00.0Z'
	press Up
	played 0 60
	press q
	press 'echo be"-"hind' Enter
	shown be-hind
	press 'clear' Enter
	press "$STILL f >out2 &" Enter
	until_true test -s out2
	press 'echo once"-"more; jobs' Enter
	shown once-more
	shown Running
	run ! shows ' lag '
	press 'kill %%' Enter
}

@test "--no-keys; keys are never data's" {
	watch "$STILL --no-keys f >out"
	played 0
	press Up q
	until_true grep -q q raw # echoed: not read
	kill -TERM "$(screen_pid sreplay)"
	shown 'ended with 143'
	played 0
	# data typed there: q is a bad record
	watch "$STILL - >out"
	press '{"ts":1,"n":1}' Enter
	played 1
	press q Enter
	shown 'sreplay: stdin:2: byte 1:'
	press C-d
	shown 'ended with 5'
}

@test "where the line is: not on stdout's terminal, but with --progress; not where stderr is none" {
	watch "sreplay -s 0.01 f"
	shown '"n":0,'
	press Up
	shown '"n":60,'
	run ! shows lag
	press q
	shown 'ended with 0'
	watch "sreplay -s 0.01 --progress f"
	shown '"n":0,' ' lag '
	press Up
	shown '"n":60,'
	until_true matches '^1970-01-01 01:01:00.*  lag '
	press q
	shown 'ended with 0'
	[ "$(screen)" = "$(sed -n '1p;7p' f; echo 'ended with 0')" ]
	watch "sreplay -s 0.01 f >out 2>err"
	played 0
	press Up q
	until_true grep -q q raw
	kill -TERM "$(screen_pid sreplay)"
	shown 'ended with 143'
	[ ! -s err ]
}

@test "NO_COLOR, TERM=dumb: no attributes, and no escape sequences at all without" {
	local row color env

	for row in '1|' '0|NO_COLOR=1' '1|NO_COLOR=' '0|TERM=dumb'; do
		IFS='|' read -r color env <<<"$row"
		watch "$env $STILL f >out"
		shown '01:00:00.0Z'
		press Space
		shown paused
		press q
		ended 0
		until_true grep -q 'ended with' raw
		[ "$(grep -c $'\033\\[7m' raw)" -ge "$color" ]
		[ "$color" = 1 ] || [ "$(grep -c $'\033' raw)" = 0 ]
	done
}

@test "it fits into the screen's width" {
	open_screen 30x5 "$STILL f >out"
	shown '1970-01-01 01:00:00.0Z  0'
	press Space
	shown '1970-01-01 01:00:00.0Z'
	[ "$(screen | wc -l)" = 1 ]
	press q
	ended 0
}

@test "--dry-run and --record have neither" {
	watch "sreplay --dry-run f >out"
	shown 'ended with 0'
	[ "$(screen)" = 'ended with 0' ]
	mkfifo wake
	watch "{ echo a; read -r _ <wake; } | sreplay --record >out"
	until_true grep -q a out
	press Up q
	until_true grep -q q raw
	echo >wake
	shown 'ended with 0'
}
