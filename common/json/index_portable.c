/* The portable twin: a byte at a time outside strings, eight inside (SWAR). */
#include "index_bits.h"

#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (uint64_t)(byte))

/*
 * the top bit of each byte of V that is below N (N <= 128), for bytes below 128; others may be set
 * too
 */
static inline uint64_t below(uint64_t v, unsigned n)
{
	return (v - EACH(n)) & ~v & EACH(0x80);
}

/* do eight bytes hold nothing but ordinary characters of a string? */
static inline int ordinary(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return (below(v, 0x20) | below(v ^ EACH('"'), 1) | below(v ^ EACH('\\'), 1)) == 0;
}

size_t index_portable(const char *text, size_t len, uint32_t *pos, uint8_t *cls)
{
	int in_string = 0, escaped = 0, scalar = 0;
	size_t n = 0, i;

#define EMIT(class) (pos[n] = (uint32_t)i, cls[n++] = (class))
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		uint8_t class = index_class[c];
		int was_escaped = escaped, was_scalar = scalar;

		if (in_string && !escaped && len - i >= 8 && ordinary(text + i)) {
			i += 7;
			continue;
		}
		escaped = c == '\\' && !was_escaped;
		scalar = 0;
		if (c == '\n') {
			EMIT(in_string ? CLASS_BAD_NEWLINE : CLASS_NEWLINE);
			in_string = 0;
		} else if (c == '"' && !was_escaped) {
			if (!in_string)
				EMIT(CLASS_QUOTE);
			in_string = !in_string;
		} else if (in_string) {
			if (c < 0x20 || (was_escaped && find_bad_escapes(text + i, 1)))
				EMIT(CLASS_BAD);
		} else if (class & CLASS_OP_FLAG) {
			EMIT(class);
		} else if (!(class & CLASS_SPACE_FLAG)) {
			if (!was_scalar)
				EMIT(CLASS_SCALAR);
			scalar = 1;
		}
	}
#undef EMIT
	return n;
}
