#include "panes.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/stamp.h"

#include <stdlib.h>

/* What stands before the aggregates' state of each group. */
struct cell {
	uint64_t records;
	bool dirty; /* changed since the last early result */
} __attribute__((aligned(16)));

/* A slice and its groups. */
struct pane {
	struct span span;
	int64_t first_end, last_end; /* of the windows that hold it */
	bool dirty;                  /* a group of it is */
	struct groups groups;
};

/* How often a window's key has been corrected; kept while corrections are taken. */
struct revision {
	struct map_item item; /* key: the window's end, then the key's bytes */
	int64_t end;
	uint32_t n;
	char key[];
};

/* What a key's slices that are gone leave to those behind (increase). */
struct carried {
	struct map_item item;
	char *key; /* behind the block */
	char block[] __attribute__((aligned(8)));
};

struct panes {
	struct spans spans;
	struct win_opts opts;
	struct pane *pane; /* ascending */
	size_t n, cap;
	size_t last;      /* where the last record went */
	int64_t w;        /* the watermark */
	int64_t next_due; /* no window is due before W reaches this */
	int64_t tick;     /* EMIT_EVERY: of win_ticks() */
	struct map revisions;
	struct map carries; /* empty where aggset_carry_size() is 0 */
	size_t carry_size;
	char *before; /* what is carried to the result that is handed out */
	struct buf scratch;
};

struct panes *panes_new(const struct spans *spans, const struct win_opts *opts)
{
	struct panes *p = alloc_zero(1, sizeof *p);

	p->spans = *spans;
	p->opts = *opts;
	p->w = p->tick = STAMP_NONE;
	p->next_due = STAMP_MAX;
	p->carry_size = aggset_carry_size(opts->aggs);
	p->before = p->carry_size ? alloc_zero(1, p->carry_size) : NULL;
	return p;
}

static struct cell *cell_of(struct group *g)
{
	return (struct cell *)(void *)g->state;
}

static void *state_of(const struct group *g)
{
	return (char *)g->state + sizeof(struct cell);
}

static void drop_group(const void *context, void *state)
{
	aggset_drop(context, (char *)state + sizeof(struct cell));
}

static void free_groups(struct panes *p, struct groups *g)
{
	groups_free(g, drop_group, p->opts.aggs);
}

static void init_groups(const struct panes *p, struct groups *g)
{
	groups_init(g, sizeof(struct cell) + aggset_size(p->opts.aggs));
}

void panes_free(struct panes *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		free_groups(p, &p->pane[i].groups);
	for (size_t i = 0; p->revisions.slot && i <= p->revisions.mask; i++)
		free(p->revisions.slot[i]);
	map_free(&p->revisions);
	for (size_t i = 0; p->carries.slot && i <= p->carries.mask; i++)
		free(p->carries.slot[i]);
	map_free(&p->carries);
	free(p->before);
	buf_free(&p->scratch);
	free(p->pane);
	free(p);
}

size_t panes_groups(const struct panes *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += groups_count(&p->pane[i].groups);
	return n;
}

int64_t panes_frontier(const struct panes *p, int64_t w)
{
	/* a window that is open ends beyond W; one that is corrected, beyond W less the lateness */
	return w == STAMP_MAX ? w : win_plus(w, -p->opts.lateness);
}

/* ---- finding panes */

/* The first pane that begins at or after START. */
static size_t place(const struct panes *p, int64_t start)
{
	size_t lo = 0, hi = p->n;

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
	size_t i = place(p, slice->start);

	p->last = i;
	if (i < p->n && p->pane[i].span.start == slice->start)
		return &p->pane[i];
	p->pane = alloc_grow(p->pane, &p->cap, p->n + 1, sizeof *p->pane);
	memmove(p->pane + i + 1, p->pane + i, (p->n - i) * sizeof *p->pane);
	p->n++;
	p->pane[i] = (struct pane){ .span = *slice, .first_end = first_end, .last_end = last_end };
	init_groups(p, &p->pane[i].groups);
	return &p->pane[i];
}

/* ---- results */

/* Panes number FROM to TO - 1 make up a window. */
struct part {
	struct span window;
	size_t from, to;
};

static struct part part_of(const struct panes *p, const struct span *window)
{
	return (struct part){ *window, place(p, window->start), place(p, window->end) };
}

/* Add one group to the sum of a window's. */
static void merge_group(const struct panes *p, struct groups *to, const struct group *from)
{
	struct group *sum = groups_get(to, (struct slice){ from->item.key, from->item.key_len },
	                               from->item.hash);
	const struct cell *cell = (const struct cell *)(const void *)from->state;

	aggset_merge(p->opts.aggs, state_of(sum), state_of(from));
	cell_of(sum)->records += cell->records;
	cell_of(sum)->dirty |= cell->dirty;
}

/* A key's state in a window, merged into TO where several panes hold it. NULL if none does. */
static struct group *merged_group(struct panes *p, const struct part *part, struct slice key,
                                  uint64_t hash, struct groups *to)
{
	struct group *only = NULL, *sum = NULL;

	for (size_t i = part->from; i < part->to; i++) {
		struct group *g = groups_find(&p->pane[i].groups, key, hash);

		if (!g)
			continue;
		if (!only) {
			only = g;
			continue;
		}
		if (!sum)
			merge_group(p, to, only);
		merge_group(p, to, g);
		sum = groups_get(to, key, hash);
	}
	return sum ? sum : only;
}

/* What windows before START leave to the one that begins there: of slices gone, and still there. */
static const void *before_of(struct panes *p, const struct group *g, int64_t start)
{
	struct slice key = { g->item.key, g->item.key_len };
	const struct carried *c;

	if (!p->carry_size)
		return NULL;
	c = (const struct carried *)(const void *)map_find(&p->carries, key, g->item.hash);
	if (c)
		memcpy(p->before, c->block, p->carry_size);
	else
		memset(p->before, 0, p->carry_size);
	for (size_t i = 0; i < p->n && p->pane[i].span.end <= start; i++) {
		const struct group *one = groups_find(&p->pane[i].groups, key, g->item.hash);

		if (one)
			aggset_carry(p->opts.aggs, p->before, state_of(one));
	}
	return p->before;
}

static int hand_out(struct panes *p, struct win_result *r, const struct group *g, struct err *e)
{
	r->key = (struct slice){ g->item.key, g->item.key_len };
	r->state = state_of(g);
	r->before = before_of(p, g, r->start);
	return p->opts.sink.take(p->opts.sink.context, r, e);
}

static void clean(void *context, struct group *g)
{
	(void)context;
	cell_of(g)->dirty = false;
}

struct sum {
	const struct panes *panes;
	struct groups *to;
};

static void add_to_sum(void *context, struct group *g)
{
	const struct sum *s = context;

	merge_group(s->panes, s->to, g);
}

/* All keys of a window in order; those that changed if DIRTY_ONLY. */
static int hand_out_window(struct panes *p, const struct part *part, bool early, struct err *e)
{
	struct win_result r = { .start = part->window.start,
		                .end = part->window.end,
		                .early = early };
	struct groups sum, *all = &p->pane[part->from].groups;
	struct heap order;
	struct group **list;
	int did = 0;

	heap_init(&order);
	init_groups(p, &sum);
	if (part->to - part->from > 1) {
		for (size_t i = part->from; i < part->to; i++)
			groups_each(&p->pane[i].groups, add_to_sum, &(struct sum){ p, &sum });
		all = &sum;
	}
	list = groups_sorted(all, &order);
	for (size_t i = 0; i < groups_count(all) && did == 0; i++)
		if (!early || cell_of(list[i])->dirty)
			did = hand_out(p, &r, list[i], e);
	free_groups(p, &sum);
	heap_free(&order);
	return did;
}

/* ---- corrections */

/* The count of a window's key; *NEW: it was made, at 0. */
static struct revision *revision_of(struct panes *p, int64_t end, struct slice key, bool *new)
{
	struct revision *v;
	struct slice id;
	uint64_t hash;

	buf_clear(&p->scratch);
	buf_add(&p->scratch, (const char *)&end, sizeof end);
	buf_add_slice(&p->scratch, key);
	id = buf_slice(&p->scratch);
	hash = hash_bytes(id.p, id.n);
	v = (struct revision *)(void *)map_find(&p->revisions, id, hash);
	*new = !v;
	if (v)
		return v;
	v = alloc_array(1, sizeof *v + id.n);
	memcpy(v->key, id.p, id.n);
	v->item = (struct map_item){ hash, v->key, (uint32_t)id.n };
	v->end = end;
	v->n = 0;
	map_add(&p->revisions, &v->item);
	return v;
}

/* Forget the counts of windows that take no more corrections. */
static void drop_revisions(struct panes *p)
{
	for (size_t i = 0; p->revisions.slot && i <= p->revisions.mask;) {
		struct revision *v = (struct revision *)(void *)p->revisions.slot[i];

		if (v && win_plus(v->end, p->opts.lateness) <= p->w) {
			map_remove(&p->revisions, &v->item); /* another may move here */
			free(v);
		} else {
			i++;
		}
	}
}

/* The result of one window for one key as it stands; R says what it is. */
static int hand_out_key(struct panes *p, const struct span *window, const struct win_record *rec,
                        struct win_result *r, struct err *e)
{
	struct part part = part_of(p, window);
	struct groups sum;
	struct group *g;
	int did = 0;

	init_groups(p, &sum);
	g = merged_group(p, &part, rec->key, rec->hash, &sum);
	r->start = window->start;
	r->end = window->end;
	if (g)
		did = hand_out(p, r, g, e);
	free_groups(p, &sum);
	return did;
}

/* Records of a window and key. */
static uint64_t records_of(const struct panes *p, const struct span *window,
                           const struct win_record *rec)
{
	struct part part = part_of(p, window);
	uint64_t n = 0;

	for (size_t i = part.from; i < part.to; i++) {
		struct group *g = groups_find(&p->pane[i].groups, rec->key, rec->hash);

		n += g ? cell_of(g)->records : 0;
	}
	return n;
}

static bool has_key(const struct panes *p, const struct span *window, const struct win_record *rec)
{
	struct part part = part_of(p, window);

	for (size_t i = part.from; i < part.to; i++)
		if (groups_find(&p->pane[i].groups, rec->key, rec->hash))
			return true;
	return false;
}

/* Before a record is added to a window that was handed out: note how often, withdraw the result. */
static int before_correction(struct panes *p, const struct span *window,
                             const struct win_record *rec, struct err *e)
{
	bool new;
	struct revision *v = revision_of(p, window->end, rec->key, &new);

	if (new)
		v->n = has_key(p, window, rec);
	if (!p->opts.retract || v->n == 0)
		return 0;
	return hand_out_key(p, window, rec,
	                    &(struct win_result){ .revision = v->n - 1, .retracted = true }, e);
}

/* And behind it. */
static int correct(struct panes *p, const struct span *window, const struct win_record *rec,
                   struct err *e)
{
	bool new;
	struct revision *v = revision_of(p, window->end, rec->key, &new);

	return hand_out_key(p, window, rec, &(struct win_result){ .revision = v->n++ }, e);
}

/* All windows that hold the slice, were handed out, and still take corrections. */
static int each_correctable(struct panes *p, const struct span *slice, const struct win_record *rec,
                            int (*what)(struct panes *p, const struct span *window,
                                        const struct win_record *rec, struct err *e),
                            struct err *e)
{
	int64_t after = win_plus(p->w, -p->opts.lateness);
	struct span window;
	int did = 0;

	while (did == 0 && spans_next(&p->spans, slice, after, &window) && window.end <= p->w) {
		did = what(p, &window, rec, e);
		after = window.end;
	}
	return did;
}

/* ---- early results */

/* Behind a record: the windows that are open, if they are to say so each time, or each N times. */
static int update(struct panes *p, const struct span *slice, const struct win_record *rec,
                  struct err *e)
{
	int64_t after = p->w;
	struct span window;
	int did = 0;

	while (did == 0 && spans_next(&p->spans, slice, after, &window)) {
		after = window.end;
		if (p->opts.emit == EMIT_COUNT &&
		    records_of(p, &window, rec) % (uint64_t)p->opts.emit_arg != 0)
			continue;
		did = hand_out_key(p, &window, rec, &(struct win_result){ .early = true }, e);
	}
	return did;
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

static void put(struct pane *pane, const struct panes *p, const struct win_record *rec)
{
	struct group *g = groups_get(&pane->groups, rec->key, rec->hash);
	struct agg_record record = { .time = rec->time,
		                     .line = rec->line,
		                     .settled = win_plus(p->w, -p->opts.lateness) };

	aggset_add(p->opts.aggs, state_of(g), &record);
	cell_of(g)->records++;
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
	if (behind && p->opts.lateness > 0 &&
	    each_correctable(p, &slice, rec, before_correction, e) < 0)
		return WIN_FAILED;
	put(pane, p, rec);
	note_due(p, pane);
	if (behind && p->opts.lateness > 0 && each_correctable(p, &slice, rec, correct, e) < 0)
		return WIN_FAILED;
	if ((p->opts.emit == EMIT_UPDATE || p->opts.emit == EMIT_COUNT) &&
	    update(p, &slice, rec, e) < 0)
		return WIN_FAILED;
	return taken;
}

/* The window that is due next after all that ended at or before AFTER. */
static bool next_window(const struct panes *p, int64_t after, struct span *window)
{
	for (size_t i = 0; i < p->n; i++)
		if (spans_next(&p->spans, &p->pane[i].span, after, window))
			return true;
	return false;
}

/* A group of a slice that goes: what it leaves to those behind. */
static void carry(void *context, struct group *g)
{
	struct panes *p = context;
	struct slice key = { g->item.key, g->item.key_len };
	struct carried *c = (struct carried *)(void *)map_find(&p->carries, key, g->item.hash);

	if (!c) {
		c = alloc_zero(1, sizeof *c + p->carry_size + key.n);
		c->key = c->block + p->carry_size;
		if (key.n)
			memcpy(c->key, key.p, key.n);
		c->item = (struct map_item){ g->item.hash, c->key, (uint32_t)key.n };
		map_add(&p->carries, &c->item);
	}
	aggset_carry(p->opts.aggs, c->block, state_of(g));
}

/* Drop the panes whose last window had its result at or before UNTIL, and takes no corrections. */
static void drop_panes(struct panes *p, int64_t until)
{
	size_t gone = 0;

	while (gone < p->n && win_plus(p->pane[gone].last_end, p->opts.lateness) <= until) {
		if (p->carry_size)
			groups_each(&p->pane[gone].groups, carry, p);
		free_groups(p, &p->pane[gone++].groups);
	}
	if (!gone)
		return;
	p->n -= gone;
	memmove(p->pane, p->pane + gone, p->n * sizeof *p->pane);
	p->last = p->last >= gone ? p->last - gone : p->n;
}

/* EMIT_EVERY: W has passed a multiple of D: what has changed in the windows that are open. */
static int tick(struct panes *p, struct err *e)
{
	int64_t after = p->w;
	struct span window;
	int did = 0;

	if (p->w == STAMP_MAX || !win_ticks(p->w, p->opts.emit_arg, &p->tick))
		return 0;
	while (did == 0 && next_window(p, after, &window)) {
		struct part part = part_of(p, &window);

		after = window.end;
		did = hand_out_window(p, &part, true, e);
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
	while (did == 0 && next_window(p, after, &window)) {
		struct part part = part_of(p, &window);

		if (window.end > w) {
			p->next_due = window.end;
			break;
		}
		after = window.end;
		did = hand_out_window(p, &part, false, e);
		if (p->carry_size)
			drop_panes(p, after);
	}
	drop_panes(p, w);
	if (p->opts.lateness > 0)
		drop_revisions(p);
	return did == 0 && p->opts.emit == EMIT_EVERY ? tick(p, e) : did;
}
