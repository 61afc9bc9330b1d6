/*
 * holdback.h - the partitions of a live stream, each in order, interleaved by time as well as can
 * be without waiting for long.
 *
 * A line is held until every other partition that is not over has one of a later time, or for a
 * while after it was read; then it leaves, and all that is held of an earlier time before it. A
 * partition's own lines keep their order; one without a time stays behind the one before it.
 * What is held is copied; where that is much nothing is read until some has left.
 * Floor: 7 (stream)
 */
#ifndef STREAM_HOLDBACK_H
#define STREAM_HOLDBACK_H

#include "merge.h"

struct holdback_opts {
	int64_t wait; /* how long a line is held at most, ns by the clock */
	size_t limit; /* bytes held, beyond which nothing is read */
	struct line_clock clock;
};

/*
 * Lines of FLOW, which is FEED itself or filters around it; freed with it. Positions are FEED's,
 * less what is held.
 */
struct feed holdback_new(struct flow flow, struct feed feed, const struct holdback_opts *opts);

#endif
