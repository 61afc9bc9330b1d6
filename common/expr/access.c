/* Access by key, index, slice and path, and the changes that go with them. */
#include "base/utf8.h"
#include "eval.h"
#include "ops.h"
#include "json/check.h"
#include "json/jstring.h"

#include <math.h>

#define INDEX_MAX ((double)(1 << 29) - 1) /* jq's limit of an array's length */

static struct val cannot_index(struct eval *e, struct val of, struct val key)
{
	char dump[DUMP_TEXT];

	return eval_fail(e, "Cannot index %s with %s (%s)", val_type_name(of), val_type_name(key),
	                 eval_dump(e, key, dump));
}

/* The value of an object of a record: of the last member of that key. */
static struct val raw_field(const struct rec *r, uint32_t k, struct slice key)
{
	uint32_t end = r->skip[k], found = 0;

	for (k++; k < end; k = rec_after(r, k + 2) + 1) {
		struct slice raw = rec_value(r, k);

		raw.p++;
		raw.n -= 2;
		if (jstring_equals(raw, key))
			found = k + 2;
	}
	return found ? val_from_rec(r, found) : val_of(VAL_NULL);
}

struct val op_field(struct eval *e, struct val of, struct val key)
{
	const struct val *found;

	switch (of.tag) {
	case VAL_RAWOBJ:
		return raw_field(of.rec, of.len, val_text(key));
	case VAL_OBJ:
		found = obj_get(of.obj, val_text(key));
		return found ? *found : val_of(VAL_NULL);
	case VAL_NULL:
		return of;
	default:
		return cannot_index(e, of, key);
	}
}

/* ---- slices */

/* The bound of a slice as a double: DEFAULT where it is null. False where it is no number. */
static bool slice_bound(struct val v, double def, double *bound)
{
	*bound = def;
	if (v.tag == VAL_NULL)
		return true;
	if (!val_is_num(v))
		return false;
	*bound = val_double(v);
	return true;
}

/* From bounds as a program gives them to 0 <= from <= to <= n. */
static bool slice_bounds(struct val from, struct val to, size_t n, size_t *first, size_t *last)
{
	double a, b, len = (double)n;

	if (!slice_bound(from, 0, &a) || !slice_bound(to, len, &b))
		return false;
	a = isnan(a) ? 0 : a < 0 ? a + len : a;
	b = isnan(b) ? len : b < 0 ? b + len : b;
	*first = (size_t)(a < 0 ? 0 : a > len ? len : a);
	*last = (size_t)ceil(b < 0 ? 0 : b > len ? len : b);
	if (*last < *first)
		*last = *first;
	return true;
}

static struct val slice_string(struct slice s, size_t first, size_t last)
{
	size_t from = utf8_offset(s, first), rest;

	s.p += from;
	s.n -= from;
	rest = utf8_offset(s, last - first);
	return val_str((struct slice){ s.p, rest });
}

struct val op_slice(struct eval *e, struct val of, struct val from, struct val to)
{
	enum val_type type = val_type(of);
	size_t first, last;
	struct slice s = { 0 };
	struct arr *a;

	if (type == TYPE_NULL)
		return of;
	if (type != TYPE_ARRAY && type != TYPE_STRING)
		return cannot_index(e, of, op_slice_key(e, from, to));
	of = val_force(e->heap, of);
	if (type == TYPE_STRING)
		s = val_slice(e->heap, of);
	if (!slice_bounds(from, to, type == TYPE_ARRAY ? of.arr->n : utf8_length(s), &first, &last))
		return eval_fail(e, "Array/string slice indices must be integers");
	if (type == TYPE_STRING)
		return slice_string(s, first, last);
	a = arr_new(e->heap, last - first);
	for (; first < last; first++)
		a->at[a->n++] = val_share(of.arr->at[first]);
	return val_arr(a);
}

struct val op_slice_key(struct eval *e, struct val from, struct val to)
{
	struct obj *o = obj_new(e->heap, 2);

	o = obj_set(e->heap, o, val_str(SLICE("start")), val_share(from));
	return val_obj(obj_set(e->heap, o, val_str(SLICE("end")), val_share(to)));
}

/*
 * Take a slice given as {"start":.., "end":..} apart. False where that is not what KEY is. A bound
 * that is not there is VAL_NONE, which is no bound.
 */
static bool slice_of_key(struct val key, struct val *from, struct val *to)
{
	struct val *v;

	if (key.tag != VAL_OBJ)
		return false;
	v = obj_get(key.obj, SLICE("start"));
	*from = v ? *v : val_of(VAL_NONE);
	v = obj_get(key.obj, SLICE("end"));
	*to = v ? *v : val_of(VAL_NONE);
	return true;
}

/* ---- reading */

static struct val index_array(struct eval *e, struct val of, double at)
{
	uint32_t n = val_count(of), i, k;

	(void)e;
	if (isnan(at))
		return val_of(VAL_NULL);
	at = at < INT32_MIN ? INT32_MIN : at > INT32_MAX ? INT32_MAX : trunc(at);
	if (at < 0)
		at += n;
	if (at < 0 || at >= n)
		return val_of(VAL_NULL);
	i = (uint32_t)at;
	if (of.tag == VAL_ARR)
		return of.arr->at[i];
	for (k = of.len + 1; i; i--)
		k = rec_after(of.rec, k) + 1;
	return val_from_rec(of.rec, k);
}

struct val op_index(struct eval *e, struct val of, struct val key)
{
	enum val_type type = val_type(of), by = val_type(key);
	struct val from, to;

	if (by == TYPE_STRING && (type == TYPE_OBJECT || type == TYPE_NULL)) {
		key = val_str(val_slice(e->heap, key));
		return op_field(e, of, key);
	}
	if (by == TYPE_NUMBER && type == TYPE_ARRAY)
		return index_array(e, of, val_double(key));
	if (type == TYPE_NULL && by == TYPE_NUMBER)
		return of;
	key = val_force(e->heap, key);
	if (by == TYPE_OBJECT && (type == TYPE_ARRAY || type == TYPE_STRING || type == TYPE_NULL) &&
	    slice_of_key(key, &from, &to))
		return op_slice(e, of, from, to);
	if (by == TYPE_ARRAY && type == TYPE_ARRAY)
		return op_indices(e, of, key);
	return cannot_index(e, of, key);
}

struct val op_getpath(struct eval *e, struct val of, const struct arr *path)
{
	uint32_t i;

	if (path->n > CHECK_DEPTH)
		return eval_fail(e, "Path too deep");
	for (i = 0; i < path->n; i++) {
		of = op_index(e, of, path->at[i]);
		if (eval_failed(of))
			return of;
	}
	return of;
}

struct val op_indices(struct eval *e, struct val a, struct val b)
{
	struct arr *to = arr_new(e->heap, 4);
	bool too_deep = false;
	uint32_t i, j;

	a = val_force(e->heap, a);
	b = val_force(e->heap, b);
	for (i = 0; b.arr->n && i + b.arr->n <= a.arr->n; i++) {
		for (j = 0; j < b.arr->n; j++)
			if (!val_equal(e->heap, a.arr->at[i + j], b.arr->at[j], &too_deep))
				break;
		if (j == b.arr->n)
			to = arr_push(e->heap, to, val_num(i));
	}
	return too_deep ? eval_fail(e, "Equality check too deep") : val_arr(to);
}

/* ---- changing */

static struct val set_element(struct eval *e, struct val of, double at, struct val value)
{
	struct arr *a;

	if (isnan(at))
		return eval_fail(e, "Cannot set array element at NaN index");
	at = trunc(at);
	a = of.tag == VAL_NULL ? arr_new(e->heap, 4) : arr_own(e->heap, of.arr);
	if (at < 0) {
		at += a->n;
		if (at < 0)
			return eval_fail(e, "Out of bounds negative array index");
	}
	if (at > INDEX_MAX || (at >= a->n && !heap_fits(e->heap, at)))
		return eval_fail(e, "Array index too large");
	a = arr_stretch(e->heap, a, (size_t)at + 1);
	a->at[(size_t)at] = value;
	return val_arr(a);
}

/* The array OF with the elements from FIRST to LAST replaced by those of BY. */
static struct val splice(struct eval *e, struct val of, size_t first, size_t last, struct val by)
{
	struct arr *a = arr_new(e->heap, of.arr->n + by.arr->n);
	uint32_t i;

	for (i = 0; i < first; i++)
		a->at[a->n++] = val_share(of.arr->at[i]);
	for (i = 0; i < by.arr->n; i++)
		a->at[a->n++] = val_share(by.arr->at[i]);
	for (i = (uint32_t)last; i < of.arr->n; i++)
		a->at[a->n++] = val_share(of.arr->at[i]);
	return val_arr(a);
}

static struct val set_slice(struct eval *e, struct val of, struct val key, struct val value)
{
	struct val from, to;
	size_t first, last;

	slice_of_key(key, &from, &to);
	if (val_type(of) == TYPE_STRING)
		return eval_fail(e, "Cannot update string slices");
	if (of.tag == VAL_NULL)
		of = val_arr(arr_new(e->heap, 0));
	if (!slice_bounds(from, to, of.arr->n, &first, &last))
		return eval_fail(e, "Array/string slice indices must be integers");
	if (val_type(value) != TYPE_ARRAY)
		return eval_fail(e, "A slice of an array can only be assigned another array");
	return splice(e, of, first, last, val_force(e->heap, value));
}

struct val op_set(struct eval *e, struct val of, struct val key, struct val value)
{
	enum val_type type = val_type(of), by = val_type(key);
	struct obj *o;

	of = val_force(e->heap, of);
	key = val_force(e->heap, key);
	if (by == TYPE_STRING && (type == TYPE_OBJECT || type == TYPE_NULL)) {
		o = type == TYPE_NULL ? obj_new(e->heap, 4) : obj_own(e->heap, of.obj);
		key = key.tag == VAL_STR ? key : val_str(val_slice(e->heap, key));
		return val_obj(obj_set(e->heap, o, key, value));
	}
	if (by == TYPE_NUMBER && (type == TYPE_ARRAY || type == TYPE_NULL))
		return set_element(e, of, val_double(key), value);
	if (key.tag == VAL_OBJ && (type == TYPE_ARRAY || type == TYPE_NULL || type == TYPE_STRING))
		return set_slice(e, of, key, value);
	if (by == TYPE_ARRAY && type == TYPE_ARRAY)
		return eval_fail(e, "Cannot update field at array index of array");
	return cannot_index(e, of, key);
}

/* Set from key number I of the path on; as deep in C as the path is long, which is limited. */
static struct val set_at(struct eval *e, struct val of, const struct arr *path, uint32_t i,
                         struct val value)
{
	struct val inner, key;

	if (i == path->n)
		return value;
	key = path->at[i];
	of = val_force(e->heap, of);
	if (i + 1 < path->n || val_type(key) == TYPE_OBJECT) {
		inner = op_index(e, of, key);
		if (eval_failed(inner))
			return inner;
		/* what OF shares with others it cannot lend to be changed */
		if ((of.tag == VAL_OBJ && of.obj->shared) || (of.tag == VAL_ARR && of.arr->shared))
			val_share(inner);
		value = set_at(e, inner, path, i + 1, value);
		if (eval_failed(value))
			return value;
	}
	return op_set(e, of, key, value);
}

struct val op_setpath(struct eval *e, struct val of, const struct arr *path, struct val value)
{
	if (path->n > CHECK_DEPTH)
		return eval_fail(e, "Path too deep");
	return set_at(e, of, path, 0, value);
}

/* ---- deleting */

static struct val cannot_delete(struct eval *e, struct val of, struct val key)
{
	if (val_type(of) == TYPE_OBJECT)
		return eval_fail(e, "Cannot delete %s field of object", val_type_name(key));
	if (val_type(of) == TYPE_ARRAY)
		return eval_fail(e, "Cannot delete %s element of array", val_type_name(key));
	return eval_fail(e, "Cannot delete fields from %s", val_type_name(of));
}

/* Note which elements of an array a key names. False with a failure set where it names none. */
static bool mark_elements(struct eval *e, struct val of, struct val key, bool *gone)
{
	struct val from, to;
	size_t first, last;
	double at;

	if (slice_of_key(key, &from, &to)) {
		if (!slice_bounds(from, to, of.arr->n, &first, &last)) {
			eval_fail(e, "Array/string slice indices must be integers");
			return false;
		}
		for (; first < last; first++)
			gone[first] = true;
		return true;
	}
	if (!val_is_num(key)) {
		cannot_delete(e, of, key);
		return false;
	}
	at = trunc(val_double(key));
	at += at < 0 ? of.arr->n : 0;
	if (at >= 0 && at < of.arr->n)
		gone[(size_t)at] = true;
	return true;
}

/* OF, an array, without the elements that COUNT keys name: all counted before any is gone. */
static struct val delete_elements(struct eval *e, struct val of, const struct val *key,
                                  size_t count)
{
	bool *gone = arena_alloc(&e->heap->arena, of.arr->n + 1u);
	struct arr *a;
	uint32_t i, n = 0;

	memset(gone, 0, of.arr->n);
	while (count-- > 0)
		if (!mark_elements(e, of, val_force(e->heap, key[count]), gone))
			return val_private(VAL_FAILED, 0);
	a = arr_own(e->heap, of.arr);
	for (i = 0; i < a->n; i++)
		if (!gone[i])
			a->at[n++] = a->at[i];
	a->n = n;
	return val_arr(a);
}

/* OF, an object, without the members that COUNT keys name. */
static struct val delete_members(struct eval *e, struct val of, const struct val *key, size_t count)
{
	bool *gone = arena_alloc(&e->heap->arena, of.obj->n + 1u);
	uint32_t at;

	memset(gone, 0, of.obj->n);
	while (count-- > 0) {
		if (val_type(key[count]) != TYPE_STRING)
			return cannot_delete(e, of, key[count]);
		at = obj_find(of.obj, val_slice(e->heap, key[count]));
		if (at != UINT32_MAX)
			gone[at] = true;
	}
	of.obj = obj_own(e->heap, of.obj);
	obj_delete_marked(e->heap, of.obj, gone);
	return of;
}

static struct val delete_keys(struct eval *e, struct val of, const struct val *key, size_t count)
{

	if (of.tag == VAL_NULL || count == 0)
		return of;
	of = val_force(e->heap, of);
	if (of.tag == VAL_ARR)
		return delete_elements(e, of, key, count);
	if (of.tag == VAL_OBJ && count > 1)
		return delete_members(e, of, key, count);
	if (of.tag != VAL_OBJ || val_type(key[0]) != TYPE_STRING)
		return cannot_delete(e, of, key[0]);
	of.obj = obj_own(e->heap, of.obj);
	obj_delete(e->heap, of.obj, val_slice(e->heap, key[0]));
	return of;
}

static struct val delete_sorted(struct eval *e, struct val of, const struct arr *paths,
                                uint32_t from, uint32_t to, uint32_t at);

/* Delete, of the paths FROM to TO that share their key number AT, what lies below it. */
static struct val delete_below(struct eval *e, struct val of, const struct arr *paths,
                               uint32_t from, uint32_t to, uint32_t at)
{
	struct val key = paths->at[from].arr->at[at], inner = op_index(e, of, key);

	if (eval_failed(inner) || inner.tag == VAL_NULL)
		return eval_failed(inner) ? inner : of;
	if ((of.tag == VAL_OBJ && of.obj->shared) || (of.tag == VAL_ARR && of.arr->shared))
		val_share(inner);
	inner = delete_sorted(e, inner, paths, from, to, at + 1);
	return eval_failed(inner) ? inner : op_set(e, of, key, inner);
}

/*
 * Delete the sorted paths FROM to TO, equal before their key number AT, from OF: group by that key;
 * a path that ends with it is the first of its group. From the last on, so that no index moves
 * before its turn.
 */
static struct val delete_sorted(struct eval *e, struct val of, const struct arr *paths,
                                uint32_t from, uint32_t to, uint32_t at)
{
	struct val *gone = arena_array(&e->heap->arena, to - from, sizeof *gone);
	bool too_deep = false;
	uint32_t i, j;
	size_t n = 0;

	of = val_force(e->heap, of);
	for (j = to; j > from && !eval_failed(of); j = i) {
		struct val key = paths->at[j - 1].arr->at[at];

		for (i = j - 1;
		     i > from && val_equal(e->heap, paths->at[i - 1].arr->at[at], key, &too_deep);
		     i--)
			;
		if (paths->at[i].arr->n == at + 1)
			gone[n++] = key;
		else
			of = delete_below(e, of, paths, i, j, at);
	}
	return eval_failed(of) ? of : delete_keys(e, of, gone, n);
}

/* del(.a): one key of an object */
static bool one_member(struct val of, struct val paths, struct val *key)
{
	const struct arr *path;

	if (val_type(of) != TYPE_OBJECT || paths.arr->n != 1)
		return false;
	path = paths.arr->at[0].arr;
	*key = path->at[0];
	return path->n == 1 && key->tag == VAL_STR;
}

struct val op_delpaths(struct eval *e, struct val of, struct val paths)
{
	uint32_t i;
	struct arr *sorted;

	if (val_type(paths) != TYPE_ARRAY)
		return eval_fail(e, "Paths must be specified as an array");
	paths = sort_values(e, val_force(e->heap, paths));
	if (eval_failed(paths))
		return paths;
	sorted = paths.arr;
	for (i = 0; i < sorted->n; i++) {
		sorted->at[i] = val_force(e->heap, sorted->at[i]);
		if (sorted->at[i].tag != VAL_ARR)
			return eval_fail(e, "Path must be specified as array, not %s",
			                 val_type_name(sorted->at[i]));
		if (sorted->at[i].arr->n > CHECK_DEPTH)
			return eval_fail(e, "Path too deep");
	}
	if (sorted->n == 0)
		return of;
	return sorted->at[0].arr->n ? delete_sorted(e, of, sorted, 0, sorted->n, 0)
	                            : val_of(VAL_NULL);
}

struct val op_delete(struct eval *e, struct val of, struct val paths)
{
	struct val key, found;
	uint32_t i;

	if (one_member(of, paths, &key))
		return delete_keys(e, of, &key, 1);
	for (i = 0; i < paths.arr->n; i++) {
		found = op_getpath(e, of, paths.arr->at[i].arr);
		if (eval_failed(found))
			return found;
	}
	return op_delpaths(e, of, paths);
}
