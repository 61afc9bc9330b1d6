#!/usr/bin/env bats
# sfilter with jq's manners on the command line: what they imply, read, write and bind. Expected is what jq itself answers, where the
# installed version agrees with jq 1.8, else what jq 1.8's manual and own tests say.
load helper

# as_jq IN ARG.. - the file IN to both with these arguments: the same bytes on stdout, the same status
as_jq() {
	local in=$1 theirs=0 ours=0

	peer jq
	jq "${@:2}" <"$in" >theirs 2>theirs.err || theirs=$?
	sfilter "${@:2}" <"$in" >ours 2>ours.err || ours=$?
	cmp theirs ours || { echo "of: ${*:2}"; diff theirs ours | head; return 1; }
	[ "$theirs" = "$ours" ] || { echo "status $ours, jq's is $theirs, of: ${*:2}"; cat ours.err; return 1; }
}

# values over several lines, several on one, none at the end
stream() {
	printf '1 2\n[3,\n4]"a"{"b":[1,{}],\n\n"c":"\\u00e9\\n\\u0000"} [] {}\ntrue null\n-5[[]]'
}

@test "-n -s -R --stream and their combinations read as jq reads" {
	stream >values
	seq 5 >numbers
	printf 'a\n\n\tb c\n\000\xff"\nlast' >text
	while IFS='|' read -r in options program; do
		# shellcheck disable=SC2086
		as_jq "$in" -c $options "$program"
	done <<-'ROWS'
		values|-s|.
		values|-s|length, .[2]
		values|--stream|.
		values|--stream|select(length == 2)
		values|-n --stream|[inputs]
		values|-n --stream|fromstream(inputs)
		values|-n --stream|fromstream(1 | truncate_stream(inputs))
		values|-s --stream|.
		values|-s -n|.
		values|-s -n|[inputs]
		numbers|-n|.
		numbers|-n|[inputs]
		numbers|-n|input, input
		numbers|-n|reduce inputs as $x (0; . + $x)
		numbers|-n|foreach inputs as $x (0; . + $x)
		numbers|-n|[limit(2; inputs)], input
		numbers|-n|first(inputs), [inputs]
		numbers|-n|input_line_number, (input | input_line_number)
		numbers|-s|add
		text|-RS|.
		text|-RS|length
		text|-Rn|[inputs]
		text|-Rn|input, input
		text|-Rs|.
		text|-Rsr|.
		/dev/null|-s|.
		/dev/null|-n|.
		/dev/null|-Rs|.
		/dev/null|-n|[inputs]
		/dev/null|-RS|.
		/dev/null|--stream|.
	ROWS
}

@test "input and inputs without -n take from what would come next" {
	seq 6 >numbers
	as_jq numbers -c -s '[., input?]'
	run -0 sfilter -m '[., input]' numbers
	want '[1,2]' '[3,4]' '[5,6]'
	run -0 sfilter -m '[., inputs]' numbers
	want '[1,2,3,4,5,6]'
	run -0 sfilter 'input' numbers # in filter mode too, and the record passes as it is
	want 1 3 5
	run -0 sfilter -m 'try input catch .' <<<1
	want '"No more inputs"'
}

@test "all of jq on real data: the same bytes" {
	as_jq "$DATA/flights.ndjson" -c -s 'group_by(.origin) | map({o: .[0].origin, n: length}) | sort_by(-.n, .o)'
	as_jq "$DATA/flights.ndjson" -c -n 'reduce inputs as $f ({}; .[$f.origin] += $f.distance)'
	as_jq "$DATA/earthquakes.ndjson" -r -s 'map(.magType) | unique | .[]'
	as_jq "$DATA/earthquakes.ndjson" -c -n --stream '[inputs | select(length == 2 and .[0][0] == "mag") | .[1]] | add'
	as_jq "$DATA/access.log" -R -r 'split(" ") | .[6]'
	as_jq "$DATA/access.log" -R -n '[inputs | select(test(" 404 "))] | length'
}

@test "layouts, byte for byte" {
	printf '%s' '[{"b":[1,[],{}],"a":"é😀\u007f\u0000\"\\"},"x\ty",null,true,[[1]]]' >value
	for options in --tab '--indent 1' '--indent 3' '--indent 7' '-S --indent 2' '-cS' '-ca' '-aS --tab' -cr -r -j -ar '-S -j'; do
		# jq without -c lays out over two blanks, whatever stdout is
		read -r -a words <<<"$options"
		as_jq value "${words[@]}" '.[]' || case $options in
			-r | -j | -ar | -S\ -j) # sfilter only on a terminal: asked for, it does
				as_jq value --indent 2 "${words[@]}" '.[]'
				;;
			*) return 1 ;;
		esac
	done
}

@test "off a terminal outputs stand one a line" {
	run -0 sfilter -m . <<<'{"a": [1]}'
	want '{"a": [1]}'
	run -0 sfilter -S . <<<'{"b":1, "a": [1]}'
	want '{"a":[1],"b":1}'
	run -0 sfilter --indent 0 '[.]' <<<'[1]'
	want '[[1]]'
}

@test "on a terminal map mode lays out and colours, filter mode does neither" {
	peer script
	printf '{"a":[1]}' >in
	run -0 script -qec 'sfilter -m . in' /dev/null
	output=${output//$'\r'/}
	want $'\e[1;39m{\e[0m' $'  \e[1;34m"a"\e[0m\e[1;39m:\e[0m \e[1;39m[\e[0m' $'    \e[0;39m1\e[0m' $'  \e[1;39m]\e[0m' $'\e[1;39m}\e[0m'
	run -0 script -qec 'NO_COLOR=1 sfilter -m . in' /dev/null
	output=${output//$'\r'/}
	want '{' '  "a": [' '    1' '  ]' '}'
	run -0 script -qec 'NO_COLOR= sfilter -cm .a in' /dev/null
	[ "${output//$'\r'/}" = $'\e[1;39m[\e[0m\e[0;39m1\e[0m\e[1;39m]\e[0m' ]
	run -0 script -qec 'sfilter -M -c -m .a in' /dev/null
	[ "${output//$'\r'/}" = '[1]' ]
	run -0 script -qec 'sfilter . in' /dev/null
	[ "${output//$'\r'/}" = '{"a":[1]}' ]
}

# The sequences are those that jq 1.8's own tests expect for the same value.
@test "-C: jq 1.8's colours" {
	value='[{"a":true,"b":false},"abc",123,null,[],{}]'
	run -0 sfilter -Cm . <<<"$value"
	want $'\e[1;39m[\e[0m\e[1;39m{\e[0m\e[1;34m"a"\e[0m\e[1;39m:\e[0m\e[0;39mtrue\e[0m\e[1;39m,\e[0m\e[1;34m"b"\e[0m\e[1;39m:\e[0m\e[0;39mfalse\e[0m\e[1;39m}\e[0m\e[1;39m,\e[0m\e[0;32m"abc"\e[0m\e[1;39m,\e[0m\e[0;39m123\e[0m\e[1;39m,\e[0m\e[0;90mnull\e[0m\e[1;39m,\e[0m\e[1;39m[]\e[0m\e[1;39m,\e[0m\e[1;39m{}\e[0m\e[1;39m]\e[0m'
	run -0 sfilter -C --indent 2 '.[0]' <<<"$value"
	want $'\e[1;39m{\e[0m' $'  \e[1;34m"a"\e[0m\e[1;39m:\e[0m \e[0;39mtrue\e[0m\e[1;39m,\e[0m' $'  \e[1;34m"b"\e[0m\e[1;39m:\e[0m \e[0;39mfalse\e[0m' $'\e[1;39m}\e[0m'
}

@test "JQ_COLORS: null, false, true, numbers, strings, arrays, objects, keys" {
	JQ_COLORS='0;30:0;31:0;32:0;33:0;34:1;35:1;36:1;37' run -0 sfilter -Cn '{a: [true, false, 1, "x", null]}'
	want $'\e[1;36m{\e[0m\e[1;37m"a"\e[0m\e[1;36m:\e[0m\e[1;35m[\e[0m\e[0;32mtrue\e[0m\e[1;35m,\e[0m\e[0;31mfalse\e[0m\e[1;35m,\e[0m\e[0;33m1\e[0m\e[1;35m,\e[0m\e[0;34m"x"\e[0m\e[1;35m,\e[0m\e[0;30mnull\e[0m\e[1;35m]\e[0m\e[1;36m}\e[0m'
	JQ_COLORS='4;31' run -0 sfilter -Cn 'null, 1' # the others stay
	want $'\e[4;31mnull\e[0m' $'\e[0;39m1\e[0m'
	JQ_COLORS='38;2;255;100;20' run -0 sfilter -Cn null
	want $'\e[38;2;255;100;20mnull\e[0m'
	JQ_COLORS='' run -0 sfilter -Cn null
	want $'\e[0;90mnull\e[0m'
	for garbage in red '0;30:x' '0;30:0;31:1,2' '1;31234567890123456789012345678901234567890'; do
		JQ_COLORS=$garbage run -0 --separate-stderr sfilter -Cn null
		want $'\e[0;90mnull\e[0m'
		says 'sfilter: JQ_COLORS is not understood*'
	done
}

@test "-r -j --raw-output0: strings as they are, the end is each one's own" {
	gives '["a\\nb",1,[]]' 'a\nb\n1\n[]\n' sfilter -r '.[]'
	gives '["a",1,[]]' 'a1[]' sfilter -j '.[]'
	gives '["a",1,[]]' 'a\0001\000[]\000' sfilter --raw-output0 '.[]'
	run -5 --separate-stderr sfilter --raw-output0 . <<<'"a\u0000b"'
	want
	says 'sfilter: stdin:1: *NUL*'
}

@test "--seq: RFC 7464 out, and in" {
	gives '{"a":\n1}\n[2]' '\036{"a":1}\n\036[2]\n' sfilter --seq .
	gives '\036{"a":1}\n\036[2]\n\0363\n' '\036{"a":1}\n\036[2]\n\0363\n' sfilter --seq .
	sfilter --seq -n '1, [2]' | sfilter --seq . >twice
	cmp twice <(printf '\0361\n\036[2]\n')
}

@test "variables are bound as jq binds them" {
	stream >values
	printf 'a\n\000b' >text
	as_jq values -cn '[$a, $b, $c, $d]' --arg a '1 "x"' --argjson b '{"x": [1]}' --slurpfile c values --rawfile d text
	as_jq values -cn '$ARGS' --arg a 1 --argjson b '[2]'
	as_jq values -cn '[$a, $ARGS.named]' --arg a 1 --arg a 2
	as_jq values -cn '[$a, $b, $ARGS.named]' --argjson b 1 --arg a x --arg b 2 --argjson a 3
	as_jq values -cn '$ARGS.positional' --args a -- -b '{"c":1}'
	as_jq values -cn --args '$ARGS.positional' a 'b c' ''
	as_jq values -cn '$ARGS.positional' --jsonargs '1' '{"c":[null]}'
	as_jq values -cn '$ARGS.positional' --args a --jsonargs 1 --args b
	as_jq values -cn '[$ENV.HOME, env.HOME]'
	as_jq values -cn '"\($a)-\($a | length)"' --arg a 'é'
	as_jq values -cn '$__loc__'
	run -0 sfilter '.a == $x' --arg x 5 <<<'{"a":"5"}'
	want '{"a":"5"}'
}

@test "what binds nothing says so" {
	while IFS='|' read -r status message options; do
		eval "run -$status --separate-stderr sfilter -n $options" </dev/null
		want
		says "sfilter: $message"
	done <<-'ROWS'
		2|--argjson x: '1 2' is no JSON: byte 3: *|--argjson x '1 2' '$x'
		2|--argjson x: '' is no JSON: *|--argjson x '' '$x'
		2|--jsonargs: 'a' is no JSON: *|'$ARGS' --jsonargs a
		2|--slurpfile x: cannot open nowhere: No such file or directory|--slurpfile x nowhere .
		2|--rawfile x: cannot open nowhere: *|--rawfile x nowhere .
		2|*--arg*needs*|. --arg
		2|--arg needs a name and a value*|. --arg x
		3|*$y is not defined*|'$y' --arg x 1
		2|no EXPR is given*|--arg x y
	ROWS
	printf '1 [2' >broken
	run -2 --separate-stderr sfilter -n --slurpfile x broken '$x'
	says 'sfilter: --slurpfile x: broken: value 2: byte *'
}

@test "-f: comments, a line for the kernel, what follows is input" {
	lines '#!/usr/bin/env -S sfilter -mf' '# what is wanted, \' 'still the comment' '.a + # more' '1' >program
	chmod +x program
	lines '{"a":1}' >in
	run -0 sfilter -mf program in in
	want 2 2
	run -0 ./program in
	want 2
	as_jq in -cS -f program
	: >nothing # an empty program is .
	as_jq in -cS -f nothing
}

@test "-f: what is no program" {
	printf '.\000+1' >nul
	run -3 --separate-stderr sfilter -f nul </dev/null
	says 'sfilter: nul: byte 2: *NUL*'
	run -2 --separate-stderr sfilter -f . </dev/null
	says 'sfilter: cannot read .: it is a directory*'
	lines '.a' '| nope' >bad
	run -3 --separate-stderr sfilter -f bad </dev/null
	says 'sfilter: bad:2:3: nope/0 is not defined*'
}

@test "-e: the last output's verdict" {
	seq 2 >in
	for program in . empty false null '1, null' 'null, 1' 'select(. > 9)'; do as_jq in -cS -e "$program"; done
	as_jq in -c -e -n null
	as_jq in -c -e -n '[inputs]'
	as_jq in -c -e -s '.[0] == 1'
}

@test "halt and halt_error end the run, with their status and words" {
	seq 3 >in
	while IFS='|' read -r status out err program; do
		run "-$status" --separate-stderr sfilter -m "$program" in
		[ "${output//$'\n'/ }" = "$out" ] && [ "$stderr" = "$err" ] || { echo "of $program: $output, $stderr"; return 1; }
	done <<-'ROWS'
		0|1||., halt
		0|1||if . == 2 then halt else . end
		5||bye|"bye\n" | halt_error
		5||{"a":1}|{a: 1} | halt_error
		1||x|"x" | halt_error(1)
		0||x|"x" | halt_error(0)
		5|||null | halt_error
	ROWS
	run -0 sfilter -e halt in # halt's own status comes before -e's
}

@test "map mode is implied where jq's letters mean output" {
	for options in -r -j -a -S -n -s --tab '--indent 0' --seq --stream --raw-output0; do
		# shellcheck disable=SC2086
		run -0 sfilter $options 'empty' <<<1
		want
		# shellcheck disable=SC2086
		run -2 --separate-stderr sfilter $options -v . <<<1
		says 'sfilter: -v *-m*'
	done
	for options in -R -c -C '-i text' -e -u; do # not here: records pass
		# shellcheck disable=SC2086
		run -0 sfilter $options 'true' <<<'1.0'
		want 1.0
	done
}

@test "-i json-stream: values, however they are laid out" {
	stream >in
	run -0 sfilter -i json-stream 'type == "array" or type == "object"' in
	want '[3, 4]' '{"b":[1,{}],  "c":"\u00e9\n\u0000"}' '[]' '{}' '[[]]' # as they are, but for their lines
	run -0 sfilter -i json-stream -m . in
	want 1 2 '[3,4]' '"a"' '{"b":[1,{}],"c":"\u00e9\n\u0000"}' '[]' '{}' true null -5 '[[]]'
	peer jq
	jq . "$DATA/flights.ndjson" | sfilter -i json-stream -m . | cmp - "$DATA/flights.ndjson"
	tr '\n' ' ' <"$DATA/flights.ndjson" | sfilter -i json-stream --max-record 200 -m . | cmp - "$DATA/flights.ndjson"
}

@test "-i json-stream: a bad value is named by its first line, and the next ones are read" {
	printf '1\n[2,\n3\n}\n4 oops 5\n"a\n6\n[7,\n' >in
	run -5 --separate-stderr sfilter -i json-stream . in
	want 1 4 5 6
	says *'sfilter: in:2: byte *' *'sfilter: in:5: byte 1: *' *'sfilter: in:6: byte *' *'sfilter: in:8: byte *'
	[ "$(grep -c ^sfilter: <<<"$stderr")" -eq 4 ]
}

@test "-i json-stream: a value over the limit, also where lines are short or none ends" {
	{
		printf '1\n[\n'
		yes '"0123456789",' | head -n 20
		printf '0]\n2 "'
		head -c 300000 /dev/zero | tr '\0' x
		printf '" 3\n'
	} >in
	run -5 --separate-stderr sfilter -i json-stream --max-record 100 . in
	want 1 2 3
	says 'sfilter: in:2: byte 101: the record is longer than --max-record (100 bytes)*sfilter: in:24: byte 101: *'
}

@test "values over several lines without -i json-stream: the message says so" {
	run -5 --separate-stderr sfilter . <<<'{'
	says '*[(]values over several lines: -i json-stream)'
}

@test "a value that ends is written before the next one comes" {
	coproc sfilter -i json-stream -m . 3>&-
	printf '{"a":\n' >&"${COPROC[1]}"
	printf '1}' >&"${COPROC[1]}" # no newline needed
	answer "${COPROC[0]}"
	[ "$line" = '{"a":1}' ]
	printf '[2]\n' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '[2]' ]
}

@test "control lines stay where they are, whatever reads the records" {
	printf '{"a":1}\n%s{"kind":"idle"}\n{"a":2}\n' "$SYN" >in
	for options in -m '-m -i json-stream' --stream '-mR' '-S' '-r -P 2'; do
		# shellcheck disable=SC2086
		sfilter $options 'if type == "array" then empty else 0 end' <in | cat >out
		case $options in
		--stream) want_out=("$SYN{\"kind\":\"idle\"}") ;;
		*) want_out=(0 "$SYN{\"kind\":\"idle\"}" 0) ;;
		esac
		diff out <(lines "${want_out[@]}") || { echo "of $options"; return 1; }
	done
	sfilter -Rs . <in | cat >out
	diff out <(lines "$SYN{\"kind\":\"idle\"}" '"{\"a\":1}\n{\"a\":2}\n"')
}

@test "combinations that mean nothing are refused" {
	while IFS='|' read -r message options; do
		eval "run -2 --separate-stderr sfilter . $options" </dev/null
		want
		says "sfilter: $message" || { echo "of $options"; return 1; }
	done <<-'ROWS'
		-R and --from exclude one another|-R -i csv
		-r and --to exclude one another|-r -o csv
		--stream and -R exclude one another|--stream -R
		-v and -m exclude one another|-v -m
		--indent: '8' is no number of spaces from 0 to 7|--indent 8
		--indent: 'x' is no*|--indent x
		--indent: '' is no*|--indent ''
		--to csv: records pass as they came in*-m 'select(EXPR)'|-o csv
		--from: 'xml' is no input format (*)|-i xml
		--to: 'json-stream' is no output format (*)|-m -o json-stream
		unknown option '-z'*|-z
		unknown option '--foo'*|--foo
	ROWS
}

@test "a full disk is said in every mode: 2" {
	[ -w /dev/full ] || skip "NOT TESTED: no /dev/full"
	seq 3 >in
	for options in '' -m -s -n -R --stream -r -j --tab '--seq' '-P 2' '-P 2 -m' --count '-m -u' '-m -i json-stream' --explain --help -V '--context 1'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr to /dev/full sfilter $options . in
		says 'sfilter: cannot write to stdout: No space left on device' || { echo "of $options"; return 1; }
	done
}

@test "--max-memory bounds what a program and -s hold, not how much is read" {
	run -2 --separate-stderr sfilter -s --max-memory 100k length "$DATA/flights.ndjson"
	says 'sfilter: *--max-memory (100000 bytes)*'
	run -2 --separate-stderr sfilter -Rs --max-memory 100k length "$DATA/flights.ndjson"
	says 'sfilter: *--max-memory*'
	run -2 --separate-stderr sfilter -n --max-memory 100k '[range(100000)] | length'
	says 'sfilter: *EXPR holds more than --max-memory (100000 bytes)*'
	# of a single record it is that record's fault
	run -5 --separate-stderr sfilter -m --max-memory 100k 'if . == 0 then [range(100000)] | length else . end' <<<$'0\n1'
	want 1
	says 'sfilter: stdin:1: the program takes more than 100000 bytes of memory'
	run -0 sfilter -n --max-memory 100k 'reduce inputs as $f (0; . + 1)' "$DATA/flights.ndjson"
	want 20000
}

@test "--explain runs nothing and says what is read" {
	run -0 sfilter --explain '.a.b > 1 and ."x y"[0]' nowhere
	[[ $output == *'fields:  .a.b ."x y"[0]'* ]]
	[[ $output == *'mode:    filter'* ]]
	run -0 sfilter --explain -n '[inputs]'
	[[ $output == *'mode:    map'*'threads: one'* ]]
}
