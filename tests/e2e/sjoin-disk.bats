#!/usr/bin/env bats
# sjoin --disk: the answers that a table in memory gives (sjoin.bats has those), whatever its size. Larger ones also beside sqlite.
# shellcheck disable=SC2154 # set by bats
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	lines '{"id":1,"t":"a","x":1}' '{"id":2,"t":"b"}' '{"id":1.0,"t":"c"}' '{"id":null,"t":"n"}' '{"id":9,"t":"u"}' '[2]' '{}' >table
	lines '{"u":1,"t":"L"}' '{"u":2}' '{"u":3}' '{"u":null}' '{"t":"m"}' '{"u":"1"}' '{"u":1,"x":2,"t":3}' >stream
}

# same ARG.. - the same output, messages and status with the table on disk
same() {
	local one=0 other=0

	sjoin "$@" >memory.out 2>memory.err || one=$?
	sjoin --disk d "$@" >disk.out 2>disk.err || other=$?
	[ "$one" = "$other" ] && cmp memory.out disk.out && cmp memory.err disk.err || {
		echo "$*: status $one and $other"
		diff memory.out disk.out
		diff memory.err disk.err
		return 1
	}
}

@test "all tests of tables in memory hold on disk, and so do those of tables that are read anew" {
	mkdir bin
	ln -s "$BIN"/* bin/
	rm bin/sjoin
	# streams, and what it does not go with, stay as they are
	cat >bin/sjoin <<-END
		#!/bin/sh
		case "\$*" in
		*--match\ * | *--within* | *--asof* | *--changelog*) exec "$BIN/sjoin" "\$@" ;;
		esac
		exec "$BIN/sjoin" --disk "$PWD/d" "\$@"
	END
	chmod +x bin/sjoin
	# shellcheck disable=SC2046 # they are several
	env $(compgen -e BATS_ | sed 's/^/-u /') BIN="$PWD/bin" bats --tap "$BATS_TEST_DIRNAME/sjoin.bats" \
		"$BATS_TEST_DIRNAME/sjoin-reload.bats" 3>&- >tap || { cat tap; return 1; }
	[ "$(grep -c '^ok' tap)" = "$(cat "$BATS_TEST_DIRNAME"/sjoin.bats "$BATS_TEST_DIRNAME"/sjoin-reload.bats | grep -c '^@test')" ]
	[ -z "$(ls -A d)" ]
}

@test "types, of all rows of a key, the first, the last" {
	for type in inner left right full semi anti; do
		for which in all first last; do
			same --on .u=.id? --type $type --matches $which table stream
			[ $type = anti ] || [ -s disk.out ]
			same --on .u=.id? --type $type --matches $which --merge '[$left.u, $right.t?]' table stream
			same --on .u=.id? --type $type --matches $which --merge nest table stream
			same --on .u=.id? --type $type --matches $which table /dev/null
			same --on .u=.id? --type $type --matches $which /dev/null stream
		done
	done
	[ -z "$(ls -A d)" ]
}

@test "by hand: rows in order, those left over, and what --matches leaves out" {
	# [2] has no .t to show
	run -0 --separate-stderr sjoin --disk d --on .u=.id? --type full --merge '"\($left.u)-\($right.t?)"' table stream
	[ "$(tr -d '"' <<<"$output" | paste -sd' ')" = '1-a 1-c 2-b 3-null null-null null-null 1-null 1-a 1-c null-n null-u null-null' ]
	run -0 sjoin --disk d --on .u=.id? --type right --matches first --merge '"\($left.u)-\($right.t?)"' table stream
	[ "$(tr -d '"' <<<"$output" | paste -sd' ')" = '1-a 2-b 1-a null-n null-u null-null' ]
	run -0 sjoin --disk d --on .u=.id? --type right --matches last --merge '"\($left.u)-\($right.t?)"' table stream
	[ "$(tr -d '"' <<<"$output" | paste -sd' ')" = '1-c 2-b 1-c null-n null-u null-null' ]
	run -0 --separate-stderr bash -c 'sjoin --disk d --stats --matches last --on .u=.id? table stream >/dev/null'
	[[ $stderr == *'"rows":6,'* ]]
}

@test "what records and rows become" {
	lines '{"id":1,"t":"a","x":1}' '{"id":2,"t":"a","r_t":"b"}' '{"id":3,"r_t":"b","t":"a"}' '{"id":1.0,"\u00e9":[1]}' '{"id":4,"q\"x":{"a":[null]}}' '5' >t
	# more names than texts tell apart
	{ jq -nc '[range(70) | {("f\(.)"): .}] | add'; cat t; } >values
	lines '{"id":1,"t":"L","é":9}' ' { "id" : 2 } ' '{"id":3,"r_t":"own","t":"L"}' '{"id":4,"f7":1}' '{"id":1,"id":2}' 5 '[]' >left
	for table in t values; do
		for options in '' '--prefix r_' '--merge right-wins' '--merge nest' '--merge [$left,$right]' '--merge $right.t?,$left' \
			'--merge $right|error' '-o csv' '-i text' '--matches last --prefix é'; do
			for type in inner full; do
				# shellcheck disable=SC2086 # they are several
				same --on '.id?' --type $type $options $table left
			done
		done
	done
	lines id,name 1,one 2,two >t.csv
	lines k,id a,2 b,7 >left.csv
	gzip -k t.csv
	for table in t.csv t.csv.gz; do
		same --on .id -i csv -o csv --type full $table left.csv
	done
	run -0 sjoin --disk d --on .id t.csv.gz <<<'{"id":2}'
	[ "$output" = '{"id":2,"name":"two"}' ]
}

@test "keys: several, of any type, as text, by programs that fail" {
	lines '{"a":1,"b":"X","v":1}' '{"a":"1","b":"y","v":2}' '{"a":{"k":[1]},"b":null,"v":3}' '{"a":true,"b":"t","v":4}' '{"a":"","v":5}' >t
	lines '{"a":1.0}' '{"a":"1","b":"y"}' '{"a":{"k":[1.0]}}' '{"a":"true","b":"T"}' '{"a":null}' '{"b":"x","a":1}' '{"a":""}' >left
	for options in '--on .a' '--on .a --on .b' '--on .a --key-type string' '--on .b --ignore-case' '--on .a.k' '--on .a --on .b --ignore-case'; do
		for type in inner full semi anti; do
			# shellcheck disable=SC2086 # they are several
			same $options --type $type t left
		done
	done
}

@test "bad rows and records; keys that are to be unique" {
	lines '{"id":1,"v":1}' oops '{"id":2,"v":2}' >t
	lines '{"id":2}' nope '{"id":1}' 7 >left
	same --on .id t left
	grep -q 't:2: byte 1' disk.err
	same --on .id --on-error fail t left
	same --on .id --on-error skip --type full t left
	same --on .id nosuch left
	same --on .id --validate m:1 t left
	# of two such pairs the one whose second row comes first, as if each row were looked at when it comes
	lines '{"id":"k"}' '{"id":"l"}' '{"id":null}' '{"id":null}' '{"id":"l"}' '{"id":"l"}' '{"id":"k"}' >t
	same --on .id --validate m:1 t left
	[ "$(cat disk.err)" = 'sjoin: t:5: the key "l" is on line 2 too (--validate m:1; --matches first or last chooses one)' ]
	jq -nc '("a" * 600), ("a" * 600 + "b"), ("a" * 600) | {id: .}' >t
	same --on .id --validate m:1 t left
	grep -q '^sjoin: t:3: the key "aaa.* is on line 1 too' disk.err
}

@test "keys longer than LMDB takes" {
	# that differ at the beginning, in the middle, at the end, by length, and around the length where that begins
	jq -nc '[range(500; 520), 5000, 100000] | .[] as $n | ("x" * $n), ("y" + "x" * ($n - 1)), ("x" * ($n - 1) + "y"), ("x" * ($n / 2 | floor) + "z" + "x" * ($n / 2 | floor)) |
		{id: ., n: length}' >t
	jq -c '., {id, again: true}' t >twice
	jq -c '{id}' t | shuf --random-source=t >left
	jq -nc '("x" * 511 + "!"), ("x" * 100001), null | {id: .}' >>left
	for type in inner left right full semi anti; do
		same --on .id --type $type t left
		for which in all first last; do
			same --on .id --type $type --matches $which twice left
		done
	done
	run -0 sjoin --disk d --on .id --merge '[$left.id == $right.id, ($left.id | length) == $right.n]' t left
	[ "$(sort -u <<<"$output")" = '[true,true]' ]
	[ "${#lines[@]}" = "$(jq -r .id t | sort | uniq -c | awk '{ n += $1 * $1 } END { print n }')" ]
}

@test "rows of up to 12 MB" {
	jq -nc 'range(2000; 4200; 20), 60000, 12000000, 1, 9000000 | {id: ., x: ("a" * (. - 1)), y: 1}' >t
	jq -c '{id, y: 2}' t | shuf --random-source=t >left
	same --on .id --type full t left
	same --on .id --type right --merge '$right.y' t <(:)
	run -0 sjoin --disk d --on .id --merge '($right.x | length) == $left.id - 1' t left
	[ "$(sort <<<"$output" | uniq -c | tr -s ' ')" = ' 114 true' ]
}

@test "one key with many rows" {
	jq -nc 'range(30000) | {id: (if . % 3 == 0 then "a" elif . % 3 == 1 then "b" else . end), n: .}' >t
	lines '{"id":"b"}' '{"id":"a"}' '{"id":5}' >left
	sjoin --disk d --on .id --merge '$right.n' t left >got
	{ seq 1 3 29999; seq 0 3 29999; echo 5; } | cmp - got
	sjoin --disk d --on .id --type right --merge 'select($left == null) | $right.n' t left >got
	seq 2 3 29999 | grep -vx 5 | cmp - got
	for which in first last; do
		sjoin --disk d --on .id --matches $which --merge '$right.n' t left >"$which"
	done
	lines 1 0 5 | cmp - first
	lines 29998 29997 5 | cmp - last
}

@test "larger than its memory: what sqlite says" {
	python3 - <<-'END'
		import json, random, sqlite3
		random.seed(7)
		db = sqlite3.connect(":memory:")
		db.execute("create table t(n integer, id text)")
		db.execute("create table l(n integer, id text)")
		text = "some words that fill it " * 6
		with open("t", "w") as out:
		    for n in range(200000):
		        id = f"host-{random.randrange(150000)}.example" + "." * random.choice([0, 0, 0, 600]) if random.randrange(50) else None
		        db.execute("insert into t values (?,?)", (n, id))
		        print(json.dumps({"id": id, "n": n, "text": text}), file=out)
		with open("l", "w") as out:
		    for n in range(20000):
		        id = f"host-{random.randrange(200000)}.example"
		        db.execute("insert into l values (?,?)", (n, id))
		        print(json.dumps({"id": id, "n": n}), file=out)
		db.execute("create index i on t(id)")
		db.execute("create index k on l(id)")
		def write(name, sql):
		    with open(name, "w") as out:
		        out.writelines(json.dumps(list(row), separators=(",", ":")) + "\n" for row in db.execute(sql))
		one = "(select * from t where id is null union all select {}(n), id from t where id is not null group by id)"
		for which, t in (("all", "t"), ("first", one.format("min")), ("last", one.format("max"))):
		    write("inner." + which, f"select l.n, t.n from l join {t} t using (id) order by 1, 2")
		    write("full." + which, f"select l.n, t.n from l left join {t} t using (id) union all select null, n from {t} where id is null or id not in (select id from l) order by 1 nulls last, 2")
	END
	# KiB of data, RLIMIT_DATA; pages of files do not count
	sanitized || ulimit -d 40000
	for type in inner full; do
		for which in all first last; do
			sjoin --disk d --on .id --type $type --matches $which --merge '[$left.n, $right.n]' t l >got
			cmp got $type.$which
		done
	done
	sanitized || { run -2 sjoin --on .id t l && [[ $output == *"out of memory"* ]]; }
}

@test "the folder: made, shared, left as it was, however the run ends" {
	mkdir here
	lines mine >here/file
	sjoin --disk here --on .u=.id? table stream >one &
	sjoin --disk here --on .u=.id? table stream >two
	wait
	sjoin --on .u=.id? table stream >memory
	cmp one memory
	cmp two memory
	[ "$(ls -A here)" = file ]
	[ "$(cat here/file)" = mine ]
	mkfifo in
	for signal in TERM INT KILL; do
		default_signals sjoin --disk new --on .u=.id? table <in >out 3>&- &
		pid=$!
		exec 8>in
		lines '{"u":2}' >&8
		until_true test -s out
		[ -d new ]
		kill -$signal $pid
		exec 8>&-
		case $signal in TERM) ends 143 $pid ;; INT) ends 130 $pid ;; KILL) ends 137 $pid ;; esac
		[ -z "$(ls -A new)" ]
		rmdir new
		[ "$(cat out)" = '{"u":2,"id":2,"t":"b"}' ]
		rm out
	done
}

@test "no such folder, none that can be written to, no room" {
	run -2 sjoin --disk no/such --on .u=.id? table stream
	[ "$output" = 'sjoin: cannot make the folder no/such: No such file or directory' ]
	run -2 sjoin --disk table --on .u=.id? table stream
	[ "$output" = 'sjoin: cannot make a file in table: Not a directory' ]
	run -2 sjoin --disk /proc --on .u=.id? table stream
	[[ $output == 'sjoin: cannot make a file in /proc: '* ]]
	run -2 sjoin --disk '' --on .u=.id? table stream
	jq -nc 'range(60000) | {id: ., text: "some words that fill it, and more of them"}' >t
	# KiB of a file: for its first pages, for some of the rows; SIGXFSZ is left to an error
	for size in 8 2000; do
		run -2 bash -c "trap '' XFSZ; ulimit -f $size; sjoin --disk d --on .u=.id? t stream"
		[ "$output" = 'sjoin: cannot keep the table in d: File too large' ] || { echo "$size: $output"; return 1; }
	done
	[ -z "$(ls -A d)" ]
}

@test "a disk that is full" {
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip 'mounting needs root'
	jq -nc 'range(60000) | {id: ., text: "some words that fill it, and more of them"}' >t
	mkdir full
	# for nothing, for some of the rows, for all of them and some of the keys
	for size in 16k 2m 8m; do
		run -2 unshare -m bash -c "mount -t tmpfs -o size=$size none full && sjoin --disk full --type full --on .u=.id? t stream"
		[ "$output" = 'sjoin: cannot keep the table in full: No space left on device' ] || { echo "$size: $output"; return 1; }
	done
}

@test "what it does not go with" {
	while IFS='|' read -r options words; do
		# shellcheck disable=SC2086
		run -2 sjoin --disk d $options
		[[ $output == *"$words"* ]] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		--on .a --within 1s table|--disk are about the rows of a table
		--asof table|--disk are about the rows of a table
		--on .a --match prefix table|--disk
	ROWS
	[ ! -e d ]
}
