/*
 * shape.h - the shapes of records that the scanner has met. Private to scan.c.
 * Floor: 3 (json)
 */
#ifndef JSON_SHAPE_H
#define JSON_SHAPE_H

#include "scalar.h"
#include "scan.h"

/* A key that must be where it was: its text with the closing quote. */
struct shape_key {
	uint32_t at;       /* the structural of its opening quote */
	uint32_t size;     /* bytes, closing quote included */
	uint64_t lo, hi;   /* the first 16 of them */
	uint64_t mlo, mhi; /* which of those count */
	const char *text;  /* all of them */
};

struct shape {
	struct shape *chain;   /* the next one of the same bucket */
	struct shape *follows; /* the shape that last came after this one */
	uint64_t hash;         /* of the classes */
	uint32_t n;            /* structurals without the newline */
	uint32_t scalars, keys;
	uint8_t *cls; /* n + 1, the newline included */
	uint32_t *skip;
	uint32_t *scalar; /* structurals that are numbers or literals */
	struct shape_key *key;
	int32_t *slot;
};

#define SHAPE_BUCKETS 256

struct shapes {
	const struct plan *plan;
	struct shape *bucket[SHAPE_BUCKETS];
	struct shape *last; /* of the record before */
	size_t kept;        /* shapes */
	size_t bytes;       /* they take */
	uint32_t known;     /* records in a row whose shape was known, saturating */
	uint32_t pause;     /* records until shapes are kept again */
};

void shapes_init(struct shapes *s, const struct plan *plan);

/* Find the plan's fields in a record that was walked: fills in SLOT. */
void shapes_resolve(const struct shapes *s, const struct rec *r, int32_t *slot);

/* Keep the shape of a record that was walked and resolved; not kept where shapes do not pay. */
void shapes_keep(struct shapes *s, const struct rec *r, uint64_t hash);

/* Is the next record, of at most LEFT structurals, of the shape that its forerunner suggests? */
struct shape *shapes_guess(struct shapes *s, const struct rec *r, size_t left);

/* The shape of the next record, whose N classes have this hash, or NULL. */
struct shape *shapes_find(struct shapes *s, const struct rec *r, uint64_t hash, size_t n);

void shapes_free(struct shapes *s);

/* Are a record's numbers and literals such? */
static inline bool shape_scalars_valid(const struct shape *s, const struct rec *r)
{
	bool valid = true;

	for (uint32_t i = 0; i < s->scalars; i++) {
		uint32_t k = s->scalar[i];

		valid &= scalar_valid(r->text + r->pos[k], r->text + r->pos[k + 1]);
	}
	return valid;
}

#endif
