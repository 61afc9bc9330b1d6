#include "base/alloc.h"
#include "base/hash.h"
#include "files_in.h"
#include "saved.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Positions as JSON. `since` is when all began; of a log the `mtime` that tells what was rotated
 * later, its `files` from the oldest to the newest, and those that are `done`. Of a file what it is
 * known by, and `at` which byte and line to go on.
 */

/* ---- saving */

static void add_print(struct buf *json, uint32_t head_n, uint64_t head, uint32_t tail_n,
                      uint64_t tail)
{
	buf_addf(json,
	         ",\"head_n\":%" PRIu32 ",\"head\":%" PRIu64 ",\"tail_n\":%" PRIu32
	         ",\"tail\":%" PRIu64,
	         head_n, head, tail_n, tail);
}

static void add_id(struct buf *json, const struct file_id *id, int64_t born)
{
	buf_addf(json, "{\"dev\":%" PRIu64 ",\"ino\":%" PRIu64 ",\"born\":%" PRId64,
	         (uint64_t)id->dev, (uint64_t)id->ino, born);
}

/* Do its first bytes tell which file it is? A part of a line is what others may begin with, too. */
static bool is_telling(const struct file *f)
{
	return f->written.at || f->print.head_n == PRINT_HEAD ||
	       memchr(f->head, '\n', f->print.head_n);
}

static void save_file(struct buf *json, const struct file *f)
{
	const struct mark *m = &f->written;

	add_id(json, &f->id, f->born);
	buf_addf(json, ",\"at\":%" PRIu64 ",\"line\":%" PRIu64 ",\"read\":%" PRIu64 ",", m->at,
	         m->line, f->at);
	saved_add_text(json, "path", (struct slice){ f->path, strlen(f->path) });
	add_print(json, is_telling(f) ? f->print.head_n : 0, f->print.head, m->tail_n, m->tail);
	buf_addc(json, '}');
}

static void save_done(struct buf *json, const struct done *d)
{
	add_id(json, &d->id, d->born);
	buf_addf(json, ",\"at\":%" PRIu64, d->at);
	add_print(json, d->print.head_n, d->print.head, d->print.tail_n, d->print.tail);
	buf_addc(json, '}');
}

static void save_log(struct buf *json, const struct log *l)
{
	size_t n = l->dones < l->done_cap ? l->dones : l->done_cap;

	buf_addc(json, '{');
	saved_add_text(json, "name", (struct slice){ l->name, strlen(l->name) });
	buf_addf(json, ",\"mtime\":%" PRId64 ",\"files\":[", l->mtime);
	for (const struct file *f = l->oldest; f; f = f->newer) {
		save_file(json, f);
		if (f->newer)
			buf_addc(json, ',');
	}
	buf_adds(json, "],\"done\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(json, ',');
		save_done(json, &l->done[(l->dones - n + i) % l->done_cap]);
	}
	buf_adds(json, "]}");
}

void files_save(const void *self, struct buf *json)
{
	const struct files *s = self;
	bool any = false;

	buf_addf(json, "{\"since\":%" PRId64 ",\"logs\":[", s->since);
	for (size_t i = 0; i < s->parts; i++) {
		if (!s->log[i])
			continue;
		if (any)
			buf_addc(json, ',');
		any = true;
		save_log(json, s->log[i]);
	}
	buf_adds(json, "]}");
}

#define TRIES 20 /* to find files that are being renamed, or compressed, meanwhile */

/* ---- going on */

/* A file as it was saved. */
struct was {
	struct file_id id;
	int64_t born;
	uint64_t at, line, read;
	struct print print;
};

static struct was read_was(struct val v)
{
	struct was w;

	memset(&w, 0, sizeof w);
	w.id.dev = (dev_t)saved_number(v, "dev", 0);
	w.id.ino = (ino_t)saved_number(v, "ino", 0);
	w.born = (int64_t)saved_number(v, "born", 0);
	w.at = saved_number(v, "at", 0);
	w.line = saved_number(v, "line", 0);
	w.read = saved_number(v, "read", 0);
	w.print = (struct print){ .head = saved_number(v, "head", 0),
		                  .tail = saved_number(v, "tail", 0),
		                  .head_n = (uint32_t)saved_number(v, "head_n", 0),
		                  .tail_n = (uint32_t)saved_number(v, "tail_n", 0) };
	return w;
}

static bool same_id(const struct was *w, const struct seen *seen)
{
	return w->id.dev == seen->id.dev && w->id.ino == seen->id.ino &&
	       (!w->born || !seen->born || w->born == seen->born);
}

/* Open the file at PATH; X: if it still is that rotation, NULL: whatever it is. */
static bool open_place(const char *path, const struct rotation *x, struct content *c,
                       struct seen *seen)
{
	struct err ignored;
	struct stat st;

	err_clear(&ignored);
	if (content_open(c, path, &st, &ignored) < 0)
		return false;
	*seen = files_see(c->fd);
	if (!x || (x->dev == seen->id.dev && x->ino == seen->id.ino &&
	           (!x->born || !seen->born || x->born == seen->born)))
		return true;
	content_close(c);
	return false;
}

/* Is the file at PATH, as for open_place(), the one? By its id, or BY_CONTENTS alone. Then it is
 * open. */
static bool is_it(const struct was *w, const char *path, const struct rotation *x, bool by_contents,
                  struct content *c, struct seen *seen)
{
	bool is;

	if (!open_place(path, x, c, seen))
		return false;
	is = by_contents || same_id(w, seen);
	if (is && w->print.head_n)
		is = print_fits(&w->print, w->at, c);
	else if (is)
		/* it was empty then: nothing tells its contents */
		is = !by_contents && w->at == 0;
	if (!is)
		content_close(c);
	return is;
}

/* The first bytes of a file, N of them; -1: they were not read. */
struct begin {
	long n;
	char p[PRINT_HEAD];
};

/* Where files may be: the rotations, and what they begin with. */
struct places {
	struct rotations r;
	struct begin *begin;
};

static void free_places(struct places *p)
{
	free(p->begin);
	rotations_free(&p->r);
}

/* As P has it, if it was read whole: what is shorter may be being written. */
static struct begin known_begin(const struct places *p, const struct rotation *x)
{
	for (size_t i = 0; i < p->r.n; i++)
		if (p->r.at[i].dev == x->dev && p->r.at[i].ino == x->ino &&
		    p->r.at[i].born == x->born && p->begin[i].n == PRINT_HEAD)
			return p->begin[i];
	return (struct begin){ .n = -1 };
}

/* List them, anew. */
static void find_places(struct places *p, const struct log *l)
{
	struct places now = { 0 };

	rotations_find(&now.r, l->name);
	now.begin = alloc_array(now.r.n + 1, sizeof *now.begin);
	for (size_t i = 0; i < now.r.n; i++)
		now.begin[i] = known_begin(p, &now.r.at[i]);
	free_places(p);
	*p = now;
}

/* Does rotation I begin as the file did? That is read once for all files: it may be compressed. */
static bool begins_as(struct places *p, size_t i, const struct was *w)
{
	const struct rotation *x = &p->r.at[i];
	struct begin *b = &p->begin[i];
	struct content c;
	struct seen seen;
	struct err ignored;

	err_clear(&ignored);
	if (b->n < 0 && open_place(x->path, x, &c, &seen)) {
		b->n = content_read(&c, 0, b->p, sizeof b->p, &ignored);
		content_close(&c);
	}
	return b->n >= (long)w->print.head_n && hash_stable(b->p, w->print.head_n) == w->print.head;
}

static bool has_id(const struct rotation *x, const struct was *w)
{
	return x->dev == w->id.dev && x->ino == w->id.ino;
}

/*
 * Find a file of L again: where it lies, or NULL. It is open then. Nothing tells the contents of
 * one that was empty.
 */
static const char *find_again(const struct log *l, const struct was *w, struct places *p,
                              struct content *c, struct seen *seen)
{
	const struct rotation *at = p->r.at;

	if (is_it(w, l->name, NULL, false, c, seen))
		return l->name;
	for (size_t i = 0; i < p->r.n; i++)
		if (has_id(&at[i], w) && is_it(w, at[i].path, &at[i], false, c, seen))
			return at[i].path;
	if (!w->print.head_n)
		return NULL;
	if (is_it(w, l->name, NULL, true, c, seen))
		return l->name;
	for (size_t i = 0; i < p->r.n; i++)
		if (begins_as(p, i, w) && is_it(w, at[i].path, &at[i], true, c, seen))
			return at[i].path;
	return NULL;
}

/* Had it better be looked for again, since it is not found? What was empty, and is not among the
 * rotations, is not there. */
static bool may_be_there(const struct was *w, const struct places *p)
{
	bool there = w->print.head_n;

	for (size_t i = 0; i < p->r.n; i++)
		there = there || has_id(&p->r.at[i], w);
	return there;
}

/*
 * F began where it was in the last run. If it is not that file any more, truncated a moment ago,
 * the first look is to find that out: by what it was.
 */
static void expect(struct file *f, const struct was *w)
{
	const struct print *p = &w->print;

	if (!p->head_n ||
	    (f->print.head_n >= p->head_n && hash_stable(f->head, p->head_n) == p->head &&
	     (!p->tail_n || (p->tail_n == f->print.tail_n && p->tail == f->print.tail))))
		return;
	f->print = *p;
	memset(f->head, 0, sizeof f->head);
}

static void go_on_with(struct files *s, struct log *l, const struct was *w, struct content *c,
                       const struct seen *seen, const char *path)
{
	struct file *f = files_by_id(s, seen);

	if (f) {
		/* saved twice, as what was truncated and as its copy: that goes on where the other
		 * one ended, or was met before that was read at all */
		content_close(c);
		if (f->log == l && w->read && w->at < f->at)
			files_begin_at(f, w->at, w->line);
		return;
	}
	f = files_add(s, l, l->newest, path, seen);
	f->content = *c;
	files_held(s, f);
	files_begin_at(f, w->at,
	               w->line || !s->opts.numbered ? w->line : files_lines_before(f, w->at));
	expect(f, w);
	f->replaced = f->rotation = f->placed = strcmp(path, l->name) != 0;
	files_queue(s, f);
}

/* A file of the last run, found again or not. */
struct again {
	struct was was;
	struct content content; /* open where it is found */
	struct seen seen;
	char *path; /* where that was; NULL: it is not found */
};

/*
 * Find those of N files again that were not found yet. False: one is not there, or just being
 * renamed.
 */
static bool find_all(const struct log *l, struct places *p, struct again *again, size_t n)
{
	bool all = true;

	for (size_t i = 0; i < n; i++) {
		struct again *a = &again[i];
		const char *path =
			a->path ? NULL : find_again(l, &a->was, p, &a->content, &a->seen);

		if (path)
			a->path = alloc_copy(path, strlen(path));
		all = all && (a->path || !may_be_there(&a->was, p));
	}
	return all;
}

/* What is newer than the files of the last run, and that of the name. */
static void add_rest(struct files *s, struct log *l)
{
	struct err ignored;

	/* first that of the name: it may be copied and truncated while the others are looked for */
	err_clear(&ignored);
	if (files_open_newest(s, l, false, &ignored) < 0)
		l->look = s->some_look = true;
	/* what was empty may have been filled, copied, truncated and rotated away since */
	for (struct file *f = l->oldest; f; f = f->newer)
		if (f->at == 0)
			files_catch_up(s, l, f->older);
	files_catch_up(s, l, l->newest && !l->newest->replaced ? l->newest->older : l->newest);
}

/*
 * A file of the last run that was not found. It may be met yet, as when it is being compressed:
 * then it is known how far it was read.
 */
static void miss(const struct files *s, struct log *l, const struct was *w)
{
	if (w->at)
		files_done(l, &(struct done){ w->id, w->born, w->print, w->at });
	if (w->print.head_n)
		fprintf(stderr,
		        "%s: %s: a file of the last run is not there any more; what was "
		        "not read of it (from byte %" PRIu64 " on) is lost\n",
		        s->opts.feed.tool, l->name, w->at);
}

static void seek_files(struct files *s, struct log *l, struct val files)
{
	size_t n = files.arr->n;
	struct again *again = alloc_zero(n + 1, sizeof *again);
	struct places p = { 0 };
	bool named = false; /* one of them has the log's name */

	for (size_t i = 0; i < n; i++)
		again[i].was = read_was(files.arr->at[i]);
	find_places(&p, l);
	for (int tries = 0; !find_all(l, &p, again, n) && tries < TRIES; tries++)
		find_places(&p, l);
	free_places(&p);
	for (size_t i = 0; i < n; i++) {
		struct again *a = &again[i];

		/* one that was empty may have been filled, copied and truncated since */
		named = named || (a->path && a->was.print.head_n && strcmp(a->path, l->name) == 0);
		if (a->path)
			go_on_with(s, l, &a->was, &a->content, &a->seen, a->path);
		else
			miss(s, l, &a->was);
		free(a->path);
	}
	free(again);
	if (!named)
		add_rest(s, l);
	for (struct file *f = l->oldest; f && f->newer; f = f->newer)
		f->replaced = true;
	files_restray(s, l);
}

static void seek_log(struct files *s, struct val v, struct heap *h)
{
	struct slice name = saved_text(h, v, "name");
	struct val files = saved_member(v, "files"), done = saved_member(v, "done");
	struct log *l;
	char *path;
	bool matched;

	if (!name.p || files.tag != VAL_ARR || done.tag != VAL_ARR)
		return;
	path = alloc_copy(name.p, name.n);
	if (!files_is_wanted(s, path, &matched)) {
		free(path);
		return;
	}
	l = files_log(s, path, matched);
	free(path);
	while (l->oldest)
		files_discard(s, l->oldest);
	l->mtime = (int64_t)saved_number(v, "mtime", 0);
	l->restored = true;
	for (uint32_t i = 0; i < done.arr->n && i < DONE_MAX; i++) {
		struct was w = read_was(done.arr->at[i]);

		files_done(l, &(struct done){ w.id, w.born, w.print, w.at });
	}
	seek_files(s, l, files);
	if (!l->oldest && matched)
		files_drop_log(s, l);
}

int files_seek(void *self, struct val value, struct heap *h, struct err *e)
{
	struct files *s = self;
	struct val logs = saved_member(value, "logs");

	if (logs.tag != VAL_ARR)
		return err_set(e, FAIL_STATE, "positions of files without \"logs\"");
	s->since = (int64_t)saved_number(value, "since", 0);
	for (uint32_t i = 0; i < logs.arr->n; i++)
		seek_log(s, logs.arr->at[i], h);
	/* what a pattern matches that was not there in the last run is new */
	for (size_t i = 0; i < s->parts; i++)
		if (s->log[i] && s->log[i]->matched && !s->log[i]->restored && s->log[i]->newest)
			files_begin_at(s->log[i]->newest, 0, 0);
	return 0;
}
