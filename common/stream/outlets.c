#include "outlets.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "io/lines.h"
#include "io/stop.h"
#include "newlines.h"
#include "queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct outlet {
	struct outlets *all;
	struct sink sink;
	char *name;
	enum on_slow slow;
	bool failed; /* the sink is gone */
	bool left;   /* the sink may have something that is not out */
	bool blocks; /* all wait for it */
	bool output; /* it is standard output */
	struct writer writer;
	struct parcel run; /* of outlets_put(): what was not handed over; its key is in KEY */
	struct buf key;
	struct queue queue;
	uint64_t dropped;
};

struct outlets {
	struct outlets_opts opts;
	struct outlet **outlet;
	size_t n, cap;
	bool failed;
	struct pollfd *poll;
	size_t polls;
};

/* ---- failing */

static void free_sinks(struct outlets *o)
{
	for (size_t i = 0; i < o->n; i++) {
		struct outlet *t = o->outlet[i];

		if (!t->failed)
			t->sink.ops->free(t->sink.self);
		t->failed = true;
	}
}

static bool passes_over_pipes(const struct outlets *o)
{
	return o->opts.on_error == OUTPUT_WARN_NOPIPE || o->opts.on_error == OUTPUT_EXIT_NOPIPE;
}

/* T's sink has failed with *E. -1: the run ends. */
static int fail(struct outlet *t, struct err *e)
{
	struct outlets *o = t->all;
	enum output_error how = o->opts.on_error;
	bool is_pipe = e->kind == FAIL_EPIPE;

	if (is_pipe && how == OUTPUT_SIGPIPE && stop_at_sigpipe()) {
		if (!t->output)
			fprintf(stderr, "%s: %s: its reader went away, which ends the run\n",
			        o->opts.tool, t->name);
		free_sinks(o); /* what is not final is given up */
		stop_by_sigpipe();
	}
	t->sink.ops->free(t->sink.self);
	t->failed = true;
	t->run.lines.n = 0;
	if (is_pipe && (how == OUTPUT_SIGPIPE || passes_over_pipes(o))) {
		err_clear(e);
		return 0;
	}
	o->failed = true;
	if (how == OUTPUT_EXIT || how == OUTPUT_EXIT_NOPIPE)
		return -1;
	fprintf(stderr, "%s: %s\n", o->opts.tool, e->text);
	err_clear(e);
	return 0;
}

/* ---- to the sink */

static enum took put(struct outlet *t, const struct parcel *p, struct err *e)
{
	enum took took = t->sink.ops->put(t->sink.self, p, e);

	if (took == SINK_TOOK)
		t->left = t->sink.ops->push != NULL;
	return took;
}

/* Hand over what waits. SINK_TOOK: nothing does any more. */
static enum took empty_queue(struct outlet *t, struct err *e)
{
	struct parcel p;
	int got;

	while ((got = queue_first(&t->queue, &p, e)) > 0) {
		enum took took = put(t, &p, e);

		if (took != SINK_TOOK)
			return took;
		queue_drop_first(&t->queue);
	}
	return got < 0 ? SINK_FAILED : SINK_TOOK;
}

/* Is there something to go on with, or to be told? */
static bool watched(const struct outlet *t)
{
	return !t->failed && (t->left || t->blocks || !queue_empty(&t->queue) ||
	                      t->sink.ops->tick || passes_over_pipes(t->all));
}

static enum took push(struct outlet *t, struct err *e)
{
	enum took took = SINK_TOOK;

	if (t->sink.ops->push && watched(t))
		took = t->sink.ops->push(t->sink.self, e);
	t->left = took == SINK_FULL;
	return took;
}

/* Go on with all that waits. */
static enum took go_on(struct outlet *t, struct err *e)
{
	enum took took = push(t, e);

	if (took != SINK_TOOK || queue_empty(&t->queue))
		return took;
	took = empty_queue(t, e);
	return took == SINK_TOOK ? push(t, e) : took;
}

/* Go on with all outlets; one that all wait for does only what is due by the clock. */
static int serve(struct outlets *o, struct err *e)
{
	for (size_t i = 0; i < o->n; i++) {
		struct outlet *t = o->outlet[i];

		if (!t->failed && !t->blocks && go_on(t, e) == SINK_FAILED && fail(t, e) < 0)
			return -1;
		if (!t->failed && t->sink.ops->tick && t->sink.ops->tick(t->sink.self, e) < 0 &&
		    fail(t, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- waiting */

size_t outlets_wait(struct outlets *o, struct pollfd *p, size_t room, int64_t *timeout)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		const struct outlet *t = o->outlet[i];
		size_t at = n < room ? n : room;

		if (watched(t))
			n += t->sink.ops->wait(t->sink.self, p + at, room - at, timeout);
	}
	return n;
}

/* Wait until one can go on. False: the time that there is behind a signal is over. */
static bool wait_for_one(struct outlets *o)
{
	int64_t timeout = stop_signal() ? stop_grace() : -1;
	size_t n;

	if (timeout == 0)
		return false;
	while ((n = outlets_wait(o, o->poll, o->polls, &timeout)) > o->polls)
		o->poll = alloc_grow(o->poll, &o->polls, n, sizeof *o->poll);
	stop_poll(o->poll, n, timeout);
	return true;
}

static int give_up(struct outlet *t, struct err *e)
{
	err_set(e, FAIL_IO, "cannot write to %s: it did not take all within 10 s", t->name);
	return fail(t, e);
}

/* T has no room for P: wait until it has. */
static int insist(struct outlet *t, const struct parcel *p, struct err *e)
{
	enum took took = SINK_FULL;

	t->blocks = true;
	while (took == SINK_FULL) {
		if (serve(t->all, e) < 0)
			return -1;
		if (t->failed)
			return 0;
		if (!wait_for_one(t->all))
			return give_up(t, e);
		took = empty_queue(t, e);
		if (took == SINK_TOOK)
			took = put(t, p, e);
	}
	t->blocks = false;
	return took == SINK_FAILED ? fail(t, e) : 0;
}

/* ---- what a slow one has no room for */

static uint64_t records(const struct outlet *t, struct slice lines)
{
	return newlines_count(lines, t->all->opts.quoted) +
	       (lines.n && lines.p[lines.n - 1] != '\n');
}

/* Keep the first records, as far as there is room. */
static void keep_some(struct outlet *t, const struct parcel *p)
{
	struct slice rest = p->lines;
	struct parcel some = *p;
	size_t room = queue_room(&t->queue, p->key.n);

	if (room < rest.n)
		some.lines.n = newlines_last((struct slice){ rest.p, room }, t->all->opts.quoted);
	if (some.lines.n)
		queue_add(&t->queue, &some);
	rest.p += some.lines.n;
	rest.n -= some.lines.n;
	t->dropped += records(t, rest);
}

static int spill(struct outlet *t, const struct parcel *p, struct err *e)
{
	const struct outlets_opts *o = &t->all->opts;

	if (queue_spill(&t->queue, p, records(t, p->lines), o->spill_dir, e) == 0)
		return 0;
	fprintf(stderr, "%s: %s: %s; it is waited for from now on\n", o->tool, t->name, e->text);
	err_clear(e);
	t->slow = SLOW_BLOCK;
	return insist(t, p, e);
}

static int hand_over(struct outlet *t, const struct parcel *p, struct err *e)
{
	enum took took;

	if (t->failed)
		return 0;
	took = empty_queue(t, e);
	if (took == SINK_TOOK)
		took = put(t, p, e);
	if (took != SINK_FULL)
		return took == SINK_FAILED ? fail(t, e) : 0;
	if (t->slow == SLOW_BLOCK)
		return insist(t, p, e);
	if (t->slow == SLOW_SPILL)
		return spill(t, p, e);
	keep_some(t, p);
	return 0;
}

static int take(void *to, struct slice bytes, struct err *e)
{
	const struct parcel p = { .lines = bytes, .time = STAMP_NONE };

	return hand_over(to, &p, e);
}

/* ---- the interface */

struct outlets *outlets_new(const struct outlets_opts *opts)
{
	struct outlets *o = alloc_zero(1, sizeof *o);

	o->opts = *opts;
	if (!o->opts.spill_dir)
		o->opts.spill_dir = getenv("TMPDIR");
	if (!o->opts.spill_dir)
		o->opts.spill_dir = "/tmp";
	return o;
}

size_t outlets_add(struct outlets *o, struct sink sink, const char *name, enum on_slow slow)
{
	struct outlet *t = alloc_zero(1, sizeof *t);

	t->all = o;
	t->sink = sink;
	t->name = alloc_copy(name, strlen(name));
	t->slow = slow;
	writer_init_put(&t->writer, take, t, t->name);
	queue_init(&t->queue, o->opts.queue);
	o->outlet = alloc_grow(o->outlet, &o->cap, o->n + 1, sizeof *o->outlet);
	o->outlet[o->n] = t;
	return o->n++;
}

void outlets_is_output(struct outlets *o, size_t i)
{
	o->outlet[i]->output = true;
}

int outlets_check_spill(const struct outlets *o, struct err *e)
{
	return queue_check_dir(o->opts.spill_dir, e);
}

struct writer *outlets_writer(struct outlets *o, size_t i)
{
	return &o->outlet[i]->writer;
}

static int settle_run(struct outlet *t, struct err *e)
{
	struct parcel p = t->run;

	t->run.lines.n = 0;
	return p.lines.n ? hand_over(t, &p, e) : 0;
}

static bool continues(const struct parcel *run, const struct parcel *p)
{
	return run->lines.n && run->lines.p + run->lines.n == p->lines.p && parcel_same_key(run, p);
}

int outlets_put(struct outlets *o, size_t i, const struct parcel *p, struct err *e)
{
	struct outlet *t = o->outlet[i];

	if (t->failed)
		return 0;
	if (continues(&t->run, p)) {
		t->run.lines.n += p->lines.n;
		return 0;
	}
	if (settle_run(t, e) < 0)
		return -1;
	t->run = *p;
	buf_clear(&t->key);
	buf_add_slice(&t->key, p->key);
	if (p->key.n)
		t->run.key.p = t->key.p;
	return 0;
}

int outlets_settle(struct outlets *o, struct err *e)
{
	for (size_t i = 0; i < o->n; i++) {
		struct outlet *t = o->outlet[i];

		if (settle_run(t, e) < 0 || writer_settle(&t->writer, e) < 0)
			return -1;
	}
	return 0;
}

int outlets_flush(struct outlets *o, struct err *e)
{
	for (size_t i = 0; i < o->n; i++) {
		struct outlet *t = o->outlet[i];

		if (settle_run(t, e) < 0 || writer_flush(&t->writer, e) < 0)
			return -1;
	}
	return serve(o, e);
}

int outlets_push(struct outlets *o, struct err *e)
{
	return serve(o, e);
}

bool outlets_any(const struct outlets *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (!o->outlet[i]->failed)
			return true;
	return false;
}

/* ---- the end */

static bool waits(const struct outlet *t)
{
	return !t->failed && (t->left || !queue_empty(&t->queue));
}

static bool any_waits(const struct outlets *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (waits(o->outlet[i]))
			return true;
	return false;
}

static int wait_for_all(struct outlets *o, struct err *e)
{
	if (outlets_flush(o, e) < 0)
		return -1;
	while (any_waits(o) && wait_for_one(o))
		if (serve(o, e) < 0)
			return -1;
	return 0;
}

static void say_dropped(const struct outlets *o)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct outlet *t = o->outlet[i];

		if (t->dropped)
			fprintf(stderr, "%s: %s: it was too slow, %" PRIu64 " %s left out\n",
			        o->opts.tool, t->name, t->dropped,
			        t->dropped == 1 ? "record was" : "records were");
	}
}

int outlets_drain(struct outlets *o, struct err *e)
{
	int done = wait_for_all(o, e);

	say_dropped(o);
	return done;
}

int outlets_finish(struct outlets *o, struct err *e)
{
	if (outlets_drain(o, e) < 0)
		return -1;
	for (size_t i = 0; i < o->n; i++) {
		struct outlet *t = o->outlet[i];

		if (waits(t) && give_up(t, e) < 0)
			return -1;
		if (!t->failed && t->sink.ops->finish && t->sink.ops->finish(t->sink.self, e) < 0 &&
		    fail(t, e) < 0)
			return -1;
	}
	return 0;
}

struct outlets_sum outlets_sum(const struct outlets *o)
{
	struct outlets_sum sum = { .failed = o->failed };

	for (size_t i = 0; i < o->n; i++) {
		sum.dropped += o->outlet[i]->dropped;
		sum.spilled += o->outlet[i]->queue.spilled;
	}
	return sum;
}

void outlets_free(struct outlets *o)
{
	free_sinks(o);
	for (size_t i = 0; i < o->n; i++) {
		struct outlet *t = o->outlet[i];

		writer_free(&t->writer);
		buf_free(&t->key);
		queue_free(&t->queue);
		free(t->name);
		free(t);
	}
	free(o->outlet);
	free(o->poll);
	free(o);
}
