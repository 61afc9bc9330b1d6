/*
 * stddev: the sample standard deviation, null for fewer than two values. One pass, stable (B. P.
 * Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products", 1962).
 */
#include "kinds.h"

#include <math.h>

struct moments {
	uint64_t n;
	double mean, square; /* the sum of squared distances from the mean */
};

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct moments *m = state;
	double distance = v->num - m->mean;

	(void)a;
	(void)r;
	m->n++;
	m->mean += distance / (double)m->n;
	m->square += distance * (v->num - m->mean);
}

static struct val result(const struct agg *a, const void *state, struct heap *h)
{
	const struct moments *m = state;

	(void)a;
	(void)h;
	return m->n < 2 ? val_of(VAL_NULL) : val_num(sqrt(m->square / (double)(m->n - 1)));
}

const struct agg_kind agg_stddev = { .name = "stddev",
	                             .args = 1,
	                             .numbers = true,
	                             .size = sizeof(struct moments),
	                             .add = add,
	                             .result = result };
