/*
 * dial.h - making a connection, without waiting or with it.
 *
 * A try that failed is repeated after 100 ms, then twice that, up to 10 s. Floor: 7 (stream)
 */
#ifndef STREAM_DIAL_H
#define STREAM_DIAL_H

#include "address.h"
#include "again.h"

#include <poll.h>

struct dial {
	struct address to;
	int fd; /* does not wait; -1: it is to be connected later */
	bool connected;
	struct again again; /* reset by who finds that it went well */
};

void dial_init(struct dial *d, const struct address *to);

/* Go on connecting. 1 it is, 0 not yet, -1 with errno: tried again later. */
int dial_go_on(struct dial *d);

/* What to wait for before that is called again: as wait() of feed.h. */
size_t dial_wait(const struct dial *d, struct pollfd *p, size_t room, int64_t *timeout);

/*
 * Connect, which is waited for up to 10 s, or until the end is asked for: then it is not connected.
 * -1 with FAIL_OPEN; then it is closed.
 */
int dial_now(struct dial *d, struct err *e) __attribute__((warn_unused_result));

/* Close it. */
void dial_hang_up(struct dial *d);

#endif
