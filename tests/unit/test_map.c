/* map.h: against an array that says what the map must hold. */
#include "unit.h"

#include "base/hash.h"
#include "base/map.h"

#define THINGS 3000

struct thing {
	struct map_item item;
	char key[16];
	bool held;
};

static struct thing things[THINGS];

/* FEW: how many different hashes there are, so that runs of collisions are long. */
static void set_up(size_t few)
{
	for (size_t i = 0; i < THINGS; i++) {
		struct thing *t = &things[i];
		int n = snprintf(t->key, sizeof t->key, "key %zu", i);
		uint64_t hash = hash_bytes(t->key, (size_t)n);

		t->held = false;
		t->item = (struct map_item){ few ? hash % few : hash, t->key, (uint32_t)n };
	}
}

static void check(const struct map *m, size_t from, size_t step)
{
	for (size_t i = from; i < THINGS; i += step) {
		struct thing *t = &things[i];
		struct slice key = { t->key, t->item.key_len };

		assert_ptr_equal(map_find(m, key, t->item.hash), t->held ? &t->item : NULL);
	}
}

static void fill_and_empty(size_t few)
{
	struct map m = { 0 };
	size_t held = 0;
	uint32_t random = 1;

	set_up(few);
	check(&m, 0, 7);
	for (int round = 0; round < 20000; round++) {
		struct thing *t;

		random = random * 1664525 + 1013904223;
		/* mostly filling at first, mostly emptying at the end */
		t = &things[(random >> 8) % THINGS];
		if (t->held == (round >= 10000)) {
			if (t->held)
				map_remove(&m, &t->item);
			else
				map_add(&m, &t->item);
			t->held = !t->held;
			held += t->held ? 1 : (size_t)-1;
		}
		if (round % 997 == 0)
			check(&m, 0, 1);
		assert_int_equal(m.used, held);
	}
	check(&m, 0, 1);
	map_free(&m);
	assert_null(map_find(&m, SLICE("key 1"), things[1].item.hash));
}

static void test_map__holds_what_was_added_and_not_removed(void **state)
{
	(void)state;
	fill_and_empty(0);
}

static void test_map__copes_with_collisions(void **state)
{
	(void)state;
	fill_and_empty(50);
}

static void test_find__tells_keys_of_one_hash_apart(void **state)
{
	struct map_item a = { 5, "a", 1 }, empty = { 5, "", 0 }, ab = { 5, "ab", 2 };
	struct map m = { 0 };

	(void)state;
	map_add(&m, &a);
	map_add(&m, &empty);
	map_add(&m, &ab);
	assert_ptr_equal(map_find(&m, SLICE("a"), 5), &a);
	assert_ptr_equal(map_find(&m, SLICE("ab"), 5), &ab);
	assert_ptr_equal(map_find(&m, (struct slice){ 0 }, 5), &empty);
	assert_null(map_find(&m, SLICE("b"), 5));
	assert_null(map_find(&m, SLICE("a"), 5 + 16));
	map_free(&m);
}

static void test_hash_stable__is_xxh3(void **state)
{
	(void)state;
	/* by `xxhsum -H3` of no bytes and of "abc" */
	assert_true(hash_stable("", 0) == UINT64_C(0x2d06800538d394c2));
	assert_true(hash_stable("abc", 3) == UINT64_C(0x78af5f94892f3950));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map__holds_what_was_added_and_not_removed),
		cmocka_unit_test(test_map__copes_with_collisions),
		cmocka_unit_test(test_find__tells_keys_of_one_hash_apart),
		cmocka_unit_test(test_hash_stable__is_xxh3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
