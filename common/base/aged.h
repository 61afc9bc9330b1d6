/*
 * aged.h - a state for each key, in order of age, so that the oldest can be forgotten.
 *
 * Memory: each item is one block; a state that owns more is the caller's to free before it drops
 * the item. All there is can be had in order by following `newer` from `oldest`: that order, the
 *         keys and the states are the whole of it.
 * Floor: 1 (base)
 */
#ifndef BASE_AGED_H
#define BASE_AGED_H

#include "map.h"

struct aged_item {
	struct map_item item; /* its key lies behind the state */
	struct aged_item *older, *newer;
	char state[] __attribute__((aligned(8)));
};

struct aged {
	struct map map;
	struct aged_item *oldest, *newest;
	size_t state_size; /* bytes */
};

void aged_init(struct aged *a, size_t state_size);

static inline size_t aged_count(const struct aged *a)
{
	return a->map.used;
}

/* The item of a key (HASH is hash_bytes() of it), or NULL. Its age stays. */
struct aged_item *aged_find(const struct aged *a, struct slice key, uint64_t hash);

/* Add a key that is not there, as the newest, its state cleared. */
struct aged_item *aged_add(struct aged *a, struct slice key, uint64_t hash);

/* Make an item the newest. */
void aged_renew(struct aged *a, struct aged_item *it);

void aged_drop(struct aged *a, struct aged_item *it);

/* Drop all; empty and usable. */
void aged_free(struct aged *a);

/* ---- states that are bytes of any length */

struct aged_bytes {
	char *p; /* owned */
	uint32_t n, cap;
};

/* Put other bytes in the place of those held; the room is used again where it fits. */
void aged_bytes_set(struct aged_bytes *b, struct slice s);

/* Free the bytes; none are held then. */
void aged_bytes_free(struct aged_bytes *b);

static inline struct slice aged_bytes_slice(const struct aged_bytes *b)
{
	return (struct slice){ b->p, b->n };
}

#endif
