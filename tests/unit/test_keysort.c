/* keysort.h: keys in order, in memory and from runs. */
#include "unit.h"

#include "join/keysort.h"

#include <unistd.h>

static char dir[] = "/tmp/test_keysort.XXXXXX";

static void add(struct keysort *s, const char *key, size_t n, size_t number)
{
	struct err e;

	err_clear(&e);
	if (keysort_add(s, (struct slice){ key, n }, number, &e) < 0)
		fail_msg("%s", e.text);
}

static void added(struct keysort *s)
{
	struct err e;

	err_clear(&e);
	if (keysort_added(s, &e) < 0)
		fail_msg("%s", e.text);
}

static void test_keysort__none(void **state)
{
	struct keysort *s = keysort_new(dir);
	struct slice key;
	size_t number;

	(void)state;
	added(s);
	assert_false(keysort_next(s, &key, &number));
	keysort_free(s);
}

/* As memcmp(), the shorter first, then by number. */
static void test_keysort__order(void **state)
{
	static const struct {
		struct slice key;
		size_t number;
	} want[] = {
		{ { "", 0 }, 3 },     { { "\0", 1 }, 9 },       { { "a", 1 }, 1 },
		{ { "a", 1 }, 2 },    { { "a", 1 }, 300 },      { { "a\0", 2 }, 1 },
		{ { "a\0b", 3 }, 1 }, { { "ab", 2 }, 1 },       { { "b", 1 }, 0 },
		{ { "\x7F", 1 }, 4 }, { { "\x80", 1 }, 4 },     { { "\xFF", 1 }, 4 },
		{ { "\xFF", 1 }, 5 }, { { "\xFF\xFF", 2 }, 4 },
	};
	struct keysort *s = keysort_new(dir);
	struct slice key;
	size_t number;

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		size_t k = i * 5 % COUNT(want); /* each once, as 5 and 14 have no common divisor */

		add(s, want[k].key.p, want[k].key.n, want[k].number);
	}
	added(s);
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(keysort_next(s, &key, &number));
		assert_slice("key", key, want[i].key);
		assert_int_equal(number, want[i].number);
	}
	assert_false(keysort_next(s, &key, &number));
	keysort_free(s);
}

/* So many that there are several runs; i * 7919 mod N, a prime, is each number once. */
static void test_keysort__runs(void **state)
{
	enum { N = 100003 };
	static char text[600];
	struct keysort *s = keysort_new(dir);
	struct slice key;
	size_t number, sizes = 0;

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < N; i++) {
		size_t k = i * 7919 % N, n = 6 + k * 7 % 590;

		snprintf(text, 7, "%06zu", k);
		text[6] = 'x';
		add(s, text, n, k);
		add(s, text, n, k + N); /* the same key again */
		sizes += 2 * n;
	}
	assert_true(sizes > (size_t)48 << 20); /* three runs at least */
	added(s);
	for (size_t k = 0; k < N; k++) {
		snprintf(text, 7, "%06zu", k);
		text[6] = 'x';
		for (size_t again = 0; again < 2; again++) {
			assert_true(keysort_next(s, &key, &number));
			assert_int_equal(number, k + again * N);
			assert_slice(text, key, ((struct slice){ text, 6 + k * 7 % 590 }));
		}
	}
	assert_false(keysort_next(s, &key, &number));
	keysort_free(s);
	assert_int_equal(rmdir(dir), 0); /* it is empty */
}

static void test_keysort__no_folder(void **state)
{
	static char text[60000];
	struct keysort *s = keysort_new("/proc/none/such");
	struct err e;
	size_t i;

	(void)state;
	err_clear(&e);
	for (i = 0; i < 1000 && keysort_add(s, (struct slice){ text, sizeof text }, i, &e) == 0;)
		i++;
	assert_true(i > 200 && i < 1000); /* the first run fills 16 MiB */
	assert_int_equal(e.kind, FAIL_OPEN);
	keysort_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keysort__none),
		cmocka_unit_test(test_keysort__order),
		cmocka_unit_test(test_keysort__runs),
		cmocka_unit_test(test_keysort__no_folder),
	};

	if (!mkdtemp(dir))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
