/*
 * filesink.h - a regular file as a sink: replaced or appended to, rotated, compressed, made
 * durable. What else a path leads to is written to as it is (device.h).
 *
 * Whole records are written, and if one cannot be the file is cut back to the last that was, as far
 * as nobody else writes to it. A process that is killed may leave one torn line; the next start
 * that appends says so and mends it, as mend.h has it: of records it is moved to PATH.torn, or
 * ended with a newline where it is a whole JSON object or array; what is no record is ended, or
 * left as it is where it is binary.
 *
 * Rotation renames PATH to PATH.1, which was PATH.2 and so on (PATH.1.gz, .zst where it is
 * compressed, which another thread does), and begins anew between two records.
 *
 * A process that is killed leaves behind what it had not finished under names of their own: the new
 * file of an atomic one, and that of a compression (.NAME.XXXXXX); a rotated file that was not
 * compressed yet stays as it is.
 *
 * An atomic file that is rotated gives away whole files: one gets the name PATH.1 when it is full,
 * the last one PATH at the end.
 *
 * What there is no room for is kept (retry), and put() takes nothing more until push() has written
 * it. An error of writing says what was written before; whole records of a parcel that found room
 * stay. Who uses it ignores SIGXFSZ, so that a limit of files' sizes is an error and no end in the
 * middle of a record.
 *
 * Errors: FAIL_OPEN, FAIL_IO. Floor: 7 (stream)
 */
#ifndef STREAM_FILESINK_H
#define STREAM_FILESINK_H

#include "base/buf.h"
#include "io/pack.h"
#include "sink.h"

enum sync_how { SYNC_NEVER, SYNC_END, SYNC_EVERY, SYNC_EACH };

struct filesink_opts {
	const char *tool; /* for what is said on stderr */
	bool append;      /* else the file is replaced, at once or ... */
	bool atomic;      /* ... by renaming a new one at the end, if that is orderly */
	bool records;     /* what is written has a format of its own: records, one a line ... */
	bool quoted;      /* ... or they may have newlines between quotes (CSV) */
	enum sync_how sync;
	int64_t sync_every;    /* ns, of SYNC_EVERY */
	uint64_t rotate_size;  /* bytes; 0: never */
	int64_t rotate_every;  /* ns by the clock, from when the file was begun; 0: never */
	uint64_t rotate_count; /* records; 0: never */
	uint64_t keep;         /* rotated files kept beside it; 0: all */
	enum pack_how pack;    /* of rotated files */
	int64_t retry; /* ns: how long to try again where there is no room (ENOSPC, EDQUOT); 0: not
	                  at all */
	/*
	 * What a file (PATH as it was opened) begins with that is new, or empty (a CSV header):
	 * appends it to *TO. Asked
	 * for before the first record, and at the end where there was none. NULL for nothing.
	 */
	void (*head)(void *context, const char *path, struct buf *to);
	void *context;
};

/* PATH is copied, OPTS too (what it points to must outlive the sink). */
int filesink_open(const char *path, const struct filesink_opts *opts, struct sink *s, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Close the file until it is written to again, or finished; nothing of what makes it this sink's is
 * forgotten. What SYNC_EVERY has waiting is synced now, and what is being compressed waited for.
 * Returns 1; 0: it is no such file, or has something left for push(), and stays open; -1 with *e.
 */
int filesink_rest(const struct sink *s, struct err *e) __attribute__((warn_unused_result));

/* Open a file that rests, as writing to it does, too. */
int filesink_wake(const struct sink *s, struct err *e) __attribute__((warn_unused_result));

#endif
