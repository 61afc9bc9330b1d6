/* pacer.h: when records leave, by a clock that the tests move. Times are in ms, as expected by
 * hand. */
#include "unit.h"

#include "base/duration.h"
#include "base/stamp.h"
#include "stream/pacer.h"

#define MS    NS_PER_MS
#define NONE  INT64_MIN
#define START (5000 * MS) /* what the clock says at the start of all tests */

/* A record: its time and what the clock says when it comes; when it is due, LEFT_OUT for never. */
struct row {
	const char *label;
	int64_t time, now, due;
	uint64_t bytes;
};

#define LEFT_OUT INT64_MIN

static struct pacer *opened(struct pacer_opts opts)
{
	if (opts.speed == 0)
		opts.speed = 1;
	return pacer_new(&opts);
}

static int64_t ns(int64_t ms)
{
	return ms == NONE ? STAMP_NONE : ms * MS;
}

/* Each leaves when it is due, or at once if that is over. */
static void play(struct pacer *p, const struct row *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t now = START + row[i].now * MS, due = 0;
		enum pace_step step = pacer_next(p, ns(row[i].time), row[i].bytes, now, &due);

		if ((step == PACE_DROP) != (row[i].due == LEFT_OUT))
			fail_msg("%s: left out, or not", row[i].label);
		if (step == PACE_DROP)
			continue;
		if (due != START + row[i].due * MS)
			fail_msg("%s: due after %lld us, not %lld ms", row[i].label,
			         (long long)(due - START) / 1000, (long long)row[i].due);
		pacer_sent(p, due > now ? due : now);
	}
}

static void played(struct pacer_opts opts, const struct row *row, size_t n)
{
	struct pacer *p = opened(opts);

	play(p, row, n);
	pacer_free(p);
}

#define PLAY(opts, row) played(opts, row, COUNT(row))

/* ---- by time */

static void test_pacer_next__at_its_own_pace(void **state)
{
	const struct row row[] = {
		{ "first, when it comes", 1000, 0, 0, 0 },
		{ "a second later", 2000, 0, 1000, 0 },
		{ "what a wait took too long does not add up", 2500, 1030, 1500, 0 },
		{ "of the same time", 2500, 1500, 1500, 0 },
		{ "later by what is tolerated", 2600, 1620, 1600, 0 },
		{ "and on schedule again", 3000, 1620, 2000, 0 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .tolerance = 100 * MS }), row);
}

static void test_pacer_next__at_another_speed(void **state)
{
	const struct row fast[] = {
		{ "first", 0, 0, 0, 0 },
		{ "10 s", 10000, 0, 1000, 0 },
		{ "an hour", 3600000, 1000, 360000, 0 },
	};
	const struct row slow[] = {
		{ "first", 0, 0, 0, 0 },
		{ "10 ms", 10, 0, 20, 0 },
		{ "25 ms", 25, 20, 50, 0 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .speed = 10 }), fast);
	PLAY(((struct pacer_opts){ .speed = 0.5 }), slow);
}

static void test_pacer_next__does_not_drift(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .speed = 3 });
	int64_t due = 0;

	(void)state;
	/* 333,333 1/3 ns between any two, over eleven days: the last one 10^15 ns behind the first
	 */
	for (int64_t i = 0; i <= 3000000; i++) {
		int64_t now = i ? due : START;

		assert_int_equal(pacer_next(p, i * 1000000 * 1000, 0, now, &due), PACE_DUE);
		pacer_sent(p, due);
	}
	assert_int_equal(due, START + INT64_C(1000000000000000));
	pacer_free(p);
}

static void test_pacer_next__out_of_order(void **state)
{
	const struct row row[] = {
		{ "first", 1000, 0, 0, 0 },
		{ "next", 3000, 0, 2000, 0 },
		{ "earlier: with the greatest", 2000, 2000, 2000, 0 },
		{ "before all", 0, 2000, 2000, 0 },
		{ "from the greatest on", 3500, 2000, 2500, 0 },
	};

	(void)state;
	PLAY((struct pacer_opts){ 0 }, row);
}

static void test_pacer_next__without_a_time(void **state)
{
	const struct row row[] = {
		{ "nothing is known yet", NONE, 0, 0, 0 },   { "nor now", NONE, 0, 0, 0 },
		{ "the first with a time", 70000, 0, 0, 0 }, { "next", 71000, 0, 1000, 0 },
		{ "with that", NONE, 1000, 1000, 0 },        { "on", 72000, 1000, 2000, 0 },
	};

	(void)state;
	PLAY((struct pacer_opts){ 0 }, row);
}

static void test_pacer_next__gaps_are_cut(void **state)
{
	const struct row row[] = {
		{ "first", 0, 0, 0, 0 },
		{ "as long as may be", 1000, 0, 500, 0 },
		{ "an hour becomes a second of event time", 3601000, 500, 1000, 0 },
		{ "on", 3601500, 1000, 1250, 0 },
	};
	const struct row far[] = {
		{ "first", -9000000000000, 0, 0, 0 },
		{ "570 years", 9000000000000, 0, 1000, 0 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .speed = 2, .max_gap = 1000 * MS }), row);
	PLAY(((struct pacer_opts){ .max_gap = 1000 * MS }), far);
}

static void test_pacer_next__beyond_all_times_is_never(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .speed = 0.001 });
	int64_t due = 0;

	(void)state;
	assert_int_equal(pacer_next(p, 0, 0, START, &due), PACE_DUE);
	pacer_sent(p, START);
	assert_int_equal(pacer_next(p, STAMP_MAX, 0, START, &due), PACE_DUE);
	assert_int_equal(due, STAMP_MAX);
	pacer_free(p);
}

static void test_pacer_next__all_at_once(void **state)
{
	const struct row row[] = {
		{ "first", 1000, 3, 3, 0 },
		{ "an hour later", 3601000, 3, 3, 0 },
		{ "whenever it comes", 3601000, 5000, 5000, 0 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .unpaced = true, .on_lag = LAG_DROP }), row);
}

/* ---- at a rate */

static void test_pacer_next__so_many_records(void **state)
{
	const struct row row[] = {
		{ "first", 1000, 0, 0, 0 },
		{ "times do not matter", 1000, 0, 250, 0 },
		{ "nor that there is none", NONE, 250, 500, 0 },
		{ "nor gaps", 9000000, 500, 750, 0 },
	};
	const struct row slow[] = { { "first", NONE, 0, 0, 0 },
		                    { "a third of a minute later", NONE, 0, 20000, 0 } };

	(void)state;
	PLAY(((struct pacer_opts){ .rate = { 4, NS_PER_SEC }, .max_gap = MS }), row);
	PLAY(((struct pacer_opts){ .rate = { 3, NS_PER_MIN } }), slow);
}

static void test_pacer_next__so_many_bytes(void **state)
{
	const struct row row[] = {
		{ "first", NONE, 0, 0, 100 },
		{ "when what is before it is through", NONE, 0, 100, 1000 },
		{ "that was long", NONE, 100, 1100, 1 },
		{ "and that was not", NONE, 1100, 1101, 5 },
	};
	const struct row both[] = {
		{ "first", NONE, 0, 0, 10 },
		{ "the rate counts", NONE, 0, 100, 490 },
		{ "the bytes count", NONE, 100, 500, 10 },
		{ "they still do", NONE, 500, 510, 10 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .bytes = 1000 }), row);
	PLAY(((struct pacer_opts){ .bytes = 1000, .rate = { 10, NS_PER_SEC } }), both);
}

static void test_pacer_next__a_rate_does_not_drift(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .rate = { 3, NS_PER_SEC } });
	int64_t due = 0;

	(void)state;
	for (int64_t i = 0; i <= 3000000; i++) {
		assert_int_equal(pacer_next(p, STAMP_NONE, 0, i ? due : START, &due), PACE_DUE);
		pacer_sent(p, due);
	}
	assert_int_equal(due, START + 1000000 * NS_PER_SEC);
	pacer_free(p);
}

/* ---- late */

static void test_pacer_next__catches_up_at_twice_the_pace(void **state)
{
	/* a record each 100 ms; the third is held up until 1000 ms */
	const struct row row[] = {
		{ "0", 0, 0, 0, 0 },
		{ "1", 100, 0, 100, 0 },
		{ "2, late by 800", 200, 1000, 1000, 0 },
		{ "3, half its distance later", 300, 1000, 1050, 0 },
		{ "4", 400, 1050, 1100, 0 },
		{ "5: what its wait took too long does not add up", 500, 1130, 1150, 0 },
		{ "6: of the same time as 5", 500, 1150, 1150, 0 },
		{ "7", 1600, 1150, 1700, 0 },
		{ "8, on schedule", 1900, 1700, 1900, 0 },
		{ "9", 2000, 1900, 2000, 0 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .tolerance = 100 * MS }), row);
}

static void test_pacer_next__stalls_again_while_it_catches_up(void **state)
{
	const struct row row[] = {
		{ "0", 0, 0, 0, 0 },
		{ "late by 900", 100, 1000, 1000, 0 },
		{ "behind, within what is tolerated", 200, 1140, 1050, 0 },
		{ "on the way", 300, 1140, 1100, 0 },
		{ "held up", 400, 2000, 2000, 0 },
		{ "from there on", 500, 2000, 2050, 0 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .tolerance = 100 * MS }), row);
}

static void test_pacer_next__catches_up_at_its_own_speed_or_rate(void **state)
{
	const struct row fast[] = {
		{ "0", 0, 0, 0, 0 },
		{ "late", 1000, 1000, 1000, 0 },
		{ "1000 ms at ten times, twice", 2000, 1000, 1050, 0 },
	};
	const struct row rate[] = {
		{ "0", NONE, 0, 0, 0 },
		{ "late", NONE, 1000, 1000, 0 },
		{ "twice the rate", NONE, 1000, 1050, 0 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .speed = 10, .tolerance = 100 * MS }), fast);
	PLAY(((struct pacer_opts){ .rate = { 10, NS_PER_SEC }, .tolerance = 100 * MS }), rate);
}

static void test_pacer_next__in_a_burst(void **state)
{
	const struct row row[] = {
		{ "0", 0, 0, 0, 0 },
		{ "late by 900", 100, 1000, 100, 0 },
		{ "by 800", 200, 1000, 200, 0 },
		{ "by nothing", 1000, 1000, 1000, 0 },
		{ "on schedule", 1100, 1000, 1100, 0 },
	};

	(void)state;
	PLAY(((struct pacer_opts){ .burst = true, .tolerance = 100 * MS }), row);
}

static void test_pacer_next__drops(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .on_lag = LAG_DROP, .tolerance = 100 * MS });
	const struct row row[] = {
		{ "0", 0, 0, 0, 0 },
		{ "as late as may be", 100, 200, 100, 0 },
		{ "too late", 150, 251, LEFT_OUT, 0 },
		{ "too late by far", 200, 5000, LEFT_OUT, 0 },
		{ "in time", 4950, 5000, 4950, 0 },
		{ "on schedule", 5500, 5000, 5500, 0 },
	};
	struct pacer_lag lag;

	(void)state;
	play(p, row, COUNT(row));
	lag = pacer_lag(p);
	assert_int_equal(lag.records, 4);
	assert_int_equal(lag.dropped, 2);
	assert_int_equal(lag.most, 100 * MS);
	assert_int_equal(lag.late, 0);
	pacer_free(p);
}

static void test_pacer_next__stretches(void **state)
{
	struct pacer *p =
		opened((struct pacer_opts){ .on_lag = LAG_STRETCH, .tolerance = 100 * MS });
	const struct row row[] = {
		{ "0", 0, 0, 0, 0 },
		{ "within what is tolerated", 100, 180, 100, 0 },
		{ "late by 800: by 100 from now on", 200, 1000, 900, 0 },
		{ "all is 700 later", 400, 1000, 1100, 0 },
		{ "at its own pace", 600, 1100, 1300, 0 },
	};
	struct pacer_lag lag;

	(void)state;
	play(p, row, COUNT(row));
	lag = pacer_lag(p);
	assert_int_equal(lag.records, 5);
	assert_int_equal(lag.stretched, 700 * MS);
	assert_int_equal(lag.most, 100 * MS);
	assert_int_equal(lag.late, 0);
	assert_int_equal(lag.now, 0);
	pacer_free(p);
}

static void test_pacer_lag__of_what_is_queued(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .tolerance = 100 * MS });
	const struct row row[] = {
		{ "0", 0, 0, 0, 0 },
		{ "late by 800", 200, 1000, 1000, 0 },
		{ "by 750", 300, 1000, 1050, 0 },
		{ "by 30, which does not matter", 1820, 1850, 1820, 0 },
	};
	struct pacer_lag lag;

	(void)state;
	play(p, row, COUNT(row));
	lag = pacer_lag(p);
	assert_int_equal(lag.records, 4);
	assert_int_equal(lag.most, 800 * MS);
	assert_int_equal(lag.late, 2);
	assert_int_equal(lag.now, 30 * MS);
	assert_int_equal(lag.dropped, 0);
	pacer_free(p);
}

/* ---- steering */

/* The next record is due at DUE. */
static void next(struct pacer *p, int64_t time, int64_t now, int64_t expected)
{
	int64_t due = 0;

	assert_int_equal(pacer_next(p, ns(time), 0, START + now * MS, &due), PACE_DUE);
	assert_int_equal(due, START + expected * MS);
}

static void test_pacer_pause__the_schedule_stands_still(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .on_lag = LAG_DROP });
	int64_t due = 0;

	(void)state;
	next(p, 0, 0, 0);
	pacer_sent(p, START);
	next(p, 1000, 0, 1000);
	assert_int_equal(pacer_position(p, START + 400 * MS), 400 * MS);
	pacer_pause(p, START + 400 * MS);
	pacer_pause(p, START + 600 * MS); /* it stands already */
	assert_int_equal(pacer_position(p, START + 60000 * MS), 400 * MS);
	pacer_resume(p, START + 60400 * MS, &due);
	assert_int_equal(due, START + 61000 * MS);
	assert_int_equal(pacer_position(p, START + 60500 * MS), 500 * MS);
	pacer_sent(p, due);
	next(p, 2000, 61000, 62000);
	due = 7;
	pacer_resume(p, START + 61000 * MS, &due); /* it goes already */
	assert_int_equal(due, 7);
	pacer_free(p);
}

static void test_pacer_step__the_record_that_waits_is_due(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ 0 });
	int64_t due = 0;

	(void)state;
	next(p, 0, 0, 0);
	pacer_sent(p, START);
	next(p, 1000, 0, 1000);
	pacer_pause(p, START + 100 * MS);
	pacer_step(p, START + 5000 * MS, &due);
	assert_int_equal(due, START + 100 * MS);
	assert_int_equal(pacer_position(p, START + 5000 * MS), 1000 * MS);
	pacer_sent(p, START + 100 * MS);
	next(p, 3000, 5000, 2100);
	pacer_resume(p, START + 10100 * MS, &due);
	/* 2 s behind the one before it */
	assert_int_equal(due, START + 12100 * MS);
	pacer_step(p, START + 11000 * MS, &due);
	assert_int_equal(due, START + 11000 * MS);
	pacer_sent(p, due);
	next(p, 4000, 11000, 12000);
	pacer_free(p);
}

static void test_pacer_speed__from_now_on(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ 0 });
	int64_t due = 0;

	(void)state;
	next(p, 0, 0, 0);
	pacer_sent(p, START);
	next(p, 1000, 0, 1000);
	pacer_speed(p, 2, START + 400 * MS, &due);
	/* 600 ms of event time are left */
	assert_int_equal(due, START + 700 * MS);
	assert_int_equal(pacer_position(p, START + 500 * MS), 600 * MS);
	pacer_speed(p, 0.5, START + 500 * MS, &due);
	assert_int_equal(due, START + 1300 * MS);
	pacer_sent(p, due);
	next(p, 1100, 1300, 1500);
	pacer_pause(p, START + 1400 * MS);
	pacer_speed(p, 5, START + 9000 * MS, &due);
	pacer_resume(p, START + 11400 * MS, &due);
	/* 50 ms of event time were left */
	assert_int_equal(due, START + 11410 * MS);
	pacer_free(p);
}

static void test_pacer_speed__of_a_rate(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .rate = { 10, NS_PER_SEC } });
	int64_t due = 0;

	(void)state;
	next(p, NONE, 0, 0);
	pacer_sent(p, START);
	next(p, NONE, 0, 100);
	pacer_speed(p, 2, START + 20 * MS, &due);
	assert_int_equal(due, START + 60 * MS);
	pacer_sent(p, due);
	next(p, NONE, 60, 110);
	pacer_free(p);
}

static void test_pacer_speed__while_it_catches_up(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .tolerance = 100 * MS });
	int64_t due = 0;

	(void)state;
	next(p, 0, 0, 0);
	pacer_sent(p, START);
	next(p, 100, 1000, 1000);
	pacer_sent(p, START + 1000 * MS);
	next(p, 300, 1000, 1100);
	/* half the way is gone; the rest at four times the pace that was asked for first */
	pacer_speed(p, 2, START + 1050 * MS, &due);
	assert_int_equal(due, START + 1075 * MS);
	pacer_free(p);
}

static void test_pacer_jump__due_when_it_comes(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .on_lag = LAG_DROP });

	(void)state;
	next(p, 5000, 0, 0);
	pacer_sent(p, START);
	next(p, 6000, 0, 1000);
	pacer_jump(p);
	next(p, 1000, 300, 300);
	pacer_sent(p, START + 300 * MS);
	next(p, 1500, 300, 800);
	pacer_free(p);
}

static void test_pacer_position__is_that_of_the_schedule(void **state)
{
	struct pacer *p = opened((struct pacer_opts){ .speed = 10, .max_gap = 1000 * MS });
	struct pacer *rate = opened((struct pacer_opts){ .rate = { 1, NS_PER_SEC } });

	(void)state;
	assert_int_equal(pacer_position(p, START), STAMP_NONE);
	next(p, 1000, 0, 0);
	assert_int_equal(pacer_position(p, START), 1000 * MS);
	pacer_sent(p, START);
	next(p, 9000, 0, 100);
	/* the last second of what was cut; before it the record that left */
	assert_int_equal(pacer_position(p, START + 50 * MS), 8500 * MS);
	assert_int_equal(pacer_position(p, START - 900 * MS), 1000 * MS);
	assert_int_equal(pacer_position(p, START + 100 * MS), 9000 * MS);
	assert_int_equal(pacer_position(p, START + 200 * MS), 9000 * MS);
	next(rate, 1000, 0, 0);
	next(rate, 5000, 0, 1000);
	assert_int_equal(pacer_position(rate, START + 999 * MS), 1000 * MS);
	assert_int_equal(pacer_position(rate, START + 1000 * MS), 5000 * MS);
	pacer_free(p);
	pacer_free(rate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pacer_next__at_its_own_pace),
		cmocka_unit_test(test_pacer_next__at_another_speed),
		cmocka_unit_test(test_pacer_next__does_not_drift),
		cmocka_unit_test(test_pacer_next__out_of_order),
		cmocka_unit_test(test_pacer_next__without_a_time),
		cmocka_unit_test(test_pacer_next__gaps_are_cut),
		cmocka_unit_test(test_pacer_next__beyond_all_times_is_never),
		cmocka_unit_test(test_pacer_next__all_at_once),
		cmocka_unit_test(test_pacer_next__so_many_records),
		cmocka_unit_test(test_pacer_next__so_many_bytes),
		cmocka_unit_test(test_pacer_next__a_rate_does_not_drift),
		cmocka_unit_test(test_pacer_next__catches_up_at_twice_the_pace),
		cmocka_unit_test(test_pacer_next__stalls_again_while_it_catches_up),
		cmocka_unit_test(test_pacer_next__catches_up_at_its_own_speed_or_rate),
		cmocka_unit_test(test_pacer_next__in_a_burst),
		cmocka_unit_test(test_pacer_next__drops),
		cmocka_unit_test(test_pacer_next__stretches),
		cmocka_unit_test(test_pacer_lag__of_what_is_queued),
		cmocka_unit_test(test_pacer_pause__the_schedule_stands_still),
		cmocka_unit_test(test_pacer_step__the_record_that_waits_is_due),
		cmocka_unit_test(test_pacer_speed__from_now_on),
		cmocka_unit_test(test_pacer_speed__of_a_rate),
		cmocka_unit_test(test_pacer_speed__while_it_catches_up),
		cmocka_unit_test(test_pacer_jump__due_when_it_comes),
		cmocka_unit_test(test_pacer_position__is_that_of_the_schedule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
