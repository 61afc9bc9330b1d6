/*
 * quantile(f; q): the ceil(q * n)-th smallest value, SQL's percentile_disc; see sketch.h for how
 * exactly.
 */
#include "kinds.h"
#include "sketch.h"

#include <math.h>

static int setup(struct agg *a, struct err *e)
{
	if (a->param[0] >= 0 && a->param[0] <= 1)
		return 0;
	return err_set(e, FAIL_COMPILE, "quantile(f; q): q is a number from 0 to 1");
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	(void)a;
	(void)r;
	sketch_add(state, v->num);
}

static struct val result(const struct agg *a, const void *state, struct heap *h)
{
	/* ranking sorts the values in place, which changes nothing that they mean */
	struct sketch *s = (struct sketch *)state;
	double rank;

	(void)h;
	if (s->n == 0)
		return val_of(VAL_NULL);
	/*
	 * q is a decimal, so a product like 0.07 * 100 may lie just above what was meant:
	 * 7.000000000000001
	 */
	rank = ceil(a->param[0] * (double)s->n - 1e-9);
	return val_num(sketch_rank(s, rank < 1 ? 1 : (uint64_t)rank));
}

static void drop(void *state)
{
	sketch_free(state);
}

const struct agg_kind agg_quantile = { .name = "quantile",
	                               .args = 2,
	                               .numbers = true,
	                               .size = sizeof(struct sketch),
	                               .setup = setup,
	                               .add = add,
	                               .result = result,
	                               .drop = drop };
