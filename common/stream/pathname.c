#include "pathname.h"

#include "base/alloc.h"
#include "base/civil.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/stamp.h"
#include "expr/keyexpr.h"
#include "json/valwrite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define VALUE_MAX  200  /* bytes of a value in a name */
#define HASH_TEXT  18   /* of a value that is cut: "%~" and 16 digits */
#define PART_MAX   240  /* bytes between two '/': what systems take, less ".12.gz" and the like */
#define NAME_BYTES 4000 /* of the whole */

enum kind { PART_TEXT, PART_VALUE, PART_TIME, PART_NUMBER };

struct part {
	enum kind kind;
	char *text; /* itself, the expression, the format */
	struct keyexpr *value;
	/* of a time, made for this second */
	struct buf made;
	int64_t made_for;
};

struct pathname {
	char *text;
	const struct tz *zone;
	struct part *part;
	size_t parts, cap;
	struct buf value, format;
};

/* ---- parsing */

bool pathname_is_template(const char *text)
{
	for (; *text; text++) {
		if (text[0] != '{')
			continue;
		if (text[1] != '{')
			return true;
		text++;
	}
	return false;
}

/* Where the brace is that closes what begins at P; NULL where there is none. */
static const char *closing(const char *p)
{
	bool string = false;
	int depth = 0;

	for (; *p; p++) {
		if (string && *p == '\\' && p[1])
			p++;
		else if (*p == '"')
			string = !string;
		else if (!string && *p == '{')
			depth++;
		else if (!string && *p == '}' && depth-- == 0)
			return p;
	}
	return NULL;
}

static struct part *add_part(struct pathname *p, enum kind kind, const char *text, size_t n)
{
	struct part *part;

	p->part = alloc_grow(p->part, &p->cap, p->parts + 1, sizeof *p->part);
	part = &p->part[p->parts++];
	*part = (struct part){ .kind = kind, .text = alloc_copy(text, n), .made_for = INT64_MIN };
	return part;
}

/* Are its letters those of strftime()? glibc's flags and widths may stand before them. */
static int check_time(const struct pathname *p, const char *text, size_t n, struct err *e)
{
	static const char flags[] = "_-0^#+123456789";
	const char *end = text + n, *at;

	for (const char *start = text; (at = start) < end; start = at + 1) {
		const char *letters = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%";

		if (*at++ != '%') {
			at = start;
			continue;
		}
		while (at < end && *at && strchr(flags, *at))
			at++;
		if (at < end && (*at == 'E' || *at == 'O'))
			letters = *at++ == 'E' ? "cCxXyY" : "deHImMSuUVwWy";
		if (at == end || !strchr(letters, *at))
			return err_set(e, FAIL_USAGE,
			               "%s: byte %zu: '%.*s' is none of strftime's letters",
			               p->text, (size_t)(start - p->text) + 1,
			               (int)(at + (at < end) - start), start);
	}
	return 0;
}

/* What stands between braces. */
static int add_field(struct pathname *p, const char *text, size_t n, struct plan *plan,
                     struct err *e)
{
	struct part *part;

	if (n == 1 && *text == '#') {
		add_part(p, PART_NUMBER, text, n);
		return 0;
	}
	if (n && *text == '%') {
		add_part(p, PART_TIME, text, n);
		return check_time(p, text, n, e);
	}
	if (n == 0)
		return err_set(e, FAIL_USAGE,
		               "%s: byte %zu: nothing stands between the braces ({{ and }} are "
		               "braces themselves)",
		               p->text, (size_t)(text - p->text));
	part = add_part(p, PART_VALUE, text, n);
	part->value = keyexpr_new(p->text, part->text, plan, NULL, e);
	return part->value ? 0 : -1;
}

static int parse(struct pathname *p, struct plan *plan, struct err *e)
{
	struct buf literal = { 0 };
	const char *at = p->text, *end;
	int done = 0;

	while (done == 0 && *at) {
		if (*at != '{' && *at != '}') {
			buf_addc(&literal, *at++);
		} else if (at[1] == at[0]) {
			buf_addc(&literal, *at);
			at += 2;
		} else if (*at == '}' || !(end = closing(at + 1))) {
			done = err_set(e, FAIL_USAGE,
			               "%s: byte %zu: '%c' has no other one ({{ and }} are braces "
			               "themselves)",
			               p->text, (size_t)(at - p->text) + 1, *at);
		} else {
			if (literal.n)
				add_part(p, PART_TEXT, literal.p, literal.n);
			buf_clear(&literal);
			done = add_field(p, at + 1, (size_t)(end - at - 1), plan, e);
			at = end + 1;
		}
	}
	if (literal.n)
		add_part(p, PART_TEXT, literal.p, literal.n);
	buf_free(&literal);
	return done;
}

/*
 * Does a value stand before the first '/'? Then it could make a scheme of the name ("exec:"), and
 * be what is run.
 */
static bool begins_with_value(const struct pathname *p)
{
	for (size_t i = 0; i < p->parts; i++) {
		if (p->part[i].kind == PART_VALUE)
			return true;
		if (strchr(p->part[i].text, '/'))
			return false;
	}
	return false;
}

struct pathname *pathname_new(const char *text, const struct tz *zone, struct plan *plan,
                              struct err *e)
{
	struct pathname *p = alloc_zero(1, sizeof *p);

	p->text = alloc_copy(text, strlen(text));
	p->zone = zone;
	if (parse(p, plan, e) < 0) {
		pathname_free(p);
		return NULL;
	}
	return p;
}

char *pathname_plain(const char *text, struct err *e)
{
	struct pathname *p = pathname_new(text, NULL, NULL, e);
	const char *plain;
	char *copy;

	if (!p)
		return NULL;
	/* without fields it has one part at most */
	plain = p->parts ? p->part[0].text : "";
	copy = alloc_copy(plain, strlen(plain));
	pathname_free(p);
	return copy;
}

void pathname_free(struct pathname *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->parts; i++) {
		keyexpr_free(p->part[i].value);
		buf_free(&p->part[i].made);
		free(p->part[i].text);
	}
	free(p->part);
	free(p->text);
	buf_free(&p->value);
	buf_free(&p->format);
	free(p);
}

static bool has(const struct pathname *p, enum kind kind)
{
	for (size_t i = 0; i < p->parts; i++)
		if (p->part[i].kind == kind)
			return true;
	return false;
}

bool pathname_needs_time(const struct pathname *p)
{
	return has(p, PART_TIME);
}

bool pathname_needs_partition(const struct pathname *p)
{
	return has(p, PART_NUMBER);
}

/* ---- values */

static bool is_unsafe(unsigned char c)
{
	return c == '/' || c == '%' || c < ' ' || c == 0x7F;
}

/* Cut what was added from START on, which is too long: between characters and between escapes. */
static void cut(struct buf *to, size_t start, struct slice whole)
{
	size_t n = start + VALUE_MAX - HASH_TEXT;

	while (((unsigned char)to->p[n] & 0xC0) == 0x80)
		n--;
	if (to->p[n - 1] == '%')
		n--;
	else if (to->p[n - 2] == '%')
		n -= 2;
	to->n = n;
	buf_addf(to, "%%~%016" PRIx64, hash_stable(whole.p, whole.n));
}

static void add_value(struct buf *to, struct slice s)
{
	size_t start = to->n;

	if (s.n == 0)
		buf_addc(to, '%');
	if (slice_same(s, SLICE(".")) || slice_same(s, SLICE(".."))) {
		buf_adds(to, s.n == 1 ? "%2E" : "%2E%2E");
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_unsafe(c))
			buf_addf(to, "%%%02X", c);
		else
			buf_addc(to, (char)c);
	}
	if (to->n - start > VALUE_MAX)
		cut(to, start, s);
}

static int make_value(struct pathname *p, struct part *part, const struct rec *rec, struct heap *h,
                      struct buf *to, struct err *e)
{
	static const struct val_style sorted = { .sort = true };
	struct val v;

	if (keyexpr_value(part->value, val_from_rec(rec, 0), rec, h, &v, e) < 0)
		return -1;
	if (v.tag == VAL_NONE)
		v = val_of(VAL_NULL);
	if (val_type(v) == TYPE_STRING) {
		add_value(to, val_slice(h, v));
		return 0;
	}
	buf_clear(&p->value);
	val_write(h, &p->value, v, &sorted);
	add_value(to, buf_slice(&p->value));
	return 0;
}

/* ---- times */

/* TEXT with %s, which strftime() would compute in the process' own zone, written out. */
static const char *format_for(struct buf *to, const char *text, int64_t sec)
{
	buf_clear(to);
	for (; *text; text++) {
		if (text[0] == '%' && text[1] == 's') {
			buf_add_int(to, sec);
			text++;
			continue;
		}
		buf_addc(to, *text);
		if (text[0] == '%' && text[1])
			buf_addc(to, *++text);
	}
	/* so that nothing at all is told apart from too little room */
	buf_add(to, "|", 2);
	return to->p;
}

static void make_time(struct pathname *p, struct part *part, int64_t sec)
{
	struct tz_info info;
	struct civil c;
	struct tm tm;
	const char *format = format_for(&p->format, part->text, sec);
	size_t room = 128, n;

	tz_at(p->zone, sec, &info);
	civil_from_unix(sec + info.offset, &c);
	tm = (struct tm){ .tm_year = (int)(c.year - 1900),
		          .tm_mon = c.mon - 1,
		          .tm_mday = c.day,
		          .tm_hour = c.hour,
		          .tm_min = c.min,
		          .tm_sec = c.sec,
		          .tm_wday = c.wday,
		          .tm_yday = c.yday,
		          .tm_isdst = info.dst,
		          .tm_gmtoff = info.offset,
		          .tm_zone = info.name };
	buf_clear(&part->made);
	while ((n = strftime(buf_room(&part->made, room), room, format, &tm)) == 0)
		room *= 2;
	part->made.n = n - 1;
	part->made_for = sec;
}

static int add_time(struct pathname *p, struct part *part, int64_t time, struct buf *to,
                    struct err *e)
{
	int64_t sec = time / NS_PER_SEC - (time % NS_PER_SEC < 0);

	if (time == STAMP_NONE)
		return err_set(e, FAIL_DATA, "%s: the record has no event time", p->text);
	if (part->made_for != sec)
		make_time(p, part, sec);
	buf_add_slice(to, buf_slice(&part->made));
	return 0;
}

/* ---- names */

/* Could a file be called so, with a little more behind it? */
static int check(const struct pathname *p, struct slice name, struct err *e)
{
	const char *at = name.p, *end = name.p + name.n, *slash;

	if (name.n > NAME_BYTES)
		return err_set(e, FAIL_DATA, "%s: the name would have %zu bytes", p->text, name.n);
	for (; at < end; at = slash + 1) {
		slash = memchr(at, '/', (size_t)(end - at));
		slash = slash ? slash : end;
		if (slash - at > PART_MAX)
			return err_set(e, FAIL_DATA, "%s: the name would have a part of %zu bytes",
			               p->text, (size_t)(slash - at));
	}
	return 0;
}

int pathname_make(struct pathname *p, const struct rec *rec, struct heap *h, int64_t time,
                  uint64_t partition, struct buf *to, struct err *e)
{
	size_t start = to->n;
	int done = 0;

	if (begins_with_value(p))
		buf_adds(to, "./");
	for (size_t i = 0; done == 0 && i < p->parts; i++) {
		struct part *part = &p->part[i];

		switch (part->kind) {
		case PART_TEXT:
			buf_adds(to, part->text);
			break;
		case PART_VALUE:
			done = make_value(p, part, rec, h, to, e);
			break;
		case PART_TIME:
			done = add_time(p, part, time, to, e);
			break;
		case PART_NUMBER:
			buf_addf(to, "%" PRIu64, partition);
			break;
		}
	}
	if (done == 0)
		done = check(p, (struct slice){ to->p + start, to->n - start }, e);
	if (done < 0)
		to->n = start;
	return done;
}
