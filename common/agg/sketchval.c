#include "sketchval.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

#define VERSION 1

/* ---- reading objects */

static const struct val *member(struct val o, const char *name)
{
	return o.tag == VAL_OBJ ? obj_get(o.obj, slice_from(name)) : NULL;
}

static bool get_number(struct val o, const char *name, double *to)
{
	const struct val *v = member(o, name);

	if (!v || !val_is_num(*v))
		return false;
	*to = val_double(*v);
	return true;
}

/* A whole number from LEAST up to what a double has exactly. */
static bool get_whole(struct val o, const char *name, double least, int64_t *to)
{
	double d;

	if (!get_number(o, name, &d) || !(d >= least && d <= 0x1p53) || d != floor(d))
		return false;
	*to = (int64_t)d;
	return true;
}

static enum sketchval kind_of(struct heap *h, struct val o)
{
	const struct val *v = member(o, "sketch");
	struct slice name;
	int64_t version;

	if (!v || val_type(*v) != TYPE_STRING)
		return SKETCHVAL_NONE;
	name = val_slice(h, *v);
	if (!get_whole(o, "version", 0, &version) || version != VERSION)
		return SKETCHVAL_OTHER;
	if (slice_same(name, SLICE("ddsketch")))
		return SKETCHVAL_NUMBERS;
	return slice_same(name, SLICE("hll")) ? SKETCHVAL_DISTINCT : SKETCHVAL_OTHER;
}

enum sketchval sketchval_kind(struct val v)
{
	enum sketchval kind;
	struct heap h;

	if (val_type(v) != TYPE_OBJECT)
		return SKETCHVAL_NONE;
	heap_init(&h);
	kind = kind_of(&h, val_force(&h, v));
	heap_free(&h);
	return kind;
}

/* ---- numbers */

static struct obj *put(struct heap *h, struct obj *o, const char *name, struct val v)
{
	struct val key = val_str(slice_from(name));

	key.flag = VAL_CLEAN;
	return obj_set(h, o, key, v);
}

static struct obj *begin(struct heap *h, const char *kind)
{
	struct obj *o = put(h, obj_new(h, 8), "sketch", val_str(slice_from(kind)));

	return put(h, o, "version", val_num(VERSION));
}

static struct val side_value(struct heap *h, const struct sketch_side *side)
{
	struct obj *o = obj_new(h, 2);
	const uint32_t *count;
	struct arr *all;
	int32_t first;
	uint32_t n;

	count = sketch_buckets(side, &first, &n);
	all = arr_new(h, n);
	for (uint32_t i = 0; i < n; i++)
		all = arr_push(h, all, val_num(count[i]));
	o = put(h, o, "first", val_num(first));
	return val_obj(put(h, o, "counts", val_arr(all)));
}

static struct val levels_value(struct heap *h, struct sketch *s, struct obj *o)
{
	bool counted = s->level != NULL;
	size_t n;
	struct sketch_level *l = sketch_levels(s, &n);
	struct arr *values = arr_new(h, n), *counts = arr_new(h, n);

	for (size_t i = 0; i < n; i++) {
		values = arr_push(h, values, val_num(l[i].value));
		counts = arr_push(h, counts, val_num((double)l[i].count));
	}
	free(l);
	o = put(h, o, "values", val_arr(values));
	return val_obj(counted ? put(h, o, "counts", val_arr(counts)) : o);
}

struct val sketchval_numbers(struct heap *h, struct sketch *s)
{
	struct obj *o = put(h, begin(h, "ddsketch"), "n", val_num((double)s->n));

	if (sketch_is_exact(s))
		return levels_value(h, s, o);
	o = put(h, o, "error", val_num(SKETCH_ERROR));
	o = put(h, o, "min", val_num(s->least));
	o = put(h, o, "max", val_num(s->greatest));
	o = put(h, o, "zeros", val_num((double)s->zeros));
	o = put(h, o, "plus", side_value(h, &s->plus));
	return val_obj(put(h, o, "minus", side_value(h, &s->minus)));
}

/* An array of numbers; NULL where V is none. */
static const struct arr *numbers(struct heap *h, const struct val *v)
{
	struct val all = v ? val_force(h, *v) : val_of(VAL_NULL);

	if (all.tag != VAL_ARR)
		return NULL;
	for (uint32_t i = 0; i < all.arr->n; i++)
		if (!val_is_num(all.arr->at[i]))
			return NULL;
	return all.arr;
}

/* A count: a whole number up to what a double has exactly. */
static bool is_count(double d)
{
	return d >= 0 && d <= 0x1p53 && d == floor(d);
}

static int get_values(const struct arr *values, int64_t n, struct sketch *s)
{
	if (!values || values->n != n || n > SKETCH_EXACT)
		return -1;
	for (uint32_t i = 0; i < values->n; i++)
		sketch_add(s, val_double(values->at[i]));
	return 0;
}

static int get_levels(const struct arr *values, const struct arr *counts, int64_t n,
                      struct sketch *s)
{
	double v, before = -INFINITY, count;

	if (!values || !counts || values->n != counts->n || n <= SKETCH_EXACT ||
	    values->n > SKETCH_LEVELS)
		return -1;
	for (uint32_t i = 0; i < values->n; i++) {
		v = val_double(values->at[i]);
		count = val_double(counts->at[i]);
		if ((i && v <= before) || !is_count(count) || count < 1)
			return -1;
		sketch_add_level(s, v, (uint64_t)count);
		before = v;
	}
	return s->n == (uint64_t)n ? 0 : -1;
}

static int get_side(struct heap *h, const struct val *v, struct sketch_side *side, uint64_t *n)
{
	struct val o = v ? val_force(h, *v) : val_of(VAL_NULL);
	const struct arr *counts = numbers(h, member(o, "counts"));
	int64_t first;
	double d;

	if (!counts || !get_whole(o, "first", -1e6, &first))
		return -1;
	for (uint32_t i = 0; i < counts->n; i++) {
		d = val_double(counts->at[i]);
		if (!is_count(d) || !sketch_add_bucket(side, first + i, (uint64_t)d))
			return -1;
		*n += (uint64_t)d;
	}
	return 0;
}

static int get_numbers(struct heap *h, struct val o, struct sketch *s)
{
	int64_t n, zeros;
	uint64_t seen;
	double error;

	if (kind_of(h, o) != SKETCHVAL_NUMBERS || !get_whole(o, "n", 0, &n))
		return -1;
	if (member(o, "counts"))
		return get_levels(numbers(h, member(o, "values")), numbers(h, member(o, "counts")),
		                  n, s);
	if (member(o, "values"))
		return get_values(numbers(h, member(o, "values")), n, s);
	if (!get_number(o, "error", &error) || error != SKETCH_ERROR || n <= SKETCH_EXACT ||
	    !get_number(o, "min", &s->least) || !get_number(o, "max", &s->greatest) ||
	    !get_whole(o, "zeros", 0, &zeros))
		return -1;
	seen = (uint64_t)zeros;
	if (get_side(h, member(o, "plus"), &s->plus, &seen) < 0 ||
	    get_side(h, member(o, "minus"), &s->minus, &seen) < 0 || seen != (uint64_t)n)
		return -1;
	s->zeros = (uint64_t)zeros;
	s->n = (uint64_t)n;
	return 0;
}

int sketchval_get_numbers(struct val v, struct sketch *s)
{
	struct heap h;
	int r;

	heap_init(&h);
	r = get_numbers(&h, val_force(&h, v), s);
	heap_free(&h);
	return r;
}

/* ---- different things */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* N bytes in base64 (RFC 4648), in the heap. */
static struct val to_base64(struct heap *h, const uint8_t *p, size_t n)
{
	char *text = arena_alloc(&h->arena, (n + 2) / 3 * 4), *to = text;
	struct val v;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t w = (uint32_t)p[i] << 16;

		w |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
		w |= i + 2 < n ? p[i + 2] : 0;
		*to++ = digits[w >> 18];
		*to++ = digits[w >> 12 & 63];
		*to++ = '=';
		*to++ = '=';
		if (i + 1 < n)
			to[-2] = digits[w >> 6 & 63];
		if (i + 2 < n)
			to[-1] = digits[w & 63];
	}
	v = val_str((struct slice){ text, (size_t)(to - text) });
	v.flag = VAL_CLEAN;
	return v;
}

/* The bytes of a base64 text; -1 where it is none. */
static int from_base64(struct slice text, struct buf *b)
{
	while (text.n && text.p[text.n - 1] == '=')
		text.n--;
	for (size_t i = 0; i < text.n; i += 4) {
		size_t n = text.n - i < 4 ? text.n - i : 4;
		uint32_t w = 0;

		for (size_t k = 0; k < 4; k++) {
			const char *d = k < n ? memchr(digits, text.p[i + k], 64) : digits;

			if (!d)
				return -1;
			w = w << 6 | (uint32_t)(d - digits);
		}
		if (n == 1)
			return -1;
		buf_addc(b, (char)(w >> 16));
		if (n > 2)
			buf_addc(b, (char)(w >> 8));
		if (n > 3)
			buf_addc(b, (char)w);
	}
	return 0;
}

struct val sketchval_distinct(struct heap *h, const struct hll *s)
{
	struct obj *o = put(h, begin(h, "hll"), "p", val_num(HLL_P));
	uint64_t *hash;
	uint8_t *bytes;

	if (!hll_is_exact(s))
		return val_obj(put(h, o, "registers", to_base64(h, s->reg, HLL_REGISTERS)));
	hash = hll_sorted(s);
	bytes = arena_alloc(&h->arena, (size_t)s->n * 8);
	for (size_t i = 0; i < (size_t)s->n * 8; i++)
		bytes[i] = (uint8_t)(hash[i / 8] >> i % 8 * 8);
	free(hash);
	return val_obj(put(h, o, "hashes", to_base64(h, bytes, (size_t)s->n * 8)));
}

static int get_bytes(struct hll *s, const uint8_t *p, size_t n, bool registers)
{
	uint64_t hash = 0;

	if (registers)
		return n == HLL_REGISTERS ? hll_set_registers(s, p) : -1;
	if (n % 8 || n / 8 > HLL_EXACT)
		return -1;
	for (size_t i = 0; i < n; i++) {
		hash |= (uint64_t)p[i] << i % 8 * 8;
		if (i % 8 == 7) {
			hll_add(s, hash);
			hash = 0;
		}
	}
	return 0;
}

static int get_distinct(struct heap *h, struct val o, struct hll *s)
{
	const struct val *v = member(o, "registers");
	bool registers = v;
	struct buf b = { 0 };
	int64_t p;
	int r;

	if (!v)
		v = member(o, "hashes");
	if (kind_of(h, o) != SKETCHVAL_DISTINCT || !get_whole(o, "p", HLL_P, &p) || p != HLL_P ||
	    !v || val_type(*v) != TYPE_STRING)
		return -1;
	r = from_base64(val_slice(h, *v), &b);
	if (r == 0)
		r = get_bytes(s, (const uint8_t *)b.p, b.n, registers);
	buf_free(&b);
	return r;
}

int sketchval_get_distinct(struct val v, struct hll *s)
{
	struct heap h;
	int r;

	heap_init(&h);
	r = get_distinct(&h, val_force(&h, v), s);
	heap_free(&h);
	return r;
}
