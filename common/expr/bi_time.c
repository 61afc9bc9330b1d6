/*
 * Builtins on times: seconds since the epoch, and "broken down" arrays [year, month 0-11, day, h,
 * m, s, wday, yday].
 */
#include "base/duration.h"
#include "base/stamp.h"
#include "bi.h"

#include <math.h>
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

struct val bi_localtime(struct eval *e, const struct val *arg)
{
	struct tz *zone = tz_local();
	struct val v = break_down(e, arg[0], zone, "localtime");

	tz_free(zone);
	return v;
}

/* The parts of a broken down time; missing ones are 0. False where V is none. */
static bool parts(struct eval *e, struct val v, struct civil *c)
{
	double part[8] = { 0 };
	uint32_t i;

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
	*c = (struct civil){ .year = (int64_t)part[0],
		             .mon = (int)part[1] + 1,
		             .day = (int)part[2],
		             .hour = (int)part[3],
		             .min = (int)part[4],
		             .sec = (int)floor(part[5]),
		             .wday = (int)part[6],
		             .yday = (int)part[7] };
	return true;
}

struct val bi_mktime(struct eval *e, const struct val *arg)
{
	struct civil c;

	if (val_type(arg[0]) != TYPE_ARRAY)
		return eval_fail(e, "mktime requires array inputs");
	if (!parts(e, arg[0], &c))
		return eval_fail(e, "mktime requires parsed datetime inputs");
	return val_num((double)civil_to_unix(&c));
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
	char *pattern = arena_alloc(&eval_heap(e)->arena, fmt.n + 2), *to;
	size_t room, n;

	/* one more character, so that an empty result is told apart from too little room */
	memcpy(pattern, fmt.p, fmt.n);
	strcpy(pattern + fmt.n, "|");
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

static struct val format_in(struct eval *e, const struct val *arg, const struct tz *zone,
                            const char *name, const char *breaker)
{
	struct val t = arg[0];
	struct tz_info info;
	struct civil c;

	if (val_is_num(t)) {
		t = break_down(e, t, zone, breaker);
		if (eval_failed(t))
			return t;
	} else if (val_type(t) != TYPE_ARRAY) {
		return eval_fail(e, "%s requires parsed datetime inputs", name);
	}
	if (val_type(arg[1]) != TYPE_STRING)
		return eval_fail(e, "%s requires a string format", name);
	if (!parts(e, t, &c))
		return eval_fail(e, "%s requires parsed datetime inputs", name);
	tz_at(zone, tz_to_utc(zone, civil_to_unix(&c)), &info);
	return format_time(e, &c, &info, val_slice(eval_heap(e), arg[1]), name);
}

struct val bi_strftime(struct eval *e, const struct val *arg)
{
	return format_in(e, arg, NULL, "strftime/1", "gmtime");
}

struct val bi_strflocaltime(struct eval *e, const struct val *arg)
{
	struct tz *zone = tz_local();
	struct val v = format_in(e, arg, zone, "strflocaltime/1", "localtime");

	tz_free(zone);
	return v;
}

static struct val no_match(struct eval *e, struct slice s, const char *pattern)
{
	return eval_fail(e, "date \"%.*s\" does not match format \"%s\"",
	                 (int)(s.n > 100 ? 100 : s.n), s.p, pattern);
}

struct val bi_strptime(struct eval *e, const struct val *arg)
{
	struct stamp_fields f;
	struct slice s, fmt;
	struct civil c;
	char *pattern;
	int used;

	if (val_type(arg[0]) != TYPE_STRING || val_type(arg[1]) != TYPE_STRING)
		return eval_fail(e, "strptime/1 requires string inputs and arguments");
	s = val_slice(eval_heap(e), arg[0]);
	fmt = val_slice(eval_heap(e), arg[1]);
	pattern = arena_copy(&eval_heap(e)->arena, fmt.p, fmt.n);
	used = stamp_strptime(s, pattern, &f);
	if (used < 0 || (size_t)used != s.n)
		return no_match(e, s, pattern);
	c = f.civil;
	return broken_down(e, &c, c.nsec / 1e9);
}

/* RFC 3339 to seconds: jq's own form ends in Z and has no fraction; here both are read. */
struct val bi_fromdate(struct eval *e, const struct val *arg)
{
	struct slice s;
	int64_t ns, sec;

	if (val_type(arg[0]) != TYPE_STRING)
		return eval_fail(e, "strptime/1 requires string inputs and arguments");
	s = val_slice(eval_heap(e), arg[0]);
	if (s.n < 20 || stamp_parse(s, NULL, NULL, &ns) < 0)
		return no_match(e, s, "%Y-%m-%dT%H:%M:%SZ");
	sec = ns / NS_PER_SEC;
	return val_num(ns % NS_PER_SEC ? (double)ns / 1e9 : (double)sec);
}
