/*
 * linetime.h - the event time of a line that is no record yet: for searching in files, and for
 * ordering lines before they are taken apart. Lines that pass are so parsed twice.
 * Floor: 10 (timed)
 */
#ifndef TIMED_LINETIME_H
#define TIMED_LINETIME_H

#include "record/decode.h"
#include "window/evtime.h"

struct linetime;

/* For lines of DECODE's format. NULL with FAIL_USAGE or FAIL_COMPILE. */
struct linetime *linetime_new(const struct decode_opts *decode, const struct evtime_opts *time,
                              struct err *e) __attribute__((warn_unused_result));

/* An input begins, or the next line is from anywhere in one, which was last changed at MTIME (ns;
 * 0: not known). */
void linetime_restart(struct linetime *t, int64_t mtime);

/*
 * The time of a line, newline included, with LINES_PAD readable bytes behind it; STAMP_NONE where
 * it has none that can be read.
 */
int64_t linetime_of(struct linetime *t, struct slice line);

void linetime_free(struct linetime *t);

#endif
