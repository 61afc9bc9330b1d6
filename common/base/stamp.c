#include "stamp.h"

#include "duration.h"
#include "wide.h"

#include <stdio.h>
#include <time.h>

static bool digits2(const char *p, int *v)
{
	unsigned a = (unsigned)p[0] - '0', b = (unsigned)p[1] - '0';

	*v = (int)(a * 10 + b);
	return a < 10 && b < 10;
}

/* The two ends of int64 have their own meaning. */
static int fit(wide_int v, int64_t *ns)
{
	if (v <= STAMP_NONE || v >= STAMP_MAX)
		return -1;
	*ns = (int64_t)v;
	return 0;
}

static int join(int64_t sec, int64_t nsec, int64_t *ns)
{
	return fit((wide_int)sec * NS_PER_SEC + nsec, ns);
}

/* "Z", "+01:00", "+0100", "+01"; the whole slice. Seconds east in *offset. */
static bool parse_zone(struct slice s, int32_t *offset)
{
	int h, m = 0;

	if (s.n == 1 && (s.p[0] | 32) == 'z') {
		*offset = 0;
		return true;
	}
	if (s.n < 3 || (s.p[0] != '+' && s.p[0] != '-') || !digits2(s.p + 1, &h))
		return false;
	if (s.n == 6   ? s.p[3] != ':' || !digits2(s.p + 4, &m)
	    : s.n == 5 ? !digits2(s.p + 3, &m)
	               : s.n != 3)
		return false;
	if (h > 23 || m > 59)
		return false;
	*offset = (s.p[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return true;
}

/* the date and minute in 16 bytes, "2026-01-01T00:00", as if UTC */
static bool parse_minute(const char *p, int64_t *unix_sec)
{
	int y1, y2, mon, day, h, m;

	if (!digits2(p, &y1) || !digits2(p + 2, &y2) || p[4] != '-' || !digits2(p + 5, &mon) ||
	    p[7] != '-' || !digits2(p + 8, &day) || ((p[10] | 32) != 't' && p[10] != ' ') ||
	    !digits2(p + 11, &h) || p[13] != ':' || !digits2(p + 14, &m))
		return false;
	y1 = y1 * 100 + y2;
	if (mon < 1 || mon > 12 || day < 1 || day > civil_month_days(y1, mon) || h > 23 || m > 59)
		return false;
	*unix_sec = civil_days(y1, mon, day) * 86400 + h * 3600 + m * 60;
	return true;
}

/* the minute's seconds since the epoch, by the memo where it is the same minute */
static bool minute_in_zone(const char *p, struct slice zone_text, const struct tz *zone,
                           struct stamp_memo *memo, int64_t *unix_sec)
{
	char name[6] = { 0 };
	int32_t offset;

	if (zone_text.n > sizeof name)
		return false;
	if (zone_text.n)
		memcpy(name, zone_text.p, zone_text.n);
	if (memo && memo->held == zone_text.n + 1 && memcmp(memo->minute, p, 16) == 0 &&
	    memcmp(memo->zone, name, 6) == 0) {
		*unix_sec = memo->unix_sec;
		return true;
	}
	if (!parse_minute(p, unix_sec))
		return false;
	if (zone_text.n == 0)
		*unix_sec = tz_to_utc(zone, *unix_sec);
	else if (parse_zone(zone_text, &offset))
		*unix_sec -= offset;
	else
		return false;
	if (memo) {
		memcpy(memo->minute, p, 16);
		memcpy(memo->zone, name, 6);
		memo->held = (unsigned char)(zone_text.n + 1);
		memo->unix_sec = *unix_sec;
	}
	return true;
}

static int parse_date(struct slice text, const struct tz *zone, int64_t *ns)
{
	char minute[16] = "0000-00-00T00:00";
	int64_t sec;

	memcpy(minute, text.p, 10);
	if (!minute_in_zone(minute, (struct slice){ 0 }, zone, NULL, &sec))
		return -1;
	return join(sec, 0, ns);
}

int stamp_parse(struct slice text, const struct tz *zone, struct stamp_memo *memo, int64_t *ns)
{
	const char *p, *end = text.p + text.n;
	int64_t minute, nsec = 0, scale = NS_PER_SEC;
	int sec = 0;

	if (text.n == 10)
		return parse_date(text, zone, ns);
	if (text.n < 16)
		return -1;
	p = text.p + 16;
	if (p < end && *p == ':') {
		if (end - p < 3 || !digits2(p + 1, &sec) || sec > 60)
			return -1;
		p += 3;
		if (p < end && (*p == '.' || *p == ',')) {
			const char *first = ++p;

			for (; p < end && *p >= '0' && *p <= '9'; p++)
				if (scale > 1) {
					scale /= 10;
					nsec += (*p - '0') * scale;
				}
			if (p == first)
				return -1;
		}
	}
	if (!minute_in_zone(text.p, (struct slice){ p, (size_t)(end - p) }, zone, memo, &minute))
		return -1;
	return join(minute + sec, nsec, ns);
}

/* N digits of V and the character behind them. Returns where the next go. */
static char *put_digits(char *to, int v, int n, char behind)
{
	for (int i = n; i-- > 0; v /= 10)
		to[i] = (char)('0' + v % 10);
	to[n] = behind;
	return to + n + 1;
}

/* "2026-01-01T00:00:" of a minute since the epoch. */
static char *put_minute(char *p, int64_t minute)
{
	struct civil c;

	civil_from_unix(minute * 60, &c);
	p = put_digits(p, (int)c.year, 4, '-');
	p = put_digits(p, c.mon, 2, '-');
	p = put_digits(p, c.day, 2, 'T');
	p = put_digits(p, c.hour, 2, ':');
	return put_digits(p, c.min, 2, ':');
}

size_t stamp_format(int64_t ns, char to[STAMP_TEXT])
{
	/* the minute that was put last: what comes behind it is mostly of the same */
	static _Thread_local struct {
		int64_t minute;
		size_t n;
		char text[STAMP_TEXT];
	} last;
	int64_t minute = ns / (60 * NS_PER_SEC), rest = ns % (60 * NS_PER_SEC);
	char *p;

	if (rest < 0) {
		rest += 60 * NS_PER_SEC;
		minute--;
	}
	if (!last.n || last.minute != minute) {
		last.minute = minute;
		last.n = (size_t)(put_minute(last.text, minute) - last.text);
	}
	memcpy(to, last.text, sizeof last.text);
	p = put_digits(to + last.n, (int)(rest / NS_PER_SEC), 2, '.');
	rest %= NS_PER_SEC;
	if (rest) {
		/* milliseconds are usual */
		p = rest % 1000000 ? put_digits(p, (int)rest, 9, '.')
		                   : put_digits(p, (int)rest / 1000000, 3, '.');
		while (p[-2] == '0')
			p--;
	}
	p[-1] = 'Z';
	*p = '\0';
	return (size_t)(p - to);
}

enum stamp_unit stamp_unit_named(const char *name)
{
	static const char *const names[] = {
		[UNIT_S] = "s", [UNIT_MS] = "ms", [UNIT_US] = "us", [UNIT_NS] = "ns"
	};

	for (int i = UNIT_S; name && i <= UNIT_NS; i++)
		if (strcmp(names[i], name) == 0)
			return (enum stamp_unit)i;
	return UNIT_AUTO;
}

enum stamp_unit stamp_guess(double v)
{
	double size = v < 0 ? -v : v;

	return size < 1e11 ? UNIT_S : size < 1e14 ? UNIT_MS : size < 1e17 ? UNIT_US : UNIT_NS;
}

int stamp_number(struct slice text, enum stamp_unit unit, int64_t *ns)
{
	static const int digits[] = { [UNIT_S] = 9, [UNIT_MS] = 6, [UNIT_US] = 3, [UNIT_NS] = 0 };
	const char *p = text.p, *end = p + text.n;
	bool negative = p < end && *p == '-', point = false;
	wide_int v = 0;
	long exponent = 0, fraction = 0;

	if (unit == UNIT_AUTO)
		return -1;
	for (p += negative; p < end && ((*p >= '0' && *p <= '9') || *p == '.'); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (v < (wide_int)1 << 100) {
			v = v * 10 + (*p - '0');
			fraction += point;
		} else {
			fraction -= !point;
		}
	}
	if (p < end && (*p | 32) == 'e') {
		bool down = ++p < end && *p == '-';

		for (p += p < end && (*p == '-' || *p == '+'); p < end && exponent < 10000; p++)
			exponent = exponent * 10 + (*p - '0');
		exponent = down ? -exponent : exponent;
	}
	exponent += digits[unit] - fraction;
	for (; exponent < 0 && v; exponent++)
		v /= 10;
	for (; exponent > 0 && v && v < (wide_int)1 << 100; exponent--)
		v *= 10;
	return fit(negative ? -v : v, ns);
}

int64_t stamp_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

int64_t stamp_monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

int stamp_from_fields(const struct stamp_fields *f, const struct tz *zone, int64_t *ns)
{
	int64_t sec = civil_to_unix(&f->civil);

	sec = f->has_offset ? sec - f->offset : tz_to_utc(zone, sec);
	return join(sec, f->civil.nsec, ns);
}
