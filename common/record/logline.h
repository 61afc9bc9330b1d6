/*
 * logline.h - log lines by name or pattern (--parse) into JSON objects. Private to decode.c.
 *
 * What the names stand for, and the fields they give, is in the table at the head of logline.c.
 * Floor: 4 (record)
 */
#ifndef RECORD_LOGLINE_H
#define RECORD_LOGLINE_H

#include "decode.h"

struct logline;

/*
 * A parser for opts->pattern, or NULL with FAIL_USAGE: a name that is none, a pattern that does not
 * compile.
 */
struct logline *logline_new(const struct decode_opts *opts, struct err *e)
	__attribute__((warn_unused_result));

/* As decode_line(); lines of logs never run on. */
enum decoded logline_decode(struct logline *l, struct slice line, struct buf *json, struct err *e);

void logline_restart(struct logline *l, int64_t mtime);

void logline_free(struct logline *l);

#endif
