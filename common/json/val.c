#include "val.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "check.h"
#include "jstring.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define INDEX_FROM 12 /* members; fewer are searched one by one */

const uint8_t val_types[VAL_PRIVATE] = {
	[VAL_NONE] = TYPE_NONE,    [VAL_NULL] = TYPE_NULL,     [VAL_FALSE] = TYPE_FALSE,
	[VAL_TRUE] = TYPE_TRUE,    [VAL_NUM] = TYPE_NUMBER,    [VAL_LIT] = TYPE_NUMBER,
	[VAL_STR] = TYPE_STRING,   [VAL_RAWSTR] = TYPE_STRING, [VAL_ARR] = TYPE_ARRAY,
	[VAL_RAWARR] = TYPE_ARRAY, [VAL_OBJ] = TYPE_OBJECT,    [VAL_RAWOBJ] = TYPE_OBJECT,
};

void heap_init(struct heap *h)
{
	*h = (struct heap){ .limit = HEAP_LIMIT };
}

void heap_reset(struct heap *h)
{
	arena_reset(&h->arena);
	h->tail = h->tail_end = NULL;
}

void heap_free(struct heap *h)
{
	arena_free(&h->arena);
	h->tail = h->tail_end = NULL;
}

static struct obj *obj_append(struct heap *h, struct obj *o, struct val key, struct val value);

/* ---- making values */

struct val val_copy_str(struct heap *h, struct slice s)
{
	size_t i = 0, n = 0;
	uint32_t cp;
	char *to;

	if (utf8_valid(s))
		return val_str((struct slice){ arena_copy(&h->arena, s.p, s.n), s.n });
	to = arena_array(&h->arena, s.n, 3);
	while (i < s.n) {
		i += utf8_get(s.p + i, s.n - i, &cp);
		n += utf8_put(to + n, cp);
	}
	return val_str((struct slice){ to, n });
}

struct val val_strf(struct heap *h, const char *fmt, ...)
{
	va_list ap, again;
	int n;
	char *to;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	to = arena_alloc(&h->arena, (size_t)n + 1);
	vsnprintf(to, (size_t)n + 1, fmt, again);
	va_end(again);
	return val_str((struct slice){ to, (size_t)n });
}

struct val val_from_rec(const struct rec *r, uint32_t k)
{
	struct slice s;

	switch (r->cls[k]) {
	case CLASS_OPEN_OBJ:
		return (struct val){ .tag = VAL_RAWOBJ, .len = k, .rec = r };
	case CLASS_OPEN_ARR:
		return (struct val){ .tag = VAL_RAWARR, .len = k, .rec = r };
	case CLASS_QUOTE:
		s = rec_value(r, k);
		return (struct val){ .tag = VAL_RAWSTR, .len = (uint32_t)s.n - 2, .text = s.p + 1 };
	default:
		s = rec_value(r, k);
		switch (*s.p) {
		case 'n':
			return val_of(VAL_NULL);
		case 't':
			return val_of(VAL_TRUE);
		case 'f':
			return val_of(VAL_FALSE);
		default:
			return val_lit(s);
		}
	}
}

/* ---- asking values */

const char *val_type_name(struct val v)
{
	static const char *const names[] = { "none",   "null",   "boolean", "boolean",
		                             "number", "string", "array",   "object" };

	return names[val_type(v)];
}

struct slice val_slice(struct heap *h, struct val v)
{
	return v.tag == VAL_RAWSTR ? jstring_decode(val_text(v), &h->arena) : val_text(v);
}

static struct val decoded_key(struct heap *h, const struct rec *r, uint32_t k)
{
	struct slice raw = rec_value(r, k);
	struct val key;

	raw.p++;
	raw.n -= 2;
	key = val_str(jstring_decode(raw, &h->arena));
	if (key.text == raw.p)
		key.flag = VAL_CLEAN;
	return key;
}

static struct val force_array(struct heap *h, const struct rec *r, uint32_t k)
{
	struct arr *a = arr_new(h, 8);
	uint32_t end = r->skip[k];

	for (k++; k < end; k = rec_after(r, k) + 1)
		a = arr_push(h, a, val_from_rec(r, k));
	return val_arr(a);
}

/* A bit of 64 by which most different keys of an object differ. */
static inline uint64_t key_bit(struct val key)
{
	unsigned sum = key.len * 7;

	if (key.len)
		sum += (unsigned char)key.text[0] * 3u + (unsigned char)key.text[key.len - 1];
	return UINT64_C(1) << (sum & 63);
}

static struct val force_object(struct heap *h, const struct rec *r, uint32_t k)
{
	struct obj *o = obj_new(h, 12);
	uint32_t end = r->skip[k];
	uint64_t seen = 0, bit;

	for (k++; k < end; k = rec_after(r, k + 2) + 1) {
		struct val key = decoded_key(h, r, k);

		bit = key_bit(key);
		o = seen & bit ? obj_set(h, o, key, val_from_rec(r, k + 2))
		               : obj_append(h, o, key, val_from_rec(r, k + 2));
		seen |= bit;
	}
	return val_obj(o);
}

struct val val_force(struct heap *h, struct val v)
{
	if (v.tag == VAL_RAWOBJ)
		return force_object(h, v.rec, v.len);
	if (v.tag == VAL_RAWARR)
		return force_array(h, v.rec, v.len);
	return v;
}

struct val val_copy_deep(struct heap *h, struct val v)
{
	struct val copy = v;
	uint32_t i;

	switch (v.tag) {
	case VAL_LIT:
		copy.text = arena_copy(&h->arena, v.text, v.len);
		return copy;
	case VAL_RAWSTR:
	case VAL_STR:
		copy = val_str(val_slice(h, v));
		if (copy.text == v.text)
			copy.text = arena_copy(&h->arena, v.text, v.len);
		return copy;
	case VAL_RAWARR:
	case VAL_ARR:
		copy = v.tag == VAL_ARR ? val_arr(arr_new(h, v.arr->n)) : val_force(h, v);
		for (i = 0; v.tag == VAL_ARR ? i < v.arr->n : i < copy.arr->n; i++)
			if (v.tag == VAL_ARR)
				copy.arr = arr_push(h, copy.arr, val_copy_deep(h, v.arr->at[i]));
			else
				copy.arr->at[i] = val_copy_deep(h, copy.arr->at[i]);
		return copy;
	case VAL_RAWOBJ:
	case VAL_OBJ:
		v = val_force(h, v);
		copy = val_obj(obj_new(h, v.obj->n));
		for (i = 0; i < v.obj->n; i++)
			copy.obj = obj_set(h, copy.obj, val_copy_deep(h, v.obj->at[i].key),
			                   val_copy_deep(h, v.obj->at[i].value));
		return copy;
	default:
		return copy;
	}
}

uint32_t val_count(struct val v)
{
	uint32_t n = 0, k, end;

	if (v.tag == VAL_ARR)
		return v.arr->n;
	if (v.tag == VAL_OBJ)
		return v.obj->n;
	end = v.rec->skip[v.len];
	for (k = v.len + 1; k < end; n++)
		k = rec_after(v.rec, v.tag == VAL_RAWOBJ ? k + 2 : k) + 1;
	return n;
}

/* ---- order */

static int order(struct heap *h, struct val a, struct val b, unsigned depth, bool *too_deep);

static int order_numbers(struct val a, struct val b)
{
	double x, y;

	if (a.tag == VAL_LIT && b.tag == VAL_LIT)
		return num_order(val_text(a), val_text(b));
	x = val_double(a);
	y = val_double(b);
	/* jq sorts nan below every number */
	return x < y || x != x ? -1 : x > y || y != y ? 1 : 0;
}

static int order_arrays(struct heap *h, struct arr *a, struct arr *b, unsigned depth,
                        bool *too_deep)
{
	uint32_t i;

	for (i = 0; i < a->n && i < b->n; i++) {
		int r = order(h, a->at[i], b->at[i], depth + 1, too_deep);

		if (r || *too_deep)
			return r;
	}
	return (a->n > b->n) - (a->n < b->n);
}

/* first the sets of keys, as arrays in order, then the values key by key */
static int order_objects(struct heap *h, struct obj *a, struct obj *b, unsigned depth,
                         bool *too_deep)
{
	uint32_t *x = obj_sorted(h, a), *y = obj_sorted(h, b), i;
	int r;

	for (i = 0; i < a->n && i < b->n; i++) {
		r = slice_order(val_text(a->at[x[i]].key), val_text(b->at[y[i]].key));
		if (r)
			return r;
	}
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (i = 0; i < a->n; i++) {
		r = order(h, a->at[x[i]].value, b->at[y[i]].value, depth + 1, too_deep);
		if (r || *too_deep)
			return r;
	}
	return 0;
}

static int order(struct heap *h, struct val a, struct val b, unsigned depth, bool *too_deep)
{
	enum val_type x = val_type(a), y = val_type(b);

	if (x != y)
		return x < y ? -1 : 1;
	switch (x) {
	case TYPE_NUMBER:
		return order_numbers(a, b);
	case TYPE_STRING:
		return slice_order(val_slice(h, a), val_slice(h, b));
	case TYPE_ARRAY:
	case TYPE_OBJECT:
		if (depth > CHECK_DEPTH) {
			*too_deep = true;
			return 0;
		}
		a = val_force(h, a);
		b = val_force(h, b);
		return x == TYPE_ARRAY ? order_arrays(h, a.arr, b.arr, depth, too_deep)
		                       : order_objects(h, a.obj, b.obj, depth, too_deep);
	default:
		return 0;
	}
}

int val_order(struct heap *h, struct val a, struct val b, bool *too_deep)
{
	return order(h, a, b, 0, too_deep);
}

static bool equal(struct heap *h, struct val a, struct val b, unsigned depth, bool *too_deep)
{
	uint32_t i;

	if (val_type(a) != val_type(b))
		return false;
	switch (val_type(a)) {
	case TYPE_NUMBER:
		if (a.tag == VAL_LIT && b.tag == VAL_LIT)
			return num_order(val_text(a), val_text(b)) == 0;
		return val_double(a) == val_double(b);
	case TYPE_STRING:
		if (a.tag == VAL_RAWSTR && b.tag == VAL_RAWSTR &&
		    slice_same(val_text(a), val_text(b)))
			return true;
		return slice_same(val_slice(h, a), val_slice(h, b));
	case TYPE_ARRAY:
	case TYPE_OBJECT:
		break;
	default:
		return true;
	}
	if (depth > CHECK_DEPTH) {
		*too_deep = true;
		return false;
	}
	a = val_force(h, a);
	b = val_force(h, b);
	if (a.tag == VAL_ARR) {
		for (i = 0; a.arr->n == b.arr->n && i < a.arr->n; i++)
			if (!equal(h, a.arr->at[i], b.arr->at[i], depth + 1, too_deep))
				return false;
		return a.arr->n == b.arr->n;
	}
	for (i = 0; a.obj->n == b.obj->n && i < a.obj->n; i++) {
		struct val *other = obj_get(b.obj, val_text(a.obj->at[i].key));

		if (!other || !equal(h, a.obj->at[i].value, *other, depth + 1, too_deep))
			return false;
	}
	return a.obj->n == b.obj->n;
}

bool val_equal(struct heap *h, struct val a, struct val b, bool *too_deep)
{
	return equal(h, a, b, 0, too_deep);
}

/* ---- arrays */

struct arr *arr_new(struct heap *h, size_t cap)
{
	size_t bytes;
	struct arr *a;

	if (cap > UINT32_MAX || __builtin_mul_overflow(cap, sizeof(struct val), &bytes))
		alloc_failed();
	a = arena_alloc(&h->arena, sizeof *a + bytes);
	a->n = 0;
	a->cap = (uint32_t)cap;
	a->shared = a->moved = false;
	return a;
}

static struct arr *arr_resized(struct heap *h, const struct arr *a, size_t cap)
{
	struct arr *b = arr_new(h, cap);

	b->n = a->n;
	memcpy(b->at, a->at, a->n * sizeof *a->at);
	return b;
}

struct arr *arr_push(struct heap *h, struct arr *a, struct val v)
{
	if (a->n == a->cap)
		a = arr_resized(h, a, a->cap ? (size_t)a->cap * 2 : 4);
	a->at[a->n++] = v;
	return a;
}

struct arr *arr_own(struct heap *h, struct arr *a)
{
	uint32_t i;

	if (!a->shared)
		return a;
	a = arr_resized(h, a, a->n + a->n / 4 + 1u);
	for (i = 0; i < a->n; i++)
		val_share(a->at[i]);
	return a;
}

struct arr *arr_stretch(struct heap *h, struct arr *a, size_t n)
{
	if (n > a->cap)
		a = arr_resized(h, a, n > (size_t)a->cap * 2 ? n : (size_t)a->cap * 2);
	while (a->n < n)
		a->at[a->n++] = val_of(VAL_NULL);
	return a;
}

/* ---- objects */

struct obj *obj_new(struct heap *h, size_t cap)
{
	size_t bytes;
	struct obj *o;

	if (cap > UINT32_MAX / 4 || __builtin_mul_overflow(cap, sizeof(struct member), &bytes))
		alloc_failed();
	o = arena_alloc(&h->arena, sizeof *o + bytes);
	*o = (struct obj){ .cap = (uint32_t)cap };
	return o;
}

static uint32_t key_hash(struct slice key)
{
	return (uint32_t)hash_bytes(key.p, key.n);
}

static void index_add(struct obj *o, uint32_t i)
{
	uint32_t at = key_hash(val_text(o->at[i].key)) & o->mask;

	while (o->index[at])
		at = (at + 1) & o->mask;
	o->index[at] = i + 1;
}

static void index_all(struct heap *h, struct obj *o)
{
	uint32_t slots = 32, i;

	while (slots < o->cap * 2)
		slots *= 2;
	if (!o->index || o->mask != slots - 1)
		o->index = arena_array(&h->arena, slots, sizeof *o->index);
	memset(o->index, 0, slots * sizeof *o->index);
	o->mask = slots - 1;
	for (i = 0; i < o->n; i++)
		index_add(o, i);
}

static struct obj *obj_resized(struct heap *h, const struct obj *o, size_t cap)
{
	struct obj *b = obj_new(h, cap);

	b->n = o->n;
	memcpy(b->at, o->at, o->n * sizeof *o->at);
	if (b->n >= INDEX_FROM)
		index_all(h, b);
	return b;
}

struct obj *obj_own(struct heap *h, struct obj *o)
{
	uint32_t i;

	if (!o->shared)
		return o;
	o = obj_resized(h, o, o->n + o->n / 4 + 1u);
	for (i = 0; i < o->n; i++)
		val_share(o->at[i].value);
	return o;
}

uint32_t obj_find(const struct obj *o, struct slice key)
{
	uint32_t i, at;

	if (!o->index) {
		for (i = 0; i < o->n; i++)
			if (slice_same(val_text(o->at[i].key), key))
				return i;
		return UINT32_MAX;
	}
	for (at = key_hash(key) & o->mask; (i = o->index[at]); at = (at + 1) & o->mask)
		if (slice_same(val_text(o->at[i - 1].key), key))
			return i - 1;
	return UINT32_MAX;
}

struct val *obj_get(const struct obj *o, struct slice key)
{
	uint32_t i = obj_find(o, key);

	return i == UINT32_MAX ? NULL : (struct val *)&o->at[i].value;
}

struct obj *obj_set(struct heap *h, struct obj *o, struct val key, struct val value)
{
	uint32_t i = obj_find(o, val_text(key));

	if (i == UINT32_MAX)
		return obj_append(h, o, key, value);
	o->at[i].value = value;
	return o;
}

/* Add a member whose key is not there. */
static struct obj *obj_append(struct heap *h, struct obj *o, struct val key, struct val value)
{
	if (o->n == o->cap)
		o = obj_resized(h, o, o->cap ? (size_t)o->cap * 2 : 4);
	o->at[o->n] = (struct member){ key, value };
	o->n++;
	if (o->index)
		index_add(o, o->n - 1);
	else if (o->n == INDEX_FROM)
		index_all(h, o);
	return o;
}

void obj_delete(struct heap *h, struct obj *o, struct slice key)
{
	uint32_t i = obj_find(o, key);

	if (i == UINT32_MAX)
		return;
	memmove(o->at + i, o->at + i + 1, (o->n - i - 1) * sizeof *o->at);
	o->n--;
	if (o->index)
		index_all(h, o);
}

void obj_delete_marked(struct heap *h, struct obj *o, const bool *gone)
{
	uint32_t i, n = 0;

	for (i = 0; i < o->n; i++)
		if (!gone[i])
			o->at[n++] = o->at[i];
	o->n = n;
	if (o->index)
		index_all(h, o);
}

static int by_key(const void *a, const void *b, void *obj)
{
	const struct obj *o = obj;

	return slice_order(val_text(o->at[*(const uint32_t *)a].key),
	                   val_text(o->at[*(const uint32_t *)b].key));
}

uint32_t *obj_sorted(struct heap *h, const struct obj *o)
{
	uint32_t *order_of = arena_array(&h->arena, o->n, sizeof *order_of), i;

	for (i = 0; i < o->n; i++)
		order_of[i] = i;
	qsort_r(order_of, o->n, sizeof *order_of, by_key, (void *)o);
	return order_of;
}

/* ---- strings */

struct val val_concat(struct heap *h, struct slice left, struct slice right)
{
	size_t n = left.n + right.n, room;
	char *to;

	if (left.n && left.p + left.n == h->tail && (size_t)(h->tail_end - h->tail) >= right.n) {
		memcpy(h->tail, right.p, right.n);
		h->tail += right.n;
		return val_str((struct slice){ left.p, n });
	}
	room = n < 256 ? n + 1 : n * 2;
	to = arena_alloc(&h->arena, room);
	if (left.n)
		memcpy(to, left.p, left.n);
	if (right.n)
		memcpy(to + left.n, right.p, right.n);
	h->tail = to + n;
	h->tail_end = to + room;
	return val_str((struct slice){ to, n });
}
