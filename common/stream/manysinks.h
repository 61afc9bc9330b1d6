/*
 * manysinks.h - sinks by name as one, to which a record's key is the name of the sink that it goes
 * to.
 *
 * A sink is opened when its name is met first. Of files a bounded number is open: the one not used
 * for longest is closed, and appended to when it is met again (replaced it was at the first
 * meeting). So are more of them where the system has no descriptors left. Folders of files are
 * made. Connections and commands stay. An error of one name is an
 * error of all.
 *
 * Names met are remembered, with what belongs to their files, in MANYSINKS_MEMORY bytes at most.
 * Beyond that the file not used for longest is finished and forgotten where all are appended to;
 * else a new name is an error (FAIL_LIMIT), since an old one would be replaced once more. A closed
 * file is not rotated by the clock until it is met again.
 *
 * finish() finishes all of them even if one fails. Floor: 7 (stream)
 */
#ifndef STREAM_MANYSINKS_H
#define STREAM_MANYSINKS_H

#include "sinks.h"

#define MANYSINKS_MEMORY ((size_t)512 << 20)

/* MOST: files open at once, > 0. OPTS as for sink_open(). */
struct sink manysinks_new(const struct filesink_opts *opts, size_t most);

/* The same that remembers less. */
struct sink manysinks_within(const struct filesink_opts *opts, size_t most, size_t memory);

#endif
