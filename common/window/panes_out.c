#include "panes_in.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/stamp.h"

#include <stdlib.h>

#define AHEAD 8 /* groups whose states come into the cache while others are written */

/* Panes number FROM to TO - 1 make up a window. */
struct part {
	struct span window;
	size_t from, to;
};

static struct part part_of(const struct panes *p, const struct span *window)
{
	return (struct part){ *window, panes_place(p, window->start), panes_place(p, window->end) };
}

/* Add one group to the sum of a window's. */
static void merge_group(const struct panes *p, struct groups *to, const struct group *from)
{
	struct group *sum = groups_get(to, (struct slice){ from->item.key, from->item.key_len },
	                               from->item.hash);
	const struct cell *cell = (const struct cell *)(const void *)from->state;

	aggset_merge(p->opts.aggs, state_of(sum), state_of(from));
	if (!cell_of(sum)->records || cell->newest > cell_of(sum)->newest)
		cell_of(sum)->newest = cell->newest;
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
static const void *before_of(struct panes *p, struct slice key, uint64_t hash, int64_t start)
{
	if (!p->carries.size)
		return NULL;
	carries_get(&p->carries, key, hash, p->before);
	for (size_t i = 0; i < p->n && p->pane[i].span.end <= start; i++) {
		const struct group *one = groups_find(&p->pane[i].groups, key, hash);

		if (one)
			aggset_carry(p->opts.aggs, p->before, state_of(one));
	}
	return p->before;
}

/* BEFORE: what was carried to it, where that is not what is now; else NULL. */
static int hand_out(struct panes *p, struct win_result *r, const struct group *g,
                    const void *before, struct err *e)
{
	bool empty = ((const struct cell *)(const void *)g->state)->records == 0;

	r->key = (struct slice){ g->item.key, g->item.key_len };
	r->state = empty ? panes_fill_state(p, g) : state_of(g);
	r->before = empty    ? panes_fill_before(p, g)
	            : before ? before
	                     : before_of(p, r->key, g->item.hash, r->start);
	r->filled = empty;
	r->newest = empty ? panes_fill_newest(p, g) : STAMP_NONE;
	return p->opts.sink.take(p->opts.sink.context, r, e);
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
	p->known += alloc_taken(sizeof *v + id.n);
	map_add(&p->revisions, &v->item);
	return v;
}

/* A result of a key, with records or filled, has left; a filled one counts as said. */
static void fill_done(struct panes *p, const struct span *window, const struct group *g)
{
	struct slice key = { g->item.key, g->item.key_len };
	bool new;

	if (((const struct cell *)(const void *)g->state)->records)
		panes_fill_note(p, g);
	else if (p->opts.lateness > 0)
		revision_of(p, window->end, key, &new)->n = 1;
}

/* All keys of a window's panes in order, *N of them; those that changed if CHANGED. */
static int hand_out_part(struct panes *p, const struct part *part, bool early, bool changed,
                         size_t *n, struct err *e)
{
	struct win_result r = { .start = part->window.start,
		                .end = part->window.end,
		                .early = early };
	bool fill = p->opts.fill != FILL_NOT && !early;
	struct groups sum, *all = &sum;
	struct heap order;
	struct group **list;
	int did = 0;

	heap_init(&order);
	if (part->to - part->from == 1 && !fill) {
		all = &p->pane[part->from].groups;
	} else {
		panes_init_groups(p, &sum);
		for (size_t i = part->from; i < part->to; i++)
			groups_each(&p->pane[i].groups, add_to_sum, &(struct sum){ p, &sum });
	}
	if (fill)
		panes_fill_window(p, &part->window, &sum);
	list = groups_sorted(all, &order);
	*n = groups_count(all);
	for (size_t i = 0; i < *n && did == 0; i++) {
		if (i + AHEAD < *n)
			groups_expect(all, list[i + AHEAD]);
		if (changed && !cell_of(list[i])->dirty)
			continue;
		did = hand_out(p, &r, list[i], NULL, e);
		if (fill)
			fill_done(p, &part->window, list[i]);
	}
	if (all == &sum)
		panes_free_groups(p, &sum);
	heap_free(&order);
	return did;
}

int panes_out_window(struct panes *p, const struct span *window, bool early, struct err *e)
{
	struct part part = part_of(p, window);
	size_t n;

	return hand_out_part(p, &part, early, early, &n, e);
}

int panes_out_part(struct panes *p, const struct span *window, size_t gone, size_t *n,
                   struct err *e)
{
	struct part part = part_of(p, window);

	part.to = part.to < gone ? part.to : gone;
	return hand_out_part(p, &part, true, false, n, e);
}

static int show_window(struct panes *p, const struct span *window, const struct win_sink *to,
                       struct err *e)
{
	struct part part = part_of(p, window);
	struct win_sink own = p->opts.sink;
	size_t n;
	int did;

	p->opts.sink = *to;
	did = hand_out_part(p, &part, true, false, &n, e);
	p->opts.sink = own;
	return did;
}

int panes_show(struct panes *p, const struct win_sink *to, struct err *e)
{
	struct span window = { .end = STAMP_NONE };
	int did = 0;

	for (size_t i = 0; i < p->n && did == 0; i++)
		if (p->pane[i].span.end > window.end &&
		    spans_next(&p->spans, &p->pane[i].span, p->w, &window))
			did = show_window(p, &window, to, e);
	return did;
}

/* ---- corrections */

void panes_out_forget(struct panes *p)
{
	for (size_t i = 0; i < map_slots(&p->revisions);) {
		struct revision *v = (struct revision *)(void *)map_at(&p->revisions, i);

		if (v && win_plus(v->end, p->opts.lateness) <= p->w) {
			map_remove(&p->revisions, &v->item); /* another may move here */
			p->known -= alloc_taken(sizeof *v + v->item.key_len);
			free(v);
		} else {
			i++;
		}
	}
}

/* The result of one window for one key as it stands; R says what it is. BEFORE as above. */
static int hand_out_key(struct panes *p, const struct span *window, const struct win_record *rec,
                        struct win_result *r, const void *before, struct err *e)
{
	struct part part = part_of(p, window);
	struct groups sum;
	struct group *g;
	int did = 0;

	panes_init_groups(p, &sum);
	g = merged_group(p, &part, rec->key, rec->hash, &sum);
	r->start = window->start;
	r->end = window->end;
	if (!g && p->opts.fill != FILL_NOT && r->retracted)
		g = groups_get(&sum, rec->key, rec->hash); /* nothing, which was said */
	if (g)
		did = hand_out(p, r, g, before, e);
	panes_free_groups(p, &sum);
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

/* Withdraw a window's result, if it had one, which BEFORE was carried to; NULL: what is carried
 * now. */
static int withdraw(struct panes *p, const struct span *window, const struct win_record *rec,
                    const void *before, struct err *e)
{
	bool new;
	struct revision *v = revision_of(p, window->end, rec->key, &new);

	if (new)
		v->n = has_key(p, window, rec);
	if (!p->opts.retract || v->n == 0)
		return 0;
	return hand_out_key(p, window, rec,
	                    &(struct win_result){ .revision = v->n - 1, .retracted = true }, before,
	                    e);
}

/* Before a record is added to a window that was handed out: note how often, withdraw the result. */
static int before_correction(struct panes *p, const struct span *window,
                             const struct win_record *rec, struct err *e)
{
	return withdraw(p, window, rec, NULL, e);
}

/* And behind it. */
static int correct(struct panes *p, const struct span *window, const struct win_record *rec,
                   struct err *e)
{
	bool new;
	struct revision *v = revision_of(p, window->end, rec->key, &new);

	return hand_out_key(p, window, rec, &(struct win_result){ .revision = v->n++ }, NULL, e);
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

int panes_out_withdraw(struct panes *p, const struct span *slice, const struct win_record *rec,
                       struct err *e)
{
	return each_correctable(p, slice, rec, before_correction, e);
}

int panes_out_correct(struct panes *p, const struct span *slice, const struct win_record *rec,
                      struct err *e)
{
	return each_correctable(p, slice, rec, correct, e);
}

/* ---- corrections of what is carried */

void panes_out_note(struct panes *p, const struct span *slice, const struct win_record *rec)
{
	if (p->carries.size)
		memcpy(p->left, before_of(p, rec->key, rec->hash, slice->end), p->carries.size);
}

/* The windows of a slice that begin at or after FROM, had their result, and take corrections. */
static int correct_behind(struct panes *p, const struct span *slice, int64_t from,
                          const struct win_record *rec, struct err *e)
{
	int64_t after = win_plus(p->w, -p->opts.lateness);
	struct span window;
	int did = 0;

	while (did == 0 && spans_next(&p->spans, slice, after, &window) && window.end <= p->w) {
		after = window.end;
		if (window.start < from)
			continue;
		did = withdraw(p, &window, rec, p->left, e);
		if (did == 0)
			did = correct(p, &window, rec, e);
	}
	return did;
}

int panes_out_behind(struct panes *p, const struct span *slice, const struct win_record *rec,
                     struct err *e)
{
	char *old = p->left, *now = old + p->carries.size;
	int64_t from = slice->end;
	int did = 0;

	if (!p->carries.size)
		return 0;
	memcpy(now, before_of(p, rec->key, rec->hash, from), p->carries.size);
	for (size_t i = panes_place(p, from); did == 0 && i < p->n && p->pane[i].span.start < p->w;
	     i++) {
		const struct group *g = groups_find(&p->pane[i].groups, rec->key, rec->hash);

		if (memcmp(old, now, p->carries.size) == 0)
			break;
		if (!g)
			continue;
		did = correct_behind(p, &p->pane[i].span, from, rec, e);
		aggset_carry(p->opts.aggs, old, state_of(g));
		aggset_carry(p->opts.aggs, now, state_of(g));
		from = p->pane[i].span.end;
	}
	return did;
}

/* ---- early results */

int panes_out_update(struct panes *p, const struct span *slice, const struct win_record *rec,
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
		did = hand_out_key(p, &window, rec, &(struct win_result){ .early = true }, NULL, e);
	}
	return did;
}

/* ---- what is carried */

/* A group of a slice that goes: what it leaves to those behind. */
static void carry_group(void *context, struct group *g)
{
	struct panes *p = context;
	struct slice key = { g->item.key, g->item.key_len };

	carries_add(&p->carries, key, g->item.hash, state_of(g));
}

void panes_out_carry(struct panes *p, const struct pane *pane)
{
	groups_each(&pane->groups, carry_group, p);
}
