/*
 * Builtins on times: seconds since the epoch, and "broken down" arrays [year, month 0-11, day, h,
 * m, s, wday, yday].
 *
 * Where strptime() read a fraction or an offset from UTC other than 0, which jq cannot or loses,
 * the array has one more number, the offset in seconds: it stands for that very instant, fraction
 * included. Without it jq's rules hold: the array is UTC, and mktime drops a fraction.
 */
#include "base/duration.h"
#include "base/stamp.h"
#include "bi.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#define SECONDS_MAX 67767976233532799.0 /* the year fits into C's int */

struct val bi_now(struct eval *e, const struct val *arg)
{
	(void)e;
	(void)arg;
	return val_num((double)stamp_now() / 1e9);
}

static struct val broken_down(struct eval *e, const struct civil *c, double fraction)
{
	const double part[8] = { (double)c->year, c->mon - 1,        c->day,  c->hour,
		                 c->min,          c->sec + fraction, c->wday, c->yday };
	struct arr *a = arr_new(eval_heap(e), 8);
	int i;

	for (i = 0; i < 8; i++)
		a = arr_push(eval_heap(e), a, val_num(part[i]));
	return val_arr(a);
}

/* Seconds since the epoch to a broken down time in a zone; NULL is UTC. */
static struct val break_down(struct eval *e, struct val v, const struct tz *zone, const char *name)
{
	struct tz_info info;
	struct civil c;
	double t, whole;

	if (!val_is_num(v))
		return eval_fail(e, "%s() requires numeric inputs", name);
	t = val_double(v);
	whole = floor(t);
	if (!(fabs(whole) <= SECONDS_MAX))
		return eval_fail(e, "error converting number of seconds since epoch to datetime");
	tz_at(zone, (int64_t)whole, &info);
	civil_from_unix((int64_t)whole + info.offset, &c);
	return broken_down(e, &c, t - whole);
}

struct val bi_gmtime(struct eval *e, const struct val *arg)
{
	return break_down(e, arg[0], NULL, "gmtime");
}

/* The zone of TZ, read once. */
static const struct tz *local_zone(struct eval *e)
{
	if (!e->zone_read)
		e->zone = tz_local();
	e->zone_read = true;
	return e->zone;
}

struct val bi_localtime(struct eval *e, const struct val *arg)
{
	return break_down(e, arg[0], local_zone(e), "localtime");
}

/* What a broken down array says. */
struct parts {
	struct civil civil;
	bool instant; /* it has an offset: civil is local to it */
	int32_t offset;
};

/*
 * The nanoseconds of a number of seconds that is good for so many digits: a double since the epoch
 * is for six.
 */
static int fraction_of(double sec, int digits)
{
	double scale = digits == 6 ? 1e6 : 1e9, n = round((sec - floor(sec)) * scale);

	return (int)(n < scale ? n : scale - 1) * (digits == 6 ? 1000 : 1);
}

/* Missing parts are 0, the year 1900. False where V is no broken down time. */
static bool parts(struct eval *e, struct val v, struct parts *p)
{
	double part[8] = { 1900 };
	uint32_t i;

	*p = (struct parts){ 0 };
	if (val_type(v) != TYPE_ARRAY)
		return false;
	v = val_force(eval_heap(e), v);
	for (i = 0; i < v.arr->n && i < 8; i++) {
		if (!val_is_num(v.arr->at[i]))
			return false;
		part[i] = val_double(v.arr->at[i]);
		if (!(fabs(part[i]) < INT32_MAX))
			return false;
	}
	/* what strptime() did not use comes before the offset */
	for (; i < v.arr->n && !p->instant; i++)
		if (val_is_num(v.arr->at[i])) {
			double offset = val_double(v.arr->at[i]);

			p->instant = fabs(offset) <= 86400;
			p->offset = p->instant ? (int32_t)offset : 0;
		}
	p->civil = (struct civil){ .year = (int64_t)part[0],
		                   .mon = (int)part[1] + 1,
		                   .day = (int)part[2],
		                   .hour = (int)part[3],
		                   .min = (int)part[4],
		                   .sec = (int)part[5],
		                   .nsec = fraction_of(part[5], p->instant ? 9 : 6),
		                   .wday = (int)part[6],
		                   .yday = (int)part[7] };
	return true;
}

/* Seconds, with a fraction as a literal: so that all nine digits are kept. */
static struct val exact(struct eval *e, int64_t sec, int nsec)
{
	struct val v;

	if (nsec == 0)
		return val_num((double)sec);
	if (sec < 0)
		v = val_strf(eval_heap(e), "-%" PRId64 ".%09d", -(sec + 1), 1000000000 - nsec);
	else
		v = val_strf(eval_heap(e), "%" PRId64 ".%09d", sec, nsec);
	while (v.text[v.len - 1] == '0')
		v.len--;
	v.tag = VAL_LIT;
	return v;
}

struct val bi_mktime(struct eval *e, const struct val *arg)
{
	struct parts p;
	int64_t sec;

	if (val_type(arg[0]) != TYPE_ARRAY)
		return eval_fail(e, "mktime requires array inputs");
	if (!parts(e, arg[0], &p))
		return eval_fail(e, "mktime requires parsed datetime inputs");
	sec = civil_to_unix(&p.civil) - p.offset;
	return p.instant ? exact(e, sec, p.civil.nsec) : val_num((double)sec);
}

/* ---- formatting */

/* So many digits of a fraction, cut, not rounded. */
static void add_fraction(struct buf *b, int nsec, int digits)
{
	char text[16];

	snprintf(text, sizeof text, "%09d", nsec);
	buf_add(b, text, (size_t)digits);
}

/* The format for strftime(), with %f, %N, %3f and the like written out, and FMT's end marked. */
static const char *expand(struct buf *b, struct slice fmt, int nsec)
{
	const char *p = fmt.p, *end = p + fmt.n, *c;

	buf_clear(b);
	for (; p < end; p++) {
		buf_addc(b, *p);
		if (*p != '%' || p + 1 == end)
			continue;
		c = p + 1;
		c += *c >= '1' && *c <= '9' && c + 1 < end;
		if (*c == 'f' || *c == 'N') {
			b->n--;
			add_fraction(b, nsec, c > p + 1 ? p[1] - '0' : *c == 'f' ? 6 : 9);
			p = c;
		} else if (p[1] == '%') {
			buf_addc(b, *++p);
		}
	}
	/* one more character, so that an empty result is told apart from too little room */
	buf_add(b, "|", 2);
	return b->p;
}

static struct val format_time(struct eval *e, const struct civil *c, const struct tz_info *zone,
                              struct slice fmt, const char *name)
{
	struct tm tm = { .tm_year = (int)(c->year - 1900),
		         .tm_mon = c->mon - 1,
		         .tm_mday = c->day,
		         .tm_hour = c->hour,
		         .tm_min = c->min,
		         .tm_sec = c->sec,
		         .tm_wday = c->wday,
		         .tm_yday = c->yday,
		         .tm_isdst = zone->dst };
	const char *pattern = expand(&e->scratch, fmt, c->nsec);
	size_t room, n;
	char *to;

	if (fmt.n && memchr(fmt.p, '\0', fmt.n))
		return eval_fail(e, "%s: the format holds a NUL", name);
	tm.tm_gmtoff = zone->offset;
	tm.tm_zone = zone->name;
	for (room = 256; room <= (size_t)1 << 20; room *= 8) {
		to = arena_alloc(&eval_heap(e)->arena, room);
		n = strftime(to, room, pattern, &tm);
		if (n)
			return val_copy_str(eval_heap(e), (struct slice){ to, n - 1 });
	}
	return eval_fail(e, "%s: the result is longer than 1 MiB", name);
}

/* The instant of a number, exact where it is a literal. False outside the range. */
static bool instant_of(struct val v, int64_t *sec, int *nsec)
{
	double t = val_double(v), whole = floor(t);
	int64_t ns;

	if (v.tag == VAL_LIT && stamp_number(val_text(v), UNIT_S, &ns) == 0) {
		*sec = ns / NS_PER_SEC - (ns % NS_PER_SEC < 0);
		*nsec = (int)(ns - *sec * NS_PER_SEC);
		return true;
	}
	if (!(fabs(whole) <= SECONDS_MAX))
		return false;
	*sec = (int64_t)whole;
	*nsec = fraction_of(t, 6);
	return true;
}

static struct val format_in(struct eval *e, const struct val *arg, const struct tz *zone,
                            const char *name)
{
	struct tz_info info;
	struct parts p = { 0 };
	int64_t sec = 0;
	int nsec;

	if (val_is_num(arg[0])) {
		if (!instant_of(arg[0], &sec, &p.civil.nsec))
			return eval_fail(
				e, "error converting number of seconds since epoch to datetime");
		p.instant = true;
	} else if (val_type(arg[0]) != TYPE_ARRAY) {
		return eval_fail(e, "%s requires parsed datetime inputs", name);
	}
	if (val_type(arg[1]) != TYPE_STRING)
		return eval_fail(e, "%s requires a string format", name);
	if (!val_is_num(arg[0])) {
		if (!parts(e, arg[0], &p))
			return eval_fail(e, "%s requires parsed datetime inputs", name);
		sec = civil_to_unix(&p.civil);
		sec = p.instant ? sec - p.offset : tz_to_utc(zone, sec);
	}
	tz_at(zone, sec, &info);
	/* also what came in parts: a day 0 or 32 is one of another month, and the weekday follows
	 */
	nsec = p.civil.nsec;
	civil_from_unix(sec + info.offset, &p.civil);
	p.civil.nsec = nsec;
	return format_time(e, &p.civil, &info, val_slice(eval_heap(e), arg[1]), name);
}

struct val bi_strftime(struct eval *e, const struct val *arg)
{
	return format_in(e, arg, NULL, "strftime/1");
}

struct val bi_strflocaltime(struct eval *e, const struct val *arg)
{
	return format_in(e, arg, local_zone(e), "strflocaltime/1");
}

/* ---- parsing */

static struct val no_match(struct eval *e, struct slice s, const char *pattern)
{
	return eval_fail(e, "date \"%.*s\" does not match format \"%s\"",
	                 (int)(s.n > 100 ? 100 : s.n), s.p, pattern);
}

struct val bi_strptime(struct eval *e, const struct val *arg)
{
	struct stamp_fields f;
	struct slice s, fmt;
	struct val v;
	char *pattern;
	size_t used;
	int n;

	if (val_type(arg[0]) != TYPE_STRING || val_type(arg[1]) != TYPE_STRING)
		return eval_fail(e, "strptime/1 requires string inputs and arguments");
	s = val_slice(eval_heap(e), arg[0]);
	fmt = val_slice(eval_heap(e), arg[1]);
	pattern = arena_copy(&eval_heap(e)->arena, fmt.p, fmt.n);
	n = strlen(pattern) == fmt.n ? stamp_strptime(s, pattern, &f) : -1;
	used = n < 0 ? 0 : (size_t)n;
	if (n < 0 || (used < s.n && !strchr(" \t\n\v\f\r", s.p[used])))
		return no_match(e, s, pattern);
	v = broken_down(e, &f.civil, f.civil.nsec / 1e9);
	if (used < s.n)
		v.arr = arr_push(eval_heap(e), v.arr,
		                 val_str((struct slice){ s.p + used, s.n - used }));
	if (f.offset || f.civil.nsec)
		v.arr = arr_push(eval_heap(e), v.arr, val_num(f.offset));
	return v;
}

/* Times that stamp_parse() does not take: outside its range, and spelled as strptime() allows. */
static bool parse_far(struct slice s, struct stamp_fields *f)
{
	static const char *const patterns[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%z",
		                                "%Y-%m-%dT%H:%M:%S.%f%z" };
	int used;

	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		used = stamp_strptime(s, patterns[i], f);
		if (used >= 0 && ((size_t)used == s.n || s.p[used] == ' '))
			return true;
	}
	return false;
}

/* Does a time that was understood name its zone? */
static bool has_zone(struct slice s)
{
	return (s.p[s.n - 1] | 32) == 'z' || memchr(s.p + 16, '+', s.n - 16) ||
	       memchr(s.p + 16, '-', s.n - 16);
}

/* jq's own form ends in Z and has no fraction; here any fraction and offset of RFC 3339 is read. */
struct val bi_fromdate(struct eval *e, const struct val *arg)
{
	struct stamp_fields f;
	struct slice s;
	int64_t ns, sec;
	int nsec;

	if (val_type(arg[0]) != TYPE_STRING)
		return eval_fail(e, "strptime/1 requires string inputs and arguments");
	s = val_slice(eval_heap(e), arg[0]);
	if (s.n > 16 && stamp_parse(s, NULL, NULL, &ns) == 0 && has_zone(s)) {
		sec = ns / NS_PER_SEC - (ns % NS_PER_SEC < 0);
		nsec = (int)(ns - sec * NS_PER_SEC);
	} else if (parse_far(s, &f)) {
		sec = civil_to_unix(&f.civil) - f.offset;
		nsec = f.civil.nsec;
	} else {
		return no_match(e, s, "%Y-%m-%dT%H:%M:%SZ");
	}
	return exact(e, sec, nsec);
}
