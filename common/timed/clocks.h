/*
 * clocks.h - the event times of lines of several partitions, for merging. Floor: 10 (timed)
 */
#ifndef TIMED_CLOCKS_H
#define TIMED_CLOCKS_H

#include "linetime.h"
#include "stream/merge.h"

struct clocks;

/* HEADER: the first line of each input names its fields. NULL with FAIL_USAGE or FAIL_COMPILE. */
struct clocks *clocks_new(const struct decode_opts *decode, const struct evtime_opts *time,
                          bool header, struct err *e) __attribute__((warn_unused_result));

struct line_clock clocks_clock(struct clocks *c);

/* The partitions' names, which are their files', are FEED's, which must outlive it. */
void clocks_attach(struct clocks *c, struct feed feed);

/* -1 with FAIL_DATA where an input was met whose header is not that of those before: their lines
 * could not be told apart. */
int clocks_check(const struct clocks *c, struct err *e) __attribute__((warn_unused_result));

/* Was no line met that has a time? */
bool clocks_none(const struct clocks *c);

void clocks_free(struct clocks *c);

#endif
