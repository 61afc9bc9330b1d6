#include "asof.h"

#include "base/stamp.h"
#include "window/window.h"

#include <stdlib.h>

void asof_init(struct asof *f, const struct asof_opts *opts)
{
	*f = (struct asof){ .opts = *opts, .w = { STAMP_NONE, STAMP_NONE } };
	joinstate_init(&f->state, opts->texts);
	f->due[SIDE_LEFT].before = f->due[SIDE_RIGHT].before = joinrec_before;
}

static void queue(struct asof *f, struct joinrec *r, int64_t until)
{
	struct pq *q = &f->due[joinrec_side(r)];

	if (r->queued)
		pq_remove(q, &r->due);
	r->until = until;
	r->queued = true;
	pq_add(q, &r->due, until);
}

static int settle(struct asof *f, struct joinrec *r, struct err *e)
{
	const struct join_sink *to = &f->opts.sink;
	int did = to->settled(to->context, r, r->row.matched, NULL, e);

	if (r->queued)
		pq_remove(&f->due[joinrec_side(r)], &r->due);
	joinstate_drop(&f->state, r);
	return did;
}

/* ---- the right record of a left one */

/* Two times lie apart by this, which int64_t need not hold. */
static uint64_t distance(int64_t a, int64_t b)
{
	return a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

/* As far from a time, on the far side, as another lies from it. */
static int64_t beyond(int64_t t, int64_t other)
{
	uint64_t apart = distance(t, other);

	return apart < (uint64_t)INT64_MAX ? win_plus(t, (int64_t)apart) : INT64_MAX;
}

/* A time + tolerance. */
static int64_t reach(const struct asof *f, int64_t t)
{
	return f->opts.tolerance == INT64_MAX ? INT64_MAX : win_plus(t, f->opts.tolerance);
}

static struct joinrec *find(const struct asof *f, const struct joinrec *left)
{
	const struct asof_opts *o = &f->opts;
	const struct joinlist *l = &left->key->side[SIDE_RIGHT];
	int64_t t = left->row.time;
	struct joinrec *back = NULL, *fore = NULL, *best;

	if (left->key->lonely)
		return NULL;
	if (o->direction != ASOF_FORWARD) {
		uint32_t n = joinlist_before(l, t, !o->strict);

		back = n ? joinlist_at(l, n - 1) : NULL;
	}
	if (o->direction != ASOF_BACKWARD) {
		uint32_t n = joinlist_before(l, t, o->strict);

		fore = n < l->n ? joinlist_at(l, n) : NULL;
	}
	best = !back || (fore && distance(fore->row.time, t) < distance(back->row.time, t)) ? fore
	                                                                                    : back;
	if (best && o->tolerance != INT64_MAX &&
	    distance(best->row.time, t) > (uint64_t)o->tolerance)
		return NULL;
	return best;
}

/* A left record is answered when right's watermark has passed this. */
static int64_t answered_behind(const struct asof *f, const struct joinrec *left)
{
	int64_t t = left->row.time;
	const struct joinrec *best;

	if (left->key->lonely || f->opts.direction == ASOF_BACKWARD)
		return t;
	best = find(f, left);
	return best ? beyond(t, best->row.time) : reach(f, t);
}

static int answer(struct asof *f, struct joinrec *left, struct err *e)
{
	const struct join_sink *to = &f->opts.sink;
	struct joinrec *right = find(f, left);

	if (right) {
		left->row.matched = right->row.matched = true;
		if (to->pair(to->context, left, right, NULL, e) < 0)
			return -1;
	}
	return settle(f, left, e);
}

static bool right_has_passed(const struct asof *f, int64_t t)
{
	return t < f->w[SIDE_RIGHT] || f->w[SIDE_RIGHT] == STAMP_MAX;
}

/*
 * Left records are queued by their own time, before which none is answered, until right's
 * watermark has passed that; then by what they wait for, which a right record that comes may
 * bring forward. So one that is ahead of right is not looked at for each right record before it.
 */
static int wait_or_answer(struct asof *f, struct joinrec *left, struct err *e)
{
	int64_t until = left->row.time;

	if (right_has_passed(f, until))
		until = answered_behind(f, left);
	if (right_has_passed(f, until))
		return answer(f, left, e);
	queue(f, left, until);
	return 0;
}

/* The left record that right's watermark answers next; NULL: there is none. */
static struct joinrec *next_answered(struct asof *f)
{
	struct pq_item *x;

	while ((x = pq_first(&f->due[SIDE_LEFT])) && right_has_passed(f, joinrec_due(x)->until)) {
		struct joinrec *left = joinrec_due(x);
		int64_t until = answered_behind(f, left);

		if (until <= left->until)
			return left;
		queue(f, left, until);
	}
	return NULL;
}

static int answer_due(struct asof *f, struct err *e)
{
	struct joinrec *left;

	while ((left = next_answered(f)))
		if (answer(f, left, e) < 0)
			return -1;
	return 0;
}

/* The best right record of a left one so far; where that is RIGHT, it waits for no other. */
static const struct joinrec *shorten_wait(struct asof *f, struct joinrec *left,
                                          const struct joinrec *right)
{
	const struct joinrec *best = find(f, left);

	if (best == right)
		queue(f, left, beyond(left->row.time, right->row.time));
	return best;
}

/*
 * A right record has come. It lies behind all left ones that wait for more than their own time to
 * pass. Where one of them has a better one, so have all before it, but where that one does not
 * count: --strict, at its very time.
 */
static void shorten_waits(struct asof *f, const struct joinrec *right)
{
	const struct joinlist *l = &right->key->side[SIDE_LEFT];
	uint32_t i = joinlist_before(l, f->w[SIDE_RIGHT], false);
	const struct joinrec *best = right;

	while (i && best == right)
		best = shorten_wait(f, joinlist_at(l, --i), right);
	if (best == right || !best || !f->opts.strict)
		return;
	i = joinlist_before(l, best->row.time, false);
	while (i < l->n && joinlist_at(l, i)->row.time == best->row.time &&
	       shorten_wait(f, joinlist_at(l, i), right) == right)
		i++;
}

/* ---- how long right records are needed */

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Once both watermarks have passed this, no left record takes it; INT64_MAX: it is needed. */
static int64_t needed_until(const struct asof *f, const struct joinrec *r,
                            const struct joinrec *next)
{
	int64_t t = r->row.time, last = reach(f, t), by_next = INT64_MAX;

	switch (f->opts.direction) {
	case ASOF_FORWARD:
		return t;
	case ASOF_BACKWARD:
		/* at its time the next one is newer, unless it does not count then */
		if (next)
			by_next = f->opts.strict ? next->row.time : win_plus(next->row.time, -1);
		return lesser(last, by_next);
	default:
		/* those that have it wait as far again as it lies behind them, or to where the
		 * next one would be as near */
		if (next)
			by_next = f->opts.strict ? beyond(next->row.time, t) : next->row.time;
		return lesser(beyond(last, t), by_next);
	}
}

static void queue_right(struct asof *f, const struct joinlist *l, uint32_t i)
{
	struct joinrec *r = joinlist_at(l, i);
	int64_t until = needed_until(f, r, i + 1 < l->n ? joinlist_at(l, i + 1) : NULL);

	if (until < INT64_MAX)
		queue(f, r, until);
}

static int drop_unneeded(struct asof *f, struct err *e)
{
	int64_t w = lesser(f->w[SIDE_LEFT], f->w[SIDE_RIGHT]);
	struct pq_item *x;

	while ((x = pq_first(&f->due[SIDE_RIGHT])) && joinrec_due(x)->until < w)
		if (settle(f, joinrec_due(x), e) < 0)
			return -1;
	return 0;
}

/* ---- */

static int add_right(struct asof *f, struct joinrec *r, struct err *e)
{
	const struct joinlist *l = &r->key->side[SIDE_RIGHT];
	uint32_t i = joinlist_before(l, r->row.time, true) - 1;

	if (i)
		queue_right(f, l, i - 1);
	queue_right(f, l, i);
	if (f->opts.direction != ASOF_BACKWARD)
		shorten_waits(f, r);
	return drop_unneeded(f, e);
}

void asof_load(struct asof *f, const struct join_arrival *a)
{
	struct joinrec *r = joinstate_keep(&f->state, a);

	joinstate_append(&f->state, joinstate_key(&f->state, a, true), r);
}

void asof_loaded(struct asof *f)
{
	joinstate_sort(&f->state);
	f->w[SIDE_RIGHT] = STAMP_MAX;
}

int asof_add(struct asof *f, const struct join_arrival *a, struct err *e)
{
	struct joinrec *r = joinstate_keep(&f->state, a);

	joinstate_insert(&f->state, joinstate_key(&f->state, a, true), r);
	if (a->lonely && a->side == SIDE_RIGHT)
		return settle(f, r, e);
	return a->side == SIDE_RIGHT ? add_right(f, r, e) : wait_or_answer(f, r, e);
}

int asof_advance(struct asof *f, enum side side, int64_t w, struct err *e)
{
	f->w[side] = w;
	return answer_due(f, e) < 0 ? -1 : drop_unneeded(f, e);
}

/* Let the N oldest right records go. */
static int drop_oldest(struct asof *f, size_t n, struct err *e)
{
	struct joinrec **all = joinstate_sorted(&f->state);
	size_t there = f->state.records;
	int did = 0;

	for (size_t i = 0; i < there && i < n && did == 0; i++)
		did = settle(f, all[i], e);
	free(all);
	return did;
}

int asof_end(struct asof *f, struct err *e)
{
	return drop_oldest(f, SIZE_MAX, e);
}

int asof_evict(struct asof *f, size_t n, struct err *e)
{
	struct pq_item *x;

	for (; n && (x = pq_first(&f->due[SIDE_LEFT])); n--)
		if (answer(f, joinrec_due(x), e) < 0)
			return -1;
	return n ? drop_oldest(f, n, e) : 0;
}

size_t asof_memory(const struct asof *f)
{
	size_t slots = f->due[SIDE_LEFT].cap + f->due[SIDE_RIGHT].cap;

	return joinstate_memory(&f->state) + slots * sizeof(struct pq_slot);
}

void asof_free(struct asof *f)
{
	joinstate_free(&f->state);
	pq_free(&f->due[SIDE_LEFT]);
	pq_free(&f->due[SIDE_RIGHT]);
}
