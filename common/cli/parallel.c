#include "parallel.h"

#include "base/alloc.h"
#include "io/reader.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCKS_EACH 3 /* one being filled, one being worked on, one being written */

enum block_state { BLOCK_FREE, BLOCK_READY, BLOCK_DONE };

/* Some lines, and what became of them. */
struct block {
	enum block_state state;
	struct buf text; /* LINES_PAD readable bytes behind it */
	const char *name;
	uint64_t before; /* lines of the input before these */
	bool first, too_long;
	struct buf out;
	struct report notes;
	uint64_t result[PARALLEL_RESULTS];
	uint64_t records_in, records_out;
	int did; /* what run() returned */
	struct err err;
};

struct pool;

struct worker {
	struct pool *pool;
	pthread_t thread;
	bool running; /* the thread was started */
	struct frame frame;
	void *tool;
	struct block *block;    /* that it is at */
	bool handed;            /* its lines were handed out */
	uint64_t seen, written; /* records before the block */
};

struct pool {
	struct frame *frame;
	const struct parallel_ops *ops;
	void *context;
	struct worker *worker;
	unsigned workers;
	struct block *block; /* a ring: `written` <= `taken` <= `filled`, counting blocks */
	size_t blocks;
	uint64_t written, taken, filled;
	bool quit;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
};

static struct block *at(struct pool *p, uint64_t i)
{
	assert(p->blocks > 0);
	return &p->block[i % p->blocks];
}

/* ---- a worker's input: the lines of its block */

static enum got block_next(void *self, bool tick, int64_t timeout, struct slice *lines,
                           struct err *e)
{
	struct worker *w = self;

	(void)tick;
	(void)timeout;
	(void)e;
	if (w->handed)
		return GOT_END;
	w->handed = true;
	*lines = buf_slice(&w->block->text);
	return w->block->too_long ? GOT_LONG : GOT_LINES;
}

static const char *block_name(const void *self)
{
	return ((const struct worker *)self)->block->name;
}

static bool block_is_first(const void *self)
{
	return ((const struct worker *)self)->block->first;
}

static bool block_terminated(const void *self)
{
	(void)self;
	return true;
}

static uint64_t block_bytes(const void *self)
{
	(void)self;
	return 0; /* the pool's reader counts */
}

static uint64_t block_origin(const void *self, uint64_t n)
{
	return ((const struct worker *)self)->block->before + n;
}

static void block_free(void *self)
{
	(void)self;
}

static const struct lines_ops block_ops = {
	.next = block_next,
	.name = block_name,
	.is_first = block_is_first,
	.terminated = block_terminated,
	.consumed = block_bytes,
	.size = block_bytes,
	.origin = block_origin,
	.free = block_free,
};

/* ---- workers */

static void swap_bufs(struct buf *a, struct buf *b)
{
	struct buf c = *a;

	*a = *b;
	*b = c;
}

static void work_on(struct worker *w, struct block *b)
{
	struct report notes = b->notes;
	struct frame *f = &w->frame;

	w->block = b;
	w->handed = false;
	err_clear(&b->err);
	b->did = w->pool->ops->run(w->tool, b->result, &b->err);
	if (writer_settle(&f->out, &b->err) < 0)
		b->did = -1;
	swap_bufs(&b->out, &f->out.out);
	b->notes = f->report;
	f->report = notes;
	b->records_in = source_records(f->source) - w->seen;
	b->records_out = f->records_out - w->written;
	w->seen += b->records_in;
	w->written += b->records_out;
}

static void *work(void *self)
{
	struct worker *w = self;
	struct pool *p = w->pool;
	struct block *b;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->quit && p->taken == p->filled)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->quit)
			break;
		b = at(p, p->taken++);
		pthread_mutex_unlock(&p->lock);
		work_on(w, b);
		pthread_mutex_lock(&p->lock);
		b->state = BLOCK_DONE;
		pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* A thread that takes no signals: they are to interrupt the calling thread's waiting. */
static int start_thread(struct worker *w, struct err *e)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	w->running = !failed;
	return failed ? err_set(e, FAIL_LIMIT, "cannot start a thread: %s", strerror(failed)) : 0;
}

static int start_worker(struct pool *p, struct worker *w, const struct parallel_setup *s,
                        struct err *e)
{

	w->pool = p;
	if (frame_fork(&w->frame, p->frame, s->output, e) < 0 ||
	    frame_source(&w->frame, s->decode, (struct lines){ &block_ops, w }, s->plan, e) < 0)
		return -1;
	w->tool = p->ops->start(p->context, &w->frame, e);
	return w->tool ? start_thread(w, e) : -1;
}

/* ---- the calling thread */

/* Write and report what became of a block. 1: enough, -1 with *e set. */
static int settle_block(struct pool *p, struct block *b, struct err *e)
{
	struct frame *f = p->frame;
	int did = b->did;

	f->records_in += b->records_in;
	f->records_out += b->records_out;
	if (p->ops->merge(p->context, b->result, e) < 0 ||
	    writer_pass(&f->out, buf_slice(&b->out), e) < 0 || writer_settle(&f->out, e) < 0)
		return -1;
	buf_clear(&b->out);
	if (report_replay(&f->report, &b->notes, e) < 0)
		return -1;
	if (did < 0)
		*e = b->err;
	return did;
}

/* Write blocks that are done, in order; wait for the oldest ones while more than MOST are about. */
static int settle(struct pool *p, uint64_t most, struct err *e)
{
	struct block *b;
	bool done;
	int did;

	while (p->written < p->filled) {
		b = at(p, p->written);
		pthread_mutex_lock(&p->lock);
		while (b->state != BLOCK_DONE && p->filled - p->written > most)
			pthread_cond_wait(&p->done, &p->lock);
		done = b->state == BLOCK_DONE;
		pthread_mutex_unlock(&p->lock);
		if (!done)
			return 0;
		did = settle_block(p, b, e);
		b->state = BLOCK_FREE;
		p->written++;
		if (did)
			return did;
	}
	return 0;
}

static void hand_out(struct pool *p, struct lines in, struct slice lines, bool too_long,
                     uint64_t *line)
{
	struct block *b = at(p, p->filled);

	b->name = in.ops->name(in.self);
	b->first = in.ops->is_first(in.self);
	*line = b->first ? 0 : *line;
	b->before = *line;
	*line += too_long ? 1 : lines_count(lines);
	b->too_long = too_long;
	buf_clear(&b->text);
	buf_add_slice(&b->text, lines);
	buf_room(&b->text, LINES_PAD);
	b->state = BLOCK_READY;
	pthread_mutex_lock(&p->lock);
	p->filled++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

static int input_failed(struct pool *p, struct err *e)
{
	struct err why = *e;

	err_clear(e);
	if (settle(p, 0, e) < 0 || frame_flush(p->frame, e) < 0)
		return -1;
	fprintf(stderr, "%s: %s\n", p->frame->tool->name, why.text);
	p->frame->input_failed = true;
	return 0;
}

static int feed(struct pool *p, struct lines in, struct err *e)
{
	struct frame *f = p->frame;
	uint64_t line = 0;
	int did = 0;

	while (did == 0) {
		struct slice lines;
		bool pending = p->filled > p->written || writer_pending(&f->out);
		enum got got;

		frame_look_around(f);
		got = in.ops->next(in.self, pending, -1, &lines, e);
		switch (got) {
		case GOT_LINES:
		case GOT_LONG:
			did = settle(p, p->blocks - 1, e);
			if (did == 0)
				hand_out(p, in, lines, got == GOT_LONG, &line);
			break;
		case GOT_ERROR:
			did = input_failed(p, e);
			break;
		case GOT_TICK:
			did = settle(p, 0, e);
			if (did == 0)
				did = frame_flush(f, e);
			break;
		case GOT_END:
			did = settle(p, 0, e);
			return did < 0 ? -1 : 0;
		}
	}
	return did < 0 ? -1 : 0;
}

static void stop_workers(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->workers; i++) {
		struct worker *w = &p->worker[i];

		if (w->running)
			pthread_join(w->thread, NULL);
		if (w->tool)
			p->ops->end(w->tool);
		if (w->pool)
			frame_unfork(&w->frame);
	}
}

static void free_pool(struct pool *p)
{
	for (size_t i = 0; i < p->blocks; i++) {
		buf_free(&p->block[i].text);
		buf_free(&p->block[i].out);
		report_end(&p->block[i].notes);
	}
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->done);
	free(p->block);
	free(p->worker);
}

int parallel_jobs(uint64_t *jobs, struct err *e)
{
	if (*jobs == 0)
		*jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	return *jobs > 256 ? err_set(e, FAIL_USAGE, "-P: 256 threads at most") : 0;
}

const char *parallel_unfit(enum format format)
{
	if (format == FORMAT_CSV || format == FORMAT_TSV)
		return "CSV and TSV have a header; put 'sfilter -m -i csv .' before";
	if (format == FORMAT_JSON_STREAM)
		return "values over several lines are found in order; put "
		       "'sfilter -m -i json-stream .' before";
	if (format == FORMAT_JOURNAL)
		return "entries of a journal are found in order; put 'sfilter -m -i journal .' "
		       "before";
	return NULL;
}

int parallel_run(struct frame *f, const struct parallel_setup *s, const struct parallel_ops *ops,
                 void *context, struct err *e)
{
	struct pool p = { .frame = f,
		          .ops = ops,
		          .context = context,
		          .workers = s->jobs,
		          .blocks = (size_t)s->jobs * BLOCKS_EACH };
	struct reader_opts opts = { .max_line = f->shared->max_record };
	int r = 0;

	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.work, NULL);
	pthread_cond_init(&p.done, NULL);
	p.worker = alloc_zero(p.workers, sizeof *p.worker);
	p.block = alloc_zero(p.blocks, sizeof *p.block);
	for (size_t i = 0; i < p.blocks; i++) {
		report_init(&p.block[i].notes, f->tool->name, f->report.policy, NULL);
		p.block[i].notes.defers = true;
	}
	for (unsigned i = 0; i < p.workers && r == 0; i++)
		r = start_worker(&p, &p.worker[i], s, e);
	if (r == 0) {
		f->ran = true;
		f->lines = reader_new(s->names, s->count, &opts);
		r = feed(&p, f->lines, e);
		f->bytes_in += f->lines.ops->consumed(f->lines.self);
		f->lines.ops->free(f->lines.self);
		f->lines.ops = NULL;
	}
	stop_workers(&p);
	free_pool(&p);
	return r;
}
