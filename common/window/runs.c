#include "runs.h"

#include "base/alloc.h"
#include "base/stamp.h"

#include <stdlib.h>

struct owner;

struct run {
	struct owner *owner;
	struct run *next; /* of the same key, opened later */
	int64_t first, last;
	uint64_t records;
	bool dirty;
	char state[] __attribute__((aligned(16))); /* and what the records before it left to it */
};

/* A key with its open windows, oldest first: several with RUNS_ROWS alone. */
struct owner {
	struct map_item item;
	struct run *run, **end;
	uint64_t records; /* of the key so far */
	struct buf value; /* RUNS_VALUE: what the open window lasts as long as */
	char *before;     /* what its records leave to the next window (increase); NULL: nothing */
	char key[];
};

struct runs {
	struct win_opts opts;
	struct runs_opts runs;
	int64_t tick;
	struct map owners;
	size_t open;
	int64_t next_close; /* with a gap: nothing is to be closed before W reaches this */
	size_t carry_size;
	void *one; /* the state of one record, for what it leaves */
};

struct runs *runs_new(const struct runs_opts *runs, const struct win_opts *opts)
{
	struct runs *s = alloc_zero(1, sizeof *s);

	s->opts = *opts;
	s->runs = *runs;
	s->tick = STAMP_NONE;
	s->next_close = STAMP_MAX;
	s->carry_size = aggset_carry_size(opts->aggs);
	s->one = s->carry_size ? alloc_zero(1, aggset_size(opts->aggs)) : NULL;
	return s;
}

/* Bytes of a window's state, behind which stands what is carried to it. */
static size_t state_size(const struct runs *s)
{
	return (aggset_size(s->opts.aggs) + 7) & ~(size_t)7;
}

static size_t run_size(const struct runs *s)
{
	return sizeof(struct run) + state_size(s) + s->carry_size;
}

size_t runs_groups(const struct runs *s)
{
	return s->open;
}

size_t runs_keys(const struct runs *s)
{
	return s->owners.used;
}

size_t runs_memory(const struct runs *s)
{
	size_t bytes = map_memory(&s->owners);

	for (size_t i = 0; i < map_slots(&s->owners); i++) {
		const struct owner *o = (const struct owner *)(void *)map_at(&s->owners, i);

		bytes += o ? alloc_taken(sizeof *o + o->item.key_len) : 0;
		bytes += o && o->value.cap ? alloc_taken(o->value.cap) : 0;
		bytes += o && o->before ? alloc_taken(s->carry_size) : 0;
		for (const struct run *x = o ? o->run : NULL; x; x = x->next)
			bytes += alloc_taken(run_size(s)) + aggset_memory(s->opts.aggs, x->state);
	}
	return bytes;
}

/* ---- keys and their windows */

static struct owner *owner_of(struct runs *s, const struct win_record *r)
{
	struct owner *o = (struct owner *)(void *)map_find(&s->owners, r->key, r->hash);

	if (o)
		return o;
	o = alloc_array(1, sizeof *o + r->key.n);
	*o = (struct owner){ .end = &o->run };
	o->before = s->carry_size ? alloc_zero(1, s->carry_size) : NULL;
	if (r->key.n)
		memcpy(o->key, r->key.p, r->key.n);
	o->item = (struct map_item){ r->hash, o->key, (uint32_t)r->key.n };
	map_add(&s->owners, &o->item);
	return o;
}

static void note_close(struct runs *s, const struct run *x)
{
	int64_t at = win_plus(win_plus(x->last, s->runs.gap), 1);

	if (s->runs.gap && at < s->next_close)
		s->next_close = at;
}

static struct run *open_run(struct runs *s, struct owner *o, int64_t time)
{
	struct run *x = alloc_zero(1, run_size(s));

	x->owner = o;
	if (o->before)
		memcpy(x->state + state_size(s), o->before, s->carry_size);
	x->first = x->last = time;
	*o->end = x;
	o->end = &x->next;
	s->open++;
	note_close(s, x);
	return x;
}

/* Take a window away from its key. */
static void drop_run(struct runs *s, struct run *x)
{
	struct owner *o = x->owner;
	struct run **at = &o->run;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	if (!*at)
		o->end = at;
	aggset_drop(s->opts.aggs, x->state);
	free(x);
	s->open--;
}

static void drop_owner(struct runs *s, struct owner *o)
{
	while (o->run)
		drop_run(s, o->run);
	map_remove(&s->owners, &o->item);
	buf_free(&o->value);
	free(o->before);
	free(o);
}

/* Drop a key that has no window, unless what its records leave is to be known. */
static void drop_idle(struct runs *s, struct owner *o)
{
	if (!o->run && !o->before)
		drop_owner(s, o);
}

void runs_free(struct runs *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < map_slots(&s->owners);) {
		if (map_at(&s->owners, i))
			drop_owner(s, (struct owner *)(void *)map_at(&s->owners, i));
		else
			i++;
	}
	map_free(&s->owners);
	free(s->one);
	free(s);
}

/* ---- results */

static int hand_out(struct runs *s, const struct run *x, struct win_result *r, struct err *e)
{
	r->start = x->first;
	r->end = x->last;
	r->inclusive = true;
	r->key = (struct slice){ x->owner->key, x->owner->item.key_len };
	r->state = x->state;
	r->before = s->carry_size ? x->state + state_size(s) : NULL;
	return s->opts.sink.take(s->opts.sink.context, r, e);
}

/* The oldest window of a key is done. */
static int close_run(struct runs *s, struct owner *o, struct err *e)
{
	int did = hand_out(s, o->run, &(struct win_result){ 0 }, e);

	drop_run(s, o->run);
	return did;
}

/* ---- records */

/* The windows that its key opens from here on come behind a record. */
static void leave(struct runs *s, struct owner *o, const struct win_record *r)
{
	struct agg_record record = { .time = r->time, .line = r->line };

	if (!o->before)
		return;
	aggset_add(s->opts.aggs, s->one, &record);
	aggset_carry(s->opts.aggs, o->before, s->one);
	aggset_drop(s->opts.aggs, s->one);
	memset(s->one, 0, aggset_size(s->opts.aggs));
}

static void put(struct runs *s, struct run *x, const struct win_record *r)
{
	struct agg_record record = { .time = r->time, .line = r->line };

	aggset_add(s->opts.aggs, x->state, &record);
	x->records++;
	x->dirty = true;
	x->first = r->time < x->first ? r->time : x->first;
	x->last = r->time > x->last ? r->time : x->last;
}

static int early(struct runs *s, const struct run *x, struct err *e)
{
	if (s->opts.emit == EMIT_UPDATE ||
	    (s->opts.emit == EMIT_COUNT && x->records % (uint64_t)s->opts.emit_arg == 0))
		return hand_out(s, x, &(struct win_result){ .early = true }, e);
	return 0;
}

static int add_rows(struct runs *s, struct owner *o, const struct win_record *r, struct err *e)
{
	struct run *x;

	if (o->records++ % s->runs.every == 0)
		open_run(s, o, r->time);
	leave(s, o, r);
	for (x = o->run; x; x = x->next) {
		put(s, x, r);
		if (x->records < s->runs.rows && early(s, x, e) < 0)
			return -1;
	}
	if (!o->run || o->run->records < s->runs.rows)
		return 0;
	if (close_run(s, o, e) < 0)
		return -1;
	/* a key at the start again is as good as one never seen */
	if (o->records % s->runs.every == 0)
		drop_idle(s, o);
	return 0;
}

/* The window that a record counts in, those before it closed; NULL with *FAILED, or if none is. */
static struct run *run_of(struct runs *s, struct owner *o, const struct win_record *r, bool *failed,
                          struct err *e)
{
	bool changed =
		s->runs.kind == RUNS_VALUE && o->run && !slice_same(buf_slice(&o->value), r->run);
	bool too_long =
		s->runs.longest && o->run && win_plus(o->run->first, s->runs.longest) < r->time;
	bool apart = s->runs.gap && o->run && win_plus(o->run->last, s->runs.gap) < r->time;

	*failed = (changed || too_long || apart) && close_run(s, o, e) < 0;
	if (*failed || o->run)
		return o->run;
	if (s->runs.kind == RUNS_MARKED && !r->begins)
		return NULL;
	if (s->runs.kind == RUNS_VALUE) {
		buf_clear(&o->value);
		buf_add_slice(&o->value, r->run);
	}
	return open_run(s, o, r->time);
}

enum win_taken runs_add(struct runs *s, const struct win_record *r, struct err *e)
{
	struct owner *o = owner_of(s, r);
	struct run *x;
	bool failed;

	if (s->runs.kind == RUNS_ROWS)
		return add_rows(s, o, r, e) < 0 ? WIN_FAILED : WIN_TAKEN;
	x = run_of(s, o, r, &failed, e);
	if (failed)
		return WIN_FAILED;
	leave(s, o, r);
	if (!x) {
		drop_idle(s, o);
		return WIN_NOWHERE;
	}
	put(s, x, r);
	if (s->runs.kind == RUNS_MARKED && r->ends) {
		int did = close_run(s, o, e);

		drop_idle(s, o);
		return did < 0 ? WIN_FAILED : WIN_TAKEN;
	}
	return early(s, x, e) < 0 ? WIN_FAILED : WIN_TAKEN;
}

/* ---- the watermark */

static int in_order(const void *a, const void *b)
{
	const struct run *x = *(struct run *const *)a, *y = *(struct run *const *)b;

	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return slice_order((struct slice){ x->owner->key, x->owner->item.key_len },
	                   (struct slice){ y->owner->key, y->owner->item.key_len });
}

/* Windows whose last record is at or before UNTIL (or that changed, if DIRTY), in order. */
static struct run **list(const struct runs *s, int64_t until, bool dirty, size_t *n)
{
	struct run **all = alloc_array(s->open + 1, sizeof(struct run *)), *x;

	*n = 0;
	for (size_t i = 0; i < map_slots(&s->owners); i++) {
		const struct owner *o = (const struct owner *)(void *)map_at(&s->owners, i);

		for (x = o ? o->run : NULL; x; x = x->next)
			if (dirty ? x->dirty : x->last <= until)
				all[(*n)++] = x;
	}
	qsort(all, *n, sizeof(struct run *), in_order);
	return all;
}

static int tick(struct runs *s, int64_t w, struct err *e)
{
	struct run **all;
	size_t n;
	int did = 0;

	if (!win_ticks(w, s->opts.emit_arg, &s->tick))
		return 0;
	all = list(s, 0, true, &n);
	for (size_t i = 0; i < n && did == 0; i++) {
		all[i]->dirty = false;
		did = hand_out(s, all[i], &(struct win_result){ .early = true }, e);
	}
	free(all);
	return did;
}

static int close_all(struct runs *s, int64_t until, struct err *e)
{
	size_t n;
	struct run **all = list(s, until, false, &n);
	int did = 0;

	for (size_t i = 0; i < n && did == 0; i++) {
		bool partial = s->runs.kind == RUNS_ROWS && all[i]->records < s->runs.rows;

		did = hand_out(s, all[i], &(struct win_result){ .partial = partial }, e);
	}
	for (size_t i = 0; i < n; i++) {
		struct owner *o = all[i]->owner;

		drop_run(s, all[i]);
		if (s->runs.kind == RUNS_MARKED)
			drop_idle(s, o);
	}
	free(all);
	return did;
}

/* Forget what the records of keys left that have no window and are not within a count of rows. */
static void forget_idle(struct runs *s)
{
	for (size_t i = 0; i < map_slots(&s->owners);) {
		struct owner *o = (struct owner *)(void *)map_at(&s->owners, i);

		if (o && !o->run && (s->runs.kind != RUNS_ROWS || o->records % s->runs.every == 0))
			drop_owner(s, o); /* another may move here */
		else
			i++;
	}
}

int runs_evict(struct runs *s, size_t n, size_t *done, struct err *e)
{
	size_t open;
	struct run **all = list(s, STAMP_MAX, false, &open);
	int did = 0;

	*done = n < open ? n : open;
	for (size_t i = 0; i < *done && did == 0; i++)
		did = hand_out(s, all[i], &(struct win_result){ .early = true }, e);
	for (size_t i = 0; i < *done; i++) {
		struct owner *o = all[i]->owner;

		drop_run(s, all[i]);
		if (!o->run)
			drop_owner(s, o);
	}
	if (s->carry_size && s->owners.used / 2 > open)
		forget_idle(s);
	free(all);
	return did;
}

static void find_next_close(struct runs *s)
{
	s->next_close = STAMP_MAX;
	for (size_t i = 0; i < map_slots(&s->owners); i++) {
		const struct owner *o = (const struct owner *)(void *)map_at(&s->owners, i);

		for (const struct run *x = o ? o->run : NULL; x; x = x->next)
			note_close(s, x);
	}
}

int64_t runs_frontier(const struct runs *s, int64_t w)
{
	/* one that a record at W opens may end there, and its result is of the instant before */
	w = win_plus(w, w == STAMP_MAX ? 0 : -1);
	for (size_t i = 0; w != STAMP_MAX && i < map_slots(&s->owners); i++) {
		const struct owner *o = (const struct owner *)(void *)map_at(&s->owners, i);

		for (const struct run *x = o ? o->run : NULL; x; x = x->next)
			w = x->last - 1 < w ? x->last - 1 : w;
	}
	return w;
}

int runs_advance(struct runs *s, int64_t w, struct err *e)
{
	if (w == STAMP_MAX)
		return close_all(s, STAMP_MAX, e);
	if (w >= s->next_close) {
		if (close_all(s, win_plus(w, -s->runs.gap - 1), e) < 0)
			return -1;
		find_next_close(s);
	}
	return s->opts.emit == EMIT_EVERY ? tick(s, w, e) : 0;
}

int runs_show(struct runs *s, const struct win_sink *to, struct err *e)
{
	struct win_sink own = s->opts.sink;
	int did = 0;

	s->opts.sink = *to;
	for (size_t i = 0; i < map_slots(&s->owners) && did == 0; i++) {
		const struct owner *o = (const struct owner *)(void *)map_at(&s->owners, i);

		for (const struct run *x = o ? o->run : NULL; x && did == 0; x = x->next)
			did = hand_out(s, x, &(struct win_result){ .early = true }, e);
	}
	s->opts.sink = own;
	return did;
}
