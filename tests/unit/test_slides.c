/* A window behind each record. */
#include "winmodel.h"

#include "window/slides.h"

WIN_KIND(slides)

static const struct row {
	const char *label;
	int64_t span;
	const char *script, *want;
} rows[] = {
	{ "both ends included; out when W is beyond the record", 5, "a1 a6 a7 W6 W7 $",
	  "-4-1 a [1]; 1-6 a [1,6]; 2-7 a [6,7]" },
	{ "W has to be beyond", 5, "a1 W1", "" },
	{ "records of one time are in each other's windows", 5, "a1:10 a1:11 a4 $",
	  "-4-1 a [10,11]; -4-1 a [10,11]; -1-4 a [10,11,4]" },
	{ "by time, then key", 5, "b2 a2 b1 $", "-4-1 b [1]; -3-2 a [2]; -3-2 b [1,2]" },
	{ "out of order", 5, "a9 a7 a5 W5 a8 a6 $",
	  "0-5 a [5]; 1-6 a [5,6]; 2-7 a [5,6,7]; 3-8 a [5,6,7,8]; 4-9 a [5,6,7,8,9]" },
	{ "late behind W", 5, "a5 W5 a4 a5 $", "late a4; 0-5 a [5,5]; 0-5 a [5,5]" },
	{ "a key that was gone comes again", 2, "a1 W9 a10 a20 $",
	  "-1-1 a [1]; 8-10 a [10]; 18-20 a [20]" },
	{ "the oldest goes: a window that does not reach back to it lacks nothing", 5,
	  "a1 a6 a7 W7 E1 a8 $", "-4-1 a [1]; 1-6 a [1,6]; 1 went; 2-7 a [6,7]; 3-8 a [6,7,8]" },
	{ "one that does is partial", 5, "a1 a3 W4 E2 a5 $",
	  "-4-1 a [1]; -2-3 a [1,3]; 2 went; 0-5 a [5] partial" },
	{ "so it is for a key that may have been there", 5, "a1 a3 W4 E1 b5 b7 $",
	  "-4-1 a [1]; -2-3 a [1,3]; 1 went; 0-5 b [5] partial; 2-7 b [5,7]" },
	{ "those that wait leave early, by time, then key; one of their time may yet come", 5,
	  "a1 b2 a2 a3 E3 a2:9 W9",
	  "-4-1 a [1] early; -3-2 a [1,2] early; -3-2 b [2] early; 3 went; "
	  "-3-2 a [9] partial; -2-3 a [9,3] partial" },
	{ "all of one time go together", 5, "a1 b1 a2 E1 W5",
	  "-4-1 a [1] early; -4-1 b [1] early; 2 went; -3-2 a [2] partial" },
	{ "nothing to go", 5, "E1 a1 E0 $", "0 went; -4-1 a [1] early; 1 went" },
};

static void start(struct win_rig *r, const char *program, int64_t span)
{
	win_start(r, program, &(struct win_opts){ 0 });
	r->kind = slides_kind(slides_new(span, &r->opts));
}

static void test_slides__tables(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct win_rig r;
		struct err e;

		start(&r, "collect(.v)", rows[i].span);
		assert_int_equal(win_script(&r, rows[i].script, &e), 0);
		wrong += differs(rows[i].label, buf_slice(&r.out), rows[i].want);
		win_end(&r);
	}
	assert_int_equal(wrong, 0);
}

/* What is behind the window is forgotten, and a key with it. */
static void test_slides__forget(void **state)
{
	struct win_rig r;
	struct err e;
	char script[80];

	(void)state;
	start(&r, "[count, max(.v)]", 10);
	for (int i = 0; i < 1000; i++) {
		snprintf(script, sizeof script, "%c%d W%d", "abc"[i / 100 % 3], i, i);
		assert_int_equal(win_script(&r, script, &e), 0);
		assert_true(slides_groups(r.kind.self) <= 30);
	}
	assert_int_equal(win_script(&r, "W5000", &e), 0);
	assert_int_equal(slides_groups(r.kind.self), 0);
	win_end(&r);
}

static void test_slides__failing_sink(void **state)
{
	static const char *const scripts[] = { "a1 a1 b1 a2 W1 $", "a1 a1 b1 a2 E4" };

	(void)state;
	for (size_t i = 0; i < ROWS(scripts); i++) {
		struct win_rig r;
		struct err e;

		err_clear(&e);
		start(&r, "count", 5);
		r.fails_after = 1;
		assert_int_equal(win_script(&r, scripts[i], &e), -1);
		assert_int_equal(e.kind, FAIL_IO);
		win_end(&r);
	}
}

/* ---- the definition: for each record those of its key in [t - span, t] */

static void run(int64_t span, const char *script, struct buf *out)
{
	struct win_rig r;
	struct err e;

	start(&r, "collect(.v)", span);
	assert_int_equal(win_script(&r, script, &e), 0);
	buf_clear(out);
	buf_add_slice(out, buf_slice(&r.out));
	buf_addc(out, '\0');
	win_end(&r);
}

static void model_run(struct model_feed *f, int64_t span, int64_t delay, struct buf *out)
{
	int64_t w = INT64_MIN;

	buf_clear(out);
	for (size_t i = 0; i < f->n; i++) {
		f->record[i].counted = f->record[i].time >= w;
		w = f->record[i].time - delay > w ? f->record[i].time - delay : w;
	}
	for (int64_t t = -100; t < 400; t++)
		for (char key = 'a'; key <= 'b'; key++)
			for (size_t i = 0; i < f->n; i++) {
				const struct model_record *r = &f->record[i];

				if (!r->counted || r->time != t || r->key != key)
					continue;
				buf_addf(out, "%s%" PRId64 "-%" PRId64 " %c ", out->n ? "; " : "",
				         t - span, t, key);
				model_list(f, key, t - span, t + 1, out);
			}
	buf_addc(out, '\0');
}

/* Take "late a5; " out of a text, wherever it stands. */
static void drop_late(char *text)
{
	char *at;

	while ((at = strstr(text, "late "))) {
		char *end = strstr(at, "; ");

		if (end)
			memmove(at, end + 2, strlen(end + 2) + 1);
		else
			at[at > text ? -2 : 0] = '\0';
	}
}

static void test_slides__as_defined(void **state)
{
	struct buf want = { 0 }, got = { 0 }, script = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 500; round++) {
		uint64_t seed = round;
		int64_t span = 1 + dice(&seed, 20), delay = dice(&seed, 20);
		struct model_feed f;

		model_random(&f, &seed, 1 + dice(&seed, 40), 1 + dice(&seed, 8), 12);
		model_script(&f, delay, &script);
		model_run(&f, span, delay, &want);
		run(span, script.p, &got);
		drop_late(got.p);
		if (differs(script.p, slice_from(got.p), want.p))
			fail_msg("round %" PRIu64 ": span %" PRId64 " delay %" PRId64, round, span,
			         delay);
		/* in any order, as long as nothing is late */
		model_random(&f, &seed, 30, 1, 20);
		for (int again = 0; again < 3; again++) {
			model_script(&f, 20, &script);
			run(span, script.p, again ? &got : &want);
			if (again && differs(script.p, slice_from(got.p), want.p))
				fail_msg("round %" PRIu64 ", shuffled", round);
			model_shuffle(&f, &seed);
		}
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&script);
}

/* ---- letting go */

static size_t count_in(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

/* Is there an "; ITEM;" in TEXT for every item of ITEMS that ends in "]"? Both are of run_apart().
 */
static bool has_unmarked(const char *text, const char *items)
{
	struct buf item = { 0 };
	bool all = true;

	items += 2;
	for (const char *end; all && (end = strstr(items, "; ")); items = end + 2) {
		if (end == items || end[-1] != ']')
			continue;
		buf_clear(&item);
		buf_adds(&item, "; ");
		buf_add(&item, items, (size_t)(end - items));
		buf_addc(&item, ';');
		buf_addc(&item, '\0');
		all = strstr(text, item.p);
	}
	buf_free(&item);
	return all;
}

/* Run a script; its results stand between "; " each. */
static void run_apart(int64_t span, const char *script, struct buf *out)
{
	struct buf got = { 0 };

	run(span, script, &got);
	buf_clear(out);
	buf_adds(out, "; ");
	buf_adds(out, got.p);
	buf_adds(out, "; ");
	buf_addc(out, '\0');
	buf_free(&got);
}

/* However much goes, each record has one result, and one without a mark lacks nothing. */
static void test_slides_evict__marks_what_lacks(void **state)
{
	struct buf want = { 0 }, got = { 0 }, script = { 0 };
	size_t early = 0, partial = 0, whole = 0;

	(void)state;
	for (uint64_t round = 1; round <= 1000; round++) {
		uint64_t seed = round;
		int64_t span = 1 + dice(&seed, 20), delay = dice(&seed, 20);
		struct model_feed f;

		model_random(&f, &seed, 1 + dice(&seed, 60), 1 + dice(&seed, 8), 12);
		model_script(&f, delay, &script);
		run_apart(span, script.p, &want);
		model_evict(&script, &seed);
		run_apart(span, script.p, &got);
		if (count_in(want.p, "]") != count_in(got.p, "]") || !has_unmarked(want.p, got.p))
			fail_msg("round %" PRIu64 ": %s: %s", round, script.p, got.p);
		early += count_in(got.p, " early");
		partial += count_in(got.p, " partial");
		whole += count_in(got.p, "];");
	}
	assert_true(early > 1000 && partial > 1000 && whole > 1000);
	buf_free(&want);
	buf_free(&got);
	buf_free(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slides__tables),
		cmocka_unit_test(test_slides__forget),
		cmocka_unit_test(test_slides__failing_sink),
		cmocka_unit_test(test_slides__as_defined),
		cmocka_unit_test(test_slides_evict__marks_what_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
