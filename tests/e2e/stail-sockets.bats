#!/usr/bin/env bats
# stail's sources by URL: connections, listening sockets, syslog, commands, the journal's export format.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# source_from ARG.. - stail in the background; its output is fd $out, its messages are in err
source_from() {
	mkfifo out
	default_signals stail "$@" >out 2>err 3>&- &
	pid=$!
	exec {out}<out
}

# next LINE.. - come out, in this order
next() {
	for expected; do
		answer "$out" || { cat err; return 1; }
		[ "$line" = "$expected" ] || { echo "got '$line', not '$expected'"; return 1; }
	done
}

# ended STATUS - after SIGTERM it ends so, and nothing more came
ended() {
	kill -TERM "$pid"
	over "$1"
}

# over STATUS - it ends so by itself, and nothing more came
over() {
	local got=0

	wait "$pid" || got=$?
	[ "$got" -eq "$1" ] || { echo "status $got"; cat err; return 1; }
	run cat <&"$out"
	want
}

said() {
	grep -q "$1" err
}

# picked - the port that was picked, into $port
picked() {
	until_true said 'port [0-9]* was picked'
	port=$(sed -n 's/.*port \([0-9]*\) was picked.*/\1/p' err)
}

# send FORMAT [ARG..] - over a connection of its own, which is closed then
send() {
	# shellcheck disable=SC2059
	printf "$@" >"/dev/tcp/127.0.0.1/$port"
}

# python PROGRAM - unix sockets, which bash does not have
python() {
	command -v python3 >/dev/null || skip "needs python3"
	python3 -c "$1"
}

# ---- listening

@test "tcp-listen: lines of several connections; a last one without newline is one" {
	source_from tcp-listen:0
	picked
	send 'a\nb\n'
	next a b
	exec {one}<>"/dev/tcp/127.0.0.1/$port" {two}<>"/dev/tcp/127.0.0.1/$port"
	printf 'one\nha' >&"$one"
	next one
	printf 'two\n' >&"$two"
	next two
	printf 'lf\nlast' >&"$one"
	next half
	exec {one}>&-
	next last
	exec {two}>&-
	ended 143
}

@test "tcp-listen: a line over the limit is bad, the next one is read; messages name the connection" {
	source_from --max-record 5 tcp-listen:0
	picked
	send '12345\n123456\n1\n'
	next 12345 1
	ended 143
	grep -qE '^stail: tcp-listen:127.0.0.1:[0-9]+#1 [(]127.0.0.1:[0-9]+[)]:2: byte 6: .*--max-record' err
}

@test "tcp-listen: max-connections; further ones wait until one is over" {
	source_from 'tcp-listen:0?max-connections=2'
	picked
	exec {one}<>"/dev/tcp/127.0.0.1/$port" {two}<>"/dev/tcp/127.0.0.1/$port" {three}<>"/dev/tcp/127.0.0.1/$port"
	printf '3\n' >&"$three"
	printf '1\n' >&"$one"
	next 1
	printf '2\n' >&"$two"
	next 2
	until_true said '2 connections are open; further ones wait'
	exec {two}>&-
	next 3
	exec {one}>&- {three}>&-
	ended 143
}

@test "tcp-listen: idle closes a silent connection, with its half line" {
	source_from 'tcp-listen:0?idle=100ms'
	picked
	exec {one}<>"/dev/tcp/127.0.0.1/$port"
	printf 'a\nhalf' >&"$one"
	next a half
	# the end of the connection
	run -1 read -r -t "$PATIENCE" <&"$one"
	exec {one}>&-
	send 'b\n'
	next b
	ended 143
}

@test "tcp-listen: thousands of connections, in little memory and few descriptors" {
	python ''
	source_from tcp-listen:0
	picked
	python "
import socket
for i in range(3000):
    s = socket.create_connection(('127.0.0.1', $port))
    s.sendall(b'%d\n' % i)
    s.close()
" &
	for i in {0..2999}; do
		IFS= read -r -t "$PATIENCE" line <&"$out"
		echo "$line"
	done | sort -n | cmp - <(seq 0 2999)
	[ "$(ls "/proc/$pid/fd" | wc -l)" -lt 300 ]
	ended 143
}

@test "tcp-listen: where descriptors run out connections wait" {
	mkfifo out
	(
		ulimit -n 16
		default_signals stail tcp-listen:0 >out 2>err 3>&-
	) &
	pid=$!
	exec {out}<out
	picked
	fds=()
	for i in {1..16}; do
		exec {fd}<>"/dev/tcp/127.0.0.1/$port"
		printf '%s\n' "$i" >&"$fd"
		fds+=("$fd")
	done
	until_true said 'cannot accept a connection: Too many open files; it waits'
	for fd in "${fds[@]}"; do exec {fd}>&-; done
	for i in {1..16}; do
		answer "$out"
		echo "$line"
	done | sort -n | cmp - <(seq 16)
	[ "$(grep -c 'it waits' err)" -lt 4 ]
	ended 143
}

@test "tcp-listen: [::1], and a host that other machines reach" {
	source_from 'tcp-listen:0.0.0.0:0?remote=yes'
	picked
	send 'a\n'
	next a
	ended 143
	run -2 --separate-stderr stail tcp-listen:0.0.0.0:0
	says 'stail: tcp-listen:0.0.0.0:0: other machines can reach 0.0.0.0:0; if that is meant, say ?remote=yes'
	run -2 --separate-stderr stail 'tcp-listen:[::]:0'
	says '*?remote=yes'
}

@test "a port that is taken" {
	source_from tcp-listen:0
	picked
	run -2 --separate-stderr stail "tcp-listen:$port"
	says "stail: tcp-listen:$port: cannot listen: Address already in use"
	ended 143
}

@test "unix-listen: and unix:, one stail to another; the socket is private, and gone at the end" {
	source_from unix-listen:s
	until_true test -S s
	[ "$(stat -c %a s)" = 600 ]
	python '
import socket
s = socket.socket(socket.AF_UNIX)
s.connect("s")
s.sendall(b"a\nb\nhalf")
'
	next a b half
	ended 143
	[ ! -e s ]
}

@test "unix-listen: mode=" {
	source_from 'unix-listen:s%20t?mode=660'
	until_true test -S 's t'
	[ "$(stat -c %a 's t')" = 660 ]
	ended 143
}

@test "unix-listen: a socket that nobody listens on is replaced, one in use and other files are not" {
	source_from unix-listen:s
	until_true test -S s
	run -2 --separate-stderr stail unix-listen:s
	says 'stail: unix-listen:s: another process listens on it'
	kill -KILL "$pid"
	wait "$pid" || :
	[ -S s ]
	rm out
	source_from unix-listen:s
	python '
import socket, time
for i in range(600):
    try:
        s = socket.socket(socket.AF_UNIX)
        s.connect("s")
        break
    except ConnectionRefusedError:
        time.sleep(0.05)
s.sendall(b"a\n")
'
	next a
	ended 143
	lines x >file
	run -2 --separate-stderr stail unix-listen:file
	says 'stail: unix-listen:file: there is a file of that name that is no socket'
	[ "$(<file)" = x ]
}

# ---- connecting

# server NAME PROGRAM - python with a listening unix socket NAME as l
server() {
	python "
import os, socket
l = socket.socket(socket.AF_UNIX)
l.bind('$1.new')
l.listen()
os.rename('$1.new', '$1')
$2"
}

@test "unix: lines until the peer closes" {
	server s 'c = l.accept()[0]; c.sendall(b"a\nb\nhalf"); c.close()' 3>&- &
	until_true test -S s
	run -0 stail unix:s
	want a b half
	wait $!
}

@test "tcp: lines until the peer closes" {
	python '
import socket
l = socket.create_server(("127.0.0.1", 0))
open("port.new", "w").write("%d" % l.getsockname()[1])
import os
os.rename("port.new", "port")
for i in range(2):
    c = l.accept()[0]; c.sendall(b"a\nb\n"); c.close()
' 3>&- &
	until_true test -f port
	run -0 stail "tcp://127.0.0.1:$(<port)"
	want a b
	run -0 stail "tcp://localhost:$(<port)"
	want a b
	wait $!
}

@test "-f connects again, and says so once" {
	server s '
for t in b"1\n", b"", b"", b"2\n":
    c = l.accept()[0]; c.sendall(t); c.close()
' 3>&- &
	server=$!
	until_true test -S s
	source_from -f unix:s
	next 1 2
	ended 143
	wait $server
	[ "$(grep -c 'stail: unix:s: the peer closed the connection; it is connected to again' err)" -ge 1 ]
	[ "$(wc -l <err)" -le 2 ]
}

@test "without a listener: refused; -F waits for it" {
	run -2 --separate-stderr stail unix:s
	says 'stail: unix:s: cannot connect: No such file or directory'
	run -2 --separate-stderr stail -f unix:s
	source_from -F unix:s
	until_true said 'stail: unix:s: No such file or directory; it is connected to again'
	server s 'c = l.accept()[0]; c.sendall(b"a\n"); c.close()' 3>&- &
	server=$!
	next a
	ended 143
	wait $server
}

@test "several sources and files at once" {
	lines f >file
	source_from tcp-listen:0 file 'exec:echo e'
	picked
	send 't\n'
	for _ in 1 2 3; do
		answer "$out"
		echo "$line"
	done | sort | cmp - <(lines e f t)
	ended 143
}

# ---- syslog

@test "syslog over UDP: a message is a line, whatever is in it" {
	source_from syslog:0
	picked
	printf '<13>one' >"/dev/udp/127.0.0.1/$port"
	next '<13>one'
	python "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b'<13>a\n\tb\x1b\n\0', ('127.0.0.1', $port))
s.sendto(b'', ('127.0.0.1', $port))
s.sendto(b'<14>last\n', ('127.0.0.1', $port))
"
	next $'<13>a#012\tb#033' '<14>last'
	ended 143
}

@test "syslog over TCP: lengths and newlines, message by message" {
	source_from syslog+tcp:0
	picked
	exec {one}<>"/dev/tcp/127.0.0.1/$port"
	printf '9 <13>a\nb\nc<13>d\n8 ' >&"$one"
	next '<13>a#012b#012c' '<13>d'
	printf '<13>efgh<13>i' >&"$one"
	next '<13>efgh'
	exec {one}>&-
	next '<13>i'
	ended 143
}

@test "syslog over a datagram socket, parsed" {
	source_from --parse syslog --year 2024 syslog:./s
	until_true test -S s
	[ "$(stat -c %a s)" = 600 ]
	python '
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("s")
s.send(b"<34>Oct 11 22:14:15 mymachine su[5]: failed\n")
'
	answer "$out"
	[[ $line == *'"host":"mymachine","app":"su","pid":5,"message":"failed"}' ]]
	ended 143
	[ ! -e s ]
}

@test "syslog over a datagram socket: a large message" {
	source_from syslog:./s
	until_true test -S s
	python '
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200000)
s.connect("s")
s.send(b"<13>" + b"x" * 149996)
s.send(b"<13>last")
'
	answer "$out"
	[ "${#line}" -eq 150000 ]
	next '<13>last'
	ended 143
}

@test "syslog: a message over the limit is bad, the next one is read" {
	source_from --max-record 10 syslog:0
	picked
	printf '<13>4567890' >"/dev/udp/127.0.0.1/$port"
	printf '<13>next' >"/dev/udp/127.0.0.1/$port"
	next '<13>next'
	ended 143
	said '#*--max-record'
}

# ---- commands

@test "exec: what a command writes, to its end; a last line without newline gets one" {
	gives '' 'a\nb\n' stail "exec:echo a; printf b"
	run -0 --separate-stderr stail "exec:echo x >&2"
	says x
	run -0 stail exec:cat
	want
}

@test "exec: a command that fails" {
	run -2 --separate-stderr stail 'exec:echo a; exit 3'
	want a
	says 'stail: exec:echo a; exit 3: ended with status 3'
	run -2 --separate-stderr stail 'exec:kill -9 $$'
	says '*ended with status 137'
}

@test "exec: -f runs it again" {
	source_from -f 'exec:echo x >>runs; wc -l <runs; exit 1'
	next 1 2 3
	ended 143
	said 'ended with status 1; it is run again after 100ms'
	said 'ended with status 1; it is run again after 200ms'
}

# gone FILE - the processes whose numbers are in it have ended
gone() {
	local p

	while read -r p; do [ ! -d "/proc/$p" ] || return; done <"$1"
}

@test "exec: at the end the command gets SIGTERM, and what it writes then is read" {
	source_from 'exec:trap "echo bye; exit" TERM; echo hi; while :; do sleep 0.05; done'
	next hi
	kill -TERM "$pid"
	next bye
	over 143
}

@test "exec: nothing of a command is left behind: at an orderly end, after a second signal, killed" {
	for signals in TERM 'INT INT' KILL; do
		rm -f out pids
		source_from 'exec:trap "" TERM; sleep 300 & echo $! >pids; (trap "" INT; sleep 300) & echo $! >>pids; echo $$ >>pids; echo hi; wait; wait'
		next hi
		for s in $signals; do kill "-$s" "$pid"; done
		wait "$pid" || :
		until_true gone pids
	done
}

@test "exec: what a command leaves running ends with it" {
	run -0 stail 'exec:sleep 300 & echo $! >pids; echo hi'
	want hi
	gone pids
}

# ---- journal

@test "-i journal: entries are records" {
	printf 'MESSAGE=hi\nT=1\nT=2\n\n__REALTIME_TIMESTAMP=1342540861421465\nMESSAGE\n\3\0\0\0\0\0\0\0a\nb\n\n' >j
	run -0 stail -i journal j
	want '{"MESSAGE":"hi","T":["1","2"]}' \
		'{"time":"2012-07-17T16:01:01.421465Z","__REALTIME_TIMESTAMP":"1342540861421465","MESSAGE":"a\nb"}'
	stail -i journal <j | cmp - <(lines "${lines[@]}")
	stail -i journal 'exec:cat j' | cmp - <(lines "${lines[@]}")
	run -0 sfilter -i journal -m .MESSAGE j
	want '"hi"' '"a\nb"'
}

@test "-i journal: what is none" {
	lines '{"a":1}' '' A=1 '' >j
	run -5 --separate-stderr stail -i journal j
	want '{"A":"1"}'
	says "stail: j:1: no entry of a journal in export format: {\"a\":1}"
}

@test "-i journal beside journalctl -o json" {
	command -v journalctl >/dev/null || skip "needs journalctl"
	journalctl -o export -n 100 >j 2>/dev/null
	[ -s j ] || skip "there is no journal here"
	stail -i journal j | sfilter -S -m 'del(.time)' >ours
	journalctl -a -o json -n 100 | sfilter -S -m . | cmp - ours
}

# ---- texts that are no source

@test "a URL that is none" {
	while IFS='|' read -r url message; do
		run -2 --separate-stderr stail "$url"
		says "stail: $url: $message"
	done <<-'END'
		xyz://a|unknown scheme (there are unix, tcp, *)
		tcp-liste://a|unknown scheme, meant tcp-listen: (*)
		tcp-listen:5000?idl=3|unknown parameter 'idl', meant idle (there are remote, max-connections, idle)
		tcp://127.0.0.1:1?idle=3|unknown parameter 'idle' (there is none)
		tcp-listen:5000?idle=x|idle: 'x' is not a duration, like 30s
		tcp-listen:5000?max-connections=0|max-connections: '0' is not a number from 1 on
		unix-listen:x?mode=999|mode: '999' is not octal permissions, like 660
		tcp-listen:0?remote=perhaps|remote: 'perhaps' is not yes or no
		tcp-listen:70000|there is no such port, or none *
		tcp-listen:|there is no such port, or none *
		tcp://127.0.0.1|there is no such port, or none *
		tcp://example.com:80|'example.com' is no address *
		unix:|the path of a socket is missing
		unix://x/y|a path has no // before it, or three
		unix:a%00b|a path has no %00
		unix:a b|byte 7: a blank must be written as %20
		exec: |the command is missing *
	END
}

@test "a file may be called like a URL" {
	lines x >tcp:x
	lines y >log:1
	gives '' 'x\ny\n' stail ./tcp:x log:1
}

@test "-n goes with files only" {
	run -2 --separate-stderr stail -n 3 tcp-listen:0
	says 'stail: -n: tcp-listen:0 has no last lines, and no line numbers'
}

@test "--resume goes with files only" {
	run -2 --separate-stderr stail --resume p "exec:echo a"
	says 'stail: --resume: standard input, connections and commands cannot be gone on with, only files can'
	run -2 --separate-stderr stail --resume p -i journal file
	says 'stail: --resume: -i journal cannot be gone on with*'
}

@test "--exit-at-end: a connection is not made again" {
	server s 'c = l.accept()[0]; c.sendall(b"a\n"); c.close()' 3>&- &
	until_true test -S s
	run -0 stail -f --exit-at-end unix:s
	want a
	wait $!
}

@test "--debug says which connections come and go" {
	source_from --debug tcp-listen:0
	picked
	send 'a\n'
	next a
	until_true said '^stail: tcp-listen:127.0.0.1:[0-9]*#1 (127.0.0.1:[0-9]*): closed'
	said '#1 (127.0.0.1:[0-9]*): connected'
	ended 143
}
