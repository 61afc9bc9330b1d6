/*
 * open.h - the source that a URL names, chosen by its scheme.
 *
 *     unix:PATH  tcp://HOST:PORT               a connection: sockets.h
 *     unix-listen:PATH  tcp-listen:[HOST:]PORT connections that others make: listen.h
 *     syslog:[HOST:]PORT  syslog:PATH          syslog datagrams: datagrams.h
 *     syslog+tcp:[HOST:]PORT                   syslog over connections: listen.h, syslog.h
 *     exec:COMMAND                             what a command writes: exec.h
 *
 * A last line without newline gets one: it ends with its connection, or command.
 * Floor: 7 (stream)
 */
#ifndef STREAM_OPEN_H
#define STREAM_OPEN_H

#include "again.h"
#include "feed.h"

/* Is this a URL, not a file's name? One that begins with a known scheme and ':', or any "x://". */
bool feed_is_url(const char *text);

/*
 * Open what URL names. 0; 1 where the text is no URL: a file's name (./tcp:x always is one); -1
 * with FAIL_USAGE (also for a scheme that is not known) or FAIL_OPEN, which name the URL.
 */
int feed_open(const char *url, const struct feed_opts *opts, enum follow follow, struct feed *feed,
              struct err *e) __attribute__((warn_unused_result));

#endif
