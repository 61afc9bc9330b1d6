/*
 * joinrig.h - joins of two streams fed by a script, and what their sink was told as a text.
 *
 *     La5      a left record of key a at time 5; Ra5, a right one
 *     La5x     the same, with a name behind it that tells it from others
 *     L_5      its key is null
 *     La5:9    it waits until 9 (interval.h, where records say how long)
 *     WL10     left's watermark rises to 10; WR10, right's; W10, both
 *     E3       the three that would go first are let go
 *     $        both sides are over
 *
 * The text's words: La5+Ra7 a pair, La5. a record that is settled and had one, La5- one that had
 * none; those of a window are 0-10:La5+Ra7.
 */
#ifndef UNIT_JOINRIG_H
#define UNIT_JOINRIG_H

#include "rig.h"

#include "base/hash.h"
#include "base/stamp.h"
#include "join/joinstate.h"
#include "jsontext.h"

#include <inttypes.h>

/* A kind of join, as a test sets it up. */
struct join_kind {
	void *self;
	const struct joinstate *state;
	int (*add)(void *self, const struct join_arrival *a, struct err *e);
	int (*advance)(void *self, enum side side, int64_t w, struct err *e);
	int (*evict)(void *self, size_t n, struct err *e);
	int (*end)(void *self, struct err *e); /* NULL: there is nothing more to do */
	void (*free)(void *self);
};

struct join_rig {
	struct plan plan;
	struct fed fed;
	struct join_kind kind; /* to be set behind join_start(); freed by join_end() */
	struct buf out;
	uint64_t seq;
	int fails_after; /* the sink fails behind so many words; < 0: never */
};

/* ---- the sink */

/* The record's word of the script, out of the text that was kept of it. */
static inline struct slice join_name(const struct joinrec *r)
{
	assert_true(r->row.json.n > 9 && r->row.json.p[r->row.json.n] == '\n');
	return (struct slice){ r->row.json.p + 7, r->row.json.n - 9 };
}

static inline int join_word(struct join_rig *g, const struct span *window, struct err *e)
{
	if (g->fails_after >= 0 && g->fails_after-- == 0)
		return err_set(e, FAIL_IO, "the sink is full");
	buf_adds(&g->out, g->out.n ? " " : "");
	if (window)
		buf_addf(&g->out, "%" PRId64 "-%" PRId64 ":", window->start, window->end);
	return 0;
}

static inline int join_pair(void *context, struct joinrec *left, struct joinrec *right,
                            const struct span *window, struct err *e)
{
	struct join_rig *g = context;

	assert_true(!left->right && right->right);
	if (join_word(g, window, e) < 0)
		return -1;
	buf_add_slice(&g->out, join_name(left));
	buf_addc(&g->out, '+');
	buf_add_slice(&g->out, join_name(right));
	return 0;
}

static inline int join_settled(void *context, struct joinrec *r, bool matched,
                               const struct span *window, struct err *e)
{
	struct join_rig *g = context;

	if (join_word(g, window, e) < 0)
		return -1;
	buf_add_slice(&g->out, join_name(r));
	buf_addc(&g->out, matched ? '.' : '-');
	return 0;
}

static inline struct join_sink join_sink_of(struct join_rig *g)
{
	return (struct join_sink){ g, join_pair, join_settled };
}

/* ---- setting up */

static inline void join_start(struct join_rig *g)
{
	*g = (struct join_rig){ .fails_after = -1 };
	plan_init(&g->plan);
	g->fed = fed_new(&g->plan);
}

static inline void join_end(struct join_rig *g)
{
	g->kind.free(g->kind.self);
	fed_free(&g->fed);
	plan_free(&g->plan);
	buf_free(&g->out);
}

/* Nothing is kept, and all of it was given back. */
static inline bool join_is_empty(const struct join_rig *g)
{
	const struct joinstate *s = g->kind.state;

	return s->records == 0 && s->keys.used == 0 && s->memory == 0;
}

/* ---- scripts */

/* What a word says of a record; its text is the rig's until the next one. */
static inline struct join_arrival join_arrival_of(struct join_rig *g, const char *word)
{
	struct join_arrival a = { .side = word[0] == 'L' ? SIDE_LEFT : SIDE_RIGHT,
		                  .key = { word + 1, 1 },
		                  .hash = hash_bytes(word + 1, 1),
		                  .lonely = word[1] == '_',
		                  .input = "script",
		                  .line = g->seq + 1,
		                  .seq = g->seq };
	size_t n = strcspn(word, ":");
	char json[80];

	g->seq++;
	a.time = strtoll(word + 2, NULL, 10);
	if (word[n])
		a.until = strtoll(word + n + 1, NULL, 10);
	snprintf(json, sizeof json, "{\"id\":\"%.*s\"}", (int)n, word);
	a.rec = feed(&g->fed, json);
	a.json = (struct slice){ g->fed.text.p, g->fed.text.n - 1 };
	return a;
}

static inline int join_rise(struct join_rig *g, const char *word, struct err *e)
{
	bool one = word[1] == 'L' || word[1] == 'R';
	int64_t w = strtoll(word + 1 + one, NULL, 10);
	int did = 0;

	if (word[1] != 'R')
		did = g->kind.advance(g->kind.self, SIDE_LEFT, w, e);
	if (word[1] != 'L' && did == 0)
		did = g->kind.advance(g->kind.self, SIDE_RIGHT, w, e);
	return did;
}

static inline int join_finish(struct join_rig *g, struct err *e)
{
	const struct join_kind *k = &g->kind;

	if (k->advance(k->self, SIDE_LEFT, STAMP_MAX, e) < 0 ||
	    k->advance(k->self, SIDE_RIGHT, STAMP_MAX, e) < 0)
		return -1;
	return k->end ? k->end(k->self, e) : 0;
}

/* Run a script; -1 where the sink failed. */
static inline int join_script(struct join_rig *g, const char *script, struct err *e)
{
	char word[64];
	int n, did = 0;

	err_clear(e);
	for (; did == 0 && sscanf(script, " %63s%n", word, &n) == 1; script += n) {
		if (word[0] == '$') {
			did = join_finish(g, e);
		} else if (word[0] == 'W') {
			did = join_rise(g, word, e);
		} else if (word[0] == 'E') {
			did = g->kind.evict(g->kind.self, strtoul(word + 1, NULL, 10), e);
		} else {
			struct join_arrival a = join_arrival_of(g, word);

			did = g->kind.add(g->kind.self, &a, e);
			/* nothing may be left that points to what came */
			memset(g->fed.text.p, '#', g->fed.text.n);
		}
	}
	return did;
}

/* ---- texts compared */

static int join_by_name(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;

	return slice_order(*x, *y);
}

/* The words of a text in order of their bytes, of those that WANTED holds for (NULL: all). */
static inline void join_sorted(struct slice text, bool (*wanted)(struct slice word), struct buf *to)
{
	struct slice word[4096];
	size_t n = 0;

	buf_clear(to);
	for (const char *p = text.p, *end = text.n ? text.p + text.n : p; p < end;) {
		const char *blank = memchr(p, ' ', (size_t)(end - p));
		struct slice w = { p, (size_t)((blank ? blank : end) - p) };

		if (!wanted || wanted(w)) {
			assert_true(n < ROWS(word));
			word[n++] = w;
		}
		p = blank ? blank + 1 : end;
	}
	qsort(word, n, sizeof *word, join_by_name);
	for (size_t i = 0; i < n; i++) {
		buf_adds(to, i ? " " : "");
		buf_add_slice(to, word[i]);
	}
}

/* ---- random scripts */

#define FEED_RECORDS 48

struct feed_record {
	enum side side;
	char key;
	int64_t time, until;
	char name[32];    /* its word, without `until` */
	uint64_t arrives; /* order of its side's arrivals, which lies up to the delay behind time */
};

/* A record that comes, or a watermark that rises. */
struct feed_step {
	const struct feed_record *record; /* NULL: SIDE's watermark is W */
	enum side side;
	int64_t w;
};

/* Records of two sides, and one of the orders in which they may come. */
struct join_feed {
	struct feed_record record[FEED_RECORDS];
	size_t n;
	struct feed_step step[2 * FEED_RECORDS];
	size_t steps;
	struct buf script;
};

/* N records with times below RANGE, of keys a, b and null. */
static inline void feed_random(struct join_feed *f, struct chance *c, size_t n, size_t range)
{
	int64_t from = (int64_t)chance_below(c, 30) - 30;

	*f = (struct join_feed){ .n = n };
	for (size_t i = 0; i < n; i++) {
		struct feed_record *r = &f->record[i];

		r->side = chance_below(c, 2) ? SIDE_RIGHT : SIDE_LEFT;
		r->key = "aaaabbb_"[chance_below(c, 8)];
		r->time = from + (int64_t)chance_below(c, range);
		r->until = r->time + (int64_t)chance_below(c, 12) - 2;
		snprintf(r->name, sizeof r->name, "%c%c%" PRId64 "n%zu",
		         r->side == SIDE_LEFT ? 'L' : 'R', r->key, r->time, i);
	}
}

static int feed_by_arrival(const void *a, const void *b)
{
	const struct feed_record *x = a, *y = b;

	return (x->arrives > y->arrives) - (x->arrives < y->arrives);
}

static inline void feed_rise(struct join_feed *f, enum side side, int64_t *w, int64_t to)
{
	if (to <= *w)
		return;
	*w = to;
	f->step[f->steps++] = (struct feed_step){ NULL, side, to };
	buf_addf(&f->script, "W%c%" PRId64 " ", side == SIDE_LEFT ? 'L' : 'R', to);
}

static inline void feed_come(struct join_feed *f, const struct feed_record *r)
{
	f->step[f->steps++] = (struct feed_step){ r, r->side, 0 };
	buf_addf(&f->script, "%s", r->name);
	if (r->side == SIDE_LEFT)
		buf_addf(&f->script, ":%" PRId64, r->until);
	buf_addc(&f->script, ' ');
}

/* The next record of a side from I on. */
static inline size_t feed_next(const struct join_feed *f, size_t i, enum side side)
{
	while (i < f->n && f->record[i].side != side)
		i++;
	return i;
}

/*
 * Let them come in another order: each up to DELAY of event time behind its side's newest, the
 * sides with a lead over one another as it happens; each record's side's watermark, DELAY behind
 * the greatest time, rises before or behind it. The script ends with both sides.
 */
static inline void feed_interleave(struct join_feed *f, struct chance *c, int64_t delay)
{
	int64_t w[2] = { STAMP_NONE, STAMP_NONE };
	size_t at[2], lead = 1 + chance_below(c, 6);

	for (size_t i = 0; i < f->n; i++) {
		struct feed_record *r = &f->record[i];
		int64_t late = (int64_t)chance_below(c, (size_t)delay + 1);

		/* times are small; those that would come at once are mixed */
		r->arrives = (uint64_t)(r->time + late + 1000) << 32 | chance_bits(c) >> 32;
	}
	qsort(f->record, f->n, sizeof *f->record, feed_by_arrival);
	f->steps = 0;
	buf_clear(&f->script);
	at[SIDE_LEFT] = feed_next(f, 0, SIDE_LEFT);
	at[SIDE_RIGHT] = feed_next(f, 0, SIDE_RIGHT);
	while (at[SIDE_LEFT] < f->n || at[SIDE_RIGHT] < f->n) {
		enum side side = chance_below(c, lead + 1) ? SIDE_RIGHT : SIDE_LEFT;
		const struct feed_record *r;
		bool before = chance_below(c, 2);

		if (chance_below(c, 10) == 0)
			lead = chance_below(c, 6);
		if (at[side] == f->n)
			side = side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
		r = &f->record[at[side]];
		at[side] = feed_next(f, at[side] + 1, side);
		if (before)
			feed_rise(f, side, &w[side], r->time - delay);
		feed_come(f, r);
		feed_rise(f, side, &w[side], r->time - delay);
	}
	buf_adds(&f->script, "$");
	buf_addc(&f->script, '\0');
}

static inline void feed_free(struct join_feed *f)
{
	buf_free(&f->script);
}

/* Run SCRIPT where the sink fails at its Nth word, and end: does it come to that? */
static inline bool join_fails_at(struct join_rig *g, int n, const char *script)
{
	struct err e;
	int did;

	g->fails_after = n;
	did = join_script(g, script, &e);
	if (did < 0)
		assert_int_equal(e.kind, FAIL_IO);
	join_end(g);
	return did < 0;
}

#endif
