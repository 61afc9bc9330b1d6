/*
 * aggset.h - a program over aggregates: {n: count, p99: quantile(.ms; 0.99)}.
 *
 * The program is compiled twice: each aggregate's argument as a program of its own, run per record;
 * and the program around them, run when a result is wanted, with the aggregates' values in place of
 * their calls.
 *
 * A group's state is a block of aggset_size() cleared bytes, aligned to 16; aggset_drop() frees
 * what it holds. Aggregates that can share a state do: sum and avg, all quantiles of one field.
 * Floor: 6 (agg)
 */
#ifndef AGG_AGGSET_H
#define AGG_AGGSET_H

#include "agg.h"
#include "expr/expr.h"

#include <stdio.h>

struct aggset;

/*
 * Compile a program, whose text and name stay; the fields that arguments read are added to PLAN.
 * VARS may be NULL: first those of the program around the aggregates alone ($key, $window), without
 * a value, as aggset_result() is given theirs; behind them constants, which arguments may name too.
 * NULL with FAIL_COMPILE.
 */
struct aggset *aggset_new(const struct source *source, struct plan *plan,
                          const struct expr_vars *vars, struct err *e)
	__attribute__((warn_unused_result));

/* Bytes of a group's state. */
size_t aggset_size(const struct aggset *s);

/* What the program tells of the fields of its value. */
enum aggset_fields {
	AGGSET_UNKNOWN,   /* there may be others than aggset_field() says */
	AGGSET_FIELDS,    /* there are just those */
	AGGSET_NO_OBJECT, /* there are none: it is a number, a list, .. */
};
enum aggset_fields aggset_fields(const struct aggset *s);

/* Field number I of those that it tells, in its order; p is NULL behind the last. */
struct slice aggset_field(const struct aggset *s, size_t i);

/* May the program look at the variables without a value? If not, aggset_result() may be given
 * anything for them. */
bool aggset_uses_vars(const struct aggset *s);

/*
 * Evaluate the arguments for a record, of which aggset_add() makes use. -1 with FAIL_DATA where one
 * fails or is of the wrong type; nothing has been added then.
 */
int aggset_read(struct aggset *s, const struct rec *rec, struct heap *h, struct err *e)
	__attribute__((warn_unused_result));

/*
 * What aggset_read() found, kept in H, sharing nothing with the record: for aggset_use() in another
 * set of the same program.
 */
struct agg_kept;
const struct agg_kept *aggset_keep(const struct aggset *s, struct heap *h);

/* As if S had read that record. What is KEPT is referred to until the next one is read or used. */
void aggset_use(struct aggset *s, const struct agg_kept *kept);

/* Add the record read last to a group. */
void aggset_add(struct aggset *s, void *state, const struct agg_record *r);

/*
 * Where the results that follow are taken: the window's bounds (ns), and what aggset_carry() left
 * of the windows of this key before it, NULL for nothing. Until then bounds are 0.
 */
void aggset_set_window(struct aggset *s, int64_t start, int64_t end, const void *before);

/*
 * The program's value for a group. -1 with FAIL_DATA where it fails, or has more than one
 * output; none is null.
 */
int aggset_result(struct aggset *s, const void *state, const struct val *vars, struct heap *h,
                  struct val *v, struct err *e) __attribute__((warn_unused_result));

/* Add all that FROM holds to a state. */
void aggset_merge(const struct aggset *s, void *to, const void *from);

/* Free what a state holds. */
void aggset_drop(const struct aggset *s, void *state);

/*
 * Windows of one key that hang together (increase): bytes of what is carried from one to the next,
 * 0 where nothing is. A plain block, cleared at first, to be copied and saved as it is, aligned
 * to 8.
 */
size_t aggset_carry_size(const struct aggset *s);

/*
 * A window, the next in time of its key, is over: add it to what is carried. Windows must not
 * overlap: of hopping ones it is the slices that are carried on, once they are behind.
 */
void aggset_carry(const struct aggset *s, void *before, const void *state);

/* Let sample() draw by SEED; 0 without it. Before the first record. */
void aggset_seed(struct aggset *s, uint64_t seed);

/* ---- saving */

#define AGGSET_VERSION 1 /* of the bytes: to be raised with every change of theirs */

/* Append a state. */
void aggset_save(const struct aggset *s, const void *state, struct buf *b);

/*
 * Read a state off the front of FROM into a cleared one, to be dropped in any case. -1 with
 * FAIL_STATE where the bytes are none that aggset_save() wrote for the same program.
 */
int aggset_load(const struct aggset *s, void *state, struct slice *from, struct err *e)
	__attribute__((warn_unused_result));

/* Bytes that a state holds on the heap, beside its own. */
size_t aggset_memory(const struct aggset *s, const void *state);

/* Append how a state keeps its values: "quantile exact, top space-saving"; nothing if all are
 * plain. */
void aggset_form(const struct aggset *s, const void *state, struct buf *b);

/* Say, a line each, what a state holds and in how many bytes: what --explain prints. */
void aggset_explain(const struct aggset *s, FILE *to);

void aggset_free(struct aggset *s);

#endif
