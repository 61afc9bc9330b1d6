#include "plain.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "io/stop.h"

#include <stdlib.h>

struct plain {
	struct lines lines;
	size_t parts, part; /* the last lines are of the latter */
	const char *const *name;
	uint64_t line;   /* handed out of it */
	uint64_t offset; /* where the lines behind them begin, if nothing is left out */
	bool began;
	bool uncounted; /* it began in its middle: the numbers of its lines are not known */
};

static const struct feed_ops ops;

struct feed plain_new(struct lines lines, const char *const *names, size_t count)
{
	static const char *const stdin_only[] = { "-" };
	struct plain *p = alloc_zero(1, sizeof *p);

	p->lines = lines;
	p->name = count ? names : stdin_only;
	p->parts = count ? count : 1;
	return (struct feed){ &ops, p };
}

static void plain_free(void *self)
{
	struct plain *p = self;

	p->lines.ops->free(p->lines.self);
	free(p);
}

static const char *shown(const char *name)
{
	return strcmp(name, "-") == 0 ? "stdin" : name;
}

/* Lines of another input: which one is it? The next of that name; others had none. */
static void begin(struct plain *p)
{
	const char *name = p->lines.ops->name(p->lines.self);
	size_t i = p->began ? p->part + 1 : 0;

	while (i + 1 < p->parts && strcmp(shown(p->name[i]), name) != 0)
		i++;
	p->part = i < p->parts ? i : p->parts - 1;
	p->line = p->offset = 0;
	p->began = true;
	p->uncounted = false;
}

static enum got plain_next(void *self, struct batch *b, struct err *e)
{
	struct plain *p = self;
	enum got got = p->lines.ops->next(p->lines.self, false, 0, &b->lines, e);
	struct place at;

	if (got != GOT_LINES && got != GOT_LONG)
		return got;
	b->begins = p->lines.ops->is_first(p->lines.self);
	b->unterminated = !p->lines.ops->terminated(p->lines.self);
	if (b->begins)
		begin(p);
	if (p->lines.ops->place) {
		at = p->lines.ops->place(p->lines.self, b->lines.p, 1);
		p->offset = at.offset;
		if (b->begins)
			p->uncounted = !at.line && at.offset > 0;
		p->line = at.line ? at.line - 1 : p->line;
	}
	b->place = (struct place){ .part = p->part,
		                   .unit = p->part,
		                   .offset = p->offset,
		                   .line = p->uncounted ? 0 : p->line + 1,
		                   .time = STAMP_NONE };
	p->offset += b->lines.n - b->unterminated;
	b->upto = p->offset;
	p->line += got == GOT_LONG ? 1 : lines_count(b->lines);
	return got;
}

static size_t plain_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct plain *f = self;
	int fd = f->lines.ops->fd ? f->lines.ops->fd(f->lines.self) : -1;

	/* asked to end, a pipe is still read, for so long */
	if (stop_signal() && (*timeout < 0 || *timeout > stop_grace()))
		*timeout = stop_grace();
	if (fd < 0) {
		*timeout = 0;
		return 0;
	}
	if (room)
		*p = (struct pollfd){ .fd = fd, .events = POLLIN };
	return 1;
}

static size_t plain_parts(const void *self)
{
	return ((const struct plain *)self)->parts;
}

static const char *plain_name(const void *self, size_t part)
{
	const struct plain *p = self;

	return shown(p->name[part]);
}

static bool plain_over(const void *self, size_t part)
{
	const struct plain *p = self;

	return part < p->part;
}

static uint64_t plain_consumed(const void *self)
{
	const struct plain *p = self;

	return p->lines.ops->consumed(p->lines.self);
}

static uint64_t plain_size(const void *self)
{
	const struct plain *p = self;

	return p->lines.ops->size(p->lines.self);
}

static const struct feed_ops ops = {
	.flow = { .next = plain_next, .wait = plain_wait, .free = plain_free },
	.parts = plain_parts,
	.name = plain_name,
	.over = plain_over,
	.consumed = plain_consumed,
	.size = plain_size,
};
