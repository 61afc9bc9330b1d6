#include "spans.h"

#include "base/civil.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "base/wide.h"

/* ---- whole numbers */

static int64_t floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return q - (a % b < 0);
}

static int64_t gcd(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* a * b + c, at the ends of what can be counted where it lies outside */
static int64_t at_step(int64_t a, int64_t b, int64_t c)
{
	wide_int v = (wide_int)a * b + c;

	return v < STAMP_NONE ? STAMP_NONE : v > STAMP_MAX ? STAMP_MAX : (int64_t)v;
}

static int64_t plus(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? b > 0 ? STAMP_MAX : STAMP_NONE : sum;
}

/* ---- setting up */

int spans_even(struct spans *s, int64_t size, int64_t every, int64_t offset, struct err *e)
{
	if (size <= 0 || every <= 0)
		return err_set(e, FAIL_USAGE,
		               "a window must be longer than nothing, and so must "
		               "--every");
	if (size / every > 1000000)
		return err_set(e, FAIL_USAGE,
		               "--every: a record would be in more than a million "
		               "windows");
	*s = (struct spans){ .kind = SPANS_EVEN,
		             .size = size,
		             .every = every,
		             .offset = offset,
		             .slice = size <= every ? size : gcd(size, every) };
	return 0;
}

int spans_cumulate(struct spans *s, int64_t size, int64_t step, int64_t offset, struct err *e)
{
	if (size <= 0 || step <= 0 || size % step != 0)
		return err_set(e, FAIL_USAGE, "--cumulate: --size must be a multiple of it");
	*s = (struct spans){
		.kind = SPANS_CUMULATE, .size = size, .every = step, .offset = offset, .slice = step
	};
	return 0;
}

void spans_calendar(struct spans *s, enum spans_unit unit, const struct tz *zone, int64_t offset)
{
	*s = (struct spans){ .kind = SPANS_CALENDAR, .unit = unit, .zone = zone, .offset = offset };
}

/* ---- options */

static const char *const units[] = {
	[SPANS_DAY] = "day", [SPANS_WEEK] = "week", [SPANS_MONTH] = "month", [SPANS_YEAR] = "year"
};

/* --size is a unit of the calendar: which; -1 if not. */
static int calendar_unit(const char *size)
{
	for (int i = 0; i <= SPANS_YEAR; i++)
		if (strcmp(size, units[i]) == 0)
			return i;
	return -1;
}

int spans_length(const char *option, const char *text, int64_t *ns, struct err *e)
{
	if (duration_parse(slice_from(text), ns) == 0 && *ns > 0)
		return 0;
	return err_set(e, FAIL_USAGE, "--%s: '%s' is no duration (like 250ms, 10s, 1m, 2h, 1d%s)",
	               option, text,
	               strcmp(option, "size") == 0 ? ", or day, week, month, year" : "");
}

int spans_parse(struct spans *s, const struct spans_texts *texts, const struct tz *zone,
                struct err *e)
{
	int unit = calendar_unit(texts->size);
	int64_t size, every;

	if (unit >= 0) {
		if (texts->every || texts->cumulate)
			return err_set(e, FAIL_USAGE,
			               "--every and --cumulate need a --size of fixed length");
		spans_calendar(s, (enum spans_unit)unit, zone, texts->offset);
		return 0;
	}
	if (spans_length("size", texts->size, &size, e) < 0)
		return -1;
	every = size;
	if (texts->every && spans_length("every", texts->every, &every, e) < 0)
		return -1;
	return texts->cumulate ? spans_cumulate(s, size, texts->cumulate, texts->offset, e)
	                       : spans_even(s, size, every, texts->offset, e);
}

/* ---- the calendar */

/* Midnight of a local date as an instant. */
static int64_t midnight(const struct spans *s, int64_t year, int64_t mon, int64_t day)
{
	int64_t utc = tz_to_utc(s->zone, civil_days(year, mon, day) * 86400);

	return plus(at_step(utc, NS_PER_SEC, 0), s->offset);
}

static void calendar_slice(const struct spans *s, int64_t time, struct span *slice)
{
	int64_t sec = floor_div(plus(time, -s->offset), NS_PER_SEC);
	struct tz_info info;
	struct civil c;
	int since_monday;

	tz_at(s->zone, sec, &info);
	civil_from_unix(sec + info.offset, &c);
	since_monday = (c.wday + 6) % 7;
	switch (s->unit) {
	case SPANS_DAY:
		slice->start = midnight(s, c.year, c.mon, c.day);
		slice->end = midnight(s, c.year, c.mon, c.day + 1);
		break;
	case SPANS_WEEK:
		slice->start = midnight(s, c.year, c.mon, c.day - since_monday);
		slice->end = midnight(s, c.year, c.mon, c.day - since_monday + 7);
		break;
	case SPANS_MONTH:
		slice->start = midnight(s, c.year, c.mon, 1);
		slice->end = midnight(s, c.year, c.mon + 1, 1);
		break;
	case SPANS_YEAR:
		slice->start = midnight(s, c.year, 1, 1);
		slice->end = midnight(s, c.year + 1, 1, 1);
		break;
	}
}

/* ---- slices and windows */

bool spans_slice(const struct spans *s, int64_t time, struct span *slice)
{
	int64_t period, from;

	if (s->kind == SPANS_CALENDAR) {
		calendar_slice(s, time, slice);
		return true;
	}
	period = s->kind == SPANS_EVEN && s->size <= s->every ? s->every : s->slice;
	from = floor_div(plus(time, -s->offset), period);
	slice->start = at_step(from, period, s->offset);
	slice->end = plus(slice->start, s->slice);
	/* before the first instant that can be counted the window is cut */
	if (slice->start == STAMP_NONE)
		slice->end = at_step(from, period, plus(s->offset, s->slice));
	return time < slice->end || slice->end == STAMP_MAX;
}

static bool next_even(const struct spans *s, const struct span *slice, int64_t after,
                      struct span *window)
{
	/* the least k whose window ends late enough: k * every + offset + size >= least */
	int64_t least = after >= slice->end ? after + 1 : slice->end;
	int64_t k;

	if (after == STAMP_MAX)
		return false;
	k = -floor_div(-plus(plus(least, -s->offset), -s->size), s->every);
	window->start = at_step(k, s->every, s->offset);
	window->end = at_step(k, s->every, plus(s->offset, s->size));
	return window->start <= slice->start && window->end > after;
}

static bool next_cumulate(const struct spans *s, const struct span *slice, int64_t after,
                          struct span *window)
{
	int64_t block = floor_div(plus(slice->start, -s->offset), s->size);
	int64_t least = after >= slice->end ? after + 1 : slice->end, steps;

	if (after == STAMP_MAX)
		return false;
	window->start = at_step(block, s->size, s->offset);
	steps = -floor_div(-(least - window->start), s->every);
	window->end = at_step(steps, s->every, window->start);
	return window->end <= plus(window->start, s->size) && window->end > after;
}

bool spans_next(const struct spans *s, const struct span *slice, int64_t after, struct span *window)
{
	if (s->kind == SPANS_EVEN && s->size > s->every)
		return next_even(s, slice, after, window);
	if (s->kind == SPANS_CUMULATE)
		return next_cumulate(s, slice, after, window);
	*window = *slice;
	return slice->end > after;
}

int64_t spans_last_end(const struct spans *s, const struct span *slice)
{
	int64_t k;

	if (s->kind == SPANS_EVEN && s->size > s->every) {
		/* the window that begins last at or before the slice */
		k = floor_div(plus(slice->start, -s->offset), s->every);
		return at_step(k, s->every, plus(s->offset, s->size));
	}
	if (s->kind == SPANS_CUMULATE) {
		k = floor_div(plus(slice->start, -s->offset), s->size);
		return at_step(k, s->size, plus(s->offset, s->size));
	}
	return slice->end;
}
