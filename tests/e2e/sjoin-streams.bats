#!/usr/bin/env bats
# sjoin of two streams: near in time, in one window, as of a time; late, live and bounded. Expected values by hand, and from SQL
# where python3 has sqlite3.
# shellcheck disable=SC2154,SC2016,SC2034 # set by bats and helper.bash; programs are not the shell's; rows set what functions read
load swindow

PAIR='[$left, $right] | map(if . then "\(.k)\(.v)" else "-" end) | join("+")'

# joined LEFT RIGHT ARG.. - both scripts joined, pairs as a5+a7, made short; through a pipe, as control lines end at a file
joined() {
	# shellcheck disable=SC2086 # words are meant
	{
		script $1 >left
		script $2 >right
	}
	sjoin --on .k --merge "$PAIR" "${@:3}" right left | cat >raw
	set -- "${PIPESTATUS[0]}"
	short <raw
	return "$1"
}

# join_rows - a table from stdin, LABEL|LEFT|RIGHT|ARGS|EXPECTED, each run; ARGS are read as a shell does
join_rows() {
	local label left right args expected wrong=0
	local -a argv

	while IFS='|' read -r label left right args expected; do
		eval "argv=($args)"
		output=$(joined "$left" "$right" "${argv[@]}" 2>err) || { echo "$label: status $?"; cat err; wrong=1; }
		[ "$output" = "$expected" ] || { lines "$label:" "  got  $output" "  want $expected"; wrong=1; }
	done
	return "$wrong"
}

# ---- near in time

@test "all types, near in time: pairs when the later one comes, others when their time is over" {
	left='a1 b3 c5 a10' right='a3 a8 b20 a30'
	join_rows <<-ROWS
		inner|$left|$right|--within 5s|a1+a3; a10+a8
		left|$left|$right|--within 5s --type left|a1+a3; a10+a8; b3+-; c5+-
		right|$left|$right|--within 5s --type right|a1+a3; a10+a8; -+b20; -+a30
		full|$left|$right|--within 5s --type full|a1+a3; a10+a8; b3+-; c5+-; -+b20; -+a30
		semi|$left|$right|--within 5s --type semi|ts:1,k:a,v:1; ts:10,k:a,v:10
		anti|$left|$right|--within 5s --type anti|ts:3,k:b,v:3; ts:5,k:c,v:5
		--missing|$left|$right|--within 5s --missing|ts:3,k:b,v:3; ts:5,k:c,v:5
		before|$left|$right|--before 5s|a10+a8
		before, left|$left|$right|--before 5s --type left|a1+-; b3+-; c5+-; a10+a8
		before, right|$left|$right|--before 5s --type right|-+a3; a10+a8; -+b20; -+a30
		after|$left|$right|--after 5s|a1+a3
		after, full|$left|$right|--after 5s --type full|a1+a3; -+a8; b3+-; c5+-; a10+-; -+b20; -+a30
		both|$left|$right|--before 7s --after 2s|a1+a3; a10+a3; a10+a8
		both bounds are inclusive|a10|a5 a15|--within 5s|a10+a5; a10+a15
		and no further|a10|a4.999999999 a15.000000001|--within 5s|
		no distance at all|a1 a2 a3|a2|--within 0s|a2+a2
		semi: once, however many match|a1 a2|a1 a2 a3|--within 5s --type semi|ts:1,k:a,v:1; ts:2,k:a,v:2
	ROWS
}

@test "what one key has at one time; null and missing keys match nothing, but leave as the type says" {
	lines '{"ts":1,"k":null,"v":1}' '{"ts":1,"v":2}' '{"ts":1,"k":"a","v":3}' '{"ts":1,"k":"a","v":4}' >left
	lines '{"ts":1,"k":null,"v":5}' '{"ts":1,"k":"a","v":6}' '{"ts":1,"v":7}' '{"ts":1,"k":"a","v":8}' >right
	while IFS='|' read -r type expected; do
		run -0 sjoin --on .k --within 1s --type "$type" --merge '"\($left.v)-\($right.v)"' right left
		[ "$(tr -d '"' <<<"$output" | sort | paste -sd' ')" = "$expected" ] || { echo "$type: $output"; return 1; }
	done <<-'ROWS'
		inner|3-6 3-8 4-6 4-8
		left|1-null 2-null 3-6 3-8 4-6 4-8
		right|3-6 3-8 4-6 4-8 null-5 null-7
		full|1-null 2-null 3-6 3-8 4-6 4-8 null-5 null-7
	ROWS
	run -0 sjoin --within 1s --merge '"\($left.v)-\($right.v)"' right left
	[ "${#lines[@]}" = 16 ] # without --on all belong together
}

@test "--expires: each left record says how long it waits" {
	join_rows <<-'ROWS'
		it matches up to that time|a1 b1 a20|a3 b6 b5|--expires '.v + 4' --delay 9s|a1+a3; b1+b5
		--missing|a1 b1 c2|a3 b7 c9|--expires '.v + 4' --missing|ts:1,k:b,v:1; ts:2,k:c,v:2
		not before its own time|a5|a4 a6|--expires '.v + 4'|a5+a6
		unless --before says so|a5|a3 a4 a6|--expires '.v + 4' --before 1s|a5+a4; a5+a6
		over before it began|a5|a5|--expires '.v - 1' --type left|a5+-
		a time as text|a5|a6 a8|--expires '"1970-01-01T00:00:07Z"'|a5+a6
	ROWS
	script a1 >right
	run -5 --separate-stderr sjoin --on .k --expires .v.x right <<<'{"ts":1,"k":"a","v":1}'
	says 'sjoin: stdin:1: --expires: *'
	run -5 --separate-stderr sjoin --on .k --expires .until right <<<'{"ts":1,"k":"a","v":1}'
	says 'sjoin: stdin:1: --expires: *'
}

@test "--reduce: one result for each left record, when its time is over" {
	script a1 b2 a4 c9 >left
	script a1 a2 a3 b9 a7 >right
	sum='{n: count, most: max(.v), of: collect(.v)}'
	run -0 sjoin --on .k --within 2s --delay 5s --reduce "$sum" right left
	# a1: 1 to 3; a4: 2 to 6
	want '{"ts":1,"k":"a","v":1,"n":3,"most":3,"of":[1,2,3]}' '{"ts":4,"k":"a","v":4,"n":2,"most":3,"of":[2,3]}'
	run -0 sjoin --on .k --within 2s --delay 5s --type left --reduce "$sum" right left
	want '{"ts":1,"k":"a","v":1,"n":3,"most":3,"of":[1,2,3]}' '{"ts":2,"k":"b","v":2,"n":0,"most":null,"of":[]}' \
		'{"ts":4,"k":"a","v":4,"n":2,"most":3,"of":[2,3]}' '{"ts":9,"k":"c","v":9,"n":0,"most":null,"of":[]}'
	run -0 sjoin --on .k --expires '.v + 6' --delay 5s --reduce count --merge '[$left.v, $right]' right left
	want '[1,4]' '[4,1]' # a1: 1 to 7; a4: 4 to 10; b2, to 8, has none
}

@test "--reduce: a value that is no object is the field value" {
	script a1 >left
	script a1 a2 >right
	run -0 sjoin --on .k --within 2s --reduce 'sum(.v)' right left
	want '{"ts":1,"k":"a","v":1,"value":3}'
	run -0 sjoin --on .k --within 2s --reduce 'sum(.v)' --merge right-wins right left
	want '{"ts":1,"k":"a","v":1,"value":3}'
	run -0 sjoin --on .k --within 2s --reduce 'sum(.v)' --merge nest right left
	want '{"left":{"ts":1,"k":"a","v":1},"right":3}'
}

@test "--ttl: one that comes late joins what is still there" {
	join_rows <<-'ROWS'
		late on the left|a10 a7 a30|a1 a9 a12|--ttl 5s|a10+a9; a10+a12; a7+a9; a7+a12
		the same near in time: it is thrown away|a10 a7 a30|a1 a9 a12|--within 5s|a10+a9; a10+a12
		what was kept long enough is gone|a30 a9|a8 a9|--ttl 5s|
		what waited for it leaves at the end|a1 b9 a30|c2 a40|--ttl 5s --type full|-+c2; a1+-; b9+-; a30+-; -+a40
	ROWS
}

# ---- in one window

@test "windows: pairs, and those without, when both sides have passed the end" {
	left='a1 a9 b3 a12 b25' right='a2 b15 a11 c5 a28'
	join_rows <<-ROWS
		inner|$left|$right|--size 10s --delay 10s|a1+a2; a9+a2; a12+a11
		left|$left|$right|--size 10s --delay 10s --type left|a1+a2; a9+a2; b3+-; a12+a11; b25+-
		right|$left|$right|--size 10s --delay 10s --type right|a1+a2; a9+a2; -+c5; a12+a11; -+b15; -+a28
		full|$left|$right|--size 10s --delay 10s --type full|a1+a2; a9+a2; b3+-; -+c5; a12+a11; -+b15; -+a28; b25+-
		semi|$left|$right|--size 10s --delay 10s --type semi|ts:1,k:a,v:1; ts:9,k:a,v:9; ts:12,k:a,v:12
		anti|$left|$right|--size 10s --delay 10s --type anti|ts:3,k:b,v:3; ts:25,k:b,v:25
		--missing|$left|$right|--size 10s --delay 10s --missing|ts:3,k:b,v:3; ts:25,k:b,v:25
		sessions: of both sides together|a1 b3 a9|a5 b9 b20|--gap 5s --type full|b3+-; a1+a5; a9+a5; -+b9; -+b20
		a session ends behind the gap, not at it|a1|a6|--gap 5s|a1+a6
		a session that one record makes of two|a1 a11|a20 a6|--gap 5s --delay 20s|a1+a6; a11+a6
		in order of time, then as they came|a3 a1 a1.0|a2.5 a2 a2.50|--size 10s --delay 5s|a1+a2; a1+a2.5; a1+a2.50; a1.0+a2; a1.0+a2.5; a1.0+a2.50; a3+a2; a3+a2.5; a3+a2.50
	ROWS
}

@test "windows: hopping, growing, moved, of the calendar: their bounds stand in results" {
	in_window='"\($window | .start[17:19] + "/" + .end[17:19]) \($left.v // "-")+\($right.v // "-")"'
	script a9 a21 >left
	script a2 a12 >right
	while IFS='|' read -r args expected; do
		# shellcheck disable=SC2086 # they are several
		run -0 sjoin --on .k --type full --merge "$in_window" $args right left
		[ "$(tr -d '"' <<<"$output" | paste -sd';' | sed 's/;/; /g')" = "$expected" ] || { echo "$args: $output"; return 1; }
	done <<-'ROWS'
		--size 10s|00/10 9+2; 10/20 -+12; 20/30 21+-
		--size 10s --every 5s|55/05 -+2; 00/10 9+2; 05/15 9+12; 10/20 -+12; 15/25 21+-; 20/30 21+-
		--size 10s --offset 1s|01/11 9+2; 11/21 -+12; 21/31 21+-
		--size 10s --offset 3s|53/03 -+2; 03/13 9+12; 13/23 21+-
		--size 20s --cumulate 10s|00/10 9+2; 00/20 9+2; 00/20 9+12; 20/30 21+-; 20/40 21+-
	ROWS
}

@test "windows of the calendar of --tz, over a change of the clocks" {
	# Berlin: 2021-03-28 has 23 hours, from 23:00Z to 22:00Z
	lines '{"ts":"2021-03-28T21:59:59Z","v":1}' '{"ts":"2021-03-28T22:00:00Z","v":2}' >left
	lines '{"ts":"2021-03-27T22:59:59Z","v":3}' '{"ts":"2021-03-27T23:00:00Z","v":4}' '{"ts":"2021-03-29T21:59:59Z","v":5}' >right
	run -0 sjoin --size day --tz Europe/Berlin --merge '[$left.v, $right.v, $window.start, $window.end]' right left
	want '[1,4,"2021-03-27T23:00:00Z","2021-03-28T22:00:00Z"]' '[2,5,"2021-03-28T22:00:00Z","2021-03-29T22:00:00Z"]'
	run -0 sjoin --size week --merge '[$left.v, $right.v]' right left
	want '[1,3]' '[1,4]' '[2,3]' '[2,4]' # Sunday is the week's last day
	run -0 sjoin --size month --tz Europe/Berlin --merge '$window.start' right left
	[ "${lines[0]}" = '"2021-02-28T23:00:00Z"' ]
}

@test "a window's bounds in each form of result" {
	script a1 b2 >left
	lines '{"ts":3,"k":"a","w":3}' >right
	run -0 sjoin --on .k --size 10s --type left right left
	want '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","ts":1,"k":"a","v":1,"w":3}' \
		'{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","ts":2,"k":"b","v":2}'
	run -0 sjoin --on .k --size 10s --merge right-wins right left
	want '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","ts":3,"k":"a","v":1,"w":3}'
	run -0 sjoin --on .k --size 10s --merge nest right left
	want '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","left":{"ts":1,"k":"a","v":1},"right":{"ts":3,"k":"a","w":3}}'
	run -0 sjoin --on .k --size 10s --prefix r_ right left
	want '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:10Z","ts":1,"k":"a","v":1,"r_ts":3,"w":3}'
	run -0 sjoin --on .k --gap 5s -o csv right left
	want window_start,window_end,ts,k,v,w 1970-01-01T00:00:01Z,1970-01-01T00:00:08Z,1,a,1,3
	# without a window there is none
	run -0 sjoin --on .k --within 5s --merge '[$left.v, $right.w, $window]' right left
	want '[1,3,null]'
}

@test "forms of results: texts as they came, names in order, other formats" {
	lines '{"ts": 1, "k":"a", "v":1.0 }' >left
	lines '{ "ts":2,"k":"a","v":2,"w":[1, 2]}' '{"ts":3,"k":"a","x":1e2}' >right
	run -0 sjoin --on .k --within 5s right left
	want '{"ts": 1, "k":"a", "v":1.0,"w":[1, 2]}' '{"ts": 1, "k":"a", "v":1.0,"x":1e2}'
	run -0 sjoin --on .k --within 5s --merge nest right left
	want '{"left":{"ts": 1, "k":"a", "v":1.0 },"right":{ "ts":2,"k":"a","v":2,"w":[1, 2]}}' '{"left":{"ts": 1, "k":"a", "v":1.0 },"right":{"ts":3,"k":"a","x":1e2}}'
	run -0 sjoin --on .k --within 5s --type semi right left
	want '{"ts": 1, "k":"a", "v":1.0 }'
	run -0 sjoin --on .k --within 5s --prefix r_ right left
	want '{"ts":1,"k":"a","v":1.0,"r_ts":2,"r_v":2,"w":[1,2]}' '{"ts":1,"k":"a","v":1.0,"r_ts":3,"x":1e2}'
	run -0 sjoin --on .k --within 5s -o csv --columns v,x right left
	want v,x 1.0, 1.0,1e2
	run -0 sjoin --on .k --within 5s --merge '$left.v, $right.x' right left
	want 1.0 null 1.0 1e2
	# one side alone
	script a1 >left
	script b1 >right
	run -0 sjoin --on .k --within 5s --merge nest --type full right left
	want '{"left":null,"right":{"ts":1,"k":"b","v":1}}' '{"left":{"ts":1,"k":"a","v":1},"right":null}' # left's end comes first
}

# ---- as of a time

@test "as of a time, both streams: a left record waits until nothing better can come" {
	join_rows <<-'ROWS'
		backward|a5 a10 a20|a3 a5 a9 a12|--asof --delay 0s|a5+a5; a10+a9; a20+a12
		the newest of one time|a5|a5.0 a5.00 a9|--asof --delay 0s|a5+a5.00
		right's disorder|a6 a30|a3 a9 a5 a12 a20|--asof --delay 0s,5s|a6+a5; a30+a20
		both sides'|a20 a6|a3 a9 a5 a30|--asof --delay 20s,5s|a20+a9; a6+a5
		late ones join nothing|a6 a30 a7|a3 a9 a5 a12|--asof --delay 0s|a6+a3; a30+a12
		left|a2 b6 a8|a3 a9|--asof --delay 0s --type left|a2+-; b6+-; a8+a3
		right: what none took|a4 a8|a3 a5 b5 a9|--asof --delay 0s --type right|a4+a3; a8+a5; -+b5; -+a9
		anti|a2 b6 a8|a3 a9|--asof --delay 0s --type anti|ts:2,k:a,v:2; ts:6,k:b,v:6
		semi|a2 b6 a8|a3 a9|--asof --delay 0s --type semi|ts:8,k:a,v:8
		forward|a1 a3 a8|a3 a5 a20|--asof --delay 0s --direction forward|a1+a3; a3+a3; a8+a20
		nearest|a4 a8 a20|a3 a5 a12|--asof --delay 0s --direction nearest|a4+a3; a8+a5; a20+a12
		tolerance|a4 a8 a20|a3 a5 a12|--asof --delay 0s --tolerance 2s --type left|a4+a3; a8+-; a20+-
		strict|a5|a3 a5 a9|--asof --delay 0s --strict|a5+a3
	ROWS
}

@test "--asof: a regular file of which no order is asked is read whole; a FIFO, or one of which it is, as a stream" {
	script a9 a3 >right
	script a10 a4 >left
	run -0 --separate-stderr sjoin --asof --on .k --merge "$PAIR" right left
	want '"a10+a9"' '"a4+a3"'
	[ -z "$stderr" ]
	for option in '--delay 0s' '--late late' '--max-skew 1s'; do
		# shellcheck disable=SC2086 # an option and its value
		run -0 --separate-stderr sjoin --asof --on .k --merge "$PAIR" $option right left
		want '"a10+a9"'
		says 'sjoin: 2 late records *'
	done
	[ "$(sort late)" = "$(sort <(script a3) <(script a4))" ]
	mkfifo pipe
	cat right >pipe 3>&- &
	run -0 --separate-stderr sjoin --asof --on .k --merge "$PAIR" pipe left
	want '"a10+a9"'
	says 'sjoin: 2 late records *'
}

# ---- one input with both sides

@test "--left-when and --right-when: one input carries both" {
	script a1=l a2=r b3=l a4=l a5=r a20=l >in
	join_one() { sjoin --on .k --merge "$PAIR" --left-when '.r == "l"' --right-when '.r == "r"' "$@" | short; }
	while IFS='|' read -r args expected; do
		# shellcheck disable=SC2086
		run -0 join_one $args <in
		[ "$output" = "$expected" ] || { echo "$args: $output"; return 1; }
		# shellcheck disable=SC2086
		run -0 join_one $args in
		[ "$output" = "$expected" ] || { echo "$args: $output"; return 1; }
	done <<-'ROWS'
		--within 3s|a1+a2; a4+a2; a4+a5
		--within 3s --type full|a1+a2; a4+a2; a4+a5; b3+-; a20+-
		--within 3s --missing|ts:3,k:b,v:3,r:l; ts:20,k:a,v:20,r:l
		--size 10s --type left|a1+a2; a1+a5; a4+a2; a4+a5; b3+-; a20+-
		--gap 5s|a1+a2; a1+a5; a4+a2; a4+a5
		--asof|a4+a2; a20+a5
		--asof --direction forward|a1+a2; a4+a5
	ROWS
	run -0 sjoin --on .k --within 3s --merge '[$left.v, $right]' --reduce 'sum(.v)' --left-when '.r == "l"' --right-when '.r == "r"' in
	want '[1,2]' '[4,7]'
	# a record may be both, or none
	run -0 sjoin --on .k --within 1s --merge '[$left.v, $right.v]' --left-when '.k == "a"' --right-when '.v > 1' <<<"$(script a1 a2 b3)"
	want '[1,2]' '[2,2]'
	run -5 --separate-stderr sjoin --within 1s --left-when '.a.b' --right-when true <<<'{"ts":1,"a":1}'
	says 'sjoin: stdin:1: --left-when: *'
}

@test "one input that carries both sides: a record that is both is late or bad once" {
	both() { sjoin --on .k --merge "$PAIR" --left-when true --right-when true --within 0s "$@"; }
	{ script a5 a3 a6; lines '{"k":"a"}'; } >in
	run -5 --separate-stderr both --late late --dead-letter dead --stats in
	want '"a5+a5"' '"a6+a6"'
	[ "$(<late)" = "$(script a3)" ]
	[ "$(<dead)" = '{"k":"a"}' ]
	says '*"late":1*' '*sjoin: 1 late record joined nothing*'
	[ "$(grep -c '^sjoin: in:4: ' <<<"$stderr")" = 1 ]
	# the third of three that agree is believed, not the second half of the second
	script a1 a500 a501 a2 >in
	run -5 --separate-stderr both --max-ahead 1m in
	want '"a1+a1"' '"a2+a2"'
	script a1 a500 a501 a502 >in
	run -5 --separate-stderr both --max-ahead 1m in
	want '"a1+a1"' '"a502+a502"'
}

# ---- what SQL says

@test "random streams out of order within --delay: what SQL says, for each type, whatever the order" {
	python3 - <<-'END'
		import json, random, sqlite3
		random.seed(11)
		def stream(n, letters):
		    t, out = 0, []
		    for i in range(n):
		        t += random.choice((0, 0, 1, 1, 2, 3, 9))
		        out.append((t, random.choice(letters), i))
		    return out
		left, right = stream(400, "abcd"), stream(400, "abce")
		for name, rows in (("left", left), ("right", right)):
		    for order in ("", ".mixed"):
		        rows = sorted(rows, key=lambda r: r[0] + (random.uniform(0, 20) if order else 0))
		        with open(name + order, "w") as f:
		            f.writelines(json.dumps({"ts": t, "k": k, "n": n}) + "\n" for t, k, n in rows)
		db = sqlite3.connect(":memory:")
		db.execute("create table l(t integer, k, n)")
		db.execute("create table r(t integer, k, n)")
		db.executemany("insert into l values (?,?,?)", left)
		db.executemany("insert into r values (?,?,?)", right)
		def write(name, rows):
		    with open(name, "w") as f:
		        f.writelines(sorted(json.dumps(list(row), separators=(",", ":")) + "\n" for row in rows))
		def types(name, on):
		    pairs = f"select l.n, r.n from l join r on {on}"
		    alone = f"select l.n, null from l where not exists (select 1 from r where {on})"
		    lone = f"select null, r.n from r where not exists (select 1 from l where {on})"
		    for kind, sql in (("inner", [pairs]), ("left", [pairs, alone]), ("right", [pairs, lone]), ("full", [pairs, alone, lone]),
		                      ("semi", [f"select l.n from l where exists (select 1 from r where {on})"]), ("anti", [alone.replace(", null", "")])):
		        write(f"{name}.{kind}", db.execute(" union all ".join(sql)))
		types("within", "l.k = r.k and abs(l.t - r.t) <= 7")
		types("before", "l.k = r.k and r.t between l.t - 7 and l.t")
		types("after", "l.k = r.k and r.t between l.t and l.t + 7")
		types("both", "l.k = r.k and r.t between l.t - 3 and l.t + 11")
		types("size", "l.k = r.k and l.t / 10 = r.t / 10")
		write("reduce", db.execute("select l.n, count(r.n), sum(r.n) from l left join r on l.k = r.k and abs(l.t - r.t) <= 7 group by l.n"))
	END
	while read -r name args; do
		for order in '' .mixed; do
			for type in inner left right full; do
				# shellcheck disable=SC2086 # they are several
				sjoin --on .k $args --delay 20s --type "$type" --merge '[$left.n, $right.n]' "right$order" "left$order" | sort | cmp - "$name.$type"
			done
			for type in semi anti; do
				# shellcheck disable=SC2086
				sjoin --on .k $args --delay 20s --type "$type" "right$order" "left$order" | sfilter -m '[.n]' | sort | cmp - "$name.$type"
			done
		done
	done <<-'END'
		within --within 7s
		before --before 7s
		after --after 7s
		both --before 3s --after 11s
		both --before 3s --expires .ts+11
		size --size 10s
	END
	sjoin --on .k --within 7s --delay 20s --type left --reduce '[count, sum(.n)]' --merge '[$left.n, $right[]]' right.mixed left.mixed | sort | cmp - reduce
	# windows leave in one order, whatever the input's
	sjoin --on .k --size 10s --delay 20s --type full right left >one
	sjoin --on .k --size 10s --delay 20s --type full right.mixed left.mixed | sort >other
	sort one | cmp - other
}

# ---- late, ahead, bad

@test "late: by the clock of the own side; --late FILE has them byte for byte; how many, and what helps" {
	lines '{"ts":10,"k":"a","v":1}' '{"ts": 4.0,  "k":"\u0061" }' '{"ts":10,"k":"a","v":2}' >left
	lines '{"ts":20,"k":"a","v":3}' '{"k":"a","ts":15}' '{"ts":1e1,"k":"a"}' >right
	run -0 --separate-stderr sjoin --on .k --within 10s --late late --stats --merge '[$left.v, $right.v]' right left
	want '[1,3]' '[2,3]'
	diff late - <<-'END'
		{"ts": 4.0,  "k":"\u0061" }
		{"k":"a","ts":15}
		{"ts":1e1,"k":"a"}
	END
	says '*sjoin: 3 late records joined nothing (more than 1 %: see --delay)*' '*"late":3*'
	# it is appended to; another input's lines are its own
	lines ts,k '10,a' '3,"a"' >left.csv
	run -0 --separate-stderr sjoin -i csv --on .k --within 10s --late late right left.csv
	[ "$(tail -n +4 late)" = "$(lines '3,"a"' '{"k":"a","ts":15}' '{"ts":1e1,"k":"a"}')" ]
	run -2 --separate-stderr sjoin --on .k --within 10s --late /dev/full right left
	says '*cannot write to /dev/full: No space*'
	# few are no reason to say more, and --delay has none
	{ seq 1 200 | sed 's/.*/{"ts":&,"k":"a"}/'; script a190; } >many
	script a5 >few
	run -0 --separate-stderr sjoin --on .k --within 0s few many
	says 'sjoin: 1 late record joined nothing' # of 202
	run -0 --separate-stderr sjoin --on .k --within 10s --delay 10s right left
	[ -z "$stderr" ]
	run -0 --separate-stderr sjoin --on .k --within 10s --delay 6s,10s --stats right left
	[[ $stderr == '{"tool":"sjoin",'* && $stderr != *late* ]]
	run -0 --separate-stderr sjoin --on .k --within 10s --delay 10s,6s right left
	says 'sjoin: 1 late record joined nothing*'
	run -0 --separate-stderr sjoin --on .k --type full --within 10s --merge "$PAIR" right left
	[[ $output != *4.0* ]] # a late one leaves by no type
}

@test "--max-ahead: of each side by itself; bad, until three in a row agree" {
	script a1 a500 a2 >left
	script a1 a2 >right
	run -5 --separate-stderr sjoin --on .k --within 0s --max-ahead 1m --merge "$PAIR" right left
	want '"a1+a1"' '"a2+a2"'
	says 'sjoin: left:2: *further ahead*--max-ahead*'
	script a1 a2 a700 >right
	run -5 --separate-stderr sjoin --on .k --within 0s --max-ahead 1m --merge "$PAIR" right left
	says '*sjoin: left:2: *' '*sjoin: right:3: *'
	script a1 a500 a501 a502 >left
	script a1 a2 a502 a503 a504 >right
	run -5 --separate-stderr sjoin --on .k --within 0s --max-ahead 1m --merge "$PAIR" right left
	want '"a1+a1"' # the third is believed: 502 and 504
	[ "$(grep -c ahead <<<"$stderr")" = 4 ]
}

@test "bad records of either side, by file and line" {
	lines '{"ts":1,"k":"a","v":1}' oops '{"k":"a"}' '{"ts":"soon","k":"a"}' '{"ts":2,"k":"a","v":2}' >left
	lines '{"ts":1,"k":"a","v":3}' '{"ts":2,"k":[}' '{"ts":true,"k":"a"}' >right
	run -5 --separate-stderr sjoin --on .k --within 0s --merge "$PAIR" right left
	want '"a1+a3"'
	lines "$stderr" | sort >messages
	while read -r pattern; do grep -q "^sjoin: $pattern" messages || { echo "none is $pattern:"; cat messages; return 1; }; done <<-'END'
		left:2: byte 1: 
		left:3: .*time
		left:4: .*time
		right:2: byte 14: 
		right:3: .*time
	END
	run -5 --separate-stderr sjoin --on .k --within 0s --on-error fail right left
	[ "$(wc -l <<<"$stderr")" = 1 ]
	run -0 --separate-stderr sjoin --on .k --within 0s --on-error skip --stats --merge "$PAIR" right left
	want '"a1+a3"'
	says '*"skipped":5*'
	run -5 --separate-stderr sjoin --on .k --within 0s --dead-letter dead right left
	diff <(sort dead) <(cat <(sed -n 2,4p left) <(sed -n 2,3p right) | sort)
	# an expression that fails; results that cannot be made
	run -5 --separate-stderr sjoin --on '.k|ltrimstr(1)|.x' --within 0s right left <<<''
	says '*sjoin: left:1: --on*' '*sjoin: right:1: --on*'
	script a1 a2 >left
	run -5 --separate-stderr sjoin --on .k --within 1s --merge 'if $left.v == 1 then error("no") else $left.v end' right left
	want 2
	says 'sjoin: left:1: --merge: no*'
	run -5 --separate-stderr sjoin --within 1s <(lines '{"ts":1}') <<<'[1]'
	says '*stdin:1: *'
	run -2 --separate-stderr sjoin --on .k --within 1s nosuch left
	says '*cannot open nosuch: *'
	run -2 --separate-stderr sjoin --on .k --within 1s right nosuch
	says '*cannot open nosuch: *'
}

# ---- control lines

@test "watermarks of both sides are merged, and passed on as far back as results may still be; a side that is over is left out" {
	join_rows <<-'ROWS'
		of one side: the other's is its own|a1 W5 a6 W20|a2 a30|--within 2s|a1+a2; W1; W5; W20; W30
		of both|a1 W5|a2 W3|--within 2s|a1+a2; W1; W5
		right records wait too, where they may leave|a9 W10|b8 W20|--within 3s --type right|W8; -+b8; W20
		where they may not they hold nothing back|a9 W10|b8 W20|--within 3s|W9; W10; W20
		they take over from --delay|W0 a20 a3 W25|a3 a20 a40|--within 0s|W0; a20+a20; a3+a3; W20; W25; W40
		windows|a1 W12|a2 W12|--size 10s|W1; a1+a2; W12
		as of a time|a5 W6|a3 W4 a4 W9|--asof --delay 0s|W4; a5+a4; W5; W6; W9
		behind one a record is late|a1 W9 a8|a1 a8 a30|--within 1s --type left|a1+a1; W1; W8; W9; W30
	ROWS
}

@test "idle lines: a side is left out; both are passed on as one" {
	join_rows <<-'ROWS'
		time goes on by the other|a1 IDLE a30|a2 a9 W9 IDLE|--within 5s|a1+a2; W9; W30; IDLE
		both|a1 IDLE|a1 IDLE|--within 5s|a1+a1; IDLE
		behind the other's end time does not end|a1 IDLE b2 W9 b12||--within 5s --type left|a1+-; IDLE; b2+-; W9; b12+-
		nor in windows|a1 a4 IDLE a5 a12|a3|--size 10s|IDLE; a1+a3; a4+a3; a5+a3
		what comes back behind the others is late|a1 IDLE a2 a9|a8 a9|--within 1s|a9+a8; a9+a9
	ROWS
}

@test "barriers: passed on when both sides have reached it; results are the same" {
	join_rows <<-'ROWS'
		a side that has waits|a1 BARRIER a5 a6|a2 a4 BARRIER a7|--within 1s|a1+a2; BARRIER; a5+a4; a6+a7
		the other one|a3 a5 a6 BARRIER a7|a2 BARRIER a4 a7|--within 1s|a3+a2; BARRIER; a3+a4; a5+a4; a6+a7; a7+a7
		several|a1 BARRIER a2 BARRIER a3|a1 BARRIER a2 BARRIER a3|--within 0s|a1+a1; BARRIER; a2+a2; BARRIER; a3+a3
		a side that ends is not waited for|a1 BARRIER a2|a1 a2|--within 0s|a1+a1; BARRIER; a2+a2
		nor one that has ended|a1 a2 BARRIER a3||--within 0s --type left|a1+-; a2+-; BARRIER; a3+-
	ROWS
}

@test "restore and end: once for both sides; end of input without end: nothing more, 2" {
	join_rows <<-'ROWS'
		both sides|RESTORE a1 b2 END|RESTORE a1 END|--within 1s --type left|RESTORE; a1+a1; b2+-; END
		one side, the other ends first|RESTORE a1 b2 END|a1|--within 1s --type left|RESTORE; a1+a1; b2+-; END
		one side, the other ends last|RESTORE a1 END|a1 b2|--within 1s --type right|RESTORE; a1+a1; -+b2; END
		end without restore|a1 END|a1 END|--within 1s|a1+a1; END
		behind it nothing is read|a1 END a1|a1|--within 1s|a1+a1; END
		what is left of both comes before it|RESTORE a3 END|RESTORE a1 a2 b3 END|--asof --delay 0s --type full|RESTORE; -+a1; a3+a2; -+b3; END
		of a table that changes|RESTORE a3 END|RESTORE a1 b3 END|--changelog --type right|RESTORE; a3+a1; -+b3; END
	ROWS
	for dead in left right; do
		script RESTORE a1 b2 END >left
		script RESTORE a1 c2 END >right
		sed -i '$d' "$dead"
		[ $dead = left ] && type=right || type=left # those that wait for it
		run -2 --separate-stderr joined_files --within 1s --type $type
		[ "$(short <raw)" = 'RESTORE; a1+a1' ] || { cat raw; false; }
		says "sjoin: the $dead input ended without its end line: *died*"
	done
}

joined_files() {
	sjoin --on .k --merge "$PAIR" "$@" right left | cat >raw
	return "${PIPESTATUS[0]}"
}

@test "kinds not known are passed on; none to a file; a malformed one is a bad record" {
	join_rows <<-'ROWS'
		of both sides|X-ONE a1 X-TWO|a1 X-THREE|--within 1s|X-ONE; a1+a1; X-TWO; X-THREE
	ROWS
	script X-ONE a1 W5 IDLE END >left
	script RESTORE a1 W6 END >right
	sjoin --on .k --within 1s --merge "$PAIR" right left >out
	[ "$(<out)" = '"a1+a1"' ]
	{ script a1; printf '\026{oops}\n'; } >left
	{ script a1 a1; printf '\026{"kind":"watermark","time":"soon"}\n'; } >right
	run -5 --separate-stderr sjoin --on .k --within 1s --merge "$PAIR" right left
	want '"a1+a1"' '"a1+a1"'
	says '*sjoin: left:2: malformed control line*' '*sjoin: right:3: malformed control line*'
}

@test "control lines of one input that carries both sides" {
	run -0 --separate-stderr sjoin --on .k --within 10s --merge "$PAIR" --left-when '.r == "l"' --right-when '.r == "r"' \
		< <(script RESTORE W0 a1=l W5 BARRIER a6=r W20 IDLE X END)
	[ "$(short <<<"$output")" = 'RESTORE; W0; W1; BARRIER; a1+a6; W20; IDLE; X; END' ]
	run -2 --separate-stderr sjoin --on .k --within 10s --left-when '.r == "l"' --right-when '.r == "r"' --type left < <(script RESTORE a1=l)
	[ "$(short <<<"$output")" = RESTORE ]
}

# ---- live

# live ARG.. - sjoin of two FIFOs, which are FD 8 (left) and 9 (right); its results are FD $out, its process $pid
live() {
	mkfifo left right out
	default_signals sjoin --on .k --merge "$PAIR" "$@" right left >out 2>>err 3>&- &
	pid=$!
	exec {out}<out 8>left 9>right
}

# gets RESULT.. - these are the next ones
gets() {
	local want

	for want; do
		answer "$out"
		[ "$(short <<<"$line")" = "$want" ] || { echo "got $line, not $want"; return 1; }
	done
}

# over STATUS RESULT.. - with what is left, behind the end of both sides
over() {
	exec 8>&- 9>&-
	ends_with "$@"
}

ends_with() {
	gets "${@:2}"
	run cat <&"$out"
	want
	ends "$1" "$pid"
}

# has_read N - so many records are read, and the tool sleeps
has_read() {
	: >err
	kill -USR1 "$pid"
	until_true grep -q '^State:[[:space:]]*S' "/proc/$pid/status"
	until_true grep -q '"tool":"sjoin"' err
	grep -q '"records_in":'"$1," err
}

@test "live: a result is there as soon as both its records are; one side may stop for a while" {
	live --within 5s --idle-timeout 1h
	script a1 >&8
	script a2 >&9
	gets a1+a2
	script a3 >&9
	gets a1+a3
	script a4 a5 >&8
	gets a4+a2 a4+a3 a5+a2 a5+a3
	# right is silent; what is there of it still counts
	script a6 >&8
	gets a6+a2 a6+a3
	script b7 >&9
	script b8 >&8
	gets b8+b7
	over 0
}

@test "live: those without a match leave when the other side's time has passed theirs" {
	live --within 5s --type full
	script a1 >&8
	script b2 a7 >&9
	gets a1+-
	script c8 >&8
	gets -+b2
	exec 8>&-
	gets -+a7
	over 0 c8+-
	[ ! -s err ]
}

@test "live: as of a time: the answer leaves when right's time has passed the question's" {
	live --asof --type left
	script a5 b5 >&8
	script a3 a5 >&9
	script a9 >&8
	script a6 >&9
	gets a5+a5 b5+-
	script b8 a9 b10 >&9
	gets a9+a9
	over 0
}

@test "live: one input that carries both sides" {
	coproc sjoin --on .k --within 5s --type left --merge "$PAIR" --left-when '.r == "l"' --right-when '.r == "r"' 3>&-
	pid=$COPROC_PID
	exec {out}<&"${COPROC[0]}"
	script a1=l b2=l a3=r >&"${COPROC[1]}"
	gets a1+a3
	script c8=r >&"${COPROC[1]}"
	gets b2+-
	hang_up
	ends_with 0
}

@test "live: sides of different speed: all pairs, and none is late" {
	mkfifo left right
	{ for t in {1..40}; do script "a$t"; read -r -t 0.005 <> <(:) || :; done; } >left 3>&- &
	seq 1 40 | sed 's/.*/{"ts":&,"k":"a","v":&}/' >right 3>&- &
	run -0 --separate-stderr sjoin --on .k --within 0s --merge '$left.v - $right.v' right left
	[ "$(sort <<<"$output" | uniq -c | tr -d ' ')" = 400 ]
	[ -z "$stderr" ]
}

@test "live: a side ahead by more than --max-skew is paused, and read on when the other comes" {
	# 10 s for the bounds: up to 1 + 10, and the one that shows it
	live --within 5s --idle-timeout 1h
	script a1 >&9
	script b0 >&8
	# not at the end of right's writers
	{ seq 1 100000 | sed 's/.*/{"ts":&,"k":"b"}/'; } >&8 3>&- 9>&- &
	writer=$!
	until_true has_read 14
	script c101 >&9
	until_true has_read 115 # up to 112
	script c101 >&9
	until_true has_read 116
	exec 9>&- # nothing to wait for any more
	wait "$writer"
	over 0
}

@test "live: --max-skew says how far; 0 is refused" {
	live --within 5s --idle-timeout 1h --max-skew 2s
	script a1 >&9
	script b0 >&8
	seq 1 100 | sed 's/.*/{"ts":&,"k":"b"}/' >&8 3>&-
	until_true has_read 6
	over 0
	run -2 --separate-stderr sjoin --within 5s --max-skew 0s left
	says '*--max-skew*'
}

@test "live: a side that is silent for --idle-timeout is not waited for, but kept for" {
	live --within 5s --idle-timeout 50ms --type left
	script a1 >&9
	script b0 >&8
	seq 1 1000 | sed 's/.*/{"ts":&,"k":"b"}/' >&8 3>&-
	until_true has_read 1002
	# all of it is still there
	script b1000 >&9
	exec 8>&- 9>&-
	cat <&"$out" >all
	ends 0 "$pid"
	[ "$(grep -c '+b1000"$' all)" = 6 ]
	[ "$(grep -c '+-"$' all)" = 995 ]
}

@test "live: --close-idle: time goes on without a silent side, which is late when it comes back" {
	live --within 5s --close-idle 50ms --type left
	script a1 >&9
	script b2 a3 >&8
	gets a3+a1
	script a20 >&8
	gets b2+-
	script a19 a20 >&9
	gets a20+a20
	over 0
	grep -q '1 late record joined nothing' err
}

@test "live: what comes behind a barrier is held while the other side has not reached it" {
	live --within 5s --idle-timeout 50ms
	script a1 BARRIER a2 b3 BARRIER a4 >&8
	script a1 >&9
	gets a1+a1
	until_true has_read 5 # left is read on
	script a2 BARRIER >&9
	gets a1+a2 BARRIER a2+a1 a2+a2
	script a3 BARRIER >&9
	gets a1+a3 a2+a3 BARRIER a4+a1 a4+a2 a4+a3
	over 0
}

@test "live: a side that ends behind a barrier waits for the other all the same, in order or not" {
	local end

	for end in END ''; do
		live --within 5s --idle-timeout 50ms --type full
		script ${end:+RESTORE} a1 BARRIER a2 BARRIER b3 $end >&8
		exec 8>&-
		script a1 >&9
		gets ${end:+RESTORE} a1+a1
		until_true has_read 4 # left is read to its end
		script a2 BARRIER a3 >&9
		gets a1+a2 BARRIER a2+a1 a2+a2 a1+a3 a2+a3
		script BARRIER c4 >&9
		gets BARRIER -+c4
		over 0 b3+- $end
		rm left right out
	done
	# one that is over is not waited for; the end is said once
	live --within 5s --idle-timeout 50ms
	script RESTORE a1 BARRIER a2 END >&8
	script RESTORE a1 >&9
	gets RESTORE a1+a1
	until_true has_read 3
	script a2 END >&9
	over 0 a1+a2 BARRIER a2+a1 a2+a2 END
}

@test "live: what was held behind a barrier goes to --late and --dead-letter as it was" {
	live --within 5s --idle-timeout 50ms -i csv --right-from json --late late --dead-letter dead
	{ lines ts,k,v '1,a,1'; script BARRIER; lines '5,"a",5' '3,"a",3' 'soon,"a",4'; } >&8
	script a1 >&9
	gets a1+a1
	until_true has_read 5
	script BARRIER >&9
	gets BARRIER a5+a1
	over 5
	[ "$(<late)" = '3,"a",3' ]
	[ "$(<dead)" = 'soon,"a",4' ]
}

@test "live: one that dies behind a barrier ends the run" {
	live --within 5s --idle-timeout 50ms
	script RESTORE a1 BARRIER a2 >&8
	script RESTORE a1 >&9
	gets RESTORE a1+a1
	until_true has_read 3
	exec 8>&-
	ends_with 2
	grep -q 'left input ended without its end line' err
}

@test "live: an idle side whose other one ends: that nothing is to be expected is passed on then" {
	live --within 1s --type left
	script a1 IDLE >&8
	script a9 >&9
	gets a1+-
	until_true has_read 2
	exec 9>&-
	gets IDLE
	script a9 >&8
	gets a9+a9
	over 0
}

@test "live: what is held behind a barrier counts for --max-memory" {
	live --within 5s --idle-timeout 50ms --max-memory 64Ki
	script a1 BARRIER >&8
	script a1 >&9
	gets a1+a1
	seq 2 2000 | sed 's/.*/{"ts":&,"k":"b"}/' >&8 3>&-
	ends_with 2
	grep -q '^sjoin: what came behind a barrier that the right input has not reached takes .*--max-memory (65536)' err
}

@test "live: one that dies is not waited for: end of input without end ends the run" {
	live --within 5s --type full
	script RESTORE a1 >&8
	script RESTORE b1 >&9
	gets RESTORE
	exec 9>&-
	ends_with 2
	grep -q 'right input ended without its end line' err
}

@test "one source through tee on both sides: no deadlock, all pairs" {
	mkfifo right
	jq -nc 'range(200000) | {ts: (. / 100 | floor), k: ., pad: "some text to fill the pipes sooner"}' >source
	tee right <source 3>&- | sjoin --on .k --within 0s right | wc -l >count
	[ "$(<count)" -eq 200000 ]
	# of which one side takes much less, and both what they take
	rm right
	mkfifo right
	tee >(sfilter '.k % 1000 == 7' >right) <source 3>&- | sfilter '.k % 10 == 7' | sjoin --on .k --within 0s right | wc -l >count
	[ "$(<count)" -eq 200 ]
}

# ---- ends

@test "the first SIGINT or SIGTERM: both inputs are read to their end, what waits leaves; 130, 143, 0 with --graceful" {
	for row in 'INT 130' 'TERM 143' 'TERM 0 --graceful'; do
		read -r sig status flag <<<"$row"
		rm -f left right out
		# shellcheck disable=SC2086
		live --within 5s --type full $flag
		script a1 >&8
		script a2 >&9
		gets a1+a2
		signal "$sig" "$pid"
		script b3 >&8
		script a4 >&9
		gets a1+a4
		exec 8>&-
		over "$status" b3+-
	done
}

@test "a file is read no further, a pipe is" {
	seq 1 1000000 | sed 's/.*/{"ts":&,"k":"a"}/' >file
	mkfifo left out
	default_signals sjoin --on .k --within 5s --idle-timeout 1h --type right --merge '$left.ts, $right.ts' file left >out 3>&- &
	pid=$!
	exec {out}<out 8>left
	echo '{"ts":1,"k":"a"}' >&8
	answer "$out"
	signal TERM "$pid"
	echo '{"ts":3,"k":"a"}' >&8
	exec 8>&-
	cat <&"$out" >rest
	ends 143 "$pid"
	[ "$(wc -l <rest)" -lt 100000 ]
	grep -qx 3 rest
}

@test "the second signal ends at once: what waits is not written" {
	live --within 5s --type full
	script a1 b2 >&8
	script a2 >&9
	gets a1+a2
	signal TERM "$pid"
	kill -TERM "$pid"
	ends_with 143
}

@test "a reader that leaves, nowhere to write, nothing to read" {
	script a1 >one
	run -0 bash -c 'set -o pipefail; yes "{\"ts\":1,\"k\":\"a\"}" | head -n 200000 | { sjoin --on .k --within 1s one || [ $? = 141 ]; } | head -n 1; :'
	want '{"ts":1,"k":"a","v":1}'
	run -2 --separate-stderr bash -c 'sjoin --on .k --within 1s one one >/dev/full'
	says 'sjoin: *No space left*'
	run -0 sjoin --within 1s /dev/null /dev/null
	want
	run -0 sjoin --within 1s --type full /dev/null one
	want '{"ts":1,"k":"a","v":1}'
	run -0 sjoin --within 1s --type full one /dev/null
	want '{"ts":1,"k":"a","v":1}'
	run -0 sjoin --size 1s --type full --merge nest one </dev/null
	want '{"window_start":"1970-01-01T00:00:01Z","window_end":"1970-01-01T00:00:02Z","left":null,"right":{"ts":1,"k":"a","v":1}}'
}

# ---- memory

@test "--max-memory: the run ends, and says what needs less; or the oldest go" {
	seq 1 20000 | sed 's/.*/{"ts":&,"k":"&","v":&}/' >left
	sed 's/"k":"/&r/' left >right
	for kind in '--within 1d' '--size 1d' '--gap 1d' '--asof --delay 0s --direction forward' '--ttl 1d'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr sjoin --on .k $kind --max-memory 1Mi right left
		says 'sjoin: records that wait take * bytes, more than --max-memory (1048576): *--delay*--close-idle*--on-full evict*'
		# shellcheck disable=SC2086
		run -0 --separate-stderr sjoin --on .k $kind --max-memory 1Mi --type left --merge '$left.v' --on-full evict right left
		[ "$(wc -l <<<"$output")" = 20000 ] # all leave, as if nothing more would match them
		says 'sjoin: * records had to go before their time was over, as if nothing more would match them'
	done
	# the first are long gone when these come
	{ cat right; seq 1 5 | sed 's/.*/{"ts":20000,"k":"&"}/'; } >longer
	run -0 --separate-stderr sjoin --on .k --within 1d --merge '$left.v' longer left
	want 1 2 3 4 5
	run -0 --separate-stderr sjoin --on .k --within 1d --merge '$left.v' --max-memory 1Mi --on-full evict longer left
	want
	# a table of --asof, in no order
	shuf --random-source=<(yes) left | sed 's/"k":"[0-9]*"/"k":"a"/' >table
	run -0 --separate-stderr sjoin --on .k --asof --max-memory 1Mi --on-full evict --merge '$right.v' table <(lines '{"ts":20000,"k":"a"}')
	want 20000
	says 'sjoin: * records had to go *'
	# what --reduce sums up: right records are over at once here
	{ lines '{"ts":1,"l":1}'; seq 2 20000 | sed 's/.*/{"ts":&,"r":"& and one hundred bytes of text, more or less, that are kept by collect, as it is a list of all"}/'; } >both
	run -2 --separate-stderr sjoin --after 1d --max-memory 1Mi --left-when .l --right-when .r --reduce 'collect(.r)' both
	says 'sjoin: records that wait take * bytes, *'
	run -0 --separate-stderr sjoin --after 1d --max-memory 1Mi --left-when .l --right-when .r --reduce count both
	want '{"ts":1,"l":1,"value":19999}'
}

# flat [marks] ARG.. - a million records on each side, with watermark lines on the left or without, and one more for which there is a
# result: resident memory stays below 8 MiB
flat() {
	local marks=0

	[ "$1" != marks ] || { marks=1 && shift; }
	mkfifo left right results out
	sjoin --on .k "$@" right left >results 3>&- &
	pid=$!
	grep --line-buffered last results >out 3>&- &
	exec {out}<out 8>left 9>right
	million $marks >&8 3>&- 9>&- &
	million 0 >&9 3>&- 8>&- &
	answer "$out"
	takes_less_than 8192 "$pid"
	exec 8>&- 9>&-
	cat <&"$out"
	ends 0 "$pid"
}

million() {
	awk -v marks="$1" 'BEGIN {
		for (t = 1; t <= 1000000; t++) {
			printf "{\"ts\":%d,\"k\":\"%d\",\"v\":%d}\n", t, t, t
			if (marks && t % 100 == 0)
				printf "\026{\"kind\":\"watermark\",\"time\":\"1970-01-%02dT%02d:%02d:%02dZ\"}\n", t / 86400 + 1, t / 3600 % 24, t / 60 % 60, t % 60
		}
		print "{\"ts\":1000001,\"k\":\"last\"}\n{\"ts\":1000200,\"k\":\"z\"}"
	}'
}

@test "memory is flat: near in time" { flat --within 5s --type full --merge '$left.k'; }
@test "memory is flat: --reduce" { flat --within 5s --type left --reduce '{n: count, all: collect(.v)}'; }
@test "memory is flat: windows" { flat --size 1m --every 30s; }
@test "memory is flat: sessions" { flat --gap 5s --type full --merge nest; }
@test "memory is flat: as of a time" { flat --asof --tolerance 5s; }
@test "memory is flat: as of the next" { flat --asof --direction forward; }
@test "memory is flat: watermark lines" { flat marks --ttl 5s; }

# ---- usage

@test "what does not go together is said" {
	script a1 >f
	wrong=0
	while IFS='|' read -r status args message; do
		eval "argv=($args)"
		got=0
		sjoin "${argv[@]}" </dev/null >out 2>err || got=$?
		[ "$got" = "$status" ] && [ ! -s out ] && grep -qF -- "$message" err || { echo "$args: status $got: $(<err)" && wrong=1; }
	done <<-'ROWS'
		2|--within 1s|RIGHT is not given
		2|--within 1s -|RIGHT is a file
		2|--within 1s --size 1m f|one of these says which records belong together
		2|--within 1s --asof f|one of these says
		2|--gap 1s --size 1m f|one of these says
		2|--left-when .a --right-when .b|one of these says
		2|--within 1s --before 1s f|--within D says both
		2|--within 1s --ttl 1s f|--within D says both
		2|--expires .a --after 1s f|--expires EXPR stands in the place of --after
		2|--within 1s --every 5s f|--every, --cumulate and --offset go with --size
		2|--gap 1s --offset 5s f|go with --size
		2|--within 1s --strict f|go with --asof
		2|--within 1s --tolerance 1s f|go with --asof
		2|--size 1s --direction forward f|go with --asof
		2|--size 1m --reduce count f|--reduce goes with --within
		2|--within 1s --reduce count --type full f|--reduce goes with --type inner and left
		2|--within 1s --missing --type left f|--missing is --type anti
		2|--within 1s --left-when .a f|--left-when and --right-when go together
		2|--within 1s --right-when .a f|go together
		2|--within 1s --left-when .a --right-when .b --close-idle 1s|one carries both sides
		2|--within 1s --left-when .a --right-when .b --max-skew 1s|one carries both sides
		2|--within 1s --matches first f|RIGHT is a stream
		2|--within 1s --validate m:1 f|RIGHT is a stream
		2|--within 1s --on-error pass f|pass
		2|--within soon f|--within: 'soon'
		2|--within -1s f|--within: '-1s'
		2|--ttl 0s f|--ttl
		2|--gap 0s f|--gap
		2|--size 0s f|--size
		2|--size 10s --every 0s f|--every
		2|--size 5s --every 30s f|--every is longer than --size
		2|--size fortnight f|fortnight
		2|--size 10s --cumulate 3s f|--cumulate
		2|--delay 1s,soon --within 1s f|--delay: 'soon' is no duration
		2|--delay 1s,2s,3s --within 1s f|--delay
		2|--tz Nowhere/Land --size day f|Nowhere/Land
		2|--type outer --within 1s f|inner
		2|--within 1s --prefix p --merge nest f|--prefix
		3|--within 1s --on .a+ f|--on
		3|--within 1s --time .a+ f|--time
		3|--within 1s --time .a,.b+ f|--time
		3|--within 1s --reduce 'nosuch(.a)' f|nosuch
		3|--within 1s --merge '$middle' f|$middle
		3|--expires '.a +' f|--expires
		3|--within 1s --left-when '.a +' --right-when .b|--left-when
		3|--within 1s --left-when .a --right-when '.b +'|--right-when
		2|--on .a --delay 1s f|RIGHT is read as a table here
		2|--on .a --late late f|RIGHT is read as a table here
		2|--on .a --missing f|RIGHT is read as a table here
		2|--on .a --reduce count f|RIGHT is read as a table here
		2|--on .a --on-full evict f|RIGHT is read as a table here
	ROWS
	[ "$wrong" = 0 ]
}

@test "live: --close-idle: when both sides are silent time goes on by the clock" {
	live --missing --after 1s --close-idle 200ms
	script a1 >&8
	answer "$out" # nothing else comes: the second is over by the clock alone
	[ "$line" = '{"ts":1,"k":"a","v":1}' ]
	over 0
}

@test "--max-keys: the run ends, or the oldest go" {
	seq 5000 | sed 's/.*/{"ts":&,"k":&}/' >left
	seq 5000 | sed 's/.*/{"ts":&,"k":"r"}/' >right
	run -2 --separate-stderr sjoin --on .k --within 1d --max-keys 1000 right left
	says 'sjoin: records of * keys wait, more than --max-keys (1000): *--on-full evict*'
	run -0 --separate-stderr sjoin --on .k --within 1d --max-keys 1000 --on-full evict --type left right left
	[ "${#lines[@]}" = 5000 ]
}
