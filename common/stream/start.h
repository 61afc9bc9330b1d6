/*
 * start.h - where reading begins in an input, as tail has it: at its start, with its last lines or
 * bytes, or at a certain one.
 *
 * Lines and bytes are counted as they stand in the input; an unterminated last line is one.
 * Floor: 7 (stream)
 */
#ifndef STREAM_START_H
#define STREAM_START_H

#include <stdbool.h>
#include <stdint.h>

enum start_kind {
	START_ALL,
	START_LAST_LINES, /* the last `count` lines */
	START_FROM_LINE,  /* line number `count`, 1 is the first, and what follows */
	START_LAST_BYTES,
	START_FROM_BYTE, /* byte number `count`, 1 is the first */
};

struct start {
	enum start_kind kind;
	uint64_t count; /* lines or bytes; from 0 is as from 1 */
};

/*
 * What tail's -n, and with BYTES its -c, takes: N or -N for the last ones, +N for those from
 * number N on. N may have a multiplier: b is 512, k K M G T P E are powers of 1024 (as KiB, Ki and
 * so on), kB KB MB of 1000; alone it stands for 1 of it. -1 if it is nothing of this, or too large.
 */
int start_parse(const char *text, bool bytes, struct start *s) __attribute__((warn_unused_result));

/*
 * Where to begin in an open regular file, bytes from its start; its end where it has less than is
 * to be passed over. Cheap for all but START_FROM_LINE, which reads what lies before. -1 with errno
 * where it cannot be read.
 */
int64_t start_offset(int fd, const struct start *s) __attribute__((warn_unused_result));

#endif
