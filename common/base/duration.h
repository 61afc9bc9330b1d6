/*
 * duration.h - lengths of time as people write them: 250ms 10s 1m 2h 1d 1w, 1h30m, 1.5s.
 * Floor: 1 (base)
 */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include "slice.h"

#include <stdint.h>

#define NS_PER_US   INT64_C(1000)
#define NS_PER_MS   INT64_C(1000000)
#define NS_PER_SEC  INT64_C(1000000000)
#define NS_PER_MIN  (60 * NS_PER_SEC)
#define NS_PER_HOUR (3600 * NS_PER_SEC)
#define NS_PER_DAY  (86400 * NS_PER_SEC)

/*
 * Parse one or more NUMBER UNIT pairs, without sign or spaces; units ns us (also µs) ms s m h d w.
 * A number without unit is allowed only for 0. Stores nanoseconds. Returns 0, or -1 for anything
 * else and for more than 292 years.
 */
int duration_parse(struct slice text, int64_t *ns) __attribute__((warn_unused_result));

#define DURATION_TEXT 64 /* bytes that duration_format() needs at most, NUL included */

/* Write a duration >= 0 in the same notation, e.g. "1m30s". Returns TO. */
char *duration_format(int64_t ns, char to[DURATION_TEXT]);

#endif
