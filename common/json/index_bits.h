/*
 * index_bits.h - what the SIMD twins of index.h share: the arithmetic on masks of 64 bytes.
 *
 * Private to the twins; each compiles it with its own target's instructions.
 * Floor: 3 (json)
 */
#ifndef JSON_INDEX_BITS_H
#define JSON_INDEX_BITS_H

#include "index.h"

/* What one block of 64 bytes hands to the next. */
struct carry {
	uint64_t escaped;   /* 1: the first byte of the next block is escaped */
	uint64_t in_string; /* all ones: the next block begins inside a string */
	uint64_t scalar;    /* 1: the last byte belonged to a scalar */
};

/* What was seen in a block, a bit a byte. */
struct masks {
	uint64_t quote, op, space, newline, ctrl;
};

/* What comes of it. */
struct marks {
	uint64_t structural;
	uint64_t bad;         /* of those, the bytes that must not be in a string */
	uint64_t bad_newline; /* of those, the newlines inside a string */
	uint64_t in;          /* inside strings, opening quotes included */
};

#ifdef __PCLMUL__
#include <immintrin.h>

/* Bit i of the result is the parity of bits 0..i: from quotes to strings (paper, section 3.1.1). */
static inline uint64_t prefix_xor(uint64_t bits)
{
	__m128i ones = _mm_set1_epi8((char)0xFF);
	__m128i v = _mm_set_epi64x(0, (int64_t)bits);

	return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(v, ones, 0));
}
#endif

/* Bytes behind an odd run of backslashes (paper, section 3.1.1). */
static inline uint64_t find_escaped(uint64_t backslash, uint64_t *carry)
{
	const uint64_t even = UINT64_C(0x5555555555555555);
	uint64_t follows, odd_starts, even_runs;

	if (!backslash) {
		uint64_t escaped = *carry;

		*carry = 0;
		return escaped;
	}
	backslash &= ~*carry;
	follows = backslash << 1 | *carry;
	odd_starts = backslash & ~even & ~follows;
	*carry = __builtin_add_overflow(odd_starts, backslash, &even_runs);
	return (even ^ even_runs << 1) & follows;
}

static inline int is_hex(unsigned char c)
{
	return (unsigned)(c - '0') < 10 || (unsigned)((c | 32) - 'a') < 6;
}

/*
 * Escapes that do not exist, of ESCAPED bytes inside strings. TEXT is the block. Reads up to four
 * bytes behind the block.
 */
static inline uint64_t find_bad_escapes(const char *text, uint64_t escaped)
{
	uint64_t bad = 0;

	for (; escaped; escaped &= escaped - 1) {
		int at = __builtin_ctzll(escaped);
		const unsigned char *p = (const unsigned char *)text + at;

		switch (*p) {
		case '"':
		case '\\':
		case '/':
		case 'b':
		case 'f':
		case 'n':
		case 'r':
		case 't':
			break;
		case 'u':
			if (is_hex(p[1]) && is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4]))
				break;
			/* fall through */
		default:
			bad |= UINT64_C(1) << at;
		}
	}
	return bad;
}

/*
 * From masks to marks. IN is the string mask as the quotes alone give it (opening quote included,
 * closing one not); a newline inside a string ends the string there.
 */
static inline struct marks find_marks(const struct masks *m, uint64_t in, struct carry *c)
{
	struct marks r = { 0 };
	uint64_t torn = m->newline & in, scalar;

	while (__builtin_expect(torn != 0, 0)) {
		uint64_t here = torn & -torn;

		r.bad_newline |= here;
		in ^= -here; /* this bit and all above */
		torn = m->newline & in & ~(here | (here - 1));
	}
	r.in = in;
	r.bad = m->ctrl & in;
	scalar = ~(m->op | m->space | m->quote | in);
	r.structural =
		(m->op & ~in) | (m->quote & in) | (scalar & ~(scalar << 1 | c->scalar)) | r.bad;
	c->scalar = scalar >> 63;
	c->in_string = 0 - (in >> 63);
	return r;
}

#endif
