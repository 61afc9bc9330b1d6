/*
 * arena.h - memory that is freed all at once.
 *
 * Memory: allocations live until the next arena_reset() or arena_free(). A reset keeps one block
 *         for the next round, so that a steady state touches neither malloc nor free, and poisons
 *         it under ASan, so that whatever was kept too long is caught at once.
 * Threads: one arena, one thread.
 * Floor: 1 (base)
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_POISON(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define ARENA_UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define ARENA_POISON(p, n)   ((void)(p), (void)(n))
#define ARENA_UNPOISON(p, n) ((void)(p), (void)(n))
#endif

struct arena_block;

struct arena {
	char *cur, *end;           /* free part of the newest block */
	struct arena_block *block; /* newest first */
	size_t full;               /* bytes in the blocks behind the newest */
	size_t peak;               /* the most that was ever in use at a reset */
	size_t most;               /* bytes of a block that nothing larger is asked of; 0: 64 MiB */
};

/* An empty arena; takes no memory before its first allocation. */
void arena_init(struct arena *a);

/* N bytes where the newest block does not simply have them. Called by arena_alloc() alone. */
void *arena_more(struct arena *a, size_t n);

/* N bytes, aligned to 16, not cleared; never NULL. */
static inline void *arena_alloc(struct arena *a, size_t n)
{
	size_t room = (n + 15) & ~(size_t)15;
	void *p = a->cur;

	/* 0, of no bytes or by overflow, is too much here as well */
	if (room - 1 >= (size_t)(a->end - a->cur))
		return arena_more(a, n);
	a->cur += room;
	ARENA_UNPOISON(p, n);
	return p;
}

/* COUNT * SIZE bytes; an overflow of the product ends the process as running out of memory. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* Copy N bytes into the arena, a NUL behind them. */
char *arena_copy(struct arena *a, const char *p, size_t n);

/* Does P point into memory of the arena's? */
bool arena_holds(const struct arena *a, const void *p);

/* Bytes in use. */
size_t arena_used(const struct arena *a);

/* Bytes of its blocks, in use or not. */
size_t arena_held(const struct arena *a);

/* The most bytes that were ever in use. */
size_t arena_peak(const struct arena *a);

/* Drop everything allocated so far. */
void arena_reset(struct arena *a);

/* Give all memory back; the arena is empty and usable. */
void arena_free(struct arena *a);

#endif
