/*
 * format.h - the formats that records come and go in.
 * Floor: 4 (record)
 */
#ifndef RECORD_FORMAT_H
#define RECORD_FORMAT_H

#include "base/err.h"
#include "base/slice.h"

#include <stdbool.h>

enum format {
	FORMAT_NONE, /* not asked for: a tool's default; where lines are not looked into, any */
	FORMAT_JSON, /* one JSON value a line */
	FORMAT_JSON_STREAM, /* JSON values over several lines, or several on one; input only */
	FORMAT_JOURNAL,     /* entries of systemd's journal, as exported; input only */
	FORMAT_CSV,
	FORMAT_TSV,
	FORMAT_TEXT, /* a line is a string */
	FORMAT_LOGFMT,
	FORMAT_TABLE, /* columns aligned for reading by eye; output only */
	FORMAT_LOG,   /* log lines by a pattern (--parse); input only */
};

/* Are records found without regard to lines, so that what is read need not end where they do? */
bool format_framed(enum format f);

/* The format that --from, or --to, names. -1 with FAIL_USAGE and a list of those there are. */
int format_input(const char *name, enum format *f, struct err *e)
	__attribute__((warn_unused_result));
int format_output(const char *name, enum format *f, struct err *e)
	__attribute__((warn_unused_result));

#endif
