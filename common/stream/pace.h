/*
 * pace.h - lines of a flow, let out no faster than at a rate. Floor: 7 (stream)
 */
#ifndef STREAM_PACE_H
#define STREAM_PACE_H

#include "feed.h"

struct rate {
	uint64_t lines; /* > 0, so many ... */
	int64_t per;    /* > 0, in so many ns */
};

struct pace;

/*
 * Lines of FLOW, freed with it. Line N of a stretch without gaps leaves N / rate after its first,
 * up to 1 ms later. What was not used is lost, but for 50 ms of being late. When the end is asked
 * for (io/stop.h) what was read leaves at once.
 */
struct pace *pace_new(struct flow flow, const struct rate *rate);

struct flow pace_flow(struct pace *p);

/* One of the lines handed out does not count, since nothing came of it. */
void pace_forgive(struct pace *p);

#endif
