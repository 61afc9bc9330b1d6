/* Builtins on arrays: sums, sorting, grouping, searching. */
#include "base/utf8.h"
#include "bi.h"
#include "json/jstring.h"

#include <math.h>
#include <stdlib.h>

struct val bi_elements(struct eval *e, struct val v)
{
	struct heap *h = eval_heap(e);
	char dump[DUMP_TEXT];
	struct arr *a;
	uint32_t i;

	v = val_force(h, v);
	if (v.tag == VAL_ARR)
		return v;
	if (v.tag != VAL_OBJ)
		return eval_fail(e, "Cannot iterate over %s (%s)", val_type_name(v),
		                 eval_dump(e, v, dump));
	a = arr_new(h, v.obj->n);
	for (i = 0; i < v.obj->n; i++)
		a = arr_push(h, a, v.obj->at[i].value);
	return val_arr(a);
}

struct val bi_add(struct eval *e, const struct val *arg)
{
	struct val list = bi_elements(e, arg[0]), sum = val_of(VAL_NULL);
	uint32_t i;

	if (eval_failed(list))
		return list;
	for (i = 0; i < list.arr->n && !eval_failed(sum); i++)
		/* from the third on the sum is our own, and may grow in place */
		sum = i < 2 ? op_binary(e, OP_ADD, sum, list.arr->at[i])
		            : op_add_own(e, sum, list.arr->at[i]);
	return sum;
}

struct val bi_any(struct eval *e, const struct val *arg)
{
	struct val list = bi_elements(e, arg[0]);
	uint32_t i;

	if (eval_failed(list))
		return list;
	for (i = 0; i < list.arr->n; i++)
		if (val_true(list.arr->at[i]))
			return val_of(VAL_TRUE);
	return val_of(VAL_FALSE);
}

struct val bi_all(struct eval *e, const struct val *arg)
{
	struct val list = bi_elements(e, arg[0]);
	uint32_t i;

	if (eval_failed(list))
		return list;
	for (i = 0; i < list.arr->n; i++)
		if (!val_true(list.arr->at[i]))
			return val_of(VAL_FALSE);
	return val_of(VAL_TRUE);
}

/* ---- sorting: values with their keys, merged bottom-up, so that equal ones keep their order */

struct keyed {
	struct val key, value;
};

/* Strings are decoded once, before they are compared many times. */
static struct val comparable(struct heap *h, struct val v)
{
	return v.tag == VAL_RAWSTR ? val_str(val_slice(h, v)) : val_force(h, v);
}

static bool merge_runs(struct eval *e, struct keyed *from, struct keyed *to, size_t n, size_t width)
{
	size_t lo, mid, hi, i, j, k;
	int order;

	for (lo = 0; lo < n; lo = hi) {
		mid = lo + width < n ? lo + width : n;
		hi = mid + width < n ? mid + width : n;
		for (i = lo, j = mid, k = lo; k < hi; k++) {
			if (i < mid && j < hi && !op_order(e, from[i].key, from[j].key, &order))
				return false;
			to[k] = i < mid && (j >= hi || order <= 0) ? from[i++] : from[j++];
		}
	}
	return true;
}

/* Sort in place; false where keys are nested too deeply. */
static bool sort_keyed(struct eval *e, struct keyed *k, size_t n)
{
	struct keyed *from = k, *to = arena_array(&eval_heap(e)->arena, n, sizeof *to), *swap;
	size_t width;

	for (width = 1; width < n; width *= 2) {
		if (!merge_runs(e, from, to, n, width))
			return false;
		swap = from;
		from = to;
		to = swap;
	}
	if (from != k)
		memcpy(k, from, n * sizeof *k);
	return true;
}

/* Elements with keys (those of KEYS, or themselves), sorted. NULL on failure. */
static struct keyed *sorted(struct eval *e, struct arr *list, struct arr *keys)
{
	struct heap *h = eval_heap(e);
	struct keyed *k = arena_array(&h->arena, list->n ? list->n : 1, sizeof *k);
	uint32_t i;

	for (i = 0; i < list->n; i++) {
		k[i].key = comparable(h, keys->at[i]);
		k[i].value = list->at[i];
	}
	return sort_keyed(e, k, list->n) ? k : NULL;
}

static struct val failed(void)
{
	return val_private(VAL_FAILED, 0);
}

static struct val values_of(struct eval *e, const struct keyed *k, uint32_t n)
{
	struct arr *a = arr_new(eval_heap(e), n);
	uint32_t i;

	for (i = 0; i < n; i++)
		a = arr_push(eval_heap(e), a, val_share(k[i].value));
	return val_arr(a);
}

struct val sort_values(struct eval *e, struct val array)
{
	struct keyed *k = sorted(e, array.arr, array.arr);

	return k ? values_of(e, k, array.arr->n) : failed();
}

struct val bi_sort(struct eval *e, const struct val *arg)
{
	struct val list = bi_array(e, arg[0], "cannot be sorted, as it is not an array");

	return eval_failed(list) ? list : sort_values(e, list);
}

/* The array that arg[0] is, or a failure that names it and its keys, arg[1]: WHAT they cannot be.
 */
static struct val array_with(struct eval *e, const struct val *arg, const char *what)
{
	char one[DUMP_TEXT], other[DUMP_TEXT];

	if (val_type(arg[0]) == TYPE_ARRAY)
		return val_force(eval_heap(e), arg[0]);
	return eval_fail(e, "%s (%s) and %s (%s) %s", val_type_name(arg[0]),
	                 eval_dump(e, arg[0], one), val_type_name(arg[1]),
	                 eval_dump(e, arg[1], other), what);
}

/* The array and its keys (one [key, ..] an element), or a failure in *LIST. */
static struct keyed *sorted_by(struct eval *e, const struct val *arg, struct val *list)
{
	*list = array_with(e, arg, "cannot be sorted, as they are not both arrays");
	if (eval_failed(*list))
		return NULL;
	return sorted(e, list->arr, val_force(eval_heap(e), arg[1]).arr);
}

struct val bi_sort_by(struct eval *e, const struct val *arg)
{
	struct val list;
	struct keyed *k = sorted_by(e, arg, &list);

	return k ? values_of(e, k, list.arr->n) : failed();
}

/* Groups of equal keys, or the first of each. */
static struct val grouped(struct eval *e, const struct keyed *k, uint32_t n, bool firsts)
{
	struct heap *h = eval_heap(e);
	struct arr *groups = arr_new(h, 4), *group = NULL;
	bool too_deep = false;
	uint32_t i;

	for (i = 0; i < n; i++) {
		bool same = i && val_equal(h, k[i - 1].key, k[i].key, &too_deep);

		if (firsts) {
			if (!same)
				groups = arr_push(h, groups, val_share(k[i].value));
			continue;
		}
		if (!same) {
			group = arr_new(h, 4);
			groups = arr_push(h, groups, val_arr(group));
		}
		group = arr_push(h, group, val_share(k[i].value));
		groups->at[groups->n - 1] = val_arr(group);
	}
	return val_arr(groups);
}

struct val bi_group_by(struct eval *e, const struct val *arg)
{
	struct val list;
	struct keyed *k = sorted_by(e, arg, &list);

	return k ? grouped(e, k, list.arr->n, false) : failed();
}

struct val bi_unique_by(struct eval *e, const struct val *arg)
{
	struct val list;
	struct keyed *k = sorted_by(e, arg, &list);

	return k ? grouped(e, k, list.arr->n, true) : failed();
}

struct val bi_unique(struct eval *e, const struct val *arg)
{
	struct val list = bi_array(e, arg[0], "cannot be sorted, as it is not an array");
	struct keyed *k;

	if (eval_failed(list))
		return list;
	k = sorted(e, list.arr, list.arr);
	return k ? grouped(e, k, list.arr->n, true) : failed();
}

/* The least (the first of equals) or greatest (the last of equals) by key. */
static struct val extreme(struct eval *e, struct arr *list, struct arr *keys, bool greatest)
{
	uint32_t best = 0, i;
	int order;

	if (list->n == 0)
		return val_of(VAL_NULL);
	for (i = 1; i < list->n; i++) {
		if (!op_order(e, keys->at[i], keys->at[best], &order))
			return failed();
		if (greatest ? order >= 0 : order < 0)
			best = i;
	}
	return val_share(list->at[best]);
}

static struct val extreme_of(struct eval *e, const struct val *arg, bool by, bool greatest)
{
	const struct val both[2] = { arg[0], by ? arg[1] : arg[0] };
	struct val list = array_with(e, both, "cannot be iterated over");

	if (eval_failed(list))
		return list;
	return extreme(e, list.arr, by ? val_force(eval_heap(e), arg[1]).arr : list.arr, greatest);
}

struct val bi_min(struct eval *e, const struct val *arg)
{
	return extreme_of(e, arg, false, false);
}

struct val bi_max(struct eval *e, const struct val *arg)
{
	return extreme_of(e, arg, false, true);
}

struct val bi_min_by(struct eval *e, const struct val *arg)
{
	return extreme_of(e, arg, true, false);
}

struct val bi_max_by(struct eval *e, const struct val *arg)
{
	return extreme_of(e, arg, true, true);
}

/* ---- order and shape */

static struct val reverse_string(struct eval *e, struct slice s)
{
	char *to = arena_alloc(&eval_heap(e)->arena, s.n + 1);
	size_t i = 0, n;
	uint32_t cp;

	for (; i < s.n; i += n) {
		n = utf8_get(s.p + i, s.n - i, &cp);
		memcpy(to + s.n - i - n, s.p + i, n);
	}
	return val_str((struct slice){ to, s.n });
}

struct val bi_reverse(struct eval *e, const struct val *arg)
{
	struct val v = arg[0];
	struct arr *a;
	uint32_t i;

	if (val_type(v) == TYPE_STRING)
		return reverse_string(e, val_slice(eval_heap(e), v));
	if (v.tag == VAL_NULL)
		return val_arr(arr_new(eval_heap(e), 0));
	v = bi_array(e, v, "cannot be reversed, as it is not an array");
	if (eval_failed(v))
		return v;
	a = arr_new(eval_heap(e), v.arr->n);
	for (i = v.arr->n; i-- > 0;)
		a = arr_push(eval_heap(e), a, val_share(v.arr->at[i]));
	return val_arr(a);
}

struct val bi_transpose(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct val list = bi_array(e, arg[0], "cannot be iterated over"), row;
	uint32_t i, j, width = 0;
	struct arr *to, *column;

	if (eval_failed(list))
		return list;
	for (i = 0; i < list.arr->n; i++) {
		row = bi_array(e, list.arr->at[i],
		               "is not a row of a matrix, as it is not an array");
		if (eval_failed(row))
			return row;
		width = row.arr->n > width ? row.arr->n : width;
	}
	if (!heap_fits(h, (double)width * list.arr->n))
		return eval_fail(e, "the transposed matrix is too large");
	to = arr_new(h, width);
	for (j = 0; j < width; j++) {
		column = arr_new(h, list.arr->n);
		for (i = 0; i < list.arr->n; i++) {
			row = val_force(h, list.arr->at[i]);
			column = arr_push(h, column,
			                  j < row.arr->n ? val_share(row.arr->at[j])
			                                 : val_of(VAL_NULL));
		}
		to = arr_push(h, to, val_arr(column));
	}
	return val_arr(to);
}

/* One level of an array that is being flattened. */
struct level {
	struct arr *list;
	uint32_t next;
};

struct val bi_flatten(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct val list = bi_elements(e, arg[0]), v;
	double depth = val_is_num(arg[1]) ? val_double(arg[1]) : 1e9;
	struct arr *to = arr_new(h, 8);
	struct level *open;
	size_t n = 1, cap = 16;

	if (eval_failed(list))
		return list;
	open = arena_array(&h->arena, cap, sizeof *open);
	open[0] = (struct level){ list.arr, 0 };
	while (n) {
		struct level *l = &open[n - 1];

		if (l->next == l->list->n) {
			n--;
			continue;
		}
		v = l->list->at[l->next++];
		if (val_type(v) != TYPE_ARRAY || (double)n > ceil(depth)) {
			to = arr_push(h, to, val_share(v));
			continue;
		}
		if (n == cap) {
			struct level *more = arena_array(&h->arena, cap * 2, sizeof *more);

			memcpy(more, open, cap * sizeof *open);
			open = more;
			cap *= 2;
		}
		open[n++] = (struct level){ val_force(h, v).arr, 0 };
	}
	return val_arr(to);
}

/* ---- searching */

/* Positions of a string in a string, in code points; overlapping ones count. */
static struct val find_all(struct eval *e, struct slice s, struct slice what)
{
	struct arr *a = arr_new(eval_heap(e), 4);
	const char *p = s.p, *end = s.p + s.n, *found, *counted = s.p;
	size_t at = 0;

	if (what.n == 0)
		return val_arr(a);
	while ((found = memmem(p, (size_t)(end - p), what.p, what.n))) {
		at += utf8_length((struct slice){ counted, (size_t)(found - counted) });
		counted = found;
		a = arr_push(eval_heap(e), a, val_num((double)at));
		p = found + 1;
	}
	return val_arr(a);
}

struct val bi_strindices(struct eval *e, const struct val *arg)
{
	if (val_type(arg[0]) != TYPE_STRING)
		return bi_fail(e, arg[0], "cannot be searched, as it is not a string");
	if (val_type(arg[1]) != TYPE_STRING)
		return bi_fail(e, arg[1], "is not a string");
	return find_all(e, val_slice(eval_heap(e), arg[0]), val_slice(eval_heap(e), arg[1]));
}

struct val bi_indices(struct eval *e, const struct val *arg)
{
	enum val_type type = val_type(arg[0]), by = val_type(arg[1]);
	struct arr *one;

	if (type == TYPE_STRING && by == TYPE_STRING)
		return bi_strindices(e, arg);
	if (type == TYPE_ARRAY && by != TYPE_ARRAY) {
		one = arr_push(eval_heap(e), arr_new(eval_heap(e), 1), arg[1]);
		return op_indices(e, arg[0], val_arr(one));
	}
	return op_index(e, arg[0], arg[1]);
}

struct val bi_bsearch(struct eval *e, const struct val *arg)
{
	struct val list = bi_array(e, arg[0], "cannot be searched from");
	int64_t lo = 0, hi, mid;
	int order;

	if (eval_failed(list))
		return list;
	for (hi = list.arr->n; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		if (!op_order(e, list.arr->at[mid], arg[1], &order))
			return failed();
		if (order == 0)
			return val_num((double)mid);
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return val_num((double)(-1 - lo));
}
