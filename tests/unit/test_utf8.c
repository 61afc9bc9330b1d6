/* utf8.h: the table of well-formed sequences (Unicode 15, table 3-7) and maximal subparts. */
#include "unit.h"

#include "base/utf8.h"

static void test_get__takes_maximal_subparts(void **state)
{
	static const struct {
		const char *bytes;
		size_t used;
		uint32_t cp;
	} rows[] = {
		{ "a", 1, 'a' },
		{ "\x7F", 1, 0x7F },
		{ "\xC2\x80", 2, 0x80 },
		{ "\xDF\xBF", 2, 0x7FF },
		{ "\xE0\xA0\x80", 3, 0x800 },
		{ "\xED\x9F\xBF", 3, 0xD7FF },
		{ "\xEE\x80\x80", 3, 0xE000 },
		{ "\xEF\xBF\xBF", 3, 0xFFFF },
		{ "\xF0\x90\x80\x80", 4, 0x10000 },
		{ "\xF4\x8F\xBF\xBF", 4, 0x10FFFF },
		{ "\x80", 1, UTF8_BAD },         /* a continuation alone */
		{ "\xC0\x80", 1, UTF8_BAD },     /* overlong */
		{ "\xC1\xBF", 1, UTF8_BAD },     /* overlong */
		{ "\xE0\x9F\xBF", 1, UTF8_BAD }, /* overlong */
		{ "\xF0\x8F\xBF\xBF", 1, UTF8_BAD },
		{ "\xED\xA0\x80", 1, UTF8_BAD },     /* a surrogate */
		{ "\xF4\x90\x80\x80", 1, UTF8_BAD }, /* over U+10FFFF */
		{ "\xF5\x80\x80\x80", 1, UTF8_BAD },
		{ "\xFF", 1, UTF8_BAD },
		{ "\xC2", 1, UTF8_BAD }, /* cut short */
		{ "\xC2z", 1, UTF8_BAD },
		{ "\xE2\x82", 2, UTF8_BAD },
		{ "\xE2\x82z", 2, UTF8_BAD },
		{ "\xF0\x9F\x98", 3, UTF8_BAD },
		{ "\xF0\x9F\x98z", 3, UTF8_BAD },
	};
	char label[16];
	uint32_t cp;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice s = slice_from(rows[i].bytes);

		snprintf(label, sizeof label, "row %zu", i);
		assert_row(label, utf8_get(s.p, s.n, &cp) == rows[i].used);
		assert_row(label, cp == rows[i].cp);
		assert_row(label, utf8_valid(s) == (cp != UTF8_BAD));
	}
}

static void test_put__gives_back_what_get_reads(void **state)
{
	char bytes[4];
	uint32_t again;

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp += cp == 0xD7FF ? 0x801 : 1) {
		size_t n = utf8_put(bytes, cp);

		if (utf8_get(bytes, n, &again) != n || again != cp)
			fail_msg("U+%04X", cp);
	}
}

static void test_valid__of_long_strings(void **state)
{
	char text[64];

	(void)state;
	assert_true(utf8_valid((struct slice){ 0 }));
	assert_true(utf8_valid(SLICE("\xEF\xBF\xBD"))); /* the replacement character itself */
	/* a bad byte at every place, behind ASCII and before it */
	for (size_t n = 1; n < sizeof text; n++)
		for (size_t at = 0; at < n; at++) {
			memset(text, 'a', n);
			assert_true(utf8_ascii((struct slice){ text, n }));
			text[at] = (char)0x80;
			assert_false(utf8_ascii((struct slice){ text, n }));
			assert_false(utf8_valid((struct slice){ text, n }));
		}
}

static void test_length_and_offset__count_code_points(void **state)
{
	struct slice s = SLICE("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z");
	static const size_t offset[] = { 0, 1, 3, 6, 10, 11, 11 };

	(void)state;
	assert_int_equal(utf8_length(s), 5);
	assert_int_equal(utf8_length((struct slice){ 0 }), 0);
	for (size_t i = 0; i < COUNT(offset); i++)
		assert_int_equal(utf8_offset(s, i), offset[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get__takes_maximal_subparts),
		cmocka_unit_test(test_put__gives_back_what_get_reads),
		cmocka_unit_test(test_valid__of_long_strings),
		cmocka_unit_test(test_length_and_offset__count_code_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
