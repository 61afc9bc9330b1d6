#include "pace.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "batch.h"
#include "io/stop.h"

#include <stdlib.h>

#define CATCH_UP (50 * NS_PER_MS)
#define AT_LEAST NS_PER_MS /* that a wait takes, where lines come faster */

struct pace {
	struct rate rate;
	struct flow flow;
	struct batch left; /* of the last batch */
	int64_t began;     /* monotonic: when line 0 left or could have */
	int64_t out;       /* lines since then */
	bool started;      /* a line was handed out */
};

static const struct flow_ops ops;

struct pace *pace_new(struct flow flow, const struct rate *rate)
{
	struct pace *p = alloc_zero(1, sizeof *p);

	p->rate = *rate;
	p->flow = flow;
	return p;
}

struct flow pace_flow(struct pace *p)
{
	return (struct flow){ &ops, p };
}

static void pace_free(void *self)
{
	struct pace *p = self;

	p->flow.ops->free(p->flow.self);
	free(p);
}

void pace_forgive(struct pace *p)
{
	p->out--;
}

/* How long after `began` line N leaves. */
static int64_t due(const struct pace *p, int64_t n)
{
	return (int64_t)((long double)n * (long double)p->rate.per / (long double)p->rate.lines);
}

/* Lines that may be out by NOW. */
static int64_t allowed(const struct pace *p, int64_t now)
{
	return (int64_t)((long double)(now - p->began) * (long double)p->rate.lines /
	                 (long double)p->rate.per) +
	       1;
}

/* How many may leave now. */
static int64_t room(struct pace *p)
{
	int64_t now = stamp_monotonic(), late;

	if (stop_signal())
		return INT64_MAX;
	if (!p->started)
		p->began = now;
	while (p->out >= (int64_t)p->rate.lines) {
		p->out -= (int64_t)p->rate.lines;
		p->began += p->rate.per;
	}
	late = now - p->began - due(p, p->out);
	if (late > CATCH_UP)
		p->began += late - CATCH_UP;
	return allowed(p, now) - p->out;
}

/* The first lines of what is left, at most MOST. */
static struct batch take(struct pace *p, int64_t most)
{
	const char *at = p->left.lines.p, *end = at + p->left.lines.n;
	size_t n = 0;

	while (at < end && (int64_t)n < most) {
		at = batch_line_end(&p->left, at);
		n++;
	}
	p->out += (int64_t)n;
	p->started = true;
	return batch_take(&p->left, at, n);
}

static enum got pace_next(void *self, struct batch *b, struct err *e)
{
	struct pace *p = self;
	int64_t most = room(p);
	enum got got;

	if (most <= 0)
		return GOT_TICK;
	if (!p->left.lines.n) {
		p->left = (struct batch){ 0 };
		got = p->flow.ops->next(p->flow.self, &p->left, e);
		if (got != GOT_LINES || !p->left.lines.n) {
			*b = p->left;
			p->left = (struct batch){ 0 };
			p->out += got == GOT_LONG;
			return got;
		}
	}
	*b = take(p, most);
	return GOT_LINES;
}

static size_t pace_wait(void *self, struct pollfd *fds, size_t n, int64_t *timeout)
{
	struct pace *p = self;
	int64_t wait = p->started ? p->began + due(p, p->out) - stamp_monotonic() : 0;

	if (wait <= 0 || stop_signal()) {
		if (!p->left.lines.n)
			return p->flow.ops->wait(p->flow.self, fds, n, timeout);
		wait = 0;
	}
	wait = wait > 0 && wait < AT_LEAST ? AT_LEAST : wait;
	*timeout = *timeout < 0 || wait < *timeout ? wait : *timeout;
	return 0;
}

static void pace_finish(void *self)
{
	struct pace *p = self;

	if (p->flow.ops->finish)
		p->flow.ops->finish(p->flow.self);
}

static const struct flow_ops ops = {
	.next = pace_next,
	.wait = pace_wait,
	.finish = pace_finish,
	.free = pace_free,
};
