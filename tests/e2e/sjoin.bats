#!/usr/bin/env bats
# sjoin: a stream and a table. Expected values by hand; of the types also from SQL, on the flights and airports of tests/data.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	lines '{"id":1,"t":"a","x":1}' '{"id":2,"t":"b"}' '{"id":1.0,"t":"c"}' '{"id":null,"t":"n"}' '{"id":9,"t":"u"}' >table
	lines '{"u":1,"t":"L"}' '{"u":2}' '{"u":3}' '{"u":null}' '{"t":"m"}' '{"u":"1"}' >stream
}

@test "types" {
	while IFS='|' read -r type expected; do
		run -0 sjoin --on .u=.id --type "$type" --merge '"\($left.u)-\($right.t)"' table stream
		[ "$(tr -d '"' <<<"$output" | paste -sd' ')" = "$expected" ] || { echo "$type: $output"; return 1; }
	done <<-'ROWS'
		inner|1-a 1-c 2-b
		left|1-a 1-c 2-b 3-null null-null null-null 1-null
		right|1-a 1-c 2-b null-n null-u
		full|1-a 1-c 2-b 3-null null-null null-null 1-null null-n null-u
	ROWS
	run -0 sjoin --on .u=.id --type semi table stream
	[ "$output" = "$(lines '{"u":1,"t":"L"}' '{"u":2}')" ]
	run -0 sjoin --on .u=.id --type anti table stream
	[ "$output" = "$(lines '{"u":3}' '{"u":null}' '{"t":"m"}' '{"u":"1"}')" ]
}

@test "merging" {
	while IFS='|' read -r options expected; do
		# shellcheck disable=SC2086 # they are several
		run -0 sjoin --on .u=.id $options table <<<'{"u": 1, "t": "L" }'
		[ "$(head -n 1 <<<"$output")" = "$expected" ] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		|{"u": 1, "t": "L","id":1,"x":1}
		--prefix r_|{"u":1,"t":"L","id":1,"r_t":"a","x":1}
		--merge right-wins|{"u":1,"t":"a","id":1,"x":1}
		--merge nest|{"left":{"u": 1, "t": "L" },"right":{"id":1,"t":"a","x":1}}
		--merge [.u,$right.x]|[1,1]
		--merge $left.t,$right.t|"L"
		--matches last|{"u": 1, "t": "L","id":1.0}
		--matches first -o csv|u,t,id,x
	ROWS
	run -0 sjoin --on .u=.id --merge nest --type full table <<<'{"u":7}'
	[ "${lines[0]}" = '{"left":{"u":7},"right":null}' ]
	[ "${lines[1]}" = '{"left":null,"right":{"id":1,"t":"a","x":1}}' ]
	run -0 sjoin --on .a --merge '$right.v, empty, $right.v' <(lines '{"a":1,"v":5}') <<<'{"a":1}'
	[ "$output" = $'5\n5' ]
	run -0 sjoin --on .a <(lines '{"a":1}') <<<$'{"a":1}\n { "a" : 1 } '
	[ "$output" = $'{"a":1}\n { "a" : 1}' ]
	run -0 sjoin --on '.a?=.a' --type left --merge nest <(lines '{"a":1}') <<<$'[1]\n{}'
	[ "$output" = $'{"left":[1],"right":null}\n{"left":{},"right":null}' ]
}

@test "--prefix: fields of both sides, none lost; by texts as by values" {
	lines '{"id":1,"t":"a","x":1}' '{"id":2,"t":"a","r_t":"b"}' '{"id":3,"r_t":"b","t":"a"}' '{"id":1.0,"\u00e9":[1]}' >t
	# so many names that texts do not tell which of them a record has
	{ jq -nc '[range(70) | {("f\(.)"): .}] | add'; cat t; } >values
	while IFS='|' read -r on record expected; do
		for table in t values; do
			# shellcheck disable=SC2086 # they are several
			run -0 sjoin $on --prefix r_ $table <<<"$record"
			[ "$(head -n 1 <<<"$output")" = "$expected" ] || { echo "$on $record, $table: $output"; return 1; }
		done
	done <<-'ROWS'
		--on .id|{"id":1}|{"id":1,"t":"a","x":1}
		--on .id|{"id":1,"t":"L"}|{"id":1,"t":"L","r_t":"a","x":1}
		--on .id=.["id"]|{"id":1,"x":null}|{"id":1,"x":null,"t":"a","r_x":1}
		--on .id|{"id":1,"t":"L","r_t":"own"}|{"id":1,"t":"L","r_t":"own","r_r_t":"a","x":1}
		--on .id|{"r_t":"own","id":1}|{"r_t":"own","id":1,"t":"a","x":1}
		--on .id|{"id":2,"t":"L"}|{"id":2,"t":"L","r_r_t":"a","r_t":"b"}
		--on .id|{"id":3,"t":"L"}|{"id":3,"t":"L","r_t":"b","r_r_t":"a"}
		--on .id|{"id":2,"t":"L","r_t":"M"}|{"id":2,"t":"L","r_t":"M","r_r_t":"a","r_r_r_t":"b"}
		--on .u=.id|{"u":1,"id":7}|{"u":1,"id":7,"r_id":1,"t":"a","x":1}
		--on .t --on .id|{"t":"a","id":1.0,"x":2}|{"t":"a","id":1.0,"x":2,"r_x":1}
		--on .t --ignore-case|{"t":"A","x":2}|{"t":"A","x":2,"id":1,"r_x":1}
		--on .t=.t+""|{"t":"a"}|{"t":"a","id":1,"r_t":"a","x":1}
		--on .id --matches last|{"id":1,"é":2}|{"id":1,"é":2,"r_é":[1]}
	ROWS
	run -0 sjoin --on .id --matches last --prefix $'\xff"' t <<<'{"id":1,"é":2}'
	[ "$output" = '{"id":1,"é":2,"�\"é":[1]}' ]
}

@test "keys" {
	lines '{"a":1,"b":"X","v":1}' '{"a":"1","b":"y","v":2}' '{"a":{"k":[1]},"b":null,"v":3}' '{"a":true,"b":"t","v":4}' >t
	while IFS='|' read -r options record expected; do
		# shellcheck disable=SC2086
		run -0 sjoin $options --merge '$right.v' t <<<"$record"
		[ "$(paste -sd' ' <<<"$output")" = "$expected" ] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		--on .a|{"a":1.0}|1
		--on .a|{"a":"1"}|2
		--on .a|{"a":{"k":[1.0]}}|3
		--on .a --key-type string|{"a":1}|1 2
		--on .a --key-type string|{"a":"true"}|4
		--on .a --key-type string|{"a":1.0}|
		--on .a --key-type string|{"a":{"k":[1.0]}}|3
		--on .a=.b --key-type string|{"a":"null"}|
		--on .b=.a --key-type string --ignore-case|{"b":"TRUE"}|4
		--on .a --on .b|{"a":1,"b":"X"}|1
		--on .a --on .b|{"a":1,"b":"x"}|
		--on .a --on .b --ignore-case|{"a":1,"b":"x"}|1
		--on .a --on .b|{"a":{"k":[1]},"b":null}|
		--on .q=.b|{"q":"y"}|2
		--on (.q==1)=.a|{"q":1}|4
		--on .q["="]=.b|{"q":{"=":"t"}}|4
		--on .q+"\("=")"=.b+"="|{"q":"y"}|2
		--on "\(.q)#"=.b+"#"#=|{"q":"y"}|2
	ROWS
	lines '{"a":1.10,"v":1}' '{"a":12345678901234567890,"v":2}' '{"a":100000000000000000000000,"v":3}' '{"a":"1.1","v":4}' >texts
	for a in 1.10 12345678901234567890 100000000000000000000000; do
		run -0 sjoin --on .a --key-type string --merge '$right.a' texts <<<"{\"a\":\"$a\"}"
		[ "$output" = "$a" ] || { echo "$a: $output"; return 1; }
	done
	run -0 sjoin --on .a --key-type string --merge '$right.v' texts <<<$'{"a":1.1}\n{"a":12345678901234567891}\n{"a":1.10}'
	[ "$output" = $'4\n1' ]
	run -5 --separate-stderr sjoin --on '.b|ascii_downcase=(.b|ascii_downcase)' --merge '$right.v' t <<<'{"b":"Y"}'
	[ "$output" = 2 ]
	run -5 sjoin --on .a.b <(lines '{"a":{"b":1},"v":1}' '{"a":1}') <<<$'{"a":{"b":1}}\n{"a":2}'
	[[ $output == *":2: "*"index"*'{"a":{"b":1},"v":1}'*"stdin:2: "*"index"* ]]
	run -0 sjoin --on $'.q # = is in words\n=.b # ("' --merge '$right.v' t <<<'{"q":"y"}'
	[ "$output" = 2 ]
}

@test "tables by name, compressed, converted, and streams of other formats" {
	lines id,name 1,one 2,two >t.csv
	printf 'id\tname\n1\tone\n' >t.tsv
	gzip -k t.csv
	zstd -q t.tsv
	lines id,name 2,zwei >list
	for table in t.csv t.csv.gz t.tsv t.tsv.zst; do
		run -0 sjoin --on .id "$table" <<<'{"id":1}'
		[ "$output" = '{"id":1,"name":"one"}' ] || { echo "$table: $output"; return 1; }
	done
	run -0 sjoin --on .id --right-from csv list <<<'{"id":2}'
	[ "$output" = '{"id":2,"name":"zwei"}' ]
	run -0 sjoin --on .id -i csv -o csv t.csv <<<$'k,id\na,2\nb,7'
	[ "$output" = $'k,id,name\na,2,two' ]
	run -0 sjoin --on .id -i logfmt t.csv <<<'id=1 k=v'
	[ "$output" = '{"id":1,"k":"v","name":"one"}' ]
}

@test "odd names and many of them" {
	lines '{"a":1,"q\"x":2,"\u00e9":3}' >t
	run -0 sjoin --on .a t <<<'{"a":1,"é":9}'
	[ "$output" = '{"a":1,"é":9,"q\"x":2}' ]
	jq -nc '{a: 1} + ([range(90) | {("f\(.)"): .}] | add)' >many
	jq -c '. + {f80: "mine"}' many | jq -c '{a, f80}' >record
	run -0 sjoin --on .a many record
	[ "$(jq -c 'length, .f80, .f89' <<<"$output" | paste -sd' ')" = '91 "mine" 89' ]
}

@test "bad rows and records" {
	lines '{"id":1,"v":1}' oops '{"id":2,"v":2}' >t
	run -5 --separate-stderr sjoin --on .id t <<<$'{"id":2}\nnope\n{"id":1}'
	[ "$output" = $'{"id":2,"v":2}\n{"id":1,"v":1}' ]
	[[ $stderr == *"t:2: byte 1"*"stdin:2: byte 2"* ]]
	run -5 sjoin --on .id --on-error fail t <<<'{"id":2}'
	run -5 --separate-stderr sjoin --on . <(lines 1) <<<$'1\n2'
	[[ $stderr == *"stdin:1: only objects"* ]]
	run -5 --separate-stderr sjoin --on .id --merge '$left.id | error' t <<<'{"id":2}'
	[ "$output" = '' ]
	[[ $stderr == *"stdin:1: --merge: "*2* ]]
	run -5 sjoin --on .id --validate m:1 <(lines '{"id":"k"}' '{"id":"l"}' '{"id":"k"}') <<<'{"id":2}'
	[[ $output == *':3: the key "k" is on line 1 too'* ]]
}

@test "usage" {
	while IFS='|' read -r status options words; do
		# shellcheck disable=SC2086
		run "-$status" sjoin $options </dev/null
		[[ $output == *"$words"* ]] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		2|table|--on
		2|--on .a|RIGHT is not given
		2|--on .a -|RIGHT is a file
		2|--on .a nosuch|cannot open nosuch
		2|--on =.a table|one side is empty
		3|--on .a+ table|--on
		3|--on .a --merge $x table|--merge
		2|--on .a --prefix x --merge nest table|--prefix
		2|--on .a --prefix= table|--prefix is empty
		2|--on .a --validate 1:1 table|m:1
		2|--on .a --matches first --validate m:1 table|--matches
		2|--on .a --on-error pass table|pass
		2|--on .a --type outer table|inner
		2|--on .a --every 3s table|--every, --cumulate and --offset go with --size
	ROWS
}

@test "nothing there, nowhere to write, a reader that leaves" {
	run -0 sjoin --on .u=.id --type left /dev/null stream
	[ "$output" = "$(cat stream)" ]
	run -0 sjoin --on .u=.id --type full --merge '$right.t' table /dev/null
	[ "${#lines[@]}" = 5 ]
	run -2 bash -c 'sjoin --on .u=.id table stream >/dev/full'
	[[ $output == *"No space left"* ]]
	run -0 bash -c 'set -o pipefail; yes "{\"u\":2}" | head -n 100000 | { sjoin --on .u=.id table || [ $? = 141 ]; } | head -n 1; :'
	[ "$output" = '{"u":2,"id":2,"t":"b"}' ]
	run -0 --separate-stderr bash -c 'sjoin --stats --on .u=.id table stream >/dev/null'
	[[ $stderr == *'"records_in":6,"records_out":3,"skipped":0,"rows":5,'* ]]
}

@test "control lines stay in their place; a record does not wait for the next" {
	mkfifo in
	: >out2
	{ lines '{"u":1}' "$SYN"'{"kind":"idle"}' '{"u":2}'; } >lines
	sjoin --on .u=.id --matches first table <lines | cat >out
	[ "$(cat out)" = "$(lines '{"u":1,"id":1,"t":"a","x":1}' "$SYN"'{"kind":"idle"}' '{"u":2,"id":2,"t":"b"}')" ]
	sjoin --on .u=.id --matches first table <in >out2 3>&- &
	exec 8>in
	for u in 2 1; do
		echo "{\"u\":$u}" >&8
		read -r line < <(tail -n +1 -f out2 3>&- | grep -m 1 "\"u\":$u")
		[[ $line == *"\"id\":$u"* ]]
	done
	exec 8>&-
	wait
}

@test "flights and airports: what SQL says, and for many rows of one key" {
	python3 - "$DATA" <<-'END'
		import csv, json, sqlite3, sys
		flights = [json.loads(line) for line in open(sys.argv[1] + "/flights.ndjson")]
		airports = list(csv.DictReader(open(sys.argv[1] + "/airports.csv", encoding="utf-8")))
		db = sqlite3.connect(":memory:")
		db.execute("create table f(n integer, o, d)")
		db.execute("create table a(n integer, iata, state)")
		db.executemany("insert into f values (?,?,?)", [(i, f["origin"], f["destination"]) for i, f in enumerate(flights)])
		db.executemany("insert into a values (?,?,?)", [(i, a["iata"], a["state"]) for i, a in enumerate(airports)])
		def write(name, sql):
		    with open(name, "w") as out:
		        out.writelines(json.dumps(list(row), separators=(",", ":")) + "\n" for row in db.execute(sql))
		with open("f", "w") as out:
		    out.writelines(json.dumps({"n": i, "o": f["origin"], "d": f["destination"]}) + "\n" for i, f in enumerate(flights))
		with open("a", "w") as out:
		    out.writelines(json.dumps({"k": i, "iata": a["iata"], "state": a["state"]}) + "\n" for i, a in enumerate(airports) if a["state"] > "M")
		db.execute("delete from a where not state > 'M'")
		write("inner", "select f.n, a.n from f join a on o = iata order by f.n, a.n")
		write("left", "select f.n, a.n from f left join a on o = iata order by f.n, a.n")
		write("full", "select f.n, a.n from f left join a on o = iata union all select null, n from a where iata not in (select o from f) order by 1 nulls last, 2")
		write("semi", "select n from f where o in (select iata from a) order by n")
		write("anti", "select n from f where o not in (select iata from a) order by n")
		write("states", "select x.n, y.n from a x join a y on x.state = y.state where x.n % 50 = 0 order by x.n, y.n")
	END
	for type in inner left full; do
		sjoin --on .o=.iata --type "$type" --merge '[$left.n, $right.k]' a f >got
		cmp got "$type"
	done
	for type in semi anti; do
		sjoin --on .o=.iata --type "$type" a f | sfilter -m '[.n]' >got
		cmp got "$type"
	done
	sfilter '.k % 50 == 0' a | sjoin --on .state --merge '[$left.k, $right.k]' a >got
	cmp got states
}

@test "records of other formats leave whole, however long the next one is" {
	lines '{"k":1,"b":2}' >t
	run -0 sjoin -i csv --on .k --type left t <<<$'k,a\n2,longer\n3,y\n1,z'
	[ "$output" = $'{"k":2,"a":"longer"}\n{"k":3,"a":"y"}\n{"k":1,"a":"z","b":2}' ]
	run -0 sjoin -i tsv --on .k --type anti t <<<$'k\n1\n200\n3'
	[ "$output" = $'{"k":200}\n{"k":3}' ]
	run -0 sjoin -i csv --on .k --type semi t <<<$'k,a\n1,"l1 l2"\n1,s'
	[ "$output" = $'{"k":1,"a":"l1 l2"}\n{"k":1,"a":"s"}' ]
	# against a reader of CSV: 3,376 airports, but for one
	lines '{"iata":"DFW"}' >t
	sjoin -i csv --strings --on .iata --type anti t "$DATA/airports.csv" | sfilter -r .iata >got
	python3 -c 'import csv, sys; print(*(r["iata"] for r in csv.DictReader(open(sys.argv[1])) if r["iata"] != "DFW"), sep="\n")' "$DATA/airports.csv" >want
	cmp got want
}

@test "nan equals nothing" {
	run -0 sjoin --on '.k|tonumber' --merge nest <(lines '{"k":"nan"}') <<<'{"k":"nan"}'
	[ "$output" = '' ]
}

@test "RIGHT is not what stdin is" {
	run -2 sjoin --on .k /dev/stdin < <(lines '{"k":1}')
	[[ $output == *"RIGHT is a file; stdin has the stream"* ]]
}

@test "a record that is too long is a line of its own among the dead letters" {
	python3 -c 'print("\n".join(["[%s]" % ("1" * 300000), "[2", "[3]"]))' >left
	run -5 sjoin --on . --max-record 1000 --dead-letter dead --type left <(lines 1) left
	[ "$(wc -l <dead)" = 2 ]
	[ "$(tail -n 1 dead)" = '[2' ]
}

@test "RIGHT by URL: a table, a stream, one that is not there" {
	lines '{"id":1,"city":"x"}' '{"id":2,"city":"y"}' >rows
	lines '{"id":2,"n":5}' '{"id":3}' >left
	gives "$(cat left)"'\n' '{"id":2,"n":5,"city":"y"}\n' sjoin --on .id 'exec:cat rows'
	lines '{"ts":"2026-01-01T00:00:02Z","id":2,"r":1}' >right
	gives '{"ts":"2026-01-01T00:00:01Z","id":2}\n' '{"ts":"2026-01-01T00:00:01Z","id":2,"r":1}\n' \
		sjoin --on .id --within 5s 'exec:cat right'
	run -2 --separate-stderr sjoin --on .id unix:nowhere left
	says 'sjoin: unix:nowhere: *'
	run -2 --separate-stderr sjoin --on .id nosuch://x left
	says 'sjoin: nosuch://x: *'
}
