/* swindow - group records into windows and aggregate them. */
#include "swindow.h"

#include "base/duration.h"
#include "base/hash.h"
#include "base/stamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOK_AT_KEYS 1024                        /* records */
#define LOOK_EVERY   (100 * (NS_PER_SEC / 1000)) /* with --processing-time, when nothing comes */

/* ---- the watermark */

/* W has risen: hand out what is due. */
static int advance(struct windows *w, struct err *e)
{
	if (w->kind.advance(w->kind.self, w->mark.w, e) < 0 || results_flush(w, e) < 0)
		return -1;
	heap_reset(&w->heap);
	return 0;
}

static int advance_to(struct windows *w, int64_t time, struct err *e)
{
	return watermark_mark(&w->mark, time) ? advance(w, e) : 0;
}

/* ---- records */

static int bad(struct windows *w, const struct record *r, const struct err *why, struct err *e)
{
	return source_bad(w->frame.source, r, why->text, e) == GOT_ERROR ? -1 : 0;
}

/* The event time; STAMP_NONE where there is none and none is needed. -1 with FAIL_DATA. */
static int read_time(struct windows *w, const struct record *r, int64_t *time, struct err *e)
{
	const struct args *a = w->args;

	if (a->processing_time) {
		*time = stamp_now();
		return 0;
	}
	if (!w->kind.needs_time && !evtime_there(w->time, &r->rec)) {
		/* records are told apart by the order in which they come */
		*time = (int64_t)w->counted;
		w->untimed = true;
		return 0;
	}
	if (evtime_read(w->time, &r->rec, &w->heap, time, e) < 0)
		return -1;
	if (a->max_ahead_clock ? *time > win_plus(stamp_now(), a->max_ahead)
	                       : !watermark_believes(&w->mark, *time))
		return err_set(e, FAIL_DATA,
		               "the event time is further ahead of all before than --max-ahead");
	return 0;
}

static int ask(struct windows *w, struct prog *prog, struct eval **eval, const struct record *r,
               struct val *v, struct err *e)
{
	struct buf text = { 0 };
	int got;

	if (!*eval)
		*eval = eval_new(prog, &w->heap, NULL);
	eval_start(*eval, val_from_rec(&r->rec, 0), &r->rec);
	got = eval_next(*eval, v);
	if (got == 0)
		*v = val_of(VAL_NULL);
	if (got >= 0)
		return 0;
	eval_error_text(*eval, &text);
	err_set(e, FAIL_DATA, "%.*s", (int)text.n, text.p);
	buf_free(&text);
	return -1;
}

/* --run, --from-when, --until-when */
static int read_conditions(struct windows *w, const struct record *r, struct win_record *rec,
                           struct err *e)
{
	struct val v;

	if (w->run_prog) {
		buf_clear(&w->run);
		if (ask(w, w->run_prog, &w->run_eval, r, &v, e) < 0)
			return -1;
		if (key_put(&w->run, &w->heap, v) < 0)
			return err_set(e, FAIL_DATA, "--run: the value is nested too deep");
		rec->run = buf_slice(&w->run);
	}
	if (w->from_prog) {
		if (ask(w, w->from_prog, &w->from_eval, r, &v, e) < 0)
			return -1;
		rec->begins = val_true(v);
	}
	if (w->until_prog) {
		if (ask(w, w->until_prog, &w->until_eval, r, &v, e) < 0)
			return -1;
		rec->ends = val_true(v);
	}
	return 0;
}

/* A record counted nowhere: keep it, as it was, where that is asked for. */
static int late(struct windows *w, const struct record *r, struct err *e)
{
	w->late++;
	return w->args->late ? report_append(&w->late_fd, w->args->late, r->line, e) : 0;
}

/* --on-full evict: a quarter of all windows and keys goes. */
static int evict(struct windows *w, struct err *e)
{
	size_t done;

	if (w->kind.evict(w->kind.self, w->kind.groups(w->kind.self) / 4 + 1, &done, e) < 0)
		return -1;
	w->evicted += done;
	return results_flush(w, e);
}

static int check_keys(struct windows *w, struct err *e)
{
	if (w->kind.groups(w->kind.self) <= w->args->max_keys)
		return 0;
	if (w->args->on_full)
		return evict(w, e);
	return err_set(e, FAIL_LIMIT,
	               "more than %" PRIu64 " windows and keys are open (--max-keys allows more; "
	               "shorter windows, a smaller --delay or --lateness need fewer)",
	               w->args->max_keys);
}

/* --max-memory: every state is looked at, so when there are many, rarely. */
static int check_memory(struct windows *w, struct err *e)
{
	size_t held = w->kind.memory(w->kind.self), groups = w->kind.groups(w->kind.self);

	w->weigh_at = w->counted + (groups > LOOK_AT_KEYS ? groups : LOOK_AT_KEYS);
	if (held <= w->args->max_memory)
		return 0;
	if (w->args->on_full)
		return evict(w, e);
	return err_set(
		e, FAIL_LIMIT,
		"windows take %zu bytes, more than --max-memory (shorter windows, fewer keys, "
		"a smaller --delay or --lateness need less)",
		held);
}

static int add_record(struct windows *w, const struct record *r, struct err *e)
{
	struct win_record rec = { .line = w->kind.keeps_record
		                                  ? (struct slice){ r->json.p, r->json.n - 1 }
		                                  : r->line };
	struct err why;

	err_clear(&why);
	if (read_time(w, r, &rec.time, &why) < 0 || read_conditions(w, r, &rec, &why) < 0 ||
	    keys_read(w->keys, &r->rec, &w->heap, &rec.key, &why) < 0 ||
	    aggset_read(w->aggs, &r->rec, &w->heap, &why) < 0)
		return bad(w, r, &why, e);
	rec.hash = hash_bytes(rec.key.p, rec.key.n);
	w->counted++;
	switch (w->kind.add(w->kind.self, &rec, e)) {
	case WIN_FAILED:
		return -1;
	case WIN_LATE:
		w->counted--;
		return late(w, r, e);
	case WIN_MISSED_SOME:
		w->missed++;
		break;
	default:
		break;
	}
	if (results_flush(w, e) < 0 || (w->counted % LOOK_AT_KEYS == 0 && check_keys(w, e) < 0))
		return -1;
	if (w->args->max_memory && w->counted >= w->weigh_at && check_memory(w, e) < 0)
		return -1;
	if (!w->untimed && watermark_see(&w->mark, rec.time))
		return advance(w, e);
	return 0;
}

/* ---- control lines */

/* Pass a control line on; a watermark as far as results may still be older. */
static int pass_control(struct windows *w, const struct record *r, const struct control *c,
                        struct err *e)
{
	struct buf *out;

	if (w->frame.out.ends_here)
		return 0;
	out = writer_buf(&w->frame.out);
	if (c->kind == CONTROL_WATERMARK)
		control_write_watermark(out, w->kind.frontier(w->kind.self, w->mark.w));
	else
		buf_add_slice(out, r->line);
	return writer_check(&w->frame.out, e);
}

static int control(struct windows *w, const struct record *r, struct err *e)
{
	struct control c;
	int did = 0;

	if (control_parse(r->line, &c, e) < 0)
		return err_at(e, "%s:%" PRIu64, source_name(w->frame.source),
		              source_line(w->frame.source));
	switch (c.kind) {
	case CONTROL_WATERMARK:
		did = advance_to(w, c.time, e);
		break;
	case CONTROL_RESTORE:
		w->checkpointed = true;
		break;
	case CONTROL_END:
		w->ended = true;
		did = advance_to(w, STAMP_MAX, e);
		break;
	default:
		break;
	}
	return did < 0 ? -1 : pass_control(w, r, &c, e);
}

/* ---- the loop */

/* Nothing came, or nothing for a while. */
static int tick(struct windows *w, struct err *e)
{
	const struct args *a = w->args;
	int64_t now = stamp_monotonic();

	live_tick(w);
	if (a->processing_time)
		return watermark_see(&w->mark, stamp_now()) ? advance(w, e) : 0;
	if (!a->close_idle || now - w->heard < a->close_idle || w->untimed)
		return 0;
	return watermark_wait(&w->mark, now - w->heard) ? advance(w, e) : 0;
}

/* The input is over: all windows close, unless the stage before us died. */
static int finish(struct windows *w, struct err *e)
{
	if (check_keys(w, e) < 0)
		return -1;
	if (w->checkpointed && !w->ended)
		return err_set(e, FAIL_STATE,
		               "the input ended without its end line: the stage before this one "
		               "died; open windows are not written");
	return advance_to(w, STAMP_MAX, e);
}

static int loop(struct windows *w, struct err *e)
{
	bool looks = w->args->processing_time || w->live;
	int64_t idle = w->args->close_idle;
	int64_t timeout = looks && !(idle && idle < LOOK_EVERY) ? LOOK_EVERY : idle ? idle : -1;
	struct record r;
	int got, done = 0;

	while (done == 0 && (got = frame_next(&w->frame, timeout, &r, e)) != GOT_END) {
		if (got == GOT_RECORD) {
			done = add_record(w, &r, e);
			heap_reset(&w->heap);
			if (timeout >= 0)
				w->heard = stamp_monotonic();
		} else if (got == GOT_CONTROL) {
			done = control(w, &r, e);
		} else if (got == GOT_TICK) {
			done = tick(w, e);
		} else if (got == GOT_ERROR) {
			done = -1;
		}
	}
	return done < 0 ? -1 : finish(w, e);
}

/* ---- */

static int check(const struct args *a, struct err *e)
{
	if (a->shared.on_error == ON_ERROR_PASS)
		return err_set(e, FAIL_USAGE, "--on-error pass: swindow passes no records on");
	if (a->max_ahead_clock && !a->max_ahead)
		return err_set(e, FAIL_USAGE, "--max-ahead-clock says how --max-ahead D is meant");
	if (a->processing_time && (a->time.expr || a->time.format))
		return err_set(e, FAIL_USAGE, "--processing-time and --time exclude one another");
	return 0;
}

static int run(struct windows *w, int operands, char **operand, struct err *e)
{
	const struct args *a = w->args;
	struct encode_opts json = { 0 };
	struct decode_opts decode;

	if (operands < 1)
		return err_set(e, FAIL_USAGE,
		               "no AGG is given, like '{n: count}' (see swindow --help)");
	if (check(a, e) < 0 || frame_decode_opts(&w->frame, &decode, e) < 0)
		return -1;
	w->time = evtime_new(&a->time, &w->plan, e);
	if (!w->time || results_init(w, operand[0], e) < 0 || kinds_init(w, e) < 0 ||
	    frame_encoder(&w->frame, &json, e) < 0 ||
	    frame_inputs(&w->frame, &decode, (const char *const *)operand + 1, (size_t)operands - 1,
	                 &w->plan, e) < 0)
		return -1;
	if (a->explain) {
		kinds_explain(w);
		return 0;
	}
	watermark_init(&w->mark, a->delay, a->max_ahead);
	w->heard = stamp_monotonic();
	return live_init(w, e) < 0 ? -1 : loop(w, e);
}

static void say_late(const struct windows *w)
{
	uint64_t all = w->counted + w->late;

	if (w->late)
		fprintf(stderr, "swindow: %" PRIu64 " late record%s counted in no window%s\n",
		        w->late, w->late == 1 ? "" : "s",
		        w->late * 100 > all ? " (more than 1 %: see --delay)" : "");
	if (w->evicted)
		fprintf(stderr,
		        "swindow: %" PRIu64
		        " windows and keys had to go before they were over; what "
		        "was known of them was written with \"final\":false\n",
		        w->evicted);
	if (w->missed)
		fprintf(stderr, "swindow: %" PRIu64 " late record%s missed some of %s windows\n",
		        w->missed, w->missed == 1 ? "" : "s", w->missed == 1 ? "its" : "their");
}

static void release(struct windows *w, struct args *args)
{
	kinds_free(w);
	results_free(w->results);
	evtime_free(w->time);
	keys_free(w->keys);
	aggset_free(w->aggs);
	plan_free(&w->plan);
	heap_free(&w->heap);
	buf_free(&w->run);
	options_free_list(&args->by);
	if (w->late_fd >= 0)
		close(w->late_fd);
}

int main(int argc, char **argv)
{
	struct args args = { 0 };
	struct windows w = { .args = &args, .late_fd = -1 };
	struct err e;
	bool done;
	int first, status;

	err_clear(&e);
	plan_init(&w.plan);
	heap_init(&w.heap);
	first = frame_start(&w.frame, &swindow_tool, argc, argv, &args, &done, &e);
	if (first >= 0 && !done) {
		bool ran = run(&w, argc - first, argv + first, &e) == 0;

		live_end(&w);
		if (ran)
			say_late(&w);
	}
	w.frame.extra_name = "late";
	w.frame.extra = w.late;
	status = frame_end(&w.frame, &e, STATUS_OK);
	release(&w, &args);
	return status;
}
