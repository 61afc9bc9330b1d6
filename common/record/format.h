/*
 * format.h - the formats that records come and go in.
 * Floor: 4 (record)
 */
#ifndef RECORD_FORMAT_H
#define RECORD_FORMAT_H

#include "base/err.h"
#include "base/slice.h"

enum format {
	FORMAT_NONE, /* not asked for: a tool's default; where lines are not looked into, any */
	FORMAT_JSON, /* one JSON value a line */
	FORMAT_CSV,
	FORMAT_TSV,
	FORMAT_TEXT, /* a line is a string */
	FORMAT_LOGFMT,
	FORMAT_TABLE, /* columns aligned for reading by eye; output only */
	FORMAT_LOG,   /* log lines by a pattern (--parse); input only */
};

/* The format of this name, or FORMAT_NONE. */
enum format format_by_name(const char *name);

/* "json", "csv", .. */
const char *format_name(enum format f);

#endif
