/*
 * sockets.h - a connection as a feed: lines until the peer closes.
 *
 * When it is followed it is made again, after 100 ms, then twice that, up to 10 s; that is said
 * once, until something comes again. Floor: 7 (stream)
 */
#ifndef STREAM_SOCKETS_H
#define STREAM_SOCKETS_H

#include "address.h"
#include "again.h"
#include "feed.h"

/*
 * Connect, which is waited for up to 10 s; not at all with FOLLOW_ALWAYS. URL is copied. -1 with
 * FAIL_OPEN.
 */
int sockets_open(const char *url, const struct address *a, const struct feed_opts *opts,
                 enum follow follow, struct feed *feed, struct err *e)
	__attribute__((warn_unused_result));

#endif
