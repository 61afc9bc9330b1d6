#include "asof.h"

/* The number of rows before T, or, if OR_AT, at it as well. */
static size_t rows_before(const struct row_chain *c, int64_t t, bool or_at)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->by_time[mid]->time < t || (or_at && c->by_time[mid]->time == t))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Two times lie apart by this, which int64_t need not hold. */
static uint64_t distance(int64_t a, int64_t b)
{
	return a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

static struct row *within(struct row *row, int64_t t, const struct asof_opts *opts)
{
	if (!row || opts->tolerance == INT64_MAX)
		return row;
	return distance(row->time, t) <= (uint64_t)opts->tolerance ? row : NULL;
}

struct row *asof_find(const struct row_chain *c, int64_t t, const struct asof_opts *opts)
{
	size_t before = rows_before(c, t, !opts->strict), from = rows_before(c, t, opts->strict);
	struct row *back = before ? c->by_time[before - 1] : NULL;
	struct row *fore = from < c->n ? c->by_time[from] : NULL;

	if (opts->direction == ASOF_BACKWARD)
		return within(back, t, opts);
	if (opts->direction == ASOF_FORWARD)
		return within(fore, t, opts);
	if (!back || (fore && distance(fore->time, t) < distance(back->time, t)))
		return within(fore, t, opts);
	return within(back, t, opts);
}
