/* stail - bring a stream in: files, files that grow, stdin; logs and tables into records. */
#include "stail.h"

#include "base/duration.h"
#include "record/control.h"
#include "stream/intake.h"

#include <stdio.h>
#include <stdlib.h>

struct tail {
	const struct args *args;
	struct inputs inputs;
	struct frame frame;
	struct plan plan;
	struct heap heap;
	struct decode_opts decode;
	struct resume resume;
	bool looks;   /* records are looked into, not only lines passed on */
	bool encodes; /* and written in another format */
	bool cut;     /* the last line passed on had no newline, and has none yet */
};

/* ---- lines as they are */

/*
 * Pass a line on. Where nothing is looked into a last one without newline stays so; but lines of
 * another input behind it are lines of their own. With --resume each has one: where the next run
 * goes on there is no telling.
 */
static int pass_line(struct tail *t, struct slice line, struct err *e)
{
	if (t->cut && writer_pass(&t->frame.out, SLICE("\n"), e) < 0)
		return -1;
	t->cut = !t->looks && !t->args->resume && !source_terminated(t->frame.source);
	line.n -= t->cut;
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

static int write_record(struct tail *t, const struct record *r, struct err *e)
{
	struct err why;
	int done;

	if (!t->encodes) {
		if (r->json.p == r->line.p)
			return pass_line(t, r->line, e);
		t->frame.records_out++;
		buf_add_slice(writer_buf(&t->frame.out), r->json);
		return writer_check(&t->frame.out, e);
	}
	err_clear(&why);
	done = frame_write(&t->frame, &t->heap, val_from_rec(&r->rec, 0), &why);
	heap_reset(&t->heap);
	if (done == 0)
		return 0;
	if (why.kind == FAIL_DATA)
		return source_bad(t->frame.source, r, why.text, e) == GOT_ERROR ? -1 : 0;
	*e = why;
	return -1;
}

static int loop(struct tail *t, struct err *e)
{
	struct record r;
	int got, done = 0;

	while (done == 0 && (got = frame_next(&t->frame, -1, &r, e)) != GOT_END) {
		if (got == GOT_RECORD)
			done = write_record(t, &r, e);
		else if (got == GOT_PASS)
			done = pass_line(t, r.line, e);
		else if (got == GOT_CONTROL)
			done = refuse(t, &r, e);
		else if (got == GOT_ERROR)
			done = -1;
	}
	return done;
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
	t->looks = t->decode.format != FORMAT_NONE || a->shared.to;
	t->encodes = a->shared.to && strcmp(a->shared.to, "json") != 0;
	return frame_encoder(&t->frame, &json, e);
}

/* Does each input begin with a line that names its fields? */
static bool has_header(const struct tail *t)
{
	const struct shared *s = &t->args->shared;

	return (t->decode.format == FORMAT_CSV || t->decode.format == FORMAT_TSV) && !s->header &&
	       !s->no_header;
}

static int run(struct tail *t, int operands, char **operand, struct err *e)
{
	/*
	 * what is converted is JSON by construction: only JSON input, and other output formats,
	 * need a scan (and what is framed, where what is no record comes as it is)
	 */
	bool scan;
	struct intake_opts intake = { .look = NS_PER_SEC,
		                      .reader_matters = true,
		                      .reader_gone = &t->resume.reader_gone,
		                      .boundary = resume_boundary,
		                      .context = &t->resume };
	struct feed feed;

	if (choose_formats(t, e) < 0)
		return -1;
	scan = t->encodes || t->decode.format == FORMAT_JSON || format_framed(t->decode.format) ||
	       (t->looks && t->decode.format == FORMAT_NONE);
	t->inputs.header = has_header(t);
	t->inputs.framed = format_framed(t->decode.format);
	t->frame.leaves_open = t->args->resume;
	if (inputs_open(&t->inputs, t->args, (const char *const *)operand, (size_t)operands, &feed,
	                e) < 0 ||
	    frame_source(&t->frame, &t->decode, intake_new(feed_flow(feed), feed, &intake),
	                 scan ? &t->plan : NULL, e) < 0 ||
	    resume_open(&t->resume, &t->frame, t->args, feed, e) < 0)
		return -1;
	return resume_end(&t->resume, loop(t, e), e);
}

int main(int argc, char **argv)
{
	struct args args = { 0 };
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
	status = frame_end(&t.frame, &e, status);
	inputs_free(&t.inputs);
	plan_free(&t.plan);
	heap_free(&t.heap);
	resume_leave(&t.resume);
	return status;
}
