/* Parsing the patterns of `as`. */
#include "parser.h"

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
		item->key = parser_string_literal(p, at, l->text);
		lex_next(l);
		if (!lex_is(l, ":"))
			return true;
	} else if (l->token == TOK_IDENT) {
		item->key = parser_string_literal(p, at, l->text);
		lex_next(l);
	} else if (l->token == TOK_STRING) {
		item->key = parse_string(p, (struct slice){ 0 });
	} else if (lex_is(l, "(")) {
		lex_next(l);
		item->key = parse_query(p);
		if (!item->key || !parser_expect(p, ")"))
			return false;
	} else {
		parser_unexpected(p, "a key of the pattern");
	}
	if (!item->key || !parser_expect(p, ":"))
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
	return parser_expect(p, close) ? pat : NULL;
}

static struct pattern *pattern(struct parser *p)
{
	struct pattern *pat = arena_alloc(&p->heap->arena, sizeof *pat);
	struct lex *l = &p->lex;

	*pat = (struct pattern){ .kind = PATTERN_VAR, .at = l->from };
	if (!parser_deeper(p))
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
		pat = parser_unexpected(p, "a pattern ($name, [..] or {..})");
	}
	p->depth--;
	return pat;
}

struct pattern *parse_patterns(struct parser *p)
{
	struct pattern *first = pattern(p), *last = first;

	while (last && lex_is(&p->lex, "?//")) {
		lex_next(&p->lex);
		last->alternative = pattern(p);
		last = last->alternative;
	}
	return last ? first : NULL;
}
