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
	struct winjoin_window *earlier, *later; /* of its key, by end; the key knows the last */
	uint64_t since; /* its first record to come: those before it were in it already, and it
	                   was closed before its time */
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

/* Open a window before LATER, as the last of its key where that is NULL. */
static void open_window(struct winjoin *j, const struct joinrec *r, struct winjoin_window *later,
                        const struct span *span)
{
	struct joinkey *k = r->key;
	struct winjoin_window *w = alloc_zero(1, sizeof *w);

	*w = (struct winjoin_window){ .span = *span,
		                      .key = k,
		                      .earlier = later ? later->earlier : k->windows,
		                      .later = later,
		                      .since = r->seq };
	if (w->earlier)
		w->earlier->later = w;
	if (later)
		later->earlier = w;
	else
		k->windows = w;
	j->windows++;
	pq_add(&j->due, &w->due, span->end);
}

static void close_window(struct winjoin *j, struct winjoin_window *w)
{
	pq_remove(&j->due, &w->due);
	if (w->earlier)
		w->earlier->later = w->later;
	if (w->later)
		w->later->earlier = w->earlier;
	else
		w->key->windows = w->earlier;
	j->windows--;
	free(w);
}

/* A record comes to the session that it touches, to both that it lies between, or to a new one. */
static void join_sessions(struct winjoin *j, const struct joinrec *r)
{
	struct span span = { r->row.time, win_plus(r->row.time, j->opts.gap) };
	struct winjoin_window *w = r->key->windows, *later = NULL, *first;

	for (; w && w->span.start > span.end; w = w->earlier)
		later = w;
	if (!w || w->span.end < span.start) {
		open_window(j, r, later, &span);
		return;
	}
	if (w->span.start <= span.start && w->span.end >= span.end)
		return;
	first = w->earlier && w->earlier->span.end >= span.start ? w->earlier : w;
	span.start = first->span.start < span.start ? first->span.start : span.start;
	span.end = w->span.end > span.end ? w->span.end : span.end;
	w->since = first->since < w->since ? first->since : w->since;
	if (first != w)
		close_window(j, first);
	pq_remove(&j->due, &w->due);
	w->span = span;
	pq_add(&j->due, &w->due, span.end);
}

/* Open those windows that hold a record and are not open. Ends rise, as in the key's list. */
static void open_windows(struct winjoin *j, const struct joinrec *r, const struct span *slice)
{
	const struct spans *s = j->opts.spans;
	struct winjoin_window *w = r->key->windows, *later = NULL;
	struct span window = { 0 };

	for (; w && w->span.end >= slice->end; w = w->earlier)
		later = w;
	for (int64_t after = slice->start; spans_next(s, slice, after, &window);
	     after = window.end) {
		while (later && later->span.end < window.end)
			later = later->later;
		if (!later || later->span.end != window.end)
			open_window(j, r, later, &window);
	}
}

void winjoin_add(struct winjoin *j, const struct join_arrival *a)
{
	struct span slice = { 0 };
	struct joinrec *r;

	if (j->opts.spans && !spans_slice(j->opts.spans, a->time, &slice))
		return;
	r = joinstate_keep(&j->state, a);
	joinstate_insert(&j->state, joinstate_key(&j->state, a, true), r);
	if (!j->opts.spans) {
		join_sessions(j, r);
		return;
	}
	r->until = spans_last_end(j->opts.spans, &slice);
	open_windows(j, r, &slice);
}

/* ---- a window's results */

/* The records of a list that a window holds, but those that came before it was opened. */
struct stretch {
	const struct joinlist *list;
	uint32_t to;
	uint64_t since;
};

/* The first that counts from I on; s->to: there is none. */
static uint32_t counted(const struct stretch *s, uint32_t i)
{
	while (i < s->to && joinlist_at(s->list, i)->seq < s->since)
		i++;
	return i;
}

/* FIRST is where it begins. */
static struct stretch inside(const struct winjoin_window *w, enum side side, uint32_t *first)
{
	const struct joinlist *l = &w->key->side[side];
	struct stretch s = { l, joinlist_before(l, w->span.end, false), w->since };

	*first = counted(&s, joinlist_before(l, w->span.start, false));
	return s;
}

static int write_window(struct winjoin *j, const struct winjoin_window *w, struct err *e)
{
	const struct join_sink *to = &j->opts.sink;
	uint32_t first_left, first;
	struct stretch left = inside(w, SIDE_LEFT, &first_left),
		       right = inside(w, SIDE_RIGHT, &first);
	bool pairs = !w->key->lonely && first_left < left.to && first < right.to;

	for (uint32_t i = first_left; i < left.to; i = counted(&left, i + 1)) {
		struct joinrec *l = joinlist_at(left.list, i);

		for (uint32_t k = first; pairs && k < right.to; k = counted(&right, k + 1)) {
			struct joinrec *r = joinlist_at(right.list, k);

			if (to->pair(to->context, l, r, &w->span, e) < 0)
				return -1;
			if (j->opts.once)
				break;
		}
		if (to->settled(to->context, l, pairs, &w->span, e) < 0)
			return -1;
	}
	for (uint32_t k = first; k < right.to; k = counted(&right, k + 1)) {
		struct joinrec *r = joinlist_at(right.list, k);

		if (to->settled(to->context, r, pairs, &w->span, e) < 0)
			return -1;
	}
	return 0;
}

/* Drop the records of a key that no window to come holds; the key goes with the last of them. */
static void drop_records(struct winjoin *j, struct joinkey *k, const struct span *span)
{
	bool there = true;

	for (int side = 0; side < 2 && there; side++)
		while (there && k->side[side].n) {
			struct joinrec *r = joinlist_at(&k->side[side], 0);

			if (j->opts.spans ? r->until > span->end : r->row.time > span->end)
				break;
			there = k->side[0].n + k->side[1].n > 1;
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
