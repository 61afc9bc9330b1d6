#include "mux.h"

#include "base/alloc.h"
#include "saved.h"
#include "json/jstring.h"

#include <stdlib.h>

struct mux {
	struct mux_part *part;
	bool *over;
	size_t n, turn, left;
	bool in_order;
	uint64_t consumed; /* of those that are over */
};

/* Of part and unit numbers: number N of feed I. */
static size_t through(const struct mux *m, size_t i, size_t n)
{
	return n * m->n + i;
}

static const struct feed_ops ops;

struct feed mux_new(const struct mux_part *part, size_t n, bool in_order)
{
	struct mux *m = alloc_zero(1, sizeof *m);

	m->part = alloc_array(n, sizeof *m->part);
	memcpy(m->part, part, n * sizeof *part);
	m->over = alloc_zero(n, sizeof *m->over);
	m->n = m->left = n;
	m->in_order = in_order;
	return (struct feed){ &ops, m };
}

static void mux_free(void *self)
{
	struct mux *m = self;

	for (size_t i = 0; i < m->n; i++)
		m->part[i].feed.ops->flow.free(m->part[i].feed.self);
	free(m->part);
	free(m->over);
	free(m);
}

static enum got one_next(struct mux *m, size_t i, struct batch *b, struct err *e)
{
	struct feed *f = &m->part[i].feed;
	enum got got = f->ops->flow.next(f->self, b, e);

	b->place.part = through(m, i, b->place.part);
	b->place.unit = through(m, i, b->place.unit);
	if (got == GOT_END) {
		m->over[i] = true;
		m->left--;
	}
	return got;
}

static enum got mux_next(void *self, struct batch *b, struct err *e)
{
	struct mux *m = self;

	for (size_t tried = 0; tried < m->n; tried++) {
		size_t i = m->turn;
		enum got got = m->over[i] ? GOT_END : one_next(m, i, b, e);

		if (m->in_order && got != GOT_END)
			return got;
		m->turn = (m->turn + 1) % m->n;
		if (got != GOT_END && got != GOT_TICK)
			return got;
	}
	return m->left ? GOT_TICK : GOT_END;
}

static size_t mux_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct mux *m = self;
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct feed *f = &m->part[i].feed;

		if (m->over[i] || (m->in_order && i != m->turn))
			continue;
		n += f->ops->flow.wait(f->self, p + (n < room ? n : room), n < room ? room - n : 0,
		                       timeout);
	}
	return n;
}

static size_t mux_parts(const void *self)
{
	const struct mux *m = self;
	size_t most = 0;

	for (size_t i = 0; i < m->n; i++) {
		size_t n = m->part[i].feed.ops->parts(m->part[i].feed.self);

		most = n > most ? n : most;
	}
	return most * m->n;
}

static const char *mux_name(const void *self, size_t part)
{
	const struct mux *m = self;
	const struct feed *f = &m->part[part % m->n].feed;

	return f->ops->name(f->self, part / m->n);
}

static bool mux_over(const void *self, size_t part)
{
	const struct mux *m = self;
	const struct feed *f = &m->part[part % m->n].feed;

	return m->over[part % m->n] || part / m->n >= f->ops->parts(f->self) ||
	       f->ops->over(f->self, part / m->n);
}

static uint64_t mux_consumed(const void *self)
{
	const struct mux *m = self;
	uint64_t sum = 0;

	for (size_t i = 0; i < m->n; i++)
		sum += m->part[i].feed.ops->consumed(m->part[i].feed.self);
	return sum;
}

static uint64_t mux_size(const void *self)
{
	const struct mux *m = self;
	uint64_t sum = 0;

	for (size_t i = 0; i < m->n; i++) {
		uint64_t size = m->part[i].feed.ops->size(m->part[i].feed.self);

		if (size == 0)
			return 0;
		sum += size;
	}
	return sum;
}

/* ---- positions */

static void mux_let_out(void *self, size_t unit, uint64_t upto)
{
	struct mux *m = self;
	struct feed *f = &m->part[unit % m->n].feed;

	if (f->ops->let_out)
		f->ops->let_out(f->self, unit / m->n, upto);
}

static int mux_written(void *self, struct err *e)
{
	struct mux *m = self;

	for (size_t i = 0; i < m->n; i++) {
		struct feed *f = &m->part[i].feed;

		if (f->ops->written && f->ops->written(f->self, e) < 0)
			return -1;
	}
	return 0;
}

static void mux_save(const void *self, struct buf *json)
{
	const struct mux *m = self;
	bool any = false;

	buf_addc(json, '{');
	for (size_t i = 0; i < m->n; i++) {
		const struct feed *f = &m->part[i].feed;

		if (!f->ops->save)
			continue;
		if (any)
			buf_addc(json, ',');
		any = true;
		jstring_write_bytes(json, (struct slice){ m->part[i].url, strlen(m->part[i].url) });
		buf_addc(json, ':');
		f->ops->save(f->self, json);
	}
	buf_addc(json, '}');
}

bool feed_saves(struct feed feed)
{
	const struct mux *m = feed.self;

	if (feed.ops != &ops)
		return feed.ops->save;
	for (size_t i = 0; i < m->n; i++)
		if (!feed_saves(m->part[i].feed))
			return false;
	return true;
}

static int mux_seek(void *self, struct val value, struct heap *h, struct err *e)
{
	struct mux *m = self;

	for (size_t i = 0; i < m->n; i++) {
		struct feed *f = &m->part[i].feed;
		struct val own;

		if (!f->ops->seek)
			continue;
		own = saved_member(value, m->part[i].url);
		if (own.tag != VAL_NONE && f->ops->seek(f->self, own, h, e) < 0)
			return -1;
	}
	return 0;
}

static const struct feed_ops ops = {
	.flow = { .next = mux_next, .wait = mux_wait, .free = mux_free },
	.parts = mux_parts,
	.name = mux_name,
	.over = mux_over,
	.consumed = mux_consumed,
	.size = mux_size,
	.let_out = mux_let_out,
	.written = mux_written,
	.save = mux_save,
	.seek = mux_seek,
};
