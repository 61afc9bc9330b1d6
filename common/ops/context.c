#include "context.h"

#include "base/alloc.h"

#include <stdlib.h>

#define RECORDS_MAX 1000000
#define ROOM_KEPT   65536 /* bytes of a held record's room that stay for the next */

static bool take_count(const char **p, uint64_t *n)
{
	const char *from = *p;

	for (*n = 0; **p >= '0' && **p <= '9' && *n <= RECORDS_MAX; (*p)++)
		*n = *n * 10 + (uint64_t)(**p - '0');
	return *p > from && *n <= RECORDS_MAX;
}

int context_init(struct context *c, const char *range, struct err *e)
{
	const char *p = range;
	bool fine;

	*c = (struct context){ 0 };
	fine = take_count(&p, &c->after);
	c->before = c->after;
	if (fine && *p == ',') {
		p++;
		fine = take_count(&p, &c->before);
	}
	if (!fine || *p)
		return err_set(e, FAIL_USAGE,
		               "--context %s: records after and before a match, as 2,3, up to %d",
		               range, RECORDS_MAX);
	c->held = alloc_zero(c->before, sizeof *c->held);
	return 0;
}

bool context_passes(struct context *c, bool match)
{
	if (!match && c->left == 0)
		return false;
	c->gap = c->started && c->skipped;
	c->started = true;
	c->skipped = false;
	c->left = match ? c->after : c->left - 1;
	return true;
}

bool context_take(struct context *c, struct slice *record)
{
	if (c->count == 0)
		return false;
	*record = buf_slice(&c->held[c->first]);
	c->first = (c->first + 1) % c->before;
	c->count--;
	return true;
}

void context_hold(struct context *c, struct slice record)
{
	struct buf *b;

	if (c->before == 0 || c->count == c->before)
		c->skipped = true;
	if (c->before == 0)
		return;
	if (c->count == c->before) {
		c->first = (c->first + 1) % c->before;
		c->count--;
	}
	b = &c->held[(c->first + c->count++) % c->before];
	buf_trim(b, ROOM_KEPT);
	buf_add_slice(b, record);
}

void context_free(struct context *c)
{
	for (uint64_t i = 0; c->held && i < c->before; i++)
		buf_free(&c->held[i]);
	free(c->held);
	*c = (struct context){ 0 };
}
