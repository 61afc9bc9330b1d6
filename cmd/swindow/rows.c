/* What is read off a record by itself, and what is done with it, in the order of the input. */
#include "swindow.h"

#include "base/hash.h"
#include "base/stamp.h"

#include <inttypes.h>
#include <unistd.h>

#define LOOK_AT_KEYS 1024 /* records */

/* ---- setting up */

int windows_init(struct windows *w, struct err *e)
{
	struct evtime_opts time = w->args->time;

	w->ready = true;
	plan_init(&w->plan);
	heap_init(&w->heap);
	heap_init(&w->made);
	time.vars = &w->program->vars;
	w->time = evtime_new(&time, &w->plan, e);
	if (!w->time || results_init(w, e) < 0 || kinds_init(w, e) < 0)
		return -1;
	return names_check_reads(w, e);
}

void windows_free(struct windows *w)
{
	if (w->late_fd >= 0)
		close(w->late_fd);
	if (!w->ready)
		return;
	kinds_free(w);
	results_free(w->results);
	fill_free(w->fill);
	evtime_free(w->time);
	keys_free(w->keys);
	aggset_free(w->aggs);
	plan_free(&w->plan);
	heap_free(&w->heap);
	heap_free(&w->made);
	buf_free(&w->run);
}

/* ---- the watermark */

/* W has risen: hand out what is due. */
static int advance(struct windows *w, struct err *e)
{
	return w->kind.advance(w->kind.self, w->mark.w, e) < 0 ? -1 : results_flush(w, e);
}

static int advance_to(struct windows *w, int64_t time, struct err *e)
{
	return watermark_mark(&w->mark, time) ? advance(w, e) : 0;
}

/* ---- what is read off a record */

static int read_time(struct windows *w, const struct record *r, struct row *row, struct err *e)
{
	if (w->args->processing_time) {
		row->record.time = stamp_now();
		return 0;
	}
	row->untimed = !w->kind.needs_time && !evtime_there(w->time, &r->rec);
	return row->untimed ? 0 : evtime_read(w->time, &r->rec, &w->heap, &row->record.time, e);
}

static int ask(struct windows *w, struct prog *prog, struct eval **eval, const struct record *r,
               struct val *v, struct err *e)
{
	int got;

	if (!*eval)
		*eval = eval_new(prog, &w->heap, NULL);
	eval_start(*eval, val_from_rec(&r->rec, 0), &r->rec);
	got = eval_next(*eval, v);
	if (got == 0)
		*v = val_of(VAL_NULL);
	return got >= 0 ? 0 : eval_error_note(*eval, NULL, e);
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

int row_read(struct windows *w, const struct source *source, const struct record *r, bool control,
             struct row *row, struct err *e)
{
	struct win_record *rec = &row->record;

	*row = (struct row){ .whole = r->line,
		             .name = source_name(source),
		             .line = source_line(source),
		             .control = control };
	if (control)
		return 0;
	rec->line = w->kind.keeps_record ? (struct slice){ r->json.p, r->json.n - 1 } : r->line;
	/* the key first: what is kept of it comes into the cache while the rest is read */
	if (keys_read(w->keys, &r->rec, &w->heap, &rec->key, e) < 0)
		return -1;
	rec->hash = hash_bytes(rec->key.p, rec->key.n);
	if (w->kind.expect)
		w->kind.expect(w->kind.self, rec->hash);
	return read_time(w, r, row, e) < 0 || read_conditions(w, r, rec, e) < 0 ||
	                       aggset_read(w->aggs, &r->rec, &w->heap, e) < 0
	               ? -1
	               : 0;
}

/* ---- what is done with it */

/* A record counted nowhere: keep it, as it was, where that is asked for. */
static int late(struct windows *w, struct slice line, struct err *e)
{
	w->late++;
	return w->args->late ? report_append(&w->late_fd, w->args->late, line, e) : 0;
}

/* Is the record's time one to go by? */
static bool believable(struct windows *w, const struct row *row)
{
	const struct args *a = w->args;
	int64_t time = row->record.time;

	if (row->untimed || a->processing_time)
		return true;
	return a->max_ahead_clock ? time <= win_plus(stamp_now(), a->max_ahead)
	                          : watermark_believes(&w->mark, time);
}

static int bad(struct windows *w, const struct row *row, const char *why, struct err *e)
{
	return report_bad(&w->frame.report, row->name, row->line, row->whole, why, e) ==
	                       VERDICT_STOP
	               ? -1
	               : 0;
}

/* --on-full evict: the N oldest windows and keys go. */
static int evict(struct windows *w, size_t n, struct err *e)
{
	size_t done;

	if (w->kind.evict(w->kind.self, n, &done, e) < 0)
		return -1;
	w->evicted += done;
	return results_flush(w, e);
}

/* How many are held; where they are too many, and may go, a quarter of --max-keys is made free. */
static int check_keys(struct windows *w, struct err *e)
{
	uint64_t most = w->args->max_keys;
	size_t groups = w->kind.groups(w->kind.self);

	if (groups <= most)
		return 0;
	if (w->args->on_full)
		return evict(w, groups - most + most / 4, e);
	return err_set(e, FAIL_LIMIT,
	               "more than %" PRIu64 " windows and keys are open (--max-keys allows more; "
	               "shorter windows, a smaller --delay or --lateness need fewer)",
	               most);
}

static size_t weigh(const struct windows *w)
{
	return w->kind.memory(w->kind.self) + fill_memory(w->fill);
}

/*
 * Every state is looked at when what is held is counted: so it is again when as many records have
 * come as could fill the room up to FULL, if each took as much as a window and key does now; but
 * not sooner than behind a 16th of those that are held.
 */
static void weigh_later(struct windows *w, size_t full, size_t held, size_t groups)
{
	size_t most = groups > LOOK_AT_KEYS ? groups : LOOK_AT_KEYS, wait = groups / 16 + 1;
	double fits =
		held && held < full ? (double)(full - held) / (double)held * (double)groups : 0;

	if (fits > (double)wait)
		wait = fits < (double)most ? (size_t)fits : most;
	w->weigh_at = w->counted + wait;
}

/*
 * --max-memory. What may go does when a quarter is left, which is for tables that grow, and for
 * what results take while they leave; but what --fill linear keeps is of windows that are gone.
 */
static int check_memory(struct windows *w, struct err *e)
{
	size_t most = w->args->max_memory, full = w->args->on_full ? most - most / 4 : most;
	size_t held = weigh(w), before = SIZE_MAX;

	if (held > full) {
		fill_sweep(w);
		held = weigh(w);
	}
	while (w->args->on_full && fill_memory(w->fill) <= full && held > full && held < before) {
		if (evict(w, w->kind.groups(w->kind.self) / 4 + 1, e) < 0)
			return -1;
		before = held;
		held = weigh(w);
	}
	weigh_later(w, full, held, w->kind.groups(w->kind.self));
	if (held <= most)
		return 0;
	return err_set(e, FAIL_LIMIT,
	               "windows take %zu bytes, more than --max-memory (shorter windows, fewer "
	               "keys, a smaller --delay or --lateness%s need less)",
	               held, w->fill ? ", or a --fill-for" : "");
}

static int add(struct windows *w, struct row *row, struct err *e)
{
	struct win_record *rec = &row->record;

	if (!believable(w, row))
		return bad(w, row, "the event time is further ahead of all before than --max-ahead",
		           e);
	if (row->untimed) {
		/* records are told apart by the order in which they come */
		rec->time = (int64_t)w->counted;
		w->untimed = true;
	}
	if (row->values)
		aggset_use(w->aggs, row->values);
	w->counted++;
	switch (w->kind.add(w->kind.self, rec, e)) {
	case WIN_FAILED:
		return -1;
	case WIN_LATE:
		w->counted--;
		return late(w, row->whole, e);
	case WIN_MISSED_SOME:
		w->missed++;
		break;
	default:
		break;
	}
	if (results_flush(w, e) < 0 || (w->counted % LOOK_AT_KEYS == 0 && check_keys(w, e) < 0))
		return -1;
	if (w->args->max_memory &&
	    (w->counted >= w->weigh_at || fill_memory(w->fill) > w->args->max_memory) &&
	    check_memory(w, e) < 0)
		return -1;
	if (!w->untimed && watermark_see(&w->mark, rec->time))
		return advance(w, e);
	return 0;
}

/* ---- control lines */

/* Pass a control line on; a watermark as far as results may still be older. */
static int pass_control(struct windows *w, struct slice line, const struct control *c,
                        struct err *e)
{
	struct buf *out;

	if (w->frame.out.ends_here)
		return 0;
	out = writer_buf(&w->frame.out);
	if (c->kind == CONTROL_WATERMARK)
		control_write_watermark(
			out, fill_frontier(w, w->kind.frontier(w->kind.self, w->mark.w)));
	else
		buf_add_slice(out, line);
	return writer_check(&w->frame.out, e);
}

static int control(struct windows *w, const struct row *row, struct err *e)
{
	struct control c;
	struct err why;
	int did = 0;

	err_clear(&why);
	if (control_parse(row->whole, &c, &why) < 0)
		return bad(w, row, why.text, e);
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
	return did < 0 ? -1 : pass_control(w, row->whole, &c, e);
}

int row_take(struct windows *w, struct row *row, struct err *e)
{
	w->name = row->name;
	w->line = row->line;
	return row->control ? control(w, row, e) : add(w, row, e);
}

/* ---- time, and the end */

int rows_tick(struct windows *w, struct err *e)
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

int rows_end(struct windows *w, struct err *e)
{
	if (check_keys(w, e) < 0)
		return -1;
	if (w->checkpointed && !w->ended)
		return err_set(e, FAIL_STATE,
		               "the input ended without its end line: the stage before this one "
		               "died; open windows are not written");
	return advance_to(w, STAMP_MAX, e);
}
