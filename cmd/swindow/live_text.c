/* Text that may stand on a screen: no control characters, so many columns. */
#include "swindow.h"

#include "base/utf8.h"

static bool between(uint32_t cp, uint32_t from, uint32_t to)
{
	return cp >= from && cp <= to;
}

/* Control characters of ASCII and Latin-1, and those that turn the direction or do not show. */
static bool is_control(uint32_t cp)
{
	return cp < 0x20 || between(cp, 0x7F, 0x9F) || between(cp, 0x200B, 0x200F) ||
	       between(cp, 0x2028, 0x202E) || between(cp, 0x2060, 0x206F) || cp == 0xFEFF;
}

/* Columns that a character takes; one where terminals do not agree. */
static size_t columns_of(uint32_t cp)
{
	bool wide = between(cp, 0x1100, 0x115F) || between(cp, 0x2E80, 0xA4CF) ||
	            between(cp, 0xAC00, 0xD7A3) || between(cp, 0xF900, 0xFAFF) ||
	            between(cp, 0xFE30, 0xFE6F) || between(cp, 0xFF00, 0xFF60) ||
	            between(cp, 0xFFE0, 0xFFE6) || between(cp, 0x1F300, 0x1FAFF) ||
	            between(cp, 0x20000, 0x3FFFD);

	return wide ? 2 : 1;
}

size_t live_text(bool utf8, struct buf *b, struct slice s, size_t most)
{
	size_t width = 0, fits = b->n, fits_width = 0;

	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		char *to = buf_room(b, 4);
		size_t columns;

		i += utf8_get(s.p + i, s.n - i, &cp);
		if (is_control(cp) || (!utf8 && cp > 0x7E))
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
