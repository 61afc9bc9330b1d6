#include "screen.h"

#include "utf8.h"

#include <stdlib.h>
#include <string.h>

struct range {
	uint32_t from, to;
};

/* Control characters of ASCII and Latin-1, and those that turn the direction or do not show. */
static const struct range control[] = {
	{ 0x00, 0x1F },     { 0x7F, 0x9F },     { 0x200B, 0x200F },
	{ 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF },
};

/* Marks that stand over, under or in the character before them (Mn and Me), of scripts in use. */
static const struct range combining[] = {
	{ 0x0300, 0x036F }, { 0x0483, 0x0489 },   { 0x0591, 0x05BD }, { 0x05BF, 0x05BF },
	{ 0x05C1, 0x05C2 }, { 0x05C4, 0x05C5 },   { 0x0610, 0x061A }, { 0x064B, 0x065F },
	{ 0x0670, 0x0670 }, { 0x06D6, 0x06DC },   { 0x06DF, 0x06E4 }, { 0x06E7, 0x06E8 },
	{ 0x06EA, 0x06ED }, { 0x0900, 0x0902 },   { 0x093A, 0x093A }, { 0x093C, 0x093C },
	{ 0x0941, 0x0948 }, { 0x094D, 0x094D },   { 0x0951, 0x0957 }, { 0x0E31, 0x0E31 },
	{ 0x0E34, 0x0E3A }, { 0x0E47, 0x0E4E },   { 0x1AB0, 0x1ACE }, { 0x1DC0, 0x1DFF },
	{ 0x20D0, 0x20F0 }, { 0x302A, 0x302D },   { 0x3099, 0x309A }, { 0xFE00, 0xFE0F },
	{ 0xFE20, 0xFE2F }, { 0xE0100, 0xE01EF },
};

static const struct range wide[] = {
	{ 0x1100, 0x115F }, { 0x2E80, 0xA4CF },   { 0xAC00, 0xD7A3 },
	{ 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },
	{ 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1FAFF }, { 0x20000, 0x3FFFD },
};

#define IN(ranges, cp) in(ranges, sizeof(ranges) / sizeof(ranges)[0], cp)

static bool in(const struct range *r, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n && cp >= r[i].from; i++)
		if (cp <= r[i].to)
			return true;
	return false;
}

/* Columns that a character takes; one where terminals do not agree. */
static size_t columns_of(uint32_t cp)
{
	return cp < 0x300 ? 1 : IN(combining, cp) ? 0 : IN(wide, cp) ? 2 : 1;
}

size_t screen_text(bool utf8, struct buf *b, struct slice s, size_t most)
{
	size_t width = 0, fits = b->n, fits_width = 0;

	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		char *to = buf_room(b, 4);
		size_t columns;

		i += utf8_get(s.p + i, s.n - i, &cp);
		if (IN(control, cp) || (!utf8 && cp > 0x7E))
			cp = '?';
		columns = columns_of(cp);
		if (width + columns > most) {
			b->n = fits;
			if (most)
				buf_addc(b, '~');
			return most ? fits_width + 1 : 0;
		}
		b->n += utf8_put(to, cp);
		width += columns;
		if (width < most) {
			fits = b->n;
			fits_width = width;
		}
	}
	return width;
}

bool screen_utf8(void)
{
	static const char *const name[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		const char *v = getenv(name[i]);

		if (v && *v)
			return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
	}
	return false;
}
