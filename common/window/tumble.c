#include "tumble.h"

#include "base/alloc.h"
#include "base/stamp.h"

#include <stdlib.h>

void tumble_init(struct tumble *t, int64_t size, size_t state_size)
{
	*t = (struct tumble){ .size = size, .state_size = state_size };
}

/* How far into its window a time is. */
static int64_t into(const struct tumble *t, int64_t time)
{
	int64_t rest = time % t->size;

	return rest < 0 ? rest + t->size : rest;
}

static int64_t start_of(const struct tumble *t, int64_t time)
{
	int64_t start;

	/* the first window may reach back before all that can be counted */
	return __builtin_sub_overflow(time, into(t, time), &start) ? STAMP_NONE : start;
}

int64_t tumble_end(const struct tumble *t, int64_t time)
{
	int64_t end;

	return __builtin_add_overflow(time, t->size - into(t, time), &end) ? STAMP_MAX : end;
}

/* The place of the window that begins at START, or where it would be. */
static size_t place(const struct tumble *t, int64_t start)
{
	size_t lo = 0, hi = t->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (t->window[mid].start < start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct window *tumble_window(struct tumble *t, int64_t time)
{
	struct window *w;
	int64_t start;
	size_t i;

	if (t->last < t->n) {
		w = &t->window[t->last];
		if (time >= w->start && time < w->end)
			return w;
	}
	start = start_of(t, time);
	i = place(t, start);
	t->last = i;
	if (i < t->n && t->window[i].start == start)
		return &t->window[i];
	t->window = alloc_grow(t->window, &t->cap, t->n + 1, sizeof *t->window);
	memmove(t->window + i + 1, t->window + i, (t->n - i) * sizeof *t->window);
	t->n++;
	t->window[i] = (struct window){ .start = start, .end = tumble_end(t, time) };
	groups_init(&t->window[i].groups, t->state_size);
	return &t->window[i];
}

struct window *tumble_due(struct tumble *t, int64_t w)
{
	return t->n && t->window[0].end <= w ? &t->window[0] : NULL;
}

void tumble_shift(struct tumble *t)
{
	t->n--;
	memmove(t->window, t->window + 1, t->n * sizeof *t->window);
	t->last = t->last ? t->last - 1 : t->n;
}

void tumble_free(struct tumble *t, void (*drop)(const void *context, void *state),
                 const void *context)
{
	for (size_t i = 0; i < t->n; i++)
		groups_free(&t->window[i].groups, drop, context);
	free(t->window);
	*t = (struct tumble){ 0 };
}
