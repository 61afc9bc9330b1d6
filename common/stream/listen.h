/*
 * listen.h - connections that others make, as a feed: each is a partition, of lines or of syslog
 * messages, and begins and ends its own stream.
 *
 * The feed has no end of its own. Connections beyond the limit wait to be accepted. Numbers of
 * partitions are given again, so what is kept does not grow with connections there have been.
 * Floor: 7 (stream)
 */
#ifndef STREAM_LISTEN_H
#define STREAM_LISTEN_H

#include "address.h"
#include "feed.h"

/* SYSLOG: messages by RFC 6587, not lines. URL is copied. -1 with FAIL_OPEN or FAIL_USAGE. */
int listen_open(const char *url, const struct address *a, const struct params *p, bool syslog,
                const struct feed_opts *opts, struct feed *feed, struct err *e)
	__attribute__((warn_unused_result));

#endif
