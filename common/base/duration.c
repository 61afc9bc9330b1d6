#include "duration.h"

#include "wide.h"

#include <inttypes.h>
#include <stdio.h>

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {
	{ "w", 7 * NS_PER_DAY },    { "d", NS_PER_DAY }, { "h", NS_PER_HOUR }, { "m", NS_PER_MIN },
	{ "s", NS_PER_SEC },        { "ms", NS_PER_MS }, { "us", NS_PER_US },  { "ns", 1 },
	{ "\xC2\xB5s", NS_PER_US }, /* the micro sign, as Go writes it */
	{ "\xCE\xBCs", NS_PER_US }, /* the letter mu */
};
#define UNITS   (sizeof units / sizeof units[0])
#define WRITTEN (UNITS - 2) /* those that duration_format() uses */

static const struct unit *find_unit(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < UNITS; i++)
		if (slice_same((struct slice){ p, n }, slice_from(units[i].name)))
			return &units[i];
	return NULL;
}

/* one NUMBER UNIT pair at text->p; takes it off and adds it to *sum */
static int take_pair(struct slice *text, int64_t *sum)
{
	const char *p = text->p, *end = p + text->n, *name;
	int64_t whole = 0, part = 0, scale = 1, ns;
	const struct unit *u;

	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, *p - '0', &whole))
			return -1;
	if (p == text->p)
		return -1;
	if (p < end && *p == '.') {
		const char *first = ++p;

		for (; p < end && *p >= '0' && *p <= '9'; p++)
			if (scale < NS_PER_SEC) {
				part = part * 10 + (*p - '0');
				scale *= 10;
			}
		if (p == first)
			return -1;
	}
	for (name = p; p < end && ((*p >= 'a' && *p <= 'z') || (*p & 0x80));)
		p++;
	u = find_unit(name, (size_t)(p - name));
	if (!u || __builtin_mul_overflow(whole, u->ns, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)((wide_int)part * u->ns / scale), &ns) ||
	    __builtin_add_overflow(*sum, ns, sum))
		return -1;
	text->n = (size_t)(end - p);
	text->p = p;
	return 0;
}

int duration_parse(struct slice text, int64_t *ns)
{
	int64_t sum = 0;

	if (text.n == 0)
		return -1;
	if (text.n == 1 && text.p[0] == '0')
		text.n = 0;
	while (text.n)
		if (take_pair(&text, &sum) < 0)
			return -1;
	*ns = sum;
	return 0;
}

char *duration_format(int64_t ns, char to[DURATION_TEXT])
{
	size_t i, n = 0;

	if (ns == 0) {
		snprintf(to, DURATION_TEXT, "0s");
		return to;
	}
	for (i = 0; i < WRITTEN; i++) {
		int64_t count = ns / units[i].ns;

		if (count) {
			n += (size_t)snprintf(to + n, DURATION_TEXT - n, "%" PRId64 "%s", count,
			                      units[i].name);
			ns -= count * units[i].ns;
		}
	}
	return to;
}
