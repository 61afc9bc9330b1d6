/*
 * The aggregates beyond test_agg.c: by hand and against Python's statistics, pandas' and
 * Prometheus' definitions; the same in any order, merged out of parts, and through bytes.
 */
#include "unit.h"

#include "aggrig.h"

#include <math.h>
#include <stdio.h>

/* ---- by hand */

struct row {
	const char *agg;
	const char *values; /* of .x, a second apart from 0 on; the window is [0, 10) */
	const char *want;
};

#define R9 " * 1e9 | round"

static const struct row rows[] = {
	/* over nothing */
	{ "[any(.x), every(.x), ratio(.x), stddev_pop(.x), variance(.x), variance_pop(.x)]", "",
	  "[null,null,null,null,null,null]" },
	{ "[skew(.x), kurtosis(.x), geomean(.x), mad(.x), median(.x), quantile_cont(.x; 0.5), "
	  "p50(.x), p90(.x), p95(.x), p99(.x)]",
	  "null", "[null,null,null,null,null,null,null,null,null,null]" },
	{ "[mode(.x), argmin(.x; .x), argmax(.x; .x), merge(.x), ewma(.x; 1), corr(.x; .x), "
	  "slope(.x), slope(.x; .x)]",
	  "null", "[null,null,null,null,null,null,null,null]" },
	{ "[increase(.x), rate(.x), increase_extrapolated(.x), rate_extrapolated(.x), delta(.x), "
	  "delta_extrapolated(.x), irate(.x), resets(.x), changes(.x)]",
	  "null", "[null,null,null,null,null,null,null,null,null]" },
	{ "[count, distinct(.x), approx_distinct(.x), top(.x; 3), collect(.x), collect_set(.x), "
	  "sample(.x; 2), histogram(.x; [1, 2])]",
	  "", "[0,0,0,[],[],[],[],[0,0,0]]" },
	/* what looks at no `.`, or at that of the value before it */
	{ "[range(count)]", "1 1 1", "[0,1,2]" },
	{ "pow(count; 2)", "1 1 1", "9" },
	{ "[limit(2; sum(.x), count, 9)]", "5 6", "[11,2]" },
	{ "[nan < count, infinite > count, isempty(empty)]", "1", "[true,true,true]" },
	{ "now > 1e9", "1", "true" },
	{ "if count > 2 then error(\"many\") else count end", "1", "1" },
	{ "[count, sum(.x)] | length", "1 2", "2" },
	{ "count > 1 | not", "1", "true" },
	{ "reduce range(3) as $i (count; . + $i)", "1", "4" },
	{ "try error(\"a\") catch length", "1", "1" },
	/* what AGG defines hides the aggregates of its name, as jq's functions */
	{ "def count: 7; {n: count}", "1", "{\"n\":7}" },
	{ "def f: count; {n: f}", "1 2", "{\"n\":2}" },
	{ "def share(sum; count): sum / count; share(10; 4)", "1", "2.5" },
	{ "def share($sum; $count): sum / $count; share(sum(.x); count)", "1 2", "1.5" },
	{ "(def count: 7; count) + count", "1 2", "9" },
	{ "def count(f): f + 1; count(sum(.x)) + count", "1 2", "6" },
	/* conditions: null is not true, but counts */
	{ "[any(.x), every(.x), ratio(.x)]", "true null 1 false", "[true,false,0.5]" },
	{ "[any(.x > 9), every(.x > 0), ratio(.x > 2)]", "1 2 3 4", "[false,true,0.5]" },
	/* moments: Python's statistics; skew and kurtosis by their formulas, also pandas' */
	{ "[variance(.x), variance_pop(.x), stddev_pop(.x), skew(.x), kurtosis(.x)] | "
	  "map(. * 1e9 | round)",
	  "2 4 4 4 5 5 7 9", "[4571428571,4000000000,2000000000,818487553,940625000]" },
	{ "[variance(.x), variance_pop(.x), skew(.x), kurtosis(.x)]", "3 3 3 3",
	  "[0,0,null,null]" },
	{ "[variance(.x), variance_pop(.x), skew(.x)]", "3", "[null,0,null]" },
	{ "[variance(.x), variance_pop(.x)]", "1e9 1000000001 1000000002",
	  "[1,0.6666666666666666]" },
	{ "geomean(.x)" R9, "2 4 4 4 5 5 7 9", "4603215596" },
	{ "[geomean(.x)]", "4 0 9", "[0]" },
	{ "[geomean(.x)]", "4 -1 9", "[null]" },
	/* ranks */
	{ "[median(.x), quantile_cont(.x; 0.25), quantile_cont(.x; 0), quantile_cont(.x; 1)]",
	  "4 1 3 2", "[2.5,1.75,1,4]" },
	{ "[median(.x), p50(.x), p90(.x), p95(.x), p99(.x)]", "1 2 3 4 5 6 7 8 9 10",
	  "[5.5,5,9,10,10]" },
	{ "mad(.x)", "1 1 2 2 4 6 9", "1" },
	{ "mad(.x)", "1 2 3 4", "1" },
	{ "mad(.x)", "3 1 4 1.5", "1" },
	{ "histogram(.x; [1, 2.5, 10])", "0 1 1.5 2.5 3 10 11 -7", "[3,2,2,1]" },
	/* what is the same: as jq's == */
	{ "[distinct(.x), approx_distinct(.x)]", "1 1.0 1e0 \"1\" [1] [1.0] null {} {}", "[4,4]" },
	{ "mode(.x)", "3 1 3 2 1", "1" },
	{ "mode(.x)", "\"b\" \"a\" \"b\" 7", "\"b\"" },
	{ "collect_set(.x)", "\"b\" 2 \"a\" 1 2 [0] \"a\"", "[1,2,\"a\",\"b\",[0]]" },
	{ "collect_set(.x; 2)", "\"b\" 2 \"a\" 1 2 [0] \"a\"", "[1,2]" },
	{ "top(.x; 2)", "\"b\" 2 \"a\" 2 \"a\" 7 2",
	  "[{\"value\":2,\"count\":3},{\"value\":\"a\",\"count\":2}]" },
	{ "top(.x; 2)", "9 8 7", "[{\"value\":7,\"count\":1},{\"value\":8,\"count\":1}]" },
	{ "[collect(.x), collect(.x; 2)]", "\"b\" 2 null [1]", "[[\"b\",2,[1]],[\"b\",2]]" },
	{ "sample(.x; 9)", "3 1 2", "[3,1,2]" },
	{ "sample(.x; 2) | length", "3 1 2", "2" },
	/* two arguments: both must be there */
	{ "[argmin(.x.a; .x.b), argmax(.x.a; .x.b)]",
	  "{\"a\":1,\"b\":5} {\"a\":2,\"b\":3} {\"a\":3,\"b\":9} {\"a\":4} {\"b\":0} "
	  "{\"a\":6,\"b\":3.0} {\"a\":7,\"b\":9}",
	  "[2,3]" },
	{ "argmax(.x.a; .x.b)", "{\"a\":[1],\"b\":\"x\"} {\"a\":{},\"b\":\"y\"} {\"a\":1,\"b\":99}",
	  "{}" },
	{ "[corr(.x[0]; .x[1]), slope(.x[0]; .x[1])] | map(. * 1e9 | round)",
	  "[2,1] [1,2] [4,3] [3,4] [7.5,5] [null,6]", "[822192192,1300000000]" },
	{ "[corr(.x; .x), slope(.x)]", "5 5 5", "[null,0]" },
	{ "slope(.x)", "1 3 5 7", "2" },
	/* weights 1/8, 1/4 (a null at 2 s), 1: 4.625 / 1.375 */
	{ "ewma(.x; \"1s\")" R9, "1 2 null 4", "3363636364" },
	{ "ewma(.x; 1)" R9, "8 2 2", "2857142857" },
	/* counters: rises of neighbours; behind a reset the value counts whole */
	{ "[increase(.x), rate(.x), delta(.x), resets(.x), changes(.x), irate(.x)]", "1 4 4 2 6",
	  "[9,0.9,5,1,3,4]" },
	{ "[increase(.x), delta(.x), irate(.x), resets(.x)]", "5", "[null,0,null,0]" },
	/* Prometheus: 8 in 4 s, mean distance 1: left border at 0 s, right 5 s away: half a second
	 */
	{ "[increase_extrapolated(.x), rate_extrapolated(.x), delta_extrapolated(.x)]",
	  "10 12 14 16 18", "[9,0.9,9]" },
	{ "[increase_extrapolated(.x), delta_extrapolated(.x)]", "5", "[null,null]" },
	/* members by their latest record, in the order of their names */
	{ "merge(.x)", "{\"b\":1,\"a\":1} {\"a\":null} {\"c\":[1]}",
	  "{\"a\":null,\"b\":1,\"c\":[1]}" },
	/* one state for all that can share it does not mix up results */
	{ "[sum(.x), avg(.x), add(.x), max(.x), min(.x), count(.x > 1), any(.x > 1)]", "1 2 3",
	  "[6,2,6,3,1,2,true]" },
	{ "[sum(.x.a), sum(.x.b), p50(.x.a), p50(.x.b)]", "{\"a\":1,\"b\":10} {\"a\":2}",
	  "[3,10,1,10]" },
	{ "[sum(.x | . + 1), avg(.x | . + 2)]", "1 2 3", "[9,4]" },
	/* nan: what adds up is null, what ranks leaves it out */
	{ "[sum(.x | nan), avg(.x | nan), stddev(.x | nan), ewma(.x | nan; 1)]", "1 2",
	  "[null,null,null,null]" },
	{ "[median(.x | if . == 2 then nan else . end), histogram(.x | nan; [1])]", "1 2 3",
	  "[2,[0,0]]" },
	{ "[distinct(.x | nan), delta(.x | nan)]", "1 2", "[1,null]" },
	/* several values of one record */
	{ "[sum(.x[]), first(.x[]), last(.x[]), collect(.x[])]", "[1,2] [3] []",
	  "[6,1,3,[1,2,3]]" },
	{ "last(.x[])", "[1,2]", "2" },
	/* names are jq's inside arguments and behind pipes, also with other numbers of arguments */
	{ "sum(.x | add)", "[1,2] [3]", "6" },
	{ "collect(.x) | min", "2 1", "1" },
	{ "collect(.x) | any(.[]; . > 1)", "1 2", "true" },
	{ "quantile(.x; 1 - 0.5)", "1 2", "1" },
	/* bad records */
	{ "corr(.x; .x)", "\"a\"", "!corr needs numbers, not string" },
	{ "increase(.x)", "[1]", "!increase needs numbers, not array" },
	{ "merge(.x)", "1", "!merge needs objects, not number" },
	{ "median(.x)", "{}", "!median needs numbers, not object" },
	{ "median(.x)", "{\"sketch\":\"ddsketch\",\"version\":2,\"n\":0,\"values\":[]}",
	  "!median needs numbers, not object" },
	{ "median(.x)", "{\"sketch\":\"ddsketch\",\"version\":1,\"n\":2,\"values\":[1]}",
	  "!median cannot read this sketch" },
	{ "merge(.x)", "{\"sketch\":\"ddsketch\",\"version\":2}",
	  "!merge cannot read this sketch" },
	{ "merge(.x)", "{\"sketch\":\"hll\",\"version\":1,\"p\":14,\"hashes\":\"AAAA\"}",
	  "!merge cannot read this sketch" },
	{ "approx_distinct(.x)", "{\"sketch\":\"hll\",\"version\":1,\"p\":12,\"hashes\":\"\"}",
	  "!approx_distinct cannot read this sketch" },
	/* sketches and numbers together; by the documented form */
	{ "median(.x)", "{\"sketch\":\"ddsketch\",\"version\":1,\"n\":2,\"values\":[1,9]} 2", "2" },
	{ "sketch(.x)", "3 1 2.5",
	  "{\"sketch\":\"ddsketch\",\"version\":1,\"n\":3,\"values\":[1,2.5,3]}" },
	{ "merge(.x)",
	  "{\"sketch\":\"ddsketch\",\"version\":1,\"n\":1,\"values\":[5]} "
	  "{\"sketch\":\"ddsketch\",\"version\":1,\"n\":1,\"values\":[4]}",
	  "{\"sketch\":\"ddsketch\",\"version\":1,\"n\":2,\"values\":[4,5]}" },
	{ "merge(.x)", "{\"sketch\":\"ddsketch\",\"version\":1,\"n\":1,\"values\":[5]} {\"a\":1}",
	  "null" },
};

static void test_aggset_result__by_hand(void **state)
{
	struct way way = STRAIGHT;
	struct given g[16];
	struct buf out = { 0 };
	int wrong = 0;

	(void)state;
	way.end = 10 * SECOND;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t n = records_of(rows[i].values, g);

		buf_clear(&out);
		aggregate(rows[i].agg, g, n, &way, &out);
		wrong += differs(rows[i].agg, buf_slice(&out), rows[i].want);
		free_records(g, n);
	}
	assert_int_equal(wrong, 0);
	buf_free(&out);
}

/* ---- order, parts, bytes */

/* Those whose result is the same to the byte in any order of records. */
static const char exact[] =
	"[count, count(.x > 3), any(.x > 3), every(.x > 3), ratio(.x > 3), sum(.i), min(.x), "
	"max(.x), min(.o), max(.o), first(.s), last(.s), argmin(.s; .i), argmax(.o; .i), "
	"quantile(.x; 0.9), quantile_cont(.x; 0.3), median(.x), p99(.i), mad(.x), "
	"histogram(.x; [-1, 2, 5]), mode(.s), distinct(.s), distinct(.o), approx_distinct(.x), "
	"top(.s; 3), collect_set(.s), collect_set(.o; 2), sample(.x; 5), increase(.i), rate(.i), "
	"increase_extrapolated(.i), delta(.x), irate(.i), resets(.i), changes(.i), merge(.m), "
	"sketch(.x), sketch_distinct(.x)]";

/* Those in which the order shows in the last digits. */
static const char rounded[] = "[avg(.x), sum(.x), stddev(.x), variance_pop(.x), skew(.x), "
			      "kurtosis(.x), geomean(.x + 20), "
			      "corr(.x; .i), slope(.x; .i), slope(.x), ewma(.x; \"3s\")]";

/* N records at whole seconds, few values, so that times and values come twice. */
static struct given *random_records(size_t n, uint64_t *seed)
{
	static const char *const s[] = { "\"a\"", "\"b\\u0062\"", "\"bb\"", "null", "7", "7.0" };
	static const char *const o[] = { "{\"p\":1,\"q\":2}", "{\"q\":2,\"p\":1}", "[1]", "[1.0]",
		                         "\"z\"" };
	struct given *g = alloc_zero(n, sizeof *g);

	for (size_t i = 0; i < n; i++) {
		struct buf b = { 0 };
		uint64_t r = next_random(seed);

		buf_addf(
			&b, "{\"x\":%.6g,\"i\":%d,\"s\":%s,\"o\":%s,\"m\":{\"%c\":%d},\"n\":%zu}%c",
			(double)(r % 20000) / 1000 - 10, (int)(r >> 20 & 63), s[r >> 30 & 3],
			o[(r >> 40) % 5], (char)('a' + (r >> 50) % 3), (int)(r >> 55), i % 7, '\0');
		g[i] = (struct given){ b.p, (int64_t)(next_random(seed) % (n / 2)) * SECOND };
	}
	return g;
}

/* How far apart two arrays of numbers of the same shape are: the greatest relative difference. */
static double apart(const struct buf *a, const struct buf *b)
{
	double most = 0, x, y;
	char *p = a->p + 1, *q = b->p + 1;

	while (*p && *q) {
		x = strtod(p, &p);
		y = strtod(q, &q);
		if (*p != *q)
			return INFINITY;
		most = fmax(most, fabs(x - y) / fmax(fabs(x), 1e-300));
		p++;
		q++;
	}
	return most;
}

/* The records in another way give the same. */
static void check_way(const struct given *g, size_t n, struct way *way, const struct buf *want,
                      const struct buf *near, const char *label)
{
	struct buf out = { 0 };

	aggregate(exact, g, n, way, &out);
	if (differs(label, buf_slice(&out), want->p))
		fail_msg("%s: %zu records, part %zu, save %zu", label, n, way->part, way->save);
	buf_clear(&out);
	aggregate(rounded, g, n, way, &out);
	buf_addc(&out, '\0');
	if (apart(near, &out) > 1e-12)
		fail_msg("%s:\n   got %s\n  want %s", label, out.p, near->p);
	buf_free(&out);
}

static int by_time(const void *a, const void *b)
{
	const struct given *x = a, *y = b;

	return x->time != y->time ? (x->time < y->time ? -1 : 1) : strcmp(x->json, y->json);
}

static void check_all_ways(size_t n, size_t step, uint64_t seed)
{
	struct way way = STRAIGHT;
	struct given *g = random_records(n, &seed);
	struct buf want = { 0 }, near = { 0 };

	way.end = (int64_t)n * SECOND;
	aggregate(exact, g, n, &way, &want);
	aggregate(rounded, g, n, &way, &near);
	buf_addc(&want, '\0');
	buf_addc(&near, '\0');
	for (size_t i = 0; i <= n; i += step) {
		way.save = i;
		check_way(g, n, &way, &want, &near, "saved");
	}
	way.save = NEVER;
	for (int i = 0; i < 5; i++) {
		shuffle(g, n, &seed);
		check_way(g, n, &way, &want, &near, "shuffled");
	}
	for (size_t i = 0; i <= n; i += step) {
		way.part = i;
		check_way(g, n, &way, &want, &near, "merged");
	}
	/* all settled but the last second: counters fold what they have */
	way.part = NEVER;
	way.delay = 0;
	qsort(g, n, sizeof *g, by_time);
	check_way(g, n, &way, &want, &near, "settled");
	for (size_t i = 0; i <= n; i += step) {
		way.save = i;
		check_way(g, n, &way, &want, &near, "settled and saved");
	}
	buf_free(&want);
	buf_free(&near);
	free_records(g, n);
	free(g);
}

static void test_aggset__any_order_parts_and_bytes(void **state)
{
	(void)state;
	check_all_ways(30, 1, 88172645463325252);
	check_all_ways(200, 23, 4101842887655102017);
	check_all_ways(2500, 1249, 2685821657736338717);
}

/* Sessions grow together: parts that do not overlap, the later one folded, merged either way. */
static void test_aggset_merge__counters_in_either_order(void **state)
{
	static const char agg[] = "[increase(.x), resets(.x), changes(.x), irate(.x), delta(.x)]";
	struct given g[30];
	struct buf out = { 0 };
	struct aggregator a;
	struct val v;
	struct err e;
	char *part[2];

	(void)state;
	for (int i = 0; i < 30; i++) {
		g[i].json = alloc_copy("{\"x\":10}", 8);
		g[i].json[5] = (char)('1' + i * 7 % 9);
		g[i].time = i * SECOND;
	}
	for (int later = 0; later < 2; later++) {
		aggregator_start(&a, agg, 0);
		for (int i = 0; i < 2; i++)
			part[i] = alloc_zero(1, aggset_size(a.set));
		for (int i = 0; i < 30; i++)
			assert_int_equal(aggregator_add(&a, part[i >= 12], &g[i],
			                                i >= 12 ? g[i].time : 0, &e),
			                 0);
		aggset_merge(a.set, part[later], part[!later]);
		assert_int_equal(aggset_result(a.set, part[later], NULL, &a.heap, &v, &e), 0);
		val_write_canonical(&a.heap, &out, v);
		for (int i = 0; i < 2; i++) {
			aggset_drop(a.set, part[i]);
			free(part[i]);
		}
		aggregator_end(&a);
	}
	/* 10 80 60 40 20 90 70 50 30 and again: rises of 70, then 60 whole, 40 whole, ... */
	{
		double rises = 0, last = 10, rise = 0;
		int resets = 0;
		struct buf want = { 0 };

		for (int i = 1; i < 30; i++) {
			double x = (1 + i * 7 % 9) * 10;

			rise = x < last ? x : x - last;
			rises += rise;
			resets += x < last;
			last = x;
		}
		for (int i = 0; i < 2; i++)
			buf_addf(&want, "[%.0f,%d,29,%.0f,%.0f]", rises, resets, rise, last - 10);
		buf_addc(&want, '\0');
		assert_int_equal(differs(agg, buf_slice(&out), want.p), 0);
		buf_free(&want);
	}
	buf_free(&out);
	free_records(g, 30);
}

/* Increases of windows add up to that of the whole; a window without samples changes nothing. */
static void test_aggset_carry__windows_add_up(void **state)
{
	static const char *const samples[] = { "1 4 9", "12 15", "", "3 8", "8 2" };
	/* rises: 3 + 5; 3 + 3; none; reset: 3, 5; 0, reset: 2 */
	static const char *const want[] = { "[8,8]", "[6,6]", "[null,null]", "[8,8]", "[2,2]" };
	char before[64] = { 0 };
	struct aggregator a;
	struct given g[8];
	struct val v;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ROWS(samples); i++) {
		struct buf out = { 0 };
		size_t n = records_of(samples[i], g);

		aggregator_start(&a, "[increase(.x), (rate(.x) | if . then . * 10 else . end)]", 0);
		assert_true(aggset_carry_size(a.set) <= sizeof before);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(aggregator_add(&a, a.state, &g[k], 0, &e), 0);
		aggset_set_window(a.set, 0, 10 * SECOND, before);
		assert_int_equal(aggset_result(a.set, a.state, NULL, &a.heap, &v, &e), 0);
		val_write_canonical(&a.heap, &out, v);
		assert_int_equal(differs(samples[i], buf_slice(&out), want[i]), 0);
		aggset_carry(a.set, before, a.state);
		buf_free(&out);
		free_records(g, n);
		aggregator_end(&a);
	}
}

/* What a counter holds is what may still be reordered, not what has gone by. */
static void test_aggset_memory__counters_keep_what_is_not_settled(void **state)
{
	struct way way = STRAIGHT;
	struct buf out = { 0 };
	size_t n = 20000;
	struct given *g = alloc_zero(n, sizeof *g);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct buf b = { 0 };

		buf_addf(&b, "{\"x\":%zu}%c", i * 3, '\0');
		g[i] = (struct given){ b.p, (int64_t)i * SECOND };
	}
	way.delay = 20 * SECOND;
	way.most = 1;
	aggregate("increase(.x)", g, n, &way, &out);
	assert_int_equal(differs("increase", buf_slice(&out), "59997"), 0);
	assert_true(way.most > 1 && way.most <= 64 * 16);
	free_records(g, n);
	free(g);
	buf_free(&out);
}

/* Bytes that are not whole are told, whatever is missing; a wrong version too. */
static void test_aggset_load__broken_bytes(void **state)
{
	uint64_t seed = 7;
	struct given *g = random_records(40, &seed);
	struct buf bytes = { 0 };
	struct aggregator a;
	struct slice from;
	struct err e;
	void *to;

	(void)state;
	aggregator_start(&a, exact, 0);
	for (int i = 0; i < 40; i++)
		assert_int_equal(aggregator_add(&a, a.state, &g[i], 0, &e), 0);
	aggset_save(a.set, a.state, &bytes);
	to = alloc_zero(1, aggset_size(a.set));
	for (size_t n = 0; n < bytes.n; n++) {
		/* a copy of just this length, so that reading on is seen */
		char *copy = alloc_copy(bytes.p, n);

		from = (struct slice){ copy, n };
		assert_int_equal(aggset_load(a.set, to, &from, &e), -1);
		assert_int_equal(e.kind, FAIL_STATE);
		aggset_drop(a.set, to);
		memset(to, 0, aggset_size(a.set));
		free(copy);
	}
	bytes.p[0]++;
	from = buf_slice(&bytes);
	assert_int_equal(aggset_load(a.set, to, &from, &e), -1);
	assert_non_null(strstr(e.text, "version"));
	free(to);
	buf_free(&bytes);
	aggregator_end(&a);
	free_records(g, 40);
	free(g);
}

/* ---- sketches between processes */

/* PARTS processes each give their sketch; merged they are the sketch of the whole. */
static void check_parts(const char *make, const char *of_whole, const char *of_parts, size_t n,
                        size_t parts)
{
	uint64_t seed = 1234567;
	struct given *g = random_records(n, &seed), *s = alloc_zero(parts, sizeof *s);
	struct way way = STRAIGHT;
	struct buf want = { 0 }, out = { 0 };

	for (size_t i = 0; i < parts; i++) {
		struct buf b = { 0 };
		size_t from = n * i / parts, to = n * (i + 1) / parts;

		aggregate(make, g + from, to - from, &way, &b);
		buf_addc(&b, '\0');
		s[i] = (struct given){ b.p, (int64_t)i };
	}
	aggregate(of_whole, g, n, &way, &want);
	aggregate(of_parts, s, parts, &way, &out);
	buf_addc(&want, '\0');
	if (differs(of_parts, buf_slice(&out), want.p))
		fail_msg("%zu records in %zu parts", n, parts);
	buf_free(&want);
	buf_free(&out);
	free_records(g, n);
	free(g);
	free_records(s, parts);
	free(s);
}

static void test_sketch__parts_make_the_whole(void **state)
{
	static const size_t sizes[] = { 20, 1500, 4000 };

	(void)state;
	for (size_t i = 0; i < ROWS(sizes); i++)
		for (size_t parts = 1; parts <= 5; parts += 2) {
			check_parts("{k: sketch(.x)}",
			            "[sketch(.x), quantile(.x; 0.3), median(.x), p99(.x), mad(.x)]",
			            "[merge(.k), quantile(.k; 0.3), median(.k), p99(.k), mad(.k)]",
			            sizes[i], parts);
			/* few different ones */
			check_parts("{k: sketch(.i)}",
			            "[sketch(.i), quantile(.i; 0.3), median(.i), p99(.i), mad(.i)]",
			            "[merge(.k), quantile(.k; 0.3), median(.k), p99(.k), mad(.k)]",
			            sizes[i], parts);
			check_parts("{k: sketch_distinct(.x, .n)}",
			            "[sketch_distinct(.x, .n), approx_distinct(.x, .n)]",
			            "[merge(.k), approx_distinct(.k)]", sizes[i], parts);
		}
}

/* ---- top and sample beyond what is kept exactly */

enum { TOP_VALUES = 8000, TOP_N = 60000 };

/* The 20 most frequent are told within their error; those of a state made of PARTS. */
static void check_top(uint32_t parts)
{
	uint32_t *times = alloc_zero(TOP_VALUES, sizeof *times);
	uint64_t seed = 99;
	struct aggregator a;
	struct given g;
	struct val v;
	struct err e;
	void *part[3];
	char json[32];

	aggregator_start(&a, "top(.x; 20)", 0);
	for (uint32_t i = 0; i < parts; i++)
		part[i] = alloc_zero(1, aggset_size(a.set));
	for (uint32_t i = 0; i < TOP_N; i++) {
		/* value k is there about 1/k as often as the first */
		double u = (double)(next_random(&seed) >> 11) / 9007199254740992.0;
		int k = (int)(exp(u * log(TOP_VALUES)) - 1);

		times[k]++;
		snprintf(json, sizeof json, "{\"x\":%d}", k);
		g = (struct given){ json, i };
		assert_int_equal(aggregator_add(&a, part[i % parts], &g, 0, &e), 0);
	}
	for (uint32_t i = 0; i < parts; i++) {
		aggset_merge(a.set, a.state, part[i]);
		aggset_drop(a.set, part[i]);
		free(part[i]);
	}
	assert_int_equal(aggset_result(a.set, a.state, NULL, &a.heap, &v, &e), 0);
	assert_int_equal(v.arr->n, 20);
	for (uint32_t i = 0; i < 20; i++) {
		const struct obj *o = v.arr->at[i].obj;
		uint32_t k = (uint32_t)val_double(*obj_get(o, SLICE("value")));
		double count = val_double(*obj_get(o, SLICE("count")));
		double error = val_double(*obj_get(o, SLICE("error")));

		assert_true(count >= times[k] && count - error <= times[k]);
		assert_true(error <= TOP_N / 1024.0);
		/* in this stream the first ten are well apart */
		assert_true(i >= 10 || k == i);
	}
	aggregator_end(&a);
	free(times);
}

static void test_top__space_saving_within_its_error(void **state)
{
	(void)state;
	check_top(1);
	check_top(2);
	check_top(3);
}

/* However many are asked for, the first of them are the same; their counts add up. */
static void test_top__many_and_few_agree(void **state)
{
	static const char agg[] = "(top(.x; 3000) | length) == distinct(.x) and "
				  "top(.x; 3000)[0:90] == top(.x; 90) and "
				  "(top(.x; 3000) | map(.count) | add) == count and "
				  "(top(.x; 3000) | . == sort_by(-.count, .value))";
	uint64_t seed = 5;
	struct given *g = random_records(2500, &seed);
	struct way way = STRAIGHT;
	struct buf out = { 0 };

	(void)state;
	aggregate(agg, g, 2500, &way, &out);
	assert_int_equal(differs("top", buf_slice(&out), "true"), 0);
	buf_free(&out);
	free_records(g, 2500);
	free(g);
}

/* Each of 50 records is in a sample of 10 about one time in five over 2,000 seeds: 400 +- 5 sigma.
 */
static void test_sample__each_record_is_as_likely(void **state)
{
	int times[50] = { 0 };
	struct given g[50];

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct buf b = { 0 };

		/* all alike, one behind the other: the record does not tell them apart */
		buf_addf(&b, "{\"x\":%d}%c", i, '\0');
		g[i] = (struct given){ b.p, 5 };
	}
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct way way = STRAIGHT;
		struct buf out = { 0 };
		char *p;
		int n = 0;

		way.seed = seed;
		aggregate("sample(.x; 10)", g, 50, &way, &out);
		buf_addc(&out, '\0');
		for (p = out.p; *p != ']'; n++)
			times[strtol(p + 1, &p, 10)]++;
		assert_int_equal(n, 10);
		buf_free(&out);
	}
	for (int i = 0; i < 50; i++)
		assert_true(abs(times[i] - 400) < 90);
	free_records(g, 50);
}

/* ---- compile errors, names */

static void test_aggset_new__parameters(void **state)
{
	static const struct {
		const char *agg, *place, *says;
	} table[] = {
		{ "top(.x; 0)", "AGG:1:1: ", "top(f; n): n is a whole number from 1" },
		{ "top(.x; 1.5)", "AGG:1:1: ", "whole number" },
		{ "top(.x)", "AGG:1:1: ", "top/1 is no aggregate: it is top(f; n)" },
		{ "collect(.x; .n)", "AGG:1:13: ", "collect(f; n): this must be a number" },
		{ "histogram(.x; 3)", "AGG:1:15: ", "list of numbers" },
		{ "histogram(.x; [2, 1])", "AGG:1:1: ", "each above the one before" },
		{ "histogram(.x; [])", "AGG:1:1: ", "one or more numbers" },
		{ "histogram(.x; [1, \"a\"])", "AGG:1:15: ", "list of numbers" },
		{ "ewma(.x; \"soon\")", "AGG:1:10: ", "duration" },
		{ "ewma(.x; 0)", "AGG:1:1: ", "above 0" },
		{ "quantile_cont(.x; 2)", "AGG:1:1: ", "quantile_cont(f; q): q is a number" },
		{ "corr(.x)", "AGG:1:1: ", "corr/1 is no aggregate: it is corr(f; g)" },
		{ "min", "AGG:1:1: ", "min/0 is no aggregate: it is min(f)" },
		{ "stdev(.x)", "AGG:1:1: ", "did you mean stddev(f)?" },
		{ "percentile(.x; 0.5)", "AGG:1:1: ", "did you mean quantile(f; q)?" },
		{ "count_distinct(.x)", "AGG:1:1: ", "did you mean distinct(f)?" },
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

/* Every kind says how it is called as it is called, and can be found by that. */
static void test_agg_find__usage_tells_the_arguments(void **state)
{
	const struct agg_kind *k;

	(void)state;
	for (size_t i = 0; (k = agg_kind_at(i)); i++) {
		unsigned args = strchr(k->usage, '(') != NULL;

		for (const char *p = k->usage; *p; p++)
			args += *p == ';';
		assert_int_equal(strncmp(k->usage, k->name, strlen(k->name)), 0);
		assert_ptr_equal(agg_find(slice_from(k->name), args), k);
		assert_int_equal(k->size % 8, 0);
		assert_true((k->add != NULL) != (k->add_pair != NULL));
		assert_true(!k->save == !k->load && !k->save == !k->drop && !k->save == !k->memory);
	}
}

/* The page lists them all. */
static void test_agg_kinds__are_in_the_manual(void **state)
{
	FILE *f = fopen("man/swindow.1", "r");
	const struct agg_kind *k;
	struct buf page = { 0 };
	char name[40];
	size_t n;
	int missing = 0;

	(void)state;
	assert_non_null(f);
	while ((n = fread(buf_room(&page, 4096), 1, 4096, f)) > 0)
		page.n += n;
	fclose(f);
	buf_addc(&page, '\0');
	for (size_t i = 0; (k = agg_kind_at(i)); i++) {
		snprintf(name, sizeof name, "%s%s", k->name, strchr(k->usage, '(') ? "(f" : "\n");
		if (!strstr(page.p, name)) {
			print_error("man/swindow.1 lacks %s\n", k->usage);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
	buf_free(&page);
}

static void test_aggset_fields__what_the_program_tells(void **state)
{
	enum { UNKNOWN = AGGSET_UNKNOWN, FIELDS = AGGSET_FIELDS, NO_OBJECT = AGGSET_NO_OBJECT };
	static const struct {
		const char *agg;
		int fields;
		const char *names; /* each with a blank behind it */
	} table[] = {
		{ "{n: count, \"m\": sum(.x), $key}", FIELDS, "n m key " },
		{ "{n: count, (\"a\" + \"b\"): 1, \"m\\(count)\": 2, s: sum(.x)}", UNKNOWN,
		  "n s " },
		{ "{(\"n\"): count}", FIELDS, "n " },
		{ "{}", FIELDS, "" },
		{ "count | {n: .}", FIELDS, "n " },
		{ "count as $n | {n: $n}", FIELDS, "n " },
		{ "def half(x): x / 2; {n: half(count)}", FIELDS, "n " },
		{ "count", NO_OBJECT, "" },
		{ "sum(.x) / count", NO_OBJECT, "" },
		{ "sum(.x) + count", NO_OBJECT, "" },
		{ "[first(.x)]", NO_OBJECT, "" },
		{ "\"\\(first(.x))\"", NO_OBJECT, "" },
		{ "p99(.x) // 0", NO_OBJECT, "" },
		{ "-sum(.x)", NO_OBJECT, "" },
		{ "count > 1 and count < 3", NO_OBJECT, "" },
		{ "null", NO_OBJECT, "" },
		{ "first(.x)", UNKNOWN, "" },
		{ "argmax(.; .x)", UNKNOWN, "" },
		{ "mode(.x)", UNKNOWN, "" },
		{ "merge(.)", UNKNOWN, "" },
		{ "sketch(.x)", UNKNOWN, "" },
		{ "sketch_distinct(.x)", UNKNOWN, "" },
		{ "$key", UNKNOWN, "" },
		{ "first(.x) // 0", UNKNOWN, "" },
		{ "{a: 1} + {b: count}", UNKNOWN, "" },
		{ "{a: 1} * {b: count}", UNKNOWN, "" },
		{ "if count > 1 then {n: 1} else {m: 1} end", UNKNOWN, "" },
		{ "count | tojson", UNKNOWN, "" },
		{ "{n: count}.n", UNKNOWN, "" },
	};
	static const struct expr_var key = { { "key", 3 }, { .tag = VAL_NONE } };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct source source = { slice_from(table[i].agg), "AGG" };
		struct buf names = { 0 };
		struct slice name;
		struct plan plan;
		struct err e;
		struct aggset *a;

		plan_init(&plan);
		a = aggset_new(&source, &plan, &(struct expr_vars){ &key, 1 }, &e);
		assert_row(table[i].agg, a != NULL);
		assert_row(table[i].agg, (int)aggset_fields(a) == table[i].fields);
		for (size_t k = 0; (name = aggset_field(a, k)).p; k++)
			buf_addf(&names, "%.*s ", (int)name.n, name.p);
		assert_row(table[i].agg, slice_same(buf_slice(&names), slice_from(table[i].names)));
		buf_free(&names);
		aggset_free(a);
		plan_free(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aggset_result__by_hand),
		cmocka_unit_test(test_aggset__any_order_parts_and_bytes),
		cmocka_unit_test(test_aggset_merge__counters_in_either_order),
		cmocka_unit_test(test_aggset_carry__windows_add_up),
		cmocka_unit_test(test_aggset_memory__counters_keep_what_is_not_settled),
		cmocka_unit_test(test_aggset_load__broken_bytes),
		cmocka_unit_test(test_sketch__parts_make_the_whole),
		cmocka_unit_test(test_top__space_saving_within_its_error),
		cmocka_unit_test(test_top__many_and_few_agree),
		cmocka_unit_test(test_sample__each_record_is_as_likely),
		cmocka_unit_test(test_aggset_new__parameters),
		cmocka_unit_test(test_aggset_fields__what_the_program_tells),
		cmocka_unit_test(test_agg_find__usage_tells_the_arguments),
		cmocka_unit_test(test_agg_kinds__are_in_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
