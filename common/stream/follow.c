#include "follow.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "io/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)128 << 10)

struct file {
	const char *name;
	int fd; /* -1: not there (yet) */
	dev_t dev;
	ino_t ino;
	int64_t at; /* read so far */
	char *buf;  /* unread bytes, from the start */
	size_t n, cap;
	size_t taken;  /* of those, handed out by the last call */
	bool skipping; /* inside a line that is too long */
	bool begins;   /* nothing of it has been handed out */
	bool replaced; /* its name is another file's by now: read to its end, then that one */
};

struct follow {
	struct follow_opts opts;
	struct file *file;
	size_t files, turn; /* whose turn it is to be read */
	struct file *shown; /* whose lines were handed out last */
	int inotify;
	bool first, ticked, changed;
	uint64_t bytes;
};

static const struct lines_ops ops;

static void say(const struct follow *f, const struct file *file, const char *what)
{
	fprintf(stderr, "%s: %s %s\n", f->opts.tool, file->name, what);
}

/* Watch the folder of a name: for what comes and goes there, and for writing. */
static void watch(const struct follow *f, const char *name)
{
	const char *slash = strrchr(name, '/');
	char *dir = slash ? alloc_copy(name, slash == name ? 1 : (size_t)(slash - name))
	                  : alloc_copy(".", 1);

	if (f->inotify >= 0)
		inotify_add_watch(f->inotify, dir,
		                  IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
		                          IN_ATTRIB);
	free(dir);
}

/* Put the first line of a file before what is read from further on. */
static void take_header(struct file *file)
{
	char *newline;
	ssize_t n;

	if (file->at == 0)
		return;
	if (file->cap < CHUNK) {
		file->cap = CHUNK;
		file->buf = alloc_resize(file->buf, file->cap + LINES_PAD, 1);
	}
	n = pread(file->fd, file->buf, CHUNK / 2, 0);
	newline = n > 0 ? memchr(file->buf, '\n', (size_t)n) : NULL;
	if (newline && newline - file->buf < file->at)
		file->n = (size_t)(newline + 1 - file->buf);
}

/* Begin to read at this offset. */
static void begin_at(struct file *file, int64_t at)
{
	file->at = at;
	file->n = file->taken = 0;
	file->skipping = file->replaced = false;
	file->begins = true;
}

/* Open the file of that name now. FRESH: it came while we followed, so all of it is new. */
static int open_file(struct follow *f, struct file *file, bool fresh, struct err *e)
{
	struct stat st;
	int64_t at;

	file->fd = open(file->name, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", file->name);
	if (!S_ISREG(st.st_mode)) {
		close(file->fd);
		file->fd = -1;
		return err_set(e, FAIL_OPEN,
		               "cannot follow %s: it is no regular file (a pipe is read to its end "
		               "anyway)",
		               file->name);
	}
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	at = fresh ? 0 : start_offset(file->fd, &f->opts.start);
	if (at < 0)
		return err_set(e, FAIL_IO, "cannot read %s:", file->name);
	begin_at(file, at);
	if (f->opts.header)
		take_header(file);
	return 0;
}

struct lines follow_new(const char *const *names, size_t count, const struct follow_opts *opts,
                        struct err *e)
{
	struct follow *f = alloc_zero(1, sizeof *f);

	f->opts = *opts;
	f->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	f->file = alloc_zero(count, sizeof *f->file);
	for (; f->files < count; f->files++) {
		struct file *file = &f->file[f->files];

		*file = (struct file){ .name = names[f->files], .fd = -1 };
		watch(f, file->name);
		if (open_file(f, file, false, e) == 0)
			continue;
		if (!opts->by_name && !opts->retry) {
			ops.free(f);
			return (struct lines){ 0 };
		}
		fprintf(stderr, "%s: %s; it is waited for\n", opts->tool, e->text);
		err_clear(e);
	}
	return (struct lines){ &ops, f };
}

static void follow_free(void *self)
{
	struct follow *f = self;

	for (size_t i = 0; i < f->files; i++) {
		if (f->file[i].fd >= 0)
			close(f->file[i].fd);
		free(f->file[i].buf);
	}
	if (f->inotify >= 0)
		close(f->inotify);
	free(f->file);
	free(f);
}

/* ---- reading */

/* The whole lines in the buffer, of which those before FRESH were looked at. */
static enum got take_lines(struct follow *f, struct file *file, size_t fresh, struct slice *lines)
{
	size_t start = 0;
	char *newline;

	if (file->skipping) {
		newline = memchr(file->buf, '\n', file->n);
		start = fresh = file->taken = newline ? (size_t)(newline + 1 - file->buf) : file->n;
		file->skipping = !newline;
	}
	newline = memrchr(file->buf + fresh, '\n', file->n - fresh);
	if (!newline && file->n - start <= f->opts.max_line)
		return GOT_TICK;
	file->taken = newline ? (size_t)(newline + 1 - file->buf) : file->n;
	file->skipping = !newline;
	*lines = (struct slice){ file->buf + start, file->taken - start };
	f->first = file->begins;
	file->begins = false;
	f->shown = file;
	return newline ? GOT_LINES : GOT_LONG;
}

/* Read on in one file. GOT_END: there is nothing new; GOT_TICK: there is, but no whole line yet. */
static enum got read_file(struct follow *f, struct file *file, struct slice *lines, struct err *e)
{
	size_t fresh;
	ssize_t n;

	if (file->taken) {
		memmove(file->buf, file->buf + file->taken, file->n - file->taken);
		file->n -= file->taken;
		file->taken = 0;
	}
	if (file->cap - file->n < CHUNK / 2) {
		file->cap = file->cap ? file->cap * 2 : CHUNK;
		file->buf = alloc_resize(file->buf, file->cap + LINES_PAD, 1);
	}
	fresh = file->n;
	n = pread(file->fd, file->buf + file->n, file->cap - file->n, file->at);
	if (n < 0) {
		err_set(e, FAIL_IO, "cannot read %s:", file->name);
		close(file->fd);
		file->fd = -1;
		return GOT_ERROR;
	}
	if (n == 0)
		return GOT_END;
	file->n += (size_t)n;
	file->at += n;
	f->bytes += (uint64_t)n;
	return take_lines(f, file, fresh, lines);
}

/*
 * At a file's end: was it truncated, or replaced by another of its name? Then there is something to
 * read again.
 */
static bool look_again(struct follow *f, struct file *file)
{
	struct err ignored;
	struct stat st;

	if (file->fd >= 0 && fstat(file->fd, &st) == 0 && st.st_size < file->at) {
		say(f, file, "was truncated; it is read from its start");
		begin_at(file, 0);
		return true;
	}
	if (!f->opts.by_name && !(f->opts.retry && file->fd < 0))
		return false;
	if (stat(file->name, &st) < 0)
		return false;
	if (file->fd >= 0 && st.st_dev == file->dev && st.st_ino == file->ino)
		return false;
	if (file->fd >= 0 && !file->replaced) {
		/* what was written since the last look, before the name changed hands */
		file->replaced = true;
		return true;
	}
	if (file->fd >= 0) {
		close(file->fd);
		say(f, file,
		    file->n > file->taken
		            ? "was replaced; its last line had no newline and is left out"
		            : "was replaced; the new one is followed");
	}
	err_clear(&ignored);
	return open_file(f, file, true, &ignored) == 0;
}

/* One round over all files, beginning with the one whose turn it is. */
static enum got round_once(struct follow *f, struct slice *lines, struct err *e)
{
	bool more = false;

	for (size_t i = 0; i < f->files; i++) {
		struct file *file = &f->file[f->turn];
		enum got got = file->fd >= 0 ? read_file(f, file, lines, e) : GOT_END;

		if (got == GOT_LINES || got == GOT_LONG || got == GOT_ERROR)
			return got;
		if (got == GOT_TICK || look_again(f, file))
			more = true;
		f->turn = (f->turn + 1) % f->files;
	}
	return more ? GOT_LINES : GOT_TICK;
}

/*
 * Wait until something changed in the folders, at most TIMEOUT ns. Where nothing is written,
 * nothing says that the reader of stdout has gone: so that is looked at too, and ends the tool as
 * SIGPIPE would.
 */
static void wait_change(struct follow *f, int64_t timeout)
{
	struct pollfd p[] = { { .fd = STDOUT_FILENO }, { .fd = f->inotify, .events = POLLIN } };
	char events[4096];

	if (stop_poll(p, f->inotify >= 0 ? 2 : 1, timeout) <= 0)
		return;
	if (p[0].revents & POLLERR) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	while (p[1].revents && read(f->inotify, events, sizeof events) > 0)
		;
}

static enum got follow_next(void *self, bool tick, int64_t timeout, struct slice *lines,
                            struct err *e)
{
	struct follow *f = self;
	enum got got;

	f->first = false;
	while (!stop_signal()) {
		lines->p = NULL;
		got = round_once(f, lines, e);
		if (got == GOT_LINES && !lines->p)
			continue;
		if (got != GOT_TICK) {
			f->ticked = false;
			/* the next one's turn, so that a busy file does not starve the others */
			f->turn = (f->turn + 1) % f->files;
			return got;
		}
		if (tick && !f->ticked) {
			f->ticked = true;
			return GOT_TICK;
		}
		wait_change(f, timeout >= 0 && timeout < NS_PER_SEC ? timeout : NS_PER_SEC);
		f->ticked = false;
		return GOT_TICK;
	}
	return GOT_END;
}

static const char *follow_name(const void *self)
{
	const struct follow *f = self;

	return f->shown ? f->shown->name : f->file[0].name;
}

static bool follow_is_first(const void *self)
{
	return ((const struct follow *)self)->first;
}

static bool follow_terminated(const void *self)
{
	(void)self;
	return true;
}

static uint64_t follow_consumed(const void *self)
{
	return ((const struct follow *)self)->bytes;
}

static uint64_t follow_size(const void *self)
{
	(void)self;
	return 0;
}

static const struct lines_ops ops = {
	.next = follow_next,
	.name = follow_name,
	.is_first = follow_is_first,
	.terminated = follow_terminated,
	.consumed = follow_consumed,
	.size = follow_size,
	.free = follow_free,
};
