#include "writer.h"

#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_SIZE (1 << 20)
#define RUN_MIN   ((size_t)32 << 10) /* a run of at least this is written from where it lies */
#define KEEP_MAX  ((size_t)256 << 10)

void writer_init(struct writer *w, int fd, const char *name, bool each)
{
	struct stat st;

	*w = (struct writer){ .fd = fd, .name = name, .each = each };
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	w->ends_here = S_ISREG(st.st_mode) || isatty(fd);
	if (S_ISFIFO(st.st_mode))
		fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
}

void writer_init_put(struct writer *w, writer_put *put, void *to, const char *name)
{
	*w = (struct writer){ .fd = -1, .put = put, .to = to, .name = name };
}

static bool gathers(const struct writer *w)
{
	return w->fd < 0 && !w->put;
}

/*
 * Where SIGPIPE is ignored a closed pipe comes as an error: then end as the signal would have ended
 * us.
 */
static int failed(const struct writer *w, struct err *e)
{
	if (errno == EPIPE) {
		if (!w->takes_epipe) {
			signal(SIGPIPE, SIG_DFL);
			raise(SIGPIPE);
		}
		return err_set(e, FAIL_EPIPE, "cannot write to %s:", w->name);
	}
	return err_set(e, FAIL_IO, "cannot write to %s:", w->name);
}

static int write_all(struct writer *w, const char *p, size_t n, struct err *e)
{
	struct pollfd out = { .fd = w->fd, .events = POLLOUT };

	if (n && w->before)
		w->before(w->context);
	if (n && w->put) {
		w->bytes += n;
		return w->put(w->to, (struct slice){ p, n }, e);
	}
	while (n) {
		ssize_t done = write(w->fd, p, n);

		if (done >= 0) {
			p += done;
			n -= (size_t)done;
			w->bytes += (size_t)done;
		} else if (errno == EAGAIN) {
			stop_poll(&out, 1, -1);
		} else if (errno != EINTR) {
			return failed(w, e);
		}
	}
	return 0;
}

static int flush_out(struct writer *w, struct err *e)
{
	int r;

	if (gathers(w))
		return 0;
	r = write_all(w, w->out.p, w->out.n, e);
	buf_trim(&w->out, KEEP_MAX);
	return r;
}

void writer_copy_run(struct writer *w)
{
	buf_add_slice(&w->out, w->run);
	w->run.n = 0;
}

int writer_settle(struct writer *w, struct err *e)
{
	struct slice run = w->run;

	if (run.n < RUN_MIN || gathers(w)) {
		writer_copy_run(w);
		return w->out.n >= WRITER_FULL ? flush_out(w, e) : 0;
	}
	w->run.n = 0;
	if (w->out.n && flush_out(w, e) < 0)
		return -1;
	return write_all(w, run.p, run.n, e);
}

int writer_pass_slow(struct writer *w, struct slice s, struct err *e)
{
	if (writer_settle(w, e) < 0)
		return -1;
	w->run = s;
	return w->each ? writer_flush(w, e) : 0;
}

int writer_flush(struct writer *w, struct err *e)
{
	if (writer_settle(w, e) < 0)
		return -1;
	return w->out.n ? flush_out(w, e) : 0;
}

int writer_check_slow(struct writer *w, struct err *e)
{
	return writer_flush(w, e);
}

void writer_drop(struct writer *w)
{
	w->run.n = 0;
	buf_clear(&w->out);
}

void writer_free(struct writer *w)
{
	buf_free(&w->out);
}
