/* Notes of when lines came: written, read, taken off. */
#include "feedrig.h"

#include "stream/recorded.h"

static void test_recorded__note(void **state)
{
	static const struct {
		int64_t time;
		const char *note;
	} rows[] = {
		{ INT64_C(1764380000123456789), "1764380000.123456789 " },
		{ INT64_C(1764380000000000000), "1764380000.000000000 " },
		{ INT64_C(1764380000000000001), "1764380000.000000001 " },
		{ 1, "0000000000.000000001 " }, /* so that they sort as texts */
		{ INT64_C(9223372035999999999), "9223372035.999999999 " },
	};
	struct buf to = { 0 };
	int64_t time;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&to);
		buf_addc(&to, '|');
		recorded_note(&to, rows[i].time);
		assert_slice("note", ((struct slice){ to.p + 1, to.n - 1 }),
		             slice_from(rows[i].note));
		assert_int_equal(recorded_time(slice_from(rows[i].note), &time), 21);
		assert_int_equal(time, rows[i].time);
	}
	buf_free(&to);
}

static void test_recorded__time(void **state)
{
	static const struct {
		const char *line;
		size_t n;
		int64_t time;
	} rows[] = {
		{ "1764380000.123456789 GET /", 21, INT64_C(1764380000123456789) },
		{ "1764380000.123456789 \n", 21, INT64_C(1764380000123456789) },
		{ "1764380000.123456789  x", 21, INT64_C(1764380000123456789) },
		{ "5.000000000 x", 12, INT64_C(5000000000) },
		{ "1764380000.123456789", 0, 0 },
		{ "1764380000.123456789\n", 0, 0 },
		{ "1764380000.123456789\tx", 0, 0 },
		{ "1764380000.12345678 x", 0, 0 },
		{ "1764380000.1234567890 x", 0, 0 },
		{ "17643800000.123456789 x", 0, 0 },
		{ "9223372036.854775807 x", 0, 0 },
		{ "-764380000.123456789 x", 0, 0 },
		{ ".123456789 x", 0, 0 },
		{ "1764380000 x", 0, 0 },
		{ "1764380000", 0, 0 },
		{ "x", 0, 0 },
		{ "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t time = 0;

		assert_row(rows[i].line,
		           recorded_time(slice_from(rows[i].line), &time) == rows[i].n);
		assert_row(rows[i].line, time == rows[i].time);
	}
}

/* The times of all lines, "-" where there is none. */
static void times(const struct rig_step *steps, const char *want)
{
	struct feedrig f = { .step = steps };
	struct feed feed = feedrig_feed(&f);
	struct flow flow = recorded_new(feed_flow(feed));
	struct batch b = { 0 };
	struct buf log = { 0 };
	struct err e;
	enum got got;

	err_clear(&e);
	while ((got = flow.ops->next(flow.self, &b, &e)) != GOT_END) {
		uint64_t n = got == GOT_LINES ? lines_count(b.lines) : got == GOT_LONG;

		for (uint64_t i = 0; i < n; i++) {
			int64_t time = got == GOT_LINES ? b.places[i].time : b.place.time;

			if (time == STAMP_NONE)
				buf_adds(&log, "- ");
			else
				buf_addf(&log, "%" PRId64 " ", time);
		}
		assert_true(got != GOT_LINES || b.place.time == b.places[0].time);
		b = (struct batch){ 0 };
	}
	flow.ops->free(flow.self);
	assert_slice("times", buf_slice(&log), slice_from(want));
	buf_free(&log);
}

/* All that comes. */
static void gives(const struct rig_step *steps, bool cuts, const char *want)
{
	struct feedrig f = { .step = steps, .cuts = cuts };
	struct feed feed = feedrig_feed(&f);
	struct buf log = { 0 };

	feedrig_read(&f, recorded_new(feed_flow(feed)), (struct feedrig_show){ 0 }, &log);
	assert_slice("lines", buf_slice(&log), slice_from(want));
	buf_free(&log);
}

static void test_recorded__flow(void **state)
{
	static const struct rig_step steps[] = {
		FIRST(0, "1764380000.000000001 a\n1764380000.000000002 \n"),
		TICK(0),
		FIRST(1, "1764380000.000000003  b c\n"),
		FAILS("broken"),
		LAST(0, "1764380000.000000004 \"d\"\n"),
		DONE,
	};

	(void)state;
	for (int cuts = 0; cuts < 2; cuts++)
		gives(steps, cuts,
		      "<0>0:0:1|a\n0:23:2|\n<1>1:0:1| b c\n<ERROR: broken>0:45:3|\"d\"\n~");
	times(steps, "1764380000000000001 1764380000000000002 1764380000000000003 "
	             "1764380000000000004 ");
}

static void test_recorded__lines_without_note(void **state)
{
	static const struct rig_step steps[] = {
		FIRST(0, "plain\n1764380000.000000001 a\n\n"),
		LINES(0, "b\n"),
		FIRST(2, "1764380000.000000002 c\nd\ne\n"),
		FIRST(0, "f\n"),
		DONE,
	};
	static const char lines[] = "<0>0:0:1|plain\n0:6:2|a\n0:29:3|\n0:30:4|b\n"
				    "<2>2:0:1|c\n2:23:2|d\n2:25:3|e\n<0>0:0:1|f\n";

	(void)state;
	gives(steps, false, lines);
	times(steps, "- 1764380000000000001 - - 1764380000000000002 - - - ");
}

static void test_recorded__long(void **state)
{
	static const struct rig_step steps[] = {
		LINES(0, "1764380000.000000001 a\n"),
		LONG(0, "1764380000.000000002 bbbb", 5),
		LINES(0, "1764380000.000000003 c\n"),
		DONE,
	};

	(void)state;
	gives(steps, false, "0:0:1|a\n0:23:2|(long)bbbb\n0:54:3|c\n");
	times(steps, "1764380000000000001 1764380000000000002 1764380000000000003 ");
}

/* Places that a filter before it gave are kept. */
static void test_recorded__places_of_its_own(void **state)
{
	static const struct rig_step steps[] = {
		LINES(0,
		      "1764380000.000000001 1764380000.000000002 a\nx\n1764380000.000000003 b\n"),
		DONE,
	};
	struct feedrig f = { .step = steps };
	struct feed feed = feedrig_feed(&f);
	struct flow flow = recorded_new(feed_flow(feed));
	struct buf log = { 0 };

	(void)state;
	flow = recorded_new(flow);
	feedrig_read(&f, flow, (struct feedrig_show){ 0 }, &log);
	assert_slice("twice", buf_slice(&log), SLICE("0:0:1|a\n0:44:2|x\n0:46:3|b\n"));
	buf_free(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded__note),
		cmocka_unit_test(test_recorded__time),
		cmocka_unit_test(test_recorded__flow),
		cmocka_unit_test(test_recorded__lines_without_note),
		cmocka_unit_test(test_recorded__long),
		cmocka_unit_test(test_recorded__places_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
