/*
 * last.h - the last lines of each input, or those from a certain one on.
 *
 * Memory: no more of an input is held than its last lines.
 * Floor: 7 (stream)
 */
#ifndef STREAM_LAST_H
#define STREAM_LAST_H

#include "io/lines.h"

struct last_opts {
	uint64_t count; /* lines */
	bool from;      /* from line COUNT (1 is the first) on, not the last COUNT */
	bool header;    /* the first line of each input is one, and always given */
};

/* Lines of INNER, which is freed with it. */
struct lines last_new(struct lines inner, const struct last_opts *opts);

/*
 * Where the last COUNT lines of an open regular file begin, bytes from its start. An unterminated
 * last line counts. -1 with errno where it cannot be read.
 */
int64_t last_offset(int fd, uint64_t count);

#endif
