#include "base/alloc.h"
#include "base/duration.h"
#include "base/hash.h"
#include "files_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TICK  (20 * NS_PER_MS) /* files written within it may bear one time */
#define TRIES 5                /* to look at files that are being compressed meanwhile */

/* The first bytes of a file, N of them; not above 0 where there are none, or it cannot be read. */
struct first {
	char p[PRINT_HEAD];
	long n;
};

static struct first first_of(struct content *c)
{
	struct first first;
	struct err ignored;

	err_clear(&ignored);
	first.n = content_read(c, 0, first.p, sizeof first.p, &ignored);
	return first;
}

/*
 * Do files begin alike? What is shorter may be a copy that is being made; but a part of a line
 * tells nothing.
 */
static bool alike(const struct first *a, const struct first *b)
{
	long n = a->n < b->n ? a->n : b->n;

	return n > 0 && (n == PRINT_HEAD || memchr(a->p, '\n', (size_t)n)) &&
	       memcmp(a->p, b->p, (size_t)n) == 0;
}

/*
 * Is a file that begins so F, as it is by now or as it was? It may have been truncated unnoticed.
 * What is longer is no copy of it as it is: they have a header in common.
 */
static bool begins_as(struct files *s, struct file *f, const struct first *other)
{
	struct first was = { .n = f->print.head_n }, now;
	struct err ignored;

	memcpy(was.p, f->head, (size_t)was.n);
	if (f->rotation)
		return alike(&was, other) && other->n <= was.n;
	err_clear(&ignored);
	now.n = 0;
	if (files_hold(s, f, &ignored) > 0)
		now = first_of(&f->content);
	if (alike(&now, other) && now.n >= was.n)
		return other->n <= now.n;
	return (f->at && alike(&was, other)) || alike(&now, other);
}

/* Which file, other than BUT, is being read and begins so? NULL: none. */
static struct file *reader_of(struct files *s, const struct log *l, const struct file *but,
                              const struct first *first)
{
	for (struct file *f = l->oldest; f; f = f->newer)
		if (!f->over && f != but && begins_as(s, f, first))
			return f;
	return NULL;
}

/*
 * Are the contents of C, which begin so, those of a file that was read to its end? Then there may
 * be more by now. *HEAD is kept from one to the next: the print of the first bytes.
 */
static bool is_done(const struct done *d, const struct first *first, struct print *head,
                    struct content *c, bool *more)
{
	size_t n = d->print.head_n;
	char byte;
	struct err ignored;

	if (n == 0 || first->n < (long)n)
		return false;
	if (n != head->head_n)
		print_head(head, first->p, n);
	if (head->head != d->print.head)
		return false;
	/* a copy may lack what was written between it and the truncation */
	err_clear(&ignored);
	*more = content_read(c, d->at, &byte, 1, &ignored) > 0;
	return !*more || print_fits(&d->print, d->at, c);
}

/*
 * Are the contents of C, which begin so, being read by a *READER other than BUT, or read to their
 * end (NULL)? Else *UPTO is how far they were read. It is asked before they are read as a file of
 * their own.
 */
static bool is_known(struct files *s, const struct log *l, const struct file *but,
                     const struct first *first, struct content *c, struct file **reader,
                     uint64_t *upto)
{
	struct print head = { 0 };
	bool more = true, some;

	*upto = 0;
	*reader = reader_of(s, l, but, first);
	if (*reader)
		return true;
	for (size_t i = 0; i < l->done_cap && i < l->dones; i++) {
		if (l->done[i].at <= *upto || !is_done(&l->done[i], first, &head, c, &some))
			continue;
		*upto = l->done[i].at;
		more = some;
	}
	return !more;
}

/* Is it the file of that id? Inode numbers are given again. */
static bool is_id(const struct rotation *x, const struct file_id *id, int64_t born)
{
	return x->dev == id->dev && x->ino == id->ino && (!x->born || !born || x->born == born);
}

/* Open the file at PATH if it is that rotation. */
static bool open_rotation(const char *path, const struct rotation *x, struct content *c,
                          struct seen *seen)
{
	struct err ignored;
	struct stat st;

	err_clear(&ignored);
	if (content_open(c, path, &st, &ignored) < 0)
		return false;
	*seen = files_see(c->fd);
	if (is_id(x, &seen->id, seen->born))
		return true;
	content_close(c);
	return false;
}

/* The same where it has been renamed meanwhile, as all are when one is added. */
static bool open_renamed(const struct log *l, const struct rotation *x, struct content *c,
                         struct seen *seen)
{
	const struct file_id id = { x->dev, x->ino };
	bool found = false;

	for (int tries = 0; tries < TRIES && !found; tries++) {
		struct rotations r = { 0 };
		size_t i = 0;

		rotations_find(&r, l->name);
		while (i < r.n && !is_id(&r.at[i], &id, x->born))
			i++;
		found = i < r.n && open_rotation(r.at[i].path, x, c, seen);
		if (i == r.n)
			tries = TRIES;
		rotations_free(&r);
	}
	return found;
}

/*
 * Open a rotation of L: 1. 0 if it may not be opened. -1 where it is not there any more, as when it
 * is compressed.
 */
static int open_listed(const struct log *l, const struct rotation *x, struct content *c,
                       struct seen *seen)
{
	errno = 0;
	if (open_rotation(x->path, x, c, seen))
		return 1;
	if (errno == EACCES)
		return 0;
	return open_renamed(l, x, c, seen) ? 1 : -1;
}

/* The same where it is not being read; 0 if it is. */
static int open_unknown(struct files *s, const struct log *l, const struct rotation *x,
                        struct content *c, struct seen *seen)
{
	int opened = open_listed(l, x, c, seen);

	if (opened <= 0 || !files_by_id(s, seen))
		return opened;
	content_close(c);
	return 0;
}

/* The rotations that there are, and what tells which of them are news. */
struct news {
	struct rotations r;
	size_t upto;        /* those behind are none */
	bool order;         /* it is known which are newer by their order: */
	size_t from;        /* from that on */
	int64_t newer;      /* what is older than that is none, ns */
	struct file *named; /* which file has the log's name; NULL: one that is not followed yet */
};

/* Which of the rotations F is; r->n if none. */
static size_t index_of(const struct rotations *r, const struct file *f)
{
	size_t i = 0;

	if (!f || f->truncated)
		return r->n;
	while (i < r->n && !is_id(&r->at[i], &f->id, f->born))
		i++;
	return i;
}

/* What is news behind AFTER, as it is now. */
static void find_news(struct files *s, const struct log *l, const struct file *after,
                      struct news *n)
{
	struct seen named;
	size_t at;

	*n = (struct news){ .newer = l->mtime };
	/* what came behind it was written after it was begun; what is compressed, or not open, so
	 * that it may be, begins later */
	if (after && !after->truncated && after->content.fd >= 0 && !after->content.packed &&
	    after->born > n->newer)
		n->newer = after->born;
	rotations_find(&n->r, l->name);
	/* only now: the file of which one of them is a copy has the name then, or was truncated */
	named = files_see_name(l->name);
	n->named = files_by_id(s, &named);
	at = index_of(&n->r, after);
	/* what is newer than the next that is known has its turn when the name leads there */
	n->upto = index_of(&n->r, after ? after->newer : l->oldest);
	n->order = at < n->r.n;
	if (!n->order)
		return;
	n->newer = n->r.at[at].mtime;
	n->from = at + 1;
	if (n->from > n->upto)
		n->upto = 0;
}

/*
 * Is number I news? By its order among the rotations it is; else its times have to tell, as well as
 * they do: several files may be of one tick.
 */
static bool is_news(const struct files *s, const struct news *n, size_t i)
{
	const struct rotation *x = &n->r.at[i];

	return n->order && i >= n->from
	               ? x->mtime >= n->newer
	               : x->mtime > n->newer - TICK && (!x->born || x->born > s->since);
}

/* When F was last written, ns. */
static int64_t last_change(const struct file *f)
{
	return f->content.fd >= 0 ? files_see(f->content.fd).mtime : f->mtime;
}

/*
 * Which file of L number I is behind: *AFTER, or one that is not among the rotations any more and
 * was not written later. False: it is newer than all that are followed, none of which has the name:
 * it has its turn when the name leads there, and may be a copy of what it leads to.
 */
static bool find_place(const struct log *l, const struct news *n, size_t i, struct file **after)
{
	struct file *f = *after ? (*after)->newer : l->oldest;

	if (!f)
		return true;
	for (; f && f != n->named; f = f->newer) {
		size_t at = index_of(&n->r, f);

		if (at < n->r.n ? i < at : n->r.at[i].mtime < last_change(f))
			return true;
		*after = f;
	}
	return f;
}

/* Add X, which is open, behind AFTER; NULL if all of it is known. */
static struct file *add_news(struct files *s, struct log *l, struct file *after,
                             const struct rotation *x, struct content *c, const struct seen *seen)
{
	struct first first = first_of(c);
	struct file *f;
	uint64_t at;

	/* of a compressed file that is being written what it is made of is still there */
	if (first.n <= 0 || (x->packed && !c->packed) || is_known(s, l, NULL, &first, c, &f, &at))
		return NULL;
	f = files_add(s, l, after, x->path, seen);
	f->content = *c;
	files_held(s, f);
	files_begin_at(f, at, at ? files_lines_before(f, at) : 0);
	f->replaced = f->rotation = true;
	files_queue(s, f);
	files_debug(s, l->name, "%s was rotated away unread from byte %llu on; it is read first",
	            x->path, (unsigned long long)at);
	return f;
}

/* Add those that are news and not known, behind AFTER. Returns how many; -1: a file went away
 * meanwhile, as when it is compressed. */
static long try_unknown(struct files *s, struct log *l, struct file *after, const struct news *n)
{
	long added = 0;

	for (size_t i = 0; i < n->upto; i++) {
		const struct rotation *x = &n->r.at[i];
		struct file *before = after, *f = NULL;
		struct content c;
		struct seen seen;
		int opened = is_news(s, n, i) ? open_unknown(s, l, x, &c, &seen) : 0;

		if (opened < 0)
			return -1;
		if (!opened)
			continue;
		if (find_place(l, n, i, &before))
			f = add_news(s, l, before, x, &c, &seen);
		if (!f) {
			content_close(&c);
			continue;
		}
		f->placed = n->order && i >= n->from;
		after = f;
		added++;
	}
	return added;
}

size_t files_catch_up(struct files *s, struct log *l, struct file *after)
{
	size_t before = s->units_added;
	long added = -1;

	for (int tries = 0; tries < 4 * TRIES && added < 0; tries++) {
		struct news n;

		find_news(s, l, after, &n);
		added = try_unknown(s, l, after, &n);
		rotations_free(&n.r);
		/* those that were added before one went away are the newest that are known */
		while (added < 0 && after && after->newer && after->newer->rotation)
			after = after->newer;
	}
	return s->units_added - before;
}

/* Was no line of F handed out? */
static bool is_unread(const struct file *f)
{
	return f->handed.at == 0 && !f->skipping;
}

/*
 * Is C a copy of F? It is read as far as F is, or all of it, where more was written before F was
 * truncated, and read at once.
 */
static bool is_copy(const struct file *f, const struct first *first, struct content *c,
                    uint64_t *at)
{
	const struct done d = { .print = f->print, .at = f->at };
	struct print head = { 0 };
	bool more;

	*at = f->at;
	if (print_fits(&f->print, f->at, c))
		return true;
	if (f->at == 0 || c->packed || !is_done(&d, first, &head, c, &more))
		return false;
	*at = files_see(c->fd).size;
	return true;
}

/* Read on in the copy of F, which is read up to AT. */
static struct file *take_copy(struct files *s, struct file *f, const char *path,
                              const struct content *c, const struct seen *seen, uint64_t at)
{
	struct file *copy = files_add(s, f->log, f->older, path, seen);

	copy->content = *c;
	files_held(s, copy);
	files_begin_at(copy, at, at == f->at ? f->lines : files_lines_before(copy, at));
	if (at == f->at) {
		copy->handed = copy->out = copy->written = f->handed;
		copy->rest = f->rest;
		copy->rest_n = f->rest_n;
		f->rest = NULL;
		f->rest_n = 0;
		copy->skipping = f->skipping;
	}
	copy->begins = f->begins;
	copy->replaced = copy->rotation = true;
	files_queue(s, copy);
	files_debug(s, f->log->name, "its contents were copied to %s", path);
	return copy;
}

/*
 * If C, the rotation at PATH, is a copy of F, have it read where F is, or from there on: true. A
 * copy of a file of which no line was handed out may be known: it was news while F was neither read
 * nor what it had been.
 */
static bool read_copy(struct files *s, struct file *f, const char *path, struct content *c,
                      const struct seen *seen, struct file **copy)
{
	struct first first = first_of(c);
	struct file *reader = files_by_id(s, seen);
	uint64_t at, upto = 0;
	bool is = reader != f && (!reader || reader->log == f->log) && is_copy(f, &first, c, &at);
	bool known = is && (reader ||
	                    (is_unread(f) && is_known(s, f->log, f, &first, c, &reader, &upto)));

	if (is && !known)
		reader = take_copy(s, f, path, c, seen, upto > at ? upto : at);
	else
		content_close(c);
	if (is)
		*copy = reader;
	return is;
}

/* One pass; *AGAIN: a name was another's by then. */
static bool try_copy(struct files *s, struct file *f, struct file **copy, bool *again)
{
	struct rotations r = { 0 };
	bool found = false;

	rotations_find(&r, f->log->name);
	*again = false;
	for (size_t i = r.n; i-- > 0 && !found;) {
		struct content c;
		struct seen seen;
		int opened = open_listed(f->log, &r.at[i], &c, &seen);

		*again = *again || opened < 0;
		found = opened > 0 && read_copy(s, f, r.at[i].path, &c, &seen, copy);
	}
	rotations_free(&r);
	return found;
}

bool files_find_copy(struct files *s, struct file *f, struct file **copy)
{
	bool again = true, found = false;

	*copy = NULL;
	for (int tries = 0; again && !found && tries < TRIES; tries++)
		found = try_copy(s, f, copy, &again);
	return found;
}
