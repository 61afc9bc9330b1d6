/* Where windows begin and end: by tables, and every time against the definition. */
#include "rig.h"

#include "base/stamp.h"
#include "window/spans.h"

#include <inttypes.h>
#include <stdio.h>

static void put_time(struct buf *b, int64_t t)
{
	if (t == STAMP_NONE)
		buf_adds(b, "min");
	else if (t == STAMP_MAX)
		buf_adds(b, "max");
	else
		buf_add_int(b, t);
}

/* All windows of a time, "0-10 5-15"; nothing where there is none. */
static void put_windows(const struct spans *s, int64_t time, struct buf *b)
{
	struct span slice, window;
	int64_t after = STAMP_NONE;

	if (!spans_slice(s, time, &slice))
		return;
	assert_true(slice.start <= time && (time < slice.end || slice.end == STAMP_MAX));
	while (spans_next(s, &slice, after, &window)) {
		assert_true(window.end > after && window.start <= slice.start);
		assert_true(window.end >= slice.end);
		if (b->n)
			buf_addc(b, ' ');
		put_time(b, window.start);
		buf_addc(b, '-');
		put_time(b, window.end);
		after = window.end;
	}
	assert_true(spans_last_end(s, &slice) == after);
}

/* ---- tumbling, hopping, cumulative */

static const struct even_row {
	int64_t size, every, offset, time;
	const char *want;
} even_rows[] = {
	/* tumbling: from the epoch on, before it too */
	{ 10, 10, 0, 0, "0-10" },
	{ 10, 10, 0, 9, "0-10" },
	{ 10, 10, 0, 10, "10-20" },
	{ 10, 10, 0, -1, "-10-0" },
	{ 10, 10, 0, -10, "-10-0" },
	{ 10, 10, 0, -11, "-20--10" },
	{ 7, 7, 0, 1000, "994-1001" },
	{ 1, 1, 0, 5, "5-6" },
	/* an offset, its size or more, and below 0 */
	{ 10, 10, 3, 2, "-7-3" },
	{ 10, 10, 3, 3, "3-13" },
	{ 10, 10, 23, 3, "3-13" },
	{ 10, 10, -3, 7, "7-17" },
	/* hopping: even, uneven, by one */
	{ 10, 5, 0, 0, "-5-5 0-10" },
	{ 10, 5, 0, 4, "-5-5 0-10" },
	{ 10, 5, 0, 5, "0-10 5-15" },
	{ 10, 3, 0, 0, "-9-1 -6-4 -3-7 0-10" },
	{ 10, 3, 0, 1, "-6-4 -3-7 0-10" },
	{ 10, 4, 1, 5, "-3-7 1-11 5-15" },
	{ 3, 1, 0, -1, "-3-0 -2-1 -1-2" },
	{ 10, 5, 2, -4, "-13--3 -8-2" },
	/* hops longer than windows: gaps between them */
	{ 3, 10, 0, 2, "0-3" },
	{ 3, 10, 0, 3, "" },
	{ 3, 10, 0, 9, "" },
	{ 3, 10, 0, 10, "10-13" },
	{ 3, 10, 0, -1, "" },
	{ 3, 10, 0, -8, "-10--7" },
	{ 3, 10, 4, 6, "4-7" },
	{ 3, 10, 4, 3, "" },
	/* at the ends of what can be counted windows are cut */
	{ 10, 10, 0, INT64_MAX, "9223372036854775800-max" },
	{ 10, 10, 0, INT64_MAX - 8, "9223372036854775790-9223372036854775800" },
	{ 10, 10, 0, INT64_MIN, "min--9223372036854775800" },
	{ 10, 10, 0, INT64_MIN + 7, "min--9223372036854775800" },
	{ 10, 10, 0, INT64_MIN + 8, "-9223372036854775800--9223372036854775790" },
	{ INT64_MAX, INT64_MAX, 0, 5, "0-max" },
};

static void test_spans_next__even(void **state)
{
	struct buf out = { 0 };
	char label[120];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(even_rows); i++) {
		const struct even_row *r = &even_rows[i];
		struct spans s;
		struct err e;

		assert_int_equal(spans_even(&s, r->size, r->every, r->offset, &e), 0);
		buf_clear(&out);
		put_windows(&s, r->time, &out);
		snprintf(label, sizeof label, "size %" PRId64 " every %" PRId64 " at %" PRId64,
		         r->size, r->every, r->time);
		wrong += differs(label, buf_slice(&out), r->want);
	}
	buf_free(&out);
	assert_int_equal(wrong, 0);
}

static const struct even_row cumulate_rows[] = {
	/* size, step */
	{ 12, 4, 0, 0, "0-4 0-8 0-12" },
	{ 12, 4, 0, 3, "0-4 0-8 0-12" },
	{ 12, 4, 0, 4, "0-8 0-12" },
	{ 12, 4, 0, 11, "0-12" },
	{ 12, 4, 0, 12, "12-16 12-20 12-24" },
	{ 12, 4, 0, -1, "-12-0" },
	{ 12, 4, 0, -12, "-12--8 -12--4 -12-0" },
	{ 12, 4, 1, 0, "-11-1" },
	{ 12, 4, 1, 1, "1-5 1-9 1-13" },
	{ 12, 12, 0, 5, "0-12" },
};

static void test_spans_next__cumulate(void **state)
{
	struct buf out = { 0 };
	char label[120];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(cumulate_rows); i++) {
		const struct even_row *r = &cumulate_rows[i];
		struct spans s;
		struct err e;

		assert_int_equal(spans_cumulate(&s, r->size, r->every, r->offset, &e), 0);
		buf_clear(&out);
		put_windows(&s, r->time, &out);
		snprintf(label, sizeof label, "cumulate %" PRId64 " at %" PRId64, r->every,
		         r->time);
		wrong += differs(label, buf_slice(&out), r->want);
	}
	buf_free(&out);
	assert_int_equal(wrong, 0);
}

/*
 * The definition, for all small sizes, hops, offsets and times: the windows [k * every + offset, +
 * size) that hold the time, in order; and a slice is cut by no border.
 */
static void test_spans_next__as_defined(void **state)
{
	struct buf got = { 0 }, want = { 0 };
	struct spans s;
	struct err e;

	(void)state;
	for (int64_t size = 1; size <= 9; size++)
		for (int64_t every = 1; every <= 11; every++)
			for (int64_t offset = -3; offset <= 12; offset += 5)
				for (int64_t t = -25; t <= 25; t++) {
					assert_int_equal(spans_even(&s, size, every, offset, &e),
					                 0);
					buf_clear(&got);
					buf_clear(&want);
					put_windows(&s, t, &got);
					for (int64_t k = -60; k <= 60; k++) {
						int64_t from = k * every + offset;

						if (from > t || t >= from + size)
							continue;
						buf_addf(&want, "%s%" PRId64 "-%" PRId64,
						         want.n ? " " : "", from, from + size);
					}
					buf_addc(&want, '\0');
					if (differs("as defined", buf_slice(&got), want.p))
						fail_msg("size %" PRId64 " every %" PRId64
						         " offset %" PRId64 " at %" PRId64,
						         size, every, offset, t);
				}
	buf_free(&got);
	buf_free(&want);
}

static void test_spans_even__errors(void **state)
{
	struct spans s;
	struct err e;

	(void)state;
	for (int i = 0; i < 5; i++) {
		err_clear(&e);
		assert_int_equal(i == 0   ? spans_even(&s, 0, 5, 0, &e)
		                 : i == 1 ? spans_even(&s, 5, 0, 0, &e)
		                 : i == 2 ? spans_even(&s, 2000000, 1, 0, &e)
		                 : i == 3 ? spans_cumulate(&s, 10, 3, 0, &e)
		                          : spans_cumulate(&s, 10, 0, 0, &e),
		                 -1);
		assert_int_equal(e.kind, FAIL_USAGE);
	}
}

/* ---- the calendar */

static int64_t instant(const char *text)
{
	int64_t ns;

	if (stamp_parse(slice_from(text), NULL, NULL, &ns) < 0)
		fail_msg("%s is no time", text);
	return ns;
}

/* Offsets and changes as the IANA database has them; `date -d` of coreutils says the same. */
static const struct calendar_row {
	const char *zone;
	enum spans_unit unit;
	const char *time, *start, *end;
} calendar_rows[] = {
	{ "UTC", SPANS_DAY, "2026-01-01T12:00:00Z", "2026-01-01T00:00:00Z",
	  "2026-01-02T00:00:00Z" },
	{ "UTC", SPANS_DAY, "1969-12-31T23:59:59.5Z", "1969-12-31T00:00:00Z",
	  "1970-01-01T00:00:00Z" },
	/* weeks from Monday; 2026-01-01 is a Thursday */
	{ "UTC", SPANS_WEEK, "2026-01-01T00:00:00Z", "2025-12-29T00:00:00Z",
	  "2026-01-05T00:00:00Z" },
	{ "UTC", SPANS_WEEK, "2026-01-04T23:59:59Z", "2025-12-29T00:00:00Z",
	  "2026-01-05T00:00:00Z" },
	{ "UTC", SPANS_WEEK, "2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z",
	  "2026-01-12T00:00:00Z" },
	/* months and years of their lengths */
	{ "UTC", SPANS_MONTH, "2024-02-29T01:00:00Z", "2024-02-01T00:00:00Z",
	  "2024-03-01T00:00:00Z" },
	{ "UTC", SPANS_MONTH, "2025-12-31T23:59:59Z", "2025-12-01T00:00:00Z",
	  "2026-01-01T00:00:00Z" },
	{ "UTC", SPANS_YEAR, "2024-07-01T00:00:00Z", "2024-01-01T00:00:00Z",
	  "2025-01-01T00:00:00Z" },
	/* days of 23 and 25 hours */
	{ "Europe/Berlin", SPANS_DAY, "2026-03-29T10:00:00Z", "2026-03-28T23:00:00Z",
	  "2026-03-29T22:00:00Z" },
	{ "Europe/Berlin", SPANS_DAY, "2026-10-25T10:00:00Z", "2026-10-24T22:00:00Z",
	  "2026-10-25T23:00:00Z" },
	{ "Europe/Berlin", SPANS_DAY, "2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z",
	  "2026-10-25T23:00:00Z" },
	{ "Europe/Berlin", SPANS_DAY, "2026-10-24T21:59:59.999999999Z", "2026-10-23T22:00:00Z",
	  "2026-10-24T22:00:00Z" },
	{ "America/New_York", SPANS_DAY, "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z",
	  "2026-03-09T04:00:00Z" },
	{ "America/New_York", SPANS_DAY, "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z",
	  "2026-11-02T05:00:00Z" },
	{ "America/New_York", SPANS_WEEK, "2026-11-01T12:00:00Z", "2026-10-26T04:00:00Z",
	  "2026-11-02T05:00:00Z" },
	{ "America/New_York", SPANS_MONTH, "2026-11-15T00:00:00Z", "2026-11-01T04:00:00Z",
	  "2026-12-01T05:00:00Z" },
	{ "Europe/Berlin", SPANS_MONTH, "2026-03-31T22:00:00Z", "2026-03-31T22:00:00Z",
	  "2026-04-30T22:00:00Z" },
	{ "Europe/Berlin", SPANS_YEAR, "2025-12-31T23:00:00Z", "2025-12-31T23:00:00Z",
	  "2026-12-31T23:00:00Z" },
	/* half an hour of summer, +11 and +10:30 */
	{ "Australia/Lord_Howe", SPANS_DAY, "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z",
	  "2026-04-05T13:30:00Z" },
	{ "Australia/Lord_Howe", SPANS_DAY, "2026-10-04T00:00:00Z", "2026-10-03T13:30:00Z",
	  "2026-10-04T13:00:00Z" },
	/* three quarters of an hour */
	{ "Asia/Kathmandu", SPANS_DAY, "2026-01-01T18:14:59Z", "2025-12-31T18:15:00Z",
	  "2026-01-01T18:15:00Z" },
	{ "Asia/Kathmandu", SPANS_DAY, "2026-01-01T18:15:00Z", "2026-01-01T18:15:00Z",
	  "2026-01-02T18:15:00Z" },
	/* midnight is skipped: the day begins at 01:00; and the one before is whole */
	{ "America/Sao_Paulo", SPANS_DAY, "2018-11-04T03:00:00Z", "2018-11-04T03:00:00Z",
	  "2018-11-05T02:00:00Z" },
	{ "America/Sao_Paulo", SPANS_DAY, "2018-11-04T02:59:59Z", "2018-11-03T03:00:00Z",
	  "2018-11-04T03:00:00Z" },
	/* 23:00 to 24:00 twice */
	{ "America/Sao_Paulo", SPANS_DAY, "2018-02-18T02:30:00Z", "2018-02-17T02:00:00Z",
	  "2018-02-18T03:00:00Z" },
	/* midnight twice: the day begins with the first */
	{ "America/Havana", SPANS_DAY, "2018-11-04T04:30:00Z", "2018-11-04T04:00:00Z",
	  "2018-11-05T05:00:00Z" },
	{ "America/Havana", SPANS_DAY, "2018-11-04T05:30:00Z", "2018-11-04T04:00:00Z",
	  "2018-11-05T05:00:00Z" },
	/* a day that was left out: 2011-12-30 */
	{ "Pacific/Apia", SPANS_DAY, "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z",
	  "2011-12-30T10:00:00Z" },
	{ "Pacific/Apia", SPANS_DAY, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z",
	  "2011-12-31T10:00:00Z" },
};

static void test_spans_calendar__zones(void **state)
{
	char text[STAMP_TEXT], to[STAMP_TEXT], label[120];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(calendar_rows); i++) {
		const struct calendar_row *r = &calendar_rows[i];
		struct span slice, window;
		struct spans s;
		struct err e;
		struct tz *zone = tz_load(r->zone, &e);

		assert_non_null(zone);
		spans_calendar(&s, r->unit, zone, 0);
		assert_true(spans_slice(&s, instant(r->time), &slice));
		snprintf(label, sizeof label, "%s at %s", r->zone, r->time);
		wrong += differs(label, (struct slice){ text, stamp_format(slice.start, text) },
		                 r->start);
		wrong += differs(label, (struct slice){ to, stamp_format(slice.end, to) }, r->end);
		/* its one window is itself */
		assert_true(spans_next(&s, &slice, STAMP_NONE, &window));
		assert_true(window.start == slice.start && window.end == slice.end);
		assert_false(spans_next(&s, &slice, slice.end, &window));
		assert_true(spans_last_end(&s, &slice) == slice.end);
		tz_free(zone);
	}
	assert_int_equal(wrong, 0);
}

static void test_spans_calendar__offset(void **state)
{
	char text[STAMP_TEXT];
	struct span slice;
	struct spans s;

	(void)state;
	/* the day of a bank ends at 06:00 */
	spans_calendar(&s, SPANS_DAY, NULL, 6 * 3600 * INT64_C(1000000000));
	spans_slice(&s, instant("2026-01-02T05:59:59Z"), &slice);
	stamp_format(slice.start, text);
	assert_string_equal(text, "2026-01-01T06:00:00Z");
	stamp_format(slice.end, text);
	assert_string_equal(text, "2026-01-02T06:00:00Z");
}

/* In every zone and unit, over years: slices hold their times, and one begins where another ends.
 */
static void test_spans_calendar__without_gaps(void **state)
{
	static const char *const zones[] = { "UTC",
		                             "Europe/Berlin",
		                             "America/New_York",
		                             "Australia/Lord_Howe",
		                             "Asia/Kathmandu",
		                             "America/Sao_Paulo",
		                             "America/Havana",
		                             "Pacific/Apia",
		                             "Africa/Monrovia" };

	(void)state;
	for (size_t z = 0; z < ROWS(zones); z++)
		for (int unit = SPANS_DAY; unit <= SPANS_YEAR; unit++) {
			int64_t t = instant("1969-06-01T00:00:00Z");
			struct span slice, next;
			struct spans s;
			struct err e;
			struct tz *zone = tz_load(zones[z], &e);

			assert_non_null(zone);
			spans_calendar(&s, (enum spans_unit)unit, zone, 0);
			spans_slice(&s, t, &slice);
			while (slice.end < instant("2040-01-01T00:00:00Z")) {
				spans_slice(&s, slice.end - 1, &next);
				if (next.start != slice.start || next.end != slice.end)
					fail_msg("%s: the last instant of a window is in another",
					         zones[z]);
				spans_slice(&s, slice.end, &next);
				if (next.start != slice.end || next.end <= next.start)
					fail_msg("%s: after %" PRId64 " comes %" PRId64
					         " to %" PRId64,
					         zones[z], slice.end, next.start, next.end);
				slice = next;
			}
			tz_free(zone);
		}
}

/* At the ends of what can be counted nothing overflows, and a time is in its window. */
static void test_spans_calendar__limits(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX };

	(void)state;
	for (size_t i = 0; i < ROWS(times); i++)
		for (int unit = SPANS_DAY; unit <= SPANS_YEAR; unit++) {
			struct span slice;
			struct spans s;

			spans_calendar(&s, (enum spans_unit)unit, NULL, 0);
			assert_true(spans_slice(&s, times[i], &slice));
			assert_true(slice.start <= times[i]);
			assert_true(times[i] < slice.end || slice.end == STAMP_MAX);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans_next__even),
		cmocka_unit_test(test_spans_next__cumulate),
		cmocka_unit_test(test_spans_next__as_defined),
		cmocka_unit_test(test_spans_even__errors),
		cmocka_unit_test(test_spans_calendar__zones),
		cmocka_unit_test(test_spans_calendar__offset),
		cmocka_unit_test(test_spans_calendar__without_gaps),
		cmocka_unit_test(test_spans_calendar__limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
