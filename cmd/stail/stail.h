/*
 * stail.h - what stail's files share.
 *
 *     options.c  the option table
 *     inputs.c   which feeds the operands name
 *     resume.c   positions that are kept, around the loop
 *     times.c    event time: --since, --until; linetime.c: of lines that are no records yet
 *     marks.c    --watermark
 *     clocks.c   --merge-by-time: times of lines of several inputs
 *     main.c     the loop: lines as they are, or records
 */
#ifndef STAIL_H
#define STAIL_H

#include "cli/frame.h"
#include "clocks.h"
#include "stream/feed.h"
#include "stream/positions.h"
#include "times.h"

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
