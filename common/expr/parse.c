#include "parse.h"

#include "base/utf8.h"
#include "parser.h"
#include "json/jstring.h"

#include <stdarg.h>
#include <stdio.h>

static struct def *definition(struct parser *p);

/* ---- failing */

int parse_fail(const struct source *src, uint32_t at, struct err *e, const char *fmt, ...)
{
	const char *text = src->text.p ? src->text.p : "", *p = text + at, *from = p, *to = p;
	const char *end = text + src->text.n;
	size_t line = 1, column, i;
	char what[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	while (from > text && from[-1] != '\n')
		from--;
	while (to < end && *to != '\n')
		to++;
	for (i = 0; i < at; i++)
		line += text[i] == '\n';
	column = utf8_length((struct slice){ from, (size_t)(p - from) }) + 1;
	/* of a long line show what is near */
	if (p - from > 60)
		from = p - 60;
	if (to - p > 60)
		to = p + 60;
	while (from < p && (*from & 0xC0) == 0x80)
		from++;
	return err_set(e, FAIL_COMPILE, "%s:%zu:%zu: %s\n    %.*s\n    %*s",
	               src->name ? src->name : "prelude", line, column, what, (int)(to - from),
	               from, (int)utf8_length((struct slice){ from, (size_t)(p - from) }) + 1, "^");
}

/* the current token is not what it should be */
void *parser_unexpected(struct parser *p, const char *expected)
{
	struct lex *l = &p->lex;

	if (p->err->kind != FAIL_NONE)
		return NULL;
	if (l->token == TOK_END)
		parse_fail(p->src, l->from, p->err, "the program ends where %s is expected",
		           expected);
	else
		parse_fail(p->src, l->from, p->err, "expected %s, got '%.*s'", expected,
		           (int)(l->at - l->from > 20 ? 20 : l->at - l->from), l->src.p + l->from);
	return NULL;
}

bool parser_expect(struct parser *p, const char *op)
{
	char quoted[16];

	if (lex_is(&p->lex, op)) {
		lex_next(&p->lex);
		return true;
	}
	snprintf(quoted, sizeof quoted, "'%s'", op);
	parser_unexpected(p, quoted);
	return false;
}

bool parser_expect_word(struct parser *p, const char *word)
{
	char quoted[16];

	if (lex_word(&p->lex, word)) {
		lex_next(&p->lex);
		return true;
	}
	snprintf(quoted, sizeof quoted, "'%s'", word);
	parser_unexpected(p, quoted);
	return false;
}

bool parser_deeper(struct parser *p)
{
	if (++p->depth <= PARSE_DEPTH)
		return true;
	if (p->err->kind == FAIL_NONE)
		parse_fail(p->src, p->lex.from, p->err, "nested deeper than %d levels",
		           PARSE_DEPTH);
	return false;
}

/* ---- nodes */

struct node *node_new(struct heap *h, enum node_kind kind, uint32_t at)
{
	struct node *n = arena_alloc(&h->arena, sizeof *n);

	*n = (struct node){ .kind = (uint8_t)kind, .at = at };
	return n;
}

struct node *node_call(struct heap *h, uint32_t at, const char *name, struct node *arg)
{
	struct node *n = node_new(h, NODE_CALL, at);

	n->name = slice_from(name);
	if (arg) {
		n->list = arena_alloc(&h->arena, sizeof *n->list);
		n->list[0] = arg;
		n->count = 1;
	}
	return n;
}

struct node *parser_make(struct parser *p, enum node_kind kind, uint32_t at)
{
	return node_new(p->heap, kind, at);
}

struct node *parser_make2(struct parser *p, enum node_kind kind, uint32_t at, struct node *a,
                          struct node *b)
{
	struct node *n = parser_make(p, kind, at);

	n->a = a;
	n->b = b;
	return a && b ? n : NULL;
}

struct node *parser_literal(struct parser *p, uint32_t at, struct val v)
{
	struct node *n = parser_make(p, NODE_LITERAL, at);

	n->value = v;
	return n;
}

struct node *parser_string_literal(struct parser *p, uint32_t at, struct slice s)
{
	struct val v = val_copy_str(p->heap, s);

	v.flag = jstring_clean(s) ? VAL_CLEAN : 0;
	return parser_literal(p, at, v);
}

/* ---- operators */

enum assoc { LEFT, RIGHT, NONE };

static const struct infix {
	const char *text;
	bool is_word;
	int level; /* the higher, the tighter */
	enum assoc assoc;
	uint8_t kind, op;
} infixes[] = {
	{ "//", false, 1, RIGHT, NODE_ALT, 0 },
	{ "?//", false, 1, RIGHT, NODE_ALT, 1 }, /* a? // b */
	{ "=", false, 2, NONE, NODE_ASSIGN, 0 },
	{ "|=", false, 2, NONE, NODE_UPDATE, 0 },
	{ "+=", false, 2, NONE, NODE_OPASSIGN, OP_ADD },
	{ "-=", false, 2, NONE, NODE_OPASSIGN, OP_SUB },
	{ "*=", false, 2, NONE, NODE_OPASSIGN, OP_MUL },
	{ "/=", false, 2, NONE, NODE_OPASSIGN, OP_DIV },
	{ "%=", false, 2, NONE, NODE_OPASSIGN, OP_MOD },
	{ "//=", false, 2, NONE, NODE_ALTASSIGN, 0 },
	{ "or", true, 3, LEFT, NODE_OR, 0 },
	{ "and", true, 4, LEFT, NODE_AND, 0 },
	{ "==", false, 5, NONE, NODE_BINARY, OP_EQ },
	{ "!=", false, 5, NONE, NODE_BINARY, OP_NE },
	{ "<", false, 5, NONE, NODE_BINARY, OP_LT },
	{ "<=", false, 5, NONE, NODE_BINARY, OP_LE },
	{ ">", false, 5, NONE, NODE_BINARY, OP_GT },
	{ ">=", false, 5, NONE, NODE_BINARY, OP_GE },
	{ "+", false, 6, LEFT, NODE_BINARY, OP_ADD },
	{ "-", false, 6, LEFT, NODE_BINARY, OP_SUB },
	{ "*", false, 7, LEFT, NODE_BINARY, OP_MUL },
	{ "/", false, 7, LEFT, NODE_BINARY, OP_DIV },
	{ "%", false, 7, LEFT, NODE_BINARY, OP_MOD },
};

static const struct infix *find_infix(const struct lex *l)
{
	size_t i;

	if (l->token != TOK_OP && l->token != TOK_IDENT)
		return NULL;
	for (i = 0; i < sizeof infixes / sizeof infixes[0]; i++)
		if (infixes[i].is_word == (l->token == TOK_IDENT) &&
		    slice_same(l->text, slice_from(infixes[i].text)))
			return &infixes[i];
	return NULL;
}

/* Precedence climbing over operators of at least this level. */
struct node *parse_binary(struct parser *p, int least)
{
	struct node *left, *right;
	const struct infix *op;
	int barred = 0; /* a level whose operators may not follow one another */

	if (!parser_deeper(p))
		return NULL;
	left = parse_unary(p);
	while (left && (op = find_infix(&p->lex)) && op->level >= least) {
		uint32_t at = p->lex.from;

		if (op->level == barred)
			return parser_unexpected(p, "parentheses: these operators do not chain;");
		lex_next(&p->lex);
		right = parse_binary(p, op->assoc == RIGHT ? op->level : op->level + 1);
		if (op->kind == NODE_ALT && op->op) {
			struct node *t = parser_make(p, NODE_TRY, at);

			t->a = left;
			left = t;
		}
		left = parser_make2(p, (enum node_kind)op->kind, at, left, right);
		if (left)
			left->op = op->op;
		barred = op->assoc == NONE ? op->level : 0;
	}
	p->depth--;
	return left;
}

/* ---- queries: pipes and commas, and what extends to their right */

static struct node *label(struct parser *p)
{
	struct node *n = parser_make(p, NODE_LABEL, p->lex.from);

	lex_next(&p->lex);
	if (p->lex.token != TOK_VAR)
		return parser_unexpected(p, "a label, $name");
	n->name = p->lex.text;
	lex_next(&p->lex);
	if (!parser_expect(p, "|"))
		return NULL;
	n->a = parse_query(p);
	return n->a ? n : NULL;
}

static struct node *define(struct parser *p)
{
	struct node *n = parser_make(p, NODE_DEF, p->lex.from);

	n->def = definition(p);
	if (!n->def)
		return NULL;
	n->a = parse_query(p);
	return n->a ? n : NULL;
}

/*
 * One operand of a comma or pipe. *WHOLE becomes true where it took everything to its right (def,
 * label, as), so that no comma or pipe can follow.
 */
static struct node *operand(struct parser *p, bool *whole)
{
	struct node *n, *as;

	*whole = true;
	if (lex_word(&p->lex, "def"))
		return define(p);
	if (lex_word(&p->lex, "label"))
		return label(p);
	n = parse_binary(p, 1);
	if (!n || !lex_word(&p->lex, "as")) {
		*whole = false;
		return n;
	}
	as = parser_make(p, NODE_AS, p->lex.from);
	lex_next(&p->lex);
	as->a = n;
	as->pattern = parse_patterns(p);
	if (!as->pattern || !parser_expect(p, "|"))
		return NULL;
	as->b = parse_query(p);
	return as->b ? as : NULL;
}

static struct node *commas(struct parser *p, bool *whole)
{
	struct node *left = operand(p, whole);

	while (left && !*whole && lex_is(&p->lex, ",")) {
		uint32_t at = p->lex.from;

		lex_next(&p->lex);
		left = parser_make2(p, NODE_COMMA, at, left, operand(p, whole));
	}
	return left;
}

struct node *parse_query(struct parser *p)
{
	struct node *left;
	bool whole;

	if (!parser_deeper(p))
		return NULL;
	left = commas(p, &whole);
	while (left && !whole && lex_is(&p->lex, "|")) {
		uint32_t at = p->lex.from;

		lex_next(&p->lex);
		left = parser_make2(p, NODE_PIPE, at, left, commas(p, &whole));
	}
	p->depth--;
	return left;
}

/* ---- definitions */

static bool params(struct parser *p, struct def *d)
{
	struct lex *l = &p->lex;

	do {
		lex_next(l);
		if ((d->arity & (d->arity - 1)) == 0) {
			struct param *more = arena_array(&p->heap->arena,
			                                 d->arity ? d->arity * 2 : 1, sizeof *more);

			if (d->arity)
				memcpy(more, d->param, d->arity * sizeof *more);
			d->param = more;
		}
		if (l->token != TOK_VAR && (l->token != TOK_IDENT || lex_keyword(l->text))) {
			parser_unexpected(p, "a parameter's name");
			return false;
		}
		d->param[d->arity++] = (struct param){ l->text, l->token == TOK_VAR };
		lex_next(l);
	} while (lex_is(l, ";"));
	return parser_expect(p, ")");
}

/* "def name(..): body;" */
static struct def *definition(struct parser *p)
{
	struct def *d = arena_alloc(&p->heap->arena, sizeof *d);

	*d = (struct def){ .at = p->lex.from };
	lex_next(&p->lex);
	if (p->lex.token != TOK_IDENT || lex_keyword(p->lex.text))
		return parser_unexpected(p, "a function's name");
	d->name = p->lex.text;
	lex_next(&p->lex);
	if (lex_is(&p->lex, "(") && !params(p, d))
		return NULL;
	if (!parser_expect(p, ":"))
		return NULL;
	d->body = parse_query(p);
	return d->body && parser_expect(p, ";") ? d : NULL;
}

static void start(struct parser *p, struct heap *h, const struct source *src, struct err *e)
{
	*p = (struct parser){ .lex = { .src = src->text }, .src = src, .heap = h, .err = e };
	err_clear(e);
	lex_next(&p->lex);
}

struct node *parse_program(struct heap *h, const struct source *src, struct err *e)
{
	struct parser p;
	struct node *n;

	start(&p, h, src, e);
	if (p.lex.token == TOK_END)
		return node_new(h, NODE_IDENTITY, 0);
	n = parse_query(&p);
	if (n && p.lex.token != TOK_END)
		return parser_unexpected(&p, "the end of the program or an operator");
	return n;
}

struct def *parse_def(struct heap *h, const struct source *src, struct err *e)
{
	struct parser p;

	start(&p, h, src, e);
	return definition(&p);
}
