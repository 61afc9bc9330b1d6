/* What panes hold, and letting go of the oldest. */
#include "panes_in.h"

#include "base/alloc.h"
#include "base/stamp.h"

#include <math.h>
#include <stdlib.h>

static size_t groups_held(const struct panes *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += groups_count(&p->pane[i].groups);
	return n;
}

size_t panes_groups(const struct panes *p)
{
	return groups_held(p) + p->filled.used;
}

/* ---- bytes */

/*
 * While states are looked at: how many keys there are over all panes, by how many bits of a table
 * their hashes set (linear counting: K.-Y. Whang, B. T. Vander-Zanden, H. M. Taylor, "A Linear-Time
 * Probabilistic Counting Algorithm for Database Applications", ACM TODS 15(2), 1990).
 */
struct count {
	const struct aggset *aggs;
	size_t groups, key_bytes;
	size_t bytes; /* that states hold beside their own */
	uint64_t *seen;
	size_t bits, set;
};

static void count_state(void *context, struct group *g)
{
	struct count *c = context;
	size_t bit = (size_t)g->item.hash & (c->bits - 1);

	c->groups++;
	c->key_bytes += g->item.key_len;
	c->bytes += aggset_memory(c->aggs, state_of(g));
	c->set += !(c->seen[bit / 64] >> bit % 64 & 1);
	c->seen[bit / 64] |= UINT64_C(1) << bit % 64;
}

/*
 * What a window takes while it leaves: its keys in order; where several panes are one their groups
 * merged, with all that states hold; and what is kept of them that windows may be filled.
 */
static size_t leaving(const struct panes *p, const struct count *c)
{
	size_t keys = 0, state = aggset_size(p->opts.aggs), group, filled;

	if (p->spans.size <= p->spans.slice && p->opts.fill == FILL_NOT) {
		for (size_t i = 0; i < p->n; i++)
			if (groups_count(&p->pane[i].groups) > keys)
				keys = groups_count(&p->pane[i].groups);
		return groups_sorting(keys);
	}
	keys = (size_t)(-log1p(-(double)c->set / (double)c->bits) * (double)c->bits) +
	       p->filled.used;
	group = sizeof(struct group) + sizeof(struct cell) + state + 2 * sizeof(struct map_slot) +
	        c->key_bytes / (c->groups + 1) + 16;
	filled = sizeof(struct filled) + (p->opts.fill == FILL_PREVIOUS ? state : 0);
	return groups_sorting(keys) + keys * group + c->bytes +
	       (p->opts.fill == FILL_NOT ? 0 : c->groups * alloc_taken(filled)) +
	       (p->opts.fill == FILL_PREVIOUS ? c->bytes : 0);
}

size_t panes_memory(const struct panes *p)
{
	struct count c = { .aggs = p->opts.aggs, .bits = 1024 };
	size_t tables = 0;

	while (c.bits < 2 * groups_held(p))
		c.bits *= 2;
	c.seen = alloc_zero(c.bits / 64, sizeof *c.seen);
	for (size_t i = 0; i < p->n; i++) {
		tables += groups_memory(&p->pane[i].groups);
		groups_each(&p->pane[i].groups, count_state, &c);
	}
	free(c.seen);
	return tables + c.bytes + leaving(p, &c) + groups_memory(&p->spare) +
	       p->cap * sizeof *p->pane + p->known + panes_fill_memory(p) +
	       map_memory(&p->revisions) + carries_memory(&p->carries) + map_memory(&p->filled);
}

/* ---- letting go */

/* What the first GONE panes hold of the windows that are open. */
static int hand_out_gone(struct panes *p, size_t gone, size_t *done, struct err *e)
{
	int64_t after = p->w;
	struct span window;
	int did = 0;

	while (did == 0 && panes_next_window(p, gone, after, &window)) {
		size_t n;

		after = window.end;
		did = panes_out_part(p, &window, gone, &n, e);
		*done += n;
	}
	return did;
}

int panes_evict(struct panes *p, size_t n, size_t *done, struct err *e)
{
	size_t gone = 0, groups = 0;
	int did;

	*done = 0;
	if (p->revisions.used + p->carries.of.used + p->filled.used > 2 * groups_held(p))
		panes_forget_keys(p);
	for (; gone < p->n && groups < n; gone++) {
		const struct pane *pane = &p->pane[gone];

		groups += groups_count(&pane->groups);
		if (pane->last_end <= p->w) /* had its results; its corrections go */
			*done += groups_count(&pane->groups);
	}
	did = hand_out_gone(p, gone, done, e);
	for (size_t i = 0; i < gone; i++) {
		if (p->carries.size)
			panes_out_carry(p, &p->pane[i]);
		panes_free_groups(p, &p->pane[i].groups);
	}
	if (gone < p->n)
		panes_fill_forget(p, p->pane[gone].span.start);
	panes_shift(p, gone);
	panes_free_spare(p);
	return did;
}
