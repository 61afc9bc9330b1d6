/*
 * aggset.h - a program over aggregates: {n: count, p99: quantile(.ms; 0.99)}.
 *
 * The program is compiled twice: each aggregate's argument as a program of its own, run per record;
 * and the program around them, run when a result is wanted, with the aggregates' values in place of
 * their calls.
 *
 * A group's state is a block of aggset_size() cleared bytes, aligned to 16; aggset_drop() frees
 * what it holds. Floor: 6 (agg)
 */
#ifndef AGG_AGGSET_H
#define AGG_AGGSET_H

#include "agg.h"
#include "expr/expr.h"

struct aggset;

/*
 * Compile TEXT; the fields that arguments read are added to PLAN. VAR are further variables of the
 * program around the aggregates ($key, $window); their values are given to aggset_result(). NULL
 * with FAIL_COMPILE.
 */
struct aggset *aggset_new(const char *text, struct plan *plan, const struct expr_var *var,
                          size_t vars, struct err *e) __attribute__((warn_unused_result));

/* Bytes of a group's state. */
size_t aggset_size(const struct aggset *s);

/* The names of the result's fields as far as the program tells them: is NAME among them? */
bool aggset_has_field(const struct aggset *s, struct slice name);

/*
 * Evaluate the arguments for a record, of which aggset_add() makes use. -1 with FAIL_DATA where one
 * fails or is of the wrong type; nothing has been added then.
 */
int aggset_read(struct aggset *s, const struct rec *rec, struct heap *h, struct err *e)
	__attribute__((warn_unused_result));

/* Add the record read last to a group. */
void aggset_add(struct aggset *s, void *state, const struct agg_record *r);

/*
 * The program's value for a group. -1 with FAIL_DATA where it fails; its first output counts, none
 * is null.
 */
int aggset_result(struct aggset *s, const void *state, const struct val *vars, struct heap *h,
                  struct val *v, struct err *e) __attribute__((warn_unused_result));

/* Free what a state holds. */
void aggset_drop(const struct aggset *s, void *state);

void aggset_free(struct aggset *s);

#endif
