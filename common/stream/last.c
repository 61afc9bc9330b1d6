#include "last.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdlib.h>

#define STEP ((size_t)64 << 10)

struct last {
	struct lines inner;
	struct last_opts opts;
	struct buf held;   /* lines of the current input */
	size_t from;       /* those before are of no use any more */
	uint64_t lines;    /* held from there on; or passed over, with from */
	struct buf ready;  /* of the input before, to be handed out */
	struct buf header; /* of the current input */
	bool begins;       /* nothing of the current input has been handed out; with from */
	bool unterminated; /* so is the last line held */
	bool first, ended, terminated;
	char *name, *ready_name;
};

static const struct lines_ops ops;

struct lines last_new(struct lines inner, const struct last_opts *opts)
{
	struct last *l = alloc_zero(1, sizeof *l);

	l->inner = inner;
	l->opts = *opts;
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

/* Take lines in, and drop what is not among the last. */
static void hold(struct last *l, struct slice lines)
{
	const char *p = lines.p, *end = p + lines.n;

	buf_add_slice(&l->held, lines);
	while (p < end) {
		p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
		l->lines++;
	}
	while (l->lines > l->opts.start.count) {
		const char *at = l->held.p + l->from;

		l->from += (size_t)((const char *)memchr(at, '\n', l->held.n - l->from) + 1 - at);
		l->lines--;
	}
	if (l->from > STEP && l->from > l->held.n / 2) {
		memmove(l->held.p, l->held.p + l->from, l->held.n - l->from);
		l->held.n -= l->from;
		l->from = 0;
	}
}

/* What is held is the last of its input: ready to be handed out. */
static bool make_ready(struct last *l, struct slice *lines)
{
	if (l->held.n == l->from && l->header.n == 0)
		return false;
	buf_clear(&l->ready);
	buf_add_slice(&l->ready, buf_slice(&l->header));
	buf_clear(&l->header);
	buf_add(&l->ready, l->held.p + l->from, l->held.n - l->from);
	buf_room(&l->ready, LINES_PAD);
	buf_clear(&l->held);
	l->from = 0;
	l->lines = 0;
	l->first = true;
	l->terminated = !l->unterminated;
	free(l->ready_name);
	l->ready_name = l->name;
	l->name = NULL;
	*lines = buf_slice(&l->ready);
	return true;
}

/* Take the first line off. */
static struct slice take_first(struct slice *lines)
{
	const char *newline = memchr(lines->p, '\n', lines->n);
	struct slice first = { lines->p, (size_t)(newline + 1 - lines->p) };

	lines->p += first.n;
	lines->n -= first.n;
	return first;
}

/* Pass over the first lines; true if something is left. */
static bool skip(struct last *l, struct slice *lines)
{
	const char *p = lines->p, *end = p + lines->n;

	while (p < end && l->lines + 1 < l->opts.start.count) {
		p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
		l->lines++;
	}
	*lines = (struct slice){ p, (size_t)(end - p) };
	return lines->n > 0;
}

static void set_name(struct last *l)
{
	const char *name = l->inner.ops->name(l->inner.self);

	free(l->name);
	l->name = alloc_copy(name, strlen(name));
}

/* The header goes before what is left of the lines that came with it. */
static void put_header(struct last *l, struct slice *lines)
{
	buf_clear(&l->ready);
	buf_add_slice(&l->ready, buf_slice(&l->header));
	buf_add_slice(&l->ready, *lines);
	buf_room(&l->ready, LINES_PAD);
	buf_clear(&l->header);
	*lines = buf_slice(&l->ready);
}

/* What is left of the lines that came from line COUNT on: false if nothing is. */
static bool left(struct last *l, enum got got, struct slice *lines)
{
	if (l->inner.ops->is_first(l->inner.self)) {
		l->begins = true;
		l->lines = 0;
		if (got == GOT_LINES && l->opts.header) {
			buf_add_slice(&l->header, take_first(lines));
			l->lines = 1;
		}
	}
	if (got == GOT_LONG)
		return ++l->lines >= l->opts.start.count;
	if (!skip(l, lines) && !l->header.n)
		return false;
	if (l->header.n)
		put_header(l, lines);
	return true;
}

static enum got next_from(struct last *l, bool tick, int64_t timeout, struct slice *lines,
                          struct err *e)
{
	enum got got;

	l->first = false;
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

static enum got last_next(void *self, bool tick, int64_t timeout, struct slice *lines,
                          struct err *e)
{
	struct last *l = self;
	struct slice coming;
	bool begins, ready;
	enum got got;

	if (l->opts.start.kind == START_FROM_LINE)
		return next_from(l, tick, timeout, lines, e);
	while (!l->ended) {
		got = l->inner.ops->next(l->inner.self, tick, timeout, lines, e);
		if (got != GOT_LINES && got != GOT_END)
			return got;
		begins = got == GOT_END || l->inner.ops->is_first(l->inner.self);
		l->ended = got == GOT_END;
		coming = *lines;
		ready = begins && make_ready(l, lines);
		if (got == GOT_LINES) {
			if (begins)
				set_name(l);
			if (begins && l->opts.header)
				buf_add_slice(&l->header, take_first(&coming));
			hold(l, coming);
			l->unterminated = !l->inner.ops->terminated(l->inner.self);
		}
		if (ready)
			return GOT_LINES;
	}
	return GOT_END;
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

static const struct lines_ops ops = {
	.next = last_next,
	.name = last_name,
	.is_first = last_is_first,
	.terminated = last_terminated,
	.consumed = last_consumed,
	.size = last_size,
	.free = last_free,
};
