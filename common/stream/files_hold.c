#include "base/alloc.h"
#include "files_in.h"

#include <errno.h>
#include <stdlib.h>

static void unlist(struct files *s, struct file *f)
{
	*(f->held_prev ? &f->held_prev->held_next : &s->held_first) = f->held_next;
	*(f->held_next ? &f->held_next->held_prev : &s->held_last) = f->held_prev;
	f->held_prev = f->held_next = NULL;
}

static bool is_listed(const struct files *s, const struct file *f)
{
	return f->held_prev || s->held_first == f;
}

void files_close(struct files *s, struct file *f)
{
	if (!is_listed(s, f))
		return;
	unlist(s, f);
	s->held--;
	content_close(&f->content);
}

/* May F be closed and found again? A file without its name, or with a line to come, had better not
 * be. */
static bool is_idle(const struct file *f)
{
	return !f->queued && !f->replaced && !f->log->gone;
}

/* Close the file that was read least recently, if possible one of which nothing is unread. */
static void make_room(struct files *s, const struct file *but)
{
	struct file *f = s->held_first;

	while (f && (f == but || !is_idle(f)))
		f = f->held_next;
	if (!f)
		f = s->held_first == but ? s->held_first->held_next : s->held_first;
	if (f)
		files_close(s, f);
}

void files_held(struct files *s, struct file *f)
{
	if (is_listed(s, f)) {
		if (s->held_last == f)
			return;
		unlist(s, f);
	} else if (++s->held > s->opts.max_open) {
		make_room(s, f);
	}
	f->held_prev = s->held_last;
	*(s->held_last ? &s->held_last->held_next : &s->held_first) = f;
	s->held_last = f;
}

/* Open PATH if it is F by its id. */
static bool open_as(struct file *f, const char *path, struct err *e)
{
	struct stat st;

	if (content_open(&f->content, path, &st, e) < 0)
		return false;
	if (st.st_dev == f->id.dev && st.st_ino == f->id.ino)
		return true;
	content_close(&f->content);
	return false;
}

void files_moved(struct file *f, const char *path)
{
	free(f->path);
	f->path = alloc_copy(path, strlen(path));
}

/* Among what its log's name became. */
static bool open_rotation(struct file *f)
{
	struct rotations r = { 0 };
	struct err ignored;
	bool found = false;

	rotations_find(&r, f->log->name);
	for (size_t i = 0; i < r.n && !found; i++) {
		err_clear(&ignored);
		if (r.at[i].dev == f->id.dev && r.at[i].ino == f->id.ino)
			found = open_as(f, r.at[i].path, &ignored);
		if (!found &&
		    content_open(&f->content, r.at[i].path, &(struct stat){ 0 }, &ignored) == 0) {
			found = print_fits(&f->print, f->at, &f->content);
			if (!found)
				content_close(&f->content);
		}
		if (found)
			files_moved(f, r.at[i].path);
	}
	rotations_free(&r);
	return found;
}

int files_hold(struct files *s, struct file *f, struct err *e)
{
	struct err why;

	if (f->content.fd < 0) {
		err_clear(&why);
		if (!open_as(f, f->path, &why) && !open_rotation(f)) {
			if (why.kind == FAIL_NONE || errno == ENOENT)
				return 0;
			*e = why;
			return -1;
		}
	}
	files_held(s, f);
	return 1;
}
