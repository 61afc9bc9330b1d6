/* How far event time has come, said by control lines. */
#include "marks.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "record/control.h"
#include "window/valve.h"
#include "window/window.h"

#include <stdlib.h>

/* Of so many partitions for each record it is looked whether they are over. */
#define SWEPT 16

/* The watermark that says nothing: 1677-09-22T00:00:00Z, the first whole day of all times. */
#define NOTHING (INT64_C(-9223286400) * NS_PER_SEC)

struct part {
	int64_t greatest; /* time seen; STAMP_NONE: none */
	int64_t came;     /* when its last record did, monotonic; only with --idle */
};

struct marks {
	struct marks_opts opts;
	struct feed feed;
	bool in_order;
	struct valve valve;
	struct valve_input *input; /* as many as part[] */
	struct part *part;
	size_t current; /* the last record's */
	size_t unswept; /* records since it was looked which partitions are over */
	int64_t told;   /* the last watermark line's; STAMP_NONE: none */
	int64_t now;    /* when the last record came; only with --idle */
	int64_t look;   /* when to look for silence, monotonic */
	bool said_idle;
	bool begun;
};

struct marks *marks_new(const struct marks_opts *opts)
{
	struct marks *m = alloc_zero(1, sizeof *m);

	m->opts = *opts;
	m->told = STAMP_NONE;
	m->look = STAMP_MAX;
	valve_init(&m->valve, NULL, 0);
	m->valve.open = true;
	return m;
}

void marks_free(struct marks *m)
{
	if (!m)
		return;
	free(m->input);
	free(m->part);
	free(m);
}

/* Partitions that have come. */
static void join(struct marks *m)
{
	size_t n = m->opts.one ? 1 : m->feed.ops->parts(m->feed.self), from = m->valve.n;

	if (n <= from)
		return;
	m->input = alloc_resize(m->input, n, sizeof *m->input);
	m->part = alloc_resize(m->part, n, sizeof *m->part);
	if (m->opts.idle)
		m->now = stamp_monotonic();
	for (size_t i = from; i < n; i++)
		m->part[i] = (struct part){ .greatest = STAMP_NONE, .came = m->now };
	valve_grow(&m->valve, m->input, n);
	m->look = m->now; /* to find when it would be silent for too long */
}

void marks_attach(struct marks *m, struct feed feed, bool in_order)
{
	m->feed = feed;
	m->in_order = in_order;
	join(m);
}

static void leave(struct marks *m, size_t i)
{
	if (!m->opts.one && !m->input[i].over && m->feed.ops->over(m->feed.self, i))
		valve_over(&m->valve, i);
}

/* Partitions that are over, but for the one that a record came of. */
static void sweep(struct marks *m, size_t but)
{
	for (size_t i = 0; i < m->valve.n; i++)
		if (i != but)
			leave(m, i);
	m->unswept = 0;
}

/* Those that are over hold nobody back; which others are is looked at now and then. */
static void let_go(struct marks *m, size_t but)
{
	size_t least;

	if (++m->unswept * SWEPT >= m->valve.n) {
		sweep(m, but);
		return;
	}
	do {
		least = m->valve.least;
		if (least < m->valve.n && least != but)
			leave(m, least);
	} while (m->valve.least != least);
}

/* ---- lines */

static int say(struct frame *f, const char *kind, int64_t time, struct err *e)
{
	if (f->out.ends_here)
		return 0;
	if (f->encoder && encode_pending(f->encoder))
		encode_flush(f->encoder, writer_buf(&f->out));
	if (kind)
		control_write(writer_buf(&f->out), kind);
	else
		control_write_watermark(writer_buf(&f->out), time);
	return writer_check(&f->out, e);
}

/* A watermark line, if time has gone on by STEP since the last one. */
static int tell(struct marks *m, struct frame *f, int64_t step, struct err *e)
{
	int64_t w = m->valve.w;

	if (w <= m->told || (m->told != STAMP_NONE && win_plus(w, -m->told) < step))
		return 0;
	m->told = w;
	return say(f, NULL, w, e);
}

int marks_begin(struct marks *m, struct frame *f, struct err *e)
{
	if (m->begun)
		return 0;
	m->begun = true;
	return say(f, NULL, NOTHING, e);
}

int marks_see(struct marks *m, struct frame *f, size_t part, int64_t time, struct err *e)
{
	struct part *p;

	join(m);
	part = m->opts.one ? 0 : part;
	p = &m->part[part];
	if (m->input[part].over) {
		valve_begin(&m->valve, part);
		p->greatest = STAMP_NONE;
	}
	m->current = part;
	m->said_idle = false;
	valve_active(&m->valve, part);
	if (time > p->greatest) {
		p->greatest = time;
		valve_mark(&m->valve, part, win_plus(time, -m->opts.delay));
	}
	let_go(m, part);
	if (tell(m, f, m->opts.step, e) < 0)
		return -1;
	if (!m->opts.idle)
		return 0;
	m->now = p->came = stamp_monotonic();
	return m->now < m->look ? 0 : marks_look(m, f, e);
}

/* ---- silence */

int64_t marks_timeout(const struct marks *m)
{
	int64_t now;

	if (!m->opts.idle || m->look == STAMP_MAX)
		return -1;
	now = stamp_monotonic();
	return m->look > now ? m->look - now : 0;
}

int marks_look(struct marks *m, struct frame *f, struct err *e)
{
	bool silent = false;

	join(m);
	sweep(m, m->valve.n);
	if (!m->opts.idle)
		return 0;
	m->now = stamp_monotonic();
	m->look = STAMP_MAX;
	for (size_t i = 0; i < m->valve.n; i++) {
		int64_t until = win_plus(m->part[i].came, m->opts.idle);

		if (m->input[i].over || m->input[i].idle || (m->in_order && i != m->current))
			continue;
		if (until <= m->now) {
			valve_idle(&m->valve, i);
			silent = true;
		} else if (until < m->look) {
			m->look = until;
		}
	}
	if (silent && tell(m, f, m->valve.idle ? 0 : m->opts.step, e) < 0)
		return -1;
	if (!m->valve.idle || m->said_idle || !m->valve.n)
		return 0;
	m->said_idle = true;
	return say(f, "idle", 0, e);
}

int marks_end(struct frame *f, struct err *e)
{
	return say(f, "end", 0, e);
}
