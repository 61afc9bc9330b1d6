/* val.h, valparse.h: values of records and of the heap, their order, arrays, objects, strings. */
#include "unit.h"

#include "jsontext.h"

#include "json/check.h"
#include "json/scan.h"
#include "json/val.h"
#include "json/valparse.h"
#include "json/valwrite.h"

/* ---- the same value in its forms */

static struct val parsed(struct heap *h, struct slice json)
{
	struct check_fault fault;
	struct val v = val_of(VAL_NONE);

	if (val_parse(h, json, &v, &fault) < 0)
		fail_msg("%.*s: byte %zu: %s", (int)json.n, json.p, fault.at, fault.text);
	return v;
}

/* A line of JSON scanned; keeps text and scanner until rig_free(). */
struct rig {
	struct heap heap;
	struct plan plan;
	struct scan *scan[64];
	struct rec rec[64];
	char *text[64];
	size_t n;
};

static void rig_init(struct rig *g)
{
	*g = (struct rig){ 0 };
	heap_init(&g->heap);
	plan_init(&g->plan);
}

static void rig_free(struct rig *g)
{
	for (size_t i = 0; i < g->n; i++) {
		scan_free(g->scan[i]);
		free(g->text[i]);
	}
	plan_free(&g->plan);
	heap_free(&g->heap);
}

static struct val scanned(struct rig *g, struct slice json)
{
	size_t i = g->n++;
	char *p = malloc(json.n + 1 + INDEX_PAD);

	assert_true(i < COUNT(g->rec));
	memcpy(p, json.p, json.n);
	memset(p + json.n, '\n', 1 + INDEX_PAD);
	g->text[i] = p;
	g->scan[i] = scan_new(&g->plan, NULL);
	scan_feed(g->scan[i], p, json.n + 1);
	assert_int_equal(scan_next(g->scan[i], &g->rec[i]), SCAN_RECORD);
	return val_from_rec(&g->rec[i], 0);
}

static void assert_json(struct heap *h, struct val v, const char *json)
{
	struct buf b = { 0 };

	val_write_canonical(h, &b, v);
	assert_slice(json, buf_slice(&b), slice_from(json));
	buf_free(&b);
}

/* ---- what values are */

static void test_from_rec__is_as_lazy_as_can_be(void **state)
{
	static const struct {
		const char *json;
		enum val_tag tag;
		enum val_type type;
		const char *name;
	} rows[] = {
		{ "null", VAL_NULL, TYPE_NULL, "null" },
		{ "false", VAL_FALSE, TYPE_FALSE, "boolean" },
		{ " true ", VAL_TRUE, TYPE_TRUE, "boolean" },
		{ "1.50", VAL_LIT, TYPE_NUMBER, "number" },
		{ "\"\\u0061\"", VAL_RAWSTR, TYPE_STRING, "string" },
		{ "[1]", VAL_RAWARR, TYPE_ARRAY, "array" },
		{ "{\"a\":1}", VAL_RAWOBJ, TYPE_OBJECT, "object" },
	};
	struct rig g;

	(void)state;
	rig_init(&g);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct val v = scanned(&g, slice_from(rows[i].json));
		struct val p = parsed(&g.heap, slice_from(rows[i].json));

		assert_row(rows[i].json, v.tag == rows[i].tag);
		assert_row(rows[i].json, val_type(v) == rows[i].type);
		assert_row(rows[i].json, val_type(p) == rows[i].type);
		assert_slice(rows[i].json, slice_from(val_type_name(v)), slice_from(rows[i].name));
		assert_row(rows[i].json, val_true(v) == (i > 1));
	}
	rig_free(&g);
}

static void test_count__counts_without_making(void **state)
{
	static const struct {
		const char *json;
		uint32_t n;
	} rows[] = {
		{ "[]", 0 },
		{ "{}", 0 },
		{ "[[1,2],{\"a\":1,\"b\":2},3]", 3 },
		{ "{\"a\":[1,2,3],\"b\":{\"c\":1,\"d\":2}}", 2 },
	};
	struct rig g;

	(void)state;
	rig_init(&g);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct val v = scanned(&g, slice_from(rows[i].json));

		assert_row(rows[i].json, val_count(v) == rows[i].n);
		assert_row(rows[i].json, val_count(val_force(&g.heap, v)) == rows[i].n);
		assert_row(rows[i].json,
		           val_count(parsed(&g.heap, slice_from(rows[i].json))) == rows[i].n);
	}
	rig_free(&g);
}

/* The last of equal keys wins, at the place of the first. */
static void test_force__lets_the_last_of_equal_keys_win(void **state)
{
	static const struct {
		const char *json, *made;
	} rows[] = {
		{ "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}" },
		{ "{\"a\":1,\"\\u0061\":[2]}", "{\"a\":[2]}" },
		{ "{\"\xFF\":1,\"\xEF\xBF\xBD\":2}", "{\"\xEF\xBF\xBD\":2}" },
		{ "{\"\":1,\"\":2}", "{\"\":2}" },
		{ "{\"abc\":1,\"acb\":2,\"axc\":3,\"abc\":4}", "{\"abc\":4,\"acb\":2,\"axc\":3}" },
	};
	struct rig g;

	(void)state;
	rig_init(&g);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_json(&g.heap, scanned(&g, slice_from(rows[i].json)), rows[i].made);
		assert_json(&g.heap, parsed(&g.heap, slice_from(rows[i].json)), rows[i].made);
	}
	rig_free(&g);
}

/* ---- order */

static void test_order__is_jqs(void **state)
{
	/* ascending, as jq's manual has it under sort; '=' before what equals the one before */
	static const char *const rows[] = {
		"null",
		"false",
		"true",
		"-1e1000",
		"-2",
		"-1.5",
		"0",
		"=-0",
		"=0.0",
		"1",
		"=1.0",
		"=100e-2",
		"9007199254740992",
		"9007199254740993",
		"1e1000",
		"\"\"",
		"\"A\"",
		"=\"\\u0041\"",
		"\"AB\"",
		"\"B\"",
		"\"a\"",
		"\"\xC3\xA9\"",
		"=\"\\u00e9\"",
		"\"\xEF\xBF\xBD\"",
		"=\"\xFF\"",
		"=\"\\ud800\"",
		/* by code points, not by UTF-16 */
		"\"\xF0\x9F\x98\x80\"",
		"=\"\\ud83d\\ude00\"",
		"[]",
		"[null]",
		"[0,1]",
		"[1]",
		"=[ 1.0 ]",
		"[1,null]",
		"[[]]",
		/* objects: first their keys as a sorted array, then value by value */
		"{}",
		"{\"a\":9}",
		"={\"\\u0061\":9.0}",
		"={\"a\":1,\"a\":9}",
		"{\"a\":1,\"b\":2}",
		"={\"b\":2,\"a\":1}",
		"{\"a\":1,\"b\":3}",
		"{\"a\":2,\"b\":0}",
		"{\"a\":0,\"b\":0,\"c\":0}",
		"{\"a\":0,\"c\":0}",
		"{\"b\":0}",
	};
	bool deep = false;
	struct val form[COUNT(rows)][3];
	struct rig g;

	(void)state;
	rig_init(&g);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice json = slice_from(rows[i] + (*rows[i] == '='));

		form[i][0] = scanned(&g, json);
		form[i][1] = parsed(&g.heap, json);
		form[i][2] = val_copy_deep(&g.heap, form[i][0]);
	}
	for (size_t k = 0; k < COUNT(rows) * COUNT(rows) * 9; k++) {
		size_t f = k % 3, to = k / 3 % 3, i = k / 9 % COUNT(rows), j = k / 9 / COUNT(rows);
		bool equal = true;
		int r = val_order(&g.heap, form[i][f], form[j][to], &deep);

		for (size_t m = (i < j ? i : j) + 1; m <= (i < j ? j : i); m++)
			equal &= *rows[m] == '=';
		if (equal ? r != 0 : i < j ? r >= 0 : r <= 0)
			fail_msg("%s (form %zu) beside %s (form %zu): %d", rows[i], f, rows[j], to,
			         r);
		if (val_equal(&g.heap, form[i][f], form[j][to], &deep) != equal)
			fail_msg("%s (form %zu) and %s (form %zu): equal or not?", rows[i], f,
			         rows[j], to);
	}
	assert_false(deep);
	rig_free(&g);
}

static void test_order__of_computed_numbers(void **state)
{
	struct heap h;
	bool deep = false;
	struct val nan = val_num(strtod("nan", NULL)), one = val_num(1),
		   literal = val_lit(SLICE("9007199254740993")), near = val_num(9007199254740992.0);

	(void)state;
	heap_init(&h);
	/* jq's manual: nan sorts below every number, and is less than nan */
	assert_true(val_order(&h, nan, val_num(-1e308), &deep) < 0);
	assert_true(val_order(&h, val_lit(SLICE("-1")), nan, &deep) > 0);
	assert_true(val_order(&h, nan, nan, &deep) < 0);
	assert_true(val_order(&h, nan, val_of(VAL_TRUE), &deep) > 0);
	assert_false(val_equal(&h, nan, nan, &deep));
	assert_true(val_equal(&h, one, val_lit(SLICE("1.00")), &deep));
	/* a literal beside what was computed is a double */
	assert_true(val_equal(&h, literal, near, &deep));
	assert_false(val_equal(&h, literal, val_lit(SLICE("9007199254740992")), &deep));
	heap_free(&h);
}

static void test_order__ends_at_the_depth_limit(void **state)
{
	bool deep = false;
	struct heap h;
	struct val a, b;

	(void)state;
	heap_init(&h);
	a = val_arr(arr_new(&h, 0));
	b = val_arr(arr_new(&h, 0));
	for (int i = 0; i < CHECK_DEPTH + 5; i++) {
		a = val_arr(arr_push(&h, arr_new(&h, 1), a));
		b = val_arr(arr_push(&h, arr_new(&h, 1), b));
		if (i == CHECK_DEPTH - 5) {
			assert_int_equal(val_order(&h, a, b, &deep), 0);
			assert_true(val_equal(&h, a, b, &deep));
			assert_false(deep);
		}
	}
	val_order(&h, a, b, &deep);
	assert_true(deep);
	deep = false;
	val_equal(&h, a, b, &deep);
	assert_true(deep);
	heap_free(&h);
}

/* ---- arrays and objects in the heap */

static struct val key_of(struct heap *h, uint32_t i)
{
	return val_strf(h, "key%u", (unsigned)i);
}

/* Against a plain list, with and without an index by hash. */
static void test_obj__sets_gets_deletes(void **state)
{
	struct chance c = { 10 };
	struct heap h;

	(void)state;
	heap_init(&h);
	for (uint32_t keys = 1; keys < 200; keys = keys * 2 + 1) {
		struct obj *o = obj_new(&h, 0);
		double value[256];
		bool there[256] = { false };
		uint32_t count = 0, *sorted;

		for (int i = 0; i < 1000; i++) {
			uint32_t k = (uint32_t)chance_below(&c, keys);
			struct val key = key_of(&h, k), *got;

			if (chance_below(&c, 3)) {
				value[k] = i;
				count += !there[k];
				there[k] = true;
				o = obj_set(&h, o, key, val_num(i));
			} else {
				count -= there[k];
				there[k] = false;
				obj_delete(&h, o, val_text(key));
			}
			k = (uint32_t)chance_below(&c, keys);
			got = obj_get(o, val_text(key_of(&h, k)));
			assert_int_equal(got != NULL, there[k]);
			assert_true(!got || got->num == value[k]);
			assert_int_equal(o->n, count);
		}
		sorted = obj_sorted(&h, o);
		for (uint32_t i = 1; i < o->n; i++)
			assert_true(slice_order(val_text(o->at[sorted[i - 1]].key),
			                        val_text(o->at[sorted[i]].key)) < 0);
		heap_reset(&h);
	}
	heap_free(&h);
}

static void test_obj__keeps_the_order_of_insertion(void **state)
{
	struct heap h;
	struct obj *o;

	(void)state;
	heap_init(&h);
	o = obj_new(&h, 0);
	for (uint32_t i = 30; i; i--)
		o = obj_set(&h, o, key_of(&h, i), val_num(i));
	obj_delete(&h, o, SLICE("key30"));
	obj_delete(&h, o, SLICE("key17"));
	obj_delete(&h, o, SLICE("nothing"));
	o = obj_set(&h, o, key_of(&h, 30), val_num(0));
	assert_int_equal(o->n, 29);
	assert_slice("first", val_text(o->at[0].key), SLICE("key29"));
	assert_slice("behind the gap", val_text(o->at[12].key), SLICE("key16"));
	assert_slice("last", val_text(o->at[28].key), SLICE("key30"));
	heap_free(&h);
}

static void test_own__copies_what_is_shared(void **state)
{
	struct heap h;
	struct arr *a, *mine;
	struct obj *o, *own;
	struct val inner;

	(void)state;
	heap_init(&h);
	inner = parsed(&h, SLICE("[[1],2]"));
	a = inner.arr;
	assert_ptr_equal(arr_own(&h, a), a);
	val_share(inner);
	mine = arr_own(&h, a);
	assert_ptr_not_equal(mine, a);
	mine = arr_push(&h, mine, val_num(3));
	mine = arr_stretch(&h, mine, 5);
	assert_json(&h, val_arr(a), "[[1],2]");
	assert_json(&h, val_arr(mine), "[[1],2,3,null,null]");
	/* the copy holds second references to what is in it */
	assert_true(mine->at[0].arr->shared);
	assert_ptr_equal(arr_stretch(&h, mine, 2), mine);

	o = parsed(&h, SLICE("{\"a\":{\"b\":1}}")).obj;
	assert_ptr_equal(obj_own(&h, o), o);
	val_share(val_obj(o));
	own = obj_own(&h, o);
	own = obj_set(&h, own, val_str(SLICE("c")), val_of(VAL_NULL));
	assert_json(&h, val_obj(o), "{\"a\":{\"b\":1}}");
	assert_json(&h, val_obj(own), "{\"a\":{\"b\":1},\"c\":null}");
	assert_true(own->at[0].value.obj->shared);
	heap_free(&h);
}

static void test_copy_deep__refers_to_no_record(void **state)
{
	static const char json[] =
		"{\"a\":[1.50,\"\\u0061b\",{\"c\":[]},\"plain\"],\"d\":null,\"e\":true}";
	struct heap h;
	struct val copy;
	struct rig g;

	(void)state;
	rig_init(&g);
	heap_init(&h);
	copy = val_copy_deep(&h, scanned(&g, slice_from(json)));
	memset(g.text[0], '#', sizeof json);
	rig_free(&g);
	assert_json(&h, copy, "{\"a\":[1.50,\"ab\",{\"c\":[]},\"plain\"],\"d\":null,\"e\":true}");
	heap_free(&h);
}

/* ---- strings */

static void test_copy_str__makes_utf8_of_bytes(void **state)
{
	struct heap h;

	(void)state;
	heap_init(&h);
	assert_slice("well-formed", val_text(val_copy_str(&h, SLICE("a\xC3\xA9"))),
	             SLICE("a\xC3\xA9"));
	assert_slice("malformed", val_text(val_copy_str(&h, SLICE("a\xFF\xE2\x82z"))),
	             SLICE("a\xEF\xBF\xBD\xEF\xBF\xBDz"));
	assert_slice("empty", val_text(val_copy_str(&h, SLICE(""))), SLICE(""));
	heap_free(&h);
}

/* Growing at the end, in turns, never changes a string that somebody still sees. */
static void test_concat__leaves_its_parts_as_they_were(void **state)
{
	struct heap h;
	struct val s[200];
	char want[200];

	(void)state;
	heap_init(&h);
	memset(want, 'x', sizeof want);
	s[0] = val_str(SLICE(""));
	for (size_t i = 1; i < COUNT(s); i++) {
		s[i] = val_concat(&h, val_text(s[i - 1]), SLICE("x"));
		/* a second one from the same beginning */
		if (i % 3 == 0)
			assert_int_equal(
				val_text(val_concat(&h, val_text(s[i - 1]), SLICE("yy"))).n, i + 1);
		if (i % 7 == 0)
			val_concat(&h, val_text(s[i / 2]), SLICE("z"));
	}
	for (size_t i = 0; i < COUNT(s); i++)
		assert_slice("grown", val_text(s[i]), ((struct slice){ want, i }));
	/* by itself */
	s[1] = val_concat(&h, val_text(s[5]), val_text(s[5]));
	assert_slice("doubled", val_text(s[1]), ((struct slice){ want, 10 }));
	s[1] = val_concat(&h, val_text(s[1]), val_text(s[1]));
	assert_slice("doubled again", val_text(s[1]), ((struct slice){ want, 20 }));
	heap_free(&h);
}

/* ---- parsing */

static void test_parse__makes_what_the_text_says(void **state)
{
	static const struct {
		const char *json, *canonical; /* NULL: the text itself */
	} rows[] = {
		{ " null ", "null" },
		{ "12345678901234567890.10", NULL },
		{ "[1,[2,{\"a\":[]}],\"x\"]", NULL },
		{ "{\"b\":1,\"a\":{\"\":{}}}", NULL },
		{ "\t[ 1 ,\r\n { \"a\" : \"\\u00e9\" } ]\n", "[1,{\"a\":\"\xC3\xA9\"}]" },
		{ "\"\\\"\\\\\"", NULL },
		{ "\"\xFF\\ud800\"", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },
	};
	struct check_fault fault;
	struct heap h;
	struct val v;

	(void)state;
	heap_init(&h);
	for (size_t i = 0; i < COUNT(rows); i++) {
		/* on the heap and short: nothing may be read behind it, nor kept of it */
		size_t n = strlen(rows[i].json);
		char *text = malloc(n);

		memcpy(text, rows[i].json, n);
		v = parsed(&h, (struct slice){ text, n });
		memset(text, '#', n);
		free(text);
		assert_json(&h, v, rows[i].canonical ? rows[i].canonical : rows[i].json);
	}
	assert_int_equal(val_parse(&h, SLICE("[1,x]"), &v, &fault), -1);
	assert_int_equal(fault.at, 3);
	heap_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_rec__is_as_lazy_as_can_be),
		cmocka_unit_test(test_count__counts_without_making),
		cmocka_unit_test(test_force__lets_the_last_of_equal_keys_win),
		cmocka_unit_test(test_order__is_jqs),
		cmocka_unit_test(test_order__of_computed_numbers),
		cmocka_unit_test(test_order__ends_at_the_depth_limit),
		cmocka_unit_test(test_obj__sets_gets_deletes),
		cmocka_unit_test(test_obj__keeps_the_order_of_insertion),
		cmocka_unit_test(test_own__copies_what_is_shared),
		cmocka_unit_test(test_copy_deep__refers_to_no_record),
		cmocka_unit_test(test_copy_str__makes_utf8_of_bytes),
		cmocka_unit_test(test_concat__leaves_its_parts_as_they_were),
		cmocka_unit_test(test_parse__makes_what_the_text_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
