/* What the machine's instructions on paths and new values do. */
#include "vm.h"
#include "json/valwrite.h"

/* ---- paths */

struct arr *path_list(struct eval *e, const struct step *last)
{
	uint32_t i = last ? last->depth : 0;
	struct arr *a = arr_new(e->heap, i);

	a->n = i;
	for (; last; last = last->before)
		a->at[--i] = val_share(last->key);
	return a;
}

/* The keys of a path in a register: one that was walked, or an array, also of the record. */
const struct arr *vm_path_keys(struct eval *e, struct val path)
{
	return path.tag == VAL_PATH ? path_list(e, path.ptr) : val_force(e->heap, path).arr;
}

struct val vm_path_add(struct eval *e, struct val path, struct val key)
{
	struct step *s = arena_alloc(&e->heap->arena, sizeof *s), *before = path.ptr;

	*s = (struct step){ before, before ? before->depth + 1 : 1, val_share(key) };
	return (struct val){ .tag = VAL_PATH, .ptr = s };
}

struct val vm_path_cat(struct eval *e, struct val path, struct val keys)
{
	uint32_t i;

	if (val_type(keys) != TYPE_ARRAY)
		return eval_fail(e, "Path must be specified as an array");
	keys = val_force(e->heap, keys);
	for (i = 0; i < keys.arr->n; i++)
		path = vm_path_add(e, path, keys.arr->at[i]);
	return path;
}

/* Is this the value that the path led to, so that the path still holds? */
static bool same_value(struct val a, struct val b)
{
	if (a.tag != b.tag || a.len != b.len)
		return false;
	switch (a.tag) {
	case VAL_NULL:
	case VAL_FALSE:
	case VAL_TRUE:
		return true;
	default:
		return a.ptr == b.ptr;
	}
}

struct val vm_path_same(struct eval *e, const struct insn *in, const struct val *reg)
{
	struct val v = reg[in->a];
	char dump[DUMP_TEXT], key[DUMP_TEXT];

	if (same_value(v, reg[in->b]))
		return v;
	if (in->x == PATH_ACCESS)
		return eval_fail(e,
		                 "Invalid path expression near attempt to access element %s of %s",
		                 eval_dump(e, reg[in->d], key), eval_dump(e, v, dump));
	if (in->x == PATH_ITERATE)
		return eval_fail(e, "Invalid path expression near attempt to iterate through %s",
		                 eval_dump(e, v, dump));
	return eval_fail(e, "Invalid path expression with result %s", eval_dump(e, v, dump));
}

/*
 * Take the value at a path out of OF, to be put back changed. Shared unless all on the way is our
 * own.
 */
struct val vm_take_path(struct eval *e, struct val of, const struct arr *path)
{
	bool own = true;
	uint32_t i;

	for (i = 0; i < path->n && !eval_failed(of); i++) {
		own = own && ((of.tag == VAL_ARR && !of.arr->shared) ||
		              (of.tag == VAL_OBJ && !of.obj->shared));
		of = op_index(e, of, path->at[i]);
	}
	return own ? of : val_share(of);
}

/* ---- building */

struct val vm_object(struct eval *e, const struct val *pair, int32_t pairs)
{
	struct obj *o = obj_new(e->heap, (size_t)pairs);
	char dump[DUMP_TEXT];

	for (; pairs > 0; pairs--, pair += 2) {
		struct val key = pair[0];

		if (val_type(key) != TYPE_STRING)
			return eval_fail(e, "Cannot use %s (%s) as object key", val_type_name(key),
			                 eval_dump(e, key, dump));
		if (key.tag == VAL_RAWSTR)
			key = val_str(val_slice(e->heap, key));
		o = obj_set(e->heap, o, key, pair[1]);
	}
	return val_obj(o);
}

struct val vm_array(struct eval *e, const struct val *item, int32_t n)
{
	struct arr *a = arr_new(e->heap, (size_t)n);

	a->n = (uint32_t)n;
	memcpy(a->at, item, (size_t)n * sizeof *item);
	return val_arr(a);
}

struct val vm_string(struct eval *e, const struct val *part, int32_t n)
{
	struct buf *b = &e->scratch;

	buf_clear(b);
	for (; n > 0; n--, part++)
		if (val_type(*part) == TYPE_STRING)
			buf_add_slice(b, val_slice(e->heap, *part));
		else
			val_write_canonical(e->heap, b, *part);
	return eval_text(e, b);
}
