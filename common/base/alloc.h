/*
 * alloc.h - memory from the heap; running out of it ends the process, here and nowhere else.
 * Floor: 1 (base)
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/*
 * Let what is freed be kept for what is asked for next, up to 64 MiB, where else malloc gives it
 * back to the system each time a window closes, to be cleared and mapped anew for the next. Once,
 * before the first allocation.
 */
void alloc_init(void);

/* N * SIZE bytes, not cleared; never NULL. Overflow of the product counts as out of memory. */
void *alloc_array(size_t n, size_t size) __attribute__((malloc, returns_nonnull));

/* The same, cleared. */
void *alloc_zero(size_t n, size_t size) __attribute__((malloc, returns_nonnull));

/* Resize a block of this module's to N * SIZE bytes (P may be NULL); never NULL. */
void *alloc_resize(void *p, size_t n, size_t size) __attribute__((returns_nonnull));

/* Copy LEN bytes and put a NUL behind them. The caller frees. */
char *alloc_copy(const char *p, size_t len) __attribute__((malloc, returns_nonnull));

/*
 * Room for at least WANT items of SIZE bytes in an array that holds *CAP: doubles as needed and
 * updates *CAP. Returns the array, moved or not.
 */
void *alloc_grow(void *p, size_t *cap, size_t want, size_t size) __attribute__((returns_nonnull));

/* What a block of N bytes takes with what malloc adds to it, about (glibc's chunks). */
static inline size_t alloc_taken(size_t n)
{
	return n < 24 ? 32 : (n + 8 + 15) & ~(size_t)15;
}

/* Say "out of memory" and end with status 2. */
_Noreturn void alloc_failed(void);

#endif
