#!/usr/bin/env bats
# stee -o chart: pictures drawn by hand; what is drawn on terminals of a tmux server of each test's own.
# shellcheck disable=SC2154 # set by bats and helper.bash
load helper

mux() {
	tmux -u -S "$BATS_TEST_TMPDIR/mux" "$@"
}

teardown() {
	mux kill-server 2>/dev/null || :
}

# watch COLUMNSxROWS COMMAND - a shell's command line on such a screen; it reads ./in, which is FD 8; what it sends the terminal is in ./raw
watch() {
	echo 'set -g status off' >mux.conf
	mkfifo in go
	printf 'read -r _ <go; %s; echo "ended with $?"; exec cat\n' "$2" >job
	LC_ALL=${LOCALE:-C.UTF-8} mux -f mux.conf new-session -d -x "${1%x*}" -y "${1#*x}" bash job 3>&-
	mux pipe-pane 'exec cat >raw'
	until_true test -e raw
	echo >go
	exec 8>in
}

screen() {
	mux capture-pane -p | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# the screen is, or becomes, stdin's
becomes() {
	cat >wanted
	until_true is_wanted || { screen | diff wanted -; return 1; }
}

is_wanted() {
	screen | cmp -s wanted -
}

# draws WIDTH ARG.. - exactly stdin's second part, behind a line "--", of its first part
draws() {
	local width=$1

	shift
	awk '/^--$/ { behind = 1; next } { print > (behind ? "wanted" : "records") }'
	COLUMNS=$width stee -o chart "$@" <records >got || { echo "status $?"; return 1; }
	diff wanted got
}

@test "labels: bars, and the last value of one" {
	draws 20 --x .host <<-'END'
		{"host":"a","n":1}
		{"host":"b","n":5}
		{"host":"a","n":10}
		{"host":"c","n":null}
		{"host":null,"n":-0.0}
		--
		n by host
		a    ############ 10
		b    ###### 5
		null  0
	END
}

@test "blocks of eighths where the locale has UTF-8" {
	LC_ALL=C.UTF-8 draws 20 --x .h --y '.n / 2' <<-'END'
		{"h":"東京","n":28}
		{"h":"é","n":11}
		--
		.n / 2 by h
		東京 ███████████ 14
		é    ████▍ 5.5
	END
}

@test "times: columns; the only number besides" {
	draws 20 --height 10 <<-'END'
		{"window_start":"2026-11-29T12:00:00Z","window_end":"2026-11-29T12:01:00Z","k":"x","n":1}
		{"window_start":"2026-11-29T12:01:00Z","window_end":"2026-11-29T12:02:00Z","k":"x","n":1.5,"revision":1}
		{"window_start":"2026-11-29T12:03:00Z","window_end":"2026-11-29T12:04:00Z","k":"x","n":4}
		--
		n by time
		4 +            ###
		  |            ###
		  |            ###
		2 +    ___     ###
		  |### ###     ###
		  |### ###     ###
		0 ++-------+-------
		   12:00   12:02
		   2026-11-29
	END
}

@test "times and series: a line for each" {
	draws 20 --x .at --y .v --by .m --height 10 <<-'END'
		{"at":"2026-11-29T12:00:00Z","m":"get","v":1}
		{"at":"2026-11-29T12:00:00Z","m":"post","v":3}
		{"at":"2026-11-29T12:01:00Z","m":"get","v":3}
		{"at":"2026-11-29T12:01:00Z","m":"post","v":1}
		--
		v by at, m
		* get  o post
		3 +o.     .*
		  |  .. ..
		2 +   ...
		  | ..   ..
		1 +*       o
		  ++-------+-------
		   12:00   12:01
		   2026-11-29
	END
}

@test "which numbers are times, which labels" {
	local line

	# a small number is a label, a large one seconds, or whatever --time-format says
	while IFS='|' read -r x args line; do
		# shellcheck disable=SC2086
		echo "{\"x\":$x,\"y\":2}" | COLUMNS=20 stee -o chart $args >got
		[ "$(sed -n "$line" got)" ] || { cat got; return 1; }
	done <<-'END'
		404|--x .x|/^404 ############## 2$/p
		1700000000|--x .x|/^ *22:13:20$/p
		1700000000|--x .x|/^ *2023-11-14$/p
		86400|--x .x --time-format s|/^ *1970-01-02$/p
		"29.11.2026"|--x .x --time-format=%d.%m.%Y|/^ *2026-11-29$/p
		"2026-11-29"|--time .x|/^ *2026-11-29$/p
		"2026-11-29T12:00:00"|--x .x --tz Europe/Berlin|/^ *11:00$/p
		"2026-11-29T12:00:00"|--x .x --y .y|/^y by x$/p
	END
}

@test "CSV in, a destination, conditions: the records that are for it" {
	lines h,n a,1 b,2 c,16 >in.csv
	COLUMNS=20 stee -i csv -o chart --x .h --if '.n < 10' small --if '.n > 1' large <in.csv >out
	cmp in.csv out
	diff small - <<-'END'
		n by h
		a ######## 1
		b ################ 2
	END
	diff large - <<-'END'
		n by h
		b ## 2
		c ############### 16
	END
}

@test "nothing came, nothing is drawn" {
	run -0 --separate-stderr stee -o chart </dev/null
	want
	[ -z "$stderr" ]
}

@test "no record has a number: that is said" {
	run -0 --separate-stderr stee -o chart --y .nope <<<'{"ts":1,"n":1}'
	want
	[ "$stderr" = "stee: no record has a number at .nope: there is nothing to draw" ]
	run -0 --separate-stderr stee -o chart --y .nope </dev/null
	[ -z "$stderr" ]
	run -0 --separate-stderr stee -o chart --x .h --y .n <<<$'{"h":"a"}\n{"h":"a","n":1}'
	[ -z "$stderr" ]
}

@test "what is no point is a bad record, and the rest is drawn" {
	run -5 --separate-stderr env COLUMNS=20 stee -o chart --x .h <<-'END'
		{"h":"a","n":1}
		{"h":"a","n":"x"}
		{"h":"b"}
	END
	want 'n by h' 'a ################ 1'
	says '*stdin:2: n: the value is string, not a number*'
	run -5 --separate-stderr env COLUMNS=20 stee -o chart --y .n <<-'END'
		{"n":1}
		{"ts":"2026-11-29T12:00:00Z","n":1}
		{"ts":"noon","n":1}
	END
	says '*stdin:1: no time to draw by: none of window_start, ts, *--x EXPR*' "*stdin:3: 'noon' is no RFC 3339 time*; --x EXPR draws by something else"
	[[ $output == *12:00* ]]
}

@test "what is not clear is said" {
	run -2 --separate-stderr stee -o chart <<<'{"ts":1,"n":1,"s":"","mean":2}'
	want
	says '*there are several numbers (n, mean): --y EXPR says which'
	run -2 --separate-stderr stee --x .a </dev/null
	says '*--x needs -o chart'
	run -2 --separate-stderr stee -o chart 'pic-{.a}' </dev/null
	says '*pic-{.a} names many files, and there is one picture'
	run -3 --separate-stderr stee -o chart --by '.a +' </dev/null
	says '*--by:1:*'
}

@test "colour where it is asked for" {
	COLUMNS=20 stee -o chart --x .h -C <<<'{"h":"a","n":1}' | diff - <(printf '\033[1mn by h\033[0m\na \033[36m################\033[0m 1\n')
}

@test "on a terminal the picture grows in place, and stays at the end" {
	watch 21x12 'stee -o chart -M --x .h <in'
	lines '{"h":"a","n":8}' >&8
	becomes <<-'END'
		n by h
		a ████████████████ 8
	END
	lines '{"h":"b","n":16}' '{"h":"a","n":4}' >&8
	becomes <<-'END'
		n by h
		a ███▊ 4
		b ███████████████ 16
	END
	exec 8>&-
	becomes <<-'END'
		n by h
		a ███▊ 4
		b ███████████████ 16
		ended with 0
	END
	# the screen is left as it was: no other one, nothing hidden
	run ! grep -q $'\033\\[?' raw
}

@test "at most four times a second" {
	local i

	watch 40x12 'stee -o chart -M --x .h <in'
	for i in {1..100}; do
		lines "{\"h\":\"a\",\"n\":$i}" >&8
		sleep 0.01
	done
	SECONDS=0
	exec 8>&-
	until_true ended
	# what it was drawn for: 1 s and more of records, how slow the machine may be; 100 without the limit
	[ "$(grep -c 'n by h' raw)" -le 20 ]
	[ "$(grep -c 'n by h' raw)" -ge 2 ]
	[ "$(screen | grep -c 'n by h')" = 1 ]
}

ended() {
	screen | grep -q 'ended with 0'
}

@test "a message on the same terminal stands above it; so does what was there" {
	watch 60x12 'echo before; stee -o chart -M --x .h <in'
	lines '{"h":"a","n":8}' >&8
	until_true grep -q 'n by h' raw
	lines '{' '{"h":"a","n":4}' >&8
	exec 8>&-
	until_true eval "screen | grep -q 'ended with 5'"
	screen | grep -v '^$' | sed 's/byte.*//' >got
	[ "$(grep -c 'n by h' got)" = 1 ]
	[ "$(sed -n 1p got)" = before ]
	[[ "$(sed -n 2p got)" == 'stee: stdin:2: '* ]]
	tail -n 3 got | head -n 1 | grep -qx 'n by h'
}

@test "a terminal that changes its size" {
	watch 41x12 'stee -o chart -M --x .h <in'
	lines '{"h":"a","n":8}' >&8
	until_true grep -q 'a █' raw
	mux resize-window -x 25 -y 12
	lines '{"h":"b","n":4}' >&8
	becomes <<-'END'
		n by h
		a ████████████████████ 8
		b ██████████ 4
	END
	exec 8>&-
}

@test "a signal ends it in order: what came is drawn" {
	watch 21x12 'stee -o chart -M --x .h <in'
	lines '{"h":"a","n":8}' >&8
	until_true grep -q 'a █' raw
	mux send-keys C-c
	becomes <<-'END'
		n by h
		a ████████████████ 8
		ended with 130
	END
}
