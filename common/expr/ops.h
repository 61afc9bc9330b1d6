/*
 * ops.h - the language's operators on values: arithmetic, access, paths.
 *
 * All return a value or a failure (eval_failed()).
 * Floor: 5 (expr)
 */
#ifndef EXPR_OPS_H
#define EXPR_OPS_H

#include "ast.h"
#include "builtin.h"

struct val op_binary(struct eval *e, enum binary_op op, struct val a, struct val b);

/* a + b where A may be changed in place. */
struct val op_add_own(struct eval *e, struct val a, struct val b);

struct val op_negate(struct eval *e, struct val v);

/* a[b]. What comes out of a heap array or object is still referenced by it. */
struct val op_index(struct eval *e, struct val of, struct val key);

/* a[name], for a key known at compile time */
struct val op_field(struct eval *e, struct val of, struct val key);

/* a[from:to]; null where a bound is left out */
struct val op_slice(struct eval *e, struct val of, struct val from, struct val to);

/* {"start": from, "end": to}: a slice as a path's key */
struct val op_slice_key(struct eval *e, struct val from, struct val to);

/* ---- paths as arrays of keys */

struct val op_getpath(struct eval *e, struct val of, const struct arr *path);

/* OF (may be changed in place unless shared) with VALUE at PATH. */
struct val op_setpath(struct eval *e, struct val of, const struct arr *path, struct val value);

/* OF (likewise) without the paths of an array of arrays. */
struct val op_delpaths(struct eval *e, struct val of, struct val paths);

/* The same where the program names the paths (del(.a.b)): a failure is that of following one. */
struct val op_delete(struct eval *e, struct val of, struct val paths);

/* OF with VALUE at one key. */
struct val op_set(struct eval *e, struct val of, struct val key, struct val value);

/* ---- helpers for builtins */

/* Compare, failing where the values are nested too deeply. */
bool op_order(struct eval *e, struct val a, struct val b, int *order);

/* Positions of B in A: _indices. */
struct val op_indices(struct eval *e, struct val a, struct val b);

/* The elements of an array in the heap, sorted as jq sorts, as a new array. Stable. */
struct val sort_values(struct eval *e, struct val array);

struct val op_split(struct eval *e, struct slice s, struct slice separator);

#endif
