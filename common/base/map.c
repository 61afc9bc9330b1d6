#include "map.h"

#include "alloc.h"

#include <stdlib.h>

struct map_item *map_find(const struct map *m, struct slice key, uint64_t hash)
{
	size_t i;

	if (!m->slot)
		return NULL;
	for (i = hash & m->mask; m->slot[i].item; i = (i + 1) & m->mask) {
		struct map_item *it = m->slot[i].item;

		if (m->slot[i].hash == hash &&
		    slice_same((struct slice){ it->key, it->key_len }, key))
			return it;
	}
	return NULL;
}

static void place(struct map *m, struct map_slot x)
{
	size_t i = x.hash & m->mask;

	while (m->slot[i].item)
		i = (i + 1) & m->mask;
	m->slot[i] = x;
}

static void rehash(struct map *m, size_t slots)
{
	struct map_slot *old = m->slot;
	size_t i, n = map_slots(m);

	m->slot = alloc_zero(slots, sizeof *m->slot);
	m->mask = slots - 1;
	for (i = 0; i < n; i++)
		if (old[i].item)
			place(m, old[i]);
	free(old);
}

void map_add(struct map *m, struct map_item *item)
{
	if (!m->slot || (m->used + 1) * 4 > (m->mask + 1) * 3)
		rehash(m, m->slot ? (m->mask + 1) * 2 : 16);
	place(m, (struct map_slot){ item->hash, item });
	m->used++;
}

void map_remove(struct map *m, struct map_item *item)
{
	size_t hole = item->hash & m->mask, i;

	while (m->slot[hole].item != item)
		hole = (hole + 1) & m->mask;
	for (i = (hole + 1) & m->mask; m->slot[i].item; i = (i + 1) & m->mask) {
		size_t home = m->slot[i].hash & m->mask;

		/* may the item at I move back to the hole? yes unless home lies in (hole, i] */
		if (((i - home) & m->mask) >= ((i - hole) & m->mask)) {
			m->slot[hole] = m->slot[i];
			hole = i;
		}
	}
	m->slot[hole].item = NULL;
	m->used--;
}

void map_clear(struct map *m)
{
	if (m->used)
		memset(m->slot, 0, (m->mask + 1) * sizeof *m->slot);
	m->used = 0;
}

void map_free(struct map *m)
{
	free(m->slot);
	*m = (struct map){ 0 };
}
