/*
 * sinks.h - the sink that a text names, chosen by its scheme, as open.h chooses sources.
 *
 *     PATH                        a file, FIFO or device: filesink.h
 *     unix:PATH  tcp://HOST:PORT  a connection that is made
 *     exec:COMMAND                what a command reads on its standard input
 *
 * A FIFO is opened when it has a reader, which is waited for. A connection that is refused fails
 * at once, an answer is waited for for 10 s; it is not made again when it breaks. What its kernel
 * has taken is out, the peer's word is not waited for. A command is run by /bin/sh in a process
 * group of its own, with our standard output and error; at the end its input ends and it is waited
 * for, and another status than 0 is an error. Without finish() its input ends, too, but it is left
 * alone, unless the end was asked for by a signal: then it gets SIGTERM. `head` of struct
 * filesink_opts is for all of these.
 *
 * Floor: 7 (stream)
 */
#ifndef STREAM_SINKS_H
#define STREAM_SINKS_H

#include "filesink.h"

/* -1 with FAIL_USAGE, FAIL_OPEN; they name TEXT. */
int sink_open(const char *text, const struct filesink_opts *files, struct sink *s, struct err *e)
	__attribute__((warn_unused_result));

/* Has TEXT a scheme? Else it is a path. */
bool sink_is_url(const char *text);

/* A descriptor of the caller's, which stays open: stdout. NAME for messages. */
struct sink sink_of_fd(int fd, const char *name);

#endif
