/*
 * jsontext.h - what the tests of common/json share: the index twins, lines with readable bytes
 * behind them, and a seeded generator of JSON texts, spoiled ones too.
 */
#ifndef TESTS_JSONTEXT_H
#define TESTS_JSONTEXT_H

#include "base/buf.h"
#include "json/index.h"

#include <stdlib.h>

struct twin {
	const char *name;
	index_fn *index;
};

#define TWINS_MAX 3

/* The twins that this processor runs, the portable one first. Returns how many. */
static inline size_t twins(struct twin to[TWINS_MAX])
{
	size_t n = 0;

	to[n++] = (struct twin){ "portable", index_portable };
#if defined(__x86_64__)
	if (index_best() != index_portable)
		to[n++] = (struct twin){ "avx2", index_avx2 };
	if (index_best() == index_avx512)
		to[n++] = (struct twin){ "avx512", index_avx512 };
#endif
	return n;
}

/* A copy of TEXT for the scanner, to be freed: INDEX_PAD bytes behind it, and nothing more. */
static inline char *padded(struct slice text)
{
	char *p = malloc(text.n + INDEX_PAD);

	if (!p)
		abort();
	if (text.n)
		memcpy(p, text.p, text.n);
	/* what twins read there must not matter */
	memset(p + text.n, '"', INDEX_PAD);
	return p;
}

/* ---- chance, the same each time: G. Steele et al., splitmix64 */

struct chance {
	uint64_t state;
};

static inline uint64_t chance_bits(struct chance *c)
{
	uint64_t z = c->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* One of 0 to N - 1. */
static inline size_t chance_below(struct chance *c, size_t n)
{
	return (size_t)(chance_bits(c) % n);
}

#define CHANCE_OF(c, array) ((array)[chance_below(c, sizeof(array) / sizeof(array)[0])])

/* ---- JSON texts of one line */

static inline void make_space(struct chance *c, struct buf *b)
{
	static const char *const spaces[] = { "", "", "", "", "", "", " ", "\t", "\r", "  \t " };

	buf_adds(b, CHANCE_OF(c, spaces));
}

static inline void make_string(struct chance *c, struct buf *b)
{
	static const char *const pieces[] = {
		"a",
		"key",
		"b7",
		" ",
		"\\\"",
		"\\\\",
		"\\/",
		"\\b",
		"\\n",
		"\\t",
		"{",
		"}",
		"[",
		"]",
		":",
		",",
		"\xC3\xA9",
		"\\u00e9",
		"\\uD83D\\uDE00",
		"\xF0\x9F\x98\x80",
		"\\u000a",
		"0123456789abcdef",
		"\x7F",
		"long text without anything that needs a second look, more than 64 bytes of it"
	};

	buf_addc(b, '"');
	for (size_t n = chance_below(c, 5); n; n--)
		buf_adds(b, CHANCE_OF(c, pieces));
	buf_addc(b, '"');
}

static inline void make_scalar(struct chance *c, struct buf *b)
{
	static const char *const scalars[] = { "0",        "-0",
		                               "7",        "-12",
		                               "17.25",    "0.5",
		                               "-0.001",   "1e5",
		                               "1E+22",    "-2e-07",
		                               "12345678", "9007199254740991",
		                               "0.10",     "123456789012.345",
		                               "null",     "true",
		                               "false" };

	if (chance_below(c, 3) == 0)
		make_string(c, b);
	else
		buf_adds(b, CHANCE_OF(c, scalars));
}

/* Append a JSON value of at most DEPTH levels, with white space here and there. */
static inline void make_json(struct chance *c, struct buf *b, unsigned depth)
{
	size_t kind = depth ? chance_below(c, 4) : 0, n = chance_below(c, 5);

	make_space(c, b);
	if (kind < 2) {
		make_scalar(c, b);
	} else {
		buf_addc(b, kind == 2 ? '[' : '{');
		for (size_t i = 0; i < n; i++) {
			if (i)
				buf_addc(b, ',');
			make_space(c, b);
			if (kind == 3) {
				make_string(c, b);
				make_space(c, b);
				buf_addc(b, ':');
			}
			make_json(c, b, depth - 1);
		}
		buf_addc(b, kind == 2 ? ']' : '}');
	}
	make_space(c, b);
}

/* Spoil a text, newlines left out: change, drop, insert or double some of its bytes. */
static inline void spoil(struct chance *c, struct buf *b)
{
	static const char odd[] = "{}[]:,\"\\ \t\r0123456789-+.eEtrufalsn/\x01\x1F\x7F\x80\xC3\xFF";

	for (size_t n = 1 + chance_below(c, 3); n && b->n; n--) {
		size_t at = chance_below(c, b->n), tail = b->n - at;
		char with = odd[chance_below(c, sizeof odd)]; /* its NUL too */

		buf_room(b, 1);
		switch (chance_below(c, 4)) {
		case 0:
			b->p[at] = with;
			break;
		case 1:
			memmove(b->p + at, b->p + at + 1, tail - 1);
			b->n--;
			break;
		case 2:
			with = b->p[at];
			/* fall through */
		default:
			memmove(b->p + at + 1, b->p + at, tail);
			b->p[at] = with;
			b->n++;
		}
	}
}

#endif
