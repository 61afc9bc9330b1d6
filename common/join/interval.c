#include "interval.h"

#include "base/stamp.h"
#include "window/window.h"

void interval_init(struct interval *v, const struct interval_opts *opts)
{
	*v = (struct interval){ .opts = *opts, .settled = { STAMP_NONE, STAMP_NONE } };
	joinstate_init(&v->state, opts->texts);
	v->due[SIDE_LEFT].before = v->due[SIDE_RIGHT].before = joinrec_before;
}

static enum side other(enum side side)
{
	return side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}

/* A record is done with. */
static void drop(struct interval *v, struct joinrec *r)
{
	if (r->queued)
		pq_remove(&v->due[joinrec_side(r)], &r->due);
	joinstate_drop(&v->state, r);
}

static int settle(struct interval *v, struct joinrec *r, struct err *e)
{
	const struct join_sink *to = &v->opts.sink;
	int did = to->settled(to->context, r, r->row.matched, NULL, e);

	drop(v, r);
	return did;
}

static int pair(struct interval *v, struct joinrec *left, struct joinrec *right, struct err *e)
{
	const struct join_sink *to = &v->opts.sink;

	left->row.matched = right->row.matched = true;
	return to->pair(to->context, left, right, NULL, e);
}

static int match_left(struct interval *v, struct joinkey *k, struct joinrec *left, struct err *e)
{
	const struct joinlist *l = &k->side[SIDE_RIGHT];
	uint32_t i = joinlist_before(l, win_plus(left->row.time, -v->opts.before), false);

	for (; i < l->n && joinlist_at(l, i)->row.time <= left->until; i++) {
		if (pair(v, left, joinlist_at(l, i), e) < 0)
			return -1;
		if (v->opts.once)
			return 0;
	}
	return 0;
}

static int match_right(struct interval *v, struct joinkey *k, struct joinrec *right, struct err *e)
{
	struct joinlist *l = &k->side[SIDE_LEFT];
	int64_t time = right->row.time, last = win_plus(time, v->opts.before);
	uint32_t i =
		v->opts.expires ? 0 : joinlist_before(l, win_plus(time, -v->opts.after), false);
	uint32_t end = joinlist_before(l, last, true);

	while (i < end) {
		struct joinrec *left = joinlist_at(l, i++);

		if (left->until < time)
			continue;
		if (pair(v, left, right, e) < 0)
			return -1;
		if (!v->opts.once)
			continue;
		/* it goes, and perhaps the key with it */
		i--;
		end--;
		if (settle(v, left, e) < 0)
			return -1;
	}
	return 0;
}

/* Can nothing match it any more? */
static bool is_over(const struct interval *v, const struct joinrec *r)
{
	int64_t w = v->settled[joinrec_side(r)];

	return r->until < w || w == STAMP_MAX || (!r->right && v->opts.once && r->row.matched);
}

int interval_add(struct interval *v, const struct join_arrival *a, struct err *e)
{
	enum side side = a->side;
	struct joinrec *r = joinstate_keep(&v->state, a);
	struct joinkey *k;

	if (side == SIDE_RIGHT)
		r->until = win_plus(a->time, v->opts.before);
	else if (!v->opts.expires)
		r->until = win_plus(a->time, v->opts.after);
	k = a->lonely ? NULL : joinstate_key(&v->state, a, false);
	if (k && (side == SIDE_LEFT ? match_left(v, k, r, e) : match_right(v, k, r, e)) < 0) {
		drop(v, r);
		return -1;
	}
	if (is_over(v, r))
		return settle(v, r, e);
	joinstate_insert(&v->state, joinstate_key(&v->state, a, true), r);
	r->queued = true;
	pq_add(&v->due[side], &r->due, r->until);
	return 0;
}

int interval_advance(struct interval *v, enum side side, int64_t w, struct err *e)
{
	struct pq *due = &v->due[other(side)];
	struct pq_item *x;

	v->settled[other(side)] = w;
	while ((x = pq_first(due)) && (joinrec_due(x)->until < w || w == STAMP_MAX))
		if (settle(v, joinrec_due(x), e) < 0)
			return -1;
	return 0;
}

int interval_evict(struct interval *v, size_t n, struct err *e)
{
	while (n--) {
		struct pq_item *l = pq_first(&v->due[SIDE_LEFT]),
			       *r = pq_first(&v->due[SIDE_RIGHT]);
		struct pq_item *x =
			!l || (r && joinrec_due(r)->until < joinrec_due(l)->until) ? r : l;

		if (!x)
			return 0;
		if (settle(v, joinrec_due(x), e) < 0)
			return -1;
	}
	return 0;
}

size_t interval_memory(const struct interval *v)
{
	size_t slots = v->due[SIDE_LEFT].cap + v->due[SIDE_RIGHT].cap;

	return joinstate_memory(&v->state) + slots * sizeof(struct pq_slot);
}

void interval_free(struct interval *v)
{
	joinstate_free(&v->state);
	pq_free(&v->due[SIDE_LEFT]);
	pq_free(&v->due[SIDE_RIGHT]);
}
