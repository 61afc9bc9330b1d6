#include "carries.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct carried {
	struct map_item item;
	char *key; /* behind the block */
	char block[] __attribute__((aligned(8)));
};

static struct carried *find(const struct carries *c, struct slice key, uint64_t hash)
{
	return (struct carried *)(void *)map_find(&c->of, key, hash);
}

void carries_init(struct carries *c, const struct aggset *aggs)
{
	*c = (struct carries){ .aggs = aggs, .size = aggset_carry_size(aggs) };
}

void carries_add(struct carries *c, struct slice key, uint64_t hash, const void *state)
{
	struct carried *x = find(c, key, hash);
	size_t size = sizeof *x + c->size + key.n;

	if (!x) {
		x = alloc_zero(1, size);
		x->key = x->block + c->size;
		if (key.n)
			memcpy(x->key, key.p, key.n);
		x->item = (struct map_item){ hash, x->key, (uint32_t)key.n };
		map_add(&c->of, &x->item);
		c->bytes += alloc_taken(size);
	}
	aggset_carry(c->aggs, x->block, state);
}

void carries_get(const struct carries *c, struct slice key, uint64_t hash, void *to)
{
	const struct carried *x = find(c, key, hash);

	if (x)
		memcpy(to, x->block, c->size);
	else
		memset(to, 0, c->size);
}

size_t carries_memory(const struct carries *c)
{
	return map_memory(&c->of) + c->bytes;
}

void carries_forget(struct carries *c)
{
	for (size_t i = 0; i < map_slots(&c->of); i++)
		free(map_at(&c->of, i));
	map_free(&c->of);
	c->bytes = 0;
}
