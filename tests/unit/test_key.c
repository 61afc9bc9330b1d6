/* Keys: bytes that compare as jq compares, and expressions that give them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/keyexpr.h"
#include "json/check.h"
#include "json/key.h"
#include "json/valparse.h"
#include "json/valwrite.h"

#include <math.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct heap heap;

static struct val parsed(const char *json)
{
	struct check_fault fault;
	struct val v;

	if (val_parse(&heap, slice_from(json), &v, &fault) < 0)
		fail_msg("%s: byte %zu: %s", json, fault.at + 1, fault.text);
	return v;
}

static void key_is(struct buf *b, struct val v)
{
	buf_clear(b);
	assert_int_equal(key_put(b, &heap, v), 0);
}

static void text_is(struct val v, const char *want)
{
	struct buf b = { 0 };

	val_write_canonical(&heap, &b, v);
	buf_addc(&b, '\0');
	assert_string_equal(b.p, want);
	buf_free(&b);
}

/* ---- order */

/* Ascending by jq's manual, "sort": each is less than all behind it. */
static const char *const ascending[] = {
	"null",
	"false",
	"true",
	"-1e400",
	"-1e300",
	"-18446744073709551616",
	"-18446744073709551615",
	"-9223372036854775809",
	"-9223372036854775808",
	"-123.4",
	"-123",
	"-12.5",
	"-12",
	"-1.5",
	"-1",
	"-0.012",
	"-0.01",
	"-1e-300",
	"-1e-400",
	"0",
	"1e-400",
	"1e-300",
	"0.0999",
	"0.1",
	"0.10000000000000000001",
	"0.5",
	"0.99999999999999999999",
	"1",
	"1.00000000000000000001",
	"1.5",
	"9",
	"10",
	"12",
	"99.99",
	"100",
	"101",
	"9007199254740992",
	"9007199254740992.5",
	"9007199254740993",
	"9223372036854775807",
	"9223372036854775808",
	"18446744073709551614",
	"18446744073709551615",
	"1e99",
	"1e100",
	"1e101",
	"1e300",
	"1e400",
	"\"\"",
	"\"\\u0000\"",
	"\"\\u0000\\u0000\"",
	"\"\\u0000a\"",
	"\"\\u0001\"",
	"\"a\"",
	"\"a\\u0000\"",
	"\"a\\u0000b\"",
	"\"a\\u0001\"",
	"\"aa\"",
	"\"b\"",
	"\"\\u00e9\"",
	"\"\\uffff\"",
	"\"\\ud83d\\ude00\"",
	"[]",
	"[null]",
	"[null,null]",
	"[-1,5]",
	"[-0.5,1]",
	"[0]",
	"[0,1]",
	"[\"\"]",
	"[\"\",0]",
	"[\"a\"]",
	"[[]]",
	"[[],0]",
	"[[0]]",
	"[{}]",
	"{}",
	"{\"a\":2}",
	"{\"a\":10}",
	"{\"a\":[1]}",
	"{\"b\":0,\"a\":1}",
	"{\"a\":1,\"b\":1}",
	"{\"a\":2,\"b\":0}",
	"{\"aa\":0}",
	"{\"b\":0}",
};

static void test_key_put__orders_as_jq_does(void **state)
{
	struct buf key[COUNT(ascending)] = { 0 };
	bool too_deep = false;
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(ascending); i++)
		key_is(&key[i], parsed(ascending[i]));
	for (i = 0; i < COUNT(ascending); i++)
		for (j = i + 1; j < COUNT(ascending); j++) {
			if (slice_order(buf_slice(&key[i]), buf_slice(&key[j])) >= 0)
				fail_msg("keys: %s is not below %s", ascending[i], ascending[j]);
			if (val_order(&heap, parsed(ascending[i]), parsed(ascending[j]),
			              &too_deep) >= 0)
				fail_msg("values: %s is not below %s", ascending[i], ascending[j]);
		}
	for (i = 0; i < COUNT(ascending); i++)
		buf_free(&key[i]);
}

/* Several keys behind one another order as the array of their values. */
static void test_key_put__orders_rows_of_keys(void **state)
{
	static const char *const rows[][2] = {
		{ "\"a\"", "\"b\"" }, { "\"a\\u0000\"", "1" }, { "\"ab\"", "null" },
		{ "\"ab\"", "-2" },   { "\"ab\"", "-1" },      { "[1]", "5" },
		{ "[1]", "[]" },      { "[1,0]", "null" },     { "{}", "null" },
	};
	struct buf key[COUNT(rows)] = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		key_is(&key[i], parsed(rows[i][0]));
		assert_int_equal(key_put(&key[i], &heap, parsed(rows[i][1])), 0);
		if (i && slice_order(buf_slice(&key[i - 1]), buf_slice(&key[i])) >= 0)
			fail_msg("row %zu is not above the one before", i);
	}
	for (i = 0; i < COUNT(rows); i++)
		buf_free(&key[i]);
}

static void test_key_put__same_bytes_for_equal_values(void **state)
{
	static const char *const same[][2] = {
		{ "1", "1.0" },
		{ "1", "10e-1" },
		{ "1", "0.1E+1" },
		{ "0", "-0" },
		{ "0", "0.00e7" },
		{ "100", "1e2" },
		{ "-2.50", "-25e-1" },
		{ "18446744073709551615", "18446744073709551615.0" },
		{ "\"a/\"", "\"\\u0061\\/\"" },
		{ "[1,[0]]", "[1.0,[-0.0]]" },
		{ "{\"a\":1,\"b\":2}", "{\"b\":2.0,\"a\":1}" },
		{ "{\"a\":2}", "{\"a\":1,\"a\":2}" },
	};
	struct buf a = { 0 }, b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++) {
		key_is(&a, parsed(same[i][0]));
		key_is(&b, parsed(same[i][1]));
		if (!slice_same(buf_slice(&a), buf_slice(&b)))
			fail_msg("%s and %s differ", same[i][0], same[i][1]);
	}
	buf_free(&a);
	buf_free(&b);
}

/* What was computed is the literal that it would be written as. */
static void test_key_put__computed_numbers(void **state)
{
	static const struct {
		double v;
		const char *literal;
	} rows[] = {
		{ 1, "1" },
		{ -0.0, "0" },
		{ 0.1, "0.1" },
		{ -2.5, "-2.5" },
		{ 1e300, "1e300" },
		{ 5e-324, "5e-324" },
		{ 1e17, "1e17" },
		{ 0x1p53, "9007199254740992" },
		{ 0.1 + 0.2, "0.30000000000000004" },
	};
	struct buf a = { 0 }, b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		key_is(&a, val_num(rows[i].v));
		key_is(&b, parsed(rows[i].literal));
		if (!slice_same(buf_slice(&a), buf_slice(&b)))
			fail_msg("%s", rows[i].literal);
	}
	/* nan below all numbers, one key; infinities outside of all */
	key_is(&a, val_num(NAN));
	key_is(&b, val_num(-INFINITY));
	assert_true(slice_order(buf_slice(&a), buf_slice(&b)) < 0);
	key_is(&a, parsed("-1e400"));
	assert_true(slice_order(buf_slice(&b), buf_slice(&a)) < 0);
	key_is(&a, parsed("1e400"));
	key_is(&b, val_num(INFINITY));
	assert_true(slice_order(buf_slice(&a), buf_slice(&b)) < 0);
	buf_free(&a);
	buf_free(&b);
}

static struct val nested(unsigned depth)
{
	struct val v = val_num(1);

	for (; depth; depth--)
		v = val_arr(arr_push(&heap, arr_new(&heap, 1), v));
	return v;
}

static void test_key_put__refuses_what_is_too_deep(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_addc(&b, 'x');
	assert_int_equal(key_put(&b, &heap, nested(CHECK_DEPTH + 1)), -1);
	assert_int_equal(b.n, 1);
	assert_int_equal(key_put(&b, &heap, nested(CHECK_DEPTH)), 0);
	buf_free(&b);
}

/* ---- edges of types */

/* true and false are of one type */
static enum val_type type_of(struct val v)
{
	return val_type(v) == TYPE_TRUE ? TYPE_FALSE : val_type(v);
}

static void check_edges(struct val v, enum val_type type)
{
	struct buf key = { 0 }, edge = { 0 };
	int below, above;

	key_is(&key, v);
	key_put_edge(&edge, type, false);
	below = slice_order(buf_slice(&edge), buf_slice(&key));
	buf_clear(&edge);
	key_put_edge(&edge, type, true);
	above = slice_order(buf_slice(&edge), buf_slice(&key));
	type = type == TYPE_TRUE ? TYPE_FALSE : type;
	if (type_of(v) == type)
		assert_true(below <= 0 && above > 0);
	else if (type_of(v) < type)
		assert_true(below > 0 && above > 0);
	else
		assert_true(below < 0 && above < 0);
	buf_free(&key);
	buf_free(&edge);
}

static void test_key_put_edge__parts_types(void **state)
{
	static const double computed[] = { NAN, -INFINITY, INFINITY, -0.0, 1e300, -1e300 };

	(void)state;
	for (int type = TYPE_NULL; type <= TYPE_OBJECT; type++) {
		for (size_t i = 0; i < COUNT(ascending); i++)
			check_edges(parsed(ascending[i]), (enum val_type)type);
		for (size_t i = 0; i < COUNT(computed); i++)
			check_edges(val_num(computed[i]), (enum val_type)type);
	}
}

/* ---- back again */

static void test_key_get__gives_one_spelling(void **state)
{
	static const char *const rows[][2] = {
		{ "null", "null" },
		{ "false", "false" },
		{ "true", "true" },
		{ "1.0", "1" },
		{ "-0", "0" },
		{ "-12.50", "-12.5" },
		{ "1e2", "100" },
		{ "10000000000000000000", "10000000000000000000" },
		{ "1e20", "1e+20" },
		{ "1.5e300", "1.5e+300" },
		{ "-25e-200", "-2.5e-199" },
		{ "0.30000000000000004", "0.30000000000000004" },
		{ "18446744073709551615", "18446744073709551615" },
		{ "-18446744073709551615", "-18446744073709551615" },
		{ "1e400", "1E+400" },
		{ "-1e-400", "-1E-400" },
		{ "\"a\\u0000\\u0000b\"", "\"a\\u0000\\u0000b\"" },
		{ "\"\"", "\"\"" },
		{ "[[],1.0,[null]]", "[[],1,[null]]" },
		{ "{\"b\":[1],\"a\":{\"\\u0000\":\"\"}}", "{\"a\":{\"\\u0000\":\"\"},\"b\":[1]}" },
		{ "{}", "{}" },
	};
	struct buf b = { 0 };
	const char *p;
	struct val v;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(key_put(&b, &heap, parsed(rows[i][0])), 0);
	p = b.p;
	for (size_t i = 0; i < COUNT(rows); i++) {
		p = key_get(p, &heap, &v);
		text_is(v, rows[i][1]);
	}
	assert_ptr_equal(p, b.p + b.n);
	buf_free(&b);
}

/* ---- by an expression */

static void read_key(const char *expr, const char *line, bool scanned, const char *want)
{
	struct buf text = { 0 }, key = { 0 };
	struct plan plan;
	struct keyexpr *k;
	struct scan *scan;
	struct rec rec;
	struct err e;
	struct val v;

	err_clear(&e);
	plan_init(&plan);
	k = keyexpr_new("--by", expr, scanned ? &plan : NULL, NULL, &e);
	assert_non_null(k);
	assert_false(keyexpr_keeps_state(k));
	buf_adds(&text, line);
	buf_addc(&text, '\n');
	memset(buf_room(&text, INDEX_PAD), 0, INDEX_PAD);
	scan = scan_new(&plan, NULL);
	scan_feed(scan, text.p, text.n);
	assert_int_equal(scan_next(scan, &rec), SCAN_RECORD);
	if (keyexpr_read(k, scanned ? val_from_rec(&rec, 0) : parsed(line), scanned ? &rec : NULL,
	                 &heap, &key, &e) < 0) {
		assert_int_equal(e.kind, FAIL_DATA);
		assert_string_equal(e.text, want);
	} else {
		assert_ptr_equal(key_get(key.p, &heap, &v), key.p + key.n);
		text_is(v, want);
	}
	keyexpr_free(k);
	scan_free(scan);
	plan_free(&plan);
	buf_free(&text);
	buf_free(&key);
}

static void test_keyexpr_read__first_output_or_null(void **state)
{
	static const char *const rows[][3] = {
		{ ".a", "{\"a\":1.0}", "1" },
		{ ".a.b", "{\"a\":{\"b\":\"x\\ty\"}}", "\"x\\ty\"" },
		{ ".a", "{\"a\":{\"y\":[1,{}],\"x\":0}}", "{\"x\":0,\"y\":[1,{}]}" },
		{ ".gone", "{\"a\":1}", "null" },
		{ ".", "[2,1]", "[2,1]" },
		{ "empty", "{}", "null" },
		{ ".a[]", "{\"a\":[7,8]}", "7" },
		{ ".a + 1", "{\"a\":1}", "2" },
		{ ".a | error", "{\"a\":\"no\"}", "--by: no" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		read_key(rows[i][0], rows[i][1], true, rows[i][2]);
		read_key(rows[i][0], rows[i][1], false, rows[i][2]);
	}
}

static int set_up(void **state)
{
	(void)state;
	heap_init(&heap);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	heap_free(&heap);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_put__orders_as_jq_does),
		cmocka_unit_test(test_key_put__orders_rows_of_keys),
		cmocka_unit_test(test_key_put__same_bytes_for_equal_values),
		cmocka_unit_test(test_key_put__computed_numbers),
		cmocka_unit_test(test_key_put__refuses_what_is_too_deep),
		cmocka_unit_test(test_key_put_edge__parts_types),
		cmocka_unit_test(test_key_get__gives_one_spelling),
		cmocka_unit_test(test_keyexpr_read__first_output_or_null),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
