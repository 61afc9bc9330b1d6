/*
 * multiline.h - a filter of flows: lines that continue the one before are joined with it, into
 * records of one line.
 *
 * When a record leaves, see gather.h. Floor: 7 (stream)
 */
#ifndef STREAM_MULTILINE_H
#define STREAM_MULTILINE_H

#include "gather.h"

struct multiline_opts {
	/*
	 * What continues a record:
	 *
	 *   indent  a line that begins with white space
	 *   json    all up to where the brackets are closed that a line begins with
	 *   java    the lines of a stack trace
	 *   python  the lines of a traceback
	 *
	 * or a regular expression: any line in which it does not match.
	 */
	const char *how;
	/*
	 * Between joined lines is JOINT, which source_setup.decode.joined reads as a newline; or,
	 * if the lines are JSON, a blank.
	 */
	bool json;
	size_t max_line;        /* bytes of a record; of a longer one there is GOT_LONG */
	int64_t timeout;        /* ns: a record is waited for so long when nothing was added */
	int64_t (*clock)(void); /* ns, monotonic */
};

/* Does that joining give a blank between lines? */
bool multiline_is_json(const char *how);

/*
 * Records of INNER, which is a flow of FEED and freed with it, or at once where ops is NULL:
 * FAIL_USAGE, the expression does not compile.
 */
struct flow multiline_new(struct flow inner, struct feed feed, const struct multiline_opts *opts,
                          struct err *e) __attribute__((warn_unused_result));

#endif
