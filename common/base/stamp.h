/*
 * stamp.h - instants: int64 nanoseconds since 1970-01-01T00:00:00Z.
 *
 * Nanoseconds, because brokers and tracing systems deliver them and a coarser unit would change the
 * order of events; int64, because windows, watermarks and differences are then plain integer
 * arithmetic. The price is the range 1677-09-21 to 2262-04-11: a time outside it is unreadable.
 * Floor: 1 (base)
 */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include "civil.h"
#include "slice.h"
#include "tz.h"

#include <stdint.h>

#define STAMP_NONE INT64_MIN /* no time known; also "before everything" */
#define STAMP_MAX  INT64_MAX /* after everything */

/* The last minute that stamp_parse() met: most records of a stream share it. Starts zeroed. */
struct stamp_memo {
	char minute[16];    /* "2026-01-01T00:00" */
	char zone[6];       /* "Z" or "+01:00", NUL-padded */
	unsigned char held; /* bytes of the zone + 1; 0 where no minute was met yet */
	int64_t unix_sec;   /* of that minute in that zone, in UTC */
};

/*
 * Parse RFC 3339: date, 'T', 't' or a space, time with or without seconds and any fraction, and 'Z'
 * or an offset (+01:00, +0100, +01); where that is missing ZONE holds (NULL: UTC). A date alone is
 * its midnight. Digits of the fraction past the ninth are dropped. The whole slice must match. MEMO
 * may be NULL. Returns 0, or -1 where the text is no such time or outside the range.
 */
int stamp_parse(struct slice text, const struct tz *zone, struct stamp_memo *memo, int64_t *ns)
	__attribute__((warn_unused_result));

#define STAMP_TEXT 48 /* bytes that stamp_format() needs at most */

/*
 * Write an instant as RFC 3339 in UTC with 'Z', a fraction only where it is not zero, NUL. Returns
 * its length.
 */
size_t stamp_format(int64_t ns, char to[STAMP_TEXT]);

/* The unit of times given as numbers. */
enum stamp_unit { UNIT_AUTO, UNIT_S, UNIT_MS, UNIT_US, UNIT_NS };

/* The one of a name: s, ms, us, ns; UNIT_AUTO for any other, and for NULL. */
enum stamp_unit stamp_unit_named(const char *name);

/* The unit that a number's size suggests: below 1e11 s, below 1e14 ms, below 1e17 us, else ns. */
enum stamp_unit stamp_guess(double v);

/*
 * An instant from a decimal number (JSON spelling) of UNIT, exact to the nanosecond (toward zero).
 * Returns 0, or -1 outside the range.
 */
int stamp_number(struct slice text, enum stamp_unit unit, int64_t *ns)
	__attribute__((warn_unused_result));

/* What stamp_strptime() found. */
struct stamp_fields {
	struct civil civil; /* wday and yday as computed from the date */
	bool has_offset;    /* the text named its zone */
	int32_t offset;     /* seconds east, 0 without has_offset */
	bool has_year;
};

/*
 * Parse by a strptime pattern (POSIX, C locale; also %z with Z, +hh:mm and +hhmm, %Z with the names
 * of RFC 5322, %s, %f and %N for a fraction of one to nine digits, %k, %l). White space in the
 * pattern matches any amount. Fields not in the pattern are those of 1970-01-01T00:00:00. Returns
 * the bytes of TEXT used, or -1.
 */
int stamp_strptime(struct slice text, const char *pattern, struct stamp_fields *f)
	__attribute__((warn_unused_result));

/* The instant of parsed fields; ZONE where they name none. Returns 0, or -1 outside the range. */
int stamp_from_fields(const struct stamp_fields *f, const struct tz *zone, int64_t *ns)
	__attribute__((warn_unused_result));

/* The clock's time now. */
int64_t stamp_now(void);

/* A clock for differences, in nanoseconds. */
int64_t stamp_monotonic(void);

#endif
