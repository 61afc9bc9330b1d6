/*
 * valwrite.h - JSON values as text.
 * Floor: 3 (json)
 */
#ifndef JSON_VALWRITE_H
#define JSON_VALWRITE_H

#include "val.h"

/* How values look. All zero: compact, parts of a record with their bytes as they stand. */
struct val_style {
	bool canonical; /* spell everything anew, as jq's tojson does */
	bool sort;      /* object keys in order; implies canonical */
	bool ascii;     /* escape all over 0x7F; implies canonical */
	int indent; /* 0: one line; 1 to 8 spaces a level, over several lines; implies canonical */
	bool tab;   /* indent by tabs */
	const struct val_colors *colors; /* NULL for none; implies canonical */
};

/* SGR sequences ("\033[0;32m") by what they colour. */
struct val_colors {
	char null[24], no[24], yes[24], number[24], string[24], array[24], object[24], key[24];
};

/* Append V. Deeper than CHECK_DEPTH levels stands "<skipped: too deep>", as in jq. */
void val_write(struct heap *h, struct buf *b, struct val v, const struct val_style *style);

/* Append V compactly in the canonical spelling: what tojson and tostring give. */
void val_write_canonical(struct heap *h, struct buf *b, struct val v);

#endif
