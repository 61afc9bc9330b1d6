/*
 * marks.h - how far event time has come in a stream of several partitions, said by control lines
 * (--watermark).
 *
 * A partition's time is the greatest of its records less a delay; the stream's is the least of
 * those that count (window/valve.h). A watermark line follows the record that raised it, by at
 * least a step; one that comes of a partition's silence (--idle) is the only one that the clock
 * brings, as are idle lines. Before all records stands a watermark that says nothing yet, so that
 * who reads them does not begin with its own. Floor: 10 (timed)
 */
#ifndef TIMED_MARKS_H
#define TIMED_MARKS_H

#include "cli/frame.h"
#include "stream/feed.h"

struct marks_opts {
	int64_t delay, idle, step; /* ns; times.h */
	bool one;                  /* all partitions count as one */
};

struct marks;

struct marks *marks_new(const struct marks_opts *opts);

/* As times_attach(). */
void marks_attach(struct marks *m, struct feed feed, bool in_order);

/* The first record is about to be passed on. -1 where the line cannot be written. */
int marks_begin(struct marks *m, struct frame *f, struct err *e)
	__attribute__((warn_unused_result));

/* A record of this partition and time was passed on. -1 where what is due cannot be written. */
int marks_see(struct marks *m, struct frame *f, size_t part, int64_t time, struct err *e)
	__attribute__((warn_unused_result));

/* How long to wait for records at most, ns; negative: for ever. */
int64_t marks_timeout(const struct marks *m);

/* Leave out whose silence is too long. -1 as above. */
int marks_look(struct marks *m, struct frame *f, struct err *e) __attribute__((warn_unused_result));

/* The stream ended in order. -1 as above. */
int marks_end(struct frame *f, struct err *e) __attribute__((warn_unused_result));

void marks_free(struct marks *m);

#endif
