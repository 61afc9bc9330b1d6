#include "batch.h"

struct place batch_place(const struct batch *b, const char *at, size_t n)
{
	struct place p = b->place;

	if (b->places)
		return b->places[n];
	p.offset += (uint64_t)(at - b->lines.p);
	p.line += p.line ? n : 0;
	return p;
}

struct batch batch_take(struct batch *b, const char *to, size_t n)
{
	struct batch first = *b;
	size_t taken = (size_t)(to - b->lines.p);

	if (taken < b->lines.n) {
		b->place = batch_place(&first, to, n);
		b->places = first.places ? first.places + n : NULL;
		first.unterminated = false;
		first.upto = b->place.offset;
	}
	first.lines.n = taken;
	b->lines = (struct slice){ to, b->lines.n - taken };
	b->begins = false;
	return first;
}
