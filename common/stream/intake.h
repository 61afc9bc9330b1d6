/*
 * intake.h - the lines of a feed, for a tool's loop: it waits where a feed does not.
 *
 * It waits for the feed's descriptors, and for the reader of stdout to go away, which nothing else
 * would tell where nothing is written: that ends the process as SIGPIPE does, or, where SIGPIPE is
 * ignored, the stream. SIGINT and SIGTERM end the stream. Floor: 7 (stream)
 */
#ifndef STREAM_INTAKE_H
#define STREAM_INTAKE_H

#include "feed.h"

#include <sys/types.h>

struct intake_opts {
	pid_t pid;           /* end when this process has; 0: none */
	int64_t look;        /* how often that is looked at, ns */
	bool reader_matters; /* look whether stdout still has a reader */
	bool *reader_gone;   /* set where that it has none ended the stream; or NULL */
	/*
	 * Called before more is read: all lines before have been dealt with, and LINES: some were
	 * let out since the last call. Lowers *TIMEOUT (ns, negative: for ever) where it is to be
	 * called again by then. False: nothing is to be read now; next() says GOT_TICK. NULL for
	 * none.
	 */
	bool (*boundary)(void *context, bool lines, int64_t *timeout);
	/*
	 * What else to wait for, as wait() of feed.h: when one of those descriptors is ready, or
	 * the time is over, next() says GOT_TICK. NULL for nothing.
	 */
	size_t (*wait)(void *context, struct pollfd *p, size_t room, int64_t *timeout);
	void *context;
};

/*
 * Lines of FLOW, which is FEED itself or filters around it; freed with it. Each batch is let out
 * (feed.h) when the next one is asked for.
 */
struct lines intake_new(struct flow flow, struct feed feed, const struct intake_opts *opts);

#endif
