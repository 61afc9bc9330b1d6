/*
 * last.h - the last lines or bytes of each input, or those from a certain one on, as tail has them.
 *
 * In a regular file that is not compressed reading begins there; of any other input all is read.
 *
 * Memory: no more of an input is held than its last lines or bytes, and of a file nothing. Errors:
 * as a reader has them (io/reader.h). Threads: one, one thread. Floor: 7 (stream)
 */
#ifndef STREAM_LAST_H
#define STREAM_LAST_H

#include "io/lines.h"
#include "start.h"

struct last_opts {
	struct start start;
	size_t max_line; /* as of a reader; a longer line counts as one, and stays too long */
	bool header;     /* the first line of each input is one, and always given; of the last lines
	                    or bytes it is none, of those from a certain one on it is the first */
};

/* Of several inputs, as reader_new() has them. */
struct lines last_new(const char *const *names, size_t count, const struct last_opts *opts);

#endif
