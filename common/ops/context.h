/*
 * context.h - records before and after those that match, as grep -A -B shows lines.
 *
 *     if (context_passes(&c, match)) {
 *             if (c.gap) ...                          here grep would write "--"
 *             while (context_take(&c, &older)) write(older);
 *             write(record);
 *     } else {
 *             context_hold(&c, record);
 *     }
 *
 * Every record is written once, in order, where contexts overlap or meet too.
 * Memory: the last `before` records that did not pass, copied. State: all of it. Floor: 6 (ops)
 */
#ifndef OPS_CONTEXT_H
#define OPS_CONTEXT_H

#include "base/buf.h"
#include "base/err.h"

struct context {
	uint64_t after, before;
	uint64_t left;         /* records behind the last match still to be passed */
	bool gap;              /* in front of what passes now something was left out */
	bool skipped, started; /* was one forgotten since the last that passed; has one passed? */
	struct buf *held;      /* a ring of `before` records .. */
	size_t first, count;   /* .. of which `count` are held, the oldest at `first` */
};

/* RANGE is "A,B" or "N" for N,N: a million at most. -1 with FAIL_USAGE. */
int context_init(struct context *c, const char *range, struct err *e)
	__attribute__((warn_unused_result));

/* Does the next record pass, as a match or behind one? Those held, in front of a match, pass too.
 */
bool context_passes(struct context *c, bool match);

/* The oldest record held that passes; false behind the last one. It stays until context_hold(). */
bool context_take(struct context *c, struct slice *record);

/* Hold a record that did not pass; the oldest is forgotten where there are enough. */
void context_hold(struct context *c, struct slice record);

void context_free(struct context *c);

#endif
