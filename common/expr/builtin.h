/*
 * builtin.h - functions of the language written in C.
 *
 * Each gets its input and arguments and returns one value, or fails by eval_fail(). What it puts
 * from its arguments into something new goes through val_share(). Floor: 5 (expr)
 */
#ifndef EXPR_BUILTIN_H
#define EXPR_BUILTIN_H

#include "base/err.h"
#include "json/val.h"

struct eval;

/* ARG[0] is the input. */
typedef struct val builtin_fn(struct eval *e, const struct val *arg);

enum builtin_flag {
	BUILTIN_FRESH = 1,  /* what it returns is referenced by nothing else */
	BUILTIN_SAME = 2,   /* it returns its input (debug, stderr): paths go through it */
	BUILTIN_INPUT = 4,  /* it reads further records */
	BUILTIN_INNER = 8,  /* for the prelude alone: it trusts what it is given */
	BUILTIN_BLIND = 16, /* it does not look at its input, ARG[0], which is not set */
};

struct builtin {
	const char *name;
	int arity; /* arguments without the input */
	builtin_fn *fn;
	int flags;
};

/* The builtin of this name and arity, or NULL. */
const struct builtin *builtin_find(struct slice name, uint32_t arity);

/* Number of builtins, and number I of them. */
const struct builtin *builtin_at(size_t i);

/* A definition in the language itself: its text, or NULL. */
const char *prelude_find(struct slice name, uint32_t arity);

/* Names of everything in the prelude: "map/1", number I, or NULL behind the last. */
const char *prelude_name(size_t i);

/* ---- for the builtins */

/* The heap that results go into. */
struct heap *eval_heap(struct eval *e);

/* Fail with a message. Returns the value that says so. */
struct val eval_fail(struct eval *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The text in B, well-formed UTF-8, as a string in the heap, or a failure where it is too long. */
struct val eval_text(struct eval *e, const struct buf *b);

/* Fail with any value. */
struct val eval_raise(struct eval *e, struct val error);

/* Did a function return a failure? */
bool eval_failed(struct val v);

#define DUMP_TEXT 31 /* bytes that eval_dump() needs */

/* V as JSON for a message, cut to 29 bytes as jq does it. Returns TO. */
const char *eval_dump(struct eval *e, struct val v, char to[DUMP_TEXT]);

/* The output of a format (@csv, @sh, ..) by its number in format_find(), or a failure. */
struct val format_apply(struct eval *e, int format, struct val v);

/* The number of format NAME, or -1. Number 0 is @text. */
int format_find(struct slice name);

#endif
