/* Windows that records open and close. */
#include "winrig.h"

#include "window/runs.h"

WIN_KIND(runs)

#define LIST "collect(.v)"

#define ALL                                                                                        \
	{                                                                                          \
		.kind = RUNS_ALL                                                                   \
	}
#define VALUE                                                                                      \
	{                                                                                          \
		.kind = RUNS_VALUE                                                                 \
	}
#define MARKED                                                                                     \
	{                                                                                          \
		.kind = RUNS_MARKED                                                                \
	}

static const struct row {
	const char *label;
	struct runs_opts runs;
	struct win_opts opts;
	const char *script, *want;
} rows[] = {
	{ "all: one window a key, from the first time to the last",
	  ALL,
	  { 0 },
	  "a5 b9 a3 W100 a7 $",
	  "3-7 a [3,5,7]; 9-9 b [9]" },
	{ "all: nothing of nothing", ALL, { 0 }, "W5 $", "" },
	{ "a new window where the value changes",
	  VALUE,
	  { 0 },
	  "a1=x a2=x b3=x a4=y a5=x a6=x $",
	  "1-2 a [1,2]; 4-4 a [4]; 3-3 b [3]; 5-6 a [5,6]" },
	{ "runs follow the order in which records come",
	  VALUE,
	  { 0 },
	  "a5=x a3=x a4=y a1=x $",
	  "3-5 a [3,5]; 4-4 a [4]; 1-1 a [1]" },
	{ "from a record to another, both included",
	  MARKED,
	  { 0 },
	  "a1 a2< a3 b4 b5<> a6> a7 a8< $",
	  "nowhere a1; nowhere b4; 5-5 b [5]; 2-6 a [2,3,6]; nowhere a7; 8-8 a [8]" },
	{ "a record that begins one within one is like others",
	  MARKED,
	  { 0 },
	  "a1< a2< a3> a4> $",
	  "1-3 a [1,2,3]; nowhere a4" },
	{ "a gap ends them too",
	  { .kind = RUNS_MARKED, .gap = 5 },
	  { 0 },
	  "a1< b2< W6 a4 W7 W8 a9 W9 W10 b3> $",
	  "2-2 b [2]; nowhere b3; 1-9 a [1,4,9]" },
	{ "without the watermark's help",
	  { .kind = RUNS_MARKED, .gap = 5 },
	  { 0 },
	  "a1< a6 a12 a13< a20< $",
	  "1-6 a [1,6]; nowhere a12; 13-13 a [13]; 20-20 a [20]" },
	{ "and a length",
	  { .kind = RUNS_MARKED, .longest = 5 },
	  { 0 },
	  "a1< a6 a7 a8< a9 $",
	  "1-6 a [1,6]; nowhere a7; 8-9 a [8,9]" },
	{ "so many records",
	  { .kind = RUNS_ROWS, .rows = 2, .every = 2 },
	  { 0 },
	  "a1 b2 a3 a4 b5 c6 $",
	  "1-3 a [1,3]; 2-5 b [2,5]; 4-4 a [4] partial; 6-6 c [6] partial" },
	{ "another one each so many",
	  { .kind = RUNS_ROWS, .rows = 3, .every = 2 },
	  { 0 },
	  "a1 a2 a3 a4 a5 $",
	  "1-3 a [1,2,3]; 3-5 a [3,4,5]; 5-5 a [5] partial" },
	{ "and at each",
	  { .kind = RUNS_ROWS, .rows = 3, .every = 1 },
	  { 0 },
	  "a1 a2 a3 a4 $",
	  "1-3 a [1,2,3]; 2-4 a [2,3,4]; 3-4 a [3,4] partial; 4-4 a [4] partial" },
	{ "at each, and the one opened first does not end first",
	  { .kind = RUNS_ROWS, .rows = 4, .every = 1 },
	  { 0 },
	  "a5 a3 b1 b2 a4 $",
	  "1-2 b [1,2] partial; 2-2 b [2] partial; 3-4 a [3,4] partial; 4-4 a [4] partial; "
	  "3-5 a [3,4,5] partial" },
	{ "with records left out between",
	  { .kind = RUNS_ROWS, .rows = 1, .every = 3 },
	  { 0 },
	  "a1 a2 a3 a4 b5 $",
	  "1-1 a [1]; 4-4 a [4]; 5-5 b [5]" },
	/* early results */
	{ "behind each record",
	  VALUE,
	  { .emit = EMIT_UPDATE },
	  "a1=x a2=x a3=y $",
	  "1-1 a [1] early; 1-2 a [1,2] early; 1-2 a [1,2]; 3-3 a [3] early; 3-3 a [3]" },
	{ "behind each record of so many but the last, whose result is final",
	  { .kind = RUNS_ROWS, .rows = 2, .every = 2 },
	  { .emit = EMIT_UPDATE },
	  "a1 a2 $",
	  "1-1 a [1] early; 1-2 a [1,2]" },
	{ "behind each second one",
	  ALL,
	  { .emit = EMIT_COUNT, .emit_arg = 2 },
	  "a1 a2 b3 a4 a5 $",
	  "1-2 a [1,2] early; 1-5 a [1,2,4,5] early; 3-3 b [3]; 1-5 a [1,2,4,5]" },
	{ "at multiples of event time",
	  ALL,
	  { .emit = EMIT_EVERY, .emit_arg = 5 },
	  "a1 W1 b4 W4 a5 W5 W9 b10 W10 $",
	  "4-4 b [4] early; 1-5 a [1,5] early; 4-10 b [4,10] early; 1-5 a [1,5]; 4-10 b [4,10]" },
};

static void start(struct win_rig *r, const char *program, const struct win_opts *opts,
                  const struct runs_opts *runs)
{
	win_start(r, program, opts);
	r->kind = runs_kind(runs_new(runs, &r->opts));
}

static void test_runs__tables(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct win_rig r;
		struct err e;

		start(&r, LIST, &rows[i].opts, &rows[i].runs);
		assert_int_equal(win_script(&r, rows[i].script, &e), 0);
		wrong += differs(rows[i].label, buf_slice(&r.out), rows[i].want);
		win_end(&r);
	}
	assert_int_equal(wrong, 0);
}

/* No later result is older than the frontier; it is not above W. */
static void test_runs_frontier__holds(void **state)
{
	static const struct {
		const char *script;
		int64_t w, want;
	} table[] = {
		{ "", 10, 9 }, /* of a record at W, whose window ends there */
		{ "a7", 10, 6 },  { "a7 b3 a12", 10, 2 },
		{ "a12", 10, 9 }, { "a7", STAMP_MAX, STAMP_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct win_rig r;
		struct err e;

		start(&r, "count", &(struct win_opts){ 0 }, &(struct runs_opts)ALL);
		assert_int_equal(win_script(&r, table[i].script, &e), 0);
		if (runs_frontier(r.kind.self, table[i].w) != table[i].want)
			fail_msg("'%s'", table[i].script);
		win_end(&r);
	}
}

/* What is held is what is open: keys that have none are forgotten, as far as they can be. */
static void test_runs__forget(void **state)
{
	static const struct runs_opts kinds[] = { { .kind = RUNS_ROWS, .rows = 2, .every = 2 },
		                                  { .kind = RUNS_MARKED } };

	(void)state;
	for (size_t k = 0; k < ROWS(kinds); k++) {
		struct win_rig r;
		struct err e;

		start(&r, "count", &(struct win_opts){ 0 }, &kinds[k]);
		for (char key = 'a'; key <= 'z'; key++) {
			char script[40];

			snprintf(script, sizeof script, "%c1< %c2>", key, key);
			assert_int_equal(win_script(&r, script, &e), 0);
			assert_int_equal(runs_groups(r.kind.self), 0);
			assert_int_equal(runs_keys(r.kind.self), 0);
		}
		win_end(&r);
	}
}

static void test_runs__failing_sink(void **state)
{
	static const struct row table[] = {
		{ "run", VALUE, { 0 }, "a1=x a2=y", "" },
		{ "mark", MARKED, { 0 }, "a1< a2>", "" },
		{ "rows", { .kind = RUNS_ROWS, .rows = 2, .every = 1 }, { 0 }, "a1 a2 $", "" },
		{ "gap", { .kind = RUNS_MARKED, .gap = 1 }, { 0 }, "a1< b1< W9", "" },
		{ "all", ALL, { .emit = EMIT_UPDATE }, "a1 $", "" },
		{ "all", ALL, { .emit = EMIT_EVERY, .emit_arg = 1 }, "a1 b1 W1 W2", "" },
		{ "all", ALL, { 0 }, "a1 b1 $", "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct win_rig r;
		struct err e;

		err_clear(&e);
		start(&r, "count", &table[i].opts, &table[i].runs);
		r.fails_after = 0;
		if (win_script(&r, table[i].script, &e) == 0)
			fail_msg("%s: no failure", table[i].label);
		assert_int_equal(e.kind, FAIL_IO);
		win_end(&r);
	}
}

static int show(void *self, const struct win_sink *to, struct err *e)
{
	return runs_show(self, to, e);
}

static void test_runs_show__what_is_open(void **state)
{
	static const struct {
		const char *label;
		struct runs_opts runs;
		const char *script[4]; /* before, shown, after, all results */
	} table[] = {
		{ "all, of each key",
		  ALL,
		  { "a5 b9 a3", "3-5 a [3,5] early; 9-9 b [9] early", "a7 $",
		    "3-7 a [3,5,7]; 9-9 b [9]" } },
		{ "the last value's",
		  VALUE,
		  { "a1=x a2=y b3=x", "2-2 a [2] early; 3-3 b [3] early", "a4=y $",
		    "1-1 a [1]; 3-3 b [3]; 2-4 a [2,4]" } },
		{ "what has begun and not ended",
		  MARKED,
		  { "a1 a2< a3> b4<", "4-4 b [4] early", "b5> $",
		    "nowhere a1; 2-3 a [2,3]; 4-5 b [4,5]" } },
		{ "nothing", MARKED, { "a2< a3>", "", "$", "2-3 a [2,3]" } },
		{ "each that has begun, of those that overlap",
		  { .kind = RUNS_ROWS, .rows = 3, .every = 1 },
		  { "a1 a2 a3 a4", "3-4 a [3,4] early; 4-4 a [4] early", "a5 $",
		    "1-3 a [1,2,3]; 2-4 a [2,3,4]; 3-5 a [3,4,5]; 4-5 a [4,5] partial; "
		    "5-5 a [5] partial" } },
	};
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		static const struct win_opts opts;
		struct win_rig r;

		win_start(&r, LIST, &opts);
		r.kind = runs_kind(runs_new(&table[i].runs, &r.opts));
		wrong += win_show_differs(&r, show, table[i].label, table[i].script);
		win_end(&r);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs__tables),
		cmocka_unit_test(test_runs_frontier__holds),
		cmocka_unit_test(test_runs__forget),
		cmocka_unit_test(test_runs__failing_sink),
		cmocka_unit_test(test_runs_show__what_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
