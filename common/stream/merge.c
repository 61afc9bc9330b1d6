#include "merge.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "batch.h"

#include <stdlib.h>

struct input {
	struct merge_input from;
	struct batch batch; /* what is held of it; its first line is its head */
	int64_t time;       /* of the head; STAMP_NONE: it has none, and comes at once */
	bool over;
};

struct merge {
	struct line_clock clock;
	struct input *input;
	size_t n;
	size_t *heap; /* inputs with a head, the one to come first at the top */
	size_t heads;
	size_t *wanting; /* inputs to be asked for a batch */
	size_t wants;
	struct place *places; /* of the last lines, where they have such */
	size_t place_cap;
};

static const struct feed_ops ops;

struct feed merge_new(const struct merge_input *input, size_t n, const struct line_clock *clock)
{
	struct merge *m = alloc_zero(1, sizeof *m);

	m->clock = *clock;
	m->n = m->wants = n;
	m->input = alloc_zero(n, sizeof *m->input);
	m->heap = alloc_array(n, sizeof *m->heap);
	m->wanting = alloc_array(n, sizeof *m->wanting);
	for (size_t i = 0; i < n; i++) {
		m->input[i].from = input[i];
		m->wanting[i] = n - 1 - i; /* they are asked from the last on */
	}
	return (struct feed){ &ops, m };
}

static void merge_free(void *self)
{
	struct merge *m = self;

	for (size_t i = 0; i < m->n; i++)
		m->input[i].from.flow.ops->free(m->input[i].from.flow.self);
	free(m->input);
	free(m->heap);
	free(m->wanting);
	free(m->places);
	free(m);
}

/* Of part and unit numbers: number N of input I. */
static size_t through(const struct merge *m, size_t i, size_t n)
{
	return n * m->n + i;
}

/* ---- which comes first */

static bool before(const struct merge *m, size_t a, size_t b)
{
	int64_t x = m->input[a].time, y = m->input[b].time;

	return x != y ? x < y : a < b;
}

/* Which of the children of K comes first; HEADS or beyond where it has none. */
static size_t child(const struct merge *m, size_t k)
{
	size_t c = 2 * k + 1;

	return c + 1 < m->heads && before(m, m->heap[c + 1], m->heap[c]) ? c + 1 : c;
}

static void sink(struct merge *m)
{
	size_t x = m->heap[0], k = 0, c;

	while ((c = child(m, k)) < m->heads && before(m, m->heap[c], x)) {
		m->heap[k] = m->heap[c];
		k = c;
	}
	m->heap[k] = x;
}

static void add(struct merge *m, size_t x)
{
	size_t k = m->heads++;

	while (k > 0 && before(m, x, m->heap[(k - 1) / 2])) {
		m->heap[k] = m->heap[(k - 1) / 2];
		k = (k - 1) / 2;
	}
	m->heap[k] = x;
}

/* ---- batches */

/* As the merge numbers it. */
static struct place own_place(const struct merge *m, size_t i, struct place p)
{
	p.part = through(m, i, p.part);
	p.unit = through(m, i, p.unit);
	return p;
}

/* The time of line N of an input's batch, which begins at AT. */
static int64_t time_of(const struct merge *m, size_t i, const char *at, size_t n)
{
	const struct batch *b = &m->input[i].batch;
	struct slice line = { at, (size_t)(batch_line_end(b, at) - at) };

	return m->clock.time_of(m->clock.context, own_place(m, i, batch_place(b, at, n)).part,
	                        b->begins && n == 0, line);
}

/* Have a head of each input. What is not lines is handed out at once: then not GOT_LINES. */
static enum got refill(struct merge *m, struct batch *b, struct err *e)
{
	size_t ticks = 0;

	for (size_t k = m->wants; k-- > 0;) {
		size_t i = m->wanting[k];
		struct input *in = &m->input[i];
		enum got got;

		in->batch = (struct batch){ 0 };
		got = in->from.flow.ops->next(in->from.flow.self, &in->batch, e);
		if (got == GOT_LONG) {
			*b = in->batch;
			b->place = own_place(m, i, b->place);
			b->places = NULL;
			in->batch.lines = (struct slice){ 0 };
		}
		if (got == GOT_LONG || got == GOT_ERROR)
			return got;
		if (got == GOT_TICK) {
			ticks++;
			continue;
		}
		m->wanting[k] = m->wanting[--m->wants];
		in->over = got == GOT_END;
		if (in->over)
			continue;
		in->time = time_of(m, i, in->batch.lines.p, 0);
		add(m, i);
	}
	return ticks ? GOT_TICK : GOT_LINES;
}

/* The lines of input I that come before those of all others; it has a head behind them, or no line.
 */
static void take_run(struct merge *m, size_t i, struct batch *b)
{
	struct input *in = &m->input[i];
	const char *at = in->batch.lines.p, *end = at + in->batch.lines.n;
	size_t second = child(m, 0), n = 0;

	do {
		at = batch_line_end(&in->batch, at);
		n++;
		if (at == end)
			break;
		in->time = time_of(m, i, at, n);
	} while (second >= m->heads || before(m, i, m->heap[second]));
	*b = batch_take(&in->batch, at, n);
	b->place = own_place(m, i, b->place);
	if (!b->places)
		return;
	m->places = alloc_grow(m->places, &m->place_cap, n, sizeof *m->places);
	for (size_t k = 0; k < n; k++)
		m->places[k] = own_place(m, i, b->places[k]);
	b->places = m->places;
}

static enum got merge_next(void *self, struct batch *b, struct err *e)
{
	struct merge *m = self;
	enum got got = refill(m, b, e);
	size_t i;

	if (got != GOT_LINES)
		return got;
	if (!m->heads)
		return GOT_END;
	i = m->heap[0];
	take_run(m, i, b);
	if (!m->input[i].batch.lines.n) {
		m->heap[0] = m->heap[--m->heads];
		m->wanting[m->wants++] = i;
	}
	if (m->heads)
		sink(m);
	return GOT_LINES;
}

static size_t merge_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct merge *m = self;
	size_t n = 0;

	for (size_t k = 0; k < m->wants; k++) {
		struct flow *f = &m->input[m->wanting[k]].from.flow;

		n += f->ops->wait(f->self, p + (n < room ? n : room), n < room ? room - n : 0,
		                  timeout);
	}
	return n;
}

/* ---- partitions */

static size_t merge_parts(const void *self)
{
	const struct merge *m = self;
	size_t most = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct feed *f = &m->input[i].from.feed;
		size_t n = f->ops->parts(f->self);

		most = n > most ? n : most;
	}
	return most * m->n;
}

static const char *merge_name(const void *self, size_t part)
{
	const struct merge *m = self;
	const struct feed *f = &m->input[part % m->n].from.feed;

	return f->ops->name(f->self, part / m->n);
}

static bool merge_over(const void *self, size_t part)
{
	const struct merge *m = self;
	const struct input *in = &m->input[part % m->n];
	const struct feed *f = &in->from.feed;
	return in->over || part / m->n >= f->ops->parts(f->self) ||
	       (!in->batch.lines.n && f->ops->over(f->self, part / m->n));
}

static uint64_t merge_consumed(const void *self)
{
	const struct merge *m = self;
	uint64_t sum = 0;

	for (size_t i = 0; i < m->n; i++)
		sum += m->input[i].from.feed.ops->consumed(m->input[i].from.feed.self);
	return sum;
}

static uint64_t merge_size(const void *self)
{
	const struct merge *m = self;
	uint64_t sum = 0;

	for (size_t i = 0; i < m->n; i++) {
		uint64_t size = m->input[i].from.feed.ops->size(m->input[i].from.feed.self);

		if (size == 0)
			return 0;
		sum += size;
	}
	return sum;
}

static const struct feed_ops ops = {
	.flow = { .next = merge_next, .wait = merge_wait, .free = merge_free },
	.parts = merge_parts,
	.name = merge_name,
	.over = merge_over,
	.consumed = merge_consumed,
	.size = merge_size,
};
