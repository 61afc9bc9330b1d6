/* What leaves swindow: the shape of results, --having, --top. */
#include "swindow.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "expr/keyexpr.h"
#include "json/jstring.h"
#include "json/valparse.h"

#include <inttypes.h>
#include <stdlib.h>

/* Names that the program around the aggregates sees, beside those of the options. */
enum { VAR_KEY, VAR_WINDOW, VARS };

/* A result that --top may keep. */
struct candidate {
	struct val v;
	struct slice rank; /* json/key.h */
	size_t number;     /* in the order of keys */
};

struct results {
	struct prog *having;
	struct eval *having_eval;
	struct keyexpr *rank;
	/* --top: the results of one window */
	struct candidate *list;
	size_t n, cap;
	int64_t start, end;
	struct heap held;
	struct buf key;
	struct slice *name; /* of each key: `,"name":` */
	bool uses_vars;
	/* results are put together of texts: AGG's behind the bounds and keys, or in the record */
	bool splices;
	struct buf text, names;
	struct buf bounds; /* as text, those of bounds_start and bounds_end */
	int64_t bounds_start, bounds_end;
};

/* ---- setting up */

/* How keys are written in a result. */
static struct slice *name_texts(struct windows *w)
{
	struct slice *name = alloc_array(keys_count(w->keys) + 1, sizeof *name);
	struct buf *b = &w->results->names;
	size_t at = 0;

	for (size_t i = 0; i < keys_count(w->keys); i++) {
		buf_addc(b, ',');
		jstring_write(b, keys_name(w->keys, i), false);
		buf_addc(b, ':');
		name[i].n = b->n - at;
		at = b->n;
	}
	at = 0;
	for (size_t i = 0; i < keys_count(w->keys); at += name[i++].n)
		name[i].p = b->p + at;
	return name;
}

static int compile_agg(struct windows *w, struct err *e)
{
	static const struct expr_var own[VARS] = {
		[VAR_KEY] = { { "key", 3 }, { .tag = VAL_NONE } },
		[VAR_WINDOW] = { { "window", 6 }, { .tag = VAL_NONE } }
	};
	const struct expr_vars *given = &w->program->vars;
	struct expr_var *all = alloc_array(VARS + given->n, sizeof *all);

	memcpy(all, own, sizeof own);
	memcpy(all + VARS, given->var, given->n * sizeof *all);
	w->aggs = aggset_new(&w->program->source, &w->plan,
	                     &(struct expr_vars){ all, VARS + given->n }, e);
	free(all);
	return w->aggs ? 0 : -1;
}

/* The options' variables may not hide AGG's own. */
static int check_vars(const struct windows *w, struct err *e)
{
	const struct expr_vars *given = &w->program->vars;

	for (size_t i = 0; i < given->n; i++)
		if (slice_same(given->var[i].name, SLICE("key")) ||
		    slice_same(given->var[i].name, SLICE("window")))
			return err_set(e, FAIL_USAGE,
			               "--arg and --argjson: $%.*s is a result's own in AGG: take "
			               "another name",
			               (int)given->var[i].name.n, given->var[i].name.p);
	return 0;
}

int results_init(struct windows *w, struct err *e)
{
	const struct args *a = w->args;
	struct results *r = w->results = alloc_zero(1, sizeof *r);
	struct expr_setup setup = { .source = { .name = "--having" }, .vars = &w->program->vars };

	heap_init(&r->held);
	if (a->fill == FILL_LINEAR)
		fill_init(w);
	r->splices = !a->having && !w->fill && !w->frame.color && shared_writes_json(&a->shared);
	if ((a->top != 0) != (a->rank != NULL) && !(a->live && a->rank))
		return err_set(e, FAIL_USAGE,
		               "--top N and --rank EXPR go together (--live takes --rank alone)");
	if (check_vars(w, e) < 0)
		return -1;
	w->keys = keys_new(a->by.item, a->by.n, &w->plan, &w->program->vars, e);
	if (!w->keys || compile_agg(w, e) < 0 || names_check(w, e) < 0)
		return -1;
	r->uses_vars = aggset_uses_vars(w->aggs);
	r->name = name_texts(w);
	aggset_seed(w->aggs, a->seed);
	if (a->having) {
		setup.source.text = slice_from(a->having);
		r->having = expr_compile(&setup, e);
		if (!r->having)
			return -1;
		r->having_eval = eval_new(r->having, &w->made, NULL);
	}
	r->rank = a->rank ? keyexpr_new("--rank", a->rank, NULL, &w->program->vars, e) : NULL;
	return a->rank && !r->rank ? -1 : 0;
}

void results_free(struct results *r)
{
	if (!r)
		return;
	eval_free(r->having_eval);
	expr_free(r->having);
	keyexpr_free(r->rank);
	heap_free(&r->held);
	buf_free(&r->key);
	buf_free(&r->text);
	buf_free(&r->names);
	buf_free(&r->bounds);
	free(r->name);
	free(r->list);
	free(r);
}

/* ---- the shape */

struct val results_bound(struct windows *w, int64_t ns)
{
	char text[STAMP_TEXT];
	size_t n = stamp_format(ns, text);
	struct val v = val_str((struct slice){ arena_copy(&w->made.arena, text, n), n });

	v.flag = VAL_CLEAN;
	return w->untimed ? val_of(VAL_NULL) : v;
}

static struct obj *put(struct heap *h, struct obj *o, struct slice name, struct val v)
{
	struct val key = val_str(name);

	key.flag = jstring_clean(name) ? VAL_CLEAN : 0;
	return obj_set(h, o, key, v);
}

/* The keys of a result in w->made. */
static struct val *decode_keys(struct windows *w, const struct win_result *r)
{
	struct val *value = arena_array(&w->made.arena, keys_count(w->keys) + 1, sizeof *value);

	keys_decode(w->keys, r->key, &w->made, value);
	return value;
}

static struct obj *put_keys(struct windows *w, struct obj *o, const struct val *key)
{
	for (size_t i = 0; i < keys_count(w->keys); i++)
		o = put(&w->made, o, keys_name(w->keys, i), val_share(key[i]));
	return o;
}

/* $key: the key, or an object of several. $window: its bounds. */
static void fill_vars(struct windows *w, const struct val *key, struct val start, struct val end,
                      struct val vars[VARS])
{
	struct heap *h = &w->made;
	size_t n = keys_count(w->keys);
	struct obj *bounds;

	vars[VAR_KEY] = n == 1 ? val_share(key[0])
	                : n    ? val_obj(put_keys(w, obj_new(h, n), key))
	                       : val_of(VAL_NULL);
	bounds = put(h, obj_new(h, 2), SLICE("start"), start);
	vars[VAR_WINDOW] = val_obj(put(h, bounds, SLICE("end"), end));
}

static struct obj *put_marks(struct heap *h, struct obj *o, const struct win_result *r)
{
	if (r->revision)
		o = put(h, o, SLICE("revision"), val_num(r->revision));
	if (r->early)
		o = put(h, o, SLICE("final"), val_of(VAL_FALSE));
	if (r->retracted)
		o = put(h, o, SLICE("retracted"), val_of(VAL_TRUE));
	if (r->partial)
		o = put(h, o, SLICE("partial"), val_of(VAL_TRUE));
	return o;
}

/* The record that a result stands behind, an object of its own; NULL where it is none. */
static struct obj *record_of(struct heap *h, struct slice line)
{
	struct check_fault fault;
	struct val v;

	if (val_parse(h, line, &v, &fault) < 0 || v.tag != VAL_OBJ)
		return NULL;
	return v.obj;
}

/* AGG's value, an object: one that is none is a field of it. -1 with FAIL_DATA. */
static int evaluate(struct windows *w, const struct win_result *r, struct val *vars,
                    struct obj **to, struct err *e)
{
	struct val v;

	aggset_set_window(w->aggs, r->start, r->end, r->before);
	if (aggset_result(w->aggs, r->state, vars, &w->made, &v, e) < 0)
		return -1;
	v = val_force(&w->made, v);
	*to = v.tag == VAL_OBJ ? v.obj : put(&w->made, obj_new(&w->made, 1), SLICE("value"), v);
	return 0;
}

static struct obj *put_all(struct heap *h, struct obj *o, const struct obj *from)
{
	for (uint32_t i = 0; i < from->n; i++)
		o = obj_set(h, o, from->at[i].key, from->at[i].value);
	return o;
}

/* Is a member of AGG's value called as a key or a bound? */
static bool clashes(struct windows *w, const struct obj *agg)
{
	for (uint32_t i = 0; i < agg->n; i++) {
		struct slice name = val_slice(&w->made, agg->at[i].key);

		if (slice_same(name, SLICE("window_start")) ||
		    slice_same(name, SLICE("window_end")))
			return true;
		for (size_t k = 0; k < keys_count(w->keys); k++)
			if (slice_same(name, keys_name(w->keys, k)))
				return true;
	}
	return false;
}

/* `{"window_start":"..","window_end":".."`, mostly that of the result before. */
static struct slice bounds_text(struct results *r, int64_t start, int64_t end)
{
	struct buf *b = &r->bounds;
	char text[STAMP_TEXT];

	if (!b->n || r->bounds_start != start || r->bounds_end != end) {
		buf_clear(b);
		buf_add_slice(b, SLICE("{\"window_start\":\""));
		buf_add(b, text, stamp_format(start, text));
		buf_add_slice(b, SLICE("\",\"window_end\":\""));
		buf_add(b, text, stamp_format(end, text));
		buf_addc(b, '"');
		r->bounds_start = start;
		r->bounds_end = end;
	}
	return buf_slice(b);
}

/* The result, which has no marks, put together of texts. -1 with FAIL_DATA. */
static int join_texts(struct windows *w, const struct win_result *r, const struct val *key,
                      struct obj *agg, struct err *e)
{
	static const struct val_style style;
	struct buf *text = &w->results->text, *out;

	buf_clear(text);
	if (encode_value(w->frame.encoder, &w->made, val_obj(agg), text, e) < 0)
		return -1;
	out = writer_buf(&w->frame.out);
	buf_add_slice(out, bounds_text(w->results, r->start, r->end));
	for (size_t i = 0; i < keys_count(w->keys); i++) {
		buf_add_slice(out, w->results->name[i]);
		val_write(&w->made, out, key[i], &style);
	}
	if (agg->n)
		buf_addc(out, ',');
	buf_add(out, text->p + 1, text->n - 1);
	w->frame.records_out++;
	return writer_check(&w->frame.out, e);
}

/*
 * The result as an object in w->made, 1; or written at once, 0, if it may be put together of texts
 * as it has no marks. -1 with FAIL_DATA.
 */
static int shape(struct windows *w, const struct win_result *r, bool splices, struct val *to,
                 struct err *e)
{
	struct heap *h = &w->made;
	struct val none = val_of(VAL_NULL), vars[VARS] = { none, none };
	struct val *key = decode_keys(w, r);
	struct obj *o, *agg;

	if (w->results->uses_vars)
		fill_vars(w, key, results_bound(w, r->start), results_bound(w, r->end), vars);
	if (evaluate(w, r, vars, &agg, e) < 0)
		return -1;
	if (splices && !w->untimed && !(r->revision || r->early || r->retracted || r->partial) &&
	    !clashes(w, agg))
		return join_texts(w, r, key, agg, e);
	o = put(h, obj_new(h, 8), SLICE("window_start"), results_bound(w, r->start));
	o = put(h, o, SLICE("window_end"), results_bound(w, r->end));
	*to = val_obj(put_marks(h, put_all(h, put_keys(w, o, key), agg), r));
	return 1;
}

/* ---- --sliding: the record with AGG's fields */

/* May the text of a record have one of an object's fields? Spelled with escapes, any. */
static bool may_have(struct heap *h, struct slice line, const struct obj *o)
{
	char quoted[80];

	if (memchr(line.p, '\\', line.n))
		return true;
	for (uint32_t i = 0; i < o->n; i++) {
		struct slice name = val_slice(h, o->at[i].key);

		if (name.n > sizeof quoted - 2)
			return true;
		quoted[0] = quoted[name.n + 1] = '"';
		memcpy(quoted + 1, name.p, name.n);
		if (memmem(line.p, line.n, quoted, name.n + 2))
			return true;
	}
	return false;
}

static bool has(struct heap *h, const struct obj *record, const struct obj *agg)
{
	for (uint32_t i = 0; i < agg->n; i++)
		if (obj_get(record, val_slice(h, agg->at[i].key)))
			return true;
	return false;
}

/* The record as it came, with AGG's fields, which are none of its own, before its last brace. */
static int splice(struct windows *w, struct slice line, struct obj *agg, struct err *e)
{
	struct buf *text = &w->results->text, *out;
	size_t inside, brace = encode_object_end(line, &inside);

	buf_clear(text);
	if (encode_value(w->frame.encoder, &w->made, val_obj(agg), text, e) < 0)
		return -1;
	out = writer_buf(&w->frame.out);
	buf_add(out, line.p, brace);
	if (line.p[inside - 1] != '{' && agg->n)
		buf_addc(out, ',');
	buf_add(out, text->p + 1, text->n - 1);
	w->frame.records_out++;
	return writer_check(&w->frame.out, e);
}

/*
 * The result behind a record: written at once, 0, where it may be put together of texts; else *TO
 * is it, 1. -1 with FAIL_DATA.
 */
static int beside(struct windows *w, const struct win_result *r, struct val *to, struct err *e)
{
	struct heap *h = &w->made;
	struct val vars[VARS] = { val_of(VAL_NULL), val_of(VAL_NULL) };
	struct obj *o, *agg;
	bool splices;

	if (w->results->uses_vars)
		fill_vars(w, decode_keys(w, r), results_bound(w, r->start),
		          results_bound(w, r->end), vars);
	if (evaluate(w, r, vars, &agg, e) < 0)
		return -1;
	if (r->early || r->partial)
		agg = put_marks(h, put_all(h, obj_new(h, 8), agg), r);
	splices = w->results->splices && r->line.n && r->line.p[0] == '{';
	if (splices && !may_have(h, r->line, agg))
		return splice(w, r->line, agg, e);
	o = record_of(h, r->line);
	if (!o)
		return err_set(e, FAIL_DATA, "--sliding adds to records that are objects");
	if (splices && !has(h, o, agg))
		return splice(w, r->line, agg, e);
	*to = val_obj(put_all(h, o, agg));
	return 1;
}

/* ---- out */

/* A result that cannot be made or written is said, and left out. */
static int bad_result(struct windows *w, int64_t start, const struct err *why, struct err *e)
{
	char line[400], text[STAMP_TEXT];
	struct report *r = &w->frame.report;

	if (why->kind != FAIL_DATA) {
		*e = *why;
		return -1;
	}
	stamp_format(start, text);
	snprintf(line, sizeof line, "the window of %s: %.300s", text, why->text);
	return report_bad(r, w->name, w->line, (struct slice){ 0 }, line, e) == VERDICT_STOP ? -1
	                                                                                     : 0;
}

/* --having: 1 yes, 0 no, -1 with FAIL_DATA. */
static int wanted(struct windows *w, struct val v, struct err *e)
{
	struct results *r = w->results;
	struct val out;
	int got;

	if (!r->having)
		return 1;
	eval_start(r->having_eval, val_share(v), NULL);
	while ((got = eval_next(r->having_eval, &out)) > 0)
		if (val_true(out))
			return 1;
	return got == 0 ? 0 : eval_error_note(r->having_eval, "--having", e);
}

/* --top: keep a result until all of its window are there. */
static int hold(struct windows *w, const struct win_result *win, struct val v, struct err *e)
{
	struct results *r = w->results;

	buf_clear(&r->key);
	if (keyexpr_read(r->rank, val_share(v), NULL, &w->made, &r->key, e) < 0)
		return -1;
	r->start = win->start;
	r->end = win->end;
	r->list = alloc_grow(r->list, &r->cap, r->n + 1, sizeof *r->list);
	r->list[r->n] =
		(struct candidate){ .v = val_copy_deep(&r->held, v),
		                    .rank = { arena_copy(&r->held.arena, r->key.p, r->key.n),
		                              r->key.n },
		                    .number = r->n };
	r->n++;
	return 0;
}

static int greatest_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int r = slice_order(y->rank, x->rank);

	return r ? r : (x->number > y->number) - (x->number < y->number);
}

int results_flush(struct windows *w, struct err *e)
{
	struct results *r = w->results;
	struct err why;
	int did = 0;

	if (!r->n)
		return 0;
	qsort(r->list, r->n, sizeof *r->list, greatest_first);
	for (size_t i = 0; i < r->n && did == 0; i++) {
		bool tie = w->args->ties == 0 && i >= w->args->top &&
		           slice_same(r->list[i].rank, r->list[w->args->top - 1].rank);

		if (i >= w->args->top && !tie)
			break;
		err_clear(&why);
		if (frame_write(&w->frame, &r->held, r->list[i].v, &why) < 0)
			did = bad_result(w, r->start, &why, e);
	}
	r->n = 0;
	heap_reset(&r->held);
	return did;
}

/* A result as it is to leave: to --having, --live, --top and out. */
static int leave(struct windows *w, const struct win_result *win, struct val v, struct err *e)
{
	struct err why;
	int did;

	err_clear(&why);
	did = wanted(w, v, &why);
	if (did > 0 && w->live && !win->early && !win->retracted)
		live_note(w, win, v);
	if (did > 0)
		did = w->args->top ? hold(w, win, v, &why)
		                   : frame_write(&w->frame, &w->made, v, &why);
	return did < 0 ? bad_result(w, win->start, &why, e) : 0;
}

static int take(void *context, const struct win_result *win, struct err *e)
{
	struct windows *w = context;
	struct results *r = w->results;
	struct err why;
	struct val v = val_of(VAL_NULL);
	int did;

	/* --all is one window, though each key has bounds of its own */
	if (r->n && !w->args->all && (r->start != win->start || r->end != win->end) &&
	    results_flush(w, e) < 0)
		return -1;
	if (w->fill && win->filled) {
		fill_wait(w, win);
		return 0;
	}
	err_clear(&why);
	if (w->kind.keeps_record)
		did = beside(w, win, &v, &why);
	else
		did = shape(w, win, r->splices && !w->args->top && !w->live, &v, &why);
	if (did < 0)
		did = bad_result(w, win->start, &why, e);
	else if (did > 0 && w->fill && !win->early && fill_release(w, win, v, leave, e) < 0)
		did = -1;
	else if (did > 0)
		did = leave(w, win, v, e);
	heap_reset(&w->made);
	return did < 0 ? -1 : 0;
}

/* ---- to look at */

int results_rank(struct windows *w, struct val v, struct buf *rank, struct err *e)
{
	struct results *r = w->results;
	const struct obj *o = v.obj;

	if (r->rank)
		return keyexpr_read(r->rank, val_share(v), NULL, &w->made, rank, e);
	/* behind the bounds and the keys */
	for (size_t i = 2 + keys_count(w->keys); i < o->n; i++)
		if (val_is_num(o->at[i].value))
			return key_put(rank, &w->made, o->at[i].value);
	return key_put(rank, &w->made, val_of(VAL_NULL));
}

int results_look(struct windows *w, const struct win_result *win, struct val *v, struct buf *rank,
                 struct err *e)
{
	int did;

	if (shape(w, win, false, v, e) < 0 || (did = wanted(w, *v, e)) < 0)
		return -1;
	return did && results_rank(w, *v, rank, e) < 0 ? -1 : did;
}

struct win_sink results_sink(struct windows *w)
{
	return (struct win_sink){ w, take };
}
