/*
 * throttle.h - pass at most so many records a second, minute or hour; drop and count the others.
 *
 * A token bucket for each key, by the clock: N tokens at first and at most, N more in every span of
 * time, evenly; a record takes one. Records over the rate are dropped and not delayed: a stage that
 * waited would hold up all that come behind, those of other keys too (pv -L and sreplay delay).
 *
 * Memory: a key that was idle for one span has a full bucket and is forgotten, which changes
 * nothing; where there are still too many keys, the one idle longest is. State: `bucket`, whose
 * items hold struct throttle_bucket. Floor: 6 (ops)
 */
#ifndef OPS_THROTTLE_H
#define OPS_THROTTLE_H

#include "base/aged.h"
#include "base/err.h"

struct throttle_bucket {
	int64_t at;     /* us, when it was looked at last */
	int64_t credit; /* a token is `span` of it */
};

struct throttle {
	int64_t count, span; /* records in us */
	uint64_t max_keys;
	uint64_t dropped; /* records */
	struct aged bucket;
};

/*
 * RATE is "100/s", "5/m", "1/h", "1000/d" or with any duration "10/5s". -1 with FAIL_USAGE where it
 * is not, or too high to be counted (10^12 a second, 10^8 a day).
 */
int throttle_init(struct throttle *t, const char *rate, uint64_t max_keys, struct err *e)
	__attribute__((warn_unused_result));

/* Does a record with this key (empty without --by) pass? NOW is stamp_monotonic(). */
bool throttle_passes(struct throttle *t, struct slice key, int64_t now);

void throttle_free(struct throttle *t);

#endif
