#!/usr/bin/env bats
# sfilter's stream operators, beside awk, grep, uniq and jq: what passes, in which order they stand, what they refuse. And -I.
load helper

# rows of a key and a value, out of jq's own numbers: 2000 of them, 40 keys
rows() {
	awk 'BEGIN { for (i = 0; i < 2000; i++) { x = (x * 1103515245 + 12345) % 2147483648; printf "{\"k\":\"k%d\",\"v\":%d,\"ts\":%d}\n", x / 65536 % 40, x / 1024 % 3, i } }'
}

# part N - its N-th field by quotes, colons and commas, in an awk program over rows: k is $5, v is $9, ts is $12
fields='-F["{:,}]+'

@test "--dedup: the first of each value, as awk's seen[]" {
	rows >in
	sfilter --dedup .k . in | cmp - <(awk "$fields" '!seen[$3]++' in)
	sfilter --dedup '[.k, .v]' . in | cmp - <(awk "$fields" '!seen[$3, $5]++' in)
	sfilter --dedup .k '.v > 0' in | cmp - <(awk "$fields" '$5 > 0 && !seen[$3]++' in) # of what passes
	sfilter -v --dedup .k '.v > 0' in | cmp - <(awk "$fields" '!($5 > 0) && !seen[$3]++' in)
	[ "$(sfilter --dedup .k --count . in)" -eq "$(awk "$fields" '!seen[$3]++' in | wc -l)" ]
	run -0 sfilter --dedup . true <<<$'1\n1.0\n"1"\nnull\n10e-1\n{"a":1,"b":2}\n{"b":2,"a":1}\nnull' # == decides
	want 1 '"1"' null '{"a":1,"b":2}'
}

@test "-m --dedup: of the outputs" {
	rows >in
	sfilter -r --dedup . .k in | cmp - <(awk "$fields" '!seen[$3]++ { print $3 }' in)
	run -0 sfilter -m --dedup '. % 3' '.[]' <<<'[1,4,2,5,3,1]'
	want 1 2 3
}

@test "--dedup --among N: the last N that passed" {
	rows >in
	for n in 1 3 20; do
		sfilter --dedup .k --among "$n" . in | cmp - <(awk "$fields" -v n="$n" '
			{ for (i = 1; i <= n && !(p - i in last && last[p - i] == $3); i++); if (i > n) { print; last[p++] = $3 } }' in)
	done
	awk "$fields" '{ print $5 }' in >values # --among 1 is uniq, as long as all that pass are kept
	sfilter --dedup . --among 1 . values | cmp - <(uniq values)
}

@test "--dedup --within D: in event time, two of a key that pass are D apart" {
	rows >in
	for d in 1 7 100; do
		sfilter --dedup .k --within "${d}s" . in | cmp - <(awk "$fields" -v d="$d" '!($3 in at) || $7 - at[$3] >= d { print; at[$3] = $7 }' in)
	done
	run -0 sfilter --dedup .k --within 1m --time .t --time-format '%H:%M' . <<-'IN'
		{"k":1,"t":"10:00"}
		{"k":1,"t":"10:00"}
		{"k":1,"t":"10:01"}
	IN
	want '{"k":1,"t":"10:00"}' '{"k":1,"t":"10:01"}'
	run -5 --separate-stderr sfilter --dedup .k --within 1s . <<<'{"k":1}'
	says 'sfilter: stdin:1: no event time*--time*'
}

@test "--changed: as uniq; with --by, of the same key" {
	rows >in
	awk "$fields" '{ print $5 }' in >values
	sfilter --changed . . values | cmp - <(uniq values)
	sfilter -m --changed . .v in | cmp - <(uniq values)
	sfilter --changed .v --by .k . in | cmp - <(awk "$fields" '!($3 in last) || last[$3] != $5 { print } { last[$3] = $5 }' in)
	sfilter --changed .v --by .k '.v != 1' in | cmp - <(awk "$fields" '$5 != 1 { if (!($3 in last) || last[$3] != $5) print; last[$3] = $5 }' in)
	run -0 sfilter --changed .a . <<<$'{"a":1}\n{"a":1.0}\n{"a":null}\n{}\n{"a":"1"}'
	want '{"a":1}' '{"a":null}' '{"a":"1"}'
}

@test "--context: as grep -A -B, without the dashes" {
	seq 300 >in
	for ab in '0 0' '1 0' '0 1' '2 3' '7 5' '400 400'; do
		read -r a b <<<"$ab"
		sfilter --context "$a,$b" '. % 37 == 0 or . % 41 == 1' in |
			cmp - <(awk '{ print $1 % 37 == 0 || $1 % 41 == 1 ? $1 "x" : $1 }' in | grep -A "$a" -B "$b" x | tr -d x | grep -v -- --)
	done
	run -0 sfilter --context 1 '. == 3' in
	want 2 3 4
	run -0 sfilter --context 1 --count '. == 3' in
	want 3
	sfilter -v --context 1,0 '. > 2' in | cmp - <(seq 3)
}

@test "--context over large inputs: what is held is written as it was" {
	seq 200000 >in
	sfilter --context 0,1 '. % 50000 == 1' in | cmp - <(lines 1 50000 50001 100000 100001 150000 150001)
	sfilter --context 1000,1000 '. == 100000' in | cmp - <(seq 99000 101000)
}

@test "--sample: about that part, the same for a seed, all of it or none" {
	seq 100000 >in
	for part in 0.1 10% 1/10; do sfilter --sample "$part" . in >"part.${part//\//_}"; done
	cmp part.0.1 part.10%
	cmp part.0.1 part.1_10
	# 100000 throws at 1/10: 10000 expected, standard deviation 95; ten of them
	n=$(wc -l <part.0.1)
	[ "$n" -gt 9050 ] && [ "$n" -lt 10950 ]
	sfilter --sample 0.1 --seed 7 . in >seven
	cmp seven <(sfilter --sample 0.1 --seed 7 . in)
	run -1 cmp -s seven part.0.1
	sort -n seven | cmp - seven
	run -0 sfilter --sample 0 . in
	want
	sfilter --sample 1 . in | cmp - in
	# it looks before EXPR does: of the sample those for which it is true
	cmp <(sfilter --sample 0.1 '. % 2 == 0' in) <(sfilter . part.0.1 | awk '$1 % 2 == 0')
}

@test "--sample-by: all records of a key or none, and a smaller sample is in a larger one" {
	rows >in
	sfilter --sample 0.3 --sample-by .k . in >some
	awk "$fields" 'NR == FNR { chosen[$3] = 1; next } $3 in chosen' some in | cmp - some
	sfilter --sample 0.5 --sample-by .k . in >more
	[ -s some ] && [ "$(wc -l <more)" -gt "$(wc -l <some)" ] && [ "$(wc -l <more)" -lt 2000 ]
	run -0 comm -23 <(sort some) <(sort more)
	want
}

@test "--throttle: N at once, then no more for a while; the others are counted" {
	# a day's worth, so that nothing comes back while the test runs
	yes 1 | head -n 1000 >in
	run -0 --separate-stderr sfilter --throttle 5/d --stats . in
	want 1 1 1 1 1
	says '*"throttled":995*'
	rows >keyed
	sfilter --throttle 2/d --by .k . keyed | cmp - <(awk "$fields" 'seen[$3]++ < 2' keyed)
	sfilter --throttle 1/d --by .k --changed .v . keyed | cmp - <(awk "$fields" '!seen[$3]++' keyed)
}

@test "--head N: and not one more; the producer is let go" {
	seq 10 >in
	sfilter --head 3 '. > 4' in | cmp - <(seq 5 7)
	run -0 sfilter -m --head 3 '., .' in
	want 1 1 2
	run -0 sfilter --count --head 3 . in
	want 3
	run -0 sfilter --head 0 . in
	want
	run -4 sfilter --head 0 -e . in
	yes 1 | sfilter --head 2 . >two
	cmp two <(lines 1 1)
}

@test "the order: sample, EXPR, dedup, changed, throttle, head" {
	rows >in
	sfilter --sample 0.5 . in >sample
	sfilter --sample 0.5 --dedup '[.k, .v]' --changed .v --by .k --throttle 3/d --head 50 '.v < 2' in >all
	sfilter '.v < 2' sample | sfilter --dedup '[.k, .v]' . | sfilter --changed .v --by .k . | sfilter --throttle 3/d --by .k . | sfilter --head 50 . | cmp - all
	[ -s all ]
}

@test "a key that cannot be computed makes a bad record, and is not remembered" {
	for options in '--dedup .a.b' '--changed .a.b' '--changed .x --by .a.b' '--sample 0.9999999 --sample-by .a.b' '--throttle 9/s --by .a.b'; do
		# shellcheck disable=SC2086
		run -5 --separate-stderr sfilter $options . <<<$'{"a":{"b":1}}\n{"a":1}'
		want '{"a":{"b":1}}'
		says 'sfilter: stdin:2: *Cannot index number with*'
	done
}

@test "--max-keys: an answer that would be wrong is an error" {
	seq 10 >in
	run -2 --separate-stderr sfilter --dedup . --max-keys 5 . in
	want 1 2 3 4 5
	says '*--dedup: more than 5 keys*--max-keys*'
	run -2 --separate-stderr sfilter --changed 1 --by . --max-keys 5 . in
	says '*--changed: more than 5 keys*--max-keys*'
	run -0 sfilter --throttle 1/d --by . --max-keys 5 --count . in # forgets the key idle longest
	want 10
	run -0 sfilter --dedup . --among 5 --max-keys 5 --count . in
	want 10
}

@test "what means nothing is refused: 2" {
	while IFS='|' read -r message options; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr sfilter $options </dev/null
		want
		says "sfilter: $message" || { echo "of $options"; return 1; }
	done <<-'ROWS'
		--within and --among say how --dedup EXPR remembers|--within 5s .
		--within and --among say how --dedup EXPR remembers|--among 5 .
		--within and --among exclude one another|--dedup . --within 5s --among 5 .
		--time, --time-format and --tz are of --dedup --within D|--dedup . --time .x .
		--by is the key of --changed and --throttle|--by .k .
		--sample-by needs --sample P*|--sample-by .k .
		--context passes records: not with -m|--context 1 -m .
		--sample x: a part from 0 to 1, as 0.01, 1% or 1/100|--sample x .
		--sample 2: *|--sample 2 .
		--sample 1/0: *|--sample 1/0 .
		--context x: *as 2,3*|--context x .
		--context 1,2,3: *|--context 1,2,3 .
		--throttle x: *100/s*|--throttle x .
		--throttle 0/s: *|--throttle 0/s .
		--throttle 5/: *|--throttle 5/ .
		--within: '5x' is no duration*|--dedup . --within 5x .
		--head: 'x' is no count*|--head x .
		--dedup, --changed, --sample, --throttle, --context look at records one by one*|--dedup . -n .
		--dedup, --changed, --sample, --throttle, --context look at records one by one*|--changed . -s .
		--dedup, --changed, --sample, --throttle, --context look at records one by one*|--sample 1 input
	ROWS
	run -3 --separate-stderr sfilter --dedup nope . </dev/null
	says 'sfilter: --dedup:1:1: nope/0 is not defined*'
}

@test "prev, delta, elapsed: from record to record" {
	rows >in
	peer jq
	sfilter -m '[.k, prev(.v), delta(.k; .v), elapsed(.ts)]' in | cmp - <(jq -c -n 'foreach inputs as $r ({m: {}};
		.out = [$r.k, .r.v, (if .m[$r.k] then $r.v - .m[$r.k] else null end), (if .r then $r.ts - .r.ts else null end)]
		| .m[$r.k] = $r.v | .r = $r; .out)' in)
	sfilter '.v != prev(.v)' in | cmp - <(awk "$fields" 'NR == 1 || last != $5; { last = $5 }' in)
}

# ---- in place

@test "-I: the output takes the file's place, with its mode; links lead to it" {
	lines '{"a":1}' '{"a":2}' >file
	chmod 640 file
	ln -s file link
	run -0 sfilter -I '.a > 1' link
	want
	[ "$(<file)" = '{"a":2}' ]
	[ -L link ] && [ "$(stat -c %a file)" = 640 ]
	run -0 sfilter -I -m '.a += 1' file
	[ "$(<file)" = '{"a":3}' ]
	alone file
}

@test "-I: several files, each for itself" {
	seq 5 >a
	seq 3 7 >b
	sfilter -I --head 2 '. > 3' a b
	cmp a <(seq 4 5)
	cmp b <(seq 4 5)
	seq 3 >a
	seq 3 >b
	sfilter -I --context 1 '. == 3' a b # b's 1 is no neighbour of a's 3
	cmp a <(seq 2 3)
	cmp b <(seq 2 3)
	sfilter -I -e '. == 3' a b
	run -4 sfilter -I -e '. == 9' a b
	[ ! -s a ] && [ ! -s b ]
}

@test "-I: CSV keeps its header; other formats go where -o says; nothing is coloured or laid out" {
	lines a,b 1,2 3,4 >t.csv
	sfilter -I -i csv '.a > 1' t.csv
	cmp t.csv <(lines a,b 3,4)
	sfilter -I -C -m -i csv . t.csv
	cmp t.csv <(lines '{"a":3,"b":4}')
	sfilter -I --tab . t.csv
	cmp t.csv <(printf '{\n\t"a": 3,\n\t"b": 4\n}\n')
}

@test "-I: bad records leave the file as it is, unless they are to be dropped or kept" {
	for row in '5' '5 --on-error fail' '0 --on-error skip' '5 --on-error pass' '5 --dead-letter dead'; do
		read -r status flags <<<"$row"
		lines 1 oops 2 >file
		# shellcheck disable=SC2086
		run "-$status" --separate-stderr sfilter -I -m $flags '. + 1' file
		case $flags in
		*skip) cmp file <(lines 2 3) ;;
		*pass) cmp file <(lines 2 oops 3) ;;
		*) cmp file <(lines 1 oops 2) ;;
		esac
		case $flags in '' | *dead) says '*sfilter: file has bad records and stays as it is (--on-error skip drops them)' ;; esac
	done
	cmp dead <(lines oops)
	alone file
}

@test "-I: a file that cannot be replaced is said, those behind it stay" {
	seq 3 >a
	seq 3 >b
	run -2 --separate-stderr sfilter -I '. > 2' a nowhere b
	says 'sfilter: cannot open nowhere: No such file or directory'
	cmp a <(lines 3)
	cmp b <(seq 3)
	mkdir dir
	mkfifo fifo
	gzip -k b
	while IFS='|' read -r message file; do
		run -2 --separate-stderr sfilter -I . "$file" </dev/null
		says "sfilter: $message"
	done <<-'ROWS'
		-I: */dir is no regular file|dir
		-I: */fifo is no regular file|fifo
		-I: */b.gz is compressed: unpack it first|b.gz
		-I writes into files: not with -|-
	ROWS
	gunzip -c b.gz | cmp - b
	run -2 --separate-stderr sfilter -I . </dev/null
	says 'sfilter: -I: no FILE is given'
	for options in -n -s --stream --count '-P 2'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr sfilter -I $options . a
		says 'sfilter: -I *'
	done
	cmp a <(lines 3)
}

@test "-I: halt leaves the file as it is" {
	seq 3 >a
	run -0 --separate-stderr sfilter -I -m 'if . == 2 then halt else 0 end' a
	says 'sfilter: a stays as it is: EXPR halted'
	run -5 --separate-stderr sfilter -I -m 'if . == 2 then halt_error else 0 end' a
	cmp a <(seq 3)
	alone a
}

# A program that waits for ever at one record: the first signal is taken then.
@test "-I: signals leave the file as it is, and nothing beside it" {
	yes '{"a":1}' | head -n 200000 >a
	cp a before
	default_signals sfilter -I -m 'if input_line_number == 3 then last(repeat(.)) else . end' a 3>&- &
	pid=$!
	until_true beside a
	signal TERM "$pid"
	kill -TERM "$pid"
	finish "$pid" 143
	cmp a before
	alone a
	default_signals sfilter -I -m 'last(range(2000))' a 2>err 3>&- &
	pid=$!
	until_true beside a
	signal INT "$pid"
	finish "$pid" 130
	cmp a before
	cmp err <(lines 'sfilter: a stays as it is: a signal ended the run')
	alone a
}

# alone FILE - nothing was left beside it
alone() {
	! beside "$1"
}

# beside FILE - is there a new one beside it, as there is while a run is on?
beside() {
	compgen -G "$1.??????" >/dev/null
}
