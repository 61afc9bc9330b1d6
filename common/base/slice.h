/*
 * slice.h - a view of bytes that somebody else owns.
 * Floor: 1 (base)
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *p; /* not NUL-terminated; may be NULL where n is 0 */
	size_t n;      /* bytes */
};

#define SLICE(literal) ((struct slice){ literal, sizeof(literal) - 1 })

static inline struct slice slice_from(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static inline bool slice_same(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || (*a.p == *b.p && memcmp(a.p, b.p, a.n) == 0));
}

/* Order by bytes, the shorter of two equal beginnings first: negative, zero, positive. */
static inline int slice_order(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n ? memcmp(a.p, b.p, n) : 0;

	return r ? r : (a.n > b.n) - (a.n < b.n);
}

/* How many bytes of S are C. */
uint64_t slice_count(struct slice s, char c);

#endif
