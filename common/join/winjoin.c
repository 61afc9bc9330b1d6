#include "winjoin.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "window/window.h"

#include <stdlib.h>

/* An open window of a key. A session's end is its last record's time + gap. */
struct winjoin_window {
	struct pq_item due;
	struct span span;
	struct joinkey *key;
	struct winjoin_window *next; /* of its key, in no order */
};

static struct winjoin_window *of(const struct pq_item *x)
{
	return (struct winjoin_window *)(uintptr_t)x;
}

/* Of windows that end at one time: by start, then key. */
static bool before(const struct pq_item *a, const struct pq_item *b)
{
	const struct winjoin_window *x = of(a), *y = of(b);
	struct slice k = { x->key->item.key, x->key->item.key_len };
	struct slice l = { y->key->item.key, y->key->item.key_len };

	return x->span.start != y->span.start ? x->span.start < y->span.start
	                                      : slice_order(k, l) < 0;
}

void winjoin_init(struct winjoin *j, const struct winjoin_opts *opts)
{
	*j = (struct winjoin){ .opts = *opts, .due.before = before };
	joinstate_init(&j->state, opts->texts);
}

/* ---- the windows of a record */

static void open_window(struct winjoin *j, struct joinkey *k, const struct span *span)
{
	struct winjoin_window *w = alloc_zero(1, sizeof *w);

	*w = (struct winjoin_window){ .span = *span, .key = k, .next = k->windows };
	k->windows = w;
	j->windows++;
	pq_add(&j->due, &w->due, span->end);
}

static void close_window(struct winjoin *j, struct winjoin_window *w)
{
	struct winjoin_window *first = w->key->windows;

	pq_remove(&j->due, &w->due);
	if (first == w) {
		w->key->windows = w->next;
	} else {
		while (first->next != w)
			first = first->next;
		first->next = w->next;
	}
	j->windows--;
	free(w);
}

static bool is_open(const struct joinkey *k, const struct span *span)
{
	for (const struct winjoin_window *w = k->windows; w; w = w->next)
		if (w->span.end == span->end && w->span.start == span->start)
			return true;
	return false;
}

/* The session that a record at this time makes of those that it touches. */
static void join_sessions(struct winjoin *j, struct joinkey *k, int64_t time)
{
	struct span span = { time, win_plus(time, j->opts.gap) };
	struct winjoin_window *w, *next;

	for (w = k->windows; w; w = next) {
		next = w->next;
		if (w->span.start > span.end || w->span.end < span.start)
			continue;
		span.start = w->span.start < span.start ? w->span.start : span.start;
		span.end = w->span.end > span.end ? w->span.end : span.end;
		if (span.start == w->span.start && span.end == w->span.end)
			return; /* it is inside: sessions do not touch one another */
		close_window(j, w);
	}
	open_window(j, k, &span);
}

void winjoin_add(struct winjoin *j, const struct join_arrival *a)
{
	struct span slice, window = { 0 };
	struct joinrec *r;
	struct joinkey *k;

	if (j->opts.spans && !spans_slice(j->opts.spans, a->time, &slice))
		return;
	r = joinstate_keep(&j->state, a);
	k = joinstate_key(&j->state, a, true);
	joinstate_insert(&j->state, k, r);
	if (!j->opts.spans) {
		join_sessions(j, k, a->time);
		return;
	}
	r->until = spans_last_end(j->opts.spans, &slice);
	for (int64_t after = slice.start; spans_next(j->opts.spans, &slice, after, &window);
	     after = window.end)
		if (!is_open(k, &window))
			open_window(j, k, &window);
}

/* ---- a window's results */

struct stretch {
	const struct joinlist *list;
	uint32_t from, to;
};

static struct stretch inside(const struct winjoin *j, const struct joinlist *l,
                             const struct span *span)
{
	/* a session's last record lies a gap before its end */
	bool session = !j->opts.spans;

	return (struct stretch){ l, joinlist_before(l, span->start, false),
		                 joinlist_before(l, span->end, session) };
}

static int write_window(struct winjoin *j, const struct winjoin_window *w, struct err *e)
{
	const struct join_sink *to = &j->opts.sink;
	struct stretch left = inside(j, &w->key->side[SIDE_LEFT], &w->span);
	struct stretch right = inside(j, &w->key->side[SIDE_RIGHT], &w->span);
	bool pairs = !w->key->lonely && left.from < left.to && right.from < right.to;

	for (uint32_t i = left.from; i < left.to; i++) {
		struct joinrec *l = joinlist_at(left.list, i);

		for (uint32_t k = right.from; pairs && k < right.to; k++) {
			if (to->pair(to->context, l, joinlist_at(right.list, k), &w->span, e) < 0)
				return -1;
			if (j->opts.once)
				break;
		}
		if (to->settled(to->context, l, pairs, &w->span, e) < 0)
			return -1;
	}
	for (uint32_t k = right.from; k < right.to; k++)
		if (to->settled(to->context, joinlist_at(right.list, k), pairs, &w->span, e) < 0)
			return -1;
	return 0;
}

/* Drop the records of a key that no window to come holds. */
static void drop_records(struct winjoin *j, struct joinkey *k, const struct span *span)
{
	bool goes = true;

	for (int side = 0; side < 2 && goes; side++)
		while (goes && k->side[side].n) {
			struct joinrec *r = joinlist_at(&k->side[side], 0);

			if (j->opts.spans ? r->until > span->end : r->row.time > span->end)
				break;
			goes = k->windows || k->side[0].n + k->side[1].n > 1;
			joinstate_drop(&j->state, r);
		}
}

static int close_first(struct winjoin *j, struct err *e)
{
	struct winjoin_window *w = of(pq_first(&j->due));
	struct joinkey *k = w->key;
	struct span span = w->span;
	int did = write_window(j, w, e);

	close_window(j, w);
	drop_records(j, k, &span);
	return did;
}

int winjoin_advance(struct winjoin *j, int64_t w, struct err *e)
{
	struct pq_item *x;

	while ((x = pq_first(&j->due))) {
		int64_t end = of(x)->span.end;

		if (w != STAMP_MAX && (j->opts.spans ? end > w : end >= w))
			return 0;
		if (close_first(j, e) < 0)
			return -1;
	}
	return 0;
}

int winjoin_evict(struct winjoin *j, size_t n, struct err *e)
{
	while (n-- && pq_first(&j->due))
		if (close_first(j, e) < 0)
			return -1;
	return 0;
}

size_t winjoin_memory(const struct winjoin *j)
{
	return joinstate_memory(&j->state) + j->windows * sizeof(struct winjoin_window) +
	       j->due.cap * sizeof(struct pq_slot);
}

void winjoin_free(struct winjoin *j)
{
	while (pq_first(&j->due))
		close_window(j, of(pq_first(&j->due)));
	pq_free(&j->due);
	joinstate_free(&j->state);
}
