/*
 * sum and avg. Whole numbers are summed exactly, in 128 bits; others as doubles with compensation
 * (A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974).
 * Nothing at all: null, as in SQL.
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

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct sum *s = state;
	wide_int w;
	double t;

	(void)a;
	(void)r;
	s->n++;
	if (v->is_int) {
		w = whole(s) + v->whole;
		s->whole_lo = (uint64_t)w;
		s->whole_hi = (int64_t)(w >> 64);
		return;
	}
	s->parts = true;
	t = s->part + v->num;
	if (fabs(s->part) >= fabs(v->num))
		s->lost += (s->part - t) + v->num;
	else
		s->lost += (v->num - t) + s->part;
	s->part = t;
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

static struct val sum_result(const struct agg *a, const void *state, struct heap *h)
{
	const struct sum *s = state;

	(void)a;
	if (s->n == 0)
		return val_of(VAL_NULL);
	return s->parts ? val_num(total(s)) : exact(whole(s), h);
}

static struct val avg_result(const struct agg *a, const void *state, struct heap *h)
{
	const struct sum *s = state;

	(void)a;
	(void)h;
	return s->n ? val_num(total(s) / (double)s->n) : val_of(VAL_NULL);
}

const struct agg_kind agg_sum = { .name = "sum",
	                          .args = 1,
	                          .numbers = true,
	                          .size = sizeof(struct sum),
	                          .add = add,
	                          .result = sum_result };
const struct agg_kind agg_avg = { .name = "avg",
	                          .args = 1,
	                          .numbers = true,
	                          .size = sizeof(struct sum),
	                          .add = add,
	                          .result = avg_result };
