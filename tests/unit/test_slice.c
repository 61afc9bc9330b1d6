/* slice.h */
#include "unit.h"

#include "base/slice.h"

#include <stdlib.h>

/* By the byte, of every length and place that may matter to counting in rows. */
static void test_slice_count__every_length_and_place(void **state)
{
	static char text[70000];
	static const size_t length[] = { 255 * 64 - 1, 255 * 64, 255 * 64 + 1, 2 * 255 * 64 + 65,
		                         69000 };
	unsigned seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++) {
		seed = seed * 1103515245 + 12345;
		text[i] = "a\n\0\xFF"[seed >> 16 & 3];
	}
	for (size_t at = 0; at < 70; at++)
		for (size_t n = 0; n < 300 + COUNT(length); n++) {
			struct slice s = { text + at, n < 300 ? n : length[n - 300] };
			uint64_t newlines = 0, high = 0;

			for (size_t i = 0; i < s.n; i++) {
				newlines += s.p[i] == '\n';
				high += (unsigned char)s.p[i] == 0xFF;
			}
			assert_int_equal(slice_count(s, '\n'), newlines);
			assert_int_equal(slice_count(s, (char)0xFF), high);
		}
}

/* More in each column than a byte can hold. */
static void test_slice_count__all_of_them(void **state)
{
	size_t n = 1 << 20;
	char *text = malloc(n);

	(void)state;
	assert_non_null(text);
	memset(text, '\n', n);
	assert_int_equal(slice_count((struct slice){ text, n }, '\n'), n);
	assert_int_equal(slice_count((struct slice){ text + 1, n - 1 }, '\n'), n - 1);
	free(text);
	assert_int_equal(slice_count((struct slice){ NULL, 0 }, '\n'), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slice_count__every_length_and_place),
		cmocka_unit_test(test_slice_count__all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
