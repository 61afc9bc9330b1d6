/*
 * winrig.h - windows of every kind fed by a script, and what they hand out as a text.
 *
 *     a5       a record of key a at time 5; its value .v is its time
 *     a5:7     its value is 7
 *     a5=x     --run gives x; a5< begins a window, a5> ends one, a5<> is both
 *     W10      the watermark rises to 10
 *     E5       about 5 groups have to go
 *     $        to the end of time
 *
 * Results are "0-10 a VALUE", joined by "; ", behind them marks: rN (revision), early, gone
 * (retracted), partial. How many had to go stands there as "5 went". What became of a record that
 * is not simply taken stands there too: late a5, missed a5, nowhere a5.
 */
#ifndef UNIT_WINRIG_H
#define UNIT_WINRIG_H

#include "rig.h"

#include "base/hash.h"
#include "base/stamp.h"
#include "window/window.h"

#include <ctype.h>
#include <inttypes.h>

/* A kind of window, as a test sets it up. */
struct win_kind {
	void *self;
	enum win_taken (*add)(void *self, const struct win_record *r, struct err *e);
	int (*advance)(void *self, int64_t w, struct err *e);
	size_t (*groups)(const void *self);
	int (*evict)(void *self, size_t n, size_t *done, struct err *e);
	void (*free)(void *self);
};

/* The functions that make a win_kind out of a module's. */
#define WIN_KIND(name)                                                                             \
	static enum win_taken name##_add_(void *self, const struct win_record *r, struct err *e)   \
	{                                                                                          \
		return name##_add(self, r, e);                                                     \
	}                                                                                          \
	static int name##_advance_(void *self, int64_t w, struct err *e)                           \
	{                                                                                          \
		return name##_advance(self, w, e);                                                 \
	}                                                                                          \
	static size_t name##_groups_(const void *self)                                             \
	{                                                                                          \
		return name##_groups(self);                                                        \
	}                                                                                          \
	static int name##_evict_(void *self, size_t n, size_t *done, struct err *e)                \
	{                                                                                          \
		return name##_evict(self, n, done, e);                                             \
	}                                                                                          \
	static void name##_free_(void *self)                                                       \
	{                                                                                          \
		name##_free(self);                                                                 \
	}                                                                                          \
	static struct win_kind name##_kind(struct name *self)                                      \
	{                                                                                          \
		return (struct win_kind){ self,           name##_add_,   name##_advance_,          \
			                  name##_groups_, name##_evict_, name##_free_ };           \
	}

struct win_rig {
	struct plan plan;
	struct heap heap;
	struct fed fed;
	struct win_opts opts; /* opts.aggs and opts.sink are set by win_start() */
	struct win_kind kind; /* to be set behind it; freed by win_end() */
	struct buf out;
	int fails_after; /* the sink fails behind so many results; < 0: never */
};

static inline void win_say(struct win_rig *r, const char *what)
{
	if (r->out.n)
		buf_adds(&r->out, "; ");
	buf_adds(&r->out, what);
}

static inline void win_put_time(struct buf *b, int64_t t)
{
	if (t == STAMP_NONE)
		buf_adds(b, "min");
	else if (t == STAMP_MAX)
		buf_adds(b, "max");
	else
		buf_add_int(b, t);
}

static inline int win_take(void *context, const struct win_result *w, struct err *e)
{
	struct win_rig *r = context;
	struct val v;

	if (r->fails_after >= 0 && r->fails_after-- == 0)
		return err_set(e, FAIL_IO, "the sink is full");
	win_say(r, "");
	win_put_time(&r->out, w->start);
	buf_addc(&r->out, '-');
	win_put_time(&r->out, w->end);
	buf_addf(&r->out, " %.*s ", (int)w->key.n, w->key.p);
	aggset_set_window(r->opts.aggs, w->start, w->end, w->before);
	if (aggset_result(r->opts.aggs, w->state, NULL, &r->heap, &v, e) < 0)
		return -1;
	val_write_canonical(&r->heap, &r->out, v);
	if (w->revision)
		buf_addf(&r->out, " r%u", w->revision);
	buf_adds(&r->out, w->early ? " early" : "");
	buf_adds(&r->out, w->retracted ? " gone" : "");
	buf_adds(&r->out, w->partial ? " partial" : "");
	return 0;
}

/* PROGRAM: AGG; OPTS: what of it a test chooses. */
static inline void win_start(struct win_rig *r, const char *program, const struct win_opts *opts)
{
	struct err e;

	*r = (struct win_rig){ .opts = *opts, .fails_after = -1 };
	err_clear(&e);
	plan_init(&r->plan);
	heap_init(&r->heap);
	r->opts.aggs =
		aggset_new(&(struct source){ slice_from(program), "AGG" }, &r->plan, NULL, &e);
	if (!r->opts.aggs)
		fail_msg("%s", e.text);
	r->opts.sink = (struct win_sink){ r, win_take };
	r->fed = fed_new(&r->plan);
}

static inline void win_end(struct win_rig *r)
{
	r->kind.free(r->kind.self);
	fed_free(&r->fed);
	aggset_free(r->opts.aggs);
	heap_free(&r->heap);
	plan_free(&r->plan);
	buf_free(&r->out);
}

/* A record: its value is V. */
static inline enum win_taken win_record(struct win_rig *r, struct win_record *rec, int64_t v,
                                        struct err *e)
{
	char json[120];
	enum win_taken taken;

	snprintf(json, sizeof json, "{\"t\":%" PRId64 ",\"k\":\"%.*s\",\"v\":%" PRId64 "}",
	         rec->time, (int)rec->key.n, rec->key.p, v);
	rec->hash = hash_bytes(rec->key.p, rec->key.n);
	rec->line = slice_from(json);
	if (aggset_read(r->opts.aggs, feed(&r->fed, json), &r->heap, e) < 0)
		fail_msg("%s: %s", json, e->text);
	taken = r->kind.add(r->kind.self, rec, e);
	heap_reset(&r->heap);
	return taken;
}

static inline int win_advance(struct win_rig *r, int64_t w, struct err *e)
{
	int did = r->kind.advance(r->kind.self, w, e);

	heap_reset(&r->heap);
	return did;
}

static inline int win_evict(struct win_rig *r, size_t n, struct err *e)
{
	size_t done;
	int did = r->kind.evict(r->kind.self, n, &done, e);

	heap_reset(&r->heap);
	win_say(r, "");
	buf_addf(&r->out, "%zu went", done);
	return did;
}

static inline enum win_taken win_script_record(struct win_rig *r, const char *word, struct err *e)
{
	static const char *const said[] = {
		[WIN_MISSED_SOME] = "missed ", [WIN_LATE] = "late ", [WIN_NOWHERE] = "nowhere "
	};
	struct win_record rec = { .key = { word, 1 } };
	enum win_taken taken;
	char *rest;
	int64_t v = rec.time = strtoll(word + 1, &rest, 10);

	if (*rest == ':')
		v = strtoll(rest + 1, &rest, 10);
	if (*rest == '=')
		rec.run = (struct slice){ rest + 1, 1 };
	rec.begins = *rest == '<';
	rec.ends = *rest && strchr(rest, '>');
	taken = win_record(r, &rec, v, e);
	if (taken > WIN_TAKEN) {
		win_say(r, said[taken]);
		buf_add(&r->out, word, strcspn(word, ":=<>"));
	}
	return taken;
}

/* Run a script; -1 where the sink failed. */
static inline int win_script(struct win_rig *r, const char *script, struct err *e)
{
	char word[64];
	int n;

	for (; sscanf(script, " %63s%n", word, &n) == 1; script += n) {
		int did = word[0] == '$'   ? win_advance(r, STAMP_MAX, e)
		          : word[0] == 'E' ? win_evict(r, strtoul(word + 1, NULL, 10), e)
		          : word[0] == 'W' ? win_advance(r, strtoll(word + 1, NULL, 10), e)
		                           : (int)win_script_record(r, word, e);

		if (did < 0)
			return -1;
	}
	return 0;
}

/* ---- what is open */

#define WIN_SHOWN 16

/* A sink of its own, besides the rig's. */
struct win_shown {
	struct win_rig *rig;
	char text[WIN_SHOWN][80];
	size_t n;
	bool fails;
};

static inline int win_take_shown(void *context, const struct win_result *w, struct err *e)
{
	struct win_shown *s = context;
	struct buf said = s->rig->out;
	int did;

	if (s->fails)
		return err_set(e, FAIL_IO, "not shown");
	assert_true(s->n < WIN_SHOWN);
	s->rig->out = (struct buf){ 0 };
	did = win_take(s->rig, w, e);
	snprintf(s->text[s->n++], sizeof s->text[0], "%.*s", (int)s->rig->out.n, s->rig->out.p);
	buf_free(&s->rig->out);
	s->rig->out = said;
	return did;
}

static inline int win_shown_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

typedef int win_show(void *self, const struct win_sink *to, struct err *e);

/*
 * What SHOW hands out after the script BEFORE is, sorted as texts, SHOWN; and what comes of the
 * script AFTER, all in all WANT, is as if nothing had been shown, nor asked for by a sink that
 * fails. 1 where it is not so.
 */
static inline int win_show_differs(struct win_rig *r, win_show *show, const char *label,
                                   const char *const script[4])
{
	const char *before = script[0], *shown = script[1], *after = script[2], *want = script[3];
	struct win_shown s = { .rig = r }, failing = { .rig = r, .fails = true };
	struct buf all = { 0 };
	struct err e;
	int wrong;

	err_clear(&e);
	assert_int_equal(win_script(r, before, &e), 0);
	assert_int_equal(show(r->kind.self, &(struct win_sink){ &s, win_take_shown }, &e), 0);
	assert_int_equal(show(r->kind.self, &(struct win_sink){ &failing, win_take_shown }, &e),
	                 *shown ? -1 : 0);
	qsort(s.text, s.n, sizeof s.text[0], win_shown_order);
	for (size_t i = 0; i < s.n; i++)
		buf_addf(&all, "%s%s", i ? "; " : "", s.text[i]);
	wrong = differs(label, buf_slice(&all), shown);
	buf_free(&all);
	assert_int_equal(win_script(r, after, &e), 0);
	return wrong + differs(label, buf_slice(&r->out), want) > 0;
}

#endif
