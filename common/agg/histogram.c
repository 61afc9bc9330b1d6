/*
 * histogram(f; [b1, .., bk]): how many values are up to b1, above it up to b2, .., above bk: k + 1
 * numbers.
 */
#include "base/alloc.h"
#include "kinds.h"

#include <math.h>
#include <stdlib.h>

struct histogram {
	uint64_t n;      /* counts there are, 0 before the first value */
	uint64_t *count; /* one more than bounds */
};

static int setup(struct agg *a, struct err *e)
{
	bool rising = a->lists > 0;

	for (size_t i = 0; i < a->lists; i++)
		rising = rising && isfinite(a->list[i]) && (!i || a->list[i - 1] < a->list[i]);
	if (rising)
		return 0;
	return err_set(e, FAIL_COMPILE,
	               "histogram(f; [bounds]): bounds are one or more numbers, each above the one "
	               "before");
}

static void begin(struct histogram *s, size_t n)
{
	s->n = n;
	s->count = alloc_zero(n, sizeof *s->count);
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct histogram *s = state;
	size_t lo = 0, hi = a->lists;

	(void)r;
	if (isnan(v->num))
		return;
	if (!s->n)
		begin(s, a->lists + 1);
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (v->num <= a->list[mid])
			hi = mid;
		else
			lo = mid + 1;
	}
	s->count[lo]++;
}

static struct val result(const struct agg *a, const void *state, const struct agg_at *at,
                         struct heap *h)
{
	const struct histogram *s = state;
	struct arr *all = arr_new(h, a->lists + 1);

	(void)at;
	for (size_t i = 0; i <= a->lists; i++)
		all = arr_push(h, all, val_num(i < s->n ? (double)s->count[i] : 0));
	return val_arr(all);
}

static void merge(const struct agg *a, void *to, const void *from)
{
	struct histogram *s = to;
	const struct histogram *f = from;

	(void)a;
	if (f->n && !s->n)
		begin(s, f->n);
	for (size_t i = 0; i < f->n && i < s->n; i++)
		s->count[i] += f->count[i];
}

static void save(const void *state, struct buf *b)
{
	const struct histogram *s = state;

	agg_put64(b, s->n);
	agg_put(b, s->count, s->n * sizeof *s->count);
}

static int load(void *state, struct slice *from)
{
	struct histogram *s = state;
	uint64_t n;

	if (agg_take_count(from, &n, sizeof *s->count) < 0)
		return -1;
	if (n == 0)
		return 0;
	begin(s, n);
	return agg_take(from, s->count, n * sizeof *s->count);
}

static size_t memory(const void *state)
{
	return ((const struct histogram *)state)->n * sizeof(uint64_t);
}

static void drop(void *state)
{
	free(((struct histogram *)state)->count);
}

const struct agg_kind agg_histogram = { .name = "histogram",
	                                .usage = "histogram(f; [bounds])",
	                                .values = 1,
	                                .takes = AGG_NUMBERS,
	                                .param = AGG_LIST,
	                                .size = sizeof(struct histogram),
	                                .setup = setup,
	                                .add = add,
	                                .result = result,
	                                .merge = merge,
	                                .save = save,
	                                .load = load,
	                                .memory = memory,
	                                .drop = drop };
