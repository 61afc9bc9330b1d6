#include "check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct check {
	const unsigned char *p, *at, *end;
	struct check_fault *fault;
	uint8_t object[(CHECK_DEPTH + 7) / 8]; /* a bit a level: 1 where it is an object */
	unsigned depth;
};

static int fault(struct check *c, const char *expected)
{
	char got[24];

	if (c->at >= c->end)
		snprintf(got, sizeof got, "the end");
	else if (*c->at < 0x20 || *c->at >= 0x7F)
		snprintf(got, sizeof got, "byte 0x%02X", *c->at);
	else
		snprintf(got, sizeof got, "'%c'", *c->at);
	c->fault->at = (size_t)(c->at - c->p);
	snprintf(c->fault->text, sizeof c->fault->text, "expected %s, got %s", expected, got);
	return -1;
}

static int peek(const struct check *c)
{
	return c->at < c->end ? *c->at : -1;
}

static void skip_space(struct check *c)
{
	while (c->at < c->end &&
	       (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
		c->at++;
}

static int hex4(struct check *c)
{
	for (int i = 0; i < 4; i++, c->at++) {
		int h = peek(c);

		if (!((h >= '0' && h <= '9') || ((h | 32) >= 'a' && (h | 32) <= 'f')))
			return fault(c, "four hexadecimal digits after \\u");
	}
	return 0;
}

static int string(struct check *c)
{
	for (c->at++;;) {
		int b = peek(c);

		if (b < 0)
			return fault(c, "a closing '\"'");
		if (b < 0x20)
			return fault(c, b == '\n' ? "a closing '\"' before the line ends"
			                          : "no unescaped control character in a string");
		c->at++;
		if (b == '"')
			return 0;
		if (b != '\\')
			continue;
		b = peek(c);
		if (b <= 0 || !strchr("\"\\/bfnrtu", b))
			return fault(c, "one of \"\\/bfnrtu after '\\'");
		c->at++;
		if (b == 'u' && hex4(c) < 0)
			return -1;
	}
}

static int digits(struct check *c, const char *expected)
{
	if (peek(c) < '0' || peek(c) > '9')
		return fault(c, expected);
	while (peek(c) >= '0' && peek(c) <= '9')
		c->at++;
	return 0;
}

static int number(struct check *c)
{
	if (peek(c) == '-')
		c->at++;
	if (peek(c) == '0')
		c->at++;
	else if (digits(c, "a digit") < 0)
		return -1;
	if (peek(c) == '.') {
		c->at++;
		if (digits(c, "a digit after '.'") < 0)
			return -1;
	}
	if (peek(c) == 'e' || peek(c) == 'E') {
		c->at++;
		if (peek(c) == '+' || peek(c) == '-')
			c->at++;
		if (digits(c, "a digit of the exponent") < 0)
			return -1;
	}
	return 0;
}

static int word(struct check *c, const char *text)
{
	char expected[16];

	snprintf(expected, sizeof expected, "'%s'", text);
	for (; *text; text++, c->at++)
		if (peek(c) != *text)
			return fault(c, expected);
	return 0;
}

static int scalar(struct check *c)
{
	switch (peek(c)) {
	case '"':
		return string(c);
	case 't':
		return word(c, "true");
	case 'f':
		return word(c, "false");
	case 'n':
		return word(c, "null");
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return number(c);
	default:
		return fault(c, "a JSON value");
	}
}

static int open_level(struct check *c, int object)
{
	if (c->depth == CHECK_DEPTH) {
		c->fault->at = (size_t)(c->at - c->p);
		snprintf(c->fault->text, sizeof c->fault->text, "nested deeper than %d levels",
		         CHECK_DEPTH);
		return -1;
	}
	if (object)
		c->object[c->depth / 8] |= (uint8_t)(1 << c->depth % 8);
	else
		c->object[c->depth / 8] &= (uint8_t) ~(1 << c->depth % 8);
	c->depth++;
	c->at++;
	skip_space(c);
	return 0;
}

static int in_object(const struct check *c)
{
	return c->object[(c->depth - 1) / 8] >> (c->depth - 1) % 8 & 1;
}

static int key(struct check *c, const char *expected)
{
	skip_space(c);
	if (peek(c) != '"')
		return fault(c, expected);
	if (string(c) < 0)
		return -1;
	skip_space(c);
	if (peek(c) != ':')
		return fault(c, "':'");
	c->at++;
	return 0;
}

/* brackets that end here, and what follows them: 1 where a further value is due, 0 at the end */
static int after_value(struct check *c)
{
	while (c->depth) {
		int object = in_object(c), close = object ? '}' : ']';

		skip_space(c);
		if (peek(c) == close) {
			c->at++;
			c->depth--;
			continue;
		}
		if (peek(c) != ',')
			return fault(c, object ? "',' or '}'" : "',' or ']'");
		c->at++;
		if (object && key(c, "a string as key") < 0)
			return -1;
		return 1;
	}
	return 0;
}

static int value(struct check *c)
{
	skip_space(c);
	if (peek(c) == '{') {
		if (open_level(c, 1) < 0)
			return -1;
		if (peek(c) == '}')
			return after_value(c);
		return key(c, "a string as key or '}'") < 0 ? -1 : 1;
	}
	if (peek(c) == '[') {
		if (open_level(c, 0) < 0)
			return -1;
		if (peek(c) == ']')
			return after_value(c);
		return 1;
	}
	return scalar(c) < 0 ? -1 : after_value(c);
}

int check_json(struct slice text, struct check_fault *f)
{
	struct check c = { .p = (const unsigned char *)text.p, .fault = f };
	int r;

	c.at = c.p;
	c.end = c.p + text.n;
	do
		r = value(&c);
	while (r > 0);
	if (r < 0)
		return -1;
	skip_space(&c);
	return c.at < c.end ? fault(&c, "the end of the value") : 0;
}
