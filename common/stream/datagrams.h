/*
 * datagrams.h - syslog messages in datagrams, over UDP or a Unix socket, as a feed of lines.
 *
 * One partition; it has no end of its own. Datagrams that the kernel had to drop are counted, and
 * said: at first, and how many at the end. Floor: 7 (stream)
 */
#ifndef STREAM_DATAGRAMS_H
#define STREAM_DATAGRAMS_H

#include "address.h"
#include "feed.h"

/* URL is copied. -1 with FAIL_OPEN or FAIL_USAGE. */
int datagrams_open(const char *url, const struct address *a, const struct params *p,
                   const struct feed_opts *opts, struct feed *feed, struct err *e)
	__attribute__((warn_unused_result));

#endif
