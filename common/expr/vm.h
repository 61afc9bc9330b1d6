/*
 * vm.h - instructions that are more than a few lines. Private to the machine.
 * Floor: 5 (expr)
 */
#ifndef EXPR_VM_H
#define EXPR_VM_H

#include "eval.h"
#include "ops.h"

/* The keys of a path in a register: one that was walked, or an array. */
const struct arr *vm_path_keys(struct eval *e, struct val path);

/* A path with one more key, or with those of an array. */
struct val vm_path_add(struct eval *e, struct val path, struct val key);
struct val vm_path_cat(struct eval *e, struct val path, struct val keys);

/* I_PATHSAME: a failure unless register a holds the value that the path leads to. */
struct val vm_path_same(struct eval *e, const struct insn *in, const struct val *reg);

/* The value at a path of OF, to be put back changed. Shared unless all on the way is our own. */
struct val vm_take_path(struct eval *e, struct val of, const struct arr *path);

/* An object of PAIRS keys and values in a row, an array of N values, a string of N values' texts.
 */
struct val vm_object(struct eval *e, const struct val *pair, int32_t pairs);
struct val vm_array(struct eval *e, const struct val *item, int32_t n);
struct val vm_string(struct eval *e, const struct val *part, int32_t n);

#endif
