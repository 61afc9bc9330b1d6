/*
 * mux.h - several feeds as one: all at once, or one behind the other.
 *
 * Partitions and units are numbered through. Its save() holds those of its feeds under the texts
 * they were given by (a URL), so that the order of arguments does not matter. Floor: 7 (stream)
 */
#ifndef STREAM_MUX_H
#define STREAM_MUX_H

#include "feed.h"

struct mux_part {
	struct feed feed;
	const char *url; /* the argument it came from; must outlive it */
};

/*
 * The feeds (copied; freed with it), N > 0. IN_ORDER: each to its end before the next; else a busy
 * one does not starve the others, and the stream ends with the last.
 */
struct feed mux_new(const struct mux_part *part, size_t n, bool in_order);

/* Can FEED, of a mux each of its feeds, be gone on with in another run? */
bool feed_saves(struct feed feed);

#endif
