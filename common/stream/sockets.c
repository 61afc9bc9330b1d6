#include "sockets.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "io/stop.h"
#include "linebuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST   (100 * NS_PER_MS)
#define MOST    (10 * NS_PER_SEC)
#define CONNECT (10 * NS_PER_SEC) /* how long the first connection is waited for */

struct sockets {
	struct feed_opts opts;
	struct address address;
	enum follow follow;
	char *url;
	int fd; /* -1: it is to be connected later */
	bool connected, begins, over;
	bool said; /* that it is connected to again, and nothing came since */
	struct linebuf in;
	struct again again;
	uint64_t bytes; /* of connections that are over */
};

static const struct feed_ops ops;

static void hang_up(struct sockets *s)
{
	s->bytes += linebuf_bytes(&s->in);
	linebuf_free(&s->in);
	linebuf_init(&s->in, s->opts.max_line);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->connected = false;
}

static void sockets_free(void *self)
{
	struct sockets *s = self;

	hang_up(s);
	linebuf_free(&s->in);
	free(s->url);
	free(s);
}

/* ---- connecting */

static int connected(struct sockets *s)
{
	s->connected = s->begins = true;
	return 1;
}

/* Begin to connect. 1 it is, 0 not yet, -1 with errno. */
static int dial(struct sockets *s)
{
	int on = 1;

	s->fd = socket(s->address.at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -1;
	setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (connect(s->fd, &s->address.at.any, s->address.size) == 0)
		return connected(s);
	return errno == EINPROGRESS || errno == EINTR ? 0 : -1;
}

/* Has the connection come about? As dial(). */
static int look(struct sockets *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };
	socklen_t size = sizeof errno;
	int why = 0;

	if (poll(&p, 1, 0) <= 0)
		return 0;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &why, &size) < 0)
		return -1;
	errno = why;
	return why ? -1 : connected(s);
}

/* Go on connecting. As dial(); after a failure it is tried again later. */
static int reach(struct sockets *s)
{
	int got, why;

	if (s->fd < 0 && again_in(&s->again) > 0)
		return 0;
	got = s->fd < 0 ? dial(s) : look(s);
	if (got >= 0)
		return got;
	why = errno;
	hang_up(s);
	again_later(&s->again);
	errno = why;
	return -1;
}

static size_t sockets_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	const struct sockets *s = self;
	int64_t left = s->fd < 0 ? again_in(&s->again) : -1;

	if (left >= 0 && (*timeout < 0 || *timeout > left))
		*timeout = left;
	if (s->fd < 0)
		return 0;
	if (room)
		*p = (struct pollfd){ .fd = s->fd, .events = s->connected ? POLLIN : POLLOUT };
	return 1;
}

/* The first time. 0, or -1 with the reason. */
static int reach_now(struct sockets *s, struct err *e)
{
	int64_t end = stamp_monotonic() + CONNECT, now;
	struct pollfd p;
	int got;

	while ((got = reach(s)) <= 0 && !stop_signal()) {
		int64_t left;

		/* EAGAIN: more wait to be accepted than may; that passes */
		if (got < 0 && errno != EAGAIN)
			return err_set(e, FAIL_OPEN, "cannot connect:");
		now = stamp_monotonic();
		if (now >= end)
			return err_set(e, FAIL_OPEN, "cannot connect within 10 s");
		left = end - now;
		stop_poll(&p, sockets_wait(s, &p, 1, &left), left);
	}
	return 0;
}

int sockets_open(const char *url, const struct address *a, const struct feed_opts *opts,
                 enum follow follow, struct feed *feed, struct err *e)
{
	struct sockets *s = alloc_zero(1, sizeof *s);

	s->opts = *opts;
	s->address = *a;
	s->follow = follow;
	s->url = alloc_copy(url, strlen(url));
	s->fd = -1;
	s->again = (struct again){ .first = FIRST, .most = MOST };
	linebuf_init(&s->in, opts->max_line);
	if (follow != FOLLOW_ALWAYS && reach_now(s, e) < 0) {
		sockets_free(s);
		return -1;
	}
	*feed = (struct feed){ &ops, s };
	return 0;
}

/* ---- reading */

/* Say once that it is connected to again, and why. */
static void say(struct sockets *s, const char *why)
{
	if (!s->said && !s->opts.quiet)
		fprintf(stderr, "%s: %s: %s; it is connected to again\n", s->opts.tool, s->url,
		        why);
	s->said = true;
}

static enum got hung_up(struct sockets *s, enum got got, struct err *e)
{
	s->over = s->follow == FOLLOW_NOT;
	if (s->over)
		return got == GOT_ERROR ? (err_at(e, "%s", s->url), got) : got;
	say(s, got == GOT_ERROR ? e->text : "the peer closed the connection");
	err_clear(e);
	hang_up(s);
	again_later(&s->again);
	return GOT_TICK;
}

static enum got sockets_next(void *self, struct batch *b, struct err *e)
{
	struct sockets *s = self;
	enum got got;

	if (s->over || stop_signal())
		return GOT_END;
	if (!s->connected && reach(s) < 0)
		say(s, strerror(errno));
	if (!s->connected)
		return GOT_TICK;
	got = linebuf_read(&s->in, s->fd, &b->lines, e);
	if (got == GOT_END || got == GOT_ERROR)
		return hung_up(s, got, e);
	if (got == GOT_TICK)
		return got;
	again_reset(&s->again);
	s->said = false;
	b->place = (struct place){ .offset = s->in.offset, .line = s->in.line, .time = STAMP_NONE };
	b->upto = s->in.offset + b->lines.n;
	b->begins = s->begins;
	s->begins = false;
	return got;
}

static size_t sockets_parts(const void *self)
{
	(void)self;
	return 1;
}

static const char *sockets_name(const void *self, size_t part)
{
	(void)part;
	return ((const struct sockets *)self)->url;
}

static bool sockets_over(const void *self, size_t part)
{
	(void)part;
	return ((const struct sockets *)self)->over;
}

static uint64_t sockets_consumed(const void *self)
{
	const struct sockets *s = self;

	return s->bytes + linebuf_bytes(&s->in);
}

static uint64_t sockets_size(const void *self)
{
	(void)self;
	return 0;
}

static const struct feed_ops ops = {
	.flow = { .next = sockets_next, .wait = sockets_wait, .free = sockets_free },
	.parts = sockets_parts,
	.name = sockets_name,
	.over = sockets_over,
	.consumed = sockets_consumed,
	.size = sockets_size,
};
