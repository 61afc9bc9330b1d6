/*
 * csvline.h - CSV and TSV lines into JSON objects (private to decode.c), CSV rows into fields.
 *
 * CSV is RFC 4180, read by libcsv where there is a quote in it; a line without quotes is split
 * here. TSV has no quotes but the escapes \t \n \r \\ (IANA's text/tab-separated-values, as Miller
 * reads it). Floor: 4 (record)
 */
#ifndef RECORD_CSVLINE_H
#define RECORD_CSVLINE_H

#include "decode.h"

struct csvline;

struct csvline *csvline_new(const struct decode_opts *opts);

/* As decode_line(). */
enum decoded csvline_decode(struct csvline *c, struct slice line, bool last, struct buf *json,
                            struct err *e);

bool csvline_was_header(const struct csvline *c);

void csvline_restart(struct csvline *c);

void csvline_free(struct csvline *c);

/*
 * The fields of one CSV row that may end in a newline, given to EACH one by one; they die behind
 * the call. -1 with *e, perhaps behind some fields, for a quote where none can be, one that does
 * not close, and text behind the row.
 */
int csvline_row(struct slice row, char separator, void (*each)(void *context, struct slice field),
                void *context, struct err *e) __attribute__((warn_unused_result));

#endif
