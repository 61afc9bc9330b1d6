/*
 * interval.h - each left record with the right ones that lie near it in time: from `before` it to
 * `after` it, both bounds inclusive, or up to a time of the left record's own.
 *
 * A pair leaves when the later of its two records arrives: with the records of the other side in
 * order of time, then arrival. A record is settled when the other side's watermark has passed the
 * last time that could still match; what one advance settles leaves by that time, then as it
 * arrived. Floor: 8 (join)
 */
#ifndef JOIN_INTERVAL_H
#define JOIN_INTERVAL_H

#include "joinstate.h"

struct interval_opts {
	int64_t before, after; /* ns */
	bool expires;          /* `after` is not looked at: arrivals say how long they wait */
	bool once;             /* a left record is done with its first pair */
	bool texts;
	struct join_sink sink;
};

struct interval {
	struct joinstate state;
	struct interval_opts opts;
	struct pq due[2];   /* by enum side */
	int64_t settled[2]; /* what the other side's watermark has settled, by side of the records
	                     */
};

void interval_init(struct interval *v, const struct interval_opts *opts);

/* A record arrives. -1 with *E set where the sink fails, as all that follow. */
int interval_add(struct interval *v, const struct join_arrival *a, struct err *e)
	__attribute__((warn_unused_result));

/* No record of SIDE below W is expected any more: settle what waited for one. */
int interval_advance(struct interval *v, enum side side, int64_t w, struct err *e)
	__attribute__((warn_unused_result));

/* Settle the N records that are due first, though they are not yet. */
int interval_evict(struct interval *v, size_t n, struct err *e) __attribute__((warn_unused_result));

size_t interval_memory(const struct interval *v);

void interval_free(struct interval *v);

#endif
