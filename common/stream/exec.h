/*
 * exec.h - what a command writes on its standard output, as a feed of lines.
 *
 * The command runs by /bin/sh -c with /dev/null as its input, in a process group of its own, under
 * a keeper (keeper.h). When it is followed it is run again when it has ended, after 100 ms, then
 * twice that, up to 30 s, from the first again when it ran for 30 s; else the stream ends with it,
 * and an exit status other than 0 is an error. When the end is asked for (SIGINT, SIGTERM) it gets
 * SIGTERM, what it still writes is read, and after 2 s it is killed.
 * Floor: 7 (stream)
 */
#ifndef STREAM_EXEC_H
#define STREAM_EXEC_H

#include "again.h"
#include "feed.h"

/* COMMAND is copied. -1 with FAIL_USAGE for none, FAIL_OPEN where it cannot be run. */
int exec_open(const char *command, const struct feed_opts *opts, enum follow follow,
              struct feed *feed, struct err *e) __attribute__((warn_unused_result));

#endif
