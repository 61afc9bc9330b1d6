#include "slides.h"

#include "base/alloc.h"
#include "base/pq.h"
#include "base/stamp.h"

#include <stdlib.h>

/* A record: its state alone at first; on the front stack that of it and all behind it there. */
struct entry {
	struct pq_item item;       /* first: among those that wait */
	struct entry *next, *prev; /* in the window, in order of time, then bytes */
	int64_t time;
	char *line; /* owned; NULL when the result has left */
	size_t line_size;
	char state[] __attribute__((aligned(16)));
};

struct list {
	struct entry *head, *tail;
};

/* A key: records that wait for their result, and the window: front stack, then back. */
struct owner {
	struct pq_item item; /* first */
	int64_t due;         /* of the oldest that waits; else when the window is empty */
	struct map_item key_item;
	int64_t newest;    /* time in the window */
	struct pq waiting; /* by time, then bytes */
	struct list front, back;
	void *back_sum; /* the state of all in `back` */
	char key[];
};

struct slides {
	struct win_opts opts;
	int64_t span, w;
	int64_t gone; /* records up to this time had to go; STAMP_NONE: none had to */
	struct map owners;
	struct pq queue;
	size_t held;
	void *sum; /* of a window, while it is handed out */
};

static struct owner *of_pq(const struct pq_item *i)
{
	return (struct owner *)(void *)i;
}

static struct owner *of_map(struct map_item *i)
{
	return i ? (struct owner *)(void *)((char *)i - offsetof(struct owner, key_item)) : NULL;
}

static struct slice key_of(const struct owner *o)
{
	return (struct slice){ o->key, o->key_item.key_len };
}

static struct entry *entry_of(const struct pq_item *i)
{
	return (struct entry *)(void *)i;
}

/* The oldest record that waits, or NULL. */
static struct entry *oldest(const struct owner *o)
{
	return entry_of(pq_first(&o->waiting));
}

static bool bytes_before(const struct pq_item *a, const struct pq_item *b)
{
	const struct entry *x = entry_of(a), *y = entry_of(b);

	return slice_order((struct slice){ x->line, x->line_size },
	                   (struct slice){ y->line, y->line_size }) < 0;
}

static bool before(const struct pq_item *a, const struct pq_item *b)
{
	return slice_order(key_of(of_pq(a)), key_of(of_pq(b))) < 0;
}

struct slides *slides_new(int64_t span, const struct win_opts *opts)
{
	struct slides *s = alloc_zero(1, sizeof *s);

	s->opts = *opts;
	s->span = span;
	s->w = s->gone = STAMP_NONE;
	s->queue.before = before;
	s->sum = alloc_zero(1, aggset_size(opts->aggs));
	return s;
}

size_t slides_groups(const struct slides *s)
{
	return s->held;
}

/* A record whose state holds STATE bytes beside its own. */
static size_t entry_memory(const struct slides *s, const struct entry *x, size_t state)
{
	return alloc_taken(sizeof *x + aggset_size(s->opts.aggs)) + state +
	       (x->line ? alloc_taken(x->line_size + 1) : 0);
}

static size_t owner_memory(const struct slides *s, const struct owner *o)
{
	const struct aggset *aggs = s->opts.aggs;
	size_t back = aggset_memory(aggs, o->back_sum);
	size_t bytes = alloc_taken(sizeof *o + o->key_item.key_len) +
	               alloc_taken(aggset_size(aggs)) + back +
	               alloc_taken(o->waiting.cap * sizeof(struct pq_slot));

	for (size_t i = 0; i < o->waiting.n; i++) {
		const struct entry *x = entry_of(o->waiting.slot[i].item);

		bytes += entry_memory(s, x, aggset_memory(aggs, x->state));
	}
	for (const struct entry *x = o->front.head; x; x = x->next)
		bytes += entry_memory(s, x, aggset_memory(aggs, x->state));
	/* these will be on the front stack, all at once, and hold no more than their sum each */
	for (const struct entry *x = o->back.head; x; x = x->next)
		bytes += entry_memory(s, x, back);
	return bytes;
}

size_t slides_memory(const struct slides *s)
{
	size_t bytes = map_memory(&s->owners) + s->queue.cap * sizeof(struct pq_slot);

	for (size_t i = 0; i < s->queue.n; i++)
		bytes += owner_memory(s, of_pq(s->queue.slot[i].item));
	return bytes;
}

/* ---- states */

static void clear(const struct slides *s, void *state)
{
	aggset_drop(s->opts.aggs, state);
	memset(state, 0, aggset_size(s->opts.aggs));
}

/* ---- lists */

static void append(struct list *l, struct entry *x)
{
	x->prev = l->tail;
	x->next = NULL;
	*(l->tail ? &l->tail->next : &l->head) = x;
	l->tail = x;
}

static struct entry *pop(struct list *l)
{
	struct entry *x = l->head;

	l->head = x->next;
	*(l->head ? &l->head->prev : &l->tail) = NULL;
	return x;
}

static void free_entry(struct slides *s, struct entry *x)
{
	aggset_drop(s->opts.aggs, x->state);
	free(x->line);
	free(x);
	s->held--;
}

static void free_list(struct slides *s, struct list *l)
{
	while (l->head)
		free_entry(s, pop(l));
}

static void drop_owner(struct slides *s, struct owner *o)
{
	for (size_t i = 0; i < o->waiting.n; i++)
		free_entry(s, entry_of(o->waiting.slot[i].item));
	pq_free(&o->waiting);
	free_list(s, &o->front);
	free_list(s, &o->back);
	aggset_drop(s->opts.aggs, o->back_sum);
	map_remove(&s->owners, &o->key_item);
	free(o->back_sum);
	free(o);
}

void slides_free(struct slides *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->queue.n; i++)
		drop_owner(s, of_pq(s->queue.slot[i].item));
	pq_free(&s->queue);
	map_free(&s->owners);
	aggset_drop(s->opts.aggs, s->sum);
	free(s->sum);
	free(s);
}

/* ---- records */

static struct owner *owner_of(struct slides *s, const struct win_record *r)
{
	struct owner *o = of_map(map_find(&s->owners, r->key, r->hash));

	if (o) {
		pq_remove(&s->queue, &o->item);
		return o;
	}
	o = alloc_zero(1, sizeof *o + r->key.n);
	if (r->key.n)
		memcpy(o->key, r->key.p, r->key.n);
	o->key_item = (struct map_item){ r->hash, o->key, (uint32_t)r->key.n };
	o->back_sum = alloc_zero(1, aggset_size(s->opts.aggs));
	o->waiting.before = bytes_before;
	map_add(&s->owners, &o->key_item);
	return o;
}

/* Put a key back where it is due. */
static void requeue(struct slides *s, struct owner *o)
{
	o->due = oldest(o) ? oldest(o)->time : win_plus(o->newest, s->span);
	pq_add(&s->queue, &o->item, o->due);
}

enum win_taken slides_add(struct slides *s, const struct win_record *r, struct err *e)
{
	struct agg_record record = { .time = r->time, .line = r->line, .settled = s->w };
	struct entry *x;
	struct owner *o;

	(void)e;
	if (r->time < s->w)
		return WIN_LATE;
	o = owner_of(s, r);
	x = alloc_zero(1, sizeof *x + aggset_size(s->opts.aggs));
	x->time = r->time;
	x->line = alloc_copy(r->line.p, r->line.n);
	x->line_size = r->line.n;
	aggset_add(s->opts.aggs, x->state, &record);
	pq_add(&o->waiting, &x->item, x->time);
	s->held++;
	requeue(s, o);
	return WIN_TAKEN;
}

/* ---- the window */

/* The back stack becomes the front one: each state that of it and all behind it. */
static void flip(struct slides *s, struct owner *o)
{
	struct entry *x = o->back.tail;

	for (x = x ? x->prev : NULL; x; x = x->prev)
		aggset_merge(s->opts.aggs, x->state, x->next->state);
	o->front = o->back;
	o->back = (struct list){ 0 };
	clear(s, o->back_sum);
}

/* Forget what is older than SINCE. */
static void forget(struct slides *s, struct owner *o, int64_t since)
{
	for (;;) {
		while (o->front.head && o->front.head->time < since)
			free_entry(s, pop(&o->front));
		if (o->front.head || !o->back.head || o->back.head->time >= since)
			return;
		flip(s, o);
	}
}

/* The records of a key at its next time join the window; then each has its result. */
static int slide(struct slides *s, struct owner *o, bool early, struct err *e)
{
	int64_t t = oldest(o)->time;
	struct win_result r = { .start = win_plus(t, -s->span),
		                .end = t,
		                .inclusive = true,
		                .key = key_of(o),
		                .state = s->sum,
		                .early = early };
	struct entry *first = oldest(o), *x;
	int did = 0;

	r.partial = s->gone != STAMP_NONE && r.start <= s->gone;
	forget(s, o, r.start);
	o->newest = t;
	while ((x = oldest(o)) && x->time == t) {
		pq_remove(&o->waiting, &x->item);
		append(&o->back, x);
		aggset_merge(s->opts.aggs, o->back_sum, x->state);
	}
	clear(s, s->sum);
	if (o->front.head)
		aggset_merge(s->opts.aggs, s->sum, o->front.head->state);
	aggset_merge(s->opts.aggs, s->sum, o->back_sum);
	for (x = first; x && did == 0; x = x->next) {
		r.line = (struct slice){ x->line, x->line_size };
		did = s->opts.sink.take(s->opts.sink.context, &r, e);
	}
	for (x = first; x; x = x->next) {
		free(x->line);
		x->line = NULL;
	}
	return did;
}

/* All that is due before UNTIL; STAMP_MAX: everything. */
static int slide_all(struct slides *s, int64_t until, bool early, struct err *e)
{
	int did = 0;

	while (did == 0 && s->queue.n &&
	       (of_pq(pq_first(&s->queue))->due < until || until == STAMP_MAX)) {
		struct owner *o = of_pq(pq_first(&s->queue));

		pq_remove(&s->queue, &o->item);
		if (!oldest(o)) {
			drop_owner(s, o);
			continue;
		}
		did = slide(s, o, early, e);
		requeue(s, o);
	}
	return did;
}

int slides_advance(struct slides *s, int64_t w, struct err *e)
{
	s->w = w;
	return slide_all(s, w, false, e);
}

/* ---- letting go */

#define AGES 4096 /* times that are looked at */

/* Of each STEP records one. */
struct ages {
	int64_t time[AGES];
	size_t n, step, seen;
};

static void look_at(struct ages *a, const struct entry *x)
{
	if (a->seen++ % a->step == 0)
		a->time[a->n++] = x->time;
}

static int by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The time up to which there are about N records, of one at least that is held. */
static int64_t age_of(const struct slides *s, size_t n)
{
	struct ages a = { .step = (s->held - 1) / AGES + 1 };

	for (size_t i = 0; i < s->queue.n; i++) {
		const struct owner *o = of_pq(s->queue.slot[i].item);

		for (const struct entry *x = o->front.head; x; x = x->next)
			look_at(&a, x);
		for (const struct entry *x = o->back.head; x; x = x->next)
			look_at(&a, x);
		for (size_t k = 0; k < o->waiting.n; k++)
			look_at(&a, entry_of(o->waiting.slot[k].item));
	}
	qsort(a.time, a.n, sizeof *a.time, by_time);
	n = n ? (n - 1) / a.step : 0;
	return a.time[n < a.n ? n : a.n - 1];
}

/* Each key forgets its window up to UNTIL; those with nothing else go. */
static void forget_all(struct slides *s, int64_t until)
{
	struct pq all = s->queue;

	s->queue = (struct pq){ .before = before };
	for (size_t i = 0; i < all.n; i++) {
		struct owner *o = of_pq(all.slot[i].item);

		forget(s, o, win_plus(until, 1));
		if (o->front.head || o->back.head || o->waiting.n)
			requeue(s, o);
		else
			drop_owner(s, o);
	}
	pq_free(&all);
}

int slides_evict(struct slides *s, size_t n, size_t *done, struct err *e)
{
	size_t held = s->held;
	int64_t until;
	int did;

	*done = 0;
	if (!held)
		return 0;
	until = age_of(s, n);
	did = slide_all(s, win_plus(until, 1), true, e);
	forget_all(s, until);
	s->gone = until > s->gone ? until : s->gone;
	*done = held - s->held;
	return did;
}
