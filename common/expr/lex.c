#include "lex.h"

static bool name_start(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static char peek(const struct lex *l, uint32_t ahead)
{
	return l->at + ahead < l->src.n ? l->src.p[l->at + ahead] : '\0';
}

/*
 * A comment ends at a newline, unless an odd number of backslashes (and a carriage return) precede
 * it.
 */
static void skip_comment(struct lex *l)
{
	while (l->at < l->src.n && l->src.p[l->at] != '\n') {
		if (l->src.p[l->at] == '\\' && l->at + 1 < l->src.n) {
			l->at++;
			if (peek(l, 0) == '\r' && peek(l, 1) == '\n')
				l->at++;
		}
		l->at++;
	}
	if (l->at > l->src.n)
		l->at = (uint32_t)l->src.n;
}

static void skip_space(struct lex *l)
{
	while (l->at < l->src.n) {
		char c = l->src.p[l->at];

		if (c == '#')
			skip_comment(l);
		else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			l->at++;
		else
			break;
	}
}

static uint32_t name_length(const struct lex *l, uint32_t ahead)
{
	uint32_t n = 0;

	if (!name_start(peek(l, ahead)))
		return 0;
	while (name_start(peek(l, ahead + n)) || digit(peek(l, ahead + n)))
		n++;
	return n;
}

/* name::name:: .. */
static uint32_t path_length(const struct lex *l, uint32_t ahead)
{
	uint32_t n = name_length(l, ahead), more;

	while (n && peek(l, ahead + n) == ':' && peek(l, ahead + n + 1) == ':' &&
	       (more = name_length(l, ahead + n + 2)))
		n += 2 + more;
	return n;
}

static uint32_t number_length(const struct lex *l)
{
	uint32_t n = 0, e;

	while (digit(peek(l, n)))
		n++;
	if (peek(l, n) == '.' && (n || digit(peek(l, 1)))) {
		n++;
		while (digit(peek(l, n)))
			n++;
	}
	if (n && (peek(l, n) | 32) == 'e') {
		e = n + 1;
		if (peek(l, e) == '+' || peek(l, e) == '-')
			e++;
		if (digit(peek(l, e))) {
			while (digit(peek(l, e)))
				e++;
			n = e;
		}
	}
	return n;
}

static uint32_t operator_length(const struct lex *l)
{
	static const char *const ops[] = { "//=", "?//", "|=", "+=", "-=", "*=", "/=",
		                           "%=",  "==",  "!=", "<=", ">=", "//" };
	size_t i;

	for (i = 0; i < sizeof ops / sizeof ops[0]; i++) {
		size_t n = strlen(ops[i]);

		if (l->src.n - l->at >= n && memcmp(l->src.p + l->at, ops[i], n) == 0)
			return (uint32_t)n;
	}
	return peek(l, 0) && strchr("|,=<>+-*/%?.[]{}():;", peek(l, 0)) ? 1 : 0;
}

static void take(struct lex *l, enum token token, uint32_t skip, uint32_t n)
{
	l->token = token;
	l->text = (struct slice){ l->src.p + l->at + skip, n };
	l->at += skip + n;
}

void lex_next(struct lex *l)
{
	uint32_t n;

	skip_space(l);
	l->from = l->at;
	if (l->at >= l->src.n)
		take(l, TOK_END, 0, 0);
	else if (peek(l, 0) == '"')
		take(l, TOK_STRING, 0, 1);
	else if ((n = number_length(l)))
		take(l, TOK_NUMBER, 0, n);
	else if ((n = path_length(l, 0)))
		take(l, TOK_IDENT, 0, n);
	else if (peek(l, 0) == '.' && (n = name_length(l, 1)))
		take(l, TOK_FIELD, 1, n);
	else if (peek(l, 0) == '$' && (n = path_length(l, 1)))
		take(l, TOK_VAR, 1, n);
	else if (peek(l, 0) == '@' && (n = name_length(l, 1)))
		take(l, TOK_FORMAT, 1, n);
	else if (peek(l, 0) == '.' && peek(l, 1) == '.')
		take(l, TOK_DOTDOT, 0, 2);
	else if ((n = operator_length(l)))
		take(l, TOK_OP, 0, n);
	else
		take(l, TOK_BAD, 0, 1);
}

bool lex_is(const struct lex *l, const char *op)
{
	return l->token == TOK_OP && slice_same(l->text, slice_from(op));
}

bool lex_word(const struct lex *l, const char *word)
{
	return l->token == TOK_IDENT && slice_same(l->text, slice_from(word));
}

bool lex_keyword(struct slice name)
{
	static const char *const words[] = { "as",     "import",  "include", "module", "def",
		                             "if",     "then",    "elif",    "else",   "end",
		                             "reduce", "foreach", "try",     "catch",  "label",
		                             "and",    "or",      "__loc__" };
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (slice_same(name, slice_from(words[i])))
			return true;
	return false;
}

static bool hex(char c)
{
	return digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* the length of the escape at l->at (on the backslash), or 0 where it is malformed */
static uint32_t escape_length(const struct lex *l)
{
	uint32_t i;

	if (peek(l, 1) != 'u')
		return peek(l, 1) && strchr("\"\\/bfnrt", peek(l, 1)) ? 2 : 0;
	for (i = 2; i < 6; i++)
		if (!hex(peek(l, i)))
			return 0;
	return 6;
}

enum string_part lex_string(struct lex *l)
{
	uint32_t n;

	l->from = l->at;
	while (l->at < l->src.n) {
		char c = l->src.p[l->at];

		if (c == '"' || (c == '\\' && peek(l, 1) == '(')) {
			if (l->at > l->from)
				break;
			l->at += c == '"' ? 1 : 2;
			return c == '"' ? PART_END : PART_EXPR;
		}
		n = c == '\\' ? escape_length(l) : 1;
		if (n == 0) {
			l->from = l->at;
			return PART_BAD;
		}
		l->at += n;
	}
	if (l->at >= l->src.n)
		return PART_BAD;
	l->text = (struct slice){ l->src.p + l->from, l->at - l->from };
	return PART_TEXT;
}
