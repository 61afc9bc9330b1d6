#include "datagrams.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "bound.h"
#include "io/stop.h"
#include "syslog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LARGEST  ((size_t)1 << 20)  /* bytes of a datagram; Unix sockets' depend on the system */
#define BATCH    ((size_t)64 << 10) /* bytes of lines that are handed out at once, about */
#define MESSAGES 1024               /* as many, at most */
#define QUEUE    (4 << 20)          /* bytes that the kernel may hold, where it lets us */

struct datagrams {
	struct feed_opts opts;
	struct bound bound;
	char *name;
	char *datagram;
	struct buf lines;
	bool is_long;  /* the datagram is a message over the limit, */
	bool has_long; /* and is to be handed out */
	size_t length; /* of that */
	bool began, said;
	uint32_t dropped;
	uint64_t bytes, offset, line;
};

static const struct feed_ops ops;

int datagrams_open(const char *url, const struct address *a, const struct params *p,
                   const struct feed_opts *opts, struct feed *feed, struct err *e)
{
	struct bound bound;
	struct datagrams *d;
	int on = 1, size = QUEUE;

	if (bound_open(&bound, a, SOCK_DGRAM, p, e) < 0)
		return -1;
	d = alloc_zero(1, sizeof *d);
	d->opts = *opts;
	d->bound = bound;
	d->name = bound_name(&bound, opts->tool, url);
	d->datagram = alloc_array(LARGEST + LINES_PAD, 1);
	setsockopt(bound.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(bound.fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
	*feed = (struct feed){ &ops, d };
	return 0;
}

static void datagrams_free(void *self)
{
	struct datagrams *d = self;

	if (d->dropped && !d->opts.quiet)
		fprintf(stderr, "%s: %s: %u datagrams were dropped\n", d->opts.tool, d->name,
		        (unsigned)d->dropped);
	bound_close(&d->bound);
	buf_free(&d->lines);
	free(d->datagram);
	free(d->name);
	free(d);
}

/* The kernel says with each datagram how many it had to drop before. */
static void look_for_drops(struct datagrams *d, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
			memcpy(&d->dropped, CMSG_DATA(c), sizeof d->dropped);
	if (!d->dropped || d->said)
		return;
	d->said = true;
	if (!d->opts.quiet)
		fprintf(stderr,
		        "%s: %s: datagrams are dropped: they come faster than they are read\n",
		        d->opts.tool, d->name);
}

/* A datagram. Its length; 0: an empty one; -1 with errno. */
static ssize_t receive(struct datagrams *d)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(uint32_t))];
	} control;
	struct iovec to = { d->datagram, LARGEST };
	struct msghdr m = { .msg_iov = &to,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof control };
	ssize_t n = recvmsg(d->bound.fd, &m, 0);

	if (n < 0)
		return n;
	look_for_drops(d, &m);
	d->is_long = (size_t)n > d->opts.max_line || m.msg_flags & MSG_TRUNC;
	d->bytes += (uint64_t)n;
	return n;
}

static enum got hand_out(struct datagrams *d, struct slice lines, uint64_t count, struct batch *b)
{
	b->lines = lines;
	b->begins = !d->began;
	b->place = (struct place){ .offset = d->offset, .line = d->line + 1, .time = STAMP_NONE };
	d->began = true;
	d->offset += lines.n;
	d->line += count;
	b->upto = d->offset;
	return d->has_long ? GOT_LONG : GOT_LINES;
}

static enum got hand_out_long(struct datagrams *d, struct batch *b)
{
	enum got got = hand_out(d, (struct slice){ d->datagram, d->length }, 1, b);

	d->has_long = false;
	return got;
}

static enum got datagrams_next(void *self, struct batch *b, struct err *e)
{
	struct datagrams *d = self;
	uint64_t count = 0;
	ssize_t n = 0;

	buf_clear(&d->lines);
	if (d->has_long)
		return hand_out_long(d, b);
	if (stop_signal())
		return GOT_END;
	for (int i = 0; i < MESSAGES && d->lines.n < BATCH && (n = receive(d)) >= 0; i++) {
		if (d->is_long) {
			d->length = (size_t)n;
			if (!count) {
				d->has_long = true;
				return hand_out_long(d, b);
			}
			break;
		}
		count += syslog_line(&d->lines, (struct slice){ d->datagram, (size_t)n });
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR && !count) {
		err_set(e, FAIL_IO, "%s: cannot read:", d->name);
		return GOT_ERROR;
	}
	if (!count)
		return GOT_TICK;
	buf_room(&d->lines, LINES_PAD);
	hand_out(d, buf_slice(&d->lines), count, b);
	d->has_long = n > 0 && d->is_long;
	return GOT_LINES;
}

static size_t datagrams_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	const struct datagrams *d = self;

	if (d->has_long)
		*timeout = 0;
	if (room)
		*p = (struct pollfd){ .fd = d->bound.fd, .events = POLLIN };
	return 1;
}

static size_t datagrams_parts(const void *self)
{
	(void)self;
	return 1;
}

static const char *datagrams_name(const void *self, size_t part)
{
	(void)part;
	return ((const struct datagrams *)self)->name;
}

static bool datagrams_over(const void *self, size_t part)
{
	(void)self;
	(void)part;
	return false;
}

static uint64_t datagrams_consumed(const void *self)
{
	return ((const struct datagrams *)self)->bytes;
}

static uint64_t datagrams_size(const void *self)
{
	(void)self;
	return 0;
}

static const struct feed_ops ops = {
	.flow = { .next = datagrams_next, .wait = datagrams_wait, .free = datagrams_free },
	.parts = datagrams_parts,
	.name = datagrams_name,
	.over = datagrams_over,
	.consumed = datagrams_consumed,
	.size = datagrams_size,
};
