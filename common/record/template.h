/*
 * template.h - formats of access logs as servers are configured with them: nginx's log_format,
 * Apache's LogFormat.
 *
 * A template is a row of variables with literal text between them; a variable ends where the next
 * literal begins. Private to logline.c. Floor: 4 (record)
 */
#ifndef RECORD_TEMPLATE_H
#define RECORD_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"

enum piece_type {
	PIECE_TEXT,    /* a string; "-" is null */
	PIECE_AUTO,    /* a number if it is spelled so, else a string; "-" is null */
	PIECE_NUMBER,  /* a number, or "-" */
	PIECE_TIME,    /* 17/May/2015:10:05:03 +0000, or any RFC 3339 time */
	PIECE_MSEC,    /* seconds since the epoch with a fraction */
	PIECE_REQUEST, /* "GET /x HTTP/1.1" into method, path, protocol */
};

#define LABEL 32 /* bytes of a label that are copied at once */

struct piece {
	char *name;
	char *label; /* `,"name":`, in LABEL bytes at least; the first one without comma */
	size_t label_size;
	enum piece_type type;
	char *until; /* the literal text behind it; "" at the end of the line */
	size_t until_size;
};

struct template
{
	char *before; /* literal text before the first variable */
	size_t before_size;
	struct piece *piece;
	size_t n, cap;
	bool tail; /* logfmt may follow: " rt=0.012" */
};

/* Compile nginx's or Apache's notation. -1 with FAIL_USAGE. */
int template_nginx(struct template *t, const char *format, struct err *e)
	__attribute__((warn_unused_result));
int template_apache(struct template *t, const char *format, struct err *e)
	__attribute__((warn_unused_result));

/* Match a line; members without braces are appended. -1 with FAIL_DATA. */
int template_match(const struct template *t, struct slice line, bool strings, struct buf *json,
                   struct err *e) __attribute__((warn_unused_result));

void template_free(struct template *t);

#endif
