/* buf.h: bytes that grow. */
#include "unit.h"

#include "base/buf.h"

static void test_add__holds_what_was_added(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add(&b, NULL, 0);
	buf_adds(&b, "a");
	buf_addc(&b, '\0');
	buf_add_slice(&b, SLICE("bc"));
	buf_addf(&b, "%s=%03d", "d", 7);
	buf_addf(&b, "%s", "");
	assert_slice("all", buf_slice(&b), SLICE("a\0bcd=007"));
	buf_clear(&b);
	assert_int_equal(b.n, 0);
	buf_free(&b);
}

static void test_add_int__writes_decimal(void **state)
{
	static const int64_t values[] = { 0, 7, -1, 10, 1234567890123, INT64_MAX, INT64_MIN };
	struct buf b = { 0 };
	char expected[32];

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		snprintf(expected, sizeof expected, "%lld", (long long)values[i]);
		buf_clear(&b);
		buf_add_int(&b, values[i]);
		assert_slice(expected, buf_slice(&b), slice_from(expected));
	}
	buf_free(&b);
}

static void test_grow__keeps_the_bytes(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)(i % 251));
	assert_int_equal(b.n, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal((unsigned char)b.p[i], i % 251);
	buf_free(&b);
}

static void test_trim__gives_back_only_what_is_much(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add(&b, "x", 1);
	buf_trim(&b, 1000);
	assert_int_equal(b.n, 0);
	assert_true(b.cap > 0);
	buf_room(&b, 2000);
	buf_trim(&b, 1000);
	assert_int_equal(b.cap, 0);
	buf_adds(&b, "usable");
	assert_slice("after", buf_slice(&b), SLICE("usable"));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add__holds_what_was_added),
		cmocka_unit_test(test_add_int__writes_decimal),
		cmocka_unit_test(test_grow__keeps_the_bytes),
		cmocka_unit_test(test_trim__gives_back_only_what_is_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
