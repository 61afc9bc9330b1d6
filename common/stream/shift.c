#include "shift.h"

#include "base/arena.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "base/wide.h"
#include "json/jstring.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static int unlike(struct slice text, struct err *e)
{
	return err_set(e, FAIL_DATA, "cannot write another time like %.*s",
	               (int)(text.n > 60 ? 60 : text.n), text.n ? text.p : "");
}

/* The time BY later, within the range. */
static bool add(int64_t time, int64_t by, int64_t *sum)
{
	return !__builtin_add_overflow(time, by, sum) && *sum != STAMP_NONE && *sum != STAMP_MAX;
}

static int64_t whole_seconds(int64_t ns)
{
	return ns / NS_PER_SEC - (ns % NS_PER_SEC < 0);
}

/* ---- numbers */

#define PLACES 18 /* of a fraction behind the nanoseconds: what 128 bits have room for */

static const int unit_digits[] = { [UNIT_S] = 9, [UNIT_MS] = 6, [UNIT_US] = 3, [UNIT_NS] = 0 };

/* value / 10^places */
struct decimal {
	wide_int value;
	int places; /* 0 or more */
};

static wide_int power(int n)
{
	wide_int p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

/* Digits and points up to something else; returns where that is. */
static const char *read_digits(const char *p, const char *end, struct decimal *d)
{
	bool point = false;

	for (; p < end && ((*p >= '0' && *p <= '9') || (*p == '.' && !point)); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (d->value >= power(36))
			return NULL;
		d->value = d->value * 10 + (*p - '0');
		d->places += point;
	}
	return p;
}

/* "e+9", the whole text. */
static bool read_exponent(const char *p, const char *end, int *exponent)
{
	bool down = p + 1 < end && p[1] == '-';

	*exponent = 0;
	if ((*p | 32) != 'e')
		return false;
	p += 1 + (p + 1 < end && (p[1] == '-' || p[1] == '+'));
	if (p == end)
		return false;
	for (; p < end && *p >= '0' && *p <= '9' && *exponent < 1000; p++)
		*exponent = *exponent * 10 + (*p - '0');
	if (down)
		*exponent = -*exponent;
	return p == end;
}

/* False where it is no number, or has more digits than any time. */
static bool read_decimal(struct slice literal, struct decimal *d)
{
	const char *p = literal.p, *end = p + literal.n;
	bool negative = p < end && *p == '-';
	int exponent = 0;

	*d = (struct decimal){ 0 };
	p += negative;
	if (p == end || *p < '0' || *p > '9')
		return false;
	p = read_digits(p, end, d);
	if (!p || (p < end && !read_exponent(p, end, &exponent)))
		return false;
	d->places -= exponent;
	for (; d->places < 0 && d->value < power(36); d->places++)
		d->value *= 10;
	if (negative)
		d->value = -d->value;
	return d->places >= 0 && d->places <= 36;
}

static void write_decimal(struct buf *to, struct decimal d)
{
	bool negative = d.value < 0;
	wide_int rest = negative ? -d.value : d.value;
	char text[64], *p = text + sizeof text;

	for (int n = 0; n <= d.places || rest; n++, rest /= 10) {
		if (n == d.places && n > 0)
			*--p = '.';
		*--p = (char)('0' + (int)(rest % 10));
	}
	if (negative)
		*--p = '-';
	buf_add(to, p, (size_t)(text + sizeof text - p));
}

/* The unit in which the literal is this time, or the instant behind it (the end of a window). */
static enum stamp_unit unit_of(struct slice literal, struct decimal d, int64_t time)
{
	wide_int whole = d.value / power(d.places);
	int64_t ns;

	for (int unit = UNIT_S; unit <= UNIT_NS; unit++)
		if (stamp_number(literal, (enum stamp_unit)unit, &ns) == 0 &&
		    (ns == time || ns - 1 == time))
			return (enum stamp_unit)unit;
	return stamp_guess((double)whole);
}

static int shift_number(struct slice literal, int64_t from, int64_t by, const char *format,
                        struct buf *to, struct err *e)
{
	enum stamp_unit unit = stamp_unit_named(format);
	struct decimal d;
	wide_int step;
	int finer; /* places behind the nanoseconds */

	if (!read_decimal(literal, &d))
		return unlike(literal, e);
	if (unit == UNIT_AUTO)
		unit = unit_of(literal, d, from);
	finer = d.places - unit_digits[unit];
	if (finer > PLACES)
		return unlike(literal, e);
	if (finer >= 0) {
		d.value += by * power(finer);
	} else {
		step = power(-finer);
		d.value += by / step - (by % step < 0);
	}
	write_decimal(to, d);
	return 0;
}

/* ---- RFC 3339 */

/* Of a fraction from P on: up to nine digits of NSEC over those that are there. */
static void put_fraction(char *p, size_t n, int nsec)
{
	char digits[16];

	snprintf(digits, sizeof digits, "%09d", nsec);
	memcpy(p, digits, n < 9 ? n : 9);
}

static void put_digits(char *p, int64_t value, int n)
{
	for (; n-- > 0; value /= 10)
		p[n] = (char)('0' + value % 10);
}

/* Write a local time over one of the same kind, which stamp_parse() could read. */
static void overwrite(char *p, size_t n, int64_t local_sec, int nsec)
{
	struct civil c;

	civil_from_unix(local_sec, &c);
	put_digits(p, c.year, 4);
	put_digits(p + 5, c.mon, 2);
	put_digits(p + 8, c.day, 2);
	if (n == 10)
		return;
	put_digits(p + 11, c.hour, 2);
	put_digits(p + 14, c.min, 2);
	if (n >= 19 && p[16] == ':')
		put_digits(p + 17, c.sec, 2);
	if (n > 20 && p[16] == ':' && (p[19] == '.' || p[19] == ','))
		put_fraction(p + 20, n - 20, nsec);
}

/* Where the zone of a time begins that stamp_parse() could read; its end where it has none. */
static size_t zone_at(struct slice text)
{
	size_t n = text.n < 16 ? text.n : 16;

	if (n < text.n && text.p[n] == ':')
		n += 3;
	if (n < text.n && (text.p[n] == '.' || text.p[n] == ','))
		for (n++; n < text.n && text.p[n] >= '0' && text.p[n] <= '9';)
			n++;
	return n;
}

/* Seconds east that TEXT, the time NS, says or means. */
static int64_t offset_of(struct slice text, int64_t ns)
{
	struct slice bare = { text.p, zone_at(text) };
	int64_t local;

	return stamp_parse(bare, NULL, NULL, &local) == 0 ? (local - ns) / NS_PER_SEC : 0;
}

static int shift_rfc3339(struct slice text, int64_t by, const struct tz *zone, struct buf *to,
                         struct err *e)
{
	size_t n = zone_at(text);
	struct tz_info info;
	int64_t time, then, sec;
	char *copy;

	if (stamp_parse(text, zone, NULL, &time) < 0 || !add(time, by, &then))
		return unlike(text, e);
	sec = whole_seconds(then);
	if (n < text.n) {
		info.offset = (int32_t)offset_of(text, time);
	} else {
		tz_at(zone, sec, &info);
	}
	copy = buf_room(to, text.n);
	memcpy(copy, text.p, text.n);
	to->n += text.n;
	overwrite(copy, n, sec + info.offset, (int)(then - sec * NS_PER_SEC));
	return 0;
}

/* ---- patterns: pattern and text side by side, each piece written anew in its own manner */

struct walk {
	const char *p, *end; /* what is left of the text */
	struct tm tm;        /* the new time, local */
	int64_t sec;
	int nsec;
	const char *zone_was, *zone_is; /* their names, where the text says no offset */
	size_t spare; /* blanks just written that may belong to a number behind them */
	struct buf *to;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void copy_blanks(struct walk *w)
{
	const char *first = w->p;

	for (; w->p < w->end && is_blank(*w->p); w->p++)
		buf_addc(w->to, *w->p);
	w->spare = w->p > first ? (size_t)(w->p - first) - 1 : 0;
}

static size_t full_width(char c)
{
	return c == 'Y' || c == 'G' ? 4 : c == 'j' ? 3 : c == 'u' || c == 'w' ? 1 : 2;
}

/* The number's digits, without what they are padded with. */
static struct slice digits_of(const struct walk *w, char c, char text[32])
{
	const char format[] = { '%', c == 'e' ? 'd' : c == 'k' ? 'H' : c == 'l' ? 'I' : c, '\0' };
	size_t n = strftime(text, 32, format, &w->tm), zeros = 0;

	while (zeros + 1 < n && text[zeros] == '0')
		zeros++;
	return (struct slice){ text + zeros, n - zeros };
}

/*
 * A number is padded as the one that was there; where that had all its digits, as the conversion
 * has it.
 */
static void put_number(struct walk *w, char c, char flag, struct slice piece)
{
	char text[32], pad = flag == '_' || strchr("ekl", c) ? ' ' : '0';
	struct slice digits = digits_of(w, c, text);
	size_t width = full_width(c), blanks = 0, had;

	while (blanks < piece.n && is_blank(piece.p[blanks]))
		blanks++;
	had = piece.n - blanks;
	if (had < width) {
		for (; w->spare && had + blanks < width; w->spare--) {
			w->to->n--;
			blanks++;
		}
		pad = ' ';
		width = had + blanks < width ? had + blanks : width;
		blanks -= width - had;
	} else if (piece.p[blanks] == '0') {
		pad = '0';
	} else if (flag == '-') {
		width = 1;
	}
	for (; blanks; blanks--)
		buf_addc(w->to, ' ');
	for (; width > digits.n; width--)
		buf_addc(w->to, pad);
	buf_add_slice(w->to, digits);
}

/* A name, short or whole, in capitals or not, as the one that was there. */
static void put_name(struct walk *w, char c, struct slice piece)
{
	const char format[] = { '%', c == 'b' || c == 'h' ? 'B' : c == 'a' ? 'A' : c, '\0' };
	char text[32];
	size_t n = strftime(text, sizeof text, format, &w->tm);

	/* May is both */
	if (n > 3 && piece.n == 3 &&
	    !(c == 'B' && (piece.p[1] | 32) == 'a' && (piece.p[2] | 32) == 'y'))
		n = 3;
	for (size_t i = 0; i < n; i++) {
		char like = piece.p[i < piece.n ? i : piece.n - 1];

		buf_addc(w->to, (char)(isupper((unsigned char)like) ? toupper(text[i])
		                                                    : tolower(text[i])));
	}
}

static void put_piece(struct walk *w, char c, char flag, struct slice piece)
{
	switch (c) {
	case 's':
		buf_add_int(w->to, w->sec);
		return;
	case 'f':
	case 'N':
		buf_add_slice(w->to, piece);
		put_fraction(w->to->p + w->to->n - piece.n, piece.n, w->nsec);
		return;
	case 'a':
	case 'A':
	case 'b':
	case 'B':
	case 'h':
		put_name(w, c, piece);
		return;
	case 'p':
	case 'P':
		put_name(w, 'p', piece);
		return;
	case 'z':
		buf_add_slice(w->to, piece);
		return;
	case 'Z':
		if (slice_same(piece, slice_from(w->zone_was)))
			piece = slice_from(w->zone_is);
		buf_add_slice(w->to, piece);
		return;
	default:
		put_number(w, c, flag, piece);
		return;
	}
}

/* What a conversion is short for; NULL where it stands for itself. */
static const char *written_out(char c)
{
	switch (c) {
	case 'T':
	case 'X':
		return "%H:%M:%S";
	case 'R':
		return "%H:%M";
	case 'r':
		return "%I:%M:%S %p";
	case 'D':
	case 'x':
		return "%m/%d/%y";
	case 'F':
		return "%Y-%m-%d";
	case 'c':
		return "%a %b %e %H:%M:%S %Y";
	case 'n':
	case 't':
		return " ";
	default:
		return NULL;
	}
}

static bool put_pattern(struct walk *w, const char *pattern);

static bool put_conversion(struct walk *w, char c, char flag)
{
	const char conversion[] = { '%', c, '\0' }, *longer = written_out(c);
	struct stamp_fields f;
	int used;

	if (longer)
		return put_pattern(w, longer);
	used = stamp_strptime((struct slice){ w->p, (size_t)(w->end - w->p) }, conversion, &f);
	if (used < 0)
		return false;
	if (c == '%')
		buf_addc(w->to, c);
	else
		put_piece(w, c, flag, (struct slice){ w->p, (size_t)used });
	w->p += used;
	w->spare = 0;
	return true;
}

static bool put_pattern(struct walk *w, const char *pattern)
{
	for (; *pattern; pattern++) {
		char flag = '\0';

		if (is_blank(*pattern)) {
			copy_blanks(w);
			continue;
		}
		if (*pattern != '%') {
			if (w->p == w->end || *w->p != *pattern)
				return false;
			buf_addc(w->to, *w->p++);
			w->spare = 0;
			continue;
		}
		for (pattern++; *pattern && strchr("EO-_", *pattern); pattern++)
			flag = *pattern;
		if (!*pattern || !put_conversion(w, *pattern, flag))
			return false;
	}
	return true;
}

static struct tm broken_down(int64_t local_sec)
{
	struct civil c;

	civil_from_unix(local_sec, &c);
	return (struct tm){ .tm_year = (int)(c.year - 1900),
		            .tm_mon = c.mon - 1,
		            .tm_mday = c.day,
		            .tm_hour = c.hour,
		            .tm_min = c.min,
		            .tm_sec = c.sec,
		            .tm_wday = c.wday,
		            .tm_yday = c.yday };
}

static int shift_pattern(struct slice text, int64_t by, const char *pattern, const struct tz *zone,
                         struct buf *to, struct err *e)
{
	struct walk w = { .p = text.p, .end = text.p + text.n, .to = to };
	struct stamp_fields f;
	struct tz_info was, is;
	int64_t time, then;

	if (stamp_strptime(text, pattern, &f) < 0 || stamp_from_fields(&f, zone, &time) < 0 ||
	    !add(time, by, &then))
		return unlike(text, e);
	w.sec = whole_seconds(then);
	w.nsec = (int)(then - w.sec * NS_PER_SEC);
	tz_at(f.has_offset ? NULL : zone, whole_seconds(time), &was);
	tz_at(f.has_offset ? NULL : zone, w.sec, &is);
	w.tm = broken_down(w.sec + (f.has_offset ? f.offset : is.offset));
	w.zone_was = f.has_offset ? "" : was.name;
	w.zone_is = is.name;
	return put_pattern(&w, pattern) && w.p == w.end ? 0 : unlike(text, e);
}

/* ---- */

static int shift_string(struct slice raw, int64_t by, const char *format, const struct tz *zone,
                        struct buf *to, struct err *e)
{
	bool pattern = format && stamp_unit_named(format) == UNIT_AUTO;
	struct buf text = { 0 };
	struct arena arena;
	int r;

	arena_init(&arena);
	raw = jstring_decode(raw, &arena);
	r = pattern ? shift_pattern(raw, by, format, zone, &text, e)
	            : shift_rfc3339(raw, by, zone, &text, e);
	if (r == 0)
		jstring_write(to, buf_slice(&text), false);
	buf_free(&text);
	arena_free(&arena);
	return r;
}

int shift_literal(struct slice literal, int64_t from, int64_t by, const char *format,
                  const struct tz *zone, struct buf *to, struct err *e)
{
	int64_t then;

	if (from == STAMP_NONE || !add(from, by, &then))
		return err_set(e, FAIL_DATA, "a time moved so far is not between 1677 and 2262");
	if (literal.n >= 2 && *literal.p == '"')
		return shift_string((struct slice){ literal.p + 1, literal.n - 2 }, by, format,
		                    zone, to, e);
	return shift_number(literal, from, by, format, to, e);
}
