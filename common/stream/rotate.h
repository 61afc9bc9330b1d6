/*
 * rotate.h - names of files that a stream was written to before: PATH.1, the newest, PATH.2 ...,
 * with .gz or .zst where they are compressed, which is done by another thread.
 *
 * Errors: FAIL_IO. Threads: one rotation, one thread, and the one that it starts itself.
 * Floor: 7 (stream)
 */
#ifndef STREAM_ROTATE_H
#define STREAM_ROTATE_H

#include "base/err.h"
#include "io/pack.h"

#include <stdbool.h>
#include <stdint.h>

#define ROTATION_DIGITS 7 /* one more would make a date (FILE.20261128) */

/* Begins with these set and the rest zero. */
struct rotation {
	const char *path; /* the file's; must outlive it */
	const char *tool; /* for what is said on stderr */
	uint64_t keep;    /* rotated files kept; 0: all */
	enum pack_how pack;
	bool durable; /* compressed and renamed files are synced */
	/* own */
	struct packing *packing; /* what another thread is doing, or NULL */
	uint64_t failed;         /* files that could not be compressed */
	bool cleared;            /* of what there was beyond the number kept */
};

/*
 * Make room for PATH.1 and give the file FROM (PATH itself, or a new one beside it) this name. Each
 * older one goes to the next number, up to the first that is free; what comes to lie beyond the
 * number kept is removed. So is, at the first turn, every file of a higher number of up to
 * ROTATION_DIGITS digits, also behind a gap. The one before is compressed first, if it still is
 * being.
 */
int rotation_turn(struct rotation *r, const char *from, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Wait until what was rotated is compressed. A file that could not be stays as it is and is
 * counted; why is said on stderr for the first one.
 */
void rotation_join(struct rotation *r);

#endif
