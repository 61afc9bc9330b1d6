/*
 * asof.h - each left record with the right one valid at its time: the newest at or before it, the
 * oldest at or after it, or the nearer of both, the older at equal distance. Among right records of
 * one time the newest is the last to arrive, the oldest the first.
 *
 * A left record waits until no better right one can come: backward until right's watermark has
 * passed its time; forward until it has passed the best candidate's, nearest until it has passed
 * the distance of the best so far; none longer than until it has passed time + tolerance. What one
 * advance answers leaves in order of what was waited for, then as it arrived. Right records go when
 * both watermarks have passed all times at which they are valid, and no left record waits that has
 * one.
 * Floor: 8 (join)
 */
#ifndef JOIN_ASOF_H
#define JOIN_ASOF_H

#include "joinstate.h"

enum asof_direction { ASOF_BACKWARD, ASOF_FORWARD, ASOF_NEAREST };

struct asof_opts {
	enum asof_direction direction;
	bool strict;       /* one of the very time does not count */
	int64_t tolerance; /* ns, inclusive; INT64_MAX: any distance */
	bool texts;
	struct join_sink sink;
};

struct asof {
	struct joinstate state;
	struct asof_opts opts;
	struct pq due[2]; /* left records that wait, right ones that may go */
	int64_t w[2];     /* by enum side */
};

void asof_init(struct asof *f, const struct asof_opts *opts);

/*
 * Right records that are all there before the first left one, in any order of time: each is handed
 * over, then asof_loaded() is called. They stay until asof_end(), or they are evicted.
 */
void asof_load(struct asof *f, const struct join_arrival *a);
void asof_loaded(struct asof *f);

/* A record arrives. -1 with *E set where the sink fails, as all that follow. */
int asof_add(struct asof *f, const struct join_arrival *a, struct err *e)
	__attribute__((warn_unused_result));

/* No record of SIDE below W is expected any more. */
int asof_advance(struct asof *f, enum side side, int64_t w, struct err *e)
	__attribute__((warn_unused_result));

/* Both sides are over: settle what is left. */
int asof_end(struct asof *f, struct err *e) __attribute__((warn_unused_result));

/*
 * Answer N left records as if right were over, those first that wait for the least time as far as
 * is known; where fewer wait, let the oldest right ones go in their place.
 */
int asof_evict(struct asof *f, size_t n, struct err *e) __attribute__((warn_unused_result));

size_t asof_memory(const struct asof *f);

void asof_free(struct asof *f);

#endif
