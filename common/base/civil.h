/*
 * civil.h - the proleptic Gregorian calendar, in UTC.
 *
 * The day-count algorithms are Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms"
 * (days_from_civil, civil_from_days).
 * Floor: 1 (base)
 */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

struct civil {
	int64_t year;
	int mon;  /* 1-12 */
	int day;  /* 1-31 */
	int hour; /* 0-23 */
	int min;  /* 0-59 */
	int sec;  /* 0-60 */
	int nsec; /* 0-999999999 */
	int wday; /* 0-6, Sunday is 0 */
	int yday; /* 0-365 */
};

/* Days from 1970-01-01 to this date; months outside 1-12 carry into the year, days into the month.
 */
int64_t civil_days(int64_t year, int64_t mon, int64_t day);

/* Seconds since the epoch of the civil time in UTC (nsec, wday and yday are not looked at). */
int64_t civil_to_unix(const struct civil *c);

/* All fields but nsec (which becomes 0) from seconds since the epoch. */
void civil_from_unix(int64_t sec, struct civil *c);

/* Days of a month (1-12) of a year. */
int civil_month_days(int64_t year, int mon);

#endif
