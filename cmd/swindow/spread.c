/*
 * swindow on several threads (-P): workers read records, each with expressions of its own, into
 * rows; the calling thread has the windows, and takes the rows in the order of the input.
 */
#include "swindow.h"

#include "base/alloc.h"
#include "cli/parallel.h"

#include <stdatomic.h>
#include <stdlib.h>

/* The rows of a block, and what they refer to, but for the block's lines. */
struct batch {
	struct batch *next; /* of the worker */
	atomic_bool busy;   /* not taken over yet */
	struct heap heap;
	struct row *row;
	size_t n, cap;
};

struct worker {
	struct windows w; /* for its expressions alone */
	struct frame *frame;
	struct batch *batch;
};

static void free_worker(void *self)
{
	struct worker *k = self;
	struct batch *b;

	while ((b = k->batch)) {
		k->batch = b->next;
		heap_free(&b->heap);
		free(b->row);
		free(b);
	}
	windows_free(&k->w);
	free(k);
}

static void *start(void *context, struct frame *frame, struct err *e)
{
	const struct windows *w = context;
	struct worker *k = alloc_zero(1, sizeof *k);

	k->w.args = w->args;
	k->w.program = w->program;
	k->w.late_fd = -1;
	k->frame = frame;
	if (windows_init(&k->w, e) == 0)
		return k;
	free_worker(k);
	return NULL;
}

/* An empty batch: one that was taken over, or a new one. */
static struct batch *take_batch(struct worker *k)
{
	struct batch *b = k->batch;

	while (b && atomic_load_explicit(&b->busy, memory_order_acquire))
		b = b->next;
	if (!b) {
		b = alloc_zero(1, sizeof *b);
		heap_init(&b->heap);
		b->next = k->batch;
		k->batch = b;
	}
	heap_reset(&b->heap);
	b->n = 0;
	atomic_store_explicit(&b->busy, true, memory_order_relaxed);
	return b;
}

static struct slice keep(struct batch *b, struct slice s)
{
	return (struct slice){ arena_copy(&b->heap.arena, s.p, s.n), s.n };
}

static void keep_row(struct worker *k, struct batch *b, struct row *row)
{
	struct win_record *rec = &row->record;

	if (!row->control) {
		rec->key = keep(b, rec->key);
		rec->run = keep(b, rec->run);
		if (k->w.kind.keeps_record)
			rec->line = keep(b, rec->line);
		row->values = aggset_keep(k->w.aggs, &b->heap);
	}
	b->row = alloc_grow(b->row, &b->cap, b->n + 1, sizeof *b->row);
	b->row[b->n++] = *row;
}

static int run(void *worker, uint64_t result[PARALLEL_RESULTS], struct err *e)
{
	struct worker *k = worker;
	struct batch *b = take_batch(k);
	struct frame *f = k->frame;
	struct record r;
	struct row row;
	struct err why;
	int got, done = 0;

	result[0] = (uintptr_t)b;
	while (done == 0 && (got = frame_next(f, -1, &r, e)) != GOT_END) {
		if (got == GOT_ERROR)
			return -1;
		if (got != GOT_RECORD && got != GOT_CONTROL)
			continue;
		err_clear(&why);
		if (row_read(&k->w, f->source, &r, got == GOT_CONTROL, &row, &why) == 0)
			keep_row(k, b, &row);
		else
			done = source_bad(f->source, &r, why.text, e) == GOT_ERROR ? -1 : 0;
		heap_reset(&k->w.heap);
	}
	return done;
}

static int merge(void *context, const uint64_t result[PARALLEL_RESULTS], struct err *e)
{
	struct windows *w = context;
	struct batch *b = (struct batch *)(uintptr_t)result[0];
	int did = 0;

	for (size_t i = 0; i < b->n && did == 0; i++) {
		did = row_take(w, &b->row[i], e);
		heap_reset(&w->heap);
	}
	atomic_store_explicit(&b->busy, false, memory_order_release);
	return did;
}

/* What needs the clock, or lines in one order, does not spread. */
static const char *unfit(const struct args *a, const struct decode_opts *decode)
{
	if (a->processing_time || a->close_idle)
		return "--processing-time and --close-idle go by the clock";
	return parallel_unfit(decode->format);
}

int spread_run(struct windows *w, const struct decode_opts *decode, const char *const *names,
               size_t count, struct err *e)
{
	static const struct parallel_ops ops = {
		.start = start, .run = run, .merge = merge, .end = free_worker
	};
	static const struct encode_opts json;
	struct parallel_setup setup = { .jobs = (unsigned)w->args->jobs,
		                        .decode = decode,
		                        .output = &json,
		                        .plan = &w->plan,
		                        .names = names,
		                        .count = count };
	const char *why = unfit(w->args, decode);

	if (why)
		return err_set(e, FAIL_USAGE, "-P: %s", why);
	return parallel_run(&w->frame, &setup, &ops, w, e);
}
