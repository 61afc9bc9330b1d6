#!/usr/bin/env bats
# sjoin --match: the rows that a value lies in. Expected values by hand, from awk, and from python3's ipaddress and sqlite3.
# shellcheck disable=SC2154,SC2016 # bats sets stderr; jq's variables are not the shell's
load helper

networks() {
	lines network,owner 10.0.0.0/8,inside 10.1.0.0/16,office 10.1.2.3,printer 2001:db8::/32,docs 192.0.2.0/24,nobody ::ffff:172.16.0.0/108,private
}

addresses() {
	printf '{"ip":"%s"}\n' 10.1.2.3 10.1.9.9 10.200.0.1 ::ffff:10.1.0.1 2001:DB8::1 2001:db9::1 8.8.8.8 172.31.255.255 172.32.0.0 unknown
}

# pairs ARG.. - the addresses with their networks' owners
pairs() {
	networks >nets.csv
	addresses | sjoin --on .ip=.network --match cidr --merge '"\($left.ip)=\($right.owner)"' "$@" nets.csv | tr -d '"' | paste -sd' '
}

@test "cidr: types, and which of several rows" {
	while IFS='|' read -r options expected; do
		# shellcheck disable=SC2086 # they are several
		run -0 pairs $options
		[ "$output" = "$expected" ] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		|10.1.2.3=printer 10.1.9.9=office 10.200.0.1=inside ::ffff:10.1.0.1=office 2001:DB8::1=docs 172.31.255.255=private
		--matches longest|10.1.2.3=printer 10.1.9.9=office 10.200.0.1=inside ::ffff:10.1.0.1=office 2001:DB8::1=docs 172.31.255.255=private
		--matches first|10.1.2.3=inside 10.1.9.9=inside 10.200.0.1=inside ::ffff:10.1.0.1=inside 2001:DB8::1=docs 172.31.255.255=private
		--matches last|10.1.2.3=printer 10.1.9.9=office 10.200.0.1=inside ::ffff:10.1.0.1=office 2001:DB8::1=docs 172.31.255.255=private
		--matches all|10.1.2.3=printer 10.1.2.3=office 10.1.2.3=inside 10.1.9.9=office 10.1.9.9=inside 10.200.0.1=inside ::ffff:10.1.0.1=office ::ffff:10.1.0.1=inside 2001:DB8::1=docs 172.31.255.255=private
		--type left|10.1.2.3=printer 10.1.9.9=office 10.200.0.1=inside ::ffff:10.1.0.1=office 2001:DB8::1=docs 2001:db9::1=null 8.8.8.8=null 172.31.255.255=private 172.32.0.0=null unknown=null
		--type right|10.1.2.3=printer 10.1.9.9=office 10.200.0.1=inside ::ffff:10.1.0.1=office 2001:DB8::1=docs 172.31.255.255=private null=nobody
		--type right --matches first|10.1.2.3=inside 10.1.9.9=inside 10.200.0.1=inside ::ffff:10.1.0.1=inside 2001:DB8::1=docs 172.31.255.255=private null=office null=printer null=nobody
		--type full|10.1.2.3=printer 10.1.9.9=office 10.200.0.1=inside ::ffff:10.1.0.1=office 2001:DB8::1=docs 2001:db9::1=null 8.8.8.8=null 172.31.255.255=private 172.32.0.0=null unknown=null null=nobody
	ROWS
	run -0 sjoin --on .ip=.network --match cidr --type anti nets.csv <<<"$(addresses)"
	want '{"ip":"2001:db9::1"}' '{"ip":"8.8.8.8"}' '{"ip":"172.32.0.0"}' '{"ip":"unknown"}'
	run -0 sjoin --on .ip=.network --match cidr --type semi --matches all nets.csv <<<"$(addresses)"
	want '{"ip":"10.1.2.3"}' '{"ip":"10.1.9.9"}' '{"ip":"10.200.0.1"}' '{"ip":"::ffff:10.1.0.1"}' '{"ip":"2001:DB8::1"}' '{"ip":"172.31.255.255"}'
}

@test "cidr: the requests of an access log, by the networks that they came from" {
	# 127.0.0.0/29 is .1 to .7, 127.0.0.12/31 is .12 and .13
	lines '{"net":"127.0.0.0/8","name":"other"}' '{"net":"127.0.0.0/29","name":"low"}' '{"net":"127.0.0.12/31","name":"high"}' '{"net":"127.0.0.13","name":"one"}' >nets
	stail --parse combined "$DATA/access.log" | sjoin --on .host=.net --match cidr --merge '$right.name' nets | sort | uniq -c >got
	awk '{ split($1, a, "."); n = a[4]; print n == 13 ? "\"one\"" : n == 12 ? "\"high\"" : n < 8 ? "\"low\"" : "\"other\"" }' "$DATA/access.log" |
		sort | uniq -c | cmp - got
}

@test "prefix: the same requests, by the routes that they are for" {
	lines '{"route":"/","to":"site"}' '{"route":"/api/","to":"api"}' '{"route":"/api/pay","to":"bank"}' '{"route":"/img/1","to":"ones"}' '{"route":"/static/","to":"none"}' >routes
	stail --parse combined "$DATA/access.log" >log
	sjoin --on .path=.route --match prefix --merge '$right.to' routes log | sort | uniq -c >got
	sed -n 's/.*"path":"\([^"]*\)".*/\1/p' log |
		awk '/^\/api\/pay/ { print "\"bank\""; next } /^\/api\// { print "\"api\""; next } /^\/img\/1/ { print "\"ones\""; next } /^\// { print "\"site\"" }' |
		sort | uniq -c | cmp - got
	[ "$(wc -l <got)" -eq 4 ]
	# what began with no slash is no request of the log's
	sjoin --on .path=.route --match prefix --type anti routes log | sfilter '.path | startswith("/")' | cmp - /dev/null
	run -0 sjoin --on .path=.route --match prefix --type right --merge 'select($left == null) | $right.to' routes log
	want '"none"'
}

@test "prefix: telephone numbers by their country, as numbers too; letters of either case; text of several bytes" {
	lines cc,country 1,US 44,GB 441481,GG 49,DE >cc.csv
	run -0 sjoin --on .tel=.cc --match prefix --key-type string --type left --merge '[$left.tel, $right.country]' cc.csv <<<$'{"tel":"441481123"}\n{"tel":4930123}\n{"tel":"4420"}\n{"tel":33}'
	want '["441481123","GG"]' '[4930123,"DE"]' '["4420","GB"]' '[33,null]'
	run -5 --separate-stderr sjoin --on .tel=.cc --match prefix cc.csv <<<'{"tel":"441481123"}'
	want
	says '*cc.csv:2: --match prefix: *number, not a string*cc.csv:5: *'
	lines '{"p":"Été","n":1}' '{"p":"é","n":2}' '{"p":"","n":3}' '{"p":"\ud83d\ude00","n":4}' >p
	run -0 sjoin --on .x=.p --match prefix --ignore-case --merge '$right.n' p <<<$'{"x":"ÉTÉ"}\n{"x":"Ét"}\n{"x":"école"}\n{"x":"èche"}\n{"x":"😀!"}\n{"x":""}'
	want 3 3 2 3 4 3
	run -0 sjoin --on .x=.p --match prefix --ignore-case --merge '$right.n' p <<<$'{"x":"ÉTé"}\n{"x":"\\u00c9T\\u00e9s"}'
	want 1 1
}

@test "between: brackets of a tax, the last of them open" {
	# those of the US of 2024, for one person
	lines from,to,rate 0,11600,10 11600.01,47150,12 47150.01,100525,22 100525.01,191950,24 191950.01,243725,32 243725.01,609350,35 609350.01,,37 >tax.csv
	run -5 --separate-stderr sjoin --on '.income=[.from,.to]' --match between --type left --merge '$right.rate' tax.csv <<<$'{"income":0}\n{"income":700000}'
	want 10 null
	says '*tax.csv:8: --match between: *two types, number and string*'
	run -0 sjoin --on '.income=[.from, (.to | if . == "" then null else . end)]' --match between --type left --merge '[$left.income, $right.rate]' tax.csv <<-'END'
		{"income":0}
		{"income":11600}
		{"income":11600.01}
		{"income":4.7150e4}
		{"income":100525.0}
		{"income":609350.00}
		{"income":609350.01}
		{"income":1e12}
		{"income":-1}
		{"income":"9"}
		{"income":null}
	END
	want '[0,10]' '[11600,10]' '[11600.01,12]' '[4.7150e4,12]' '[100525.0,22]' '[609350.00,35]' '[609350.01,37]' '[1e12,37]' '[-1,null]' '["9",null]' '[null,null]'
}

@test "between: the price of the day; a special one lies within the usual one" {
	lines '{"sku":"a","from":"2026-01-01","to":null,"price":10}' '{"sku":"a","from":"2026-03-01","to":"2026-03-31","price":8}' \
		'{"sku":"a","from":"2026-03-15","to":"2026-03-15","price":5}' '{"sku":"b","from":null,"to":"2026-03-10","price":99}' '{"sku":"b","from":"2026-06-01","to":"2026-05-01","price":1}' >prices
	while IFS='|' read -r sku day expected all; do
		for which in longest all; do
			run -0 sjoin --on .sku --on '.day=[.from,.to]' --match between --matches $which --merge '$right.price' prices <<<"{\"sku\":\"$sku\",\"day\":\"$day\"}"
			[ "$(paste -sd' ' <<<"$output")" = "$expected" ] || { echo "$sku $day, $which: $output"; return 1; }
			expected=$all
		done
	done <<-'ROWS'
		a|2025-12-31||
		a|2026-01-01|10|10
		a|2026-03-01|8|10 8
		a|2026-03-15|5|10 8 5
		a|2026-03-16|8|10 8
		a|2026-04-01|10|10
		b|2026-03-10|99|99
		b|2026-03-11||
		b|2026-05-15||
		b|0000|99|99
		c|2026-03-10||
	ROWS
	run -0 sjoin --on .sku --on '.day=[.from,.to]' --match between --type right --merge '$right.price' prices <<<'{"sku":"a","day":"2026-03-15"}'
	want 5 10 8 99 1
}

@test "between: numbers on both sides of zero; a bound may be any value; bounds as --key-type and --ignore-case have values" {
	lines '{"r":[-5,5],"n":1}' '{"r":[0,0],"n":2}' '{"r":["A","M"],"n":3}' '{"r":["n","z"],"n":4}' '{"r":[false,true],"n":5}' '{"r":[[1,5],[2]],"n":6}' '{"r":[null,null],"n":7}' >t
	while IFS='|' read -r options value expected; do
		# shellcheck disable=SC2086
		run -0 sjoin --on .x=.r --match between $options --merge '$right.n' t <<<"{\"x\":$value}"
		[ "$(paste -sd' ' <<<"$output")" = "$expected" ] || { echo "$options $value: $output"; return 1; }
	done <<-'ROWS'
		|3|1
		|-3|1
		|0|2
		|-0.0|2
		|6|7
		|"B"|3
		|"b"|7
		|"nn"|4
		|true|5
		|[1,7]|6
		|{}|7
		|null|
		--matches all|0|7 1 2
		--ignore-case|"b"|3
		--ignore-case|"NN"|4
		--key-type string|"0"|2
		--key-type string|0|2
		--key-type string|"great"|5
		--key-type string|"true"|4
		--key-type string|5|1
		--key-type string|-3|7
		--key-type string|6|7
	ROWS
}

@test "rows that are none are named by their lines, and are not in the table" {
	lines '{"net":"10.0.0.0/33"}' '{"net":"10.0.0.1/"}' '{"net":"::/0","n":3}' '{"net":"::ffff:10.0.0.0/104","n":4}' '{"net":7}' '{"net":null,"n":6}' '{"n":7}' '{"net":["10.0.0.0/8"]}' >nets
	run -5 --separate-stderr sjoin --on .ip=.net --match cidr --type full --merge '[$left.ip, $right.n]' nets <<<$'{"ip":"10.9.9.9"}\n{"ip":"11.0.0.1"}\n{"ip":"ff02::1"}'
	want '["10.9.9.9",4]' '["11.0.0.1",null]' '["ff02::1",3]' '[null,6]' '[null,7]'
	[ "$(cut -d: -f1-4 <<<"$stderr")" = "$(printf 'sjoin: nets:%d: --match cidr\n' 1 2 5 8)" ]
	run -5 --separate-stderr sjoin --on .ip=.net --match cidr --on-error fail nets <<<'{"ip":"10.9.9.9"}'
	want
	says 'sjoin: nets:1: *'
	run -0 --separate-stderr sjoin --on .ip=.net --match cidr --on-error skip --dead-letter dead --merge '$right.n' nets <<<'{"ip":"10.9.9.9"}'
	want 4
	cmp dead <(sed -n '1,2p;5p;8p' nets)
	lines '{"r":[1]}' '{"r":[1,2,3]}' '{"r":7}' '{"r":[1,"9"]}' '{"r":[9,1]}' '{"r":null}' '{"r":[true,1]}' '{"r":{"from":1}}' >ranges
	run -5 --separate-stderr sjoin --on .x=.r --match between --type right --merge '$right.r' ranges <<<'{"x":5}'
	want '[9,1]' null
	[ "$(cut -d: -f1-4 <<<"$stderr")" = "$(printf 'sjoin: ranges:%d: --match between\n' 1 2 3 4 7 8)" ]
}

@test "results: the matched field of both sides is two; a record's result leaves at once" {
	lines '{"ip":"10.0.0.0/8","as":1}' >t
	run -0 sjoin --on .ip --match cidr t <<<'{"ip":"10.1.1.1"}'
	want '{"ip":"10.1.1.1","as":1}'
	run -0 sjoin --on .ip --match cidr --prefix net_ t <<<'{"ip":"10.1.1.1"}'
	want '{"ip":"10.1.1.1","net_ip":"10.0.0.0/8","as":1}'
	run -0 sjoin --on .ip --match equal t <<<$'{"ip":"10.1.1.1"}\n{"ip":"10.0.0.0/8"}'
	want '{"ip":"10.0.0.0/8","as":1}'
	coproc { exec sjoin --on .ip --match cidr --type left --merge '$right.as' t; }
	pid=$COPROC_PID
	for ip in 10.1.1.1 11.1.1.1 10.255.255.255; do
		lines "{\"ip\":\"$ip\"}" >&"${COPROC[1]}"
		answer "${COPROC[0]}"
		[ "$line" = "$([[ $ip == 10.* ]] && echo 1 || echo null)" ]
	done
	hang_up
	finish "$pid" 0
}

@test "what does not go together is said" {
	while IFS='|' read -r options words; do
		# shellcheck disable=SC2086
		run -2 sjoin $options /dev/null </dev/null
		[[ $output == *"$words"* ]] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		--match cidr|--on
		--on .a --match net|equal|cidr|prefix|between
		--on .a --match cidr --validate m:1|--validate
		--on .a --matches longest|--match
		--on .a --matches longest --match equal|--match
		--on .a --match cidr --asof|--match
		--on .a --match between --within 1s|--match
		--on .a --match prefix --changelog|--match
		--on .a --match prefix --matches some|longest
	ROWS
}

@test "many rows that all hold a value are not looked at one by one" {
	awk 'BEGIN { for (i = 0; i < 200000; i++) printf "{\"r\":[%d,%d],\"n\":%d}\n", i, 1000000 - i, i }' >ranges
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "{\"x\":%d}\n", i * 7919 % 1000001 }' >left
	# the narrowest is the last of those that hold a value, the widest the first
	awk 'BEGIN { for (i = 0; i < 20000; i++) { x = i * 7919 % 1000001; n = x < 1000000 - x ? x : 1000000 - x; print n < 199999 ? n : 199999 } }' >narrowest
	for which in longest last; do
		timeout "$PATIENCE" sjoin --on .x=.r --match between --matches $which --merge '$right.n' ranges left | cmp - narrowest
	done
	timeout "$PATIENCE" sjoin --on .x=.r --match between --matches first --merge '$right.n' ranges left | uniq | cmp - <(echo 0)
	awk 'BEGIN { for (i = 0; i < 200000; i++) printf "{\"p\":\"/a\",\"n\":%d}\n", i }' >prefixes
	awk 'BEGIN { for (i = 0; i < 20000; i++) print "{\"p\":\"/a/b\"}" }' >left
	for which in longest/0 first/0 last/199999; do
		timeout "$PATIENCE" sjoin --on .p --match prefix --matches ${which%/*} --merge '$right.n' prefixes left | uniq | cmp - <(echo ${which#*/})
	done
}

@test "random networks: what python's ipaddress says" {
	python3 - <<-'END'
		import ipaddress as ip, json, random
		random.seed(11)
		def v4(): return ip.IPv4Address(0x0A000000 | random.getrandbits(24) & random.getrandbits(24))
		def v6(): return ip.IPv6Address(0x20010db8 << 96 | (random.getrandbits(64) & random.getrandbits(64)) << random.choice((0, 16, 40)))
		def text(a): # now and then as others write it
		    if a.version == 4: return str(a) if random.random() < .9 else f"::ffff:{a}"
		    return random.choice((str(a), a.exploded, a.exploded.upper()))
		nets = []
		for i in range(600):
		    a = v4() if random.random() < .6 else v6()
		    bits = random.randrange(0 if i % 50 == 0 else 6, a.max_prefixlen + 1)
		    nets.append((ip.ip_network((a, bits), strict=False), i))
		asked = [v4() if random.random() < .6 else v6() for i in range(1500)]
		asked += [n.network_address for n, i in nets] + [n.broadcast_address for n, i in nets]
		with open("right", "w") as f:
		    f.writelines(json.dumps({"net": str(n), "n": i}) + "\n" for n, i in nets)
		with open("left", "w") as f:
		    f.writelines(json.dumps({"ip": text(a)}) + "\n" for a in asked)
		out = {w: open(w, "w") for w in ("longest", "first", "last", "all")}
		for a in asked:
		    hit = sorted(((-n.prefixlen, i) for n, i in nets if a.version == n.version and a in n))
		    for w, of in (("longest", hit[:1]), ("first", [min(hit, key=lambda x: x[1])] if hit else []),
		                  ("last", [max(hit, key=lambda x: x[1])] if hit else []), ("all", hit)):
		        out[w].writelines(f"{i}\n" for l, i in of or [(0, "null")])
	END
	for which in longest first last all; do
		sjoin --on .ip=.net --match cidr --matches $which --type left --merge '$right.n' right left | cmp - $which
	done
}

@test "random prefixes: what python's startswith says" {
	python3 - <<-'END'
		import json, random
		random.seed(12)
		def text(n): return "".join(random.choice(("a", "b", "/", "é", "è", "日", "😀", "\0")) for _ in range(random.randrange(n)))
		rows = [(random.choice("xy"), text(6), i) for i in range(500)]
		asked = [(random.choice("xyz"), text(9)) for i in range(1500)]
		def dump(x): return json.dumps(x, ensure_ascii=random.random() < .5) + "\n"
		with open("right", "w") as f: f.writelines(dump({"k": k, "p": p, "n": i}) for k, p, i in rows)
		with open("left", "w") as f: f.writelines(dump({"k": k, "s": s}) for k, s in asked)
		with open("longest", "w") as one, open("all", "w") as all:
		    for k, s in asked:
		        hit = sorted((-len(p.encode()), i) for r, p, i in rows if r == k and s.startswith(p)) or [(0, "null")]
		        one.write(f"{hit[0][1]}\n")
		        all.writelines(f"{i}\n" for l, i in hit)
	END
	for which in longest all; do
		sjoin --on .k --on .s=.p --match prefix --matches $which --type left --merge '$right.n' right left | cmp - $which
	done
}

@test "random ranges: what SQL's between says" {
	python3 - <<-'END'
		import json, random, sqlite3
		random.seed(13)
		def bound(of): return None if random.random() < .1 else of()
		def number(): return random.choice((random.randrange(-60, 60), random.randrange(-600, 600) / 10, 0))
		def word(): return "".join(random.choice("abé") for _ in range(random.randrange(4)))
		db = sqlite3.connect(":memory:")
		db.execute("create table r(k, lo, hi, n)")
		rows = []
		for i in range(800):
		    of = number if i % 3 else word
		    rows.append((random.choice("pq"), bound(of), bound(of), i))
		db.executemany("insert into r values (?,?,?,?)", rows)
		asked = [(random.choice("pqz"), number() if i % 3 else word()) for i in range(1500)]
		with open("right", "w") as f: f.writelines(json.dumps({"k": k, "lo": a, "hi": b, "n": n}) + "\n" for k, a, b, n in rows)
		with open("left", "w") as f: f.writelines(json.dumps({"k": k, "x": x}) + "\n" for k, x in asked)
		holds = """k = :k and (lo is null or (:x >= lo and (typeof(lo) = 'text') = (typeof(:x) = 'text')))
		    and (hi is null or (:x <= hi and (typeof(hi) = 'text') = (typeof(:x) = 'text')))"""
		orders = {"longest": "lo desc nulls last, hi nulls last, n", "first": "n", "last": "n desc",
		          "all": "lo is null and hi is null desc, lo nulls first, n"}
		for name, order in orders.items():
		    with open(name, "w") as f:
		        for k, x in asked:
		            got = db.execute(f"select n from r where {holds} order by {order} limit {-1 if name == 'all' else 1}", {"k": k, "x": x}).fetchall()
		            f.writelines(f"{n}\n" for n, in got or [("null",)])
	END
	for which in longest first last all; do
		sjoin --on .k --on '.x=[.lo,.hi]' --match between --matches $which --type left --merge '$right.n' right left | cmp - $which
	done
}
