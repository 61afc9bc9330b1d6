/*
 * gather.h - pieces of records into records: what filters that join lines (multiline.h, strip.h)
 * have in common.
 *
 * Each line is looked at and becomes a piece: of a new record, or of one that is open. A record
 * that has its last piece leaves at once. One that may go on leaves when it turns out not to (the
 * next one of its stream begins), when nothing was added to it for a while, and when its unit or
 * partition is over. Records of a unit leave in the order in which they begin, so that what is held
 * of it lies behind its `upto`. Time in which nobody asks for batches does not count: what was not
 * read meanwhile may belong to a record that is open.
 *
 * Memory: the open records, and a few bytes for each unit number. Floor: 7 (stream)
 */
#ifndef STREAM_GATHER_H
#define STREAM_GATHER_H

#include "feed.h"

#define GATHER_STREAMS 3 /* of a unit at most */

/* What a line is. */
struct piece {
	struct slice text; /* what the record gets of it: a part of the line */
	size_t stream;     /* one record is open in each, of a unit */
	bool starts;       /* a new record: one that was open has ended */
	bool ends;         /* it is complete with this */
};

#define GATHER_GLUE (-1) /* a joint of nothing */

struct gather_opts {
	size_t max_line;        /* bytes of a record */
	int64_t timeout;        /* ns that an open record waits for more */
	int joint;              /* byte between joined lines, or GATHER_GLUE */
	int64_t (*clock)(void); /* ns, stamp_monotonic() but in tests */
	/*
	 * What is LINE, without its newline? *STATE is the look's own, one for each unit, 0 at its
	 * beginning and where a record was ended by anything but a piece. P is a whole line that
	 * starts and ends, to begin with.
	 */
	void (*look)(void *context, struct slice line, size_t *state, struct piece *p);
	void (*drop)(void *context); /* frees it, with the flow */
	void *context;
};

/* The byte that stands for a newline between lines; one of the input becomes JOINT_OTHER. */
#define JOINT       0xFF
#define JOINT_OTHER 0xFE

/* Records of the lines of INNER, which is a flow of FEED; freed with it. */
struct flow gather_new(struct flow inner, struct feed feed, const struct gather_opts *opts);

#endif
