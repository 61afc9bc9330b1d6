/*
 * agg.h - aggregates: what is kept of many values, and how.
 *
 * A kind is a set of functions over a state of fixed size; what a state needs beyond that is on the
 * heap, and freed by its kind. States do not depend on the order of what was added, as ../window
 * promises it, where the kind can help it. Floor: 6 (agg)
 */
#ifndef AGG_AGG_H
#define AGG_AGG_H

#include "base/err.h"
#include "json/val.h"

/* One value of an aggregate's argument. Nulls never get here. */
struct agg_value {
	struct val v;
	bool is_num, is_int;
	double num;    /* if is_num */
	int64_t whole; /* if is_int: exactly it */
};

/* The record that the value is of. */
struct agg_record {
	int64_t time;      /* event time, ns */
	struct slice line; /* its bytes, for breaking ties */
};

enum { AGG_PARAMS = 2 };

/* One call of an aggregate in a program. */
struct agg {
	const struct agg_kind *kind;
	int argument;             /* which argument program, -1 for none */
	double param[AGG_PARAMS]; /* the numbers behind the argument */
	size_t offset;            /* of its state in a group's */
};

struct agg_kind {
	const char *name;
	unsigned args; /* arguments in a call, the value included */
	bool numbers;  /* takes numbers only: any other value is an error */
	bool truth;    /* its argument is a condition: its value as it is, null too */
	size_t size;   /* of the state, bytes; a cleared state is the empty one */
	/* check the parameters; -1 with FAIL_COMPILE; may be NULL */
	int (*setup)(struct agg *a, struct err *e);
	void (*add)(const struct agg *a, void *state, const struct agg_value *v,
	            const struct agg_record *r);
	/* what it is now, in H */
	struct val (*result)(const struct agg *a, const void *state, struct heap *h);
	/* free what the state holds on the heap; may be NULL */
	void (*drop)(void *state);
};

/* The aggregate that a call with ARGS arguments names, or NULL. */
const struct agg_kind *agg_find(struct slice name, unsigned args);

/* All names, for messages: "count sum avg ...". */
void agg_names(struct buf *b);

#endif
