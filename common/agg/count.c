/*
 * count: records. count(f): records for which f is true; ratio(f) is their share, any(f) and
 * every(f) ask for one and for all. Null is not true.
 */
#include "kinds.h"

struct count {
	uint64_t yes, n;
};

static void add_record(const struct agg *a, void *state, const struct agg_value *v,
                       const struct agg_record *r)
{
	uint64_t *n = state;

	(void)a;
	(void)v;
	(void)r;
	++*n;
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct count *c = state;

	(void)a;
	(void)r;
	c->yes += val_true(v->v);
	c->n++;
}

static void merge_record(const struct agg *a, void *to, const void *from)
{
	(void)a;
	*(uint64_t *)to += *(const uint64_t *)from;
}

static void merge(const struct agg *a, void *to, const void *from)
{
	struct count *c = to;
	const struct count *f = from;

	(void)a;
	c->yes += f->yes;
	c->n += f->n;
}

/* Of both: `yes` comes first. */
static struct val count_result(const struct agg *a, const void *state, const struct agg_at *at,
                               struct heap *h)
{
	(void)a;
	(void)at;
	(void)h;
	return val_num((double)*(const uint64_t *)state);
}

static struct val any_result(const struct agg *a, const void *state, const struct agg_at *at,
                             struct heap *h)
{
	const struct count *c = state;

	(void)a;
	(void)at;
	(void)h;
	return c->n ? val_bool(c->yes > 0) : val_of(VAL_NULL);
}

static struct val every_result(const struct agg *a, const void *state, const struct agg_at *at,
                               struct heap *h)
{
	const struct count *c = state;

	(void)a;
	(void)at;
	(void)h;
	return c->n ? val_bool(c->yes == c->n) : val_of(VAL_NULL);
}

static struct val ratio_result(const struct agg *a, const void *state, const struct agg_at *at,
                               struct heap *h)
{
	const struct count *c = state;

	(void)a;
	(void)at;
	(void)h;
	return c->n ? val_num((double)c->yes / (double)c->n) : val_of(VAL_NULL);
}

const struct agg_kind agg_count = { .name = "count",
	                            .usage = "count",
	                            .shares = true,
	                            .size = sizeof(uint64_t),
	                            .add = add_record,
	                            .result = count_result,
	                            .merge = merge_record };

#define CONDITION(called, function)                                                                \
	{                                                                                          \
		.name = (called), .usage = called "(cond)", .values = 1, .takes = AGG_CONDITION,   \
		.shares = true, .size = sizeof(struct count), .add = add, .result = (function),    \
		.merge = merge                                                                     \
	}

const struct agg_kind agg_count_if = CONDITION("count", count_result);
const struct agg_kind agg_any = CONDITION("any", any_result);
const struct agg_kind agg_every = CONDITION("every", every_result);
const struct agg_kind agg_ratio = CONDITION("ratio", ratio_result);
