#include "utf8.h"

#include <string.h>

size_t utf8_get(const char *p, size_t n, uint32_t *cp)
{
	const unsigned char *s = (const unsigned char *)p;
	unsigned char lo = 0x80, hi = 0xBF;
	size_t need, i;
	uint32_t c = s[0];

	*cp = c;
	if (c < 0x80)
		return 1;
	*cp = UTF8_BAD;
	if (c < 0xC2 || c > 0xF4)
		return 1;
	if (c < 0xE0) {
		need = 1;
		c &= 0x1F;
	} else if (c < 0xF0) {
		need = 2;
		if (c == 0xE0)
			lo = 0xA0;
		if (c == 0xED)
			hi = 0x9F;
		c &= 0x0F;
	} else {
		need = 3;
		if (c == 0xF0)
			lo = 0x90;
		if (c == 0xF4)
			hi = 0x8F;
		c &= 0x07;
	}
	for (i = 1; i <= need; i++) {
		if (i >= n || s[i] < lo || s[i] > hi)
			return i;
		c = c << 6 | (s[i] & 0x3F);
		lo = 0x80;
		hi = 0xBF;
	}
	*cp = c;
	return need + 1;
}

size_t utf8_put(char *p, uint32_t cp)
{
	if (cp < 0x80) {
		p[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		p[0] = (char)(0xC0 | cp >> 6);
		p[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		p[0] = (char)(0xE0 | cp >> 12);
		p[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		p[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	p[0] = (char)(0xF0 | cp >> 18);
	p[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	p[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	p[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

bool utf8_ascii(struct slice s)
{
	uint64_t all = 0, word;
	size_t i;

	for (i = 0; i + 8 <= s.n; i += 8) {
		memcpy(&word, s.p + i, 8);
		all |= word;
	}
	for (; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return !(all & 0x8080808080808080u);
}

bool utf8_valid(struct slice s)
{
	size_t i = 0;
	uint32_t cp;

	if (utf8_ascii(s))
		return true;
	while (i < s.n) {
		size_t used = utf8_get(s.p + i, s.n - i, &cp);

		if (cp == UTF8_BAD && (used != 3 || memcmp(s.p + i, "\xEF\xBF\xBD", 3) != 0))
			return false;
		i += used;
	}
	return true;
}

size_t utf8_length(struct slice s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += (s.p[i] & 0xC0) != 0x80;
	return n;
}

size_t utf8_offset(struct slice s, size_t index)
{
	size_t i = 0;

	while (index && i < s.n) {
		for (i++; i < s.n && (s.p[i] & 0xC0) == 0x80; i++)
			;
		index--;
	}
	return i;
}
