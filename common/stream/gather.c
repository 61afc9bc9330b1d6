#include "gather.h"

#include "base/alloc.h"
#include "base/stamp.h"

#include <stdlib.h>

#define SPARES 64                 /* records that are kept for the next ones */
#define KEEP   ((size_t)64 << 10) /* bytes of their text */

struct record {
	struct buf text;
	struct place place; /* of its first line */
	size_t stream;
	int64_t touched; /* when something was added to it */
	bool open;       /* it may go on */
	bool cut;        /* too long: only its beginning is there */
	bool unterminated;
	struct record *next;          /* of its unit, as they begin; of the spare ones */
	struct record *older, *newer; /* of those that are open, by touched */
};

struct unit {
	struct record *first, *last; /* that have not left */
	struct record *open[GATHER_STREAMS];
	bool skipping[GATHER_STREAMS]; /* the rest of a record that was too long */
	size_t part;
	size_t state;  /* of the look */
	uint64_t upto; /* of its last batch */
	uint64_t told; /* of the last one handed out */
	bool begins;   /* nothing of it has left */
};

struct gather {
	struct flow inner;
	struct feed feed;
	struct gather_opts opts;
	struct unit *unit;
	size_t units, unit_cap;
	size_t at;         /* the unit that batches are made of */
	size_t *last_unit; /* of each partition: the one that its last batch was of, plus 1; or 0 */
	size_t parts, part_cap;
	struct record *oldest, *newest, *spare;
	size_t spares;
	/* the batch that is looked at */
	struct batch in;
	struct slice rest;
	uint64_t taken; /* lines of it */
	bool has;       /* there is one */
	bool begun;     /* what had to leave before it has */
	bool is_long;
	/* what is handed out */
	struct buf out;
	struct place *place;
	size_t lines, place_cap;
	bool unterminated;
	/* time, without that in which nobody asks */
	int64_t lost, returned;
	bool waited;
	bool finishing;
};

static const struct flow_ops ops;

struct flow gather_new(struct flow inner, struct feed feed, const struct gather_opts *opts)
{
	struct gather *g = alloc_zero(1, sizeof *g);

	g->inner = inner;
	g->feed = feed;
	g->opts = *opts;
	g->returned = opts->clock();
	return (struct flow){ &ops, g };
}

static void free_records(struct record *r)
{
	struct record *next;

	for (; r; r = next) {
		next = r->next;
		buf_free(&r->text);
		free(r);
	}
}

static void gather_free(void *self)
{
	struct gather *g = self;

	for (size_t i = 0; i < g->units; i++)
		free_records(g->unit[i].first);
	free_records(g->spare);
	if (g->opts.drop)
		g->opts.drop(g->opts.context);
	g->inner.ops->free(g->inner.self);
	buf_free(&g->out);
	free(g->place);
	free(g->unit);
	free(g->last_unit);
	free(g);
}

static int64_t now(const struct gather *g)
{
	return g->opts.clock() - g->lost;
}

/* ---- records */

static void unlink_open(struct gather *g, struct record *r)
{
	*(r->older ? &r->older->newer : &g->oldest) = r->newer;
	*(r->newer ? &r->newer->older : &g->newest) = r->older;
}

static void link_open(struct gather *g, struct record *r)
{
	r->touched = now(g);
	r->older = g->newest;
	r->newer = NULL;
	*(g->newest ? &g->newest->newer : &g->oldest) = r;
	g->newest = r;
}

static struct record *open_record(struct gather *g, struct unit *u, size_t stream,
                                  const struct place *place)
{
	struct record *r = g->spare;
	struct buf text = { 0 };

	if (r) {
		g->spare = r->next;
		g->spares--;
		text = r->text;
	} else {
		r = alloc_zero(1, sizeof *r);
	}
	*r = (struct record){ .text = text, .place = *place, .stream = stream, .open = true };
	buf_clear(&r->text);
	*(u->last ? &u->last->next : &u->first) = r;
	u->last = r;
	u->open[stream] = r;
	link_open(g, r);
	return r;
}

/* More is to come to an open record. */
static struct record *go_on(struct gather *g, struct record *r)
{
	struct buf *text = &r->text;

	unlink_open(g, r);
	link_open(g, r);
	if (g->opts.joint == GATHER_GLUE)
		return r;
	text->n -= text->n && text->p[text->n - 1] == '\r';
	buf_addc(text, (char)g->opts.joint);
	return r;
}

static void close_record(struct gather *g, struct unit *u, struct record *r)
{
	r->open = false;
	u->open[r->stream] = NULL;
	unlink_open(g, r);
}

/* Take the first record off its unit. */
static void drop_first(struct gather *g, struct unit *u)
{
	struct record *r = u->first;

	u->first = r->next;
	if (!u->first)
		u->last = NULL;
	if (g->spares == SPARES) {
		buf_free(&r->text);
		free(r);
		return;
	}
	buf_trim(&r->text, KEEP);
	r->next = g->spare;
	g->spare = r;
	g->spares++;
}

/* Add bytes of the input; what stands for a newline may not be among them. */
static void add_text(const struct gather *g, struct buf *to, struct slice s)
{
	char *p = buf_room(to, s.n + 1), *end = p + s.n;

	buf_add_slice(to, s);
	if (g->opts.joint != JOINT)
		return;
	while (p < end && (p = memchr(p, JOINT, (size_t)(end - p))))
		*p++ = (char)JOINT_OTHER;
}

/* Add a piece to an open record; one that gets too long is cut, and closed. */
static void add_piece(struct gather *g, struct unit *u, struct record *r, const struct piece *p)
{
	struct buf *text = &r->text;

	add_text(g, text, p->text);
	r->cut = g->is_long || text->n > g->opts.max_line;
	if (!r->cut)
		return;
	if (text->n > g->opts.max_line + 1)
		text->n = g->opts.max_line + 1;
	u->skipping[p->stream] = !p->ends;
	close_record(g, u, r);
}

/* ---- handing out */

static void put_line(struct gather *g, const struct place *place)
{
	buf_addc(&g->out, '\n');
	g->place = alloc_grow(g->place, &g->place_cap, g->lines + 1, sizeof *g->place);
	g->place[g->lines++] = *place;
}

/* Put what has ended, and has nothing before it, to what is handed out. */
static void settle(struct gather *g, struct unit *u)
{
	for (; u->first && !u->first->open && !u->first->cut; drop_first(g, u)) {
		buf_add_slice(&g->out, buf_slice(&u->first->text));
		put_line(g, &u->first->place);
		g->unterminated = u->first->unterminated;
	}
}

static bool is_blocked(const struct unit *u)
{
	return u->first && u->first->cut;
}

/* Where the line stands that is looked at next. */
static struct place place_of_rest(const struct gather *g)
{
	struct place p = g->in.place;

	if (g->in.places && !g->is_long)
		return g->in.places[g->taken];
	p.offset += (uint64_t)(g->rest.p - g->in.lines.p);
	if (p.line)
		p.line += g->taken;
	return p;
}

/* All of the unit that lies before this has left, or leaves now. */
static uint64_t upto(const struct gather *g, const struct unit *u)
{
	if (u->first)
		return u->first->place.offset;
	if (g->has && g->begun && g->in.place.unit == g->at)
		return place_of_rest(g).offset;
	return u->upto;
}

/* What has come together of the unit, if there is something. */
static enum got hand_out(struct gather *g, struct batch *b)
{
	struct unit *u = &g->unit[g->at];
	enum got got = GOT_LINES;

	settle(g, u);
	*b = (struct batch){ .unterminated = g->unterminated };
	if (!g->lines && !is_blocked(u)) {
		if (u->first || upto(g, u) <= u->told)
			return GOT_TICK;
		/* all that came was passed over */
		b->place = (struct place){ u->part, g->at, u->told, 0, STAMP_NONE };
	} else if (!g->lines) {
		got = GOT_LONG;
		b->place = u->first->place;
		buf_add_slice(&g->out, buf_slice(&u->first->text));
		drop_first(g, u);
	} else {
		b->place = *g->place;
		b->places = g->place;
	}
	buf_room(&g->out, LINES_PAD);
	b->lines = buf_slice(&g->out);
	b->upto = u->told = upto(g, u);
	b->begins = u->begins;
	u->begins = false;
	return got;
}

/* Nothing more comes of what is open in this unit; it is the next to be handed out. */
static void end_unit(struct gather *g, size_t unit)
{
	struct unit *u = &g->unit[unit];

	for (size_t i = 0; i < GATHER_STREAMS; i++)
		if (u->open[i])
			close_record(g, u, u->open[i]);
	u->state = 0;
	g->at = unit;
}

static bool is_over(const struct gather *g, size_t part)
{
	return g->feed.ops->over(g->feed.self, part);
}

static bool is_due(const struct gather *g)
{
	return g->oldest && g->oldest->touched + g->opts.timeout <= now(g);
}

/* The open record that nothing was added to for the longest time has ended. */
static void end_oldest(struct gather *g)
{
	struct unit *u;

	g->at = g->oldest->place.unit;
	u = &g->unit[g->at];
	u->state = 0;
	close_record(g, u, g->oldest);
}

/* There is nothing to read: what does not wait any longer? False: nothing. */
static bool end_some(struct gather *g, bool all)
{
	for (const struct record *r = g->oldest; r; r = r->newer)
		if (all || is_over(g, r->place.part)) {
			end_unit(g, r->place.unit);
			return true;
		}
	if (!is_due(g))
		return false;
	end_oldest(g);
	return true;
}

/* ---- a batch */

static void take_line(struct gather *g, struct unit *u, struct slice line, bool unterminated)
{
	struct place place = place_of_rest(g);
	struct piece p = { .text = line, .starts = true, .ends = true };
	struct record *r;

	g->opts.look(g->opts.context, line, &u->state, &p);
	if (g->is_long)
		u->state = 0;
	r = u->open[p.stream];
	if (p.starts && r) {
		close_record(g, u, r);
		settle(g, u);
		r = NULL;
	}
	if (!p.starts && u->skipping[p.stream]) {
		u->skipping[p.stream] = !p.ends;
		return;
	}
	u->skipping[p.stream] = false;
	if (!r && p.ends && !u->first && !g->is_long && p.text.n <= g->opts.max_line) {
		add_text(g, &g->out, p.text);
		put_line(g, &place);
		g->unterminated = unterminated;
		return;
	}
	r = r ? go_on(g, r) : open_record(g, u, p.stream, &place);
	add_piece(g, u, r, &p);
	r->unterminated = unterminated;
	if (p.ends && r->open)
		close_record(g, u, r);
	settle(g, u);
}

/* Take the lines of the batch, as far as a record that is too long, which leaves by itself. */
static void take_lines(struct gather *g)
{
	struct unit *u = &g->unit[g->at];

	while (g->rest.n && !is_blocked(u)) {
		const char *newline = g->is_long ? NULL : memchr(g->rest.p, '\n', g->rest.n);
		struct slice line = { g->rest.p,
			              newline ? (size_t)(newline - g->rest.p) : g->rest.n };
		size_t n = line.n + (newline != NULL);

		take_line(g, u, line, g->in.unterminated && n == g->rest.n);
		g->rest.p += n;
		g->rest.n -= n;
		g->taken++;
	}
	if (g->rest.n)
		return;
	u->upto = g->in.upto;
	g->has = false;
}

static void note_batch(struct gather *g, enum got got)
{
	size_t unit = g->in.place.unit, part = g->in.place.part;

	g->has = true;
	g->begun = false;
	g->is_long = got == GOT_LONG;
	g->rest = g->in.lines;
	g->taken = 0;
	if (unit >= g->units) {
		g->unit = alloc_grow(g->unit, &g->unit_cap, unit + 1, sizeof *g->unit);
		memset(g->unit + g->units, 0, (unit + 1 - g->units) * sizeof *g->unit);
		g->units = unit + 1;
	}
	if (part >= g->parts) {
		g->last_unit =
			alloc_grow(g->last_unit, &g->part_cap, part + 1, sizeof *g->last_unit);
		memset(g->last_unit + g->parts, 0, (part + 1 - g->parts) * sizeof *g->last_unit);
		g->parts = part + 1;
	}
}

/* Begin with the batch: what is to leave before it has left. False: there is something. */
static bool begin(struct gather *g)
{
	size_t unit = g->in.place.unit, *last = &g->last_unit[g->in.place.part];
	struct unit *u = &g->unit[unit], *before = &g->unit[g->at];

	if (g->at != unit && before->first && is_over(g, before->part)) {
		end_unit(g, g->at);
		return false;
	}
	/* a partition has an order: of the unit before nothing comes behind that of this one */
	if (*last && *last != unit + 1 && g->unit[*last - 1].first &&
	    g->unit[*last - 1].part == g->in.place.part) {
		end_unit(g, *last - 1);
		return false;
	}
	if (g->in.begins && u->first) {
		end_unit(g, unit);
		return false;
	}
	*last = unit + 1;
	if (g->in.begins)
		*u = (struct unit){ .begins = true };
	u->part = g->in.place.part;
	g->at = unit;
	g->begun = true;
	return true;
}

/* ---- the flow */

static enum got look_further(struct gather *g, struct batch *b, struct err *e)
{
	enum got got = GOT_TICK;

	while (g->units == 0 || (got = hand_out(g, b)) == GOT_TICK) {
		if (!g->has && is_due(g) && !g->waited) {
			end_oldest(g);
			continue;
		}
		if (!g->has) {
			g->in = (struct batch){ 0 };
			got = g->inner.ops->next(g->inner.self, &g->in, e);
			g->waited = false;
			if (got == GOT_ERROR)
				return got;
			if (got == GOT_LINES || got == GOT_LONG)
				note_batch(g, got);
			else if (!end_some(g, got == GOT_END || g->finishing))
				return got;
			continue;
		}
		if (g->begun || begin(g))
			take_lines(g);
	}
	return got;
}

static enum got gather_next(void *self, struct batch *b, struct err *e)
{
	struct gather *g = self;
	enum got got;

	if (!g->waited)
		g->lost += g->opts.clock() - g->returned;
	buf_clear(&g->out);
	g->lines = 0;
	g->unterminated = false;
	got = look_further(g, b, e);
	if (got == GOT_ERROR)
		*b = g->in; /* it says which one failed */
	g->returned = g->opts.clock();
	return got;
}

static size_t gather_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct gather *g = self;
	size_t n = g->inner.ops->wait(g->inner.self, p, room, timeout);
	int64_t left;

	g->lost += g->opts.clock() - g->returned;
	g->returned = g->opts.clock();
	g->waited = true;
	if (!g->oldest)
		return n;
	left = g->oldest->touched + g->opts.timeout - now(g);
	left = left > 0 ? left : 0;
	if (*timeout < 0 || *timeout > left)
		*timeout = left;
	return n;
}

static void gather_finish(void *self)
{
	struct gather *g = self;

	g->finishing = true;
	if (g->inner.ops->finish)
		g->inner.ops->finish(g->inner.self);
}

static const struct flow_ops ops = {
	.next = gather_next,
	.wait = gather_wait,
	.finish = gather_finish,
	.free = gather_free,
};
