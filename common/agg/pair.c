/*
 * corr(f; g), the correlation; slope(f; t), how much f rises for each 1 of t by least squares;
 * slope(f) the same per second of event time. Null for fewer than two pairs, and where one side is
 * always the same. Welford's and Pébay's formulas as in moments.c.
 */
#include "base/duration.h"
#include "base/wide.h"
#include "kinds.h"

#include <math.h>

struct pairs {
	uint64_t n;
	int64_t origin;        /* of times, ns: the first one, so that no digit is lost */
	double mean_x, mean_y; /* y is the first argument, as in SQL's regr_slope(y, x) */
	double xx, yy, xy;     /* sums of products of distances from the means */
};

static void add_point(struct pairs *p, double y, double x)
{
	double dx = x - p->mean_x, dy = y - p->mean_y, n = (double)++p->n;

	p->mean_x += dx / n;
	p->mean_y += dy / n;
	p->xx += dx * (x - p->mean_x);
	p->yy += dy * (y - p->mean_y);
	p->xy += dx * (y - p->mean_y);
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_value *w, const struct agg_record *r)
{
	(void)a;
	(void)r;
	add_point(state, v->num, w->num);
}

static double since(int64_t origin, int64_t time)
{
	return (double)((wide_int)time - origin) / NS_PER_SEC;
}

static void add_in_time(const struct agg *a, void *state, const struct agg_value *v,
                        const struct agg_record *r)
{
	struct pairs *p = state;

	(void)a;
	if (!p->n)
		p->origin = r->time;
	add_point(p, v->num, since(p->origin, r->time));
}

static void merge(const struct agg *a, void *to, const void *from)
{
	struct pairs *p = to;
	const struct pairs *f = from;
	double n, share, dx, dy;

	(void)a;
	if (!f->n)
		return;
	if (!p->n) {
		*p = *f;
		return;
	}
	dx = f->mean_x + since(p->origin, f->origin) - p->mean_x;
	dy = f->mean_y - p->mean_y;
	n = (double)(p->n + f->n);
	share = (double)f->n / n * (double)p->n;
	p->xx += f->xx + dx * dx * share;
	p->yy += f->yy + dy * dy * share;
	p->xy += f->xy + dx * dy * share;
	p->mean_x += dx * (double)f->n / n;
	p->mean_y += dy * (double)f->n / n;
	p->n += f->n;
}

static struct val corr_result(const struct agg *a, const void *state, const struct agg_at *at,
                              struct heap *h)
{
	const struct pairs *p = state;

	(void)a;
	(void)at;
	(void)h;
	if (p->n < 2 || p->xx == 0 || p->yy == 0)
		return val_of(VAL_NULL);
	return val_num(fmax(-1, fmin(1, p->xy / (sqrt(p->xx) * sqrt(p->yy)))));
}

static struct val slope_result(const struct agg *a, const void *state, const struct agg_at *at,
                               struct heap *h)
{
	const struct pairs *p = state;

	(void)a;
	(void)at;
	(void)h;
	return p->n < 2 || p->xx == 0 ? val_of(VAL_NULL) : val_num(p->xy / p->xx);
}

const struct agg_kind agg_corr = { .name = "corr",
	                           .usage = "corr(f; g)",
	                           .values = 2,
	                           .takes = AGG_NUMBERS,
	                           .shares = true,
	                           .size = sizeof(struct pairs),
	                           .add_pair = add,
	                           .result = corr_result,
	                           .merge = merge };
const struct agg_kind agg_slope = { .name = "slope",
	                            .usage = "slope(f; t)",
	                            .values = 2,
	                            .takes = AGG_NUMBERS,
	                            .shares = true,
	                            .size = sizeof(struct pairs),
	                            .add_pair = add,
	                            .result = slope_result,
	                            .merge = merge };
const struct agg_kind agg_slope_time = { .name = "slope",
	                                 .usage = "slope(f)",
	                                 .values = 1,
	                                 .takes = AGG_NUMBERS,
	                                 .shares = true,
	                                 .size = sizeof(struct pairs),
	                                 .add = add_in_time,
	                                 .result = slope_result,
	                                 .merge = merge };
