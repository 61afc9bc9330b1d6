/*
 * utf8.h - UTF-8 as RFC 3629 has it: no surrogates, nothing over U+10FFFF, no overlong forms.
 * Floor: 1 (base)
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "slice.h"

#include <stdint.h>

#define UTF8_BAD 0xFFFDu /* the replacement character */

/*
 * Read the code point at P (N >= 1 bytes are there). Stores it, or UTF8_BAD for a malformed
 * sequence, in *CP. Returns the bytes it takes, at least 1: of a malformed sequence the maximal
 * subpart (Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts").
 */
size_t utf8_get(const char *p, size_t n, uint32_t *cp);

/* Write CP (a valid scalar value) at P: 1 to 4 bytes. Returns how many. */
size_t utf8_put(char *p, uint32_t cp);

/* Are these bytes well-formed? */
bool utf8_valid(struct slice s);

/* Code points of a well-formed string. */
size_t utf8_length(struct slice s);

/* The byte offset of code point number INDEX of a well-formed string, or its size if it has fewer.
 */
size_t utf8_offset(struct slice s, size_t index);

/* Does the slice hold ASCII only? */
bool utf8_ascii(struct slice s);

#endif
