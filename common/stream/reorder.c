#include "reorder.h"

#include "base/alloc.h"
#include "base/pq.h"
#include "base/stamp.h"
#include "batch.h"

#include <stdlib.h>

#define BATCH ((size_t)256 << 10) /* bytes handed out at once, about */

/* A line that is held, its bytes behind it. */
struct held {
	struct pq_item item;
	uint64_t number; /* of all lines */
	struct place place;
	size_t n;
	bool begins, unterminated;
};

struct reorder {
	struct flow flow;
	struct batch in; /* read and not held yet */
	struct line_clock clock;
	int64_t delay;
	struct pq held;
	uint64_t numbers, late;
	int64_t greatest; /* time seen */
	int64_t last;     /* that of the last line that had one */
	bool ended;
	struct buf out; /* the last lines handed out */
	struct place *places;
	size_t place_cap;
};

static const struct flow_ops ops;

static struct held *of_item(const struct pq_item *x)
{
	return (struct held *)(void *)((char *)(uintptr_t)x - offsetof(struct held, item));
}

static bool came_before(const struct pq_item *a, const struct pq_item *b)
{
	return of_item(a)->number < of_item(b)->number;
}

struct reorder *reorder_new(struct flow flow, int64_t delay, const struct line_clock *clock)
{
	struct reorder *r = alloc_zero(1, sizeof *r);

	r->flow = flow;
	r->clock = *clock;
	r->delay = delay;
	r->greatest = r->last = STAMP_NONE;
	r->held = (struct pq){ .before = came_before, .loose = true };
	return r;
}

struct flow reorder_flow(struct reorder *r)
{
	return (struct flow){ &ops, r };
}

uint64_t reorder_late(const struct reorder *r)
{
	return r->late;
}

static void reorder_free(void *self)
{
	struct reorder *r = self;

	r->flow.ops->free(r->flow.self);
	for (size_t i = 0; i < r->held.n; i++)
		free(of_item(r->held.slot[i].item));
	pq_free(&r->held);
	buf_free(&r->out);
	free(r->places);
	free(r);
}

/* Nothing earlier is waited for. */
static int64_t frontier(const struct reorder *r)
{
	int64_t w;

	return __builtin_sub_overflow(r->greatest, r->delay, &w) ? STAMP_NONE : w;
}

/* ---- in */

/*
 * The time that a line is put in order by. What begins an input and has none, a header, comes
 * before all that is held.
 */
static int64_t order_of(struct reorder *r, const struct held *x, struct slice line)
{
	int64_t time = r->clock.time_of(r->clock.context, x->place.part, x->begins, line);

	if (time == STAMP_NONE)
		return x->begins ? STAMP_NONE : r->last;
	r->last = time;
	r->late += time < frontier(r);
	r->greatest = time > r->greatest ? time : r->greatest;
	return time;
}

/* Hold the next line of what was read. */
static void hold_one(struct reorder *r)
{
	struct batch b = batch_take(&r->in, batch_line_end(&r->in, r->in.lines.p), 1);
	struct held *x = alloc_array(sizeof *x + b.lines.n, 1);

	*x = (struct held){ .number = r->numbers++,
		            .place = b.places ? *b.places : b.place,
		            .n = b.lines.n,
		            .begins = b.begins,
		            .unterminated = b.unterminated };
	memcpy(x + 1, b.lines.p, x->n);
	pq_add(&r->held, &x->item, order_of(r, x, b.lines));
}

/* ---- out */

static bool is_due(const struct reorder *r)
{
	return r->held.n && (r->ended || r->held.slot[0].key <= frontier(r));
}

/* Put the first line, line N of the batch, to what is handed out. */
static void take_out(struct reorder *r, struct batch *b, size_t n)
{
	struct held *x = of_item(pq_first(&r->held));

	if (n == 0) {
		b->place = x->place;
		b->begins = x->begins;
	}
	b->unterminated = x->unterminated;
	r->places = alloc_grow(r->places, &r->place_cap, n + 1, sizeof *r->places);
	r->places[n] = x->place;
	buf_add(&r->out, (const char *)(x + 1), x->n);
	pq_remove(&r->held, &x->item);
	free(x);
}

/* May the first line come behind others in a batch? */
static bool fits(const struct reorder *r, const struct batch *b)
{
	const struct held *x = of_item(pq_first(&r->held));

	return !x->begins && !b->unterminated && x->place.unit == b->place.unit &&
	       x->place.part == b->place.part;
}

/*
 * Lines that are due, of one unit. It is looked which are behind each line that is read, so that
 * it does not matter how many are read at once.
 */
static enum got hand_out(struct reorder *r, struct batch *b)
{
	size_t n = 0;

	*b = (struct batch){ 0 };
	buf_clear(&r->out);
	while (r->out.n < BATCH) {
		if (is_due(r) && (n == 0 || fits(r, b)))
			take_out(r, b, n++);
		else if (!is_due(r) && r->in.lines.n)
			hold_one(r);
		else
			break;
	}
	buf_room(&r->out, LINES_PAD);
	b->lines = buf_slice(&r->out);
	b->places = r->places;
	return GOT_LINES;
}

static enum got reorder_next(void *self, struct batch *b, struct err *e)
{
	struct reorder *r = self;
	enum got got;

	while (!is_due(r)) {
		if (r->in.lines.n) {
			hold_one(r);
			continue;
		}
		if (r->ended)
			return GOT_END;
		r->in = (struct batch){ 0 };
		got = r->flow.ops->next(r->flow.self, &r->in, e);
		if (got == GOT_END) {
			r->ended = true;
		} else if (got != GOT_LINES) {
			*b = r->in;
			r->in = (struct batch){ 0 };
			return got;
		}
	}
	return hand_out(r, b);
}

static size_t reorder_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct reorder *r = self;

	return r->flow.ops->wait(r->flow.self, p, room, timeout);
}

static const struct flow_ops ops = {
	.next = reorder_next,
	.wait = reorder_wait,
	.free = reorder_free,
};
