/* The operators on streams: dedup, changed, sample, throttle, context. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/duration.h"
#include "ops/changed.h"
#include "ops/context.h"
#include "ops/dedup.h"
#include "ops/sample.h"
#include "ops/throttle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct err err;

/* ---- dedup */

/* TEXT is "a0 b1 ..": keys of one letter and times; gives the letters of those that pass. */
static void dedup_gives(struct dedup *d, const char *text, const char *want)
{
	char got[64];
	size_t n = 0;

	for (const char *p = text; *p; p += strcspn(p, " "), p += *p == ' ') {
		switch (dedup_passes(d, (struct slice){ p, 1 }, strtoll(p + 1, NULL, 10), &err)) {
		case 1:
			got[n++] = *p;
			break;
		case -1:
			got[n++] = '!';
			break;
		default:
			got[n++] = '.';
		}
	}
	got[n] = '\0';
	if (strcmp(got, want) != 0)
		fail_msg("%s: got %s, want %s", text, got, want);
}

static void test_dedup_passes__the_first_of_each_key(void **state)
{
	static const struct {
		const char *label;
		int64_t within;
		uint64_t among;
		const char *text, *want;
	} rows[] = {
		{ "for ever, as awk '!seen[$0]++'", 0, 0, "a a b a c a a d b b", "a.b.c..d.." },
		{ "among 1, as uniq", 0, 1, "a a b a c a a d b b", "a.baca.db." },
		{ "among 2: what was dropped does not count", 0, 2, "a a b a c a b a", "a.b.cab." },
		{ "within: the span is open at its end", 10, 0, "a0 a9 a10 a19 a20", "a.a.a" },
		{ "within: what was dropped does not count", 10, 0, "a0 a5 a9 a12 a21 a22",
		  "a..a.a" },
		{ "within: each key for itself", 10, 0, "a0 b5 a10 b10 b15", "aba.b" },
		{ "within: late ones count as coming now", 10, 0, "a0 b30 a5 a35 b2 a40 b39 b41",
		  "aba..ab." },
		{ "within: negative times", 10, 0, "a-5 a4 a5", "a.a" },
		{ "within: the whole range", INT64_MAX, 0,
		  "a-9223372036854775807 a-1 a9223372036854775807", "a.a" },
	};
	struct dedup d;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		dedup_init(&d, rows[i].within, rows[i].among, 100);
		dedup_gives(&d, rows[i].text, rows[i].want);
		dedup_free(&d);
	}
}

static void test_dedup_passes__remembers_no_more_than_it_must(void **state)
{
	struct dedup d;
	char key[16];

	(void)state;
	dedup_init(&d, 10, 0, 20);
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(key, sizeof key, "%d", i);

		assert_int_equal(dedup_passes(&d, (struct slice){ key, (size_t)n }, i, &err), 1);
		assert_true(aged_count(&d.seen) <= 10);
	}
	dedup_free(&d);
	dedup_init(&d, 0, 7, 1);
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(key, sizeof key, "%d", i);

		assert_int_equal(dedup_passes(&d, (struct slice){ key, (size_t)n }, 0, &err), 1);
		assert_true(aged_count(&d.seen) <= 7);
	}
	dedup_free(&d);
}

static void test_dedup_passes__fails_at_the_limit(void **state)
{
	struct dedup d;

	(void)state;
	err_clear(&err);
	dedup_init(&d, 0, 0, 2);
	dedup_gives(&d, "a b a c b", "ab.!.");
	assert_int_equal(err.kind, FAIL_LIMIT);
	assert_string_equal(err.text, "--dedup: more than 2 keys to remember; --within and --among "
	                              "let old ones go, --max-keys allows more");
	dedup_free(&d);
	dedup_init(&d, 10, 0, 2);
	dedup_gives(&d, "a0 b1 c5 c10 d11", "ab!cd");
	dedup_free(&d);
}

/* ---- changed */

static void test_changed_passes__where_the_value_differs(void **state)
{
	/* keys of one letter, each with its value behind it */
	static const char *const rows[][2] = {
		{ "ax ax ay ay ax", "10101" },
		{ "ax bx ax by bx", "11011" },
		{ "ax b a bx b a", "111110" },
		{ "a a alonger alonger al a", "101011" },
	};
	struct changed c;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *want = rows[i][1];

		changed_init(&c, 100);
		for (const char *p = rows[i][0]; *p; p += *p == ' ', want++) {
			size_t n = strcspn(p, " ");

			if (changed_passes(&c, (struct slice){ p, 1 },
			                   (struct slice){ p + 1, n - 1 }, &err) != *want - '0')
				fail_msg("%s: at %s", rows[i][0], p);
			p += n;
		}
		changed_free(&c);
	}
}

static void test_changed_passes__fails_at_the_limit(void **state)
{
	struct changed c;

	(void)state;
	err_clear(&err);
	changed_init(&c, 1);
	assert_int_equal(changed_passes(&c, SLICE(""), SLICE("x"), &err), 1);
	assert_int_equal(changed_passes(&c, SLICE("k"), SLICE("x"), &err), -1);
	assert_int_equal(err.kind, FAIL_LIMIT);
	assert_int_equal(changed_passes(&c, SLICE(""), SLICE("x"), &err), 0);
	changed_free(&c);
}

/* ---- sample */

static void test_sample_init__parts(void **state)
{
	static const struct {
		const char *part;
		uint64_t below; /* of 2^64, by Python's integers */
	} rows[] = {
		{ "1%", UINT64_C(184467440737095516) },
		{ "0.01", UINT64_C(184467440737095516) },
		{ ".01", UINT64_C(184467440737095516) },
		{ "1/100", UINT64_C(184467440737095516) },
		{ "01/0100", UINT64_C(184467440737095516) },
		{ "2.5%", UINT64_C(461168601842738790) },
		{ "0.5", UINT64_C(1) << 63 },
		{ "3/4", UINT64_C(3) << 62 },
		{ "0", 0 },
		{ "0.00000000000000001", 184 },
	};
	static const char *const all[] = { "1", "1.0", "100%", "7/7" };
	static const char *const wrong[] = { "",
		                             ".",
		                             "%",
		                             "1.",
		                             "-0.5",
		                             "1.01",
		                             "2",
		                             "101%",
		                             "2/1",
		                             "1/0",
		                             "1/",
		                             "/2",
		                             "1e-2",
		                             "0.1 ",
		                             "50%%",
		                             "a",
		                             "0.0000000000000000001" };
	struct sample s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(sample_init(&s, "--sample", rows[i].part, 0, &err), 0);
		if (s.all || s.below != rows[i].below)
			fail_msg("%s: %llu", rows[i].part, (unsigned long long)s.below);
	}
	for (size_t i = 0; i < COUNT(all); i++) {
		assert_int_equal(sample_init(&s, "--sample", all[i], 0, &err), 0);
		assert_true(s.all && sample_passes(&s) && sample_has(&s, SLICE("a")));
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		err_clear(&err);
		if (sample_init(&s, "--sample", wrong[i], 0, &err) == 0)
			fail_msg("'%s' is taken", wrong[i]);
		assert_int_equal(err.kind, FAIL_USAGE);
	}
}

/*
 * SplitMix64 from seed 1234567: 6457827717110365317, 3203168211198807973, 9817491932198370423,
 * 4593380528125082431, 16408922859458223821 (the numbers that the generator's users publish); the
 * next five by a second implementation in Python.
 */
static void test_sample_passes__by_the_generators_numbers(void **state)
{
	static const char want[] = "1101010110"; /* below 2^63 */
	struct sample s;
	int passed = 0;

	(void)state;
	assert_int_equal(sample_init(&s, "--sample", "0.5", 1234567, &err), 0);
	for (const char *p = want; *p; p++)
		assert_int_equal(sample_passes(&s), *p == '1');
	assert_int_equal(sample_init(&s, "--sample", "1/10", 1, &err), 0);
	for (int i = 0; i < 100000; i++)
		passed += sample_passes(&s);
	assert_in_range(passed, 9500, 10500); /* five standard deviations */
}

/* Hashes by xxhsum -H3: a e6c6.., b 575a.., c 8c40.., key-1 2d29.. */
static void test_sample_has__by_the_keys_hash(void **state)
{
	static const struct {
		const char *part;
		bool a, b, c, key1;
	} rows[] = {
		{ "17%", false, false, false, false }, { "18%", false, false, false, true },
		{ "34%", false, false, false, true },  { "35%", false, true, false, true },
		{ "54%", false, true, false, true },   { "55%", false, true, true, true },
		{ "90%", false, true, true, true },    { "91%", true, true, true, true },
	};
	struct sample s, other;
	int in = 0, same = 0;
	char key[16];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(sample_init(&s, "--sample", rows[i].part, 0, &err), 0);
		assert_int_equal(sample_has(&s, SLICE("a")), rows[i].a);
		assert_int_equal(sample_has(&s, SLICE("b")), rows[i].b);
		assert_int_equal(sample_has(&s, SLICE("c")), rows[i].c);
		assert_int_equal(sample_has(&s, SLICE("key-1")), rows[i].key1);
	}
	/* another seed takes other keys */
	assert_int_equal(sample_init(&s, "--sample", "1/2", 1, &err), 0);
	assert_int_equal(sample_init(&other, "--sample", "1/2", 2, &err), 0);
	for (int i = 0; i < 10000; i++) {
		struct slice k = { key, (size_t)snprintf(key, sizeof key, "%d", i) };

		in += sample_has(&s, k);
		same += sample_has(&s, k) == sample_has(&other, k);
	}
	assert_in_range(in, 4750, 5250);
	assert_in_range(same, 4750, 5250);
}

/* ---- throttle */

/* TEXT is "a0 a333 b334 ..": keys and times in ms; '1' for what passes. */
static void throttle_gives(const char *rate, const char *text, const char *want)
{
	struct throttle t;
	uint64_t dropped = 0;

	assert_int_equal(throttle_init(&t, rate, 100, &err), 0);
	for (const char *p = text; *p; want++) {
		char *end;
		int64_t ms = strtoll(p + 1, &end, 10);

		if (throttle_passes(&t, (struct slice){ p, 1 }, ms * NS_PER_MS) != (*want == '1'))
			fail_msg("%s %s: at %s", rate, text, p);
		dropped += *want == '0';
		p = end + (*end == ' ');
	}
	assert_int_equal(t.dropped, dropped);
	throttle_free(&t);
}

static void test_throttle_passes__a_bucket_for_each_key(void **state)
{
	static const struct {
		const char *rate, *text, *want;
	} rows[] = {
		{ "1/s", "a0 a0 a999 a1000 a1999 a2000 a9000 a9001", "10010110" },
		{ "3/s", "a0 a0 a0 a0 a333 a334 a334 a667 a1000 a9000 a9000 a9000 a9000",
		  "1110010111110" },
		{ "2/m", "a0 a1 a2 a29999 a30000 a60000 a60000", "1100110" },
		{ "1/h", "a0 a3599999 a3600000", "101" },
		{ "1/d", "a0 a86399999 a86400000", "101" },
		{ "2/10s", "a0 a0 a4999 a5000 a5001", "11010" },
		{ "1/s", "a0 b0 a1 b1 a1000 b999", "110010" },
		/* what was dropped costs nothing */
		{ "1/s", "a0 a500 a600 a700 a800 a1000", "100001" },
		{ "1000000/s", "a0 a0 a5", "111" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		throttle_gives(rows[i].rate, rows[i].text, rows[i].want);
}

static void test_throttle_passes__forgets_full_buckets(void **state)
{
	struct throttle t;
	char key[16];

	(void)state;
	assert_int_equal(throttle_init(&t, "5/s", 50, &err), 0);
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(key, sizeof key, "%d", i);

		throttle_passes(&t, (struct slice){ key, (size_t)n }, i * 100 * NS_PER_MS);
		assert_true(aged_count(&t.bucket) <= 11);
	}
	/* too many at once: those idle longest go */
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(key, sizeof key, "%d", i);

		assert_true(
			throttle_passes(&t, (struct slice){ key, (size_t)n }, 100 * NS_PER_SEC));
		assert_true(aged_count(&t.bucket) <= 50);
	}
	throttle_free(&t);
}

static void test_throttle_init__refuses_what_is_no_rate(void **state)
{
	static const char *const wrong[] = { "",
		                             "10",
		                             "/s",
		                             "0/s",
		                             "10/",
		                             "10/x",
		                             "-1/s",
		                             "1.5/s",
		                             "10/0s",
		                             "10/1",
		                             "10/s ",
		                             "10/100ns",
		                             "99999999999999999999/s",
		                             "9000000000000000000/d" };
	struct throttle t;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		err_clear(&err);
		if (throttle_init(&t, wrong[i], 10, &err) == 0)
			fail_msg("'%s' is taken", wrong[i]);
		assert_int_equal(err.kind, FAIL_USAGE);
	}
	assert_int_equal(throttle_init(&t, "1000000000000/s", 10, &err), 0);
	throttle_free(&t);
}

/* ---- context */

/* Records are letters, a capital one matches; '|' where grep would write "--". */
static void context_gives(const char *range, const char *text, const char *want)
{
	struct buf got = { 0 };
	struct context c;
	struct slice older;

	assert_int_equal(context_init(&c, range, &err), 0);
	for (const char *p = text; *p; p++) {
		if (!context_passes(&c, *p >= 'A' && *p <= 'Z')) {
			context_hold(&c, (struct slice){ p, 1 });
			continue;
		}
		if (c.gap)
			buf_addc(&got, '|');
		while (context_take(&c, &older))
			buf_add_slice(&got, older);
		buf_addc(&got, *p);
	}
	buf_addc(&got, '\0');
	if (strcmp(got.p, want) != 0)
		fail_msg("%s %s: got %s, want %s", range, text, got.p, want);
	buf_free(&got);
	context_free(&c);
}

static void test_context__as_grep_does(void **state)
{
	/* by GNU grep 3.8: printf 'a\nb\n...' | grep -A1 -B1 '[A-Z]' */
	static const char *const rows[][3] = {
		{ "1,1", "abcXdefghYij", "cXd|hYi" },
		{ "2,2", "abcXdYefghZ", "bcXdYefghZ" },
		{ "2", "abcXdYefghZ", "bcXdYefghZ" },
		{ "0,2", "XabcY", "X|bcY" },
		{ "2,0", "aXbcdeYf", "Xbc|Yf" },
		{ "1,1", "XYabZcdQ", "XYabZcdQ" },
		{ "1,1", "abc", "" },
		{ "1,1", "aXbcYd", "aXbcYd" },
		{ "0,0", "aXbYZ", "X|YZ" },
		{ "3,1", "aXbYcdefgZ", "aXbYcde|gZ" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		context_gives(rows[i][0], rows[i][1], rows[i][2]);
}

static void test_context_init__refuses_what_is_no_range(void **state)
{
	static const char *const wrong[] = { "",   ",",       "1,",
		                             ",1", "-1",      "1,2,3",
		                             "x",  "1000001", "1,99999999999999999999" };
	struct context c;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		err_clear(&err);
		if (context_init(&c, wrong[i], &err) == 0)
			fail_msg("'%s' is taken", wrong[i]);
		assert_int_equal(err.kind, FAIL_USAGE);
	}
	assert_int_equal(context_init(&c, "1000000,1000000", &err), 0);
	context_free(&c);
}

/* Records of any length, their room given back where it was large. */
static void test_context_hold__copies_records(void **state)
{
	static const char big[200000] = { 'x' };
	char text[] = "first";
	struct context c;
	struct slice r;

	(void)state;
	assert_int_equal(context_init(&c, "0,2", &err), 0);
	context_hold(&c, (struct slice){ big, sizeof big });
	context_hold(&c, slice_from(text));
	memset(text, '-', 5);
	assert_true(context_passes(&c, true));
	assert_true(context_take(&c, &r) && r.n == sizeof big);
	assert_true(context_take(&c, &r) && slice_same(r, SLICE("first")));
	assert_false(context_take(&c, &r));
	context_hold(&c, SLICE("a"));
	context_hold(&c, SLICE(""));
	assert_true(c.held[0].cap < 1000);
	assert_true(context_passes(&c, true));
	assert_true(context_take(&c, &r) && slice_same(r, SLICE("a")));
	assert_true(context_take(&c, &r) && r.n == 0);
	context_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dedup_passes__the_first_of_each_key),
		cmocka_unit_test(test_dedup_passes__remembers_no_more_than_it_must),
		cmocka_unit_test(test_dedup_passes__fails_at_the_limit),
		cmocka_unit_test(test_changed_passes__where_the_value_differs),
		cmocka_unit_test(test_changed_passes__fails_at_the_limit),
		cmocka_unit_test(test_sample_init__parts),
		cmocka_unit_test(test_sample_passes__by_the_generators_numbers),
		cmocka_unit_test(test_sample_has__by_the_keys_hash),
		cmocka_unit_test(test_throttle_passes__a_bucket_for_each_key),
		cmocka_unit_test(test_throttle_passes__forgets_full_buckets),
		cmocka_unit_test(test_throttle_init__refuses_what_is_no_rate),
		cmocka_unit_test(test_context__as_grep_does),
		cmocka_unit_test(test_context_init__refuses_what_is_no_range),
		cmocka_unit_test(test_context_hold__copies_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
