/*
 * tablematch.h - rows that a value lies in, rather than equals: networks that hold an address,
 * strings that one begins with, ranges from one value to another.
 *
 * Networks and prefixes are looked for as keys, once for each length that there is, the longest
 * first; ranges are ranges.h's. The parts of a key before the last one are equal as ever.
 * Floor: 8 (join)
 */
#ifndef JOIN_TABLEMATCH_H
#define JOIN_TABLEMATCH_H

#include "base/err.h"
#include "jointable.h"

enum match_kind {
	MATCH_EQUAL,   /* none of these */
	MATCH_CIDR,    /* a row's network, or address, holds the address (ip_in_block()) */
	MATCH_PREFIX,  /* the string begins with the row's */
	MATCH_BETWEEN, /* the value lies in the row's [from, to] (ranges.h) */
};

struct tablematch;

/*
 * PICK says which of several rows: MATCHES_LONGEST is the one of the longest network or prefix, or
 * of the range that begins last, of those the one that ends first; of equal ones it is the first
 * row. T outlives it.
 */
struct tablematch *tablematch_new(enum match_kind kind, enum matches pick, struct jointable *t);

/*
 * Add row V: EXACT are the equal parts of its key, LAST the part that is matched. -1 with FAIL_DATA
 * where it is no network, string, or array of two of a type.
 */
int tablematch_add(struct tablematch *m, struct slice exact, struct val last, struct val v,
                   uint64_t line, struct heap *h, struct err *e)
	__attribute__((warn_unused_result));

/* All rows are there. */
void tablematch_loaded(struct tablematch *m);

/*
 * The rows that match, linked by `next`: copies, in H, of rows that are marked as matched. Networks
 * and prefixes come longest first, ranges by where they begin, rows of one as they came.
 */
struct row *tablematch_find(struct tablematch *m, struct slice exact, struct val last,
                            struct heap *h);

void tablematch_free(struct tablematch *m);

#endif
