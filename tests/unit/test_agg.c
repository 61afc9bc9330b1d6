/* Aggregates against values worked out by hand, their independence of order, the sketch's error. */
#include "rig.h"

#include "agg/aggset.h"
#include "agg/sketch.h"

#include <math.h>
#include <stdio.h>

/* ---- running a program over records */

struct given {
	char *json;
	int64_t time;
};

/* The result of AGG over records in the order given, or "!error". */
static void aggregate(const char *text, const struct given *g, size_t n, struct buf *out)
{
	struct agg_record record;
	struct aggset *a;
	struct plan plan;
	struct heap h;
	struct fed f;
	struct val v;
	struct err e;
	void *state;
	size_t i;

	err_clear(&e);
	plan_init(&plan);
	heap_init(&h);
	a = aggset_new(&(struct source){ slice_from(text), "AGG" }, &plan, NULL, &e);
	if (!a)
		fail_msg("%s", e.text);
	f = fed_new(&plan);
	state = alloc_zero(1, aggset_size(a));
	for (i = 0; i < n; i++) {
		const struct rec *rec = feed(&f, g[i].json);

		if (aggset_read(a, rec, &h, &e) < 0)
			break;
		record = (struct agg_record){ .time = g[i].time, .line = buf_slice(&f.text) };
		aggset_add(a, state, &record);
		heap_reset(&h);
	}
	if (i == n && aggset_result(a, state, NULL, &h, &v, &e) == 0)
		val_write_canonical(&h, out, v);
	else
		buf_addf(out, "!%s", e.text);
	aggset_drop(a, state);
	free(state);
	fed_free(&f);
	aggset_free(a);
	heap_free(&h);
	plan_free(&plan);
}

struct row {
	const char *agg;
	const char *values; /* of .x, a blank between them; each record one time unit later */
	const char *want;
};

static const struct row rows[] = {
	{ "count", "", "0" },
	{ "count", "1 null \"a\"", "3" },
	{ "count(.x > 1)", "1 null 2 3", "2" },
	{ "count(.x)", "1 null false 0 \"\"", "3" },
	{ "count(.x == null)", "1 null null", "2" },
	{ "[sum(.x), avg(.x), min(.x), max(.x), first(.x), last(.x), stddev(.x), quantile(.x; "
	  "0.5)]",
	  "", "[null,null,null,null,null,null,null,null]" },
	{ "[sum(.x), avg(.x), min(.x), max(.x), first(.x), last(.x), stddev(.x), quantile(.x; "
	  "0.5)]",
	  "null null", "[null,null,null,null,null,null,null,null]" },
	{ "[sum(.x), avg(.x), min(.x), max(.x), first(.x), last(.x), stddev(.x), quantile(.x; "
	  "0.5)]",
	  "null 6 null", "[6,6,6,6,6,6,null,6]" },
	/* sums of whole numbers are exact, others compensated */
	{ "sum(.x)", "1 2 3", "6" },
	{ "sum(.x)", "1 2.5 -3", "0.5" },
	{ "sum(.x)", "9007199254740993 0", "9007199254740993" },
	{ "sum(.x)", "9223372036854775807 1", "9223372036854775808" },
	{ "sum(.x)", "9223372036854775807 9223372036854775807 9223372036854775807",
	  "27670116110564327421" },
	{ "sum(.x)", "-9223372036854775808 -1", "-9223372036854775809" },
	{ "sum(.x)", "9223372036854775807 1 -9223372036854775808", "0" },
	{ "sum(.x)", "0.5 1e100 0.5 -1e100", "1" },
	{ "sum(.x)", "0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1", "1" },
	{ "sum(.x)", "1e3 0.5e1", "1005" },
	{ "avg(.x)", "1 2 4", "2.3333333333333335" },
	{ "avg(.x)", "9223372036854775807 9223372036854775807", "9223372036854776000" },
	{ "avg(.x)", "0.1 0.2 0.3", "0.19999999999999998" },
	/* as jq sorts: false, true, numbers, strings, arrays, objects */
	{ "[min(.x), max(.x)]", "3 1 2", "[1,3]" },
	{ "[min(.x), max(.x)]", "3 \"a\" null true [1]", "[true,[1]]" },
	{ "[min(.x), max(.x)]", "\"b\" \"a\" \"\\u0062\"", "[\"a\",\"b\"]" },
	{ "[min(.x), max(.x)]", "{\"b\":1} {\"a\":9} [9]", "[[9],{\"b\":1}]" },
	{ "[min(.x), max(.x)]", "12345678901234567891 12345678901234567890",
	  "[12345678901234567890,12345678901234567891]" },
	{ "[min(.x), max(.x)]", "-0.5 -1e3 2e-1", "[-1E+3,0.2]" },
	{ "[first(.x), last(.x)]", "null \"a\" {\"k\":[1]} null", "[\"a\",{\"k\":[1]}]" },
	/* Python's statistics.stdev */
	{ "stddev(.x)", "5", "null" },
	{ "stddev(.x)", "5 5", "0" },
	{ "stddev(.x) * 1e12 | round", "2 4 4 4 5 5 7 9", "2138089935299" },
	{ "stddev(.x) * 1e9 | round", "1000000004 1000000007 1000000013 1000000016", "5477225575" },
	/* SQL's percentile_disc: the ceil(q * n)-th smallest */
	{ "[quantile(.x; 0), quantile(.x; 0.25), quantile(.x; 0.5), quantile(.x; 0.51), "
	  "quantile(.x; 1)]",
	  "4 1 3 2", "[1,1,2,3,4]" },
	{ "[quantile(.x; 0.5), quantile(.x; 0.99)]", "-1 -2.5 7 null", "[-1,7]" },
	{ "quantile(.x; 1 / 2)", "1 2 3", "2" },
	/* programs around and inside them */
	{ "{n: count, mean: (sum(.x) / count)}", "1 2 3", "{\"n\":3,\"mean\":2}" },
	{ "sum(select(.x > 1) | .x)", "1 2 3", "5" },
	{ "sum(.x[])", "[1,2] [] [3]", "6" },
	{ "sum(first(.x[]))", "[1,2] [3]", "4" },
	{ "avg(.x.ms)", "{\"ms\":1} {} {\"ms\":4}", "2.5" },
	{ "max(.x | length)", "\"a\" \"ccc\" \"bb\"", "3" },
	{ "count | . + 1", "1 2", "3" },
	{ "if count > 1 then \"many\" else \"one\" end", "1 2", "\"many\"" },
	{ "empty", "1", "null" },
	{ "\"\\(count) of \\(max(.x))\"", "1 2", "\"2 of 2\"" },
	{ "count as $n | [range($n)]", "1 2", "[0,1]" },
	/* bad records and results */
	{ "sum(.x)", "1 \"a\"", "!sum needs numbers, not string" },
	{ "quantile(.x; 0.5)", "[1]", "!quantile needs numbers, not array" },
	{ "stddev(.x)", "true", "!stddev needs numbers, not boolean" },
	{ "sum(.x.y)", "1", "!Cannot index number with string (\"y\")" },
	{ "max(.x) + count", "\"a\"", "!string (\"a\") and number (1) cannot be added" },
};

/* Records {"x": VALUE} of a row's values, one time unit apart. */
static size_t records_of(const char *values, struct given *to)
{
	size_t n = 0;

	while (*values) {
		size_t size = strcspn(values, " ");
		struct buf b = { 0 };

		buf_addf(&b, "{\"x\":%.*s}%c", (int)size, values, '\0');
		to[n] = (struct given){ b.p, (int64_t)n };
		n++;
		values += size + (values[size] == ' ');
	}
	return n;
}

static void free_records(struct given *g, size_t n)
{
	while (n)
		free(g[--n].json);
}

static void test_aggset_result__by_hand(void **state)
{
	struct given g[16];
	struct buf out = { 0 };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t n = records_of(rows[i].values, g);

		buf_clear(&out);
		aggregate(rows[i].agg, g, n, &out);
		wrong += differs(rows[i].agg, buf_slice(&out), rows[i].want);
		free_records(g, n);
	}
	assert_int_equal(wrong, 0);
	buf_free(&out);
}

/* ---- order */

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void shuffle(struct given *g, size_t n, uint64_t *seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = next_random(seed) % i;
		struct given swap = g[i - 1];

		g[i - 1] = g[k];
		g[k] = swap;
	}
}

/* Few times and values, so that both come twice, and 1 also as 1.0 and 1e0. */
static void test_aggset_add__order_does_not_matter(void **state)
{
	static const char agg[] =
		"[count, count(.x > 3), sum(.x), min(.x), max(.x), first(.y), "
		"last(.y), quantile(.x; 0.5), quantile(.x; 0.99), min(.y), max(.y)]";
	static const char *const spelled[] = { "1", "1.0", "1e0", "9007199254740993", "-7", "0" };
	static const size_t sizes[] = { 40, 1500 };
	struct buf want = { 0 }, out = { 0 };
	uint64_t seed = 88172645463325252;

	(void)state;
	for (size_t s = 0; s < ROWS(sizes); s++) {
		size_t n = sizes[s];
		struct given *g = alloc_zero(n, sizeof *g);

		for (size_t i = 0; i < n; i++) {
			struct buf b = { 0 };

			buf_addf(&b, "{\"x\":%s,\"y\":%s}%c", spelled[next_random(&seed) % 6],
			         spelled[next_random(&seed) % 6], '\0');
			g[i] = (struct given){ b.p, (int64_t)(next_random(&seed) % 5) };
		}
		buf_clear(&want);
		aggregate(agg, g, n, &want);
		for (int round = 0; round < 10; round++) {
			shuffle(g, n, &seed);
			buf_clear(&out);
			aggregate(agg, g, n, &out);
			buf_addc(&want, '\0');
			assert_int_equal(differs(agg, buf_slice(&out), want.p), 0);
			want.n--;
		}
		free_records(g, n);
		free(g);
	}
	buf_free(&want);
	buf_free(&out);
}

/* The earliest and latest by time; of one time the record's bytes decide. */
static void test_aggset_add__first_and_last_are_by_time(void **state)
{
	struct given g[] = { { (char[]){ "{\"x\":2}" }, 5 },
		             { (char[]){ "{\"x\":1}" }, 5 },
		             { (char[]){ "{\"x\":3}" }, 5 },
		             { (char[]){ "{\"x\":9}" }, -4 } };
	struct buf out = { 0 };

	(void)state;
	aggregate("[first(.x), last(.x)]", g, 3, &out);
	aggregate("[first(.x), last(.x)]", g, 4, &out);
	assert_int_equal(differs("first, last", buf_slice(&out), "[1,3][9,3]"), 0);
	buf_free(&out);
}

/* ---- compile errors */

static void test_aggset_new__errors(void **state)
{
	static const struct {
		const char *agg, *place, *says;
	} table[] = {
		{ ".", "AGG:1:1: ", "first(.x)" },
		{ ".x", "AGG:1:1: ", "first(.x)" },
		{ "{n: count, x: .x}", "AGG:1:15: ", "first(.x)" },
		{ "count + .x", "AGG:1:9: ", "first(.x)" },
		{ "..", "AGG:1:1: ", "first(.x)" },
		{ "{x}", "AGG:1:2: ", "first(.x)" },
		{ "medain(.x)", "AGG:1:1: ", "medain/1 is no aggregate: did you mean median(f)?" },
		{ "{n: count, m: mean(.x)}",
		  "AGG:1:15: ", "mean/1 is no aggregate: did you mean avg(f)?" },
		{ "select(.x > 1)", "AGG:1:1: ", "select/1 is no aggregate" },
		{ "first", "AGG:1:1: ", "first/0 is no aggregate: it is first(f)" },
		/* what would look at `.` by itself */
		{ "{n: length}", "AGG:1:5: ", "length/0 is no aggregate: did you mean count?" },
		{ "[count, keys]", "AGG:1:9: ", "keys/0 is no aggregate, and '.' has no meaning" },
		{ "\"\\(tostring)\"", "AGG:1:4: ", "tostring/0 is no aggregate" },
		{ "{a: test(\"x\")}", "AGG:1:5: ", "test/1 is no aggregate" },
		{ "count > 2 and has(\"x\")", "AGG:1:15: ", "has/1 is no aggregate" },
		{ "select(count > 5)", "AGG:1:1: ", "select/1 is no aggregate" },
		{ "not", "AGG:1:1: ", "not/0 is no aggregate" },
		{ "error", "AGG:1:1: ", "error/0 is no aggregate" },
		{ "limit(1; length)", "AGG:1:10: ", "length/0 is no aggregate" },
		{ "count as $n | floor", "AGG:1:15: ", "floor/0 is no aggregate" },
		{ "reduce range(3) as $i (length; .)", "AGG:1:24: ", "length/0 is no aggregate" },
		{ "def f(x): x; f(type)", "AGG:1:16: ", "type/0 is no aggregate" },
		{ "(def length: 3; length) + length", "AGG:1:27: ", "length/0 is no aggregate" },
		{ "input", "AGG:1:1: ", "input and inputs have no place in a window" },
		{ "[inputs]", "AGG:1:2: ", "input and inputs have no place in a window" },
		{ "cuont", "AGG:1:1: ", "cuont/0 is no aggregate: did you mean count?" },
		{ "nosuch", "AGG:1:1: ", "nosuch/0 is not defined" },
		{ "def f(g): g; f(.x)", "AGG:1:16: ", "first(.x)" },
		{ "sum(foo)", "AGG:1:5: ", "foo/0" },
		{ "sum(.x; 1)", "AGG:1:1: ", "sum/2" },
		{ "quantile(.x)", "AGG:1:1: ", "quantile/1" },
		{ "quantile(.x; 1.5)", "AGG:1:1: ", "from 0 to 1" },
		{ "quantile(.x; -0.1)", "AGG:1:1: ", "from 0 to 1" },
		{ "quantile(.x; .q)", "AGG:1:14: ", "number" },
		{ "quantile(.x; \"a\")", "AGG:1:14: ", "number" },
		{ "sum(input)", "AGG:1:5: ", "input" },
		{ "{n: count", "AGG:1:10: ", "'}'" },
	};
	struct plan plan;
	struct err e;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct aggset *a;

		plan_init(&plan);
		err_clear(&e);
		a = aggset_new(&(struct source){ slice_from(table[i].agg), "AGG" }, &plan, NULL,
		               &e);
		if (a || e.kind != FAIL_COMPILE ||
		    strncmp(e.text, table[i].place, strlen(table[i].place)) != 0 ||
		    !strstr(e.text, table[i].says)) {
			print_error("%s: %s\n", table[i].agg, a ? "it compiles" : e.text);
			wrong++;
		}
		aggset_free(a);
		plan_free(&plan);
	}
	assert_int_equal(wrong, 0);
}

/* ---- the sketch */

static double uniform(uint64_t *seed)
{
	return (double)(next_random(seed) >> 11) / 9007199254740992.0;
}

static double draw(int distribution, uint64_t *seed)
{
	double u = uniform(seed);

	switch (distribution) {
	case 0: /* uniform */
		return 1 + 999 * u;
	case 1: /* exponential: latencies */
		return -log(1 - u) * 0.02;
	case 2: /* over thirty orders of magnitude */
		return pow(10, 30 * u - 15);
	case 3: /* both signs */
		return 2000 * u - 1000;
	case 4: /* many zeros */
		return u < 0.4 ? 0 : u - 0.7;
	case 5: /* few whole numbers */
		return floor(u * 5);
	default: /* one value */
		return -3.25;
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Every rank of N drawn values is within ALLOWED of the true one, relative to it. */
static void check_ranks(int distribution, size_t n, double allowed)
{
	double *all = alloc_array(n, sizeof *all), got;
	struct sketch s = { 0 };
	uint64_t seed = 42;
	bool few = distribution >= 5;

	for (size_t i = 0; i < n; i++)
		sketch_add(&s, all[i] = draw(distribution, &seed));
	assert_int_equal(s.n, n);
	assert_int_equal(sketch_is_exact(&s), n <= SKETCH_EXACT || few);
	allowed = few ? 0 : allowed;
	qsort(all, n, sizeof *all, by_value);
	for (size_t rank = 1; rank <= n; rank++) {
		got = sketch_rank(&s, rank);
		if (!(fabs(got - all[rank - 1]) <= allowed * fabs(all[rank - 1])))
			fail_msg("distribution %d, %zu values, rank %zu: %.17g is not %.17g",
			         distribution, n, rank, got, all[rank - 1]);
	}
	sketch_free(&s);
	free(all);
}

static void test_sketch_rank__exact_up_to_1024(void **state)
{
	static const size_t sizes[] = { 1, 2, 7, 9, 100, 1024 };

	(void)state;
	for (int d = 0; d <= 6; d++)
		for (size_t i = 0; i < ROWS(sizes); i++)
			check_ranks(d, sizes[i], 0);
}

/* 1 %, and what the last digit of a double adds. */
static void test_sketch_rank__within_one_percent_beyond(void **state)
{
	static const size_t sizes[] = { 1025, 5000 };

	(void)state;
	for (int d = 0; d <= 6; d++)
		for (size_t i = 0; i < ROWS(sizes); i++)
			check_ranks(d, sizes[i], 0.01 + 1e-9);
}

/* The least and the greatest, infinities too, are never left; not a number counts for nothing. */
static void test_sketch_rank__extremes(void **state)
{
	static const double odd[] = {
		1e-320, -1e-320, 1e308, -1e308, INFINITY, -INFINITY, 0, -0.0
	};
	struct sketch s = { 0 };

	(void)state;
	sketch_add(&s, NAN);
	assert_int_equal(s.n, 0);
	for (int i = 0; i < 2000; i++)
		sketch_add(&s, odd[i % 8]);
	/* few different ones are exact, many are not */
	for (int many = 0; many < 2; many++) {
		assert_int_equal(sketch_is_exact(&s), !many);
		assert_true(sketch_rank(&s, 1) <= -1e307);
		assert_true(sketch_rank(&s, 1000) == 0);
		assert_true(sketch_rank(&s, s.n) >= 1e307);
		for (int i = 1; i <= 600; i++)
			sketch_add(&s, i);
	}
	sketch_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aggset_result__by_hand),
		cmocka_unit_test(test_aggset_add__order_does_not_matter),
		cmocka_unit_test(test_aggset_add__first_and_last_are_by_time),
		cmocka_unit_test(test_aggset_new__errors),
		cmocka_unit_test(test_sketch_rank__exact_up_to_1024),
		cmocka_unit_test(test_sketch_rank__within_one_percent_beyond),
		cmocka_unit_test(test_sketch_rank__extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
