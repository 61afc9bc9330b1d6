#include "outfile.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "newlines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLAGS (O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY)

/* ---- opening */

/* How long the file is, and when it was born. */
static int look(struct outfile *f, struct err *e)
{
	struct statx st;

	if (statx(f->fd, "", AT_EMPTY_PATH, STATX_SIZE | STATX_BTIME, &st) < 0)
		return err_set(e, FAIL_OPEN, "cannot look at %s:", f->name);
	f->size = st.stx_size;
	f->born = STAMP_NONE;
	if (st.stx_mask & STATX_BTIME)
		f->born = st.stx_btime.tv_sec * NS_PER_SEC + st.stx_btime.tv_nsec;
	return 0;
}

/* MORE: flags for open(). */
static int open_named(struct outfile *f, int more, struct err *e)
{
	bool is_new = access(f->path, F_OK) < 0;

	f->fd = open(f->path, FLAGS | more, 0666);
	if (f->fd < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", f->name);
	if (is_new && f->has_like)
		newfile_make_like(f->fd, &f->like);
	f->made |= is_new;
	return 0;
}

static int open_fresh(struct outfile *f, struct err *e)
{
	f->fd = newfile_beside(f->path, &f->fresh, e);
	if (f->fd < 0)
		return -1;
	if (f->has_like)
		newfile_make_like(f->fd, &f->like);
	f->made = true;
	return 0;
}

/* A file that may not be written to is not replaced either, though its folder would let us. */
static int may_replace(const struct outfile *f, struct err *e)
{
	if (f->has_like && access(f->path, W_OK) < 0)
		return err_set(e, FAIL_OPEN, "cannot replace %s:", f->name);
	return 0;
}

static int open_as(struct outfile *f, enum outfile_how how, enum mend_as as, const char *tool,
                   struct err *e)
{
	struct stat st;

	f->has_like = stat(f->path, &st) == 0;
	if (f->has_like)
		f->like = newfile_like(&st);
	if (how == OUT_ATOMIC) {
		if (may_replace(f, e) < 0 || open_fresh(f, e) < 0)
			return -1;
	} else if (open_named(f, how == OUT_REPLACE ? O_TRUNC : 0, e) < 0) {
		return -1;
	}
	if (how == OUT_APPEND && mend_last_line(f->fd, f->path, as, tool, e) < 0)
		return -1;
	if (!f->has_like && fstat(f->fd, &st) == 0) {
		f->has_like = true;
		f->like = newfile_like(&st);
	}
	return look(f, e);
}

int outfile_open(struct outfile *f, const char *name, enum outfile_how how, enum mend_as as,
                 const char *tool, struct err *e)
{
	*f = (struct outfile){
		.name = name, .path = newfile_target(name), .fd = -1, .quoted = as == MEND_QUOTED
	};
	if (open_as(f, how, as, tool, e) == 0)
		return 0;
	outfile_free(f);
	return -1;
}

int outfile_renew(struct outfile *f, struct err *e)
{
	if (outfile_rest(f, e) < 0)
		return -1;
	f->dirty = false;
	if (f->fresh) {
		free(f->fresh);
		f->fresh = NULL;
		return open_fresh(f, e) < 0 ? -1 : look(f, e);
	}
	return open_named(f, 0, e) < 0 ? -1 : look(f, e);
}

int outfile_rest(struct outfile *f, struct err *e)
{
	int fd = f->fd;

	f->fd = -1;
	if (fd >= 0 && close(fd) < 0 && errno != EINTR)
		return err_set(e, FAIL_IO, "cannot write to %s:", f->name);
	return 0;
}

int outfile_wake(struct outfile *f, struct err *e)
{
	if (f->fd >= 0)
		return 0;
	if (f->fresh) {
		f->fd = open(f->fresh, FLAGS & ~O_CREAT);
		if (f->fd < 0)
			return err_set(e, FAIL_OPEN, "cannot open %s:", f->fresh);
		return look(f, e);
	}
	return open_named(f, 0, e) < 0 ? -1 : look(f, e);
}

bool outfile_is_named(const struct outfile *f)
{
	struct stat ours, named;

	return fstat(f->fd, &ours) == 0 && stat(outfile_now(f), &named) == 0 &&
	       ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/* ---- writing */

/*
 * DONE bytes of S are written, and not all: those of a record that is not whole are taken back.
 * Returns how many remain.
 */
static size_t cut_back(struct outfile *f, struct slice s, size_t done)
{
	size_t whole = newlines_last((struct slice){ s.p, done }, f->quoted);
	struct stat st;

	if (whole == done || (whole == 0 && f->torn))
		return done;
	if (fstat(f->fd, &st) == 0 && (uint64_t)st.st_size == f->size + done &&
	    ftruncate(f->fd, (off_t)(f->size + whole)) == 0)
		return whole;
	return done;
}

int outfile_write(struct outfile *f, struct slice *s)
{
	size_t done = 0;
	int why = 0;

	while (done < s->n && !why) {
		ssize_t n = write(f->fd, s->p + done, s->n - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			why = EIO;
		else if (errno != EINTR)
			why = errno;
	}
	if (why && done)
		done = cut_back(f, *s, done);
	if (done) {
		f->torn = why && newlines_last((struct slice){ s->p, done }, f->quoted) != done;
		f->dirty = true;
	}
	f->size += done;
	*s = (struct slice){ s->p + done, s->n - done };
	errno = why;
	return why ? -1 : 0;
}

int outfile_sync(struct outfile *f, struct err *e)
{
	if (f->dirty && f->fd >= 0 && fsync(f->fd) < 0 && errno != EINVAL && errno != EROFS)
		return err_set(e, FAIL_IO, "cannot sync %s:", f->name);
	f->dirty = false;
	if (f->made && newfile_sync_folder(f->path, e) < 0)
		return -1;
	f->made = false;
	return 0;
}

/* ---- the end */

int outfile_commit(struct outfile *f, struct err *e)
{
	if (!f->fresh)
		return 0;
	if (rename(f->fresh, f->path) < 0)
		return err_set(e, FAIL_IO, "cannot replace %s:", f->name);
	free(f->fresh);
	f->fresh = NULL;
	f->made = true;
	return 0;
}

void outfile_free(struct outfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	if (f->fresh)
		unlink(f->fresh);
	free(f->fresh);
	free(f->path);
	f->fresh = f->path = NULL;
}
