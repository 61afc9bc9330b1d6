#include "aged.h"

#include "alloc.h"

#include <stdlib.h>

void aged_init(struct aged *a, size_t state_size)
{
	*a = (struct aged){ .state_size = state_size };
}

struct aged_item *aged_find(const struct aged *a, struct slice key, uint64_t hash)
{
	return (struct aged_item *)(void *)map_find(&a->map, key, hash);
}

static void link_newest(struct aged *a, struct aged_item *it)
{
	it->older = a->newest;
	it->newer = NULL;
	*(a->newest ? &a->newest->newer : &a->oldest) = it;
	a->newest = it;
}

static void unlink_item(struct aged *a, struct aged_item *it)
{
	*(it->older ? &it->older->newer : &a->oldest) = it->newer;
	*(it->newer ? &it->newer->older : &a->newest) = it->older;
}

struct aged_item *aged_add(struct aged *a, struct slice key, uint64_t hash)
{
	struct aged_item *it = alloc_array(sizeof *it + a->state_size + key.n, 1);
	char *copy = it->state + a->state_size;

	memset(it->state, 0, a->state_size);
	if (key.n)
		memcpy(copy, key.p, key.n);
	it->item = (struct map_item){ hash, copy, (uint32_t)key.n };
	map_add(&a->map, &it->item);
	link_newest(a, it);
	return it;
}

void aged_renew(struct aged *a, struct aged_item *it)
{
	if (it == a->newest)
		return;
	unlink_item(a, it);
	link_newest(a, it);
}

void aged_drop(struct aged *a, struct aged_item *it)
{
	map_remove(&a->map, &it->item);
	unlink_item(a, it);
	free(it);
}

void aged_free(struct aged *a)
{
	struct aged_item *it, *next;

	for (it = a->oldest; it; it = next) {
		next = it->newer;
		free(it);
	}
	map_free(&a->map);
	aged_init(a, a->state_size);
}

void aged_bytes_set(struct aged_bytes *b, struct slice s)
{
	/* not more room than twice what is held, so that one large value does not stay */
	if (s.n > b->cap || b->cap / 2 > s.n + 64) {
		free(b->p);
		b->cap = (uint32_t)((s.n + 15) & ~(size_t)15);
		b->p = alloc_array(b->cap, 1);
	}
	if (s.n)
		memcpy(b->p, s.p, s.n);
	b->n = (uint32_t)s.n;
}

void aged_bytes_free(struct aged_bytes *b)
{
	free(b->p);
	*b = (struct aged_bytes){ 0 };
}
