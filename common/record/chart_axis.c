/* Round values and round times, and what they are called. */
#include "chart_parts.h"

#include "base/alloc.h"
#include "base/civil.h"
#include "base/duration.h"
#include "base/stamp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TICKS    8    /* of values, at most */
#define ROUNDING 1e-6 /* columns */

/* ---- values */

struct chart_scale chart_scale(double lo, double hi, size_t rows)
{
	static const double digit[] = { 1, 2, 5 };
	size_t enough = lo < 0 && hi > 0 ? 2 : 1; /* the fewest that there can be */

	for (int e = (int)floor(log10((hi - lo) / TICKS));; e++)
		for (size_t i = 0; i < sizeof digit / sizeof digit[0]; i++) {
			double step = digit[i] * pow(10, e), first = floor(lo / step + 1e-9),
			       n = fmax(ceil(hi / step - 1e-9) - first, 1);
			size_t steps = n <= TICKS ? (size_t)n : TICKS + 1, each = rows / steps;

			if (steps <= TICKS && (each >= 2 || (each && steps <= enough)))
				return (struct chart_scale){ first, step, steps, each, e };
		}
}

size_t chart_tick(const struct chart_scale *s, size_t i, char to[32])
{
	double v = (s->first + (double)i) * s->step,
	       most = fmax(fabs(s->first), fabs(s->first + (double)s->n)) * s->step;
	int n;

	if (most < 1e10 && s->exponent >= -6)
		n = snprintf(to, 32, "%.*f", s->exponent < 0 ? -s->exponent : 0, v);
	else
		n = snprintf(to, 32, "%.*g", (int)floor(log10(most)) - s->exponent + 1, v);
	return (size_t)n;
}

/* ---- times */

/* From one tick to the next: of one length, or so many months. */
struct stride {
	int64_t ns;
	int months;
};

#define S NS_PER_SEC
#define M NS_PER_MIN
#define H NS_PER_HOUR
#define D NS_PER_DAY

static const struct stride strides[] = {
	{ 1 * S, 0 }, { 2 * S, 0 }, { 5 * S, 0 },  { 10 * S, 0 }, { 15 * S, 0 }, { 30 * S, 0 },
	{ 1 * M, 0 }, { 2 * M, 0 }, { 5 * M, 0 },  { 10 * M, 0 }, { 15 * M, 0 }, { 30 * M, 0 },
	{ 1 * H, 0 }, { 2 * H, 0 }, { 3 * H, 0 },  { 6 * H, 0 },  { 12 * H, 0 }, { 1 * D, 0 },
	{ 2 * D, 0 }, { 7 * D, 0 }, { 14 * D, 0 }, { 0, 1 },      { 0, 2 },      { 0, 3 },
	{ 0, 6 },     { 0, 12 },    { 0, 24 },     { 0, 60 },     { 0, 120 },    { 0, 240 },
	{ 0, 600 },
};

/* Digits of a fraction of a second that so many ns have, in threes. */
static int fraction_of(int64_t ns)
{
	return ns % S == 0 ? 0 : ns % NS_PER_MS == 0 ? 3 : ns % NS_PER_US == 0 ? 6 : 9;
}

static int64_t modulo(int64_t t, int64_t ns)
{
	return t % ns < 0 ? t % ns + ns : t % ns;
}

/* What times are called that lie a stride apart. Returns how long that is. */
static size_t name_time(struct stride by, int64_t t, char to[STAMP_TEXT])
{
	char text[STAMP_TEXT], fraction[16]; /* 2026-11-29T12:05:00Z */
	int digits = by.months ? 0 : fraction_of(by.ns);

	stamp_format(t, text);
	snprintf(fraction, sizeof fraction, ".%09d", (int)modulo(t, S));
	if (by.months)
		return (size_t)snprintf(to, STAMP_TEXT, "%.*s", by.months % 12 ? 7 : 4, text);
	if (by.ns % D == 0)
		return (size_t)snprintf(to, STAMP_TEXT, "%.5s", text + 5);
	if (by.ns % M == 0)
		return (size_t)snprintf(to, STAMP_TEXT, "%.5s", text + 11);
	return (size_t)snprintf(to, STAMP_TEXT, "%.8s%.*s", text + 11, digits ? digits + 1 : 0,
	                        fraction);
}

/* What that name leaves out: the date, or of days the year. */
static size_t name_context(struct stride by, int64_t t, char to[STAMP_TEXT])
{
	char text[STAMP_TEXT];

	stamp_format(t, text);
	return by.months ? 0
	                 : (size_t)snprintf(to, STAMP_TEXT, "%.*s", by.ns % D == 0 ? 4 : 10, text);
}

/* The shortest stride whose ticks have room for their names. */
static struct stride stride_for(const struct chart_span *s)
{
	static const int digit[] = { 1, 2, 5 };
	const size_t n = sizeof strides / sizeof strides[0];
	struct stride by;
	char name[STAMP_TEXT];
	int64_t unit = 1;

	for (size_t i = 0; i < 27 + n; i++) {
		if (i < 27)
			by = (struct stride){ unit * digit[i % 3], 0 };
		else
			by = strides[i - 27];
		if (i % 3 == 2 && i < 27)
			unit *= 10;
		if ((by.months ? by.months * 28.0 * (double)D : (double)by.ns) / s->column >=
		    (double)name_time(by, 0, name) + 2 - ROUNDING)
			break;
	}
	return by;
}

/* The first tick that is not before T; false where there is none. */
static bool tick_from(struct stride by, int64_t t, int64_t *tick)
{
	struct civil c;
	int64_t block, past;

	if (!by.months) {
		/* weeks begin on Mondays: 1970-01-05 was one */
		past = modulo(modulo(t, by.ns) - (by.ns % (7 * D) == 0 ? 4 * D : 0), by.ns);
		return !__builtin_add_overflow(t, past ? by.ns - past : 0, tick);
	}
	civil_from_unix(t / S - (t % S < 0), &c);
	for (block = (c.year * 12 + c.mon - 1) / by.months;; block++) {
		int64_t sec = civil_days(0, block * by.months + 1, 1) * 86400;

		if (__builtin_mul_overflow(sec, S, tick)) {
			if (sec > 0)
				return false;
		} else if (*tick >= t) {
			return true;
		}
	}
}

/* A line of names. */
struct names {
	char *text; /* `room` spaces to begin with */
	size_t room, end;
	size_t last, count;    /* where the last one begins */
	char name[STAMP_TEXT]; /* the last one */
};

/* Put a name at a column if there is room. */
static void put_name(struct names *l, size_t at, const char *name, size_t n)
{
	if (at + n > l->room || (l->end && at < l->end + 1))
		return;
	memcpy(l->text + at, name, n);
	memcpy(l->name, name, n);
	l->name[n] = '\0';
	l->last = at;
	l->end = at + n;
	l->count++;
}

/* Put it if it is another one than the last; the first one gives way. */
static void put_context(struct names *l, size_t at, const char *name, size_t n)
{
	if (n == 0 || (l->count && memcmp(l->name, name, n) == 0))
		return;
	if (l->count == 1 && at < l->end + 1 && at + n <= l->room) {
		memset(l->text + l->last, ' ', l->end - l->last);
		l->end = 0;
	}
	put_name(l, at, name, n);
}

static struct names names_new(size_t room)
{
	struct names l = { .text = alloc_zero(room + 1, 1), .room = room };

	memset(l.text, ' ', room);
	return l;
}

static void put_names(const struct names *l, size_t indent, struct buf *to)
{
	if (l->count) {
		chart_repeat(to, " ", indent);
		buf_add(to, l->text, l->room);
		chart_newline(to);
	}
}

static void add_tick(struct names *line, struct names *context, struct stride by, int64_t t,
                     size_t column)
{
	char name[STAMP_TEXT];

	put_name(line, column, name, name_time(by, t, name));
	put_context(context, column, name, name_context(by, t, name));
}

/* A time that no tick is near: with all its digits. */
static struct stride stride_of(int64_t t)
{
	static const int64_t ns[] = { NS_PER_SEC, NS_PER_MS, NS_PER_US, 1 };

	return (struct stride){ modulo(t, M) == 0 ? M : ns[fraction_of(t) / 3], 0 };
}

void chart_times(const struct chart *c, const struct chart_span *s, size_t indent, struct buf *to)
{
	struct names line = names_new(s->room), context = names_new(s->room);
	struct stride by = stride_for(s);
	bool *tick = alloc_zero(s->columns, sizeof *tick);
	int64_t t = s->first;

	while (s->column > 0 && tick_from(by, t, &t)) {
		double at = (double)((uint64_t)t - (uint64_t)s->first) / s->column + ROUNDING;

		if (at >= (double)s->columns)
			break;
		tick[(size_t)at] = true;
		add_tick(&line, &context, by, t, (size_t)at);
		if (t++ == INT64_MAX)
			break;
	}
	if (line.count == 0) {
		tick[0] = true;
		add_tick(&line, &context, stride_of(s->first), s->first, 0);
	}
	for (size_t i = 0; i < s->columns; i++)
		if (c->opts.unicode)
			buf_adds(to, tick[i] ? "┬" : "─");
		else
			buf_addc(to, tick[i] ? '+' : '-');
	chart_newline(to);
	put_names(&line, indent, to);
	put_names(&context, indent, to);
	free(line.text);
	free(context.text);
	free(tick);
}
