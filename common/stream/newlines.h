/*
 * newlines.h - lines counted. Floor: 7 (stream)
 */
#ifndef STREAM_NEWLINES_H
#define STREAM_NEWLINES_H

#include "base/slice.h"

#include <stdint.h>

uint64_t newlines_count(struct slice s);

/* Bytes of the first MOST lines; all where there are not so many. */
size_t newlines_first(struct slice s, uint64_t most);

/* Add those of a file to *N. -1 with errno. */
int newlines_in_file(const char *path, uint64_t *n) __attribute__((warn_unused_result));

#endif
