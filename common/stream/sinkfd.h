/*
 * sinkfd.h - a sink over a descriptor: a pipe, a connection, what a command reads.
 *
 * Bytes go out as far as the other side takes them; the rest of a parcel is kept, so that a record
 * is torn only where the sink fails. What the other side of a connection says is read and
 * forgotten. That a pipe has no reader is FAIL_EPIPE (SIGPIPE is taken from, by stop.h); that a
 * connection broke, or a command ended, is FAIL_IO. Floor: 7 (stream)
 */
#ifndef STREAM_SINKFD_H
#define STREAM_SINKFD_H

#include "base/buf.h"
#include "sink.h"

#include <sys/types.h>

struct sinkfd_opts {
	const char *name; /* for messages, copied */
	bool shared;      /* it is the caller's, and others' too: it stays open, and its flags as
	                     they are; else it has O_NONBLOCK */
	pid_t command;    /* the child that reads it, and leads its process group; 0: none */
	/* What the stream begins with, asked for with its first record and NAME; NULL for nothing.
	 */
	void (*head)(void *context, const char *name, struct buf *to);
	void *context;
};

struct sink sinkfd_new(int fd, const struct sinkfd_opts *opts);

#endif
