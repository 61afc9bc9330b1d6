/*
 * sink.h - where a stream is handed out: files, pipes, connections, commands, brokers. The one
 * interface of all sinks, and the twin of feed.h.
 *
 * A sink takes records and never waits for its other side; who uses it (outlets.h) waits for
 * several at once, and decides what becomes of records that one cannot take. What was handed over
 * goes a way: taken, out (the kernel, the broker has it), durable (sync), committed (finish).
 *
 * Memory: a parcel is a view of the caller's, a sink copies what it cannot pass on at once.
 * Errors: FAIL_OPEN, FAIL_IO, FAIL_EPIPE (the reader went away); they name the sink.
 * Threads: one sink, one thread. Floor: 7 (stream)
 */
#ifndef STREAM_SINK_H
#define STREAM_SINK_H

#include "base/err.h"
#include "base/slice.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Records that are handed over together. */
struct parcel {
	struct slice lines; /* whole records, newlines included; the last of a stream may have none
	                     */
	struct slice key;   /* the same for all of them; p is NULL for none */
	int64_t time; /* their event time, the same for all, ns; STAMP_NONE (base/stamp.h) where
	                 none is asked for */
};

/* Have two the same key and time? */
static inline bool parcel_same_key(const struct parcel *a, const struct parcel *b)
{
	return a->time == b->time && !a->key.p == !b->key.p &&
	       (!a->key.p || slice_same(a->key, b->key));
}

enum took {
	SINK_FAILED = -1, /* *e; nothing of the parcel that the sink could take back is kept */
	SINK_TOOK = 0,
	SINK_FULL = 1, /* nothing of it was taken: wait, push, and hand it over again */
};

struct sink_ops {
	/* Take a parcel whole, or not at all. Bytes that cannot be written at once are kept, up to
	 * one parcel's. */
	enum took (*put)(void *self, const struct parcel *p, struct err *e);
	/* Go on with what was taken. SINK_TOOK: all of it is out. NULL where put() leaves nothing.
	 */
	enum took (*push)(void *self, struct err *e);
	/*
	 * What to wait for, as wait() of feed.h: behind SINK_FULL, and while push() has something
	 * left, until there is room. At other times, for what tick() is for, and where it can be
	 * told, for the other side to go away, which the next push() says then.
	 */
	size_t (*wait)(void *self, struct pollfd *p, size_t room, int64_t *timeout);
	/* What is due by the clock: rotation, fsync. NULL for none. -1 with *e. */
	int (*tick)(void *self, struct err *e);
	/*
	 * The stream ended in order and all is out: make it final (atomic replacement), durable if
	 * asked for, wait for the other side's word. -1 with *e. NULL for nothing to do.
	 */
	int (*finish)(void *self, struct err *e);
	uint64_t (*bytes)(const void *self); /* that are out */
	/* Without finish() before it: what was not final is given up. */
	void (*free)(void *self);
};

struct sink {
	const struct sink_ops *ops;
	void *self;
};

#endif
