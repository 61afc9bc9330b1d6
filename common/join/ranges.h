/*
 * ranges.h - ranges from one value to another, and those of them that hold a value.
 *
 * Both bounds are inclusive; null is no bound. A range holds values of its bounds' type alone (true
 * and false are of one), in jq's order of them; without bounds it holds all.
 *
 * Where all ranges count they lie sorted by where they begin, as a tree that knows how far each
 * branch reaches (an interval tree: Cormen et al., Introduction to Algorithms, "Augmenting data
 * structures"). Where one is picked, one pass over all bounds says which it is from each of them
 * on, so that looking is a binary search however many ranges overlap. Floor: 8 (join)
 */
#ifndef JOIN_RANGES_H
#define JOIN_RANGES_H

#include "base/err.h"
#include "jointable.h"

struct ranges;

/* PICK: MATCHES_LONGEST is the range that begins last, of those the one that ends first. */
struct ranges *ranges_new(enum matches pick);

/*
 * Add [FROM, TO] to the ranges of the key EXACT. Returns where its row is to be put, at once; NULL
 * with FAIL_DATA where the bounds are of two types or nested too deeply.
 */
struct row **ranges_add(struct ranges *r, struct slice exact, struct val from, struct val to,
                        struct heap *h, struct err *e) __attribute__((warn_unused_result));

/* All are there: O(n log n). */
void ranges_loaded(struct ranges *r);

/*
 * Hand the rows whose ranges hold X to TAKE: all by where they begin, then as they came, or the one
 * that is picked, of equal ones the first (MATCHES_LAST: the last).
 */
void ranges_find(struct ranges *r, struct slice exact, struct val x, struct heap *h,
                 void (*take)(void *context, struct row *row), void *context);

void ranges_free(struct ranges *r);

#endif
