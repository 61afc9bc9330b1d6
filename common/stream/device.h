/*
 * device.h - what a path leads to that is no regular file: terminals, /dev/null, and descriptors
 * that are open already, as /dev/stderr. Floor: 7 (stream)
 */
#ifndef STREAM_DEVICE_H
#define STREAM_DEVICE_H

#include "filesink.h"

#include <stdbool.h>

/* Is it one? What is not there is none. */
bool device_is(const char *path);

/*
 * A sink over it (sinkfd.h). /dev/stdout, /dev/stderr and /dev/fd/N are the descriptors themselves,
 * also where those are files: nothing is truncated, and what others write to them goes between. -1
 * with FAIL_OPEN.
 */
int device_open(const char *path, const struct filesink_opts *opts, struct sink *s, struct err *e)
	__attribute__((warn_unused_result));

#endif
