/* civil.h: against the C library's gmtime and timegm. */
#include "unit.h"

#include "base/civil.h"

#include <time.h>

static void check(int64_t sec)
{
	time_t t = (time_t)sec;
	struct tm tm;
	struct civil c;

	gmtime_r(&t, &tm);
	civil_from_unix(sec, &c);
	if (c.year != tm.tm_year + INT64_C(1900) || c.mon != tm.tm_mon + 1 || c.day != tm.tm_mday ||
	    c.hour != tm.tm_hour || c.min != tm.tm_min || c.sec != tm.tm_sec || c.nsec != 0 ||
	    c.wday != tm.tm_wday || c.yday != tm.tm_yday || civil_to_unix(&c) != sec)
		fail_msg("%lld", (long long)sec);
}

static void test_from_unix__agrees_with_gmtime(void **state)
{
	uint64_t random = 1;

	(void)state;
	/* both ends of each day from 1595 to 2405: all kinds of years */
	for (int64_t day = -137000; day < 159000; day++) {
		check(day * 86400);
		check(day * 86400 + 86399);
	}
	/* anywhere within 30,000 years */
	for (int i = 0; i < 100000; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		check((int64_t)(random >> 24) - (INT64_C(1) << 39));
	}
}

static void test_days__carries_months_and_days(void **state)
{
	static const int months[] = { -25, -12, -1, 0, 1, 12, 13, 24, 25, 100 };

	(void)state;
	for (size_t i = 0; i < COUNT(months); i++)
		for (int day = -40; day < 400; day += 13) {
			struct tm tm = { .tm_year = 124, .tm_mon = months[i] - 1, .tm_mday = day };

			assert_int_equal(civil_days(2024, months[i], day), timegm(&tm) / 86400);
		}
}

static void test_month_days__knows_leap_years(void **state)
{
	static const struct {
		int64_t year;
		int days;
	} rows[] = { { 2023, 28 }, { 2024, 29 }, { 1900, 28 },
		     { 2000, 29 }, { 2100, 28 }, { -4, 29 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(civil_month_days(rows[i].year, 2), rows[i].days);
	for (int mon = 1, sum = 0; mon <= 12; mon++) {
		sum += civil_month_days(2023, mon);
		assert_int_equal(civil_days(2023, mon + 1, 1) - civil_days(2023, 1, 1), sum);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_unix__agrees_with_gmtime),
		cmocka_unit_test(test_days__carries_months_and_days),
		cmocka_unit_test(test_month_days__knows_leap_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
