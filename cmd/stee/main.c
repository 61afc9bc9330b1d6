/* stee - copy a stream to files, commands and connections, and to stdout. */
#include "stee.h"

#include "base/alloc.h"
#include "io/reader.h"
#include "io/stop.h"
#include "record/control.h"
#include "stream/intake.h"
#include "stream/plain.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_PASSED (UINT64_C(1) << 30) /* bytes of a line that is not looked into */

struct tee {
	struct args *args;
	struct frame frame;
	struct decode_opts decode;
	struct plan plan;
	struct dests dests;
	struct route route;
	bool looks; /* records are looked into, not only lines passed on */
	bool over;  /* nothing takes anything any more */
};

/* ---- lines */

static int pass_line(struct tee *t, struct slice line, struct err *e)
{
	t->frame.holds = true;
	t->frame.records_out++;
	return dests_pass(&t->dests, line, e);
}

/* A control line goes downstream, where there is somebody to read it. */
static int pass_control(struct tee *t, struct slice line, struct err *e)
{
	if (t->frame.out.ends_here)
		return 0;
	t->frame.holds = true;
	return dests_control(&t->dests, line, e);
}

/* Is it a line that begins like a control line and is none? */
static bool is_data(struct slice line)
{
	struct control c;
	struct err none;

	err_clear(&none);
	return control_parse(line, &c, &none) < 0;
}

/* Lines that nobody looks into, those behind this one too: a last one without newline stays so. */
static int copy_lines(struct tee *t, struct slice line, struct err *e)
{
	line = frame_more(&t->frame, line);
	line.n -= !source_terminated(t->frame.source);
	return pass_line(t, line, e);
}

/* ---- records */

/* With FAIL_DATA the record is bad, else the run ends: -1. */
static int bad(struct tee *t, const struct record *r, const struct err *why, struct err *e)
{
	int got;

	if (why->kind != FAIL_DATA) {
		*e = *why;
		return -1;
	}
	got = source_bad(t->frame.source, r, why->text, e);
	if (got != GOT_PASS)
		return got == GOT_ERROR ? -1 : 0;
	route_line(&t->route);
	return pass_line(t, r->line, e);
}

static int write_record(struct tee *t, const struct record *r, struct err *e)
{
	struct err why;
	int done;

	err_clear(&why);
	if (route_record(&t->route, &r->rec, &why) < 0)
		return bad(t, r, &why, e);
	t->frame.holds = true;
	t->frame.records_out++;
	done = dests_write(&t->dests, r, &why, e);
	if (done == 0 && why.kind != FAIL_NONE)
		done = source_bad(t->frame.source, r, why.text, e) == GOT_ERROR ? -1 : 0;
	return done;
}

static int take(struct tee *t, int got, struct record *r, struct err *e)
{
	switch (got) {
	case GOT_RECORD:
		return t->looks ? write_record(t, r, e) : copy_lines(t, r->line, e);
	case GOT_PASS:
		route_line(&t->route);
		return pass_line(t, r->line, e);
	case GOT_HEADER:
		t->frame.holds = true;
		return dests_header(&t->dests, r->line, e);
	case GOT_CONTROL:
		return !t->looks && is_data(r->line) ? copy_lines(t, r->line, e)
		                                     : pass_control(t, r->line, e);
	case GOT_TICK:
		return outlets_push(t->dests.outlets, e);
	case GOT_ERROR:
		return -1;
	default:
		return 0;
	}
}

static int loop(struct tee *t, struct err *e)
{
	struct outlets *o = t->dests.outlets;
	struct record r;
	int got, done = 0;

	while (done == 0 && !t->over &&
	       (got = frame_next(&t->frame, picture_due(t->dests.out.picture), &r, e)) != GOT_END) {
		done = take(t, got, &r, e);
		picture_look(t->dests.out.picture);
		if (done == 0 && t->args->shared.each && t->frame.holds)
			done = frame_flush(&t->frame, e);
	}
	if (done == 0)
		done = dests_flush(&t->dests, true, e);
	t->frame.holds = false;
	if (done < 0)
		return -1;
	/* of an input that failed not all is there */
	return t->args->atomic && source_failed(t->frame.source) ? outlets_drain(o, e)
	                                                         : outlets_finish(o, e);
}

/* ---- around the loop */

static void note_counts(struct tee *t)
{
	t->frame.out.bytes = dests_bytes(&t->dests);
}

static void stats(void *context, FILE *to)
{
	const struct tee *t = context;
	struct outlets_sum sum = { 0 };

	if (t->dests.outlets)
		sum = outlets_sum(t->dests.outlets);
	frame_stat(to, "dropped", sum.dropped);
	frame_stat(to, "spilled", sum.spilled);
}

/* The input's buffer is about to change. */
static int drain(void *context, struct err *e)
{
	struct tee *t = context;
	int done = dests_settle(&t->dests, e);

	note_counts(t);
	t->over = !outlets_any(t->dests.outlets);
	return done;
}

/* Something is about to be said on stderr, which may be the same terminal. */
static void make_way(void *context)
{
	struct tee *t = context;

	picture_erase(t->dests.out.picture);
}

/* There is nothing to read. */
static int flush(void *context, struct err *e)
{
	struct tee *t = context;

	t->frame.holds = false;
	if (dests_flush(&t->dests, false, e) < 0 || outlets_flush(t->dests.outlets, e) < 0)
		return -1;
	note_counts(t);
	t->over = !outlets_any(t->dests.outlets);
	return 0;
}

static size_t wait_for_outlets(void *context, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct tee *t = context;

	return outlets_wait(t->dests.outlets, p, room, timeout);
}

static int open_input(struct tee *t, struct err *e)
{
	struct intake_opts intake = { .reader_matters = t->args->output_error == OUTPUT_SIGPIPE &&
		                                        !t->args->quiet,
		                      .wait = wait_for_outlets,
		                      .context = t };
	struct reader_opts reader = { .binary = format_framed(t->decode.format), .raw = !t->looks };
	struct feed feed;

	if (!t->looks)
		t->args->shared.max_record = LINE_MAX_PASSED;
	reader.max_line = t->args->shared.max_record;
	feed = plain_new(reader_new(NULL, 0, &reader), NULL, 0);
	return frame_source(&t->frame, &t->decode, intake_new(feed_flow(feed), feed, &intake),
	                    t->looks ? &t->plan : NULL, e);
}

/* That a file may be no larger is an error in writing, and no end inside a record; and commands
 * that are run do not inherit this. */
static void file_too_large(int sig)
{
	(void)sig;
}

static int run(struct tee *t, size_t operands, char **operand, struct err *e)
{
	const char *const *names = (const char *const *)operand;
	struct dests *d = &t->dests;

	t->looks = options_look(t->args, names, operands);
	if (options_check(t->args, names, operands, e) < 0 ||
	    frame_decode_opts(&t->frame, &t->decode, e) < 0)
		return -1;
	d->n = operands;
	d->dest = alloc_zero(operands + 1, sizeof *d->dest);
	for (size_t i = 0; i < operands; i++)
		d->dest[i] = (struct dest){ .text = names[i], .takes = true };
	d->heap = &t->route.heap;
	t->frame.drain = drain;
	t->frame.flush = flush;
	t->frame.drained = t;
	t->frame.stats = stats;
	t->frame.statistics = t;
	t->frame.out.before = make_way;
	t->frame.out.context = t;
	if (options_chart(t->args)) {
		d->points = points_new(t->args, &t->plan, e);
		if (!d->points)
			return -1;
	}
	stop_take_sigpipe();
	signal(SIGXFSZ, file_too_large);
	if (route_init(&t->route, t->args, &t->plan, d->dest, d->n, e) < 0 ||
	    dests_open(d, t->args, t->decode.format, t->frame.color, e) < 0 || open_input(t, e) < 0)
		return -1;
	return loop(t, e);
}

/* The run ends because of a record: what came before it is still written. */
static void end_early(struct tee *t)
{
	struct err second;

	err_clear(&second);
	if (dests_flush(&t->dests, false, &second) == 0)
		(void)!outlets_drain(t->dests.outlets, &second);
}

/* Did a destination fail? */
static bool some_failed(const struct tee *t)
{
	return t->dests.failed || (t->dests.outlets && outlets_sum(t->dests.outlets).failed);
}

int main(int argc, char **argv)
{
	struct args args = { .compress = -1, .output_error = OUTPUT_SIGPIPE };
	struct tee t = { .args = &args };
	struct err e;
	bool done;
	int first, status;

	err_clear(&e);
	plan_init(&t.plan);
	first = frame_start(&t.frame, &stee_tool, argc, argv, &args, &done, &e);
	if (first >= 0 && !done && run(&t, (size_t)(argc - first), argv + first, &e) < 0 &&
	    e.kind == FAIL_DATA)
		end_early(&t);
	if (t.dests.outlets)
		note_counts(&t);
	t.frame.holds = false;
	status = frame_end(&t.frame, &e, some_failed(&t) ? STATUS_TROUBLE : STATUS_OK);
	dests_free(&t.dests);
	route_free(&t.route);
	free(t.dests.dest);
	plan_free(&t.plan);
	options_free_list(&args.conditions);
	return status;
}
