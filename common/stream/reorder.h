/*
 * reorder.h - lines of a recorded stream that are a little out of order, put in order of time.
 *
 * A line is held until one was seen that is later by DELAY, or the stream is over; of equal times
 * they keep their order, and a line without a time stays behind the one before it. What is later
 * than DELAY allows comes at once. What is held is copied. Nothing of it can be gone on with in
 * another run. Floor: 7 (stream)
 */
#ifndef STREAM_REORDER_H
#define STREAM_REORDER_H

#include "merge.h"

struct reorder;

/* Lines of FLOW, freed with it. */
struct reorder *reorder_new(struct flow flow, int64_t delay, const struct line_clock *clock);

struct flow reorder_flow(struct reorder *r);

/* How many came too late to be put in order. */
uint64_t reorder_late(const struct reorder *r);

#endif
