#include "arena.h"

#include "alloc.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN ((size_t)16 << 10) /* the first block's bytes */
#define BLOCK_MAX ((size_t)64 << 20)
#define KEEP_MAX  ((size_t)256 << 10) /* a larger block is not kept over a reset */

struct arena_block {
	struct arena_block *older;
	size_t size; /* bytes of data */
	char data[] __attribute__((aligned(16)));
};

void arena_init(struct arena *a)
{
	*a = (struct arena){ 0 };
}

void *arena_more(struct arena *a, size_t n)
{
	size_t last = a->block ? a->block->size : 0;
	size_t size = last ? last * 2 : BLOCK_MIN;
	size_t most = a->most ? a->most : BLOCK_MAX;
	size_t room = (n + 15) & ~(size_t)15;
	struct arena_block *b;

	if (n == 0)
		return arena_alloc(a, 1);
	if (room < n)
		alloc_failed();
	if (size > most)
		size = most;
	if (size < room)
		size = room;
	b = alloc_array(1, sizeof *b + size);
	b->older = a->block;
	b->size = size;
	ARENA_POISON(b->data, size);
	a->full += last;
	a->block = b;
	a->cur = b->data + room;
	a->end = b->data + size;
	ARENA_UNPOISON(b->data, n);
	return b->data;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		alloc_failed();
	return arena_alloc(a, n);
}

char *arena_copy(struct arena *a, const char *p, size_t n)
{
	char *q = arena_alloc(a, n + 1);

	if (n)
		memcpy(q, p, n);
	q[n] = '\0';
	return q;
}

size_t arena_used(const struct arena *a)
{
	return a->block ? a->full + (size_t)(a->cur - a->block->data) : 0;
}

size_t arena_held(const struct arena *a)
{
	return a->block ? a->full + a->block->size : 0;
}

bool arena_holds(const struct arena *a, const void *p)
{
	const struct arena_block *b = a->block;

	while (b && ((const char *)p < b->data || (const char *)p >= b->data + b->size))
		b = b->older;
	return b;
}

static void free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *older = b->older;

		ARENA_UNPOISON(b->data, b->size);
		free(b);
		b = older;
	}
}

size_t arena_peak(const struct arena *a)
{
	size_t used = arena_used(a);

	return used > a->peak ? used : a->peak;
}

void arena_reset(struct arena *a)
{
	struct arena_block *b = a->block;
	size_t used = arena_used(a);

	if (used > a->peak)
		a->peak = used;
	if (!b)
		return;
	if (b->size > KEEP_MAX) {
		free_blocks(b);
		*a = (struct arena){ .peak = a->peak, .most = a->most };
		return;
	}
	free_blocks(b->older);
	b->older = NULL;
	a->full = 0;
	a->cur = b->data;
	ARENA_POISON(b->data, b->size);
}

void arena_free(struct arena *a)
{
	free_blocks(a->block);
	arena_init(a);
}
