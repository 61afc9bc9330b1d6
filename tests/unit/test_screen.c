/* screen.h: columns of what stands on a screen. */
#include "unit.h"

#include "base/screen.h"

#include <stdlib.h>

static void test_screen_text__counts_columns_and_cuts(void **state)
{
	static const struct {
		const char *label;
		bool utf8;
		const char *text;
		size_t most;
		const char *want;
		size_t columns;
	} rows[] = {
		{ "plain", true, "abc", 3, "abc", 3 },
		{ "cut", true, "abcd", 3, "ab~", 3 },
		{ "one column", true, "abcd", 1, "~", 1 },
		{ "none", true, "abcd", 0, "", 0 },
		{ "East Asian", true, "東京", 4, "東京", 4 },
		{ "half of one does not fit", true, "東京", 3, "東~", 3 },
		{ "no half before the mark", true, "東京都", 4, "東~", 3 },
		{ "Hangul, full width", true, "한Ａ", 9, "한Ａ", 4 },
		{ "combining", true, "e\xCC\x81te\xCC\x81", 3, "e\xCC\x81te\xCC\x81", 3 },
		{ "cut behind combining", true, "e\xCC\x81te\xCC\x81s", 3, "e\xCC\x81t~", 3 },
		{ "vowel signs of Thai", true, "กิน", 2, "กิน", 2 },
		{ "control", true, "a\x1B[31m\n\x7F", 9, "a?[31m??", 8 },
		{ "direction", true,
		  "a\xE2\x80\xAE"
		  "b",
		  9, "a?b", 3 },
		{ "ASCII", false, "é東", 9, "??", 2 },
		{ "malformed", true, "\xFF", 9, "\xEF\xBF\xBD", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = { 0 };
		size_t n = screen_text(rows[i].utf8, &b, slice_from(rows[i].text), rows[i].most);

		assert_slice(rows[i].label, buf_slice(&b), slice_from(rows[i].want));
		assert_row(rows[i].label, n == rows[i].columns);
		buf_free(&b);
	}
}

static void test_screen_utf8__goes_by_the_first_that_is_set(void **state)
{
	(void)state;
	unsetenv("LC_ALL");
	unsetenv("LC_CTYPE");
	setenv("LANG", "en_US.UTF-8", 1);
	assert_true(screen_utf8());
	setenv("LC_CTYPE", "C", 1);
	assert_false(screen_utf8());
	setenv("LC_ALL", "de_DE.utf8", 1);
	assert_true(screen_utf8());
	setenv("LC_ALL", "", 1);
	assert_false(screen_utf8());
	unsetenv("LC_ALL");
	unsetenv("LC_CTYPE");
	unsetenv("LANG");
	assert_false(screen_utf8());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screen_text__counts_columns_and_cuts),
		cmocka_unit_test(test_screen_utf8__goes_by_the_first_that_is_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
