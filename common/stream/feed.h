/*
 * feed.h - what brings a stream in: files that grow, connections, commands, brokers. The one
 * interface of all sources.
 *
 * A feed hands out batches of whole lines and never waits; who reads it (intake.h) waits for it, so
 * that several can be read at once (mux.h). Filters of batches (a struct flow around another) join
 * lines, order them, leave some out.
 *
 * A feed has partitions: what has an order and an event time of its own, a log under its name, a
 * connection, a partition of a topic. Their numbers are small and may be given again when one is
 * over. Positions belong to units: a file (of the several that a log becomes when it is rotated),
 * else the partition itself.
 *
 * What was handed out goes a way that the feed is told of, so that it knows what may be stored,
 * committed, acknowledged:
 *
 * - next() hands lines out;
 * - let_out(): the reader has done with them, what came of them is in its output, perhaps not
 *   written;
 * - written(): all that was let out has been written downstream;
 * - save() describes the positions that were written; seek() goes on from there in another run.
 *
 * Memory: a batch is a view of the feed's buffer and dies at the next next().
 * Errors: FAIL_OPEN, FAIL_IO, FAIL_DATA; they name the input. Threads: one feed, one thread.
 * Floor: 7 (stream)
 */
#ifndef STREAM_FEED_H
#define STREAM_FEED_H

#include "base/buf.h"
#include "io/lines.h"
#include "json/val.h"

#include <poll.h>

struct batch {
	struct slice lines; /* as next() of lines.h gives them, LINES_PAD readable bytes behind */
	struct place place; /* of the first one */
	/*
	 * Of each line, where they do not lie one behind the other in their unit (then the offset
	 * of a line is that of the first one, and the bytes between); else NULL.
	 */
	const struct place *places;
	/* When the lines have been let out everything of the unit that lies before this has been,
	 * in its own measure: bytes for files. */
	uint64_t upto;
	bool begins;       /* these lines begin an input: a file, a connection */
	bool unterminated; /* the last line had no newline of its own */
};

/*
 * Batches, from a feed or through filters. A filter hands out batches of one unit each, whose
 * `upto` leaves out what it still holds; of no lines at all where it left out all that came.
 */
struct flow_ops {
	/*
	 * GOT_LINES, GOT_LONG (the beginning of a line that is too long, without newline),
	 * GOT_TICK: there is nothing now; GOT_END; GOT_ERROR concerns one input, the next call goes
	 * on with the others.
	 */
	enum got (*next)(void *self, struct batch *b, struct err *e);
	/*
	 * What to wait for behind GOT_TICK: up to ROOM descriptors are put to P, and *TIMEOUT is
	 * lowered (ns, negative: for ever) where next() is to be called by then even if nothing
	 * happens. Returns their number.
	 */
	size_t (*wait)(void *self, struct pollfd *p, size_t room, int64_t *timeout);
	/*
	 * Nothing more is wanted: what is held back is handed out by the next calls of next(), up
	 * to GOT_TICK or GOT_END. NULL where nothing is held.
	 */
	void (*finish)(void *self);
	void (*free)(void *self);
};

struct flow {
	const struct flow_ops *ops;
	void *self;
};

struct feed_ops {
	struct flow_ops flow;
	size_t (*parts)(const void *self); /* partitions there have been; their numbers are below */
	const char *(*name)(const void *self,
	                    size_t part);            /* as one would name it: a path, a URL */
	bool (*over)(const void *self, size_t part); /* nothing comes of it any more; may change
	                                                when its number is given again */
	uint64_t (*consumed)(const void *self); /* bytes read, compressed ones as they are stored */
	uint64_t (*size)(const void *self);     /* bytes there are to read; 0 if unknown */
	/* NULL, all five, where nothing can be gone on with: a connection, a command. */
	void (*let_out)(void *self, size_t unit, uint64_t upto);
	int (*written)(void *self, struct err *e);
	/* Append a JSON object. */
	void (*save)(const void *self, struct buf *json);
	/*
	 * Before the first next(): go on from what save() gave, VALUE, which lives as long as H. -1
	 * with FAIL_STATE where it is none. What is not there any more is said on stderr, not an
	 * error.
	 */
	int (*seek)(void *self, struct val value, struct heap *h, struct err *e);
};

struct feed {
	const struct feed_ops *ops;
	void *self;
};

/* A feed as a flow, which then frees it. */
static inline struct flow feed_flow(struct feed f)
{
	return (struct flow){ &f.ops->flow, f.self };
}

/* What all feeds are told. */
struct feed_opts {
	const char *tool; /* for what is said on stderr: an input that came, went, is waited for */
	size_t max_line;  /* bytes of a line without its newline */
	bool debug;       /* say which way is taken */
	bool quiet;       /* say nothing of inputs that come and go */
};

#endif
