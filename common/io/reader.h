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
	bool raw;        /* what is compressed stays so */
	bool whole;      /* regular files are read to their end even when the end is asked for */
	/*
	 * Called when an input was opened; NULL: it is read from where it stands. FD is its
	 * descriptor where it can be begun anywhere (a regular file, not compressed, of some size):
	 * the answer is where, bytes from its start, or -1 with errno. Else FD is -1, and the
	 * answer does not matter. May set *BINARY, as above, for this input.
	 */
	int64_t (*begin)(void *context, int fd, bool *binary);
	void *context;
};

/*
 * Lines of several inputs, one behind the other: file names, "-" for stdin; none at all means
 * stdin. NAMES must outlive it.
 */
struct lines reader_new(const char *const *names, size_t count, const struct reader_opts *opts);

#endif
