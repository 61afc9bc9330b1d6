/*
 * swindow.h - what swindow's files share.
 *
 *     options.c  the option table, and what the values mean
 *     kinds.c    the kind of window that was asked for, behind one interface
 *     results.c  what leaves: its shape, --having, --top
 *     names.c    what the fields of results are called
 *     fill.c     --fill linear: results that wait for the next one
 *     live.c     --live: open windows as a table on the terminal
 *     rows.c     what is read off a record, and what is then done with it, in order
 *     spread.c   records read on several threads
 *     main.c     the loop
 */
#ifndef SWINDOW_H
#define SWINDOW_H

#include "agg/aggset.h"
#include "cli/frame.h"
#include "cli/program.h"
#include "window/evtime.h"
#include "window/panes.h"
#include "window/runs.h"
#include "window/sessions.h"
#include "window/slides.h"
#include "window/watermark.h"
#include "json/key.h"

struct args {
	struct shared shared;
	struct program_opts program;
	/* the windows */
	const char *size, *every;
	int64_t cumulate, gap, max_session, offset;
	const char *from_when, *until_when, *run;
	uint64_t rows;
	bool sliding, all;
	struct option_list by;
	/* time */
	struct evtime_opts time;
	int64_t delay, lateness, close_idle, max_ahead;
	bool processing_time, max_ahead_clock;
	const char *late;
	/* what leaves */
	const char *emit, *having, *rank;
	bool retract;
	int fill; /* enum win_fill */
	int64_t fill_for;
	uint64_t top;
	int ties; /* 0 keep, 1 cut */
	/* state */
	uint64_t seed, max_keys, max_memory, jobs;
	int on_full; /* 0 fail, 1 evict */
	bool explain, live;
};

extern const struct tool swindow_tool;

/* A kind of window, set up. */
struct kind {
	void *self;
	enum win_taken (*add)(void *self, const struct win_record *r, struct err *e);
	/* a record of a key with this hash will be added: let what is known of it come into the
	 * cache; NULL where nothing is looked up */
	void (*expect)(const void *self, uint64_t hash);
	int (*advance)(void *self, int64_t w, struct err *e);
	size_t (*groups)(const void *self);
	size_t (*memory)(const void *self);
	/* the least event time that a later result can have, given the watermark */
	int64_t (*frontier)(const void *self, int64_t w);
	void (*free)(void *self);
	/* let go of about N of the groups, the oldest */
	int (*evict)(void *self, size_t n, size_t *done, struct err *e);
	/* hand what is open to another sink; NULL where nothing ever is */
	int (*show)(void *self, const struct win_sink *to, struct err *e);
	bool needs_time;   /* records without a time are bad */
	bool keeps_record; /* results stand behind records: slides */
};

struct results;
struct fill;
struct live;

struct windows {
	const struct args *args;
	const struct program *program; /* AGG, and the variables of all programs */
	struct spans spans;            /* of panes */
	struct frame frame;
	struct plan plan;
	struct heap heap; /* of the record in hand */
	struct heap made; /* of the result */
	struct evtime *time;
	struct keys *keys;
	struct aggset *aggs;
	struct kind kind;
	struct tz *zone; /* of calendar windows */
	struct watermark mark;
	struct results *results;
	struct fill *fill; /* NULL but with --fill linear */
	struct live *live; /* NULL where nothing is shown */
	/* --run, --from-when, --until-when */
	struct prog *run_prog, *from_prog, *until_prog;
	struct eval *run_eval, *from_eval, *until_eval;
	struct buf run;
	bool ready;        /* windows_init() was called */
	bool untimed;      /* a record had no time: bounds mean nothing */
	bool checkpointed; /* the input began with `restore`: only `end` ends it */
	bool ended;        /* `end` was seen */
	int late_fd;
	int64_t heard; /* when the last record came, monotonic ns */
	/* the input's name and line of what was taken last */
	const char *name;
	uint64_t line;
	uint64_t counted, late, missed, evicted;
	uint64_t weigh_at; /* --max-memory: when so many were counted, what is held is looked at */
};

/* ---- rows.c */

/* What is known of a record, or control line, by itself. */
struct row {
	struct win_record record;
	struct slice whole;            /* the line, its newline included */
	const char *name;              /* of the input */
	uint64_t line;                 /* its number there */
	const struct agg_kept *values; /* NULL: they are in w->aggs */
	bool control;
	bool untimed; /* there is no time, and none is needed */
};

/* Compile all that is asked for, before any input is opened. */
int windows_init(struct windows *w, struct err *e) __attribute__((warn_unused_result));
void windows_free(struct windows *w);

/*
 * Read a record or control line; what *ROW refers to stays until the next one. -1 with FAIL_DATA:
 * the record is bad.
 */
int row_read(struct windows *w, const struct source *source, const struct record *r, bool control,
             struct row *row, struct err *e) __attribute__((warn_unused_result));

/* Put it into its windows; hand out what is due. */
int row_take(struct windows *w, struct row *row, struct err *e) __attribute__((warn_unused_result));

/* Nothing came, or nothing for a while: time may go on. */
int rows_tick(struct windows *w, struct err *e) __attribute__((warn_unused_result));

/* The input is over: all windows close, unless the stage before us died. */
int rows_end(struct windows *w, struct err *e) __attribute__((warn_unused_result));

/* ---- spread.c */

/* -P: read the inputs on several threads; results as without. */
int spread_run(struct windows *w, const struct decode_opts *decode, const char *const *names,
               size_t count, struct err *e) __attribute__((warn_unused_result));

/* ---- kinds.c */

/* Set up w->kind from the options. -1 with FAIL_USAGE or FAIL_COMPILE. */
int kinds_init(struct windows *w, struct err *e) __attribute__((warn_unused_result));

/* Say which windows there are, and what is kept for each. */
void kinds_explain(const struct windows *w);

void kinds_free(struct windows *w);

/* ---- results.c */

/* Compile AGG, --having, --rank; set up w->aggs and w->results. */
int results_init(struct windows *w, struct err *e) __attribute__((warn_unused_result));

/* Where kinds hand their results to. */
struct win_sink results_sink(struct windows *w);

/* All results of this advance have been handed out: write what is held back. */
int results_flush(struct windows *w, struct err *e) __attribute__((warn_unused_result));

/*
 * A result as an object in w->made, and the key of its rank appended to RANK: 1; 0 where --having
 * has none of it. Without --rank the first number that AGG gives ranks. -1 with FAIL_DATA.
 */
int results_look(struct windows *w, const struct win_result *r, struct val *v, struct buf *rank,
                 struct err *e) __attribute__((warn_unused_result));

/* The key of a result's rank alone. */
int results_rank(struct windows *w, struct val v, struct buf *rank, struct err *e)
	__attribute__((warn_unused_result));

void results_free(struct results *r);

/* A window's start or end in w->made; null where records have no times. */
struct val results_bound(struct windows *w, int64_t ns);

/* ---- names.c */

/* No two fields may be called the same, as far as AGG tells. -1 with FAIL_COMPILE. */
int names_check(const struct windows *w, struct err *e) __attribute__((warn_unused_result));

/*
 * What --having and --rank read of results must be fields that they have; unless AGG does not tell,
 * or the record is part of them. -1 with FAIL_COMPILE.
 */
int names_check_reads(const struct windows *w, struct err *e) __attribute__((warn_unused_result));

/* ---- fill.c */

void fill_init(struct windows *w);

/* A window without records: it waits. */
void fill_wait(struct windows *w, const struct win_result *r);

/*
 * A window with records has its result V, an object in w->made: hand those of its key that wait to
 * LEAVE, each field between that of the result before and V's. One that begins more than --fill-for
 * behind the key's last record ends the gap unfilled.
 */
int fill_release(struct windows *w, const struct win_result *r, struct val v,
                 int (*leave)(struct windows *w, const struct win_result *r, struct val v,
                              struct err *e),
                 struct err *e) __attribute__((warn_unused_result));

/* The least event time that a later result can have, by what waits; else FRONTIER. */
int64_t fill_frontier(struct windows *w, int64_t frontier);

/* Let keys go that are over by --fill-for. Where there is no --fill linear nothing is done. */
void fill_sweep(struct windows *w);

/* Bytes that it takes; F may be NULL. */
size_t fill_memory(const struct fill *f);

void fill_free(struct fill *f);

/* ---- live.c */

/* Begin, where --live is given and stderr is a terminal that can show a table. -1 with FAIL_USAGE.
 */
int live_init(struct windows *w, struct err *e) __attribute__((warn_unused_result));

/* A window of a key is over, or corrected: V is its result. */
void live_note(struct windows *w, const struct win_result *r, struct val v);

/* Nothing came for a while: draw if something has changed. */
void live_tick(struct windows *w);

/* Take the table off the screen. */
void live_end(struct windows *w);

#endif
