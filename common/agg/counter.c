/*
 * Counters, which rise until they are reset, and gauges, by the event time of their samples.
 *
 * increase(f): the sum of the rises between neighbouring samples of a key; behind a reset the value
 * counts whole; the rise from the last sample before the window is the window's: so windows add up.
 * rate(f): that for each second of the window. resets(f), changes(f): how often the value fell, how
 * often it differed from the sample before, within the window. irate(f): the rate between the last
 * two samples. delta(f): the last sample less the first.
 *
 * increase_extrapolated, rate_extrapolated, delta_extrapolated: Prometheus' increase, rate and
 * delta (promql/functions.go, extrapolatedRate), which look at the window alone and stretch what
 * was seen to its borders: to a border that lies within 1.1 times the mean distance of samples,
 * else by half that distance; a counter never to where it would be below zero. Its ranges are open
 * on the left and closed on the right, our windows the other way round.
 *
 * Samples are ordered by time, of one time by value. Those that others are expected before are
 * kept, all before `settled` (agg.h) are folded into a run: what is kept is what came within the
 * delay and the lateness. A sample that comes later, to a window that is still open, and lies
 * within the run is taken for one between its neighbours there, as those of a counter are.
 */
#include "base/alloc.h"
#include "base/duration.h"
#include "base/wide.h"
#include "kinds.h"

#include <math.h>
#include <stdlib.h>

struct sample {
	int64_t time;
	double value;
};

/* Neighbouring samples folded up. */
struct run {
	uint64_t n, resets, changes;
	struct sample first, previous, last; /* previous: the one before the last, if n > 1 */
	double lost;                         /* the values that were reset */
};

struct counter {
	struct run run;
	struct sample *kept;
	uint32_t n, cap;
	bool unsorted;
};

/* What is known of the windows before. */
struct before {
	uint64_t any;
	double last;
};

/* ---- runs */

/* B comes behind A. */
static void join(struct run *a, const struct run *b)
{
	if (!b->n)
		return;
	if (!a->n) {
		*a = *b;
		return;
	}
	if (b->first.value < a->last.value) {
		a->resets++;
		a->lost += a->last.value;
	}
	a->changes += b->first.value != a->last.value;
	a->previous = b->n > 1 ? b->previous : a->last;
	a->last = b->last;
	a->n += b->n;
	a->resets += b->resets;
	a->changes += b->changes;
	a->lost += b->lost;
}

static int by_time(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

/* One that lies within a run lies between two of its samples by value, too: it tells nothing new.
 */
static void join_sample(struct run *a, const struct sample *s)
{
	struct run one = { .n = 1, .first = *s, .last = *s };

	if (!a->n || by_time(s, &a->last) >= 0) {
		join(a, &one);
	} else if (by_time(s, &a->first) < 0) {
		join(&one, a);
		*a = one;
	} else {
		a->n++;
		if (by_time(s, &a->previous) > 0)
			a->previous = *s;
	}
}

static void sort(struct counter *c)
{
	if (c->kept && c->unsorted)
		qsort(c->kept, c->n, sizeof *c->kept, by_time);
	c->unsorted = false;
}

/* Fold the samples before SETTLED. */
static void fold(struct counter *c, int64_t settled)
{
	uint32_t i;

	sort(c);
	for (i = 0; i < c->n && c->kept[i].time < settled; i++)
		join_sample(&c->run, &c->kept[i]);
	c->n -= i;
	if (i)
		memmove(c->kept, c->kept + i, c->n * sizeof *c->kept);
}

/* All of it as one run. */
static struct run whole(const void *state)
{
	struct counter *c = (struct counter *)state;
	struct run run = c->run;

	sort(c);
	for (uint32_t i = 0; i < c->n; i++)
		join_sample(&run, &c->kept[i]);
	return run;
}

/* ---- adding */

static void grow(struct counter *c)
{
	c->cap = c->cap ? c->cap * 2 : 8;
	c->kept = alloc_resize(c->kept, c->cap, sizeof *c->kept);
}

static void keep(struct counter *c, const struct sample *s)
{
	if (c->n == c->cap)
		grow(c);
	c->unsorted = c->unsorted || (c->n && by_time(&c->kept[c->n - 1], s) > 0);
	c->kept[c->n++] = *s;
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct counter *c = state;
	struct sample s = { r->time, v->num };

	(void)a;
	if (isnan(v->num))
		return;
	if (c->n == c->cap && c->n && r->settled) {
		fold(c, r->settled);
		/* where little was settled, not again at once */
		if (c->n > c->cap / 2)
			grow(c);
	}
	keep(c, &s);
}

static int64_t earliest(const struct counter *c)
{
	int64_t t = c->run.n ? c->run.first.time : INT64_MAX;

	for (uint32_t i = 0; i < c->n; i++)
		if (c->kept[i].time < t)
			t = c->kept[i].time;
	return t;
}

static struct counter copy(const struct counter *from)
{
	struct counter c = *from;

	c.cap = c.n;
	c.kept = NULL;
	if (c.n) {
		c.kept = alloc_array(c.n, sizeof *c.kept);
		memcpy(c.kept, from->kept, c.n * sizeof *c.kept);
	}
	return c;
}

/*
 * The earlier part stays as it is unless the later one has folded samples: then nothing can come
 * any more among the earlier part's.
 */
static void merge(const struct agg *a, void *to, const void *from)
{
	struct counter *c = to, part = copy(from), swap;

	(void)a;
	if (earliest(&part) < earliest(c)) {
		swap = *c;
		*c = part;
		part = swap;
	}
	if (part.run.n) {
		c->run = whole(c);
		c->n = 0;
		join(&c->run, &part.run);
	}
	for (uint32_t i = 0; i < part.n; i++)
		keep(c, &part.kept[i]);
	free(part.kept);
}

static void carry(void *before, const void *state)
{
	struct before *b = before;
	struct run run = whole(state);

	if (run.n)
		*b = (struct before){ 1, run.last.value };
}

/* ---- results */

static double seconds(int64_t from, int64_t to)
{
	return (double)((wide_int)to - from) / NS_PER_SEC;
}

/* The rises within a run. */
static double rises(const struct run *r)
{
	return r->last.value - r->first.value + r->lost;
}

static struct val rises_with(const struct run *r, const struct agg_at *at)
{
	const struct before *b = at->before;
	double sum = rises(r);

	if (!r->n)
		return val_of(VAL_NULL);
	if (b && b->any)
		sum += r->first.value < b->last ? r->first.value : r->first.value - b->last;
	else if (r->n < 2)
		return val_of(VAL_NULL);
	return val_num(sum);
}

static struct val increase_result(const struct agg *a, const void *state, const struct agg_at *at,
                                  struct heap *h)
{
	struct run r = whole(state);

	(void)a;
	(void)h;
	return rises_with(&r, at);
}

static struct val per(struct val v, double s)
{
	return v.tag == VAL_NUM && s > 0 ? val_num(v.num / s) : val_of(VAL_NULL);
}

static struct val rate_result(const struct agg *a, const void *state, const struct agg_at *at,
                              struct heap *h)
{
	return per(increase_result(a, state, at, h), seconds(at->start, at->end));
}

static struct val irate_result(const struct agg *a, const void *state, const struct agg_at *at,
                               struct heap *h)
{
	struct run r = whole(state);

	(void)a;
	(void)at;
	(void)h;
	if (r.n < 2)
		return val_of(VAL_NULL);
	return per(val_num(r.last.value < r.previous.value ? r.last.value
	                                                   : r.last.value - r.previous.value),
	           seconds(r.previous.time, r.last.time));
}

static struct val delta_result(const struct agg *a, const void *state, const struct agg_at *at,
                               struct heap *h)
{
	struct run r = whole(state);

	(void)a;
	(void)at;
	(void)h;
	return r.n ? val_num(r.last.value - r.first.value) : val_of(VAL_NULL);
}

static struct val resets_result(const struct agg *a, const void *state, const struct agg_at *at,
                                struct heap *h)
{
	struct run r = whole(state);

	(void)a;
	(void)at;
	(void)h;
	return r.n ? val_num((double)r.resets) : val_of(VAL_NULL);
}

static struct val changes_result(const struct agg *a, const void *state, const struct agg_at *at,
                                 struct heap *h)
{
	struct run r = whole(state);

	(void)a;
	(void)at;
	(void)h;
	return r.n ? val_num((double)r.changes) : val_of(VAL_NULL);
}

static struct val extrapolated(const struct run *r, const struct agg_at *at, bool counter)
{
	double seen = seconds(r->first.time, r->last.time), mean, left, right, zero, sum;

	if (r->n < 2 || seen <= 0)
		return val_of(VAL_NULL);
	sum = counter ? rises(r) : r->last.value - r->first.value;
	mean = seen / (double)(r->n - 1);
	left = seconds(at->start, r->first.time);
	right = seconds(r->last.time, at->end);
	if (left >= mean * 1.1)
		left = mean / 2;
	if (counter && sum > 0 && r->first.value >= 0) {
		zero = seen * (r->first.value / sum);
		left = zero < left ? zero : left;
	}
	if (right >= mean * 1.1)
		right = mean / 2;
	return val_num(sum * ((seen + left + right) / seen));
}

static struct val increase_ex_result(const struct agg *a, const void *state,
                                     const struct agg_at *at, struct heap *h)
{
	struct run r = whole(state);

	(void)a;
	(void)h;
	return extrapolated(&r, at, true);
}

static struct val rate_ex_result(const struct agg *a, const void *state, const struct agg_at *at,
                                 struct heap *h)
{
	return per(increase_ex_result(a, state, at, h), seconds(at->start, at->end));
}

static struct val delta_ex_result(const struct agg *a, const void *state, const struct agg_at *at,
                                  struct heap *h)
{
	struct run r = whole(state);

	(void)a;
	(void)h;
	return extrapolated(&r, at, false);
}

/* ---- */

static void save(const void *state, struct buf *b)
{
	const struct counter *c = state;

	agg_put(b, &c->run, sizeof c->run);
	agg_put64(b, c->n);
	agg_put64(b, c->unsorted);
	agg_put(b, c->kept, c->n * sizeof *c->kept);
}

static int load(void *state, struct slice *from)
{
	struct counter *c = state;
	uint64_t n, unsorted;

	if (agg_take(from, &c->run, sizeof c->run) < 0 || agg_take_count(from, &n, 8) < 0 ||
	    agg_take(from, &unsorted, 8) < 0 || n > from->n / sizeof *c->kept)
		return -1;
	c->n = c->cap = (uint32_t)n;
	c->unsorted = unsorted;
	c->kept = n ? alloc_array(n, sizeof *c->kept) : NULL;
	return agg_take(from, c->kept, n * sizeof *c->kept);
}

static size_t memory(const void *state)
{
	return ((const struct counter *)state)->cap * sizeof(struct sample);
}

static void drop(void *state)
{
	free(((struct counter *)state)->kept);
}

#define KIND(called, gives)                                                                        \
	.name = (called), .usage = called "(f)", .values = 1, .takes = AGG_NUMBERS,                \
	.shares = true, .size = sizeof(struct counter), .add = add, .result = (gives),             \
	.merge = merge, .save = save, .load = load, .memory = memory, .drop = drop

const struct agg_kind agg_increase = { KIND("increase", increase_result),
	                               .carry_size = sizeof(struct before), .carry = carry };
const struct agg_kind agg_rate = { KIND("rate", rate_result), .carry_size = sizeof(struct before),
	                           .carry = carry };
const struct agg_kind agg_increase_extrapolated = { KIND("increase_extrapolated",
	                                                 increase_ex_result) };
const struct agg_kind agg_rate_extrapolated = { KIND("rate_extrapolated", rate_ex_result) };
const struct agg_kind agg_delta = { KIND("delta", delta_result) };
const struct agg_kind agg_delta_extrapolated = { KIND("delta_extrapolated", delta_ex_result) };
const struct agg_kind agg_irate = { KIND("irate", irate_result) };
const struct agg_kind agg_resets = { KIND("resets", resets_result) };
const struct agg_kind agg_changes = { KIND("changes", changes_result) };
