/* asof.h: by hand, and beside a model that tries every row. */
#include "unit.h"

#include "base/hash.h"
#include "join/asof.h"
#include "jsontext.h"
#include "rig.h"

#include <inttypes.h>

#define ANY      INT64_MAX
#define ROWS_MAX 24

/* A table of rows of one key at these times, in order. */
struct times {
	struct plan plan;
	struct heap heap;
	struct jointable *table;
	struct row_chain *chain;
	struct row *row[ROWS_MAX]; /* as they came */
	size_t n;
};

static void build(struct times *x, const int64_t *time, size_t n)
{
	struct slice key = SLICE("k");

	plan_init(&x->plan);
	heap_init(&x->heap);
	x->table = jointable_new(MATCHES_ALL, &x->plan);
	x->n = n;
	for (size_t i = 0; i < n; i++) {
		x->row[i] = jointable_add(x->table, key, val_of(VAL_NULL), i + 1, &x->heap);
		x->row[i]->time = time[i];
	}
	jointable_sort(x->table);
	x->chain = jointable_find(x->table, key, hash_bytes(key.p, key.n));
}

static void tear_down(struct times *x)
{
	jointable_free(x->table);
	heap_free(&x->heap);
	plan_free(&x->plan);
}

/* The line of the row found, 0 for none. */
static int found(const struct times *x, int64_t t, struct asof_opts opts)
{
	const struct row *row = asof_find(x->chain, t, &opts);

	return row ? (int)row->line : 0;
}

static void test_asof_find__by_hand(void **state)
{
	/* lines 1 to 6; two rows at 20, two at 30 */
	static const int64_t times[] = { 20, 10, 30, 20, 40, 30 };
	static const struct {
		int64_t t;
		/* lines: as they are, then strict */
		int backward, forward, nearest, backward_strict, forward_strict, nearest_strict;
	} rows[] = {
		{ 9, 0, 2, 2, 0, 2, 2 },  { 10, 2, 2, 2, 0, 1, 1 }, { 14, 2, 1, 2, 2, 1, 2 },
		{ 15, 2, 1, 2, 2, 1, 2 }, { 16, 2, 1, 1, 2, 1, 1 }, { 20, 4, 1, 4, 2, 3, 2 },
		{ 25, 4, 3, 4, 4, 3, 4 }, { 26, 4, 3, 3, 4, 3, 3 }, { 30, 6, 3, 6, 4, 5, 4 },
		{ 34, 6, 5, 6, 6, 5, 6 }, { 40, 5, 5, 5, 6, 0, 6 }, { 41, 5, 0, 5, 5, 0, 5 },
	};
	struct times x;

	(void)state;
	build(&x, times, COUNT(times));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const int want[] = { rows[i].backward,       rows[i].forward,
			             rows[i].nearest,        rows[i].backward_strict,
			             rows[i].forward_strict, rows[i].nearest_strict };

		for (int k = 0; k < 6; k++) {
			int got = found(
				&x, rows[i].t,
				(struct asof_opts){ (enum asof_direction)(k % 3), k >= 3, ANY });

			if (got != want[k])
				fail_msg("at %" PRId64 ", direction %d%s: line %d, not %d",
				         rows[i].t, k % 3, k >= 3 ? ", strict" : "", got, want[k]);
		}
	}
	tear_down(&x);
}

static void test_asof_find__tolerance_is_inclusive(void **state)
{
	static const int64_t times[] = { 100, 200 };
	struct times x;

	(void)state;
	build(&x, times, COUNT(times));
	assert_int_equal(found(&x, 130, (struct asof_opts){ ASOF_BACKWARD, false, 30 }), 1);
	assert_int_equal(found(&x, 130, (struct asof_opts){ ASOF_BACKWARD, false, 29 }), 0);
	assert_int_equal(found(&x, 130, (struct asof_opts){ ASOF_FORWARD, false, 70 }), 2);
	assert_int_equal(found(&x, 130, (struct asof_opts){ ASOF_FORWARD, false, 69 }), 0);
	assert_int_equal(found(&x, 130, (struct asof_opts){ ASOF_NEAREST, false, 30 }), 1);
	assert_int_equal(found(&x, 130, (struct asof_opts){ ASOF_NEAREST, false, 29 }), 0);
	assert_int_equal(found(&x, 100, (struct asof_opts){ ASOF_BACKWARD, false, 0 }), 1);
	assert_int_equal(found(&x, 200, (struct asof_opts){ ASOF_NEAREST, true, 100 }), 1);
	assert_int_equal(found(&x, 200, (struct asof_opts){ ASOF_NEAREST, true, 99 }), 0);
	tear_down(&x);
}

/* Times may lie further apart than an int64_t counts. */
static void test_asof_find__over_the_whole_range(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MAX };
	struct times x;

	(void)state;
	build(&x, times, COUNT(times));
	assert_int_equal(found(&x, INT64_MAX, (struct asof_opts){ ASOF_BACKWARD, true, ANY }), 1);
	assert_int_equal(found(&x, INT64_MIN, (struct asof_opts){ ASOF_FORWARD, true, ANY }), 2);
	assert_int_equal(found(&x, INT64_MIN, (struct asof_opts){ ASOF_NEAREST, true, ANY }), 2);
	assert_int_equal(found(&x, INT64_MAX, (struct asof_opts){ ASOF_BACKWARD, true, ANY - 1 }),
	                 0);
	/* -1 is 2^63 - 1 behind the least and 2^63 before the greatest; 0 the other way round */
	assert_int_equal(found(&x, -1, (struct asof_opts){ ASOF_NEAREST, false, ANY }), 1);
	assert_int_equal(found(&x, 0, (struct asof_opts){ ASOF_NEAREST, false, ANY }), 2);
	tear_down(&x);
}

/* ---- the model */

static int64_t apart(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

/* Is row A, which came later, to be taken rather than B, of those that lie as they must? */
static bool better(const struct row *a, const struct row *b, int64_t t, const struct asof_opts *o)
{
	if (apart(a->time, t) != apart(b->time, t))
		return apart(a->time, t) < apart(b->time, t);
	if (a->time != b->time)
		return a->time < b->time;
	return a->time <= t && o->direction != ASOF_FORWARD;
}

static int model(const struct times *x, int64_t t, const struct asof_opts *o)
{
	const struct row *best = NULL;

	for (size_t i = 0; i < x->n; i++) {
		const struct row *a = x->row[i];

		if ((o->direction == ASOF_BACKWARD && a->time > t) ||
		    (o->direction == ASOF_FORWARD && a->time < t) || (o->strict && a->time == t) ||
		    apart(a->time, t) > o->tolerance)
			continue;
		if (!best || better(a, best, t, o))
			best = a;
	}
	return best ? (int)best->line : 0;
}

static void compare(const struct times *x, struct asof_opts o)
{
	for (int64_t t = -3; t < 18; t++) {
		int got = found(x, t, o), want = model(x, t, &o);

		if (got == want)
			continue;
		for (size_t i = 0; i < x->n; i++)
			print_error("%" PRId64 " ", x->row[i]->time);
		fail_msg("at %" PRId64 ", direction %d, strict %d, tolerance %" PRId64
		         ": line %d, not %d",
		         t, o.direction, o.strict, o.tolerance, got, want);
	}
}

static void test_asof_find__is_what_trying_every_row_finds(void **state)
{
	static const int64_t tolerances[] = { 0, 1, 2, 5, ANY };
	struct chance c = { 11 };
	int64_t time[ROWS_MAX];

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t n = 1 + chance_below(&c, ROWS_MAX), range = 1 + chance_below(&c, 16);
		struct times x;

		for (size_t i = 0; i < n; i++)
			time[i] = (int64_t)chance_below(&c, range);
		build(&x, time, n);
		for (int k = 0; k < 6; k++)
			for (size_t i = 0; i < COUNT(tolerances); i++)
				compare(&x, (struct asof_opts){ (enum asof_direction)(k % 3),
				                                k >= 3, tolerances[i] });
		tear_down(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asof_find__by_hand),
		cmocka_unit_test(test_asof_find__tolerance_is_inclusive),
		cmocka_unit_test(test_asof_find__over_the_whole_range),
		cmocka_unit_test(test_asof_find__is_what_trying_every_row_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
