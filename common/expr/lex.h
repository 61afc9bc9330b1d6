/*
 * lex.h - the jq language's tokens.
 * Floor: 5 (expr)
 */
#ifndef EXPR_LEX_H
#define EXPR_LEX_H

#include "base/slice.h"

#include <stdint.h>

enum token {
	TOK_END,
	TOK_BAD, /* a character that begins no token */
	TOK_NUMBER,
	TOK_STRING, /* the opening quote: read on with lex_string() */
	TOK_IDENT,  /* name, name::name, keywords included: see lex_keyword() */
	TOK_FIELD,  /* .name */
	TOK_VAR,    /* $name */
	TOK_FORMAT, /* @name */
	TOK_DOTDOT, /* .. */
	TOK_OP,     /* any operator or bracket: text tells which */
};

struct lex {
	struct slice src;
	uint32_t at; /* where the next token is looked for */
	/* the current token */
	enum token token;
	uint32_t from;     /* its first byte */
	struct slice text; /* TOK_FIELD, TOK_VAR and TOK_FORMAT: the name alone */
};

/* Read the next token into the current one. */
void lex_next(struct lex *l);

/* Is the current token this operator? */
bool lex_is(const struct lex *l, const char *op);

/* Is the current token this keyword? */
bool lex_word(const struct lex *l, const char *word);

/* Is this name reserved, so that it cannot be a function's? */
bool lex_keyword(struct slice name);

enum string_part { PART_TEXT, PART_EXPR, PART_END, PART_BAD };

/*
 * Inside a string: its next part, from l->at. PART_TEXT: text raw, escapes included, in l->text.
 * PART_EXPR: behind "\(", read tokens on with lex_next(). PART_END: behind the closing quote.
 * PART_BAD: the program ends inside the string, or an escape is malformed (l->from).
 */
enum string_part lex_string(struct lex *l);

#endif
