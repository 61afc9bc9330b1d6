#include "recorded.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "batch.h"

#include <stdlib.h>

#define SECONDS  10 /* digits */
#define FRACTION 9

struct recorded {
	struct flow inner;
	struct buf out; /* the lines handed out */
	struct place *place;
	size_t lines, place_cap;
};

static const struct flow_ops ops;

static char *put_digits(char *to, int64_t value, int n)
{
	for (int i = n; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
	return to + n;
}

void recorded_note(struct buf *to, int64_t time)
{
	char *first = buf_room(to, SECONDS + FRACTION + 2), *p = first;

	p = put_digits(p, time / NS_PER_SEC, SECONDS);
	*p++ = '.';
	p = put_digits(p, time % NS_PER_SEC, FRACTION);
	*p++ = ' ';
	to->n += (size_t)(p - first);
}

/* The digits at P, N at most; returns the end of them. */
static const char *take_digits(const char *p, const char *end, int n, int64_t *value)
{
	for (*value = 0; p < end && n > 0 && *p >= '0' && *p <= '9'; p++, n--)
		*value = *value * 10 + (*p - '0');
	return p;
}

size_t recorded_time(struct slice line, int64_t *time)
{
	const char *end = line.p + line.n, *p, *point;
	int64_t sec, nsec;

	point = take_digits(line.p, end, SECONDS, &sec);
	if (point == line.p || point == end || *point != '.')
		return 0;
	p = take_digits(point + 1, end, FRACTION, &nsec);
	if (p != point + 1 + FRACTION || p == end || *p != ' ' || sec >= INT64_MAX / NS_PER_SEC)
		return 0;
	*time = sec * NS_PER_SEC + nsec;
	return (size_t)(p + 1 - line.p);
}

struct flow recorded_new(struct flow flow)
{
	struct recorded *r = alloc_zero(1, sizeof *r);

	r->inner = flow;
	return (struct flow){ &ops, r };
}

static void recorded_free(void *self)
{
	struct recorded *r = self;

	r->inner.ops->free(r->inner.self);
	buf_free(&r->out);
	free(r->place);
	free(r);
}

/* The line, or the beginning of one, behind its note, whose time is put to its place. */
static struct slice take_note(struct slice line, struct place *at)
{
	size_t n = recorded_time(line, &at->time);

	return (struct slice){ line.p + n, line.n - n };
}

static void take_lines(struct recorded *r, struct batch *b)
{
	const char *p = b->lines.p, *end = p + b->lines.n, *next;

	buf_clear(&r->out);
	for (r->lines = 0; p < end; p = next, r->lines++) {
		struct place at = batch_place(b, p, r->lines);

		next = batch_line_end(b, p);
		buf_add_slice(&r->out, take_note((struct slice){ p, (size_t)(next - p) }, &at));
		r->place = alloc_grow(r->place, &r->place_cap, r->lines + 1, sizeof *r->place);
		r->place[r->lines] = at;
	}
	if (!r->lines)
		return;
	buf_room(&r->out, LINES_PAD);
	b->lines = buf_slice(&r->out);
	b->place = *r->place;
	b->places = r->place;
}

static enum got recorded_next(void *self, struct batch *b, struct err *e)
{
	struct recorded *r = self;
	enum got got = r->inner.ops->next(r->inner.self, b, e);

	if (got != GOT_LINES && got != GOT_LONG)
		return got;
	if (got == GOT_LONG)
		b->lines = take_note(b->lines, &b->place);
	else
		take_lines(r, b);
	return got;
}

static size_t recorded_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct recorded *r = self;

	return r->inner.ops->wait(r->inner.self, p, room, timeout);
}

static void recorded_finish(void *self)
{
	struct recorded *r = self;

	if (r->inner.ops->finish)
		r->inner.ops->finish(r->inner.self);
}

static const struct flow_ops ops = {
	.next = recorded_next,
	.wait = recorded_wait,
	.finish = recorded_finish,
	.free = recorded_free,
};
