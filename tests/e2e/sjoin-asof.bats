#!/usr/bin/env bats
# sjoin --asof: the row that is valid at a record's time. Expected values by hand, and from SQL where python3 has sqlite3.
load helper

quotes() {
	lines '{"ts":10,"s":"a","bid":1}' '{"ts":20,"s":"a","bid":2}' '{"ts":20,"s":"a","bid":3}' '{"ts":30,"s":"b","bid":9}' '{"ts":15,"s":"b","bid":8}'
}

# asof ARG.. - trades at 5, 20 and 26 of a, at 20 of b, as "time bid"
asof() {
	quotes >right
	lines '{"ts":5,"s":"a"}' '{"ts":20,"s":"a"}' '{"ts":26,"s":"a"}' '{"ts":20,"s":"b"}' |
		sjoin --asof --on .s --time-format s --type left --merge '"\($left.ts)\($left.s)=\($right.bid)"' "$@" right | tr -d '"' | paste -sd' '
}

@test "direction, tolerance, strict" {
	while IFS='|' read -r options expected; do
		# shellcheck disable=SC2086 # they are several
		run -0 asof $options
		[ "$output" = "$expected" ] || { echo "$options: $output, not $expected"; return 1; }
	done <<-'ROWS'
		|5a=null 20a=3 26a=3 20b=8
		--direction forward|5a=1 20a=2 26a=null 20b=9
		--direction nearest|5a=1 20a=3 26a=3 20b=8
		--strict|5a=null 20a=1 26a=3 20b=8
		--direction forward --strict|5a=1 20a=null 26a=null 20b=9
		--direction nearest --strict|5a=1 20a=1 26a=3 20b=8
		--tolerance 5s|5a=null 20a=3 26a=null 20b=8
		--tolerance 6s|5a=null 20a=3 26a=3 20b=8
		--tolerance 4s|5a=null 20a=3 26a=null 20b=null
		--direction nearest --tolerance 5s|5a=1 20a=3 26a=null 20b=8
	ROWS
}

@test "types; rows that nothing took come at the end" {
	run -0 asof --type inner
	[ "$output" = '20a=3 26a=3 20b=8' ]
	run -0 asof --type full --merge '"\($left.ts)\($right.bid)"'
	[ "$output" = '5null 203 263 208 null1 null2 null9' ]
	quotes >right
	run -0 sjoin --asof --on .s --time-format s --type anti right <<<$'{"ts":5,"s":"a"}\n{"ts":20,"s":"a"}\n{"ts":9,"s":"c"}'
	[ "$output" = $'{"ts":5,"s":"a"}\n{"ts":9,"s":"c"}' ]
	run -0 sjoin --asof --on .s --time-format s --type semi right <<<$'{"ts":5,"s":"a"}\n{"ts":20,"s":"a"}\n{"ts":9,"s":"c"}'
	[ "$output" = '{"ts":20,"s":"a"}' ]
}

@test "without --on every row counts; times of the sides by two expressions" {
	lines '{"at":{"t":10},"v":1}' '{"at":{"t":20},"v":2}' >right
	run -0 sjoin --asof --time '.when,.at.t' --time-format s --merge '[$left.when,$right.v]' right <<<$'{"when":19}\n{"when":20}'
	[ "$output" = $'[19,1]\n[20,2]' ]
	run -0 sjoin --asof --time '[.x,.when][1],.at["t"]' --time-format s --merge '$right.v' right <<<'{"when":25}'
	[ "$output" = 2 ]
}

@test "a record or row without a time is bad" {
	lines '{"ts":10,"v":1}' '{"v":2}' >right
	run -5 --separate-stderr sjoin --asof right <<<$'{"ts":10}\n{"x":1}'
	[ "$output" = '{"ts":10,"v":1}' ]
	[[ $stderr == *"right:2: "*"time"*"stdin:2: "*"time"* ]]
}

@test "what does not go together is said" {
	while IFS='|' read -r options words; do
		# shellcheck disable=SC2086
		run -2 sjoin $options /dev/null </dev/null
		[[ $output == *"$words"* ]] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		--asof --matches first|--matches
		--asof --validate m:1|--validate
		--on .a --strict|--asof
		--on .a --tolerance 1s|--asof
		--asof --direction up|backward
	ROWS
}

@test "random trades and quotes: what SQL says" {
	python3 - <<-'END'
		import json, random, sqlite3
		random.seed(7)
		quotes = [(random.randrange(500), random.choice("abc"), i) for i in range(400)]
		trades = [(random.randrange(520), random.choice("abcd"), i) for i in range(400)]
		db = sqlite3.connect(":memory:")
		db.execute("create table q(ts, s, n)")
		db.executemany("insert into q values (?,?,?)", quotes)
		with open("right", "w") as f:
		    f.writelines(json.dumps({"ts": t, "s": s, "q": n}) + "\n" for t, s, n in quotes)
		with open("left", "w") as f:
		    f.writelines(json.dumps({"ts": t, "s": s, "n": n}) + "\n" for t, s, n in trades)
		for name, where, order in (("backward", "ts <= ? and ts >= ? - 20", "ts desc, n desc"), ("forward", "ts >= ? and ts <= ? + 20", "ts, n")):
		    with open(name, "w") as f:
		        for t, s, n in trades:
		            got = db.execute(f"select n from q where s = ? and {where} order by {order} limit 1", (s, t, t)).fetchone()
		            f.write(json.dumps([n, got and got[0]], separators=(",", ":")) + "\n")
	END
	for direction in backward forward; do
		sjoin --asof --on .s --time-format s --type left --direction $direction --tolerance 20s --merge '[$left.n, $right.q]' right left >got
		cmp got $direction
	done
}

# nearest OPTION.. - trades (l) and quotes (r) of stdin, as "time key"
nearest() {
	sfilter -R -m 'split(" ") | {side: .[0], ts: (.[1] | tonumber), s: .[2]}' |
		sjoin --asof --direction nearest --on .s --time-format s --type left --left-when '.side == "l"' --right-when '.side == "r"' \
			--merge '"\($left.ts)=\($right.ts)"' "$@"
}

@test "nearest, of streams: a quote stays while a trade waits for a nearer one" {
	run -0 nearest --tolerance 3s <<<$'r 4 a\nl 6 a\nr 8 b\nl 8 b'
	want '"6=4"' '"8=8"'
	run -0 nearest --strict <<<$'r 4 a\nr 5 a\nl 5 a\nr 6 b\nr 9 a'
	want '"5=4"'
}

@test "nearest, of streams: an older quote that comes later ends the wait" {
	lines '{"side":"l","ts":10}' '{"side":"r","ts":9}' '{"side":"r","ts":17}' "$SYN"'{"kind":"x-mark"}' >both
	run -0 bash -c 'sjoin --asof --direction nearest --time-format s --delay 5s --left-when ".side == \"l\"" \
		--right-when ".side == \"r\"" --merge "\$right.ts" <both | cat'
	want 9 "$SYN"'{"kind":"x-mark"}'
}

@test "of one input that carries both sides the longer delay counts" {
	for delay in 0s,5s 5s,0s 5s; do
		run -0 nearest --delay $delay <<<$'l 10 a\nr 6 a\nl 15 a'
		want '"10=6"' '"15=6"'
	done
	run -0 --separate-stderr nearest --delay 3s,2s <<<$'l 10 a\nr 6 a'
	want '"10=null"'
	says '*1 late record*'
}

@test "random trades and quotes as they come, not in order: the nearest that SQL says" {
	python3 - <<-'END'
		import json, random, sqlite3
		random.seed(11)
		rows = [(random.randrange(3000), random.choice("lr"), random.choice("abc"), i) for i in range(800)]
		rows = [r[:3] + (i,) for i, r in enumerate(sorted(rows, key=lambda r: r[0] + random.randrange(50)))]
		db = sqlite3.connect(":memory:")
		db.execute("create table q(ts, s, n)")
		db.executemany("insert into q values (?,?,?)", [(t, s, n) for t, side, s, n in rows if side == "r"])
		with open("both", "w") as f:
		    f.writelines(json.dumps({"ts": t, "side": side, "s": s, "n": n}) + "\n" for t, side, s, n in rows)
		nearest = "abs(ts - :t), ts, case when ts <= :t then -n else n end"
		for name, where in (("any", "true"), ("strict", "ts <> :t")):
		    with open(name, "w") as f:
		        for t, side, s, n in rows:
		            if side == "l":
		                near = f"select n from q where s = :s and {where} and abs(ts - :t) <= 20 order by {nearest} limit 1"
		                got = db.execute(near, {"t": t, "s": s}).fetchone()
		                f.write(json.dumps([n, got and got[0]], separators=(",", ":")) + "\n")
	END
	for how in any strict; do
		options=()
		[ $how = any ] || options=(--strict)
		sjoin --asof --on .s --time-format s --type left --direction nearest --tolerance 20s --delay 50s "${options[@]}" \
			--left-when '.side == "l"' --right-when '.side == "r"' --merge '[$left.n, $right.n]' both | sort >got
		sort $how | cmp got -
	done
}
