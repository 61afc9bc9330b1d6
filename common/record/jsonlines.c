#include "jsonlines.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/stamp.h"
#include "control.h"
#include "framing.h"

#include <stdlib.h>

#define SEPARATOR '\x1E' /* RFC 7464 */

struct jsonlines {
	struct framing f;
	size_t max_record;
	struct buf text;      /* values, a newline behind each; then one that has not ended */
	size_t handed;        /* bytes at the front that were handed out */
	size_t done;          /* bytes of values that have ended */
	uint64_t line;        /* of the input, counted so far */
	struct place *origin; /* where each value handed out begins: its line, and the rest where
	                         the inner lines know it */
	size_t origins, origin_cap;
	const char *at;  /* what is looked at, in inner's last lines */
	uint64_t nth;    /* the line of them that it is in */
	bool line_start; /* the last character was a newline, or there was none */
	/* the value that has not ended */
	bool open, in_string, in_control, escaped;
	size_t depth;
};

static void end_value(struct jsonlines *j)
{
	buf_addc(&j->text, '\n');
	j->done = j->text.n;
	j->open = j->in_string = j->in_control = j->escaped = false;
	j->depth = 0;
}

static void begin_value(struct jsonlines *j)
{
	struct place p = { .time = STAMP_NONE };

	if (j->f.inner.ops->place)
		p = j->f.inner.ops->place(j->f.inner.self, j->at, j->nth);
	p.line = j->f.inner.ops->origin ? j->f.inner.ops->origin(j->f.inner.self, j->nth)
	                                : j->line + 1;
	j->open = true;
	j->origin = alloc_grow(j->origin, &j->origin_cap, j->origins + 1, sizeof *j->origin);
	j->origin[j->origins++] = p;
}

/* Of a value that is too long enough is kept to see that. */
static void keep(struct jsonlines *j, char c)
{
	if (j->text.n - j->done <= j->max_record)
		buf_addc(&j->text, c);
}

static bool is_scalar(const struct jsonlines *j)
{
	return j->open && j->depth == 0 && !j->in_string;
}

static void in_string(struct jsonlines *j, char c)
{
	if (c == '\n') { /* no JSON: what comes behind is looked at afresh */
		end_value(j);
		return;
	}
	keep(j, c);
	if (j->escaped || c != '"') {
		j->escaped = !j->escaped && c == '\\';
		return;
	}
	j->in_string = false;
	if (j->depth == 0)
		end_value(j);
}

static void between(struct jsonlines *j, char c)
{
	if (is_scalar(j) || (j->open && c == SEPARATOR))
		end_value(j);
	else if (j->open)
		keep(j, c == '\n' ? ' ' : c);
}

static void outside_string(struct jsonlines *j, char c)
{
	switch (c) {
	case '\n':
	case ' ':
	case '\t':
	case '\r':
	case SEPARATOR:
		between(j, c);
		return;
	case '{':
	case '[':
	case '"':
		if (is_scalar(j))
			end_value(j);
		if (!j->open)
			begin_value(j);
		keep(j, c);
		j->in_string = c == '"';
		j->depth += c != '"';
		return;
	case '}':
	case ']':
		if (!j->open)
			begin_value(j);
		keep(j, c);
		j->depth -= j->depth > 0;
		if (j->depth == 0)
			end_value(j);
		return;
	default:
		if (!j->open) {
			begin_value(j);
			j->in_control = c == CONTROL_BYTE && j->line_start;
		}
		keep(j, c);
	}
}

/* A control line stays as it is. */
static void in_control(struct jsonlines *j, char c)
{
	if (c == '\n')
		end_value(j);
	else
		keep(j, c);
}

/* A value whose end is missing is as long as one that is too long. */
static void cut_off(struct jsonlines *j)
{
	if (!j->open)
		begin_value(j);
	while (j->text.n - j->done <= j->max_record)
		buf_addc(&j->text, '?');
	end_value(j);
	j->line++;
	j->line_start = true;
}

static void frame_chunk(void *self, struct slice s, bool cut)
{
	struct jsonlines *j = self;

	j->nth = 1;
	for (size_t i = 0; i < s.n; i++) {
		j->at = s.p + i;
		if (j->in_control)
			in_control(j, s.p[i]);
		else if (j->in_string)
			in_string(j, s.p[i]);
		else
			outside_string(j, s.p[i]);
		j->line_start = s.p[i] == '\n';
		j->line += j->line_start;
		j->nth += j->line_start;
	}
	if (cut)
		cut_off(j);
}

/* Drop what was handed out. */
static void settle(void *self)
{
	struct jsonlines *j = self;
	size_t left = j->text.n - j->handed;

	if (left)
		memmove(j->text.p, j->text.p + j->handed, left);
	j->text.n = left;
	j->done = j->handed = 0;
	if (j->open)
		j->origin[0] = j->origin[j->origins - 1];
	j->origins = j->open;
}

static void begin(void *self)
{
	struct jsonlines *j = self;

	j->line = 0;
	j->line_start = true;
}

static struct slice ended(void *self)
{
	struct jsonlines *j = self;

	buf_room(&j->text, LINES_PAD);
	j->handed = j->done;
	return (struct slice){ j->text.p, j->done };
}

/* What an input's end leaves open is a value too, a bad one unless it is a number or the like. */
static bool flush_open(void *self)
{
	struct jsonlines *j = self;

	if (j->open)
		end_value(j);
	return j->done > 0;
}

static void unfinished(void *self)
{
	struct jsonlines *j = self;

	if (j->f.inner.ops->unfinished)
		j->f.inner.ops->unfinished(j->f.inner.self,
		                           j->open ? &j->origin[j->origins - 1] : NULL);
}

static uint64_t origin(const void *self, uint64_t n)
{
	const struct jsonlines *j = self;

	return n >= 1 && n <= j->origins ? j->origin[n - 1].line : j->line;
}

static struct place place(const void *self, const char *at, uint64_t n)
{
	const struct jsonlines *j = self;

	(void)at;
	return n >= 1 && n <= j->origins ? j->origin[n - 1] : (struct place){ .time = STAMP_NONE };
}

static void jsonlines_free(void *self)
{
	struct jsonlines *j = self;

	j->f.inner.ops->free(j->f.inner.self);
	buf_free(&j->text);
	free(j->origin);
	free(j);
}

struct lines jsonlines_new(struct lines inner, size_t max_record)
{
	static const struct framing_ops framing = {
		.settle = settle,
		.begin = begin,
		.frame = frame_chunk,
		.flush = flush_open,
		.ended = ended,
		.unfinished = unfinished,
	};
	static const struct lines_ops ops = {
		.next = framing_next,
		.name = framing_name,
		.is_first = framing_is_first,
		.terminated = framing_terminated,
		.consumed = framing_consumed,
		.size = framing_size,
		.origin = origin,
		.place = place,
		.free = jsonlines_free,
	};
	struct jsonlines *j = alloc_zero(1, sizeof *j);

	j->f = (struct framing){ .ops = &framing, .inner = inner };
	j->max_record = max_record;
	return (struct lines){ &ops, j };
}
