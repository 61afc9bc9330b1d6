/*
 * since.h - a stretch of time as people name its ends, and where it begins in a file that is sorted
 * by time. Floor: 7 (stream)
 */
#ifndef STREAM_SINCE_H
#define STREAM_SINCE_H

#include "base/err.h"
#include "base/slice.h"
#include "base/tz.h"

#include <stddef.h>
#include <stdint.h>

/*
 * An instant (ns) from a text: RFC 3339; now; today, yesterday (their midnights in ZONE, NULL is
 * UTC); -D, a duration before NOW. OPTION is named where it is none: -1 with FAIL_USAGE.
 */
int since_parse(const char *option, const char *text, const struct tz *zone, int64_t now,
                int64_t *ns, struct err *e) __attribute__((warn_unused_result));

/* How to read the lines of a file. */
struct since_lines {
	/*
	 * The time of a line, which has its newline and LINES_PAD (io/lines.h) readable bytes
	 * behind it; STAMP_NONE where it has none, as the lines of a stack trace.
	 */
	int64_t (*time_of)(void *context, struct slice line);
	void *context;
	size_t max_line; /* bytes; a longer one has no time */
	int64_t delay;   /* how much earlier than one before it a line may be, ns */
};

/*
 * The offset of a line before which no line has a time >= WANT in the regular file FD, as near to
 * the first one that has as `delay` allows; 0 where that cannot be known: the file is compressed,
 * lines that were looked at are in no order, or none has a time. Behind all lines it is the file's
 * size, or its last line if that has no newline yet. O(log size) reads of some KiB; the file's
 * position stays.
 */
int64_t since_offset(int fd, int64_t want, const struct since_lines *lines);

/*
 * The greatest time of the last lines of the regular file FD: of those in its last 64 KiB that have
 * one, or in its last MiB if none has. STAMP_NONE where that cannot be known.
 */
int64_t since_last(int fd, const struct since_lines *lines);

#endif
