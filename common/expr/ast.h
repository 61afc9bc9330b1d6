/*
 * ast.h - programs as trees.
 *
 * Memory: nodes live in the arena of the compilation (struct unit) and point into the source text.
 * Floor: 5 (expr)
 */
#ifndef EXPR_AST_H
#define EXPR_AST_H

#include "json/val.h"

enum node_kind {
	NODE_IDENTITY,  /* .                                                     */
	NODE_RECURSE,   /* ..                                                    */
	NODE_INDEX,     /* a[b]; .name is an index by a literal                  */
	NODE_SLICE,     /* a[b:c], b or c may be NULL                            */
	NODE_EACH,      /* a[]                                                   */
	NODE_LITERAL,   /* value                                                 */
	NODE_STRING,    /* "..\(..)..": list of texts and programs, name the format or empty */
	NODE_FORMAT,    /* @name                                                 */
	NODE_ARRAY,     /* [a], a may be NULL                                    */
	NODE_OBJECT,    /* {..}: list of key, value, key, value, ..              */
	NODE_NEG,       /* -a                                                    */
	NODE_PIPE,      /* a | b                                                 */
	NODE_COMMA,     /* a, b                                                  */
	NODE_BINARY,    /* a op b: arithmetic and comparison                     */
	NODE_AND,       /* a and b                                               */
	NODE_OR,        /* a or b                                                */
	NODE_ALT,       /* a // b                                                */
	NODE_ASSIGN,    /* a = b                                                 */
	NODE_UPDATE,    /* a |= b                                                */
	NODE_OPASSIGN,  /* a op= b                                               */
	NODE_ALTASSIGN, /* a //= b                                               */
	NODE_IF,        /* if a then b else c end, c may be NULL                 */
	NODE_TRY,       /* try a catch b, b may be NULL; a? is try a             */
	NODE_REDUCE,    /* reduce a as pattern (b; c)                            */
	NODE_FOREACH,   /* foreach a as pattern (b; c; d), d may be NULL         */
	NODE_DEF,       /* def ..; a                                             */
	NODE_CALL,      /* name(list)                                            */
	NODE_VAR,       /* $name                                                 */
	NODE_AS,        /* a as pattern ?// pattern .. | b                       */
	NODE_LABEL,     /* label $name | a                                       */
	NODE_BREAK,     /* break $name                                           */
	NODE_REG,       /* a value that the compiler put into a register; value.len is its number */
};

enum binary_op { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

struct node {
	uint8_t kind; /* enum node_kind */
	uint8_t op;   /* enum binary_op; of a NODE_LITERAL in a NODE_STRING: is it its text? */
	uint32_t at;  /* offset in the source */
	struct node *a, *b, *c, *d;
	struct slice name;
	struct val value;
	struct pattern *pattern;
	struct def *def;
	struct node **list;
	uint32_t count;
};

enum pattern_kind { PATTERN_VAR, PATTERN_ARRAY, PATTERN_OBJECT };

/* A destructuring pattern; `alternative` is what follows ?// */
struct pattern {
	enum pattern_kind kind;
	struct slice name; /* of a PATTERN_VAR, without '$' */
	struct pattern_item *item;
	uint32_t count;
	uint32_t at;
	struct pattern *alternative;
};

/* One element of an array pattern, or one `key: pattern` of an object pattern. */
struct pattern_item {
	struct node *key; /* of an object's: what is looked up */
	struct slice
		name; /* of an object's $name: bound to the value too; p is NULL if there is none */
	struct pattern *pattern; /* NULL for a mere $name */
};

struct param {
	struct slice name;
	bool is_value; /* $name */
};

struct def {
	struct slice name;
	struct param *param;
	uint32_t arity;
	struct node *body;
	uint32_t at;
	bool known, recursive; /* is it known yet whether its body calls it, and does it? */
};

/* A program's text, for messages. */
struct source {
	struct slice text;
	const char *name; /* "EXPR", a file's name, or NULL for our own prelude */
};

#endif
