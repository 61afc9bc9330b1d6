/* err.h: the error idiom. */
#include "unit.h"

#include "base/err.h"

#include <errno.h>

static void test_set__notes_and_replaces(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, FAIL_USAGE, "no %s", "x"), -1);
	assert_int_equal(e.kind, FAIL_USAGE);
	assert_string_equal(e.text, "no x");
	errno = ENOENT;
	assert_int_equal(err_set(&e, FAIL_OPEN, "cannot open %s:", "f"), -1);
	assert_int_equal(e.kind, FAIL_OPEN);
	assert_string_equal(e.text, "cannot open f: No such file or directory");
	err_set(&e, FAIL_DATA, "%s", "ends with:"); /* the text, not the format */
	assert_string_equal(e.text, "ends with:");
	err_set(&e, FAIL_DATA, "%s", "");
	assert_string_equal(e.text, "");
	err_clear(&e);
	assert_int_equal(e.kind, FAIL_NONE);
	assert_string_equal(e.text, "");
}

static void test_at__puts_the_place_in_front(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, FAIL_DATA, "unclosed quote");
	assert_int_equal(err_at(&e, "%s:%d", "log.csv", 812), -1);
	assert_int_equal(e.kind, FAIL_DATA);
	assert_string_equal(e.text, "log.csv:812: unclosed quote");
}

static void test_texts__are_cut_not_overrun(void **state)
{
	char longer[3000];
	struct err e;

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	for (size_t n = 980; n < 1010; n++) {
		err_set(&e, FAIL_IO, "%.*s:", (int)n, longer);
		assert_true(strlen(e.text) < sizeof e.text);
		err_set(&e, FAIL_IO, "why");
		err_at(&e, "%.*s", (int)n, longer);
		assert_true(strlen(e.text) < sizeof e.text);
		err_set(&e, FAIL_IO, "%.*s", (int)n, longer);
		err_at(&e, "place");
		assert_memory_equal(e.text, "place: xxx", 10);
		assert_true(strlen(e.text) < sizeof e.text);
	}
}

static void test_status__is_jqs(void **state)
{
	(void)state;
	assert_int_equal(err_status(FAIL_NONE), 0);
	assert_int_equal(err_status(FAIL_COMPILE), 3);
	assert_int_equal(err_status(FAIL_DATA), 5);
	for (int kind = FAIL_USAGE; kind < FAIL_COMPILE; kind++)
		assert_int_equal(err_status((enum fail)kind), 2);
}

static void test_plain__steers_no_terminal(void **state)
{
	char text[] = "a\x1B[31m\tb\x07\x7F\nm\xC3\xBC";

	(void)state;
	assert_string_equal(err_plain(text), "a?[31m\tb??\nm\xC3\xBC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set__notes_and_replaces),
		cmocka_unit_test(test_at__puts_the_place_in_front),
		cmocka_unit_test(test_texts__are_cut_not_overrun),
		cmocka_unit_test(test_status__is_jqs),
		cmocka_unit_test(test_plain__steers_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
