#include "reader.h"

#include "base/alloc.h"
#include "stop.h"
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK                                                                                      \
	((size_t)256                                                                               \
	 << 10) /* bytes a read asks for: they are worked on while they are in the cache */
#define PIPE_SIZE    (1 << 20)
#define UNPACK_FIRST ((size_t)64 << 10) /* bytes of the first read: an unpacker takes them over */
#define KEEP_MAX     (4 * CHUNK) /* a buffer grown for a long line is given back beyond this */

struct reader {
	const char *const *name;
	size_t names, current; /* current is names at the end */
	struct reader_opts opts;
	int fd;       /* -1 between inputs */
	bool regular; /* never waits */
	bool source;  /* no pipe: on SIGINT it stops reading at once */
	bool binary;  /* as in opts, but for the current input */
	bool started; /* it is known whether the current input is compressed */
	bool begins;  /* nothing of it has been handed out */
	bool ended;   /* all of it has */
	bool ticked;  /* the caller was told that there is nothing to read */
	bool first, terminated;
	bool skipping; /* inside a line that is too long */
	struct unpack *unpack;
	char *buf;
	size_t cap;      /* without the pad */
	size_t from, to; /* unread bytes */
	uint64_t base;   /* where in the input the buffer begins */
	uint64_t bytes, size;
};

static void close_current(struct reader *r)
{
	if (r->fd > 0)
		close(r->fd);
	r->fd = -1;
	if (r->unpack)
		r->bytes += unpack_consumed(r->unpack);
	unpack_free(r->unpack);
	r->unpack = NULL;
}

static void reader_free(void *self)
{
	struct reader *r = self;

	close_current(r);
	free(r->buf);
	free(r);
}

static bool is_stdin(const struct reader *r)
{
	return strcmp(r->name[r->current], "-") == 0;
}

static const char *reader_name(const void *self)
{
	const struct reader *r = self;
	size_t i = r->current < r->names ? r->current : r->names - 1;

	return strcmp(r->name[i], "-") == 0 ? "stdin" : r->name[i];
}

static bool reader_terminated(const void *self)
{
	return ((const struct reader *)self)->terminated;
}

static bool reader_is_first(const void *self)
{
	return ((const struct reader *)self)->first;
}

static uint64_t reader_consumed(const void *self)
{
	const struct reader *r = self;

	return r->bytes + (r->unpack ? unpack_consumed(r->unpack) : 0);
}

/* Sizes are asked for late: only --progress needs them. */
static uint64_t reader_size(const void *self)
{
	const struct reader *r = self;
	uint64_t sum = 0;
	struct stat st;
	size_t i;

	for (i = 0; i < r->names; i++) {
		int failed = strcmp(r->name[i], "-") == 0 ? fstat(0, &st) : stat(r->name[i], &st);

		if (failed || !S_ISREG(st.st_mode))
			return 0;
		sum += (uint64_t)st.st_size;
	}
	return sum;
}

/* Is this file what stdout writes to? Then reading it would never end. */
static bool is_stdout(const struct stat *st)
{
	struct stat out;

	return fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == st->st_dev &&
	       out.st_ino == st->st_ino;
}

/* Can reading begin anywhere in it? What /proc and /sys have does not tell its size. */
static bool can_seek(const struct reader *r, const struct stat *st)
{
	char first[8];
	ssize_t n;

	if (!r->regular || st->st_size <= st->st_blksize || lseek(r->fd, 0, SEEK_CUR) != 0)
		return false;
	n = pread(r->fd, first, sizeof first, 0);
	return n > 0 && unpack_wanted(first, (size_t)n) == 0;
}

/* Go to where reading is to begin. */
static int go_to_begin(struct reader *r, const struct stat *st, struct err *e)
{
	bool seeks = can_seek(r, st);
	int64_t at = r->opts.begin(r->opts.context, seeks ? r->fd : -1, &r->binary);

	if (!seeks)
		return 0;
	if (at < 0 || lseek(r->fd, at, SEEK_SET) < 0)
		return err_set(e, FAIL_IO, "cannot read %s:", reader_name(r));
	r->base = (uint64_t)at;
	r->started = true; /* what it begins with was looked at */
	return 0;
}

/* Where stdin is closed its number is given to the next file; but it stays stdin's. */
static int not_stdin(int fd)
{
	int other;

	if (fd != 0)
		return fd;
	other = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return other;
}

static int open_current(struct reader *r, struct err *e)
{
	const char *name = r->name[r->current];
	struct stat st;

	r->fd = is_stdin(r) ? 0 : not_stdin(open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
	if (r->fd < 0 || fstat(r->fd, &st) < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", reader_name(r));
	/* open() does not wait for a FIFO's writer, since other inputs may be read meanwhile:
	   poll() tells when it has come, and reads wait as ever */
	if (r->fd > 0)
		fcntl(r->fd, F_SETFL, 0);
	if (S_ISDIR(st.st_mode) && is_stdin(r))
		return err_set(e, FAIL_OPEN, "cannot read stdin: it is a directory");
	if (S_ISDIR(st.st_mode))
		return err_set(e, FAIL_OPEN,
		               "cannot read %s: it is a directory (name the files in it: %s/*)",
		               name, name);
	r->regular = S_ISREG(st.st_mode);
	if (r->regular && st.st_size > 0 && is_stdout(&st))
		return err_set(e, FAIL_OPEN, "cannot read %s: it is the output file too",
		               reader_name(r));
	r->source = !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode))
		fcntl(r->fd, F_SETPIPE_SZ,
		      PIPE_SIZE); /* where it is not allowed it stays as it is */
	if (r->regular)
		posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	r->started = false;
	r->begins = true;
	r->base = 0;
	r->binary = r->opts.binary;
	return r->opts.begin ? go_to_begin(r, &st, e) : 0;
}

/* Move the unread bytes to the front and see that a good read fits behind them. */
static void make_room(struct reader *r)
{
	size_t held = r->to - r->from, cap = r->cap;

	if (r->from)
		memmove(r->buf, r->buf + r->from, held);
	r->base += r->from;
	r->from = 0;
	r->to = held;
	if (cap - held < CHUNK / 2)
		cap *= 2;
	else if (cap > KEEP_MAX && held < CHUNK / 2)
		cap = CHUNK;
	if (cap != r->cap)
		r->buf = alloc_resize(r->buf, cap + LINES_PAD, 1);
	r->cap = cap;
}

/* Is there something to read? 1 yes (or the end), 0 not yet, -1 the end is asked for. */
static int wait_readable(struct reader *r, bool tick, int64_t timeout)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	bool told = r->ticked;
	int64_t grace;

	if (stop_signal() && !(r->regular && r->opts.whole)) {
		grace = r->source ? 0 : stop_grace();
		if (grace == 0)
			return -1;
		timeout = timeout < 0 || timeout > grace ? grace : timeout;
	}
	if (r->regular || (r->unpack && unpack_ready(r->unpack)))
		return 1;
	r->ticked = false;
	if (stop_poll(&p, 1, tick && !told ? 0 : timeout) > 0)
		return 1;
	r->ticked = tick && !told;
	return 0;
}

/* The first bytes of an input: compressed ones are unpacked from here on. As read_some(). */
static int begin_input(struct reader *r)
{
	size_t n = r->to - r->from;
	int wanted = r->opts.raw ? 0 : unpack_wanted(r->buf + r->from, n);

	if (wanted < 0)
		return 2;
	r->started = true;
	if (!wanted)
		return 1;
	r->unpack = unpack_new(r->fd, r->buf + r->from, n);
	r->bytes -= n;
	r->to = r->from;
	return 2;
}

/* Read once behind the unread bytes. 1 something, 0 the input's end, 2 try again, -1 failed. */
static int read_some(struct reader *r, struct err *e)
{
	size_t room = r->cap - r->to;
	ssize_t n;

	if (r->unpack) {
		n = unpack_read(r->unpack, r->buf + r->to, room, e);
		if (n == -1)
			return err_at(e, "%s", reader_name(r));
		if (n < 0)
			return 2;
		r->to += (size_t)n;
		return n > 0;
	}
	if (!r->started && room > UNPACK_FIRST - r->to)
		room = UNPACK_FIRST - r->to;
	n = read(r->fd, r->buf + r->to, room);
	if (n < 0)
		return errno == EINTR ? 2 : err_set(e, FAIL_IO, "cannot read %s:", reader_name(r));
	r->bytes += (size_t)n;
	r->to += (size_t)n;
	return n && !r->started ? begin_input(r) : n > 0;
}

/* The end of an input: what is left is its last line. 1 if there is one to hand out. */
static enum got end_input(struct reader *r, struct slice *lines)
{
	size_t held = r->to - r->from;
	bool any = held && !r->skipping;

	if (any) {
		*lines = (struct slice){ r->buf + r->from, held };
		if (!r->binary) {
			r->buf[r->to] = '\n'; /* there is room: the pad */
			lines->n++;
			r->terminated = false;
		}
	}
	r->from = r->to = 0; /* base is of what is handed out, and soon of the next input */
	r->skipping = false;
	close_current(r);
	return any ? GOT_LINES : GOT_END;
}

/* Whole lines among the unread bytes, of which those before FRESH have been looked at. */
static enum got take_lines(struct reader *r, size_t fresh, struct slice *lines)
{
	char *last;

	if (r->skipping) {
		last = memchr(r->buf + r->from, '\n', r->to - r->from);
		r->skipping = !last;
		r->from = last ? (size_t)(last + 1 - r->buf) : r->to;
		fresh = r->from;
	}
	last = r->binary ? r->buf + r->to - 1 : memrchr(r->buf + fresh, '\n', r->to - fresh);
	if (last) {
		*lines =
			(struct slice){ r->buf + r->from, (size_t)(last + 1 - (r->buf + r->from)) };
		r->from = (size_t)(last + 1 - r->buf);
		return lines->n ? GOT_LINES : GOT_END;
	}
	if (r->to - r->from <= r->opts.max_line)
		return GOT_END;
	*lines = (struct slice){ r->buf + r->from, r->to - r->from };
	r->from = r->to;
	r->skipping = true;
	return GOT_LONG;
}

/* Go on to the next input after an end or a failure. */
static enum got next_input(struct reader *r, enum got got)
{
	close_current(r);
	r->from = r->to = 0;
	r->skipping = false;
	r->current++;
	return got;
}

static enum got advance(struct reader *r, bool tick, int64_t timeout, struct slice *lines,
                        struct err *e)
{
	size_t fresh;
	enum got got;
	int n;

	while (r->current < r->names) {
		if (r->fd < 0) {
			if (r->ended) {
				r->ended = false;
				next_input(r, GOT_END);
				continue;
			}
			if (open_current(r, e) < 0)
				return next_input(r, GOT_ERROR);
		}
		make_room(r);
		n = wait_readable(r, tick, timeout);
		if (n == 0)
			return GOT_TICK;
		if (n < 0) {
			close_current(r);
			r->current = r->names;
			break;
		}
		fresh = r->to;
		n = read_some(r, e);
		if (n < 0)
			return next_input(r, GOT_ERROR);
		if (n == 2)
			continue;
		if (n == 0)
			r->ended = true;
		got = n ? take_lines(r, fresh, lines) : end_input(r, lines);
		if (got != GOT_END)
			return got;
	}
	return GOT_END;
}

static enum got reader_next(void *self, bool tick, int64_t timeout, struct slice *lines,
                            struct err *e)
{
	struct reader *r = self;
	enum got got;

	r->first = false;
	r->terminated = true;
	got = advance(r, tick, timeout, lines, e);
	if (got == GOT_LINES || got == GOT_LONG) {
		r->first = r->begins;
		r->begins = false;
	}
	return got;
}

static struct place reader_place(const void *self, const char *at, uint64_t n)
{
	const struct reader *r = self;

	(void)n;
	return (struct place){ .offset = r->base + (uint64_t)(at - r->buf) };
}

static int reader_fd(const void *self)
{
	const struct reader *r = self;

	return r->regular || (r->unpack && unpack_ready(r->unpack)) ? -1 : r->fd;
}

static const struct lines_ops ops = {
	.next = reader_next,
	.name = reader_name,
	.is_first = reader_is_first,
	.terminated = reader_terminated,
	.consumed = reader_consumed,
	.size = reader_size,
	.place = reader_place,
	.fd = reader_fd,
	.free = reader_free,
};

struct lines reader_new(const char *const *names, size_t count, const struct reader_opts *opts)
{
	static const char *const stdin_only[] = { "-" };
	struct reader *r = alloc_zero(1, sizeof *r);

	r->name = count ? names : stdin_only;
	r->names = count ? count : 1;
	r->opts = *opts;
	r->fd = -1;
	r->terminated = true;
	r->cap = CHUNK;
	r->buf = alloc_array(r->cap + LINES_PAD, 1);
	return (struct lines){ &ops, r };
}
