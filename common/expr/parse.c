#include "parse.h"

#include "base/utf8.h"
#include "lex.h"
#include "json/jstring.h"

#include <stdarg.h>
#include <stdio.h>

struct parser {
	struct lex lex;
	const struct source *src;
	struct heap *heap;
	struct err *err;
	unsigned depth;
};

static struct node *query(struct parser *p);
static struct node *binary(struct parser *p, int least);
static struct node *unary(struct parser *p);
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
static void *unexpected(struct parser *p, const char *expected)
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

static bool expect(struct parser *p, const char *op)
{
	char quoted[16];

	if (lex_is(&p->lex, op)) {
		lex_next(&p->lex);
		return true;
	}
	snprintf(quoted, sizeof quoted, "'%s'", op);
	unexpected(p, quoted);
	return false;
}

static bool expect_word(struct parser *p, const char *word)
{
	char quoted[16];

	if (lex_word(&p->lex, word)) {
		lex_next(&p->lex);
		return true;
	}
	snprintf(quoted, sizeof quoted, "'%s'", word);
	unexpected(p, quoted);
	return false;
}

static bool deeper(struct parser *p)
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

static struct node *make(struct parser *p, enum node_kind kind, uint32_t at)
{
	return node_new(p->heap, kind, at);
}

static struct node *make2(struct parser *p, enum node_kind kind, uint32_t at, struct node *a,
                          struct node *b)
{
	struct node *n = make(p, kind, at);

	n->a = a;
	n->b = b;
	return a && b ? n : NULL;
}

static struct node *literal(struct parser *p, uint32_t at, struct val v)
{
	struct node *n = make(p, NODE_LITERAL, at);

	n->value = v;
	return n;
}

static struct node *string_literal(struct parser *p, uint32_t at, struct slice s)
{
	return literal(p, at, val_copy_str(p->heap, s));
}

/* Add to a node's list; lists grow by doubling in the arena. */
static void append(struct parser *p, struct node *n, struct node *item)
{
	if ((n->count & (n->count - 1)) == 0) {
		struct node **list = arena_array(&p->heap->arena, n->count ? n->count * 2 : 1,
		                                 sizeof(struct node *));

		if (n->count)
			memcpy(list, n->list, n->count * sizeof(struct node *));
		n->list = list;
	}
	n->list[n->count++] = item;
}

/* A number as jq's lexer takes it (.5, 1., 007) in JSON's spelling, else as it stands. */
static struct val number_literal(struct parser *p, struct slice t)
{
	struct buf b = { 0 };
	struct val v;

	num_relaxed(&b, t);
	v = val_lit((struct slice){ arena_copy(&p->heap->arena, b.p, b.n), b.n });
	buf_free(&b);
	return v;
}

/* ---- strings */

/* The current token is the opening quote; NAME is the format before it, or empty. */
static struct node *string(struct parser *p, struct slice name)
{
	uint32_t at = p->lex.from;
	struct node *n = make(p, NODE_STRING, at), *part;

	n->name = name;
	for (;;) {
		switch (lex_string(&p->lex)) {
		case PART_TEXT:
			append(p, n,
			       string_literal(p, p->lex.from,
			                      jstring_decode(p->lex.text, &p->heap->arena)));
			break;
		case PART_EXPR:
			lex_next(&p->lex);
			part = query(p);
			if (!part)
				return NULL;
			if (!lex_is(&p->lex, ")"))
				return unexpected(p, "')' behind the interpolated expression");
			append(p, n, part);
			break;
		case PART_END:
			lex_next(&p->lex);
			if (n->count == 0)
				return string_literal(p, at, SLICE(""));
			return n->count == 1 && n->list[0]->kind == NODE_LITERAL ? n->list[0] : n;
		default:
			if (p->lex.from >= p->lex.src.n || p->lex.src.p[p->lex.from] != '\\')
				parse_fail(p->src, at, p->err, "a string without closing '\"'");
			else
				parse_fail(
					p->src, p->lex.from, p->err,
					"an escape that does not exist (one of \\\" \\\\ \\/ \\b "
					"\\f \\n \\r \\t \\uXXXX \\( is expected)");
			return NULL;
		}
	}
}

/* ---- patterns */

static struct pattern *pattern(struct parser *p);

static struct pattern_item *add_item(struct parser *p, struct pattern *pat)
{
	if ((pat->count & (pat->count - 1)) == 0) {
		struct pattern_item *item =
			arena_array(&p->heap->arena, pat->count ? pat->count * 2 : 1, sizeof *item);

		if (pat->count)
			memcpy(item, pat->item, pat->count * sizeof *item);
		pat->item = item;
	}
	pat->item[pat->count] = (struct pattern_item){ 0 };
	return &pat->item[pat->count++];
}

static bool object_item(struct parser *p, struct pattern_item *item)
{
	struct lex *l = &p->lex;
	uint32_t at = l->from;

	if (l->token == TOK_VAR) {
		item->name = l->text;
		item->key = string_literal(p, at, l->text);
		lex_next(l);
		if (!lex_is(l, ":"))
			return true;
	} else if (l->token == TOK_IDENT) {
		item->key = string_literal(p, at, l->text);
		lex_next(l);
	} else if (l->token == TOK_STRING) {
		item->key = string(p, (struct slice){ 0 });
	} else if (lex_is(l, "(")) {
		lex_next(l);
		item->key = query(p);
		if (!item->key || !expect(p, ")"))
			return false;
	} else {
		unexpected(p, "a key of the pattern");
	}
	if (!item->key || !expect(p, ":"))
		return false;
	item->pattern = pattern(p);
	return item->pattern != NULL;
}

/* The items of [..] or {..}, behind the opening bracket. */
static struct pattern *items(struct parser *p, struct pattern *pat, const char *close)
{
	do {
		struct pattern_item *item;

		lex_next(&p->lex);
		item = add_item(p, pat);
		if (pat->kind == PATTERN_OBJECT) {
			if (!object_item(p, item))
				return NULL;
		} else {
			item->pattern = pattern(p);
			if (!item->pattern)
				return NULL;
		}
	} while (lex_is(&p->lex, ","));
	return expect(p, close) ? pat : NULL;
}

static struct pattern *pattern(struct parser *p)
{
	struct pattern *pat = arena_alloc(&p->heap->arena, sizeof *pat);
	struct lex *l = &p->lex;

	*pat = (struct pattern){ .kind = PATTERN_VAR, .at = l->from };
	if (!deeper(p))
		return NULL;
	if (l->token == TOK_VAR) {
		pat->name = l->text;
		lex_next(l);
	} else if (lex_is(l, "[")) {
		pat->kind = PATTERN_ARRAY;
		pat = items(p, pat, "]");
	} else if (lex_is(l, "{")) {
		pat->kind = PATTERN_OBJECT;
		pat = items(p, pat, "}");
	} else {
		pat = unexpected(p, "a pattern ($name, [..] or {..})");
	}
	p->depth--;
	return pat;
}

static struct pattern *patterns(struct parser *p)
{
	struct pattern *first = pattern(p), *last = first;

	while (last && lex_is(&p->lex, "?//")) {
		lex_next(&p->lex);
		last->alternative = pattern(p);
		last = last->alternative;
	}
	return last ? first : NULL;
}

/* ---- terms */

static struct node *object_value(struct parser *p)
{
	struct node *v = binary(p, 1);

	while (v && lex_is(&p->lex, "|")) {
		uint32_t at = p->lex.from;

		lex_next(&p->lex);
		v = make2(p, NODE_PIPE, at, v, binary(p, 1));
	}
	return v;
}

/* The value that a key without ':' stands for: {a} is {a: .a}, {$x} is {x: $x}. */
static struct node *own_value(struct parser *p, struct node *key)
{
	return make2(p, NODE_INDEX, key->at, make(p, NODE_IDENTITY, key->at), key);
}

static struct node *location(struct parser *p, uint32_t at)
{
	struct obj *o = obj_new(p->heap, 2);
	size_t i, line = 1;

	for (i = 0; i < at; i++)
		line += p->src->text.p[i] == '\n';
	o = obj_set(p->heap, o, val_str(SLICE("file")), val_str(SLICE("<top-level>")));
	o = obj_set(p->heap, o, val_str(SLICE("line")), val_num((double)line));
	o->shared = true;
	return literal(p, at, val_obj(o));
}

static struct node *variable(struct parser *p)
{
	struct node *n;

	if (slice_same(p->lex.text, SLICE("__loc__")))
		return location(p, p->lex.from);
	n = make(p, NODE_VAR, p->lex.from);
	n->name = p->lex.text;
	return n;
}

/* One `key: value`; adds both to the object. */
static bool object_member(struct parser *p, struct node *obj)
{
	struct lex *l = &p->lex;
	uint32_t at = l->from;
	struct node *key = NULL, *value = NULL;
	bool needs_value = false;

	if (l->token == TOK_VAR) {
		value = variable(p);
		key = string_literal(p, at, l->text);
		lex_next(l);
		if (lex_is(l, ":"))
			key = value;
	} else if (l->token == TOK_IDENT) {
		key = string_literal(p, at, l->text);
		lex_next(l);
	} else if (l->token == TOK_FORMAT) {
		struct slice name = l->text;

		lex_next(l);
		if (l->token == TOK_STRING) {
			key = string(p, name);
		} else {
			key = make(p, NODE_FORMAT, at);
			key->name = name;
		}
	} else if (l->token == TOK_STRING) {
		key = string(p, (struct slice){ 0 });
	} else if (l->token == TOK_NUMBER) {
		parse_fail(p->src, at, p->err, "an object's key must be a string, not a number");
		return false;
	} else if (lex_is(l, "(")) {
		lex_next(l);
		key = query(p);
		needs_value = true;
		if (!key || !expect(p, ")"))
			return false;
		if (key->kind == NODE_LITERAL && val_type(key->value) != TYPE_STRING) {
			parse_fail(p->src, key->at, p->err,
			           "an object's key must be a string, not a %s",
			           val_type_name(key->value));
			return false;
		}
	} else {
		unexpected(p, "a key or '}'");
		return false;
	}
	if (!key)
		return false;
	if (lex_is(l, ":")) {
		lex_next(l);
		value = object_value(p);
	} else if (needs_value) {
		unexpected(p, "':'");
		return false;
	} else if (!value) {
		value = own_value(p, key);
	}
	append(p, obj, key);
	append(p, obj, value);
	return value != NULL;
}

static struct node *object(struct parser *p)
{
	struct node *n = make(p, NODE_OBJECT, p->lex.from);

	lex_next(&p->lex);
	while (!lex_is(&p->lex, "}")) {
		if (!object_member(p, n))
			return NULL;
		if (!lex_is(&p->lex, ","))
			break;
		lex_next(&p->lex);
	}
	return expect(p, "}") ? n : NULL;
}

static struct node *array(struct parser *p)
{
	struct node *n = make(p, NODE_ARRAY, p->lex.from);

	lex_next(&p->lex);
	if (!lex_is(&p->lex, "]")) {
		n->a = query(p);
		if (!n->a)
			return NULL;
	}
	return expect(p, "]") ? n : NULL;
}

/* Behind "if" or "elif". */
static struct node *condition(struct parser *p, uint32_t at)
{
	struct node *n = make(p, NODE_IF, at);

	n->a = query(p);
	if (!n->a || !expect_word(p, "then"))
		return NULL;
	n->b = query(p);
	if (!n->b)
		return NULL;
	if (lex_word(&p->lex, "elif")) {
		uint32_t here = p->lex.from;

		lex_next(&p->lex);
		if (!deeper(p))
			return NULL;
		n->c = condition(p, here);
		p->depth--;
		return n->c ? n : NULL;
	}
	if (lex_word(&p->lex, "else")) {
		lex_next(&p->lex);
		n->c = query(p);
		if (!n->c)
			return NULL;
	}
	return expect_word(p, "end") ? n : NULL;
}

static struct node *try_catch(struct parser *p, uint32_t at)
{
	struct node *n = make(p, NODE_TRY, at);

	n->a = unary(p);
	if (n->a && lex_word(&p->lex, "catch")) {
		lex_next(&p->lex);
		n->b = unary(p);
		return n->b ? n : NULL;
	}
	return n->a ? n : NULL;
}

/* reduce and foreach, behind the word */
static struct node *fold(struct parser *p, enum node_kind kind, uint32_t at)
{
	struct node *n = make(p, kind, at);

	n->a = binary(p, 1);
	if (!n->a || !expect_word(p, "as") || !(n->pattern = patterns(p)) || !expect(p, "("))
		return NULL;
	n->b = query(p);
	if (!n->b || !expect(p, ";"))
		return NULL;
	n->c = query(p);
	if (!n->c)
		return NULL;
	if (kind == NODE_FOREACH && lex_is(&p->lex, ";")) {
		lex_next(&p->lex);
		n->d = query(p);
		if (!n->d)
			return NULL;
	}
	return expect(p, ")") ? n : NULL;
}

static struct node *call(struct parser *p, uint32_t at, struct slice name)
{
	struct node *n = make(p, NODE_CALL, at), *arg;

	n->name = name;
	if (!lex_is(&p->lex, "(")) {
		if (slice_same(name, SLICE("null")))
			return literal(p, at, val_of(VAL_NULL));
		if (slice_same(name, SLICE("true")) || slice_same(name, SLICE("false")))
			return literal(p, at, val_bool(name.n == 4));
		return n;
	}
	do {
		lex_next(&p->lex);
		arg = query(p);
		if (!arg)
			return NULL;
		append(p, n, arg);
	} while (lex_is(&p->lex, ";"));
	return expect(p, ")") ? n : NULL;
}

static struct node *word(struct parser *p)
{
	struct lex *l = &p->lex;
	struct slice name = l->text;
	uint32_t at = l->from;

	if (lex_word(l, "import") || lex_word(l, "include") || lex_word(l, "module")) {
		parse_fail(p->src, at, p->err,
		           "modules are not supported: put the definitions into "
		           "the program, or use -f FILE");
		return NULL;
	}
	lex_next(l);
	if (slice_same(name, SLICE("if")))
		return condition(p, at);
	if (slice_same(name, SLICE("try")))
		return try_catch(p, at);
	if (slice_same(name, SLICE("reduce")))
		return fold(p, NODE_REDUCE, at);
	if (slice_same(name, SLICE("foreach")))
		return fold(p, NODE_FOREACH, at);
	if (slice_same(name, SLICE("break"))) {
		struct node *n = make(p, NODE_BREAK, at);

		if (l->token != TOK_VAR)
			return unexpected(p, "a label, $name");
		n->name = l->text;
		lex_next(l);
		return n;
	}
	if (lex_keyword(name)) {
		l->at = l->from = at;
		lex_next(l);
		return unexpected(p, "an expression");
	}
	return call(p, at, name);
}

static struct node *format(struct parser *p)
{
	struct node *n = make(p, NODE_FORMAT, p->lex.from);

	n->name = p->lex.text;
	lex_next(&p->lex);
	return p->lex.token == TOK_STRING ? string(p, n->name) : n;
}

static struct node *field(struct parser *p, struct node *of)
{
	struct node *n =
		make2(p, NODE_INDEX, p->lex.from, of, string_literal(p, p->lex.from, p->lex.text));

	lex_next(&p->lex);
	return n;
}

/* ".": the identity, or an index that follows it */
static struct node *dot(struct parser *p)
{
	struct node *self = make(p, NODE_IDENTITY, p->lex.from);

	lex_next(&p->lex);
	if (p->lex.token == TOK_STRING)
		return make2(p, NODE_INDEX, self->at, self, string(p, (struct slice){ 0 }));
	return self;
}

static struct node *op_term(struct parser *p)
{
	struct node *n;

	if (lex_is(&p->lex, "(")) {
		lex_next(&p->lex);
		n = query(p);
		return n && expect(p, ")") ? n : NULL;
	}
	if (lex_is(&p->lex, "["))
		return array(p);
	if (lex_is(&p->lex, "{"))
		return object(p);
	if (lex_is(&p->lex, "."))
		return dot(p);
	return unexpected(p, "an expression");
}

static struct node *primary(struct parser *p)
{
	struct lex *l = &p->lex;
	uint32_t at = l->from;
	struct node *n;

	switch (l->token) {
	case TOK_NUMBER:
		n = literal(p, at, number_literal(p, l->text));
		lex_next(l);
		return n;
	case TOK_STRING:
		return string(p, (struct slice){ 0 });
	case TOK_FORMAT:
		return format(p);
	case TOK_FIELD:
		return field(p, make(p, NODE_IDENTITY, at));
	case TOK_DOTDOT:
		lex_next(l);
		return make(p, NODE_RECURSE, at);
	case TOK_VAR:
		n = variable(p);
		lex_next(l);
		return n;
	case TOK_IDENT:
		return word(p);
	default:
		return op_term(p);
	}
}

/* Behind "[": an index, a slice, or each. */
static struct node *bracket(struct parser *p, struct node *of)
{
	uint32_t at = p->lex.from;
	struct node *from = NULL, *to = NULL, *n;

	lex_next(&p->lex);
	if (lex_is(&p->lex, "]")) {
		lex_next(&p->lex);
		n = make(p, NODE_EACH, at);
		n->a = of;
		return n;
	}
	if (!lex_is(&p->lex, ":") && !(from = query(p)))
		return NULL;
	if (!lex_is(&p->lex, ":"))
		return expect(p, "]") ? make2(p, NODE_INDEX, at, of, from) : NULL;
	lex_next(&p->lex);
	if (!lex_is(&p->lex, "]") && !(to = query(p)))
		return NULL;
	if (!from && !to)
		return unexpected(p, "a slice's start or end");
	n = make(p, NODE_SLICE, at);
	n->a = of;
	n->b = from;
	n->c = to;
	return expect(p, "]") ? n : NULL;
}

static struct node *postfix(struct parser *p)
{
	struct node *n = primary(p), *t;
	struct lex *l = &p->lex;

	while (n) {
		if (l->token == TOK_FIELD) {
			n = field(p, n);
		} else if (lex_is(l, "[")) {
			n = bracket(p, n);
		} else if (lex_is(l, "?")) {
			t = make(p, NODE_TRY, l->from);
			t->a = n;
			n = t;
			lex_next(l);
		} else if (lex_is(l, ".")) {
			uint32_t at = l->from;

			lex_next(l);
			if (l->token == TOK_STRING)
				n = make2(p, NODE_INDEX, at, n, string(p, (struct slice){ 0 }));
			else if (lex_is(l, "["))
				n = bracket(p, n);
			else
				return unexpected(p, "a key behind '.'");
		} else {
			break;
		}
	}
	return n;
}

static struct node *unary(struct parser *p)
{
	struct node *n;

	if (!deeper(p))
		return NULL;
	if (lex_is(&p->lex, "-")) {
		n = make(p, NODE_NEG, p->lex.from);
		lex_next(&p->lex);
		n->a = unary(p);
		if (!n->a)
			n = NULL;
	} else {
		n = postfix(p);
	}
	p->depth--;
	return n;
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
static struct node *binary(struct parser *p, int least)
{
	struct node *left, *right;
	const struct infix *op;
	int barred = 0; /* a level whose operators may not follow one another */

	if (!deeper(p))
		return NULL;
	left = unary(p);
	while (left && (op = find_infix(&p->lex)) && op->level >= least) {
		uint32_t at = p->lex.from;

		if (op->level == barred)
			return unexpected(p, "parentheses: these operators do not chain;");
		lex_next(&p->lex);
		right = binary(p, op->assoc == RIGHT ? op->level : op->level + 1);
		if (op->kind == NODE_ALT && op->op) {
			struct node *t = make(p, NODE_TRY, at);

			t->a = left;
			left = t;
		}
		left = make2(p, (enum node_kind)op->kind, at, left, right);
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
	struct node *n = make(p, NODE_LABEL, p->lex.from);

	lex_next(&p->lex);
	if (p->lex.token != TOK_VAR)
		return unexpected(p, "a label, $name");
	n->name = p->lex.text;
	lex_next(&p->lex);
	if (!expect(p, "|"))
		return NULL;
	n->a = query(p);
	return n->a ? n : NULL;
}

static struct node *define(struct parser *p)
{
	struct node *n = make(p, NODE_DEF, p->lex.from);

	n->def = definition(p);
	if (!n->def)
		return NULL;
	n->a = query(p);
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
	n = binary(p, 1);
	if (!n || !lex_word(&p->lex, "as")) {
		*whole = false;
		return n;
	}
	as = make(p, NODE_AS, p->lex.from);
	lex_next(&p->lex);
	as->a = n;
	as->pattern = patterns(p);
	if (!as->pattern || !expect(p, "|"))
		return NULL;
	as->b = query(p);
	return as->b ? as : NULL;
}

static struct node *commas(struct parser *p, bool *whole)
{
	struct node *left = operand(p, whole);

	while (left && !*whole && lex_is(&p->lex, ",")) {
		uint32_t at = p->lex.from;

		lex_next(&p->lex);
		left = make2(p, NODE_COMMA, at, left, operand(p, whole));
	}
	return left;
}

static struct node *query(struct parser *p)
{
	struct node *left;
	bool whole;

	if (!deeper(p))
		return NULL;
	left = commas(p, &whole);
	while (left && !whole && lex_is(&p->lex, "|")) {
		uint32_t at = p->lex.from;

		lex_next(&p->lex);
		left = make2(p, NODE_PIPE, at, left, commas(p, &whole));
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
			unexpected(p, "a parameter's name");
			return false;
		}
		d->param[d->arity++] = (struct param){ l->text, l->token == TOK_VAR };
		lex_next(l);
	} while (lex_is(l, ";"));
	return expect(p, ")");
}

/* "def name(..): body;" */
static struct def *definition(struct parser *p)
{
	struct def *d = arena_alloc(&p->heap->arena, sizeof *d);

	*d = (struct def){ .at = p->lex.from };
	lex_next(&p->lex);
	if (p->lex.token != TOK_IDENT || lex_keyword(p->lex.text))
		return unexpected(p, "a function's name");
	d->name = p->lex.text;
	lex_next(&p->lex);
	if (lex_is(&p->lex, "(") && !params(p, d))
		return NULL;
	if (!expect(p, ":"))
		return NULL;
	d->body = query(p);
	return d->body && expect(p, ";") ? d : NULL;
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
	n = query(&p);
	if (n && p.lex.token != TOK_END)
		return unexpected(&p, "the end of the program or an operator");
	return n;
}

struct def *parse_def(struct heap *h, const struct source *src, struct err *e)
{
	struct parser p;

	start(&p, h, src, e);
	return definition(&p);
}
