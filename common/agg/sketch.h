/*
 * sketch.h - a distribution: exact up to SKETCH_EXACT values, and up to SKETCH_LEVELS different
 * ones however often they come; then with 1 % relative error.
 *
 * DDSketch (C. Masson, J. E. Rim, H. K. Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch
 * with Relative-Error Guarantees", VLDB 12 (2019)): counts of values by the power of gamma
 * = 1.01/0.99 that they lie below. The state is a function of the multiset of values alone: it does
 * not depend on their order. Floor: 6 (agg)
 */
#ifndef AGG_SKETCH_H
#define AGG_SKETCH_H

#include "base/buf.h"

#define SKETCH_EXACT  1024 /* values kept as they are */
#define SKETCH_LEVELS 512  /* different values counted beyond that */
#define SKETCH_ERROR  0.01 /* relative error beyond both */

/* A value, and how often it is there. */
struct sketch_level {
	double value;
	uint64_t count;
};

/* Counts of values of one sign, by bucket. */
struct sketch_side {
	uint32_t *count;
	int32_t first; /* bucket of count[0] */
	uint32_t size; /* buckets */
};

/* A cleared sketch is empty. */
struct sketch {
	uint64_t n;
	double *exact;              /* while n <= SKETCH_EXACT */
	struct sketch_level *level; /* then, ascending, while there are up to SKETCH_LEVELS */
	uint32_t cap, levels;
	bool sorted;    /* what is in `exact` */
	uint64_t zeros; /* beyond: values that are zero, or closer to it than 1e-300 */
	struct sketch_side plus, minus;
	double least, greatest;
};

/* Add a value; not a number counts for nothing. */
void sketch_add(struct sketch *s, double v);

/*
 * The value of rank RANK (1 to n) in ascending order: exact, or within SKETCH_ERROR of it. Sorts
 * what is kept exactly.
 */
double sketch_rank(struct sketch *s, uint64_t rank);

/* Is it exact? */
static inline bool sketch_is_exact(const struct sketch *s)
{
	return s->n <= SKETCH_EXACT || s->level;
}

/* Add all that FROM holds: the same as adding its values. */
void sketch_merge(struct sketch *s, const struct sketch *from);

/* The values, or what stands for them, ascending, with their counts, *N of them; the caller frees.
 */
struct sketch_level *sketch_levels(struct sketch *s, size_t *n);

void sketch_save(const struct sketch *s, struct buf *b);

/* Into a cleared sketch, off the front of FROM. -1 where the bytes are none of sketch_save()'s. */
int sketch_load(struct sketch *s, struct slice *from);

/* Bytes on the heap. */
size_t sketch_memory(const struct sketch *s);

void sketch_free(struct sketch *s);

/* ---- for those who write sketches in another form (sketchval.c) */

/* The buckets from the first to the last that count something: *FIRST is that of the first. */
const uint32_t *sketch_buckets(const struct sketch_side *side, int32_t *first, uint32_t *n);

/* Add a number that is one COUNT times more, to a sketch that has more than SKETCH_EXACT then. */
void sketch_add_level(struct sketch *s, double v, uint64_t count);

/* Add COUNT values of bucket I. False where there is no such bucket. */
bool sketch_add_bucket(struct sketch_side *side, int64_t i, uint64_t count);

#endif
