#include "sockets.h"

#include "base/alloc.h"
#include "dial.h"
#include "io/stop.h"
#include "linebuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct sockets {
	struct feed_opts opts;
	struct dial dial;
	enum follow follow;
	char *url;
	bool begins, over;
	bool said; /* that it is connected to again, and nothing came since */
	struct linebuf in;
	uint64_t bytes; /* of connections that are over */
};

static const struct feed_ops ops;

static void hang_up(struct sockets *s)
{
	s->bytes += linebuf_bytes(&s->in);
	linebuf_free(&s->in);
	linebuf_init(&s->in, s->opts.max_line);
	dial_hang_up(&s->dial);
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

/* Go on with it: as dial_go_on(). */
static int reach(struct sockets *s)
{
	int got = dial_go_on(&s->dial);

	if (got > 0)
		s->begins = true;
	return got;
}

static size_t sockets_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	const struct sockets *s = self;
	size_t n = dial_wait(&s->dial, p, room, timeout);

	if (n && room && s->dial.connected)
		p->events = POLLIN;
	return n;
}

int sockets_open(const char *url, const struct address *a, const struct feed_opts *opts,
                 enum follow follow, struct feed *feed, struct err *e)
{
	struct sockets *s = alloc_zero(1, sizeof *s);

	s->opts = *opts;
	dial_init(&s->dial, a);
	s->follow = follow;
	s->url = alloc_copy(url, strlen(url));
	linebuf_init(&s->in, opts->max_line);
	if (follow != FOLLOW_ALWAYS && dial_now(&s->dial, e) < 0) {
		sockets_free(s);
		return -1;
	}
	s->begins = s->dial.connected;
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
	again_later(&s->dial.again);
	return GOT_TICK;
}

static enum got sockets_next(void *self, struct batch *b, struct err *e)
{
	struct sockets *s = self;
	enum got got;

	if (s->over || stop_signal())
		return GOT_END;
	if (!s->dial.connected && reach(s) < 0)
		say(s, strerror(errno));
	if (!s->dial.connected)
		return GOT_TICK;
	got = linebuf_read(&s->in, s->dial.fd, &b->lines, e);
	if (got == GOT_END || got == GOT_ERROR)
		return hung_up(s, got, e);
	if (got == GOT_TICK)
		return got;
	again_reset(&s->dial.again);
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
