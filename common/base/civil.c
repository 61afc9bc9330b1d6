#include "civil.h"

int64_t civil_days(int64_t year, int64_t mon, int64_t day)
{
	int64_t era, yoe, doy;

	mon -= 1;
	year += mon / 12;
	mon %= 12;
	if (mon < 0) {
		mon += 12;
		year--;
	}
	mon += 1;
	if (mon <= 2)
		year--;
	era = (year >= 0 ? year : year - 399) / 400;
	yoe = year - era * 400;
	doy = (153 * (mon > 2 ? mon - 3 : mon + 9) + 2) / 5;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy + day - 1 - 719468;
}

int64_t civil_to_unix(const struct civil *c)
{
	return civil_days(c->year, c->mon, c->day) * 86400 + c->hour * 3600 + c->min * 60 + c->sec;
}

void civil_from_unix(int64_t sec, struct civil *c)
{
	int64_t days = sec / 86400, rest = sec % 86400, era, doe, yoe, doy, mp;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	c->wday = (int)(((days + 4) % 7 + 7) % 7);
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c->mon = (int)(mp < 10 ? mp + 3 : mp - 9);
	c->year = yoe + era * 400 + (c->mon <= 2);
	/* doy counts from the first of March: January and February are behind 306 days */
	c->yday = (int)(mp < 10 ? doy + 31 + civil_month_days(c->year, 2) : doy - 306);
	c->hour = (int)(rest / 3600);
	c->min = (int)(rest / 60 % 60);
	c->sec = (int)(rest % 60);
	c->nsec = 0;
}

int civil_month_days(int64_t year, int mon)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[mon - 1] + (mon == 2 && leap);
}
