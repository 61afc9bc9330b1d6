#!/usr/bin/env bats
# sjoin --changelog: a table that is a stream of its changes. Expected values by hand, and from a dictionary in python.
# shellcheck disable=SC2154,SC2016,SC2034 # bats sets stderr; jq's variables are not the shell's
load helper

# left KEY.. - a record of each
left() {
	printf '{"k":"%s"}\n' "$@"
}

# of two keys: a has a last value, b was deleted, c came back, d never had one
changes() {
	lines '{"k":"a","v":1}' '{"k":"b","v":2}' '{"k":"a","v":3}' '{"k":"b","value":null}' '{"k":"c","v":4}' '{"k":"c","value":null}' '{"k":"c","v":5}' '{"k":"e","v":6}'
}

# open_join ARG.. - left is written to descriptor $in and answered on $out, the table is written to $table
open_join() {
	mkfifo changes
	coproc { exec sjoin --on .k --changelog --idle-timeout 20ms "$@" changes; }
	pid=$COPROC_PID
	# those of the coprocess are gone with it
	exec {out}<&"${COPROC[0]}" {in}>&"${COPROC[1]}" {table}>changes
	hang_up
}

# asks KEY EXPECTED - the record of that key gets this line
asks() {
	left "$1" >&"$in"
	answer "$out"
	[ "$line" = "$2" ] || { echo "$1: $line, not $2"; return 1; }
}

@test "a file: the last row of each key counts, and null deletes; types" {
	changes >table
	while IFS='|' read -r options expected; do
		# shellcheck disable=SC2086 # they are several
		run -0 sjoin --on .k --changelog --merge '"\($left.k)=\($right.v)"' $options table <<<"$(left a b c d)"
		[ "$(tr -d '"' <<<"$output" | paste -sd' ')" = "$expected" ] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		|a=3 c=5
		--type left|a=3 b=null c=5 d=null
		--type right|a=3 c=5 null=6
		--type full|a=3 b=null c=5 d=null null=6
		--type inner --delete-when .v==5|a=3 b=null
		--type left --delete-when false|a=3 b=null c=5 d=null
		--type left --delete-when .v>2|a=null b=null c=null d=null
	ROWS
	run -0 sjoin --on .k --changelog --type semi table <<<"$(left a b c d)"
	want '{"k":"a"}' '{"k":"c"}'
	run -0 sjoin --on .k --changelog --type anti table <<<"$(left a b c d)"
	want '{"k":"b"}' '{"k":"d"}'
	run -0 sjoin --on .k --changelog table <<<"$(left a)"
	want '{"k":"a","v":3}'
	run -0 sjoin --on .k --changelog --merge nest --type full table <<<"$(left b a)"
	want '{"left":{"k":"b"},"right":null}' '{"left":{"k":"a"},"right":{"k":"a","v":3}}' \
		'{"left":null,"right":{"k":"c","v":5}}' '{"left":null,"right":{"k":"e","v":6}}'
}

@test "what deletes: .value that is null, not one that is missing; an expression in its place" {
	lines '{"k":"a","value":1}' '{"k":"a"}' '{"k":"b","value":0}' '{"k":"c","value":false}' '{"k":"d","value":{"value":null}}' >table
	run -0 sjoin --on .k --changelog --merge '$right' table <<<"$(left a b c d)"
	want '{"k":"a"}' '{"k":"b","value":0}' '{"k":"c","value":false}' '{"k":"d","value":{"value":null}}'
	# as Debezium has it: op is c, u or d
	lines '{"op":"c","k":"a","n":1}' '{"op":"c","k":"b","n":2}' '{"op":"u","k":"a","n":3}' '{"op":"d","k":"b"}' >table
	run -0 sjoin --on .k --changelog --delete-when '.op == "d"' --merge '[$left.k, $right.n]' --type left table <<<"$(left a b)"
	want '["a",3]' '["b",null]'
	# none, and false, delete nothing; of several outputs the first counts
	run -0 sjoin --on .k --changelog --delete-when 'empty' --merge '$right.op' table <<<"$(left a b)"
	want '"u"' '"d"'
	run -0 sjoin --on .k --changelog --delete-when '(.op == "d"), true' --merge '$right.n' table <<<"$(left a b)"
	want 3
	# rows that are no objects have no .value
	lines '["a",1]' '["a",2]' '["b",null]' >table
	run -0 sjoin --on '.k=.[0]' --changelog --merge '$right[1]' table <<<"$(left a b)"
	want 2 null
}

@test "CSV: an empty cell is no null; the format by name or as it is said" {
	lines k,value a,1 b,2 a,3 b, >table.csv
	run -0 sjoin --on .k --changelog table.csv <<<"$(left a b)"
	want '{"k":"a","value":3}' '{"k":"b","value":""}'
	run -0 sjoin --on .k --changelog --delete-when '.value == ""' --type left table.csv <<<"$(left a b)"
	want '{"k":"a","value":3}' '{"k":"b"}'
	run -0 sjoin --on .k --changelog --delete-when '.value == ""' --type left --right-from csv -o csv <(cat table.csv) <<<"$(left a b)"
	want k,value a,3 b,
	gzip table.csv
	run -0 sjoin --on .k --changelog --delete-when '.value == ""' table.csv.gz <<<"$(left b a)"
	want '{"k":"a","value":3}'
}

@test "a FIFO: the table changes while left goes on" {
	lines '{"k":"a","v":1}' >first
	open_join --type left --merge '[$left.k, $right.v]'
	cat first >&"$table"
	asks a '["a",1]'
	asks b '["b",null]'
	lines '{"k":"b","v":2}' >&"$table"
	asks b '["b",2]'
	lines '{"k":"a","v":3}' '{"k":"a","v":4}' >&"$table"
	asks a '["a",4]'
	asks b '["b",2]'
	lines '{"k":"b","value":null}' >&"$table"
	asks b '["b",null]'
	lines '{"k":"b","v":5}' >&"$table"
	asks b '["b",5]'
	# a row counts when its line is whole
	printf '{"k":"b",' >&"$table"
	asks b '["b",5]'
	printf '"v":6}\n' >&"$table"
	asks b '["b",6]'
	# what was there stays when the table's stream is over
	exec {table}>&-
	asks a '["a",4]'
	asks b '["b",6]'
	exec {in}>&-
	finish "$pid" 0
}

@test "a FIFO: at the end those rows leave that nothing has matched since they came" {
	open_join --type full --merge '"\($left.k)\($right.v)"'
	lines '{"k":"a","v":1}' '{"k":"b","v":2}' '{"k":"c","v":3}' '{"k":"d","v":4}' >&"$table"
	asks a '"a1"'
	asks b '"b2"'
	lines '{"k":"a","v":5}' '{"k":"d","value":null}' '{"k":"c","v":6}' >&"$table"
	asks b '"b2"'
	# left is over, the table is not
	exec {in}>&-
	lines '{"k":"e","v":7}' '{"k":"c","value":null}' >&"$table"
	exec {table}>&-
	answer "$out"
	[ "$line" = '"null5"' ]
	answer "$out"
	[ "$line" = '"null7"' ]
	finish "$pid" 0
}

@test "a row counts for the record that is written behind it, each time" {
	open_join -u --merge '$right.v'
	for i in {1..200}; do
		lines "{\"k\":\"a\",\"v\":$i}" >&"$table"
		asks a "$i"
	done
	exec {in}>&-
	exec {table}>&-
	finish "$pid" 0
}

@test "left waits until the table is over, or silent for --idle-timeout" {
	# the table's end comes long after left's record
	mkfifo slow
	left a >in
	sjoin --on .k --changelog --idle-timeout 1h --merge '$right.v' slow in >got &
	exec {table}>slow
	lines '{"k":"a","v":1}' >&"$table"
	lines '{"k":"a","v":2}' >&"$table"
	exec {table}>&-
	finish $! 0
	run -0 cat got
	want 2
	# or never does
	open_join --type left --merge '$right.v'
	asks a null
	exec {in}>&-
	exec {table}>&-
	finish "$pid" 0
}

@test "one input carries both: the order of lines is that of changes" {
	lines '{"t":"r","k":"a"}' '{"t":"c","k":"a","v":1}' '{"t":"r","k":"a"}' '{"t":"r","k":"b"}' '{"t":"c","k":"a","v":2}' '{"t":"x","k":"a","v":9}' \
		'{"t":"r","k":"a"}' '{"t":"c","k":"a","value":null}' '{"t":"r","k":"a"}' '{"t":"c","k":"b","v":3}' >both
	while IFS='|' read -r type expected; do
		run -0 sjoin --on .k --changelog --left-when '.t == "r"' --right-when '.t == "c"' --merge '"\($left.k)\($right.v)"' --type "$type" both
		[ "$(tr -d '"' <<<"$output" | paste -sd' ')" = "$expected" ] || { echo "$type: $output"; return 1; }
	done <<-'ROWS'
		inner|a1 a2
		left|anull a1 bnull a2 anull
		right|a1 a2 null3
		full|anull a1 bnull a2 anull null3
	ROWS
	# a record that is both sees what was there before it
	lines '{"k":"a","n":1}' '{"k":"a","n":2}' '{"k":"b","n":3}' '{"k":"a","n":4}' |
		sjoin --on .k --changelog --left-when true --right-when true --type left --merge '[$right.n, $left.n]' >got
	cmp got <(lines '[null,1]' '[1,2]' '[null,3]' '[2,4]')
	# from standard input, as it comes
	coproc { exec sjoin --on .k --changelog --left-when .ask --right-when 'has("v")' --merge '$right.v'; }
	pid=$COPROC_PID
	for v in 1 2 3; do
		lines "{\"k\":1,\"v\":$v}" '{"k":1,"ask":true}' >&"${COPROC[1]}"
		answer "${COPROC[0]}"
		[ "$line" = "$v" ]
	done
	hang_up
	finish "$pid" 0
}

@test "keys: several, none, null" {
	lines '{"a":1,"b":"x","v":1}' '{"a":1,"b":"y","v":2}' '{"a":1.0,"b":"x","v":3}' '{"a":null,"b":"x","v":4}' '{"b":"x","v":5}' >table
	run -0 sjoin --on .a --on .b --changelog --type full --merge '[$left.a, $left.b, $right.v]' table <<<$'{"a":1,"b":"x"}\n{"b":"x"}\n{"a":1,"b":"z"}'
	# what has no key matches nothing; of such rows, too, the last is there
	want '[1,"x",3]' '[null,"x",null]' '[1,"z",null]' '[null,null,2]' '[null,null,5]'
	# without --on the table has one row
	run -0 sjoin --changelog --merge '[$left.n, $right.v]' table <<<$'{"n":1}\n{"n":2}'
	want '[1,5]' '[2,5]'
}

@test "bad rows and records are named" {
	lines '{"k":"a","v":1}' '{"k":"b"' '{"k":{"x":1},"v":2}' '{"k":"c","v":[]}' >table
	run -5 --separate-stderr sjoin --on '.k=.k' --changelog --delete-when '.v > 5 and (.v|tonumber) > 5' --type left table <<<$'{"k":"a"}\n{"k":\n{"k":"c"}'
	want '{"k":"a","v":1}' '{"k":"c"}'
	says '*table:2: *table:4: --delete-when: *stdin:2: *'
	run -5 --separate-stderr sjoin --on '.k=(.k|ltrimstr("x")|.[0:1])' --changelog table <<<'{"k":"a"}'
	want '{"k":"a","v":1}'
	says '*table:2: *table:3: --on: *'
	run -5 --separate-stderr sjoin --on .k --changelog --on-error fail table <<<'{"k":"a"}'
	want
	says 'sjoin: table:2: *'
	run -2 --separate-stderr sjoin --on .k --changelog nowhere <<<'{"k":"a"}'
	says '*nowhere*'
}

@test "control lines: left's watermarks pass, the table's do not; barriers wait for each other" {
	{
		lines '{"k":"a","v":1}' "$SYN"'{"kind":"watermark","time":"2026-01-01T00:00:00Z"}' "$SYN"'{"kind":"idle"}' "$SYN"'{"kind":"barrier","n":1}'
		lines '{"k":"a","v":2}' "$SYN"'{"kind":"end"}'
	} >table
	{
		left a
		lines "$SYN"'{"kind":"watermark","time":"2026-01-01T00:00:05Z"}' "$SYN"'{"kind":"barrier","n":1}'
		left a
		lines "$SYN"'{"kind":"idle"}' "$SYN"'{"kind":"end"}'
	} >in
	timeout "$PATIENCE" sjoin --on .k --changelog --merge '$right.v' table in | cat >got
	cmp got <(lines 1 "$SYN"'{"kind":"watermark","time":"2026-01-01T00:00:05Z"}' "$SYN"'{"kind":"barrier","n":1}' 2 "$SYN"'{"kind":"idle"}' "$SYN"'{"kind":"end"}')
}

@test "--max-memory: what the table takes, not what passed through it" {
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "{\"k\":\"%d\",\"v\":%d}\n", i % 7, i }' >table
	run -0 sjoin --on .k --changelog --max-memory 200k --merge '$right.v' table <<<"$(left 0 6)"
	want 19999 19998
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "{\"k\":\"%d\",\"v\":%d}\n{\"k\":\"%d\",\"value\":null}\n", i, i, i }' >table
	run -0 sjoin --on .k --changelog --max-memory 200k --type left table <<<"$(left 0)"
	want '{"k":"0"}'
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "{\"k\":\"%d\"}\n", i }' >table
	run -2 --separate-stderr sjoin --on .k --changelog --max-memory 200k table <<<"$(left 0)"
	want
	says '*rows of the table*--max-memory*'
}

@test "what does not go together is said" {
	while IFS='|' read -r options words; do
		# shellcheck disable=SC2086
		run -2 sjoin $options /dev/null </dev/null
		[[ $output == *"$words"* ]] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		--on .k --delete-when .x|--changelog
		--on .k --asof --delete-when .x|--changelog
		--on .k --changelog --asof|one of these
		--on .k --changelog --within 1s|one of these
		--on .k --changelog --size 1m|one of these
		--on .k --changelog --time .ts|--changelog
		--on .k --changelog --delay 1s|--changelog
		--on .k --changelog --late x|--changelog
		--on .k --changelog --on-full evict|--changelog
		--on .k --changelog --reduce count|--reduce
		--on .k --changelog --validate m:1|--validate
		--on .k --changelog --matches last|--matches
		--on .k --changelog --left-when .x|--right-when
		--on .k --changelog --strict|--asof
	ROWS
	run -3 sjoin --on .k --changelog --delete-when '.x +' /dev/null </dev/null
	[[ $output == *--delete-when* ]]
}

@test "random changes and questions on one input: what a dictionary says" {
	python3 - <<-'END'
		import json, random
		random.seed(5)
		table, settled, order = {}, {}, 0
		with open("in", "w") as f, open("full", "w") as full:
		    for i in range(20000):
		        k = random.choice((random.randrange(30), random.randrange(3000), f"s{random.randrange(5)}"))
		        what = random.random()
		        if what < .5:
		            f.write(json.dumps({"ask": i, "k": k}) + "\n")
		            v = table.get(k)
		            full.write(f"[{i},{'null' if v is None else v}]\n")
		            settled[k] = True
		        elif what < .85:
		            f.write(json.dumps({"k": k, "v": i}) + "\n")
		            table.pop(k, None) # the newest is last
		            table[k], settled[k] = i, False
		        else:
		            f.write(json.dumps({"k": k, "value": None}) + "\n")
		            table.pop(k, None)
		    full.writelines(f"[null,{v}]\n" for k, v in table.items() if not settled[k])
	END
	sjoin --on .k --changelog --left-when 'has("ask")' --right-when 'has("ask")|not' --type full --merge '[$left.ask, $right.v]' in | cmp - full
}
