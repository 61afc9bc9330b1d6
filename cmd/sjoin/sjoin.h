/*
 * sjoin.h - what sjoin's files share.
 *
 *     options.c  the option table
 *     merge.c    what a left record and a right row become
 *     right.c    RIGHT as lines: a file or a URL
 *     load.c     RIGHT is a table: it is read, and read anew where it changes
 *     table.c    left records are looked up in it
 *     streams.c  RIGHT is a stream: both are read as they come; streams.h lists its other files
 *     pairs.c    what becomes of the pairs that a join of streams finds, and of records without one
 *     main.c     what the options ask for
 */
#ifndef SJOIN_H
#define SJOIN_H

#include "agg/aggset.h"
#include "cli/frame.h"
#include "expr/expr.h"
#include "join/asof.h"
#include "join/changes.h"
#include "join/disktable.h"
#include "join/interval.h"
#include "join/joinkey.h"
#include "join/jointable.h"
#include "join/tablematch.h"
#include "join/winjoin.h"
#include "window/evtime.h"
#include "window/watermark.h"

enum join_type { JOIN_INNER, JOIN_LEFT, JOIN_RIGHT, JOIN_FULL, JOIN_SEMI, JOIN_ANTI };

struct args {
	struct shared shared;
	struct option_list on;
	int type;     /* enum join_type */
	int matches;  /* enum matches; -1: not given */
	int match;    /* enum match_kind */
	int key_type; /* 0 jq's, 1 string */
	bool ignore_case, missing;
	const char *validate; /* "m:1" or NULL */
	const char *disk;     /* the folder, or NULL */
	const char *merge, *prefix, *right_format;
	bool reload;
	/* near in time; not given: -1, ttl 0 */
	int64_t within, before, after, ttl;
	const char *expires, *reduce;
	/* in one window */
	const char *size, *every;
	int64_t cumulate, offset, gap;
	/* as of a time */
	bool asof, strict;
	int direction;     /* enum asof_direction */
	int64_t tolerance; /* ns; -1: any */
	/* both kinds of records on one input */
	const char *left_when, *right_when;
	/* RIGHT is a stream of changes to a table */
	bool changelog;
	const char *delete_when;
	/* time */
	struct evtime_opts time;
	const char *delay;
	int64_t max_skew, idle_timeout, close_idle, max_ahead;
	const char *late;
	/* state */
	uint64_t max_keys, max_memory;
	int on_full; /* 0 fail, 1 evict */
};

extern const struct tool sjoin_tool;

struct merge;

/* A left record. */
struct left {
	struct slice line;     /* as it came, its newline included */
	struct slice whole;    /* as JSON, its newline included */
	struct slice json;     /* the same without it */
	const int32_t *slot;   /* of the left plan; NULL: NAMES tells what it has */
	uint64_t names;        /* as a joinrec's */
	const struct rec *rec; /* NULL: it was looked at before, and is to be read anew */
	const char *name;      /* of the input */
	uint64_t number;       /* its line there */
};

struct ahead;
struct loader;
struct streams;

struct join {
	const struct args *args;
	struct frame frame;
	struct plan plan[2]; /* by enum side */
	struct heap heap;    /* of the record in hand */
	struct joinkeys *keys;
	struct merge *merge;
	const struct span *window; /* of the result in hand, or NULL */
	/* load.c */
	struct jointable *table;
	struct disktable *disk;   /* where its rows go; NULL: they stay in memory */
	struct tablematch *match; /* --match, or NULL */
	struct loader *loader;
	bool refilled; /* the input was read since the table's file was looked at */
	/* table.c */
	struct ahead *ahead; /* records that are held back; NULL: none ever */
	/* streams.c */
	struct streams *streams;
};

/* ---- main.c */

/* How RIGHT is read: as --right-from or its name says. -1 with FAIL_USAGE. */
int join_right_format(const struct args *a, const char *name, struct decode_opts *to, struct err *e)
	__attribute__((warn_unused_result));

/*
 * RIGHT, NAME: a file, or a source by URL (stream/open.h). NAME must outlive it. WHOLE as for a
 * reader. -1 with FAIL_USAGE or FAIL_OPEN; of a file that is told when it is read.
 */
int join_open_right(const struct args *a, const char *const *name, const struct decode_opts *decode,
                    bool whole, struct lines *lines, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Line NUMBER of NAME cannot be written because of WHY: it is bad, if it was its data; 0 then. -1
 * with *e set: the run ends.
 */
int join_bad(struct join *j, const char *name, uint64_t number, struct slice line,
             const struct err *why, struct err *e) __attribute__((warn_unused_result));

/* ---- load.c */

/*
 * Read the file NAME into j->table. It is listened to from then on: SIGHUP, if it is a regular
 * file, and with --reload what becomes of it. -1 with *e set.
 */
int loader_read(struct join *j, const char *name, struct err *e)
	__attribute__((warn_unused_result));

/*
 * As a frame's `look`, of a join: the input is about to be read, and no record is held back. On
 * SIGHUP the table is read anew. Where that fails the table stays, which is said.
 */
void loader_before_refill(void *context);

/* The same for a change of the file too. To be called before the first record behind a refill. */
void loader_look(struct join *j);

void loader_free(struct join *j);

/* ---- table.c */

/* OPERAND are RIGHT and the left inputs. -1 with *e set. */
int tablejoin_run(struct join *j, const struct decode_opts *decode, const char *const *operand,
                  size_t operands, struct err *e) __attribute__((warn_unused_result));

/* What --stats reports of them. */
void tablejoin_stats(const struct join *j, FILE *to);
void streams_stats(const struct join *j, FILE *to);

void tablejoin_free(struct join *j);

/* ---- streams.c */

/* Do the options ask for a join of streams? */
bool streams_wanted(const struct args *a);

/* OPERAND are RIGHT, unless one input carries both sides, and the left inputs. -1 with *e set. */
int streams_run(struct join *j, const struct decode_opts *decode, const char *const *operand,
                size_t operands, struct err *e) __attribute__((warn_unused_result));

/* Say what was lost, behind a run that was. */
void streams_say(struct join *j);

void streams_free(struct join *j);

/* ---- pairs.c */

struct pairs;

/* Compile --reduce, whose fields are added to right's plan. NULL with FAIL_COMPILE. */
struct pairs *pairs_new(struct join *j, struct err *e) __attribute__((warn_unused_result));

/* Where a join of streams hands its pairs to. */
struct join_sink pairs_sink(struct pairs *p);

/* Right record REC, number SEQ, has come: --reduce reads it off. -1 with FAIL_DATA. */
int pairs_read(struct pairs *p, const struct rec *rec, uint64_t seq, struct err *e)
	__attribute__((warn_unused_result));

/* The record in hand goes, and the heap is reset: what was read off a right one is gone too. */
void pairs_unread(struct pairs *p);

/* Free what a left record sums up. */
void pairs_forget(void *p, struct joinrec *r);

/* Bytes of what left records sum up. */
size_t pairs_memory(const struct pairs *p);

void pairs_free(struct pairs *p);

/* ---- merge.c */

/* Understand --merge and --prefix. -1 with FAIL_USAGE or FAIL_COMPILE. */
int merge_init(struct join *j, struct err *e) __attribute__((warn_unused_result));

/*
 * Write what LEFT and RIGHT become; one of them may be NULL where it has no match. -1 with
 * FAIL_DATA where they cannot be merged, with another kind if it cannot be written.
 */
int merge_write(struct join *j, const struct left *left, const struct row *right, struct err *e)
	__attribute__((warn_unused_result));

/* Write a left record by itself. */
int merge_pass(struct join *j, const struct left *left, struct err *e)
	__attribute__((warn_unused_result));

/* Does it mostly look at texts, not at values? */
bool merge_is_textual(const struct merge *m);

/* Are the fields of both put together? */
bool merge_is_of_fields(const struct merge *m);

void merge_free(struct merge *m);

#endif
