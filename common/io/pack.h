/*
 * pack.h - files compressed: gzip and zstd. Errors: FAIL_OPEN, FAIL_IO.
 * Threads: nothing is shared, files may be compressed at the same time. Floor: 2 (io)
 */
#ifndef IO_PACK_H
#define IO_PACK_H

#include "base/err.h"

#include <stdbool.h>

enum pack_how { PACK_NONE, PACK_GZIP, PACK_ZSTD };

/* What such a file's name ends in: "", ".gz", ".zst". */
const char *pack_ending(enum pack_how how);

/*
 * Compress the file FROM. TO appears when it is whole, with FROM's mode and times, in place of
 * another one of that name; then FROM is removed. DURABLE: what stood in FROM is in one of the two
 * even if the system fails meanwhile. -1: FROM is as it was.
 */
int pack_file(const char *from, const char *to, enum pack_how how, bool durable, struct err *e)
	__attribute__((warn_unused_result));

#endif
