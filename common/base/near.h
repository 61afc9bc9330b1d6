/*
 * near.h - which name was meant by a misspelled one.
 *
 *     near_begin(&n, wanted);
 *     near_try(&n, name) for each name that there is
 *     n.best is the nearest; its p is NULL where none is near enough
 *
 * Memory: names are referred to, not copied.
 * Floor: 1 (base)
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include "slice.h"

struct near {
	struct slice wanted, best;
	unsigned least; /* letters to put in, take out or change; only fewer is nearer */
};

/*
 * A name of up to 4 letters may differ by one letter, a longer one by two; one of a single letter,
 * or of more than 30, is near to none.
 */
void near_begin(struct near *n, struct slice wanted);

/* Of names that are as near the first tried is kept. */
void near_try(struct near *n, struct slice name);

#endif
