/* stail - bring a stream in: files, files that grow, stdin; logs and tables into records. */
#include "stail.h"

#include "cli/rate.h"
#include "record/control.h"
#include "stream/headers.h"
#include "stream/intake.h"
#include "stream/pace.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct tail {
	const struct args *args;
	struct inputs inputs;
	struct frame frame;
	struct plan plan;
	struct heap heap;
	struct decode_opts decode;
	struct tags tags;
	struct resume resume;
	struct times *times;   /* or NULL */
	struct clocks *clocks; /* or NULL */
	struct pace *pace;     /* or NULL; the frame's inputs own it */
	bool looks;            /* records are looked into, not only lines passed on */
	bool encodes;          /* and written in another format */
	bool many;             /* lines go on together, as many as there are */
	bool cut;              /* the last line passed on had no newline, and has none yet */
};

/* ---- lines as they are */

/* Pass a line on that was joined of several: as one, with --join between them. */
static int pass_joined(struct tail *t, struct slice line, struct err *e)
{
	struct buf *out = writer_buf(&t->frame.out);
	const char *p;

	while (line.n && (p = memchr(line.p, t->decode.joint, line.n))) {
		size_t n = (size_t)(p - line.p);

		buf_add(out, line.p, n);
		buf_adds(out, t->args->join);
		line.p += n + 1;
		line.n -= n + 1;
	}
	buf_add_slice(out, line);
	t->frame.records_out++;
	return writer_check(&t->frame.out, e);
}

/*
 * Pass a line on. Where nothing is looked into a last one without newline stays so; but lines of
 * another input behind it are lines of their own. With --resume each has one: where the next run
 * goes on there is no telling.
 */
static int pass_line(struct tail *t, struct slice line, struct err *e)
{
	if (t->cut && writer_pass(&t->frame.out, SLICE("\n"), e) < 0)
		return -1;
	t->cut = !t->looks && !t->args->resume && !t->args->partial_after &&
	         !source_terminated(t->frame.source);
	line.n -= t->cut;
	if (t->decode.joint && line.n && memchr(line.p, t->decode.joint, line.n))
		return pass_joined(t, line, e);
	return frame_pass(&t->frame, line, e);
}

/* A line that begins like a control line must not pass as one. */
static int refuse(struct tail *t, const struct record *r, struct err *e)
{
	int got = source_bad(t->frame.source, r,
	                     "byte 1: a line of data must not begin with byte 0x16, which marks "
	                     "control lines",
	                     e);

	return got == GOT_ERROR ? -1 : 0;
}

/* ---- records */

static int write_json(struct tail *t, const struct record *r, struct err *e)
{
	if (!t->args->tag && r->json.p == r->line.p)
		return pass_line(t, r->line, e);
	t->frame.records_out++;
	if (t->args->tag)
		tags_add(&t->tags, r, t->frame.source, writer_buf(&t->frame.out));
	else
		buf_add_slice(writer_buf(&t->frame.out), r->json);
	return writer_check(&t->frame.out, e);
}

static int write_record(struct tail *t, const struct record *r, struct err *e)
{
	struct err why;
	struct rec tagged;
	int done;

	if (!t->encodes)
		return write_json(t, r, e);
	err_clear(&why);
	done = frame_write(&t->frame, &t->heap,
	                   t->args->tag ? tags_value(&t->tags, r, t->frame.source, &tagged)
	                                : val_from_rec(&r->rec, 0),
	                   &why);
	heap_reset(&t->heap);
	if (done == 0)
		return 0;
	if (why.kind == FAIL_DATA)
		return source_bad(t->frame.source, r, why.text, e) == GOT_ERROR ? -1 : 0;
	*e = why;
	return -1;
}

/* A record is not of the stretch asked for. */
static int omit(struct tail *t)
{
	if (t->pace)
		pace_forgive(t->pace);
	return 0;
}

/* A record whose event time counts. */
static int write_timed(struct tail *t, const struct record *r, struct err *e)
{
	struct err why;
	int got;

	err_clear(&why);
	switch (times_judge(t->times, source_place(t->frame.source).part, &r->rec, &t->heap,
	                    &why)) {
	case FATE_OMIT:
		return omit(t);
	case FATE_BAD:
		got = source_bad(t->frame.source, r, why.text, e);
		return got == GOT_ERROR ? -1 : got == GOT_PASS ? pass_line(t, r->line, e) : 0;
	default:
		if (times_begin(t->times, &t->frame, e) < 0 || write_record(t, r, e) < 0)
			return -1;
		return times_passed(t->times, &t->frame, 0, e);
	}
}

/* A bad record that goes on unchanged. */
static int pass_bad(struct tail *t, struct slice line, struct err *e)
{
	if (t->times && times_judge_line(t->times, source_place(t->frame.source).part) == FATE_OMIT)
		return omit(t);
	return pass_line(t, line, e);
}

static int take(struct tail *t, int got, struct record *r, struct err *e)
{
	switch (got) {
	case GOT_RECORD:
		if (t->many)
			return pass_line(t, frame_more(&t->frame, r->line), e);
		return t->times ? write_timed(t, r, e) : write_record(t, r, e);
	case GOT_PASS:
		return pass_bad(t, r->line, e);
	case GOT_CONTROL:
		return refuse(t, r, e);
	case GOT_TICK:
		return t->times ? times_look(t->times, &t->frame, e) : 0;
	case GOT_ERROR:
		return -1;
	default:
		return 0;
	}
}

static int loop(struct tail *t, struct err *e)
{
	struct record r;
	int got, done = 0;

	while (done == 0 && !(t->times && times_over(t->times)) &&
	       (got = frame_next(&t->frame, t->times ? times_timeout(t->times) : -1, &r, e)) !=
	               GOT_END)
		done = t->clocks && clocks_check(t->clocks, e) < 0 ? -1 : take(t, got, &r, e);
	return done == 0 && t->times ? times_end(t->times, &t->frame, e) : done;
}

/* Does each input begin with a line that names its fields? */
static bool has_header(const struct tail *t)
{
	const struct shared *s = &t->args->shared;

	return (t->decode.format == FORMAT_CSV || t->decode.format == FORMAT_TSV) && !s->header &&
	       !s->no_header;
}

static int choose_formats(struct tail *t, struct err *e)
{
	const struct args *a = t->args;
	struct encode_opts json = { 0 };

	if (frame_decode_opts(&t->frame, &t->decode, e) < 0 || resume_check(a, &t->decode, e) < 0)
		return -1;
	if (a->parse && t->decode.format != FORMAT_NONE)
		return err_set(e, FAIL_USAGE, "--parse and --from exclude one another");
	if (a->parse) {
		t->decode.format = FORMAT_LOG;
		t->decode.pattern = a->parse;
		t->decode.year = (int)a->year;
	}
	if (a->hold_back && !a->merge)
		return err_set(e, FAIL_USAGE, "--hold-back needs --merge-by-time");
	if (a->times.idle && !a->times.watermark)
		return err_set(e, FAIL_USAGE, "--idle needs --watermark");
	t->times = times_new(&a->times, &t->decode, &t->plan, e);
	if (e->kind == FAIL_NONE && a->merge)
		t->clocks = clocks_new(&t->decode, &a->times.time, has_header(t), e);
	if (e->kind != FAIL_NONE)
		return -1;
	if (a->tag && t->decode.format == FORMAT_NONE && !a->shared.to && !t->times)
		t->decode.format = FORMAT_TEXT;
	t->looks = t->decode.format != FORMAT_NONE || a->shared.to || t->times;
	t->encodes = a->shared.to && strcmp(a->shared.to, "json") != 0;
	return frame_encoder(&t->frame, &json, e);
}

static int run(struct tail *t, int operands, char **operand, struct err *e)
{
	/*
	 * what is converted is JSON by construction: only JSON input, and other output formats,
	 * need a scan (and what is framed, where what is no record comes as it is)
	 */
	bool scan;
	struct intake_opts intake = { .look = t->args->sleep,
		                      .reader_matters = true,
		                      .reader_gone = &t->resume.reader_gone,
		                      .boundary = resume_boundary,
		                      .context = &t->resume };
	struct feed feed;
	struct flow flow;
	struct rate rate;

	if (choose_formats(t, e) < 0 ||
	    (t->args->max_rate && rate_parse("--max-rate", t->args->max_rate, &rate, e) < 0))
		return -1;
	if (t->args->pid > INT_MAX)
		return err_set(e, FAIL_USAGE, "--pid: no process has the number %" PRIu64,
		               t->args->pid);
	if (follows(t->args))
		intake.pid = (pid_t)t->args->pid;
	if (t->args->verbose && t->looks)
		return err_set(e, FAIL_USAGE,
		               "-v: headers go between lines as they are, not between records");
	t->inputs.spread = format_framed(t->decode.format);
	scan = t->encodes || t->args->tag || t->decode.format == FORMAT_JSON || t->times ||
	       t->inputs.spread || (t->looks && t->decode.format == FORMAT_NONE);
	t->inputs.header = has_header(t);
	t->inputs.times = t->times;
	t->inputs.clocks = t->clocks;
	t->frame.leaves_open = t->args->resume;
	if (inputs_open(&t->inputs, t->args, (const char *const *)operand, (size_t)operands, &feed,
	                e) < 0 ||
	    filters_open(t->args, t->looks, feed, &t->decode, &flow, e) < 0)
		return -1;
	t->many = !t->looks && !t->decode.joint && !t->clocks && !t->args->shared.each;
	if (t->args->tag)
		tags_init(&t->tags, &t->plan, t->decode.format == FORMAT_TEXT);
	if (t->args->verbose)
		flow = headers_new(flow, feed, follows(t->args));
	if (t->args->max_rate) {
		t->pace = pace_new(flow, &rate);
		flow = pace_flow(t->pace);
	}
	if (frame_source(&t->frame, &t->decode, intake_new(flow, feed, &intake),
	                 scan ? &t->plan : NULL, e) < 0 ||
	    resume_open(&t->resume, &t->frame, t->args, feed, e) < 0)
		return -1;
	return resume_end(&t->resume, loop(t, e), e);
}

int main(int argc, char **argv)
{
	struct args args = { .follow_how = FOLLOWED_NOT, .times.tool = stail_tool.name };
	struct tail t = { .args = &args };
	struct err e;
	bool done;
	int first, status = STATUS_OK;

	err_clear(&e);
	plan_init(&t.plan);
	heap_init(&t.heap);
	first = frame_start(&t.frame, &stail_tool, argc, argv, &args, &done, &e);
	if (first >= 0 && !done && run(&t, argc - first, argv + first, &e) < 0)
		status = STATUS_TROUBLE;
	times_free(t.times);
	if (t.clocks && clocks_none(t.clocks))
		fprintf(stderr,
		        "stail: --merge-by-time: no line had an event time (--time EXPR names "
		        "it)\n");
	status = frame_end(&t.frame, &e, status);
	clocks_free(t.clocks);
	tags_free(&t.tags);
	inputs_free(&t.inputs);
	plan_free(&t.plan);
	heap_free(&t.heap);
	resume_leave(&t.resume);
	return status;
}
