#include "ops.h"

#include "base/utf8.h"
#include "eval.h"
#include "json/check.h"
#include "json/valwrite.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define STRING_MAX ((size_t)INT32_MAX) /* bytes; jq has the same limit */

/* ---- failing */

struct val eval_fail(struct eval *e, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return eval_raise(e, val_copy_str(e->heap, slice_from(text)));
}

const char *eval_dump(struct eval *e, struct val v, char to[DUMP_TEXT])
{
	enum val_type type = val_type(v);
	struct buf b = { 0 };
	size_t n, keep = DUMP_TEXT - 2; /* jq's buffer is one smaller */
	const char *close = type == TYPE_STRING ? "\"" : type == TYPE_ARRAY ? "]" : "}";

	val_write_start(e->heap, &b, v, keep);
	n = b.n;
	if (n <= keep) {
		memcpy(to, b.p, n);
		to[n] = '\0';
		buf_free(&b);
		return to;
	}
	n = keep - 3;
	if (type >= TYPE_STRING)
		n--;
	while (n && (b.p[n] & 0xC0) == 0x80)
		n--;
	memcpy(to, b.p, n);
	snprintf(to + n, DUMP_TEXT - n, "...%s", type >= TYPE_STRING ? close : "");
	buf_free(&b);
	return to;
}

static struct val fail_pair(struct eval *e, struct val a, struct val b, const char *what)
{
	char x[DUMP_TEXT], y[DUMP_TEXT];

	return eval_fail(e, "%s (%s) and %s (%s) cannot be %s", val_type_name(a),
	                 eval_dump(e, a, x), val_type_name(b), eval_dump(e, b, y), what);
}

/* ---- comparison */

bool op_order(struct eval *e, struct val a, struct val b, int *order)
{
	bool too_deep = false;

	*order = val_order(e->heap, a, b, &too_deep);
	if (too_deep)
		eval_fail(e, "Comparison too deep");
	return !too_deep;
}

static bool holds(enum binary_op op, int order)
{
	switch (op) {
	case OP_EQ:
		return order == 0;
	case OP_NE:
		return order != 0;
	case OP_LT:
		return order < 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static struct val compare(struct eval *e, enum binary_op op, struct val a, struct val b)
{
	bool too_deep = false, same;
	int order;

	if (op == OP_EQ || op == OP_NE) {
		same = val_equal(e->heap, a, b, &too_deep);
		if (too_deep)
			return eval_fail(e, "Equality check too deep");
		return val_bool(same == (op == OP_EQ));
	}
	if (!op_order(e, a, b, &order))
		return val_private(VAL_FAILED, 0);
	return val_bool(holds(op, order));
}

static struct val compare_numbers(enum binary_op op, struct val a, struct val b)
{
	double x, y;

	if (a.tag == VAL_LIT && b.tag == VAL_LIT) {
		/* up to 15 digits a double is exact enough to compare by */
		if (a.len > 15 || b.len > 15)
			return val_bool(holds(op, num_order(val_text(a), val_text(b))));
	}
	x = val_double(a);
	y = val_double(b);
	switch (op) {
	case OP_EQ:
		return val_bool(x == y);
	case OP_NE:
		return val_bool(x != y);
	default:
		/* nan sorts below every number, itself included */
		return val_bool(holds(op, x < y || isnan(x) ? -1 : x > y || isnan(y) ? 1 : 0));
	}
}

/* ---- arithmetic */

static struct val concat(struct eval *e, struct val a, struct val b)
{
	struct slice x = val_slice(e->heap, a), y = val_slice(e->heap, b);

	if (x.n + y.n > STRING_MAX)
		return eval_fail(e, "String too long");
	if (x.n == 0 || y.n == 0)
		return val_str(x.n ? x : y);
	return val_concat(e->heap, x, y);
}

static struct val add_arrays(struct eval *e, struct val a, struct val b, bool own)
{
	struct arr *to;
	uint32_t i;

	a = val_force(e->heap, a);
	b = val_force(e->heap, b);
	if (own && !a.arr->shared) {
		to = a.arr;
	} else {
		to = arr_new(e->heap, (size_t)a.arr->n + b.arr->n);
		for (i = 0; i < a.arr->n; i++)
			to->at[to->n++] = val_share(a.arr->at[i]);
	}
	for (i = 0; i < b.arr->n; i++)
		to = arr_push(e->heap, to, val_share(b.arr->at[i]));
	return val_arr(to);
}

static struct val add_objects(struct eval *e, struct val a, struct val b, bool own)
{
	struct obj *to;
	uint32_t i;

	a = val_force(e->heap, a);
	b = val_force(e->heap, b);
	if (!own)
		a.obj->shared = true;
	to = obj_own(e->heap, a.obj);
	for (i = 0; i < b.obj->n; i++)
		to = obj_set(e->heap, to, b.obj->at[i].key, val_share(b.obj->at[i].value));
	return val_obj(to);
}

static struct val add(struct eval *e, struct val a, struct val b, bool own)
{
	if (a.tag == VAL_NULL)
		return val_share(b);
	if (b.tag == VAL_NULL)
		return own ? a : val_share(a);
	if (val_type(a) != val_type(b))
		return fail_pair(e, a, b, "added");
	switch (val_type(a)) {
	case TYPE_NUMBER:
		return val_num(val_double(a) + val_double(b));
	case TYPE_STRING:
		return concat(e, a, b);
	case TYPE_ARRAY:
		return add_arrays(e, a, b, own);
	case TYPE_OBJECT:
		return add_objects(e, a, b, own);
	default:
		return fail_pair(e, a, b, "added");
	}
}

struct val op_add_own(struct eval *e, struct val a, struct val b)
{
	return add(e, a, b, true);
}

static struct val subtract_arrays(struct eval *e, struct val a, struct val b)
{
	struct arr *to = arr_new(e->heap, 8);
	bool too_deep = false;
	uint32_t i, j;

	a = val_force(e->heap, a);
	b = val_force(e->heap, b);
	for (i = 0; i < a.arr->n; i++) {
		for (j = 0; j < b.arr->n; j++)
			if (val_equal(e->heap, a.arr->at[i], b.arr->at[j], &too_deep))
				break;
		if (j == b.arr->n)
			to = arr_push(e->heap, to, val_share(a.arr->at[i]));
	}
	return too_deep ? eval_fail(e, "Equality check too deep") : val_arr(to);
}

static struct val subtract(struct eval *e, struct val a, struct val b)
{
	if (val_is_num(a) && val_is_num(b))
		return val_num(val_double(a) - val_double(b));
	if (val_type(a) == TYPE_ARRAY && val_type(b) == TYPE_ARRAY)
		return subtract_arrays(e, a, b);
	return fail_pair(e, a, b, "subtracted");
}

static struct val repeat(struct eval *e, struct val string, double times)
{
	struct slice s = val_slice(e->heap, string);
	size_t n, i;
	char *to;

	/* jq: nothing below 0 (and for nan), else the whole part of it */
	if (!(times >= 0))
		return val_of(VAL_NULL);
	times = floor(times);
	if (times * (double)s.n > (double)STRING_MAX)
		return eval_fail(e, "Repeat string result too long");
	n = s.n ? (size_t)times : 0;
	to = arena_array(&e->heap->arena, n, s.n);
	for (i = 0; i < n; i++)
		memcpy(to + i * s.n, s.p, s.n);
	return val_str((struct slice){ to, n * s.n });
}

/* a * b of objects: b's members win, objects on both sides are merged */
static struct val merge(struct eval *e, struct val a, struct val b, unsigned depth)
{
	struct obj *to;
	uint32_t i;

	if (depth > CHECK_DEPTH)
		return eval_fail(e, "Object merge too deep");
	a = val_share(val_force(e->heap, a));
	b = val_force(e->heap, b);
	to = obj_own(e->heap, a.obj);
	for (i = 0; i < b.obj->n; i++) {
		struct val value = b.obj->at[i].value,
			   *old = obj_get(to, val_text(b.obj->at[i].key));

		if (old && val_type(*old) == TYPE_OBJECT && val_type(value) == TYPE_OBJECT) {
			value = merge(e, *old, value, depth + 1);
			if (eval_failed(value))
				return value;
		}
		to = obj_set(e->heap, to, b.obj->at[i].key, val_share(value));
	}
	return val_obj(to);
}

static struct val multiply(struct eval *e, struct val a, struct val b)
{
	if (val_is_num(a) && val_is_num(b))
		return val_num(val_double(a) * val_double(b));
	if (val_type(a) == TYPE_STRING && val_is_num(b))
		return repeat(e, a, val_double(b));
	if (val_is_num(a) && val_type(b) == TYPE_STRING)
		return repeat(e, b, val_double(a));
	if (val_type(a) == TYPE_OBJECT && val_type(b) == TYPE_OBJECT)
		return merge(e, a, b, 0);
	return fail_pair(e, a, b, "multiplied");
}

struct val op_split(struct eval *e, struct slice s, struct slice separator)
{
	struct arr *to = arr_new(e->heap, 4);
	const char *p = s.p, *end = p + s.n, *found;

	if (s.n == 0)
		return val_arr(to);
	if (separator.n == 0) {
		while (p < end) {
			uint32_t cp;
			size_t n = utf8_get(p, (size_t)(end - p), &cp);

			to = arr_push(e->heap, to, val_str((struct slice){ p, n }));
			p += n;
		}
		return val_arr(to);
	}
	while ((found = memmem(p, (size_t)(end - p), separator.p, separator.n))) {
		to = arr_push(e->heap, to, val_str((struct slice){ p, (size_t)(found - p) }));
		p = found + separator.n;
	}
	return val_arr(arr_push(e->heap, to, val_str((struct slice){ p, (size_t)(end - p) })));
}

static struct val divide(struct eval *e, struct val a, struct val b)
{
	if (val_is_num(a) && val_is_num(b)) {
		if (val_double(b) == 0)
			return fail_pair(e, a, b, "divided because the divisor is zero");
		return val_num(val_double(a) / val_double(b));
	}
	if (val_type(a) == TYPE_STRING && val_type(b) == TYPE_STRING)
		return op_split(e, val_slice(e->heap, a), val_slice(e->heap, b));
	return fail_pair(e, a, b, "divided");
}

static intmax_t to_integer(double v)
{
	return v < (double)INTMAX_MIN     ? INTMAX_MIN
	       : v >= -(double)INTMAX_MIN ? INTMAX_MAX
	                                  : (intmax_t)v;
}

static struct val remainder_of(struct eval *e, struct val a, struct val b)
{
	double x, y;
	intmax_t divisor, dividend;

	if (!val_is_num(a) || !val_is_num(b))
		return fail_pair(e, a, b, "divided (remainder)");
	x = val_double(a);
	y = val_double(b);
	if (isnan(x) || isnan(y))
		return val_num(NAN);
	divisor = to_integer(y);
	dividend = to_integer(x);
	if (divisor == 0)
		return fail_pair(e, a, b, "divided (remainder) because the divisor is zero");
	/* the sign is the dividend's; -1 would overflow */
	return val_num(divisor == -1 ? 0 : (double)(dividend % divisor));
}

struct val op_binary(struct eval *e, enum binary_op op, struct val a, struct val b)
{
	switch (op) {
	case OP_ADD:
		return add(e, a, b, false);
	case OP_SUB:
		return subtract(e, a, b);
	case OP_MUL:
		return multiply(e, a, b);
	case OP_DIV:
		return divide(e, a, b);
	case OP_MOD:
		return remainder_of(e, a, b);
	default:
		if (val_is_num(a) && val_is_num(b))
			return compare_numbers(op, a, b);
		return compare(e, op, a, b);
	}
}

struct val op_negate(struct eval *e, struct val v)
{
	char dump[DUMP_TEXT];

	if (v.tag == VAL_LIT) {
		struct slice s = val_text(v);
		char *to;

		if (val_double(v) == 0)
			return s.p[0] == '-' ? val_lit((struct slice){ s.p + 1, s.n - 1 }) : v;
		if (s.p[0] == '-')
			return val_lit((struct slice){ s.p + 1, s.n - 1 });
		to = arena_alloc(&e->heap->arena, s.n + 1);
		to[0] = '-';
		memcpy(to + 1, s.p, s.n);
		return val_lit((struct slice){ to, s.n + 1 });
	}
	if (v.tag == VAL_NUM)
		return val_num(-v.num);
	return eval_fail(e, "%s (%s) cannot be negated", val_type_name(v), eval_dump(e, v, dump));
}
