/* The AVX-512 twin (VBMI2): one table look-up classifies 64 bytes, compression writes them out. */
#include "index_bits.h"

#if defined(__x86_64__)
/* Write positions and classes of the marked bytes. */
static inline size_t emit(uint64_t structural, __m512i cls, uint32_t base, uint32_t *pos,
                          uint8_t *out)
{
	const __m512i count = _mm512_set_epi8(
		63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43,
		42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22,
		21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
	const __m512i from = _mm512_set1_epi32((int)base);
	__m512i at = _mm512_maskz_compress_epi8(structural, count);
	size_t n = (size_t)__builtin_popcountll(structural);

	_mm512_storeu_si512(out, _mm512_maskz_compress_epi8(structural, cls));
	_mm512_storeu_si512(
		pos, _mm512_add_epi32(from, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(at))));
	if (n > 16)
		_mm512_storeu_si512(
			pos + 16,
			_mm512_add_epi32(from,
		                         _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(at, 1))));
	if (__builtin_expect(n > 32, 0)) {
		_mm512_storeu_si512(
			pos + 32,
			_mm512_add_epi32(from,
		                         _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(at, 2))));
		_mm512_storeu_si512(
			pos + 48,
			_mm512_add_epi32(from,
		                         _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(at, 3))));
	}
	return n;
}

size_t index_avx512(const char *text, size_t len, uint32_t *pos, uint8_t *cls_out)
{
	const __m512i low = _mm512_loadu_si512(index_class);
	const __m512i high = _mm512_loadu_si512(index_class + 64);
	const __m512i scalar = _mm512_set1_epi8(CLASS_SCALAR);
	struct carry c = { 0 };
	size_t n = 0, i;

	for (i = 0; i < len; i += 64) {
		size_t left = len - i;
		uint64_t here = left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
		__m512i v = _mm512_loadu_si512(text + i);
		__m512i cls = _mm512_permutex2var_epi8(low, v, high);
		uint64_t backslash = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\')) & here;
		uint64_t escaped = 0;
		struct masks m;
		struct marks r;

		cls = _mm512_mask_blend_epi8(_mm512_movepi8_mask(v), cls, scalar);
		m.op = (uint64_t)_mm512_movepi8_mask(cls) & here;
		m.quote = _mm512_test_epi8_mask(cls, _mm512_set1_epi8(CLASS_QUOTE_FLAG)) & here;
		m.space = _mm512_test_epi8_mask(cls, _mm512_set1_epi8(CLASS_SPACE_FLAG));
		m.ctrl = _mm512_test_epi8_mask(cls, _mm512_set1_epi8(CLASS_CTRL_FLAG)) & here;
		m.newline = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')) & here;
		if (backslash | c.escaped)
			escaped = find_escaped(backslash, &c.escaped);
		m.quote &= ~escaped;
		r = find_marks(&m, prefix_xor(m.quote) ^ c.in_string, &c);
		if (__builtin_expect(escaped != 0, 0))
			r.bad |= find_bad_escapes(text + i, escaped & r.in);
		r.structural |= r.bad;
		r.structural &= here;
		if (__builtin_expect((r.bad | r.bad_newline) != 0, 0)) {
			cls = _mm512_mask_blend_epi8(r.bad, cls, _mm512_set1_epi8(CLASS_BAD));
			cls = _mm512_mask_blend_epi8(r.bad_newline, cls,
			                             _mm512_set1_epi8((char)CLASS_BAD_NEWLINE));
		}
		/* a control character outside strings is garbage like any other */
		n += emit(r.structural, _mm512_andnot_si512(_mm512_set1_epi8(CLASS_CTRL_FLAG), cls),
		          (uint32_t)i, pos + n, cls_out + n);
	}
	return n;
}
#endif
