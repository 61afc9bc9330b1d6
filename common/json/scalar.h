/*
 * scalar.h - is a piece of text a JSON number, true, false or null?
 * Floor: 3 (json)
 */
#ifndef JSON_SCALAR_H
#define JSON_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* The whole check, byte by byte: one scalar from P on, then nothing but white space up to END. */
bool scalar_valid_slow(const char *p, const char *end);

#if defined(__SSE2__)
/* Numbers of the common forms: 0, 17, 17.25; 16 bytes from P on are readable. */
static inline bool scalar_plain_number(const char *p, size_t n)
{
	__m128i v =
		_mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('0'));
	__m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(9)), v);
	uint32_t other;

	if (n > 16)
		return false;
	other = ~(uint32_t)_mm_movemask_epi8(digit) & ((UINT32_C(1) << n) - 1);
	if (other == 0)
		return p[0] != '0' || n == 1;
	if (other & (other - 1))
		return false;
	n -= 1;
	return (other & 1) == 0 && other != UINT32_C(1) << n && p[__builtin_ctz(other)] == '.' &&
	       (p[0] != '0' || other == 2);
}
#else
static inline bool scalar_plain_number(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned)(p[i] - '0') > 9)
			return false;
	return p[0] != '0' || n == 1;
}
#endif

/* Is the text from P to END (16 readable bytes behind P) one scalar and white space behind it? */
static inline bool scalar_valid(const char *p, const char *end)
{
	return scalar_plain_number(p, (size_t)(end - p)) || scalar_valid_slow(p, end);
}

#endif
