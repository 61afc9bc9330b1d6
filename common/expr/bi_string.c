/* Builtins on strings. */
#include "base/utf8.h"
#include "bi.h"
#include "json/valwrite.h"

#include <math.h>

static struct val strings_needed(struct eval *e, const char *name)
{
	return eval_fail(e, "%s() requires string inputs", name);
}

static bool two_strings(const struct val *arg)
{
	return val_type(arg[0]) == TYPE_STRING && val_type(arg[1]) == TYPE_STRING;
}

struct val bi_startswith(struct eval *e, const struct val *arg)
{
	struct slice s, start;

	if (!two_strings(arg))
		return strings_needed(e, "startswith");
	s = val_slice(eval_heap(e), arg[0]);
	start = val_slice(eval_heap(e), arg[1]);
	return val_bool(s.n >= start.n && slice_same((struct slice){ s.p, start.n }, start));
}

struct val bi_endswith(struct eval *e, const struct val *arg)
{
	struct slice s, end;

	if (!two_strings(arg))
		return strings_needed(e, "endswith");
	s = val_slice(eval_heap(e), arg[0]);
	end = val_slice(eval_heap(e), arg[1]);
	return val_bool(s.n >= end.n &&
	                slice_same((struct slice){ s.p + s.n - end.n, end.n }, end));
}

static struct val change_case(struct eval *e, struct val v, char from, char to)
{
	struct slice s;
	char *p;
	size_t i;

	if (val_type(v) != TYPE_STRING)
		return eval_fail(e, "explode input must be a string");
	s = val_slice(eval_heap(e), v);
	p = arena_copy(&eval_heap(e)->arena, s.p, s.n);
	for (i = 0; i < s.n; i++)
		if (p[i] >= from && p[i] <= from + 25)
			p[i] = (char)(p[i] - from + to);
	return val_str((struct slice){ p, s.n });
}

struct val bi_ascii_downcase(struct eval *e, const struct val *arg)
{
	return change_case(e, arg[0], 'A', 'a');
}

struct val bi_ascii_upcase(struct eval *e, const struct val *arg)
{
	return change_case(e, arg[0], 'a', 'A');
}

/* White space as Unicode's property White_Space has it. */
static bool is_space(uint32_t cp)
{
	return (cp >= 9 && cp <= 13) || cp == 0x20 || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
	       cp == 0x205F || cp == 0x3000;
}

static struct val trim(struct eval *e, struct val v, bool left, bool right)
{
	struct slice s;
	uint32_t cp;
	size_t n;

	if (val_type(v) != TYPE_STRING)
		return eval_fail(e, "trim input must be a string");
	s = val_slice(eval_heap(e), v);
	while (left && s.n && (n = utf8_get(s.p, s.n, &cp)) && is_space(cp)) {
		s.p += n;
		s.n -= n;
	}
	while (right && s.n) {
		for (n = 1; n < s.n && (s.p[s.n - n] & 0xC0) == 0x80; n++)
			;
		utf8_get(s.p + s.n - n, n, &cp);
		if (!is_space(cp))
			break;
		s.n -= n;
	}
	return val_str(s);
}

struct val bi_trim(struct eval *e, const struct val *arg)
{
	return trim(e, arg[0], true, true);
}

struct val bi_ltrim(struct eval *e, const struct val *arg)
{
	return trim(e, arg[0], true, false);
}

struct val bi_rtrim(struct eval *e, const struct val *arg)
{
	return trim(e, arg[0], false, true);
}

struct val bi_explode(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct arr *a;
	struct slice s;
	size_t i = 0;
	uint32_t cp;

	if (val_type(arg[0]) != TYPE_STRING)
		return eval_fail(e, "explode input must be a string");
	s = val_slice(h, arg[0]);
	a = arr_new(h, s.n);
	while (i < s.n) {
		i += utf8_get(s.p + i, s.n - i, &cp);
		a = arr_push(h, a, val_num(cp));
	}
	return val_arr(a);
}

struct val bi_implode(struct eval *e, const struct val *arg)
{
	struct val list = arg[0];
	char *to;
	size_t n = 0;
	uint32_t i;

	if (val_type(list) != TYPE_ARRAY)
		return eval_fail(e, "implode input must be an array");
	list = val_force(eval_heap(e), list);
	to = arena_array(&eval_heap(e)->arena, list.arr->n, 4);
	for (i = 0; i < list.arr->n; i++) {
		double v;

		if (!val_is_num(list.arr->at[i]) || isnan(val_double(list.arr->at[i])))
			return bi_fail(e, list.arr->at[i],
			               "can't be imploded, unicode codepoint needs to be numeric");
		v = trunc(val_double(list.arr->at[i]));
		if (!(v >= 0 && v <= 0x10FFFF) || (v >= 0xD800 && v <= 0xDFFF))
			v = UTF8_BAD;
		n += utf8_put(to + n, (uint32_t)v);
	}
	return val_str((struct slice){ to, n });
}

struct val bi_split(struct eval *e, const struct val *arg)
{
	if (!two_strings(arg))
		return eval_fail(e, "split input and separator must be strings");
	return op_split(e, val_slice(eval_heap(e), arg[0]), val_slice(eval_heap(e), arg[1]));
}

/*
 * jq adds up items and separators: null adds nothing, numbers and booleans as items are text,
 * anything else cannot be added.
 */
struct val bi_join(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct val list = bi_elements(e, arg[0]), part = arg[1], text;
	struct buf b = { 0 };
	uint64_t i, n;

	if (eval_failed(list))
		return list;
	n = 2 * (uint64_t)list.arr->n;
	for (i = 1; i < n; i++) {
		bool is_item = i % 2;

		part = is_item ? list.arr->at[i / 2] : arg[1];
		if (val_type(part) == TYPE_STRING)
			buf_add_slice(&b, val_slice(h, part));
		else if (is_item && val_type(part) < TYPE_STRING && part.tag != VAL_NULL)
			val_write_canonical(h, &b, part);
		else if (part.tag != VAL_NULL)
			break;
	}
	text = val_str((struct slice){ arena_copy(&h->arena, b.p, b.n), b.n });
	buf_free(&b);
	return i < n ? op_binary(e, OP_ADD, text, part) : text;
}
