#include "frame.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "io/reader.h"
#include "io/stop.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AT(field) offsetof(struct shared, field)

const struct option_def frame_options[] = {
	{ .letter = 'i',
	  .name = "from",
	  .kind = OPTION_STRING,
	  .offset = AT(from),
	  .arg = "FMT",
	  .help = "read records as FMT: json, csv, tsv, text, logfmt, json-stream for JSON values "
	          "over several lines, or journal for what journalctl -o export writes" },
	{ .letter = 'o',
	  .name = "to",
	  .kind = OPTION_STRING,
	  .offset = AT(to),
	  .arg = "FMT",
	  .help = "write records as FMT: json, csv, tsv, text, logfmt, or table for reading by "
	          "eye" },
	{ .name = "header",
	  .kind = OPTION_STRING,
	  .offset = AT(header),
	  .arg = "NAMES",
	  .help = "CSV and TSV input has no header line: these are the fields' names, separated by "
	          "commas" },
	{ .name = "no-header",
	  .kind = OPTION_FLAG,
	  .offset = AT(no_header),
	  .help = "CSV and TSV input has no header line: fields are called 1, 2, 3" },
	{ .name = "strings",
	  .kind = OPTION_FLAG,
	  .offset = AT(strings),
	  .help = "leave numbers in CSV, TSV and log input as text" },
	{ .name = "columns",
	  .kind = OPTION_STRING,
	  .offset = AT(columns),
	  .arg = "NAMES",
	  .help = "columns of CSV, TSV and table output; by default the fields of the first "
	          "record" },
	{ .name = "on-error",
	  .kind = OPTION_CHOICE,
	  .offset = AT(on_error),
	  .arg = "WHAT",
	  .def = "report",
	  .choices = "report|skip|fail|pass",
	  .help = "what becomes of a bad record: it is reported and left out, left out and "
	          "counted, the end of the "
	          "run, or passed on unchanged where records are passed on" },
	{ .name = "dead-letter",
	  .kind = OPTION_FILE,
	  .offset = AT(dead_letter),
	  .arg = "FILE",
	  .help = "append bad records to FILE as they were; of one that is longer than "
	          "--max-record "
	          "its beginning" },
	{ .name = "max-record",
	  .kind = OPTION_SIZE,
	  .offset = AT(max_record),
	  .arg = "SIZE",
	  .def = "16Mi",
	  .positive = true,
	  .help = "the longest record taken, in bytes; a longer one is a bad record" },
	{ .name = "color",
	  .kind = OPTION_CHOICE,
	  .offset = AT(color),
	  .arg = "WHEN",
	  .def = "auto",
	  .choices = "auto|always|never",
	  .help = "colour the output; auto: on a terminal, unless NO_COLOR is set" },
	{ .letter = 'C',
	  .kind = OPTION_FLAG,
	  .offset = AT(color_on),
	  .help = "short for --color=always" },
	{ .letter = 'M',
	  .kind = OPTION_FLAG,
	  .offset = AT(color_off),
	  .help = "short for --color=never" },
	{ .name = "progress",
	  .kind = OPTION_FLAG,
	  .offset = AT(progress),
	  .help = "show progress on stderr even where it is no terminal" },
	{ .name = "stats",
	  .kind = OPTION_FLAG,
	  .offset = AT(stats),
	  .help = "at the end print one JSON line of statistics on stderr; SIGUSR1 prints it at "
	          "any time" },
	{ .letter = 'u',
	  .name = "line-buffered",
	  .kind = OPTION_FLAG,
	  .offset = AT(each),
	  .help = "flush behind every record; without it output is flushed whenever there is "
	          "nothing to read" },
	{ .name = "graceful",
	  .kind = OPTION_FLAG,
	  .offset = AT(graceful),
	  .help = "exit with 0 when ended in order by SIGINT or SIGTERM, not with 130 or 143" },
	{ .letter = 'h', .name = "help", .kind = OPTION_HELP, .help = "print this text" },
	{ .letter = 'V', .name = "version", .kind = OPTION_VERSION, .help = "print the version" },
	{ 0 },
};

static void before_message(void *context);

/* Where stdout or stderr is closed no other file may get its number, and be written to. */
static void keep_standard(void)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		int other;

		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* for reading, so that writing fails as it would */
		other = open("/dev/null", O_RDONLY);
		if (other >= 0 && other != fd) {
			dup2(other, fd);
			close(other);
		}
	}
}

int frame_start(struct frame *f, const struct tool *t, int argc, char **argv, void *args,
                bool *done, struct err *e)
{
	const struct shared *s =
		(const struct shared *)(const void *)((const char *)args + t->shared_offset);
	const char *no_color; /* no-color.org: empty is as unset */
	int first;

	alloc_init();
	*f = (struct frame){ .tool = t, .shared = s, .began = stamp_monotonic() };
	report_init(&f->report, t->name, ON_ERROR_REPORT, NULL);
	writer_init(&f->out, STDOUT_FILENO, "stdout", false);
	first = options_parse(t, argc, argv, args, done, e);
	if (first < 0 || *done)
		return first;
	keep_standard();
	stop_init();
	f->out.each = s->each;
	report_init(&f->report, t->name, (enum on_error)s->on_error, s->dead_letter);
	f->report.before = before_message;
	f->report.context = f;
	no_color = getenv("NO_COLOR");
	f->color = s->color_on || s->color == 1 ||
	           (s->color == 0 && !s->color_off && !(no_color && *no_color) &&
	            isatty(STDOUT_FILENO));
	f->show_progress = s->progress;
	return first;
}

int frame_decode_opts(const struct frame *f, struct decode_opts *opts, struct err *e)
{
	const struct shared *s = f->shared;

	*opts = (struct decode_opts){ .header = s->header,
		                      .no_header = s->no_header,
		                      .strings = s->strings };
	if (!s->from)
		return 0;
	return format_input(s->from, &opts->format, e);
}

int frame_encoder(struct frame *f, const struct encode_opts *own, struct err *e)
{
	struct encode_opts opts = *own;

	opts.columns = f->shared->columns;
	opts.color = f->color;
	if (f->shared->to && format_output(f->shared->to, &opts.format, e) < 0)
		return -1;
	encode_free(f->encoder);
	f->encoder = encode_new(&opts);
	return 0;
}

/* ---- statistics and progress */

static double seconds_since(int64_t began)
{
	return (double)(stamp_monotonic() - began) / 1e9;
}

static uint64_t records_in(const struct frame *f)
{
	return f->records_in + (f->source ? source_records(f->source) : 0) +
	       (f->other ? source_records(f->other) : 0);
}

static uint64_t bytes_in(const struct frame *f)
{
	return f->bytes_in + (f->other ? source_bytes(f->other) : 0) +
	       (f->source      ? source_bytes(f->source)
	        : f->lines.ops ? f->lines.ops->consumed(f->lines.self)
	                       : 0);
}

static uint64_t bytes_there_are(const struct frame *f)
{
	uint64_t one = f->source ? source_size(f->source) : 0;

	/* of two inputs: unless the size of one is not known */
	if (f->other)
		return one && source_size(f->other) ? one + source_size(f->other) : 0;
	return f->source      ? source_size(f->source)
	       : f->lines.ops ? f->lines.ops->size(f->lines.self)
	                      : 0;
}

static void print_stats(const struct frame *f)
{
	fprintf(stderr,
	        "{\"tool\":\"%s\",\"records_in\":%" PRIu64 ",\"records_out\":%" PRIu64
	        ",\"skipped\":%" PRIu64,
	        f->tool->name, records_in(f), f->records_out, f->report.bad);
	if (f->stats)
		f->stats(f->statistics, stderr);
	if (f->heap)
		fprintf(stderr, ",\"heap_peak\":%zu", arena_peak(&f->heap->arena));
	fprintf(stderr, ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64 ",\"seconds\":%.6f}\n",
	        bytes_in(f), f->out.bytes, seconds_since(f->began));
}

static void print_progress(struct frame *f, bool last)
{
	double seconds = seconds_since(f->began), bytes = (double)bytes_in(f);
	double records = (double)records_in(f), size = (double)bytes_there_are(f);
	int n;

	n = fprintf(stderr, "%s%s: %.1f MB, %.0f records, %.1f MB/s",
	            isatty(STDERR_FILENO) ? "\r" : "", f->tool->name, bytes / 1e6, records,
	            seconds > 0 ? bytes / 1e6 / seconds : 0);
	if (size > 0 && bytes > 0 && !last)
		n += fprintf(stderr, ", %.0f %%, %.0f s left", 100 * bytes / size,
		             (size - bytes) / bytes * seconds);
	/* what a longer line before left over */
	fprintf(stderr, "%*s", n < 78 ? 78 - n : 0, "");
	if (last || !isatty(STDERR_FILENO))
		fputc('\n', stderr);
}

/* Every half second at most; --progress is asked for, or stderr is a terminal and stdout is not. */
static void progress(struct frame *f)
{
	int64_t now = stamp_monotonic();

	if (now - f->shown < NS_PER_SEC / 2)
		return;
	f->shown = now;
	print_progress(f, false);
}

/* What is written where nobody can be told of a failure: frame_next() tells. */
static void note_failure(struct frame *f, int result, const struct err *e)
{
	if (result < 0 && f->lost.kind == FAIL_NONE)
		f->lost = *e;
}

/* What is drawn on stderr has to go for something that is said there. */
static void make_way(struct frame *f)
{
	if (f->out.before)
		f->out.before(f->out.context);
	if (f->clear)
		f->clear(f->out.context);
}

/* A message is about to be printed: what was written before comes before it. */
static void before_message(void *context)
{
	struct frame *f = context;
	struct err e;

	err_clear(&e);
	note_failure(f, writer_flush(&f->out, &e), &e);
	make_way(f);
}

void frame_look_around(struct frame *f)
{
	if (stop_usr1()) {
		make_way(f);
		print_stats(f);
	}
	if (f->look)
		f->look(f->out.context);
	if (f->show_progress)
		progress(f);
}

static void before_refill(void *context)
{
	struct frame *f = context;
	struct err e;

	err_clear(&e);
	if (f->holds)
		note_failure(f, f->drain(f->drained, &e), &e);
	note_failure(f, writer_settle(&f->out, &e), &e);
	if (f->out.fd >= 0)
		frame_look_around(f);
}

/* ---- records */

static struct source *open_source(struct frame *f, const struct decode_opts *opts,
                                  struct lines lines, const struct plan *plan, struct err *e)
{
	struct source_setup setup = { .tool = f->tool->name,
		                      .lines = lines,
		                      .decode = *opts,
		                      .max_record = f->shared->max_record,
		                      .plan = plan,
		                      .report = &f->report,
		                      .leaves_open = f->leaves_open,
		                      .before_refill = before_refill,
		                      .context = f };

	f->ran = true;
	return source_new(&setup, e);
}

int frame_source(struct frame *f, const struct decode_opts *opts, struct lines lines,
                 const struct plan *plan, struct err *e)
{
	f->source = open_source(f, opts, lines, plan, e);
	return f->source ? 0 : -1;
}

int frame_inputs(struct frame *f, const struct decode_opts *opts, const char *const *names,
                 size_t count, const struct plan *plan, struct err *e)
{
	/* values of a JSON stream are found, and measured, without regard to lines */
	struct reader_opts reader = { .max_line = f->shared->max_record,
		                      .binary = format_framed(opts->format) };

	return frame_source(f, opts, reader_new(names, count, &reader), plan, e);
}

int frame_other(struct frame *f, const struct decode_opts *opts, struct lines lines,
                const struct plan *plan, struct err *e)
{
	f->other = open_source(f, opts, lines, plan, e);
	return f->other ? 0 : -1;
}

bool frame_pending(const struct frame *f)
{
	return f->holds || writer_pending(&f->out) || (f->encoder && encode_pending(f->encoder));
}

int frame_flush(struct frame *f, struct err *e)
{
	if (f->encoder && encode_pending(f->encoder))
		encode_flush(f->encoder, writer_buf(&f->out));
	if (f->flush && f->holds && f->flush(f->drained, e) < 0)
		return -1;
	return writer_flush(&f->out, e);
}

/* As source_next(); what is dropped, and said, is passed over. */
static int next_of(struct frame *f, struct source *s, bool tick, int64_t timeout, struct record *r,
                   struct err *e)
{
	int got;

	do {
		got = source_next(s, tick, timeout, r, e);
		if (f->lost.kind != FAIL_NONE) {
			*e = f->lost;
			return GOT_ERROR;
		}
	} while (got == GOT_DROPPED);
	return got;
}

int frame_next_of(struct frame *f, struct source *s, struct record *r, struct err *e)
{
	return next_of(f, s, false, 0, r, e);
}

int frame_next(struct frame *f, int64_t timeout, struct record *r, struct err *e)
{
	int got;

	for (;;) {
		got = next_of(f, f->source, frame_pending(f), timeout, r, e);
		if (got != GOT_TICK)
			return got;
		if (!frame_pending(f))
			return GOT_TICK;
		if (frame_flush(f, e) < 0)
			return GOT_ERROR;
	}
}

int frame_write(struct frame *f, struct heap *h, struct val v, struct err *e)
{
	if (encode_value(f->encoder, h, v, writer_buf(&f->out), e) < 0)
		return -1;
	f->records_out++;
	return writer_check(&f->out, e);
}

struct slice frame_more(struct frame *f, struct slice line)
{
	uint64_t before = source_records(f->source);

	line.n += source_more(f->source).n;
	f->records_out += source_records(f->source) - before;
	return line;
}

int frame_pass(struct frame *f, struct slice line, struct err *e)
{
	f->records_out++;
	return writer_pass(&f->out, line, e);
}

int frame_pass_control(struct frame *f, struct slice line, struct err *e)
{
	return f->out.ends_here ? 0 : writer_pass(&f->out, line, e);
}

static void close_source(struct frame *f, struct source **s)
{
	if (!*s)
		return;
	f->records_in += source_records(*s);
	f->bytes_in += source_bytes(*s);
	f->input_failed = f->input_failed || source_failed(*s);
	source_free(*s);
	*s = NULL;
}

void frame_close_source(struct frame *f)
{
	close_source(f, &f->source);
	close_source(f, &f->other);
}

int frame_fork(struct frame *part, const struct frame *f, const struct encode_opts *output,
               struct err *e)
{
	*part = (struct frame){ .tool = f->tool, .shared = f->shared, .color = f->color };
	report_init(&part->report, f->tool->name, f->report.policy, NULL);
	part->report.defers = true;
	writer_init(&part->out, -1, f->out.name, false);
	part->out.ends_here = f->out.ends_here;
	return frame_encoder(part, output, e);
}

void frame_unfork(struct frame *part)
{
	report_end(&part->report);
	frame_close_source(part);
	encode_free(part->encoder);
	writer_free(&part->out);
}

/* The status of an end that SIGINT or SIGTERM asked for. */
static int stopped(const struct frame *f, int status)
{
	int sig = stop_signal();

	return sig && !f->shared->graceful && status != STATUS_TROUBLE && status != STATUS_COMPILE
	               ? 128 + sig
	               : status;
}

int frame_end(struct frame *f, struct err *e, int ok)
{
	struct err second;
	int status = ok;

	/* what was made before a failure is still written; a second failure adds nothing */
	err_clear(&second);
	if (fflush(stdout) != 0 && e->kind == FAIL_NONE)
		err_set(e, FAIL_IO, "cannot write to stdout:");
	if (e->kind != FAIL_IO && e->kind != FAIL_EPIPE && frame_flush(f, &second) < 0 &&
	    e->kind == FAIL_NONE)
		*e = second;
	frame_close_source(f);
	if (f->show_progress && f->ran)
		print_progress(f, true);
	report_end(&f->report);
	if (e->kind != FAIL_NONE) {
		fprintf(stderr, "%s: %s\n", f->tool->name, err_plain(e->text));
		status = (int)err_status(e->kind);
	} else if (f->input_failed) {
		status = STATUS_TROUBLE;
	} else if (report_counts(&f->report)) {
		status = STATUS_BAD_RECORDS;
	}
	if (f->shared->stats && f->ran)
		print_stats(f);
	encode_free(f->encoder);
	writer_free(&f->out);
	return stopped(f, status);
}
