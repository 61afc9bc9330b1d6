#!/usr/bin/env bats
# sjoin --reload and SIGHUP: which table a record meets. Every step waits for an answer, so that what happens before what is certain.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# start OPTION.. - sjoin on .id, asked by `ask`; stderr goes to err
start() {
	coproc default_signals env --default-signal=HUP sjoin --on .id "$@" 3>&- 2>>err
	pid=$COPROC_PID
	exec {out}<&"${COPROC[0]}" {in}>&"${COPROC[1]}"
}

# ask RECORD ANSWER.. - what comes of it
ask() {
	echo "$1" >&"$in"
	shift
	for want; do
		answer "$out"
		[ "$line" = "$want" ] || { lines "got $line" "not $want"; return 1; }
	done
}

# done_with STATUS - the input ends; the rest of the output is left in `rest`
done_with() {
	hang_up
	exec {in}>&-
	cat <&"$out" >rest
	exec {out}<&-
	ends "$1" "$pid"
}

# said LINE.. - that is all that was said until now
said() {
	diff <([ $# -eq 0 ] || lines "$@") err
}

# row V.. - a table of one row
row() {
	lines "{\"id\":1,\"v\":$1}"
}

@test "another file that is renamed to its name" {
	row 0 >t
	start --reload t
	for i in {0..30}; do
		ask '{"id":1}' "{\"id\":1,\"v\":$i}"
		ask '{"id":1}' "{\"id\":1,\"v\":$i}"
		row $((i + 1)) >new
		mv new t
	done
	done_with 0
	said
}

@test "a file that is written in place, added to, removed and written again" {
	row 1 >t
	start --reload t
	ask '{"id":1}' '{"id":1,"v":1}'
	row 2 >t
	ask '{"id":1}' '{"id":1,"v":2}'
	row 3 >>t
	ask '{"id":1}' '{"id":1,"v":2}' '{"id":1,"v":3}'
	rm t
	ask '{"id":1}' '{"id":1,"v":2}' '{"id":1,"v":3}'
	row 4 >t
	ask '{"id":1}' '{"id":1,"v":4}'
	done_with 0
	said
}

@test "a file that is still being written counts when it is closed" {
	row 1 >t
	start --reload t
	ask '{"id":1}' '{"id":1,"v":1}'
	exec {file}>t
	ask '{"id":1}' '{"id":1,"v":1}'
	row 2 >&"$file"
	ask '{"id":1}' '{"id":1,"v":1}'
	row 3 >&"$file"
	exec {file}>&-
	ask '{"id":1}' '{"id":1,"v":2}' '{"id":1,"v":3}'
	done_with 0
	said
}

@test "a symbolic link that is switched; that of a folder, too" {
	mkdir a b
	row 1 >a/t
	row 2 >b/t
	ln -s a now
	ln -s now/t t
	start --reload t
	ask '{"id":1}' '{"id":1,"v":1}'
	ln -s b new
	mv -T new now
	ask '{"id":1}' '{"id":1,"v":2}'
	row 3 >a/t
	ask '{"id":1}' '{"id":1,"v":2}'
	row 4 >b/t
	ask '{"id":1}' '{"id":1,"v":4}'
	ln -sfn a/t t
	ask '{"id":1}' '{"id":1,"v":3}'
	done_with 0
	said
}

@test "records that were read before the change meet the old table, those behind it the new one" {
	row 1 >t
	# more than are looked up together, in one write
	for i in {1..40}; do echo '{"id":1}'; done >block
	for merge in left-wins right-wins '{id} + $right'; do
		row 1 >new
		mv new t
		start --reload --merge "$merge" t
		for v in 1 2 3; do
			cat block >&"$in"
			for i in {1..40}; do
				answer "$out"
				[ "$line" = "{\"id\":1,\"v\":$v}" ]
			done
			row $((v + 1)) >new
			mv new t
		done
		done_with 0
		said
	done
}

@test "each type, merging and format" {
	while IFS='|' read -r options before after; do
		lines '{"id":1,"v":1}' '{"id":2,"v":2}' >t
		# shellcheck disable=SC2086 # they are several
		start --reload $options t
		ask '{"id":1}' $before
		lines '{"id":3,"v":3}' '{"id":1,"v":4}' >new
		mv new t
		ask '{"id":1}' $after
		done_with 0
		said
	done <<-'ROWS'
		--type left|{"id":1,"v":1}|{"id":1,"v":4}
		--type semi|{"id":1}|{"id":1}
		--merge right-wins|{"id":1,"v":1}|{"id":1,"v":4}
		--merge nest|{"left":{"id":1},"right":{"id":1,"v":1}}|{"left":{"id":1},"right":{"id":1,"v":4}}
		--merge $right.v|1|4
		-o csv|id,v 1,1|1,4
	ROWS
	lines '{"id":"10.0.0.0/8","v":1}' >t
	start --reload --match cidr t
	ask '{"id":"10.1.2.3"}' '{"id":"10.1.2.3","v":1}'
	lines '{"id":"10.0.0.0/8","v":1}' '{"id":"10.1.0.0/16","v":2}' >t
	ask '{"id":"10.1.2.3"}' '{"id":"10.1.2.3","v":2}'
	done_with 0
	lines '{"id":[1,5],"v":1}' >t
	start --reload --match between --merge '$right.v' t
	ask '{"id":3}' 1
	lines '{"id":[1,2],"v":1}' '{"id":[3,5],"v":2}' >t
	ask '{"id":3}' 2
	lines '{"id":[1,5],"v":3}' '{"id":[1],"v":3}' >t
	ask '{"id":3}' 2
	done_with 0
	said 'sjoin: t:2: --match between: the row'"'"'s key is no [from, to]; the table as it was is kept'
	: >err
	lines '{"id":1}' >t
	start --reload --type anti t
	ask '{"id":2}' '{"id":2}'
	lines '{"id":2}' >t
	ask '{"id":1}' '{"id":1}'
	lines '{"id":2}' >&"$in"
	done_with 0
	[ ! -s rest ]
}

@test "names that the table did not have before: no field is lost, none comes twice" {
	row 1 >t
	start --reload --prefix r_ t
	ask '{"id":1, "n":7}' '{"id":1, "n":7,"v":1}'
	lines '{"id":1,"w":2,"n":3,"v":4}' >t
	ask '{"id":1,"n":7}' '{"id":1,"n":7,"w":2,"r_n":3,"v":4}'
	ask '{"id":1,"v":5}' '{"id":1,"v":5,"w":2,"n":3,"r_v":4}'
	lines '{"id":1,"v":9}' >t
	ask '{"id":1, "w":8}' '{"id":1, "w":8,"v":9}'
	done_with 0
}

@test "by name: csv, tsv, compressed" {
	for end in csv csv.gz tsv.zst; do
		one() {
			case $end in
			csv) cat ;;
			csv.gz) gzip ;;
			*) tr , '\t' | zstd -q ;;
			esac
		}
		lines id,v 1,1 | one >"t.$end"
		start --reload "t.$end"
		ask '{"id":1}' '{"id":1,"v":1}'
		lines v,id,w 2,1,x | one >new
		mv new "t.$end"
		ask '{"id":1}' '{"id":1,"v":2,"w":"x"}'
		done_with 0
		said
	done
}

@test "a table with anything bad in it does not come into force, and that is said" {
	lines '{"id":{"k":1},"v":1}' >t
	: >err
	seq 1000 | sed 's/.*/{"id":{"k":&}}/' | gzip | head -c 500 >cut.gz
	coproc default_signals sjoin --reload --on .id.k --validate m:1 --stats t 3>&- 2>>err
	pid=$COPROC_PID
	exec {out}<&"${COPROC[0]}" {in}>&"${COPROC[1]}"
	ask '{"id":{"k":1}}' '{"id":{"k":1},"v":1}'
	while IFS='|' read -r command message; do
		: >err
		eval "$command"
		ask '{"id":{"k":1}}' '{"id":{"k":1},"v":1}'
		ask '{"id":{"k":1}}' '{"id":{"k":1},"v":1}'
		said "sjoin: $message; the table as it was is kept" || { echo "$command"; return 1; }
	done <<-'ROWS'
		lines '{"id":{"k":1},"v":2}' oops >t|t:2: byte 1: expected a JSON value, got 'o'
		lines '{"id":{"k":1},"v":2}' '{"id":' >n; mv n t|t:2: byte 7: expected a JSON value, got the end (values over several lines: -i json-stream)
		lines '{"id":{"k":1},"v":2}' '{"id":3}' >n; mv n t|t:2: --on: Cannot index number with string ("k")
		lines '{"id":{"k":3}}' '{"id":{"k":1},"v":2}' '{"id":{"k":3}}' >t|t:3: the key 3 is on line 1 too (--validate m:1; --matches first or last chooses one)
		ln -s nothing n; mv n t|cannot open t: No such file or directory
		rm t; mkdir t|cannot read t: it is no regular file
		rmdir t; mkfifo n; mv n t|cannot read t: it is no regular file
		cp cut.gz n; mv n t|t: the compressed data end too early
	ROWS
	: >err
	# what is whole again does
	lines '{"id":{"k":1},"v":2}' '{"id":{"k":2},"v":3}' >t
	ask '{"id":{"k":1}}' '{"id":{"k":1},"v":2}'
	done_with 0
	grep -q '"skipped":0,"rows":2,' err
	[ "$(wc -l <err)" = 1 ]
}

@test "whatever --on-error says a bad row keeps the old table, and counts nowhere" {
	for policy in report skip fail; do
		row 1 >t
		start --reload --on-error "$policy" --dead-letter dead t
		ask '{"id":1}' '{"id":1,"v":1}'
		lines '{"id":1,"v":2}' oops >t
		ask '{"id":1}' '{"id":1,"v":1}'
		done_with 0
		[ ! -e dead ]
		said "sjoin: t:2: byte 1: expected a JSON value, got 'o'; the table as it was is kept"
		: >err
	done
}

@test "SIGHUP has the table read anew, with and without --reload" {
	for option in '' --reload; do
		row 1 >t
		# shellcheck disable=SC2086 # or nothing
		start $option t
		ask '{"id":1}' '{"id":1,"v":1}'
		if [ ! "$option" ]; then
			row 2 >t
			ask '{"id":1}' '{"id":1,"v":1}'
		fi
		for v in 3 4; do
			row "$v" >t
			kill -HUP "$pid"
			ask '{"id":1}' "{\"id\":1,\"v\":$v}"
		done
		done_with 0
		said
	done
}

@test "a bad table is said as soon as SIGHUP comes, whether or not records come" {
	row 1 >t
	start t
	ask '{"id":1}' '{"id":1,"v":1}'
	lines oops >t
	kill -HUP "$pid"
	until_true grep -q '^sjoin: t:1: byte 1: .*; the table as it was is kept$' err
	: >err
	lines '{"id":1}' '{"id":1}' >&"$in"
	kill -HUP "$pid"
	until_true grep -q 'the table as it was is kept$' err
	answer "$out"
	answer "$out"
	[ "$line" = '{"id":1,"v":1}' ]
	done_with 0
}

@test "SIGHUP asks for the table under nohup too" {
	row 1 >t
	ignoring() { trap '' HUP && exec "$@"; }
	coproc ignoring sjoin --on .id t 3>&- 2>>err
	pid=$COPROC_PID
	exec {out}<&"${COPROC[0]}" {in}>&"${COPROC[1]}"
	ask '{"id":1}' '{"id":1,"v":1}'
	row 2 >t
	kill -HUP "$pid"
	ask '{"id":1}' '{"id":1,"v":2}'
	done_with 0
	said
}

@test "SIGHUP ends joins whose right side cannot be read again" {
	mkfifo pipe
	row 1 >pipe 3>&- &
	start pipe
	ask '{"id":1}' '{"id":1,"v":1}'
	kill -HUP "$pid"
	done_with 129
	lines '{"id":1,"ts":1,"v":1}' >rows
	start --asof rows
	ask '{"id":1,"ts":2}' '{"id":1,"ts":2,"v":1}'
	kill -HUP "$pid"
	done_with 129
}

@test "right and full end with the rows in force that nothing matched since they were read" {
	lines '{"id":1}' '{"id":2}' '{"id":3}' >t
	start --reload --type full t
	ask '{"id":1}' '{"id":1}'
	lines '{"id":1,"v":1}' '{"id":2,"v":2}' '{"id":4,"v":4}' >t
	ask '{"id":2}' '{"id":2,"v":2}'
	lines '{"id":9' >t
	ask '{"id":7}' '{"id":7}'
	done_with 0
	[ "$(<rest)" = $'{"id":1,"v":1}\n{"id":4,"v":4}' ]
}

@test "a stage that was asked to end reads on, and its table as ever" {
	row 1 >t
	start --reload t
	ask '{"id":1}' '{"id":1,"v":1}'
	signal TERM "$pid"
	row 2 >t
	ask '{"id":1}' '{"id":1,"v":2}'
	done_with 143
	said
	# also if that comes while it is read: it is longer than what is read at once
	{ yes '{"id":0}' | head -n 300000; row 1; } >long
	coproc default_signals sjoin --on .id --type semi long 3>&- 2>>err
	pid=$COPROC_PID
	exec {out}<&"${COPROC[0]}" {in}>&"${COPROC[1]}"
	until_true catches sjoin HUP "$pid"
	signal TERM "$pid"
	ask '{"id":1}' '{"id":1}'
	done_with 143
}

@test "old tables are let go" {
	jq -nc 'range(20000) | {id: ., name: "row \(.)", more: "0123456789"}' >rows
	cp rows t
	start --reload t
	for _ in {1..30}; do
		ask '{"id":19999}' '{"id":19999,"name":"row 19999","more":"0123456789"}'
		cp rows new
		mv new t
	done
	ask '{"id":0}' '{"id":0,"name":"row 0","more":"0123456789"}'
	# one takes 7 MB or so
	takes_less_than 40000 "$pid"
	done_with 0
}

@test "usage" {
	row 1 >t
	mkfifo pipe
	while IFS='|' read -r options words; do
		# shellcheck disable=SC2086
		run -2 sjoin --reload --on .id $options </dev/null
		[[ $output == *"$words"* ]] || { echo "$options: $output"; return 1; }
	done <<-'ROWS'
		pipe|--reload: pipe is no regular file
		/dev/null|--reload: /dev/null is no regular file
		nosuch|cannot open nosuch
		--within 1s t|--reload: RIGHT is a stream
		--asof t|--reload: RIGHT is a stream
		--changelog t|--reload: RIGHT is a stream
		--left-when .a --right-when .b --within 1s|--reload: RIGHT is a stream
	ROWS
}
