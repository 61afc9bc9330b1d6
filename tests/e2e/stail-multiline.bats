#!/usr/bin/env bats
# stail: lines that continue others, what container runtimes put before lines, where a record came from.
# shellcheck disable=SC2154,SC2016,SC2034 # set by bats and helper.bash; programs are not the shell's
load helper

# a log with stack traces, as logback writes it
trace() {
	printf '%s\n' '10:00 ERROR cannot store' 'java.lang.IllegalStateException: closed' \
		$'\tat app.Store.put(Store.java:12)' $'\tat app.Main.main(Main.java:5)' \
		'Caused by: java.io.IOException: disk' $'\tat app.Disk.write(Disk.java:7)' $'\t... 2 more' \
		'10:01 INFO going on' '10:02 INFO done'
}

@test "a stack trace is one record with the line it was logged with" {
	trace >log
	run -0 stail --multiline java log
	want '10:00 ERROR cannot store\njava.lang.IllegalStateException: closed\n	at app.Store.put(Store.java:12)\n	at app.Main.main(Main.java:5)\nCaused by: java.io.IOException: disk\n	at app.Disk.write(Disk.java:7)\n	... 2 more' \
		'10:01 INFO going on' '10:02 INFO done'
}

@test "an expression and indent say so too" {
	trace >log
	stail --multiline java log >java
	stail --multiline '^\d\d:\d\d ' log | cmp - java
	lines a ' b' c >log
	run -0 stail --multiline indent log
	want 'a\n b' c
}

@test "a python traceback" {
	peer python3
	python3 - 2>log <<-'END' || :
		import logging
		logging.basicConfig(level=logging.INFO)
		try:
		    try:
		        {}[1]
		    except KeyError as e:
		        raise ValueError("two") from e
		except ValueError:
		    logging.exception("it failed")
		logging.info("going on")
	END
	[ "$(wc -l <log)" -gt 10 ]
	run -0 stail --multiline python log
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == 'ERROR:root:it failed\nTraceback '*'\nKeyError: 1\n'*'\nValueError: two' ]]
	[ "${lines[1]}" = INFO:root:going\ on ]
}

@test "--join TEXT is put between lines that are written as they are" {
	gives 'a\n b\n c\nd\n' 'a | b | c\nd\n' stail --multiline indent --join ' |'
	gives 'a\n b\nc' 'a\\n b\nc' stail --multiline indent
	gives 'a\n b' 'a\\n b' stail --multiline indent
}

@test "where lines are looked into they have newlines" {
	peer jq
	trace >log
	sed 7q log | jq -Rs 'rtrimstr("\n")' >want
	stail --multiline java -i text log | sed -n 1p | cmp - want
	stail --multiline java --parse '(?s)^(?<at>\S+) (?<level>\S+) (?<message>.*)$' log >got
	jq -r .level got | paste -sd ' ' | grep -x 'ERROR INFO INFO'
	jq -r 'select(.level == "ERROR").message' got | cmp - <(sed '1s/.*ERROR //; 7q' log)
}

@test "a byte that is no text does not become a newline" {
	gives 'a\xff\n b\n' '"a\xfe\\n b"\n' stail --multiline indent -i text
	gives 'a\xff\nb\n' 'a\xfe\nb\n' stail --multiline indent
}

@test "JSON as jq prints it" {
	peer jq
	jq -nc 'range(300) | {id: ., "}{": "a\n\"[\\", list: [., {}, []], empty: {}}' >want
	jq . want >pretty
	stail --multiline json pretty >got
	[ "$(wc -l <got)" -eq 300 ]
	jq -c . got | cmp - want
	stail --multiline json -i json pretty | cmp - got
	stail --multiline '^{' -i json pretty | cmp - got
	jq -c '{id, b: "x y"}' want >flat
	jq . flat | stail --multiline json -o csv | cmp - <(stail -o csv flat)
}

@test "numbers stay as they are spelled" {
	gives '{"a":\n1.00,"b":1e2}\n' '{"a": 1.00,"b":1e2}\n' stail --multiline json -i json
}

@test "a record that may go on is waited for, and no longer" {
	coproc stail --multiline indent --multiline-timeout 50ms -i text
	lines a ' b' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '"a\n b"' ]
	lines c >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '"c"' ]
}

@test "at the end of the input it leaves at once, and when the next begins" {
	coproc stail --multiline indent --multiline-timeout 1h
	lines a ' b' c >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = 'a\n b' ]
	fd=${COPROC[0]}
	exec {keep}<&"$fd"
	hang_up
	answer "$keep"
	[ "$line" = c ]
}

@test "JSON whose brackets are closed is waited for by nobody" {
	coproc stail --multiline json --multiline-timeout 1h
	lines '{' '}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '{ }' ]
}

# follow ARG.. - stail in the background; its output is fd $out
follow() {
	mkfifo out
	default_signals stail "$@" >out 3>&- &
	pid=$!
	exec {out}<out
}

# next LINE.. - come out, in this order
next() {
	for expected; do
		answer "$out" || return 1
		[ "$line" = "$expected" ] || { echo "got '$line', not '$expected'"; return 1; }
	done
}

@test "a file that grows: what is held leaves when stail is ended" {
	lines a ' b' >log
	follow -F -n +1 --multiline indent --multiline-timeout 1h log
	lines ' c' d ' e' >>log
	next 'a\n b\n c'
	kill -TERM "$pid"
	finish "$pid" 143
	next 'd\n e'
}

@test "files that grow at the same time do not get into one another" {
	touch one two
	follow -F --multiline indent --multiline-timeout 1h --join + one two
	for i in 1 2 3; do
		lines "a$i" >>one
		lines "b$i" >>two
		lines " c$i" >>one
		lines " d$i" >>two
	done
	lines e >>one
	lines f >>two
	for i in {1..6}; do
		answer "$out"
		lines "$line"
	done | sort | diff - <(lines 'a1+ c1' 'a2+ c2' 'a3+ c3' 'b1+ d1' 'b2+ d2' 'b3+ d3')
	kill -TERM "$pid"
	finish "$pid" 143
	sort <&"$out" | diff - <(lines e f)
}

@test "a rotation ends what is held of the file before" {
	lines a ' b' >log
	follow -F -n +1 --multiline indent --multiline-timeout 1h log
	lines ' c' d ' e' >>log
	next 'a\n b\n c'
	mv log log.1
	lines ' f' >log
	next 'd\n e'
	lines g >>log
	next ' f'
	kill -TERM "$pid"
	finish "$pid" 143
	next g
}

@test "files: one ends where the next begins" {
	lines a >one
	lines ' b' c >two
	gives '' 'a\n b\nc\n' stail --multiline indent --join '+' one two
}

@test "--max-record holds for what was joined" {
	lines 0123 ' 4567' 0123 ' 45678' ' x' c >log
	run --separate-stderr -5 stail --multiline indent --max-record 10 --dead-letter dead log
	want '0123\n 4567' c
	says 'stail: log:3: byte 11: the record is longer than --max-record (10 bytes)'
	lines 0123 ' 45678' | cmp - dead
}

@test "bad records are kept as they were, and passed on as one line" {
	lines 'x 1' ' y' 'a=1' >log
	run --separate-stderr -5 stail --multiline indent --parse '^(?<k>\w)=(?<v>\d)$' --dead-letter dead \
		--on-error pass log
	want 'x 1\n y' '{"k":"a","v":1}'
	lines 'x 1' ' y' | cmp - dead
	says 'stail: log:1: *'
}

@test "--resume: a record that was held when stail was killed comes once, and whole" {
	lines a ' b' c ' d' >log
	default_signals stail -F -n +1 --multiline indent --multiline-timeout 1h --resume positions --every 10ms log >>out 3>&- &
	pid=$!
	until_true grep -qF 'a\n b' out
	until_true grep -qF '"at":5,' positions
	kill -KILL "$pid"
	finish "$pid" 137
	lines ' e' f >>log
	stail -n +1 --multiline indent --resume positions --exit-at-end log >>out
	diff out - <<-'END'
		a\n b
		c\n d\n e
		f
	END
}

# ---- prefixes

@test "docker compose's prefix is taken off" {
	lines 'web-1  | {"a":1.0}' 'db-1   | [2]' 'Attaching to web-1' >log
	run -0 stail --prefix '[\w.-]+ +\| ' log
	want '{"a":1.0}' '[2]' 'Attaching to web-1'
}

@test "CRI: the prefix goes, and lines in pieces become whole" {
	cri() { printf '2016-10-06T00:17:09.669794202Z %s %s\n' "$1" "$2"; }
	{
		cri stdout 'F {"a":1}'
		cri stdout 'P {"b":"one '
		cri stderr 'P oh'
		cri stdout 'P and '
		cri stderr 'F  no'
		cri stdout 'F two"}'
	} >log
	run -0 stail --prefix cri log
	want '{"a":1}' '{"b":"one and two"}' 'oh no'
	run -0 stail --prefix cri --multiline '^\{' log
	want '{"a":1}' '{"b":"one and two"}\noh no'
}

@test "CRI: a line of 100,000 bytes in pieces of 16 KiB, as containerd cuts them" {
	head -c 75000 /dev/urandom | base64 -w 0 >text
	{
		fold -w 16384 text | sed '$d; s/^/2016-10-06T00:17:09.669794202Z stdout P /'
		printf '2016-10-06T00:17:09.669794202Z stdout F %s\n' "$(fold -w 16384 text | tail -n 1)"
	} >log
	[ "$(wc -l <log)" -eq 7 ]
	stail --prefix cri log | cmp - <(cat text; echo)
}

# ---- tags

@test "--tag: offsets as grep -b has them, numbers as grep -n, and the source" {
	peer jq
	cat "$DATA"/access.log >log
	stail --tag log | jq -r '"\(.offset):\(.text)"' | cmp - <(grep -b '' log)
	stail --tag log | jq -r '"\(.line):\(.text)"' | cmp - <(grep -n '' log)
	stail --tag log | jq -r .source | sort -u | grep -x log
	gzip -k log
	stail --tag log.gz | jq -r '"\(.offset):\(.text)"' | cmp - <(grep -b '' log)
}

@test "--tag: of the last lines of a file that is followed" {
	peer jq
	seq 100 >log
	follow -f -n 2 --tag log
	for i in 1 2 3; do
		answer "$out"
		[ "$i" -ne 2 ] || lines 101 >>log
		jq -r '"\(.line):\(.offset):\(.text)"' <<<"$line"
	done >got
	grep -bn '' log | tail -n 3 | diff got -
	kill -TERM "$pid"
	finish "$pid" 143
}

@test "--tag: of a record over lines those of its first, of a stripped one those of its line" {
	peer jq
	trace >log
	stail --multiline java --tag log | jq -r '"\(.offset):\(.line)"' |
		cmp - <(grep -bn '^[0-9]' log | sed 's/^\([0-9]*\):\([0-9]*\):.*/\2:\1/')
	sed 's/^/x | /' log >prefixed
	stail --prefix 'x \| ' --multiline java --tag prefixed | jq -r '"\(.offset):\(.line)"' |
		cmp - <(grep -bn '^x | [0-9]' prefixed | sed 's/^\([0-9]*\):\([0-9]*\):.*/\2:\1/')
	printf 'a,b\n1,"x\ny"\n2,z\n' >csv
	run -0 sh -c 'stail -i csv --tag csv | jq -c "[.a, .offset, .line]"'
	want '[1,4,2]' '[2,12,4]'
	printf '1 {\n}\n[]\n' >values
	run -0 sh -c 'stail -i json-stream --tag values | jq -c "[.offset, .line]"'
	want '[0,1]' '[2,1]' '[6,3]'
}

# tags JSON FIELDS.. - how that record is written with --tag, but for when it was read
tags() {
	lines "$1" | stail -i json --tag | sed 's/"read":"[^"]*"/"read":R/'
}

@test "--tag: behind an object's own members, which stay as they are" {
	run -0 tags '{"a": 1.00, "b":"\u00e4" }'
	want '{"a": 1.00, "b":"\u00e4","source":"stdin","offset":0,"line":1,"read":R}'
	run -0 tags '{ }'
	want '{"source":"stdin","offset":0,"line":1,"read":R}'
}

@test "--tag: a name that the record has itself" {
	run -0 tags '{"line":{"_line":1},"_\u0073ource":2,"source":null}'
	want '{"line":{"_line":1},"_\u0073ource":2,"source":null,"__source":"stdin","offset":0,"_line":1,"read":R}'
	run -0 tags '{"x":{"line":1}}'
	want '{"x":{"line":1},"source":"stdin","offset":0,"line":1,"read":R}'
}

@test "--tag: what is no object" {
	run -0 tags '[1, 2]'
	want '{"value":[1, 2],"source":"stdin","offset":0,"line":1,"read":R}'
	run -0 tags '"x"'
	want '{"value":"x","source":"stdin","offset":0,"line":1,"read":R}'
}

@test "--tag: the time of reading" {
	peer jq
	before=$(date -u +%Y-%m-%dT%H:%M:%S.%N)
	read=$(echo x | stail --tag | jq -r .read)
	after=$(date -u +%Y-%m-%dT%H:%M:%S.%N)
	[[ $read == *Z ]]
	[[ ! ${read%Z} < $before && ! ${read%Z} > $after ]]
}

@test "--tag in other formats" {
	run -0 sh -c 'lines() { printf "%s\n" "$@"; }; lines "{\"a\":1.50}" "{\"a\":2}" | stail --tag -o csv --columns a,line,offset,source'
	want a,line,offset,source 1.50,1,0,stdin 2,2,11,stdin
	run -0 sh -c "echo '{\"b\":2}' | stail --tag -o logfmt"
	[[ $output == 'b=2 source=stdin offset=0 line=1 read='* ]]
	run -0 sh -c "echo 'x=1' | stail --parse logfmt --tag"
	[[ $output == '{"x":1,"source":"stdin","offset":0,"line":1,"read":"'* ]]
}

@test "--tag: bad records are what they are without it" {
	run --separate-stderr -5 stail -i json --tag --on-error pass < <(lines '{' '{}')
	[ "${lines[0]}" = '{' ]
	[[ ${lines[1]} == '{"source":"stdin","offset":2,"line":2,'* ]]
}

@test "usage" {
	run --separate-stderr -2 stail --multiline '(' /dev/null
	says 'stail: --multiline: missing closing parenthesis at column 2'
	run --separate-stderr -2 stail --prefix '[' /dev/null
	says 'stail: --prefix: missing terminating \] for character class at column *'
	run --separate-stderr -2 stail --multiline-timeout soon /dev/null
	says '*--multiline-timeout*'
}
