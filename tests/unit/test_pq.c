/* The priority queue, against sorting. */
#include "unit.h"

#include "base/pq.h"

struct thing {
	struct pq_item item; /* first */
	int64_t key;
	unsigned tie;
	bool in;
};

static const struct thing *of(const struct pq_item *i)
{
	return (const struct thing *)(const void *)i;
}

static bool before(const struct pq_item *a, const struct pq_item *b)
{
	return of(a)->tie < of(b)->tie;
}

/* Added, taken out of the middle and off the front at random: the first is always the least. */
static void test_pq__first_is_least(void **state)
{
	static struct thing thing[200];
	struct pq q = { .before = before };
	uint64_t seed = 1;
	size_t held = 0;

	(void)state;
	for (unsigned i = 0; i < COUNT(thing); i++)
		thing[i].tie = i;
	assert_null(pq_first(&q));
	for (int round = 0; round < 20000; round++) {
		struct thing *x;
		const struct thing *least = NULL;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		x = &thing[(seed >> 40) % COUNT(thing)];
		/* it grows, then shrinks, again and again */
		if (x->in && (round / 300 % 2 || (seed >> 60) == 0)) {
			pq_remove(&q, &x->item);
			x->in = false;
			held--;
		} else if (!x->in && !(round / 300 % 2)) {
			x->key = (int64_t)(seed >> 33) % 50 - 25;
			pq_add(&q, &x->item, x->key);
			x->in = true;
			held++;
		}
		for (size_t i = 0; i < COUNT(thing); i++)
			if (thing[i].in &&
			    (!least || thing[i].key < least->key ||
			     (thing[i].key == least->key && thing[i].tie < least->tie)))
				least = &thing[i];
		assert_int_equal(q.n, held);
		assert_ptr_equal(pq_first(&q), least ? &least->item : NULL);
	}
	while (q.n)
		pq_remove(&q, pq_first(&q));
	assert_null(pq_first(&q));
	pq_free(&q);
	assert_int_equal(q.n, 0);
}

/* A loose queue may hold a thing more than once, each time under a number of its own. */
static void test_pq__loose(void **state)
{
	static const struct {
		int64_t key;
		unsigned thing;
	} add[] = { { 5, 0 }, { 3, 0 }, { 9, 0 }, { 4, 1 }, { 8, 0 }, { 1, 1 } },
	  want[] = { { 1, 1 }, { 3, 0 }, { 4, 1 }, { 5, 0 }, { 8, 0 }, { 9, 0 } };
	struct thing thing[2] = { 0 };
	struct pq q = { .loose = true };

	(void)state;
	for (size_t i = 0; i < COUNT(add); i++)
		pq_add(&q, &thing[add[i].thing].item, add[i].key);
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_int_equal(q.slot[0].key, want[i].key);
		assert_ptr_equal(pq_first(&q), &thing[want[i].thing].item);
		pq_remove(&q, pq_first(&q));
	}
	assert_null(pq_first(&q));
	pq_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pq__first_is_least),
		cmocka_unit_test(test_pq__loose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
