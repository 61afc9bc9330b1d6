/*
 * What rests on the distribution (sketch.h): quantile(f; q), the ceil(q * n)-th smallest value,
 * SQL's percentile_disc; quantile_cont, which interpolates; median, the mean of the middle two; p50
 * to p99, quantiles; mad, the median distance from the median; sketch(f), the distribution itself
 * as a JSON value. All of them take such values beside numbers, and share one state for one f.
 */
#include "kinds.h"
#include "sketch.h"
#include "sketchval.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct sketch other = { 0 };

	(void)a;
	(void)r;
	if (v->is_num) {
		sketch_add(state, v->num);
		return;
	}
	if (sketchval_get_numbers(v->v, &other) == 0)
		sketch_merge(state, &other);
	sketch_free(&other);
}

static void merge(const struct agg *a, void *to, const void *from)
{
	(void)a;
	sketch_merge(to, from);
}

static void save(const void *state, struct buf *b)
{
	sketch_save(state, b);
}

static int load(void *state, struct slice *from)
{
	return sketch_load(state, from);
}

static size_t memory(const void *state)
{
	return sketch_memory(state);
}

static void drop(void *state)
{
	sketch_free(state);
}

static const char *form(const void *state)
{
	return sketch_is_exact(state) ? "exact" : "DDSketch";
}

/* ---- ranks */

static int setup(struct agg *a, struct err *e)
{
	if (a->param >= 0 && a->param <= 1)
		return 0;
	return err_set(e, FAIL_COMPILE, "%s: q is a number from 0 to 1", a->kind->usage);
}

/* p50, p90, .. say it in their names. */
static int setup_named(struct agg *a, struct err *e)
{
	(void)e;
	a->param = strtod(a->kind->name + 1, NULL) / 100;
	return 0;
}

static struct val quantile_result(const struct agg *a, const void *state, const struct agg_at *at,
                                  struct heap *h)
{
	/* ranking sorts the values in place, which changes nothing that they mean */
	struct sketch *s = (struct sketch *)state;
	double rank;

	(void)at;
	(void)h;
	if (s->n == 0)
		return val_of(VAL_NULL);
	/*
	 * q is a decimal, so a product like 0.07 * 100 may lie just above what was meant:
	 * 7.000000000000001
	 */
	rank = ceil(a->param * (double)s->n - 1e-9);
	return val_num(sketch_rank(s, rank < 1 ? 1 : (uint64_t)rank));
}

/* The value at PLACE, counted from 0, between two neighbours in the proportion of its fraction. */
static double between(struct sketch *s, double place)
{
	double low = floor(place), part = place - low, x = sketch_rank(s, (uint64_t)low + 1), y;

	if (part == 0)
		return x;
	y = sketch_rank(s, (uint64_t)low + 2);
	return x == y ? x : x * (1 - part) + y * part;
}

static struct val cont_result(const struct agg *a, const void *state, const struct agg_at *at,
                              struct heap *h)
{
	struct sketch *s = (struct sketch *)state;

	(void)at;
	(void)h;
	return s->n ? val_num(between(s, a->param * (double)(s->n - 1))) : val_of(VAL_NULL);
}

static struct val median_result(const struct agg *a, const void *state, const struct agg_at *at,
                                struct heap *h)
{
	struct sketch *s = (struct sketch *)state;

	(void)a;
	(void)at;
	(void)h;
	return s->n ? val_num(between(s, 0.5 * (double)(s->n - 1))) : val_of(VAL_NULL);
}

/* ---- mad */

static int by_value(const void *a, const void *b)
{
	double x = ((const struct sketch_level *)a)->value,
	       y = ((const struct sketch_level *)b)->value;

	return (x > y) - (x < y);
}

/* The value of rank RANK, from 1, among sorted levels. */
static double level_of(const struct sketch_level *l, size_t n, uint64_t rank)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < n; i++) {
		seen += l[i].count;
		if (seen >= rank)
			return l[i].value;
	}
	return NAN;
}

static struct val mad_result(const struct agg *a, const void *state, const struct agg_at *at,
                             struct heap *h)
{
	struct sketch *s = (struct sketch *)state;
	struct sketch_level *l;
	double middle, d;
	size_t n;

	(void)a;
	(void)at;
	(void)h;
	if (s->n == 0)
		return val_of(VAL_NULL);
	middle = between(s, 0.5 * (double)(s->n - 1));
	l = sketch_levels(s, &n);
	for (size_t i = 0; i < n; i++)
		l[i].value = fabs(l[i].value - middle);
	qsort(l, n, sizeof *l, by_value);
	d = (level_of(l, n, (s->n + 1) / 2) + level_of(l, n, s->n / 2 + 1)) / 2;
	free(l);
	return val_num(d);
}

/* ---- the distribution itself */

static struct val sketch_result(const struct agg *a, const void *state, const struct agg_at *at,
                                struct heap *h)
{
	(void)a;
	(void)at;
	return sketchval_numbers(h, (struct sketch *)state);
}

/* ---- */

#define KIND(called, use, gives)                                                                   \
	.name = (called), .usage = (use), .values = 1, .takes = AGG_RANKED, .shares = true,        \
	.size = sizeof(struct sketch), .add = add, .result = (gives), .merge = merge,              \
	.save = save, .load = load, .memory = memory, .drop = drop, .form = form
#define NAMED(called)                                                                              \
	{                                                                                          \
		KIND(called, called "(f)", quantile_result), .setup = setup_named                  \
	}

const struct agg_kind agg_quantile = { KIND("quantile", "quantile(f; q)", quantile_result),
	                               .param = AGG_NUMBER, .setup = setup };
const struct agg_kind agg_quantile_cont = { KIND("quantile_cont", "quantile_cont(f; q)",
	                                         cont_result),
	                                    .param = AGG_NUMBER, .setup = setup };
const struct agg_kind agg_median = { KIND("median", "median(f)", median_result) };
const struct agg_kind agg_p50 = NAMED("p50");
const struct agg_kind agg_p90 = NAMED("p90");
const struct agg_kind agg_p95 = NAMED("p95");
const struct agg_kind agg_p99 = NAMED("p99");
const struct agg_kind agg_mad = { KIND("mad", "mad(f)", mad_result) };
const struct agg_kind agg_sketch = { KIND("sketch", "sketch(f)", sketch_result),
	                             .gives_object = true };
