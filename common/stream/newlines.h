/*
 * newlines.h - records counted, and where they end: at newlines, or where fields may be QUOTED
 * (CSV) at those that are not between quotes. What is given begins with a record.
 * Floor: 7 (stream)
 */
#ifndef STREAM_NEWLINES_H
#define STREAM_NEWLINES_H

#include "base/slice.h"

#include <stdint.h>

uint64_t newlines_count(struct slice s, bool quoted);

/* Bytes of the first MOST records; all where there are not so many. */
size_t newlines_first(struct slice s, uint64_t most, bool quoted);

/* Bytes up to where the last record ends that does. */
size_t newlines_last(struct slice s, bool quoted);

/* Add those of a file to *N. -1 with errno. */
int newlines_in_file(const char *path, bool quoted, uint64_t *n)
	__attribute__((warn_unused_result));

/* Bytes up to where the last record ends that does, of a file's first SIZE, which may be quoted:
 * all of them are read. -1 with errno. */
int newlines_last_quoted(int fd, uint64_t size, uint64_t *last) __attribute__((warn_unused_result));

#endif
