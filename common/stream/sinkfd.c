#include "sinkfd.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "command.h"
#include "io/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_SIZE (1 << 20)
#define KEEP_MAX  ((size_t)1 << 20)
#define LOOK      (20 * NS_PER_MS) /* how often a command is looked at where that must be */
#define ENDING    NS_PER_SEC       /* how long one that hung up may take to end */

enum kind { PLAIN, PIPE, SOCKET };

struct sinkfd {
	struct sinkfd_opts opts;
	char *name;
	int fd;
	enum kind kind;
	bool owned;   /* FD is closed with the sink */
	bool careful; /* a write could wait: only where there is room, and no more than fits */
	bool full;    /* a parcel was not taken for want of room */
	bool watched; /* waited for though nothing is left: does the reader go away? */
	bool silent;  /* the other side of a connection has said all */
	struct buf rest;
	size_t at; /* of it, what is out */
	uint64_t bytes;
};

static const struct sink_ops ops;

/* ---- writing */

/* write() that does not wait. */
static ssize_t write_some(const struct sinkfd *s, const char *p, size_t n)
{
	struct pollfd out = { .fd = s->fd, .events = POLLOUT };

	if (s->kind == SOCKET)
		return send(s->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!s->careful)
		return write(s->fd, p, n);
	if (poll(&out, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(s->fd, p, n < PIPE_BUF ? n : PIPE_BUF);
}

/*
 * Has the command ended? Waits TIMEOUT ns at most (negative: until the end is asked for, and 10 s
 * then). Then it is forgotten, and its exit status in *STATUS.
 */
static bool command_ended(struct sinkfd *s, int64_t timeout, int *status)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, s->opts.command, 0),
		            .events = POLLIN };
	int64_t end = timeout < 0 ? INT64_MAX : stamp_monotonic() + timeout, left;
	int got;
	pid_t pid;

	while ((pid = waitpid(s->opts.command, &got, WNOHANG)) == 0) {
		left = end - stamp_monotonic();
		if (stop_signal() && left > stop_grace())
			left = stop_grace();
		if (left <= 0)
			break;
		stop_poll(&p, 1, p.fd < 0 && left > LOOK ? LOOK : left);
	}
	if (p.fd >= 0)
		close(p.fd);
	if (pid == 0)
		return false;
	*status = pid > 0 ? command_status(got) : 0;
	s->opts.command = 0;
	return true;
}

static int ended_with(const struct sinkfd *s, int status, struct err *e)
{
	return err_set(e, FAIL_IO, "%s: ended with status %d", s->name, status);
}

/* errno says why nothing can be written any more. */
static enum took failed(struct sinkfd *s, struct err *e)
{
	int why = errno, status;

	/* a command that could not run, or failed, is more than a reader that has enough */
	if (why == EPIPE && s->opts.command && command_ended(s, ENDING, &status) && status) {
		ended_with(s, status, e);
		return SINK_FAILED;
	}
	errno = why;
	err_set(e, why == EPIPE && (s->kind == PIPE || s->opts.shared) ? FAIL_EPIPE : FAIL_IO,
	        "cannot write to %s:", s->name);
	return SINK_FAILED;
}

/* Write of P what can be, and add to *DONE how much that was. */
static enum took write_out(struct sinkfd *s, struct slice p, size_t *done, struct err *e)
{
	while (*done < p.n) {
		ssize_t n = write_some(s, p.p + *done, p.n - *done);

		if (n >= 0) {
			*done += (size_t)n;
			s->bytes += (size_t)n;
		} else if (errno == EAGAIN) {
			return SINK_FULL;
		} else if (errno != EINTR) {
			return failed(s, e);
		}
	}
	return SINK_TOOK;
}

/* So that the other side never waits for us to read. */
static void hear_out(struct sinkfd *s)
{
	char room[4096];
	ssize_t n = 1;

	if (s->kind != SOCKET || s->opts.shared)
		return;
	while (n > 0 && !s->silent)
		n = recv(s->fd, room, sizeof room, MSG_DONTWAIT);
	s->silent |= n == 0;
}

static enum took write_rest(struct sinkfd *s, struct err *e)
{
	enum took took = write_out(s, buf_slice(&s->rest), &s->at, e);

	if (took != SINK_TOOK)
		return took;
	s->at = 0;
	buf_trim(&s->rest, KEEP_MAX);
	return SINK_TOOK;
}

static enum took sinkfd_push(void *self, struct err *e)
{
	struct sinkfd *s = self;
	struct pollfd p = { .fd = s->fd };

	hear_out(s);
	s->full = false;
	if (s->watched && poll(&p, 1, 0) > 0 && p.revents & POLLERR) {
		errno = EPIPE;
		return failed(s, e);
	}
	s->watched = false;
	return write_rest(s, e);
}

static void begin(struct sinkfd *s)
{
	if (s->opts.head)
		s->opts.head(s->opts.context, s->opts.name, &s->rest);
	s->opts.head = NULL;
}

static enum took sinkfd_put(void *self, const struct parcel *p, struct err *e)
{
	struct sinkfd *s = self;
	enum took took;
	size_t done = 0;

	begin(s);
	s->watched = false;
	took = write_rest(s, e);
	if (took == SINK_TOOK)
		took = write_out(s, p->lines, &done, e);
	s->full = took == SINK_FULL && done == 0;
	if (took == SINK_FAILED || s->full)
		return took;
	buf_add(&s->rest, p->lines.p + done, p->lines.n - done);
	return SINK_TOOK;
}

static size_t sinkfd_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct sinkfd *s = self;
	short events = s->full || s->rest.n ? POLLOUT : 0;

	(void)timeout;
	if (!events && s->kind != PIPE)
		return 0;
	s->watched = !events;
	if (s->kind == SOCKET && !s->opts.shared && !s->silent)
		events |= POLLIN;
	if (room)
		*p = (struct pollfd){ .fd = s->fd, .events = events };
	return 1;
}

/* ---- the end */

static void close_it(struct sinkfd *s)
{
	if (s->owned && s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static int sinkfd_finish(void *self, struct err *e)
{
	struct sinkfd *s = self;
	int status = 0;

	/* there was no record; nothing else can be in the way of what begins a stream */
	begin(s);
	if (write_rest(s, e) == SINK_FAILED)
		return -1;
	if (s->kind == SOCKET && !s->opts.shared) {
		shutdown(s->fd, SHUT_WR);
		hear_out(s);
	}
	close_it(s);
	if (!s->opts.command)
		return 0;
	if (!command_ended(s, -1, &status))
		return err_set(e, FAIL_IO, "%s: did not end within 10 s", s->name);
	return status ? ended_with(s, status, e) : 0;
}

static uint64_t sinkfd_bytes(const void *self)
{
	return ((const struct sinkfd *)self)->bytes;
}

static void sinkfd_free(void *self)
{
	struct sinkfd *s = self;

	close_it(s);
	/* a terminal's ^C does not reach its process group */
	if (s->opts.command && stop_signal())
		kill(-s->opts.command, SIGTERM);
	buf_free(&s->rest);
	free(s->name);
	free(s);
}

static const struct sink_ops ops = {
	.put = sinkfd_put,
	.push = sinkfd_push,
	.wait = sinkfd_wait,
	.finish = sinkfd_finish,
	.bytes = sinkfd_bytes,
	.free = sinkfd_free,
};

/* ---- its beginning */

/*
 * A shared descriptor's flags are others', too. A pipe or a terminal can be opened anew, and that
 * has flags of its own; where it may not be, it is written to in small pieces.
 */
static void share(struct sinkfd *s, int fd)
{
	bool blocks = s->kind == PIPE || isatty(fd);
	char path[40];
	int own = -1;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (blocks)
		own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	s->owned = own >= 0;
	s->fd = own >= 0 ? own : fd;
	s->careful = blocks && own < 0;
}

struct sink sinkfd_new(int fd, const struct sinkfd_opts *opts)
{
	struct sinkfd *s = alloc_zero(1, sizeof *s);
	struct stat st;

	stop_take_sigpipe();
	s->opts = *opts;
	s->opts.name = s->name = alloc_copy(opts->name, strlen(opts->name));
	s->fd = fd;
	if (fstat(fd, &st) == 0)
		s->kind = S_ISFIFO(st.st_mode) ? PIPE : S_ISSOCK(st.st_mode) ? SOCKET : PLAIN;
	s->owned = !opts->shared;
	if (s->kind == PIPE)
		fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
	if (opts->shared)
		share(s, fd);
	else
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return (struct sink){ &ops, s };
}
