/*
 * outfile.h - a regular file that whole records are written to: appended to, replaced at once, or
 * replaced by a new one that was made beside it.
 *
 * What cannot be written whole is cut off again, unless somebody else has written behind it.
 * Errors: FAIL_OPEN, FAIL_IO. Floor: 7 (stream)
 */
#ifndef STREAM_OUTFILE_H
#define STREAM_OUTFILE_H

#include "base/err.h"
#include "base/slice.h"
#include "io/newfile.h"
#include "mend.h"

#include <stdbool.h>
#include <stdint.h>

enum outfile_how {
	OUT_APPEND,
	OUT_REPLACE, /* emptied when it is opened */
	OUT_ATOMIC,  /* a new one has its place from outfile_commit() on */
};

struct outfile {
	const char *name; /* for messages; must outlive it */
	char *path;       /* where it is: NAME with its links followed */
	char *fresh;      /* of OUT_ATOMIC: the new one's name until it is committed; else NULL */
	int fd;           /* -1: at rest */
	bool quoted;      /* records may have newlines between quotes */
	bool torn;        /* it ends inside a record, which comes next */
	bool dirty;       /* something was written since the last sync */
	bool made;        /* so was a name */
	uint64_t size;    /* bytes, as far as nobody else writes to it */
	int64_t born;     /* by the clock, ns; STAMP_NONE: not known */
	bool has_like;
	struct newfile_like like; /* what new ones shall be like */
};

/* Open NAME; what is there of a file appended to is mended as what AS says (mend.h), about which
 * TOOL speaks. */
int outfile_open(struct outfile *f, const char *name, enum outfile_how how, enum mend_as as,
                 const char *tool, struct err *e) __attribute__((warn_unused_result));

/*
 * Write *S, whole records but for what follows a torn one. 0, or -1 with errno: then *S is what is
 * not in the file.
 */
int outfile_write(struct outfile *f, struct slice *s) __attribute__((warn_unused_result));

/* What was written, and the file's name, are not lost with the system. */
int outfile_sync(struct outfile *f, struct err *e) __attribute__((warn_unused_result));

/* The name that the file has now. */
static inline const char *outfile_now(const struct outfile *f)
{
	return f->fresh ? f->fresh : f->path;
}

/* Is it still the one of that name? */
bool outfile_is_named(const struct outfile *f);

/* Begin anew, in the same way and with the same mode: the file has got another name, or is
 * somebody else's by now. */
int outfile_renew(struct outfile *f, struct err *e) __attribute__((warn_unused_result));

/*
 * Close it for a while (some file systems say only now that there was no room), and append to it
 * again. If it is gone meanwhile there is a new one.
 */
int outfile_rest(struct outfile *f, struct err *e) __attribute__((warn_unused_result));
int outfile_wake(struct outfile *f, struct err *e) __attribute__((warn_unused_result));

/* It is at rest, or woken: a new file takes its place. */
int outfile_commit(struct outfile *f, struct err *e) __attribute__((warn_unused_result));

/* Close it; a new one that was not committed is removed. */
void outfile_free(struct outfile *f);

#endif
