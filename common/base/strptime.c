/* stamp_strptime(): POSIX strptime in the C locale, with zones and fractions. */
#include "stamp.h"

#include <strings.h>

struct parse {
	const char *p, *end;
	struct stamp_fields *f;
	int hour12, pm, century; /* hour12 and century: -1 where not given */
	bool has_epoch, has_mday, has_yday;
	int64_t epoch;
};

static void skip_space(struct parse *s)
{
	while (s->p < s->end && (*s->p == ' ' || (*s->p >= '\t' && *s->p <= '\r')))
		s->p++;
}

static bool number(struct parse *s, int width, int64_t lo, int64_t hi, int64_t *v)
{
	const char *first;
	bool negative = false;

	skip_space(s);
	if (lo < 0 && s->p < s->end && (*s->p == '-' || *s->p == '+'))
		negative = *s->p++ == '-';
	first = s->p;
	for (*v = 0; s->p < s->end && s->p - first < width && *s->p >= '0' && *s->p <= '9'; s->p++)
		*v = *v * 10 + (*s->p - '0');
	if (s->p == first)
		return false;
	if (negative)
		*v = -*v;
	return *v >= lo && *v <= hi;
}

static bool field(struct parse *s, int width, int lo, int hi, int *to)
{
	int64_t v;

	if (!number(s, width, lo, hi, &v))
		return false;
	*to = (int)v;
	return true;
}

/* one of COUNT names, whole or by its first three letters, any case */
static bool name(struct parse *s, const char *const *names, int count, int *to)
{
	for (int i = 0; i < count; i++) {
		size_t whole = strlen(names[i]), left = (size_t)(s->end - s->p);
		size_t n = left >= whole && strncasecmp(s->p, names[i], whole) == 0 ? whole : 3;

		if (left >= n && strncasecmp(s->p, names[i], n) == 0) {
			s->p += n;
			*to = i;
			return true;
		}
	}
	return false;
}

static bool fraction(struct parse *s)
{
	int scale = 1000000000;
	const char *first = s->p;

	for (s->f->civil.nsec = 0; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
		if (scale > 1) {
			scale /= 10;
			s->f->civil.nsec += (*s->p - '0') * scale;
		}
	return s->p > first;
}

static bool digits2(struct parse *s, int hi, int *v)
{
	const char *first = s->p;

	return s->p < s->end && *s->p >= '0' && *s->p <= '9' && field(s, 2, 0, hi, v) &&
	       s->p - first == 2;
}

/* Z, +hh, +hhmm or +hh:mm */
static bool offset(struct parse *s)
{
	int sign, h, m = 0;

	skip_space(s);
	s->f->has_offset = true;
	s->f->offset = 0;
	if (s->p < s->end && (*s->p | 32) == 'z') {
		s->p++;
		return true;
	}
	if (s->p >= s->end || (*s->p != '+' && *s->p != '-'))
		return false;
	sign = *s->p++ == '-' ? -1 : 1;
	if (!digits2(s, 23, &h))
		return false;
	if (s->p < s->end && *s->p == ':')
		s->p++;
	if (s->p < s->end && *s->p >= '0' && *s->p <= '9' && !digits2(s, 59, &m))
		return false;
	s->f->offset = sign * (h * 3600 + m * 60);
	return true;
}

/* The names that RFC 5322 section 4.3 defines; any other says nothing. */
static bool zone_name(struct parse *s)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = { { "UTC", 0 },  { "GMT", 0 },  { "UT", 0 },   { "Z", 0 },
		      { "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
		      { "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 } };
	const char *first = s->p;
	size_t i, n;

	while (s->p < s->end && (*s->p | 32) >= 'a' && (*s->p | 32) <= 'z')
		s->p++;
	n = (size_t)(s->p - first);
	for (i = 0; i < sizeof zones / sizeof zones[0]; i++)
		if (n == strlen(zones[i].name) && strncasecmp(first, zones[i].name, n) == 0) {
			s->f->has_offset = true;
			s->f->offset = zones[i].hours * 3600;
		}
	return n > 0;
}

static bool pattern(struct parse *s, const char *pat);

static bool year_field(struct parse *s, char c)
{
	struct civil *t = &s->f->civil;
	int64_t v;

	switch (c) {
	case 'Y':
		if (!number(s, 4, -9999, 9999, &t->year))
			return false;
		break;
	case 'C':
		return field(s, 2, 0, 99, &s->century);
	default: /* y */
		if (!number(s, 2, 0, 99, &v))
			return false;
		t->year = v + (v < 69 ? 2000 : 1900);
		break;
	}
	s->f->has_year = true;
	return true;
}

static bool date_field(struct parse *s, char c)
{
	static const char *const months[] = { "January",   "February", "March",    "April",
		                              "May",       "June",     "July",     "August",
		                              "September", "October",  "November", "December" };
	static const char *const days[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
		                            "Thursday", "Friday", "Saturday" };
	struct civil *t = &s->f->civil;
	int v;

	switch (c) {
	case 'm':
		return field(s, 2, 1, 12, &t->mon);
	case 'b':
	case 'B':
	case 'h':
		if (!name(s, months, 12, &v))
			return false;
		t->mon = v + 1;
		return true;
	case 'd':
	case 'e':
		s->has_mday = true;
		return field(s, 2, 1, 31, &t->day);
	case 'j':
		s->has_yday = true;
		if (!field(s, 3, 1, 366, &t->yday))
			return false;
		t->yday--;
		return true;
	case 'a':
	case 'A':
		return name(s, days, 7, &t->wday);
	/* read, without effect: the date says it already */
	case 'u':
		return field(s, 1, 1, 7, &v);
	case 'w':
		return field(s, 1, 0, 6, &v);
	case 'g':
		return field(s, 2, 0, 99, &v);
	case 'G':
		return field(s, 4, 0, 9999, &v);
	default: /* U W V */
		return field(s, 2, 0, 53, &v);
	}
}

static bool time_field(struct parse *s, char c)
{
	static const char *const halves[] = { "AM ", "PM " };
	struct civil *t = &s->f->civil;

	switch (c) {
	case 'H':
	case 'k':
		return field(s, 2, 0, 23, &t->hour);
	case 'I':
	case 'l':
		return field(s, 2, 1, 12, &s->hour12);
	case 'M':
		return field(s, 2, 0, 59, &t->min);
	case 'S':
		return field(s, 2, 0, 61, &t->sec);
	case 'f':
	case 'N':
		return fraction(s);
	case 'p':
	case 'P':
		if (s->end - s->p < 2)
			return false;
		for (s->pm = 0; s->pm < 2; s->pm++)
			if (strncasecmp(s->p, halves[s->pm], 2) == 0) {
				s->p += 2;
				return true;
			}
		return false;
	default: /* s */
		s->has_epoch = true;
		return number(s, 18, -INT64_C(999999999999), INT64_C(999999999999), &s->epoch);
	}
}

static bool conversion(struct parse *s, char c)
{
	switch (c) {
	case 'Y':
	case 'y':
	case 'C':
		return year_field(s, c);
	case 'g':
	case 'G':
	case 'm':
	case 'b':
	case 'B':
	case 'h':
	case 'd':
	case 'e':
	case 'j':
	case 'a':
	case 'A':
	case 'u':
	case 'w':
	case 'U':
	case 'W':
	case 'V':
		return date_field(s, c);
	case 'H':
	case 'k':
	case 'I':
	case 'l':
	case 'M':
	case 'S':
	case 'f':
	case 'N':
	case 'p':
	case 'P':
	case 's':
		return time_field(s, c);
	case 'z':
		return offset(s);
	case 'Z':
		return zone_name(s);
	case 'T':
	case 'X':
		return pattern(s, "%H:%M:%S");
	case 'R':
		return pattern(s, "%H:%M");
	case 'r':
		return pattern(s, "%I:%M:%S %p");
	case 'D':
	case 'x':
		return pattern(s, "%m/%d/%y");
	case 'F':
		return pattern(s, "%Y-%m-%d");
	case 'c':
		return pattern(s, "%a %b %e %H:%M:%S %Y");
	case 'n':
	case 't':
		skip_space(s);
		return true;
	case '%':
		return s->p < s->end && *s->p++ == '%';
	default:
		return false;
	}
}

static bool pattern(struct parse *s, const char *pat)
{
	for (; *pat; pat++) {
		if (*pat == ' ' || (*pat >= '\t' && *pat <= '\r')) {
			skip_space(s);
		} else if (*pat != '%') {
			if (s->p >= s->end || *s->p++ != *pat)
				return false;
		} else {
			pat++;
			while (*pat == 'E' || *pat == 'O' || *pat == '-' || *pat == '_')
				pat++;
			if (!*pat || !conversion(s, *pat))
				return false;
		}
	}
	return true;
}

static bool settle(struct parse *s)
{
	struct civil *t = &s->f->civil, date;
	int64_t days;

	if (s->has_epoch) {
		int nsec = t->nsec;

		civil_from_unix(s->epoch, t);
		t->nsec = nsec;
		s->f->has_offset = s->f->has_year = true;
		s->f->offset = 0;
		return true;
	}
	if (s->century >= 0) {
		t->year = s->century * 100 + (s->f->has_year ? t->year % 100 : 0);
		s->f->has_year = true;
	}
	if (s->hour12 >= 0)
		t->hour = s->hour12 % 12 + (s->pm == 1 ? 12 : 0);
	if (s->has_yday && !s->has_mday) {
		struct civil c;

		civil_from_unix((civil_days(t->year, 1, 1) + t->yday) * 86400, &c);
		t->mon = c.mon;
		t->day = c.day;
	}
	/* a day that the month has not is in the next one, as C's mktime() has it */
	days = civil_days(t->year, t->mon, t->day);
	civil_from_unix(days * 86400, &date);
	t->year = date.year;
	t->mon = date.mon;
	t->day = date.day;
	t->yday = date.yday;
	t->wday = date.wday;
	return true;
}

int stamp_strptime(struct slice text, const char *pat, struct stamp_fields *f)
{
	struct parse s = {
		.p = text.p, .end = text.p + text.n, .f = f, .hour12 = -1, .pm = -1, .century = -1
	};

	*f = (struct stamp_fields){ .civil = { .year = 1970, .mon = 1, .day = 1 } };
	if (!pattern(&s, pat) || !settle(&s))
		return -1;
	return (int)(s.p - text.p);
}
