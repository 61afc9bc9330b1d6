/*
 * strip.h - a filter of flows: what a container's runtime put before each line is taken off.
 *
 * A line that does not begin so stays as it is. Floor: 7 (stream)
 */
#ifndef STREAM_STRIP_H
#define STREAM_STRIP_H

#include "gather.h"

struct strip_opts {
	/*
	 * A regular expression, which is matched where a line begins; or "cri", what Kubernetes'
	 * runtimes write: TIME STREAM FLAG. There a line that was written in pieces (flag P, and F
	 * for the last one) becomes whole again, of each stream for itself, as multiline.h joins.
	 */
	const char *prefix;
	size_t max_line;        /* bytes of a line from pieces; of a longer one there is GOT_LONG */
	int64_t timeout;        /* ns: the next piece is waited for so long */
	int64_t (*clock)(void); /* ns, monotonic */
};

/*
 * Lines of INNER, which is a flow of FEED and freed with it, or at once where ops is NULL:
 * FAIL_USAGE, the expression does not compile.
 */
struct flow strip_new(struct flow inner, struct feed feed, const struct strip_opts *opts,
                      struct err *e) __attribute__((warn_unused_result));

#endif
