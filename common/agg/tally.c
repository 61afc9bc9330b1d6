#include "tally.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "json/key.h"

#include <stdlib.h>

#define FEW 8 /* items up to which there is no table */

bool tally_encode(struct buf *to, struct val v)
{
	struct heap h;
	bool fine;

	buf_clear(to);
	heap_init(&h);
	fine = key_put(to, &h, v) == 0;
	heap_free(&h);
	return fine;
}

/* ---- the table */

static void place(struct tally *t, uint32_t number)
{
	uint32_t i = t->item[number].hash & t->mask;

	while (t->slot[i])
		i = (i + 1) & t->mask;
	t->slot[i] = number + 1;
}

/* Build the table anew for the items that there are and room for some more. */
static void index_items(struct tally *t)
{
	uint32_t slots = 32;

	free(t->slot);
	t->slot = NULL;
	if (t->n <= FEW)
		return;
	while (slots < t->n * 2)
		slots *= 2;
	t->slot = alloc_zero(slots, sizeof *t->slot);
	t->mask = slots - 1;
	for (uint32_t i = 0; i < t->n; i++)
		place(t, i);
}

static bool is(const struct tally *t, uint32_t number, struct slice key, uint32_t hash)
{
	const struct tally_item *i = &t->item[number];

	return i->hash == hash && i->len == key.n && memcmp(t->bytes.p + i->at, key.p, key.n) == 0;
}

/* The number of an item, or UINT32_MAX. */
static uint32_t find(const struct tally *t, struct slice key, uint32_t hash)
{
	uint32_t i;

	if (!t->slot) {
		for (i = 0; i < t->n; i++)
			if (is(t, i, key, hash))
				return i;
		return UINT32_MAX;
	}
	for (i = hash & t->mask; t->slot[i]; i = (i + 1) & t->mask)
		if (is(t, t->slot[i] - 1, key, hash))
			return t->slot[i] - 1;
	return UINT32_MAX;
}

static void add_item(struct tally *t, struct slice key, uint32_t hash)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 4;
		t->item = alloc_resize(t->item, t->cap, sizeof *t->item);
	}
	t->item[t->n++] = (struct tally_item){ .count = t->floor,
		                               .error = t->floor,
		                               .at = t->bytes.n,
		                               .len = (uint32_t)key.n,
		                               .hash = hash };
	buf_add_slice(&t->bytes, key);
	if (t->slot && t->n * 4 <= (t->mask + 1) * 3)
		place(t, t->n - 1);
	else if (t->n > FEW)
		index_items(t);
}

/* The item of a key, made where it is not. */
static struct tally_item *item_of(struct tally *t, struct slice key)
{
	uint32_t hash = (uint32_t)hash_bytes(key.p, key.n), i = find(t, key, hash);

	if (i == UINT32_MAX) {
		i = t->n;
		add_item(t, key, hash);
	}
	return &t->item[i];
}

void tally_add(struct tally *t, struct slice key, uint64_t count, uint64_t error)
{
	struct tally_item *i = item_of(t, key);

	i->count += count;
	i->error += error;
}

void tally_merge(struct tally *t, const struct tally *from)
{
	uint32_t had = t->n;
	struct tally_item *i;

	/* what FROM does not have may have been there `floor` times: all get that, and ... */
	for (uint32_t k = 0; k < had; k++) {
		t->item[k].count += from->floor;
		t->item[k].error += from->floor;
	}
	for (uint32_t k = 0; k < from->n; k++) {
		i = item_of(t, tally_key(from, &from->item[k]));
		i->count += from->item[k].count;
		i->error += from->item[k].error;
		/* ... those that it has give it back */
		if (i - t->item < had) {
			i->count -= from->floor;
			i->error -= from->floor;
		}
	}
	t->floor += from->floor;
}

/* ---- sorting */

static int by_value(const void *a, const void *b, void *context)
{
	const struct tally_item *x = a, *y = b;

	return slice_order(tally_key(context, x), tally_key(context, y));
}

static int by_count(const void *a, const void *b, void *context)
{
	const struct tally_item *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return by_value(a, b, context);
}

void tally_sort(struct tally *t, enum tally_order order)
{
	if (!t->n)
		return;
	qsort_r(t->item, t->n, sizeof *t->item, order == TALLY_BY_VALUE ? by_value : by_count, t);
	index_items(t);
}

uint32_t tally_best(const struct tally *t, uint32_t n, const struct tally_item **to)
{
	uint32_t have = 0, at;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct tally_item *x = &t->item[i];

		if (have == n && by_count(to[n - 1], x, (void *)t) < 0)
			continue;
		have += have < n;
		for (at = have - 1; at > 0 && by_count(to[at - 1], x, (void *)t) > 0; at--)
			to[at] = to[at - 1];
		to[at] = x;
	}
	return have;
}

void tally_cut(struct tally *t, uint32_t n)
{
	struct buf kept = { 0 };

	if (n >= t->n)
		return;
	t->n = n;
	for (uint32_t i = 0; i < n; i++) {
		struct slice key = tally_key(t, &t->item[i]);

		t->item[i].at = kept.n;
		buf_add_slice(&kept, key);
	}
	buf_free(&t->bytes);
	t->bytes = kept;
	index_items(t);
}

struct val tally_value(const struct tally *t, const struct tally_item *i, struct heap *h)
{
	struct val v;

	key_get(t->bytes.p + i->at, h, &v);
	return v;
}

/* ---- saving */

void tally_save(const struct tally *t, struct buf *b)
{
	agg_put64(b, t->n);
	agg_put64(b, t->floor);
	for (uint32_t i = 0; i < t->n; i++) {
		struct slice key = tally_key(t, &t->item[i]);

		agg_put64(b, t->item[i].count);
		agg_put64(b, t->item[i].error);
		agg_put64(b, key.n);
		agg_put(b, key.p, key.n);
	}
}

int tally_load(struct tally *t, struct slice *from)
{
	uint64_t n, floor, count, error, len;

	if (agg_take_count(from, &n, 24) < 0 || agg_take(from, &floor, 8) < 0)
		return -1;
	for (uint64_t i = 0; i < n; i++) {
		if (agg_take(from, &count, 8) < 0 || agg_take(from, &error, 8) < 0 ||
		    agg_take_count(from, &len, 1) < 0)
			return -1;
		tally_add(t, (struct slice){ from->p, len }, count, error);
		from->p += len;
		from->n -= len;
	}
	t->floor = floor;
	return 0;
}

size_t tally_memory(const struct tally *t)
{
	return t->cap * sizeof *t->item + (t->slot ? ((size_t)t->mask + 1) * sizeof *t->slot : 0) +
	       t->bytes.cap;
}

void tally_free(struct tally *t)
{
	free(t->item);
	free(t->slot);
	buf_free(&t->bytes);
}
