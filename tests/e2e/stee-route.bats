#!/usr/bin/env bats
# stee: which destination a record is for (--if, --route, --partition), and names of files made from records.
# shellcheck disable=SC2154,SC2016,SC2034 # set by bats and helper.bash; programs are not the shell's
load helper

# files NAME.. - these, and no others, are in the folder out
files() {
	diff <(lines "$@") <(cd out && find . -type f | sed 's,^\./,,' | LC_ALL=C sort)
}

requests() {
	lines '{"ts":"2026-01-01T22:59:59Z","host":"web-1","status":200}' '{"ts":"2026-01-01T23:00:00Z","host":"web-2","status":503}' \
		'{"ts":"2026-01-02T00:00:00Z","host":"web-1","status":404}' '{"ts":"2026-01-02T00:00:01Z","host":"web-3"}'
}

# ---- conditions

@test "--if belongs to the DEST behind it" {
	requests >in
	stee all --if '.status >= 500' errors --if .status known also <in | cmp - in
	cmp all in
	cmp also in
	diff errors <(jq -c 'select(.status >= 500)' in)
	diff known <(jq -c 'select(.status)' in)
}
@test "true is what is neither null nor false, of several outputs one" {
	gives '{"a":0}\n{"a":null}\n{"a":false}\n{"a":""}\n' '' stee -q --if .a f --if '.a, 1' g --if 'empty' h
	diff f <(lines '{"a":0}' '{"a":""}')
	[ "$(wc -l <g)" -eq 4 ]
	[ -e h ] && [ ! -s h ]
}
@test "records of all kinds keep their bytes" {
	printf '{ "a" : 1.0e2 }\n[ 1 ]\n"x"\n7\n' >in
	stee -q --if 'type != "null"' f <in
	cmp f in
}
@test "a record on which a condition fails is bad, and in no output" {
	run -5 --separate-stderr bash -c 'printf "{\"a\":{\"b\":1}}\n{\"a\":1}\n" | stee f --if .a.b g'
	want '{"a":{"b":1}}'
	says 'stee: stdin:2: --if: Cannot index number with *'
	[ "$(cat f)" = '{"a":{"b":1}}' ]
}
@test "--route: the first that holds, the last takes what is left" {
	requests >in
	stee --route --if '.status >= 500' errors --if '.status >= 400' bad rest <in | cmp - in
	diff errors <(jq -c 'select(.status >= 500)' in)
	diff bad <(jq -c 'select(.status >= 400 and .status < 500)' in)
	diff rest <(jq -c 'select(.status < 400)' in)
	# and nobody takes what is left
	stee -q --route --if '.status >= 500' errors --if '.status >= 400' bad <in
	[ "$(cat errors bad | wc -l)" -eq 2 ]
}
@test "--route: what is for one that failed goes to no other" {
	run -2 bash -c 'printf "1\n2\n" | stee -q --route --if ". == 1" no/such rest 2>err'
	[ "$(cat rest)" = 2 ]
}
@test "each record is somewhere: a million over three routes" {
	if sanitized; then skip "takes its time"; fi
	seq 1000000 >in
	stee -q --route --if '. % 3 == 0' a --if '. % 3 == 1' b c <in
	cmp a <(seq 3 3 1000000)
	cmp b <(seq 1 3 1000000)
	cmp c <(seq 2 3 1000000)
}

# ---- names

@test "a file a value" {
	requests | stee -q 'out/{.host}.ndjson'
	files web-1.ndjson web-2.ndjson web-3.ndjson
	diff out/web-1.ndjson <(requests | jq -c 'select(.host == "web-1")')
	# the next run replaces, or appends
	requests | stee -q 'out/{.host}.ndjson'
	[ "$(cat out/* | wc -l)" -eq 4 ]
	requests | stee -qa 'out/{.host}.ndjson'
	[ "$(cat out/* | wc -l)" -eq 8 ]
}
@test "a file a day, in UTC or the zone; days by any field" {
	requests | stee -q 'out/{%Y-%m-%d}/{%H}.ndjson'
	files 2026-01-01/22.ndjson 2026-01-01/23.ndjson 2026-01-02/00.ndjson
	[ "$(wc -l <out/2026-01-02/00.ndjson)" -eq 2 ]
	rm -r out
	requests | stee -q --tz Europe/Berlin 'out/{%F}'
	files 2026-01-01 2026-01-02
	[ "$(wc -l <out/2026-01-02)" -eq 3 ]
	rm -r out
	echo '{"ts":0,"at":"31/12/2025"}' | stee -q --time .at --time-format %d/%m/%Y 'out/{%Y}'
	files 2025
}
@test "a record without what its name takes is bad" {
	run -5 --separate-stderr bash -c 'printf "{\"ts\":1}\n{\"a\":1}\n{\"ts\":\"soon\"}\n{\"ts\":2}\n" | stee -q "out/{%Y}"'
	files 1970
	diff out/1970 <(lines '{"ts":1}' '{"ts":2}')
	says '*stee: stdin:2: *stee: stdin:3: *'
}
@test "values do not lead out of their place" {
	lines '{"h":".."}' '{"h":"."}' '{"h":"../../x"}' '{"h":"/etc/x"}' '{"h":""}' '{"h":null}' '{"h":"a%2Fb"}' '{"h":"a/b"}' \
		'{"h":"a\nb\u0000"}' '{"h":["x"]}' '{"h":1.50}' >in
	stee -q 'out/{.h}' <in
	files % %2E %2E%2E %2Fetc%2Fx ..%2F..%2Fx 1.50 '["x"]' a%0Ab%00 a%252Fb a%2Fb null
	diff out/%2E%2E <(lines '{"h":".."}')
	rm -r out
	stee -q 'out/{.h}/f' <in
	[ "$(find out -name f | wc -l)" -eq 11 ]
	diff out/%2E%2E/f <(lines '{"h":".."}')
	# nothing beside it
	diff <(ls) <(lines in out)
}
@test "a value makes no URL, and no absolute path" {
	lines '{"h":"exec:touch x"}' '{"h":"/tmp/x"}' '{"h":"tcp://localhost:1"}' >in
	stee -q '{.h}' <in
	diff <(find . -type f | sort) <(lines ./%2Ftmp%2Fx './exec:touch x' ./in ./tcp:%2F%2Flocalhost:1)
	rm ./exec*
	echo '{"h":"xec:touch x"}' | stee -q 'e{.h}'
	[ -e './exec:touch x' ] && [ ! -e x ]
}
@test "long values are cut, and stay apart" {
	printf '{"h":"%0250d1"}\n{"h":"%0250d2"}\n{"h":"%0200d"}\n' 0 0 0 | stee -q 'out/{.h}'
	[ "$(find out -type f | wc -l)" -eq 3 ]
	[ "$(find out -type f | awk '{ print length($0) - 4 }' | sort -u)" = 200 ]
	run -5 bash -c 'printf "{\"h\":\"%0150d\"}\n" 0 | stee -q "out/{.h}{.h}" 2>err'
	grep -q 'a part of 300 bytes' err
}
@test "names by conditions, several templates at once" {
	requests | stee -q --if .status 'out/{.host}/{.status}' 'out/{%F}'
	files 2026-01-01 2026-01-02 web-1/200 web-1/404 web-2/503
}
@test "more files than are held open" {
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "{\"k\":%d,\"i\":%d}\n", i * 7919 % 500, i }' >in
	stee -q --max-open 7 'out/{.k}' <in
	[ "$(find out -type f | wc -l)" -eq 500 ]
	for k in 0 1 250 499; do cmp "out/$k" <(jq -c "select(.k == $k)" in); done
	[ "$(cat out/* | wc -l)" -eq 20000 ]
}
@test "a file that cannot be made" {
	mkdir out
	touch out/a
	run -2 --separate-stderr bash -c 'lines() { printf "%s\n" "$@"; }; lines "{\"k\":\"a\"}" "{\"k\":\"b\"}" | stee "out/{.k}/x" f'
	says 'stee: cannot*out/a*'
	want '{"k":"a"}' '{"k":"b"}'
	[ "$(wc -l <f)" -eq 2 ]
}

# ---- partitions

# The numbers are those of xxhash.xxh64_intdigest() (python-xxhash) of the texts below, modulo 8.
@test "--partition: XXH64 of the value's text" {
	lines '"alice"' '"bob"' '""' '1' null '[1,"x"]' '{"a":1,"b":2}' 12 0.5 >in
	stee -q --partition . -N 8 'out/{#}' <in
	files 1 2 3 4 7
	diff out/1 <(lines '"alice"' '""')
	diff out/3 <(lines '"bob"' 0.5)
	diff out/4 <(lines 1)
	diff out/2 <(lines null 12)
	diff out/7 <(lines '[1,"x"]' '{"a":1,"b":2}')
}
@test "--partition: values that are equal are together" {
	lines '{"k":1}' '{"k":1.0}' '{"k":10e-1}' >in
	stee -q --partition .k -N 1000 'out/{#}' <in
	[ "$(find out -type f | wc -l)" -eq 1 ]
	rm -r out
	lines '{"k":{"a":1,"b":[]}}' '{"k":{"b":[],"a":1.0}}' '{"k":{"\u0062":[],"a":1}}' >in
	stee -q --partition .k -N 1000 'out/{#}' <in
	[ "$(find out -type f | wc -l)" -eq 1 ]
	rm -r out
	lines '{"k":"\u0061é"}' '{"k":"aé"}' >in
	stee -q --partition .k -N 1000 'out/{#}' <in
	[ "$(find out -type f | wc -l)" -eq 1 ]
}
@test "--partition: all are used, and each record is in one" {
	awk 'BEGIN { for (i = 0; i < 8000; i++) printf "{\"k\":\"user%d\"}\n", i % 1000 }' >in
	stee -q --partition .k -N 8 'out/{#}.ndjson' <in
	files {0..7}.ndjson
	cmp <(sort in) <(sort out/*)
	for f in out/*; do [ "$(wc -l <"$f")" -gt 500 ]; done
}

# ---- formats

@test "CSV: each file has the columns of its records" {
	lines '{"t":"a","x":1}' '{"t":"b","y":2,"z":3}' '{"t":"a","x":4}' '{"z":6,"t":"b"}' >in
	stee -q -o csv 'out/{.t}.csv' <in
	diff out/a.csv <(lines t,x a,1 a,4)
	diff out/b.csv <(lines t,y,z b,2,3 b,,6)
	stee -q -o csv --columns z,t 'out/{.t}.csv' <in
	diff out/b.csv <(lines z,t 3,b 6,b)
	stee -q -o csv --union 2 'out/{.t}.csv' <<<'{"t":"c"}
{"t":"d"}
{"t":"c","x":1}'
	diff out/c.csv <(lines t,x c, c,1)
	diff out/d.csv <(lines t d)
}
@test "CSV appended to goes on with the columns that are there" {
	printf 'b,"a x"\n1,2\n' >f
	echo '{"a x":"3","b":"4"}' | stee -qa -o csv f
	diff f <(printf 'b,"a x"\n1,2\n4,3\n')
	run -5 bash -c 'echo "{\"c\":1}" | stee -qa -o csv f 2>err'
	grep -q "field 'c'" err
	run -2 --separate-stderr bash -c 'echo "{\"c\":1}" | stee -qa -o csv --columns c f g'
	says "stee: cannot append to f: its header 'b,*"
	diff g <(lines c 1)
	diff f <(printf 'b,"a x"\n1,2\n4,3\n')
	echo '{"b":5}' | stee -qa -o csv --columns 'b,a x' f
	diff f <(printf 'b,"a x"\n1,2\n4,3\n5,\n')
	for i in 1 2; do echo '{"t":"a","x":1}' | stee -qa -o tsv 'out/{.t}'; done
	diff out/a <(printf 't\tx\na\t1\na\t1\n')
	# a header that was torn begins anew
	printf 'a,lo' | tee h >out/h
	echo '{"t":"h","x":1}' | stee -qa -o csv h 'out/{.t}' 2>err
	diff h <(lines t,x h,1)
	diff out/h h
	[ "$(cat h.torn out/h.torn | sort -u)" = a,lo ]
	mkfifo fifo
	cat fifo >got &
	pid=$!
	echo '{"t":"h"}' | stee -qa -o csv fifo
	ends 0 $pid
	diff got <(lines t h)
}
@test "the header of CSV that came in is in each file" {
	printf 'h,n\nx,1\ny,2\nx,3\n' | stee -q -i csv 'out/{.h}.csv'
	diff out/x.csv <(lines h,n x,1 x,3)
	diff out/y.csv <(lines h,n y,2)
}
