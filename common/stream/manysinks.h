/*
 * manysinks.h - sinks by name as one, to which a record's key is the name of the sink that it goes
 * to.
 *
 * A sink is opened when its name is met first. Of files a bounded number is open: the one not used
 * for longest is closed, and appended to when it is met again (replaced it was at the first
 * meeting). Folders of files are made. Connections and commands stay. An error of one name is an
 * error of all. Floor: 7 (stream)
 */
#ifndef STREAM_MANYSINKS_H
#define STREAM_MANYSINKS_H

#include "sinks.h"

/* MOST: files open at once, > 0. OPTS as for sink_open(). */
struct sink manysinks_new(const struct filesink_opts *opts, size_t most);

#endif
