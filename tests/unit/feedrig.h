/*
 * feedrig.h - a feed that follows a script, a clock that stands still but for it, and what comes
 * through a filter around it, as a text.
 *
 * Offsets and line numbers are those of the texts, unit by unit, from where each begins. Of what is
 * handed out, always:
 *
 * - a batch is of one unit;
 * - what lay before its `upto` does not come again, and at the end all does;
 * - `upto` of a unit does not go back.
 */
#ifndef TESTS_FEEDRIG_H
#define TESTS_FEEDRIG_H

#include "unit.h"

#include "base/buf.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "stream/feed.h"

#include <inttypes.h>

#define RIG_UNITS 8

enum rig_do {
	RIG_END, /* also behind the last step */
	RIG_LINES,
	RIG_LONG, /* a line that is too long: text is its beginning, it goes on for MORE bytes */
	RIG_TICK, /* nothing to read; if it is waited for, MS pass */
	RIG_OVER, /* the partition is over, which nothing but asking tells */
	RIG_BUSY, /* the reader is away for MS, does not wait */
	RIG_ERROR,
};

struct rig_step {
	enum rig_do what;
	size_t unit; /* also that of the partition, but for `part` */
	const char *text;
	bool begins, unterminated;
	int64_t ms;
	size_t more;
	size_t part; /* plus 1, where it is another one than the unit's number */
};

/* A unit is that partition, unless it is said otherwise; FIRST: it begins; LAST: no newline. */
#define LINES(u, t)                                                                                \
	{                                                                                          \
		.what = RIG_LINES, .unit = (u), .text = (t)                                        \
	}
#define FIRST(u, t)                                                                                \
	{                                                                                          \
		.what = RIG_LINES, .unit = (u), .text = (t), .begins = true                        \
	}
#define LAST(u, t)                                                                                 \
	{                                                                                          \
		.what = RIG_LINES, .unit = (u), .text = (t), .unterminated = true                  \
	}
#define LONG(u, t, further)                                                                        \
	{                                                                                          \
		.what = RIG_LONG, .unit = (u), .text = (t), .more = (further)                      \
	}
#define OF_PART(p, u, t)                                                                           \
	{                                                                                          \
		.what = RIG_LINES, .unit = (u), .text = (t), .begins = true, .part = (p) + 1       \
	}
#define TICK(pass)                                                                                 \
	{                                                                                          \
		.what = RIG_TICK, .ms = (pass)                                                     \
	}
#define BUSY(pass)                                                                                 \
	{                                                                                          \
		.what = RIG_BUSY, .ms = (pass)                                                     \
	}
#define OVER(u)                                                                                    \
	{                                                                                          \
		.what = RIG_OVER, .unit = (u)                                                      \
	}
#define FAILS(t)                                                                                   \
	{                                                                                          \
		.what = RIG_ERROR, .text = (t)                                                     \
	}
#define DONE                                                                                       \
	{                                                                                          \
		.what = RIG_END                                                                    \
	}

struct feedrig {
	const struct rig_step *step;
	struct buf text; /* handed out, so that it is gone with the next one */
	uint64_t offset[RIG_UNITS], line[RIG_UNITS];
	bool over[RIG_UNITS];
	int64_t wait_ms;
	bool cuts; /* each line is a batch of its own */
	size_t cut;
	bool freed;
	bool finished;
	struct buf *let_out; /* "[UNIT<UPTO]" each time it is told; or NULL */
};

static int64_t feedrig_clock_ns;

static inline int64_t feedrig_clock(void)
{
	return feedrig_clock_ns;
}

static inline enum got feedrig_lines(struct feedrig *f, const struct rig_step *s, struct batch *b)
{
	const char *from = s->text + f->cut;
	size_t n = strlen(from), line = strcspn(from, "\n") + 1;
	uint64_t *offset = &f->offset[s->unit];

	b->begins = s->begins && f->cut == 0;
	if (b->begins)
		f->offset[s->unit] = f->line[s->unit] = 0;
	if (f->cuts && line < n)
		n = line;
	f->cut += n;
	b->unterminated = s->unterminated && !from[n];
	buf_free(&f->text);
	buf_add(&f->text, from, n);
	memset(buf_room(&f->text, LINES_PAD), 0, LINES_PAD);
	b->lines = buf_slice(&f->text);
	b->place = (struct place){ .part = s->part ? s->part - 1 : s->unit,
		                   .unit = s->unit,
		                   .offset = *offset,
		                   .line = f->line[s->unit] + 1,
		                   .time = STAMP_NONE };
	for (size_t i = 0; i < n; i++)
		f->line[s->unit] += from[i] == '\n';
	*offset += n - b->unterminated;
	if (s->what == RIG_LONG) {
		f->line[s->unit]++;
		*offset += s->more + 1;
	}
	b->upto = *offset;
	if (!from[n]) {
		f->step++;
		f->cut = 0;
	}
	return s->what == RIG_LONG ? GOT_LONG : GOT_LINES;
}

static inline enum got feedrig_next(void *self, struct batch *b, struct err *e)
{
	struct feedrig *f = self;
	const struct rig_step *s;

	for (; f->step->what == RIG_OVER; f->step++)
		f->over[f->step->unit] = true;
	s = f->step;
	switch (s->what) {
	case RIG_END:
		return GOT_END;
	case RIG_LINES:
	case RIG_LONG:
		return feedrig_lines(f, s, b);
	case RIG_ERROR:
		f->step++;
		err_set(e, FAIL_DATA, "%s", s->text);
		return GOT_ERROR;
	default:
		f->wait_ms = s->ms;
		f->step++;
		return GOT_TICK;
	}
}

static inline size_t feedrig_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	(void)self;
	(void)p;
	(void)room;
	(void)timeout;
	return 0;
}

static inline void feedrig_finish(void *self)
{
	((struct feedrig *)self)->finished = true;
}

static inline void feedrig_free(void *self)
{
	struct feedrig *f = self;

	buf_free(&f->text);
	f->freed = true;
}

static inline size_t feedrig_parts(const void *self)
{
	(void)self;
	return RIG_UNITS;
}

static inline const char *feedrig_name(const void *self, size_t part)
{
	static const char *const names[RIG_UNITS] = {
		"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"
	};

	(void)self;
	return names[part];
}

static inline bool feedrig_over(const void *self, size_t part)
{
	return ((const struct feedrig *)self)->over[part];
}

static inline uint64_t feedrig_bytes(const void *self)
{
	(void)self;
	return 0;
}

static inline void feedrig_let_out(void *self, size_t unit, uint64_t upto)
{
	const struct feedrig *f = self;

	if (f->let_out)
		buf_addf(f->let_out, "[%zu<%" PRIu64 "]", unit, upto);
}

static const struct feed_ops feedrig_ops = {
	.flow = { .next = feedrig_next,
	          .wait = feedrig_wait,
	          .finish = feedrig_finish,
	          .free = feedrig_free },
	.parts = feedrig_parts,
	.name = feedrig_name,
	.over = feedrig_over,
	.consumed = feedrig_bytes,
	.size = feedrig_bytes,
	.let_out = feedrig_let_out,
};

static inline struct feed feedrig_feed(struct feedrig *f)
{
	return (struct feed){ &feedrig_ops, f };
}

/* Write what a batch holds, each line as "UNIT:OFFSET:LINE|TEXT". */
static inline void feedrig_log_batch(const struct batch *b, enum got got, uint64_t *upto,
                                     struct buf *log)
{
	const char *p = b->lines.p, *end = p + b->lines.n;
	size_t unit = b->place.unit;

	if (b->begins) {
		buf_addf(log, "<%zu>", unit);
		*upto = 0;
	}
	for (size_t i = 0; p < end; i++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		struct place at = b->place;

		if (got == GOT_LINES && b->places) {
			at = b->places[i];
		} else {
			at.offset += (uint64_t)(p - b->lines.p);
			at.line += i;
		}
		assert_int_equal(at.unit, unit);
		assert_true(at.offset >= *upto);
		assert_true(at.offset < b->upto);
		assert_true((got == GOT_LINES) == (newline != NULL)); /* whole lines, or a part */
		newline = newline ? newline : end;
		buf_addf(log, "%zu:%" PRIu64 ":%" PRIu64 "|", unit, at.offset, at.line);
		buf_adds(log, got == GOT_LONG ? "(long)" : "");
		for (; p < newline; p++) /* what is no text, so that it can be read */
			if ((unsigned char)*p >= 0x80)
				buf_addf(log, "<%02X>", (unsigned char)*p);
			else
				buf_addc(log, *p);
		buf_addc(log, '\n');
		p++;
	}
	if (b->unterminated)
		buf_addc(log, '~');
	assert_true(b->upto >= *upto);
	*upto = b->upto;
}

struct feedrig_show {
	bool batches;  /* "(UNIT<UPTO)" behind each batch, "." where there is nothing for now, with
	                  the ms to wait at most */
	int finish_at; /* the tick, from 1, at which the reader wants no more; 0: none */
};

/* Read FLOW, which is around F, to its end, and free it. */
static inline void feedrig_read(struct feedrig *f, struct flow flow, struct feedrig_show show,
                                struct buf *log)
{
	uint64_t upto[RIG_UNITS] = { 0 };
	struct batch b;
	struct err e;
	enum got got;
	int ticks = 0;

	err_clear(&e);
	for (;;) {
		int64_t timeout = -1;

		if (f->step->what == RIG_BUSY) {
			feedrig_clock_ns += f->step->ms * NS_PER_MS;
			f->step++;
		}
		b = (struct batch){ 0 };
		got = flow.ops->next(flow.self, &b, &e);
		if (got == GOT_END || (got == GOT_TICK && f->finished))
			break;
		if (got == GOT_TICK) {
			flow.ops->wait(flow.self, NULL, 0, &timeout);
			feedrig_clock_ns += f->wait_ms * NS_PER_MS;
			if (show.batches && timeout >= 0)
				buf_addf(log, ".%" PRId64 " ", timeout / NS_PER_MS);
			else if (show.batches)
				buf_adds(log, ". ");
			if (++ticks == show.finish_at)
				flow.ops->finish(flow.self);
		} else if (got == GOT_ERROR) {
			buf_addf(log, "<ERROR: %s>", e.text);
			err_clear(&e);
		} else {
			feedrig_log_batch(&b, got, &upto[b.place.unit], log);
			if (show.batches)
				buf_addf(log, "(%zu<%" PRIu64 ")", b.place.unit, b.upto);
		}
	}
	for (size_t i = 0; i < RIG_UNITS; i++)
		assert_int_equal(upto[i], f->offset[i]);
	flow.ops->free(flow.self);
	assert_true(f->freed);
}

#endif
