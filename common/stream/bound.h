/*
 * bound.h - a socket bound to its address, to listen on or to get datagrams.
 *
 * The file of a socket that nobody listens on any more (after a crash) is replaced, and it is
 * removed at the end. Errors: FAIL_OPEN with errno's text; FAIL_USAGE where other machines could
 * reach it and that was not asked for. They do not name the URL. Floor: 7 (stream)
 */
#ifndef STREAM_BOUND_H
#define STREAM_BOUND_H

#include "address.h"

#include <sys/types.h>

struct bound {
	int fd;
	struct address address; /* with the port that was picked */
	bool picked;            /* since 0 was asked for */
	dev_t dev;              /* of the socket's file */
	ino_t ino;
};

/* Bind a socket of TYPE (SOCK_STREAM: and listen on it), which does not wait. */
int bound_open(struct bound *b, const struct address *a, int type, const struct params *p,
               struct err *e) __attribute__((warn_unused_result));

/*
 * The URL without its parameters; where a port was picked SCHEME:HOST:PORT, and that is said on
 * stderr. To be freed.
 */
char *bound_name(const struct bound *b, const char *tool, const char *url);

/* Close it, and remove its file unless that is another one's by now. */
void bound_close(struct bound *b);

#endif
