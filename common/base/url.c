#include "url.h"

static bool is_alpha(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct slice between(const char *from, const char *to)
{
	return (struct slice){ from, (size_t)(to - from) };
}

/* The first character of SET in [p, end), or END. */
static const char *find(const char *p, const char *end, const char *set)
{
	while (p < end && (!*p || !strchr(set, *p)))
		p++;
	return p;
}

static int bad_char(struct slice text, struct err *e)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7F)
			return err_set(e, FAIL_DATA, "byte %zu: a %s must be written as %%%02X",
			               i + 1, text.p[i] == ' ' ? "blank" : "control character",
			               (unsigned)(unsigned char)text.p[i]);
	return 0;
}

static int take_port(struct slice s, struct url *u, struct err *e)
{
	long port = 0;
	size_t i;

	for (i = 0; i < s.n && i < 6 && is_digit(s.p[i]); i++)
		port = port * 10 + (s.p[i] - '0');
	if (i < s.n || port > 65535)
		return err_set(e, FAIL_DATA, "'%.*s' is no port", (int)(s.n > 40 ? 40 : s.n), s.p);
	u->port = s.n ? (int)port : -1;
	return 0;
}

/* [userinfo "@"] host [":" port] */
static int take_authority(struct slice s, struct url *u, struct err *e)
{
	const char *p = s.p, *end = p + s.n, *at, *colon;

	for (at = end; at > p && at[-1] != '@'; at--)
		;
	if (at > p) {
		colon = find(p, at - 1, ":");
		u->user = between(p, colon);
		if (colon < at - 1)
			u->password = between(colon + 1, at - 1);
		p = at;
	}
	if (p < end && *p == '[') {
		colon = find(p, end, "]");
		if (colon == end)
			return err_set(e, FAIL_DATA, "a ']' is missing behind the host");
		u->host = between(p + 1, colon);
		colon++;
		if (colon < end && *colon != ':')
			return err_set(e, FAIL_DATA, "expected ':' behind ']'");
	} else {
		colon = find(p, end, ":");
		u->host = between(p, colon);
	}
	return colon < end ? take_port(between(colon + 1, end), u, e) : 0;
}

/* ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) */
static bool is_scheme(struct slice s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_alpha(s.p[i]) && (i == 0 || (!is_digit(s.p[i]) && s.p[i] != '+' &&
		                                     s.p[i] != '-' && s.p[i] != '.')))
			return false;
	return s.n > 0;
}

int url_parse(struct slice text, struct url *u, struct err *e)
{
	const char *p = text.p ? text.p : "", *end = p + text.n, *stop;

	*u = (struct url){ .port = -1 };
	if (bad_char(text, e) < 0)
		return -1;
	stop = find(p, end, ":/?#");
	if (stop < end && *stop == ':') {
		u->scheme = between(p, stop);
		if (!is_scheme(u->scheme))
			return err_set(e, FAIL_DATA, "'%.*s' is no scheme",
			               (int)(u->scheme.n > 40 ? 40 : u->scheme.n), p);
		p = stop + 1;
	}
	if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
		stop = find(p + 2, end, "/?#");
		if (take_authority(between(p + 2, stop), u, e) < 0)
			return -1;
		p = stop;
	}
	stop = find(p, end, "?#");
	u->path = between(p, stop);
	p = stop;
	if (p < end && *p == '?') {
		stop = find(p, end, "#");
		u->query = between(p + 1, stop);
		p = stop;
	}
	if (p < end)
		u->fragment = between(p + 1, end);
	return 0;
}

static int hex(char c)
{
	return is_digit(c)                          ? c - '0'
	       : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
	                                            : -1;
}

void url_decode(struct buf *b, struct slice s, bool plus)
{
	const char *p = s.p, *end = p + s.n;

	for (; p < end; p++) {
		if (*p == '%' && end - p > 2 && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
			buf_addc(b, (char)(hex(p[1]) * 16 + hex(p[2])));
			p += 2;
		} else {
			buf_addc(b, *p == '+' && plus ? ' ' : *p);
		}
	}
}
