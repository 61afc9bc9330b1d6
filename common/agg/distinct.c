/*
 * approx_distinct(f), about how many different values (hll.h), and sketch_distinct(f), what it
 * counts with, as a JSON value. Both take such values beside plain ones.
 */
#include "base/hash.h"
#include "kinds.h"
#include "sketchval.h"
#include "tally.h"

#include <math.h>

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct hll other = { 0 };

	(void)r;
	if (sketchval_kind(v->v) == SKETCHVAL_DISTINCT) {
		if (sketchval_get_distinct(v->v, &other) == 0)
			hll_merge(state, &other);
		hll_free(&other);
		return;
	}
	if (tally_encode(a->scratch, v->v))
		hll_add(state, hash_stable(a->scratch->p, a->scratch->n));
}

static void merge(const struct agg *a, void *to, const void *from)
{
	(void)a;
	hll_merge(to, from);
}

static struct val count_result(const struct agg *a, const void *state, const struct agg_at *at,
                               struct heap *h)
{
	(void)a;
	(void)at;
	(void)h;
	return val_num(round(hll_count(state)));
}

static struct val sketch_result(const struct agg *a, const void *state, const struct agg_at *at,
                                struct heap *h)
{
	(void)a;
	(void)at;
	return sketchval_distinct(h, state);
}

static void save(const void *state, struct buf *b)
{
	hll_save(state, b);
}

static int load(void *state, struct slice *from)
{
	return hll_load(state, from);
}

static size_t memory(const void *state)
{
	return hll_memory(state);
}

static void drop(void *state)
{
	hll_free(state);
}

static const char *form(const void *state)
{
	return hll_is_exact(state) ? "exact" : "HyperLogLog";
}

#define KIND(called, gives)                                                                        \
	.name = (called), .usage = called "(f)", .values = 1, .takes = AGG_COUNTED,                \
	.shares = true, .size = sizeof(struct hll), .add = add, .result = (gives), .merge = merge, \
	.save = save, .load = load, .memory = memory, .drop = drop, .form = form

const struct agg_kind agg_approx_distinct = { KIND("approx_distinct", count_result) };
const struct agg_kind agg_sketch_distinct = { KIND("sketch_distinct", sketch_result),
	                                      .gives_object = true };
