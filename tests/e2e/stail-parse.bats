#!/usr/bin/env bats
# stail --parse: logs become records.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# parses LOG LINE RECORD
parses() {
	run -0 stail --parse "$1" <<<"$2"
	want "$3" || { echo "of: $2"; return 1; }
}

# the example of nginx's and Apache's documentation: Apache's has it for both formats
FRANK='127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'
FRANK_JSON='"host":"127.0.0.1","ident":null,"user":"frank","time":"2000-10-10T13:55:36-07:00","method":"GET","path":"/apache_pb.gif","protocol":"HTTP/1.0","status":200,"bytes":2326'

@test "common" {
	parses common "$FRANK" "{$FRANK_JSON}"
}

@test "combined" {
	parses combined "$FRANK \"http://www.example.com/start.html\" \"Mozilla/4.08 [en] (Win98; I ;Nav)\"" \
		"{$FRANK_JSON,\"referer\":\"http://www.example.com/start.html\",\"agent\":\"Mozilla/4.08 [en] (Win98; I ;Nav)\"}"
}

@test "what follows the standard fields is logfmt" {
	parses common "$FRANK rt=0.012 up=\"a b\"" "{$FRANK_JSON,\"rt\":0.012,\"up\":\"a b\"}"
	parses combined "$FRANK \"-\" \"-\" rt=0.012" "{$FRANK_JSON,\"referer\":null,\"agent\":null,\"rt\":0.012}"
}

@test "- is null" {
	parses common '::1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 304 -' \
		'{"host":"::1","ident":null,"user":null,"time":"2000-10-10T13:55:36+00:00","method":"GET","path":"/","protocol":"HTTP/1.1","status":304,"bytes":null}'
}

@test "a request that cannot be split stays whole, its parts null" {
	run -0 stail --parse common <<<'1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "\x16\x03\x01" 400 0'
	echo "$output" >record
	run -0 sfilter -m '[.method, .path, .protocol, .request, .status]' record
	want '[null,null,null,"\\x16\\x03\\x01",400]'
}

@test "a line that does not match is a bad record" {
	lines "$FRANK" oops "$FRANK" >log
	run -5 --separate-stderr stail --parse common log
	want "{$FRANK_JSON}" "{$FRANK_JSON}"
	says 'stail: log:2: *'
}

@test "--on-error, --dead-letter" {
	lines "$FRANK" 'oops ' >log
	run -5 stail --parse common --on-error fail log
	run -0 stail --parse common --on-error skip --dead-letter dead log
	cmp dead <(lines 'oops ')
}

@test "CRLF is stripped when parsing" {
	parses common "$FRANK"$'\r' "{$FRANK_JSON}"
}

@test "syslog: the example of RFC 3164" {
	run -0 stail --parse syslog --year 2003 <<<"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8"
	echo "$output" >record
	run -0 sfilter -m '[.facility, .severity, .time, .host, .app, .pid, .message]' record
	want "[\"auth\",\"crit\",\"2003-10-11T22:14:15Z\",\"mymachine\",\"su\",null,\"'su root' failed for lonvick on /dev/pts/8\"]"
}

@test "syslog: the year of --year, rolling over at New Year" {
	lines 'Dec 31 23:59:59 h a[7]: x' 'Jan  1 00:00:00 h a[7]: y' >log
	stail --parse syslog --year 2025 log >records
	run -0 sfilter -r '"\(.time) \(.app) \(.pid) \(.message)"' records
	want '2025-12-31T23:59:59Z a 7 x' '2026-01-01T00:00:00Z a 7 y'
}

@test "syslog: the year of the file" {
	lines 'Mar  1 00:00:00 h a: x' >log
	touch -d 2019-06-01 log
	stail --parse syslog log >record
	run -0 sfilter -r .time record
	want 2019-03-01T00:00:00Z
}

@test "rfc5424: the first example of the RFC" {
	run -0 stail --parse rfc5424 <<<"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed for lonvick on /dev/pts/8"
	echo "$output" >record
	run -0 sfilter -m '[.time, .host, .app, .pid, .msgid, .data, .message]' record
	want "[\"2003-10-11T22:14:15.003Z\",\"mymachine.example.com\",\"su\",null,\"ID47\",null,\"'su root' failed for lonvick on /dev/pts/8\"]"
}

@test "cri: the example of Kubernetes' design" {
	run -0 stail --parse cri <<<'2016-10-06T00:17:09.669794202Z stdout F log content 1'
	echo "$output" >record
	run -0 sfilter -m '[.time, .stream, .partial, .message]' record
	want '["2016-10-06T00:17:09.669794202Z","stdout",false,"log content 1"]'
	run -0 stail --parse cri <<<'2016-10-06T00:17:09.669794202Z stderr P log content 2'
	echo "$output" >record
	run -0 sfilter -m '[.stream, .partial]' record
	want '["stderr",true]'
}

@test "logfmt" {
	parses logfmt 'level=info msg="a \"b\" c" ms=1.50 ok= flag' '{"level":"info","msg":"a \"b\" c","ms":1.50,"ok":"","flag":true}'
}

@test "nginx's log_format as it stands in its configuration" {
	parses 'nginx:$remote_addr [$time_local] "$request" $status $request_time' \
		'10.0.0.1 [17/May/2015:10:05:03 +0200] "GET /a HTTP/1.1" 200 0.004' \
		'{"host":"10.0.0.1","time":"2015-05-17T10:05:03+02:00","method":"GET","path":"/a","protocol":"HTTP/1.1","status":200,"rt":0.004}'
}

@test "Apache's LogFormat as it stands in its configuration" {
	parses 'apache:%h %l %u %t \"%r\" %>s %b' "$FRANK" "{$FRANK_JSON}"
}

@test "a regular expression: named groups are fields, typed by spelling or suffix" {
	parses '(?<a>\S+) (?<b>\S+) (?<c_str>\S+) (?<d_num>\S+)' '1.50 x 7 8' '{"a":1.50,"b":"x","c":"7","d":8}'
}

@test "a name that is not known lists those that are" {
	run -2 --separate-stderr stail --parse nosuch </dev/null
	says "stail: *'nosuch'*" '*combined, common, syslog, rfc5424, logfmt, cri, nginx:FORMAT, apache:FORMAT*'
}

@test "a regular expression that does not compile" {
	run -2 --separate-stderr stail --parse '(?<a>' </dev/null
	says 'stail: --parse: *'
}

@test "--parse and --from exclude one another" {
	run -2 --separate-stderr stail --parse common -i json </dev/null
	says 'stail: --parse and --from *'
}

@test "--parse with another output format" {
	run -0 stail --parse '(?<a>\S+) (?<b>\S+)' -o csv <<<'1 x,y'
	want a,b '1,"x,y"'
}

@test "quotes, control characters and bytes that are no UTF-8 become JSON" {
	printf 'a"b\\c\td\xff\n' >log
	stail --parse '(?<m>.*)' log >record
	run -0 sfilter -m '.m == "a\"b\\c\td\ufffd"' record
	want true
}

@test "days that no month has are bad lines" {
	run -5 --separate-stderr stail --parse syslog --year 2026 <<<'Feb 30 22:14:15 m su: x'
	want
	run -5 --separate-stderr stail --parse syslog --year 2026 <<<'Feb 29 22:14:15 m su: x'
	want
	run -0 stail --parse syslog --year 2028 <<<'Feb 29 22:14:15 m su: x'
	[[ $output == *'"2028-02-29T22:14:15Z"'* ]]
	run -5 --separate-stderr stail --parse combined <<<'1.1.1.1 - - [32/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "c"'
	says "*'32/May/2015:10:05:03 +0000' is no time*"
}

@test "a log without years begins in the year of its file, or the one before" {
	printf 'Feb 28 22:14:15 m su: x\n' >log
	touch -d 2025-11-25T12:00:00Z log
	run -0 stail --parse syslog log
	[[ $output == *'"2025-02-28T22:14:15Z"'* ]]
	printf 'Dec 31 22:14:15 m su: x\nJan  1 22:14:15 m su: x\n' >log
	touch -d 2025-01-02T12:00:00Z log
	run -0 stail --parse syslog log
	[[ ${lines[0]} == *'"2024-12-31T22:14:15Z"'* && ${lines[1]} == *'"2025-01-01T22:14:15Z"'* ]]
}
