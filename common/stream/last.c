#include "last.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "io/reader.h"

#include <stdlib.h>

#define STEP ((size_t)64 << 10)

struct last {
	struct lines inner;
	struct last_opts opts;
	bool from;          /* from a certain line or byte on, not the last */
	bool sought;        /* the input that was opened begins where it is to */
	bool passing;       /* so does the current one: its lines are handed out as they come */
	struct slice stash; /* lines of it that came before those in `ready` were handed out */
	enum got stashed;   /* what they are */
	bool stash_first;
	struct buf held;     /* of the current input */
	size_t gone;         /* bytes at its beginning that are of no use any more */
	uint64_t lines;      /* held behind them; or passed over, with `from` */
	uint64_t held_at;    /* where in the input they begin */
	struct buf ready;    /* of the input before, to be handed out */
	struct buf header;   /* of the current input */
	size_t ready_header; /* bytes of it before what is ready */
	uint64_t ready_at;   /* where in the input that begins */
	bool wants_header;   /* its header has not come, or not whole */
	bool begins;         /* nothing of the current input has been handed out; with `from` */
	bool unterminated;   /* so is the last line held */
	bool copied; /* what was handed out last is `ready`, not a view of the inner lines */
	bool first, ended, terminated;
	char *name, *ready_name;
};

static const struct lines_ops ops;

static bool by_bytes(const struct last *l)
{
	return l->opts.start.kind == START_LAST_BYTES || l->opts.start.kind == START_FROM_BYTE;
}

/* An input was opened (io/reader.h). With headers all is read, for the sake of the first line. */
static int64_t begin(void *self, int fd, bool *binary)
{
	struct last *l = self;
	bool seeks = fd >= 0 && !l->opts.header;

	/* the last 0 are so even where something is written behind the end meanwhile */
	l->sought = seeks && (l->from || l->opts.start.count > 0);
	*binary = !l->sought && l->opts.start.kind == START_LAST_BYTES;
	return seeks ? start_offset(fd, &l->opts.start) : 0;
}

struct lines last_new(const char *const *names, size_t count, const struct last_opts *opts)
{
	struct last *l = alloc_zero(1, sizeof *l);
	struct reader_opts reader = { .max_line = opts->max_line, .begin = begin, .context = l };

	l->inner = reader_new(names, count, &reader);
	l->opts = *opts;
	l->from = opts->start.kind == START_FROM_LINE || opts->start.kind == START_FROM_BYTE;
	l->terminated = true;
	return (struct lines){ &ops, l };
}

static void last_free(void *self)
{
	struct last *l = self;

	l->inner.ops->free(l->inner.self);
	buf_free(&l->held);
	buf_free(&l->ready);
	buf_free(&l->header);
	free(l->name);
	free(l->ready_name);
	free(l);
}

/* Take the first line off; all where it has no newline. */
static struct slice take_first(struct slice *lines)
{
	const char *newline = memchr(lines->p, '\n', lines->n);
	struct slice first = { lines->p, newline ? (size_t)(newline + 1 - lines->p) : lines->n };

	lines->p += first.n;
	lines->n -= first.n;
	return first;
}

/* ---- the last ones */

static void drop(struct last *l, size_t n)
{
	l->gone += n;
	l->held_at += n;
}

/* Drop held lines that are not among the last. */
static void trim_lines(struct last *l)
{
	while (l->lines > l->opts.start.count) {
		const char *at = l->held.p + l->gone;

		drop(l, (size_t)((const char *)memchr(at, '\n', l->held.n - l->gone) + 1 - at));
		l->lines--;
	}
}

/* Take lines in, but for those that are not among the last. */
static void hold_lines(struct last *l, struct slice lines)
{
	const char *at = lines.p + lines.n;
	uint64_t n = 0;

	while (n < l->opts.start.count && at > lines.p) {
		const char *newline = memrchr(lines.p, '\n', (size_t)(at - 1 - lines.p));

		at = newline ? newline + 1 : lines.p;
		n++;
	}
	if (n == l->opts.start.count) {
		drop(l, l->held.n - l->gone);
		l->lines = 0;
		l->held_at = l->inner.ops->place(l->inner.self, at, 1).offset;
	}
	buf_add(&l->held, at, (size_t)(lines.p + lines.n - at));
	l->lines += n;
	trim_lines(l);
}

/* A line that is too long is held by its beginning: it stays too long. */
static void hold_long(struct last *l, struct slice beginning)
{
	buf_add_slice(&l->held, beginning);
	buf_addc(&l->held, '\n');
	l->lines++;
	trim_lines(l);
}

/* The same with bytes, which need not be whole lines. */
static void hold_bytes(struct last *l, struct slice bytes)
{
	buf_add_slice(&l->held, bytes);
	if (l->held.n - l->gone > l->opts.start.count)
		drop(l, l->held.n - l->gone - (size_t)l->opts.start.count);
}

static void hold(struct last *l, enum got got, struct slice coming)
{
	if (l->wants_header) {
		struct slice first = take_first(&coming);

		buf_add_slice(&l->header, first);
		l->held_at += first.n;
		l->wants_header = by_bytes(l) && l->header.p[l->header.n - 1] != '\n' &&
		                  l->header.n <= l->opts.max_line;
		if (got == GOT_LONG) {
			buf_addc(&l->header, '\n');
			return;
		}
	}
	if (by_bytes(l))
		hold_bytes(l, coming);
	else if (got == GOT_LONG)
		hold_long(l, coming);
	else
		hold_lines(l, coming);
	if (l->gone > STEP && l->gone > l->held.n / 2) {
		memmove(l->held.p, l->held.p + l->gone, l->held.n - l->gone);
		l->held.n -= l->gone;
		l->gone = 0;
	}
}

/* What is held is the last of its input: ready to be handed out. */
static bool make_ready(struct last *l, struct slice *lines)
{
	if (l->held.n == l->gone && l->header.n == 0)
		return false;
	buf_clear(&l->ready);
	buf_add_slice(&l->ready, buf_slice(&l->header));
	l->ready_header = l->header.n;
	buf_clear(&l->header);
	buf_add(&l->ready, l->held.p + l->gone, l->held.n - l->gone);
	l->terminated = !l->unterminated;
	if (l->ready.p[l->ready.n - 1] != '\n') {
		buf_addc(&l->ready, '\n');
		l->terminated = false;
	}
	buf_room(&l->ready, LINES_PAD);
	buf_clear(&l->held);
	l->ready_at = l->held_at;
	l->gone = 0;
	l->lines = 0;
	l->first = l->copied = true;
	free(l->ready_name);
	l->ready_name = l->name;
	l->name = NULL;
	*lines = buf_slice(&l->ready);
	return true;
}

/* The first lines of another input. */
static void begin_input(struct last *l, struct slice lines)
{
	const char *name = l->inner.ops->name(l->inner.self);

	l->passing = l->sought;
	l->wants_header = l->opts.header;
	l->held_at = l->inner.ops->place(l->inner.self, lines.p, 1).offset;
	free(l->name);
	l->name = alloc_copy(name, strlen(name));
}

/* Hand lines of the current input out as they are. */
static enum got pass(struct last *l, enum got got, struct slice *lines)
{
	*lines = l->stash;
	l->stash.p = NULL;
	l->first = l->stash_first;
	l->terminated = l->inner.ops->terminated(l->inner.self);
	free(l->ready_name);
	l->ready_name = NULL;
	l->copied = false;
	return got;
}

static enum got next_last(struct last *l, bool tick, int64_t timeout, struct slice *lines,
                          struct err *e)
{
	struct slice coming;
	bool begins, ready;
	enum got got;

	if (l->stash.p)
		return pass(l, l->stashed, lines);
	while (!l->ended) {
		got = l->inner.ops->next(l->inner.self, tick, timeout, &coming, e);
		if (got == GOT_TICK || got == GOT_ERROR)
			return got;
		l->ended = got == GOT_END;
		begins = l->ended || l->inner.ops->is_first(l->inner.self);
		ready = begins && make_ready(l, lines);
		if (!l->ended && begins)
			begin_input(l, coming);
		if (!l->ended && l->passing) {
			l->stash = coming;
			l->stashed = got;
			l->stash_first = begins;
			if (!ready)
				return pass(l, got, lines);
		} else if (!l->ended) {
			hold(l, got, coming);
			l->unterminated = !l->inner.ops->terminated(l->inner.self);
		}
		if (ready)
			return GOT_LINES;
	}
	return GOT_END;
}

/* ---- from a certain one on */

/* Pass over the first lines; true if something is left. */
static bool skip_lines(struct last *l, struct slice *lines)
{
	const char *p = lines->p, *end = p + lines->n;

	while (p < end && l->lines + 1 < l->opts.start.count) {
		p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
		l->lines++;
	}
	*lines = (struct slice){ p, (size_t)(end - p) };
	return lines->n > 0;
}

/* The same with bytes; the newline that an open line was given is none. */
static bool skip_bytes(struct last *l, struct slice *lines)
{
	uint64_t at = l->inner.ops->place(l->inner.self, lines->p, 1).offset;
	size_t own = lines->n - !l->inner.ops->terminated(l->inner.self);
	uint64_t skipped = 0;

	if (l->opts.start.count > at + 1)
		skipped = l->opts.start.count - 1 - at;
	if (skipped >= own)
		return false;
	lines->p += skipped;
	lines->n -= (size_t)skipped;
	return true;
}

/* The header goes before what is left of the lines that came with it. */
static void put_header(struct last *l, struct slice *lines)
{
	buf_clear(&l->ready);
	buf_add_slice(&l->ready, buf_slice(&l->header));
	l->ready_header = l->header.n;
	l->ready_at = l->inner.ops->place(l->inner.self, lines->p, 1).offset;
	buf_add_slice(&l->ready, *lines);
	buf_room(&l->ready, LINES_PAD);
	buf_clear(&l->header);
	l->copied = true;
	*lines = buf_slice(&l->ready);
}

/* What is left of the lines that came: false if nothing is. */
static bool left(struct last *l, enum got got, struct slice *lines)
{
	bool some;

	if (l->inner.ops->is_first(l->inner.self)) {
		l->begins = true;
		l->passing = l->sought;
		l->lines = 0;
		if (got == GOT_LINES && l->opts.header) {
			buf_add_slice(&l->header, take_first(lines));
			l->lines = 1;
		}
	}
	if (l->passing)
		return true;
	if (got == GOT_LONG && !by_bytes(l))
		return ++l->lines >= l->opts.start.count;
	if (lines->n == 0)
		some = false;
	else
		some = by_bytes(l) ? skip_bytes(l, lines) : skip_lines(l, lines);
	if (!some)
		lines->n = 0;
	if (!some && !l->header.n)
		return false;
	if (l->header.n)
		put_header(l, lines);
	return true;
}

static enum got next_from(struct last *l, bool tick, int64_t timeout, struct slice *lines,
                          struct err *e)
{
	enum got got;

	l->copied = false;
	do {
		got = l->inner.ops->next(l->inner.self, tick, timeout, lines, e);
		if (got != GOT_LINES && got != GOT_LONG)
			return got;
	} while (!left(l, got, lines));
	l->terminated = l->inner.ops->terminated(l->inner.self);
	l->first = l->begins;
	l->begins = false;
	return got;
}

/* ---- as lines */

static enum got last_next(void *self, bool tick, int64_t timeout, struct slice *lines,
                          struct err *e)
{
	struct last *l = self;

	l->first = false;
	return l->from ? next_from(l, tick, timeout, lines, e)
	               : next_last(l, tick, timeout, lines, e);
}

static const char *last_name(const void *self)
{
	const struct last *l = self;

	return l->ready_name ? l->ready_name : l->inner.ops->name(l->inner.self);
}

static bool last_is_first(const void *self)
{
	return ((const struct last *)self)->first;
}

static bool last_terminated(const void *self)
{
	return ((const struct last *)self)->terminated;
}

static uint64_t last_consumed(const void *self)
{
	const struct last *l = self;

	return l->inner.ops->consumed(l->inner.self);
}

static uint64_t last_size(const void *self)
{
	const struct last *l = self;

	return l->inner.ops->size(l->inner.self);
}

static struct place last_place(const void *self, const char *at, uint64_t n)
{
	const struct last *l = self;
	size_t into;

	if (!l->copied)
		return l->inner.ops->place(l->inner.self, at, n);
	into = (size_t)(at - l->ready.p);
	if (into >= l->ready_header)
		return (struct place){ .offset = l->ready_at + into - l->ready_header };
	return (struct place){ .offset = into };
}

static int last_fd(const void *self)
{
	const struct last *l = self;

	return l->stash.p ? -1 : l->inner.ops->fd(l->inner.self);
}

static const struct lines_ops ops = {
	.next = last_next,
	.name = last_name,
	.is_first = last_is_first,
	.terminated = last_terminated,
	.consumed = last_consumed,
	.size = last_size,
	.place = last_place,
	.fd = last_fd,
	.free = last_free,
};
