/*
 * bi.h - the functions behind the builtins, by name. Private to the table and the bi_*.c files.
 * Floor: 5 (expr)
 */
#ifndef EXPR_BI_H
#define EXPR_BI_H

#include "builtin.h"
#include "eval.h"
#include "ops.h"

#define BUILTIN(name, arity, fn, flags) builtin_fn fn;
#include "bi_list.h"
#undef BUILTIN

/* Fail with "TYPE (VALUE) WHAT". */
struct val bi_fail(struct eval *e, struct val v, const char *what);

/* An array for a builtin that needs one, or a failure "TYPE (VALUE) WHAT". */
struct val bi_array(struct eval *e, struct val v, const char *what);

/* The elements of an array or the values of an object, or a failure as iterating gives it. */
struct val bi_elements(struct eval *e, struct val v);

#endif
