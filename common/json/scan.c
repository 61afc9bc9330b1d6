#include "scan.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "check.h"
#include "scalar.h"
#include "shape.h"

#include <stdlib.h>

#define BATCH                                                                                      \
	((size_t)32 << 10)         /* bytes indexed at a time: the index stays in the first caches \
	                            */
#define KEEP_MAX ((size_t)1 << 20) /* entries of the index kept behind a huge record */

struct scan {
	const struct plan *plan;
	index_fn *index;
	const char *text;  /* the feed */
	size_t len, at;    /* its bytes, and how many of them are indexed */
	const char *batch; /* the batch that pos counts from */
	uint32_t *pos;
	uint8_t *cls;
	uint32_t *skip; /* of a record that was walked, in its own numbers */
	int32_t *slot;  /* likewise */
	uint32_t *open; /* the walk's stack of brackets */
	size_t cap, open_cap;
	size_t n, next; /* structurals of the batch; the first of the next record */
	uint32_t begin; /* where the next line begins, in the batch */
	uint64_t lines, walks;
	struct shapes shapes;
};

struct scan *scan_new(const struct plan *plan, index_fn *index)
{
	struct scan *s = alloc_zero(1, sizeof *s);

	s->plan = plan;
	s->index = index ? index : index_best();
	s->slot = alloc_array(plan->n, sizeof *s->slot);
	shapes_init(&s->shapes, plan);
	return s;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	shapes_free(&s->shapes);
	free(s->pos);
	free(s->cls);
	free(s->skip);
	free(s->slot);
	free(s->open);
	free(s);
}

void scan_feed(struct scan *s, const char *text, size_t len)
{
	s->text = text;
	s->len = len;
	s->at = s->n = s->next = 0;
	s->lines = 0;
}

uint64_t scan_lines(const struct scan *s)
{
	return s->lines;
}

uint64_t scan_walks(const struct scan *s)
{
	return s->walks;
}

/* Make room to index LEN bytes. */
static void reserve(struct scan *s, size_t len)
{
	size_t want = len + INDEX_PAD;

	if (want <= s->cap && (s->cap <= KEEP_MAX || want > KEEP_MAX))
		return;
	free(s->pos);
	free(s->cls);
	free(s->skip);
	s->cap = want < BATCH + INDEX_PAD ? BATCH + INDEX_PAD : want;
	s->pos = alloc_array(s->cap, sizeof *s->pos);
	s->cls = alloc_array(s->cap, 1);
	s->skip = alloc_array(s->cap, sizeof *s->skip);
}

/* Index the next whole lines of the feed. Returns false at its end. */
static bool next_batch(struct scan *s)
{
	const char *from = s->text + s->at, *newline;
	size_t left = s->len - s->at, len = left;

	if (left == 0)
		return false;
	if (left > BATCH) {
		newline = memrchr(from, '\n', BATCH);
		if (!newline)
			newline = memchr(from + BATCH, '\n', left - BATCH);
		len = (size_t)(newline + 1 - from);
	}
	reserve(s, len);
	s->batch = from;
	s->at += len;
	s->n = s->index(from, len, s->pos, s->cls);
	s->next = 0;
	s->begin = 0;
	return true;
}

/*
 * Check the grammar of the record R, whose classes end with a newline, and fill in R->skip. A
 * classic pushdown walk with the open brackets on a stack of its own.
 */
static bool walk(struct scan *s, struct rec *r, uint32_t *skip)
{
	const uint8_t *cls = r->cls;
	const uint32_t *pos = r->pos;
	uint32_t k = 0, depth = 0;

	for (;;) {
		/* a value begins at k */
		switch (cls[k]) {
		case CLASS_QUOTE:
			k++;
			break;
		case CLASS_SCALAR:
			if (!scalar_valid(r->text + pos[k], r->text + pos[k + 1]))
				return false;
			k++;
			break;
		case CLASS_OPEN_OBJ:
		case CLASS_OPEN_ARR:
			if (depth == CHECK_DEPTH)
				return false;
			s->open = alloc_grow(s->open, &s->open_cap, depth + 1, sizeof *s->open);
			s->open[depth++] = k++;
			if (cls[k - 1] == CLASS_OPEN_OBJ && cls[k] != CLASS_CLOSE_OBJ)
				goto key;
			if (cls[k - 1] == CLASS_OPEN_ARR && cls[k] != CLASS_CLOSE_ARR)
				continue;
			break;
		default:
			return false;
		}
		/* a value ended before k: close brackets, or go on behind a comma */
		while (depth && cls[k] != CLASS_COMMA) {
			uint32_t open = s->open[--depth];

			/* CLOSE is OPEN + 1 */
			if (cls[k] != cls[open] + 1)
				return false;
			skip[open] = k++;
		}
		if (depth == 0) {
			r->n = k;
			return cls[k] == CLASS_NEWLINE;
		}
		k++;
		if (cls[s->open[depth - 1]] == CLASS_OPEN_ARR)
			continue;
	key:
		if (cls[k] != CLASS_QUOTE || cls[k + 1] != CLASS_COLON)
			return false;
		k += 2;
	}
}

/* The number of the newline that ends the record which begins at structural FROM. */
static size_t find_end(const struct scan *s, size_t from)
{
	while (s->cls[from] != CLASS_NEWLINE && s->cls[from] != CLASS_BAD_NEWLINE)
		from++;
	return from;
}

static enum scan_got finish(struct scan *s, struct rec *r, size_t newline, enum scan_got got)
{
	r->begin = s->begin;
	r->end = s->pos[newline];
	s->begin = r->end + 1;
	s->next = newline + 1;
	s->lines++;
	return got;
}

static enum scan_got walk_record(struct scan *s, struct rec *r, uint64_t hash, size_t newline)
{
	s->walks++;
	if (!walk(s, r, s->skip)) {
		r->n = 0;
		return finish(s, r, newline, SCAN_BAD);
	}
	r->skip = s->skip;
	r->slot = s->slot;
	shapes_resolve(&s->shapes, r, s->slot);
	shapes_keep(&s->shapes, r, hash);
	return finish(s, r, newline, SCAN_RECORD);
}

enum scan_got scan_next(struct scan *s, struct rec *r)
{
	struct shape *shape;
	size_t newline;
	uint64_t hash;

	for (;;) {
		if (s->next == s->n && !next_batch(s))
			return SCAN_END;
		if (s->cls[s->next] != CLASS_NEWLINE)
			break;
		finish(s, r, s->next, SCAN_END);
	}
	r->text = s->batch;
	r->pos = s->pos + s->next;
	r->cls = s->cls + s->next;
	shape = shapes_guess(&s->shapes, r, s->n - s->next);
	if (!shape) {
		newline = find_end(s, s->next);
		hash = hash_bytes(r->cls, newline - s->next);
		shape = shapes_find(&s->shapes, r, hash, newline - s->next);
		if (!shape)
			return walk_record(s, r, hash, newline);
	}
	r->n = shape->n;
	r->skip = shape->skip;
	r->slot = shape->slot;
	return finish(s, r, s->next + shape->n,
	              shape_scalars_valid(shape, r) ? SCAN_RECORD : SCAN_BAD);
}
