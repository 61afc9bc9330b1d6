/*
 * parse.h - from text to tree: the grammar of jq 1.8 without its module system.
 * Floor: 5 (expr)
 */
#ifndef EXPR_PARSE_H
#define EXPR_PARSE_H

#include "ast.h"
#include "base/err.h"

#define PARSE_DEPTH 1000 /* brackets and the like in one another, at most */

/*
 * Parse a whole program. Nodes and literals go into the heap; they point into the source too.
 * Returns NULL with FAIL_COMPILE where it does not parse.
 */
struct node *parse_program(struct heap *h, const struct source *src, struct err *e)
	__attribute__((warn_unused_result));

/* Parse one definition, "def f(g; $x): ..;". */
struct def *parse_def(struct heap *h, const struct source *src, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Note a compile error that lies at offset AT of the source: says line and column, shows the line,
 * points at the place. Returns -1.
 */
int parse_fail(const struct source *src, uint32_t at, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- making nodes: for the parser and for those who rewrite trees */

struct node *node_new(struct heap *h, enum node_kind kind, uint32_t at);
struct node *node_call(struct heap *h, uint32_t at, const char *name, struct node *arg);

#endif
