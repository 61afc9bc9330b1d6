/* stee: the destinations, and what each is handed. */
#include "stee.h"

#include "base/alloc.h"
#include "io/descriptors.h"
#include "stream/manysinks.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NO_OUTLET SIZE_MAX

/* ---- opening */

/* Its encoders, if its format is asked for. */
static struct forms *make_forms(const struct dests *d, const struct args *a, enum format format,
                                bool heads, bool color)
{
	struct forms_opts opts = {
		.encode = { .format = format, .columns = a->shared.columns, .color = color },
		.union_of = a->union_of,
		.heads = heads,
		.append = a->append
	};

	return a->shared.to && !d->json && !d->points ? forms_new(&opts) : NULL;
}

/* Begins a file with the header of the input. CONTEXT is the struct dests. */
static void input_head(void *context, const char *path, struct buf *to)
{
	struct dests *d = context;

	(void)path;
	buf_add_slice(to, buf_slice(&d->header));
}

/* One cannot be opened. -1 if that ends the run. */
static int not_opened(struct dests *d, struct err *e)
{
	int mode = d->args->output_error;

	if (e->kind == FAIL_USAGE || mode == OUTPUT_EXIT || mode == OUTPUT_EXIT_NOPIPE)
		return -1;
	fprintf(stderr, "%s: %s\n", stee_tool.name, e->text);
	err_clear(e);
	d->failed = true;
	return 0;
}

static int open_one(struct dests *d, struct dest *to, struct filesink_opts files,
                    enum format format, struct err *e)
{
	const struct args *a = d->args;
	struct sink sink = { 0 };

	to->outlet = NO_OUTLET;
	to->forms = make_forms(d, a, format, true, false);
	if (to->forms) {
		files.head = forms_head;
		files.context = to->forms;
	} else if (d->points) {
		to->picture = picture_new(a, d->points, false, false);
	} else if (!d->json) {
		files.head = input_head;
		files.context = d;
	}
	if (to->name) {
		to->piles = piles_new();
		sink = manysinks_new(&files, a->max_open);
	} else if (sink_open(to->text, &files, &sink, e) < 0) {
		return not_opened(d, e);
	} else if (to->forms && forms_begin(to->forms, to->text, e) < 0) {
		sink.ops->free(sink.self);
		return not_opened(d, e);
	}
	to->outlet = outlets_add(d->outlets, sink, to->text, (enum on_slow)a->on_slow);
	return 0;
}

/* Where records go to stdout: as they are, unless it is the only destination. */
static void open_stdout(struct dests *d, enum format format, bool color)
{
	d->out.text = "stdout";
	d->out.outlet = NO_OUTLET;
	if (d->args->quiet)
		return;
	d->out.takes = true;
	if (d->n == 0)
		d->out.forms = make_forms(d, d->args, format, false, color);
	if (d->n == 0 && d->points)
		d->out.picture = picture_new(d->args, d->points, color, true);
	d->out.outlet =
		outlets_add(d->outlets, sink_of_fd(STDOUT_FILENO, "stdout"), "stdout", SLOW_BLOCK);
	outlets_is_output(d->outlets, d->out.outlet);
}

/* Have as many descriptors as they take. */
static void allow_open(const struct dests *d)
{
	uint64_t files = d->n, each = d->args->max_open;

	for (size_t i = 0; i < d->n; i++)
		if (d->dest[i].name)
			files = each < UINT64_MAX - files ? files + each : UINT64_MAX;
	descriptors_allow(files);
}

int dests_open(struct dests *d, const struct args *a, enum format from, bool color, struct err *e)
{
	struct outlets_opts opts = { .tool = stee_tool.name,
		                     .on_error = (enum output_error)a->output_error,
		                     .queue = a->queue,
		                     .spill_dir = a->spill_dir };
	struct filesink_opts files = { 0 };
	enum format format = FORMAT_NONE;

	d->args = a;
	if (options_files(a, &files, e) < 0 ||
	    (a->shared.to && !d->points && options_to(a, &format, e) < 0))
		return -1;
	/* what is JSON goes on as it is */
	d->json = format == FORMAT_JSON;
	if (format == FORMAT_NONE)
		format = from;
	opts.quoted = files.quoted = format == FORMAT_CSV;
	files.records = a->shared.to && !d->points;
	allow_open(d);
	d->outlets = outlets_new(&opts);
	open_stdout(d, format, color);
	if (a->on_slow == SLOW_SPILL && outlets_check_spill(d->outlets, e) < 0) {
		err_at(e, "--on-slow spill");
		return -1;
	}
	for (size_t i = 0; i < d->n; i++)
		if (open_one(d, &d->dest[i], files, format, e) < 0)
			return -1;
	return 0;
}

void dests_free(struct dests *d)
{
	if (d->outlets)
		outlets_free(d->outlets);
	for (size_t i = 0; i < d->n; i++) {
		piles_free(d->dest[i].piles);
		forms_free(d->dest[i].forms);
		picture_free(d->dest[i].picture);
	}
	forms_free(d->out.forms);
	picture_free(d->out.picture);
	points_free(d->points);
	buf_free(&d->header);
	buf_free(&d->text);
}

/* ---- handing over */

/* LINE is of the input's buffer. */
static int put_line(struct dests *d, const struct dest *to, struct slice line, struct err *e)
{
	if (!to->name)
		return writer_pass(outlets_writer(d->outlets, to->outlet), line, e);
	piles_add(to->piles, buf_slice(&to->key), line);
	return 0;
}

/* TEXT lives only as long as this call. */
static int put_made(struct dests *d, const struct dest *to, struct slice key, struct slice text,
                    struct err *e)
{
	struct writer *w = outlets_writer(d->outlets, to->outlet);

	if (to->name) {
		piles_add(to->piles, key, text);
		return 0;
	}
	buf_add_slice(writer_buf(w), text);
	return writer_check(w, e);
}

static bool is_open(const struct dest *to)
{
	return to->outlet != NO_OUTLET;
}

/* Does it take lines as they are? */
static bool takes_lines(const struct dest *to)
{
	return is_open(to) && !to->forms && !to->picture;
}

int dests_header(struct dests *d, struct slice line, struct err *e)
{
	buf_clear(&d->header);
	buf_add_slice(&d->header, line);
	if (!takes_lines(&d->out) || (d->n == 0 && d->json))
		return 0;
	return put_line(d, &d->out, line, e);
}

int dests_control(struct dests *d, struct slice line, struct err *e)
{
	return is_open(&d->out) && !d->out.picture ? put_line(d, &d->out, line, e) : 0;
}

int dests_pass(struct dests *d, struct slice line, struct err *e)
{
	if (takes_lines(&d->out) && put_line(d, &d->out, line, e) < 0)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		struct dest *to = &d->dest[i];

		if (to->takes && takes_lines(to) && put_line(d, to, line, e) < 0)
			return -1;
	}
	return 0;
}

/* A record in the format of TO. */
static int put_encoded(struct dests *d, struct dest *to, const struct record *r, struct err *why,
                       struct err *e)
{
	struct slice name = to->name ? buf_slice(&to->key) : slice_from(to->text);
	struct err bad;

	err_clear(&bad);
	buf_clear(&d->text);
	if (forms_write(to->forms, name, d->heap, val_from_rec(&r->rec, 0), &d->text, &bad) < 0) {
		if (bad.kind != FAIL_DATA) {
			*e = bad;
			return -1;
		}
		if (why->kind == FAIL_NONE) {
			*why = bad;
			err_at(why, "%.*s", (int)name.n, name.p);
		}
		return 0;
	}
	return d->text.n ? put_made(d, to, name, buf_slice(&d->text), e) : 0;
}

static int put_record(struct dests *d, struct dest *to, bool convert, const struct record *r,
                      struct err *why, struct err *e)
{
	if (to->picture)
		return 0;
	if (to->forms)
		return put_encoded(d, to, r, why, e);
	if (convert && r->json.p != r->line.p)
		return put_made(d, to, buf_slice(&to->key), r->json, e);
	return put_line(d, to, r->line, e);
}

/* A record into the pictures of those that take it. */
static int put_point(struct dests *d, const struct record *r, struct err *why, struct err *e)
{
	struct point at;
	struct err bad;
	int got;

	err_clear(&bad);
	got = points_read(d->points, &r->rec, d->heap, &at, &bad);
	if (got < 0 && bad.kind != FAIL_DATA) {
		*e = bad;
		return -1;
	}
	if (got < 0)
		*why = bad;
	if (got > 0 && d->out.picture)
		picture_add(d->out.picture, &at);
	for (size_t i = 0; got > 0 && i < d->n; i++)
		if (d->dest[i].takes && d->dest[i].picture)
			picture_add(d->dest[i].picture, &at);
	return 0;
}

int dests_write(struct dests *d, const struct record *r, struct err *why, struct err *e)
{
	if (d->points && put_point(d, r, why, e) < 0)
		return -1;
	if (is_open(&d->out) && put_record(d, &d->out, d->json && d->n == 0, r, why, e) < 0)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		struct dest *to = &d->dest[i];

		if (to->takes && is_open(to) && put_record(d, to, d->json, r, why, e) < 0)
			return -1;
	}
	return 0;
}

uint64_t dests_bytes(const struct dests *d)
{
	return is_open(&d->out) ? outlets_writer(d->outlets, d->out.outlet)->bytes : 0;
}

int dests_settle(struct dests *d, struct err *e)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct dest *to = &d->dest[i];

		if (to->piles && piles_empty(to->piles, d->outlets, to->outlet, e) < 0)
			return -1;
	}
	return outlets_settle(d->outlets, e);
}

/* ---- what is held back */

struct flushing {
	struct dests *dests;
	struct dest *to;
};

static int put_held(void *context, struct slice name, struct slice text, struct err *e)
{
	struct flushing *f = context;

	return put_made(f->dests, f->to, name, text, e);
}

static int flush(struct dests *d, struct dest *to, bool last, struct err *e)
{
	struct flushing f = { d, to };

	if (last && to->picture && is_open(to)) {
		buf_clear(&d->text);
		picture_draw(to->picture, &d->text);
		return put_made(d, to, slice_from(to->text), buf_slice(&d->text), e);
	}
	return to->forms && is_open(to) ? forms_flush(to->forms, last, put_held, &f, e) : 0;
}

int dests_flush(struct dests *d, bool last, struct err *e)
{
	const char *missing = d->points && last ? points_missing(d->points) : NULL;

	if (missing)
		fprintf(stderr, "%s: no record has a number at %s: there is nothing to draw\n",
		        stee_tool.name, missing);
	if (flush(d, &d->out, last, e) < 0)
		return -1;
	for (size_t i = 0; i < d->n; i++)
		if (flush(d, &d->dest[i], last, e) < 0)
			return -1;
	return dests_settle(d, e);
}
