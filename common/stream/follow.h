/*
 * follow.h - files that grow: lines as they are written, over truncation and replacement of the
 * file.
 *
 * Changes are noticed by inotify, and by looking once a second for what inotify does not see. A
 * line is handed out when it has its newline. Floor: 7 (stream)
 */
#ifndef STREAM_FOLLOW_H
#define STREAM_FOLLOW_H

#include "io/lines.h"
#include "start.h"

struct follow_opts {
	const char *tool; /* for what is said on stderr: a file that is replaced, truncated, gone */
	bool by_name; /* -F: the name counts, not the file; it need not exist yet. Else the file as
	                 opened */
	bool retry;   /* else as well, files that are not there at the beginning are waited for */
	struct start start; /* of a file that is there at the beginning */
	size_t max_line;
	bool header; /* the first line of each file is one, and always given */
};

/*
 * Lines of these files, which are followed until the process is asked to end. NAMES must outlive
 * it. Ops is NULL with *e set where a file cannot be opened (by name that is only said).
 */
struct lines follow_new(const char *const *names, size_t count, const struct follow_opts *opts,
                        struct err *e) __attribute__((warn_unused_result));

#endif
