/*
 * asof.h - the row of a key that is valid at a time: as-of joins.
 *
 * Rows of one time are in the order in which they came: backward takes the last of them, forward
 * the first; nearest takes the older row at equal distance, as pandas' merge_asof() does.
 * Floor: 7 (join)
 */
#ifndef JOIN_ASOF_H
#define JOIN_ASOF_H

#include "jointable.h"

enum asof_direction { ASOF_BACKWARD, ASOF_FORWARD, ASOF_NEAREST };

struct asof_opts {
	enum asof_direction direction;
	bool strict;       /* a row of the very time is not meant */
	int64_t tolerance; /* ns that it may lie away, inclusive; INT64_MAX: any */
};

/* The row for time T of a chain that jointable_sort() has ordered, or NULL. */
struct row *asof_find(const struct row_chain *c, int64_t t, const struct asof_opts *opts);

#endif
