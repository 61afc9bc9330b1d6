/* aggset_in.h - what a program over aggregates is made of. Private to aggset.c and aggset_new.c.
 * Floor: 6 (agg)
 */
#ifndef AGG_AGGSET_IN_H
#define AGG_AGGSET_IN_H

#include "aggset.h"

#define AGGS_MAX 200

/* A program that aggregates take their values from; those with the same field share it. */
struct argument {
	struct prog *prog;
	struct eval *eval;
	int32_t slot; /* of the record, if it is a mere field: then it needs no run */
	/* its values for the record read last */
	struct agg_value one;
	bool has_one;
	struct agg_value *more; /* those behind the first */
	size_t mores, cap;
	unsigned takes;   /* what the aggregates that use it want, bits by enum agg_takes */
	const char *user; /* one of them, for messages */
};

/* A function that the program defines itself, or a parameter of one. */
struct local {
	struct slice name;
	uint32_t arity;
	const struct local *up; /* what is around it */
};

struct aggset {
	struct source source;
	struct plan *plan;
	struct agg agg[AGGS_MAX];
	size_t aggs;
	uint8_t own[AGGS_MAX]; /* those that have a state of their own: all that is added to */
	size_t owns;
	struct argument *arg;
	size_t args, arg_cap;
	size_t size, carry_size;
	int64_t start, end; /* of the window that results are of */
	const char *before; /* what is carried into it */
	struct buf scratch;
	struct expr_var *var; /* the caller's, then one an aggregate */
	size_t vars, given, var_cap;
	size_t open; /* of those given: how many get their values with each result */
	/* while compiling */
	struct expr_setup *setup;
	struct expr_vars all, constants;
	const struct local *locals; /* where the tree is looked at; the innermost */
	struct prog *prog;
	struct eval *eval;
	const struct node *tree; /* in the program's heap */
	bool bare;               /* the error is a bare `.` */
};

#endif
