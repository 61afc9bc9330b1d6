/* Times moved in their own format. What is expected was computed by hand, or by date(1). */
#include "unit.h"

#include "base/duration.h"
#include "base/stamp.h"
#include "stream/shift.h"

#include <inttypes.h>

#define MS     NS_PER_MS
#define S      NS_PER_SEC
#define MINUTE NS_PER_MIN
#define HOUR   NS_PER_HOUR
#define DAY    NS_PER_DAY

struct row {
	const char *literal;
	int64_t by;
	const char *expected; /* NULL: it cannot be */
	const char *format;
};

/* The time of a literal, as event times are read. */
static int64_t time_of(struct slice literal, const char *format, const struct tz *zone)
{
	struct slice text = { literal.p + 1, literal.n - 2 };
	enum stamp_unit unit = stamp_unit_named(format);
	struct stamp_fields f;
	int64_t ns = 0;
	int bad;

	if (*literal.p != '"') {
		if (unit == UNIT_AUTO)
			unit = stamp_guess(strtod(literal.p, NULL));
		bad = stamp_number(literal, unit, &ns);
	} else if (format && unit == UNIT_AUTO) {
		bad = stamp_strptime(text, format, &f) < 0 || stamp_from_fields(&f, zone, &ns) < 0;
	} else {
		bad = stamp_parse(text, zone, NULL, &ns);
	}
	return bad ? 0 : ns;
}

static void check(const struct row *row, size_t n, const char *zone_name)
{
	struct buf to = { 0 };
	struct tz *zone = NULL;
	struct err e;

	err_clear(&e);
	if (zone_name) {
		zone = tz_load(zone_name, &e);
		assert_non_null(zone);
	}
	for (; n--; row++) {
		struct slice literal = slice_from(row->literal);
		int64_t from = time_of(literal, row->format, zone);
		int r;

		err_clear(&e);
		buf_clear(&to);
		buf_adds(&to, "<");
		r = shift_literal(literal, from, row->by, row->format, zone, &to, &e);
		if (row->expected) {
			assert_row(row->literal, r == 0);
			assert_slice(row->literal, ((struct slice){ to.p + 1, to.n - 1 }),
			             slice_from(row->expected));
		} else {
			assert_row(row->literal, r == -1 && e.kind == FAIL_DATA);
			assert_slice(row->literal, buf_slice(&to), SLICE("<"));
		}
	}
	buf_free(&to);
	tz_free(zone);
}

static void test_shift__rfc3339(void **state)
{
	static const struct row rows[] = {
		{ "\"2026-01-01T00:00:00Z\"", 90 * S, "\"2026-01-01T00:01:30Z\"", NULL },
		{ "\"2026-01-01t00:00:00z\"", DAY, "\"2026-01-02t00:00:00z\"", NULL },
		{ "\"2026-01-01 00:00:00.50+02:00\"", 750 * MS, "\"2026-01-01 00:00:01.25+02:00\"",
		  NULL },
		/* finer than its digits: what it has no place for goes */
		{ "\"2026-01-01T00:00:00.5Z\"", 70 * MS, "\"2026-01-01T00:00:00.5Z\"", NULL },
		{ "\"2026-01-01T00:00:00.5Z\"", -70 * MS, "\"2026-01-01T00:00:00.4Z\"", NULL },
		{ "\"2026-01-01T00:00:00Z\"", -1, "\"2025-12-31T23:59:59Z\"", NULL },
		{ "\"2026-01-01T00:00:00,000Z\"", 1 * MS, "\"2026-01-01T00:00:00,001Z\"", NULL },
		{ "\"2026-01-01T00:00:00.000000001Z\"", 999999999,
		  "\"2026-01-01T00:00:01.000000000Z\"", NULL },
		{ "\"2026-01-01T00:00:00.123456789987Z\"", 1,
		  "\"2026-01-01T00:00:00.123456790987Z\"", NULL },
		/* zones */
		{ "\"2026-01-01T00:30:00+0530\"", -HOUR, "\"2025-12-31T23:30:00+0530\"", NULL },
		{ "\"2026-01-01T00:30:00.1-08\"", 24 * HOUR, "\"2026-01-02T00:30:00.1-08\"", NULL },
		{ "\"2026-01-01T00:30:00\"", 24 * HOUR, "\"2026-01-02T00:30:00\"", NULL },
		/* less than seconds */
		{ "\"2026-01-01T00:30\"", 61 * S, "\"2026-01-01T00:31\"", NULL },
		{ "\"2026-01-01T00:30-01:00\"", -S, "\"2026-01-01T00:29-01:00\"", NULL },
		{ "\"2026-01-01\"", 49 * HOUR, "\"2026-01-03\"", NULL },
		{ "\"2026-01-01\"", -S, "\"2025-12-31\"", NULL },
		/* the calendar */
		{ "\"2024-02-28T23:59:59Z\"", S, "\"2024-02-29T00:00:00Z\"", NULL },
		{ "\"2023-02-28T23:59:59Z\"", S, "\"2023-03-01T00:00:00Z\"", NULL },
		{ "\"2024-03-01T00:00:00Z\"", -S, "\"2024-02-29T23:59:59Z\"", NULL },
		{ "\"2100-02-28T12:00:00Z\"", DAY, "\"2100-03-01T12:00:00Z\"", NULL },
		{ "\"2025-12-31T23:59:59.9Z\"", 100 * MS, "\"2026-01-01T00:00:00.0Z\"", NULL },
		{ "\"1970-01-01T00:00:00.25Z\"", -500 * MS, "\"1969-12-31T23:59:59.75Z\"", NULL },
		{ "\"2016-12-31T23:59:60Z\"", 0, "\"2017-01-01T00:00:00Z\"", NULL },
		/* escapes, units that concern numbers alone */
		{ "\"2026\\u002d01-01T00:00:00Z\"", S, "\"2026-01-01T00:00:01Z\"", NULL },
		{ "\"2026-01-01T00:00:00Z\"", S, "\"2026-01-01T00:00:01Z\"", "ms" },
		{ "\"2026-13-01T00:00:00Z\"", S, NULL, NULL },
		{ "\"yesterday\"", S, NULL, NULL },
		{ "\"\"", S, NULL, NULL },
	};

	(void)state;
	check(rows, COUNT(rows), NULL);
}

/* Summer time began on 2026-03-29 at 02:00 and ended on 2026-10-25 at 03:00. */
static void test_shift__zone(void **state)
{
	static const struct row rows[] = {
		{ "\"2026-03-29T01:59:59\"", S, "\"2026-03-29T03:00:00\"", NULL },
		{ "\"2026-03-29T03:00:00\"", -S, "\"2026-03-29T01:59:59\"", NULL },
		{ "\"2026-10-25T01:30:00\"", 2 * HOUR, "\"2026-10-25T02:30:00\"", NULL },
		{ "\"2026-06-01 12:00:00\"", 180 * DAY, "\"2026-11-28 11:00:00\"", NULL },
		{ "\"2026-03-28\"", 24 * HOUR, "\"2026-03-29\"", NULL },
		{ "\"2026-03-28T12:00:00Z\"", 24 * HOUR, "\"2026-03-29T12:00:00Z\"", NULL },
		{ "\"2026-03-29 01:30:00 CET\"", HOUR, "\"2026-03-29 03:30:00 CEST\"",
		  "%Y-%m-%d %H:%M:%S %Z" },
		{ "\"2026-03-29 01:30:00 GMT\"", HOUR, "\"2026-03-29 02:30:00 GMT\"",
		  "%Y-%m-%d %H:%M:%S %Z" },
		{ "\"2026-03-29 01:30:00 +0100\"", HOUR, "\"2026-03-29 02:30:00 +0100\"",
		  "%F %T %z" },
		{ "\"29.03.2026 01:30\"", HOUR, "\"29.03.2026 03:30\"", "%d.%m.%Y %H:%M" },
	};

	(void)state;
	check(rows, COUNT(rows), "Europe/Berlin");
}

static void test_shift__numbers(void **state)
{
	static const struct row rows[] = {
		{ "1700000000", 90 * S, "1700000090", NULL },
		{ "1700000000", -DAY, "1699913600", NULL },
		{ "1700000000", 999 * MS, "1700000000", NULL },
		{ "1700000000", -1, "1699999999", NULL },
		{ "1700000000.50", 750 * MS, "1700000001.25", NULL },
		{ "1700000000.5", 70 * MS, "1700000000.5", NULL },
		{ "1700000000.123456789", 1, "1700000000.123456790", NULL },
		{ "1700000000.1234567891", 1, "1700000000.1234567901", NULL },
		{ "1700000000000", 1500 * MS, "1700000001500", NULL },
		{ "1700000000000.25", 500000, "1700000000000.75", NULL },
		{ "1700000000000000", MS, "1700000000001000", NULL },
		{ "1700000000000000000", -1, "1699999999999999999", NULL },
		{ "0", S, "1", NULL },
		{ "0.0", -1500 * MS, "-1.5", NULL },
		{ "-1.5", S, "-0.5", NULL },
		{ "-0.5", S, "0.5", NULL },
		{ "-0.5", 500 * MS, "0.0", NULL },
		{ "-1", 500 * MS, "-1", NULL },
		/* without their exponent */
		{ "1.7e9", S, "1700000001", NULL },
		{ "1.7000000005E+9", S, "1700000001.5", NULL },
		{ "17e-1", S, "2.7", NULL },
		{ "0e400", S, "1", NULL },
		/* the unit that was said */
		{ "5", S, "1005", "ms" },
		{ "1700000000", S, "1701000000", "us" },
		{ "1700000000", 7, "1700000007", "ns" },
		{ "1700000000000", S, "1700000000001", "s" },
		{ "1700000000", S, "1700000001", "%Y" },
		/* more digits than any time has, and no times at all */
		{ "1700000000.0000000000000000000000000001", S, NULL, NULL },
		{ "1e-40", S, NULL, NULL },
		{ "null", S, NULL, NULL },
		{ "true", S, NULL, NULL },
		{ "-", S, NULL, NULL },
		{ "1e", S, NULL, NULL },
		{ "1.7.1", S, NULL, NULL },
		{ "[1]", S, NULL, NULL },
	};

	(void)state;
	check(rows, COUNT(rows), NULL);
}

/* The unit is the one in which the number is the time, whatever its size. */
static void test_shift__unit_by_time(void **state)
{
	struct buf to = { 0 };
	struct err e;

	(void)state;
	err_clear(&e);
	assert_int_equal(shift_literal(SLICE("5000"), 5 * S, S, NULL, NULL, &to, &e), 0);
	assert_slice("ms", buf_slice(&to), SLICE("6000"));
	buf_clear(&to);
	/* the end of a window stands for the instant before it */
	assert_int_equal(shift_literal(SLICE("5000"), 5 * MS - 1, MS, NULL, NULL, &to, &e), 0);
	assert_slice("us, a window's end", buf_slice(&to), SLICE("6000"));
	buf_clear(&to);
	/* a time that was computed of the number: by its size */
	assert_int_equal(shift_literal(SLICE("1700000000000"), 7, S, NULL, NULL, &to, &e), 0);
	assert_slice("by size", buf_slice(&to), SLICE("1700000001000"));
	buf_free(&to);
}

static void test_shift__patterns(void **state)
{
	static const struct row rows[] = {
		{ "\"31/Dec/2025:23:59:59 +0000\"", S, "\"01/Jan/2026:00:00:00 +0000\"",
		  "%d/%b/%Y:%H:%M:%S %z" },
		{ "\"28/Feb/2024:23:30:00 -0730\"", HOUR, "\"29/Feb/2024:00:30:00 -0730\"",
		  "%d/%b/%Y:%H:%M:%S %z" },
		{ "\"17\\/May\\/2015:10:05:03 +05:45\"", DAY, "\"18/May/2015:10:05:03 +05:45\"",
		  "%d/%b/%Y:%H:%M:%S %z" },
		{ "\"2026-01-01 00:00:00,250\"", 750 * MS, "\"2026-01-01 00:00:01,000\"",
		  "%Y-%m-%d %H:%M:%S,%f" },
		{ "\"2026-01-01T00:00:00.1234567891Z\"", 1, "\"2026-01-01T00:00:00.1234567901Z\"",
		  "%FT%T.%N%z" },
		{ "\"260101 000000\"", -S, "\"251231 235959\"", "%y%m%d %H%M%S" },
		{ "\"1700000000\"", S, "\"1700000001\"", "%s" },
		{ "\"1700000000.250\"", -500 * MS, "\"1699999999.750\"", "%s.%f" },
		/* names: 2026-01-01 was a Thursday */
		{ "\"Thu Jan  1 00:00:00 2026\"", 9 * DAY, "\"Sat Jan 10 00:00:00 2026\"", "%c" },
		{ "\"Sat Jan 10 00:00:00 2026\"", -9 * DAY, "\"Thu Jan  1 00:00:00 2026\"", "%c" },
		{ "\"THURSDAY, 1 JANUARY 2026\"", 31 * DAY, "\"SUNDAY, 1 FEBRUARY 2026\"",
		  "%A, %d %B %Y" },
		{ "\"thu, 1 jan 2026\"", 31 * DAY, "\"sun, 1 feb 2026\"", "%A, %d %B %Y" },
		{ "\"1 May 2026\"", 31 * DAY, "\"1 Jun 2026\"", "%d %b %Y" },
		{ "\"1 May 2026\"", 31 * DAY, "\"1 June 2026\"", "%d %B %Y" },
		{ "\"1 April 2026\"", 30 * DAY, "\"1 May 2026\"", "%d %B %Y" },
		{ "\"11:30:00 PM 12/31/25\"", HOUR, "\"12:30:00 AM 01/01/26\"", "%r %D" },
		{ "\"11:30:00 am 12/31/25\"", HOUR, "\"12:30:00 pm 12/31/25\"", "%r %D" },
		/* padding stays of its kind; without a sign of it, as the conversion has it */
		{ "\"Jan  7 09:00\"", 3 * DAY, "\"Jan 10 09:00\"", "%b %d %H:%M" },
		{ "\"Jan  7 09:00\"", DAY, "\"Jan  8 09:00\"", "%b %d %H:%M" },
		{ "\"Jan 10 09:00\"", -3 * DAY, "\"Jan 07 09:00\"", "%b %d %H:%M" },
		{ "\"Jan 10 09:00\"", -3 * DAY, "\"Jan  7 09:00\"", "%b %e %H:%M" },
		{ "\"Jan 10 09:00\"", -3 * DAY, "\"Jan 7 09:00\"", "%b %-d %H:%M" },
		{ "\"Jan 7 09:00\"", DAY, "\"Jan 8 09:00\"", "%b %e %H:%M" },
		{ "\"7.1.2026 9:05\"", DAY + HOUR, "\"8.1.2026 10:05\"", "%d.%m.%Y %H:%M" },
		{ "\"1/1/2026\"", 300 * DAY, "\"10/28/2026\"", "%m/%d/%Y" },
		{ "\"day 1 of 2026\"", 99 * DAY, "\"day 100 of 2026\"", "day %j of %Y" },
		{ "\"day 001 of 2026\"", 9 * DAY, "\"day 010 of 2026\"", "day %j of %Y" },
		{ "\"2026-01-01 week 01 4 100%\"", 10 * DAY, "\"2026-01-11 week 02 7 100%\"",
		  "%F week %V %u 100%%" },
		/* what the pattern has no place for goes */
		{ "\"23:59\"", 2 * MINUTE, "\"00:01\"", "%H:%M" },
		/* no time like that */
		{ "\"2026-01-01 x\"", S, NULL, "%Y-%m-%d" },
		{ "\"01/Foo/2026\"", S, NULL, "%d/%b/%Y" },
	};

	(void)state;
	check(rows, COUNT(rows), NULL);
}

static void test_shift__range(void **state)
{
	static const struct row rows[] = {
		{ "\"2262-04-11T00:00:00Z\"", DAY, NULL, NULL },
		{ "\"1677-09-22T00:00:00Z\"", -DAY, NULL, NULL },
		{ "\"2026-01-01T00:00:00Z\"", INT64_MAX, NULL, NULL },
		{ "9223372036", S, NULL, NULL },
		{ "9223372035", S, "9223372036", NULL },
		{ "\"11/Apr/2262\"", DAY, NULL, "%d/%b/%Y" },
	};
	struct buf to = { 0 };
	struct err e;

	(void)state;
	check(rows, COUNT(rows), NULL);
	err_clear(&e);
	assert_int_equal(shift_literal(SLICE("1"), STAMP_NONE, S, NULL, NULL, &to, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shift__rfc3339),  cmocka_unit_test(test_shift__zone),
		cmocka_unit_test(test_shift__numbers),  cmocka_unit_test(test_shift__unit_by_time),
		cmocka_unit_test(test_shift__patterns), cmocka_unit_test(test_shift__range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
