/*
 * stail.h - what stail's files share.
 *
 *     options.c  the option table
 *     inputs.c   which feeds the operands name
 *     main.c     the loop: lines as they are, or records
 */
#ifndef STAIL_H
#define STAIL_H

#include "cli/frame.h"
#include "stream/feed.h"

enum follow { FOLLOW_NOT = -1, FOLLOW_DESCRIPTOR, FOLLOW_NAME };

struct args {
	struct shared shared;
	int follow_how; /* enum follow */
	bool follow_name, retry, from_start, exit_at_end, poll, verbose, debug;
	uint64_t max_open, pid;
	int64_t sleep;         /* ns */
	int64_t partial_after; /* ns; 0: not given */
	const char *lines, *bytes, *parse;
	uint64_t year;
};

extern const struct tool stail_tool;

/* Is a file's growth waited for? */
static inline bool follows(const struct args *a)
{
	return a->follow_how != FOLLOW_NOT || a->follow_name;
}

/* Inputs, and what their names are kept in. Starts zeroed, but for `header`. */
struct inputs {
	bool header; /* the first line of each file is one, which is given wherever reading begins
	              */
	struct feed_opts opts;
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

#endif
