/* stail - bring a stream in: files, files that grow, stdin; logs and tables into records. */
#include "cli/frame.h"
#include "io/reader.h"
#include "record/control.h"
#include "stream/follow.h"
#include "stream/last.h"
#include "json/valwrite.h"

#include <stdio.h>
#include <stdlib.h>

struct args {
	struct shared shared;
	bool follow, follow_name;
	const char *lines, *parse;
	uint64_t year;
};

#define AT(field) offsetof(struct args, field)

static const struct option_def options[] = {
	{ .letter = 'f',
	  .name = "follow",
	  .kind = OPTION_FLAG,
	  .offset = AT(follow),
	  .help = "go on when the files grow; begins with the last 10 lines" },
	{ .letter = 'F',
	  .name = "follow-name",
	  .kind = OPTION_FLAG,
	  .offset = AT(follow_name),
	  .help = "the same by name: a file that is rotated away is read to its end, then the new "
	          "one of its name; one "
	          "that is not there yet is waited for" },
	{ .letter = 'n',
	  .name = "lines",
	  .kind = OPTION_STRING,
	  .offset = AT(lines),
	  .arg = "[+]N",
	  .help = "begin with the last N lines, or with line number N; by default all lines, or "
	          "the last 10 with -f "
	          "and -F" },
	{ .letter = 'p',
	  .name = "parse",
	  .kind = OPTION_STRING,
	  .offset = AT(parse),
	  .arg = "LOG",
	  .help = "turn log lines into records; LOG is combined, common, syslog, rfc5424, logfmt, "
	          "cri, nginx:FORMAT, "
	          "apache:FORMAT, or a regular expression with named groups" },
	{ .name = "year",
	  .kind = OPTION_SIZE,
	  .offset = AT(year),
	  .arg = "YEAR",
	  .help = "the year of the first line of a log that does not say it; by default that of "
	          "the file" },
	{ 0 },
};

static const char *const synopsis[] = { "[-f | -F] [-n [+]N] [--parse LOG] [options] [FILE ...]",
	                                NULL };

static const struct tool tool = {
	.name = "stail",
	.purpose = "bring a stream in: files, files that grow, stdin; logs and tables into records",
	.synopsis = synopsis,
	.options = options,
	.shared = frame_options,
	.shared_offset = AT(shared),
	.operands = "file",
	.example = "stail -F --parse combined access.log",
};

struct tail {
	const struct args *args;
	struct frame frame;
	struct plan plan;
	struct heap heap;
	struct decode_opts decode;
	bool looks;   /* records are looked into, not only lines passed on */
	bool encodes; /* and written in another format */
	bool cut;     /* the last line passed on had no newline, and has none yet */
};

/* ---- where the lines come from */

static int parse_lines(const char *text, struct last_opts *opts, struct err *e)
{
	opts->from = *text == '+';
	if (options_size(text + opts->from, &opts->count) < 0)
		return err_set(e, FAIL_USAGE,
		               "-n: '%s' is no number of lines (like 10, or +10 for line 10 on)",
		               text);
	return 0;
}

static int open_lines(const struct tail *t, const char *const *names, size_t count,
                      struct lines *lines, struct err *e)
{
	const struct args *a = t->args;
	struct follow_opts follow = { .tool = tool.name,
		                      .by_name = a->follow_name,
		                      .last = 10,
		                      .max_line = a->shared.max_record };
	struct reader_opts reader = { .max_line = a->shared.max_record };
	struct last_opts last = { 0 };
	bool all = false, table = t->decode.format == FORMAT_CSV || t->decode.format == FORMAT_TSV;

	last.header = follow.header = table && !a->shared.header && !a->shared.no_header;
	if (a->lines && parse_lines(a->lines, &last, e) < 0)
		return -1;
	if ((a->follow || a->follow_name) && count && strcmp(names[0], "-") != 0) {
		for (size_t i = 1; i < count; i++)
			if (strcmp(names[i], "-") == 0)
				return err_set(e, FAIL_USAGE,
				               "-: stdin is not followed beside files");
		if (a->lines && last.from && last.count > 1)
			return err_set(e, FAIL_USAGE,
			               "-n +N: with -f and -F only +1, the whole file");
		all = last.from;
		follow.all = all;
		follow.last = a->lines ? last.count : 10;
		*lines = follow_new(names, count, &follow, e);
		return lines->ops ? 0 : -1;
	}
	*lines = reader_new(names, count, &reader);
	if (a->lines)
		*lines = last_new(*lines, &last);
	return 0;
}

/* ---- lines as they are */

/*
 * Pass a line on. Where nothing is looked into a last one without newline stays so; but lines of
 * another input behind it are lines of their own.
 */
static int pass_line(struct tail *t, struct slice line, struct err *e)
{
	if (t->cut && writer_pass(&t->frame.out, SLICE("\n"), e) < 0)
		return -1;
	t->cut = !t->looks && !source_terminated(t->frame.source);
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

	if (frame_decode_opts(&t->frame, &t->decode, e) < 0)
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

static int run(struct tail *t, int operands, char **operand, struct err *e)
{
	/*
	 * what is converted is JSON by construction: only JSON input, and other output formats,
	 * need a scan
	 */
	bool scan;
	struct lines lines = { 0 };

	if (choose_formats(t, e) < 0)
		return -1;
	scan = t->encodes || t->decode.format == FORMAT_JSON ||
	       (t->looks && t->decode.format == FORMAT_NONE);
	if (open_lines(t, (const char *const *)operand, (size_t)operands, &lines, e) < 0 ||
	    frame_source(&t->frame, &t->decode, lines, scan ? &t->plan : NULL, e) < 0)
		return -1;
	return loop(t, e);
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
	first = frame_start(&t.frame, &tool, argc, argv, &args, &done, &e);
	if (first >= 0 && !done && run(&t, argc - first, argv + first, &e) < 0)
		status = STATUS_TROUBLE;
	status = frame_end(&t.frame, &e, status);
	plan_free(&t.plan);
	heap_free(&t.heap);
	return status;
}
