/* HyperLogLog: exact where it says so, its error beyond, parts, bytes. */
#include "rig.h"

#include "agg/hll.h"

#include <math.h>

/* Hash number I of a series: splitmix64, whose outputs are all different. */
static uint64_t hash_of(uint64_t series, uint64_t i)
{
	uint64_t x = (series << 40) + (i + 1) * UINT64_C(0x9E3779B97F4A7C15);

	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

static struct hll filled(uint64_t series, uint64_t from, uint64_t to)
{
	struct hll s = { 0 };

	for (uint64_t i = from; i < to; i++)
		hll_add(&s, hash_of(series, i));
	return s;
}

static void test_hll_count__exact_while_sparse(void **state)
{
	struct hll s = { 0 };

	(void)state;
	assert_true(hll_count(&s) == 0);
	for (uint64_t i = 0; i < HLL_EXACT; i++) {
		hll_add(&s, hash_of(1, i));
		hll_add(&s, hash_of(1, i / 2));
		assert_true(hll_count(&s) == (double)i + 1);
	}
	assert_true(hll_is_exact(&s));
	hll_add(&s, hash_of(1, HLL_EXACT));
	assert_false(hll_is_exact(&s));
	assert_true(fabs(hll_count(&s) / (HLL_EXACT + 1) - 1) < 0.03);
	hll_free(&s);
}

/*
 * The standard error of 1.04 / sqrt(2^14) = 0.81 %: over 40 series the root mean square is below 1
 * % (its own standard error is a tenth of it), no single one is off by more than four times it, and
 * the mean of all shows no bias.
 */
static void test_hll_count__standard_error(void **state)
{
	static const uint64_t sizes[] = { 2000, 10000, 40000, 60000, 200000 };

	(void)state;
	for (size_t k = 0; k < ROWS(sizes); k++) {
		double squares = 0, sum = 0, off;

		for (uint64_t series = 0; series < 40; series++) {
			struct hll s = filled(series, 0, sizes[k]);

			off = hll_count(&s) / (double)sizes[k] - 1;
			assert_true(fabs(off) < 4 * 0.0081);
			squares += off * off;
			sum += off;
			hll_free(&s);
		}
		assert_true(sqrt(squares / 40) < 0.01);
		assert_true(fabs(sum / 40) < 4 * 0.0081 / sqrt(40));
	}
}

static void test_hll_merge__parts_are_the_whole(void **state)
{
	static const uint64_t cuts[][2] = { { 100, 50 },   { 1000, 900 }, { 1536, 1 },
		                            { 5000, 100 }, { 100, 5000 }, { 5000, 4000 },
		                            { 0, 5000 },   { 5000, 0 },   { 0, 0 } };

	(void)state;
	for (size_t i = 0; i < ROWS(cuts); i++) {
		uint64_t n = cuts[i][0] + cuts[i][1], from = cuts[i][0] - cuts[i][0] / 10;
		struct hll whole = filled(3, 0, n), a = filled(3, 0, cuts[i][0]);
		struct hll b = filled(3, from, n), back = { 0 };
		struct buf x = { 0 }, y = { 0 };
		struct slice bytes;

		hll_merge(&a, &b);
		hll_save(&whole, &x);
		hll_save(&a, &y);
		assert_true(slice_same(buf_slice(&x), buf_slice(&y)));
		bytes = buf_slice(&x);
		assert_int_equal(hll_load(&back, &bytes), 0);
		assert_int_equal(bytes.n, 0);
		buf_clear(&y);
		hll_save(&back, &y);
		assert_true(slice_same(buf_slice(&x), buf_slice(&y)));
		assert_true(hll_memory(&a) <= HLL_REGISTERS);
		hll_free(&whole);
		hll_free(&a);
		hll_free(&b);
		hll_free(&back);
		buf_free(&x);
		buf_free(&y);
	}
}

static void test_hll_set_registers__out_of_range(void **state)
{
	uint8_t reg[HLL_REGISTERS] = { 51 };
	struct hll s = { 0 };

	(void)state;
	assert_int_equal(hll_set_registers(&s, reg), 0);
	reg[HLL_REGISTERS - 1] = 52;
	assert_int_equal(hll_set_registers(&s, reg), -1);
	hll_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hll_count__exact_while_sparse),
		cmocka_unit_test(test_hll_count__standard_error),
		cmocka_unit_test(test_hll_merge__parts_are_the_whole),
		cmocka_unit_test(test_hll_set_registers__out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
