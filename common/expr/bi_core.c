/* Builtins on values of any type: length, keys, conversion, input and output. */
#include "base/utf8.h"
#include "bi.h"
#include "json/scalar.h"
#include "json/valparse.h"
#include "json/valwrite.h"

#include <math.h>

#define ERROR_TEXT_MAX                                                                             \
	((size_t)64 << 10) /* about where the text of an error that is no string ends */

extern char **environ;

struct val bi_fail(struct eval *e, struct val v, const char *what)
{
	char dump[DUMP_TEXT];

	return eval_fail(e, "%s (%s) %s", val_type_name(v), eval_dump(e, v, dump), what);
}

struct val bi_array(struct eval *e, struct val v, const char *what)
{
	return val_type(v) == TYPE_ARRAY ? val_force(eval_heap(e), v) : bi_fail(e, v, what);
}

/* ---- size and keys */

struct val bi_length(struct eval *e, const struct val *arg)
{
	struct val v = arg[0];

	switch (val_type(v)) {
	case TYPE_NULL:
		return val_num(0);
	case TYPE_NUMBER:
		if (v.tag == VAL_LIT)
			return v.text[0] == '-' ? op_negate(e, v) : v;
		return val_num(fabs(v.num));
	case TYPE_STRING:
		return val_num((double)utf8_length(val_slice(eval_heap(e), v)));
	case TYPE_ARRAY:
		return val_num(val_count(v));
	case TYPE_OBJECT:
		return val_num(val_count(val_force(eval_heap(e), v)));
	default:
		return bi_fail(e, v, "has no length");
	}
}

struct val bi_utf8bytelength(struct eval *e, const struct val *arg)
{
	if (val_type(arg[0]) != TYPE_STRING)
		return bi_fail(e, arg[0], "only strings have UTF-8 byte length");
	return val_num((double)val_slice(eval_heap(e), arg[0]).n);
}

struct val bi_type(struct eval *e, const struct val *arg)
{
	struct val v = val_str(slice_from(val_type_name(arg[0])));

	(void)e;
	v.flag = VAL_CLEAN;
	return v;
}

static struct val keys(struct eval *e, struct val v, bool sorted)
{
	struct heap *h = eval_heap(e);
	struct arr *a;
	uint32_t *order = NULL, i;

	if (val_type(v) == TYPE_ARRAY) {
		uint32_t n = val_count(v);

		a = arr_new(h, n);
		for (i = 0; i < n; i++)
			a = arr_push(h, a, val_num(i));
		return val_arr(a);
	}
	if (val_type(v) != TYPE_OBJECT)
		return bi_fail(e, v, "has no keys");
	v = val_force(h, v);
	a = arr_new(h, v.obj->n);
	if (sorted)
		order = obj_sorted(h, v.obj);
	for (i = 0; i < v.obj->n; i++)
		a = arr_push(h, a, v.obj->at[order ? order[i] : i].key);
	return val_arr(a);
}

struct val bi_keys(struct eval *e, const struct val *arg)
{
	return keys(e, arg[0], true);
}

struct val bi_keys_unsorted(struct eval *e, const struct val *arg)
{
	return keys(e, arg[0], false);
}

struct val bi_has(struct eval *e, const struct val *arg)
{
	enum val_type type = val_type(arg[0]), by = val_type(arg[1]);
	double at;

	if (type == TYPE_OBJECT && by == TYPE_STRING) {
		struct val o = val_force(eval_heap(e), arg[0]);

		return val_bool(obj_get(o.obj, val_slice(eval_heap(e), arg[1])) != NULL);
	}
	if (type == TYPE_ARRAY && by == TYPE_NUMBER) {
		at = val_double(arg[1]);
		return val_bool(at >= 0 && at < val_count(arg[0]));
	}
	if (type == TYPE_NULL)
		return val_of(VAL_FALSE);
	return eval_fail(e, "Cannot check whether %s has a %s key", val_type_name(arg[0]),
	                 val_type_name(arg[1]));
}

/* Does A contain B? */
static bool contains(struct eval *e, struct val a, struct val b, unsigned depth, bool *bad)
{
	struct heap *h = eval_heap(e);
	uint32_t i, j;

	if (depth > CHECK_DEPTH + 1) {
		eval_fail(e, "Containment check too deep");
		*bad = true;
	}
	if (*bad || val_type(a) != val_type(b))
		return false;
	a = val_force(h, a);
	b = val_force(h, b);
	switch (val_type(a)) {
	case TYPE_OBJECT:
		for (i = 0; i < b.obj->n; i++) {
			struct val *own = obj_get(a.obj, val_text(b.obj->at[i].key));

			if (!own || !contains(e, *own, b.obj->at[i].value, depth + 1, bad))
				return false;
		}
		return true;
	case TYPE_ARRAY:
		for (i = 0; i < b.arr->n; i++) {
			for (j = 0; j < a.arr->n; j++)
				if (contains(e, a.arr->at[j], b.arr->at[i], depth + 1, bad) || *bad)
					break;
			if (j == a.arr->n || *bad)
				return false;
		}
		return true;
	case TYPE_STRING: {
		struct slice x = val_slice(h, a), y = val_slice(h, b);

		return y.n == 0 || memmem(x.p, x.n, y.p, y.n) != NULL;
	}
	default:
		return val_equal(h, a, b, bad);
	}
}

struct val bi_contains(struct eval *e, const struct val *arg)
{
	enum val_type a = val_type(arg[0]), b = val_type(arg[1]);
	char x[DUMP_TEXT], y[DUMP_TEXT];
	bool bad = false, yes;

	if (a != b && !((a == TYPE_FALSE || a == TYPE_TRUE) && (b == TYPE_FALSE || b == TYPE_TRUE)))
		return eval_fail(e, "%s (%s) and %s (%s) cannot have their containment checked",
		                 val_type_name(arg[0]), eval_dump(e, arg[0], x),
		                 val_type_name(arg[1]), eval_dump(e, arg[1], y));
	yes = contains(e, arg[0], arg[1], 0, &bad);
	return bad ? val_private(VAL_FAILED, 0) : val_bool(yes);
}

/* ---- entries */

struct val bi_to_entries(struct eval *e, const struct val *arg)
{
	struct val names = keys(e, arg[0], false), v;
	struct heap *h = eval_heap(e);
	struct arr *a;
	uint32_t i;

	if (eval_failed(names))
		return names;
	v = val_force(h, arg[0]);
	a = arr_new(h, names.arr->n);
	for (i = 0; i < names.arr->n; i++) {
		struct obj *o = obj_new(h, 2);

		o = obj_set(h, o, val_str(SLICE("key")), names.arr->at[i]);
		o = obj_set(h, o, val_str(SLICE("value")),
		            val_share(v.tag == VAL_OBJ ? v.obj->at[i].value : v.arr->at[i]));
		a = arr_push(h, a, val_obj(o));
	}
	return val_arr(a);
}

/* The first of several members that is true, null if none is. */
static struct val first_true(const struct obj *o, const char *const *names)
{
	const struct val *v;

	for (; *names; names++) {
		v = obj_get(o, slice_from(*names));
		if (v && v->tag != VAL_NULL && v->tag != VAL_FALSE)
			return *v;
	}
	return val_of(VAL_NULL);
}

struct val bi_from_entries(struct eval *e, const struct val *arg)
{
	static const char *const names[] = { "key", "Key", "name", "Name", NULL };
	struct heap *h = eval_heap(e);
	struct obj *o = obj_new(h, 4);
	struct val list = bi_elements(e, arg[0]), entry, key;
	const struct val *value;
	char dump[DUMP_TEXT];
	uint32_t i;

	if (eval_failed(list))
		return list;
	for (i = 0; i < list.arr->n; i++) {
		entry = val_force(h, list.arr->at[i]);
		if (entry.tag == VAL_NULL)
			entry = val_obj(obj_new(h, 0));
		if (val_type(entry) != TYPE_OBJECT)
			return eval_fail(e, "Cannot index %s with string (\"key\")",
			                 val_type_name(entry));
		key = first_true(entry.obj, names);
		if (val_type(key) != TYPE_STRING)
			return eval_fail(e, "Cannot use %s (%s) as object key", val_type_name(key),
			                 eval_dump(e, key, dump));
		value = obj_get(entry.obj, SLICE("value"));
		value = value ? value : obj_get(entry.obj, SLICE("Value"));
		o = obj_set(h, o, val_str(val_slice(h, key)),
		            value ? val_share(*value) : val_of(VAL_NULL));
	}
	return val_obj(o);
}

struct val bi_setpath(struct eval *e, const struct val *arg)
{
	struct val path = arg[1];

	if (val_type(path) != TYPE_ARRAY)
		return eval_fail(e, "Path must be specified as an array");
	return op_setpath(e, val_share(arg[0]), val_force(eval_heap(e), path).arr,
	                  val_share(arg[2]));
}

struct val bi_delpaths(struct eval *e, const struct val *arg)
{
	return op_delpaths(e, val_share(arg[0]), arg[1]);
}

/* ---- conversion */

struct val eval_text(struct eval *e, const struct buf *b)
{
	if (b->n > VAL_TEXT_MAX)
		return eval_fail(e, "String too long");
	return val_str((struct slice){ arena_copy(&e->heap->arena, b->p, b->n), b->n });
}

struct val bi_tojson(struct eval *e, const struct val *arg)
{
	struct buf *b = &e->scratch;

	buf_clear(b);
	val_write_canonical(eval_heap(e), b, arg[0]);
	return eval_text(e, b);
}

struct val bi_tostring(struct eval *e, const struct val *arg)
{
	return val_type(arg[0]) == TYPE_STRING ? arg[0] : bi_tojson(e, arg);
}

static struct val number_of(struct eval *e, struct slice s, struct val v)
{
	bool negative = s.n && *s.p == '-';
	struct slice body = { s.p + (s.n && (*s.p == '-' || *s.p == '+')), 0 };
	struct buf b = { 0 };

	if (s.n && (negative || (*s.p >= '0' && *s.p <= '9')) && s.p[s.n - 1] >= '0' &&
	    s.p[s.n - 1] <= '9' && scalar_valid_slow(s.p, s.p + s.n))
		return val_lit(s);
	body.n = (size_t)(s.p + s.n - body.p);
	if (slice_same(body, SLICE("nan")))
		return val_num(NAN);
	if (slice_same(body, SLICE("infinity")))
		return val_num(negative ? -INFINITY : INFINITY);
	if (!num_relaxed(&b, s))
		return bi_fail(e, v, "cannot be parsed as a number");
	v = val_lit((struct slice){ arena_copy(&eval_heap(e)->arena, b.p, b.n), b.n });
	buf_free(&b);
	return v;
}

struct val bi_tonumber(struct eval *e, const struct val *arg)
{
	if (val_is_num(arg[0]))
		return arg[0];
	if (val_type(arg[0]) != TYPE_STRING)
		return bi_fail(e, arg[0], "cannot be parsed as a number");
	return number_of(e, val_slice(eval_heap(e), arg[0]), arg[0]);
}

struct val bi_toboolean(struct eval *e, const struct val *arg)
{
	if (arg[0].tag == VAL_TRUE || arg[0].tag == VAL_FALSE)
		return arg[0];
	if (val_type(arg[0]) == TYPE_STRING) {
		struct slice s = val_slice(eval_heap(e), arg[0]);

		if (slice_same(s, SLICE("true")))
			return val_of(VAL_TRUE);
		if (slice_same(s, SLICE("false")))
			return val_of(VAL_FALSE);
	}
	return bi_fail(e, arg[0], "cannot be parsed as a boolean");
}

/* Where jq's own tests look at the message, it is jq's; elsewhere it says what was expected. */
static struct val not_json(struct eval *e, struct slice s, const struct check_fault *fault)
{
	int shown = (int)(s.n > 100 ? 100 : s.n);
	size_t i;

	for (i = 0; i < s.n && !strchr(" \t\r\n\"[]{},:", s.p[i]); i++)
		;
	if (i == s.n && s.n)
		return eval_fail(
			e, "Invalid %sliteral at EOF at line 1, column %zu (while parsing '%.*s')",
			strchr("tfn", *s.p) ? "" : "numeric ", s.n, shown, s.p);
	return eval_fail(e, "%s at byte %zu (while parsing '%.*s')", fault->text, fault->at + 1,
	                 shown, s.p);
}

struct val bi_fromjson(struct eval *e, const struct val *arg)
{
	struct check_fault fault;
	struct slice s;
	struct val v;

	if (val_type(arg[0]) != TYPE_STRING)
		return bi_fail(e, arg[0], "only strings can be parsed");
	s = val_slice(eval_heap(e), arg[0]);
	if (slice_same(s, SLICE("nan")) || slice_same(s, SLICE("NaN")) ||
	    slice_same(s, SLICE("-NaN")))
		return val_num(NAN);
	return val_parse(eval_heap(e), s, &v, &fault) < 0 ? not_json(e, s, &fault) : v;
}

/* ---- the world outside */

struct val bi_env(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct obj *o = obj_new(h, 32);
	char **v;

	(void)arg;
	for (v = environ; v && *v; v++) {
		const char *eq = strchr(*v, '=');

		if (eq)
			o = obj_set(h, o, val_copy_str(h, (struct slice){ *v, (size_t)(eq - *v) }),
			            val_copy_str(h, slice_from(eq + 1)));
	}
	return val_obj(o);
}

struct val eval_input(struct eval *e)
{
	struct val v = val_of(VAL_NONE);
	struct err err;
	int got = 0;

	err_clear(&err);
	if (e->world->input)
		got = e->world->input(e->world->context, e->heap, &v, &err);
	if (got < 0)
		return eval_fail(e, "%s", err.text);
	return got ? v : val_of(VAL_NONE);
}

struct val bi_input(struct eval *e, const struct val *arg)
{
	struct val v = eval_input(e);

	(void)arg;
	return v.tag == VAL_NONE ? eval_fail(e, "No more inputs") : v;
}

struct val bi_input_filename(struct eval *e, const struct val *arg)
{
	struct slice name = { 0 };

	(void)arg;
	if (e->world->filename)
		name = e->world->filename(e->world->context);
	return name.p ? val_copy_str(eval_heap(e), name) : val_of(VAL_NULL);
}

struct val bi_input_line_number(struct eval *e, const struct val *arg)
{
	(void)arg;
	return val_num(e->world->line ? (double)e->world->line(e->world->context) : 0);
}

static void say(struct eval *e, struct slice text)
{
	if (e->world->message)
		e->world->message(e->world->context, text);
}

struct val bi_debug(struct eval *e, const struct val *arg)
{
	struct buf b = { 0 };

	buf_adds(&b, "[\"DEBUG:\",");
	val_write_canonical(eval_heap(e), &b, arg[0]);
	buf_adds(&b, "]\n");
	say(e, buf_slice(&b));
	buf_free(&b);
	return arg[0];
}

struct val bi_stderr(struct eval *e, const struct val *arg)
{
	struct buf b = { 0 };

	if (val_type(arg[0]) == TYPE_STRING)
		buf_add_slice(&b, val_slice(eval_heap(e), arg[0]));
	else
		val_write_canonical(eval_heap(e), &b, arg[0]);
	say(e, buf_slice(&b));
	buf_free(&b);
	return arg[0];
}

struct val bi_halt(struct eval *e, const struct val *arg)
{
	(void)arg;
	e->halted = 0;
	return eval_raise(e, val_of(VAL_NULL));
}

/* The message goes to stderr: a string as it is, null not at all, else JSON and a newline. */
struct val bi_halt_error(struct eval *e, const struct val *arg)
{
	if (!val_is_num(arg[1]))
		return eval_fail(e, "halt_error/1: number required");
	if (arg[0].tag != VAL_NULL)
		bi_stderr(e, arg);
	if (arg[0].tag != VAL_NULL && val_type(arg[0]) != TYPE_STRING)
		say(e, SLICE("\n"));
	e->halted = (int)val_double(arg[1]) & 0xFF;
	return eval_raise(e, val_of(VAL_NULL));
}

struct val bi_format(struct eval *e, const struct val *arg)
{
	struct slice name;
	int format;

	if (val_type(arg[1]) != TYPE_STRING)
		return bi_fail(e, arg[1], "is not a valid format");
	name = val_slice(eval_heap(e), arg[1]);
	format = format_find(name);
	if (format < 0)
		return eval_fail(e, "%.*s is not a valid format",
		                 (int)(name.n > 100 ? 100 : name.n), name.p);
	return format_apply(e, format, arg[0]);
}

void eval_error_text(struct eval *e, struct buf *b)
{
	if (val_type(e->error) == TYPE_STRING) {
		buf_add_slice(b, val_slice(e->heap, e->error));
		return;
	}
	val_write_start(e->heap, b, e->error, ERROR_TEXT_MAX);
	buf_adds(b, " (not a string)");
}

int eval_error_note(struct eval *v, const char *of, struct err *e)
{
	struct buf text = { 0 };

	eval_error_text(v, &text);
	err_set(e, FAIL_DATA, "%s%s%.*s", of ? of : "", of ? ": " : "", (int)text.n, text.p);
	buf_free(&text);
	return -1;
}
