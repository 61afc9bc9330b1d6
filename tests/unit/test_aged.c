/* States by key, in order of age. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/aged.h"
#include "base/hash.h"

static struct aged_item *item(struct aged *a, const char *key)
{
	return aged_find(a, slice_from(key), hash_bytes(key, strlen(key)));
}

static void ages_are(const struct aged *a, const char *keys)
{
	const struct aged_item *it, *last = NULL;
	char got[64];
	size_t n = 0;

	for (it = a->oldest; it; it = it->newer) {
		assert_ptr_equal(it->older, last);
		assert_true(it->state[0] == it->item.key[0]);
		got[n++] = it->item.key[0];
		last = it;
	}
	got[n] = '\0';
	assert_ptr_equal(a->newest, last);
	assert_string_equal(got, keys);
	assert_int_equal(aged_count(a), n);
}

static void test_aged__keeps_the_order_of_age(void **state)
{
	struct aged a;

	(void)state;
	aged_init(&a, 1);
	ages_are(&a, "");
	for (const char *p = "abcd"; *p; p++)
		aged_add(&a, (struct slice){ p, 1 }, hash_bytes(p, 1))->state[0] = *p;
	ages_are(&a, "abcd");
	aged_renew(&a, item(&a, "d"));
	ages_are(&a, "abcd");
	aged_renew(&a, item(&a, "a"));
	aged_renew(&a, item(&a, "c"));
	ages_are(&a, "bdac");
	aged_drop(&a, item(&a, "a"));
	aged_drop(&a, item(&a, "b"));
	ages_are(&a, "dc");
	assert_null(item(&a, "a"));
	aged_drop(&a, item(&a, "c"));
	aged_drop(&a, item(&a, "d"));
	ages_are(&a, "");
	aged_free(&a);
}

static void test_aged_bytes_set__gives_room_back(void **state)
{
	static const char big[100000] = { 'x' };
	struct aged_bytes b = { 0 };

	(void)state;
	aged_bytes_set(&b, (struct slice){ big, sizeof big });
	aged_bytes_set(&b, SLICE("abc"));
	assert_true(slice_same(aged_bytes_slice(&b), SLICE("abc")));
	assert_true(b.cap < 1000);
	aged_bytes_set(&b, SLICE(""));
	assert_int_equal(b.n, 0);
	aged_bytes_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aged__keeps_the_order_of_age),
		cmocka_unit_test(test_aged_bytes_set__gives_room_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
