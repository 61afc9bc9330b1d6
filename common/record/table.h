/*
 * table.h - rows with aligned columns, for reading by eye. Private to encode.c.
 * Floor: 4 (record)
 */
#ifndef RECORD_TABLE_H
#define RECORD_TABLE_H

#include "base/buf.h"

struct table;

/* COLOR: the header is set off by SGR sequences. */
struct table *table_new(bool color);

/* The columns' names, once; copied. */
void table_header(struct table *t, const struct slice *name, size_t columns);

/* The next cell, from left to right and row by row; numbers are set to the right. Copied. */
void table_cell(struct table *t, struct slice text, bool number);

/* Rows not written yet. */
size_t table_rows(const struct table *t);

/* Append the rows since the last call, in columns as wide as everything so far needs. */
void table_write(struct table *t, struct buf *out);

void table_free(struct table *t);

#endif
