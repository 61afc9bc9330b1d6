/* swindow - group records into windows and aggregate them. */
#include "swindow.h"

#include "cli/parallel.h"

#include "base/duration.h"
#include "base/stamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOK_EVERY (100 * (NS_PER_SEC / 1000)) /* with --processing-time, when nothing comes */

static int loop(struct windows *w, struct err *e)
{
	bool looks = w->args->processing_time || w->live;
	int64_t idle = w->args->close_idle;
	int64_t timeout = looks && !(idle && idle < LOOK_EVERY) ? LOOK_EVERY : idle ? idle : -1;
	struct frame *f = &w->frame;
	struct record r;
	struct row row;
	struct err why;
	int got, done = 0;

	while (done == 0 && (got = frame_next(f, timeout, &r, e)) != GOT_END) {
		if (got == GOT_ERROR)
			return -1;
		if (got == GOT_TICK)
			done = rows_tick(w, e);
		if (got != GOT_RECORD && got != GOT_CONTROL)
			continue;
		err_clear(&why);
		if (row_read(w, f->source, &r, got == GOT_CONTROL, &row, &why) == 0)
			done = row_take(w, &row, e);
		else
			done = source_bad(f->source, &r, why.text, e) == GOT_ERROR ? -1 : 0;
		heap_reset(&w->heap);
		if (timeout >= 0)
			w->heard = stamp_monotonic();
	}
	return done;
}

/* ---- */

static int check(struct args *a, struct err *e)
{
	if (a->shared.on_error == ON_ERROR_PASS)
		return err_set(e, FAIL_USAGE, "--on-error pass: swindow passes no records on");
	if (a->max_ahead_clock && !a->max_ahead)
		return err_set(e, FAIL_USAGE, "--max-ahead-clock says how --max-ahead D is meant");
	if (a->processing_time && (a->time.expr || a->time.format))
		return err_set(e, FAIL_USAGE, "--processing-time and --time exclude one another");
	return parallel_jobs(&a->jobs, e);
}

static int run(struct windows *w, struct args *a, struct program *program, int operands,
               char **operand, struct err *e)
{
	int own = a->program.file ? 0 : 1; /* operands that are AGG */
	const char *const *names = (const char *const *)operand + own;
	size_t count = (size_t)(operands - own);
	struct encode_opts json = { 0 };
	struct decode_opts decode;
	int did;

	if (operands < own)
		return err_set(e, FAIL_USAGE,
		               "no AGG is given, like '{n: count}' (see swindow --help)");
	if (program_init(program, &a->program, operand[0], "AGG", e) < 0 || check(a, e) < 0 ||
	    frame_decode_opts(&w->frame, &decode, e) < 0)
		return -1;
	if (windows_init(w, e) < 0 || frame_encoder(&w->frame, &json, e) < 0)
		return -1;
	if (a->explain) {
		kinds_explain(w);
		return 0;
	}
	watermark_init(&w->mark, a->delay, a->max_ahead);
	w->heard = stamp_monotonic();
	if (live_init(w, e) < 0)
		return -1;
	if (a->jobs > 1)
		did = spread_run(w, &decode, names, count, e);
	else if (frame_inputs(&w->frame, &decode, names, count, &w->plan, e) < 0)
		did = -1;
	else
		did = loop(w, e);
	return did < 0 ? -1 : rows_end(w, e);
}

static void say_late(const struct windows *w)
{
	uint64_t all = w->counted + w->late;

	if (w->late)
		fprintf(stderr, "swindow: %" PRIu64 " late record%s counted in no window%s\n",
		        w->late, w->late == 1 ? "" : "s",
		        w->late * 100 > all ? " (more than 1 %: see --delay)" : "");
	if (w->evicted && w->kind.keeps_record)
		fprintf(stderr,
		        "swindow: %" PRIu64
		        " records had to go while windows still held them; results that left "
		        "before their time have \"final\":false, those that may lack such "
		        "records \"partial\":true\n",
		        w->evicted);
	else if (w->evicted)
		fprintf(stderr,
		        "swindow: %" PRIu64
		        " windows and keys had to go before they were over; what "
		        "was known of them was written with \"final\":false\n",
		        w->evicted);
	if (w->missed)
		fprintf(stderr, "swindow: %" PRIu64 " late record%s missed some of %s windows\n",
		        w->missed, w->missed == 1 ? "" : "s", w->missed == 1 ? "its" : "their");
}

static void stats(void *context, FILE *to)
{
	const struct windows *w = context;

	frame_stat(to, "late", w->late);
}

int main(int argc, char **argv)
{
	struct args args = { .jobs = 1 };
	struct program program = { 0 };
	struct windows w = { .args = &args, .program = &program, .late_fd = -1 };
	struct err e;
	bool done;
	int first, status;

	err_clear(&e);
	first = frame_start(&w.frame, &swindow_tool, argc, argv, &args, &done, &e);
	w.frame.stats = stats;
	w.frame.statistics = &w;
	if (first >= 0 && !done) {
		bool ran = run(&w, &args, &program, argc - first, argv + first, &e) == 0;

		/* what is said is about what was written */
		ran = ran && frame_flush(&w.frame, &e) == 0;

		live_end(&w);
		if (ran)
			say_late(&w);
	}
	status = frame_end(&w.frame, &e, STATUS_OK);
	windows_free(&w);
	program_free(&program);
	program_free_opts(&args.program);
	options_free_list(&args.by);
	return status;
}
