#include "panes_in.h"

#include "base/alloc.h"
#include "base/stamp.h"

#include <stdlib.h>

static struct filled *of(struct map_item *i)
{
	return (struct filled *)(void *)i;
}

static struct filled *find(const struct panes *p, const struct group *g)
{
	struct slice key = { g->item.key, g->item.key_len };

	return of(map_find(&p->filled, key, g->item.hash));
}

/* Bytes of a state, behind which stands what was carried to it. */
static size_t own_size(const struct panes *p)
{
	return (aggset_size(p->opts.aggs) + 7) & ~(size_t)7;
}

static size_t state_size(const struct panes *p)
{
	return p->opts.fill == FILL_PREVIOUS ? own_size(p) + p->carries.size : 0;
}

static size_t taken(const struct panes *p, const struct filled *f)
{
	return alloc_taken(sizeof *f + state_size(p) + f->item.key_len);
}

static void drop(struct panes *p, struct filled *f)
{
	map_remove(&p->filled, &f->item);
	p->known -= taken(p, f);
	if (p->opts.fill == FILL_PREVIOUS)
		aggset_drop(p->opts.aggs, f->state);
	free(f);
}

void panes_fill_free(struct panes *p)
{
	for (size_t i = 0; i < map_slots(&p->filled);) {
		if (map_at(&p->filled, i))
			drop(p, of(map_at(&p->filled, i))); /* another may move here */
		else
			i++;
	}
	map_free(&p->filled);
}

size_t panes_fill_memory(const struct panes *p)
{
	size_t bytes = 0;

	if (p->opts.fill == FILL_PREVIOUS)
		for (size_t i = 0; i < map_slots(&p->filled); i++)
			if (map_at(&p->filled, i))
				bytes += aggset_memory(p->opts.aggs,
				                       of(map_at(&p->filled, i))->state);
	return bytes;
}

/* ---- which keys there were */

static struct filled *fold(struct panes *p, const struct group *g)
{
	const struct cell *c = (const struct cell *)(const void *)g->state;
	struct filled *f = find(p, g);
	size_t size = state_size(p);

	if (!f) {
		f = alloc_zero(1, sizeof *f + size + g->item.key_len);
		f->key = f->state + size;
		f->newest = STAMP_NONE;
		memcpy(f->key, g->item.key, g->item.key_len);
		f->item = (struct map_item){ g->item.hash, f->key, g->item.key_len };
		map_add(&p->filled, &f->item);
		p->known += taken(p, f);
	}
	f->newest = c->newest > f->newest ? c->newest : f->newest;
	return f;
}

static void fold_group(void *context, struct group *g)
{
	fold(context, g);
}

void panes_fill_see(struct panes *p, const struct pane *pane, struct group *g, int64_t time)
{
	struct cell *c = cell_of(g);

	if (c->records == 1 || time > c->newest)
		c->newest = time;
	if (pane->folded)
		fold(p, g);
}

void panes_fill_fold(struct panes *p, struct pane *pane)
{
	if (!pane->folded)
		groups_each(&pane->groups, fold_group, p);
	pane->folded = true;
}

/* ---- windows */

void panes_fill_forget(struct panes *p, int64_t oldest)
{
	for (size_t i = 0; i < map_slots(&p->filled);) {
		struct filled *f = of(map_at(&p->filled, i));

		if (f && f->newest < oldest)
			drop(p, f); /* another may move here */
		else
			i++;
	}
}

void panes_fill_window(struct panes *p, const struct span *window, struct groups *sum)
{
	for (size_t i = 0; i < p->n && p->pane[i].span.end <= window->start; i++)
		panes_fill_fold(p, &p->pane[i]);
	panes_fill_forget(p, win_plus(window->start, -p->opts.fill_for));
	for (size_t i = 0; i < map_slots(&p->filled); i++) {
		const struct filled *f = of(map_at(&p->filled, i));

		if (f)
			groups_get(sum, (struct slice){ f->key, f->item.key_len }, f->item.hash);
	}
}

const void *panes_fill_state(const struct panes *p, const struct group *g)
{
	const struct filled *f = p->opts.fill == FILL_PREVIOUS ? find(p, g) : NULL;

	return f ? f->state : state_of(g);
}

const void *panes_fill_before(const struct panes *p, const struct group *g)
{
	const struct filled *f =
		p->opts.fill == FILL_PREVIOUS && p->carries.size ? find(p, g) : NULL;

	return f ? f->state + own_size(p) : NULL;
}

int64_t panes_fill_newest(const struct panes *p, const struct group *g)
{
	const struct filled *f = find(p, g);

	return f ? f->newest : STAMP_NONE;
}

void panes_fill_note(struct panes *p, const struct group *g)
{
	struct filled *f;

	if (p->opts.fill != FILL_PREVIOUS)
		return;
	f = fold(p, g);
	aggset_drop(p->opts.aggs, f->state);
	memset(f->state, 0, aggset_size(p->opts.aggs));
	aggset_merge(p->opts.aggs, f->state, state_of(g));
	if (p->carries.size)
		memcpy(f->state + own_size(p), p->before, p->carries.size);
}

bool panes_fill_next(const struct panes *p, int64_t after, struct span *window)
{
	struct span slice;

	/* at the end windows are filled up to the last with records */
	if (p->opts.fill == FILL_NOT ||
	    (!p->filled.used && (!p->n || p->pane[0].last_end > after)) ||
	    (p->w == STAMP_MAX && (!p->n || p->pane[p->n - 1].last_end <= after)))
		return false;
	/* as no window lies between windows, the next to end holds the end of the one before */
	return spans_slice(&p->spans, after, &slice) &&
	       spans_next(&p->spans, &slice, after, window);
}
