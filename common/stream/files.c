#include "files.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/stamp.h"
#include "files_in.h"
#include "io/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define STRAY (50 * NS_PER_MS) /* how often files are looked at whose names nobody tells of */
#define LOOK_ALL                                                                                   \
	(10 * NS_PER_SEC) /* how often all are, where the kernel tells of them: it need not tell   \
	                     everything */

static const struct feed_ops ops;

/* ---- files as units */

static struct seen see(int dir, const char *path)
{
	struct seen seen;
	struct statx st;

	memset(&seen, 0, sizeof seen); /* the id is hashed, padding and all */
	if (statx(dir, path, AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
		return seen;
	seen.id.dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	seen.id.ino = st.stx_ino;
	seen.mtime = st.stx_mtime.tv_sec * NS_PER_SEC + st.stx_mtime.tv_nsec;
	seen.size = st.stx_size;
	if (st.stx_mask & STATX_BTIME)
		seen.born = st.stx_btime.tv_sec * NS_PER_SEC + st.stx_btime.tv_nsec;
	return seen;
}

struct seen files_see(int fd)
{
	return see(fd, "");
}

struct seen files_see_name(const char *path)
{
	return see(AT_FDCWD, path);
}

static size_t free_unit(struct files *s)
{
	size_t before = s->units;

	for (size_t i = s->units; i-- > 0;)
		if (!s->unit[i])
			return i;
	s->unit = alloc_grow(s->unit, &s->units_cap, before + 1, sizeof(struct file *));
	s->unit[s->units++] = NULL;
	return before;
}

struct file *files_by_id(struct files *s, const struct seen *seen)
{
	struct slice key = { (const char *)&seen->id, sizeof seen->id };
	struct file *f = (struct file *)(void *)map_find(&s->ids, key, hash_bytes(key.p, key.n));

	if (f && f->born && seen->born && f->born != seen->born) {
		/* it is gone, and its inode number another one's */
		files_forget_id(s, f);
		return NULL;
	}
	return f;
}

static void link_file(struct log *l, struct file *f, struct file *after)
{
	f->older = after;
	f->newer = after ? after->newer : l->oldest;
	if (f->newer)
		f->newer->older = f;
	else
		l->newest = f;
	if (after)
		after->newer = f;
	else
		l->oldest = f;
}

static void unlink_file(struct log *l, struct file *f)
{
	*(f->older ? &f->older->newer : &l->oldest) = f->newer;
	*(f->newer ? &f->newer->older : &l->newest) = f->older;
}

struct file *files_add(struct files *s, struct log *l, struct file *after, const char *path,
                       const struct seen *seen)
{
	struct file *f = alloc_zero(1, sizeof *f);

	f->id = seen->id;
	f->born = seen->born;
	f->mtime = seen->mtime;
	f->log = l;
	f->path = alloc_copy(path, strlen(path));
	f->content.fd = -1;
	f->touched = stamp_monotonic();
	f->begins = true;
	f->unit = free_unit(s);
	s->unit[f->unit] = f;
	f->item = (struct map_item){ hash_bytes(&f->id, sizeof f->id), (const char *)&f->id,
		                     sizeof f->id };
	map_add(&s->ids, &f->item);
	link_file(l, f, after);
	s->units_added++;
	return f;
}

void files_forget_id(struct files *s, struct file *f)
{
	if (!f->forgotten)
		map_remove(&s->ids, &f->item);
	f->forgotten = true;
}

static void unqueue(struct files *s, struct file *f)
{
	struct file **at = &s->queue;

	if (!f->queued)
		return;
	while (*at != f)
		at = &(*at)->queue_next;
	*at = f->queue_next;
	if (!*at)
		s->queue_end = at;
	f->queued = false;
}

static void free_file(struct files *s, struct file *f)
{
	files_close(s, f);
	files_forget_id(s, f);
	unqueue(s, f);
	s->unit[f->unit] = NULL;
	if (s->shown == f)
		s->shown = NULL;
	if (s->first == f)
		s->first = NULL;
	free(f->path);
	free(f->rest);
	buf_free(&f->header);
	free(f);
}

/* Forget a file whose lines are all out. */
static void retire(struct files *s, struct file *f)
{
	uint64_t upto = s->opts.keeps ? f->written.at : f->out.at;

	if (!f->over || upto < f->handed.at)
		return;
	s->overs--;
	unlink_file(f->log, f);
	if (f->log->leaving && !f->log->oldest)
		files_drop_log(s, f->log);
	free_file(s, f);
}

void files_done(struct log *l, const struct done *d)
{
	if (l->dones == l->done_cap && l->done_cap < DONE_MAX) {
		l->done_cap = l->done_cap ? 2 * l->done_cap : 16;
		l->done = alloc_resize(l->done, l->done_cap, sizeof *l->done);
	}
	l->done[l->dones++ % l->done_cap] = *d;
}

void files_end(struct files *s, struct file *f)
{
	struct log *l = f->log;

	if (f->over)
		return;
	/* what was not read, or is read on in a copy, is not done */
	if (f->at && !f->copied)
		files_done(l, &(struct done){ f->id, f->born, f->print, f->at });
	files_close(s, f);
	files_forget_id(s, f);
	f->over = f->caught = true;
	s->overs++;
	f->rest_n = 0;
	unqueue(s, f);
	if (f->newer)
		files_queue(s, f->newer);
}

void files_discard(struct files *s, struct file *f)
{
	unlink_file(f->log, f);
	free_file(s, f);
}

void files_queue(struct files *s, struct file *f)
{
	if (f->queued || f->over)
		return;
	f->queued = true;
	f->queue_next = NULL;
	*s->queue_end = f;
	s->queue_end = &f->queue_next;
}

void files_debug(const struct files *s, const char *name, const char *fmt, ...)
{
	va_list args;

	if (!s->opts.feed.debug)
		return;
	fprintf(stderr, "%s: debug: %s: ", s->opts.feed.tool, name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

/* ---- setting up and down */

struct feed files_new(const char *const *names, size_t count, const struct files_opts *opts,
                      struct err *e)
{
	struct files *s = alloc_zero(1, sizeof *s);

	s->opts = *opts;
	s->name = names;
	s->names = count;
	s->queue_end = &s->queue;
	s->dirs = dirs_new(opts->poll);
	s->looked = s->strayed = stamp_monotonic();
	if (files_find_all(s, e) < 0) {
		ops.flow.free(s);
		return (struct feed){ 0 };
	}
	return (struct feed){ &ops, s };
}

static void files_free(void *self)
{
	struct files *s = self;

	if (s->vanished)
		fprintf(stderr,
		        "%s: %llu files were gone before they could be read to their end "
		        "(--max-open holds %zu open)\n",
		        s->opts.feed.tool, (unsigned long long)s->vanished, s->opts.max_open);
	for (size_t i = 0; i < s->parts; i++)
		if (s->log[i])
			files_drop_log(s, s->log[i]);
	for (size_t i = 0; i < s->units; i++)
		if (s->unit[i])
			free_file(s, s->unit[i]);
	dirs_free(s->dirs);
	map_free(&s->logs);
	map_free(&s->ids);
	free(s->log);
	free(s->unit);
	free(s->touched);
	free(s->buf);
	free(s);
}

/* ---- whose turn it is */

/* Files older than F are read to their end first. */
static bool has_turn(const struct file *f)
{
	for (const struct file *o = f->older; o; o = o->older)
		if (!o->caught)
			return false;
	return true;
}

static struct file *take_turn(struct files *s)
{
	struct file *f = s->first;

	s->first = NULL;
	if (f)
		return f;
	f = s->queue;
	if (!f)
		return NULL;
	s->queue = f->queue_next;
	if (!s->queue)
		s->queue_end = &s->queue;
	f->queued = false;
	return f;
}

/* What is to be looked at by the clock. */
static void look_by_clock(struct files *s)
{
	int64_t now = stamp_monotonic(), all = s->untold ? s->opts.interval : LOOK_ALL;

	if (s->look_all || now - s->looked >= all) {
		s->look_all = false;
		s->looked = s->strayed = now;
		files_look_all(s);
	}
	if (s->strays && now - s->strayed >= STRAY) {
		s->strayed = now;
		for (size_t i = 0; i < s->parts; i++)
			if (s->log[i] && s->log[i]->straying)
				for (struct file *f = s->log[i]->oldest; f; f = f->newer)
					files_queue(s, f);
	}
	if (s->match)
		files_match(s);
}

static void look(struct files *s)
{
	dirs_read(s->dirs, files_told, s);
	look_by_clock(s);
	if (!s->some_look)
		return;
	s->some_look = false;
	for (size_t i = 0; i < s->parts; i++)
		if (s->log[i] && s->log[i]->look)
			files_look_name(s, s->log[i]);
}

/* Is a line that has not ended to be handed out by now? */
static bool is_overdue(const struct files *s, const struct file *f)
{
	return f->rest_n && !f->skipping && s->opts.partial_after >= 0 &&
	       stamp_monotonic() - f->touched >= s->opts.partial_after;
}

static bool partial_lines(struct files *s, struct batch *b)
{
	if (s->opts.partial_after < 0)
		return false;
	for (size_t i = 0; i < s->units; i++)
		if (s->unit[i] && is_overdue(s, s->unit[i]) && files_read_rest(s, s->unit[i], b))
			return true;
	return false;
}

/*
 * The end of all that is there, with `ends`. What is unfinished is left to the next run, if there
 * is one.
 */
static enum got end_all(struct files *s, struct batch *b, struct err *e)
{
	if (!s->ending) {
		/* what came while the last of it was read */
		s->ending = true;
		s->look_all = true;
		look(s);
		return s->queue ? GOT_LINES : end_all(s, b, e);
	}
	for (size_t i = 0; i < s->units; i++) {
		struct file *f = s->unit[i];

		if (f && !f->over && (!s->opts.keeps || f->newer) && files_read_rest(s, f, b))
			return GOT_LINES;
	}
	for (size_t i = 0; i < s->parts; i++) {
		struct log *l = s->log[i];

		if (!l || !l->absent || l->oldest || l->dones)
			continue;
		l->absent = false;
		errno = ENOENT;
		err_set(e, FAIL_OPEN, "cannot open %s:", l->name);
		return GOT_ERROR;
	}
	return GOT_END;
}

/* As next(); GOT_LINES without lines: there may be some. */
static enum got one_round(struct files *s, struct batch *b, struct err *e)
{
	enum got got = GOT_END;
	struct file *f;

	look(s);
	while ((f = take_turn(s))) {
		if (!has_turn(f))
			continue;
		got = files_read(s, f, b, e);
		if (got == GOT_ERROR)
			return got;
		if (got != GOT_END && s->first != f)
			files_queue(s, f);
		if (got == GOT_LINES || got == GOT_LONG) {
			s->ending = false;
			return got;
		}
		retire(s, f);
	}
	if (partial_lines(s, b))
		return GOT_LINES;
	return s->opts.ends ? end_all(s, b, e) : GOT_TICK;
}

static enum got files_next(void *self, struct batch *b, struct err *e)
{
	struct files *s = self;
	enum got got = GOT_LINES;

	while (!stop_signal()) {
		b->lines.p = NULL;
		got = one_round(s, b, e);
		if (got != GOT_LINES || b->lines.p)
			return got;
	}
	return GOT_END;
}

static void sooner(int64_t *timeout, int64_t due)
{
	due = due < 0 ? 0 : due;
	if (*timeout < 0 || due < *timeout)
		*timeout = due;
}

static size_t files_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct files *s = self;
	int64_t now = stamp_monotonic();
	int fd = dirs_fd(s->dirs);

	sooner(timeout, s->looked + (s->untold ? s->opts.interval : LOOK_ALL) - now);
	if (s->strays)
		sooner(timeout, s->strayed + STRAY - now);
	if (s->queue || s->first || s->look_all || s->match)
		sooner(timeout, 0);
	if (s->opts.partial_after >= 0)
		for (size_t i = 0; i < s->units; i++)
			if (s->unit[i] && s->unit[i]->rest_n && !s->unit[i]->skipping)
				sooner(timeout, s->unit[i]->touched + s->opts.partial_after - now);
	if (fd < 0)
		return 0;
	if (room)
		*p = (struct pollfd){ .fd = fd, .events = POLLIN };
	return 1;
}

/* ---- what is known of it */

static size_t files_parts(const void *self)
{
	return ((const struct files *)self)->parts;
}

static const char *files_name(const void *self, size_t part)
{
	const struct files *s = self;

	return part < s->parts && s->log[part] ? s->log[part]->name : s->names ? s->name[0] : "";
}

static bool files_over(const void *self, size_t part)
{
	const struct files *s = self;

	return part >= s->parts || !s->log[part];
}

static uint64_t files_consumed(const void *self)
{
	return ((const struct files *)self)->bytes;
}

/* Of what is read to its end: what there is to read. */
static uint64_t files_size(const void *self)
{
	const struct files *s = self;
	uint64_t sum = s->bytes;

	for (size_t i = 0; s->opts.ends && i < s->units; i++) {
		const struct file *f = s->unit[i];
		struct stat st;

		if (!f || f->over || f->content.packed || stat(f->path, &st) < 0)
			continue;
		sum += (uint64_t)st.st_size > f->at ? (uint64_t)st.st_size - f->at : 0;
	}
	return s->opts.ends ? sum : 0;
}

/* ---- positions, as far as units come and go by them */

static struct file *unit_of(const struct files *s, size_t unit)
{
	return unit < s->units ? s->unit[unit] : NULL;
}

void files_let_out(void *self, size_t unit, uint64_t upto)
{
	struct files *s = self;
	struct file *f = unit_of(s, unit);

	if (!f)
		return;
	if (upto == f->handed.at)
		f->out = f->handed;
	else
		f->out = (struct mark){ .at = upto };
	if (s->opts.keeps) {
		s->touched = alloc_grow(s->touched, &s->touches_cap, s->touches + 1,
		                        sizeof(struct file *));
		if (!s->touches || s->touched[s->touches - 1] != f)
			s->touched[s->touches++] = f;
	} else {
		retire(s, f);
	}
}

int files_written(void *self, struct err *e)
{
	struct files *s = self;

	(void)e;
	/* a file may be in it twice, and is not to be looked at again when it is gone */
	for (size_t i = 0; i < s->touches; i++)
		s->touched[i]->written = s->touched[i]->out;
	s->touches = 0;
	for (size_t i = 0; s->overs && i < s->units; i++)
		if (s->unit[i])
			retire(s, s->unit[i]);
	return 0;
}

static const struct feed_ops ops = {
	.flow = { .next = files_next, .wait = files_wait, .free = files_free },
	.parts = files_parts,
	.name = files_name,
	.over = files_over,
	.consumed = files_consumed,
	.size = files_size,
	.let_out = files_let_out,
	.written = files_written,
	.save = files_save,
	.seek = files_seek,
};
