/*
 * changes.h - a table that is itself a stream of changes, as a compacted topic: of each key the
 * last row that came counts, and a row may delete it. Left records see the table as it is when they
 * come; times play no part. Floor: 8 (join)
 */
#ifndef JOIN_CHANGES_H
#define JOIN_CHANGES_H

#include "joinstate.h"

struct changes {
	struct joinstate state;
	struct join_sink sink;
};

void changes_init(struct changes *c, bool texts, const struct join_sink *sink);

/* A row takes the place of its key's last one; DELETES: there is none then. */
void changes_put(struct changes *c, const struct join_arrival *a, bool deletes);

/* A left record comes: its pair, if there is one, and then its end. -1 with *E set where the sink
 * fails. */
int changes_ask(struct changes *c, const struct join_arrival *a, struct err *e)
	__attribute__((warn_unused_result));

/* Settle the rows there are, in the order in which they came. */
int changes_end(struct changes *c, struct err *e) __attribute__((warn_unused_result));

void changes_free(struct changes *c);

#endif
