#include "listen.h"

#include "again.h"
#include "base/alloc.h"
#include "base/duration.h"
#include "bound.h"
#include "io/stop.h"
#include "linebuf.h"
#include "syslog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS  64
#define ACCEPTS 64                 /* connections that are taken at once */
#define CHUNK   ((size_t)64 << 10) /* bytes of a read of syslog messages */
#define PAUSE   (100 * NS_PER_MS)  /* without accepting, where descriptors have run out */

struct peer {
	size_t number; /* its partition */
	int fd;        /* -1: there is none */
	char name[200];
	bool begins;                  /* nothing of it was handed out */
	bool ends;                    /* its last lines were */
	int64_t heard;                /* when something came last, of stamp_monotonic() */
	struct peer *before, *behind; /* those open, by that */
	struct linebuf in;            /* of lines */
	struct syslog_framer framer;  /* of messages */
	uint64_t offset, line;        /* of what was handed out, of messages */
};

struct listen {
	struct feed_opts opts;
	struct params params;
	struct bound bound;
	bool syslog;
	char *name;
	int epoll;
	struct epoll_event event[EVENTS];
	size_t events, at; /* those that were not looked at are from AT on */
	bool accepting;    /* the listening socket is waited for */
	bool full;         /* it is not, since there are as many as may be; was said if SAID */
	bool said;
	bool failed;         /* descriptors ran out; that was said */
	struct again accept; /* when to go on after descriptors ran out */
	struct peer **peer;
	size_t peers, peer_cap, open;
	struct peer *oldest, *newest;
	struct peer *spare; /* those without connection, linked by behind */
	struct peer *last;  /* whose lines were handed out last */
	uint64_t serial;    /* connections there have been */
	uint64_t bytes;     /* of those that are over, and of messages */
	/* messages */
	char *chunk;
	struct slice rest; /* of the chunk, of the last peer */
	struct buf lines;
	bool has_long; /* behind those lines comes the last peer's message over the limit */
};

static const struct feed_ops ops;

/* ---- connections by how long they are silent */

static void unlink_peer(struct listen *l, struct peer *p)
{
	*(p->before ? &p->before->behind : &l->oldest) = p->behind;
	*(p->behind ? &p->behind->before : &l->newest) = p->before;
}

static void link_newest(struct listen *l, struct peer *p)
{
	p->before = l->newest;
	p->behind = NULL;
	*(l->newest ? &l->newest->behind : &l->oldest) = p;
	l->newest = p;
}

static void heard(struct listen *l, struct peer *p)
{
	if (!l->params.idle)
		return;
	p->heard = stamp_monotonic();
	unlink_peer(l, p);
	link_newest(l, p);
}

/* ---- accepting */

static void set_accepting(struct listen *l, bool on)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (on != l->accepting)
		epoll_ctl(l->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, l->bound.fd, &event);
	l->accepting = on;
}

static struct peer *new_peer(struct listen *l)
{
	struct peer *p = l->spare;

	if (p) {
		l->spare = p->behind;
		return p;
	}
	p = alloc_zero(1, sizeof *p);
	p->number = l->peers;
	l->peer = alloc_grow(l->peer, &l->peer_cap, l->peers + 1, sizeof *l->peer);
	l->peer[l->peers++] = p;
	return p;
}

static void name_peer(const struct listen *l, struct peer *p, const struct address *from)
{
	char text[ADDRESS_TEXT];
	struct ucred who;
	socklen_t size = sizeof who;

	if (from->at.any.sa_family != AF_UNIX)
		address_text(from, text);
	else if (getsockopt(p->fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0)
		snprintf(text, sizeof text, "process %d", (int)who.pid);
	else
		snprintf(text, sizeof text, "?");
	snprintf(p->name, sizeof p->name, "%.100s#%llu (%.60s)", l->name,
	         (unsigned long long)l->serial, text);
}

static void say(const struct listen *l, const struct peer *p, const char *what)
{
	if (l->opts.debug)
		fprintf(stderr, "%s: %s: %s\n", l->opts.tool, p->name, what);
}

static void begin_peer(struct listen *l, int fd, const struct address *from)
{
	struct peer *p = new_peer(l);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };
	int on = 1;

	p->fd = fd;
	p->begins = true;
	p->ends = false;
	p->offset = p->line = 0;
	p->heard = l->params.idle ? stamp_monotonic() : 0;
	linebuf_init(&p->in, l->opts.max_line);
	p->framer = (struct syslog_framer){ .max = l->opts.max_line };
	l->serial++;
	l->open++;
	link_newest(l, p);
	name_peer(l, p, from);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event);
	say(l, p, "connected");
}

static void end_peer(struct listen *l, struct peer *p)
{
	say(l, p, "closed");
	l->bytes += l->syslog ? 0 : linebuf_bytes(&p->in);
	linebuf_free(&p->in);
	syslog_framer_free(&p->framer);
	close(p->fd);
	p->fd = -1;
	l->open--;
	unlink_peer(l, p);
	p->behind = l->spare;
	l->spare = p;
	if (!l->full)
		return;
	l->full = false;
	set_accepting(l, true);
}

/* There are as many connections as may be: the next ones wait. */
static void hold_accepting(struct listen *l)
{
	l->full = true;
	set_accepting(l, false);
	if (!l->said && !l->opts.quiet)
		fprintf(stderr,
		        "%s: %s: %zu connections are open; further ones wait (max-connections)\n",
		        l->opts.tool, l->name, l->open);
	l->said = true;
}

/* Where descriptors or memory have run out connections wait a little. */
static void accept_failed(struct listen *l)
{
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	if (!l->failed && !l->opts.quiet)
		fprintf(stderr, "%s: %s: cannot accept a connection: %s; it waits\n", l->opts.tool,
		        l->name, strerror(errno));
	l->failed = true;
	set_accepting(l, false);
	again_later(&l->accept);
}

static void accept_some(struct listen *l)
{
	struct address from;
	int fd;

	for (int i = 0; i < ACCEPTS; i++) {
		if (l->open >= l->params.max_connections) {
			hold_accepting(l);
			return;
		}
		from = (struct address){ .size = sizeof from.at };
		fd = accept4(l->bound.fd, &from.at.any, &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			accept_failed(l);
			return;
		}
		begin_peer(l, fd, &from);
		l->failed = false;
	}
}

/* ---- beginning and end */

int listen_open(const char *url, const struct address *a, const struct params *p, bool syslog,
                const struct feed_opts *opts, struct feed *feed, struct err *e)
{
	struct listen *l;
	struct bound bound;

	if (bound_open(&bound, a, SOCK_STREAM, p, e) < 0)
		return -1;
	l = alloc_zero(1, sizeof *l);
	l->opts = *opts;
	l->params = *p;
	l->bound = bound;
	l->syslog = syslog;
	l->accept = (struct again){ .first = PAUSE, .most = PAUSE };
	l->name = bound_name(&bound, opts->tool, url);
	if (syslog)
		l->chunk = alloc_array(CHUNK, 1);
	*feed = (struct feed){ &ops, l };
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0) {
		err_set(e, FAIL_OPEN, "cannot wait for connections:");
		ops.flow.free(l);
		return -1;
	}
	set_accepting(l, true);
	return 0;
}

static void listen_free(void *self)
{
	struct listen *l = self;

	while (l->oldest)
		end_peer(l, l->oldest);
	for (size_t i = 0; i < l->peers; i++)
		free(l->peer[i]);
	free(l->peer);
	bound_close(&l->bound);
	if (l->epoll >= 0)
		close(l->epoll);
	buf_free(&l->lines);
	free(l->chunk);
	free(l->name);
	free(l);
}

/* ---- lines */

static enum got give(struct listen *l, struct peer *p, enum got got, struct batch *b)
{
	b->place.part = b->place.unit = p->number;
	b->place.time = STAMP_NONE;
	b->begins = p->begins;
	p->begins = false;
	l->last = p;
	return got;
}

static enum got give_lines(struct listen *l, struct peer *p, enum got got, struct batch *b)
{
	b->place.offset = p->in.offset;
	b->place.line = p->in.line;
	b->upto = p->in.offset + b->lines.n;
	return give(l, p, got, b);
}

/* How a connection ended that did not end in order. */
static void broken(const struct listen *l, const struct peer *p, const struct err *e)
{
	if (!l->opts.quiet)
		fprintf(stderr, "%s: %s: %s\n", l->opts.tool, p->name, e->text);
}

/* Read a connection once. GOT_END: it has ended. */
static enum got read_lines(struct listen *l, struct peer *p, struct batch *b)
{
	struct err why;
	enum got got;

	err_clear(&why);
	got = linebuf_read(&p->in, p->fd, &b->lines, &why);
	if (got == GOT_ERROR) {
		broken(l, p, &why);
		return GOT_END;
	}
	if (got == GOT_END)
		return got;
	heard(l, p);
	return got == GOT_TICK ? got : give_lines(l, p, got, b);
}

/* ---- messages */

/* Hand out messages, and behind them the beginning of one over the limit. */
static enum got give_messages(struct listen *l, struct peer *p, struct batch *b)
{
	enum got got = l->lines.n ? GOT_LINES : GOT_LONG;
	const struct buf *from = l->lines.n ? &l->lines : &p->framer.held;

	if (!l->lines.n && !l->has_long)
		return GOT_TICK;
	if (got == GOT_LONG)
		l->has_long = false;
	buf_room(got == GOT_LONG ? &p->framer.held : &l->lines, LINES_PAD);
	b->lines = buf_slice(from);
	b->place.offset = p->offset;
	b->place.line = p->line + 1;
	for (size_t i = 0; i < b->lines.n; i++)
		p->line += b->lines.p[i] == '\n';
	p->line += got == GOT_LONG;
	p->offset += b->lines.n;
	b->upto = p->offset;
	return give(l, p, got, b);
}

/* What is left of what was read last. */
static enum got more_messages(struct listen *l, struct peer *p, struct batch *b)
{
	buf_clear(&l->lines);
	if (!l->has_long)
		l->has_long = syslog_frame(&p->framer, &l->rest, &l->lines) == SYSLOG_LONG;
	return give_messages(l, p, b);
}

static enum got end_messages(struct listen *l, struct peer *p, struct batch *b)
{
	enum got got;

	buf_clear(&l->lines);
	l->has_long = syslog_frame_end(&p->framer, &l->lines) == SYSLOG_LONG;
	p->ends = true;
	got = give_messages(l, p, b);
	return got == GOT_TICK ? GOT_END : got;
}

static enum got read_messages(struct listen *l, struct peer *p, struct batch *b)
{
	ssize_t n = read(p->fd, l->chunk, CHUNK);
	struct err why;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return GOT_TICK;
	if (n < 0) {
		err_set(&why, FAIL_IO, "cannot read:");
		broken(l, p, &why);
	}
	if (n <= 0)
		return end_messages(l, p, b);
	l->bytes += (uint64_t)n;
	heard(l, p);
	l->rest = (struct slice){ l->chunk, (size_t)n };
	return more_messages(l, p, b);
}

/* ---- reading all of them */

/* A connection that was silent for too long ends, with what there is of a last line. */
static enum got end_silent(struct listen *l, struct batch *b)
{
	struct peer *p = l->oldest;
	enum got got;

	if (!p || !l->params.idle || stamp_monotonic() - p->heard < l->params.idle)
		return GOT_TICK;
	say(l, p, "silent for too long");
	if (l->syslog) {
		got = end_messages(l, p, b);
	} else {
		got = linebuf_end(&p->in, &b->lines);
		p->ends = true;
		if (got != GOT_END)
			give_lines(l, p, got, b);
	}
	if (got == GOT_END)
		end_peer(l, p);
	return got;
}

static enum got look_at(struct listen *l, struct peer *p, struct batch *b)
{
	enum got got;

	if (!p) {
		accept_some(l);
		return GOT_TICK;
	}
	got = l->syslog ? read_messages(l, p, b) : read_lines(l, p, b);
	if (got != GOT_END)
		return got;
	end_peer(l, p);
	return GOT_TICK;
}

/* Connections that something came from, one after the other. */
static enum got look_at_all(struct listen *l, struct batch *b)
{
	while (l->at < l->events) {
		enum got got = look_at(l, l->event[l->at++].data.ptr, b);

		if (got != GOT_TICK)
			return got;
	}
	return GOT_TICK;
}

static enum got listen_next(void *self, struct batch *b, struct err *e)
{
	struct listen *l = self;
	enum got got;
	int n;

	(void)e;
	if (l->has_long || l->rest.n) {
		got = more_messages(l, l->last, b);
		if (got != GOT_TICK)
			return got;
	}
	if (l->last && l->last->ends)
		end_peer(l, l->last);
	l->last = NULL;
	if (stop_signal())
		return GOT_END;
	got = look_at_all(l, b);
	if (got != GOT_TICK)
		return got;
	if (!l->accepting && !l->full && again_in(&l->accept) == 0)
		set_accepting(l, true);
	n = epoll_wait(l->epoll, l->event, EVENTS, 0);
	l->events = n > 0 ? (size_t)n : 0;
	l->at = 0;
	got = look_at_all(l, b);
	return got == GOT_TICK ? end_silent(l, b) : got;
}

static void lower(int64_t *timeout, int64_t to)
{
	if (*timeout < 0 || *timeout > to)
		*timeout = to < 0 ? 0 : to;
}

static size_t listen_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	const struct listen *l = self;

	if (l->oldest && l->params.idle)
		lower(timeout, l->oldest->heard + l->params.idle - stamp_monotonic());
	if (!l->accepting && !l->full)
		lower(timeout, again_in(&l->accept));
	if (room)
		*p = (struct pollfd){ .fd = l->epoll, .events = POLLIN };
	return 1;
}

/* ---- about it */

static size_t listen_parts(const void *self)
{
	return ((const struct listen *)self)->peers;
}

static const char *listen_name(const void *self, size_t part)
{
	const struct listen *l = self;

	return part < l->peers ? l->peer[part]->name : l->name;
}

static bool listen_over(const void *self, size_t part)
{
	return ((const struct listen *)self)->peer[part]->fd < 0;
}

static uint64_t listen_consumed(const void *self)
{
	const struct listen *l = self;
	uint64_t sum = l->bytes;

	for (const struct peer *p = l->syslog ? NULL : l->oldest; p; p = p->behind)
		sum += linebuf_bytes(&p->in);
	return sum;
}

static uint64_t listen_size(const void *self)
{
	(void)self;
	return 0;
}

static const struct feed_ops ops = {
	.flow = { .next = listen_next, .wait = listen_wait, .free = listen_free },
	.parts = listen_parts,
	.name = listen_name,
	.over = listen_over,
	.consumed = listen_consumed,
	.size = listen_size,
};
