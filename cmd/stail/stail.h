/*
 * stail.h - what stail's files share.
 *
 *     options.c  the option table
 *     inputs.c   which feeds the operands name
 *     filters.c  what stands around them: lines joined, prefixes taken off
 *     tags.c     fields that say where a record came from
 *     resume.c   positions that are kept, around the loop
 *     main.c     the loop: lines as they are, or records
 */
#ifndef STAIL_H
#define STAIL_H

#include "cli/frame.h"
#include "stream/feed.h"
#include "stream/positions.h"
#include "stream/start.h"
#include "timed/clocks.h"
#include "timed/times.h"

enum followed { FOLLOWED_NOT = -1, FOLLOWED_DESCRIPTOR, FOLLOWED_NAME };

struct args {
	struct shared shared;
	int follow_how; /* enum followed */
	bool follow_name, retry, from_start, exit_at_end, poll, verbose, debug;
	uint64_t max_open, pid;
	int64_t sleep;         /* ns */
	int64_t partial_after; /* ns; 0: not given */
	const char *lines, *bytes, *parse;
	uint64_t year;
	const char *prefix, *multiline, *join;
	int64_t multiline_timeout; /* ns */
	bool tag;
	const char *resume;
	int64_t every; /* ns */
	struct times_opts times;
	bool merge;
	int64_t hold_back;
	const char *max_rate;
};

extern const struct tool stail_tool;

/* Is a file's growth waited for? */
static inline bool follows(const struct args *a)
{
	return a->follow_how != FOLLOWED_NOT || a->follow_name;
}

/* Inputs, and what their names are kept in. Starts zeroed, but for what they are opened with. */
struct inputs {
	bool header; /* the first line of each file is one, which is given wherever reading begins
	              */
	bool spread; /* records are found without regard to lines: none is looked for in the middle
	              */
	struct times *times;   /* or NULL */
	struct clocks *clocks; /* with --merge-by-time, or NULL */
	bool searches;         /* files begin where times_find() says */
	struct feed_opts opts;
	struct start start;
	const char **name;
	size_t names, cap;
};

/*
 * The feed that these operands name together (none: stdin). -1 with FAIL_USAGE or FAIL_OPEN. What
 * IN holds is freed behind the feed.
 */
int inputs_open(struct inputs *in, const struct args *a, const char *const *operand, size_t count,
                struct feed *feed, struct err *e) __attribute__((warn_unused_result));
void inputs_free(struct inputs *in);

/*
 * The filters that were asked for, around FEED, which is freed with *FLOW, and if this fails
 * (FAIL_USAGE). LOOKS: lines are to become records, as DECODE says; where they are joined it is
 * told how.
 */
int filters_open(const struct args *a, bool looks, struct feed feed, struct decode_opts *decode,
                 struct flow *flow, struct err *e) __attribute__((warn_unused_result));

/* ---- tags */

#define TAGS 4

/* Where a record came from, as members of it. */
struct tags {
	int32_t slot[TAGS]; /* of members of that name that a record has itself */
	const char *wraps;  /* the member that a record becomes that is no object */
	struct buf json;
	struct plan none;
	struct scan *scan;
};

/* Set up G, before a scanner is made for PLAN. TEXT: records are lines of text. */
void tags_init(struct tags *g, struct plan *plan, bool text);

/*
 * Append the record R of S, scanned, as a JSON line with the tags behind its own members. One whose
 * name the record has itself gets "_" before it.
 */
void tags_add(const struct tags *g, const struct record *r, const struct source *s, struct buf *to);

/* The same as a value, which dies with the next one. */
struct val tags_value(struct tags *g, const struct record *r, const struct source *s,
                      struct rec *rec);

void tags_free(struct tags *g);

/* ---- positions */

/* --resume: what a run keeps for the next one. */
struct resume {
	struct frame *frame;
	struct positions *positions; /* NULL: nothing is kept */
	bool reader_gone;            /* set by the intake */
	bool by_pipe;                /* the reader of stdout went away */
};

/* Can what is read and written so be gone on with? -1 with FAIL_USAGE. */
int resume_check(const struct args *a, const struct decode_opts *in, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Have FEED go on where the last run kept its positions, if that is asked for. Before its first
 * next(); it must live until resume_end().
 */
int resume_open(struct resume *r, struct frame *f, const struct args *a, struct feed feed,
                struct err *e) __attribute__((warn_unused_result));

/* boundary() of intake.h; CONTEXT is the struct resume. */
bool resume_boundary(void *context, bool lines, int64_t *timeout);

/*
 * The last save, behind the loop, whose result is DONE with *E. Returns the result of both; that
 * the reader of stdout went away is none, but kept for resume_leave().
 */
int resume_end(struct resume *r, int done, struct err *e);

/* At the very end: end as SIGPIPE does where that is why. */
void resume_leave(const struct resume *r);

#endif
