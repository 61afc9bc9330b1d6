#include "sketch.h"

#include "agg.h"
#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GAMMA     ((1 + SKETCH_ERROR) / (1 - SKETCH_ERROR))
#define LOG_GAMMA 0.020000666706669435 /* ln GAMMA */
#define TINY      1e-300

#define SELECT_ROUNDS 40 /* of parting, about three times what is usual for SKETCH_EXACT values */

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

static void count_bucket(struct sketch_side *side, int32_t i, uint64_t count)
{
	uint32_t *to;

	if (!side->size || i < side->first || i >= side->first + (int64_t)side->size)
		widen(side, i);
	to = &side->count[i - side->first];
	*to = count > UINT32_MAX - *to ? UINT32_MAX : *to + (uint32_t)count;
}

static void count_value(struct sketch *s, double v, uint64_t count)
{
	if (fabs(v) < TINY)
		s->zeros += count;
	else
		count_bucket(v > 0 ? &s->plus : &s->minus,
		             bucket(fabs(v) > 1e308 ? 1e308 : fabs(v)), count);
}

/* From single values or levels to buckets. */
static void spread(struct sketch *s)
{
	uint32_t i;

	for (i = 0; s->exact && i < s->n; i++)
		count_value(s, s->exact[i], 1);
	for (i = 0; i < s->levels; i++)
		count_value(s, s->level[i].value, s->level[i].count);
	free(s->exact);
	free(s->level);
	s->exact = NULL;
	s->level = NULL;
	s->cap = s->levels = 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void sort(struct sketch *s)
{
	if (!s->sorted && s->n)
		qsort(s->exact, s->n, sizeof *s->exact, by_value);
	s->sorted = true;
}

/*
 * The value of this place in order, the others parted around it: C.A.R. Hoare, "Algorithm 65:
 * find", with the middle of three as pivot. It turns to sorting where parting goes badly.
 */
static double select_place(struct sketch *s, uint32_t place)
{
	double *v = s->exact;
	int64_t lo = 0, hi = (int64_t)s->n - 1;

	for (int rounds = 0; lo < hi && !s->sorted; rounds++) {
		double a = v[lo], b = v[lo + (hi - lo) / 2], c = v[hi];
		double pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
		int64_t i = lo, k = hi;

		if (rounds == SELECT_ROUNDS) {
			sort(s);
			break;
		}
		while (i <= k) {
			double t;

			while (v[i] < pivot)
				i++;
			while (v[k] > pivot)
				k--;
			if (i > k)
				break;
			t = v[i];
			v[i++] = v[k];
			v[k--] = t;
		}
		if (place <= k)
			hi = k;
		else if (place >= i)
			lo = i;
		else
			break;
	}
	return v[place];
}

/* From single values to levels, where those are few. */
static void make_levels(struct sketch *s)
{
	struct sketch_level *l = alloc_array(SKETCH_LEVELS, sizeof *l);
	uint32_t n = 0;

	sort(s);
	for (uint32_t i = 0; i < s->n; i++) {
		if (n && l[n - 1].value == s->exact[i]) {
			l[n - 1].count++;
			continue;
		}
		if (n == SKETCH_LEVELS) {
			free(l);
			spread(s);
			return;
		}
		l[n++] = (struct sketch_level){ s->exact[i], 1 };
	}
	free(s->exact);
	s->exact = NULL;
	s->cap = SKETCH_LEVELS;
	s->level = l;
	s->levels = n;
}

static void count_level(struct sketch *s, double v, uint64_t count)
{
	uint32_t lo = 0, n = s->levels;

	while (n > 0) {
		uint32_t half = n / 2;

		if (s->level[lo + half].value < v) {
			lo += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	if (lo < s->levels && s->level[lo].value == v) {
		s->level[lo].count += count;
		return;
	}
	if (s->levels == SKETCH_LEVELS) {
		spread(s);
		count_value(s, v, count);
		return;
	}
	memmove(s->level + lo + 1, s->level + lo, (s->levels++ - lo) * sizeof *s->level);
	s->level[lo] = (struct sketch_level){ v, count };
}

static void note_range(struct sketch *s, double least, double greatest)
{
	if (s->n == 0 || least < s->least)
		s->least = least;
	if (s->n == 0 || greatest > s->greatest)
		s->greatest = greatest;
}

void sketch_add_level(struct sketch *s, double v, uint64_t count)
{
	note_range(s, v, v);
	if (s->n <= SKETCH_EXACT && !s->level)
		make_levels(s);
	s->n += count;
	if (s->level)
		count_level(s, v, count);
	else
		count_value(s, v, count);
}

void sketch_add(struct sketch *s, double v)
{
	if (isnan(v))
		return;
	v += 0.0; /* -0 is 0 */
	if (s->n >= SKETCH_EXACT) {
		sketch_add_level(s, v, 1);
		return;
	}
	note_range(s, v, v);
	s->n++;
	if (s->n > s->cap) {
		s->cap = s->cap ? s->cap * 2 : 8;
		s->exact = alloc_resize(s->exact, s->cap, sizeof *s->exact);
	}
	s->exact[s->n - 1] = v;
	s->sorted = false;
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

	if (s->n <= SKETCH_EXACT)
		return select_place(s, (uint32_t)(rank - 1));
	for (i = 0; i < s->levels; i++) {
		seen += s->level[i].count;
		if (seen >= rank)
			return s->level[i].value;
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

static void merge_side(struct sketch_side *s, const struct sketch_side *from)
{
	const uint32_t *count;
	int32_t first;
	uint32_t n;

	count = sketch_buckets(from, &first, &n);
	if (n == 0)
		return;
	count_bucket(s, first + (int32_t)n - 1, 0);
	for (uint32_t i = 0; i < n; i++)
		count_bucket(s, first + (int32_t)i, count[i]);
}

void sketch_merge(struct sketch *s, const struct sketch *from)
{
	uint32_t i;

	if (from->n <= SKETCH_EXACT) {
		for (i = 0; i < from->n; i++)
			sketch_add(s, from->exact[i]);
		return;
	}
	if (from->level) {
		for (i = 0; i < from->levels; i++)
			sketch_add_level(s, from->level[i].value, from->level[i].count);
		return;
	}
	spread(s);
	note_range(s, from->least, from->greatest);
	s->n += from->n;
	s->zeros += from->zeros;
	merge_side(&s->plus, &from->plus);
	merge_side(&s->minus, &from->minus);
}

struct sketch_level *sketch_levels(struct sketch *s, size_t *n)
{
	size_t room = (size_t)s->minus.size + s->plus.size + 1;
	struct sketch_level *to;
	uint32_t i;

	if (sketch_is_exact(s))
		room = s->level ? s->levels : s->n + 1;
	to = alloc_array(room, sizeof *to);
	*n = 0;
	if (s->level) {
		*n = s->levels;
		memcpy(to, s->level, s->levels * sizeof *to);
		return to;
	}
	if (s->n <= SKETCH_EXACT) {
		sort(s);
		for (i = 0; i < s->n; i++)
			to[(*n)++] = (struct sketch_level){ s->exact[i], 1 };
		return to;
	}
	for (i = s->minus.size; i-- > 0;)
		to[(*n)++] = (struct sketch_level){ within(s, -middle(s->minus.first + (int32_t)i)),
			                            s->minus.count[i] };
	to[(*n)++] = (struct sketch_level){ 0, s->zeros };
	for (i = 0; i < s->plus.size; i++)
		to[(*n)++] = (struct sketch_level){ within(s, middle(s->plus.first + (int32_t)i)),
			                            s->plus.count[i] };
	return to;
}

const uint32_t *sketch_buckets(const struct sketch_side *side, int32_t *first, uint32_t *n)
{
	uint32_t from = 0, to = side->size;

	while (from < to && !side->count[from])
		from++;
	while (to > from && !side->count[to - 1])
		to--;
	*first = side->first + (int32_t)from;
	*n = to - from;
	return side->count ? side->count + from : NULL;
}

bool sketch_add_bucket(struct sketch_side *side, int64_t i, uint64_t count)
{
	if (i < bucket(TINY) || i > bucket(1e308) || count > UINT32_MAX)
		return false;
	count_bucket(side, (int32_t)i, (uint32_t)count);
	return true;
}

/* ---- saving */

static void save_side(const struct sketch_side *side, struct buf *b)
{
	const uint32_t *count;
	int32_t first;
	uint32_t n;

	count = sketch_buckets(side, &first, &n);
	buf_add(b, (const char *)&first, sizeof first);
	buf_add(b, (const char *)&n, sizeof n);
	buf_add(b, (const char *)count, n * sizeof *count);
}

static int load_side(struct sketch_side *side, struct slice *from)
{
	uint32_t n;

	if (agg_take(from, &side->first, sizeof side->first) < 0 ||
	    agg_take(from, &n, sizeof n) < 0 || n > from->n / sizeof *side->count)
		return -1;
	if (n == 0)
		return 0;
	side->size = n;
	side->count = alloc_array(n, sizeof *side->count);
	return agg_take(from, side->count, n * sizeof *side->count);
}

void sketch_save(const struct sketch *s, struct buf *b)
{
	agg_put64(b, s->n);
	agg_put(b, &s->least, sizeof s->least);
	agg_put(b, &s->greatest, sizeof s->greatest);
	if (s->n <= SKETCH_EXACT) {
		agg_put(b, s->exact, s->n * sizeof *s->exact);
		return;
	}
	agg_put64(b, s->levels);
	agg_put(b, s->level, s->levels * sizeof *s->level);
	if (s->level)
		return;
	agg_put64(b, s->zeros);
	save_side(&s->plus, b);
	save_side(&s->minus, b);
}

/* What there is beyond SKETCH_EXACT values. */
static int load_many(struct sketch *s, struct slice *from)
{
	uint64_t n;

	if (agg_take_count(from, &n, sizeof *s->level) < 0 || n > SKETCH_LEVELS)
		return -1;
	if (n > 0) {
		s->cap = SKETCH_LEVELS;
		s->levels = (uint32_t)n;
		s->level = alloc_array(SKETCH_LEVELS, sizeof *s->level);
		return agg_take(from, s->level, n * sizeof *s->level);
	}
	if (agg_take(from, &s->zeros, sizeof s->zeros) < 0 || load_side(&s->plus, from) < 0)
		return -1;
	return load_side(&s->minus, from);
}

int sketch_load(struct sketch *s, struct slice *from)
{
	uint64_t n;

	if (agg_take(from, &n, sizeof n) < 0 || agg_take(from, &s->least, sizeof s->least) < 0 ||
	    agg_take(from, &s->greatest, sizeof s->greatest) < 0)
		return -1;
	s->n = n;
	if (n > SKETCH_EXACT)
		return load_many(s, from);
	if (n == 0)
		return 0;
	s->cap = (uint32_t)n;
	s->exact = alloc_array(n, sizeof *s->exact);
	return agg_take(from, s->exact, n * sizeof *s->exact);
}

size_t sketch_memory(const struct sketch *s)
{
	return s->cap * (s->level ? sizeof *s->level : sizeof *s->exact) +
	       ((size_t)s->plus.size + s->minus.size) * sizeof *s->plus.count;
}

void sketch_free(struct sketch *s)
{
	free(s->exact);
	free(s->level);
	free(s->plus.count);
	free(s->minus.count);
}
