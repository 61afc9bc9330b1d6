/*
 * stddev, variance, their _pop forms; skew and kurtosis.
 *
 * One pass, stable, mergeable: B. P. Welford, "Note on a Method for Calculating Corrected Sums of
 * Squares and Products", 1962; P. Pébay, "Formulas for Robust, One-Pass Parallel Computation of
 * Covariances and Arbitrary-Order Statistical Moments", Sandia SAND2008-6212. The sample forms are
 * null for fewer than two values (skew three, kurtosis four); skew and kurtosis are the adjusted
 * ones (G1 and G2 of D. N. Joanes, C. A. Gill, 1998; kurtosis is the excess over the normal
 * distribution's), as in DuckDB and pandas, and null where all values are the same.
 */
#include "kinds.h"

#include <math.h>

struct moments {
	uint64_t n;
	double mean, square; /* the sum of squared distances from the mean */
};

/* To the fourth power. */
struct moments4 {
	uint64_t n;
	double mean, m2, m3, m4;
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

static void merge(const struct agg *a, void *to, const void *from)
{
	struct moments *m = to;
	const struct moments *f = from;
	double distance = f->mean - m->mean, share;

	(void)a;
	if (!f->n)
		return;
	m->n += f->n;
	share = (double)f->n / (double)m->n;
	m->square += f->square + distance * distance * share * (double)(m->n - f->n);
	m->mean += distance * share;
}

static void add4(const struct agg *a, void *state, const struct agg_value *v,
                 const struct agg_record *r)
{
	struct moments4 *m = state;
	double before = (double)m->n, n = before + 1;
	double distance = v->num - m->mean, part = distance / n, square = distance * part * before;

	(void)a;
	(void)r;
	m->n++;
	m->mean += part;
	m->m4 += square * part * part * (n * n - 3 * n + 3) + 6 * part * part * m->m2 -
	         4 * part * m->m3;
	m->m3 += square * part * (n - 2) - 3 * part * m->m2;
	m->m2 += square;
}

static void merge4(const struct agg *a, void *to, const void *from)
{
	struct moments4 *m = to, sum;
	const struct moments4 *f = from;
	double x = (double)m->n, y = (double)f->n, n = x + y, d = f->mean - m->mean, e = d / n;

	(void)a;
	if (!f->n)
		return;
	sum.n = m->n + f->n;
	sum.mean = m->mean + e * y;
	sum.m2 = m->m2 + f->m2 + d * e * x * y;
	sum.m3 = m->m3 + f->m3 + d * e * e * x * y * (x - y) + 3 * e * (x * f->m2 - y * m->m2);
	sum.m4 = m->m4 + f->m4 + d * e * e * e * x * y * (x * x - x * y + y * y) +
	         6 * e * e * (x * x * f->m2 + y * y * m->m2) + 4 * e * (x * f->m3 - y * m->m3);
	*m = sum;
}

/* The variance, the number of values less LESS below the line; null where that is none. */
static struct val variance(const struct moments *m, uint64_t less)
{
	return m->n <= less ? val_of(VAL_NULL) : val_num(m->square / (double)(m->n - less));
}

static struct val root(struct val v)
{
	return v.tag == VAL_NUM ? val_num(sqrt(v.num)) : v;
}

static struct val stddev_result(const struct agg *a, const void *state, const struct agg_at *at,
                                struct heap *h)
{
	(void)a;
	(void)at;
	(void)h;
	return root(variance(state, 1));
}

static struct val stddev_pop_result(const struct agg *a, const void *state, const struct agg_at *at,
                                    struct heap *h)
{
	(void)a;
	(void)at;
	(void)h;
	return root(variance(state, 0));
}

static struct val variance_result(const struct agg *a, const void *state, const struct agg_at *at,
                                  struct heap *h)
{
	(void)a;
	(void)at;
	(void)h;
	return variance(state, 1);
}

static struct val variance_pop_result(const struct agg *a, const void *state,
                                      const struct agg_at *at, struct heap *h)
{
	(void)a;
	(void)at;
	(void)h;
	return variance(state, 0);
}

static struct val skew_result(const struct agg *a, const void *state, const struct agg_at *at,
                              struct heap *h)
{
	const struct moments4 *m = state;
	double n = (double)m->n;

	(void)a;
	(void)at;
	(void)h;
	if (m->n < 3 || m->m2 == 0)
		return val_of(VAL_NULL);
	return val_num(m->m3 / n / pow(m->m2 / n, 1.5) * sqrt(n * (n - 1)) / (n - 2));
}

static struct val kurtosis_result(const struct agg *a, const void *state, const struct agg_at *at,
                                  struct heap *h)
{
	const struct moments4 *m = state;
	double n = (double)m->n, excess;

	(void)a;
	(void)at;
	(void)h;
	if (m->n < 4 || m->m2 == 0)
		return val_of(VAL_NULL);
	excess = n * m->m4 / (m->m2 * m->m2) - 3;
	return val_num((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6));
}

#define KIND(called, of, adds, merges, gives)                                                      \
	{                                                                                          \
		.name = (called), .usage = called "(f)", .values = 1, .takes = AGG_NUMBERS,        \
		.shares = true, .size = sizeof(struct of), .add = (adds), .result = (gives),       \
		.merge = (merges)                                                                  \
	}

const struct agg_kind agg_stddev = KIND("stddev", moments, add, merge, stddev_result);
const struct agg_kind agg_stddev_pop = KIND("stddev_pop", moments, add, merge, stddev_pop_result);
const struct agg_kind agg_variance = KIND("variance", moments, add, merge, variance_result);
const struct agg_kind agg_variance_pop =
	KIND("variance_pop", moments, add, merge, variance_pop_result);
const struct agg_kind agg_skew = KIND("skew", moments4, add4, merge4, skew_result);
const struct agg_kind agg_kurtosis = KIND("kurtosis", moments4, add4, merge4, kurtosis_result);
