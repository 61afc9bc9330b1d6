/*
 * sreplay.h - what sreplay's files share.
 *
 *     options.c  the option table
 *     inputs.c   which feeds the operands name, in order of time
 *     replay.c   when a record leaves: pacing, and the wait for it
 *     records.c  what becomes of one: its time moved, its key looked at, how it is written
 *     terminal.c the status line, and what keys do
 *     dryrun.c   what a replay would be like
 *     record.c   lines with the time of their arrival
 *     unnoted.c  lines that should have one and do not
 *     main.c     the loop, once or several times
 */
#ifndef SREPLAY_H
#define SREPLAY_H

#include "cli/frame.h"
#include "expr/keyexpr.h"
#include "ops/sample.h"
#include "stream/feed.h"
#include "stream/pacer.h"
#include "stream/reorder.h"
#include "timed/clocks.h"
#include "timed/times.h"

struct args {
	struct shared shared;
	const char *speed, *rate;
	uint64_t bytes; /* a second; 0: not given */
	bool max, burst;
	int64_t max_gap; /* ns; 0: not given */
	int on_lag;      /* enum on_lag */
	int64_t max_lag; /* ns */
	uint64_t loop;   /* times; 0: for ever */
	const char *shift;
	int64_t reorder;           /* ns; 0: not given */
	struct option_list sample; /* the option's name, EXPR, the part; the last counts */
	bool dry_run, lines, record, recorded, no_keys;
	const char *parse;
	uint64_t year;
	struct times_opts times;
};

extern const struct tool sreplay_tool;

/* Do records leave by their times? */
static inline bool goes_by_time(const struct args *a)
{
	return !a->max && !a->rate && !a->bytes;
}

/* From one time to another, ns; as much as there is where that is more. */
static inline int64_t apart(int64_t from, int64_t to)
{
	int64_t d;

	return __builtin_sub_overflow(to, from, &d) ? to < from ? INT64_MIN : INT64_MAX : d;
}

/* ---- inputs */

/* Inputs, and what their names are kept in. Starts zeroed, but for what they are opened with. */
struct inputs {
	bool header;             /* the first line of each file is one */
	bool spread;             /* records are found without regard to lines */
	bool files;              /* all are regular files: they can be read again, from anywhere */
	bool searches;           /* --since, --until, or what is sought */
	struct times *times;     /* or NULL */
	struct clocks *clocks;   /* of lines, to order them by their records; or NULL */
	struct reorder *reorder; /* or NULL; the flow owns it */
	struct feed_opts opts;
	const char **name; /* files and URLs; "-" for stdin */
	size_t names, cap;
};

/* The operands (none: stdin), patterns replaced by what matches them. -1 with FAIL_OPEN where
 * nothing does, or what is to be read again is not there; with FAIL_USAGE where it cannot be. */
int inputs_name(struct inputs *in, const struct args *a, const char *const *operand, size_t count,
                struct err *e) __attribute__((warn_unused_result));

/* Open all of them, as one feed in order of time and what stands around it, which frees it. -1
 * with FAIL_USAGE or FAIL_OPEN. */
int inputs_open(struct inputs *in, const struct args *a, struct feed *feed, struct flow *flow,
                struct err *e) __attribute__((warn_unused_result));

void inputs_free(struct inputs *in);

/* The greatest event time near the ends of the inputs, ns; STAMP_NONE where that is not known. */
int64_t inputs_last(const struct inputs *in);

/* ---- pace */

struct terminal;

/* When records leave. */
struct replay {
	struct frame *frame;
	struct pacer *pacer;
	struct terminal *terminal; /* that is looked at in waits, or NULL */
	bool unpaced;              /* at once, by no clock */
	double speed, given;       /* now, and that of the command line */
	bool over;                 /* the stream is to end: a signal, or nobody reads it any more */
	/* of a pass through the inputs, event times in ns */
	int64_t first, greatest; /* STAMP_NONE: no record had one */
	uint64_t timed;          /* records that had one */
	int64_t ahead;           /* of what their times say: of the passes before, ns */
	uint64_t out_of_order;   /* of all passes: records behind one of a later time */
	int64_t most_late;       /* by how much at most, ns */
	/* steered */
	bool paused, step; /* the record that waits leaves nevertheless */
	bool seeks;        /* the stream is to go on at `to`, an event time of the inputs */
	int64_t to;
	int64_t due; /* of the record that waits, monotonic ns */
};

/* The options as the pacer wants them. -1 with FAIL_USAGE. */
int replay_opts(const struct args *a, struct pacer_opts *opts, struct err *e)
	__attribute__((warn_unused_result));

void replay_init(struct replay *p, const struct pacer_opts *opts, struct frame *frame);

/* A record has this event time (STAMP_NONE: none). */
void replay_see(struct replay *p, int64_t time);

enum leave { LEAVE_FAILED = -1, LEAVE_NOT, LEAVE_NOW };

/*
 * Wait until a record of this event time and size is to leave, with all that was written before
 * on its way. LEAVE_NOT: it is dropped, or the stream is over.
 */
enum leave replay_wait(struct replay *p, int64_t time, uint64_t bytes, struct err *e);

/* It left. */
void replay_sent(struct replay *p);

/* From the first record of a pass to that of the next one, ns of event time: behind the last one by
 * the mean distance of the records. 0 where none had a time. */
int64_t replay_period(const struct replay *p);

/* The inputs are read again from their start. */
void replay_again(struct replay *p);

/* ---- steering: what waits is put right */

/* Pause, or go on. */
void replay_pause(struct replay *p);

/* Let one record out, paused. */
void replay_step(struct replay *p);

/* Another speed; 0: the one given. */
void replay_speed(struct replay *p, double speed);

/* Go on at another time of the inputs, not before the first one: p->seeks. */
void replay_seek(struct replay *p, int64_t to);

/* The inputs were opened there. */
void replay_sought(struct replay *p);

/* The event time of the inputs that has been reached; STAMP_NONE where none is known. */
int64_t replay_position(const struct replay *p);

void replay_free(struct replay *p);

/* ---- records */

/* What is done to records before they leave. */
struct records {
	const struct args *args;
	struct frame *frame;
	struct plan *plan;
	struct heap *heap;
	struct times *times; /* or NULL */
	bool looks;          /* records are looked into, not only lines passed on */
	bool encodes;        /* and written in another format */
	bool cut;            /* the last line passed on had no newline, and has none yet */
	bool headed;         /* the header was passed on */
	struct keyexpr *key; /* of --sample-by, or NULL */
	struct sample sample;
	struct buf key_text, no_key; /* no_key: that of null */
	struct tz *zone;             /* of --tz, or NULL */
	int64_t shift_to;            /* STAMP_NONE: times stay as they are */
	int64_t by;                  /* so much later, ns; known with the first record */
	bool moves;                  /* BY is known */
	bool asked, keyed;           /* for a record's key; one had another than null */
	struct buf moved;            /* the record with its time moved */
	struct scan *again;          /* of that, where it is encoded */
};

/* Set up what was asked for. -1 with FAIL_USAGE or FAIL_COMPILE. */
int records_init(struct records *d, struct err *e) __attribute__((warn_unused_result));

/* Is the record in the sample? 1, 0; -1 with FAIL_DATA. */
int records_sample(struct records *d, const struct record *r, struct err *why)
	__attribute__((warn_unused_result));

/*
 * Have the time of a record moved, AHEAD ns more than the first of all. -1 with FAIL_DATA where
 * that cannot be.
 */
int records_move(struct records *d, const struct record *r, int64_t ahead, struct err *why)
	__attribute__((warn_unused_result));

/* By how much the last one was moved, ns. */
int64_t records_moved(const struct records *d, int64_t ahead);

/* Bytes that it will have, but for a conversion to another format. */
uint64_t records_size(const struct records *d, const struct record *r);

/* Write it. -1 with FAIL_DATA in *WHY where it does not fit the format, else with *e. */
int records_write(struct records *d, const struct record *r, struct err *why, struct err *e)
	__attribute__((warn_unused_result));

/* Pass a line on as it is; a header that was passed on already is left out. */
int records_pass(struct records *d, struct slice line, struct err *e)
	__attribute__((warn_unused_result));
int records_header(struct records *d, struct slice line, struct err *e)
	__attribute__((warn_unused_result));

/* Say what is amiss with all of them. */
void records_end(const struct records *d);

void records_free(struct records *d);

/* ---- recording */

/* Write the lines of F's input, each with a note of when it came. */
int record_all(struct frame *f, struct err *e) __attribute__((warn_unused_result));

/*
 * Lines without a note, held until one has one: then they are bad records; where none has, the
 * input is no recording, and that is said once. Starts zeroed.
 */
struct unnoted {
	struct unnoted_line {
		const char *name; /* of the input: the feed's */
		uint64_t number;
		size_t begin, size; /* in the text */
	} * line;
	size_t lines, cap;
	struct buf text;
};

void unnoted_hold(struct unnoted *u, const char *name, uint64_t number, struct slice line);

/* Line I as it was, newline included. */
struct slice unnoted_text(const struct unnoted *u, size_t i);

void unnoted_free(struct unnoted *u);

/* ---- what it would be like */

#define GAPS 3

struct gap {
	int64_t from, length; /* ns */
};

struct dryrun {
	struct pacer *pacer; /* by a clock that says what it says */
	int64_t max_gap;
	uint64_t records, bytes;
	int64_t greatest;     /* event time */
	int64_t clock;        /* ns since the start */
	uint64_t loop;        /* times that it is played; 0: for ever */
	uint64_t gaps;        /* longer than max_gap */
	struct gap gap[GAPS]; /* the longest */
};

void dryrun_init(struct dryrun *d, const struct pacer_opts *opts);

/* A record would leave. */
void dryrun_see(struct dryrun *d, int64_t time, uint64_t bytes);

/* All of it was seen: what P saw is to be played so many times (0: for ever). */
void dryrun_loop(struct dryrun *d, const struct replay *p, uint64_t loop);

/* Print what was seen, as text or as JSON. */
void dryrun_print(const struct dryrun *d, const struct replay *p, bool json, struct buf *to);

void dryrun_free(struct dryrun *d);

#endif
