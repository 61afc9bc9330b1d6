/*
 * control.h - control lines: what travels in a stream besides records.
 *
 * A control line begins with the byte 0x16 (SYN) and holds one JSON object with a member "kind".
 * Kinds that a tool does not know it passes on in their place. Floor: 4 (record)
 */
#ifndef RECORD_CONTROL_H
#define RECORD_CONTROL_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

#define CONTROL_BYTE 0x16

enum control_kind {
	CONTROL_OTHER,     /* unknown: to be passed on */
	CONTROL_WATERMARK, /* every later record has an event time >= time */
	CONTROL_IDLE,      /* nothing is to be expected for now */
	CONTROL_BARRIER,
	CONTROL_RESTORE,
	CONTROL_END, /* the stream ended in order */
};

struct control {
	enum control_kind kind;
	int64_t time; /* of a watermark, ns */
};

/* Is this line a control line? */
static inline bool control_is(struct slice line)
{
	return line.n && line.p[0] == CONTROL_BYTE;
}

/* Read a control line. -1 with FAIL_STATE where it is malformed. */
int control_parse(struct slice line, struct control *c, struct err *e)
	__attribute__((warn_unused_result));

/* Append a line of that kind without further members, newline included. */
void control_write(struct buf *b, const char *kind);

/* Append a watermark line, newline included. */
void control_write_watermark(struct buf *b, int64_t time);

#endif
