/*
 * fakeflow.h - a feed that hands out a text in pieces of its partitions, as a test says: each with
 * places of its own or without, with nothing to read now and then.
 */
#ifndef TESTS_FAKEFLOW_H
#define TESTS_FAKEFLOW_H

#include "unit.h"

#include "base/buf.h"
#include "base/stamp.h"
#include "stream/batch.h"

/* A step: a batch of a partition; NULL text is a tick, "!" that the partition is over, "~" behind
 * the text that its last line had no newline of its own; "<" before it a line that is too long. */
struct fake_step {
	size_t part;
	const char *text;
};

struct fake_part {
	uint64_t offset, line;
	bool over;
};

struct fake {
	const struct fake_step *step;
	size_t steps, at, parts;
	struct fake_part part[8];
	bool places; /* give the place of each line */
	struct place place[2048];
	char buf[4096];
	uint64_t let_out[8]; /* by unit */
};

static inline enum got fake_next(void *self, struct batch *b, struct err *e)
{
	struct fake *f = self;
	const struct fake_step *s = &f->step[f->at];
	struct fake_part *p;
	size_t n = 0;
	bool is_long;

	(void)e;
	if (f->at == f->steps)
		return GOT_END;
	f->at++;
	if (!s->text)
		return GOT_TICK;
	p = &f->part[s->part];
	if (strcmp(s->text, "!") == 0) {
		p->over = true;
		return fake_next(self, b, e);
	}
	is_long = s->text[0] == '<';
	*b = (struct batch){ .begins = p->offset == 0 };
	b->place = (struct place){ .part = s->part,
		                   .unit = s->part,
		                   .offset = p->offset,
		                   .line = p->line + 1,
		                   .time = STAMP_NONE };
	memcpy(f->buf, s->text + is_long, strlen(s->text + is_long) + 1);
	b->lines = slice_from(f->buf);
	b->unterminated = f->buf[b->lines.n - 1] == '~';
	b->lines.n -= b->unterminated;
	for (size_t i = 0; i < b->lines.n; i++) {
		if (i == 0 || f->buf[i - 1] == '\n') {
			f->place[n] = b->place;
			f->place[n].offset += i;
			f->place[n].line += n;
			n++;
		}
	}
	p->offset += b->lines.n - b->unterminated;
	p->line += n;
	b->upto = p->offset;
	b->places = f->places && !is_long ? f->place : NULL;
	return is_long ? GOT_LONG : GOT_LINES;
}

static inline size_t fake_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	(void)self;
	(void)p;
	(void)room;
	*timeout = 0;
	return 0;
}

static inline void fake_free(void *self)
{
	(void)self;
}

static inline size_t fake_parts(const void *self)
{
	return ((const struct fake *)self)->parts;
}

static inline const char *fake_name(const void *self, size_t part)
{
	(void)self;
	(void)part;
	return "fake";
}

static inline bool fake_over(const void *self, size_t part)
{
	return ((const struct fake *)self)->part[part].over;
}

static inline uint64_t fake_none(const void *self)
{
	(void)self;
	return 0;
}

static inline void fake_let_out(void *self, size_t unit, uint64_t upto)
{
	((struct fake *)self)->let_out[unit] = upto;
}

static const struct feed_ops fake_ops = {
	.flow = { .next = fake_next, .wait = fake_wait, .free = fake_free },
	.parts = fake_parts,
	.name = fake_name,
	.over = fake_over,
	.consumed = fake_none,
	.size = fake_none,
	.let_out = fake_let_out,
};

/* The time of a line: the number it begins with; none where it begins otherwise. */
static inline int64_t fake_time(void *context, size_t part, bool begins, struct slice line)
{
	(void)context;
	(void)part;
	(void)begins;
	return line.p[0] >= '0' && line.p[0] <= '9' ? strtoll(line.p, NULL, 10) : STAMP_NONE;
}

/* Note a batch: "PART@OFFSET-UPTO:lines", each line with '/' in place of its newline. */
static inline void fake_note(struct buf *log, const struct batch *b, enum got got)
{
	buf_addf(log, "%s%zu@%u-%u%s%s:", got == GOT_LONG ? "<" : "", b->place.part,
	         (unsigned)b->place.offset, (unsigned)b->upto, b->begins ? "^" : "",
	         b->unterminated ? "~" : "");
	for (size_t i = 0; i < b->lines.n; i++)
		buf_addc(log, b->lines.p[i] == '\n' ? '/' : b->lines.p[i]);
	buf_addc(log, ' ');
}

/* All that there is now: GOT_TICK or GOT_END. */
static inline enum got fake_drain(struct feed f, struct buf *log)
{
	struct batch b = { 0 };
	struct err e;
	enum got got;

	err_clear(&e);
	while ((got = f.ops->flow.next(f.self, &b, &e)) != GOT_TICK && got != GOT_END) {
		fake_note(log, &b, got);
		b = (struct batch){ 0 };
	}
	return got;
}

#endif
