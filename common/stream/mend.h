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

/* What the file has. */
enum mend_as {
	MEND_ANY,     /* anything: what is appended is passed on as it is */
	MEND_RECORDS, /* records, one a line */
	MEND_QUOTED,  /* records that may have newlines between quotes (CSV) */
};

/*
 * See to it that the regular file PATH, open as FD for appending, ends where a record does, if it
 * has anything; TOOL says on stderr what was done to a last line without a newline:
 *
 * - one that is a JSON object or array gets its newline (but not where fields may be quoted);
 * - of records, another one is appended to PATH.torn, with a newline, and cut off; where fields may
 *   be quoted it begins behind the last newline that is not between quotes, counted from the
 *   beginning of the file, and is torn with a newline at its end, too, if that is between quotes;
 * - of anything, one that is binary (it has control characters, or there is a NUL in the 64 KiB at
 *   the end of the file) is left as it is, and nothing is said; one that begins with { or [ is
 *   moved as a record is; another one gets a newline;
 * - one of more than MEND_MAX bytes is no record of ours: it gets a newline, if it has none and is
 *   not binary.
 *
 * A file that grows meanwhile, or cannot be read, is left as it is.
 */
int mend_last_line(int fd, const char *path, enum mend_as as, const char *tool, struct err *e)
	__attribute__((warn_unused_result));

#endif
