/* swindow - group records into event-time windows and aggregate them. */
#include "agg/aggset.h"
#include "base/alloc.h"
#include "base/duration.h"
#include "base/hash.h"
#include "cli/frame.h"
#include "window/evtime.h"
#include "window/tumble.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct args {
	struct shared shared;
	int64_t size, delay;
	struct option_list by;
	struct evtime_opts time;
};

#define AT(field) offsetof(struct args, field)

static const struct option_def options[] = {
	{ .letter = 's',
	  .name = "size",
	  .kind = OPTION_DURATION,
	  .offset = AT(size),
	  .arg = "D",
	  .help = "the windows' length: 250ms, 10s, 1m, 2h, 1d, 1w; they are aligned to the "
	          "epoch" },
	{ .letter = 'b',
	  .name = "by",
	  .kind = OPTION_LIST,
	  .offset = AT(by),
	  .arg = "EXPR",
	  .help = "a window for each value of EXPR; NAME=EXPR names it. May be given again for "
	          "further keys" },
	{ .letter = 't',
	  .name = "time",
	  .kind = OPTION_EXPR,
	  .offset = AT(time.expr),
	  .arg = "EXPR",
	  .help = "the event time; by default the first that is there of window_end, ts, time, "
	          "timestamp, @timestamp" },
	{ .name = "time-format",
	  .kind = OPTION_STRING,
	  .offset = AT(time.format),
	  .arg = "FORMAT",
	  .help = "what event times look like: s, ms, us, ns, or a strptime pattern; by default "
	          "RFC 3339, and numbers by "
	          "their size" },
	{ .name = "tz",
	  .kind = OPTION_STRING,
	  .offset = AT(time.zone),
	  .arg = "ZONE",
	  .help = "the time zone of times that name none, like Europe/Berlin; by default UTC" },
	{ .letter = 'd',
	  .name = "delay",
	  .kind = OPTION_DURATION,
	  .offset = AT(delay),
	  .arg = "D",
	  .def = "0",
	  .help = "how much later than the newest a record may come: windows wait so long" },
	{ 0 },
};

static const char *const synopsis[] = { "--size D [--by EXPR ...] [options] AGG [FILE ...]", NULL };

static const struct tool tool = {
	.name = "swindow",
	.purpose = "group the records of a stream into event-time windows and aggregate them",
	.synopsis = synopsis,
	.options = options,
	.shared = frame_options,
	.shared_offset = AT(shared),
	.operands = "file",
	.example =
		"swindow --size 1m --by .path '{n: count, p99: quantile(.rt; 0.99)}' access.ndjson",
};

/* Names that the program around the aggregates sees. */
enum { VAR_KEY, VAR_WINDOW, VARS };

struct windows {
	const struct args *args;
	struct frame frame;
	struct plan plan;
	struct heap heap;
	struct evtime *time;
	struct keys *keys;
	struct aggset *aggs;
	struct tumble open;
	int64_t greatest;  /* event time seen */
	int64_t watermark; /* ns; STAMP_NONE before the first record */
	bool marks;        /* the input brings watermarks: ours are not made */
	bool checkpointed; /* it began with `restore`: only `end` ends it */
	bool ended;        /* `end` was seen */
	uint64_t late, counted;
};

/* ---- results */

static struct val stamp_value(struct heap *h, int64_t ns)
{
	char text[STAMP_TEXT];
	size_t n = stamp_format(ns, text);
	struct val v = val_str((struct slice){ arena_copy(&h->arena, text, n), n });

	v.flag = VAL_CLEAN;
	return v;
}

static struct obj *put(struct heap *h, struct obj *o, struct slice name, struct val v)
{
	return obj_set(h, o, val_str(name), v);
}

/* window_start, window_end, keys; *KEY becomes what $key is: the key, or an object of several. */
static struct obj *head(struct windows *w, const struct window *win, const struct group *g,
                        struct val *key)
{
	struct heap *h = &w->heap;
	struct obj *o = obj_new(h, 8), *all;
	size_t n = keys_count(w->keys);
	struct val *value = arena_array(&h->arena, n + 1, sizeof *value);

	o = put(h, o, SLICE("window_start"), stamp_value(h, win->start));
	o = put(h, o, SLICE("window_end"), stamp_value(h, win->end));
	keys_decode(w->keys, (struct slice){ g->item.key, g->item.key_len }, h, value);
	all = obj_new(h, n);
	for (size_t i = 0; i < n; i++) {
		o = put(h, o, keys_name(w->keys, i), val_share(value[i]));
		all = put(h, all, keys_name(w->keys, i), value[i]);
	}
	*key = n == 1 ? value[0] : n ? val_obj(all) : val_of(VAL_NULL);
	return o;
}

static struct val window_var(struct heap *h, struct obj *result)
{
	struct obj *o = obj_new(h, 2);

	o = put(h, o, SLICE("start"), *obj_get(result, SLICE("window_start")));
	return val_obj(put(h, o, SLICE("end"), *obj_get(result, SLICE("window_end"))));
}

/* A result that cannot be made or written is said, and left out. */
static int bad_result(struct windows *w, const struct window *win, const char *text, struct err *e)
{
	char line[400], start[STAMP_TEXT];
	struct report *r = &w->frame.report;

	stamp_format(win->start, start);
	snprintf(line, sizeof line, "the window of %s: %.300s", start, text);
	return report_bad(r, source_name(w->frame.source), source_line(w->frame.source),
	                  (struct slice){ 0 }, line, e) == VERDICT_STOP
	               ? -1
	               : 0;
}

static int emit(struct windows *w, const struct window *win, const struct group *g, struct err *e)
{
	struct heap *h = &w->heap;
	struct val vars[VARS], v;
	struct obj *o = head(w, win, g, &vars[VAR_KEY]);
	struct err why;

	err_clear(&why);
	vars[VAR_WINDOW] = window_var(h, o);
	aggset_set_window(w->aggs, win->start, win->end, NULL);
	if (aggset_result(w->aggs, g->state, vars, h, &v, &why) < 0)
		return bad_result(w, win, why.text, e);
	v = val_force(h, v);
	if (v.tag == VAL_OBJ) {
		for (uint32_t i = 0; i < v.obj->n; i++)
			o = obj_set(h, o, v.obj->at[i].key, v.obj->at[i].value);
	} else {
		o = put(h, o, SLICE("value"), v);
	}
	if (frame_write(&w->frame, h, val_obj(o), &why) == 0)
		return 0;
	if (why.kind == FAIL_DATA)
		return bad_result(w, win, why.text, e);
	*e = why;
	return -1;
}

static void drop(const void *context, void *state)
{
	aggset_drop(context, state);
}

/* Write and forget all windows that end at or before the watermark. */
static int fire(struct windows *w, struct err *e)
{
	struct window *win;
	struct group **list;
	struct heap order;
	int r = 0;

	while (r == 0 && (win = tumble_due(&w->open, w->watermark))) {
		size_t n = groups_count(&win->groups), i;

		heap_init(&order);
		list = groups_sorted(&win->groups, &order);
		for (i = 0; i < n && r == 0; i++) {
			r = emit(w, win, list[i], e);
			heap_reset(&w->heap);
		}
		heap_free(&order);
		groups_free(&win->groups, drop, w->aggs);
		tumble_shift(&w->open);
	}
	return r;
}

static int advance(struct windows *w, int64_t watermark, struct err *e)
{
	if (watermark <= w->watermark)
		return 0;
	w->watermark = watermark;
	return fire(w, e);
}

/* ---- records */

static int bad(struct windows *w, const struct record *r, const struct err *why, struct err *e)
{
	return source_bad(w->frame.source, r, why->text, e) == GOT_ERROR ? -1 : 0;
}

static int add_record(struct windows *w, const struct record *r, struct err *e)
{
	struct agg_record record = { .line = r->line };
	struct window *win;
	struct slice key;
	struct err why;

	err_clear(&why);
	if (evtime_read(w->time, &r->rec, &w->heap, &record.time, &why) < 0)
		return bad(w, r, &why, e);
	if (tumble_end(&w->open, record.time) <= w->watermark) {
		w->late++;
		return 0;
	}
	if (keys_read(w->keys, &r->rec, &w->heap, &key, &why) < 0 ||
	    aggset_read(w->aggs, &r->rec, &w->heap, &why) < 0)
		return bad(w, r, &why, e);
	win = tumble_window(&w->open, record.time);
	aggset_add(w->aggs, groups_get(&win->groups, key, hash_bytes(key.p, key.n))->state,
	           &record);
	w->counted++;
	if (record.time <= w->greatest || w->marks)
		return 0;
	w->greatest = record.time;
	return advance(w,
	               record.time > INT64_MIN + w->args->delay ? record.time - w->args->delay
	                                                        : STAMP_NONE,
	               e);
}

static int control(struct windows *w, const struct record *r, struct err *e)
{
	struct control c;

	if (control_parse(r->line, &c, e) < 0)
		return err_at(e, "%s:%" PRIu64, source_name(w->frame.source),
		              source_line(w->frame.source));
	switch (c.kind) {
	case CONTROL_WATERMARK:
		w->marks = true;
		if (advance(w, c.time, e) < 0)
			return -1;
		break;
	case CONTROL_RESTORE:
		w->checkpointed = true;
		break;
	case CONTROL_END:
		w->ended = true;
		if (advance(w, STAMP_MAX, e) < 0)
			return -1;
		break;
	default:
		break;
	}
	if (w->frame.out.ends_here)
		return 0;
	buf_add_slice(writer_buf(&w->frame.out), r->line);
	return writer_check(&w->frame.out, e);
}

/* The input is over: all windows close, unless the stage before us died. */
static int finish(struct windows *w, struct err *e)
{
	if (w->checkpointed && !w->ended)
		return err_set(e, FAIL_STATE,
		               "the input ended without its end line: the stage before this one "
		               "died; open windows are "
		               "not written");
	return advance(w, STAMP_MAX, e);
}

static int loop(struct windows *w, struct err *e)
{
	struct record r;
	int got, done = 0;

	while (done == 0 && (got = frame_next(&w->frame, -1, &r, e)) != GOT_END) {
		if (got == GOT_RECORD) {
			done = add_record(w, &r, e);
			heap_reset(&w->heap);
		} else if (got == GOT_CONTROL) {
			done = control(w, &r, e);
		} else if (got == GOT_ERROR) {
			done = -1;
		}
	}
	return done < 0 ? -1 : finish(w, e);
}

/* ---- */

static int check_names(const struct windows *w, struct err *e)
{
	static const char *const own[] = { "window_start", "window_end" };

	for (size_t i = 0; i < 2; i++)
		if (aggset_has_field(w->aggs, slice_from(own[i])))
			return err_set(e, FAIL_COMPILE,
			               "AGG names a field %s, which every result has already",
			               own[i]);
	for (size_t i = 0; i < keys_count(w->keys); i++) {
		struct slice name = keys_name(w->keys, i);

		if (aggset_has_field(w->aggs, name) || slice_same(name, slice_from(own[0])) ||
		    slice_same(name, slice_from(own[1])))
			return err_set(e, FAIL_COMPILE,
			               "two fields of the results are called '%.*s': give the key "
			               "another name, "
			               "--by 'NAME=EXPR'",
			               (int)name.n, name.p);
	}
	return 0;
}

static int compile(struct windows *w, const char *agg, struct err *e)
{
	static const struct expr_var vars[VARS] = {
		[VAR_KEY] = { { "key", 3 }, { .tag = VAL_NONE } },
		[VAR_WINDOW] = { { "window", 6 }, { .tag = VAL_NONE } }
	};

	w->time = evtime_new(&w->args->time, &w->plan, e);
	w->keys = w->time ? keys_new(w->args->by.item, w->args->by.n, &w->plan, e) : NULL;
	w->aggs = w->keys ? aggset_new(agg, &w->plan, vars, VARS, e) : NULL;
	return w->aggs ? check_names(w, e) : -1;
}

static int run(struct windows *w, int operands, char **operand, struct err *e)
{
	struct encode_opts json = { 0 };
	struct decode_opts decode;

	if (w->args->size <= 0)
		return err_set(e, FAIL_USAGE,
		               "--size D is missing: how long is a window? (see swindow --help)");
	if (operands < 1)
		return err_set(e, FAIL_USAGE,
		               "no AGG is given, like '{n: count}' (see swindow --help)");
	if (w->args->shared.on_error == ON_ERROR_PASS)
		return err_set(e, FAIL_USAGE, "--on-error pass: swindow passes no records on");
	if (frame_decode_opts(&w->frame, &decode, e) < 0 || compile(w, operand[0], e) < 0 ||
	    frame_encoder(&w->frame, &json, e) < 0 ||
	    frame_inputs(&w->frame, &decode, (const char *const *)operand + 1, (size_t)operands - 1,
	                 &w->plan, e) < 0)
		return -1;
	tumble_init(&w->open, w->args->size, aggset_size(w->aggs));
	return loop(w, e);
}

static void say_late(const struct windows *w)
{
	if (!w->late)
		return;
	fprintf(stderr, "swindow: %" PRIu64 " late record%s counted in no window%s\n", w->late,
	        w->late == 1 ? "" : "s",
	        w->late * 100 > w->counted + w->late ? " (more than 1 %: see --delay)" : "");
}

int main(int argc, char **argv)
{
	struct args args = { 0 };
	struct windows w = { .args = &args, .greatest = STAMP_NONE, .watermark = STAMP_NONE };
	struct err e;
	bool done;
	int first, status;

	err_clear(&e);
	plan_init(&w.plan);
	heap_init(&w.heap);
	first = frame_start(&w.frame, &tool, argc, argv, &args, &done, &e);
	if (first >= 0 && !done && run(&w, argc - first, argv + first, &e) == 0)
		say_late(&w);
	w.frame.extra_name = "late";
	w.frame.extra = w.late;
	status = frame_end(&w.frame, &e, STATUS_OK);
	tumble_free(&w.open, drop, w.aggs);
	evtime_free(w.time);
	keys_free(w.keys);
	aggset_free(w.aggs);
	plan_free(&w.plan);
	heap_free(&w.heap);
	options_free_list(&args.by);
	return status;
}
