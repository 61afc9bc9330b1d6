/*
 * keyexpr.h - an expression whose value is the key of a record: what options such as --by and
 * --dedup are given.
 * Floor: 5 (expr)
 */
#ifndef EXPR_KEYEXPR_H
#define EXPR_KEYEXPR_H

#include "expr.h"

struct keyexpr;

/*
 * Compile TEXT, which OPTION ("--by") was given; both outlive it. Fields are added to PLAN; where
 * that is NULL the inputs need no record. VARS are constants, or NULL. NULL with FAIL_COMPILE.
 */
struct keyexpr *keyexpr_new(const char *option, const char *text, struct plan *plan,
                            const struct expr_vars *vars, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Append the expression's first output for INPUT as a key (json/key.h), null where it has none. REC
 * is the record that INPUT is, or NULL if there is no plan. -1 with FAIL_DATA where the expression
 * fails.
 */
int keyexpr_read(struct keyexpr *k, struct val input, const struct rec *rec, struct heap *h,
                 struct buf *to, struct err *e) __attribute__((warn_unused_result));

/* The first output itself, null where there is none; it lies in H, or is the record's. -1 as above.
 */
int keyexpr_value(struct keyexpr *k, struct val input, const struct rec *rec, struct heap *h,
                  struct val *v, struct err *e) __attribute__((warn_unused_result));

/* If it is a mere path into the record: its slot, else -1. */
int32_t keyexpr_slot(const struct keyexpr *k);

/* Does it keep state from record to record (prev and the like)? */
bool keyexpr_keeps_state(const struct keyexpr *k);

void keyexpr_free(struct keyexpr *k);

#endif
