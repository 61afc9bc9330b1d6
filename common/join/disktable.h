/*
 * disktable.h - the rows of a table that is larger than memory, by key: on disk, through LMDB.
 *
 * Rows are written as they come, one behind the other. Their keys are sorted (keysort.h), so that
 * these are written in one go as well when all rows are there: a tree that grew key by key would
 * read and write pages all over the disk. Rows can be found then.
 *
 * The file has no name (scratch.h): nothing is left of it, and nothing else in the folder is
 * touched. Nothing waits for the disk (no fsync).
 *
 * Memory: a transaction's pages (4 MiB) and what keysort takes while rows are added, one row after
 *         that; beside it, what the system keeps of the file in its page cache.
 * Errors: FAIL_OPEN where there is no file to be had, FAIL_STATE and FAIL_IO with the disk's own
 *         words (full) later on.
 * Floor: 8 (join)
 */
#ifndef JOIN_DISKTABLE_H
#define JOIN_DISKTABLE_H

#include "base/err.h"
#include "jointable.h"

struct disktable_opts {
	enum matches matches;
	bool marks;  /* rows that are found are marked, for disktable_rest() */
	bool unique; /* of each key there is to be one row: disktable_twice() */
};

struct disktable;

/* One in the folder DIR, which stays as long as it does. */
struct disktable *disktable_new(const char *dir, const struct disktable_opts *opts, struct err *e)
	__attribute__((warn_unused_result));

/* Add a row; one without a KEY (p is NULL) matches nothing, but is there. Both are copied. */
int disktable_add(struct disktable *t, const struct row *row, struct slice key, struct err *e)
	__attribute__((warn_unused_result));

/* All rows are there. */
int disktable_loaded(struct disktable *t, struct err *e) __attribute__((warn_unused_result));

/*
 * The first row whose key a row before it has: 1, the KEY and the LINES of the two, the later one
 * last. 0: there is none. The key stays until a row is found.
 */
int disktable_twice(struct disktable *t, struct slice *key, uint64_t lines[2], struct err *e)
	__attribute__((warn_unused_result));

/* The first row of a key, or NULL; then the one behind it. A row stays until the next call. */
int disktable_find(struct disktable *t, struct slice key, struct row **row, struct err *e)
	__attribute__((warn_unused_result));
int disktable_next(struct disktable *t, struct row **row, struct err *e)
	__attribute__((warn_unused_result));

/* The first row that was never found, or the next one behind *ROW; NULL at the end. */
int disktable_rest(struct disktable *t, struct row **row, struct err *e)
	__attribute__((warn_unused_result));

/* How many there are; where `matches` has one of a key, the others do not count. */
uint64_t disktable_rows(const struct disktable *t);

void disktable_free(struct disktable *t);

#endif
