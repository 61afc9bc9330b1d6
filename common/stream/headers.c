#include "headers.h"

#include "base/alloc.h"
#include "base/stamp.h"

#include <stdlib.h>
#include <unistd.h>

#define NO_UNIT SIZE_MAX /* of headers before all lines: what is let out of it moves nothing */

struct headers {
	struct flow flow;
	struct feed feed;
	bool live;
	bool started; /* the inputs without lines have their headers */
	bool any;     /* a header has been handed out */
	size_t part;  /* the newest one is of this partition */
	bool *seen;   /* partitions that had one */
	size_t cap;
	struct buf text;   /* headers to be handed out */
	bool holds;        /* what comes behind them was read: */
	enum got got;      /* that, */
	struct batch held; /* with these lines */
	struct place last; /* of the lines handed out last */
	bool cut;          /* the last of them had no newline, so one comes before the next line */
};

static const struct flow_ops ops;

struct flow headers_new(struct flow flow, struct feed feed, bool live)
{
	struct headers *h = alloc_zero(1, sizeof *h);

	h->flow = flow;
	h->feed = feed;
	h->live = live;
	h->last = (struct place){ .unit = NO_UNIT, .time = STAMP_NONE };
	return (struct flow){ &ops, h };
}

static void headers_free(void *self)
{
	struct headers *h = self;

	h->flow.ops->free(h->flow.self);
	buf_free(&h->text);
	free(h->seen);
	free(h);
}

static void add_header(struct headers *h, size_t part)
{
	const char *name = h->feed.ops->name(h->feed.self, part);

	if (strcmp(name, "stdin") == 0)
		name = "standard input";
	buf_addf(&h->text, "%s==> %s <==\n", h->any && !h->cut ? "\n" : "", name);
	h->any = true;
	h->cut = false;
	h->part = part;
	h->seen[part] = true;
}

static bool is_there(const char *name)
{
	return strcmp(name, "stdin") == 0 || access(name, R_OK) == 0;
}

/* Headers of those before END that have had none. */
static void add_empty(struct headers *h, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (!h->seen[i] && is_there(h->feed.ops->name(h->feed.self, i)))
			add_header(h, i);
}

/* See that there is a place for each partition. */
static size_t grow(struct headers *h)
{
	size_t parts = h->feed.ops->parts(h->feed.self), had = h->cap;

	if (parts > had) {
		h->seen = alloc_grow(h->seen, &h->cap, parts, sizeof *h->seen);
		memset(h->seen + had, 0, (h->cap - had) * sizeof *h->seen);
	}
	return parts;
}

/* What has to stand before the lines or the end that came. */
static void find_headers(struct headers *h, enum got got, const struct batch *b)
{
	size_t parts = grow(h);

	if ((got == GOT_LINES && b->lines.n) || got == GOT_LONG) {
		if (!h->started)
			add_empty(h, b->place.part);
		if (!h->any || h->part != b->place.part)
			add_header(h, b->place.part);
	} else if (!h->started && (got == GOT_END || (got == GOT_TICK && h->live))) {
		add_empty(h, parts);
		h->started = true;
	}
}

/* The headers as a batch, which moves no position. */
static void hand_out(struct headers *h, struct batch *b)
{
	buf_room(&h->text, LINES_PAD);
	*b = (struct batch){ .lines = buf_slice(&h->text), .place = h->last };
	b->place.line = 0;
	b->upto = h->last.offset;
	h->text.n = 0;
}

static enum got headers_next(void *self, struct batch *b, struct err *e)
{
	struct headers *h = self;
	enum got got;

	if (h->holds) {
		*b = h->held;
		got = h->got;
		h->holds = false;
	} else {
		got = h->flow.ops->next(h->flow.self, b, e);
		find_headers(h, got, b);
		if (h->text.n) {
			h->holds = true;
			h->held = *b;
			h->got = got;
			if (got == GOT_LINES || got == GOT_LONG)
				h->last = b->place;
			hand_out(h, b);
			return GOT_LINES;
		}
	}
	if (got == GOT_LINES || got == GOT_LONG) {
		h->last = b->place;
		h->last.offset = b->upto;
		h->cut = b->unterminated;
	}
	return got;
}

static size_t headers_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct headers *h = self;

	if (!h->holds)
		return h->flow.ops->wait(h->flow.self, p, room, timeout);
	*timeout = 0;
	return 0;
}

static void headers_finish(void *self)
{
	struct headers *h = self;

	if (h->flow.ops->finish)
		h->flow.ops->finish(h->flow.self);
}

static const struct flow_ops ops = {
	.next = headers_next,
	.wait = headers_wait,
	.finish = headers_finish,
	.free = headers_free,
};
