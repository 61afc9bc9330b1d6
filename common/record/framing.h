/*
 * framing.h - filters of lines that find records without regard to lines: what the two of them
 * (jsonlines.h, journal.h) have in common. Private to record/.
 *
 * A filter begins with a struct framing, so that its `self` is one too. Floor: 4 (record)
 */
#ifndef RECORD_FRAMING_H
#define RECORD_FRAMING_H

#include "io/lines.h"

struct framing_ops {
	void (*settle)(void *self); /* what was handed out has been dealt with */
	void (*begin)(void *self);  /* another input begins */
	/* Look at CHUNK, of inner's lines. CUT: the rest of its line is missing, it was too long.
	 */
	void (*frame)(void *self, struct slice chunk, bool cut);
	/* The input ends: what is open is a record too. Is there anything to hand out? */
	bool (*flush)(void *self);
	/* The records that have ended, as lines; empty where none has. */
	struct slice (*ended)(void *self);
	/* The record that has not ended is in inner's lines: tell inner, as unfinished() of
	 * lines.h. NULL for none. */
	void (*unfinished)(void *self);
};

struct framing {
	const struct framing_ops *ops;
	struct lines inner;
	struct slice chunk; /* of inner's lines, what has not been looked at */
	bool chunk_first;   /* it begins an input */
	bool chunk_cut;
	const char *name;   /* of the input that the last lines are from */
	bool begins, first; /* nothing of it was handed out; that was the first of it */
};

/* These of struct lines_ops are for all. */
enum got framing_next(void *self, bool tick, int64_t timeout, struct slice *lines, struct err *e);
const char *framing_name(const void *self);
bool framing_is_first(const void *self);
bool framing_terminated(const void *self);
uint64_t framing_consumed(const void *self);
uint64_t framing_size(const void *self);

#endif
