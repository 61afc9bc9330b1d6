/*
 * collect(f; n): the values in the order of event time, the first n of them; of one time in the
 * order in which they came.
 *
 * sample(f; n): n values by chance, each as likely as any other, in the order of event time. A
 * value draws a number from its record's bytes and time and the seed, and those with the least
 * numbers are kept (J. S. Vitter, "Random Sampling with a Reservoir", 1985, in its form with keys):
 * so the sample does not depend on the order of arrival, and samples of parts make one of the
 * whole. Records alike to the byte draw anew where they come one behind the other.
 */
#include "base/alloc.h"
#include "base/hash.h"
#include "kept.h"
#include "kinds.h"

#include <math.h>
#include <stdlib.h>

struct entry {
	int64_t time;
	uint64_t rank; /* collect: number of arrival; sample: what was drawn */
	struct kept value;
};

struct list {
	struct entry *entry;
	uint32_t n, cap;
	size_t bytes;    /* that values take beside their entries */
	uint64_t next;   /* collect: rank of the next; sample: how often `last` came */
	uint64_t last;   /* sample: hash of the record before */
	uint64_t beyond; /* sample: what is drawn from here on is not kept; 0 while all is */
};

static int setup(struct agg *a, struct err *e)
{
	if (a->kind->optional && isinf(a->param))
		return 0;
	if (a->param >= 1 && a->param <= 1000000 && a->param == floor(a->param))
		return 0;
	return err_set(e, FAIL_COMPILE, "%s: n is a whole number from 1 to 1000000",
	               a->kind->usage);
}

static int by_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_rank(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1)
	                          : (x->time > y->time) - (x->time < y->time);
}

static void sort(struct list *l, int (*order)(const void *, const void *))
{
	if (l->n)
		qsort(l->entry, l->n, sizeof *l->entry, order);
}

static void cut(struct list *l, uint32_t n)
{
	while (l->n > n) {
		struct kept *k = &l->entry[--l->n].value;

		l->bytes -= kept_memory(k);
		kept_free(k);
	}
}

/* A new entry, whose value is to be set. */
static struct kept *append(struct list *l, int64_t time, uint64_t rank)
{
	struct entry *e;

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 4;
		l->entry = alloc_resize(l->entry, l->cap, sizeof *l->entry);
	}
	e = &l->entry[l->n++];
	*e = (struct entry){ .time = time, .rank = rank };
	return &e->value;
}

/* Values of another list. They are their JSON, so a copy is one of bytes. */
static void append_copy(struct list *l, const struct entry *from, uint64_t rank)
{
	struct kept *k = append(l, from->time, rank);

	*k = from->value;
	if (k->cap) {
		k->text = alloc_array(k->cap, 1);
		memcpy(k->text, from->value.text, k->size);
	}
	l->bytes += kept_memory(k);
}

static void append_value(struct list *l, int64_t time, uint64_t rank, const struct agg_value *v)
{
	struct kept *k = append(l, time, rank);

	kept_set(k, v);
	l->bytes += kept_memory(k);
}

/* ---- collect */

static bool has_room(const struct agg *a, const struct list *l)
{
	return l->n <= 2 * a->param + 64;
}

static void add_collect(const struct agg *a, void *state, const struct agg_value *v,
                        const struct agg_record *r)
{
	struct list *l = state;

	append_value(l, r->time, l->next++, v);
	if (has_room(a, l))
		return;
	sort(l, by_time);
	cut(l, (uint32_t)a->param);
}

static void merge_collect(const struct agg *a, void *to, const void *from)
{
	struct list *l = to;
	const struct list *f = from;

	for (uint32_t i = 0; i < f->n; i++)
		append_copy(l, &f->entry[i], l->next + f->entry[i].rank);
	l->next += f->next;
	if (has_room(a, l))
		return;
	sort(l, by_time);
	cut(l, (uint32_t)a->param);
}

/* ---- sample */

/* splitmix64's finish (G. Steele, D. Lea, C. Flood, 2014): every bit depends on every one. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

static void keep_least(const struct agg *a, struct list *l)
{
	if (has_room(a, l))
		return;
	sort(l, by_rank);
	cut(l, (uint32_t)a->param);
	l->beyond = l->entry[l->n - 1].rank + 1;
}

static void add_sample(const struct agg *a, void *state, const struct agg_value *v,
                       const struct agg_record *r)
{
	struct list *l = state;
	uint64_t record = hash_stable(r->line.p, r->line.n) ^ mix((uint64_t)r->time), rank;

	l->next = record == l->last ? l->next + 1 : 0;
	l->last = record;
	rank = mix(record ^ mix(a->seed + UINT64_C(0x9E3779B97F4A7C15) * (l->next + 1)));
	if (l->beyond && rank >= l->beyond)
		return;
	append_value(l, r->time, rank, v);
	keep_least(a, l);
}

static void merge_sample(const struct agg *a, void *to, const void *from)
{
	struct list *l = to;
	const struct list *f = from;

	for (uint32_t i = 0; i < f->n; i++)
		append_copy(l, &f->entry[i], f->entry[i].rank);
	keep_least(a, l);
}

/* ---- both */

static struct val values(const struct agg *a, const struct list *l, struct heap *h)
{
	struct arr *all = arr_new(h, l->n);

	for (uint32_t i = 0; i < l->n && i < a->param; i++)
		all = arr_push(h, all, kept_value(&l->entry[i].value, h));
	return val_arr(all);
}

static struct val collect_result(const struct agg *a, const void *state, const struct agg_at *at,
                                 struct heap *h)
{
	(void)at;
	sort((struct list *)state, by_time);
	return values(a, state, h);
}

static struct val sample_result(const struct agg *a, const void *state, const struct agg_at *at,
                                struct heap *h)
{
	struct list *l = (struct list *)state;

	(void)at;
	sort(l, by_rank);
	if (l->n)
		qsort(l->entry, l->n < a->param ? l->n : (size_t)a->param, sizeof *l->entry,
		      by_time);
	return values(a, l, h);
}

static void save(const void *state, struct buf *b)
{
	const struct list *l = state;

	agg_put64(b, l->n);
	agg_put64(b, l->next);
	agg_put64(b, l->last);
	agg_put64(b, l->beyond);
	for (uint32_t i = 0; i < l->n; i++) {
		agg_put64(b, (uint64_t)l->entry[i].time);
		agg_put64(b, l->entry[i].rank);
		kept_save(&l->entry[i].value, b);
	}
}

static int load(void *state, struct slice *from)
{
	struct list *l = state;
	uint64_t n, rank;
	int64_t time;
	int did = 0;

	if (agg_take_count(from, &n, 32) < 0 || agg_take(from, &l->next, 8) < 0 ||
	    agg_take(from, &l->last, 8) < 0 || agg_take(from, &l->beyond, 8) < 0)
		return -1;
	for (uint64_t i = 0; i < n && did == 0; i++) {
		struct kept *k;

		if (agg_take(from, &time, 8) < 0 || agg_take(from, &rank, 8) < 0)
			return -1;
		k = append(l, time, rank);
		did = kept_load(k, from);
		l->bytes += kept_memory(k);
	}
	return did;
}

static size_t memory(const void *state)
{
	const struct list *l = state;
	return l->cap * sizeof *l->entry + l->bytes;
}

static void drop(void *state)
{
	struct list *l = state;

	cut(l, 0);
	free(l->entry);
}

#define KIND(called, use, adds, merges, gives)                                                     \
	.name = (called), .usage = (use), .values = 1, .param = AGG_NUMBER,                        \
	.size = sizeof(struct list), .setup = setup, .add = (adds), .result = (gives),             \
	.merge = (merges), .save = save, .load = load, .memory = memory, .drop = drop

const struct agg_kind agg_collect = { KIND("collect", "collect(f; n)", add_collect, merge_collect,
	                                   collect_result),
	                              .optional = true };
const struct agg_kind agg_sample = { KIND("sample", "sample(f; n)", add_sample, merge_sample,
	                                  sample_result) };
