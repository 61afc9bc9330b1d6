/*
 * --fill linear: results of windows without records wait for the key's next window with some, and
 * leave directly before it.
 */
#include "swindow.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/stamp.h"
#include "json/pack.h"

#include <stdlib.h>

/* A key: its last result with records, and the windows since. */
struct gap {
	struct map_item item;
	struct buf before; /* val_pack() of the result */
	int64_t end, size; /* of its window */
	int64_t newest;    /* time of its records, known where a window waits */
	struct span *held;
	size_t n, cap;
	char key[];
};

struct fill {
	struct map gaps;
	size_t bytes;    /* that the gaps take */
	size_t sweep_at; /* keys */
};

static struct gap *of(struct map_item *i)
{
	return (struct gap *)(void *)i;
}

static size_t memory_of(const struct gap *g)
{
	return sizeof *g + g->item.key_len + g->before.cap + g->cap * sizeof *g->held;
}

static struct gap *gap_of(struct windows *w, struct slice key)
{
	uint64_t hash = hash_bytes(key.p, key.n);
	struct gap *g = of(map_find(&w->fill->gaps, key, hash));

	if (g)
		return g;
	g = alloc_zero(1, sizeof *g + key.n);
	if (key.n)
		memcpy(g->key, key.p, key.n);
	g->item = (struct map_item){ hash, g->key, (uint32_t)key.n };
	map_add(&w->fill->gaps, &g->item);
	w->fill->bytes += memory_of(g);
	return g;
}

static void drop(struct fill *f, struct gap *g)
{
	f->bytes -= memory_of(g);
	map_remove(&f->gaps, &g->item);
	buf_free(&g->before);
	free(g->held);
	free(g);
}

/* Has a window of G, which is to begin within --fill-for, long had its result? Months differ. */
static bool over(const struct windows *w, const struct gap *g)
{
	int64_t fill_for = w->args->fill_for ? w->args->fill_for : STAMP_MAX;

	return win_plus(win_plus(g->end, fill_for), 2 * g->size) < w->mark.w;
}

void fill_sweep(struct windows *w)
{
	struct map *m;

	if (!w->fill)
		return;
	m = &w->fill->gaps;
	for (size_t i = 0; i < map_slots(m);)
		if (map_at(m, i) && over(w, of(map_at(m, i))))
			drop(w->fill, of(map_at(m, i))); /* another may move here */
		else
			i++;
	w->fill->sweep_at = 2 * m->used + 1024;
}

void fill_init(struct windows *w)
{
	w->fill = alloc_zero(1, sizeof *w->fill);
	w->fill->sweep_at = 1024;
}

void fill_free(struct fill *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < map_slots(&f->gaps);)
		if (map_at(&f->gaps, i))
			drop(f, of(map_at(&f->gaps, i)));
		else
			i++;
	map_free(&f->gaps);
	free(f);
}

size_t fill_memory(const struct fill *f)
{
	return f ? f->bytes + map_memory(&f->gaps) : 0;
}

void fill_wait(struct windows *w, const struct win_result *r)
{
	struct gap *g = gap_of(w, r->key);

	w->fill->bytes -= memory_of(g);
	g->newest = r->newest;
	g->held = alloc_grow(g->held, &g->cap, g->n + 1, sizeof *g->held);
	g->held[g->n++] = (struct span){ r->start, r->end };
	w->fill->bytes += memory_of(g);
}

int64_t fill_frontier(struct windows *w, int64_t frontier)
{
	if (!w->fill || frontier == STAMP_MAX)
		return frontier;
	fill_sweep(w);
	for (size_t i = 0; i < map_slots(&w->fill->gaps); i++) {
		const struct gap *g = of(map_at(&w->fill->gaps, i));

		if (g && g->n && g->held[0].end - 1 < frontier)
			frontier = g->held[0].end - 1;
	}
	return frontier;
}

/* ---- what leaves */

/* From A to B, PART of the way; null where they are not both numbers. */
static struct val between(const struct val *a, const struct val *b, double part)
{
	double x, y;

	if (!a || !b || !val_is_num(*a) || !val_is_num(*b))
		return val_of(VAL_NULL);
	x = val_double(*a);
	y = val_double(*b);
	return val_num(x + (y - x) * part);
}

/* The result of a window between two, whose fields are those of both. */
static struct val result_between(struct windows *w, const struct obj *a, const struct obj *b,
                                 struct val start, struct val end, double part)
{
	struct heap *h = &w->made;
	size_t own = 2 + keys_count(w->keys); /* bounds and keys */
	struct obj *o = obj_new(h, b->n);

	o = obj_set(h, o, b->at[0].key, start);
	o = obj_set(h, o, b->at[1].key, end);
	for (size_t i = 2; i < own; i++)
		o = obj_set(h, o, b->at[i].key, val_share(b->at[i].value));
	for (size_t i = own; i < a->n; i++) {
		struct slice name = val_slice(h, a->at[i].key);

		o = obj_set(h, o, a->at[i].key, between(&a->at[i].value, obj_get(b, name), part));
	}
	for (size_t i = own; i < b->n; i++)
		if (!obj_get(a, val_slice(h, b->at[i].key)))
			o = obj_set(h, o, b->at[i].key, val_of(VAL_NULL));
	return val_obj(o);
}

/* The gap behind a window with records, whose result is V. */
static void begin_gap(struct windows *w, struct gap *g, const struct win_result *r, struct val v)
{
	w->fill->bytes -= memory_of(g);
	free(g->held);
	g->held = NULL;
	g->n = g->cap = 0;
	g->end = r->end;
	g->size = r->end - r->start;
	buf_clear(&g->before);
	if (val_pack(&g->before, &w->made, val_share(v)) < 0)
		buf_clear(&g->before);
	w->fill->bytes += memory_of(g);
}

int fill_release(struct windows *w, const struct win_result *r, struct val v,
                 int (*leave)(struct windows *w, const struct win_result *r, struct val v,
                              struct err *e),
                 struct err *e)
{
	struct gap *g = gap_of(w, r->key);
	int64_t fill_for = w->args->fill_for ? w->args->fill_for : STAMP_MAX;
	int did = 0;

	if (g->n && g->before.n && r->start <= win_plus(g->newest, fill_for)) {
		struct val a = val_unpack(&w->made, buf_slice(&g->before));

		for (size_t i = 0; i < g->n && did == 0; i++) {
			struct win_result one = { .start = g->held[i].start,
				                  .end = g->held[i].end,
				                  .key = r->key,
				                  .filled = true };
			double part = (double)(one.end - g->end) / (double)(r->end - g->end);

			did = leave(w, &one,
			            result_between(w, a.obj, v.obj, results_bound(w, one.start),
			                           results_bound(w, one.end), part),
			            e);
		}
	}
	begin_gap(w, g, r, v);
	if (w->fill->gaps.used >= w->fill->sweep_at)
		fill_sweep(w);
	return did;
}
