/*
 * jstring.h - JSON strings: from the text between the quotes to UTF-8, and back.
 * Floor: 3 (json)
 */
#ifndef JSON_JSTRING_H
#define JSON_JSTRING_H

#include "base/arena.h"
#include "base/buf.h"

/* Does the text hold neither a backslash nor a byte over 0x7F, so that it stands for itself? */
bool jstring_plain(struct slice raw);

/* Is the text, between quotes, JSON as jstring_write() would write it? Printable ASCII is, but for
 * the quote and the backslash. */
bool jstring_clean(struct slice s);

/*
 * The string that RAW, the valid text between two quotes, stands for, in well-formed UTF-8: RAW
 * itself where it stands for itself, else a copy in the arena. A lone surrogate and each maximal
 * malformed part become U+FFFD.
 */
struct slice jstring_decode(struct slice raw, struct arena *a);

/* Does RAW stand for this string? */
bool jstring_equals(struct slice raw, struct slice decoded);

/*
 * Write a string with its quotes. Escapes what RFC 8259 demands, DEL and nothing else, as jq does;
 * with ASCII also everything over 0x7F. Bytes that are not UTF-8 become U+FFFD.
 */
void jstring_write(struct buf *b, struct slice s, bool ascii);

/* The same for bytes of unknown encoding, which stay as they are: what an input's text becomes. */
void jstring_write_bytes(struct buf *b, struct slice s);

#endif
