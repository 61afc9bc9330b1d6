/*
 * again.h - trying again, later each time.
 * Floor: 7 (stream)
 */
#ifndef STREAM_AGAIN_H
#define STREAM_AGAIN_H

#include "base/stamp.h"

/* What becomes of a stream whose other side ends it. */
enum follow {
	FOLLOW_NOT,   /* it ends */
	FOLLOW_ON,    /* it is begun again */
	FOLLOW_ALWAYS /* that too, and also where it cannot be begun the first time */
};

struct again {
	int64_t first, most; /* how long to wait, ns: doubled from FIRST to MOST */
	int64_t wait;        /* the next one; 0: FIRST */
	int64_t at;          /* when to try, of stamp_monotonic() */
};

/* It failed: be patient. */
static inline void again_later(struct again *a)
{
	if (!a->wait)
		a->wait = a->first;
	a->at = stamp_monotonic() + a->wait;
	a->wait = a->wait > a->most / 2 ? a->most : 2 * a->wait;
}

/* It went well: the next failure is a first one. */
static inline void again_reset(struct again *a)
{
	a->wait = 0;
}

/* How long to wait yet, ns; 0: no longer. */
static inline int64_t again_in(const struct again *a)
{
	int64_t now = stamp_monotonic();

	return a->at > now ? a->at - now : 0;
}

#endif
