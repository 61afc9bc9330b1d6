/*
 * last.h - the last lines of each input, or those from a certain one on.
 *
 * Memory: no more of an input is held than its last lines.
 * Floor: 7 (stream)
 */
#ifndef STREAM_LAST_H
#define STREAM_LAST_H

#include "io/lines.h"
#include "start.h"

struct last_opts {
	struct start start; /* by lines */
	bool header;        /* the first line of each input is one, and always given */
};

/* Lines of INNER, which is freed with it. */
struct lines last_new(struct lines inner, const struct last_opts *opts);

#endif
