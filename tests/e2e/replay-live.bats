#!/usr/bin/env bats
# Replay equals live: what a pipeline says of a log while it is written it says of the same log afterwards, to the byte.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# What does not depend on the order of records within the delay (semantics.md, Aggregates).
AGG='{n: count, bytes: sum(.bytes), slow: max(.rt), fast: min(.rt), p99: quantile(.rt; 0.99), paths: distinct(.path)}'

windows() {
	swindow --size 10s --by .status "$@" "$AGG"
}

# grows FROM TO - TO becomes a copy of FROM, some lines at a time
grows() {
	local n

	n=$(wc -l <"$1")
	for ((i = 0; i < n; i += 700)); do
		sed -n "$((i + 1)),$((i + 700))p" "$1" >>"$2"
		sleep 0.02
	done
}

# live FILE OPTION.. - the windows of a copy of it, log, while it is written, to live; OPTIONs of stail
live() {
	local file=$1

	shift
	: >log
	grows "$file" log 3>&- &
	writer=$!
	stail -F --from-start --pid "$writer" --parse combined "$@" log | windows "${opts[@]}" >live
	wait "$writer"
	cmp log "$file"
	[ "$(wc -l <live)" -gt 50 ]
}

@test "a log" {
	opts=()
	live "$DATA/access.log"
	sreplay --max --parse combined log | windows | cmp - live
	sreplay --speed 1e6 --parse combined log | windows | cmp - live
	sreplay --max --lines --parse combined log | stail --parse combined | windows | cmp - live
}

@test "with watermarks in the stream" {
	opts=()
	live "$DATA/access.log" --watermark
	sreplay --max --watermark --parse combined log | windows >replayed
	cmp replayed live
	sreplay --speed 1000 --watermark --parse combined log | windows >replayed
	cmp replayed live
}

@test "in several files, compressed: merged by time" {
	opts=()
	live "$DATA/access.log"
	split -n l/4 --numeric-suffixes "$DATA/access.log" part.
	gzip part.00
	zstd -q --rm part.02
	sreplay --max --parse combined part.00.gz part.01 part.02.zst part.03 | windows | cmp - live
	sreplay --max --parse combined part.03 part.01 part.00.gz part.02.zst | windows | cmp - live
	# by turns, as of several servers
	awk '{ print >"server." NR % 3 }' "$DATA/access.log"
	zstd -q --rm server.1
	sreplay --max --parse combined 'server.*' | windows | cmp - live
	sreplay --max --watermark --parse combined 'server.*' | windows >replayed
	cmp replayed live
}

@test "shuffled within the delay" {
	opts=(-d 5s)
	# each line up to five seconds behind its time
	awk -F'[][]' 'BEGIN { srand(7) } { split($2, t, /[ :]/); printf "%.3f\t%s\n", t[2] * 3600 + t[3] * 60 + t[4] + 5 * rand(), $0 }' \
		"$DATA/access.log" | sort -s -n -k1,1 | cut -f2- >shuffled
	cmp -s shuffled "$DATA/access.log" && exit 1
	diff <(sort shuffled) <(sort "$DATA/access.log")
	live shuffled
	sreplay --max --parse combined log | windows -d 5s | cmp - live
	sreplay --max --parse combined "$DATA/access.log" | windows -d 5s | cmp - live
	sreplay --max --watermark -d 5s --parse combined log | windows >replayed
	cmp replayed live
	sreplay --max --reorder 5s --parse combined log | windows | cmp - live
	split -n l/3 --numeric-suffixes shuffled part.
	gzip part.01
	sreplay --max --parse combined part.00 part.01.gz part.02 | windows -d 5s | cmp - live
}
