/*
 * winjoin.h - all records of a key that lie in one window: those of the left side with those of the
 * right. Windows are those of window/spans.h, or sessions of both sides together, which end when
 * nothing comes for a gap.
 *
 * A window leaves when the watermark of both sides has reached its end (has passed it, a session),
 * in order of window end, window start, key; of a window the left records in order of time, each
 * with the right ones in order of time, then the right ones that have no pair. Null keys have
 * windows of their own without pairs. Floor: 8 (join)
 */
#ifndef JOIN_WINJOIN_H
#define JOIN_WINJOIN_H

#include "joinstate.h"

struct winjoin_opts {
	const struct spans *spans; /* NULL: sessions */
	int64_t gap;               /* ns */
	bool once;                 /* a left record is done with its first pair in a window */
	bool texts;
	struct join_sink sink;
};

struct winjoin_window;

struct winjoin {
	struct joinstate state;
	struct winjoin_opts opts;
	struct pq due; /* windows by end */
	size_t windows;
};

void winjoin_init(struct winjoin *j, const struct winjoin_opts *opts);

/* A record arrives; one that no window holds is forgotten. */
void winjoin_add(struct winjoin *j, const struct join_arrival *a);

/* No record of either side below W is expected any more. -1 with *E set where the sink fails. */
int winjoin_advance(struct winjoin *j, int64_t w, struct err *e)
	__attribute__((warn_unused_result));

/* Close the N windows that end first, though they are not over: what comes for them later meets
 * nothing that came before. */
int winjoin_evict(struct winjoin *j, size_t n, struct err *e) __attribute__((warn_unused_result));

size_t winjoin_memory(const struct winjoin *j);

void winjoin_free(struct winjoin *j);

#endif
