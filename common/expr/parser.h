/*
 * parser.h - what the parts of the parser share. Private to parse*.c.
 * Floor: 5 (expr)
 */
#ifndef EXPR_PARSER_H
#define EXPR_PARSER_H

#include "lex.h"
#include "parse.h"

struct parser {
	struct lex lex;
	const struct source *src;
	struct heap *heap;
	struct err *err;
	unsigned depth;
};

/* ---- grammar: each returns NULL (false) where it fails, with the error set */

/* Pipes and commas; what extends to their right. */
struct node *parse_query(struct parser *p);

/* Operators of at least this level; 1 is all of them. */
struct node *parse_binary(struct parser *p, int least);

/* A term with what follows it, and minus signs before it. */
struct node *parse_unary(struct parser *p);

/* A string; the current token is its opening quote, NAME the format before it, or empty. */
struct node *parse_string(struct parser *p, struct slice name);

/* A pattern, and those behind ?// */
struct pattern *parse_patterns(struct parser *p);

/* ---- helpers */

/* Fail: the current token is not what it should be. Returns NULL. */
void *parser_unexpected(struct parser *p, const char *expected);

/* Pass over an operator or a word, or fail. */
bool parser_expect(struct parser *p, const char *op);
bool parser_expect_word(struct parser *p, const char *word);

/* Go one level deeper, or fail; the caller counts p->depth down again. */
bool parser_deeper(struct parser *p);

struct node *parser_make(struct parser *p, enum node_kind kind, uint32_t at);

/* A node over two others; NULL where one of them is. */
struct node *parser_make2(struct parser *p, enum node_kind kind, uint32_t at, struct node *a,
                          struct node *b);

struct node *parser_literal(struct parser *p, uint32_t at, struct val v);
struct node *parser_string_literal(struct parser *p, uint32_t at, struct slice s);

#endif
