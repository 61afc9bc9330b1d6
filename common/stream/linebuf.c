#include "linebuf.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST ((size_t)4 << 10)
#define CHUNK ((size_t)64 << 10)

void linebuf_init(struct linebuf *l, size_t max_line)
{
	*l = (struct linebuf){ .max_line = max_line };
}

void linebuf_free(struct linebuf *l)
{
	free(l->p);
	l->p = NULL;
	l->cap = l->from = l->to = 0;
}

uint64_t linebuf_bytes(const struct linebuf *l)
{
	return l->base + l->to;
}

/* Move what is held to the front, and see that a read is worth its while. */
static void make_room(struct linebuf *l)
{
	size_t held = l->to - l->from, cap = l->cap;

	if (l->from)
		memmove(l->p, l->p + l->from, held);
	l->base += l->from;
	l->from = 0;
	l->to = held;
	if (held > cap / 2)
		cap *= 2;
	else if (cap > CHUNK && held < CHUNK / 2)
		cap = CHUNK;
	else if (!cap)
		cap = FIRST;
	if (cap != l->cap)
		l->p = alloc_resize(l->p, cap + LINES_PAD, 1);
	l->cap = cap;
}

/* The next read may be larger, since this one filled the buffer. */
static void grow(struct linebuf *l)
{
	if (l->to < l->cap || l->cap >= CHUNK)
		return;
	l->cap *= 2;
	l->p = alloc_resize(l->p, l->cap + LINES_PAD, 1);
}

/* Hand out the bytes before END. */
static enum got hand_out(struct linebuf *l, size_t end, enum got got, struct slice *lines)
{
	*lines = (struct slice){ l->p + l->from, end - l->from };
	l->offset = l->base + l->from;
	l->line = l->lines + 1;
	l->lines += got == GOT_LONG ? 1 : lines_count(*lines);
	l->unterminated = false;
	l->from = end;
	return got;
}

enum got linebuf_end(struct linebuf *l, struct slice *lines)
{
	bool any = l->to > l->from && !l->skipping;

	l->over = true;
	l->skipping = false;
	if (!any) {
		l->from = l->to;
		return GOT_END;
	}
	if (l->to - l->from > l->max_line)
		return hand_out(l, l->to, GOT_LONG, lines);
	l->p[l->to] = '\n'; /* there is room: the pad */
	hand_out(l, l->to, GOT_LONG, lines);
	lines->n++;
	l->unterminated = true;
	return GOT_LINES;
}

/* Lines among the bytes that were not handed out, of which those from FRESH on are new. */
static enum got take_lines(struct linebuf *l, size_t fresh, struct slice *lines)
{
	char *newline;

	if (l->skipping) {
		newline = memchr(l->p + l->from, '\n', l->to - l->from);
		l->skipping = !newline;
		l->from = newline ? (size_t)(newline + 1 - l->p) : l->to;
		fresh = l->from;
	}
	newline = memrchr(l->p + fresh, '\n', l->to - fresh);
	if (newline)
		return hand_out(l, (size_t)(newline + 1 - l->p), GOT_LINES, lines);
	if (l->to - l->from <= l->max_line)
		return GOT_TICK;
	l->skipping = true;
	return hand_out(l, l->to, GOT_LONG, lines);
}

/* How the stream ended. */
static enum got end(struct linebuf *l, struct err *e)
{
	if (!l->failed)
		return GOT_END;
	errno = l->failed;
	l->failed = 0;
	err_set(e, FAIL_IO, "cannot read:");
	return GOT_ERROR;
}

enum got linebuf_read(struct linebuf *l, int fd, struct slice *lines, struct err *e)
{
	size_t fresh;
	ssize_t n;
	enum got got;

	if (l->over)
		return end(l, e);
	make_room(l);
	fresh = l->to;
	n = read(fd, l->p + l->to, l->cap - l->to);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return GOT_TICK;
	if (n <= 0) {
		l->failed = n < 0 ? errno : 0;
		got = linebuf_end(l, lines);
		return got == GOT_END ? end(l, e) : got;
	}
	l->to += (size_t)n;
	grow(l);
	return take_lines(l, fresh, lines);
}
