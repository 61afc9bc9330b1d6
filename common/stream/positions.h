/*
 * positions.h - where reading goes on in another run: the positions of a feed, kept in a file.
 *
 * The file is one line of JSON: a version, the length of stdout's file, what the feed's save() gave
 * and a checksum of all that. It is replaced as a whole (FILE.new, synced, renamed, the folder
 * synced), so that there is the old one or the new one whatever happens. A position that presumes
 * lines in stdout's file is kept only when these are on the disk.
 *
 * Where stdout is a regular file opened for appending, what a run that was killed wrote behind the
 * last position kept is cut off when the next one begins: so each line is in it once. Behind an
 * orderly end there is nothing to cut off, and what others appended meanwhile stays.
 *
 * FILE.lock is locked by flock(), which ends with the process, however it ends; FILE is a run's own
 * as long. It is removed in an orderly end. stdout's file is locked too, so that no two runs cut
 * off one another's lines.
 *
 * Errors: FAIL_OPEN, FAIL_IO, FAIL_STATE. Threads: one. Floor: 7 (stream)
 */
#ifndef STREAM_POSITIONS_H
#define STREAM_POSITIONS_H

#include "feed.h"

struct positions_opts {
	const char *tool; /* for what is said on stderr */
	const char *path; /* the file; must outlive the positions */
	int64_t every;    /* ns between two saves, at least */
	int out;          /* the descriptor that the lines are written to */
};

struct positions;

/*
 * Before FEED's first next(), and before anything is written: lock the file, have the feed go on
 * from what is kept there, cut the output back. If there is no file it is made, so that what the
 * feed begins with is kept. The feed must have positions (feed_saves() of mux.h) and outlive what
 * is returned. NULL where the file is in use, damaged, of another version or something else, or
 * output that it speaks of is gone.
 */
struct positions *positions_open(const struct positions_opts *opts, struct feed feed, struct err *e)
	__attribute__((warn_unused_result));

/* Does the output lie behind what an earlier run wrote to the same file? */
bool positions_appends(const struct positions *p);

/* Is it time for a save? LINES: some were let out (feed.h) since the last call. */
bool positions_due(struct positions *p, bool lines);

/*
 * All that was let out has been written; BYTES were, since the start. A later save keeps the state
 * of this moment. -1 where the feed's written() failed.
 */
int positions_written(struct positions *p, uint64_t bytes, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Keep what was written, if anything is new. That the file cannot be written is said on stderr,
 * once until it goes well again, and no failure: it is tried again. -1 where output cannot be
 * synced: what it has of the last lines is not known any more.
 */
int positions_save(struct positions *p, struct err *e) __attribute__((warn_unused_result));

/* Lower *TIMEOUT (ns, negative: for ever) to where the next save is due, if one is. */
void positions_wait(const struct positions *p, int64_t *timeout);

/*
 * A last save, and give the file free. IN_ORDER: all that was written was so by the last
 * positions_written(). -1 if what was written last could not be kept.
 */
int positions_close(struct positions *p, bool in_order, struct err *e);

#endif
