/*
 * agg.h - aggregates: what is kept of many values, and how.
 *
 * A kind is a set of functions over a state of fixed size; what a state needs beyond that is on the
 * heap, and freed by its kind. A cleared state is the empty one.
 *
 * Order: states do not depend on the order in which values were added, as far as each kind's file
 *        does not say otherwise: so records may come as late as --delay allows.
 * Merging: every kind can be merged, for slices of hopping windows, sessions that grow together and
 *        parts of a stream. The result is that of all values added to one state: to the byte where
 *        the order of values does not matter, else (floating sums, top beyond its bound) as if they
 *        had come in another order. Counters (increase, rate) need parts that do not overlap in
 *        time.
 * Saving: every state can be written out and read back whole. The bytes are those of this machine
 *        and of AGGSET_VERSION; the caller keeps both, and a checksum.
 * Nothing: over no values count and distinct are 0, lists and histograms empty or zeros, all else
 *        null.
 * NaN (no JSON number, but an expression can compute it): what adds up (sum, avg, stddev, corr,
 * ...) becomes null with it; what ranks (quantile, histogram, mad, counters) leaves it out; to the
 *        rest it is a value like others, below all numbers.
 * Floor: 6 (agg)
 */
#ifndef AGG_AGG_H
#define AGG_AGG_H

#include "base/err.h"
#include "json/val.h"

/* One value of an aggregate's argument. Nulls get to conditions alone. */
struct agg_value {
	struct val v;
	bool is_num, is_int;
	double num;    /* if is_num */
	int64_t whole; /* if is_int: exactly it */
};

/* The record that the value is of. */
struct agg_record {
	int64_t time;      /* event time, ns; where there is none, numbers in order of arrival */
	struct slice line; /* its bytes, for breaking ties */
	/*
	 * No record with a time below this one is expected any more: the watermark less the
	 * lateness. What counters keep of records before it is folded up. One may come all the same
	 * as long as its window is open. 0: nothing is known.
	 */
	int64_t settled;
};

/* Where a result is taken. */
struct agg_at {
	int64_t start, end; /* the window's, ns */
	const void *before; /* what the kind's carry() left of all windows before; NULL: nothing */
};

enum { AGG_VALUES = 2 };

/* One call of an aggregate in a program. */
struct agg {
	const struct agg_kind *kind;
	int argument[AGG_VALUES]; /* which argument programs, -1 for none */
	double param;             /* the number or duration (s) behind them; INFINITY if left out */
	double *list;             /* or the array of numbers */
	size_t lists;
	uint64_t seed;       /* of sample */
	struct buf *scratch; /* for the bytes of one value, while it is added */
	size_t offset;       /* of its state in a group's */
	size_t before;       /* of what it carries, in a group's */
};

/* What values a kind takes; any other is a bad record. Nulls count to conditions alone. */
enum agg_takes {
	AGG_ANY,
	AGG_NUMBERS,
	AGG_CONDITION, /* its argument is true or false; null is false */
	AGG_RANKED,    /* numbers, and sketches of them (sketchval.h) */
	AGG_COUNTED,   /* any; sketches of what is distinct as such */
	AGG_OBJECTS,   /* objects, sketches as such */
};

enum agg_param { AGG_NO_PARAM, AGG_NUMBER, AGG_DURATION, AGG_LIST };

struct agg_kind {
	const char *name;
	const char *usage; /* "quantile(f; q)"; what --help and errors show */
	uint8_t values; /* arguments evaluated per record: 0 to AGG_VALUES, and they come first */
	uint8_t takes;  /* enum agg_takes, of all of them */
	uint8_t param;  /* enum agg_param: what comes behind them */
	bool optional;  /* the parameter may be left out */
	bool gives_object; /* its value may be an object */
	bool shares;       /* calls of the same add and the same arguments share a state */
	size_t size;       /* of the state, bytes; a multiple of 8, aligned to 8 */

	/* check the parameter; -1 with FAIL_COMPILE; may be NULL */
	int (*setup)(struct agg *a, struct err *e);
	/* add a value, NULL where there is no argument */
	void (*add)(const struct agg *a, void *state, const struct agg_value *v,
	            const struct agg_record *r);
	/* instead of it where there are two arguments: both have a value */
	void (*add_pair)(const struct agg *a, void *state, const struct agg_value *v,
	                 const struct agg_value *w, const struct agg_record *r);
	/* what it is now, in H; may sort what the state holds */
	struct val (*result)(const struct agg *a, const void *state, const struct agg_at *at,
	                     struct heap *h);
	/* add all that FROM holds */
	void (*merge)(const struct agg *a, void *to, const void *from);

	/* ---- where the state holds something on the heap; all NULL otherwise */
	void (*save)(const void *state, struct buf *b);
	/* into a cleared state, from the front of FROM; -1 where the bytes are none of save()'s */
	int (*load)(void *state, struct slice *from);
	size_t (*memory)(const void *state); /* bytes on the heap */
	void (*drop)(void *state);

	/*
	 * Where windows of one key hang together (increase): BEFORE is what is known of all windows
	 * that have gone by, CARRY bytes without anything on the heap, cleared at first. carry()
	 * adds the next window in time.
	 */
	size_t carry_size;
	void (*carry)(void *before, const void *state);

	/* how it is kept at present, for --explain: "exact", "DDSketch"; may be NULL */
	const char *(*form)(const void *state);
};

/* The value of V; null is no number. */
static inline struct agg_value agg_value_of(struct val v)
{
	struct agg_value a = { .v = v };

	if (v.tag == VAL_LIT) {
		a.is_num = true;
		a.is_int = num_read(val_text(v), &a.num, &a.whole);
	} else if (v.tag == VAL_NUM) {
		a.is_num = true;
		a.num = v.num;
		a.whole = v.num > -9e15 && v.num < 9e15 ? (int64_t)v.num : 0;
		a.is_int = (double)a.whole == v.num;
	}
	return a;
}

/* The aggregate that a call with ARGS arguments names, or NULL. */
const struct agg_kind *agg_find(struct slice name, unsigned args);

/* An aggregate of that name, whatever its arguments, or NULL. */
const struct agg_kind *agg_named(struct slice name);

/* The aggregate whose name is nearest to a misspelled one, or NULL where none is near. */
const struct agg_kind *agg_near(struct slice name);

/* Aggregate number I, in the order in which they are listed; NULL behind the last. */
const struct agg_kind *agg_kind_at(size_t i);

/* ---- saving and loading, for the kinds */

static inline void agg_put(struct buf *b, const void *p, size_t n)
{
	buf_add(b, p, n);
}

static inline void agg_put64(struct buf *b, uint64_t v)
{
	buf_add(b, (const char *)&v, sizeof v);
}

/* N bytes off the front. -1 where there are fewer. */
static inline int agg_take(struct slice *from, void *to, size_t n)
{
	if (from->n < n)
		return -1;
	if (n)
		memcpy(to, from->p, n);
	from->p += n;
	from->n -= n;
	return 0;
}

/* A number of things that take at least SIZE bytes each, so that no wrong one allocates much. */
static inline int agg_take_count(struct slice *from, uint64_t *n, size_t size)
{
	if (agg_take(from, n, sizeof *n) < 0 || *n > from->n / size)
		return -1;
	return 0;
}

#endif
