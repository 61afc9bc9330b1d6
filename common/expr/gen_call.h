/*
 * gen_call.h - what the parts that generate calls share. Private to gen_call.c, gen_form.c,
 * gen_func.c. Floor: 5 (expr)
 */
#ifndef EXPR_GEN_CALL_H
#define EXPR_GEN_CALL_H

#include "gen.h"

#define INLINE_UNTIL 20000   /* instructions; a larger program gets real calls instead of copies */
#define LOOKS_MAX    1000000 /* at calls, while generating; the same behind it */

/* ---- what a name means: gen_call.c */

/*
 * The definition or argument that a call refers to, or NULL: then it is of the prelude or a
 * builtin.
 */
struct scope *gen_resolve(const struct node *n, struct scope *env);

/* The definition in the prelude that a call refers to, or NULL. */
struct scope *gen_prelude(struct gen *g, const struct node *n);

/* Does a definition call itself? */
bool gen_recursive(struct def *d);

/* A value parameter as $name, and as a function that gives it. */
struct scope *gen_bind_value(struct gen *g, struct scope *env, const struct param *p,
                             struct operand v);

/*
 * The environment of a body whose parameters stand for the call's arguments. DRY: nothing is
 * generated for those that are values.
 */
struct scope *gen_bind_args(struct gen *g, const struct node *n, struct scope *callee,
                            struct scope *env, struct operand in, bool dry);

/* ---- forms: gen_form.c */

typedef struct operand form_gen(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want);

struct form {
	const char *name;
	uint32_t arity;
	form_gen *gen;
	enum mult mult;  /* at least */
	bool args_count; /* its arguments' outputs are its own */
	bool has_path;   /* its output has a path where its input has one */
};

/* The form that a call is of, or NULL. */
const struct form *gen_find_form(const struct node *n);

/* Name and arity of form number I, or NULL behind the last. */
const char *gen_form_at(size_t i, uint32_t *arity);

/* Does it keep the path of its input? Of the others nothing has one. */
bool gen_form_has_path(const struct form *f);

/* ---- functions with frames: gen_func.c */

struct operand gen_framed(struct gen *g, const struct node *n, struct scope *callee,
                          struct scope *env, struct operand in, int want);

/* Call an argument that came as a closure. */
struct operand gen_call_param(struct gen *g, const struct scope *s, struct operand in, int want);

#endif
