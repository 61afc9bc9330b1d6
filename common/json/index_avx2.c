/* The AVX2 twin: masks by comparison, 32 bytes at a time; bits are written out one by one. */
#include "index_bits.h"

#if defined(__x86_64__)
static inline uint64_t bits(__m256i lo, __m256i hi)
{
	return (uint32_t)_mm256_movemask_epi8(lo) | (uint64_t)(uint32_t)_mm256_movemask_epi8(hi)
	                                                    << 32;
}

static inline uint64_t equal(const __m256i v[2], char c)
{
	__m256i to = _mm256_set1_epi8(c);

	return bits(_mm256_cmpeq_epi8(v[0], to), _mm256_cmpeq_epi8(v[1], to));
}

static inline __m256i op_bytes(__m256i v)
{
	/* '[' and ']' differ from '{' and '}' by 0x20 */
	__m256i folded = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
	__m256i brackets = _mm256_or_si256(_mm256_cmpeq_epi8(folded, _mm256_set1_epi8('{')),
	                                   _mm256_cmpeq_epi8(folded, _mm256_set1_epi8('}')));
	__m256i marks = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(':')),
	                                _mm256_cmpeq_epi8(v, _mm256_set1_epi8(',')));

	return _mm256_or_si256(_mm256_or_si256(brackets, marks),
	                       _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n')));
}

static inline __m256i space_bytes(__m256i v)
{
	return _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(' ')),
	                       _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\t')),
	                                       _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\r'))));
}

static inline __m256i ctrl_bytes(__m256i v)
{
	__m256i top = _mm256_set1_epi8(0x1F);

	return _mm256_cmpeq_epi8(_mm256_max_epu8(v, top), top);
}

static inline size_t emit(const char *text, const struct marks *r, uint32_t base, uint32_t *pos,
                          uint8_t *cls)
{
	uint64_t left = r->structural;
	size_t n = 0;

	for (; left; left &= left - 1, n++) {
		uint32_t at = (uint32_t)__builtin_ctzll(left);

		pos[n] = base + at;
		cls[n] = index_class[(unsigned char)text[at]] & (uint8_t)~CLASS_CTRL_FLAG;
	}
	if (__builtin_expect((r->bad | r->bad_newline) != 0, 0))
		for (size_t i = 0; i < n; i++) {
			uint64_t bit = UINT64_C(1) << (pos[i] - base);

			if (r->bad & bit)
				cls[i] = CLASS_BAD;
			if (r->bad_newline & bit)
				cls[i] = CLASS_BAD_NEWLINE;
		}
	return n;
}

size_t index_avx2(const char *text, size_t len, uint32_t *pos, uint8_t *cls)
{
	struct carry c = { 0 };
	size_t n = 0, i;

	for (i = 0; i < len; i += 64) {
		size_t left = len - i;
		uint64_t here = left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
		__m256i v[2] = { _mm256_loadu_si256((const __m256i *)(const void *)(text + i)),
			         _mm256_loadu_si256(
					 (const __m256i *)(const void *)(text + i + 32)) };
		uint64_t backslash = equal(v, '\\') & here, escaped = 0;
		struct masks m;
		struct marks r;

		m.op = bits(op_bytes(v[0]), op_bytes(v[1])) & here;
		m.quote = equal(v, '"') & here;
		m.space = bits(space_bytes(v[0]), space_bytes(v[1]));
		m.newline = equal(v, '\n') & here;
		m.ctrl = bits(ctrl_bytes(v[0]), ctrl_bytes(v[1])) & here & ~m.newline;
		if (backslash | c.escaped)
			escaped = find_escaped(backslash, &c.escaped);
		m.quote &= ~escaped;
		r = find_marks(&m, prefix_xor(m.quote) ^ c.in_string, &c);
		if (__builtin_expect(escaped != 0, 0))
			r.bad |= find_bad_escapes(text + i, escaped & r.in);
		r.structural = (r.structural | r.bad) & here;
		n += emit(text + i, &r, (uint32_t)i, pos + n, cls + n);
	}
	return n;
}
#endif
