# helper.bash - what the end-to-end tests share. BIN is the directory of the tools under test; build/ if not set.
# shellcheck shell=bash disable=SC2154,SC2034 # bats sets output, stderr, status; the tests use line, DATA
bats_require_minimum_version 1.5.0

BIN=$(cd "${BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
PATH=$BIN:$PATH
DATA=$BATS_TEST_DIRNAME/../data
# shellcheck disable=SC2034 # the tests' own
SYN=$'\026' # begins a control line
export PATH LC_ALL=C
# how long an event that must come is waited for before its test fails
PATIENCE=${PATIENCE:-60}
unset NO_COLOR

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# What a test left running: its own children, by a signal that bash does not remark on.
teardown() {
	local pid

	for pid in $(jobs -p); do kill -PIPE "$pid" 2>/dev/null || :; done
}

# lines LINE.. - each with its newline
lines() {
	printf '%s\n' "$@"
}

# want LINE.. - that, and nothing else, was the output of run
want() {
	[ $# -eq 0 ] && [ -z "$output" ] || diff <(lines "$@") <(lines "$output")
}

# says PATTERN.. - stderr of run matches each glob
says() {
	local pattern

	for pattern; do
		# shellcheck disable=SC2053 # a glob is meant
		[[ $stderr == $pattern ]] || { lines "stderr is:" "$stderr" "and not like:" "$pattern"; return 1; }
	done
}

# gives STDIN EXPECTED COMMAND.. - exact stdout, both given as printf formats, and status 0
gives() {
	local in=$1 out=$2

	shift 2
	# shellcheck disable=SC2059
	printf "$in" | "$@" >gives.out || { echo "status $? of: $*"; return 1; }
	# shellcheck disable=SC2059
	printf "$out" | cmp - gives.out || { echo "of: $*"; od -c gives.out; return 1; }
}

# to FILE COMMAND.. - with stdout there
to() {
	local file=$1

	shift
	"$@" >"$file"
}

# answer FD - a line from there into $line; waits for it
answer() {
	IFS= read -r -t "$PATIENCE" line <&"$1" || { echo "no line came"; return 1; }
}

# hang_up - the end of the coprocess's input
hang_up() {
	eval "exec ${COPROC[1]}>&-"
}

# until_true COMMAND.. - for what cannot be waited for otherwise
until_true() {
	local end=$((SECONDS + PATIENCE))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "never true: $*"; return 1; }
		read -r -t 0.02 <> <(:) || :
	done
}

# taken PID - has the process taken all signals that were sent to it?
taken() {
	grep -Eq '^ShdPnd:[[:space:]]*0+$' "/proc/$1/status"
}

# catches TOOL SIGNAL PID - has the process become that tool (bash has handlers too, until then), and one for the signal?
catches() {
	local set

	[ "$(cat "/proc/$3/comm")" = "$1" ] || return
	set=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$3/status")
	[ $((0x$set >> ($(kill -l "$2") - 1) & 1)) -eq 1 ]
}

# signal NAME PID - sent, and taken by a process that lets it in
signal() {
	kill "-$1" "$2"
	until_true taken "$2"
}

# finish PID STATUS - it ends with that status
finish() {
	local got=0

	wait "$1" || got=$?
	[ "$got" -eq "$2" ] || { echo "status $got, not $2"; return 1; }
}

# default_signals COMMAND.. - with signals as a terminal's foreground job has them: shells make background jobs ignore SIGINT
default_signals() {
	exec env --default-signal=INT,TERM,USR1,PIPE "$@"
}

# ends STATUS PID - the child ends with that status
ends() {
	local got=0

	wait "$2" || got=$?
	[ "$got" -eq "$1" ] || { echo "status $got, not $1"; return 1; }
}

# takes_less_than KIB PID - of resident memory, at its highest
takes_less_than() {
	local peak

	peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$2/status")
	sanitized || [ "$peak" -lt "$1" ] || { echo "$peak KiB"; return 1; }
}

# Is the tool an ASan build, whose memory and time are its own matter?
sanitized() {
	grep -q __asan_init "$BIN/sfilter"
}

# peer NAME - skip loudly where a peer is not installed; in CI it has to be
peer() {
	command -v "$1" >/dev/null && return
	[ "${CI:-}" != true ] || { echo "$1 is not installed (scripts/deps ci)"; return 1; }
	skip "NOT COMPARED: $1 is not installed (scripts/deps ci)"
}
