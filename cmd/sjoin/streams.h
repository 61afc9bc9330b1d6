/*
 * streams.h - what the files of a join of streams share.
 *
 *     setup.c     what the options ask for
 *     kinds.c     the ways in which records belong together, behind one interface
 *     arrivals.c  what is done with a record, and with time
 *     control.c   control lines, and what came behind a barrier
 *     streams.c   both inputs are read as they come
 */
#ifndef SJOIN_STREAMS_H
#define SJOIN_STREAMS_H

#include "sjoin.h"

#include "base/duration.h"
#include "base/stamp.h"
#include "window/valve.h"
#include "window/window.h"

/* A record that came behind a barrier that the other side has not reached yet. */
struct held {
	struct held *next;
	const char *input;
	uint64_t number; /* of its line */
	bool control;
	struct slice line, json; /* newlines included; one text, or two, behind it */
	size_t size;             /* bytes of all that */
};

struct input {
	struct source *source;
	struct plan *plan;
	struct evtime *time;
	char *time_expr; /* owned: its part of --time */
	struct watermark mark;
	bool over;                  /* its end has come, in order or not */
	bool ended;                 /* by an `end` line */
	bool checkpointed;          /* it began with `restore`: only `end` ends it */
	bool drained;               /* all is read: its end comes behind what is held */
	bool dry;                   /* there was nothing to read */
	int64_t dry_since;          /* monotonic, ns */
	bool idle;                  /* it is left out of the watermark */
	bool said_idle;             /* by a line that was not passed on: the other side was not */
	struct buf barrier;         /* the line it waits behind; empty: it does not */
	struct held *first, **last; /* what came behind it */
	size_t held;                /* bytes of that */
	struct scan *scan;          /* reads that again */
};

enum { LEFT_WHEN, RIGHT_WHEN, EXPIRES, DELETE_WHEN, PROGRAMS };

enum kind { NEAR, WINDOWS, ASOF, CHANGES };

struct streams {
	struct join *j;
	struct pairs *pairs;
	struct input
		in[2]; /* by enum side; where one input carries both sides it is the left one */
	bool one;
	enum kind kind;
	struct interval near;
	struct winjoin windows;
	struct asof asof;
	struct changes changes;
	bool loading;       /* changes: what was there at the start is read first */
	uint64_t left_read; /* changes: bytes of left that right was looked at for */
	struct spans spans;
	struct tz *zone;
	struct prog *prog[PROGRAMS];
	struct eval *eval[PROGRAMS];
	struct valve valve;
	struct valve_input valve_input[2];
	int64_t skew, told; /* told: the last watermark passed on */
	bool marks;         /* watermark lines came */
	bool restored;      /* `restore` was passed on */
	bool lates;         /* records behind their side's watermark are thrown away */
	bool whole;         /* --asof: RIGHT is a file, read whole before left records come */
	uint64_t seq, late, evicted, weigh_at;
	int late_fd;
	unsigned since_look;
};

/* A record as it came, or came out of what was held. */
struct came {
	const struct rec *rec;
	struct slice line, json; /* newlines included */
	const char *input;
	uint64_t number;
};

static inline enum side other(enum side side)
{
	return side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}

/* ---- setup.c */

/* All but the inputs themselves. -1 with FAIL_USAGE or FAIL_COMPILE. */
int streams_init(struct streams *s, struct err *e) __attribute__((warn_unused_result));

/* ---- kinds.c */

/* Set up s->kind from the options, and how far one side may be ahead. -1 with FAIL_USAGE. */
int kinds_init(struct streams *s, struct err *e) __attribute__((warn_unused_result));

/* What is kept of both sides, and the bytes it takes. */
const struct joinstate *kinds_state(const struct streams *s);
size_t kinds_memory(const struct streams *s);

/* A record that is not late, a left one of CHANGES too. */
int kinds_add(struct streams *s, const struct join_arrival *a, struct err *e)
	__attribute__((warn_unused_result));

/* The watermark of a side has risen; the merged one has. */
int kinds_advance(struct streams *s, enum side side, struct err *e)
	__attribute__((warn_unused_result));
int kinds_merged(struct streams *s, struct err *e) __attribute__((warn_unused_result));

/* Let the oldest quarter go. */
int kinds_evict(struct streams *s, struct err *e) __attribute__((warn_unused_result));

/* Both sides are over: right records that nothing matched leave. */
int kinds_end(struct streams *s, struct err *e) __attribute__((warn_unused_result));

void kinds_free(struct streams *s);

/* ---- arrivals.c */

/* A record of a side. */
int streams_take(struct streams *s, enum side side, const struct came *c, struct err *e)
	__attribute__((warn_unused_result));

/* The watermark of a side has risen. */
int streams_advance(struct streams *s, enum side side, struct err *e)
	__attribute__((warn_unused_result));

/* A side has something to say again; it is silent, and time goes on without it. */
int streams_wake(struct streams *s, enum side side, struct err *e)
	__attribute__((warn_unused_result));
int streams_sleep(struct streams *s, enum side side, struct err *e)
	__attribute__((warn_unused_result));

/* All that is not over has been silent for SILENCE ns: time goes on by the clock. */
int streams_go_on(struct streams *s, int64_t silence, struct err *e)
	__attribute__((warn_unused_result));

/* Pass the watermark on, if there is one to tell; AT_ONCE: however little it has risen. */
int streams_tell(struct streams *s, bool at_once, struct err *e)
	__attribute__((warn_unused_result));

/* ---- control.c */

int streams_control(struct streams *s, enum side side, const struct came *c, struct err *e)
	__attribute__((warn_unused_result));

/* Pass a control line of one's own on: one without further members. */
int streams_pass_kind(struct streams *s, const char *kind, struct err *e)
	__attribute__((warn_unused_result));

/* Keep a record or control line that came behind a barrier. -1 with FAIL_LIMIT. */
int streams_hold(struct streams *s, struct input *in, const struct came *c, bool control,
                 struct err *e) __attribute__((warn_unused_result));

/* Take what was held behind a barrier, as far as to the next one, or to the side's end. */
int streams_release(struct streams *s, enum side side, struct err *e)
	__attribute__((warn_unused_result));

/*
 * There is nothing more to read of a side. Nothing waits for it any more; but behind a barrier that
 * the other side has not reached, its end is held as its records are.
 */
int streams_end(struct streams *s, enum side side, struct err *e)
	__attribute__((warn_unused_result));

#endif
