/*
 * buf.h - bytes that grow.
 *
 * Memory: the buffer owns its bytes; a pointer into it dies at the next buf_* call that adds.
 * Floor: 1 (base)
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "slice.h"

#include <stdint.h>

struct buf {
	char *p;
	size_t n;   /* bytes used */
	size_t cap; /* bytes allocated */
};

/* Make room for MORE bytes behind those used. Called by buf_room() alone. */
void buf_grow(struct buf *b, size_t more);

/* Room for MORE bytes: where they begin. Claim them by adding to b->n. */
static inline char *buf_room(struct buf *b, size_t more)
{
	if (b->cap - b->n < more)
		buf_grow(b, more);
	return b->p + b->n;
}

static inline void buf_add(struct buf *b, const char *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_room(b, n), p, n);
	b->n += n;
}

static inline void buf_addc(struct buf *b, char c)
{
	*buf_room(b, 1) = c;
	b->n++;
}

static inline void buf_add_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.n);
}

/* Add a NUL-terminated text, without the NUL. */
static inline void buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

/* Add a whole number in decimal. */
void buf_add_int(struct buf *b, int64_t v);

/* Add formatted text. */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forget the bytes, keep the room. */
static inline void buf_clear(struct buf *b)
{
	b->n = 0;
}

/* Forget the bytes; give the room back if it is more than KEEP bytes. */
void buf_trim(struct buf *b, size_t keep);

/* Free the bytes; the buffer is empty and usable. */
void buf_free(struct buf *b);

static inline struct slice buf_slice(const struct buf *b)
{
	return (struct slice){ b->p, b->n };
}

#endif
