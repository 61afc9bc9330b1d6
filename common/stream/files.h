/*
 * files.h - files that grow and are rotated, as a feed: every line that is written to a log comes
 * out once.
 *
 * A log is a name. Its file of now is read as it grows; a file that lost the name is read to its
 * end, and on for a while, since who writes it may not have noticed; files that had the name in
 * between (two rotations while nobody looked) are looked for among the log's rotations (rotated.h)
 * and read before the new one, compressed or not. A file that became shorter was truncated: what
 * was not read of it is looked for in a copy. Files are known by device, inode and contents
 * (content.h).
 *
 * A line is handed out when it has its newline; the last one of a file that has lost its name for
 * good without. Partitions are the logs, units the files. A file is followed once, under the first
 * name it is met by. Floor: 7 (stream)
 */
#ifndef STREAM_FILES_H
#define STREAM_FILES_H

#include "feed.h"
#include "start.h"

struct files_opts {
	struct feed_opts feed;
	bool by_name;  /* the name counts, not the file; it need not be there yet. Else the files as
	                  they are opened */
	bool waits;    /* else as well, for files that are not there at first */
	bool ends;     /* at the end of all that is there, rather than waiting for more */
	bool poll;     /* look at the files every `interval`, whatever the kernel tells */
	bool header;   /* the first line of each file is one, and given before lines of another file
	                  than the last */
	bool numbered; /* count lines from the start of files of which only a part is wanted */
	bool keeps;    /* positions are saved: feed.h's written() is called */
	struct start
		start;    /* where in files that are there at first; in others at their beginning */
	int64_t interval; /* between looks at what the kernel does not tell of, ns */
	int64_t partial_after; /* a line is handed out unfinished after this, ns; negative: never */
	size_t max_open;       /* files held open at once, at least 1 */
	/*
	 * In place of `start` where it is not NULL: the offset to begin at in the file of this
	 * name. -1 with *e set.
	 */
	int64_t (*begin)(void *context, int fd, const char *name, struct err *e);
	void *context;
};

/*
 * Follow these names and glob patterns (a name with * ? [ that is no file's). Patterns only with
 * by_name; they need not match anything yet. NAMES must outlive it. ops is NULL with *e set where a
 * file cannot be opened (by name that is only said).
 */
struct feed files_new(const char *const *names, size_t count, const struct files_opts *opts,
                      struct err *e) __attribute__((warn_unused_result));

/* Is this a glob pattern, and no file's name? */
bool files_is_pattern(const char *name);

#endif
