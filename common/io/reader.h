/*
 * reader.h - whole lines out of files, pipes and terminals, compressed or not.
 *
 * Memory: the reader owns its buffer, 256 KiB unless a line is longer.
 * Errors: FAIL_OPEN, FAIL_IO with errno's text, FAIL_DATA for damaged compressed data; all name the
 * input. Threads: one reader, one thread. Floor: 2 (io)
 */
#ifndef IO_READER_H
#define IO_READER_H

#include "lines.h"

struct reader_opts {
	size_t max_line; /* bytes of a line without its newline */
	bool binary;     /* hand out whatever was read, not lines */
	bool whole;      /* regular files are read to their end even when the end is asked for */
	/*
	 * The offset of the line to begin with in a regular file that is no stdin, -1 with *e set;
	 * NULL: the first.
	 */
	int64_t (*begin)(void *context, int fd, const char *name, struct err *e);
	void *context;
};

/*
 * Lines of several inputs, one behind the other: file names, "-" for stdin; none at all means
 * stdin. NAMES must outlive it.
 */
struct lines reader_new(const char *const *names, size_t count, const struct reader_opts *opts);

#endif
