#include "framing.h"

static enum got hand_out(struct framing *f, struct slice *lines)
{
	*lines = f->ops->ended(f);
	f->first = f->begins;
	f->begins = false;
	return GOT_LINES;
}

/* More of the inner lines; what next() says. */
static enum got refill(struct framing *f, bool tick, int64_t timeout, struct err *e)
{
	enum got got;

	if (f->ops->unfinished)
		f->ops->unfinished(f);
	got = f->inner.ops->next(f->inner.self, tick, timeout, &f->chunk, e);
	if (got == GOT_LINES || got == GOT_LONG) {
		f->chunk_cut = got == GOT_LONG;
		f->chunk_first = f->inner.ops->is_first(f->inner.self);
		return GOT_LINES;
	}
	f->chunk.n = 0;
	return got;
}

enum got framing_next(void *self, bool tick, int64_t timeout, struct slice *lines, struct err *e)
{
	struct framing *f = self;
	enum got got;

	f->first = false;
	f->ops->settle(f);
	for (;;) {
		got = f->chunk.n ? GOT_LINES : refill(f, tick, timeout, e);
		if (got != GOT_LINES)
			return got == GOT_END && f->ops->flush(f) ? hand_out(f, lines) : got;
		if (f->chunk_first && f->ops->flush(f))
			return hand_out(f, lines);
		if (f->chunk_first) {
			f->name = f->inner.ops->name(f->inner.self);
			f->begins = true;
			f->chunk_first = false;
			f->ops->begin(f);
		}
		f->ops->frame(f, f->chunk, f->chunk_cut);
		f->chunk.n = 0;
		if (f->ops->ended(f).n)
			return hand_out(f, lines);
	}
}

const char *framing_name(const void *self)
{
	const struct framing *f = self;

	return f->name ? f->name : f->inner.ops->name(f->inner.self);
}

bool framing_is_first(const void *self)
{
	return ((const struct framing *)self)->first;
}

/* Records found so end where they end. */
bool framing_terminated(const void *self)
{
	(void)self;
	return true;
}

uint64_t framing_consumed(const void *self)
{
	const struct framing *f = self;

	return f->inner.ops->consumed(f->inner.self);
}

uint64_t framing_size(const void *self)
{
	const struct framing *f = self;

	return f->inner.ops->size(f->inner.self);
}
