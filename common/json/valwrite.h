/*
 * valwrite.h - JSON values as text.
 * Floor: 3 (json)
 */
#ifndef JSON_VALWRITE_H
#define JSON_VALWRITE_H

#include "val.h"

/* How values look. All zero: compact, parts of a record with their bytes as they stand. */
struct val_style {
	bool squeeze;   /* leave out white space between the parts of a record */
	bool canonical; /* spell everything anew, as jq's tojson does */
	bool sort;      /* object keys in order; implies canonical */
	bool ascii;     /* escape all over 0x7F; implies canonical */
	int indent; /* 0: one line; 1 to 8 spaces a level, over several lines; implies canonical */
	bool tab;   /* indent by tabs */
	const struct val_colors *colors; /* NULL for none; implies canonical */
};

/* SGR sequences ("\033[0;32m") by what they colour. */
struct val_colors {
	char null[32], no[32], yes[32], number[32], string[32], array[32], object[32], key[32];
};

/* Longest text of a value, bytes: parts that are shared can make a small value a very long text. */
#define VAL_TEXT_MAX ((size_t)1 << 30)

/*
 * Append V. Deeper than CHECK_DEPTH levels stands "<skipped: too deep>", as in jq. Writing ends
 * somewhere behind VAL_TEXT_MAX bytes: a caller to whom programs give values looks whether more
 * were added, and drops them.
 */
void val_write(struct heap *h, struct buf *b, struct val v, const struct val_style *style);

/* As the next, but writing ends somewhere behind MAX bytes: for messages. */
void val_write_start(struct heap *h, struct buf *b, struct val v, size_t max);

/* Append V compactly in the canonical spelling: what tojson and tostring give. */
void val_write_canonical(struct heap *h, struct buf *b, struct val v);

#endif
