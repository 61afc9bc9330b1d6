/*
 * expr.h - the jq language for tools: compile once, evaluate per record.
 *
 *     struct expr *x = expr_compile(&setup, &e);          once, all programs of a tool on one plan
 *     struct eval *v = eval_new(x, &heap);                once a thread
 *     eval_start(v, val_from_rec(rec, 0), rec);           per record
 *     while ((got = eval_next(v, &out)) > 0) ...
 *
 * Floor: 5 (expr)
 */
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H

#include "ast.h"
#include "base/err.h"

#include <stdio.h>

struct prog;
struct eval;

/* A variable that the caller provides: --arg, $left. */
struct expr_var {
	struct slice name; /* without '$' */
	struct val value;  /* VAL_NONE: set per record by eval_set_var() */
};

/*
 * Lets a tool give meaning to calls of its own (aggregates): called once with the parsed tree,
 * which it may change. HEAP lives as long as the program. Returns -1 with *e set for a compile
 * error.
 */
typedef int expr_rewrite(void *context, struct heap *heap, struct node **tree, struct err *e);

/* Several of them; NULL in place of a pointer to this means none. */
struct expr_vars {
	const struct expr_var *var;
	size_t n;
};

struct expr_setup {
	struct source source;
	struct plan *plan; /* the fields it reads are added here; NULL: reads none lazily */
	const struct expr_vars *vars;
	expr_rewrite *rewrite; /* may be NULL; it may change `vars` */
	void *context;
	struct node
		*tree; /* instead of parsing: a tree from this source, which outlives the program */
};

/* Compile a program. NULL with FAIL_COMPILE. The setup's texts must outlive it. */
struct prog *expr_compile(const struct expr_setup *setup, struct err *e)
	__attribute__((warn_unused_result));

void expr_free(struct prog *p);

/* Does it give at most one output, without generators? */
bool expr_straight(const struct prog *p);

/* Does it call input or inputs, so that records must be copied before it runs? */
bool expr_reads_input(const struct prog *p);

/* Print, a line each: how it runs, and what would be faster. */
void expr_explain(const struct prog *p, FILE *to);
/*
 * Does it keep state from record to record (prev, delta, elapsed), so that it must see all records,
 * in order?
 */
bool expr_keeps_state(const struct prog *p);

/* Does it look at the record as a whole, besides the fields of its plan? */
bool expr_reads_whole(const struct prog *p);

/* If the program is a mere path into the record: its slot, else -1. */
int32_t expr_slot(const struct prog *p);

/* ---- evaluation */

/* What programs may ask of the tool. All may be NULL. */
struct eval_world {
	void *context;
	/* the next record as a value in H: 1, 0 at the end, -1 with *e set */
	int (*input)(void *context, struct heap *h, struct val *v, struct err *e);
	struct slice (*filename)(void *context); /* p is NULL for stdin */
	uint64_t (*line)(void *context);
	void (*message)(void *context,
	                struct slice text); /* debug, stderr, input_line: to stderr */
};

/* An evaluator of a program; results live in HEAP, which the caller resets. */
struct eval *eval_new(const struct prog *p, struct heap *heap, const struct eval_world *world);

/* Set the value of variable number I of the setup's, for the next evaluation. */
void eval_set_var(struct eval *v, size_t i, struct val value);

/*
 * Bound what a run may hold in the heap: MOST bytes. Beyond that it fails with an error. COLLECTS:
 * what it does not refer to any more is given back meanwhile, and only what is left counts; then
 * the error cannot be caught (eval_exhausted()), an output dies at the next eval_next(), nothing
 * but the evaluator may keep values in the heap, REC must be NULL, and variables are constants.
 */
void eval_set_memory(struct eval *v, size_t most, bool collects);

/* Did the last run fail so? */
bool eval_exhausted(const struct eval *v);

/* Begin with an input; REC is the record that slots refer to, or NULL if the program has no plan.
 */
void eval_start(struct eval *v, struct val input, const struct rec *rec);

/* The next output: 1, 0 if there is none, -1 on an error (eval_error()). */
int eval_next(struct eval *v, struct val *out) __attribute__((warn_unused_result));

/* The error's value; valid until the heap is reset. */
struct val eval_error(const struct eval *v);

/* The error as text for a message. */
void eval_error_text(struct eval *v, struct buf *b);

/* The error as a failure, FAIL_DATA, behind OF and a colon (NULL: alone). Returns -1. */
int eval_error_note(struct eval *v, const char *of, struct err *e);

/* Did the program call halt? Its exit status then, else -1. */
int eval_halted(const struct eval *v);

void eval_free(struct eval *v);

#endif
