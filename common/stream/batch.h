/*
 * batch.h - parts of batches (feed.h). Floor: 7 (stream)
 */
#ifndef STREAM_BATCH_H
#define STREAM_BATCH_H

#include "feed.h"

/* Where line N (from 0) of a batch stands, which begins at AT. */
struct place batch_place(const struct batch *b, const char *at, size_t n);

/* The end of the line that begins at AT, behind its newline. */
static inline const char *batch_line_end(const struct batch *b, const char *at)
{
	const char *end = b->lines.p + b->lines.n;

	return (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
}

/*
 * The first N lines of a batch, which end at TO, as a batch; what is left of it, none perhaps, is
 * left in *B.
 */
struct batch batch_take(struct batch *b, const char *to, size_t n);

#endif
