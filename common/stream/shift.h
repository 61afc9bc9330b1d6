/*
 * shift.h - records moved in time: their time field rewritten in its own format.
 *
 * What stays as it was: a number's unit and the digits of its fraction, a string's separator,
 * fraction digits and zone (2026-01-01 00:00:00.50+02:00 stays of that kind), and all other bytes
 * of the record. What the format has no place for (finer digits; a year that a pattern does not
 * name) is dropped, toward earlier. A number with an exponent comes out without one, a string
 * without needless escapes. Floor: 7 (stream)
 */
#ifndef STREAM_SHIFT_H
#define STREAM_SHIFT_H

#include "base/buf.h"
#include "base/tz.h"

/*
 * Append to TO the JSON text of a time that is written like LITERAL, the JSON text (number or
 * string) of the time FROM, but later by BY (ns). FORMAT is --time-format's (s, ms, us, ns, a
 * strptime pattern; NULL: by what LITERAL is), ZONE that of times that name none (NULL: UTC).
 * -1 with FAIL_DATA, and nothing appended, where LITERAL cannot be written anew or the time is
 * outside the range.
 */
int shift_literal(struct slice literal, int64_t from, int64_t by, const char *format,
                  const struct tz *zone, struct buf *to, struct err *e)
	__attribute__((warn_unused_result));

#endif
