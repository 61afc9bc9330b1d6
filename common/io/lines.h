/*
 * lines.h - where whole lines come from: files and pipes (reader.h), files that grow
 * (../stream/follow.h).
 *
 * Memory: lines are a view of their source's buffer, with LINES_PAD readable bytes behind them;
 * they die at the next call of next(). Floor: 2 (io)
 */
#ifndef IO_LINES_H
#define IO_LINES_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>
#include <string.h>

#define LINES_PAD 64

enum got {
	GOT_ERROR = -1,
	GOT_END = 0,
	GOT_LINES = 1, /* one or more whole lines */
	GOT_TICK = 2, /* nothing to read right now, a signal or a time-out: look around, flush, call
	                 again */
	GOT_LONG = 3, /* a line over the limit; it is passed over */
};

/* Where a line stands in what it came from. */
struct place {
	size_t part;     /* partition of its source (../stream/feed.h) */
	size_t unit;     /* what its offset is in: a file, or the partition itself */
	uint64_t offset; /* of its first byte, or of the message it is; in a compressed file as
	                    unpacked */
	uint64_t line;   /* its number in its unit, from 1; 0: not known */
	int64_t time; /* what the source itself says of its time, ns; STAMP_NONE (../base/stamp.h)
	                 where it says nothing */
};

struct lines_ops {
	/*
	 * The next lines. *LINES ends with a newline; an unterminated last line gets one. Before it
	 * would have to wait it returns GOT_TICK once if TICK is set; a wait ends after TIMEOUT ns
	 * (negative: never) with GOT_TICK too. GOT_LONG: *LINES is the beginning of a line that is
	 * too long. GOT_ERROR concerns one input; the next call goes on with the others.
	 */
	enum got (*next)(void *self, bool tick, int64_t timeout, struct slice *lines,
	                 struct err *e);
	const char *(*name)(
		const void *self); /* of the input that the last lines are from; "stdin" for "-" */
	bool (*is_first)(const void *self);     /* do they begin it? */
	bool (*terminated)(const void *self);   /* had the last one a newline of its own? */
	uint64_t (*consumed)(const void *self); /* bytes read of all inputs, compressed ones as they
	                                           are stored */
	uint64_t (*size)(const void *self);     /* bytes there are to read; 0 if unknown */
	/*
	 * The line of the input that line N (from 1) of the last lines is; NULL where they are the
	 * input's own, one behind the other.
	 */
	uint64_t (*origin)(const void *self, uint64_t n);
	/*
	 * Where the line is that begins at AT in the last lines and is their line N (from 1); NULL
	 * where that is not known.
	 */
	struct place (*place)(const void *self, const char *at, uint64_t n);
	/*
	 * The record that began at P has not ended with the last lines (P is NULL: none is open):
	 * what is stored of positions must stay before it. May be NULL.
	 */
	void (*unfinished)(void *self, const struct place *p);
	/*
	 * The descriptor that becomes readable when there is more, for those who wait for several
	 * inputs at once; -1 where next() need not wait. NULL: there is none, it is to be asked.
	 */
	int (*fd)(const void *self);
	void (*free)(void *self);
};

struct lines {
	const struct lines_ops *ops;
	void *self;
};

/* How many lines these are; each ends with a newline. */
static inline uint64_t lines_count(struct slice lines)
{
	return slice_count(lines, '\n');
}

#endif
