/* Parsing terms: literals, strings, objects, calls, and what can follow them. */
#include "parser.h"
#include "json/jstring.h"

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
struct node *parse_string(struct parser *p, struct slice name)
{
	uint32_t at = p->lex.from;
	struct node *n = parser_make(p, NODE_STRING, at), *part;
	bool is_text = true;

	n->name = name;
	if (name.n)
		n->at = (uint32_t)(name.p - 1 - p->src->text.p); /* its '@' */
	for (;;) {
		switch (lex_string(&p->lex)) {
		case PART_TEXT:
			part = parser_string_literal(p, p->lex.from,
			                             jstring_decode(p->lex.text, &p->heap->arena));
			part->op = true;
			append(p, n, part);
			break;
		case PART_EXPR:
			lex_next(&p->lex);
			part = parse_query(p);
			if (!part)
				return NULL;
			if (!lex_is(&p->lex, ")"))
				return parser_unexpected(p,
				                         "')' behind the interpolated expression");
			append(p, n, part);
			is_text = false;
			break;
		case PART_END:
			lex_next(&p->lex);
			if (n->count == 0)
				return parser_string_literal(p, at, SLICE(""));
			if (n->count > 1 || !is_text)
				return n;
			n->list[0]->op = false; /* a value, which another string may hold */
			n->list[0]->at = n->at;
			return n->list[0];
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

/* ---- terms */

static struct node *object_value(struct parser *p)
{
	struct node *v = parse_binary(p, 1);

	while (v && lex_is(&p->lex, "|")) {
		uint32_t at = p->lex.from;

		lex_next(&p->lex);
		v = parser_make2(p, NODE_PIPE, at, v, parse_binary(p, 1));
	}
	return v;
}

/* The value that a key without ':' stands for: {a} is {a: .a}, {$x} is {x: $x}. */
static struct node *own_value(struct parser *p, struct node *key)
{
	return parser_make2(p, NODE_INDEX, key->at, parser_make(p, NODE_IDENTITY, key->at), key);
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
	return parser_literal(p, at, val_obj(o));
}

static struct node *variable(struct parser *p)
{
	struct node *n;

	if (slice_same(p->lex.text, SLICE("__loc__")))
		return location(p, p->lex.from);
	n = parser_make(p, NODE_VAR, p->lex.from);
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
		key = parser_string_literal(p, at, l->text);
		lex_next(l);
		if (lex_is(l, ":"))
			key = value;
	} else if (l->token == TOK_IDENT) {
		key = parser_string_literal(p, at, l->text);
		lex_next(l);
	} else if (l->token == TOK_FORMAT) {
		struct slice name = l->text;

		lex_next(l);
		if (l->token == TOK_STRING) {
			key = parse_string(p, name);
		} else {
			key = parser_make(p, NODE_FORMAT, at);
			key->name = name;
		}
	} else if (l->token == TOK_STRING) {
		key = parse_string(p, (struct slice){ 0 });
	} else if (l->token == TOK_NUMBER) {
		parse_fail(p->src, at, p->err, "an object's key must be a string, not a number");
		return false;
	} else if (lex_is(l, "(")) {
		lex_next(l);
		key = parse_query(p);
		needs_value = true;
		if (!key || !parser_expect(p, ")"))
			return false;
		if (key->kind == NODE_LITERAL && val_type(key->value) != TYPE_STRING) {
			parse_fail(p->src, key->at, p->err,
			           "an object's key must be a string, not a %s",
			           val_type_name(key->value));
			return false;
		}
	} else {
		parser_unexpected(p, "a key or '}'");
		return false;
	}
	if (!key)
		return false;
	if (lex_is(l, ":")) {
		lex_next(l);
		value = object_value(p);
	} else if (needs_value) {
		parser_unexpected(p, "':'");
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
	struct node *n = parser_make(p, NODE_OBJECT, p->lex.from);

	lex_next(&p->lex);
	while (!lex_is(&p->lex, "}")) {
		if (!object_member(p, n))
			return NULL;
		if (!lex_is(&p->lex, ","))
			break;
		lex_next(&p->lex);
	}
	return parser_expect(p, "}") ? n : NULL;
}

static struct node *array(struct parser *p)
{
	struct node *n = parser_make(p, NODE_ARRAY, p->lex.from);

	lex_next(&p->lex);
	if (!lex_is(&p->lex, "]")) {
		n->a = parse_query(p);
		if (!n->a)
			return NULL;
	}
	return parser_expect(p, "]") ? n : NULL;
}

/* Behind "if" or "elif". */
static struct node *condition(struct parser *p, uint32_t at)
{
	struct node *n = parser_make(p, NODE_IF, at);

	n->a = parse_query(p);
	if (!n->a || !parser_expect_word(p, "then"))
		return NULL;
	n->b = parse_query(p);
	if (!n->b)
		return NULL;
	if (lex_word(&p->lex, "elif")) {
		uint32_t here = p->lex.from;

		lex_next(&p->lex);
		if (!parser_deeper(p))
			return NULL;
		n->c = condition(p, here);
		p->depth--;
		return n->c ? n : NULL;
	}
	if (lex_word(&p->lex, "else")) {
		lex_next(&p->lex);
		n->c = parse_query(p);
		if (!n->c)
			return NULL;
	}
	return parser_expect_word(p, "end") ? n : NULL;
}

static struct node *try_catch(struct parser *p, uint32_t at)
{
	struct node *n = parser_make(p, NODE_TRY, at);

	n->a = parse_unary(p);
	if (n->a && lex_word(&p->lex, "catch")) {
		lex_next(&p->lex);
		n->b = parse_unary(p);
		return n->b ? n : NULL;
	}
	return n->a ? n : NULL;
}

/* reduce and foreach, behind the word */
static struct node *fold(struct parser *p, enum node_kind kind, uint32_t at)
{
	struct node *n = parser_make(p, kind, at);

	n->a = parse_binary(p, 1);
	if (!n->a || !parser_expect_word(p, "as") || !(n->pattern = parse_patterns(p)) ||
	    !parser_expect(p, "("))
		return NULL;
	n->b = parse_query(p);
	if (!n->b || !parser_expect(p, ";"))
		return NULL;
	n->c = parse_query(p);
	if (!n->c)
		return NULL;
	if (kind == NODE_FOREACH && lex_is(&p->lex, ";")) {
		lex_next(&p->lex);
		n->d = parse_query(p);
		if (!n->d)
			return NULL;
	}
	return parser_expect(p, ")") ? n : NULL;
}

static struct node *call(struct parser *p, uint32_t at, struct slice name)
{
	struct node *n = parser_make(p, NODE_CALL, at), *arg;

	n->name = name;
	if (!lex_is(&p->lex, "(")) {
		if (slice_same(name, SLICE("null")))
			return parser_literal(p, at, val_of(VAL_NULL));
		if (slice_same(name, SLICE("true")) || slice_same(name, SLICE("false")))
			return parser_literal(p, at, val_bool(name.n == 4));
		return n;
	}
	do {
		lex_next(&p->lex);
		arg = parse_query(p);
		if (!arg)
			return NULL;
		append(p, n, arg);
	} while (lex_is(&p->lex, ";"));
	return parser_expect(p, ")") ? n : NULL;
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
		struct node *n = parser_make(p, NODE_BREAK, at);

		if (l->token != TOK_VAR)
			return parser_unexpected(p, "a label, $name");
		n->name = l->text;
		lex_next(l);
		return n;
	}
	if (lex_keyword(name)) {
		l->at = l->from = at;
		lex_next(l);
		return parser_unexpected(p, "an expression");
	}
	return call(p, at, name);
}

static struct node *format(struct parser *p)
{
	struct node *n = parser_make(p, NODE_FORMAT, p->lex.from);

	n->name = p->lex.text;
	lex_next(&p->lex);
	return p->lex.token == TOK_STRING ? parse_string(p, n->name) : n;
}

static struct node *field(struct parser *p, struct node *of)
{
	struct node *n = parser_make2(p, NODE_INDEX, p->lex.from, of,
	                              parser_string_literal(p, p->lex.from, p->lex.text));

	lex_next(&p->lex);
	return n;
}

/* ".": the identity, or an index that follows it */
static struct node *dot(struct parser *p)
{
	struct node *self = parser_make(p, NODE_IDENTITY, p->lex.from);

	lex_next(&p->lex);
	if (p->lex.token == TOK_STRING)
		return parser_make2(p, NODE_INDEX, self->at, self,
		                    parse_string(p, (struct slice){ 0 }));
	return self;
}

static struct node *op_term(struct parser *p)
{
	struct node *n;

	if (lex_is(&p->lex, "(")) {
		lex_next(&p->lex);
		n = parse_query(p);
		return n && parser_expect(p, ")") ? n : NULL;
	}
	if (lex_is(&p->lex, "["))
		return array(p);
	if (lex_is(&p->lex, "{"))
		return object(p);
	if (lex_is(&p->lex, "."))
		return dot(p);
	return parser_unexpected(p, "an expression");
}

static struct node *primary(struct parser *p)
{
	struct lex *l = &p->lex;
	uint32_t at = l->from;
	struct node *n;

	switch (l->token) {
	case TOK_NUMBER:
		n = parser_literal(p, at, number_literal(p, l->text));
		lex_next(l);
		return n;
	case TOK_STRING:
		return parse_string(p, (struct slice){ 0 });
	case TOK_FORMAT:
		return format(p);
	case TOK_FIELD:
		return field(p, parser_make(p, NODE_IDENTITY, at));
	case TOK_DOTDOT:
		lex_next(l);
		return parser_make(p, NODE_RECURSE, at);
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
		n = parser_make(p, NODE_EACH, at);
		n->a = of;
		return n;
	}
	if (!lex_is(&p->lex, ":") && !(from = parse_query(p)))
		return NULL;
	if (!lex_is(&p->lex, ":"))
		return parser_expect(p, "]") ? parser_make2(p, NODE_INDEX, at, of, from) : NULL;
	lex_next(&p->lex);
	if (!lex_is(&p->lex, "]") && !(to = parse_query(p)))
		return NULL;
	if (!from && !to)
		return parser_unexpected(p, "a slice's start or end");
	n = parser_make(p, NODE_SLICE, at);
	n->a = of;
	n->b = from;
	n->c = to;
	return parser_expect(p, "]") ? n : NULL;
}

/* N as the value of a variable that no program can name, in *AS, and the variable. */
static struct node *aside(struct parser *p, struct node *n, struct node **as)
{
	struct pattern *pattern = arena_alloc(&p->heap->arena, sizeof *pattern);
	struct node *var = parser_make(p, NODE_VAR, n->at), *outer = *as;

	var->name = outer ? SLICE(" 2") : SLICE(" 1");
	*pattern = (struct pattern){ .kind = PATTERN_VAR, .name = var->name, .at = n->at };
	*as = parser_make(p, NODE_AS, n->at);
	(*as)->a = n;
	(*as)->pattern = pattern;
	if (outer)
		outer->b = *as;
	return var;
}

/*
 * N, an ACCESS that stands in no parentheses or something else, with '?' behind it. Of an access
 * that bears its own errors alone: what is accessed, and the key, come before it.
 */
static struct node *optional(struct parser *p, struct node *n, bool access)
{
	struct node *t = parser_make(p, NODE_TRY, p->lex.from), *as = NULL, *first = NULL;

	t->a = n;
	if (!access)
		return t;
	if (n->kind != NODE_EACH) {
		if (n->b && n->b->kind != NODE_LITERAL) {
			n->b = aside(p, n->b, &as);
			first = as;
		}
		if (n->c && n->c->kind != NODE_LITERAL) {
			n->c = aside(p, n->c, &as);
			first = first ? first : as;
		}
	}
	if (n->a->kind != NODE_IDENTITY) {
		t = parser_make2(p, NODE_PIPE, t->at, n->a, t);
		n->a = parser_make(p, NODE_IDENTITY, n->at);
	}
	if (!as)
		return t;
	as->b = t;
	return first;
}

static struct node *postfix(struct parser *p)
{
	bool access = p->lex.token == TOK_FIELD || lex_is(&p->lex, "."), optionally;
	struct node *n = primary(p);
	struct lex *l = &p->lex;

	for (; n; access = !optionally) {
		optionally = lex_is(l, "?");
		if (l->token == TOK_FIELD) {
			n = field(p, n);
		} else if (lex_is(l, "[")) {
			n = bracket(p, n);
		} else if (optionally) {
			n = optional(p, n, access && n->kind != NODE_IDENTITY);
			lex_next(l);
		} else if (lex_is(l, ".")) {
			uint32_t at = l->from;

			lex_next(l);
			if (l->token == TOK_STRING)
				n = parser_make2(p, NODE_INDEX, at, n,
				                 parse_string(p, (struct slice){ 0 }));
			else if (lex_is(l, "["))
				n = bracket(p, n);
			else
				return parser_unexpected(p, "a key behind '.'");
		} else {
			break;
		}
	}
	return n;
}

struct node *parse_unary(struct parser *p)
{
	struct node *n;

	if (!parser_deeper(p))
		return NULL;
	if (lex_is(&p->lex, "-")) {
		n = parser_make(p, NODE_NEG, p->lex.from);
		lex_next(&p->lex);
		n->a = parse_unary(p);
		if (!n->a)
			n = NULL;
	} else {
		n = postfix(p);
	}
	p->depth--;
	return n;
}
