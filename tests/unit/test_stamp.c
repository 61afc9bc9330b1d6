/*
 * stamp.h: instants as text and as numbers. Seconds of the expected values are `date -u -d TEXT
 * +%s`.
 */
#include "unit.h"

#include "base/duration.h"
#include "base/stamp.h"

#define S(sec) (INT64_C(sec) * NS_PER_SEC)

static void test_parse__reads_rfc3339(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-01-01T00:00:05Z", S(1767225605) },
		{ "2026-01-01t00:00:05z", S(1767225605) },
		{ "2026-01-01 00:00:05Z", S(1767225605) },
		{ "2026-01-01T00:00:05", S(1767225605) },
		{ "2026-01-01T00:00Z", S(1767225600) },
		{ "2026-01-01T00:00", S(1767225600) },
		{ "2026-01-01", S(1767225600) },
		{ "2026-01-01T00:00:05.5Z", S(1767225605) + 500000000 },
		{ "2026-01-01T00:00:05,5Z", S(1767225605) + 500000000 },
		{ "2026-01-01T00:00:05.000000001Z", S(1767225605) + 1 },
		{ "2026-01-01T00:00:05.1234567899999Z", S(1767225605) + 123456789 },
		{ "2026-01-01T01:00:05+01:00", S(1767225605) },
		{ "2026-01-01T01:00:05.25+0100", S(1767225605) + 250000000 },
		{ "2025-12-31T19:00:05-05", S(1767225605) },
		{ "2026-01-01T05:45:05+05:45", S(1767225605) },
		{ "2026-01-01T00:00:05-00:00", S(1767225605) },
		{ "2026-01-01T23:59:05+23:59", S(1767225605) },
		{ "2024-02-29T12:00:00Z", S(1709208000) },
		{ "2000-02-29T12:00:00Z", S(951825600) },
		{ "1969-12-31T23:59:59.999999999Z", -1 },
		{ "1969-12-31T23:59:59.5Z", -500000000 },
		{ "2016-12-31T23:59:60Z", S(1483228800) }, /* the leap second is the next one */
		/* int64 holds -9223372036.854775808 s; that itself means "no time" */
		{ "1677-09-21T00:12:43.145224193Z", INT64_MIN + 1 },
		{ "1677-09-21T00:12:44Z", S(-9223372036) },
		{ "2262-04-11T23:47:16.854775806Z", INT64_MAX - 1 },
	};
	struct stamp_memo memo = { 0 };
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text = slice_from(rows[i].text);

		assert_row(rows[i].text, stamp_parse(text, NULL, NULL, &ns) == 0);
		assert_row(rows[i].text, ns == rows[i].ns);
		/* twice with a memo: written, then read */
		for (int k = 0; k < 2; k++) {
			ns = 1;
			assert_row(rows[i].text, stamp_parse(text, NULL, &memo, &ns) == 0);
			assert_row(rows[i].text, ns == rows[i].ns);
		}
	}
}

static void test_parse__refuses(void **state)
{
	const struct slice rows[] = {
		SLICE(""),
		SLICE("2026"),
		SLICE("2026-01"),
		SLICE("2026-1-01"),
		SLICE("2026-13-01"),
		SLICE("2026-00-01"),
		SLICE("2026-01-00"),
		SLICE("2026-01-32"),
		SLICE("2023-02-29T00:00:00Z"),
		SLICE("1900-02-29T00:00:00Z"),
		SLICE("2024-02-30T00:00:00Z"),
		SLICE("2026-04-31T00:00:00Z"),
		SLICE("2026-01-01T24:00:00Z"),
		SLICE("2026-01-01T00:60:00Z"),
		SLICE("2026-01-01T00:00:61Z"),
		SLICE("2026-01-01T00:00:5Z"),
		SLICE("2026-01-01T00:00:05.Z"),
		SLICE("2026-01-01T00:00.5Z"),
		SLICE("2026-01-01T0000:05Z"),
		SLICE("2026-01-01_00:00:05Z"),
		SLICE("2026-01-01T00:00:05ZZ"),
		SLICE("2026-01-01T00:00:05Z\0"),
		SLICE("2026-01-01T00:00:05\0"),
		SLICE("2026-01-01T00:00:05 Z"),
		SLICE("2026-01-01T00:00:05+1"),
		SLICE("2026-01-01T00:00:05+1:00"),
		SLICE("2026-01-01T00:00:05+01:0"),
		SLICE("2026-01-01T00:00:05+01:60"),
		SLICE("2026-01-01T00:00:05+24:00"),
		SLICE("2026-01-01T00:00:05+01:00:00"),
		SLICE(" 2026-01-01T00:00:05Z"),
		SLICE("12026-01-01T00:00:05Z"),
		SLICE("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		SLICE("yyyy-mm-ddThh:mm"),
		SLICE("1677-09-21T00:12:43.145224192Z"),
		SLICE("2262-04-11T23:47:16.854775807Z"),
		SLICE("0000-01-01T00:00:00Z"),
		SLICE("9999-12-31T23:59:59Z"),
	};
	struct stamp_memo fresh = { 0 }, used = { 0 };
	int64_t ns;

	(void)state;
	/* a memo changes no answer, neither an empty one nor one of the same minute */
	for (int k = 0; k < 2; k++)
		assert_int_equal(stamp_parse(k ? SLICE("2026-01-01T00:00:05")
		                               : SLICE("2026-01-01T00:00:05Z"),
		                             NULL, k ? &fresh : &used, &ns),
		                 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct stamp_memo empty = { 0 };

		assert_row(rows[i].p, stamp_parse(rows[i], NULL, NULL, &ns) == -1);
		assert_row(rows[i].p, stamp_parse(rows[i], NULL, &empty, &ns) == -1);
		assert_row(rows[i].p, stamp_parse(rows[i], NULL, &fresh, &ns) == -1);
		assert_row(rows[i].p, stamp_parse(rows[i], NULL, &used, &ns) == -1);
	}
}

static void test_parse__takes_the_zone_where_none_is_said(void **state)
{
	static const struct {
		const char *text;
		int64_t sec; /* TZ=Europe/Berlin date -d TEXT +%s */
	} rows[] = {
		{ "2024-01-15T12:00:00", 1705316400 },
		{ "2024-07-15T12:00:00", 1721037600 },
		{ "2024-07-15", 1720994400 },
		{ "2024-07-15T12:00:00Z", 1721044800 },
		{ "2024-07-15T12:00:00+05:30", 1721025000 },
	};
	struct err e;
	struct tz *z = tz_load("CET-1CEST,M3.5.0,M10.5.0/3", &e);
	struct stamp_memo memo = { 0 };
	int64_t ns;

	(void)state;
	assert_non_null(z);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].text, stamp_parse(slice_from(rows[i].text), z, &memo, &ns) == 0);
		assert_row(rows[i].text, ns == rows[i].sec * NS_PER_SEC);
	}
	tz_free(z);
}

static void test_format__has_a_fraction_only_where_it_is_not_zero(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ S(1767225605), "2026-01-01T00:00:05Z" },
		{ S(1767225605) + 500000000, "2026-01-01T00:00:05.5Z" },
		{ S(1767225605) + 1, "2026-01-01T00:00:05.000000001Z" },
		{ S(1767225605) + 120000, "2026-01-01T00:00:05.00012Z" },
		{ S(1709208000), "2024-02-29T12:00:00Z" },
		{ -1, "1969-12-31T23:59:59.999999999Z" },
		{ -NS_PER_SEC, "1969-12-31T23:59:59Z" },
		{ INT64_MIN + 1, "1677-09-21T00:12:43.145224193Z" },
		{ INT64_MAX - 1, "2262-04-11T23:47:16.854775806Z" },
	};
	char text[STAMP_TEXT];
	int64_t again;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = stamp_format(rows[i].ns, text);

		assert_string_equal(text, rows[i].text);
		assert_int_equal(n, strlen(text));
		assert_int_equal(stamp_parse((struct slice){ text, n }, NULL, NULL, &again), 0);
		assert_true(again == rows[i].ns);
	}
}

static void test_guess__goes_by_size(void **state)
{
	static const struct {
		double v;
		enum stamp_unit unit;
	} rows[] = {
		{ 0, UNIT_S },
		{ 1767225605, UNIT_S },
		{ 99999999999.0, UNIT_S },
		{ 1e11, UNIT_MS },
		{ 1767225605000, UNIT_MS },
		{ 99999999999999.0, UNIT_MS },
		{ 1e14, UNIT_US },
		{ 1767225605e6, UNIT_US },
		{ 9.999e16, UNIT_US },
		{ 1e17, UNIT_NS },
		{ 1767225605e9, UNIT_NS },
		{ -1767225605, UNIT_S },
		{ -1767225605000, UNIT_MS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(stamp_guess(rows[i].v), rows[i].unit);
}

static void test_number__is_exact_to_the_nanosecond(void **state)
{
	static const struct {
		const char *text;
		enum stamp_unit unit;
		int64_t ns;
	} rows[] = {
		{ "0", UNIT_S, 0 },
		{ "-0", UNIT_S, 0 },
		{ "1767225605", UNIT_S, S(1767225605) },
		{ "1767225605.123456789", UNIT_S, S(1767225605) + 123456789 },
		{ "1767225605.1234567899", UNIT_S, S(1767225605) + 123456789 },
		{ "1767225605000.25", UNIT_MS, S(1767225605) + 250000 },
		{ "1767225605000001.5", UNIT_US, S(1767225605) + 1500 },
		{ "1767225605000000001", UNIT_NS, S(1767225605) + 1 },
		{ "1767225605000000001.9", UNIT_NS, S(1767225605) + 1 },
		{ "1.767225605e9", UNIT_S, S(1767225605) },
		{ "17672256050E-1", UNIT_S, S(1767225605) },
		{ "1e+3", UNIT_MS, S(1) },
		{ "5e-10", UNIT_S, 0 },
		{ "0e99999999999", UNIT_S, 0 },
		{ "1e-99999999999", UNIT_S, 0 },
		{ "-1.5", UNIT_S, -1500000000 },
		{ "-0.0000000019", UNIT_S, -1 }, /* toward zero */
		{ "0.00000000000000000000000000000000000000001", UNIT_S, 0 },
		{ "100000000000000000000000000000000000000000e-41", UNIT_S, S(1) },
		{ "9223372036854775806", UNIT_NS, INT64_MAX - 1 },
		{ "-9223372036854775807", UNIT_NS, INT64_MIN + 1 },
		{ "-9223372036.854775807", UNIT_S, INT64_MIN + 1 },
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		ns = 77;
		assert_row(rows[i].text,
		           stamp_number(slice_from(rows[i].text), rows[i].unit, &ns) == 0);
		assert_row(rows[i].text, ns == rows[i].ns);
	}
}

static void test_number__refuses_what_is_out_of_range(void **state)
{
	static const struct {
		const char *text;
		enum stamp_unit unit;
	} rows[] = {
		{ "9223372036854775807", UNIT_NS },
		{ "-9223372036854775808", UNIT_NS },
		{ "9223372037", UNIT_S },
		{ "-9223372037", UNIT_S },
		{ "1e20", UNIT_NS },
		{ "1e99999999999", UNIT_S },
		{ "99999999999999999999999999999999999999999999", UNIT_NS },
		{ "1767225605", UNIT_AUTO },
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i].text,
		           stamp_number(slice_from(rows[i].text), rows[i].unit, &ns) == -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__reads_rfc3339),
		cmocka_unit_test(test_parse__refuses),
		cmocka_unit_test(test_parse__takes_the_zone_where_none_is_said),
		cmocka_unit_test(test_format__has_a_fraction_only_where_it_is_not_zero),
		cmocka_unit_test(test_guess__goes_by_size),
		cmocka_unit_test(test_number__is_exact_to_the_nanosecond),
		cmocka_unit_test(test_number__refuses_what_is_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
