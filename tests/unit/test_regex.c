/* regex.h: what our side of PCRE2 promises. */
#include "unit.h"

#include "base/regex.h"

static void test_match__finds_by_flags(void **state)
{
	static const struct {
		const char *pattern, *subject;
		int flags;
		const char *found; /* or NULL */
	} rows[] = {
		{ "b+", "abbc", 0, "bb" },
		{ "^b", "ab", 0, NULL },
		{ "B", "abc", 0, NULL },
		{ "B", "abc", REGEX_ICASE, "b" },
		{ "a b # c", "ab", 0, NULL },
		{ "a b # c", "ab", REGEX_EXTENDED, "ab" },
		{ "a.b", "a\nb", 0, NULL },
		{ "a.b", "a\nb", REGEX_DOTALL, "a\nb" },
		{ "x*", "abc", 0, "" },
		{ "x*", "abc", REGEX_NOTEMPTY, NULL },
		{ "^.$", "\xC3\xA4", 0, "\xC3\xA4" },
		{ "^..$", "\xC3\xA4", REGEX_BYTES, "\xC3\xA4" },
		{ "\xC3\x84", "\xC3\xA4", REGEX_ICASE, "\xC3\xA4" },
		{ "\\w", "\xC3\xA4", 0, "\xC3\xA4" },
		{ "a",
		  "\xFF\xFE"
		  "a",
		  REGEX_BYTES, "a" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct regex *r = regex_new(slice_from(rows[i].pattern), rows[i].flags, &e);
		int n;

		assert_row(rows[i].pattern, r != NULL);
		n = regex_match(r, slice_from(rows[i].subject), 0);
		assert_row(rows[i].pattern, n == (rows[i].found != NULL));
		if (n > 0)
			assert_slice(rows[i].pattern, regex_group(r, 0), slice_from(rows[i].found));
		regex_free(r);
	}
}

static void test_group__by_number_and_name(void **state)
{
	struct err e;
	struct regex *r = regex_new(SLICE("(?<day>\\d+)-(x)?(?<mon>\\d+)()"), 0, &e);
	struct slice subject = SLICE("on 17-05, 18-06");

	(void)state;
	assert_non_null(r);
	assert_int_equal(regex_groups(r), 5);
	assert_null(regex_name(r, 0));
	assert_string_equal(regex_name(r, 1), "day");
	assert_null(regex_name(r, 2));
	assert_string_equal(regex_name(r, 3), "mon");
	assert_int_equal(regex_match(r, subject, 0), 5);
	assert_slice("day", regex_group(r, 1), SLICE("17"));
	assert_null(regex_group(r, 2).p); /* took no part */
	assert_slice("mon", regex_group(r, 3), SLICE("05"));
	assert_non_null(regex_group(r, 4).p); /* took part, empty */
	assert_int_equal(regex_group(r, 4).n, 0);
	assert_int_equal(regex_match(r, subject, 8), 5); /* from byte 8 on */
	assert_slice("day", regex_group(r, 1), SLICE("18"));
	assert_int_equal(regex_match(r, subject, 14), 0);
	assert_int_equal(regex_match(r, (struct slice){ 0 }, 0), 0);
	regex_free(r);
	regex_free(NULL);
}

static void test_new__says_what_does_not_compile(void **state)
{
	static const struct {
		const char *pattern, *column;
	} rows[] = { { "a(b", "column 4" }, { "ab)", "column 3" }, { "*a", "column 1" } };
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		err_clear(&e);
		assert_row(rows[i].pattern, !regex_new(slice_from(rows[i].pattern), 0, &e));
		assert_row(rows[i].pattern, e.kind == FAIL_COMPILE);
		assert_row(rows[i].pattern, strstr(e.text, rows[i].column));
	}
}

static void test_match__of_a_long_subject_is_not_given_up(void **state)
{
	size_t n = (size_t)1 << 18;
	char *text = malloc(n);
	struct err e;
	struct regex *r = regex_new(SLICE("^(a|b)*$"), 0, &e);

	(void)state;
	assert_non_null(r);
	memset(text, 'a', n);
	assert_int_equal(regex_match(r, (struct slice){ text, n }, 0), 2);
	assert_int_equal(regex_group(r, 0).n, n);
	regex_free(r);
	free(text);
}

static void test_match__gives_up_what_never_ends(void **state)
{
	struct err e;
	struct regex *r = regex_new(SLICE("^(a|a)*[bd]$"), 0, &e);

	(void)state;
	assert_non_null(r);
	assert_int_equal(regex_match(r, SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"), 0), -1);
	regex_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match__finds_by_flags),
		cmocka_unit_test(test_group__by_number_and_name),
		cmocka_unit_test(test_new__says_what_does_not_compile),
		cmocka_unit_test(test_match__of_a_long_subject_is_not_given_up),
		cmocka_unit_test(test_match__gives_up_what_never_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
