/*
 * map.h - a hash table from byte strings to things that know their own key.
 *
 * A thing embeds a `struct map_item`; the map holds pointers and owns neither things nor keys.
 * Open addressing, linear probing, at most 3/4 full, backward-shift deletion.
 * Floor: 1 (base)
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "slice.h"

#include <stdbool.h>
#include <stdint.h>

struct map_item {
	uint64_t hash;    /* hash_bytes() of the key */
	const char *key;  /* must outlive its stay in the map */
	uint32_t key_len; /* bytes */
};

/* A slot knows its item's hash, so that only items of that hash are looked at. */
struct map_slot {
	uint64_t hash;
	struct map_item *item; /* NULL: the slot is empty */
};

struct map {
	struct map_slot *slot;
	size_t mask; /* slots - 1, or 0 where slot is NULL */
	size_t used; /* items held */
};

/* Bytes that the table itself takes. */
static inline size_t map_memory(const struct map *m)
{
	return m->slot ? (m->mask + 1) * sizeof *m->slot : 0;
}

/* How many slots there are, and the item in one of them, or NULL: to visit all, in no order. */
static inline size_t map_slots(const struct map *m)
{
	return m->slot ? m->mask + 1 : 0;
}

static inline struct map_item *map_at(const struct map *m, size_t i)
{
	return m->slot[i].item;
}

/* The item with this key (HASH is hash_bytes() of it), or NULL. */
struct map_item *map_find(const struct map *m, struct slice key, uint64_t hash);

/* A key of this hash will be looked for: let its slot, then its item come into the cache. */
static inline void map_expect(const struct map *m, uint64_t hash)
{
	if (m->slot)
		__builtin_prefetch(&m->slot[hash & m->mask]);
}

static inline void map_expect_item(const struct map *m, uint64_t hash)
{
	if (m->slot)
		__builtin_prefetch(m->slot[hash & m->mask].item);
}

/* Add an item whose key the map does not hold; the item's three fields are set. */
void map_add(struct map *m, struct map_item *item);

/* Take an item out that the map holds. */
void map_remove(struct map *m, struct map_item *item);

/* Take all items out; the table keeps its size. */
void map_clear(struct map *m);

/* Free the table (not the items); the map is empty and usable. */
void map_free(struct map *m);

#endif
