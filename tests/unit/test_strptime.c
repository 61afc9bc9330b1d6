/* stamp_strptime(): against glibc's strptime in the C locale, and by hand where it has more. */
#include "unit.h"

#include "base/duration.h"
#include "base/stamp.h"

#include <time.h>

struct row {
	const char *pattern, *text;
};

static void show(long used, int64_t sec, char *to, size_t size)
{
	snprintf(to, size, "%ld bytes, %lld s", used, (long long)(used < 0 ? 0 : sec));
}

static void test_strptime__agrees_with_glibc(void **state)
{
	static const struct row rows[] = {
		{ "%Y-%m-%dT%H:%M:%S", "2024-02-29T23:59:58" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-2-9T3:5:8" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-13-01T00:00:00" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-01-32T00:00:00" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-01-01T24:00:00" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-01-01T00:60:00" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-01-01T00:00:61" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-01-01T00:00:62" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-01-01T00:00:0" },
		{ "%Y-%m-%dT%H:%M:%S", "2024-01-01T00:00" },
		{ "%Y-%m-%d", "2024-01-01 and more" },
		{ "%Y-%m-%d", "2023-02-30" }, /* mktime() takes it for March 2 */
		{ "%Y", "999" },
		{ "%Y%m%d", "20240517" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 +0000" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/may/2015:10:05:03 -0730" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 +05:45" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 +02" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 Z" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 x" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 +2" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 +020" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 + 02" },
		{ "%d/%b/%Y:%H:%M:%S %z", "17/Mai/2015:10:05:03 +0000" },
		{ "%d %B %Y", "3 September 2001" },
		{ "%d %B %Y", "3 Sep 2001" },
		{ "%d %B %Y", "3 SEPTEMBER 2001" },
		{ "%d %B %Y", "3 Sept 2001" },
		{ "%d %h %Y", "3 september 2001" },
		{ "%a %b %e %H:%M:%S %Y", "Thu Jan  1 00:00:00 1970" },
		{ "%a %b %e %H:%M:%S %Y", "thursday january 1 00:00:00 1970" },
		{ "%A, %d %b %Y", "Friday, 01 Mar 2024" },
		{ "%A, %d %b %Y", "Xyz, 01 Mar 2024" },
		{ "%c", "Thu Feb 29 12:34:56 2024" },
		{ "%D", "02/29/24" },
		{ "%D", "12/31/69" },
		{ "%D", "12/31/68" },
		{ "%x", "12/31/00" },
		{ "%F %T", "2024-02-29 12:34:56" },
		{ "%F %R", "2024-02-29 12:34" },
		{ "%F %X", "2024-02-29 12:34:56" },
		{ "%F %I:%M %p", "2024-02-29 12:34 AM" },
		{ "%F %I:%M %p", "2024-02-29 12:34 PM" },
		{ "%F %I:%M %p", "2024-02-29 01:34 pm" },
		{ "%F %I:%M %p", "2024-02-29 11:34 am" },
		{ "%F %I:%M %p", "2024-02-29 11:34 xm" },
		{ "%F %I:%M %p", "2024-02-29 13:34 am" },
		{ "%F %I:%M %p", "2024-02-29 0:34 am" },
		{ "%F %p %I", "2024-02-29 pm 7" },
		{ "%F %r", "2024-02-29 07:01:02 PM" },
		{ "%F %k:%M", "2024-02-29  7:01" },
		{ "%F %l:%M %p", "2024-02-29  7:01 PM" },
		{ "%Y %j", "2024 060" },
		{ "%Y %j", "2023 060" },
		{ "%Y %j", "2024 366" },
		{ "%Y %j", "2024 367" },
		{ "%Y %j", "2024 0" },
		{ "%Y %j", "2024 1" },
		{ "%y %m %d", "00 1 1" },
		{ "%C%y-%m-%d", "1999-12-31" },
		{ "%C%y-%m-%d", "2101-12-31" },
		{ "%y %C", "99 18" },
		{ "%C-%m", "19-07" },
		{ "%Y-%m-%d%n%H", "2024-01-01 \t\n 5" },
		{ "%Y-%m-%d%t%H", "2024-01-015" },
		{ "%Y %m %d", "2024\t\t1   9" },
		{ "%Y %m %d", "2024019" },
		{ " %Y", "  2024" },
		{ "%Y ", "2024" },
		{ "%H%%", "5%" },
		{ "%H%%", "5" },
		{ "100%% %Y", "100% 2024" },
		{ "[%Y]", "[2024]" },
		{ "[%Y]", "(2024)" },
		{ "%EY-%Om-%Od", "2024-03-04" },
		{ "%Y-%m-%d %u", "2024-02-29 4" },
		{ "%Y-%m-%d %u", "2024-02-29 0" },
		{ "%Y-%m-%d %u", "2024-03-03 7" },
		{ "%Y-%m-%d %w", "2024-03-03 0" },
		{ "%Y-%m-%d %w", "2024-03-03 7" },
		{ "%Y-%m-%d %U", "2024-03-03 53" },
		{ "%Y-%m-%d %U", "2024-03-03 54" },
		{ "%Y-%m-%d %W", "2024-03-03 09" },
		{ "%Y-%m-%d %V", "2024-03-03 09" },
		{ "%Y-%m-%d %G", "2024-03-03 2023" },
		{ "%Y-%m-%d %g", "2024-03-03 23" },
		{ "", "" },
		{ "", "x" },
		{ "%Y", "" },
		{ "%", "%" },
		{ "%Q", "1" },
	};
	char ours[64], theirs[64];

	(void)state;
	setenv("TZ", "UTC", 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct tm tm = { .tm_year = 70, .tm_mday = 1 };
		const char *end = strptime(r->text, r->pattern, &tm);
		struct stamp_fields f;
		int used = stamp_strptime(slice_from(r->text), r->pattern, &f);
		/* the zone is taken off by hand: timegm() overwrites tm_gmtoff */
		int64_t offset = tm.tm_gmtoff;

		show(end ? end - r->text : -1, timegm(&tm) - offset, theirs, sizeof theirs);
		show(used, civil_to_unix(&f.civil) - f.offset, ours, sizeof ours);
		if (strcmp(ours, theirs) != 0)
			fail_msg("'%s' of '%s': ours %s, glibc's %s", r->pattern, r->text, ours,
			         theirs);
	}
}

static void test_strptime__knows_more_than_posix(void **state)
{
	static const struct {
		const char *pattern, *text;
		int used;
		int64_t ns; /* of the instant; seconds by `date -u -d .. +%s` */
	} rows[] = {
		{ "%F %T.%f", "2024-02-29 12:34:56.5", 21, INT64_C(1709210096500000000) },
		{ "%F %T.%N", "2024-02-29 12:34:56.000000001", 29, INT64_C(1709210096000000001) },
		{ "%F %T.%f", "2024-02-29 12:34:56.12345678999", 31, INT64_C(1709210096123456789) },
		{ "%F %T.%f", "2024-02-29 12:34:56.", -1, 0 },
		{ "%F %T,%f%z", "2024-02-29 12:34:56,5+01:00", 27, INT64_C(1709206496500000000) },
		{ "%s", "1709210096", 10, INT64_C(1709210096000000000) },
		{ "%s.%f", "1709210096.25", 13, INT64_C(1709210096250000000) },
		{ "%s", "-1", 2, INT64_C(-1000000000) },
		{ "%F %T %Z", "2024-02-29 12:34:56 UTC", 23, INT64_C(1709210096000000000) },
		{ "%F %T %Z", "2024-02-29 12:34:56 GMT", 23, INT64_C(1709210096000000000) },
		{ "%Y-%m-%d %H", "1677-09-21 00", 13, 0 }, /* out of range: see below */
	};
	struct stamp_fields f;
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int used = stamp_strptime(slice_from(rows[i].text), rows[i].pattern, &f);

		assert_row(rows[i].text, used == rows[i].used);
		if (rows[i].ns) {
			assert_row(rows[i].text, stamp_from_fields(&f, NULL, &ns) == 0);
			assert_row(rows[i].text, ns == rows[i].ns);
		} else if (used >= 0) {
			assert_row(rows[i].text, stamp_from_fields(&f, NULL, &ns) == -1);
		}
	}
}

static void test_strptime__says_what_the_text_named(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool has_year, has_offset;
		int offset;
	} rows[] = {
		{ "%b %d %H:%M", "Mar 01 12:00", false, false, 0 },
		{ "%b %d %Y", "Mar 01 2024", true, false, 0 },
		{ "%b %d %y", "Mar 01 24", true, false, 0 },
		{ "%H:%M %z", "12:00 -0330", false, true, -12600 },
		{ "%H:%M %z", "12:00 Z", false, true, 0 },
		{ "%H:%M %Z", "12:00 UTC", false, true, 0 },
		{ "%H:%M %Z", "12:00 CEST", false, false, 0 },
		{ "%s", "0", true, true, 0 },
	};
	struct stamp_fields f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].text,
		           stamp_strptime(slice_from(rows[i].text), rows[i].pattern, &f) > 0);
		assert_row(rows[i].text, f.has_year == rows[i].has_year);
		assert_row(rows[i].text, f.has_offset == rows[i].has_offset);
		assert_row(rows[i].text, f.offset == rows[i].offset);
	}
	/* the parts of the day that C does not check are computed from the date */
	assert_true(stamp_strptime(SLICE("Mon 2024-02-29"), "%a %F", &f) > 0);
	assert_int_equal(f.civil.wday, 4);
	assert_int_equal(f.civil.yday, 59);
}

static void test_from_fields__uses_the_zone_where_none_is_named(void **state)
{
	static const struct {
		const char *pattern, *text;
		int64_t sec; /* TZ=America/New_York date -d TEXT +%s */
	} rows[] = {
		{ "%F %T", "2024-01-15 12:00:00", 1705338000 },
		{ "%F %T", "2024-07-15 12:00:00", 1721059200 },
		{ "%F %T %z", "2024-07-15 12:00:00 +0000", 1721044800 },
		{ "%F %T %Z", "2024-07-15 12:00:00 UTC", 1721044800 },
	};
	struct err e;
	struct tz *z = tz_load("EST5EDT,M3.2.0,M11.1.0", &e);
	struct stamp_fields f;
	int64_t ns;

	(void)state;
	assert_non_null(z);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].text,
		           stamp_strptime(slice_from(rows[i].text), rows[i].pattern, &f) > 0);
		assert_row(rows[i].text, stamp_from_fields(&f, z, &ns) == 0);
		assert_row(rows[i].text, ns == rows[i].sec * NS_PER_SEC);
	}
	tz_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strptime__agrees_with_glibc),
		cmocka_unit_test(test_strptime__knows_more_than_posix),
		cmocka_unit_test(test_strptime__says_what_the_text_named),
		cmocka_unit_test(test_from_fields__uses_the_zone_where_none_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
