#include "template.h"

#include "base/alloc.h"
#include "base/civil.h"
#include "base/stamp.h"
#include "decode.h"
#include "json/jstring.h"

#include <stdio.h>
#include <stdlib.h>

/* What the servers' variables are called here, and what they hold; others keep their name. */
static const struct known {
	const char *nginx, *apache, *name;
	enum piece_type type;
} known[] = {
	{ "remote_addr", "h", "host", PIECE_TEXT },
	{ NULL, "a", "client", PIECE_TEXT },
	{ NULL, "l", "ident", PIECE_TEXT },
	{ "remote_user", "u", "user", PIECE_TEXT },
	{ "time_local", "t", "time", PIECE_TIME },
	{ "time_iso8601", NULL, "time", PIECE_TIME },
	{ "msec", NULL, "time", PIECE_MSEC },
	{ "request", "r", "request", PIECE_REQUEST },
	{ "request_method", "m", "method", PIECE_TEXT },
	{ "uri", "U", "path", PIECE_TEXT },
	{ "request_uri", NULL, "path", PIECE_TEXT },
	{ "server_protocol", "H", "protocol", PIECE_TEXT },
	{ "status", "s", "status", PIECE_NUMBER },
	{ "body_bytes_sent", "b", "bytes", PIECE_NUMBER },
	{ NULL, "B", "bytes", PIECE_NUMBER },
	{ "http_referer", NULL, "referer", PIECE_TEXT },
	{ "http_user_agent", NULL, "agent", PIECE_TEXT },
	{ "request_time", NULL, "rt", PIECE_AUTO },
	{ "bytes_sent", "O", "bytes_out", PIECE_NUMBER },
	{ "request_length", "I", "bytes_in", PIECE_NUMBER },
	{ NULL, "D", "duration_us", PIECE_NUMBER },
	{ NULL, "T", "duration_s", PIECE_AUTO },
	{ "host", "v", "vhost", PIECE_TEXT },
	{ "server_name", "V", "vhost", PIECE_TEXT },
	{ "server_port", "p", "port", PIECE_AUTO },
	{ "args", "q", "query", PIECE_TEXT },
	{ "query_string", NULL, "query", PIECE_TEXT },
	{ NULL, "k", "keepalives", PIECE_AUTO },
	{ NULL, "P", "pid", PIECE_AUTO },
	{ NULL, "f", "file", PIECE_TEXT },
	{ NULL, "L", "log_id", PIECE_TEXT },
	{ NULL, "X", "connection", PIECE_TEXT },
	{ NULL, "A", "server_addr", PIECE_TEXT },
	{ NULL, "R", "handler", PIECE_TEXT },
};

static const struct known *find_known(struct slice name, bool apache)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		const char *other = apache ? known[i].apache : known[i].nginx;

		if (other && slice_same(name, slice_from(other)))
			return &known[i];
	}
	return NULL;
}

/* ---- compiling */

static void add_piece(struct template *t, struct slice name, enum piece_type type)
{
	struct slice called = type == PIECE_REQUEST ? SLICE("method") : name;
	struct buf label = { 0 };
	size_t size;

	if (t->n)
		buf_addc(&label, ',');
	buf_addf(&label, "\"%.*s\":", (int)called.n, called.p);
	size = label.n;
	memset(buf_room(&label, LABEL), 0, LABEL);
	t->piece = alloc_grow(t->piece, &t->cap, t->n + 1, sizeof *t->piece);
	t->piece[t->n++] = (struct piece){ .name = alloc_copy(name.p, name.n),
		                           .label = label.p,
		                           .label_size = size,
		                           .type = type,
		                           .until = alloc_copy("", 0) };
}

/* One more character of the literal text behind the last variable. */
static void add_literal(struct template *t, char c)
{
	char **text = t->n ? &t->piece[t->n - 1].until : &t->before;
	size_t *size = t->n ? &t->piece[t->n - 1].until_size : &t->before_size;

	*text = alloc_resize(*text, *size + 2, 1);
	(*text)[(*size)++] = c;
	(*text)[*size] = '\0';
}

static void start(struct template *t)
{
	*t = (struct template){ .before = alloc_copy("", 0) };
}

void template_free(struct template *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->piece[i].name);
		free(t->piece[i].label);
		free(t->piece[i].until);
	}
	free(t->piece);
	free(t->before);
	*t = (struct template){ 0 };
}

/* Two variables side by side cannot be told apart. */
static int check(struct template *t, const char *notation, struct err *e)
{
	if (t->n == 0) {
		template_free(t);
		return err_set(e, FAIL_USAGE, "--parse %s: no variable in the format", notation);
	}
	for (size_t i = 0; i + 1 < t->n; i++)
		if (t->piece[i].until_size == 0) {
			err_set(e, FAIL_USAGE,
			        "--parse %s: nothing stands between '%s' and '%s', so they cannot "
			        "be told "
			        "apart",
			        notation, t->piece[i].name, t->piece[i + 1].name);
			template_free(t);
			return -1;
		}
	return 0;
}

static bool word_char(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/*
 * The text of a directive as it stands in a configuration: `log_format main '..' '..';`, or the
 * format alone, quoted in pieces or not at all. Freed by the caller.
 */
static char *unquoted(const char *text, const char *directive, bool name_first)
{
	struct buf b = { 0 };
	const char *p = text + strspn(text, " \t\n");
	char quote;

	if (strncmp(p, directive, strlen(directive)) == 0) {
		p += strlen(directive);
		p += strspn(p, " \t\n");
		if (name_first)
			p += strcspn(p, " \t\n");
		p += strspn(p, " \t\n");
		while (strncmp(p, "escape=", 7) == 0) {
			p += strcspn(p, " \t\n");
			p += strspn(p, " \t\n");
		}
	}
	if (*p != '\'' && (*p != '"' || p == text)) {
		/*
		 * nginx's pieces begin with ', Apache's directive with ": all else is the format
		 * itself
		 */
		if (p == text + strspn(text, " \t\n"))
			p = text;
		buf_adds(&b, p);
		buf_addc(&b, '\0');
		return b.p;
	}
	while ((quote = *p) == '\'' || quote == '"') {
		for (p++; *p && *p != quote; p++) {
			if (*p == '\\' && (p[1] == quote || p[1] == '\\'))
				p++;
			buf_addc(&b, *p);
		}
		p += *p != '\0';
		p += strspn(p, " \t\n");
	}
	buf_addc(&b, '\0');
	return b.p;
}

int template_nginx(struct template *t, const char *format, struct err *e)
{
	char *text = unquoted(format, "log_format", true);
	const char *p = text;

	start(t);
	while (*p) {
		const struct known *k;
		struct slice name;
		bool braces;

		if (*p != '$') {
			add_literal(t, *p++);
			continue;
		}
		braces = p[1] == '{';
		p += 1 + braces;
		name = (struct slice){ p, 0 };
		while (word_char(*p))
			p++;
		name.n = (size_t)(p - name.p);
		if (name.n == 0 || (braces && *p != '}')) {
			template_free(t);
			free(text);
			return err_set(e, FAIL_USAGE,
			               "--parse nginx: a '$' without a variable's name");
		}
		p += braces;
		k = find_known(name, false);
		add_piece(t, k ? slice_from(k->name) : name, k ? k->type : PIECE_AUTO);
	}
	free(text);
	return check(t, "nginx", e);
}

/* The name of %{Name}i: small, with underscores; "user-agent" and "referer" as in combined. */
static void header_name(struct slice name, char to[128])
{
	size_t i;

	for (i = 0; i < name.n && i < 127; i++) {
		char c = name.p[i];

		to[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : word_char(c) ? c : '_');
	}
	to[i] = '\0';
	if (strcmp(to, "user_agent") == 0)
		snprintf(to, 128, "agent");
}

/* One "%..": modifiers, {argument}, letter. Returns what follows it, or NULL. */
static const char *apache_directive(struct template *t, const char *p)
{
	struct slice argument = { 0 };
	const struct known *k;
	char name[128];

	p += strspn(p, "<>!0123456789,");
	if (*p == '{') {
		argument = (struct slice){ p + 1, strcspn(p + 1, "}") };
		p += argument.n + 1;
		if (*p++ != '}')
			return NULL;
	}
	if (*p == '^' && p[1] && p[2])
		p += 2;
	if (!*p)
		return NULL;
	if (argument.p && strchr("ioeCntx", *p)) {
		header_name(argument, name);
		if (*p == 't')
			snprintf(name, sizeof name, "time");
		add_piece(t, slice_from(name),
		          *p == 't'   ? PIECE_TIME
		          : *p == 'i' ? PIECE_TEXT
		                      : PIECE_AUTO);
		return p + 1;
	}
	k = find_known((struct slice){ p, 1 }, true);
	if (!k)
		return NULL;
	/* %t brings its own brackets */
	if (*p == 't')
		add_literal(t, '[');
	add_piece(t, slice_from(k->name), k->type);
	if (*p == 't')
		add_literal(t, ']');
	return p + 1;
}

int template_apache(struct template *t, const char *format, struct err *e)
{
	char *text = unquoted(format, "LogFormat", false);
	const char *p = text;

	start(t);
	while (p && *p) {
		if (*p == '\\' && p[1] == '"')
			p++;
		else if (*p == '\\' && p[1] == 't')
			add_literal(t, '\t'), p += 2;
		if (*p != '%' || p[1] == '%') {
			p += *p == '%';
			if (*p)
				add_literal(t, *p++);
			continue;
		}
		p = apache_directive(t, p + 1);
	}
	free(text);
	if (!p) {
		template_free(t);
		return err_set(e, FAIL_USAGE, "--parse apache: a '%%' directive that is not known");
	}
	return check(t, "apache", e);
}

/* ---- matching */

static void put_label(struct buf *json, const struct piece *p)
{
	if (p->label_size > LABEL) {
		buf_add(json, p->label, p->label_size);
		return;
	}
	memcpy(buf_room(json, LABEL), p->label, LABEL);
	json->n += p->label_size;
}

static int two(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* The number of a month by its name, 1 to 12; 0 for none. */
static int month_of(const char *p)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (p[0] == months[3 * i] && p[1] == months[3 * i + 1] && p[2] == months[3 * i + 2])
			return i + 1;
	return 0;
}

/* 17/May/2015:10:05:03 +0000 at 26 bytes, as RFC 3339. */
static bool put_clf_time(struct buf *json, struct slice s)
{
	static const unsigned char numbers[] = { 0,  1,  7,  8,  9,  10, 12, 13,
		                                 15, 16, 18, 19, 22, 23, 24, 25 };
	const char *p = s.p;
	char *to;
	bool bad;
	int mon;

	if (s.n != 26 || !(mon = month_of(p + 3)))
		return false;
	bad = p[2] != '/' || p[6] != '/' || p[11] != ':' || p[14] != ':' || p[17] != ':' ||
	      p[20] != ' ' || (p[21] != '+' && p[21] != '-');
	for (size_t i = 0; i < sizeof numbers; i++)
		bad |= p[numbers[i]] < '0' || p[numbers[i]] > '9';
	if (bad || two(p) < 1 || two(p) > civil_month_days(two(p + 7) * 100 + two(p + 9), mon) ||
	    two(p + 12) > 23 || two(p + 15) > 59 || two(p + 18) > 60)
		return false;
	to = buf_room(json, 27);
	to[0] = '"';
	memcpy(to + 1, p + 7, 4);
	to[5] = '-';
	to[6] = (char)('0' + mon / 10);
	to[7] = (char)('0' + mon % 10);
	to[8] = '-';
	memcpy(to + 9, p, 2);
	to[11] = 'T';
	memcpy(to + 12, p + 12, 8);
	memcpy(to + 20, p + 21, 3);
	to[23] = ':';
	memcpy(to + 24, p + 24, 2);
	to[26] = '"';
	json->n += 27;
	return true;
}

static bool put_time(struct buf *json, struct slice s)
{
	int64_t ns;

	if (put_clf_time(json, s))
		return true;
	if (stamp_parse(s, NULL, NULL, &ns) < 0)
		return false;
	jstring_write_bytes(json, s);
	return true;
}

static bool put_msec(struct buf *json, struct slice s)
{
	char text[STAMP_TEXT];
	int64_t ns;
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '.')
			return false;
	if (s.n == 0 || stamp_number(s, UNIT_S, &ns) < 0)
		return false;
	buf_addc(json, '"');
	buf_add(json, text, stamp_format(ns, text));
	buf_addc(json, '"');
	return true;
}

/* METHOD PATH PROTOCOL, behind "method":; what cannot be split so stays whole. */
static void put_request(struct buf *json, struct slice s)
{
	const char *end = s.p + s.n, *last = s.n ? memrchr(s.p, ' ', s.n) : NULL, *p = s.p;

	while (last && p < last && *p >= 'A' && *p <= 'Z')
		p++;
	if (p > s.p && last > p + 1 && *p == ' ' && end - last > 5 &&
	    memcmp(last, " HTTP/", 6) == 0) {
		jstring_write_bytes(json, (struct slice){ s.p, (size_t)(p - s.p) });
		buf_adds(json, ",\"path\":");
		jstring_write_bytes(json, (struct slice){ p + 1, (size_t)(last - p - 1) });
		buf_adds(json, ",\"protocol\":");
		jstring_write_bytes(json, (struct slice){ last + 1, (size_t)(end - last - 1) });
		return;
	}
	buf_adds(json, "null,\"path\":null,\"protocol\":null,\"request\":");
	if (s.n == 1 && *s.p == '-')
		buf_adds(json, "null");
	else
		jstring_write_bytes(json, s);
}

static int put_piece(const struct piece *p, struct slice s, bool strings, struct buf *json,
                     struct err *e)
{
	bool dash = s.n == 1 && *s.p == '-', fine = true;
	size_t before;

	put_label(json, p);
	if (p->type == PIECE_REQUEST) {
		put_request(json, s);
		return 0;
	}
	if (dash) {
		buf_adds(json, "null");
		return 0;
	}
	switch (p->type) {
	case PIECE_TEXT:
		jstring_write_bytes(json, s);
		break;
	case PIECE_NUMBER:
		before = json->n;
		decode_value(json, s, false);
		fine = json->p[before] != '"';
		break;
	case PIECE_TIME:
		fine = put_time(json, s);
		break;
	case PIECE_MSEC:
		fine = put_msec(json, s);
		break;
	default:
		decode_value(json, s, strings);
	}
	if (!fine)
		return err_set(e, FAIL_DATA, "'%.*s' is no %s (field '%s')",
		               (int)(s.n > 40 ? 40 : s.n), s.p,
		               p->type == PIECE_NUMBER ? "number" : "time", p->name);
	return 0;
}

/* The first place of a short text between P and END; its first byte is mostly the right one. */
static const char *find_text(const char *p, const char *end, const char *text, size_t n)
{
	size_t same = 0;

	while (same < n && (p = memchr(p, *text, (size_t)(end - p))) && (size_t)(end - p) >= n) {
		for (same = 1; same < n && p[same] == text[same];)
			same++;
		p++;
	}
	return same == n ? p - 1 : NULL;
}

/*
 * Where the literal text begins, from P on; a quote behind a backslash is part of the value. The
 * last variable goes on to the end, or to the blank behind which more may follow.
 */
static const char *find_until(const struct template *t, const struct piece *piece, const char *p,
                              const char *end)
{
	const char *at = p;

	if (piece->until_size == 0) {
		at = t->tail && p < end ? memchr(p, ' ', (size_t)(end - p)) : NULL;
		return at ? at : end;
	}

	for (;;) {
		size_t escapes = 0;

		at = find_text(at, end, piece->until, piece->until_size);
		if (!at || *piece->until != '"')
			return at;
		while (at - escapes > p && at[-(ptrdiff_t)escapes - 1] == '\\')
			escapes++;
		if (escapes % 2 == 0)
			return at;
		at++;
	}
}

int template_match(const struct template *t, struct slice line, bool strings, struct buf *json,
                   struct err *e)
{
	const char *p = line.p, *end = p + line.n, *stop;
	size_t i;

	if (line.n < t->before_size || memcmp(p, t->before, t->before_size) != 0)
		return err_set(e, FAIL_DATA, "byte 1: expected '%s'", t->before);
	p += t->before_size;
	for (i = 0; i < t->n; i++) {
		const struct piece *piece = &t->piece[i];

		stop = find_until(t, piece, p, end);
		if (!stop)
			return err_set(e, FAIL_DATA, "byte %zu: '%s' is not ended by '%s'",
			               (size_t)(p - line.p) + 1, piece->name, piece->until);
		if (put_piece(piece, (struct slice){ p, (size_t)(stop - p) }, strings, json, e) < 0)
			return err_at(e, "byte %zu", (size_t)(p - line.p) + 1);
		p = stop + piece->until_size;
	}
	if (p == end)
		return 0;
	if (!t->tail || *p != ' ')
		return err_set(e, FAIL_DATA, "byte %zu: more than the format has",
		               (size_t)(p - line.p) + 1);
	return decode_logfmt_members(json, line, (size_t)(p - line.p), strings, e);
}
