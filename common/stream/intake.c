#include "intake.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "io/stop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define DESCRIPTORS 1024 /* that are waited for at once; those beyond are looked at every LOOK */
#define LOOK        (NS_PER_SEC / 20)

struct intake {
	struct intake_opts opts;
	struct flow flow;
	struct feed feed;
	struct batch batch; /* the last lines; lines.p is NULL where there are none */
	bool ticked;        /* the caller was told that there is nothing to read */
	bool over;
	struct place open; /* of a record that has not ended */
	bool is_open;
	bool owes; /* that much of OPEN's unit is let out when it has */
	uint64_t owed;
	struct pollfd *wait;
};

static const struct lines_ops ops;

struct lines intake_new(struct flow flow, struct feed feed, const struct intake_opts *opts)
{
	struct intake *in = alloc_zero(1, sizeof *in);

	in->opts = *opts;
	in->flow = flow;
	in->feed = feed;
	in->wait = alloc_array(DESCRIPTORS, sizeof *in->wait);
	return (struct lines){ &ops, in };
}

static void intake_free(void *self)
{
	struct intake *in = self;

	in->flow.ops->free(in->flow.self);
	free(in->wait);
	free(in);
}

/*
 * The last lines have been dealt with, but for a record that has not ended. True if some have, or
 * one that was open before.
 */
static bool let_out(struct intake *in)
{
	const struct batch *b = &in->batch;
	uint64_t upto = b->upto;
	bool ended = in->owes && !in->is_open;

	if (ended) {
		in->owes = false;
		if (in->feed.ops->let_out)
			in->feed.ops->let_out(in->feed.self, in->open.unit, in->owed);
	}
	if (!b->lines.p)
		return ended;
	if (in->is_open && in->open.unit == b->place.unit && in->open.offset < upto) {
		in->owes = true;
		in->owed = upto;
		upto = in->open.offset;
	}
	if (in->feed.ops->let_out)
		in->feed.ops->let_out(in->feed.self, b->place.unit, upto);
	return true;
}

/* Nobody reads what is written any more. */
static void end_without_reader(struct intake *in)
{
	stop_by_sigpipe();
	in->over = true;
	if (in->opts.reader_gone)
		*in->opts.reader_gone = true;
}

/* Has the process that is waited for ended? */
static bool process_over(const struct intake *in)
{
	return in->opts.pid > 0 && kill(in->opts.pid, 0) < 0 && errno == ESRCH;
}

typedef size_t wait_for(void *self, struct pollfd *p, size_t room, int64_t *timeout);

/* Put to the N that are waited for what WAIT wants. Returns how many there are then. */
static size_t add_waits(const struct intake *in, size_t n, wait_for *wait, void *self,
                        int64_t *timeout)
{
	size_t room = DESCRIPTORS - n, more = wait(self, in->wait + n, room, timeout);

	if (more > room && (*timeout < 0 || *timeout > LOOK))
		*timeout = LOOK;
	return n + (more < room ? more : room);
}

/* Wait for something to read, at most TIMEOUT ns (negative: for ever). True if something that the
 * caller waits for is ready. */
static bool wait_for_more(struct intake *in, int64_t timeout)
{
	struct pollfd *p = in->wait;
	size_t n = 0, others;
	bool ready = false;

	if (in->opts.reader_matters)
		p[n++] = (struct pollfd){ .fd = STDOUT_FILENO };
	others = n;
	if (in->opts.wait)
		n = add_waits(in, n, in->opts.wait, in->opts.context, &timeout);
	others = n - others;
	n = add_waits(in, n, in->flow.ops->wait, in->flow.self, &timeout);
	if (in->opts.pid > 0 && (timeout < 0 || timeout > in->opts.look))
		timeout = in->opts.look;
	if (stop_poll(p, n, timeout) <= 0)
		return false;
	if (in->opts.reader_matters && p[0].revents & POLLERR)
		end_without_reader(in);
	for (size_t i = in->opts.reader_matters; others; i++, others--)
		ready |= p[i].revents != 0;
	return ready;
}

static enum got intake_next(void *self, bool tick, int64_t timeout, struct slice *lines,
                            struct err *e)
{
	struct intake *in = self;
	struct batch *b = &in->batch;
	bool waited = false, last, finished = false, lines_out;
	enum got got;

	lines_out = let_out(in);
	b->lines.p = NULL;
	if (in->opts.boundary && !in->opts.boundary(in->opts.context, lines_out, &timeout))
		return GOT_TICK;
	while (!in->over) {
		last = process_over(in);
		*b = (struct batch){ 0 };
		got = in->flow.ops->next(in->flow.self, b, e);
		if (got != GOT_TICK) {
			in->ticked = false;
			*lines = b->lines;
			return got;
		}
		if (last && (finished || !in->flow.ops->finish))
			break;
		if (last) {
			in->flow.ops->finish(in->flow.self);
			finished = true;
			continue;
		}
		if (waited || (tick && !in->ticked)) {
			in->ticked = !waited;
			return GOT_TICK;
		}
		if (wait_for_more(in, timeout) && !in->over)
			return GOT_TICK;
		waited = true;
	}
	return GOT_END;
}

/* ---- about the last lines */

static const char *intake_name(const void *self)
{
	const struct intake *in = self;

	return in->feed.ops->name(in->feed.self, in->batch.place.part);
}

static bool intake_is_first(const void *self)
{
	return ((const struct intake *)self)->batch.begins;
}

static bool intake_terminated(const void *self)
{
	return !((const struct intake *)self)->batch.unterminated;
}

static struct place intake_place(const void *self, const char *at, uint64_t n)
{
	const struct batch *b = &((const struct intake *)self)->batch;
	struct place p = b->place;

	if (b->places)
		return b->places[n - 1];
	if (at)
		p.offset += (uint64_t)(at - b->lines.p);
	if (p.line)
		p.line += n - 1;
	return p;
}

static uint64_t intake_origin(const void *self, uint64_t n)
{
	return intake_place(self, NULL, n).line;
}

static void intake_unfinished(void *self, const struct place *p)
{
	struct intake *in = self;

	in->is_open = p;
	if (p)
		in->open = *p;
}

static uint64_t intake_consumed(const void *self)
{
	const struct intake *in = self;

	return in->feed.ops->consumed(in->feed.self);
}

static uint64_t intake_size(const void *self)
{
	const struct intake *in = self;

	return in->feed.ops->size(in->feed.self);
}

static const struct lines_ops ops = {
	.next = intake_next,
	.name = intake_name,
	.is_first = intake_is_first,
	.terminated = intake_terminated,
	.consumed = intake_consumed,
	.size = intake_size,
	.origin = intake_origin,
	.place = intake_place,
	.unfinished = intake_unfinished,
	.free = intake_free,
};
