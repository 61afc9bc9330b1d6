#include "holdback.h"

#include "base/alloc.h"
#include "base/pq.h"
#include "base/stamp.h"
#include "batch.h"

#include <stdlib.h>

#define BATCH ((size_t)256 << 10) /* bytes handed out at once, about */

/* A line that is held, its bytes behind it. */
struct held {
	struct held *next; /* of its partition */
	int64_t time;      /* STAMP_NONE: it goes with the one before it */
	int64_t came;      /* monotonic */
	struct place place;
	uint64_t upto; /* of its unit, once it has left */
	size_t n;
	bool begins, unterminated, is_long;
};

/* Of a partition. */
struct queue {
	struct pq_item by_time, by_age; /* of the first line, where there is one */
	struct held *first, **last;
	size_t part;
};

struct holdback {
	struct holdback_opts opts;
	struct flow flow;
	struct feed feed;
	struct queue **queue; /* by partition */
	size_t parts;
	struct pq by_time, by_age; /* queues that hold something */
	size_t bytes;              /* held */
	bool ended;
	struct buf out; /* the last lines handed out */
	struct place *places;
	size_t place_cap;
};

static const struct feed_ops ops, ops_with_positions;

static struct queue *of_time(const struct pq_item *x)
{
	return (struct queue *)(void *)((char *)x - offsetof(struct queue, by_time));
}

static struct queue *of_age(const struct pq_item *x)
{
	return (struct queue *)(void *)((char *)x - offsetof(struct queue, by_age));
}

static bool lower_number(const struct pq_item *a, const struct pq_item *b)
{
	return of_time(a)->part < of_time(b)->part;
}

struct feed holdback_new(struct flow flow, struct feed feed, const struct holdback_opts *opts)
{
	struct holdback *h = alloc_zero(1, sizeof *h);

	h->opts = *opts;
	h->flow = flow;
	h->feed = feed;
	h->by_time.before = lower_number;
	return (struct feed){ feed.ops->let_out ? &ops_with_positions : &ops, h };
}

static void holdback_free(void *self)
{
	struct holdback *h = self;

	h->flow.ops->free(h->flow.self);
	for (size_t i = 0; i < h->parts; i++) {
		struct held *x = h->queue[i]->first, *next;

		for (; x; x = next) {
			next = x->next;
			free(x);
		}
		free(h->queue[i]);
	}
	free(h->queue);
	pq_free(&h->by_time);
	pq_free(&h->by_age);
	buf_free(&h->out);
	free(h->places);
	free(h);
}

/* ---- in */

static struct queue *queue_of(struct holdback *h, size_t part)
{
	if (part >= h->parts) {
		h->queue = alloc_resize(h->queue, part + 1, sizeof *h->queue);
		while (h->parts <= part) {
			struct queue *q = alloc_zero(1, sizeof *q);

			q->part = h->parts;
			q->last = &q->first;
			h->queue[h->parts++] = q;
		}
	}
	return h->queue[part];
}

/* The first line of a queue is to be seen, or not any more. */
static void show(struct holdback *h, struct queue *q)
{
	pq_add(&h->by_time, &q->by_time, q->first->time);
	pq_add(&h->by_age, &q->by_age, q->first->came);
}

static void hide(struct holdback *h, struct queue *q)
{
	pq_remove(&h->by_time, &q->by_time);
	pq_remove(&h->by_age, &q->by_age);
}

static void hold(struct holdback *h, const struct held *line, const char *text)
{
	struct queue *q = queue_of(h, line->place.part);
	struct held *x = alloc_array(sizeof *x + line->n, 1);

	*x = *line;
	memcpy(x + 1, text, line->n);
	*q->last = x;
	q->last = &x->next;
	h->bytes += sizeof *x + x->n;
	if (q->first == x)
		show(h, q);
}

static void hold_all(struct holdback *h, const struct batch *b)
{
	const char *at = b->lines.p, *end = at + b->lines.n, *next;
	int64_t now = stamp_monotonic();

	for (size_t n = 0; at < end; at = next, n++) {
		struct held x = { .place = batch_place(b, at, n), .came = now };

		next = batch_line_end(b, at);
		x.n = (size_t)(next - at);
		x.begins = b->begins && n == 0;
		x.unterminated = b->unterminated && next == end;
		x.upto = next == end ? b->upto : batch_place(b, next, n + 1).offset;
		x.time = h->opts.clock.time_of(h->opts.clock.context, x.place.part, x.begins,
		                               (struct slice){ at, x.n });
		hold(h, &x, at);
	}
}

/* Read while there is room. Other than GOT_TICK for what is the caller's. */
static enum got take_in(struct holdback *h, struct err *e)
{
	struct batch b;
	enum got got = GOT_TICK;

	while (!h->ended && h->bytes <= h->opts.limit) {
		b = (struct batch){ 0 };
		got = h->flow.ops->next(h->flow.self, &b, e);
		if (got == GOT_ERROR || got == GOT_TICK)
			return got;
		if (got == GOT_LINES)
			hold_all(h, &b);
		if (got == GOT_LONG)
			hold(h,
			     &(struct held){ .place = b.place,
			                     .time = STAMP_NONE,
			                     .came = stamp_monotonic(),
			                     .upto = b.upto,
			                     .n = b.lines.n,
			                     .begins = b.begins,
			                     .is_long = true },
			     b.lines.p);
		h->ended = got == GOT_END;
	}
	return GOT_TICK;
}

/* ---- out */

/* Has every partition that is not over a line? */
static bool all_have(const struct holdback *h)
{
	size_t n = h->feed.ops->parts(h->feed.self);

	for (size_t i = 0; i < n; i++)
		if (!(i < h->parts && h->queue[i]->first) && !h->feed.ops->over(h->feed.self, i))
			return false;
	return true;
}

/* Is the line that comes first of those held to leave? ALL: see above. */
static bool is_due(const struct holdback *h, bool all, int64_t now)
{
	const struct pq_item *x = pq_first(&h->by_time);

	return x && (all || h->ended || of_time(x)->first->time == STAMP_NONE ||
	             now - of_age(pq_first(&h->by_age))->first->came >= h->opts.wait);
}

/* Put the first line of a queue, line N of the batch, to what is handed out. */
static void take_out(struct holdback *h, struct queue *q, struct batch *b, size_t n)
{
	struct held *x = q->first;

	if (n == 0) {
		b->place = x->place;
		b->begins = x->begins;
	}
	b->upto = x->upto;
	b->unterminated = x->unterminated;
	h->places = alloc_grow(h->places, &h->place_cap, n + 1, sizeof *h->places);
	h->places[n] = x->place;
	buf_add(&h->out, (const char *)(x + 1), x->n);
	hide(h, q);
	q->first = x->next;
	if (q->first)
		show(h, q);
	else
		q->last = &q->first;
	h->bytes -= sizeof *x + x->n;
	free(x);
}

/* May this line come behind others in a batch? */
static bool fits(const struct held *x, const struct batch *b)
{
	return !x->begins && !x->is_long && !b->unterminated && x->place.unit == b->place.unit &&
	       x->place.part == b->place.part;
}

/* Lines that are due, of one unit. */
static enum got hand_out(struct holdback *h, struct batch *b)
{
	int64_t now = stamp_monotonic();
	bool all = all_have(h), is_long = false;
	size_t n = 0;

	buf_clear(&h->out);
	while (!is_long && h->out.n < BATCH && is_due(h, all, now)) {
		struct queue *q = of_time(pq_first(&h->by_time));

		if (n && !fits(q->first, b))
			break;
		is_long = q->first->is_long;
		take_out(h, q, b, n++);
		all = all && (q->first || h->feed.ops->over(h->feed.self, q->part));
	}
	if (!n)
		return h->ended && !h->by_time.n ? GOT_END : GOT_TICK;
	buf_room(&h->out, LINES_PAD);
	b->lines = buf_slice(&h->out);
	b->places = h->places;
	return is_long ? GOT_LONG : GOT_LINES;
}

static enum got holdback_next(void *self, struct batch *b, struct err *e)
{
	struct holdback *h = self;

	if (take_in(h, e) == GOT_ERROR)
		return GOT_ERROR;
	return hand_out(h, b);
}

static size_t holdback_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct holdback *h = self;
	int64_t left;

	if (pq_first(&h->by_age)) {
		left = of_age(pq_first(&h->by_age))->first->came + h->opts.wait - stamp_monotonic();
		left = left > 0 ? left : 0;
		*timeout = *timeout < 0 || left < *timeout ? left : *timeout;
	}
	if (h->ended || h->bytes > h->opts.limit)
		return 0;
	return h->flow.ops->wait(h->flow.self, p, room, timeout);
}

/* ---- the feed's own */

static size_t holdback_parts(const void *self)
{
	const struct holdback *h = self;

	return h->feed.ops->parts(h->feed.self);
}

static const char *holdback_name(const void *self, size_t part)
{
	const struct holdback *h = self;

	return h->feed.ops->name(h->feed.self, part);
}

static bool holdback_over(const void *self, size_t part)
{
	const struct holdback *h = self;

	return !(part < h->parts && h->queue[part]->first) && h->feed.ops->over(h->feed.self, part);
}

static uint64_t holdback_consumed(const void *self)
{
	const struct holdback *h = self;

	return h->feed.ops->consumed(h->feed.self);
}

static uint64_t holdback_size(const void *self)
{
	const struct holdback *h = self;

	return h->feed.ops->size(h->feed.self);
}

static void holdback_let_out(void *self, size_t unit, uint64_t upto)
{
	struct holdback *h = self;

	h->feed.ops->let_out(h->feed.self, unit, upto);
}

static int holdback_written(void *self, struct err *e)
{
	struct holdback *h = self;

	return h->feed.ops->written(h->feed.self, e);
}

static void holdback_save(const void *self, struct buf *json)
{
	const struct holdback *h = self;

	h->feed.ops->save(h->feed.self, json);
}

static int holdback_seek(void *self, struct val value, struct heap *heap, struct err *e)
{
	struct holdback *h = self;

	return h->feed.ops->seek(h->feed.self, value, heap, e);
}

#define COMMON                                                                                     \
	.flow = { .next = holdback_next, .wait = holdback_wait, .free = holdback_free },           \
	.parts = holdback_parts, .name = holdback_name, .over = holdback_over,                     \
	.consumed = holdback_consumed, .size = holdback_size

static const struct feed_ops ops = { COMMON };

static const struct feed_ops ops_with_positions = {
	COMMON,
	.let_out = holdback_let_out,
	.written = holdback_written,
	.save = holdback_save,
	.seek = holdback_seek,
};
