/*
 * mend.h - a file whose last line has no end: what was writing to it was killed.
 *
 * Errors: FAIL_OPEN, FAIL_IO. Floor: 7 (stream)
 */
#ifndef STREAM_MEND_H
#define STREAM_MEND_H

#include "base/err.h"

#include <stddef.h>

#define MEND_MAX ((size_t)16 << 20) /* bytes of a record */

/*
 * See to it that the regular file PATH, open as FD for appending, ends with a newline, if it has
 * anything; TOOL says on stderr what was done:
 *
 * - a last line that is a JSON object or array gets its newline;
 * - another one is appended to PATH.torn, with a newline, and cut off;
 * - one of more than MEND_MAX bytes is no record of ours: it gets a newline.
 *
 * A file that grows meanwhile, or cannot be read, is left as it is.
 */
int mend_last_line(int fd, const char *path, const char *tool, struct err *e)
	__attribute__((warn_unused_result));

#endif
