#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "files_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define CHUNK ((size_t)256 << 10) /* bytes of a read: they are worked on while in the cache */
#define LINGER                                                                                     \
	(10 * NS_PER_SEC) /* a file that lost its name is read on so long after its last change */
#define GONE    (60 * NS_PER_SEC) /* and one whose name is nobody's so long */
#define PACKING 10                /* s since a compressed file was changed: it may be unfinished */

void files_begin_at(struct file *f, uint64_t at, uint64_t line)
{
	char before[PRINT_TAIL];
	size_t n = at < PRINT_TAIL ? (size_t)at : PRINT_TAIL;
	struct err ignored;
	long n_head;

	err_clear(&ignored);
	f->at = at;
	f->lines = line;
	f->rest_n = 0;
	f->skipping = false;
	f->begins = true;
	n_head = content_read(&f->content, 0, f->head, PRINT_HEAD, &ignored);
	print_head(&f->print, f->head, n_head > 0 ? (size_t)n_head : 0);
	f->print.tail_n = 0;
	if (n && content_read(&f->content, at - n, before, n, &ignored) == (long)n)
		print_tail(&f->print, before, n);
	if (at == 0)
		content_rewind(&f->content);
	f->handed = f->out = f->written = (struct mark){ at, line, f->print.tail, f->print.tail_n };
}

/* ---- lines */

/* These lines, which end before offset UPTO, are handed out. */
static enum got hand_out(struct files *s, struct file *f, enum got got, struct slice lines,
                         uint64_t begin, uint64_t upto, struct batch *b)
{
	b->lines = lines;
	b->place = (struct place){ .part = f->log->part,
		                   .unit = f->unit,
		                   .offset = begin,
		                   .line = f->lines + 1,
		                   .time = STAMP_NONE };
	b->upto = upto;
	b->begins = f->begins;
	b->unterminated = false;
	f->begins = false;
	f->lines += got == GOT_LONG ? 1 : lines_count(lines);
	f->handed.at = upto;
	f->handed.line = f->lines;
	f->handed.tail_n = 0;
	s->shown = f;
	return got;
}

/* Keep what is behind the last whole line, N bytes at P. */
static void keep_rest(struct file *f, const char *p, size_t n)
{
	if (n == 0) {
		free(f->rest);
		f->rest = NULL;
	} else {
		f->rest = alloc_resize(f->rest, n, 1);
		memcpy(f->rest, p, n);
	}
	f->rest_n = n;
}

/* The whole lines of what was read: N bytes in the buffer, of which those before FRESH were looked
 * at. */
static enum got take_lines(struct files *s, struct file *f, size_t n, size_t fresh, struct batch *b)
{
	char *p = s->buf, *newline;
	size_t start = 0, end;
	uint64_t base = f->at - n; /* offset of the buffer's start */

	if (f->skipping) {
		newline = memchr(p, '\n', n);
		if (!newline) {
			keep_rest(f, p, 0);
			return GOT_TICK;
		}
		f->skipping = false;
		start = fresh = (size_t)(newline + 1 - p);
	}
	if (f->partly && n > start && fresh == 0 && p[0] == '\n')
		start = fresh = 1;
	f->partly = false;
	newline = n > fresh ? memrchr(p + fresh, '\n', n - fresh) : NULL;
	end = newline ? (size_t)(newline + 1 - p) : start;
	if (!newline && n - start > s->opts.feed.max_line) {
		f->skipping = true;
		keep_rest(f, p, 0);
		return hand_out(s, f, GOT_LONG, (struct slice){ p + start, n - start },
		                base + start, base + start, b);
	}
	keep_rest(f, p + end, n - end);
	if (!newline)
		return GOT_TICK;
	return hand_out(s, f, GOT_LINES, (struct slice){ p + start, end - start }, base + start,
	                base + end, b);
}

bool files_read_rest(struct files *s, struct file *f, struct batch *b)
{
	size_t n = f->rest_n;

	if (!n || f->skipping)
		return false;
	if (s->cap < n + 1) {
		s->cap = n + 1;
		s->buf = alloc_resize(s->buf, s->cap + LINES_PAD, 1);
	}
	memcpy(s->buf, f->rest, n);
	s->buf[n] = '\n';
	keep_rest(f, NULL, 0);
	hand_out(s, f, GOT_LINES, (struct slice){ s->buf, n + 1 }, f->at - n, f->at, b);
	b->unterminated = true;
	f->partly = true;
	f->handed.tail = f->print.tail;
	f->handed.tail_n = f->print.tail_n;
	return true;
}

/* ---- the end of what there is */

/* Does nobody write a file any more that has lost its name? */
static bool is_abandoned(const struct files *s, const struct file *f)
{
	const struct file *n = f->newer;

	if (!f->replaced || !n)
		return false;
	if (f->content.packed || s->opts.ends)
		return true;
	/* the next but one is written, if it is sure that it is newer */
	for (const struct file *m = n; m; m = m->newer)
		if (m->replaced && m->caught && (m->placed || !m->rotation))
			return true;
	/* who writes it notices late (a signal to come), and then writes the newer one */
	return n->at > 0 && stamp_monotonic() - f->touched > LINGER;
}

/*
 * The name of F is no file's any more. It is still read, since who writes it may not have noticed;
 * until it is gone for good, or nothing came for long. True: B has its last line.
 */
static bool let_go(struct files *s, struct file *f, const struct stat *st, struct batch *b)
{
	bool quiet = stamp_monotonic() - f->touched > GONE;

	if (f->content.fd < 0 || !(quiet || (st->st_nlink == 0 && f->log->matched)))
		return false;
	if (files_read_rest(s, f, b))
		return true;
	f->log->leaving = f->log->matched;
	files_end(s, f);
	files_restray(s, f->log);
	return false;
}

static enum got at_end(struct files *s, struct file *f, struct batch *b)
{
	struct stat st;

	if (f->content.fd >= 0 && fstat(f->content.fd, &st) == 0)
		f->mtime = st.st_mtim.tv_sec * NS_PER_SEC + st.st_mtim.tv_nsec;
	if (!f->newer && f->mtime > f->log->mtime) {
		/* what it was filled with and truncated of before this, is older than the
		 * truncation */
		if (f->at == 0 && files_catch_up(s, f->log, f->older))
			return GOT_END;
		f->log->mtime = f->mtime;
	}
	if (s->opts.by_name && !f->newer && f->log->gone && let_go(s, f, &st, b))
		return GOT_LINES;
	if (f->replaced && !f->caught) {
		f->caught = true;
		if (f->newer)
			files_queue(s, f->newer);
	}
	if (!is_abandoned(s, f))
		return GOT_END;
	if (files_read_rest(s, f, b))
		return GOT_LINES;
	files_end(s, f);
	files_restray(s, f->log);
	return GOT_END;
}

/* ---- truncation */

static void say(const struct files *s, const struct file *f, const char *what)
{
	if (!s->opts.feed.quiet)
		fprintf(stderr, "%s: %s %s\n", s->opts.feed.tool, f->log->name, what);
}

/* Where contents begin in a file that was truncated under who writes it, who wrote on at its old
 * place. */
static uint64_t behind_hole(const struct file *f)
{
	off_t at = lseek(f->content.fd, 0, SEEK_DATA);
	char p[4096];
	ssize_t n;

	if (at < 0)
		return 0;
	while ((n = pread(f->content.fd, p, sizeof p, at)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (p[i])
				return (uint64_t)(at + i);
		at += n;
	}
	return 0;
}

/* The newest of F and its COPY, which is read before it or, if it was found before, somewhere. */
static struct file *newest_of(struct file *f, struct file *copy)
{
	for (struct file *n = f->newer; copy && n; n = n->newer)
		if (n == copy)
			return copy;
	return f;
}

/* The newest older than F that has a place among the rotations; if there is none, any. */
static struct file *last_rotation(struct file *f)
{
	struct file *last = f->older;

	while (last && last->truncated)
		last = last->older;
	return last ? last : f->older;
}

/*
 * F is not what it was: it was truncated, and perhaps written again. What was not read of it is in
 * a copy, if anywhere.
 */
static enum got truncated(struct files *s, struct file *f, struct batch *b)
{
	struct log *l = f->log;
	struct file *fresh, *copy;
	struct seen seen;
	bool copied = files_find_copy(s, f, &copy);

	/* a part of a line that was written behind the copy is in no file, and never a whole one */
	if (copied)
		keep_rest(f, NULL, 0);
	else if (files_read_rest(s, f, b))
		return GOT_LINES;
	say(s, f,
	    copied ? "was truncated; the rest of its copy is read, then it from its start"
	           : "was truncated; it is read from its start");
	f->truncated = true;
	f->copied = copied;
	files_forget_id(s, f);
	seen = files_see(f->content.fd);
	fresh = files_add(s, l, newest_of(f, copy), f->path, &seen);
	fresh->header = f->header;
	f->header = (struct buf){ 0 };
	fresh->content = f->content;
	f->content = (struct content){ .fd = -1 };
	files_held(s, fresh);
	files_begin_at(fresh, behind_hole(fresh), 0);
	fresh->replaced = f->replaced;
	f->replaced = true;
	files_end(s, f);
	files_queue(s, fresh);
	/* the next copy may be being made already: only now it is seen that it is of FRESH */
	files_catch_up(s, l, last_rotation(fresh));
	files_restray(s, l);
	return GOT_END;
}

/* ---- reading */

/* Room in the buffer for what is kept of F, and for more; a long line is read in growing pieces. */
static void make_room(struct files *s, const struct file *f)
{
	size_t want = CHUNK + 2 * f->rest_n;

	if (s->cap < want || s->cap > 4 * want) {
		s->cap = want;
		s->buf = alloc_resize(s->buf, s->cap + LINES_PAD, 1);
	}
	if (f->rest_n)
		memcpy(s->buf, f->rest, f->rest_n);
}

/*
 * Does F still begin as it did, now that these N bytes at P behind its place were read? A read is
 * no snapshot: where the file is truncated and written anew meanwhile, it gets something of both.
 * And what comes before the place may be the same by chance, as where lines repeat.
 */
static bool still_begins(const struct file *f, const char *p, size_t n)
{
	const char *was = f->at ? f->head : p;
	size_t m = f->at ? f->print.head_n : n < PRINT_HEAD ? n : PRINT_HEAD;
	char now[PRINT_HEAD];

	return pread(f->content.fd, now, m, 0) == (ssize_t)m && memcmp(now, was, m) == 0;
}

/* Read behind what is kept. Bytes, 0 at the end; -1 with *e set; -2: it is not the file it was up
 * to here. */
static long read_more(struct files *s, struct file *f, char before[PRINT_TAIL], struct err *e)
{
	size_t n = f->print.tail_n;
	struct iovec v[2] = { { before, n }, { s->buf + f->rest_n, s->cap - f->rest_n } };
	ssize_t got;

	if (f->content.packed) {
		long unpacked = content_read(&f->content, f->at, v[1].iov_base, v[1].iov_len, e);

		return unpacked < 0 ? err_at(e, "%s", f->path) : unpacked;
	}
	/* the bytes before come again with those behind: that they are the same tells that the file
	 * is */
	got = preadv(f->content.fd, v, 2, (off_t)(f->at - n));
	if (got < 0)
		return err_set(e, FAIL_IO, "cannot read %s:", f->path);
	if ((size_t)got < n)
		return -2;
	if (n) {
		struct print now;

		print_tail(&now, before, n);
		if (now.tail != f->print.tail)
			return -2;
	}
	if ((size_t)got > n && !still_begins(f, v[1].iov_base, (size_t)got - n))
		return -2;
	return (long)((size_t)got - n);
}

/* The print of the place behind N new bytes, which P ends with; BEFORE were those before them. */
static void renew_tail(struct print *print, const char before[PRINT_TAIL], const char *p, size_t n)
{
	char last[2 * PRINT_TAIL];

	if (n >= PRINT_TAIL) {
		print_tail(print, p, n);
		return;
	}
	memcpy(last, before, print->tail_n);
	memcpy(last + print->tail_n, p, n);
	print_tail(print, last, print->tail_n + n);
}

/*
 * Take N new bytes at P into the first ones of the file. They are not read again: it may have been
 * truncated meanwhile.
 */
static void renew_head(struct file *f, const char *p, size_t n)
{
	size_t had = f->at ? f->print.head_n : 0, end;

	if (f->at > had || f->at + n <= had)
		return;
	end = f->at + n < PRINT_HEAD ? (size_t)f->at + n : PRINT_HEAD;
	memcpy(f->head + had, p + (had - (size_t)f->at), end - had);
	print_head(&f->print, f->head, end);
}

/* Does an unread file not begin any more as it did when it was opened? These N bytes at P were
 * read. */
static bool begins_otherwise(const struct file *f, const char *p, size_t n)
{
	return f->at == 0 && !f->content.packed && f->print.head_n &&
	       (n < f->print.head_n || memcmp(f->head, p, f->print.head_n) != 0);
}

/* The first line of a file that is read from further on, or after another one's. */
static bool give_header(struct files *s, struct file *f, struct batch *b)
{
	char *newline;
	struct stat st;
	ssize_t n;

	if (!s->opts.header || (s->shown == f && !f->begins) || f->at == 0)
		return false;
	/* for lines alone, which come next */
	if (fstat(f->content.fd, &st) < 0 || (uint64_t)st.st_size <= f->at)
		return false;
	if (!f->header.n) {
		n = pread(f->content.fd, buf_room(&f->header, CHUNK / 4), CHUNK / 4, 0);
		newline = n > 0 ? memchr(f->header.p, '\n', (size_t)n) : NULL;
		if (!newline || (uint64_t)(newline - f->header.p) >= f->at)
			return false;
		f->header.n = (size_t)(newline + 1 - f->header.p);
		buf_room(&f->header, LINES_PAD);
	}
	b->lines = buf_slice(&f->header);
	b->place = (struct place){
		.part = f->log->part, .unit = f->unit, .line = 1, .time = STAMP_NONE
	};
	b->upto = f->handed.at;
	b->begins = true;
	f->begins = false;
	s->shown = s->first = f;
	return true;
}

/* It was not held, and is not there any more. */
static enum got vanished(struct files *s, struct file *f)
{
	s->vanished++;
	files_end(s, f);
	if (f->log->newest == f)
		f->log->look = s->some_look = true;
	return GOT_END;
}

/* Compressed data that end too early may be being written: they are tried again by the clock. */
static bool is_being_packed(const struct file *f)
{
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	return f->content.packed && f->newer && fstat(f->content.fd, &st) == 0 &&
	       now.tv_sec - st.st_ctim.tv_sec < PACKING;
}

enum got files_read(struct files *s, struct file *f, struct batch *b, struct err *e)
{
	char before[PRINT_TAIL];
	size_t kept = f->rest_n;
	bool was_empty = f->at == 0 && f->print.head_n == 0;
	int held = files_hold(s, f, e);
	long n;

	if (held < 0) {
		files_end(s, f);
		return GOT_ERROR;
	}
	if (held == 0)
		return vanished(s, f);
	if (give_header(s, f, b))
		return GOT_LINES;
	make_room(s, f);
	n = read_more(s, f, before, e);
	if (n == -2 || (n >= 0 && begins_otherwise(f, s->buf, (size_t)n)))
		return truncated(s, f, b);
	if (n < 0 && is_being_packed(f)) {
		err_clear(e);
		content_rewind(&f->content);
		return GOT_END;
	}
	if (n < 0) {
		files_end(s, f);
		return GOT_ERROR;
	}
	if (n == 0)
		return at_end(s, f, b);
	/* a file that was empty may have been filled and truncated before this */
	if (was_empty && !f->rotation && files_catch_up(s, f->log, f->older))
		return GOT_END;
	renew_head(f, s->buf + kept, (size_t)n);
	renew_tail(&f->print, before, s->buf + kept, (size_t)n);
	f->at += (uint64_t)n;
	s->bytes += (uint64_t)n;
	f->touched = stamp_monotonic();
	return take_lines(s, f, kept + (size_t)n, kept, b);
}
