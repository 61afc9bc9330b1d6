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
	int64_t t = left->row.time, last = win_plus(t, f->opts.tolerance);
	const struct joinrec *best;
	uint64_t apart;

	if (left->key->lonely || f->opts.direction == ASOF_BACKWARD)
		return t;
	/* an older one may come yet, and be nearer: it is looked at again then */
	if (f->opts.direction == ASOF_NEAREST && f->w[SIDE_RIGHT] <= t)
		return t;
	best = find(f, left);
	if (!best)
		return last;
	apart = distance(best->row.time, t);
	return apart < (uint64_t)INT64_MAX ? win_plus(t, (int64_t)apart) : INT64_MAX;
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

/* Answer a left record that is due, if nothing better can come; else it waits on. */
static int answer_due(struct asof *f, struct joinrec *left, struct err *e)
{
	int64_t until = answered_behind(f, left);

	if (f->w[SIDE_RIGHT] == STAMP_MAX || until <= left->until)
		return answer(f, left, e);
	queue(f, left, until);
	return 0;
}

/* A right record has come: left ones that wait for it need not wait longer than for it. */
static void shorten_waits(struct asof *f, const struct joinrec *right)
{
	const struct joinlist *l = &right->key->side[SIDE_LEFT];
	uint32_t i = joinlist_before(l, right->row.time, !f->opts.strict);

	while (i--) {
		struct joinrec *left = joinlist_at(l, i);
		int64_t until = answered_behind(f, left);

		if (until < left->until)
			queue(f, left, until);
		else if (f->opts.direction == ASOF_FORWARD)
			return; /* it has a better one, and so have all before it */
	}
}

/* ---- how long right records are needed */

/* Once both watermarks have passed this, no left record takes it; INT64_MAX: it is needed. */
static int64_t needed_until(const struct asof *f, const struct joinrec *r,
                            const struct joinrec *next)
{
	const struct asof_opts *o = &f->opts;
	int64_t last = win_plus(r->row.time, o->tolerance), by_next;
	uint64_t apart;

	if (o->direction == ASOF_FORWARD)
		return r->row.time;
	if (next) {
		/* at its time the next one is better, unless it may not be taken then, or is as far
		 */
		by_next = o->strict || o->direction == ASOF_NEAREST ? next->row.time
		                                                    : win_plus(next->row.time, -1);
		last = by_next < last ? by_next : last;
	}
	/* a left one of then waits for a nearer one as long as it lies behind this */
	apart = distance(r->row.time, last);
	if (o->direction == ASOF_BACKWARD || last == INT64_MAX)
		return last;
	return apart < (uint64_t)INT64_MAX ? win_plus(last, (int64_t)apart) : INT64_MAX;
}

static void queue_right(struct asof *f, const struct joinlist *l, uint32_t i)
{
	struct joinrec *r = joinlist_at(l, i);
	int64_t until = needed_until(f, r, i + 1 < l->n ? joinlist_at(l, i + 1) : NULL);

	if (until < INT64_MAX)
		queue(f, r, until);
}

static int64_t both_passed(const struct asof *f)
{
	return f->w[SIDE_LEFT] < f->w[SIDE_RIGHT] ? f->w[SIDE_LEFT] : f->w[SIDE_RIGHT];
}

static int drop_unneeded(struct asof *f, struct err *e)
{
	int64_t w = both_passed(f);
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
	if (a->side == SIDE_RIGHT)
		return add_right(f, r, e);
	if (f->w[SIDE_RIGHT] == STAMP_MAX || answered_behind(f, r) < f->w[SIDE_RIGHT])
		return answer(f, r, e);
	queue(f, r, answered_behind(f, r));
	return 0;
}

int asof_advance(struct asof *f, enum side side, int64_t w, struct err *e)
{
	struct pq_item *x;

	f->w[side] = w;
	while ((x = pq_first(&f->due[SIDE_LEFT])) &&
	       (joinrec_due(x)->until < f->w[SIDE_RIGHT] || f->w[SIDE_RIGHT] == STAMP_MAX))
		if (answer_due(f, joinrec_due(x), e) < 0)
			return -1;
	return drop_unneeded(f, e);
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
