/*
 * ewma(f; halflife): the mean of a window's values, each weighted by half for every half-life that
 * it is older than the newest. That is pandas' ewm(halflife, times, adjust=True): a sum, so that
 * neither order nor parts change it by more than rounding.
 */
#include "base/duration.h"
#include "base/wide.h"
#include "kinds.h"

#include <math.h>

struct ewma {
	uint64_t n;
	int64_t newest;     /* ns */
	double weight, sum; /* of weights, and of weighted values, as of `newest` */
};

static int setup(struct agg *a, struct err *e)
{
	if (a->param > 0 && isfinite(a->param))
		return 0;
	return err_set(e, FAIL_COMPILE,
	               "ewma(f; halflife): halflife is a duration above 0, like \"30s\"");
}

static void blend(const struct agg *a, struct ewma *s, int64_t time, double weight, double sum)
{
	double age, factor;

	if (!s->n)
		s->newest = time;
	age = (double)((wide_int)time - s->newest) / (a->param * NS_PER_SEC);
	factor = exp2(-fabs(age));
	if (age > 0) {
		s->weight *= factor;
		s->sum *= factor;
		s->newest = time;
		factor = 1;
	}
	s->weight += weight * factor;
	s->sum += sum * factor;
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct ewma *s = state;

	blend(a, s, r->time, 1, v->num);
	s->n++;
}

static void merge(const struct agg *a, void *to, const void *from)
{
	struct ewma *s = to;
	const struct ewma *f = from;

	if (!f->n)
		return;
	blend(a, s, f->newest, f->weight, f->sum);
	s->n += f->n;
}

static struct val result(const struct agg *a, const void *state, const struct agg_at *at,
                         struct heap *h)
{
	const struct ewma *s = state;

	(void)a;
	(void)at;
	(void)h;
	return s->n ? val_num(s->sum / s->weight) : val_of(VAL_NULL);
}

const struct agg_kind agg_ewma = { .name = "ewma",
	                           .usage = "ewma(f; halflife)",
	                           .values = 1,
	                           .takes = AGG_NUMBERS,
	                           .param = AGG_DURATION,
	                           .size = sizeof(struct ewma),
	                           .setup = setup,
	                           .add = add,
	                           .result = result,
	                           .merge = merge };
