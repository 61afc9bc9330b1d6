#include "tz.h"

#include "alloc.h"
#include "civil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TZIF_MAX (1 << 20) /* bytes; the largest file of the database has some 4 kB */

struct local_type {
	int32_t offset;
	bool dst;
	uint8_t name; /* index into names */
};

/* one end of a POSIX rule's summer: "M3.5.0/2", "J60", "59" */
struct rule_day {
	enum { DAY_MONTH, DAY_JULIAN, DAY_ZERO } kind;
	int month, week, day;
	int32_t time; /* seconds after local midnight */
};

struct posix_rule {
	bool there, has_dst;
	struct tz_info std, dst;
	struct rule_day begin, end; /* of the dst time */
};

struct tz {
	size_t times, types, name_bytes;
	int64_t *at; /* transitions, ascending, seconds since the epoch */
	uint8_t *to; /* type from that transition on */
	struct local_type *type;
	char *names;
	struct posix_rule rule; /* after the last transition */
};

/* ---- POSIX TZ rules: IEEE 1003.1, section 8.3, with RFC 8536's hours from -167 to 167 */

static bool take_number(const char **s, int max, int *v)
{
	const char *p = *s;

	for (*v = 0; *p >= '0' && *p <= '9'; p++)
		if ((*v = *v * 10 + (*p - '0')) > max)
			return false;
	if (p == *s)
		return false;
	*s = p;
	return true;
}

static bool take_hms(const char **s, int32_t *sec)
{
	int sign = 1, h = 0, m = 0, sc = 0;

	if (**s == '-' || **s == '+')
		sign = *(*s)++ == '-' ? -1 : 1;
	if (!take_number(s, 167, &h))
		return false;
	if (**s == ':' && (++*s, !take_number(s, 59, &m)))
		return false;
	if (**s == ':' && (++*s, !take_number(s, 59, &sc)))
		return false;
	*sec = sign * (h * 3600 + m * 60 + sc);
	return true;
}

static bool take_name(const char **s, char name[16])
{
	const char *from = *s, *p = from;
	size_t n;

	if (*p == '<') {
		from = ++p;
		while (*p && *p != '>')
			p++;
		n = (size_t)(p - from);
		if (*p++ != '>')
			return false;
	} else {
		while ((*p | 32) >= 'a' && (*p | 32) <= 'z')
			p++;
		n = (size_t)(p - from);
	}
	if (n < 3 || n > 15)
		return false;
	memcpy(name, from, n);
	name[n] = '\0';
	*s = p;
	return true;
}

static bool take_day(const char **s, struct rule_day *d)
{
	d->time = 7200;
	if (**s == 'M') {
		++*s;
		d->kind = DAY_MONTH;
		if (!take_number(s, 12, &d->month) || d->month < 1 || *(*s)++ != '.' ||
		    !take_number(s, 5, &d->week) || d->week < 1 || *(*s)++ != '.' ||
		    !take_number(s, 6, &d->day))
			return false;
	} else {
		d->kind = DAY_ZERO;
		if (**s == 'J') {
			++*s;
			d->kind = DAY_JULIAN;
		}
		if (!take_number(s, 365, &d->day))
			return false;
	}
	if (**s == '/') {
		++*s;
		return take_hms(s, &d->time);
	}
	return true;
}

static bool parse_rule(const char *s, struct posix_rule *r)
{
	memset(r, 0, sizeof *r);
	if (!take_name(&s, r->std.name) || !take_hms(&s, &r->std.offset))
		return false;
	r->std.offset = -r->std.offset;
	if (*s) {
		r->has_dst = r->dst.dst = true;
		r->dst.offset = r->std.offset + 3600;
		if (!take_name(&s, r->dst.name))
			return false;
		if (*s && *s != ',') {
			if (!take_hms(&s, &r->dst.offset))
				return false;
			r->dst.offset = -r->dst.offset;
		}
		if (!*s)
			s = ",M3.2.0,M11.1.0";
		if (*s++ != ',' || !take_day(&s, &r->begin) || *s++ != ',' ||
		    !take_day(&s, &r->end))
			return false;
	}
	r->there = *s == '\0';
	return r->there;
}

/* seconds since the epoch, in local time, of a rule's day in a year */
static int64_t rule_time(const struct rule_day *d, int64_t year)
{
	int64_t first = civil_days(year, 1, 1), day;
	bool leap = civil_month_days(year, 2) == 29;

	switch (d->kind) {
	case DAY_JULIAN:
		day = first + d->day - 1 + (leap && d->day >= 60);
		break;
	case DAY_ZERO:
		day = first + d->day;
		break;
	default: {
		int64_t month = civil_days(year, d->month, 1);
		int wday = (int)(((month + 4) % 7 + 7) % 7);

		day = month + (d->day - wday + 7) % 7 + 7 * (d->week - 1);
		if (day >= month + civil_month_days(year, d->month))
			day -= 7;
	}
	}
	return day * 86400 + d->time;
}

static void rule_at(const struct posix_rule *r, int64_t utc, struct tz_info *info)
{
	struct civil c;
	int64_t begin, end;
	bool dst;

	*info = r->std;
	if (!r->has_dst)
		return;
	civil_from_unix(utc + r->std.offset, &c);
	begin = rule_time(&r->begin, c.year) - r->std.offset;
	end = rule_time(&r->end, c.year) - r->dst.offset;
	dst = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
	if (dst)
		*info = r->dst;
}

/* ---- TZif, RFC 8536 section 3 */

static uint64_t big_endian(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

struct tzif_header {
	size_t isut, isstd, leap, times, types, chars;
};

static bool read_header(const unsigned char *p, size_t n, struct tzif_header *h)
{
	if (n < 44 || memcmp(p, "TZif", 4) != 0)
		return false;
	h->isut = big_endian(p + 20, 4);
	h->isstd = big_endian(p + 24, 4);
	h->leap = big_endian(p + 28, 4);
	h->times = big_endian(p + 32, 4);
	h->types = big_endian(p + 36, 4);
	h->chars = big_endian(p + 40, 4);
	return h->times < 100000 && h->types && h->types <= 256 && h->chars && h->chars < 4096 &&
	       h->leap < 10000 && h->isut <= 256 && h->isstd <= 256;
}

static size_t block_size(const struct tzif_header *h, size_t width)
{
	return h->times * (width + 1) + h->types * 6 + h->chars + h->leap * (width + 4) + h->isstd +
	       h->isut;
}

static bool read_block(struct tz *z, const unsigned char *p, const struct tzif_header *h)
{
	size_t i;

	z->times = h->times;
	z->types = h->types;
	z->name_bytes = h->chars;
	z->at = alloc_array(h->times, sizeof *z->at);
	z->to = alloc_array(h->times, 1);
	z->type = alloc_array(h->types, sizeof *z->type);
	for (i = 0; i < h->times; i++, p += 8)
		z->at[i] = (int64_t)big_endian(p, 8);
	for (i = 0; i < h->times; i++) {
		z->to[i] = *p++;
		if (z->to[i] >= h->types)
			return false;
	}
	for (i = 0; i < h->types; i++, p += 6) {
		z->type[i].offset = (int32_t)big_endian(p, 4);
		z->type[i].dst = p[4];
		z->type[i].name = p[5];
		if (p[5] >= h->chars)
			return false;
	}
	z->names = alloc_copy((const char *)p, h->chars);
	return true;
}

/* version 2 and later: a second block with 64-bit times, then "\nRULE\n" */
static bool read_tzif(struct tz *z, const unsigned char *p, size_t n)
{
	struct tzif_header h;
	const unsigned char *end = p + n, *newline;
	char rule[128];

	if (!read_header(p, n, &h) || p[4] < '2' || block_size(&h, 4) > n - 44)
		return false;
	p += 44 + block_size(&h, 4);
	if (!read_header(p, (size_t)(end - p), &h) || block_size(&h, 8) > (size_t)(end - p) - 44)
		return false;
	if (!read_block(z, p + 44, &h))
		return false;
	p += 44 + block_size(&h, 8);
	if (p == end || *p++ != '\n')
		return true;
	newline = memchr(p, '\n', (size_t)(end - p));
	if (!newline || (size_t)(newline - p) >= sizeof rule)
		return true;
	memcpy(rule, p, (size_t)(newline - p));
	rule[newline - p] = '\0';
	return rule[0] == '\0' || parse_rule(rule, &z->rule);
}

static struct tz *load_file(const char *path)
{
	FILE *f = fopen(path, "rbe");
	unsigned char *data;
	struct tz *z = NULL;
	size_t n;

	if (!f)
		return NULL;
	data = alloc_array(TZIF_MAX, 1);
	n = fread(data, 1, TZIF_MAX, f);
	fclose(f);
	if (n < TZIF_MAX) {
		z = alloc_zero(1, sizeof *z);
		if (!read_tzif(z, data, n)) {
			tz_free(z);
			z = NULL;
		}
	}
	free(data);
	return z;
}

static struct tz *from_rule(const char *text)
{
	struct tz *z = alloc_zero(1, sizeof *z);

	if (parse_rule(text, &z->rule))
		return z;
	tz_free(z);
	return NULL;
}

struct tz *tz_load(const char *name, struct err *e)
{
	const char *dir = getenv("TZDIR");
	char path[512];
	struct tz *z;

	if (strcmp(name, "UTC") == 0 || strcmp(name, "Z") == 0)
		return from_rule("UTC0");
	if (*name && *name != '/' && !strstr(name, "..") && strlen(name) < 128) {
		snprintf(path, sizeof path, "%s/%s", dir ? dir : "/usr/share/zoneinfo", name);
		z = load_file(path);
		if (!z)
			z = from_rule(name);
		if (z)
			return z;
	}
	err_set(e, FAIL_USAGE,
	        "unknown time zone '%s' (a name like Europe/Berlin; the system's list is "
	        "in /usr/share/zoneinfo, package tzdata)",
	        name);
	return NULL;
}

struct tz *tz_local(void)
{
	const char *name = getenv("TZ");
	struct err ignored;

	if (name && *name == ':')
		name++;
	if (!name)
		return load_file("/etc/localtime");
	return *name == '/' ? load_file(name) : tz_load(*name ? name : "UTC", &ignored);
}

/* ---- questions */

static void type_info(const struct tz *z, size_t i, struct tz_info *info)
{
	const struct local_type *t = &z->type[i];

	info->offset = t->offset;
	info->dst = t->dst;
	snprintf(info->name, sizeof info->name, "%s", z->names + t->name);
}

void tz_at(const struct tz *z, int64_t utc, struct tz_info *info)
{
	size_t lo = 0, hi = z ? z->times : 0;

	if (!z) {
		*info = (struct tz_info){ .name = "UTC" };
		return;
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (z->at[mid] <= utc)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == z->times && z->rule.there)
		rule_at(&z->rule, utc, info);
	else
		type_info(z, lo ? z->to[lo - 1] : 0, info);
}

int64_t tz_to_utc(const struct tz *z, int64_t local)
{
	struct tz_info before, after, then;
	int64_t first, second;
	bool first_holds;

	/* no zone changes twice within two days, so these are the only offsets in question */
	tz_at(z, local - 86400, &before);
	tz_at(z, local + 86400, &after);
	first = local - before.offset;
	second = local - after.offset;
	tz_at(z, first, &then);
	first_holds = then.offset == before.offset;
	tz_at(z, second, &then);
	if (then.offset == after.offset && (!first_holds || second < first))
		return second;
	return first;
}

void tz_free(struct tz *z)
{
	if (!z)
		return;
	free(z->at);
	free(z->to);
	free(z->type);
	free(z->names);
	free(z);
}
