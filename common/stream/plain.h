/*
 * plain.h - files, pipes and standard input read once, one behind the other, compressed or not, as
 * a feed. Nothing of it can be gone on with in another run. Floor: 7 (stream)
 */
#ifndef STREAM_PLAIN_H
#define STREAM_PLAIN_H

#include "feed.h"

/*
 * The inputs of a reader (io/reader.h): each name is a partition. LINES hands out the lines of
 * these names, a filter of lines around a reader perhaps, and is freed with the feed. NAMES must
 * outlive it; COUNT may be 0 for stdin.
 */
struct feed plain_new(struct lines lines, const char *const *names, size_t count);

#endif
