#include "ranges.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/pq.h"
#include "json/key.h"

#include <stdlib.h>

struct range {
	struct pq_item item;
	struct slice exact;
	struct slice from, to; /* as keys, or beyond all of them */
	struct row *row;
	size_t number;  /* in the order in which they came */
	size_t reaches; /* of the ranges in this branch, the one that ends last */
};

/* From this value on it is another range that is picked; NULL: none is. */
struct turn {
	struct slice at;
	struct row *here, *behind; /* at the value; between it and the next turn's */
};

/* What there is of one exact key: turn[first .. first + n), or range[..] where all count. */
struct group {
	struct map_item item;
	size_t first, n;
};

struct ranges {
	enum matches pick;
	struct range *range;
	size_t n, cap;
	struct turn *turn;
	size_t turns;
	struct group *group;
	struct map groups;
	struct arena arena; /* keys */
	struct buf key;
};

struct ranges *ranges_new(enum matches pick)
{
	struct ranges *r = alloc_zero(1, sizeof *r);

	r->pick = pick;
	arena_init(&r->arena);
	return r;
}

void ranges_free(struct ranges *r)
{
	if (!r)
		return;
	free(r->range);
	free(r->turn);
	free(r->group);
	map_free(&r->groups);
	arena_free(&r->arena);
	buf_free(&r->key);
	free(r);
}

/* ---- adding */

/* V as a key that stays; null: what lies below or above all of TYPE, or of all types. */
static int bound(struct ranges *r, struct val v, enum val_type type, bool above, struct heap *h,
                 struct slice *to)
{
	buf_clear(&r->key);
	if (val_type(v) != TYPE_NULL) {
		if (key_put(&r->key, h, v) < 0)
			return -1;
	} else if (type != TYPE_NULL) {
		key_put_edge(&r->key, type, above);
	} else if (above) {
		buf_addc(&r->key, '\xFF');
	}
	*to = (struct slice){ arena_copy(&r->arena, r->key.p, r->key.n), r->key.n };
	return 0;
}

/* true and false are one type. */
static enum val_type type_of(struct val v)
{
	enum val_type type = val_type(v);

	return type == TYPE_TRUE ? TYPE_FALSE : type;
}

struct row **ranges_add(struct ranges *r, struct slice exact, struct val from, struct val to,
                        struct heap *h, struct err *e)
{
	enum val_type type = type_of(from), other = type_of(to);
	struct range *one;

	if (type != other && type != TYPE_NULL && other != TYPE_NULL) {
		err_set(e, FAIL_DATA, "the range's bounds are of two types, %s and %s",
		        val_type_name(from), val_type_name(to));
		return NULL;
	}
	type = type == TYPE_NULL ? other : type;
	r->range = alloc_grow(r->range, &r->cap, r->n + 1, sizeof *r->range);
	one = &r->range[r->n];
	*one = (struct range){ .number = r->n };
	if (bound(r, from, type, false, h, &one->from) < 0 ||
	    bound(r, to, type, true, h, &one->to) < 0) {
		err_set(e, FAIL_DATA, "the range's bound is nested too deeply");
		return NULL;
	}
	one->exact = (struct slice){ arena_copy(&r->arena, exact.p, exact.n), exact.n };
	r->n++;
	return &one->row;
}

/* ---- all of them: a tree; the root of [lo, hi) is its middle */

static int by_from(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	int order = slice_order(x->exact, y->exact);

	order = order ? order : slice_order(x->from, y->from);
	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static size_t set_reach(struct ranges *r, size_t lo, size_t hi)
{
	size_t mid = lo + (hi - lo) / 2, most = mid, one;

	if (lo < mid) {
		one = set_reach(r, lo, mid);
		most = slice_order(r->range[one].to, r->range[most].to) > 0 ? one : most;
	}
	if (mid + 1 < hi) {
		one = set_reach(r, mid + 1, hi);
		most = slice_order(r->range[one].to, r->range[most].to) > 0 ? one : most;
	}
	return r->range[mid].reaches = most;
}

static void search(const struct ranges *r, size_t lo, size_t hi, struct slice x,
                   void (*take)(void *context, struct row *row), void *context)
{
	size_t mid = lo + (hi - lo) / 2;
	const struct range *one = &r->range[mid];

	if (lo >= hi || slice_order(r->range[one->reaches].to, x) < 0)
		return;
	search(r, lo, mid, x, take, context);
	if (slice_order(one->from, x) > 0)
		return;
	if (slice_order(one->to, x) >= 0)
		take(context, one->row);
	search(r, mid + 1, hi, x, take, context);
}

/* ---- the one that is picked: where that changes */

/* By where they begin, the one to be preferred last. */
static int by_narrowness(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	int order = slice_order(x->exact, y->exact);

	order = order ? order : slice_order(x->from, y->from);
	order = order ? order : slice_order(y->to, x->to);
	return order ? order : (x->number < y->number) - (x->number > y->number);
}

static int by_bytes(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;

	return slice_order(*x, *y);
}

/* Bounds of range[lo .. hi), each once, in order, into TO. Returns how many. */
static size_t sort_bounds(const struct ranges *r, size_t lo, size_t hi, struct slice *to)
{
	size_t n = 0, kept = 0;

	for (size_t i = lo; i < hi; i++) {
		to[n++] = r->range[i].from;
		to[n++] = r->range[i].to;
	}
	qsort(to, n, sizeof *to, by_bytes);
	for (size_t i = 0; i < n; i++)
		if (!kept || !slice_same(to[kept - 1], to[i]))
			to[kept++] = to[i];
	return kept;
}

/* What is preferred comes first; I: its place by_narrowness() */
static int64_t rank(const struct ranges *r, size_t i)
{
	int64_t number = (int64_t)r->range[i].number;

	return r->pick == MATCHES_FIRST ? number : r->pick == MATCHES_LAST ? -number : -(int64_t)i;
}

/* The first in Q that does not end before X, nor, BEHIND, at it. */
static struct row *reaching(struct pq *q, struct slice x, bool behind)
{
	struct range *one;

	while ((one = (struct range *)(void *)pq_first(q)) != NULL) {
		if (slice_order(one->to, x) >= behind)
			return one->row;
		pq_remove(q, &one->item);
	}
	return NULL;
}

/* The turns of range[lo .. hi). BOUND has room for all bounds, Q is empty, and is left so. */
static void set_turns(struct ranges *r, size_t lo, size_t hi, struct slice *bound, struct pq *q)
{
	size_t n = sort_bounds(r, lo, hi, bound);

	for (size_t i = 0; i < n; i++) {
		struct turn *t = &r->turn[r->turns++];

		for (; lo < hi && slice_order(r->range[lo].from, bound[i]) <= 0; lo++)
			pq_add(q, &r->range[lo].item, rank(r, lo));
		t->at = bound[i];
		t->here = reaching(q, bound[i], false);
		t->behind = reaching(q, bound[i], true);
	}
}

static struct row *picked(const struct ranges *r, const struct group *g, struct slice x)
{
	size_t lo = g->first, hi = g->first + g->n;
	const struct turn *t;

	/* the last turn that does not lie behind X */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (slice_order(r->turn[mid].at, x) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == g->first)
		return NULL;
	t = &r->turn[lo - 1];
	return slice_same(t->at, x) ? t->here : t->behind;
}

/* ---- */

static void set_groups(struct ranges *r, struct slice *bound, struct pq *q)
{
	size_t groups = 0;

	for (size_t i = 0, n; i < r->n; i += n) {
		struct slice exact = r->range[i].exact;
		struct group *g = &r->group[groups++];
		size_t first = r->turns;

		for (n = 1; i + n < r->n && slice_same(r->range[i + n].exact, exact);)
			n++;
		g->item = (struct map_item){ hash_bytes(exact.p, exact.n), exact.p,
			                     (uint32_t)exact.n };
		map_add(&r->groups, &g->item);
		if (r->pick == MATCHES_ALL) {
			g->first = i;
			g->n = n;
			set_reach(r, i, i + n);
		} else {
			set_turns(r, i, i + n, bound, q);
			g->first = first;
			g->n = r->turns - first;
		}
	}
}

void ranges_loaded(struct ranges *r)
{
	struct pq q = { .loose = true };
	struct slice *bound;

	if (r->n == 0)
		return;
	bound = alloc_array(2 * r->n, sizeof *bound);
	qsort(r->range, r->n, sizeof *r->range,
	      r->pick == MATCHES_LONGEST ? by_narrowness : by_from);
	r->group = alloc_array(r->n, sizeof *r->group);
	if (r->pick != MATCHES_ALL)
		r->turn = alloc_array(2 * r->n, sizeof *r->turn);
	set_groups(r, bound, &q);
	free(bound);
	pq_free(&q);
	if (r->pick == MATCHES_ALL)
		return;
	/* the turns are all that is needed; keys stay */
	free(r->range);
	r->range = NULL;
}

void ranges_find(struct ranges *r, struct slice exact, struct val x, struct heap *h,
                 void (*take)(void *context, struct row *row), void *context)
{
	const struct group *g = (const struct group *)(const void *)map_find(
		&r->groups, exact, hash_bytes(exact.p, exact.n));
	struct row *row;

	buf_clear(&r->key);
	if (!g || key_put(&r->key, h, x) < 0)
		return;
	if (r->pick == MATCHES_ALL) {
		search(r, g->first, g->first + g->n, buf_slice(&r->key), take, context);
		return;
	}
	row = picked(r, g, buf_slice(&r->key));
	if (row)
		take(context, row);
}
