/* plan.h: a path is one slot, however often it is named. */
#include "unit.h"

#include "json/plan.h"

static void test_plan__gives_a_path_one_slot(void **state)
{
	char text[] = "abcabc";
	struct plan p;
	int32_t a, b, first;

	(void)state;
	plan_init(&p);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.node[0].parent, -1);
	a = plan_key(&p, 0, (struct slice){ text, 3 });
	b = plan_key(&p, a, SLICE("b"));
	first = plan_index(&p, 0, 0);
	/* the same again */
	assert_int_equal(plan_key(&p, 0, (struct slice){ text + 3, 3 }), a);
	assert_int_equal(plan_key(&p, a, SLICE("b")), b);
	assert_int_equal(plan_index(&p, 0, 0), first);
	assert_int_equal(p.n, 4);
	/* others: another parent, another index, a key that looks like an index, the empty key */
	assert_int_equal(plan_key(&p, 0, SLICE("b")), 4);
	assert_int_equal(plan_index(&p, 0, 1), 5);
	assert_int_equal(plan_key(&p, 0, SLICE("0")), 6);
	assert_int_equal(plan_key(&p, 0, SLICE("")), 7);
	assert_int_equal(plan_key(&p, 0, SLICE("")), 7);
	assert_int_equal(plan_index(&p, a, 0), 8);
	/* keys are copies */
	memset(text, '#', sizeof text);
	assert_slice("key", p.node[a].key, SLICE("abc"));
	assert_int_equal(p.node[b].parent, a);
	assert_null(p.node[first].key.p);
	plan_free(&p);
}

static void test_plan__links_children(void **state)
{
	bool seen[101] = { false };
	struct plan p;
	int count = 0;

	(void)state;
	plan_init(&p);
	for (uint32_t i = 0; i < 100; i++)
		plan_index(&p, 0, i);
	for (int32_t c = p.node[0].first; c >= 0; c = p.node[c].next, count++) {
		assert_false(seen[c]);
		seen[c] = true;
		assert_int_equal(p.node[c].index, c - 1);
	}
	assert_int_equal(count, 100);
	plan_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan__gives_a_path_one_slot),
		cmocka_unit_test(test_plan__links_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
