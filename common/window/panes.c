#include "panes_in.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/stamp.h"

#include <assert.h>
#include <stdlib.h>

struct panes *panes_new(const struct spans *spans, const struct win_opts *opts)
{
	struct panes *p = alloc_zero(1, sizeof *p);

	p->spans = *spans;
	p->opts = *opts;
	p->w = p->tick = STAMP_NONE;
	p->next_due = STAMP_MAX;
	carries_init(&p->carries, opts->aggs);
	p->before = p->carries.size ? alloc_zero(1, p->carries.size) : NULL;
	p->left = p->carries.size ? alloc_zero(2, p->carries.size) : NULL;
	return p;
}

static void drop_group(const void *context, void *state)
{
	aggset_drop(context, (char *)state + sizeof(struct cell));
}

/* The memory of one is kept for the next, unless it is a table much larger than what was in it. */
void panes_free_groups(struct panes *p, struct groups *g)
{
	if (p->spare.state_size || map_slots(&g->map) > 16 * (groups_count(g) + 16)) {
		groups_free(g, drop_group, p->opts.aggs);
		return;
	}
	groups_empty(g, drop_group, p->opts.aggs);
	p->spare = *g;
}

void panes_init_groups(struct panes *p, struct groups *g)
{
	if (p->spare.state_size) {
		*g = p->spare;
		p->spare.state_size = 0;
	} else {
		groups_init(g, sizeof(struct cell) + aggset_size(p->opts.aggs));
	}
}

void panes_free_spare(struct panes *p)
{
	if (p->spare.state_size)
		groups_free(&p->spare, drop_group, p->opts.aggs);
	p->spare.state_size = 0;
}

static void free_all(struct map *m)
{
	for (size_t i = 0; i < map_slots(m); i++)
		free(map_at(m, i));
	map_free(m);
}

void panes_forget_keys(struct panes *p)
{
	free_all(&p->revisions);
	carries_forget(&p->carries);
	panes_fill_free(p);
	p->known = 0;
}

void panes_free(struct panes *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		panes_free_groups(p, &p->pane[i].groups);
	panes_forget_keys(p);
	panes_free_spare(p);
	free(p->before);
	free(p->left);
	buf_free(&p->scratch);
	free(p->pane);
	free(p);
}

int64_t panes_frontier(const struct panes *p, int64_t w)
{
	/* a window that is open ends beyond W; one that is corrected, beyond W less the lateness */
	return w == STAMP_MAX ? w : win_plus(w, -p->opts.lateness);
}

/* ---- finding panes */

size_t panes_place(const struct panes *p, int64_t start)
{
	size_t lo = 0, hi = p->n;

	assert(p->pane || !hi);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->pane[mid].span.start < start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct pane *open_pane(struct panes *p, const struct span *slice, int64_t first_end,
                              int64_t last_end)
{
	size_t i = panes_place(p, slice->start);

	p->last = i;
	if (i < p->n && p->pane[i].span.start == slice->start)
		return &p->pane[i];
	p->pane = alloc_grow(p->pane, &p->cap, p->n + 1, sizeof *p->pane);
	memmove(p->pane + i + 1, p->pane + i, (p->n - i) * sizeof *p->pane);
	p->n++;
	p->pane[i] = (struct pane){ .span = *slice, .first_end = first_end, .last_end = last_end };
	panes_init_groups(p, &p->pane[i].groups);
	return &p->pane[i];
}

/* ---- the two things that happen */

/* A window that gets a record may be due earlier than those there were. */
static void note_due(struct panes *p, const struct pane *pane)
{
	int64_t due = pane->first_end;
	struct span window;

	if (due <= p->w && spans_next(&p->spans, &pane->span, p->w, &window))
		due = window.end;
	if (due > p->w && due < p->next_due)
		p->next_due = due;
}

static void put(struct pane *pane, struct panes *p, const struct win_record *rec)
{
	struct group *g = groups_get(&pane->groups, rec->key, rec->hash);
	struct agg_record record = { .time = rec->time,
		                     .line = rec->line,
		                     .settled = win_plus(p->w, -p->opts.lateness) };

	aggset_add(p->opts.aggs, state_of(g), &record);
	cell_of(g)->records++;
	if (p->opts.fill != FILL_NOT)
		panes_fill_see(p, pane, g, rec->time);
	cell_of(g)->dirty = pane->dirty = true;
}

/* The pane of a time, opened where it is not; NULL with why in *TAKEN. */
static struct pane *pane_of(struct panes *p, int64_t time, enum win_taken *taken)
{
	struct pane *last = p->last < p->n ? &p->pane[p->last] : NULL;
	struct span slice, window;
	int64_t last_end;

	if (last && time >= last->span.start && time < last->span.end)
		return last;
	*taken = WIN_NOWHERE;
	if (!spans_slice(&p->spans, time, &slice) ||
	    !spans_next(&p->spans, &slice, STAMP_NONE, &window))
		return NULL;
	*taken = WIN_LATE;
	last_end = spans_last_end(&p->spans, &slice);
	if (win_plus(last_end, p->opts.lateness) <= p->w)
		return NULL;
	return open_pane(p, &slice, window.end, last_end);
}

void panes_expect(const struct panes *p, uint64_t hash)
{
	if (p->last < p->n)
		map_expect(&p->pane[p->last].groups.map, hash);
}

enum win_taken panes_add(struct panes *p, const struct win_record *rec, struct err *e)
{
	enum win_taken taken = WIN_LATE;
	struct pane *pane = pane_of(p, rec->time, &taken);
	struct span slice;
	bool behind;

	if (!pane)
		return taken;
	slice = pane->span;
	behind = pane->first_end <= p->w;
	taken = behind && win_plus(pane->first_end, p->opts.lateness) <= p->w ? WIN_MISSED_SOME
	                                                                      : WIN_TAKEN;
	if (behind && win_plus(pane->last_end, p->opts.lateness) <= p->w)
		return WIN_LATE;
	if (behind && p->opts.lateness > 0 && panes_out_withdraw(p, &slice, rec, e) < 0)
		return WIN_FAILED;
	if (behind && p->opts.lateness > 0)
		panes_out_note(p, &slice, rec);
	put(pane, p, rec);
	note_due(p, pane);
	if (behind && p->opts.lateness > 0 &&
	    (panes_out_correct(p, &slice, rec, e) < 0 || panes_out_behind(p, &slice, rec, e) < 0))
		return WIN_FAILED;
	if ((p->opts.emit == EMIT_UPDATE || p->opts.emit == EMIT_COUNT) &&
	    panes_out_update(p, &slice, rec, e) < 0)
		return WIN_FAILED;
	return taken;
}

bool panes_next_window(const struct panes *p, size_t n, int64_t after, struct span *window)
{
	for (size_t i = 0; i < n; i++)
		if (spans_next(&p->spans, &p->pane[i].span, after, window))
			return true;
	return false;
}

void panes_shift(struct panes *p, size_t gone)
{
	if (!gone)
		return;
	p->n -= gone;
	memmove(p->pane, p->pane + gone, p->n * sizeof *p->pane);
	p->last = p->last >= gone ? p->last - gone : p->n;
}

/* Drop the panes whose last window had its result at or before UNTIL, and takes no corrections. */
static void drop_panes(struct panes *p, int64_t until)
{
	size_t gone = 0;

	while (gone < p->n && win_plus(p->pane[gone].last_end, p->opts.lateness) <= until) {
		if (p->carries.size)
			panes_out_carry(p, &p->pane[gone]);
		if (p->opts.fill != FILL_NOT)
			panes_fill_fold(p, &p->pane[gone]);
		panes_free_groups(p, &p->pane[gone++].groups);
	}
	panes_shift(p, gone);
}

static void clean(void *context, struct group *g)
{
	(void)context;
	cell_of(g)->dirty = false;
}

/* EMIT_EVERY: W has passed a multiple of D: what has changed in the windows that are open. */
static int tick(struct panes *p, struct err *e)
{
	int64_t after = p->w;
	struct span window;
	int did = 0;

	if (p->w == STAMP_MAX || !win_ticks(p->w, p->opts.emit_arg, &p->tick))
		return 0;
	while (did == 0 && panes_next_window(p, p->n, after, &window)) {
		after = window.end;
		did = panes_out_window(p, &window, true, e);
	}
	for (size_t i = 0; i < p->n; i++) {
		if (p->pane[i].dirty)
			groups_each(&p->pane[i].groups, clean, NULL);
		p->pane[i].dirty = false;
	}
	return did;
}

int panes_advance(struct panes *p, int64_t w, struct err *e)
{
	int64_t after = p->w;
	struct span window;
	int did = 0;

	p->w = w;
	if (w < p->next_due)
		return p->opts.emit == EMIT_EVERY ? tick(p, e) : 0;
	p->next_due = STAMP_MAX;
	while (did == 0 &&
	       (panes_fill_next(p, after, &window) || panes_next_window(p, p->n, after, &window))) {
		if (window.end > w) {
			p->next_due = window.end;
			break;
		}
		after = window.end;
		did = panes_out_window(p, &window, false, e);
		if (p->carries.size || p->opts.fill != FILL_NOT)
			drop_panes(p, after);
	}
	drop_panes(p, w);
	if (p->opts.lateness > 0)
		panes_out_forget(p);
	return did == 0 && p->opts.emit == EMIT_EVERY ? tick(p, e) : did;
}
