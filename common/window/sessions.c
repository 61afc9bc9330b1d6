#include "sessions.h"

#include "base/alloc.h"
#include "base/pq.h"
#include "base/stamp.h"
#include "carries.h"

#include <stdlib.h>

#define KEY_ROOM 32 /* bytes; keys that fit use each other's blocks again */

struct owner;

struct session {
	struct pq_item item; /* first */
	union {
		struct owner *owner;  /* NULL: it has become part of another */
		struct session *next; /* of a spare one */
	};
	int64_t first, last; /* times of its records */
	int64_t due;         /* when something happens to it: it closes, or is forgotten */
	int64_t queued;      /* the least time that it is in the queue under */
	uint64_t since;      /* records since its last early result */
	uint32_t results;    /* final ones that were handed out */
	uint32_t entries;    /* of it in the queue */
	bool closed, dirty;
	char state[] __attribute__((aligned(16)));
};

/* A key with its sessions, ascending by first time and by last. */
struct owner {
	struct map_item item;
	union {
		struct session **session; /* ONE, as long as there is room in it */
		struct owner *next;       /* of a spare one */
	};
	size_t n, cap;
	struct session *one[1];
	char key[];
};

struct sessions {
	struct win_opts opts;
	int64_t gap, longest;
	int64_t w, tick;
	struct map owners;
	/*
	 * All sessions, each under a time when it was due: it may have become due later since, and
	 * is put back when its turn comes; or sooner, and is in it twice.
	 */
	struct pq queue;
	size_t open;           /* sessions that there are */
	struct session **turn; /* those whose turn it is */
	size_t turn_cap;
	struct session *spare;     /* blocks for new ones, linked by `next` */
	struct owner *spare_owner; /* the same, with room for KEY_ROOM */
	struct carries carries;
	char *before; /* what is carried to the result that is handed out */
	char *left;   /* what was carried to the session behind a late record, and what is now */
};

/* ---- what is due next */

static struct slice key_of(const struct session *x)
{
	return (struct slice){ x->owner->key, x->owner->item.key_len };
}

static struct session *of_item(const struct pq_item *i)
{
	return (struct session *)(void *)i; /* its first member */
}

/* The session that the queue has at I; NULL where it is in it twice, here for the second time, or
 * no more. */
static struct session *entry(const struct sessions *s, size_t i)
{
	struct session *x = of_item(s->queue.slot[i].item);

	return x->owner && s->queue.slot[i].key == x->queued ? x : NULL;
}

/* As results are ordered. */
static int in_order(const void *a, const void *b)
{
	const struct session *x = *(struct session *const *)a, *y = *(struct session *const *)b;

	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return slice_order(key_of(x), key_of(y));
}

struct sessions *sessions_new(int64_t gap, int64_t longest, const struct win_opts *opts)
{
	struct sessions *s = alloc_zero(1, sizeof *s);

	s->opts = *opts;
	s->gap = gap;
	s->longest = longest;
	s->w = s->tick = STAMP_NONE;
	s->queue.loose = true;
	carries_init(&s->carries, opts->aggs);
	s->before = s->carries.size ? alloc_zero(1, s->carries.size) : NULL;
	s->left = s->carries.size ? alloc_zero(2, s->carries.size) : NULL;
	return s;
}

size_t sessions_groups(const struct sessions *s)
{
	return s->open;
}

static size_t owner_memory(const struct owner *o)
{
	size_t room = o->item.key_len < KEY_ROOM ? KEY_ROOM : o->item.key_len;

	return alloc_taken(sizeof *o + room) +
	       (o->cap > 1 ? alloc_taken(o->cap * sizeof(struct session *)) : 0);
}

size_t sessions_memory(const struct sessions *s)
{
	size_t each = alloc_taken(sizeof(struct session) + aggset_size(s->opts.aggs));
	size_t bytes = map_memory(&s->owners) + s->queue.cap * sizeof(struct pq_slot) +
	               carries_memory(&s->carries);

	for (size_t i = 0; i < map_slots(&s->owners); i++) {
		const struct owner *o = (const struct owner *)(void *)map_at(&s->owners, i);

		bytes += o ? owner_memory(o) : 0;
	}
	for (size_t i = 0; i < s->queue.n; i++) {
		const struct session *x = entry(s, i);

		bytes += each + (x ? aggset_memory(s->opts.aggs, x->state) : 0);
	}
	return bytes;
}

static int64_t end_of(const struct sessions *s, const struct session *x)
{
	return win_plus(x->last, s->gap);
}

/* ---- keys and their sessions */

static struct owner *owner_of(struct sessions *s, const struct win_record *r)
{
	struct owner *o = (struct owner *)(void *)map_find(&s->owners, r->key, r->hash);

	if (o)
		return o;
	if (r->key.n <= KEY_ROOM && s->spare_owner) {
		o = s->spare_owner;
		s->spare_owner = o->next;
	} else {
		o = alloc_array(1, sizeof *o + (r->key.n < KEY_ROOM ? KEY_ROOM : r->key.n));
	}
	o->n = 0;
	if (r->key.n)
		memcpy(o->key, r->key.p, r->key.n);
	o->item = (struct map_item){ r->hash, o->key, (uint32_t)r->key.n };
	o->session = o->one;
	o->cap = 1;
	map_add(&s->owners, &o->item);
	return o;
}

static void drop_owner(struct sessions *s, struct owner *o)
{
	if (o->n)
		return;
	map_remove(&s->owners, &o->item);
	if (o->session != o->one)
		free(o->session);
	if (o->item.key_len > KEY_ROOM) {
		free(o);
		return;
	}
	o->next = s->spare_owner;
	s->spare_owner = o;
}

/* The first of a key's sessions whose last record is at or behind T. */
static size_t place(const struct owner *o, int64_t t)
{
	size_t lo = 0, hi = o->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->session[mid]->last < t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Put a session, which is due, into the queue. */
static void enqueue(struct sessions *s, struct session *x)
{
	pq_add(&s->queue, &x->item, x->due);
	x->queued = x->due;
	x->entries++;
}

static void spare(struct sessions *s, struct session *x)
{
	x->next = s->spare;
	s->spare = x;
}

/* Let the sessions one of which is first when this one is gone come into the cache. */
static void look_ahead(const struct sessions *s)
{
	for (size_t i = 1; i < 3 && i < s->queue.n; i++)
		__builtin_prefetch(s->queue.slot[i].item);
}

/* Take the first out of the queue. NULL: it was in it twice, or is no more. */
static struct session *dequeue(struct sessions *s)
{
	struct session *x = entry(s, 0);
	struct pq_item *first = pq_first(&s->queue);
	struct session *gone = of_item(first);

	pq_remove(&s->queue, first);
	look_ahead(s);
	gone->entries--;
	if (x) {
		x->queued = STAMP_NONE; /* so that it has no other of the same time */
		__builtin_prefetch(x->owner);
	} else if (!gone->entries && !gone->owner) {
		spare(s, gone);
	}
	return x;
}

/* Take a session from its key; its state is dropped. */
static void disown(struct sessions *s, struct session *x)
{
	struct owner *o = x->owner;
	size_t i = place(o, x->last);

	o->n--;
	memmove(o->session + i, o->session + i + 1, (o->n - i) * sizeof(struct session *));
	aggset_drop(s->opts.aggs, x->state);
	x->owner = NULL;
	s->open--;
}

/* ---- what is carried */

/* What a key's sessions before X leave to it: those that are gone, and still there. */
static const void *before_of(const struct sessions *s, const struct session *x)
{
	const struct owner *o = x->owner;

	if (!s->carries.size)
		return NULL;
	carries_get(&s->carries, key_of(x), o->item.hash, s->before);
	for (size_t i = 0; i < o->n && o->session[i] != x; i++)
		aggset_carry(s->opts.aggs, s->before, o->session[i]->state);
	return s->before;
}

/* ---- the end of a session */

/* Drop a session, and its key where it was the last of it. It is freed with what the queue has. */
static void drop(struct sessions *s, struct session *x)
{
	struct owner *o = x->owner;

	if (s->carries.size)
		carries_add(&s->carries, key_of(x), o->item.hash, x->state);
	disown(s, x);
	drop_owner(s, o);
	if (!x->entries)
		spare(s, x);
}

void sessions_free(struct sessions *s)
{
	struct session *x;

	if (!s)
		return;
	while (s->queue.n)
		if ((x = dequeue(s)))
			drop(s, x);
	while ((x = s->spare)) {
		s->spare = x->next;
		free(x);
	}
	for (struct owner *o; (o = s->spare_owner); free(o))
		s->spare_owner = o->next;
	carries_forget(&s->carries);
	map_free(&s->owners);
	pq_free(&s->queue);
	free(s->before);
	free(s->left);
	free(s->turn);
	free(s);
}

/* ---- results */

static int hand_out(struct sessions *s, const struct session *x, struct win_result *r,
                    struct err *e)
{
	r->start = x->first;
	r->end = end_of(s, x);
	r->key = key_of(x);
	r->state = x->state;
	r->before = r->before ? r->before : before_of(s, x);
	return s->opts.sink.take(s->opts.sink.context, r, e);
}

/* A final result: the first, or a correction. */
static int hand_out_final(struct sessions *s, struct session *x, struct err *e)
{
	return hand_out(s, x, &(struct win_result){ .revision = x->results++ }, e);
}

/* ---- records */

/* Would a record at T be part of X? */
static bool touches(const struct sessions *s, const struct session *x, int64_t t)
{
	int64_t first = t < x->first ? t : x->first, last = t > x->last ? t : x->last;

	if (win_plus(x->last, s->gap) < t || win_plus(t, s->gap) < x->first)
		return false;
	return !s->longest || win_plus(first, s->longest) >= last;
}

/* Two sessions that a record joins become the earlier one. */
static void join(struct sessions *s, struct session *a, struct session *b)
{
	int64_t last = a->last > b->last ? a->last : b->last;

	aggset_merge(s->opts.aggs, a->state, b->state);
	a->since += b->since;
	a->results = a->results > b->results ? a->results : b->results;
	disown(s, b);
	a->last = last;
}

/* For one session more. */
static void make_room(struct owner *o)
{
	if (o->n < o->cap)
		return;
	if (o->session == o->one) {
		o->session = NULL;
		o->cap = 0;
	}
	o->session = alloc_grow(o->session, &o->cap, o->n + 1, sizeof(struct session *));
	if (o->n == 1)
		o->session[0] = o->one[0];
}

static struct session *open_session(struct sessions *s, struct owner *o, int64_t t)
{
	size_t size = sizeof(struct session) + aggset_size(s->opts.aggs), i = place(o, t);
	struct session *x = s->spare;

	if (x) {
		s->spare = x->next;
		memset(x, 0, size);
	} else {
		x = alloc_zero(1, size);
	}

	x->owner = o;
	x->first = x->last = t;
	make_room(o);
	memmove(o->session + i + 1, o->session + i, (o->n - i) * sizeof(struct session *));
	o->session[i] = x;
	o->n++;
	s->open++;
	return x;
}

/* Withdraw what was said of a session that is about to change, or that BEFORE was carried to; NULL:
 * what is carried now. */
static int withdraw(struct sessions *s, const struct session *x, const void *before, struct err *e)
{
	if (!x->closed || !s->opts.retract)
		return 0;
	return hand_out(s, x,
	                &(struct win_result){
				.revision = x->results - 1, .retracted = true, .before = before },
	                e);
}

/* May X, which a record at T touches, be joined to FOUND, which it does too? */
static bool fits(const struct sessions *s, const struct session *found, const struct session *x,
                 int64_t t)
{
	int64_t first = t < found->first ? t : found->first;

	return !s->longest || win_plus(first, s->longest) >= x->last;
}

/*
 * The session of a record, with those joined that it bridges; a new one is not in the queue yet.
 * NULL: late or failed.
 */
static struct session *session_of(struct sessions *s, struct owner *o, int64_t t,
                                  enum win_taken *taken, struct err *e)
{
	struct session *x, *found = NULL;
	size_t i = place(o, win_plus(t, -s->gap));

	*taken = WIN_FAILED;
	while (i < o->n && (x = o->session[i])->first <= win_plus(t, s->gap)) {
		i++;
		if (!touches(s, x, t) || (found && !fits(s, found, x, t)))
			continue;
		if (withdraw(s, x, NULL, e) < 0)
			return NULL;
		if (found) {
			join(s, found, x);
			i--;
			continue;
		}
		found = x;
	}
	*taken = WIN_LATE;
	if (!found && win_plus(win_plus(t, s->gap), s->opts.lateness) < s->w)
		return NULL;
	*taken = WIN_TAKEN;
	return found ? found : open_session(s, o, t);
}

static void put(struct sessions *s, struct session *x, const struct win_record *r)
{
	struct agg_record record = { .time = r->time,
		                     .line = r->line,
		                     .settled = win_plus(s->w, -s->opts.lateness) };

	aggset_add(s->opts.aggs, x->state, &record);
	x->since++;
	x->dirty = true;
	x->first = r->time < x->first ? r->time : x->first;
	x->last = r->time > x->last ? r->time : x->last;
}

/* Behind a record: is a correction, or an early result, due at once? */
static int say(struct sessions *s, struct session *x, struct err *e)
{
	if (x->closed)
		return hand_out_final(s, x, e);
	if (s->opts.emit != EMIT_UPDATE &&
	    (s->opts.emit != EMIT_COUNT || x->since < (uint64_t)s->opts.emit_arg))
		return 0;
	x->since = 0;
	return hand_out(s, x, &(struct win_result){ .early = true }, e);
}

/* The first session behind a record, which it does not touch, as long as corrections may change
 * what is carried to it: noted in s->left. NULL: there is none. */
static struct session *note_behind(struct sessions *s, const struct owner *o, int64_t t)
{
	if (!s->carries.size || !s->opts.lateness)
		return NULL;
	for (size_t i = place(o, t); i < o->n; i++) {
		struct session *x = o->session[i];

		if (x->first > win_plus(t, s->gap)) {
			memcpy(s->left, before_of(s, x), s->carries.size);
			return x;
		}
	}
	return NULL;
}

/* Sessions from X on that had their result: they are corrected where what is carried changed. */
static int correct_behind(struct sessions *s, struct session *x, struct err *e)
{
	const struct owner *o = x->owner;
	char *old = s->left, *now = old + s->carries.size;
	size_t i = 0;
	int did = 0;

	memcpy(now, before_of(s, x), s->carries.size);
	while (o->session[i] != x)
		i++;
	for (; did == 0 && i < o->n && memcmp(old, now, s->carries.size) != 0; i++) {
		x = o->session[i];
		did = withdraw(s, x, old, e);
		if (x->closed && did == 0)
			did = hand_out_final(s, x, e);
		aggset_carry(s->opts.aggs, old, x->state);
		aggset_carry(s->opts.aggs, now, x->state);
	}
	return did;
}

void sessions_expect(const struct sessions *s, uint64_t hash)
{
	map_expect(&s->owners, hash);
}

enum win_taken sessions_add(struct sessions *s, const struct win_record *r, struct err *e)
{
	struct owner *o = owner_of(s, r);
	enum win_taken taken;
	struct session *behind = note_behind(s, o, r->time);
	struct session *x = session_of(s, o, r->time, &taken, e);

	if (!x) {
		drop_owner(s, o);
		return taken;
	}
	put(s, x, r);
	x->closed = end_of(s, x) < s->w;
	x->due = x->closed ? win_plus(end_of(s, x), s->opts.lateness) : end_of(s, x);
	if (!x->entries || x->due < x->queued)
		enqueue(s, x);
	if (say(s, x, e) < 0 || (behind && correct_behind(s, behind, e) < 0))
		return WIN_FAILED;
	return WIN_TAKEN;
}

/*
 * Take the sessions out of the queue that are due before W, but no more than MOST, and order them:
 * s->turn[0 .. returned - 1].
 */
static size_t whose_turn(struct sessions *s, int64_t w, size_t most)
{
	size_t n = 0;

	while (n < most && s->queue.n && (s->queue.slot[0].key < w || w == STAMP_MAX)) {
		int64_t turn = s->queue.slot[0].key;
		struct session *x = dequeue(s);

		if (!x)
			continue;
		if (x->due > turn) {
			enqueue(s, x);
		} else {
			s->turn = alloc_grow(s->turn, &s->turn_cap, n + 1, sizeof *s->turn);
			s->turn[n++] = x;
		}
	}
	if (n > 1)
		qsort(s->turn, n, sizeof *s->turn, in_order);
	return n;
}

int sessions_evict(struct sessions *s, size_t n, size_t *done, struct err *e)
{
	size_t all = whose_turn(s, STAMP_MAX, n);
	int did = 0;

	for (*done = 0; *done < all; ++*done) {
		struct session *x = s->turn[*done];

		if (!x->closed && did == 0)
			did = hand_out(s, x, &(struct win_result){ .early = true }, e);
		drop(s, x);
	}
	if (s->carries.of.used / 2 > s->open)
		carries_forget(&s->carries);
	return did;
}

/* ---- the watermark */

/* EMIT_EVERY: what has changed in the sessions that are open. */
static int tick(struct sessions *s, struct err *e)
{
	struct session **list;
	size_t n = 0;
	int did = 0;

	if (s->w == STAMP_MAX || !win_ticks(s->w, s->opts.emit_arg, &s->tick))
		return 0;
	list = alloc_array(s->queue.n + 1, sizeof(struct session *));
	for (size_t i = 0; i < s->queue.n; i++) {
		struct session *x = entry(s, i);

		if (x && !x->closed && x->dirty)
			list[n++] = x;
	}
	qsort(list, n, sizeof(struct session *), in_order);
	for (size_t i = 0; i < n && did == 0; i++) {
		list[i]->dirty = false;
		did = hand_out(s, list[i], &(struct win_result){ .early = true }, e);
	}
	free(list);
	return did;
}

int64_t sessions_frontier(const struct sessions *s, int64_t w)
{
	/* one that ends at W is still open, and its result is of the instant before */
	return w == STAMP_MAX ? w : win_plus(w, -s->opts.lateness - 1);
}

int sessions_advance(struct sessions *s, int64_t w, struct err *e)
{
	size_t n = whose_turn(s, w, SIZE_MAX);
	int did = 0;

	s->w = w;
	for (size_t i = 0; i < n; i++) {
		struct session *x = s->turn[i];

		if (!x->closed && did == 0) {
			did = hand_out_final(s, x, e);
			x->closed = true;
			x->due = win_plus(x->due, s->opts.lateness);
		}
		if (x->closed && (x->due < w || w == STAMP_MAX))
			drop(s, x);
		else
			enqueue(s, x);
	}
	return did == 0 && s->opts.emit == EMIT_EVERY ? tick(s, e) : did;
}

int sessions_show(struct sessions *s, const struct win_sink *to, struct err *e)
{
	struct win_sink own = s->opts.sink;
	int did = 0;

	s->opts.sink = *to;
	for (size_t i = 0; i < s->queue.n && did == 0; i++) {
		const struct session *x = entry(s, i);

		if (x && !x->closed)
			did = hand_out(s, x, &(struct win_result){ .early = true }, e);
	}
	s->opts.sink = own;
	return did;
}
