/*
 * merge.h - several recorded streams, each in order, as one that is in order of time.
 *
 * What has the least time comes first, of equal ones what is of the stream named first. A line
 * without a time stays behind the one before it. So that order is exact, all streams are waited for
 * that are not over; one batch of each is held. Floor: 7 (stream)
 */
#ifndef STREAM_MERGE_H
#define STREAM_MERGE_H

#include "feed.h"

/* How the time of a line is known that is no record yet. */
struct line_clock {
	/*
	 * The time (ns) of a line of partition PART, newline included, with LINES_PAD readable
	 * bytes behind it; STAMP_NONE where it has none. Called for each line once, in the order of
	 * its partition. BEGINS: it begins an input.
	 */
	int64_t (*time_of)(void *context, size_t part, bool begins, struct slice line);
	void *context;
};

struct merge_input {
	struct flow flow; /* FEED itself, or filters around it; freed with the merge */
	struct feed feed;
};

/*
 * The streams (copied), N > 0. Partition and unit P of stream I are numbered P * N + I. Nothing of
 * it can be gone on with in another run.
 */
struct feed merge_new(const struct merge_input *input, size_t n, const struct line_clock *clock);

#endif
