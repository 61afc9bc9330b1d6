/*
 * carries.h - what the windows of a key that are gone leave to those behind: the last sample, for
 * `increase` and `rate`. Kept per key for those windows that are ordered within a key (panes,
 * sessions).
 * Floor: 7 (window)
 */
#ifndef WINDOW_CARRIES_H
#define WINDOW_CARRIES_H

#include "agg/aggset.h"
#include "base/map.h"
#include "base/slice.h"

struct carries {
	const struct aggset *aggs;
	size_t size;   /* bytes of what is carried; 0: none of the aggregates asks for it */
	struct map of; /* by key */
	size_t bytes;  /* of what that holds */
};

/* Of the windows of AGGS, which is borrowed. Nothing is carried yet. */
void carries_init(struct carries *c, const struct aggset *aggs);

/* A window of KEY, behind those that went before, goes: STATE is its. Only where size is not 0. */
void carries_add(struct carries *c, struct slice key, uint64_t hash, const void *state);

/* What those of KEY left, into TO, c->size bytes; zeroes, which is nothing, for none. */
void carries_get(const struct carries *c, struct slice key, uint64_t hash, void *to);

/* Bytes in use. */
size_t carries_memory(const struct carries *c);

/* Forget all of it; C may be used on. */
void carries_forget(struct carries *c);

#endif
