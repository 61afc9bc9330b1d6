/* tz.h: the TZif reader and POSIX rules, against the C library's localtime. */
#include "unit.h"

#include "base/civil.h"
#include "base/tz.h"

#include <time.h>
#include <unistd.h>

static const char *const zones[] = {
	"Europe/Berlin",    "America/New_York",  "Australia/Lord_Howe", "Asia/Kathmandu",
	"Europe/Dublin",    "Africa/Casablanca", "America/Sao_Paulo",   "Pacific/Apia",
	"America/Nuuk",     "Asia/Gaza",         "America/St_Johns",    "Pacific/Kiritimati",
	"Antarctica/Troll", "Africa/Monrovia",   "Etc/GMT+12",          "Asia/Tehran",
};

static const char *const rules[] = {
	"UTC0",
	"CET-1CEST,M3.5.0,M10.5.0/3",
	"EST5EDT",
	"<+0545>-5:45",
	"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
	"IST-1GMT0,M10.5.0,M3.5.0/1",
	"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
	"AAA3BBB,J60/0,J300/2:30:15",
	"AAA3BBB,59/0,300",
	"XXX-3YYY,0/0,J365/25",
};

static uint64_t seed = 1;

static int64_t random_between(int64_t lo, int64_t hi)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return lo + (int64_t)((seed >> 16) % (uint64_t)(hi - lo));
}

static struct tz *load(const char *name)
{
	struct err e;
	struct tz *z = tz_load(name, &e);

	if (!z)
		fail_msg("%s", e.text);
	setenv("TZ", name, 1);
	tzset();
	return z;
}

static void check_at(const struct tz *z, const char *name, int64_t utc)
{
	time_t t = (time_t)utc;
	struct tz_info info;
	struct tm tm;

	localtime_r(&t, &tm);
	tz_at(z, utc, &info);
	if (info.offset != tm.tm_gmtoff || info.dst != (tm.tm_isdst > 0) ||
	    strcmp(info.name, tm.tm_zone) != 0)
		fail_msg("%s at %lld: ours %d %d %s, the system's %ld %d %s", name, (long long)utc,
		         info.offset, info.dst, info.name, tm.tm_gmtoff, tm.tm_isdst, tm.tm_zone);
}

/* the instants around each change of offset between two years, looked for by the C library */
static int64_t next_change(int64_t from, int64_t until)
{
	for (; from < until; from += 86400) {
		time_t lo = (time_t)from, hi = (time_t)from + 86400;
		struct tm a, b;

		localtime_r(&lo, &a);
		localtime_r(&hi, &b);
		if (a.tm_gmtoff == b.tm_gmtoff)
			continue;
		while (hi - lo > 1) {
			time_t mid = lo + (hi - lo) / 2;

			localtime_r(&mid, &b);
			if (a.tm_gmtoff == b.tm_gmtoff)
				lo = mid;
			else
				hi = mid;
		}
		return (int64_t)hi;
	}
	return until;
}

static void check_zone(const char *name, bool before_1970)
{
	struct tz *z = load(name);

	/* the table's years, those of the rule behind it, and far away */
	for (int i = 0; i < 1000; i++) {
		check_at(z, name, random_between(0, INT64_C(2145916800)));
		check_at(z, name, random_between(INT64_C(2145916800), INT64_C(9223372036)));
		if (before_1970)
			check_at(z, name, random_between(INT64_C(-9223372036), 0));
	}
	for (int64_t at = 0, until = INT64_C(2300000000); at < until;) {
		at = next_change(at, until);
		for (int64_t around = at - 2; around < at + 3; around++)
			check_at(z, name, around);
		at += 3;
	}
	tz_free(z);
}

static void test_at__agrees_with_localtime(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++)
		check_zone(zones[i], true);
	for (size_t i = 0; i < COUNT(rules); i++)
		check_zone(rules[i], false); /* glibc's rules begin with the epoch */
}

/*
 * What tz_to_utc() promises, by trying: the first instant at which the clock shows LOCAL; where
 * there is none, with the offset that holds before the change.
 */
static int64_t first_showing(int64_t local, int32_t before)
{
	for (int64_t utc = local - 15 * 3600; utc <= local + 15 * 3600; utc += 900) {
		time_t t = (time_t)utc;
		struct tm tm;

		localtime_r(&t, &tm);
		if (utc + tm.tm_gmtoff == local)
			return utc;
	}
	return local - before;
}

static void test_to_utc__in_gaps_and_overlaps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		struct tz *z = load(zones[i]);

		for (int64_t at = INT64_C(86400) * 366, until = INT64_C(2300000000); at < until;) {
			time_t before;
			struct tm tm;

			at = next_change(at, until);
			before = (time_t)at - 1;
			localtime_r(&before, &tm);
			/* offsets that are whole quarters: the search goes in such steps */
			for (int k = -120; k < 120 && tm.tm_gmtoff % 900 == 0; k++) {
				int64_t local = (at + tm.tm_gmtoff) / 900 * 900 + k * 900;
				int64_t expected = first_showing(local, (int32_t)tm.tm_gmtoff);

				if (tz_to_utc(z, local) != expected)
					fail_msg("%s, local %lld: ours %lld, expected %lld",
					         zones[i], (long long)local,
					         (long long)tz_to_utc(z, local),
					         (long long)expected);
			}
			at += 86400;
		}
		tz_free(z);
	}
}

static void test_to_utc__known_cases(void **state)
{
	static const struct {
		const char *zone;
		struct civil local;
		int64_t utc; /* date -u -d .. +%s */
	} rows[] = {
		/* skipped: 02:30 on the offset before, +01:00, is 01:30Z */
		{ "Europe/Berlin", { 2024, 3, 31, 2, 30, 0, 0, 0, 0 }, 1711848600 },
		/* shown twice: the first, +02:00, is 00:30Z */
		{ "Europe/Berlin", { 2024, 10, 27, 2, 30, 0, 0, 0, 0 }, 1729989000 },
		/* half an hour: Lord Howe goes from +10:30 to +11 */
		{ "Australia/Lord_Howe", { 2024, 10, 6, 2, 15, 0, 0, 0, 0 }, 1728143100 },
		/* the day that Samoa left out, on -10:00 */
		{ "Pacific/Apia", { 2011, 12, 30, 12, 0, 0, 0, 0, 0 }, 1325282400 },
		{ "Asia/Kathmandu", { 2024, 1, 1, 5, 45, 0, 0, 0, 0 }, 1704067200 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tz *z = load(rows[i].zone);

		assert_row(rows[i].zone,
		           tz_to_utc(z, civil_to_unix(&rows[i].local)) == rows[i].utc);
		tz_free(z);
	}
	assert_int_equal(tz_to_utc(NULL, 12345), 12345);
}

static void test_at__of_no_zone_is_utc(void **state)
{
	struct tz_info info;

	(void)state;
	tz_at(NULL, 0, &info);
	assert_int_equal(info.offset, 0);
	assert_false(info.dst);
	assert_string_equal(info.name, "UTC");
}

static void test_load__refuses(void **state)
{
	static const char *const rows[] = {
		"",
		"Nowhere/Land",
		"../../etc/passwd",
		"/etc/passwd",
		"Europe",
		"AB1",
		"CET",
		"CET-1CEST,M13.1.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,M3.5.0",
		"CET-168",
		"<CET-1",
		"CET-1CEST,M3.5.0,M10.5.0x",
	};
	struct err e;

	(void)state;
	setenv("TZDIR", "/nonexistent", 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		err_clear(&e);
		assert_row(rows[i], !tz_load(rows[i], &e));
		assert_row(rows[i], e.kind == FAIL_USAGE);
		assert_row(rows[i], strstr(e.text, "unknown time zone"));
	}
	unsetenv("TZDIR");
	assert_null(tz_load("Europe", &e)); /* a folder */
}

/* A TZif file that is cut short or damaged is refused, or read, but never read past its end. */
static void test_load__survives_damaged_files(void **state)
{
	unsigned char data[8192];
	char dir[] = "/tmp/test_tz.XXXXXX", path[64];
	FILE *f = fopen("/usr/share/zoneinfo/America/New_York", "rb");
	size_t n, loaded = 0;
	struct tz_info info;
	struct tz *z;
	struct err e;

	(void)state;
	assert_non_null(f);
	n = fread(data, 1, sizeof data, f);
	fclose(f);
	assert_true(n > 1000 && n < sizeof data);
	assert_non_null(mkdtemp(dir));
	setenv("TZDIR", dir, 1);
	snprintf(path, sizeof path, "%s/Zone", dir);
	for (size_t i = 0; i < 2000; i++) {
		size_t at = (size_t)random_between(0, (int64_t)n);
		unsigned char was = data[at];

		f = fopen(path, "wb");
		assert_non_null(f);
		if (i % 2)
			data[at] = (unsigned char)random_between(0, 256);
		fwrite(data, 1, i % 2 ? n : at, f);
		fclose(f);
		data[at] = was;
		z = tz_load("Zone", &e);
		if (!z)
			continue;
		loaded++;
		tz_at(z, random_between(-9223372036, 9223372036), &info);
		tz_to_utc(z, random_between(-9223372036, 9223372036));
		tz_free(z);
	}
	assert_true(loaded > 0 && loaded < 2000);
	unlink(path);
	rmdir(dir);
	unsetenv("TZDIR");
}

static void test_local__is_what_tz_says(void **state)
{
	static const struct {
		const char *tz;
		int offset; /* at 2024-07-15 */
	} rows[] = {
		{ "Asia/Kathmandu", 20700 },
		{ ":Asia/Kathmandu", 20700 },
		{ "/usr/share/zoneinfo/Asia/Kathmandu", 20700 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 7200 },
		{ "", 0 },
		{ "Nowhere/Land", 0 },
	};
	struct tz_info info;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tz *z;

		setenv("TZ", rows[i].tz, 1);
		z = tz_local();
		tz_at(z, 1721044800, &info);
		assert_row(rows[i].tz, info.offset == rows[i].offset);
		tz_free(z);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at__agrees_with_localtime),
		cmocka_unit_test(test_to_utc__in_gaps_and_overlaps),
		cmocka_unit_test(test_to_utc__known_cases),
		cmocka_unit_test(test_at__of_no_zone_is_utc),
		cmocka_unit_test(test_load__refuses),
		cmocka_unit_test(test_load__survives_damaged_files),
		cmocka_unit_test(test_local__is_what_tz_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
