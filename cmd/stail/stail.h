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

struct args {
	struct shared shared;
	bool follow, follow_name;
	const char *lines, *parse;
	uint64_t year;
};

extern const struct tool stail_tool;

/* How inputs are read. */
struct inputs_as {
	bool header; /* the first line of each file is one, which is given wherever reading begins
	              */
	bool framed; /* records are found without regard to lines */
};

/*
 * The feed that these operands name together: files and URLs (none: stdin). NAMES is put in another
 * order, and must outlive it. -1 with FAIL_USAGE or FAIL_OPEN.
 */
int inputs_open(const struct args *a, const struct inputs_as *as, const char **names, size_t count,
                struct feed *feed, struct err *e) __attribute__((warn_unused_result));

#endif
