/*
 * panes.h - windows whose borders are given: tumbling, hopping, cumulative, calendar (spans.h).
 *
 * Records are kept by slice, and slices are merged when a window is due. A slice is dropped when
 * the last window that holds it takes no more corrections. Floor: 7 (window)
 */
#ifndef WINDOW_PANES_H
#define WINDOW_PANES_H

#include "spans.h"
#include "window.h"

struct panes;

/* SPANS and OPTS are copied. */
struct panes *panes_new(const struct spans *spans, const struct win_opts *opts);

/*
 * A record of a key with this hash will be added: let the place where the key is looked up come
 * into the cache.
 */
void panes_expect(const struct panes *p, uint64_t hash);

/* Add a record. WIN_FAILED with *e set where a result could not be handed out. */
enum win_taken panes_add(struct panes *p, const struct win_record *r, struct err *e)
	__attribute__((warn_unused_result));

/* The watermark has risen to W: hand out what is due. STAMP_MAX: everything. */
int panes_advance(struct panes *p, int64_t w, struct err *e) __attribute__((warn_unused_result));

/* The least event time that a later result can have, W being the watermark. */
int64_t panes_frontier(const struct panes *p, int64_t w);

/* Groups held, over all slices. */
size_t panes_groups(const struct panes *p);

/* Bytes that are held; it looks at every state. */
size_t panes_memory(const struct panes *p);

/*
 * Let go of the oldest slices, of at least N groups if there are as many. Each open window and key
 * that they are part of has an early result of what goes, and goes on without it: its results add
 * up. *DONE: how many these are, and the groups that were kept for corrections alone. What is known
 * of keys beyond that is forgotten where it is more than the groups.
 */
int panes_evict(struct panes *p, size_t n, size_t *done, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Hand what is open to another sink as early results, changing nothing: each slice in the one of
 * its windows that is due first.
 */
int panes_show(struct panes *p, const struct win_sink *to, struct err *e)
	__attribute__((warn_unused_result));

void panes_free(struct panes *p);

#endif
