/* near.h: which name was meant. */
#include "unit.h"

#include "base/near.h"

static void test_near__the_nearest_of_several(void **state)
{
	static const struct {
		const char *wanted, *best; /* NULL: none is near */
	} rows[] = {
		{ "count", "count" },
		{ "cuont", "count" },   /* two letters changed */
		{ "ount", "count" },    /* one put in */
		{ "counter", "count" }, /* two taken out */
		{ "nt", "net" },
		{ "counters", NULL },
		{ "cnt", NULL }, /* of a short one only one letter may differ */
		{ "nett", "net" },
		{ "a", NULL },
		{ "", NULL },
		{ "window_stat", "window_start" },
		{ "strongest_earthquake_of_the_daz", NULL }, /* 31 letters */
		{ "strongest_earthquake_of_the_da", "strongest_earthquake_of_the_d" },
	};
	static const char *const names[] = { "window_start",
		                             "window_end",
		                             "net",
		                             "count",
		                             "strongest_earthquake_of_the_day",
		                             "strongest_earthquake_of_the_d",
		                             "b" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct near n;

		near_begin(&n, slice_from(rows[i].wanted));
		for (size_t k = 0; k < COUNT(names); k++)
			near_try(&n, slice_from(names[k]));
		if (!rows[i].best)
			assert_row(rows[i].wanted, !n.best.p);
		else
			assert_slice(rows[i].wanted, n.best, slice_from(rows[i].best));
	}
}

/* The fewest differences win, whatever the order; of equal ones the first. */
static void test_near__the_least_of_differences(void **state)
{
	static const char *const names[] = { "ratios", "rates", "rate", "rata" };
	struct near n;

	(void)state;
	near_begin(&n, SLICE("ratee"));
	for (size_t k = 0; k < COUNT(names); k++)
		near_try(&n, slice_from(names[k]));
	assert_slice("rates before rate", n.best, SLICE("rates"));
	near_begin(&n, SLICE("ratio"));
	for (size_t k = COUNT(names); k-- > 0;)
		near_try(&n, slice_from(names[k]));
	assert_slice("ratios behind rata", n.best, SLICE("ratios"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near__the_nearest_of_several),
		cmocka_unit_test(test_near__the_least_of_differences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
