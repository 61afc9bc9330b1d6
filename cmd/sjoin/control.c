/* Control lines of two inputs, and what came behind a barrier. */
#include "streams.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdlib.h>

static int pass(struct streams *s, struct slice line, struct err *e)
{
	struct frame *f = &s->j->frame;

	if (f->out.ends_here)
		return 0;
	buf_add_slice(writer_buf(&f->out), line);
	return writer_check(&f->out, e);
}

/*
 * A barrier is passed on when it has come from both sides; a side that has reached it goes on
 * behind it, held, until the other one has, or is over.
 */
static int barrier(struct streams *s, enum side side, struct slice line, struct err *e)
{
	struct input *in = &s->in[side], *o = &s->in[other(side)];

	if (s->one || o->over)
		return pass(s, line, e);
	if (o->barrier.n) {
		if (pass(s, line, e) < 0)
			return -1;
		buf_clear(&o->barrier);
		return streams_release(s, other(side), e);
	}
	buf_add_slice(&in->barrier, line);
	return 0;
}

int streams_pass_kind(struct streams *s, const char *kind, struct err *e)
{
	struct frame *f = &s->j->frame;

	if (f->out.ends_here)
		return 0;
	control_write(writer_buf(&f->out), kind);
	return writer_check(&f->out, e);
}

static int say_idle(struct streams *s, struct err *e)
{
	s->in[SIDE_LEFT].said_idle = s->in[SIDE_RIGHT].said_idle = false;
	return streams_pass_kind(s, "idle", e);
}

/* A side is idle: that is passed on when both are, or the other is over. */
static int idle(struct streams *s, enum side side, struct slice line, struct err *e)
{
	if (streams_sleep(s, side, e) < 0)
		return -1;
	s->in[side].said_idle = !s->valve.idle;
	if (!s->valve.idle)
		return 0;
	s->in[other(side)].said_idle = false;
	return pass(s, line, e);
}

/* A side is over: nothing waits for it any more. Behind the second one what is left of both leaves,
 * before an `end` line that says so. */
static int finish(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side], *o = &s->in[other(side)];

	if (in->over)
		return 0;
	in->over = true;
	if (streams_wake(s, side, e) < 0)
		return -1;
	if (watermark_mark(&in->mark, STAMP_MAX) && streams_advance(s, side, e) < 0)
		return -1;
	if (s->valve.idle && o->said_idle && say_idle(s, e) < 0)
		return -1;
	if (o->over)
		return kinds_end(s, e);
	if (!o->barrier.n)
		return 0;
	if (pass(s, buf_slice(&o->barrier), e) < 0)
		return -1;
	buf_clear(&o->barrier);
	return streams_release(s, other(side), e);
}

int streams_control(struct streams *s, enum side side, const struct came *c, struct err *e)
{
	struct input *in = &s->in[side];
	struct control control;
	struct err why;
	bool last; /* this side's end is that of both */

	err_clear(&why);
	if (control_parse(c->line, &control, &why) < 0) {
		why.kind = FAIL_DATA;
		return join_bad(s->j, c->input, c->number, c->line, &why, e);
	}
	/* a table that changes has no time of its own */
	if (s->kind == CHANGES &&
	    (control.kind == CONTROL_WATERMARK || control.kind == CONTROL_IDLE)) {
		/* nothing more is to be expected of the table for now: all there was has come */
		if (side == SIDE_RIGHT && control.kind == CONTROL_IDLE)
			s->loading = false;
		return side == SIDE_LEFT ? pass(s, c->line, e) : 0;
	}
	switch (control.kind) {
	case CONTROL_WATERMARK:
		s->marks = true;
		if (streams_wake(s, side, e) < 0)
			return -1;
		if (watermark_mark(&in->mark, control.time) && streams_advance(s, side, e) < 0)
			return -1;
		return streams_tell(s, true, e);
	case CONTROL_IDLE:
		return idle(s, side, c->line, e);
	case CONTROL_BARRIER:
		return barrier(s, side, c->line, e);
	case CONTROL_RESTORE:
		in->checkpointed = true;
		if (s->restored)
			return 0;
		s->restored = true;
		return pass(s, c->line, e);
	case CONTROL_END:
		last = s->in[other(side)].over;
		in->ended = true;
		if (finish(s, side, e) < 0)
			return -1;
		return last ? pass(s, c->line, e) : 0;
	default:
		return pass(s, c->line, e);
	}
}

/* ---- what came behind a barrier */

int streams_hold(struct streams *s, struct input *in, const struct came *c, bool control,
                 struct err *e)
{
	bool converted = c->line.p != c->json.p;
	size_t size = sizeof(struct held) + c->json.n + INDEX_PAD + (converted ? c->line.n : 0);
	struct held *h = alloc_array(size, 1);
	char *json = (char *)(h + 1), *line = json;

	memcpy(json, c->json.p, c->json.n);
	if (converted) {
		line += c->json.n + INDEX_PAD;
		memcpy(line, c->line.p, c->line.n);
	}
	*h = (struct held){ .input = c->input,
		            .number = c->number,
		            .control = control,
		            .line = { line, c->line.n },
		            .json = { json, c->json.n },
		            .size = size };
	*in->last = h;
	in->last = &h->next;
	in->held += size;
	if (!s->j->args->max_memory || in->held <= s->j->args->max_memory)
		return 0;
	return err_set(e, FAIL_LIMIT,
	               "what came behind a barrier that the %s input has not reached takes %zu "
	               "bytes, more than --max-memory (%" PRIu64 ")",
	               in == &s->in[SIDE_LEFT] ? "right" : "left", in->held,
	               s->j->args->max_memory);
}

static int take_held(struct streams *s, enum side side, struct held *h, struct err *e)
{
	struct input *in = &s->in[side];
	struct rec rec;
	struct came c = { &rec, h->line, h->json, h->input, h->number };

	if (h->control)
		return streams_control(s, side, &c, e);
	if (!in->scan)
		in->scan = scan_new(in->plan, NULL);
	scan_feed(in->scan, h->json.p, h->json.n);
	return scan_next(in->scan, &rec) == SCAN_RECORD ? streams_take(s, side, &c, e) : 0;
}

static int end_input(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side];
	bool tell;

	if (in->checkpointed && !in->ended)
		return err_set(e, FAIL_STATE,
		               "the %s input ended without its end line: the stage before it died; "
		               "what waits is not written",
		               side == SIDE_LEFT ? "left" : "right");
	/* did the other one's `end` wait for this? */
	tell = !s->one && s->in[other(side)].ended;
	if (finish(s, side, e) < 0)
		return -1;
	return tell ? streams_pass_kind(s, "end", e) : 0;
}

/* Is there an `end` line among what is held? */
static bool holds_end(const struct input *in)
{
	struct control control;
	struct err why;

	err_clear(&why);
	for (const struct held *h = in->first; h; h = h->next)
		if (h->control && control_parse(h->line, &control, &why) == 0 &&
		    control.kind == CONTROL_END)
			return true;
	return false;
}

int streams_end(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side];

	/* one that died is not waited for */
	if (!in->barrier.n || (in->checkpointed && !holds_end(in)))
		return end_input(s, side, e);
	in->drained = true;
	return 0;
}

int streams_release(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side];
	int did = 0;

	while (did == 0 && in->first && !in->barrier.n) {
		struct held *h = in->first;

		in->first = h->next;
		if (!in->first)
			in->last = &in->first;
		in->held -= h->size;
		did = take_held(s, side, h, e);
		free(h);
	}
	if (did == 0 && in->drained && !in->over && !in->barrier.n)
		return end_input(s, side, e);
	return did;
}
