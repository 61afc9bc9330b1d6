/* shape.h by way of the scanner: when a record is walked, and that a known shape is never mistaken.
 */
#include "unit.h"

#include "jsontext.h"

#include "json/scan.h"

/* Scan the text of B and empty it; the text of each record's first slot but the root goes to FOUND.
 */
static void scan_all(struct scan *s, struct buf *b, struct buf *found)
{
	char *p = padded(buf_slice(b));
	enum scan_got got;
	struct rec r;

	scan_feed(s, p, b->n);
	while ((got = scan_next(s, &r)) != SCAN_END) {
		if (got == SCAN_BAD)
			buf_adds(found, "bad");
		else if (r.slot[1] == SLOT_ABSENT)
			buf_adds(found, "absent");
		else if (r.slot[1] == SLOT_ODD)
			buf_adds(found, "odd");
		else
			buf_add_slice(found, rec_value(&r, (uint32_t)r.slot[1]));
		buf_addc(found, ' ');
	}
	buf_clear(b);
	free(p);
}

static struct scan *scan_for_a(struct plan *plan)
{
	plan_init(plan);
	plan_key(plan, 0, SLICE("a"));
	return scan_new(plan, NULL);
}

static void test_shape__is_walked_once(void **state)
{
	static const struct {
		const char *line, *found;
		unsigned walks; /* this line needs */
	} rows[] = {
		{ "{\"a\":1,\"b\":2}", "1 ", 1 },
		{ "{\"a\":22.5,\"b\":null}", "22.5 ", 0 },
		{ " { \"a\" : true , \"b\" : -1e5 } ", "true ", 0 },
		/* numbers and literals are checked all the same */
		{ "{\"a\":01,\"b\":2}", "bad ", 0 },
		{ "{\"a\":1,\"b\":nul}", "bad ", 0 },
		{ "{\"a\":1 1,\"b\":2}", "bad ", 1 },
		/* another class, another order of keys, another key of the same length */
		{ "{\"a\":\"1\",\"b\":2}", "\"1\" ", 1 },
		{ "{\"b\":1,\"a\":2}", "2 ", 1 },
		{ "{\"A\":1,\"b\":2}", "absent ", 1 },
		{ "{\"a\":3,\"b\":4}", "3 ", 0 },
		/* objects that the plan does not look into may have any keys */
		{ "{\"a\":1,\"b\":{\"x\":1}}", "1 ", 1 },
		{ "{\"a\":2,\"b\":{\"another\":1}}", "2 ", 0 },
		{ "{\"a\":{\"x\":1}}", "{\"x\":1} ", 1 },
		{ "{\"a\":{\"another\":1}}", "{\"another\":1} ", 0 },
		/* a key that ends otherwise, or is longer, or shorter */
		{ "{\"a\\u0020\":1,\"b\":2}", "absent ", 1 },
		{ "{\"ab\":1,\"b\":2}", "absent ", 1 },
		{ "{\"\":1,\"b\":2}", "absent ", 1 },
		{ "{\"\\u0061\":1,\"b\":2}", "1 ", 1 },
		{ "{\"\\u0061\":7,\"b\":2}", "7 ", 0 },
		{ "{\"a\":1,\"a\":2}", "2 ", 1 },
		{ "{\"a\":1,\"b\":2}", "1 ", 0 },
		{ "[1,2]", "odd ", 1 },
		{ "[null,\t0]", "odd ", 0 },
		{ "17", "odd ", 1 },
		{ "true", "odd ", 0 },
	};
	struct buf b = { 0 }, found = { 0 };
	struct plan plan;
	struct scan *s = scan_for_a(&plan);
	uint64_t walks = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_addf(&b, "%s\n", rows[i].line);
		buf_clear(&found);
		scan_all(s, &b, &found);
		assert_slice(rows[i].line, buf_slice(&found), slice_from(rows[i].found));
		walks += rows[i].walks;
		assert_row(rows[i].line, scan_walks(s) == walks);
	}
	scan_free(s);
	plan_free(&plan);
	buf_free(&b);
	buf_free(&found);
}

/* Keys of all lengths, changed in each of their bytes. */
static void test_shape__compares_keys_whole(void **state)
{
	struct buf b = { 0 }, found = { 0 };
	char key[41], other[41];

	(void)state;
	for (size_t n = 1; n < sizeof key; n++) {
		struct plan plan;
		struct scan *s;

		memset(key, 'k', n);
		plan_init(&plan);
		plan_key(&plan, 0, (struct slice){ key, n });
		s = scan_new(&plan, NULL);
		for (size_t at = 0; at < n; at++) {
			memcpy(other, key, n);
			other[at] = 'x';
			buf_addf(&b, "{\"%.*s\":1}\n{\"%.*s\":2}\n", (int)n, key, (int)n, other);
			buf_clear(&found);
			scan_all(s, &b, &found);
			assert_slice("keys", buf_slice(&found), SLICE("1 absent "));
		}
		/* nor are longer and shorter ones the same */
		buf_addf(&b, "{\"%.*sk\":1}\n{\"%.*s\":2}\n", (int)n, key, (int)n - 1, key);
		buf_clear(&found);
		scan_all(s, &b, &found);
		assert_slice("longer, shorter", buf_slice(&found), SLICE("absent absent "));
		scan_free(s);
		plan_free(&plan);
	}
	buf_free(&b);
	buf_free(&found);
}

static void test_shape__several_take_turns(void **state)
{
	struct buf b = { 0 }, found = { 0 }, want = { 0 };
	struct chance c = { 12 };
	struct plan plan;
	struct scan *s = scan_for_a(&plan);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		/* an array of up to 19 elements, then the field */
		buf_adds(&b, "{\"list\":[0");
		for (size_t n = chance_below(&c, 20); n; n--)
			buf_adds(&b, ",0");
		buf_addf(&b, "],\"a\":%d}\n", i);
		buf_addf(&want, "%d ", i);
	}
	scan_all(s, &b, &found);
	assert_slice("values", buf_slice(&found), buf_slice(&want));
	assert_int_equal(scan_walks(s), 20);
	scan_free(s);
	plan_free(&plan);
	buf_free(&b);
	buf_free(&found);
	buf_free(&want);
}

/* Shapes that never recur, more of them than are kept; then some that do. */
static void test_shape__of_streams_that_never_look_alike(void **state)
{
	struct buf b = { 0 }, found = { 0 }, want = { 0 };
	struct plan plan;
	struct scan *s = scan_for_a(&plan);
	uint64_t walks;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		buf_addf(&b, "{\"key%d\":0,\"list\":[\"0123456789\",{\"k\":[0,0,0,0]}],\"a\":%d}\n",
		         i, i);
		buf_addf(&want, "%d ", i);
	}
	scan_all(s, &b, &found);
	assert_slice("values", buf_slice(&found), buf_slice(&want));
	assert_int_equal(scan_walks(s), 20000);
	/* sooner or later it learns again */
	walks = scan_walks(s);
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "{\"a\":%d}\n", i);
	scan_all(s, &b, &found);
	assert_true(scan_walks(s) - walks < 10000);
	scan_free(s);
	plan_free(&plan);
	buf_free(&b);
	buf_free(&found);
	buf_free(&want);
}

/* Records of thousands of parts are walked each time, and found all the same. */
static void test_shape__of_huge_records_is_not_kept(void **state)
{
	struct buf b = { 0 }, found = { 0 };
	struct plan plan;
	struct scan *s = scan_for_a(&plan);

	(void)state;
	for (int i = 0; i < 3; i++) {
		buf_adds(&b, "{\"list\":[0");
		for (int n = 0; n < 5000; n++)
			buf_adds(&b, ",0");
		buf_addf(&b, "],\"a\":%d}\n", i);
	}
	scan_all(s, &b, &found);
	assert_slice("values", buf_slice(&found), SLICE("0 1 2 "));
	assert_int_equal(scan_walks(s), 3);
	scan_free(s);
	plan_free(&plan);
	buf_free(&b);
	buf_free(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape__is_walked_once),
		cmocka_unit_test(test_shape__compares_keys_whole),
		cmocka_unit_test(test_shape__several_take_turns),
		cmocka_unit_test(test_shape__of_streams_that_never_look_alike),
		cmocka_unit_test(test_shape__of_huge_records_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
