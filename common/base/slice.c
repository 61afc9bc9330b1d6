#include "slice.h"

static uint64_t count(struct slice s, char c)
{
	const char *p = s.p, *end = p + s.n;
	uint64_t n = 0;

	for (; end - p >= 64; p += 64) {
		unsigned char some = 0; /* so that the compiler may count in vectors */

		for (int i = 0; i < 64; i++)
			some = (unsigned char)(some + (p[i] == c));
		n += some;
	}
	while (p < end)
		n += *p++ == c;
	return n;
}

#ifdef __x86_64__

#include <immintrin.h>

#define MOST 255 /* rows that can be added up in bytes */

static __attribute__((target("avx2"))) uint64_t count_avx2(struct slice s, char c)
{
	const __m256i zero = _mm256_setzero_si256(), wanted = _mm256_set1_epi8(c);
	__m256i total = zero;
	size_t rows = s.n / 32;
	uint64_t part[4];

	while (rows) {
		__m256i sums = zero;
		size_t n = rows < MOST ? rows : MOST;

		rows -= n;
		for (; n; n--) {
			__m256i x = _mm256_loadu_si256((const __m256i *)(const void *)s.p);

			/* all bits where it is so: -1 */
			sums = _mm256_sub_epi8(sums, _mm256_cmpeq_epi8(x, wanted));
			s.p += 32;
		}
		total = _mm256_add_epi64(total, _mm256_sad_epu8(sums, zero));
	}
	s.n %= 32;
	_mm256_storeu_si256((__m256i *)(void *)part, total);
	return part[0] + part[1] + part[2] + part[3] + count(s, c);
}

#endif

uint64_t slice_count(struct slice s, char c)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return count_avx2(s, c);
#endif
	return count(s, c);
}
