#include "sketch.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GAMMA     ((1 + SKETCH_ERROR) / (1 - SKETCH_ERROR))
#define LOG_GAMMA 0.020000666706669435 /* ln GAMMA */
#define TINY      1e-300

/* The bucket of v > 0: the least i with v <= GAMMA^i. */
static int32_t bucket(double v)
{
	return (int32_t)ceil(log(v) / LOG_GAMMA);
}

/* The value that stands for a bucket: off by at most SKETCH_ERROR from all in it. */
static double middle(int32_t i)
{
	return 2 * exp(i * LOG_GAMMA) / (GAMMA + 1);
}

/* Make room for bucket I. */
static void widen(struct sketch_side *s, int32_t i)
{
	int64_t first = s->size && s->first < i ? s->first : i, last = i;
	uint32_t *count;
	size_t size;

	if (s->size && (int64_t)s->first + s->size - 1 > last)
		last = (int64_t)s->first + s->size - 1;
	/* some more on the side that grew, so that growing stays rare */
	if (s->size && first < s->first)
		first -= s->size / 4 + 4;
	if (s->size && last == i)
		last += s->size / 4 + 4;
	size = (size_t)(last - first + 1);
	count = alloc_zero(size, sizeof *count);
	if (s->size)
		memcpy(count + (s->first - first), s->count, s->size * sizeof *count);
	free(s->count);
	*s = (struct sketch_side){ count, (int32_t)first, (uint32_t)size };
}

static void count_value(struct sketch *s, double v)
{
	struct sketch_side *side = v > 0 ? &s->plus : &s->minus;
	int32_t i;

	if (fabs(v) < TINY) {
		s->zeros++;
		return;
	}
	i = bucket(fabs(v) > 1e308 ? 1e308 : fabs(v));
	if (!side->size || i < side->first || i >= side->first + (int64_t)side->size)
		widen(side, i);
	side->count[i - side->first]++;
}

void sketch_add(struct sketch *s, double v)
{
	if (isnan(v))
		return;
	if (s->n == 0 || v < s->least)
		s->least = v;
	if (s->n == 0 || v > s->greatest)
		s->greatest = v;
	if (s->n++ >= SKETCH_EXACT) {
		if (s->exact) {
			for (uint32_t i = 0; i < SKETCH_EXACT; i++)
				count_value(s, s->exact[i]);
			free(s->exact);
			s->exact = NULL;
		}
		count_value(s, v);
		return;
	}
	if (s->n > s->cap) {
		s->cap = s->cap ? s->cap * 2 : 8;
		s->exact = alloc_resize(s->exact, s->cap, sizeof *s->exact);
	}
	s->exact[s->n - 1] = v;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* An estimate is never outside what was seen. */
static double within(const struct sketch *s, double v)
{
	return v < s->least ? s->least : v > s->greatest ? s->greatest : v;
}

double sketch_rank(struct sketch *s, uint64_t rank)
{
	uint64_t seen = 0;
	uint32_t i;

	if (sketch_is_exact(s)) {
		qsort(s->exact, s->n, sizeof *s->exact, by_value);
		return s->exact[rank - 1];
	}
	for (i = s->minus.size; i-- > 0;) {
		seen += s->minus.count[i];
		if (seen >= rank)
			return within(s, -middle(s->minus.first + (int32_t)i));
	}
	seen += s->zeros;
	if (seen >= rank)
		return 0;
	for (i = 0; i < s->plus.size; i++) {
		seen += s->plus.count[i];
		if (seen >= rank)
			return within(s, middle(s->plus.first + (int32_t)i));
	}
	return s->greatest;
}

void sketch_free(struct sketch *s)
{
	free(s->exact);
	free(s->plus.count);
	free(s->minus.count);
}
