/*
 * sum and avg, and geomean, the mean of logarithms. Whole numbers are summed exactly, in 128 bits;
 * others as doubles with compensation (A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur
 * Summation endlicher Summen", 1974). Nothing at all: null, as in SQL.
 */
#include "base/wide.h"
#include "kinds.h"

#include <math.h>

struct sum {
	uint64_t n;
	uint64_t whole_lo; /* of the 128-bit sum: two halves, so that the state needs no wide
	                      alignment */
	int64_t whole_hi;
	double part, lost; /* of what is not whole */
	bool parts;        /* is there any? */
};

static wide_int whole(const struct sum *s)
{
	return (wide_int)((wide_uint)s->whole_hi << 64 | s->whole_lo);
}

static void add_whole(struct sum *s, wide_int v)
{
	wide_int w = whole(s) + v;

	s->whole_lo = (uint64_t)w;
	s->whole_hi = (int64_t)(w >> 64);
}

static void add_part(struct sum *s, double v)
{
	double t = s->part + v;

	s->parts = true;
	if (fabs(s->part) >= fabs(v))
		s->lost += (s->part - t) + v;
	else
		s->lost += (v - t) + s->part;
	s->part = t;
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct sum *s = state;

	(void)a;
	(void)r;
	s->n++;
	if (v->is_int)
		add_whole(s, v->whole);
	else
		add_part(s, v->num);
}

/* Below zero there is no logarithm: not a number, so that the mean is null. */
static void add_log(const struct agg *a, void *state, const struct agg_value *v,
                    const struct agg_record *r)
{
	struct sum *s = state;

	(void)a;
	(void)r;
	s->n++;
	add_part(s, log(v->num));
}

static void merge(const struct agg *a, void *to, const void *from)
{
	struct sum *s = to;
	const struct sum *f = from;

	(void)a;
	s->n += f->n;
	add_whole(s, whole(f));
	if (!f->parts)
		return;
	add_part(s, f->part);
	s->lost += f->lost;
}

static double total(const struct sum *s)
{
	double part = isfinite(s->part) ? s->part + s->lost : s->part;

	return (double)whole(s) + part;
}

/* The digits of a whole sum, of any size. */
static struct val exact(wide_int w, struct heap *h)
{
	char digits[48], *p = digits + sizeof digits;
	wide_uint u = w < 0 ? 0 - (wide_uint)w : (wide_uint)w;
	size_t n;

	do {
		*--p = (char)('0' + (int)(u % 10));
		u /= 10;
	} while (u);
	if (w < 0)
		*--p = '-';
	n = (size_t)(digits + sizeof digits - p);
	return val_lit((struct slice){ arena_copy(&h->arena, p, n), n });
}

static struct val sum_result(const struct agg *a, const void *state, const struct agg_at *at,
                             struct heap *h)
{
	const struct sum *s = state;

	(void)a;
	(void)at;
	if (s->n == 0)
		return val_of(VAL_NULL);
	return s->parts ? val_num(total(s)) : exact(whole(s), h);
}

static struct val avg_result(const struct agg *a, const void *state, const struct agg_at *at,
                             struct heap *h)
{
	const struct sum *s = state;

	(void)a;
	(void)at;
	(void)h;
	return s->n ? val_num(total(s) / (double)s->n) : val_of(VAL_NULL);
}

static struct val geomean_result(const struct agg *a, const void *state, const struct agg_at *at,
                                 struct heap *h)
{
	const struct sum *s = state;

	(void)a;
	(void)at;
	(void)h;
	return s->n ? val_num(exp(total(s) / (double)s->n)) : val_of(VAL_NULL);
}

#define KIND(called, adds, gives)                                                                  \
	{                                                                                          \
		.name = (called), .usage = called "(f)", .values = 1, .takes = AGG_NUMBERS,        \
		.shares = true, .size = sizeof(struct sum), .add = (adds), .result = (gives),      \
		.merge = merge                                                                     \
	}

const struct agg_kind agg_sum = KIND("sum", add, sum_result);
const struct agg_kind agg_add = KIND("add", add, sum_result);
const struct agg_kind agg_avg = KIND("avg", add, avg_result);
const struct agg_kind agg_geomean = KIND("geomean", add_log, geomean_result);
