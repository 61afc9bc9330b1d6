/* Log lines by name, by a server's own format, by regular expression. */
#include "rig.h"

#include "record/decode.h"

struct row {
	const char *label, *pattern, *line, *want; /* JSON, or "!error" */
};

/* What the lines of TEXT become, the last one alone: those before it are for what is remembered. */
static void parse(const struct decode_opts *opts, const char *text, int64_t mtime, struct buf *out)
{
	struct decoder *d;
	struct buf line = { 0 };
	struct err e;

	err_clear(&e);
	d = decode_new(opts, &e);
	if (!d) {
		buf_addf(out, "!%s", e.text);
		return;
	}
	decode_restart(d, mtime);
	do {
		size_t n = strcspn(text, "\n");

		buf_clear(&line);
		buf_clear(out);
		buf_add(&line, text, n);
		memset(buf_room(&line, 16), 0, 16);
		text += n + (text[n] == '\n');
		switch (decode_line(d, buf_slice(&line), !*text, out, &e)) {
		case DECODED_RECORD:
			break;
		case DECODED_BAD:
			buf_clear(out);
			buf_addf(out, "!%s", e.text);
			break;
		default:
			buf_adds(out, "-");
		}
	} while (*text);
	buf_free(&line);
	decode_free(d);
}

static int run(const struct row *row, size_t n)
{
	struct buf out = { 0 };
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		const struct decode_opts opts = { .format = FORMAT_LOG, .pattern = row[i].pattern };

		buf_clear(&out);
		parse(&opts, row[i].line, 0, &out);
		wrong += differs(row[i].label, buf_slice(&out), row[i].want);
	}
	buf_free(&out);
	return wrong;
}

/* ---- access logs */

#define BEFORE "10.0.0.7 - eve [17/May/2015:10:05:03 +0200] "
#define FIELDS                                                                                     \
	"\"host\":\"10.0.0.7\",\"ident\":null,\"user\":\"eve\",\"time\":\"2015-05-17T10:05:03+"    \
	"02:00\""
#define WHOLE "\"method\":null,\"path\":null,\"protocol\":null,\"request\":"
#define AFTER " 200 12"
#define ENDS  ",\"status\":200,\"bytes\":12}"

static const struct row access_rows[] = {
	{ "common", "common", BEFORE "\"GET /a?b=c HTTP/1.1\"" AFTER,
	  "{" FIELDS ",\"method\":\"GET\",\"path\":\"/a?b=c\",\"protocol\":\"HTTP/1.1\"" ENDS },
	{ "combined", "combined",
	  BEFORE "\"POST / HTTP/2.0\" 404 0 \"https://x.example/\" \"curl/8 (a; b)\"",
	  "{" FIELDS ",\"method\":\"POST\",\"path\":\"/\",\"protocol\":\"HTTP/2.0\",\"status\":404,"
	  "\"bytes\":0,\"referer\":\"https://x.example/\",\"agent\":\"curl/8 (a; b)\"}" },
	{ "what follows is logfmt", "combined",
	  BEFORE "\"GET / HTTP/1.1\" 200 12 \"-\" \"-\" rt=0.012 up=\"a b\" cached",
	  "{" FIELDS ",\"method\":\"GET\",\"path\":\"/\",\"protocol\":\"HTTP/1.1\",\"status\":200,"
	  "\"bytes\":12,\"referer\":null,\"agent\":null,\"rt\":0.012,\"up\":\"a b\",\"cached\":"
	  "true}" },
	{ "what follows common too", "common", BEFORE "\"GET / HTTP/1.0\"" AFTER " rt=1",
	  "{" FIELDS ",\"method\":\"GET\",\"path\":\"/\",\"protocol\":\"HTTP/1.0\",\"status\":200,"
	  "\"bytes\":12,\"rt\":1}" },
	{ "dashes are null", "common", "- - - [17/May/2015:10:05:03 +0000] \"-\" 400 -",
	  "{\"host\":null,\"ident\":null,\"user\":null,\"time\":\"2015-05-17T10:05:03+00:"
	  "00\"," WHOLE "null,\"status\":400,\"bytes\":null}" },
	{ "an empty request", "common", BEFORE "\"\"" AFTER, "{" FIELDS "," WHOLE "\"\"" ENDS },
	{ "a request without protocol", "common", BEFORE "\"GET /\"" AFTER,
	  "{" FIELDS "," WHOLE "\"GET /\"" ENDS },
	{ "a request of one word", "common", BEFORE "\"quit\"" AFTER,
	  "{" FIELDS "," WHOLE "\"quit\"" ENDS },
	{ "a path with blanks", "common", BEFORE "\"GET /a b HTTP/1.1\"" AFTER,
	  "{" FIELDS ",\"method\":\"GET\",\"path\":\"/a b\",\"protocol\":\"HTTP/1.1\"" ENDS },
	{ "binary noise as nginx writes it", "common", BEFORE "\"\\x16\\x03\\x01\"" AFTER,
	  "{" FIELDS "," WHOLE "\"\\\\x16\\\\x03\\\\x01\"" ENDS },
	{ "quotes that Apache escapes", "combined",
	  BEFORE "\"GET /\\\"x\\\" HTTP/1.1\" 200 12 \"a \\\"b\\\"\" \"c\\\\\"",
	  "{" FIELDS
	  ",\"method\":\"GET\",\"path\":\"/\\\\\\\"x\\\\\\\"\",\"protocol\":\"HTTP/1.1\","
	  "\"status\":200,\"bytes\":12,\"referer\":\"a "
	  "\\\\\\\"b\\\\\\\"\",\"agent\":\"c\\\\\\\\\"}" },
	{ "UTF-8, and bytes that are none", "common", BEFORE "\"GET /\xC3\xA9\xFF HTTP/1.1\"" AFTER,
	  "{" FIELDS
	  ",\"method\":\"GET\",\"path\":\"/\xC3\xA9\xFF\",\"protocol\":\"HTTP/1.1\"" ENDS },
	{ "an IPv6 host, a user with an at sign", "common",
	  "2001:db8::1 - eve@x [01/Jan/2026:00:00:00 -0330] \"GET / HTTP/1.1\"" AFTER,
	  "{\"host\":\"2001:db8::1\",\"ident\":null,\"user\":\"eve@x\",\"time\":\"2026-01-01T00:00:"
	  "00"
	  "-03:30\",\"method\":\"GET\",\"path\":\"/\",\"protocol\":\"HTTP/1.1\"" ENDS },
	{ "an empty line is no record", "common", "", "-" },
	{ "a status that is no number", "common", BEFORE "\"GET / HTTP/1.1\" OK 12",
	  "!byte 62: 'OK' is no number (field 'status')" },
	{ "a time that is none", "common", "h - - [yesterday] \"GET / HTTP/1.1\" 200 1",
	  "!byte 8: 'yesterday' is no time (field 'time')" },
	{ "cut short", "common", "h - - [17/May/20", "!byte 8: 'time' is not ended by '] \"'" },
	{ "a tail with an open quote", "common", BEFORE "\"GET / HTTP/1.1\"" AFTER " a=\"b",
	  "!byte 71: a closing '\"' is missing" },
};

static void test_logline__access_logs(void **state)
{
	(void)state;
	assert_int_equal(run(access_rows, ROWS(access_rows)), 0);
}

/* Every month, and each byte of a time that is another one than it may be. */
static void test_logline__times(void **state)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const char good[] = "29/Feb/2016:23:59:60 -1130";
	static const char *const bad[] = {
		"29/Feb/2015:10:05:03 +0000", "31/Apr/2015:10:05:03 +0000",
		"00/May/2015:10:05:03 +0000", "17/May/2015:24:05:03 +0000",
		"17/May/2015:10:60:03 +0000", "17/May/2015:10:05:61 +0000",
		"17/may/2015:10:05:03 +0000", "17/May/2015:10:05:03 +000",
		"17/May/2015:10:05:03 +00000"
	};
	char pattern[] = "nginx:$time_local", line[32], want[80];
	struct row row = { "a time", pattern, line, want };

	(void)state;
	for (size_t i = 0; i < ROWS(months); i++) {
		snprintf(line, sizeof line, "17/%s/2015:10:05:03 +0000", months[i]);
		snprintf(want, sizeof want, "{\"time\":\"2015-%02zu-17T10:05:03+00:00\"}", i + 1);
		assert_int_equal(run(&row, 1), 0);
	}
	snprintf(line, sizeof line, "%s", good);
	snprintf(want, sizeof want, "{\"time\":\"2016-02-29T23:59:60-11:30\"}");
	assert_int_equal(run(&row, 1), 0);
	for (size_t i = 0; i < sizeof good - 1; i++) {
		snprintf(line, sizeof line, "%s", good);
		line[i] = 'x';
		snprintf(want, sizeof want, "!byte 1: '%s' is no time (field 'time')", line);
		assert_int_equal(run(&row, 1), 0);
	}
	for (size_t i = 0; i < ROWS(bad); i++) {
		snprintf(line, sizeof line, "%s", bad[i]);
		snprintf(want, sizeof want, "!byte 1: '%s' is no time (field 'time')", line);
		assert_int_equal(run(&row, 1), 0);
	}
}

static const struct row template_rows[] = {
	{ "nginx: combined's variables",
	  "nginx:$remote_addr $remote_user [$time_local] \"$request\" "
	  "$status $body_bytes_sent \"$http_referer\" "
	  "\"$http_user_agent\" $request_time",
	  "::1 - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"c\" 0.250",
	  "{\"host\":\"::1\",\"user\":null,\"time\":\"2015-05-17T10:05:03+00:00\",\"method\":"
	  "\"GET\","
	  "\"path\":\"/a\",\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes\":5,\"referer\":null,"
	  "\"agent\":\"c\",\"rt\":0.250}" },
	{ "nginx: a directive as it stands in a configuration",
	  "nginx:log_format main '$remote_addr - $status '\n    '\"$http_x_id\" $upstream_status';",
	  "h - 200 \"a b\" 502",
	  "{\"host\":\"h\",\"status\":200,\"http_x_id\":\"a b\","
	  "\"upstream_status\":502}" },
	{ "nginx: escape=, braces",
	  "nginx:log_format x escape=json '${status}ms=${request_time}s';", "200ms=0.1s",
	  "{\"status\":200,\"rt\":0.1}" },
	{ "nginx: other times", "nginx:$time_iso8601|$status", "2015-05-17T10:05:03+02:00|200",
	  "{\"time\":\"2015-05-17T10:05:03+02:00\",\"status\":200}" },
	{ "nginx: msec", "nginx:$msec $status", "1431857103.250 200",
	  "{\"time\":\"2015-05-17T10:05:03.25Z\",\"status\":200}" },
	{ "nginx: more than the format has", "nginx:<$status>", "<200> x",
	  "!byte 6: more than the format has" },
	{ "nginx: not as the format begins", "nginx:<$status>", "200", "!byte 1: expected '<'" },
	{ "nginx: what stands between begins more than once", "nginx:$a--=$b==-$c",
	  "x--y--=z=-==", "!byte 8: 'b' is not ended by '==-'" },
	{ "nginx: and is found", "nginx:$a--=$b==-$c", "x--y-=--=z=-===-==-",
	  "{\"a\":\"x--y-=\",\"b\":\"z=-=\",\"c\":\"==-\"}" },
	{ "nginx: a long name", "nginx:$sent_http_x_a_header_with_a_very_long_name:$x", "1:2",
	  "{\"sent_http_x_a_header_with_a_very_long_name\":1,\"x\":2}" },
	{ "nginx: a request that is not the first", "nginx:$status \"$request\"",
	  "200 \"GET / HTTP/1.1\"",
	  "{\"status\":200,\"method\":\"GET\",\"path\":\"/\",\"protocol\":\"HTTP/1.1\"}" },
	{ "nginx: side by side", "nginx:$status$request_time", "",
	  "!--parse nginx: nothing stands between 'status' and 'rt', so they cannot be told "
	  "apart" },
	{ "nginx: no variable", "nginx:status", "", "!--parse nginx: no variable in the format" },
	{ "nginx: no name", "nginx:$ x", "", "!--parse nginx: a '$' without a variable's name" },
	{ "apache: combined", "apache:%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"",
	  BEFORE "\"GET /a HTTP/1.1\" 304 - \"-\" \"c\"",
	  "{" FIELDS ",\"method\":\"GET\",\"path\":\"/a\",\"protocol\":\"HTTP/1.1\",\"status\":304,"
	  "\"bytes\":null,\"referer\":null,\"agent\":\"c\"}" },
	{ "apache: a directive as it stands in a configuration",
	  "apache:LogFormat \"%v:%p %a \\\"%r\\\" %>s %O %D\" vhost",
	  "x.example:443 ::1 \"GET / HTTP/1.1\" 200 321 1500",
	  "{\"vhost\":\"x.example\",\"port\":443,\"client\":\"::1\",\"method\":\"GET\",\"path\":\"/"
	  "\","
	  "\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes_out\":321,\"duration_us\":1500}" },
	{ "apache: headers and percent signs", "apache:%{X-Request-Id}i 100%% %!200,304s",
	  "id-1 100% 500", "{\"x_request_id\":\"id-1\",\"status\":500}" },
	{ "apache: a directive that is none", "apache:%h %y", "",
	  "!--parse apache: a '%' directive that is not known" },
};

static void test_logline__server_formats(void **state)
{
	(void)state;
	assert_int_equal(run(template_rows, ROWS(template_rows)), 0);
}

/* ---- system logs */

static const struct row system_rows[] = {
	/* RFC 5424, section 6.5 */
	{ "rfc5424: example 1", "rfc5424",
	  "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xEF\xBB\xBF'su root' "
	  "failed for lonvick on /dev/pts/8",
	  "{\"facility\":\"auth\",\"severity\":\"crit\",\"time\":\"2003-10-11T22:14:15.003Z\","
	  "\"host\":"
	  "\"mymachine.example.com\",\"app\":\"su\",\"pid\":null,\"msgid\":\"ID47\",\"data\":null,"
	  "\"message\":\"'su root' failed for lonvick on /dev/pts/8\"}" },
	{ "rfc5424: example 2", "rfc5424",
	  "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make "
	  "the do-nuts.",
	  "{\"facility\":\"local4\",\"severity\":\"notice\",\"time\":\"2003-08-24T05:14:15.000003-"
	  "07:"
	  "00\",\"host\":\"192.0.2.1\",\"app\":\"myproc\",\"pid\":8710,\"msgid\":null,\"data\":"
	  "null,"
	  "\"message\":\"%% It's time to make the do-nuts.\"}" },
	{ "rfc5424: example 4, no message", "rfc5424",
	  "<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [exampleSDID@32473 iut=\"3\" "
	  "eventID=\"1011\"][examplePriority@32473 class=\"high\"]",
	  "{\"facility\":\"local4\",\"severity\":\"notice\",\"time\":\"2003-10-11T22:14:15.003Z\","
	  "\"host\":\"host\",\"app\":\"evntslog\",\"pid\":null,\"msgid\":\"ID47\",\"data\":{"
	  "\"exampleSDID@32473\":{\"iut\":\"3\",\"eventID\":\"1011\"},\"examplePriority@32473\":{"
	  "\"class\":\"high\"}},\"message\":\"\"}" },
	{ "rfc5424: escapes in data", "rfc5424", "<0>1 - - - - - [x a=\"q\\\"b\\\\s\\]e\\n\"] m",
	  "{\"facility\":\"kern\",\"severity\":\"emerg\",\"time\":null,\"host\":null,\"app\":null,"
	  "\"pid\":null,\"msgid\":null,\"data\":{\"x\":{\"a\":\"q\\\"b\\\\s]e\\\\n\"}},\"message\":"
	  "\"m\"}" },
	{ "rfc5424: no priority", "rfc5424", "1 - - - - - - m",
	  "!byte 1: expected a priority like <34>" },
	{ "rfc5424: a priority too great", "rfc5424", "<192>1 - - - - - - m",
	  "!byte 1: expected a priority like <34>" },
	{ "rfc5424: another version", "rfc5424", "<34>2 - - - - - - m", NULL },
	{ "rfc5424: data that is not closed", "rfc5424", "<34>1 - - - - - [x a=\"b\" m", NULL },
	{ "rfc5424: no time", "rfc5424", "<34>1 today - - - - - m", NULL },
	{ "cri", "cri", "2016-10-06T00:17:09.669794202Z stdout F a \"b\"",
	  "{\"time\":\"2016-10-06T00:17:09.669794202Z\",\"stream\":\"stdout\",\"partial\":false,"
	  "\"message\":\"a \\\"b\\\"\"}" },
	{ "cri: partial, tags", "cri", "2016-10-06T00:17:09Z stderr P:x  b ",
	  "{\"time\":\"2016-10-06T00:17:09Z\",\"stream\":\"stderr\",\"partial\":true,\"message\":"
	  "\" b \"}" },
	{ "cri: an empty message", "cri", "2016-10-06T00:17:09Z stderr F",
	  "{\"time\":\"2016-10-06T00:17:09Z\",\"stream\":\"stderr\",\"partial\":false,\"message\":"
	  "\"\"}" },
	{ "cri: another stream", "cri", "2016-10-06T00:17:09Z stdin F x", NULL },
	{ "cri: another tag", "cri", "2016-10-06T00:17:09Z stdout X x", NULL },
	{ "cri: no time", "cri", "now stdout F x", "!byte 1: expected an RFC 3339 time" },
	{ "logfmt", "logfmt", "a=1 b=\"c d\"", "{\"a\":1,\"b\":\"c d\"}" },
	/* RFC 3164 */
	{ "syslog: an RFC 3339 time", "syslog", "2026-01-02T03:04:05.678+01:00 h cron[12]: run (x)",
	  "{\"time\":\"2026-01-02T03:04:05.678+01:00\",\"host\":\"h\",\"app\":\"cron\",\"pid\":12,"
	  "\"message\":\"run (x)\"}" },
	{ "syslog: no host", "syslog", "2026-01-02T03:04:05Z", NULL },
	{ "syslog: no time", "syslog", "<34>hello there", NULL },
};

static void test_logline__system_logs(void **state)
{
	struct buf out = { 0 };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(system_rows); i++) {
		const struct row *row = &system_rows[i];

		if (row->want) {
			wrong += run(row, 1);
			continue;
		}
		/* bad, with a place: more is not promised */
		buf_clear(&out);
		parse(&(struct decode_opts){ .format = FORMAT_LOG, .pattern = row->pattern },
		      row->line, 0, &out);
		out.n = out.n > 6 ? 6 : out.n;
		wrong += differs(row->label, buf_slice(&out), "!byte ");
	}
	assert_int_equal(wrong, 0);
	buf_free(&out);
}

#define SYSLOG_2003(time, rest) "{\"time\":\"" time "\",\"host\":\"h\"," rest "}"

/* Lines without a year: --year is that of the first line, and it rolls over at New Year. */
static void test_logline__syslog_years(void **state)
{
	static const struct {
		const char *label, *lines, *want;
		int year;
		int64_t mtime; /* ns */
	} rows[] = {
		{ "RFC 3164, section 5.4, example 1",
		  "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
		  "{\"facility\":\"auth\",\"severity\":\"crit\",\"time\":\"2003-10-11T22:14:15Z\","
		  "\"host\":\"mymachine\",\"app\":\"su\",\"pid\":null,\"message\":\"'su root' "
		  "failed "
		  "for lonvick on /dev/pts/8\"}",
		  2003, 0 },
		{ "a day of one digit", "Feb  5 17:32:18 h a[7]: m",
		  SYSLOG_2003("2003-02-05T17:32:18Z", "\"app\":\"a\",\"pid\":7,\"message\":\"m\""),
		  2003, 0 },
		{ "no tag", "Feb 25 17:32:18 h Use the BFG!",
		  SYSLOG_2003("2003-02-25T17:32:18Z",
		              "\"app\":null,\"pid\":null,\"message\":\"Use the BFG!\""),
		  2003, 0 },
		{ "a pid that is a word", "Feb 25 17:32:18 h a[main]: m",
		  SYSLOG_2003("2003-02-25T17:32:18Z",
		              "\"app\":\"a\",\"pid\":\"main\",\"message\":\"m\""),
		  2003, 0 },
		{ "29 February in a leap year", "Feb 29 00:00:00 h a: m",
		  SYSLOG_2003("2004-02-29T00:00:00Z",
		              "\"app\":\"a\",\"pid\":null,\"message\":\"m\""),
		  2004, 0 },
		{ "over New Year", "Dec 31 23:59:59 h a: m\nJan  1 00:00:00 h a: m",
		  SYSLOG_2003("2004-01-01T00:00:00Z",
		              "\"app\":\"a\",\"pid\":null,\"message\":\"m\""),
		  2003, 0 },
		{ "and a line that came late",
		  "Dec 31 23:59:59 h a: m\nJan  1 00:00:00 h a: m\nDec 31 23:59:58 h a: m",
		  SYSLOG_2003("2003-12-31T23:59:58Z",
		              "\"app\":\"a\",\"pid\":null,\"message\":\"m\""),
		  2003, 0 },
		{ "some months on there is no new year",
		  "Mar  1 00:00:00 h a: m\nAug  1 00:00:00 h a: m",
		  SYSLOG_2003("2003-08-01T00:00:00Z",
		              "\"app\":\"a\",\"pid\":null,\"message\":\"m\""),
		  2003, 0 },
		/* 2015-05-17T10:05:03Z */
		{ "the file's year", "May 17 10:05:03 h a: m",
		  SYSLOG_2003("2015-05-17T10:05:03Z",
		              "\"app\":\"a\",\"pid\":null,\"message\":\"m\""),
		  0, INT64_C(1431857103000000000) },
		/* 2016-01-02T00:00:00Z: the file's last line is of 2016, its first of 2015 */
		{ "a file written over New Year", "Dec 31 23:59:59 h a: m",
		  SYSLOG_2003("2015-12-31T23:59:59Z",
		              "\"app\":\"a\",\"pid\":null,\"message\":\"m\""),
		  0, INT64_C(1451692800000000000) },
		{ "the same, its last line", "Dec 31 23:59:59 h a: m\nJan  2 00:00:00 h a: m",
		  SYSLOG_2003("2016-01-02T00:00:00Z",
		              "\"app\":\"a\",\"pid\":null,\"message\":\"m\""),
		  0, INT64_C(1451692800000000000) },
	};
	struct buf out = { 0 };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct decode_opts opts = { .format = FORMAT_LOG,
			                          .pattern = "syslog",
			                          .year = rows[i].year };

		buf_clear(&out);
		parse(&opts, rows[i].lines, rows[i].mtime, &out);
		wrong += differs(rows[i].label, buf_slice(&out), rows[i].want);
	}
	assert_int_equal(wrong, 0);
	buf_free(&out);
}

/* ---- regular expressions */

static const struct row regex_rows[] = {
	{ "groups by name, anywhere in the line", "took (?<ms>\\d+) ms at (?<where>\\S+)",
	  "job took 12 ms at /a now", "{\"ms\":12,\"where\":\"/a\"}" },
	{ "other notations of a name", "(?P<a>.)(?'b'.)(.)(?<c>.)", "wxyz",
	  "{\"a\":\"w\",\"b\":\"x\",\"c\":\"z\"}" },
	{ "suffixes give the type", "(?<id_str>\\d+) (?<n_num>\\S+) (?<at_time>\\S+)",
	  "007 1.50 2026-01-01T00:00:00Z",
	  "{\"id\":\"007\",\"n\":1.50,\"at\":\"2026-01-01T00:00:00Z\"}" },
	{ "by spelling", "(?<a>\\S+) (?<b>\\S+)", "12 012", "{\"a\":12,\"b\":\"012\"}" },
	{ "a suffix alone is a name", "(?<_num>.)", "x", "{\"_num\":\"x\"}" },
	{ "a group that takes no part is null", "(?<a>x)|(?<b>y)", "y",
	  "{\"a\":null,\"b\":\"y\"}" },
	{ "an empty group is empty", "a(?<x>b*)", "a", "{\"x\":\"\"}" },
	{ "bytes that are no UTF-8", "(?<a>.+)", "\xFFx", "{\"a\":\"\xFFx\"}" },
	{ "no match", "(?<a>\\d)", "x", "!the pattern does not match" },
	{ "no number", "(?<a_num>\\S+)", "x", "!'x' is no number (group 'a')" },
	{ "no time", "(?<a_time>\\S+)", "x", "!'x' is no time (group 'a')" },
};

static void test_logline__regular_expressions(void **state)
{
	(void)state;
	assert_int_equal(run(regex_rows, ROWS(regex_rows)), 0);
}

/* A name that is none and no pattern either is a usage error that lists the names. */
static void test_logline__unknown_names(void **state)
{
	static const char *const names[] = { "combined", "common", "syslog", "rfc5424",
		                             "logfmt",   "cri",    "nginx:", "apache:" };
	static const char *const patterns[] = { "combind", "", "(\\d+)", "(?<a", "(?<a>(" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < ROWS(patterns); i++) {
		const struct decode_opts opts = { .format = FORMAT_LOG, .pattern = patterns[i] };

		err_clear(&e);
		assert_null(decode_new(&opts, &e));
		assert_int_equal(e.kind, FAIL_USAGE);
		if (i > 2)
			continue;
		for (size_t k = 0; k < ROWS(names); k++)
			assert_non_null(strstr(e.text, names[k]));
	}
}

static void test_logline__strings_keeps_text(void **state)
{
	const struct decode_opts opts = { .format = FORMAT_LOG,
		                          .pattern = "(?<a>\\d) (?<b_num>\\d)",
		                          .strings = true };
	struct buf out = { 0 };

	(void)state;
	parse(&opts, "1 2", 0, &out);
	assert_int_equal(differs("--strings", buf_slice(&out), "{\"a\":\"1\",\"b\":2}"), 0);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logline__times),
		cmocka_unit_test(test_logline__access_logs),
		cmocka_unit_test(test_logline__server_formats),
		cmocka_unit_test(test_logline__system_logs),
		cmocka_unit_test(test_logline__syslog_years),
		cmocka_unit_test(test_logline__regular_expressions),
		cmocka_unit_test(test_logline__unknown_names),
		cmocka_unit_test(test_logline__strings_keeps_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
