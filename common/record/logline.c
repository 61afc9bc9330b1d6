/*
 * Names that --parse knows, and the fields they give ("-" becomes null where a log writes it for
 * nothing):
 *
 *   common       host ident user time method path protocol status bytes, then whatever logfmt
 * follows combined     the same with referer agent before what follows syslog       RFC 3164:
 * facility severity (if there is <PRI>), time host app pid message rfc5424      facility severity
 * time host app pid msgid data message cri          what container runtimes write: time stream
 * partial message logfmt       the pairs of the line nginx:FORMAT, apache:FORMAT   as template.c
 * names the variables REGEX        its named groups; a name's end tells the type: _str a string,
 * _num a number, _time a time; any other is a number if it is spelled like one
 */
#include "logline.h"

#include "base/alloc.h"
#include "base/regex.h"
#include "base/stamp.h"
#include "template.h"
#include "json/jstring.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

typedef enum decoded parse_fn(struct logline *l, struct slice line, struct buf *json,
                              struct err *e);

struct logline {
	struct decode_opts opts;
	parse_fn *parse;
	struct template template;
	struct regex *regex;
	/* of logs that do not say the year */
	int64_t year;
	int last_month;
	bool undated; /* no line was dated yet: last_month is the file's */
};

/* ---- access logs */

static enum decoded parse_template(struct logline *l, struct slice line, struct buf *json,
                                   struct err *e)
{
	buf_addc(json, '{');
	if (template_match(&l->template, line, l->opts.strings, json, e) < 0)
		return DECODED_BAD;
	buf_addc(json, '}');
	return DECODED_RECORD;
}

/* ---- the pieces of syslog lines */

/* The text up to C, taken off; p is NULL where there is no C. */
static struct slice take_until(struct slice *rest, char c)
{
	const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
	struct slice s = { at ? rest->p : NULL, at ? (size_t)(at - rest->p) : 0 };

	if (at) {
		rest->n -= s.n + 1;
		rest->p = at + 1;
	}
	return s;
}

static void put_text(struct buf *json, const char *name, struct slice s)
{
	buf_addc(json, json->p[json->n - 1] == '{' ? '"' : ',');
	if (json->p[json->n - 1] == ',')
		buf_addc(json, '"');
	buf_adds(json, name);
	buf_adds(json, "\":");
	if (!s.p || (s.n == 1 && *s.p == '-'))
		buf_adds(json, "null");
	else
		jstring_write_bytes(json, s);
}

/* A process number: a number, or text if it is none. */
static void put_pid(struct buf *json, struct slice s)
{
	if (!s.p || (s.n == 1 && *s.p == '-') || s.n == 0) {
		put_text(json, "pid", (struct slice){ 0 });
		return;
	}
	buf_adds(json, ",\"pid\":");
	decode_value(json, s, false);
}

/* "<34>": RFC 3164 section 4.1.1. Taken off the line; *PRI is -1 where there is none. */
static bool take_pri(struct slice *line, int *pri)
{
	size_t i = 1;

	*pri = -1;
	if (line->n == 0 || *line->p != '<')
		return true;
	for (*pri = 0; i < line->n && i < 4 && line->p[i] >= '0' && line->p[i] <= '9'; i++)
		*pri = *pri * 10 + (line->p[i] - '0');
	if (i == 1 || i == line->n || line->p[i] != '>' || *pri > 191)
		return false;
	line->p += i + 1;
	line->n -= i + 1;
	return true;
}

static void put_pri(struct buf *json, int pri)
{
	static const char *const facilities[] = {
		"kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
		"uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
		"local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"
	};
	static const char *const severities[] = { "emerg",   "alert",  "crit", "err",
		                                  "warning", "notice", "info", "debug" };

	if (pri < 0)
		return;
	put_text(json, "facility", slice_from(facilities[pri / 8]));
	put_text(json, "severity", slice_from(severities[pri % 8]));
}

/*
 * "Oct 11 22:14:15 " without a year: that of the option or the file; a month far back means a new
 * year.
 */
static bool take_bsd_time(struct logline *l, struct slice *line, char text[STAMP_TEXT])
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char dated[] = "2000 Mmm dd hh:mm:ss"; /* a leap year, so that all days are there */
	struct stamp_fields f;
	int64_t ns;

	if (line->n < 16 || line->p[15] != ' ')
		return false;
	memcpy(dated + 5, line->p, 15);
	if (stamp_strptime(slice_from(dated), "%Y %b %e %H:%M:%S", &f) != 20)
		return false;
	/* a day that the month has not would be one of the next */
	if (strncasecmp(months + 3 * (f.civil.mon - 1), dated + 5, 3) != 0)
		return false;
	if (l->undated)
		l->year -= f.civil.mon > l->last_month;
	else if (l->last_month && f.civil.mon + 6 < l->last_month)
		l->year++;
	else if (l->last_month && f.civil.mon > l->last_month + 6)
		l->year--;
	l->undated = false;
	l->last_month = f.civil.mon;
	f.civil.year = l->year;
	if (f.civil.day > civil_month_days(l->year, f.civil.mon) ||
	    stamp_from_fields(&f, NULL, &ns) < 0)
		return false;
	stamp_format(ns, text);
	line->p += 16;
	line->n -= 16;
	return true;
}

static bool take_syslog_time(struct logline *l, struct slice *line, struct buf *json)
{
	char text[STAMP_TEXT];
	struct slice rest = *line, stamp;
	int64_t ns;

	if (take_bsd_time(l, line, text)) {
		put_text(json, "time", slice_from(text));
		return true;
	}
	stamp = take_until(&rest, ' ');
	if (!stamp.p || stamp_parse(stamp, NULL, NULL, &ns) < 0)
		return false;
	*line = rest;
	put_text(json, "time", stamp);
	return true;
}

/* "app[123]: message", "app: message", or a message alone */
static void put_tagged(struct slice rest, struct buf *json)
{
	const char *p = rest.p, *end = p + rest.n, *tag = p, *open = NULL;
	struct slice pid = { 0 };

	while (p < end && *p != ':' && *p != ' ' && *p != '[')
		p++;
	if (p < end && *p == '[') {
		open = p;
		while (p < end && *p != ']')
			p++;
		pid = (struct slice){ open + 1, (size_t)(p - open - 1) };
		p += p < end;
	}
	if (p < end && *p == ':' && p > tag) {
		put_text(json, "app", (struct slice){ tag, (size_t)((open ? open : p) - tag) });
		put_pid(json, pid);
		p++;
		p += p < end && *p == ' ';
	} else {
		put_text(json, "app", (struct slice){ 0 });
		put_pid(json, (struct slice){ 0 });
		p = rest.p;
	}
	buf_adds(json, ",\"message\":");
	jstring_write_bytes(json, (struct slice){ p, (size_t)(end - p) });
}

static enum decoded bad(struct err *e, struct slice whole, struct slice rest, const char *expected)
{
	err_set(e, FAIL_DATA, "byte %zu: expected %s", whole.n - rest.n + 1, expected);
	return DECODED_BAD;
}

static enum decoded parse_syslog(struct logline *l, struct slice line, struct buf *json,
                                 struct err *e)
{
	struct slice rest = line, host;
	int pri;

	buf_addc(json, '{');
	if (!take_pri(&rest, &pri))
		return bad(e, line, rest, "a priority like <34>");
	put_pri(json, pri);
	if (!take_syslog_time(l, &rest, json))
		return bad(e, line, rest, "a time like 'Oct 11 22:14:15' or RFC 3339");
	host = take_until(&rest, ' ');
	if (!host.p)
		return bad(e, line, rest, "a host and a message");
	put_text(json, "host", host);
	put_tagged(rest, json);
	buf_addc(json, '}');
	return DECODED_RECORD;
}

/* ---- RFC 5424 */

/*
 * STRUCTURED-DATA, section 6.3: [id name="value" ..].. into {"id": {"name": "value"}}. False where
 * malformed.
 */
static bool put_data(struct slice *rest, struct buf *json)
{
	const char *p = rest->p, *end = p + rest->n, *from;
	struct buf value = { 0 };
	bool fine = true, first = true;

	buf_addc(json, '{');
	for (; fine && p < end && *p == '['; first = false) {
		bool one = true;

		for (from = ++p; p < end && *p != ' ' && *p != ']';)
			p++;
		if (!first)
			buf_addc(json, ',');
		jstring_write_bytes(json, (struct slice){ from, (size_t)(p - from) });
		buf_adds(json, ":{");
		while (fine && p < end && *p == ' ') {
			for (from = ++p; p < end && *p != '=';)
				p++;
			if (!one)
				buf_addc(json, ',');
			one = false;
			jstring_write_bytes(json, (struct slice){ from, (size_t)(p - from) });
			buf_addc(json, ':');
			fine = end - p >= 2 && p[1] == '"';
			buf_clear(&value);
			for (p += 2; fine && p < end && *p != '"'; p++) {
				/*
				 * only these three are escaped; any other backslash stands for
				 * itself
				 */
				p += *p == '\\' && p + 1 < end && strchr("\"\\]", p[1]);
				buf_addc(&value, *p);
			}
			fine = fine && p < end;
			p++;
			jstring_write_bytes(json, buf_slice(&value));
		}
		fine = fine && p < end && *p == ']';
		p++;
		buf_addc(json, '}');
	}
	buf_addc(json, '}');
	buf_free(&value);
	if (fine) {
		rest->n = (size_t)(end - p);
		rest->p = p;
	}
	return fine;
}

static enum decoded parse_rfc5424(struct logline *l, struct slice line, struct buf *json,
                                  struct err *e)
{
	static const char *const fields[] = { "time", "host", "app", "pid", "msgid" };
	struct slice rest = line, one;
	int64_t ns;
	int pri, i;

	(void)l;
	buf_addc(json, '{');
	if (!take_pri(&rest, &pri) || pri < 0)
		return bad(e, line, rest, "a priority like <34>");
	put_pri(json, pri);
	one = take_until(&rest, ' ');
	if (!one.p || one.n != 1 || *one.p != '1')
		return bad(e, line, rest, "version 1");
	for (i = 0; i < 5; i++) {
		one = take_until(&rest, ' ');
		if (!one.p)
			return bad(e, line, rest, fields[i]);
		if (i == 0 && (one.n != 1 || *one.p != '-') &&
		    stamp_parse(one, NULL, NULL, &ns) < 0)
			return bad(e, line, one, "an RFC 3339 time or '-'");
		if (i == 3)
			put_pid(json, one);
		else
			put_text(json, fields[i], one);
	}
	buf_adds(json, ",\"data\":");
	if (rest.n && *rest.p == '-') {
		buf_adds(json, "null");
		rest.p++;
		rest.n--;
	} else if (rest.n == 0 || *rest.p != '[' || !put_data(&rest, json)) {
		return bad(e, line, rest, "structured data ([id name=\"value\"]) or '-'");
	}
	if (rest.n && *rest.p == ' ') {
		rest.p++;
		rest.n--;
	}
	if (rest.n >= 3 && memcmp(rest.p, "\xEF\xBB\xBF", 3) == 0) {
		rest.p += 3;
		rest.n -= 3;
	}
	buf_adds(json, ",\"message\":");
	jstring_write_bytes(json, rest);
	buf_addc(json, '}');
	return DECODED_RECORD;
}

/* ---- CRI: "2016-10-06T00:17:09.669794202Z stdout F message" */

static enum decoded parse_cri(struct logline *l, struct slice line, struct buf *json, struct err *e)
{
	struct slice rest = line, time = take_until(&rest, ' '), stream = take_until(&rest, ' '),
		     tag;
	const char *space;
	int64_t ns;

	(void)l;
	if (!time.p || stamp_parse(time, NULL, NULL, &ns) < 0)
		return bad(e, line, line, "an RFC 3339 time");
	if (!stream.p ||
	    (!slice_same(stream, SLICE("stdout")) && !slice_same(stream, SLICE("stderr"))))
		return bad(e, line, rest, "stdout or stderr");
	space = rest.n ? memchr(rest.p, ' ', rest.n) : NULL;
	tag = (struct slice){ rest.p, space ? (size_t)(space - rest.p) : rest.n };
	if (tag.n == 0 || (*tag.p != 'F' && *tag.p != 'P'))
		return bad(e, line, rest, "F or P");
	buf_addc(json, '{');
	put_text(json, "time", time);
	put_text(json, "stream", stream);
	buf_adds(json, *tag.p == 'P' ? ",\"partial\":true,\"message\":"
	                             : ",\"partial\":false,\"message\":");
	jstring_write_bytes(json, space ? (struct slice){ space + 1, rest.n - tag.n - 1 }
	                                : (struct slice){ "", 0 });
	buf_addc(json, '}');
	return DECODED_RECORD;
}

static enum decoded parse_logfmt(struct logline *l, struct slice line, struct buf *json,
                                 struct err *e)
{
	buf_addc(json, '{');
	if (decode_logfmt_members(json, line, 0, l->opts.strings, e) < 0)
		return DECODED_BAD;
	buf_addc(json, '}');
	return DECODED_RECORD;
}

/* ---- regular expressions */

/* Does a name end so? The end is cut off then. */
static bool cut(struct slice *name, const char *end)
{
	size_t n = strlen(end);

	if (name->n <= n || memcmp(name->p + name->n - n, end, n) != 0)
		return false;
	name->n -= n;
	return true;
}

static int put_group(struct slice name, struct slice text, bool strings, struct buf *json,
                     struct err *e)
{
	bool str = cut(&name, "_str"), num = !str && cut(&name, "_num"),
	     time = !str && !num && cut(&name, "_time");
	struct buf value = { 0 };
	int64_t ns;
	int r = 0;

	jstring_write_bytes(json, name);
	buf_addc(json, ':');
	/* a copy: a number is looked at in pieces of 16 bytes */
	buf_add_slice(&value, text);
	memset(buf_room(&value, 16), 0, 16);
	if (!text.p)
		buf_adds(json, "null");
	else if (str)
		jstring_write_bytes(json, text);
	else
		decode_value(json, buf_slice(&value), strings && !num);
	if (num && text.p && json->p[json->n - 1] == '"')
		r = err_set(e, FAIL_DATA, "'%.*s' is no number (group '%.*s')",
		            (int)(text.n > 40 ? 40 : text.n), text.p, (int)name.n, name.p);
	if (time && text.p && stamp_parse(text, NULL, NULL, &ns) < 0 && json->p[json->n - 1] == '"')
		r = err_set(e, FAIL_DATA, "'%.*s' is no time (group '%.*s')",
		            (int)(text.n > 40 ? 40 : text.n), text.p, (int)name.n, name.p);
	buf_free(&value);
	return r;
}

static enum decoded parse_regex(struct logline *l, struct slice line, struct buf *json,
                                struct err *e)
{
	int n = regex_match(l->regex, line, 0), i;
	char first = '{';

	if (n <= 0) {
		err_set(e, FAIL_DATA,
		        n < 0 ? "the match was given up as too costly"
		              : "the pattern does not match");
		return DECODED_BAD;
	}
	for (i = 1; i < n; i++) {
		const char *name = regex_name(l->regex, i);

		if (!name)
			continue;
		buf_addc(json, first);
		first = ',';
		if (put_group(slice_from(name), regex_group(l->regex, i), l->opts.strings, json,
		              e) < 0)
			return DECODED_BAD;
	}
	buf_addc(json, '}');
	return DECODED_RECORD;
}

static int compile_regex(struct logline *l, const char *pattern, struct err *e)
{
	struct err why;
	int i;

	l->parse = parse_regex;
	if (!strstr(pattern, "(?<") && !strstr(pattern, "(?P<") && !strstr(pattern, "(?'"))
		return err_set(
			e, FAIL_USAGE,
			"--parse: '%s' is no name (combined, common, syslog, rfc5424, logfmt, cri, "
			"nginx:FORMAT, apache:FORMAT) and, without a named group like (?<name>..), "
			"no regular "
			"expression either",
			pattern);
	err_clear(&why);
	l->regex = regex_new(slice_from(pattern), REGEX_BYTES, &why);
	if (!l->regex)
		return err_set(e, FAIL_USAGE,
		               "--parse: the regular expression does not compile: %s", why.text);
	for (i = 1; i < regex_groups(l->regex); i++)
		if (regex_name(l->regex, i))
			return 0;
	return err_set(e, FAIL_USAGE,
	               "--parse: the regular expression has no named group like (?<name>..)");
}

/* ---- */

static const struct {
	const char *name;
	parse_fn *parse;
	const char *apache; /* of those that are a template */
} names[] = {
	{ "common", parse_template, "%h %l %u %t \"%r\" %>s %b" },
	{ "combined", parse_template,
	  "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\"" },
	{ "syslog", parse_syslog, NULL },
	{ "rfc5424", parse_rfc5424, NULL },
	{ "cri", parse_cri, NULL },
	{ "logfmt", parse_logfmt, NULL },
};

static int choose(struct logline *l, const char *pattern, struct err *e)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(pattern, names[i].name) != 0)
			continue;
		l->parse = names[i].parse;
		if (names[i].apache && template_apache(&l->template, names[i].apache, e) < 0)
			return -1;
		l->template.tail = true;
		return 0;
	}
	l->parse = parse_template;
	if (strncmp(pattern, "nginx:", 6) == 0)
		return template_nginx(&l->template, pattern + 6, e);
	if (strncmp(pattern, "apache:", 7) == 0)
		return template_apache(&l->template, pattern + 7, e);
	return compile_regex(l, pattern, e);
}

struct logline *logline_new(const struct decode_opts *opts, struct err *e)
{
	struct logline *l = alloc_zero(1, sizeof *l);

	l->opts = *opts;
	if (choose(l, opts->pattern, e) < 0) {
		logline_free(l);
		return NULL;
	}
	logline_restart(l, 0);
	return l;
}

enum decoded logline_decode(struct logline *l, struct slice line, struct buf *json, struct err *e)
{
	return line.n ? l->parse(l, line, json, e) : DECODED_NOTHING;
}

/* A file was last written after its first line: one of a later month is of the year before. */
void logline_restart(struct logline *l, int64_t mtime)
{
	struct civil c;

	civil_from_unix((mtime ? mtime : stamp_now()) / 1000000000, &c);
	l->year = l->opts.year ? l->opts.year : c.year;
	l->undated = !l->opts.year;
	l->last_month = l->opts.year ? 0 : c.mon;
}

void logline_free(struct logline *l)
{
	if (!l)
		return;
	template_free(&l->template);
	regex_free(l->regex);
	free(l);
}
