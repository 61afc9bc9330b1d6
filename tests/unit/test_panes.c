/* Windows with given borders: by tables, and against a model that keeps every record. */
#include "winmodel.h"

#include "window/panes.h"

WIN_KIND(panes)

struct row {
	const char *label;
	int64_t size, every; /* every < 0: cumulate */
	struct win_opts opts;
	const char *program, *script, *want;
};

static void start(struct win_rig *r, const char *program, const struct win_opts *opts, int64_t size,
                  int64_t every)
{
	struct spans spans;
	struct err e;

	err_clear(&e);
	if ((every < 0 ? spans_cumulate(&spans, size, -every, 0, &e)
	               : spans_even(&spans, size, every, 0, &e)) < 0)
		fail_msg("%s", e.text);
	win_start(r, program, opts);
	r->kind = panes_kind(panes_new(&spans, &r->opts));
}

#define LIST "collect(.v)"

static const struct row rows[] = {
	{ "a window closes when W reaches its end, not before",
	  10,
	  10,
	  { 0 },
	  LIST,
	  "a1 a9 W9 W10 a12 W20",
	  "0-10 a [1,9]; 10-20 a [12]" },
	{ "a record of its end is in the next one",
	  10,
	  10,
	  { 0 },
	  LIST,
	  "a10 a9 $",
	  "0-10 a [9]; 10-20 a [10]" },
	{ "order: end, then key",
	  10,
	  10,
	  { 0 },
	  LIST,
	  "b15 b5 a15 c5 a5 $",
	  "0-10 a [5]; 0-10 b [5]; 0-10 c [5]; 10-20 a [15]; 10-20 b [15]" },
	{ "late where the window is over",
	  10,
	  10,
	  { 0 },
	  LIST,
	  "a12 W12 a9 a11 $",
	  "late a9; 10-20 a "
	  "[11,12]" },
	{ "late too where nothing had come for it",
	  10,
	  10,
	  { 0 },
	  LIST,
	  "W30 a5 a29 a30 $",
	  "late a5; late a29; 30-40 a [30]" },
	{ "before the epoch",
	  10,
	  10,
	  { 0 },
	  LIST,
	  "a-1 a-10 a-11 W0 $",
	  "-20--10 a [-11]; -10-0 a [-10,-1]" },
	{ "hopping: a record counts in each window that holds it",
	  10,
	  5,
	  { 0 },
	  LIST,
	  "a3 a7 $",
	  "-5-5 a [3]; 0-10 a [3,7]; 5-15 a [7]" },
	{ "hopping: lost to those that are over alone",
	  10,
	  5,
	  { 0 },
	  LIST,
	  "a7 W7 a3 $",
	  "missed a3; 0-10 a [3,7]; 5-15 a [7]" },
	{ "hops longer than windows",
	  3,
	  10,
	  { 0 },
	  LIST,
	  "a2 a3 a10 W9 a12 a14 $",
	  "nowhere a3; 0-3 a [2]; nowhere a14; 10-13 a [10,12]" },
	{ "cumulative: a key shows from its first record on",
	  12,
	  -4,
	  { 0 },
	  LIST,
	  "a1 b5 a13 $",
	  "0-4 a [1]; 0-8 a [1]; 0-8 b [5]; 0-12 a [1]; 0-12 b [5]; 12-16 a [13]; 12-20 a [13]; "
	  "12-24 a [13]" },
	{ "cumulative: late",
	  12,
	  -4,
	  { 0 },
	  LIST,
	  "a5 W5 a1 $",
	  "missed a1; 0-8 a [1,5]; 0-12 a [1,5]" },
	/* corrections */
	{ "each late record corrects, as long as lateness lasts",
	  10,
	  10,
	  { .lateness = 5 },
	  LIST,
	  "a1 W10 a2 W14 a3 W15 a4 $",
	  "0-10 a [1]; 0-10 a [1,2] r1; 0-10 a [1,2,3] r2; late a4" },
	{ "a key that comes late is no correction",
	  10,
	  10,
	  { .lateness = 5 },
	  LIST,
	  "a1 W10 b2 b3 $",
	  "0-10 a [1]; 0-10 b [2]; 0-10 b [2,3] r1" },
	{ "with what is withdrawn",
	  10,
	  10,
	  { .lateness = 5, .retract = true },
	  LIST,
	  "a1 W10 a2 b3 b4 $",
	  "0-10 a [1]; 0-10 a [1] gone; 0-10 a [1,2] r1; 0-10 b [3]; 0-10 b [3] gone; "
	  "0-10 b [3,4] r1" },
	{ "hopping: every window that is over",
	  10,
	  5,
	  { .lateness = 20 },
	  LIST,
	  "a7 W15 a7:8 $",
	  "0-10 a [7]; 5-15 a [7]; 0-10 a [7,8] r1; 5-15 a [7,8] r1" },
	{ "hopping: one corrected, one open, one lost",
	  9,
	  3,
	  { .lateness = 3 },
	  LIST,
	  "a8 W13 a4 $",
	  "0-9 a [8]; 3-12 a [8]; 3-12 a [4,8] r1; missed a4; 6-15 a [8]" },
	/* early results */
	{ "behind each record",
	  10,
	  10,
	  { .emit = EMIT_UPDATE },
	  LIST,
	  "a1 b2 a3 W10",
	  "0-10 a [1] early; 0-10 b [2] early; 0-10 a [1,3] early; 0-10 a [1,3]; 0-10 b [2]" },
	{ "behind each second one of a window and key",
	  10,
	  5,
	  { .emit = EMIT_COUNT, .emit_arg = 2 },
	  LIST,
	  "a1 b2 a6 a7 $",
	  "0-10 a [1,6] early; 5-15 a [6,7] early; -5-5 a [1]; -5-5 b [2]; 0-10 a [1,6,7]; "
	  "0-10 b [2]; 5-15 a [6,7]" },
	{ "at multiples of event time, what has changed",
	  20,
	  20,
	  { .emit = EMIT_EVERY, .emit_arg = 5 },
	  LIST,
	  "a1 W1 b2 W5 W6 a7 W10 W15 W20",
	  "0-20 a [1] early; 0-20 b [2] early; 0-20 a [1,7] early; 0-20 a [1,7]; 0-20 b [2]" },
	{ "multiples before the epoch",
	  40,
	  40,
	  { .emit = EMIT_EVERY, .emit_arg = 10 },
	  LIST,
	  "a-35 W-35 a-34 W-31 W-30 a-29 W-29 W-20 W-11 a-5 W-9 W-5 W-1 $",
	  "-40-0 a [-35,-34] early; -40-0 a [-35,-34,-29] early; -40-0 a [-35,-34,-29,-5] early; "
	  "-40-0 a [-35,-34,-29,-5]" },
	{ "early, final and corrected",
	  10,
	  10,
	  { .emit = EMIT_UPDATE, .lateness = 5 },
	  LIST,
	  "a1 W10 a2 $",
	  "0-10 a [1] early; 0-10 a [1]; 0-10 a [1,2] r1" },
	/* windows without records */
	{ "filled as long as a key had records within so long before",
	  10,
	  10,
	  { .fill = FILL_EMPTY, .fill_for = 15 },
	  "[count, sum(.v)]",
	  "a1 b9 W10 W20 a35 W30 W60 $",
	  "0-10 a [1,1]; 0-10 b [1,9]; 10-20 a [0,null]; 10-20 b [0,null]; 20-30 b [0,null]; "
	  "30-40 a [1,35]; 40-50 a [0,null]; 50-60 a [0,null]" },
	{ "as time stands, not as records come",
	  10,
	  10,
	  { .fill = FILL_EMPTY, .fill_for = 100 },
	  "count",
	  "a35 b25 a1 $",
	  "0-10 a 1; 10-20 a 0; 20-30 a 0; 20-30 b 1; 30-40 a 1; 30-40 b 0" },
	{ "with what was before",
	  10,
	  10,
	  { .fill = FILL_PREVIOUS, .fill_for = 100 },
	  "[count, last(.v)]",
	  "a1 a7 b8 b25 a41 $",
	  "0-10 a [2,7]; 0-10 b [1,8]; 10-20 a [2,7]; 10-20 b [1,8]; 20-30 a [2,7]; "
	  "20-30 b [1,25]; 30-40 a [2,7]; 30-40 b [1,25]; 40-50 a [1,41]; 40-50 b [1,25]" },
	{ "hopping",
	  10,
	  5,
	  { .fill = FILL_EMPTY, .fill_for = 12 },
	  "count",
	  "a1 W40 a46 $",
	  "-5-5 a 1; 0-10 a 1; 5-15 a 0; 10-20 a 0; 40-50 a 1; 45-55 a 1" },
	{ "before the epoch, previous",
	  10,
	  5,
	  { .fill = FILL_PREVIOUS, .fill_for = 10 },
	  "last(.v)",
	  "a-28 W5 $",
	  "-35--25 a -28; -30--20 a -28; -25--15 a -28; -20--10 a -28" },
	{ "a record that comes late corrects what was filled",
	  10,
	  10,
	  { .fill = FILL_EMPTY, .fill_for = 50, .lateness = 20, .retract = true },
	  "count",
	  "a1 W20 a12 b15 W25 $",
	  "0-10 a 1; 10-20 a 0; 10-20 a 0 gone; 10-20 a 1 r1; 10-20 b 1" },
	/* a rise across a border counts in the later window: that is what is carried */
	{ "increase adds up over windows",
	  10,
	  10,
	  { 0 },
	  "increase(.v)",
	  "a1:5 a9:7 W10 a12:10 W20 a35:14 $",
	  "0-10 a 2; 10-20 a 3; 30-40 a 4" },
	/* letting go of the oldest slices: what a window says of them, and then, adds up */
	{ "tumbling: a window goes, and begins anew",
	  10,
	  10,
	  { 0 },
	  LIST,
	  "b2 a1 a12 E2 a3 $",
	  "0-10 a [1] early; 0-10 b [2] early; 2 went; 0-10 a [3]; 10-20 a [12]" },
	{ "as many slices as it takes",
	  10,
	  10,
	  { 0 },
	  LIST,
	  "a1 a11 b11 a21 E2 $",
	  "0-10 a [1] early; 10-20 a [11] early; 10-20 b [11] early; 3 went; 20-30 a [21]" },
	{ "hopping: every window of the slice says what goes",
	  10,
	  5,
	  { 0 },
	  LIST,
	  "a3 a7 b12 E1 a4 $",
	  "-5-5 a [3] early; 0-10 a [3] early; 2 went; -5-5 a [4]; 0-10 a [4,7]; 5-15 a [7]; "
	  "5-15 b [12]; 10-20 b [12]" },
	{ "hopping: slices that go together are one result",
	  10,
	  5,
	  { 0 },
	  LIST,
	  "a3 a7 b8 b12 E3 $",
	  "-5-5 a [3] early; 0-10 a [3,7] early; 0-10 b [8] early; 5-15 a [7] early; "
	  "5-15 b [8] early; 5 went; 5-15 b [12]; 10-20 b [12]" },
	{ "hopping: not those that had theirs",
	  10,
	  5,
	  { 0 },
	  LIST,
	  "a3 a7 W5 E1 $",
	  "-5-5 a [3]; 0-10 a [3] early; 1 went; 0-10 a [7]; 5-15 a [7]" },
	{ "cumulative",
	  12,
	  -4,
	  { 0 },
	  LIST,
	  "a1 b5 a9 E2 a2 $",
	  "0-4 a [1] early; 0-8 a [1] early; 0-8 b [5] early; 0-12 a [1] early; "
	  "0-12 b [5] early; 5 went; 0-4 a [2]; 0-8 a [2]; 0-12 a [2,9]" },
	{ "kept for corrections alone: nothing to say, and these are of what is left",
	  10,
	  5,
	  { .lateness = 20 },
	  LIST,
	  "a3 a7 W15 E1 a4 $",
	  "-5-5 a [3]; 0-10 a [3,7]; 5-15 a [7]; 1 went; -5-5 a [4]; 0-10 a [4,7] r1" },
	{ "what was said early is said again",
	  20,
	  20,
	  { .emit = EMIT_EVERY, .emit_arg = 5 },
	  LIST,
	  "a1 W1 W5 E1 $",
	  "0-20 a [1] early; 0-20 a [1] early; 1 went" },
	{ "a rise across what went counts",
	  10,
	  10,
	  { 0 },
	  "increase(.v)",
	  "a1:5 a9:7 a12:10 E1 a14:11 W20",
	  "0-10 a 2 early; 1 went; 10-20 a 4" },
	{ "but what was carried is forgotten where it is of many more keys than are held",
	  10,
	  10,
	  { 0 },
	  "increase(.v)",
	  "a1:5 b1:1 c1:1 W10 a12:10 E1 a13:11 W20",
	  "0-10 a null; 0-10 b null; 0-10 c null; 10-20 a null early; 1 went; 10-20 a 1" },
	{ "a key whose last window went is not filled",
	  10,
	  10,
	  { .fill = FILL_EMPTY, .fill_for = 100 },
	  "count",
	  "a1 W10 b25 c35 E1 W40",
	  "0-10 a 1; 20-30 b 1 early; 1 went; 30-40 c 1" },
};

static void test_panes__tables(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct win_rig r;
		struct err e;

		start(&r, rows[i].program, &rows[i].opts, rows[i].size, rows[i].every);
		assert_int_equal(win_script(&r, rows[i].script, &e), 0);
		wrong += differs(rows[i].label, buf_slice(&r.out), rows[i].want);
		win_end(&r);
	}
	assert_int_equal(wrong, 0);
}

/* The least event time of a result that may yet come: a window that is open ends beyond W. */
static void test_panes_frontier__holds(void **state)
{
	(void)state;
	for (int64_t lateness = 0; lateness <= 7; lateness += 7) {
		struct win_rig r;
		struct err e;

		start(&r, "count", &(struct win_opts){ .lateness = lateness }, 10, 10);
		assert_int_equal(win_script(&r, "a15 W20", &e), 0);
		assert_true(panes_frontier(r.kind.self, 20) == 20 - lateness);
		assert_true(panes_frontier(r.kind.self, STAMP_MAX) == STAMP_MAX);
		win_end(&r);
	}
}

/* What is over is forgotten, so that memory does not grow with the stream. */
static void test_panes__forget(void **state)
{
	struct win_rig r;
	struct err e;
	char script[80];

	(void)state;
	start(&r, "count", &(struct win_opts){ .lateness = 20 }, 10, 5);
	for (int i = 0; i < 1000; i++) {
		snprintf(script, sizeof script, "a%d b%d a%d W%d", i, i, i - 15, i);
		assert_int_equal(win_script(&r, script, &e), 0);
		/* slices of 5 from i - 30 on */
		assert_true(panes_groups(r.kind.self) <= 2 * 7);
	}
	assert_int_equal(win_script(&r, "$", &e), 0);
	assert_int_equal(panes_groups(r.kind.self), 0);
	win_end(&r);
}

/* A sink that fails ends it, wherever a result was to leave. */
static void test_panes__failing_sink(void **state)
{
	static const char *const scripts[] = { "a1 a11 W10", "a1 W10 a2", "a1 W10 $",
		                               "a1 b1 a11 E9" };

	(void)state;
	for (size_t i = 0; i < 3 * ROWS(scripts); i++) {
		struct win_opts opts = { .lateness = 5,
			                 .retract = true,
			                 .emit = i / ROWS(scripts) ? EMIT_UPDATE : EMIT_CLOSE };
		struct win_rig r;
		struct err e;

		err_clear(&e);
		start(&r, "count", &opts, 10, 10);
		r.fails_after = i / ROWS(scripts) == 2;
		if (win_script(&r, scripts[i % ROWS(scripts)], &e) < 0)
			assert_int_equal(e.kind, FAIL_IO);
		else
			assert_true(r.fails_after >= 0);
		win_end(&r);
	}
}

/* ---- against the model */

struct setting {
	int64_t size, every, delay, lateness;
	bool retract;
};

static void enlist(struct buf *out, const char *what)
{
	if (out->n)
		buf_adds(out, "; ");
	buf_adds(out, what);
}

/* The result of a window and key, if it has records. */
static bool model_result(const struct model_feed *f, int64_t from, int64_t to, char key,
                         const char *mark, struct buf *out)
{
	size_t n = out->n;

	enlist(out, "");
	buf_addf(out, "%" PRId64 "-%" PRId64 " %c ", from, to, key);
	if (model_list(f, key, from, to, out)) {
		buf_adds(out, mark);
		return true;
	}
	out->n = n;
	return false;
}

enum { FIRST = -100, LAST = 400 }; /* all windows of all tests end between */

/* Windows [from, to) of the setting that end at TO; several of them with cumulate never: one. */
static bool window_ending(const struct setting *s, int64_t to, int64_t *from)
{
	int64_t every = s->every < 0 ? -s->every : s->every;
	int64_t phase = s->every < 0 ? to : to - s->size;

	if ((phase % every + every) % every != 0)
		return false;
	*from = to - s->size;
	if (s->every < 0) /* the block that it lies in */
		*from = ((to - 1 + 1000 * s->size) / s->size - 1000) * s->size;
	return true;
}

static void model_fire(const struct setting *s, const struct model_feed *f, int64_t after,
                       int64_t w, struct buf *out)
{
	int64_t from;

	for (int64_t to = FIRST; to <= LAST; to++)
		for (char key = 'a'; to > after && to <= w && key <= 'b'; key++)
			if (window_ending(s, to, &from))
				model_result(f, from, to, key, "", out);
}

/* How often each window and key had a result. */
static int results[LAST - FIRST + 1][2];

static void model_correct(const struct setting *s, struct model_feed *f, size_t i, int64_t w,
                          bool before, struct buf *out)
{
	struct model_record *r = &f->record[i];
	char mark[16];
	int64_t from;

	for (int64_t to = FIRST; to <= LAST; to++) {
		int *n = &results[to - FIRST][r->key - 'a'];

		if (!window_ending(s, to, &from) || r->time < from || r->time >= to || to > w ||
		    to + s->lateness <= w)
			continue;
		if (before) {
			struct buf none = { 0 };

			/* what W made leave before, is not noted there */
			if (*n == 0 && model_result(f, from, to, r->key, "", &none))
				*n = 1;
			buf_free(&none);
			snprintf(mark, sizeof mark, *n > 1 ? " r%d gone" : " gone", *n - 1);
			if (*n && s->retract)
				model_result(f, from, to, r->key, mark, out);
		} else {
			mark[0] = '\0';
			if (*n)
				snprintf(mark, sizeof mark, " r%d", *n);
			model_result(f, from, to, r->key, mark, out);
			++*n;
		}
	}
}

static void model_run(const struct setting *s, struct model_feed *f, struct buf *out)
{
	int64_t w = INT64_MIN / 2, next, from;

	memset(results, 0, sizeof results);
	for (size_t i = 0; i < f->n; i++) {
		struct model_record *r = &f->record[i];
		bool some = false, all = true, any = false;

		for (int64_t to = FIRST; to <= LAST; to++) {
			if (!window_ending(s, to, &from) || r->time < from || r->time >= to)
				continue;
			any = true;
			if (to + s->lateness <= w)
				some = true;
			else
				all = false;
		}
		if (!any || all) {
			enlist(out, any ? "late " : "nowhere ");
			buf_addf(out, "%c%" PRId64, r->key, r->time);
		} else {
			model_correct(s, f, i, w, true, out);
			r->counted = true;
			model_correct(s, f, i, w, false, out);
			if (some) {
				enlist(out, "missed ");
				buf_addf(out, "%c%" PRId64, r->key, r->time);
			}
		}
		next = r->time - s->delay;
		if (next > w) {
			model_fire(s, f, w, next, out);
			w = next;
		}
	}
	model_fire(s, f, w, LAST, out);
}

static void run(const struct setting *s, const char *script, struct buf *out)
{
	struct win_rig r;
	struct err e;

	start(&r, LIST, &(struct win_opts){ .lateness = s->lateness, .retract = s->retract },
	      s->size, s->every);
	assert_int_equal(win_script(&r, script, &e), 0);
	buf_clear(out);
	buf_add_slice(out, buf_slice(&r.out));
	win_end(&r);
}

/* From the first result on: what lies between windows is said in the order of arrival. */
static const char *results_of(const char *text)
{
	while (strncmp(text, "nowhere ", 8) == 0)
		text = strstr(text, "; ") ? strstr(text, "; ") + 2 : "";
	return text;
}

static void random_setting(struct setting *s, uint64_t *seed)
{
	s->size = 1 + dice(seed, 15);
	s->every = dice(seed, 3) ? 1 + dice(seed, 12) : s->size;
	if (dice(seed, 5) == 0) {
		s->every = -1 - (int64_t)dice(seed, 5);
		s->size = -s->every * (1 + dice(seed, 4));
	}
	s->delay = dice(seed, 10);
	s->lateness = dice(seed, 2) ? dice(seed, 12) : 0;
	s->retract = s->lateness && dice(seed, 2);
}

static void test_panes__as_the_model(void **state)
{
	struct buf want = { 0 }, got = { 0 }, script = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 1500; round++) {
		uint64_t seed = round;
		struct model_feed f;
		struct setting s;

		random_setting(&s, &seed);
		model_random(&f, &seed, 1 + dice(&seed, 25), 1 + dice(&seed, 9), 20);
		model_script(&f, s.delay, &script);
		buf_clear(&want);
		model_run(&s, &f, &want);
		buf_addc(&want, '\0');
		run(&s, script.p, &got);
		if (differs(script.p, buf_slice(&got), want.p))
			fail_msg("round %" PRIu64 ": size %" PRId64 " every %" PRId64
			         " delay %" PRId64 " lateness %" PRId64,
			         round, s.size, s.every, s.delay, s.lateness);
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&script);
}

/* ---- letting go */

/* What results count, by the end of their window, which tells it, and key. */
struct counted {
	int n[LAST - FIRST + 1][2];
	int results, early;
};

static void count_results(const char *text, struct counted *c)
{
	int64_t from, to;
	char key;
	int n, used;

	*c = (struct counted){ 0 };
	for (; text; text = strstr(text, "; ") ? strstr(text, "; ") + 2 : NULL) {
		if (sscanf(text, "%" SCNd64 "-%" SCNd64 " %c %d%n", &from, &to, &key, &n, &used) !=
		    4)
			continue; /* late, nowhere, missed, went */
		c->n[to - FIRST][key - 'a'] += n;
		c->results++;
		c->early += strncmp(text + used, " early", 6) == 0;
	}
}

/* However much has to go, each record counts once in each of its windows. */
static void test_panes_evict__results_add_up(void **state)
{
	static struct counted want, got;
	struct buf script = { 0 };
	int early = 0;

	(void)state;
	for (uint64_t round = 1; round <= 1000; round++) {
		uint64_t seed = round;
		struct model_feed f;
		struct setting s;

		random_setting(&s, &seed);
		model_random(&f, &seed, 1 + dice(&seed, 60), 1 + dice(&seed, 9), 20);
		model_script(&f, s.delay, &script);
		for (int evicts = 0; evicts < 2; evicts++) {
			struct win_rig r;
			struct err e;

			if (evicts)
				model_evict(&script, &seed);
			start(&r, "count", &(struct win_opts){ 0 }, s.size, s.every);
			assert_int_equal(win_script(&r, script.p, &e), 0);
			assert_int_equal(panes_groups(r.kind.self), 0);
			buf_addc(&r.out, '\0');
			count_results(r.out.p, evicts ? &got : &want);
			win_end(&r);
		}
		if (memcmp(want.n, got.n, sizeof want.n) != 0)
			fail_msg("round %" PRIu64 ": %s", round, script.p);
		assert_int_equal(want.early, 0);
		early += got.early;
	}
	assert_true(early > 1000);
	buf_free(&script);
}

/* Records that lie no further apart than the delay may come in any order. */
static void test_panes__any_order_within_the_delay(void **state)
{
	struct buf want = { 0 }, got = { 0 }, script = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 300; round++) {
		uint64_t seed = round;
		struct model_feed f;
		struct setting s;

		random_setting(&s, &seed);
		s.delay = 20;
		model_random(&f, &seed, 20, 1, 20); /* all within 20 */
		for (int again = 0; again < 5; again++) {
			model_script(&f, s.delay, &script);
			run(&s, script.p, again ? &got : &want);
			buf_addc(again ? &got : &want, '\0');
			if (again &&
			    differs(script.p, slice_from(results_of(got.p)), results_of(want.p)))
				fail_msg("round %" PRIu64, round);
			assert_null(strstr(want.p, "late"));
			model_shuffle(&f, &seed);
		}
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&script);
}

static int show(void *self, const struct win_sink *to, struct err *e)
{
	return panes_show(self, to, e);
}

static void test_panes_show__what_is_open(void **state)
{
	static const struct {
		const char *label;
		int64_t size, every;
		struct win_opts opts;
		const char *script[4]; /* before, shown, after, all results */
	} table[] = {
		{ "by window and key",
		  10,
		  10,
		  { 0 },
		  { "b12 a1 a3", "0-10 a [1,3] early; 10-20 b [12] early", "a4 $",
		    "0-10 a [1,3,4]; 10-20 b [12]" } },
		{ "not what is over",
		  10,
		  10,
		  { .lateness = 10 },
		  { "a1 W10 a12", "10-20 a [12] early", "a2 $",
		    "0-10 a [1]; 0-10 a [1,2] r1; 10-20 a [12]" } },
		{ "nothing", 10, 10, { 0 }, { "a1 W10", "", "a12 $", "0-10 a [1]; 10-20 a [12]" } },
		{ "hopping: the window that is due first",
		  10,
		  5,
		  { 0 },
		  { "a7", "0-10 a [7] early", "$", "0-10 a [7]; 5-15 a [7]" } },
		{ "hopping: the next where that is over",
		  10,
		  5,
		  { 0 },
		  { "a7 W10 a11", "5-15 a [7,11] early", "$",
		    "0-10 a [7]; 5-15 a [7,11]; 10-20 a [11]" } },
		{ "cumulative: of each step the window that ends with it",
		  10,
		  -5,
		  { 0 },
		  { "a3 a7", "0-10 a [3,7] early; 0-5 a [3] early", "$",
		    "0-5 a [3]; 0-10 a [3,7]" } },
	};
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct win_rig r;

		start(&r, LIST, &table[i].opts, table[i].size, table[i].every);
		wrong += win_show_differs(&r, show, table[i].label, table[i].script);
		win_end(&r);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_panes__tables),
		cmocka_unit_test(test_panes_frontier__holds),
		cmocka_unit_test(test_panes__forget),
		cmocka_unit_test(test_panes__failing_sink),
		cmocka_unit_test(test_panes_show__what_is_open),
		cmocka_unit_test(test_panes__as_the_model),
		cmocka_unit_test(test_panes_evict__results_add_up),
		cmocka_unit_test(test_panes__any_order_within_the_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
