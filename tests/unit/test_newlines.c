/* Where records end: at newlines, or those that are not between quotes. */
#include "unit.h"

#include "stream/newlines.h"

#include <unistd.h>

static const struct {
	const char *text;
	bool quoted;
	uint64_t count;
	size_t one, two, last; /* bytes of the first, of the first two, up to the last end */
} rows[] = {
	{ "", false, 0, 0, 0, 0 },
	{ "a", false, 0, 1, 1, 0 },
	{ "a\n", false, 1, 2, 2, 2 },
	{ "a\nbc\nd", false, 2, 2, 5, 5 },
	{ "\n\n\n", false, 3, 1, 2, 3 },
	{ "a\nbc\nd", true, 2, 2, 5, 5 },
	{ "\"a\nb\"\nc\n", false, 3, 3, 6, 8 },
	{ "\"a\nb\"\nc\n", true, 2, 6, 8, 8 },
	{ "\"a\n\"\"b\"\"\n\",1\nc\n\"d\n", true, 2, 13, 15, 15 },
	{ "\"\n\n\n", true, 0, 4, 4, 0 },
};

static void test_newlines__find_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice s = slice_from(rows[i].text);
		bool q = rows[i].quoted;

		assert_row(rows[i].text, newlines_count(s, q) == rows[i].count);
		assert_row(rows[i].text, newlines_first(s, 0, q) == 0);
		assert_row(rows[i].text, newlines_first(s, 1, q) == rows[i].one);
		assert_row(rows[i].text, newlines_first(s, 2, q) == rows[i].two);
		assert_row(rows[i].text, newlines_last(s, q) == rows[i].last);
	}
}

/* Of a file that is read in pieces, with quotes open between them. */
static void test_newlines__in_a_file(void **state)
{
	char path[] = "/tmp/newlines.XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	uint64_t n = 0;

	(void)state;
	for (int i = 0; i < 30000; i++)
		fputs("\"a\nb\",c\n", f);
	fclose(f);
	assert_int_equal(newlines_in_file(path, false, &n), 0);
	assert_int_equal(n, 60000);
	assert_int_equal(newlines_in_file(path, true, &n), 0);
	assert_int_equal(n, 90000);
	unlink(path);
	assert_int_equal(newlines_in_file(path, true, &n), -1);
}

/* Counted in steps of many bytes, as one by one. */
static void test_newlines__of_any_length(void **state)
{
	char text[1000];
	uint64_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i * i % 7 < 3 || i < 300 ? '\n' : 'x';
	for (size_t i = 0; i <= sizeof text; i++) {
		assert_int_equal(newlines_count((struct slice){ text, i }, false), n);
		n += i < sizeof text && text[i] == '\n';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newlines__find_ends),
		cmocka_unit_test(test_newlines__in_a_file),
		cmocka_unit_test(test_newlines__of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
