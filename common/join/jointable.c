#include "jointable.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "json/jstring.h"
#include "json/valwrite.h"

#include <stdlib.h>

#define NAMES_MAX 64 /* more are not looked for by the scanner: it would look long */

struct jointable {
	enum matches matches;
	struct plan *left;
	size_t fields; /* of the plan that are not rows' names */
	bool settled;  /* the plan may not grow */
	struct map map;
	struct arena arena;
	struct row *first, *last;
	uint64_t rows;
	struct buf text;
};

struct jointable *jointable_new(enum matches matches, struct plan *left)
{
	struct jointable *t = alloc_zero(1, sizeof *t);

	t->matches = matches;
	t->left = left;
	t->fields = left->n;
	arena_init(&t->arena);
	return t;
}

struct jointable *jointable_successor(const struct jointable *t)
{
	struct jointable *next = jointable_new(t->matches, t->left);

	next->settled = true;
	return next;
}

/* The slot of a name, a new one as long as there is room. */
static int32_t slot_of(struct jointable *t, struct slice name)
{
	const struct plan *p = t->left;

	if (!t->settled && p->n - t->fields < NAMES_MAX)
		return plan_key(t->left, 0, name);
	for (int32_t i = p->node[0].first; i >= 0; i = p->node[i].next)
		if (p->node[i].key.p && slice_same(p->node[i].key, name))
			return i;
	return JOIN_NO_SLOT;
}

/* The row's text in t->text, and where its members stand. */
static void take_apart(struct jointable *t, struct row *row, const struct obj *o, struct heap *h)
{
	static const struct val_style style = { .squeeze = true };
	struct buf *b = &t->text;

	row->member = arena_array(&t->arena, o->n + 1, sizeof *row->member);
	row->members = o->n;
	buf_addc(b, '{');
	for (uint32_t i = 0; i < o->n; i++) {
		struct row_member *m = &row->member[i];
		struct slice name = val_slice(h, o->at[i].key);

		if (i)
			buf_addc(b, ',');
		m->at = (uint32_t)b->n;
		m->slot = slot_of(t, name);
		jstring_write(b, name, false);
		buf_addc(b, ':');
		val_write(h, b, o->at[i].value, &style);
		m->n = (uint32_t)b->n - m->at;
	}
	buf_addc(b, '}');
}

static struct row *make_row(struct jointable *t, struct val v, uint64_t line, struct heap *h)
{
	static const struct val_style style = { .squeeze = true };
	struct row *row = arena_alloc(&t->arena, sizeof *row);

	*row = (struct row){ .line = line };
	buf_clear(&t->text);
	v = val_force(h, v);
	row->object = v.tag == VAL_OBJ;
	if (row->object)
		take_apart(t, row, v.obj, h);
	else
		val_write(h, &t->text, v, &style);
	row->json = (struct slice){ arena_copy(&t->arena, t->text.p, t->text.n), t->text.n };
	return row;
}

static struct row_chain *chain_of(struct jointable *t, struct slice key)
{
	uint64_t hash = hash_bytes(key.p, key.n);
	struct row_chain *c = jointable_find(t, key, hash);
	char *copy;

	if (c)
		return c;
	c = arena_alloc(&t->arena, sizeof *c);
	copy = arena_copy(&t->arena, key.p, key.n);
	*c = (struct row_chain){ .item = { hash, copy, (uint32_t)key.n } };
	map_add(&t->map, &c->item);
	return c;
}

struct row *jointable_add(struct jointable *t, struct slice key, struct val v, uint64_t line,
                          struct heap *h)
{
	struct row_chain *c = key.p ? chain_of(t, key) : NULL;
	struct row *row;

	if (c && c->first && t->matches == MATCHES_FIRST)
		return NULL;
	row = make_row(t, v, line, h);
	row->time = (int64_t)t->rows++;
	if (t->last)
		t->last->later = row;
	else
		t->first = row;
	t->last = row;
	if (!c)
		return row;
	if (c->first && t->matches == MATCHES_LAST) {
		c->first->matched = true; /* it counts no more */
		c->first = c->last = NULL;
		t->rows--;
	}
	if (c->last)
		c->last->next = row;
	else
		c->first = row;
	c->last = row;
	return row;
}

struct row_chain *jointable_find(const struct jointable *t, struct slice key, uint64_t hash)
{
	return (struct row_chain *)(void *)map_find(&t->map, key, hash);
}

void jointable_find_all(const struct jointable *t, const struct slice *key, const uint64_t *hash,
                        struct row_chain **chain, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		map_expect(&t->map, hash[i]);
	for (i = 0; i < n; i++)
		map_expect_item(&t->map, hash[i]);
	for (i = 0; i < n; i++) {
		chain[i] = key[i].p ? jointable_find(t, key[i], hash[i]) : NULL;
		if (chain[i])
			__builtin_prefetch(chain[i]->first);
	}
	for (i = 0; i < n; i++)
		if (chain[i] && chain[i]->first) {
			__builtin_prefetch(chain[i]->first->json.p);
			__builtin_prefetch(chain[i]->first->member);
		}
}

struct row *jointable_first(const struct jointable *t)
{
	return t->first;
}

uint64_t jointable_rows(const struct jointable *t)
{
	return t->rows;
}

void jointable_clear(struct jointable *t)
{
	map_clear(&t->map);
	arena_reset(&t->arena);
	t->first = t->last = NULL;
	t->rows = 0;
}

void jointable_free(struct jointable *t)
{
	if (!t)
		return;
	map_free(&t->map);
	arena_free(&t->arena);
	buf_free(&t->text);
	free(t);
}
