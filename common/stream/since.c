#include "since.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "io/lines.h"
#include "io/unpack.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- times as people name them */

/* The midnight that began the day of NOW in ZONE, DAYS before that. */
static int64_t midnight(const struct tz *zone, int64_t now, int days)
{
	struct tz_info info = { 0 };
	int64_t sec = now / NS_PER_SEC - (now % NS_PER_SEC < 0), local;

	if (zone)
		tz_at(zone, sec, &info);
	local = sec + info.offset;
	local -= ((local % 86400) + 86400) % 86400 + days * INT64_C(86400);
	return (zone ? tz_to_utc(zone, local) : local) * NS_PER_SEC;
}

/* Is it a time, but for its year? */
static bool is_far(const char *text)
{
	char near[64];
	int64_t ns;

	if (strlen(text) >= sizeof near || strspn(text, "0123456789") < 4)
		return false;
	memcpy(near, text, strlen(text) + 1);
	memcpy(near, "2000", 4);
	return stamp_parse(slice_from(near), NULL, NULL, &ns) == 0;
}

int since_parse(const char *option, const char *text, const struct tz *zone, int64_t now,
                int64_t *ns, struct err *e)
{
	int64_t before;

	if (strcmp(text, "now") == 0)
		*ns = now;
	else if (strcmp(text, "today") == 0)
		*ns = midnight(zone, now, 0);
	else if (strcmp(text, "yesterday") == 0)
		*ns = midnight(zone, now, 1);
	else if (*text == '-' && duration_parse(slice_from(text + 1), &before) == 0 &&
	         !__builtin_sub_overflow(now, before, ns))
		return 0;
	else if (stamp_parse(slice_from(text), zone, NULL, ns) == 0)
		return 0;
	else if (is_far(text))
		return err_set(e, FAIL_USAGE, "%s: '%s' is not between 1677 and 2262", option,
		               text);
	else
		return err_set(e, FAIL_USAGE,
		               "%s: '%s' is no time (like 2026-01-31T12:00:00Z, today, "
		               "yesterday, now, -15m)",
		               option, text);
	return 0;
}

/* ---- the place of a time in a file */

#define BLOCK   ((size_t)4 << 10)  /* bytes of a first read */
#define LOOK    ((int64_t)1 << 20) /* bytes without a time after which none is expected */
#define SAMPLES 16                 /* places at which the order is looked at beforehand */

struct search {
	const struct since_lines *lines;
	int fd;
	int64_t size;
	char *buf; /* bytes [base, base + n) of the file; a pad behind */
	size_t cap, n;
	int64_t base;
};

/* A line that has a time. */
struct timed {
	int64_t begin, end; /* of the line, offsets */
	int64_t time;
};

enum looked { LOOKED_FOUND, LOOKED_NONE, LOOKED_FAILED };

/* Have N bytes at AT in the buffer, or those up to the file's end. */
static bool fill(struct search *s, int64_t at, size_t n)
{
	ssize_t got;

	if (n > s->cap) {
		s->cap = n;
		s->buf = alloc_resize(s->buf, n + LINES_PAD, 1);
	}
	s->base = at;
	s->n = 0;
	while (s->n < n && at + (int64_t)s->n < s->size) {
		got = pread(s->fd, s->buf + s->n, n - s->n, at + (int64_t)s->n);
		if (got <= 0)
			return false;
		s->n += (size_t)got;
	}
	return true;
}

/*
 * The line that begins at AT, which is before the end; *NEXT is where the next one begins. Of a
 * line that is too long *LINE is empty.
 */
static bool line_at(struct search *s, int64_t at, struct slice *line, int64_t *next)
{
	size_t want = BLOCK;

	for (;; want *= 2) {
		bool inside = at >= s->base && at < s->base + (int64_t)s->n;
		char *p = s->buf + (inside ? at - s->base : 0), *newline;
		size_t have = inside ? s->n - (size_t)(at - s->base) : 0;

		newline = memchr(p, '\n', have);
		if (!newline && have && at + (int64_t)have >= s->size) {
			newline = p + have; /* the last one has none; there is room: the pad */
			*newline = '\n';
		}
		if (newline || have > s->lines->max_line) {
			*line = (struct slice){ p, newline ? (size_t)(newline + 1 - p) : 0 };
			*next = at + (int64_t)(newline ? line->n : have);
			*next = *next < s->size ? *next : s->size;
			return true;
		}
		if (!fill(s, at, want))
			return false;
	}
}

/* The first line with a time that begins at *AT, where a line begins, or behind it and before END;
 * *AT is where looking on would begin. */
static enum looked first_timed(struct search *s, int64_t *at, int64_t end, struct timed *t)
{
	int64_t from = *at;
	struct slice line;
	bool inside = false; /* of a line that is too long */

	while (*at < end) {
		t->begin = *at;
		if (!line_at(s, *at, &line, &t->end))
			return LOOKED_FAILED;
		*at = t->end;
		t->time =
			inside || !line.n ? STAMP_NONE : s->lines->time_of(s->lines->context, line);
		inside = !line.n;
		if (t->time != STAMP_NONE)
			return LOOKED_FOUND;
		if (*at - from > LOOK + (int64_t)s->lines->max_line)
			return LOOKED_FAILED;
	}
	return LOOKED_NONE;
}

/* The same, from anywhere. */
static enum looked timed_behind(struct search *s, int64_t from, int64_t end, struct timed *t)
{
	struct slice rest = { 0 };
	int64_t at = from > 0 ? from - 1 : 0;

	while (from > 0 && at < end && !rest.n)
		if (!line_at(s, at, &rest, &at))
			return LOOKED_FAILED;
	return first_timed(s, &at, end, t);
}

/* TIME + D, as far as that goes. */
static int64_t later(int64_t time, int64_t d)
{
	int64_t sum;

	return __builtin_add_overflow(time, d, &sum) ? STAMP_MAX : sum;
}

/* What is known: lines up to that at LO are too early, the first one with a time from HI on is not.
 */
struct bounds {
	int64_t lo, hi;
	int64_t lo_time, hi_time;
};

/* Look at MID, between the two, and move one of them there. False where there is no order. */
static bool narrow(struct search *s, struct bounds *b, int64_t mid, int64_t want)
{
	struct timed t;

	switch (timed_behind(s, mid, b->hi, &t)) {
	case LOOKED_FAILED:
		return false;
	case LOOKED_NONE:
		b->hi = mid;
		return true;
	default:
		break;
	}
	if (later(t.time, s->lines->delay) < b->lo_time ||
	    later(b->hi_time, s->lines->delay) < t.time)
		return false;
	if (t.time < want) {
		b->lo = t.begin;
		b->lo_time = t.time > b->lo_time ? t.time : b->lo_time;
	} else {
		b->hi = mid;
		b->hi_time = t.time < b->hi_time ? t.time : b->hi_time;
	}
	return true;
}

/* Are the times at some places of the file in order? */
static bool sampled_in_order(struct search *s)
{
	int64_t greatest = STAMP_NONE;

	for (int i = 0; i < SAMPLES; i++) {
		struct timed t;
		enum looked got = timed_behind(s, s->size / SAMPLES * i, s->size, &t);

		if (got == LOOKED_FAILED || (got == LOOKED_NONE && i == 0))
			return false;
		if (got == LOOKED_NONE)
			break;
		if (later(t.time, s->lines->delay) < greatest)
			return false;
		greatest = t.time > greatest ? t.time : greatest;
	}
	return true;
}

/* Has the file's last line a newline? */
static bool is_terminated(const struct search *s)
{
	char last;

	return pread(s->fd, &last, 1, s->size - 1) == 1 && last == '\n';
}

/* The first line from LO on that is not too early; behind all lines the end. */
static int64_t settle(struct search *s, int64_t lo, int64_t want)
{
	int64_t at = lo;
	struct timed t = { .begin = lo, .end = lo };
	enum looked got;

	while ((got = first_timed(s, &at, s->size, &t)) == LOOKED_FOUND)
		if (t.time >= want)
			return t.begin;
	if (got == LOOKED_FAILED)
		return lo;
	/* a last line without newline may get more yet */
	return is_terminated(s) ? s->size : t.begin;
}

static int64_t find(struct search *s, int64_t want)
{
	struct bounds b = { 0, s->size, STAMP_NONE, STAMP_MAX };

	if (__builtin_sub_overflow(want, s->lines->delay, &want))
		return 0;
	if (!fill(s, 0, BLOCK) || !s->n || unpack_wanted(s->buf, s->n) != 0 || !sampled_in_order(s))
		return 0;
	while (b.hi - b.lo > (int64_t)BLOCK)
		if (!narrow(s, &b, b.lo + (b.hi - b.lo) / 2, want))
			return 0;
	return settle(s, b.lo, want);
}

/* Of the lines that begin at FROM or behind it. */
static int64_t greatest_behind(struct search *s, int64_t from)
{
	int64_t greatest = STAMP_NONE;
	struct timed t;
	enum looked got = timed_behind(s, from, s->size, &t);

	while (got == LOOKED_FOUND) {
		int64_t at = t.end;

		greatest = t.time > greatest ? t.time : greatest;
		got = first_timed(s, &at, s->size, &t);
	}
	return greatest;
}

static int64_t find_last(struct search *s)
{
	int64_t found = STAMP_NONE;

	if (!fill(s, 0, BLOCK) || !s->n || unpack_wanted(s->buf, s->n) != 0)
		return STAMP_NONE;
	for (int64_t tail = LOOK / 16; found == STAMP_NONE && tail <= LOOK; tail *= 16)
		found = greatest_behind(s, s->size > tail ? s->size - tail : 0);
	return found;
}

int64_t since_last(int fd, const struct since_lines *lines)
{
	struct search s = { .lines = lines, .fd = fd };
	struct stat st;
	int64_t found = STAMP_NONE;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		s.size = st.st_size;
		found = find_last(&s);
	}
	free(s.buf);
	return found;
}

int64_t since_offset(int fd, int64_t want, const struct since_lines *lines)
{
	struct search s = { .lines = lines, .fd = fd };
	struct stat st;
	int64_t found = 0;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		s.size = st.st_size;
		found = find(&s, want);
	}
	free(s.buf);
	return found;
}
