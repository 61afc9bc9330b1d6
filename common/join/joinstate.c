#include "joinstate.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <stdlib.h>

#define NAMES_MAX 63 /* bits; more names are JOINREC_ODD */

struct joinname {
	struct map_item item;
	int32_t bit; /* JOIN_NO_SLOT: there are too many */
};

/* Names of members, and those of the record before, which the next one mostly has too. */
struct joinnames {
	struct map map;
	int32_t n;
	const struct joinname *last[NAMES_MAX];
};

/*
 * Keys by the time of their first record, for each side that was asked for. A record that goes
 * leaves its key where it is, so that the time which a key stands at may be less than that of its
 * first record, or it may have none; it is never greater.
 */
struct joinfirsts {
	struct pq side[2];
	bool kept[2];
};

bool joinrec_before(const struct pq_item *a, const struct pq_item *b)
{
	return joinrec_due(a)->seq < joinrec_due(b)->seq;
}

void joinstate_init(struct joinstate *s, bool texts)
{
	*s = (struct joinstate){ .firsts = alloc_zero(1, sizeof *s->firsts) };
	if (texts)
		s->names = alloc_zero(1, sizeof *s->names);
}

/* ---- names */

static const struct joinname *name_of(struct joinnames *n, struct slice text)
{
	uint64_t hash = hash_bytes(text.p, text.n);
	struct joinname *name = (struct joinname *)(void *)map_find(&n->map, text, hash);
	char *copy;

	if (name)
		return name;
	/* names beyond the bits are not remembered: there may be as many as records */
	if (n->n == NAMES_MAX)
		return NULL;
	name = alloc_zero(1, sizeof *name + text.n);
	copy = (char *)(name + 1);
	memcpy(copy, text.p, text.n);
	name->item = (struct map_item){ hash, copy, (uint32_t)text.n };
	name->bit = n->n++;
	map_add(&n->map, &name->item);
	return name;
}

/* The bit of member I's name, which is TEXT as it stands between its quotes. */
static int32_t bit_of(struct joinnames *n, size_t i, struct slice text)
{
	const struct joinname *last = i < NAMES_MAX ? n->last[i] : NULL;

	if (last && last->item.key_len == text.n && memcmp(last->item.key, text.p, text.n) == 0)
		return last->bit;
	/* an escaped name may be another's equal: it is left to those who look at values */
	if (memchr(text.p, '\\', text.n))
		return JOIN_NO_SLOT;
	last = name_of(n, text);
	if (last && i < NAMES_MAX)
		n->last[i] = last;
	return last ? last->bit : JOIN_NO_SLOT;
}

static void free_names(struct joinnames *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < map_slots(&n->map); i++)
		free(map_at(&n->map, i));
	map_free(&n->map);
	free(n);
}

/* ---- records */

/* Where the members of an object stand in its text, from its brace on; MEMBER may be NULL. */
static void take_apart(struct joinnames *names, const struct rec *rec, struct joinrec *r,
                       struct row_member *member)
{
	uint32_t begin = rec->pos[0], end = rec->skip[0], i = 0;

	for (uint32_t k = 1; k < end; i++) {
		struct slice name = rec_value(rec, k), value = rec_value(rec, k + 2);
		int32_t bit = bit_of(names, i, (struct slice){ name.p + 1, name.n - 2 });

		if (bit == JOIN_NO_SLOT || r->names & UINT64_C(1) << bit)
			r->names |= JOINREC_ODD; /* too many, or there twice */
		else
			r->names |= UINT64_C(1) << bit;
		if (member)
			member[i] =
				(struct row_member){ (uint32_t)(name.p - rec->text) - begin,
				                     (uint32_t)(value.p + value.n - name.p), bit };
		k = rec_after(rec, k + 2) + 1;
	}
}

struct joinrec *joinstate_keep(struct joinstate *s, const struct join_arrival *a)
{
	bool object = a->rec->cls[0] == CLASS_OPEN_OBJ, apart = s->names && object;
	uint32_t members = apart && a->side == SIDE_RIGHT ? val_count(val_from_rec(a->rec, 0)) : 0;
	/* its members are put into another's text: it is to begin and end with its braces */
	struct slice json = apart && a->side == SIDE_RIGHT ? rec_value(a->rec, 0) : a->json;
	size_t size = sizeof(struct joinrec) + members * sizeof(struct row_member) + json.n + 1;
	struct joinrec *r = alloc_array(size, 1);
	struct row_member *member = (struct row_member *)(void *)(r + 1);
	char *copy = (char *)(member + members);

	memcpy(copy, json.p, json.n);
	copy[json.n] = '\n';
	*r = (struct joinrec){
		.row = { .json = { copy, json.n },
		         .line = a->line,
		         .time = a->time,
		         .object = object,
		         .members = members,
		         .member = member },
		.seq = a->seq,
		.until = a->until,
		.input = a->input,
		.size = (uint32_t)(size < UINT32_MAX ? size : UINT32_MAX),
		.right = a->side == SIDE_RIGHT,
	};
	if (apart)
		take_apart(s->names, a->rec, r, members ? member : NULL);
	else
		r->names = JOINREC_ODD;
	s->records++;
	s->memory += r->size;
	return r;
}

/* ---- keys */

struct joinkey *joinstate_key(struct joinstate *s, const struct join_arrival *a, bool make)
{
	struct joinkey *k = (struct joinkey *)(void *)map_find(&s->keys, a->key, a->hash);
	char *copy;

	if (k || !make)
		return k;
	k = alloc_array(sizeof *k + a->key.n + 1, 1);
	copy = (char *)(k + 1);
	*k = (struct joinkey){ .item = { a->hash, copy, (uint32_t)a->key.n }, .lonely = a->lonely };
	if (a->key.n)
		memcpy(copy, a->key.p, a->key.n);
	s->memory += sizeof *k + a->key.n;
	map_add(&s->keys, &k->item);
	return k;
}

void joinstate_drop_key(struct joinstate *s, struct joinkey *k)
{
	map_remove(&s->keys, &k->item);
	s->memory -= sizeof *k + k->item.key_len;
	for (int side = 0; side < 2; side++) {
		if (k->queued[side])
			pq_remove(&s->firsts->side[side], &k->first[side]);
		s->memory -= k->side[side].cap * sizeof *k->side[side].at;
		free(k->side[side].at);
	}
	free(k);
}

/* ---- lists */

static bool lies_before(const struct joinlist *l, uint32_t i, int64_t time, bool or_at)
{
	int64_t t = l->at[l->head + i].time;

	return t < time || (or_at && t == time);
}

uint32_t joinlist_before(const struct joinlist *l, int64_t time, bool or_at)
{
	uint32_t lo = 0, hi = l->n;

	/* what is asked for mostly lies near the end */
	for (uint32_t step = 1; step <= l->n; step *= 2) {
		if (lies_before(l, l->n - step, time, or_at)) {
			lo = l->n - step + 1;
			break;
		}
		hi = l->n - step;
	}
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (lies_before(l, mid, time, or_at))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Room for one more behind the last. */
static void make_room(struct joinstate *s, struct joinlist *l)
{
	if (l->head + l->n < l->cap)
		return;
	if (l->head > l->n / 2) {
		memmove(l->at, l->at + l->head, l->n * sizeof *l->at);
		l->head = 0;
		return;
	}
	s->memory -= l->cap * sizeof *l->at;
	l->cap = l->cap ? l->cap * 2 : 2;
	s->memory += l->cap * sizeof *l->at;
	l->at = alloc_resize(l->at, l->cap, sizeof *l->at);
}

/* A record has come to a key that stands behind its time, or nowhere. */
static void note_first(struct joinfirsts *f, struct joinkey *k, enum side side, int64_t time)
{
	struct pq *q = &f->side[side];
	struct pq_item *x = &k->first[side];

	if (!f->kept[side] || (k->queued[side] && q->slot[x->at].key <= time))
		return;
	if (k->queued[side])
		pq_remove(q, x);
	k->queued[side] = true;
	pq_add(q, x, time);
}

void joinstate_insert(struct joinstate *s, struct joinkey *k, struct joinrec *r)
{
	struct joinlist *l = &k->side[joinrec_side(r)];
	uint32_t i = l->n;

	if (i && l->at[l->head + i - 1].time > r->row.time)
		i = joinlist_before(l, r->row.time, true);
	make_room(s, l);
	if (i < l->n)
		memmove(l->at + l->head + i + 1, l->at + l->head + i, (l->n - i) * sizeof *l->at);
	l->at[l->head + i] = (struct joinslot){ r->row.time, r };
	l->n++;
	r->key = k;
	note_first(s->firsts, k, joinrec_side(r), r->row.time);
}

void joinstate_append(struct joinstate *s, struct joinkey *k, struct joinrec *r)
{
	struct joinlist *l = &k->side[joinrec_side(r)];

	make_room(s, l);
	l->at[l->head + l->n++] = (struct joinslot){ r->row.time, r };
	r->key = k;
	note_first(s->firsts, k, joinrec_side(r), r->row.time);
}

/* The place of a record that is there: times rise, and among equal ones `seq`. */
static uint32_t place_of(const struct joinlist *l, const struct joinrec *r)
{
	uint32_t lo = 0, hi = l->n;

	if (joinlist_at(l, 0) == r)
		return 0;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct joinslot *x = &l->at[l->head + mid];

		if (x->time < r->row.time || (x->time == r->row.time && x->rec->seq < r->seq))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The shorter part, before it or behind it, closes up. */
static void take_out(struct joinlist *l, const struct joinrec *r)
{
	struct joinslot *at = l->at + l->head;
	uint32_t i = place_of(l, r);

	l->n--;
	if (i <= l->n / 2) {
		memmove(at + 1, at, i * sizeof *at);
		l->head++;
	} else {
		memmove(at + i, at + i + 1, (l->n - i) * sizeof *at);
	}
}

void joinstate_drop(struct joinstate *s, struct joinrec *r)
{
	struct joinkey *k = r->key;

	if (s->forget)
		s->forget(s->context, r);
	if (k) {
		take_out(&k->side[joinrec_side(r)], r);
		if (!k->side[SIDE_LEFT].n && !k->side[SIDE_RIGHT].n && !k->windows)
			joinstate_drop_key(s, k);
	}
	s->records--;
	s->memory -= r->size;
	free(r);
}

/* ---- the first of all */

static struct joinkey *key_at(const struct pq_item *x, enum side side)
{
	size_t at = offsetof(struct joinkey, first) + (size_t)side * sizeof *x;

	return (struct joinkey *)(void *)((char *)(uintptr_t)x - at);
}

/* Let all keys stand in the queue of a side. */
static void keep_firsts(const struct joinstate *s, enum side side)
{
	s->firsts->kept[side] = true;
	for (size_t i = 0; i < map_slots(&s->keys); i++) {
		struct joinkey *k = (struct joinkey *)(void *)map_at(&s->keys, i);

		if (k && k->side[side].n)
			note_first(s->firsts, k, side, joinlist_at(&k->side[side], 0)->row.time);
	}
}

static int64_t oldest(const struct joinstate *s, enum side side)
{
	struct pq *q = &s->firsts->side[side];
	struct pq_item *x;

	if (!s->firsts->kept[side])
		keep_firsts(s, side);
	while ((x = pq_first(q))) {
		struct joinkey *k = key_at(x, side);
		const struct joinlist *l = &k->side[side];
		int64_t time = l->n ? joinlist_at(l, 0)->row.time : INT64_MAX;

		if (l->n && time == q->slot[0].key)
			return time;
		pq_remove(q, x);
		k->queued[side] = false;
		if (l->n)
			note_first(s->firsts, k, side, time);
	}
	return INT64_MAX;
}

int64_t joinstate_oldest(const struct joinstate *s, bool left, bool right)
{
	int64_t l = left ? oldest(s, SIDE_LEFT) : INT64_MAX;
	int64_t r = right ? oldest(s, SIDE_RIGHT) : INT64_MAX;

	return l < r ? l : r;
}

/* ---- all of them */

static int by_time(const void *a, const void *b)
{
	const struct joinrec *x = *(struct joinrec *const *)a, *y = *(struct joinrec *const *)b;

	if (x->row.time != y->row.time)
		return x->row.time < y->row.time ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static int slots_by_time(const void *a, const void *b)
{
	const struct joinslot *x = a, *y = b;

	return by_time(&x->rec, &y->rec);
}

static void sort_list(struct joinlist *l)
{
	for (uint32_t i = 1; i < l->n; i++)
		if (l->at[l->head + i - 1].time > l->at[l->head + i].time) {
			qsort(l->at + l->head, l->n, sizeof *l->at, slots_by_time);
			return;
		}
}

void joinstate_sort(struct joinstate *s)
{
	for (size_t i = 0; i < map_slots(&s->keys); i++) {
		struct joinkey *k = (struct joinkey *)(void *)map_at(&s->keys, i);

		for (int side = 0; k && side < 2; side++)
			sort_list(&k->side[side]);
	}
}

struct joinrec **joinstate_sorted(const struct joinstate *s)
{
	struct joinrec **all = alloc_array(s->records + 1, sizeof(struct joinrec *));
	size_t n = 0;

	for (size_t i = 0; i < map_slots(&s->keys); i++) {
		const struct joinkey *k = (const struct joinkey *)(const void *)map_at(&s->keys, i);

		for (int side = 0; k && side < 2; side++)
			for (uint32_t r = 0; r < k->side[side].n; r++)
				all[n++] = joinlist_at(&k->side[side], r);
	}
	qsort(all, n, sizeof *all, by_time);
	return all;
}

size_t joinstate_memory(const struct joinstate *s)
{
	size_t firsts = s->firsts->side[SIDE_LEFT].cap + s->firsts->side[SIDE_RIGHT].cap;

	return s->memory + map_memory(&s->keys) + firsts * sizeof(struct pq_slot);
}

static void free_list(struct joinstate *s, struct joinlist *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		if (s->forget)
			s->forget(s->context, joinlist_at(l, i));
		free(joinlist_at(l, i));
	}
	free(l->at);
}

void joinstate_free(struct joinstate *s)
{
	for (size_t i = 0; i < map_slots(&s->keys); i++) {
		struct joinkey *k = (struct joinkey *)(void *)map_at(&s->keys, i);

		for (int side = 0; k && side < 2; side++)
			free_list(s, &k->side[side]);
		free(k);
	}
	map_free(&s->keys);
	free_names(s->names);
	s->names = NULL;
	if (s->firsts) {
		pq_free(&s->firsts->side[SIDE_LEFT]);
		pq_free(&s->firsts->side[SIDE_RIGHT]);
	}
	free(s->firsts);
	s->firsts = NULL;
}
