/* Sessions: by tables, and against a model that keeps every record. */
#include "winmodel.h"

#include "window/sessions.h"

WIN_KIND(sessions)

#define LIST "collect(.v)"

static const struct row {
	const char *label;
	int64_t gap, longest;
	struct win_opts opts;
	const char *script, *want;
} rows[] = {
	{ "exactly the gap apart is together; it closes when W is beyond its end",
	  5,
	  0,
	  { 0 },
	  "a1 a6 W11 a12 W12 $",
	  "1-11 a [1,6]; 12-17 a [12]" },
	{ "one more than the gap is apart", 5, 0, { 0 }, "a1 a7 $", "1-6 a [1]; 7-12 a [7]" },
	{ "a record between two sessions joins them",
	  5,
	  0,
	  { 0 },
	  "a1 a10 b4 a5 $",
	  "4-9 b [4]; 1-15 a [1,5,10]" },
	{ "order: end, start, key",
	  5,
	  0,
	  { 0 },
	  "b3 a3 c1 c3 a20 $",
	  "1-8 c [1,3]; 3-8 a [3]; 3-8 b [3]; 20-25 a [20]" },
	{ "late where it is alone and over",
	  5,
	  0,
	  { 0 },
	  "a20 W20 a14 a15 $",
	  "late a14; 15-25 a [15,20]" },
	{ "not late where it touches one that is open",
	  5,
	  0,
	  { 0 },
	  "a20 W24 a16 a12 a10 a9 $",
	  "9-25 a [9,10,12,16,20]" },
	{ "of another key it is", 5, 0, { 0 }, "a20 W24 b16 $", "late b16; 20-25 a [20]" },
	{ "before the epoch", 5, 0, { 0 }, "a-3 a2 a-20 $", "-20--15 a [-20]; -3-7 a [-3,2]" },
	{ "at the ends of what can be counted",
	  5,
	  0,
	  { 0 },
	  "a9223372036854775806 a-9223372036854775807 $",
	  "-9223372036854775807--9223372036854775802 a [-9223372036854775807]; "
	  "9223372036854775806-max a [9223372036854775806]" },
	/* corrections */
	{ "a correction may make it longer, and open again",
	  5,
	  0,
	  { .lateness = 10 },
	  "a1 W7 a2 W8 a4 W9 a7 W13 $",
	  "1-6 a [1]; 1-7 a [1,2] r1; 1-12 a [1,2,4,7] r2" },
	{ "with what is withdrawn",
	  5,
	  0,
	  { .lateness = 10, .retract = true },
	  "a1 W7 a2 W8 a4 W13 $",
	  "1-6 a [1]; 1-6 a [1] gone; 1-7 a [1,2] r1; 1-7 a [1,2] r1 gone; 1-9 a [1,2,4] r2" },
	{ "two that were said before become one",
	  5,
	  0,
	  { .lateness = 20, .retract = true },
	  "a1 a9 W16 a5 $",
	  "1-6 a [1]; 9-14 a [9]; 1-6 a [1] gone; 9-14 a [9] gone; 1-14 a [1,5,9] r1" },
	{ "one that was said and one that is open",
	  5,
	  0,
	  { .lateness = 20, .retract = true },
	  "a1 a9 W8 a5 W16",
	  "1-6 a [1]; 1-6 a [1] gone; 1-14 a [1,5,9] r1" },
	{ "corrections end with the lateness",
	  5,
	  0,
	  { .lateness = 3 },
	  "a1 W9 a1 W10 a1 a4 a5 $",
	  "1-6 a [1]; 1-6 a [1,1] r1; late a1; 4-9 a [4]; 4-10 a [4,5] r1" },
	{ "alone, it is judged with the lateness",
	  5,
	  0,
	  { .lateness = 3 },
	  "W10 a1 a2 $",
	  "late a1; 2-7 a [2]" },
	/* cut */
	{ "no longer than asked for",
	  5,
	  8,
	  { 0 },
	  "a0 a4 a8 a9 a12 $",
	  "0-13 a [0,4,8]; 9-17 a [9,12]" },
	{ "two that would be too long together stay two, and nothing is withdrawn",
	  5,
	  8,
	  { .lateness = 20, .retract = true },
	  "a0 a9 W20 a5 $",
	  "0-5 a [0]; 9-14 a [9]; 0-5 a [0] gone; 0-10 a [0,5] r1" },
	{ "the length counts from a record that comes before",
	  5,
	  8,
	  { 0 },
	  "a4 a10 a1 a5 $",
	  "1-10 a [1,4,5]; 10-15 a [10]" },
	/* early results */
	{ "behind each record",
	  5,
	  0,
	  { .emit = EMIT_UPDATE },
	  "a1 a3 a7 $",
	  "1-6 a [1] early; 1-8 a [1,3] early; 1-12 a [1,3,7] early; 1-12 a [1,3,7]" },
	{ "behind each second record",
	  5,
	  0,
	  { .emit = EMIT_COUNT, .emit_arg = 2 },
	  "a1 a3 a4 b5 a6 $",
	  "1-8 a [1,3] early; 1-11 a [1,3,4,6] early; 5-10 b [5]; 1-11 a [1,3,4,6]" },
	{ "behind two or more, where sessions join",
	  5,
	  0,
	  { .emit = EMIT_COUNT, .emit_arg = 2 },
	  "a1 a9 a5 a6 a7 $",
	  "1-14 a [1,5,9] early; 1-14 a [1,5,6,7,9] early; 1-14 a [1,5,6,7,9]" },
	{ "at multiples of event time, what has changed",
	  9,
	  0,
	  { .emit = EMIT_EVERY, .emit_arg = 5 },
	  "a1 W1 b2 W5 W6 a7 W10 W15 W20",
	  "1-10 a [1] early; 2-11 b [2] early; 1-16 a [1,7] early; 2-11 b [2]; 1-16 a [1,7]" },
};

static void start(struct win_rig *r, const char *program, const struct win_opts *opts, int64_t gap,
                  int64_t longest)
{
	win_start(r, program, opts);
	r->kind = sessions_kind(sessions_new(gap, longest, &r->opts));
}

static void test_sessions__tables(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct win_rig r;
		struct err e;

		start(&r, LIST, &rows[i].opts, rows[i].gap, rows[i].longest);
		assert_int_equal(win_script(&r, rows[i].script, &e), 0);
		wrong += differs(rows[i].label, buf_slice(&r.out), rows[i].want);
		win_end(&r);
	}
	assert_int_equal(wrong, 0);
}

/* A session that ends at W is open, or may come yet, and its event time is the instant before. */
static void test_sessions_frontier__is_below_w(void **state)
{
	(void)state;
	for (int64_t lateness = 0; lateness <= 7; lateness += 7) {
		struct win_rig r;
		struct err e;

		start(&r, "count", &(struct win_opts){ .lateness = lateness }, 5, 0);
		assert_int_equal(win_script(&r, "a15 W20", &e), 0);
		assert_true(sessions_frontier(r.kind.self, 20) == 19 - lateness);
		assert_true(sessions_frontier(r.kind.self, STAMP_MAX) == STAMP_MAX);
		win_end(&r);
	}
}

static void test_sessions__forget(void **state)
{
	struct win_rig r;
	struct err e;
	char script[80];

	(void)state;
	start(&r, "count", &(struct win_opts){ .lateness = 5 }, 2, 0);
	for (int i = 0; i < 1000; i += 4) {
		snprintf(script, sizeof script, "a%d b%d W%d", i, i, i);
		assert_int_equal(win_script(&r, script, &e), 0);
		assert_true(sessions_groups(r.kind.self) <= 6);
	}
	assert_int_equal(win_script(&r, "$", &e), 0);
	assert_int_equal(sessions_groups(r.kind.self), 0);
	win_end(&r);
}

static void test_sessions__failing_sink(void **state)
{
	static const char *const scripts[] = { "a1 a3 W10", "a1 a5 W9 a3", "a1 W10 $" };

	(void)state;
	for (size_t i = 0; i < 5 * ROWS(scripts); i++) {
		struct win_opts opts = { .lateness = 5,
			                 .retract = true,
			                 .emit = i / ROWS(scripts) ? EMIT_UPDATE : EMIT_CLOSE };
		struct win_rig r;
		struct err e;

		err_clear(&e);
		start(&r, "count", &opts, 3, 0);
		r.fails_after = (int)(i / ROWS(scripts));
		if (win_script(&r, scripts[i % ROWS(scripts)], &e) < 0)
			assert_int_equal(e.kind, FAIL_IO);
		else
			assert_true(r.fails_after >= 0);
		win_end(&r);
	}
}

/* ---- against a model: the sessions of all records that counted */

enum { FROM = -200, TO = 250 };

/* The session that starts at FIRST, of records that count. */
static bool session_at(const struct model_feed *f, char key, int64_t gap, int64_t first,
                       int64_t *last)
{
	bool starts = false, grew = true;

	*last = first;
	for (size_t i = 0; i < f->n; i++) {
		const struct model_record *r = &f->record[i];

		if (!r->counted || r->key != key)
			continue;
		starts = starts || r->time == first;
		if (r->time < first && first - r->time <= gap)
			return false;
	}
	while (starts && grew) {
		grew = false;
		for (size_t i = 0; i < f->n; i++) {
			const struct model_record *r = &f->record[i];

			if (!r->counted || r->key != key || r->time <= *last ||
			    r->time - *last > gap)
				continue;
			*last = r->time;
			grew = true;
		}
	}
	return starts;
}

static bool any_at(const struct model_feed *f, int64_t time)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->record[i].counted && f->record[i].time == time)
			return true;
	return false;
}

/* A session that is over, and takes no more corrections: it is said, and its records are gone. */
static void model_end(struct model_feed *f, char key, int64_t first, int64_t last, int64_t end,
                      struct buf *out)
{
	if (out->n)
		buf_adds(out, "; ");
	buf_addf(out, "%" PRId64 "-%" PRId64 " %c ", first, end, key);
	model_list(f, key, first, last + 1, out);
	for (size_t i = 0; i < f->n; i++) {
		struct model_record *r = &f->record[i];

		if (r->key == key && r->time >= first && r->time <= last)
			r->counted = false;
	}
}

/* The watermark is at W. */
static void model_advance(struct model_feed *f, int64_t gap, int64_t lateness, int64_t w,
                          struct buf *out)
{
	int64_t last;

	for (int64_t end = FROM; end + lateness < w; end++)
		for (int64_t first = FROM; any_at(f, end - gap) && first < end; first++)
			for (char key = 'a'; any_at(f, first) && key <= 'b'; key++)
				if (session_at(f, key, gap, first, &last) && last + gap == end)
					model_end(f, key, first, last, end, out);
}

/* Is a record late: over alone, and touches no session that is open? */
static bool model_late(const struct model_feed *f, const struct model_record *r, int64_t gap,
                       int64_t lateness, int64_t w)
{
	int64_t last;

	for (int64_t first = FROM; first < TO; first++)
		if (any_at(f, first) && session_at(f, r->key, gap, first, &last) &&
		    last + gap + lateness >= w && r->time + gap >= first && r->time - gap <= last)
			return false;
	return r->time + gap + lateness < w;
}

/* All sessions as they were in the end; with what is late, and how much that is. */
static size_t model_run(struct model_feed *f, int64_t gap, int64_t delay, int64_t lateness,
                        struct buf *out)
{
	int64_t w = FROM;
	size_t late = 0;

	buf_clear(out);
	for (size_t i = 0; i < f->n; i++) {
		struct model_record *r = &f->record[i];

		r->counted = !model_late(f, r, gap, lateness, w);
		late += !r->counted;
		if (!r->counted && !lateness) {
			buf_adds(out, out->n ? "; late " : "late ");
			buf_addf(out, "%c%" PRId64, r->key, r->time);
		}
		if (r->time - delay > w)
			model_advance(f, gap, lateness, w = r->time - delay, out);
	}
	model_advance(f, gap, lateness, TO, out);
	buf_addc(out, '\0');
	return late;
}

static void run(const struct win_opts *opts, int64_t gap, const char *script, struct buf *out)
{
	struct win_rig r;
	struct err e;

	start(&r, LIST, opts, gap, 0);
	assert_int_equal(win_script(&r, script, &e), 0);
	buf_clear(out);
	buf_add_slice(out, buf_slice(&r.out));
	buf_addc(out, '\0');
	win_end(&r);
}

static void test_sessions__as_the_model(void **state)
{
	struct buf want = { 0 }, got = { 0 }, script = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 400; round++) {
		uint64_t seed = round;
		int64_t gap = 1 + dice(&seed, 8), delay = dice(&seed, 10);
		struct model_feed f;

		model_random(&f, &seed, 1 + dice(&seed, 25), 1 + dice(&seed, 12), 20);
		model_script(&f, delay, &script);
		model_run(&f, gap, delay, 0, &want);
		run(&(struct win_opts){ 0 }, gap, script.p, &got);
		if (differs(script.p, slice_from(got.p), want.p))
			fail_msg("round %" PRIu64 ": gap %" PRId64 " delay %" PRId64, round, gap,
			         delay);
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&script);
}

static void test_sessions__any_order_within_the_delay(void **state)
{
	struct buf want = { 0 }, got = { 0 }, script = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 300; round++) {
		uint64_t seed = round;
		int64_t gap = 1 + dice(&seed, 5);
		struct model_feed f;

		model_random(&f, &seed, 20, 1, 40);
		for (int again = 0; again < 5; again++) {
			model_script(&f, 40, &script);
			run(&(struct win_opts){ 0 }, gap, script.p, again ? &got : &want);
			if (again && differs(script.p, slice_from(got.p), want.p))
				fail_msg("round %" PRIu64, round);
			model_shuffle(&f, &seed);
		}
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&script);
}

/* Cut sessions, in any order: none is longer than asked for, and each record counts once. */
static void test_sessions__cut_in_any_order(void **state)
{
	struct buf script = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 300; round++) {
		uint64_t seed = round;
		int64_t gap = 1 + dice(&seed, 9), longest = 1 + dice(&seed, 20), first, end;
		struct model_feed f;
		struct win_rig r;
		struct err e;
		char *text, *next;
		int sum = 0, n;

		model_random(&f, &seed, 40, 1 + dice(&seed, 3), 40);
		model_script(&f, 1000, &script);
		start(&r, "count", &(struct win_opts){ 0 }, gap, longest);
		assert_int_equal(win_script(&r, script.p, &e), 0);
		buf_addc(&r.out, '\0');
		for (text = r.out.p; text; text = next) {
			assert_int_equal(
				sscanf(text, "%" SCNd64 "-%" SCNd64 " %*c %d", &first, &end, &n),
				3);
			assert_true(end - gap - first <= longest);
			sum += n;
			next = strstr(text, "; ");
			next = next ? next + 2 : NULL;
		}
		assert_int_equal(sum, 40);
		assert_int_equal(sessions_groups(r.kind.self), 0);
		win_end(&r);
	}
	buf_free(&script);
}

/* Take the first "TEXT" out of the results said so far; false where it is not there. */
static bool withdraw(char said[][160], size_t *n, const char *text)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(said[i], text) == 0) {
			memmove(said[i], said[--*n], sizeof *said);
			return true;
		}
	return false;
}

/* Without marks: "1-6 a [1] r1 gone" is "1-6 a [1]". */
static const char *bare(char *text)
{
	char *end = strchr(text, ']');

	end[1] = '\0';
	return text;
}

/*
 * Of all that was said and not withdrawn nothing is left but the sessions of all records that
 * counted; and a record is late as the definition says.
 */
static void test_sessions__retractions_add_up(void **state)
{
	struct buf got = { 0 }, script = { 0 }, want = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 400; round++) {
		uint64_t seed = round;
		int64_t gap = 1 + dice(&seed, 6), delay = dice(&seed, 8);
		struct win_opts opts = { .lateness = 1 + dice(&seed, 15), .retract = true };
		char said[64][160], *text, *next;
		size_t n = 0, late;
		struct model_feed f;

		model_random(&f, &seed, 25, 1 + dice(&seed, 6), 25);
		model_script(&f, delay, &script);
		run(&opts, gap, script.p, &got);
		late = model_run(&f, gap, delay, opts.lateness, &want);
		for (text = got.p; *text; text = next) {
			bool gone;

			next = strstr(text, "; ");
			if (next)
				*next = '\0';
			next = next ? next + 2 : text + strlen(text);
			if (strncmp(text, "late ", 5) == 0) {
				late--;
				continue;
			}
			gone = strstr(text, " gone") != NULL;
			if (!gone)
				strcpy(said[n++], bare(text));
			else if (!withdraw(said, &n, bare(text)))
				fail_msg("round %" PRIu64 ": withdrawn but not said: %s", round,
				         text);
		}
		assert_int_equal(late, 0);
		for (text = want.p; *text; text = next) {
			next = strstr(text, "; ");
			if (next)
				*next = '\0';
			next = next ? next + 2 : text + strlen(text);
			if (!withdraw(said, &n, text))
				fail_msg("round %" PRIu64 ": not said: %s\n%s", round, text,
				         script.p);
		}
		assert_int_equal(n, 0);
	}
	buf_free(&got);
	buf_free(&want);
	buf_free(&script);
}

static int show(void *self, const struct win_sink *to, struct err *e)
{
	return sessions_show(self, to, e);
}

static void test_sessions_show__what_is_open(void **state)
{
	static const struct {
		const char *label;
		struct win_opts opts;
		const char *script[4]; /* before, shown, after, all results */
	} table[] = {
		{ "every one of every key",
		  { 0 },
		  { "a1 b4 a3 a20", "1-8 a [1,3] early; 20-25 a [20] early; 4-9 b [4] early",
		    "a8 $", "4-9 b [4]; 1-13 a [1,3,8]; 20-25 a [20]" } },
		{ "not those that are over, and wait for corrections",
		  { .lateness = 20 },
		  { "a1 W7 a20", "20-25 a [20] early", "a2 $",
		    "1-6 a [1]; 1-7 a [1,2] r1; 20-25 a [20]" } },
		{ "nothing", { 0 }, { "a1 W7", "", "$", "1-6 a [1]" } },
	};
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct win_rig r;

		win_start(&r, LIST, &table[i].opts);
		r.kind = sessions_kind(sessions_new(5, 0, &r.opts));
		wrong += win_show_differs(&r, show, table[i].label, table[i].script);
		win_end(&r);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions__tables),
		cmocka_unit_test(test_sessions_frontier__is_below_w),
		cmocka_unit_test(test_sessions__forget),
		cmocka_unit_test(test_sessions__failing_sink),
		cmocka_unit_test(test_sessions_show__what_is_open),
		cmocka_unit_test(test_sessions__as_the_model),
		cmocka_unit_test(test_sessions__cut_in_any_order),
		cmocka_unit_test(test_sessions__any_order_within_the_delay),
		cmocka_unit_test(test_sessions__retractions_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
