#!/usr/bin/env bats
# stee: a stream to several places at once; what is not GNU tee's (gnu-tee.bats), nor about routes (stee-route.bats) and
# files (stee-files.bats).
# shellcheck disable=SC2154,SC2016,SC2034 # set by bats and helper.bash; programs are not the shell's
load helper

# ---- lines and records

@test "lines are not looked into" {
	gives '{"a":1}\nno record\n\n{"b"' '{"a":1}\nno record\n\n{"b"' stee f
	[ "$(cat f)" = $'{"a":1}\nno record\n\n{"b"' ]
}
@test "with -i they are: bad ones go nowhere, and are said" {
	run -5 --separate-stderr bash -c 'printf "{\"a\":1}\nxx\n{\"a\":2}" | stee -i json f'
	want '{"a":1}' '{"a":2}'
	diff f <(lines "$output")
	says "stee: stdin:2: byte 1: expected a JSON value, got 'x'"
}
@test "--on-error: skip, fail, pass" {
	in='{"a":1}\nno\n{"a":2}\n'
	gives "$in" '{"a":1}\n{"a":2}\n' stee -i json --on-error skip f
	run -5 bash -c 'printf "$1" | stee -i json --on-error fail f 2>err' - "$in"
	want '{"a":1}'
	# a bad record that goes on does so wherever any line may
	run -5 bash -c 'printf "$1" | stee -i json --on-error pass f --if .a g "h{.a}" 2>err' - "$in"
	want '{"a":1}' no '{"a":2}'
	diff f <(lines "$output")
	diff g <(lines '{"a":1}' '{"a":2}')
	diff h1 <(lines '{"a":1}')
	diff h2 <(lines '{"a":2}')
}
@test "--dead-letter keeps bad records" {
	run -5 bash -c 'printf "{\"a\":1}\nno\n" | stee -i json --dead-letter dead f 2>err'
	[ "$(cat dead)" = no ]
}
@test "other formats keep their bytes, and a CSV header begins each file" {
	gives 'a,b\n1,"x, y"\n2,z\n' 'a,b\n1,"x, y"\n2,z\n' stee -i csv f --if '.a == 2' g --if '.a > 2' h
	diff f <(lines a,b '1,"x, y"' 2,z)
	diff g <(lines a,b 2,z)
	diff h <(lines a,b)
	gives 'x=1 y="a b"\nx=2\n' 'x=1 y="a b"\nx=2\n' stee -i logfmt --if '.x == "2"' none --if '.x == 2' f
	[ ! -s none ] && [ "$(cat f)" = x=2 ]
}
@test "control lines go downstream, and into no file" {
	printf '%s{"kind":"watermark","time":"2026-01-01T00:00:00Z"}\n{"a":1}\n%s{"kind":"x"}\n' "$SYN" "$SYN" >in
	stee f --if .a g <in | cmp - in
	[ "$(cat f)" = '{"a":1}' ] && [ "$(cat g)" = '{"a":1}' ]
	stee f <in | cmp - in
	[ "$(cat f)" = '{"a":1}' ]
	# stdout that ends here is no stream
	stee f --if .a g <in >out
	[ "$(cat out)" = '{"a":1}' ]
	stee -q f <in
	[ "$(cat f)" = '{"a":1}' ]
}
@test "compressed input is looked into, too" {
	printf '{"a":1}\n{"a":2}\n' | gzip >in.gz
	run -0 bash -c 'stee --if ".a == 2" f <in.gz'
	want '{"a":1}' '{"a":2}'
	[ "$(cat f)" = '{"a":2}' ]
}

# ---- formats

@test "-o is the format of destinations; of stdout where there is none" {
	gives '{"a":1,"b":"x y"}\n' 'a,b\n1,x y\n' stee -o csv
	gives '{"a":1,"b":"x y"}\n' 'a=1 b="x y"\n' stee -o logfmt
	gives '"x"\n{"a":1}\n' 'x\n{"a":1}\n' stee -o text
	gives 'a\tb\n1\tx\n' '{"a":1,"b":"x"}\n' stee -i tsv -o json
	gives '{"a":1,"b":"x y"}\n' '{"a":1,"b":"x y"}\n' stee -o csv f
	diff f <(lines a,b '1,x y')
	gives 'a,b\n1,x\n' 'a,b\n1,x\n' stee -i csv -o json f
	[ "$(cat f)" = '{"a":1,"b":"x"}' ]
}
@test "CSV as Miller reads and writes it" {
	peer mlr
	awk 'BEGIN { for (i = 0; i < 500; i++) printf "{\"n\":%d,\"t\":\"%s\",\"e\":\"\"}\n", i, i % 7 ? "v" i : "a, \\\"b\\\" " i }' >in
	stee -q -o csv f <in
	mlr --ijson --ocsv cat in | cmp - f
	mlr --icsv --ojsonl cat f | jq -c '.t |= tostring' | cmp - <(jq -c . in)
	stee -q -o tsv f <in
	mlr --ijson --otsv cat in | cmp - f
}
@test "columns: of the first record, named, of the first N" {
	in='{"a":1}\n{"b":2,"a":3}\n{"c":4}\n'
	run -5 bash -c 'printf "$1" | stee -q -o csv f' - "$in"
	diff f <(lines a 1)
	gives "$in" '' stee -q -o csv --columns b,a f
	diff f <(lines b,a ,1 2,3 ,)
	gives "$in" '' stee -q -o csv --union 3 f
	diff f <(lines a,b,c 1,, 3,2, ,,4)
	gives "$in" '' stee -q -o csv --union 100 f
	diff f <(lines a,b,c 1,, 3,2, ,,4)
	run -5 --separate-stderr bash -c 'printf "$1" | stee -q -o csv --union 2 f' - "$in"
	diff f <(lines a,b 1, 3,2)
	says "stee: stdin:3: f: field 'c' is not among the columns of the first record*"
	run -5 --separate-stderr bash -c 'echo "[1]" | stee -q -o csv --union 2 f'
	says 'stee: stdin:1: f: only objects have columns, not array'
	gives '' '' stee -q -o csv --columns b,a f
	[ "$(cat f)" = b,a ]
	gives '' '' stee -q -o csv f
	[ ! -s f ]
}
@test "an only field that is empty is no blank line" {
	gives '{"a":1}\n{"a":null}\n{"a":""}\n{}\n' 'a\n1\n""\n""\n""\n' stee -o csv
	gives 'a\n1\n""\n""\n' '{"a":1}\n{"a":""}\n{"a":""}\n' sfilter -i csv -m .
	gives '{"a":1}\n{"a":""}\n' 'a\n1\n\n' stee -o tsv
}
@test "a record that does not fit one format is in the others" {
	run -5 bash -c 'printf "{\"a\":1}\n{\"b\":2}\n" | stee -o csv f 2>err'
	want '{"a":1}' '{"b":2}'
	diff f <(lines a 1)
	[ "$(wc -l <err)" -eq 1 ]
}
@test "a table, as wide as it is" {
	gives '{"a":1,"b":"x"}\n{"a":100,"b":"long"}\n' '  a  b\n  1  x\n100  long\n' stee -o table
	gives '{"a":1,"b":"x"}\n{"a":100,"b":"long"}\n' '' stee -q -o table f
	diff f <(printf '  a  b\n  1  x\n100  long\n')
}
@test "a header goes to commands, too" {
	gives '{"a":1}\n{"a":2}\n' '' stee -q -o csv exec:'cat >f'
	diff f <(lines a 1 2)
	gives 'a,b\n1,2\n' '' stee -q -i csv exec:'cat >f'
	diff f <(lines a,b 1,2)
}

# ---- what goes out where

@test "-q: nothing on stdout" {
	gives 'a\n' '' stee -q f
	[ "$(cat f)" = a ]
	run -2 --separate-stderr stee -q
	says 'stee: -q: no DEST is given*'
}
@test "a command reads, is waited for, and its failure is said" {
	gives 'b\na\n' 'b\na\n' stee exec:'sleep 0.2; sort >f'
	diff f <(lines a b)
	run -2 --separate-stderr bash -c 'seq 3 | stee exec:"cat >/dev/null; exit 3" f'
	want 1 2 3
	says 'stee: *exec:*3*'
	[ "$(cat f)" = "$(seq 3)" ]
}
@test "a command that is dead: the others go on" {
	run -2 bash -c 'set -o pipefail; seq 300000 | stee --output-error=warn exec:true f 2>err | tail -n 1'
	want 300000
	[ "$(wc -l <f)" -eq 300000 ]
	grep -q '^stee: .*exec:true' err
	run -2 --separate-stderr bash -c 'seq 3 | stee exec:/no/such/command f'
	want 1 2 3
	[ "$(cat f)" = "$(seq 3)" ]
}
@test "sockets" {
	stail unix-listen:s >got &
	until_true test -S s
	seq 100 | stee -q unix:s
	until_true test "$(wc -l <got)" -eq 100
	kill %1
	diff got <(seq 100)
	run -2 --separate-stderr stee tcp://127.0.0.1:1 </dev/null
	says 'stee: *tcp://127.0.0.1:1*'
}
@test "a FIFO that nobody reads is waited for until the end is asked for" {
	mkfifo f
	stee -q f </dev/null 2>err &
	pid=$!
	until_true catches stee TERM "$pid"
	kill "$pid"
	ends 2 $pid
	grep -qx 'stee: cannot open f: nobody reads that FIFO' err
}
@test "which DEST ended it by SIGPIPE is said, but for stdout" {
	run -141 --separate-stderr bash -c 'set -o pipefail; yes | stee exec:"head -n 2 >h" | tail -n 1'
	[ "$stderr" = "stee: exec:head -n 2 >h: its reader went away, which ends the run" ]
	[ "$(cat h)" = $'y\ny' ]
	run -141 --separate-stderr bash -c 'set -o pipefail; yes | stee f | head -n 1'
	[ -z "$stderr" ]
}
@test "braces that stand for themselves" {
	run -0 bash -c 'echo x | stee -q "a{{b}}" '
	[ "$(cat 'a{b}')" = x ]
}
@test "--stats, and SIGUSR1" {
	run -0 --separate-stderr bash -c 'printf "{\"a\":1}\n{\"a\":2}\n" | stee --stats --if ".a == 1" f'
	says '{"tool":"stee","records_in":2,"records_out":2,"skipped":0,"bytes_in":16,"bytes_out":16,"seconds":*}'
	coproc stee f 2>err
	pid=$COPROC_PID
	echo '{"a":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	signal USR1 "$pid"
	until_true grep -q '"records_in":1,"records_out":1,.*"bytes_out":8' err
	hang_up
	ends 0 "$pid"
}
@test "asked to end, it reads on; the second time it ends" {
	mkfifo in
	default_signals stee f <in >out &
	pid=$!
	exec 7>in
	echo 1 >&7
	until_true test -s f
	signal TERM $pid
	echo 2 >&7
	exec 7>&-
	ends 143 $pid
	[ "$(cat f)" = "$(seq 2)" ]
	default_signals stee --graceful g <in >out &
	pid=$!
	exec 7>in
	echo 1 >&7
	until_true test -s g
	signal INT $pid
	exec 7>&-
	ends 0 $pid
	default_signals stee h <in >out &
	pid=$!
	exec 7>in
	echo 1 >&7
	until_true test -s h
	signal INT $pid
	kill -INT $pid
	ends 130 $pid
	exec 7>&-
}

# ---- what is slow

# slow_reader FIFO FILE - reads it when it is told to, by the file go
slow_reader() {
	{
		until [ -e go ]; do sleep 0.05; done
		cat >"$2"
	} <"$1" &
	reader=$!
}

@test "--on-slow block: all wait" {
	mkfifo f
	slow_reader f got
	seq 1000000 | stee -q f g &
	pid=$!
	until_true test -s g
	sleep 0.5
	kill -0 $pid
	[ "$(wc -l <g)" -lt 1000000 ]
	touch go
	ends 0 $pid
	wait $reader
	diff got <(seq 1000000)
	diff g <(seq 1000000)
}
@test "--on-slow drop: the others go on, and what is left out is counted" {
	mkfifo f
	slow_reader f got
	# the input lasts until all that is dropped has been
	{ seq 500000; until [ -e go ]; do sleep 0.05; done; } | stee -q --stats --on-slow drop --queue 100k f g 2>err &
	pid=$!
	until_true eval '[ "$(wc -l <g)" -eq 500000 ]'
	touch go
	ends 0 $pid
	wait $reader
	diff g <(seq 500000)
	dropped=$(sed -n 's/.*"dropped":\([0-9]*\).*/\1/p' err)
	[ "$dropped" -gt 0 ]
	grep -qx "stee: f: it was too slow, $dropped records were left out" err
	# whole lines, in order, and as many as it says are missing
	[ $(($(wc -l <got) + dropped)) -eq 500000 ]
	sort -c -n -u got
	cmp got <(seq 500000 | sort | comm -12 - <(sort got) | sort -n)
}
@test "--on-slow spill: the others go on, and nothing is left out" {
	mkfifo f
	mkdir spill
	slow_reader f got
	{ seq 500000; until [ -e go ]; do sleep 0.05; done; } |
		stee -q --stats --on-slow spill --spill-dir spill --queue 100k f g 2>err &
	pid=$!
	until_true eval '[ "$(wc -l <g)" -eq 500000 ]'
	touch go
	ends 0 $pid
	wait $reader
	diff g <(seq 500000)
	diff got <(seq 500000)
	grep -q '"spilled":[1-9]' err
	[ -z "$(ls spill)" ]
}

# ---- the command line

@test "what contradicts itself" {
	local words

	while IFS='|' read -r words says; do
		eval "run -2 --separate-stderr stee $words" </dev/null
		says "stee: $says"
	done <<-'END'
		a --if .x|--if stands before the operand that it is for, and there is none*
		--if .x --if .y a|--if is given twice before one operand*
		--route|--route: no DEST is given
		--route a b|--route: a has no --if and takes all that is left: nothing comes to b
		--route --if .x a b c|--route: b has no --if and takes all that is left: nothing comes to c
		--partition .x 'a{#}'|--partition EXPR and -N go together
		-N 4 'a{#}'|--partition EXPR and -N go together
		--partition .x -N 4 a|--partition: no DEST has {#}*
		'a{#}'|a{#}: {#} needs --partition EXPR and -N
		-a --atomic f|-a and --atomic exclude one another
		--keep 3 f|--keep is of rotated files: *
		--compress gzip f|--compress is of rotated files: *
		--atomic --rotate-size 1k f|--atomic: *
		--union 3 -o json f|--union needs -o csv, tsv or table
		--columns a f|--columns needs -o csv, tsv or table
		--union 3 --columns a -o csv f|--union and --columns exclude one another
		--fsync maybe f|--fsync: 'maybe' is none of never, end, each or a duration (like 1s)
		--fsync 0 f|--fsync: '0' is none of never, end, each or a duration (like 1s)
		-t .x f|--time, --time-format and --tz are for {%..} in a DEST, and for -o chart
		'a{'|a{: byte 2: *
		'a{}'|a{}: byte 2: *
		'a}'|a}: byte 2: '}' has no other one *
		'a{%Q}'|a{%Q}: byte 3: '%Q' is none of strftime's letters
		--tz Nowhere/Land 'a{%F}'|*Nowhere/Land*
		-o nothing f|--to: 'nothing' is no output format (json, csv, tsv, text, logfmt, table, chart)
		--on-slow spill --spill-dir c f|--on-slow spill: cannot make files in c: No such file or directory
		--on-slow never f|--on-slow: *
	END
	[ ! -e f ] && [ ! -e a ] && [ ! -e c ]
}
@test "expressions that do not compile" {
	run -3 --separate-stderr stee --if '.a +' f </dev/null
	says 'stee: --if:*'
	run -3 --separate-stderr stee 'f{.a +}' </dev/null
	run -3 --separate-stderr stee --partition '.a +' -N 3 'f{#}' </dev/null
	says 'stee: --partition:*'
	[ ! -e f ]
}
@test "control lines between lines that nobody looks into, and data that begin like them" {
	printf 'a\n\026{"kind":"idle"}\nb\026c\n\026data\n\nd' >in
	# downstream all of it goes, into a file what is data
	cat in | stee f | cat >out
	cmp in out
	printf 'a\nb\026c\n\026data\n\nd' | cmp - f
}
