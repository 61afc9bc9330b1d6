#include "watch.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOPS_MAX 40 /* symbolic links in a name: as many as the kernel follows */

/* A name that was looked up in a folder, which is watched for what else gets it. */
struct step {
	int wd; /* of the folder; several steps may be in one */
	char *path;
};

struct watch {
	const char *name;
	int inotify; /* -1: it cannot be watched any more */
	int file;    /* the watch of the file itself; -1: it is not there */
	dev_t dev;   /* which one that is */
	ino_t ino;
	struct step *step;
	size_t steps, cap;
};

static void forget(struct watch *w)
{
	for (size_t i = 0; i < w->steps; i++)
		free(w->step[i].path);
	w->steps = 0;
	w->file = -1;
	if (w->inotify >= 0)
		close(w->inotify);
	w->inotify = -1;
}

/* ---- setting up */

/* What a later look finds out, or says better. */
static bool is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/* Watch the folder AT before PATH is looked up in it. LAST: it is where the name ends. */
static int watch_folder(struct watch *w, const char *at, const char *path, bool last, struct err *e)
{
	uint32_t events = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR | IN_MASK_ADD;
	int wd = inotify_add_watch(w->inotify, at, events | (last ? IN_CLOSE_WRITE : 0));

	if (wd < 0 && (is_absent(errno) || (!last && errno == EACCES)))
		return 0; /* a folder on the way that may be passed, not read */
	if (wd < 0)
		return err_set(e, FAIL_OPEN, "cannot watch the folder %s:", at);
	w->step = alloc_grow(w->step, &w->cap, w->steps + 1, sizeof *w->step);
	w->step[w->steps++] = (struct step){ wd, alloc_copy(path, strlen(path)) };
	return 0;
}

static int watch_file(struct watch *w, const char *path, struct err *e)
{
	struct stat st;

	w->file = inotify_add_watch(w->inotify, path, IN_CLOSE_WRITE);
	if (w->file < 0 && !is_absent(errno) && errno != EACCES)
		return err_set(e, FAIL_OPEN, "cannot watch %s:", path);
	if (w->file >= 0 && stat(path, &st) == 0) {
		w->dev = st.st_dev;
		w->ino = st.st_ino;
	}
	return 0;
}

/* A path that is being followed, folder by folder. */
struct way {
	struct buf at;   /* so far, without symbolic links, NUL-terminated */
	struct buf next; /* the same with the name in hand */
	char *rest;      /* owned */
	char *p;         /* in it: what is still to be followed */
	int hops;
};

static void put_path(struct buf *b, const char *path)
{
	buf_clear(b);
	buf_add(b, path, strlen(path) + 1);
}

static void way_begin(struct way *y, const char *path)
{
	*y = (struct way){ .rest = alloc_copy(path, strlen(path)) };
	y->p = y->rest;
	put_path(&y->at, *path == '/' ? "/" : ".");
}

static void way_free(struct way *y)
{
	buf_free(&y->at);
	buf_free(&y->next);
	free(y->rest);
}

/* Take the next name into y->next. False: there is none. */
static bool way_next(struct way *y)
{
	size_t n;

	y->p += strspn(y->p, "/");
	n = strcspn(y->p, "/");
	buf_clear(&y->next);
	buf_addf(&y->next, "%s/%.*s", y->at.p, (int)n, y->p);
	buf_addc(&y->next, '\0');
	y->p += n;
	return n > 0;
}

/* Is y->next a link? Then its target is to be followed next, in its place. */
static bool way_turns(struct way *y)
{
	char target[PATH_MAX];
	ssize_t n = readlink(y->next.p, target, sizeof target - 1);
	struct buf rest = { 0 };

	if (n < 0 || ++y->hops > HOPS_MAX)
		return false;
	target[n] = '\0';
	buf_addf(&rest, "%s/%s", target, y->p);
	buf_addc(&rest, '\0');
	free(y->rest);
	y->rest = y->p = rest.p;
	if (*target == '/')
		put_path(&y->at, "/");
	return true;
}

/* Watch all that the name's meaning hangs on. */
static int begin(struct watch *w, struct err *e)
{
	struct way y;
	int did = 0;

	forget(w);
	w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->inotify < 0)
		return err_set(e, FAIL_OPEN, "cannot watch %s:", w->name);
	way_begin(&y, w->name);
	while (did == 0 && way_next(&y)) {
		bool last = y.p[strspn(y.p, "/")] == '\0';

		did = watch_folder(w, y.at.p, y.next.p, last, e);
		if (!way_turns(&y))
			put_path(&y.at, y.next.p);
	}
	if (did == 0)
		did = watch_file(w, y.at.p, e);
	way_free(&y);
	if (did < 0)
		forget(w);
	return did;
}

struct watch *watch_new(const char *name, struct err *e)
{
	struct watch *w = alloc_zero(1, sizeof *w);

	w->name = name;
	w->inotify = -1;
	if (begin(w, e) == 0)
		return w;
	watch_free(w);
	return NULL;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	forget(w);
	free(w->step);
	free(w);
}

/* ---- what happened */

/* What an event says about the name, the least first. */
enum news {
	NEWS_NONE,
	NEWS_FOLDER, /* there is a new folder on the way: the file may be there, or come */
	NEWS_CHANGE,
};

/* Something of this name was made: is it whole? A file that is written to will be closed. */
static enum news made(const char *path, uint32_t mask)
{
	struct stat st;

	if (mask & IN_ISDIR)
		return NEWS_FOLDER;
	if (lstat(path, &st) < 0)
		return NEWS_NONE;
	return S_ISLNK(st.st_mode) || st.st_nlink > 1 ? NEWS_CHANGE : NEWS_NONE;
}

/* Is the file that is watched still the one of the name? */
static bool is_named(const struct watch *w)
{
	struct stat st;

	return stat(w->name, &st) == 0 && st.st_dev == w->dev && st.st_ino == w->ino;
}

static enum news read_event(const struct watch *w, const struct inotify_event *event)
{
	enum news news = NEWS_NONE;

	if (event->mask & IN_Q_OVERFLOW)
		return NEWS_CHANGE;
	if (event->wd == w->file && event->mask & IN_CLOSE_WRITE && is_named(w))
		return NEWS_CHANGE;
	for (size_t i = 0; i < w->steps && news == NEWS_NONE; i++) {
		const struct step *s = &w->step[i];

		if (event->wd == s->wd && event->len &&
		    strcmp(event->name, strrchr(s->path, '/') + 1) == 0)
			news = event->mask & IN_CREATE ? made(s->path, event->mask) : NEWS_CHANGE;
	}
	return news;
}

/* The events since the last look. */
static enum news read_events(const struct watch *w)
{
	alignas(struct inotify_event) char buf[4096];
	enum news news = NEWS_NONE;
	ssize_t n;

	while ((n = read(w->inotify, buf, sizeof buf)) > 0)
		for (const char *p = buf; p < buf + n;) {
			const struct inotify_event *event = (const void *)p;
			enum news one = read_event(w, event);

			news = one > news ? one : news;
			p += sizeof *event + event->len;
		}
	return news;
}

int watch_changed(struct watch *w, struct err *e)
{
	enum news news = w->inotify < 0 ? NEWS_NONE : read_events(w);

	if (news == NEWS_NONE)
		return 0;
	if (begin(w, e) < 0)
		return -1;
	return news == NEWS_CHANGE || access(w->name, F_OK) == 0;
}
