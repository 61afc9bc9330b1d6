/*
 * keysort.h - keys with numbers, put in order where they are more than memory holds: what is there
 * is sorted and written as a run whenever it is 16 MiB, and the runs are merged (Knuth, The Art of
 * Computer Programming 3, 5.4.1).
 *
 * Errors: FAIL_OPEN where there is no file to be had, FAIL_IO where it cannot be written.
 * Floor: 8 (join)
 */
#ifndef JOIN_KEYSORT_H
#define JOIN_KEYSORT_H

#include "base/err.h"
#include "base/slice.h"

#include <stdbool.h>

struct keysort;

/* The runs go to a file in the folder DIR (scratch.h), which is made when it is needed. */
struct keysort *keysort_new(const char *dir);

/* Add a key of up to 65535 bytes, which is copied. */
int keysort_add(struct keysort *s, struct slice key, size_t number, struct err *e)
	__attribute__((warn_unused_result));

/* All are there. */
int keysort_added(struct keysort *s, struct err *e) __attribute__((warn_unused_result));

/*
 * The next key as memcmp() orders them, the shorter first of two that begin alike, and equal ones
 * by their numbers; false: there is none. It stays as long as S does.
 */
bool keysort_next(struct keysort *s, struct slice *key, size_t *number);

void keysort_free(struct keysort *s);

#endif
