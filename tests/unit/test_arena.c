/* arena.h: alignment, blocks of all sizes, reset, and that ASan sees what was kept too long. */
#include "unit.h"

#include "base/arena.h"

static void test_alloc__is_aligned_and_apart(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4096, 16384, 100000, 0, 70000000, 3 };
	struct arena a;
	char *p[COUNT(sizes)];

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		p[i] = arena_alloc(&a, sizes[i]);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % 16, 0);
		memset(p[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < COUNT(sizes); i++)
		if (sizes[i]) {
			assert_int_equal(p[i][0], i + 1);
			assert_int_equal(p[i][sizes[i] - 1], i + 1);
		}
	assert_true(arena_used(&a) >= 70000000 + 100000 + 16384 + 4096);
	arena_free(&a);
	assert_int_equal(arena_used(&a), 0);
}

static void test_reset__reuses_the_block_without_growing(void **state)
{
	struct arena a;
	char *first;

	(void)state;
	arena_init(&a);
	arena_reset(&a); /* of an empty one */
	for (int i = 0; i < 100; i++)
		arena_alloc(&a, 1000);
	arena_reset(&a);
	assert_int_equal(arena_used(&a), 0);
	assert_true(a.peak >= 100000);
	first = arena_alloc(&a, 1000);
	for (int round = 0; round < 100; round++) {
		arena_reset(&a);
		assert_ptr_equal(arena_alloc(&a, 1000), first);
	}
	arena_free(&a);
}

static void test_reset__gives_a_huge_block_back(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	arena_alloc(&a, (size_t)32 << 20);
	arena_reset(&a);
	assert_true(a.end - a.cur <= 256 << 10);
	assert_true(a.peak >= (size_t)32 << 20);
	arena_free(&a);
}

static void test_copy__ends_with_nul(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_string_equal(arena_copy(&a, "streams", 6), "stream");
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	arena_free(&a);
}

#ifdef ARENA_ASAN
static void test_reset__poisons(void **state)
{
	struct arena a;
	char *p, *q;

	(void)state;
	arena_init(&a);
	p = arena_alloc(&a, 20);
	q = arena_alloc(&a, 8);
	assert_false(__asan_address_is_poisoned(p + 19));
	assert_true(__asan_address_is_poisoned(p + 24)); /* between the two */
	assert_false(__asan_address_is_poisoned(q));
	assert_true(__asan_address_is_poisoned(q + 16)); /* not taken yet */
	arena_reset(&a);
	assert_true(__asan_address_is_poisoned(p));
	assert_true(__asan_address_is_poisoned(q));
	arena_free(&a);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc__is_aligned_and_apart),
		cmocka_unit_test(test_reset__reuses_the_block_without_growing),
		cmocka_unit_test(test_reset__gives_a_huge_block_back),
		cmocka_unit_test(test_copy__ends_with_nul),
#ifdef ARENA_ASAN
		cmocka_unit_test(test_reset__poisons),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
