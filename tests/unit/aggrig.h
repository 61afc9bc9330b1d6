/*
 * aggrig.h - programs over aggregates run over records, straight or with the state merged out of
 * two parts or saved and read back on the way.
 */
#ifndef UNIT_AGGRIG_H
#define UNIT_AGGRIG_H

#include "rig.h"

#include "agg/aggset.h"

#define SECOND INT64_C(1000000000)
#define NEVER  SIZE_MAX

struct given {
	char *json;
	int64_t time; /* ns */
};

struct way {
	size_t part;   /* records from here on are added to a state of their own */
	size_t save;   /* behind so many records the state goes through bytes, to a new program */
	int64_t delay; /* records say what is settled: so far behind the greatest time */
	int64_t start, end; /* of the window */
	const void *before;
	uint64_t seed;
	size_t most; /* out: the greatest aggset_memory() */
};

#define STRAIGHT                                                                                   \
	{                                                                                          \
		.part = NEVER, .save = NEVER, .delay = -1                                          \
	}

struct aggregator {
	const char *text;
	struct plan plan;
	struct heap heap;
	struct aggset *set;
	struct fed fed;
	void *state;
};

static inline void aggregator_start(struct aggregator *a, const char *text, uint64_t seed)
{
	struct err e;

	err_clear(&e);
	a->text = text;
	plan_init(&a->plan);
	heap_init(&a->heap);
	a->set = aggset_new(&(struct source){ slice_from(text), "AGG" }, &a->plan, NULL, &e);
	if (!a->set)
		fail_msg("%s", e.text);
	aggset_seed(a->set, seed);
	a->fed = fed_new(&a->plan);
	a->state = alloc_zero(1, aggset_size(a->set));
}

static inline void aggregator_end(struct aggregator *a)
{
	aggset_drop(a->set, a->state);
	free(a->state);
	fed_free(&a->fed);
	aggset_free(a->set);
	heap_free(&a->heap);
	plan_free(&a->plan);
}

/* Add a record. -1 with *e set where it is bad. */
static inline int aggregator_add(struct aggregator *a, void *state, const struct given *g,
                                 int64_t settled, struct err *e)
{
	const struct rec *rec = feed(&a->fed, g->json);
	struct agg_record r = { g->time, { a->fed.text.p, strlen(g->json) }, settled };

	if (aggset_read(a->set, rec, &a->heap, e) < 0)
		return -1;
	aggset_add(a->set, state, &r);
	heap_reset(&a->heap);
	return 0;
}

/* To bytes and back, into a new program and state. */
static inline void aggregator_save(struct aggregator *a, uint64_t seed)
{
	struct buf bytes = { 0 };
	struct slice from;
	struct err e;

	aggset_save(a->set, a->state, &bytes);
	aggregator_end(a);
	aggregator_start(a, a->text, seed);
	from = buf_slice(&bytes);
	if (aggset_load(a->set, a->state, &from, &e) < 0)
		fail_msg("%s: %s", a->text, e.text);
	assert_int_equal(from.n, 0);
	buf_free(&bytes);
}

/* The program's result for N records, or "!" and the error. */
static inline void aggregate(const char *text, const struct given *g, size_t n, struct way *w,
                             struct buf *out)
{
	struct aggregator a;
	int64_t greatest = INT64_MIN;
	struct val v;
	struct err e;
	void *part;
	size_t i;

	err_clear(&e);
	aggregator_start(&a, text, w->seed);
	part = alloc_zero(1, aggset_size(a.set));
	for (i = 0; i < n; i++) {
		greatest = g[i].time > greatest ? g[i].time : greatest;
		if (i == w->save)
			aggregator_save(&a, w->seed);
		if (aggregator_add(&a, i >= w->part ? part : a.state, &g[i],
		                   w->delay < 0 ? 0 : greatest - w->delay, &e) < 0)
			break;
		if (w->most && aggset_memory(a.set, a.state) > w->most)
			w->most = aggset_memory(a.set, a.state);
	}
	aggset_merge(a.set, a.state, part);
	aggset_drop(a.set, part);
	free(part);
	aggset_set_window(a.set, w->start, w->end, w->before);
	if (i == n && aggset_result(a.set, a.state, NULL, &a.heap, &v, &e) == 0)
		val_write_canonical(&a.heap, out, v);
	else
		buf_addf(out, "!%s", e.text);
	aggregator_end(&a);
}

/* Records {"x":VALUE} of values with blanks between them, a second apart. */
static inline size_t records_of(const char *values, struct given *to)
{
	size_t n = 0;

	while (*values) {
		size_t size = strcspn(values, " ");
		struct buf b = { 0 };

		buf_addf(&b, "{\"x\":%.*s}%c", (int)size, values, '\0');
		to[n] = (struct given){ b.p, (int64_t)n * SECOND };
		n++;
		values += size + (values[size] == ' ');
	}
	return n;
}

static inline void free_records(struct given *g, size_t n)
{
	while (n)
		free(g[--n].json);
}

static inline uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static inline void shuffle(struct given *g, size_t n, uint64_t *seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = next_random(seed) % i;
		struct given swap = g[i - 1];

		g[i - 1] = g[k];
		g[k] = swap;
	}
}

#endif
