#!/usr/bin/env bats
# A record waits for nothing but work: it is written before the next read would block.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# echoes COMMAND.. - a record in, its answer out, and only then the next
echoes() {
	local i

	coproc "$@" 3>&-
	for i in 1 2 3 4 5; do
		echo "{\"a\":$i}" >&"${COPROC[1]}"
		answer "${COPROC[0]}"
		[ "$line" = "{\"a\":$i}" ] || { echo "got: $line"; return 1; }
	done
}

@test "sfilter answers each record" { echoes sfilter .a; }
@test "sfilter -m answers each record" {
	echoes sfilter -m '{a}'
}
@test "stail answers each line" { echoes stail; }
@test "stail -i json answers each record" { echoes stail -i json; }
@test "-u answers each record" { echoes sfilter -u .a; }

chain() {
	stail | sfilter .a | sfilter -m '{a}'
}

@test "a chain of tools answers each record" { echoes chain; }

@test "a table's row is not held back either" {
	coproc sfilter -m . -o table 3>&-
	echo '{"a":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	answer "${COPROC[0]}"
	[ "$line" = 1 ]
}

@test "swindow writes a window with the record that ends it" {
	coproc swindow --size 1s '{n: count}' 3>&-
	lines '{"ts":0}' '{"ts":1}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:01Z","n":1}' ]
	echo '{"ts":2.5}' >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = '{"window_start":"1970-01-01T00:00:01Z","window_end":"1970-01-01T00:00:02Z","n":1}' ]
}

@test "a bad record's message does not overtake the records before it" {
	lines '{"a":1}' 'oops' '{"a":2}' >in
	run -5 bash -c 'sfilter -m .a in >both 2>&1'
	output=$(<both)
	want 1 "sfilter: in:2: byte 1: expected a JSON value, got 'o'" 2
}

# packed N COMMAND.. - a compressed stream of N records in, the last one out, while the pipe stays open
packed() {
	local n=$1

	shift
	seq "$n" | "$@" >packed
	coproc sfilter ". == $n" 3>&-
	cat packed >&"${COPROC[1]}"
	answer "${COPROC[0]}"
	[ "$line" = "$n" ]
}

@test "what came compressed does not wait for more: gzip, one read" { packed 100 gzip; }
@test "what came compressed does not wait for more: zstd, one read" { packed 100 zstd -q; }
@test "what came compressed does not wait for more: gzip, many" { packed 200000 gzip; }
@test "what came compressed does not wait for more: zstd, many" { packed 200000 zstd -q; }

@test "strace: a record is written before the next read or poll that waits" {
	peer strace
	mkfifo in
	ASAN_OPTIONS=detect_leaks=0 strace -o trace -e trace=read,write,ppoll sfilter .a <in >out 3>&- &
	exec {in}>in
	for i in 1 2 3; do
		echo "{\"a\":$i}" >&"$in"
		until_true has out "$i"
	done
	exec {in}>&-
	wait $!
	# read, write, read, write, ..: between two reads that gave a record there is the first one's write
	grep -oE '^(read\(0, "\{|write\(1, "\{)' trace | cut -d'(' -f1 >calls
	diff calls <(lines read write read write read write)
}

# has FILE N - lines
has() {
	[ "$(wc -l <"$1")" -eq "$2" ]
}
