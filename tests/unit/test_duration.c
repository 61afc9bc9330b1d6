/* duration.h: reading and writing lengths of time. */
#include "unit.h"

#include "base/duration.h"

static void test_parse__reads_pairs_of_number_and_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "0", 0 },
		{ "0s", 0 },
		{ "1ns", 1 },
		{ "3us", 3000 },
		{ "250ms", INT64_C(250000000) },
		{ "10s", INT64_C(10000000000) },
		{ "1m", INT64_C(60000000000) },
		{ "2h", INT64_C(7200000000000) },
		{ "1d", INT64_C(86400000000000) },
		{ "1w", INT64_C(604800000000000) },
		{ "1h30m", INT64_C(5400000000000) },
		{ "1.5s", INT64_C(1500000000) },
		{ "0.25m", INT64_C(15000000000) },
		{ "1m1m", INT64_C(120000000000) },
		{ "007s", INT64_C(7000000000) },
		{ "1.000000001s", INT64_C(1000000001) },
		{ "1.0000000019s", INT64_C(1000000001) }, /* toward zero */
		{ "9223372036854775807ns", INT64_MAX },
		{ "106751d23h47m16.854775807s", INT64_MAX },
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		ns = -1;
		assert_row(rows[i].text, duration_parse(slice_from(rows[i].text), &ns) == 0);
		assert_row(rows[i].text, ns == rows[i].ns);
	}
}

static void test_parse__refuses(void **state)
{
	static const char *const rows[] = {
		"",
		"s",
		"1",
		"00",
		"1.s",
		".5s",
		"-1s",
		"+1s",
		"1 s",
		" 1s",
		"1s ",
		"1S",
		"1M",
		"1min",
		"1e3s",
		"1s2",
		"1,5s",
		"1y",
		"1.2.3s",
		"0x1s",
		"9223372036854775808ns",
		"293y",
		"15251w",
		"106752d",
		"9223372036854775807ns1ns",
		"99999999999999999999s",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], duration_parse(slice_from(rows[i]), &ns) == -1);
	assert_int_equal(duration_parse((struct slice){ 0 }, &ns), -1);
}

static void test_format__writes_the_same_notation(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{ 0, "0s" },
		{ 1, "1ns" },
		{ 90 * NS_PER_SEC, "1m30s" },
		{ 250 * NS_PER_MS, "250ms" },
		{ 8 * NS_PER_DAY, "1w1d" },
		{ NS_PER_SEC + NS_PER_MS + NS_PER_US + 1, "1s1ms1us1ns" },
		{ INT64_MAX, "15250w1d23h47m16s854ms775us807ns" },
	};
	char text[DURATION_TEXT];
	int64_t again;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(duration_format(rows[i].ns, text), rows[i].text);
		assert_int_equal(duration_parse(slice_from(text), &again), 0);
		assert_true(again == rows[i].ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__reads_pairs_of_number_and_unit),
		cmocka_unit_test(test_parse__refuses),
		cmocka_unit_test(test_format__writes_the_same_notation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
