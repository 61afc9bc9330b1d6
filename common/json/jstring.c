#include "jstring.h"

#include "base/utf8.h"

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define EACH(byte) (UINT64_C(0x0101010101010101) * (uint64_t)(byte))

/* the top bit of each byte that is zero, exactly where no lower byte is (enough for "is there one")
 */
static inline uint64_t zero_bytes(uint64_t v)
{
	return (v - EACH(1)) & ~v & EACH(0x80);
}

/* the top bits of the bytes of V that do not stand for themselves */
static inline uint64_t odd_bytes(uint64_t v)
{
	return (v & EACH(0x80)) | zero_bytes(v ^ EACH('\\'));
}

bool jstring_plain(struct slice raw)
{
	const char *p = raw.p, *last = raw.p + raw.n - 8;
	uint64_t found = 0, v;

	if (raw.n < 8) {
		for (size_t i = 0; i < raw.n; i++)
			found |= p[i] == '\\' || (p[i] & 0x80);
		return found == 0;
	}
	for (; p < last; p += 8) {
		memcpy(&v, p, 8);
		found |= odd_bytes(v);
	}
	/* the last eight, some of them a second time */
	memcpy(&v, last, 8);
	return (found | odd_bytes(v)) == 0;
}

static uint32_t hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];

		v = v << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

/* one escape at P (behind the backslash); bytes taken, its code point in *CP */
static size_t unescape(const char *p, size_t left, uint32_t *cp)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *at;
	uint32_t low;

	if (*p != 'u') {
		at = strchr(from, *p);
		*cp = (unsigned char)(at && *p ? to[at - from] : *p);
		return 1;
	}
	*cp = hex4(p + 1);
	if (*cp < 0xD800 || *cp > 0xDFFF)
		return 5;
	if (*cp < 0xDC00 && left >= 11 && p[5] == '\\' && p[6] == 'u') {
		low = hex4(p + 7);
		if (low >= 0xDC00 && low <= 0xDFFF) {
			*cp = 0x10000 + ((*cp - 0xD800) << 10) + (low - 0xDC00);
			return 11;
		}
	}
	*cp = UTF8_BAD;
	return 5;
}

struct slice jstring_decode(struct slice raw, struct arena *a)
{
	size_t i = 0, n = 0;
	uint32_t cp;
	char *to;

	if (jstring_plain(raw) || (!memchr(raw.p, '\\', raw.n) && utf8_valid(raw)))
		return raw;
	/* a malformed byte of one becomes three; an escape never grows */
	to = arena_array(a, raw.n, 3);
	while (i < raw.n) {
		if (raw.p[i] == '\\') {
			i += 1 + unescape(raw.p + i + 1, raw.n - i - 1, &cp);
		} else if ((unsigned char)raw.p[i] < 0x80) {
			to[n++] = raw.p[i++];
			continue;
		} else {
			i += utf8_get(raw.p + i, raw.n - i, &cp);
		}
		n += utf8_put(to + n, cp);
	}
	return (struct slice){ to, n };
}

bool jstring_equals(struct slice raw, struct slice decoded)
{
	struct arena a;
	bool same;

	if (!memchr(raw.p, '\\', raw.n) && (jstring_plain(raw) || utf8_valid(raw)))
		return slice_same(raw, decoded);
	arena_init(&a);
	same = slice_same(jstring_decode(raw, &a), decoded);
	arena_free(&a);
	return same;
}

static void write_escape(struct buf *b, uint32_t cp)
{
	static const char short_form[32] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
	};

	if (cp == '"' || cp == '\\') {
		buf_addc(b, '\\');
		buf_addc(b, (char)cp);
	} else if (cp < 0x20 && short_form[cp]) {
		buf_addc(b, '\\');
		buf_addc(b, short_form[cp]);
	} else if (cp >= 0x10000) {
		buf_addf(b, "\\u%04x\\u%04x", (unsigned)(0xD7C0 + (cp >> 10)),
		         (unsigned)(0xDC00 + (cp & 0x3FF)));
	} else {
		buf_addf(b, "\\u%04x", (unsigned)cp);
	}
}

/* how many bytes from P on need no second look: printable ASCII without quote and backslash */
static size_t easy_run(const char *p, size_t n)
{
	size_t i = 0;
	uint64_t v;

	for (; i + 8 <= n; i += 8) {
		memcpy(&v, p + i, 8);
		/* bytes over 0x7F, below 0x20, quote, backslash, DEL */
		if ((v | ((v - EACH(0x20)) & ~v) | zero_bytes(v ^ EACH('"')) |
		     zero_bytes(v ^ EACH('\\')) | zero_bytes(v ^ EACH(0x7F))) &
		    EACH(0x80))
			break;
	}
	for (; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\')
			break;
	}
	return i;
}

bool jstring_clean(struct slice s)
{
	return easy_run(s.p, s.n) == s.n;
}

void jstring_write(struct buf *b, struct slice s, bool ascii)
{
	size_t i = 0;

	buf_room(b, s.n + 2);
	buf_addc(b, '"');
	while (i < s.n) {
		size_t run = easy_run(s.p + i, s.n - i);
		uint32_t cp;
		size_t used;

		buf_add(b, s.p + i, run);
		i += run;
		if (i == s.n)
			break;
		used = utf8_get(s.p + i, s.n - i, &cp);
		i += used;
		if (cp < 0x80 || ascii) {
			write_escape(b, cp);
		} else {
			char *to = buf_room(b, 4);

			b->n += utf8_put(to, cp);
		}
	}
	buf_addc(b, '"');
}

/* does a byte need an escape for the sake of JSON alone? */
static inline bool must_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

/* Copy bytes as long as they need no escape; how many. TO has room for N. */
static size_t copy_plain(char *to, const char *p, size_t n)
{
	size_t i = 0;
	uint64_t v;

#ifdef __SSE2__ /* any x86-64 has it; elsewhere the eight at a time do */
	for (; i + 16 <= n; i += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x);
		__m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
		__m128i slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
		int odd = _mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, slash)));

		_mm_storeu_si128((__m128i *)(void *)(to + i), x);
		if (odd)
			return i + (size_t)__builtin_ctz((unsigned)odd);
	}
#endif
	for (; i + 8 <= n; i += 8) {
		memcpy(&v, p + i, 8);
		if ((((v - EACH(0x20)) & ~v) | zero_bytes(v ^ EACH('"')) |
		     zero_bytes(v ^ EACH('\\'))) &
		    EACH(0x80))
			break;
		memcpy(to + i, &v, 8);
	}
	for (; i < n && !must_escape((unsigned char)p[i]); i++)
		to[i] = p[i];
	return i;
}

void jstring_write_bytes(struct buf *b, struct slice s)
{
	char *to = buf_room(b, s.n + 2);
	size_t i, run;

	*to = '"';
	i = copy_plain(to + 1, s.p, s.n);
	b->n += 1 + i;
	while (i < s.n) {
		write_escape(b, (unsigned char)s.p[i++]);
		run = copy_plain(buf_room(b, s.n - i + 1), s.p + i, s.n - i);
		b->n += run;
		i += run;
	}
	buf_addc(b, '"');
}
