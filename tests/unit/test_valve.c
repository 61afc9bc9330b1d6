/*
 * valve.h: by scripts. Those that name a case of Flink's are after its StatusWatermarkValveTest,
 * numbers included.
 */
#include "unit.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/stamp.h"
#include "window/valve.h"

#include <inttypes.h>

/* "0:5" input 0 has watermark 5; "0-" it is idle; "0+" it is active again; "0!" it is over; "0*" it
 * begins anew; "+" one more joins; "o" more may join. */
struct row {
	const char *label;
	size_t inputs;
	const char *script;
	const char *merged; /* each value that the merged watermark rises to */
	bool idle;          /* all are, behind the script */
};

static const struct row rows[] = {
	/* Flink's */
	{ "one input: increasing", 1, "0:0 0:25", "0 25", false },
	{ "one input: decreasing", 1, "0:25 0:18 0:42", "25 42", false },
	{ "one input: toggling", 1, "0+ 0- 0- 0+", "", false },
	{ "one input: its watermark is intact while idle", 1, "0:25 0- 0:50 0+ 0:50", "25 50",
	  false },
	{ "one input: while idle it is not looked at", 1, "0:25 0- 0:50", "25", true },
	{ "several: only when all have one", 3, "0:0 1:0", "", false },
	{ "several: now all have one", 3, "0:0 1:0 2:0", "0", false },
	{ "several: increasing", 3, "0:0 1:0 2:0 0:12 2:8 2:10 1:15 2:17 0:20", "0 10 12 15",
	  false },
	{ "several: decreasing", 3, "0:25 1:10 2:17 0:12 1:8 2:15", "10", false },
	{ "several: toggling, all idle", 2, "0+ 1+ 1- 0- 0- 1-", "", true },
	{ "several: toggling, one is back", 2, "0+ 1+ 1- 0- 0- 1- 1+ 0+", "", false },
	{ "partially idle", 3, "0:15 1:10 2- 1:18 0:20", "10 15 18", false },
	{ "one after the other becomes idle", 3, "0:25 1:10 2:17 1- 2-", "10 17 25", false },
	{ "the greatest once all are idle", 3, "0:10 1:5 2:3 0- 1- 2-", "3 10", true },
	{ "realignment: behind, it does not count", 3, "0:10 1:7 2:3 2- 2+ 2:5", "3 7", false },
	{ "realignment: caught up, it counts", 3, "0:10 1:7 2:3 2- 2+ 2:5 2:9 1:12", "3 7 9",
	  false },
	{ "all that are active are unaligned", 3, "0:10 1:7 2- 2+ 0- 1-", "7", false },
	/* more of the same rules */
	{ "the order of becoming idle does not matter", 3, "0:10 1:5 2:3 2- 1- 0-", "3 5 10",
	  true },
	{ "the one ahead becomes idle", 3, "0:10 1:5 2:3 0- 2:7 1:8", "3 5 7", false },
	{ "never a watermark: idle lets the others go", 3, "0:4 1:6 2- 0-", "4 6", false },
	{ "idle without watermarks", 3, "0- 1- 2-", "", true },
	{ "caught up is to have reached it", 2, "0:7 1:3 1- 1+ 1:7 0:9 1:8", "3 7 8", false },
	{ "one below what was merged is not caught up", 2, "0:7 1:3 1- 1+ 1:6 0:9", "3 7 9",
	  false },
	{ "the last to leave had not caught up: nothing is passed", 3,
	  "0:20 1:10 2:5 0- 2- 2+ 1- 2-", "5 10", true },
	{ "an idle one is not behind: it counts at once", 3, "0:20 1:10 2:5 0- 0+ 2:15 1:30",
	  "5 10 15", false },
	/* Flink passes this with the input's next watermark only */
	{ "one that is ahead comes back where none counts", 3, "0:20 1:10 2:5 0- 2- 2+ 1- 0+",
	  "5 10 20", false },
	{ "one that is back after all were idle waits for the greatest", 2,
	  "0:5 1:9 0- 1- 0+ 0:8 0:9 0:11", "5 9 11", false },
	{ "at the end of time", 2, "0:5 1:max 0:9 0:max", "5 9 max", false },
	{ "one at its end does not hold the other", 2, "0:max 1:5 1-", "5 max", false },
	/* an input that is over is left out for good */
	{ "over: the others go on", 2, "0:5 1:9 0! 1:12", "5 9 12", false },
	{ "over: without a watermark", 3, "1:4 2:6 0!", "4", false },
	{ "over: one that was ahead", 3, "0:9 1:5 2:7 0! 1:8", "5 7", false },
	{ "over: all", 2, "0:5 1:9 0! 1!", "5 9 max", false },
	{ "over: all, the last one idle", 2, "0:5 1:9 0! 1- 1!", "5 9 max", false },
	{ "over: one that was idle", 2, "0:5 1:9 0- 0!", "5 9", false },
	{ "over: the others are idle, so the greatest of theirs", 3, "0:5 1:9 2:7 1- 2- 0!", "5 9",
	  true },
	{ "over: and one of them is back", 3, "0:5 1:9 2:7 1- 2- 0! 2+ 2:8 2:10", "5 9 10", false },
	{ "over: one that had not caught up, the others idle", 3, "0:20 1:10 2:5 0- 2- 2+ 1- 2!",
	  "5 10", true },
	{ "over: what it had does not count where the others become idle", 2, "0:9 1:5 0! 1-", "5",
	  true },
	/* inputs that come and go */
	{ "join: before there is a watermark it is waited for", 1, "+ 0:5 1:3 1:9", "3 5", false },
	{ "join: later it counts when it has caught up", 1, "0:5 + 0:6 1:4 0:7 1:7 0:12 1:8",
	  "5 6 7 8", false },
	{ "join: one that says nothing holds nobody", 1, "0:5 + 0:6", "5 6", false },
	{ "join: it keeps the others company where they become idle", 1, "0:5 + 0- 1:7 1:9",
	  "5 7 9", false },
	{ "join: two, the first that was is the least", 1, "0:5 + + 1:9 2:8 0:6 0:20 2:10",
	  "5 6 8 9", false },
	{ "anew: what it had is forgotten", 2, "0:5 1:9 0! 0* 1:10 0:7 0:10 1:12 0:11", "5 9 10 11",
	  false },
	{ "anew: it is over again", 2, "0:5 1:9 0! 0* 0:11 0! 1:20", "5 9 20", false },
	{ "anew: all were idle or over", 2, "0:5 1:9 0- 1! 1* 1:7 1:12", "5 9 12", false },
	{ "open: all are over, and time goes on with the next", 2, "o 0:5 1:9 0! 1! 0* 0:8 0:12",
	  "5 9 12", false },
	{ "open: all are over", 2, "o 0:5 1:9 0! 1!", "5 9", true },
	{ "open: from none at all", 0, "o + 0:5 + 0:6 1:6", "5 6", false },
	{ "equal watermarks rise once", 3, "0:5 1:5 2:5 0:5 1:5 2:5", "5", false },
	{ "before the epoch", 2, "0:-9 1:-4 0:-7 0:-1", "-9 -7 -4", false },
};

static void note(struct buf *out, int64_t w)
{
	buf_adds(out, out->n ? " " : "");
	if (w == STAMP_MAX)
		buf_adds(out, "max");
	else
		buf_addf(out, "%" PRId64, w);
}

/* One more joins, in another array. */
static bool add(struct valve *v)
{
	struct valve_input *wider = alloc_array(v->n + 1, sizeof *wider), *old = v->input;

	if (v->n)
		memcpy(wider, old, v->n * sizeof *wider);
	valve_grow(v, wider, v->n + 1);
	free(old);
	return false;
}

static bool begin(struct valve *v, size_t i)
{
	valve_begin(v, i);
	return false;
}

static bool open_up(struct valve *v)
{
	v->open = true;
	return false;
}

/* What a word of a script does to the valve; what it rises to is noted. */
static void step(struct valve *v, const char *word, struct buf *out)
{
	size_t i = (size_t)(word[0] - '0');
	int64_t before = v->w;
	bool rose;

	if (word[0] == '+')
		rose = add(v);
	else if (word[0] == 'o')
		rose = open_up(v);
	else if (word[1] == '*')
		rose = begin(v, i);
	else if (word[1] == '!')
		rose = valve_over(v, i);
	else if (word[1] == '-')
		rose = valve_idle(v, i);
	else if (word[1] == '+')
		rose = valve_active(v, i);
	else
		rose = valve_mark(v, i,
		                  strcmp(word + 2, "max") == 0 ? STAMP_MAX
		                                               : strtoll(word + 2, NULL, 10));
	assert_row(word, rose == (v->w > before));
	assert_row(word, v->w >= before);
	if (rose)
		note(out, v->w);
}

static void test_valve__tables(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct valve_input *input = alloc_array(3, sizeof *input);
		struct buf out = { 0 };
		struct valve v;
		const char *script = rows[i].script;
		char word[32];
		int n;

		valve_init(&v, input, rows[i].inputs);
		for (; sscanf(script, " %31s%n", word, &n) == 1; script += n)
			step(&v, word, &out);
		buf_addc(&out, '\0');
		if (strcmp(out.p, rows[i].merged) != 0 || v.idle != rows[i].idle) {
			print_error("%s:\n   got %s%s\n  want %s%s\n", rows[i].label, out.p,
			            v.idle ? " idle" : "", rows[i].merged,
			            rows[i].idle ? " idle" : "");
			wrong++;
		}
		buf_free(&out);
		free(v.input);
	}
	assert_int_equal(wrong, 0);
}

/*
 * The least over those that count, whatever happens in whatever order: beside a plain reading of
 * the rule over all inputs each time.
 */
static void test_valve__least_of_those_that_count(void **state)
{
	enum { INPUTS = 6 };
	struct valve_input input[INPUTS];
	struct valve v;
	uint64_t seed = 7;
	int64_t expected = STAMP_NONE;

	(void)state;
	valve_init(&v, input, INPUTS);
	for (int n = 0; n < 20000; n++) {
		size_t i;
		int64_t least = INT64_MAX;

		seed = seed * 6364136223846793005U + 1442695040888963407U;
		i = (seed >> 33) % INPUTS;
		if ((seed >> 40) % 16 == 0 && i > 0) /* input 0 is never idle: so some count */
			valve_idle(&v, i);
		else if ((seed >> 40) % 16 == 1)
			valve_active(&v, i);
		else
			valve_mark(&v, i, n - (int64_t)((seed >> 45) % 40));
		for (size_t k = 0; k < INPUTS; k++)
			if (input[k].aligned && input[k].w < least)
				least = input[k].w;
		if (least != INT64_MAX && least > expected)
			expected = least;
		if (v.w != expected)
			fail_msg("step %d: %" PRId64 ", not %" PRId64, n, v.w, expected);
	}
	assert_true(v.w > 10000);
}

/* By the clock time goes on where all are idle, and no further back. */
static void test_valve_wait__where_all_are_idle(void **state)
{
	struct valve_input input[2];
	struct valve v;

	(void)state;
	valve_init(&v, input, 2);
	assert_true(!valve_mark(&v, 0, 5) && valve_mark(&v, 1, 7));
	assert_false(valve_wait(&v, 9));
	valve_idle(&v, 0);
	assert_false(valve_wait(&v, 9));
	valve_idle(&v, 1);
	assert_int_equal(v.w, 7);
	assert_true(valve_wait(&v, 9));
	assert_false(valve_wait(&v, 8));
	assert_int_equal(v.w, 9);
	/* who comes back has to catch up */
	valve_active(&v, 0);
	assert_false(valve_mark(&v, 0, 8));
	assert_true(valve_mark(&v, 0, 10));
	assert_int_equal(v.w, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valve__tables),
		cmocka_unit_test(test_valve__least_of_those_that_count),
		cmocka_unit_test(test_valve_wait__where_all_are_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
