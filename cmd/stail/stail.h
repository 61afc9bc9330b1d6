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
	bool follow_name, retry, verbose;
	const char *lines, *bytes, *parse;
	int64_t sleep; /* ns */
	uint64_t pid;
	uint64_t year;
};

extern const struct tool stail_tool;

/* Is a file's growth waited for? */
static inline bool follows(const struct args *a)
{
	return a->follow_how != FOLLOW_NOT || a->follow_name;
}

/*
 * The feed that these operands name together (none: stdin). HEADER: the first line of each file is
 * one, which is given wherever reading begins. -1 with FAIL_USAGE or FAIL_OPEN.
 */
int inputs_open(const struct args *a, bool header, const char *const *names, size_t count,
                struct feed *feed, struct err *e) __attribute__((warn_unused_result));

#endif
