/* The join of two streams: both are read as they come, neither far ahead of the other. */
#include "sjoin.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/stamp.h"
#include "io/stop.h"
#include "window/valve.h"
#include "window/window.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEAST_SKEW   NS_PER_SEC /* ns of event time that one side may always be ahead */
#define EXPIRES_SKEW NS_PER_MIN /* the same, where records say themselves how long they wait */
#define LOOK_EVERY   64         /* records read of one side before the other is polled */
#define ASK_EVERY    (10 * NS_PER_MS)  /* an input without a descriptor to wait for */
#define WEIGH_EVERY  1024              /* records between looks at --max-memory */
#define CATCH_UP     (2 << 20)         /* bytes */
#define MARK_STEP    (100 * NS_PER_MS) /* event time between watermark lines that records cause */

/* a row of --changelog that deletes its key, by default */
#define TOMBSTONE "type == \"object\" and has(\"value\") and .value == null"

/* A record that came behind a barrier that the other side has not reached yet. */
struct held {
	struct held *next;
	const char *input;
	uint64_t line;
	bool control;
	size_t n; /* bytes behind it, the newline included */
};

struct input {
	struct source *source;
	struct plan *plan;
	struct evtime *time;
	char *time_expr; /* owned: its part of --time */
	struct watermark mark;
	bool over;                  /* its end has come, in order or not */
	bool ended;                 /* by an `end` line */
	bool checkpointed;          /* it began with `restore`: only `end` ends it */
	bool dry;                   /* there was nothing to read */
	int64_t dry_since;          /* monotonic, ns */
	bool idle;                  /* it is left out of the watermark */
	struct buf barrier;         /* the line it waits behind; empty: it does not */
	struct held *first, **last; /* what came behind it */
	size_t held;                /* bytes of that */
	struct scan *scan;          /* reads that again */
};

enum { LEFT_WHEN, RIGHT_WHEN, EXPIRES, DELETE_WHEN, PROGRAMS };

enum kind { NEAR, WINDOWS, ASOF, CHANGES };

struct streams {
	struct join *j;
	struct pairs *pairs;
	struct input
		in[2]; /* by enum side; where one input carries both sides it is the left one */
	bool one;
	enum kind kind;
	struct interval near;
	struct winjoin windows;
	struct asof asof;
	struct changes changes;
	bool loading;       /* changes: what was there at the start is read first */
	uint64_t left_read; /* changes: bytes of left that right was looked at for */
	struct spans spans;
	struct tz *zone;
	struct prog *prog[PROGRAMS];
	struct eval *eval[PROGRAMS];
	struct valve valve;
	struct valve_input valve_input[2];
	int64_t skew, told; /* told: the last watermark passed on */
	bool marks;         /* watermark lines came */
	bool restored;      /* `restore` was passed on */
	bool lates;         /* records behind their side's watermark are thrown away */
	bool whole;         /* --asof: RIGHT is a file, read whole before left records come */
	uint64_t seq, late, evicted, weigh_at;
	int late_fd;
	unsigned since_look;
};

static enum side other(enum side side)
{
	return side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}

bool streams_wanted(const struct args *a)
{
	return a->within >= 0 || a->before >= 0 || a->after >= 0 || a->ttl || a->expires ||
	       a->size || a->gap || a->asof || a->changelog || a->left_when || a->right_when;
}

/* ---- options */

static int check_kinds(const struct args *a, struct err *e)
{
	bool near = a->within >= 0 || a->before >= 0 || a->after >= 0 || a->ttl || a->expires;

	if (near + (a->size != NULL) + (a->gap != 0) + a->asof + a->changelog != 1)
		return err_set(
			e, FAIL_USAGE,
			"one of these says which records belong together: --within (or "
			"--before, --after), --ttl, --expires, --size, --gap, --asof, --changelog");
	if ((a->within >= 0) + (a->ttl != 0) + (a->expires != NULL) > 1 ||
	    ((a->within >= 0 || a->ttl) && (a->before >= 0 || a->after >= 0)))
		return err_set(
			e, FAIL_USAGE,
			"--within D says both --before and --after; --ttl and --expires stand "
			"in their place");
	if (a->expires && a->after >= 0)
		return err_set(e, FAIL_USAGE, "--expires EXPR stands in the place of --after");
	if (!a->size && (a->every || a->cumulate || a->offset))
		return err_set(e, FAIL_USAGE, "--every, --cumulate and --offset go with --size");
	if (!a->asof && (a->direction || a->tolerance >= 0 || a->strict))
		return err_set(e, FAIL_USAGE,
		               "--direction, --tolerance and --strict go with --asof");
	if (a->reduce && (a->size || a->gap || a->asof || a->changelog))
		return err_set(
			e, FAIL_USAGE,
			"--reduce goes with --within, --before, --after, --ttl and --expires");
	if (a->reduce && a->type != JOIN_INNER && a->type != JOIN_LEFT)
		return err_set(e, FAIL_USAGE, "--reduce goes with --type inner and left");
	if (a->changelog && (a->time.expr || a->time.format || a->time.zone || a->delay ||
	                     a->late || a->max_skew || a->close_idle || a->max_ahead || a->on_full))
		return err_set(e, FAIL_USAGE,
		               "--changelog joins by what has come: times, --late and --on-full "
		               "have no place beside it");
	if (a->missing && a->type != JOIN_INNER)
		return err_set(e, FAIL_USAGE, "--missing is --type anti: one of them is enough");
	if ((a->left_when != NULL) != (a->right_when != NULL))
		return err_set(e, FAIL_USAGE,
		               "--left-when and --right-when go together: one input carries both "
		               "sides");
	if (a->left_when && (a->max_skew || a->close_idle))
		return err_set(
			e, FAIL_USAGE,
			"--max-skew and --close-idle are about one input beside another, and "
			"one carries both sides here");
	return 0;
}

/* The part of an option's value that concerns a side: all of it, or before or behind the comma. */
static char *part_of(const char *text, enum side side)
{
	const char *at = text ? join_parting(text, ',') : NULL;

	if (!text)
		return NULL;
	if (!at)
		return alloc_copy(text, strlen(text));
	return side == SIDE_LEFT ? alloc_copy(text, (size_t)(at - text))
	                         : alloc_copy(at + 1, strlen(at + 1));
}

static int delay_of(const struct args *a, enum side side, int64_t *ns, struct err *e)
{
	char *text = part_of(a->delay, side);
	int did = 0;

	*ns = 0;
	if (text && duration_parse(slice_from(text), ns) < 0)
		did = err_set(e, FAIL_USAGE,
		              "--delay: '%s' is no duration (like 250ms, 10s, 1m), or two of them: "
		              "LEFT,RIGHT",
		              text);
	free(text);
	return did;
}

static int init_input(struct streams *s, enum side side, struct err *e)
{
	const struct args *a = s->j->args;
	struct input *in = &s->in[side];
	struct evtime_opts time = a->time;
	int64_t delay;

	in->plan = &s->j->plan[s->one ? SIDE_LEFT : side];
	in->last = &in->first;
	time.expr = in->time_expr = part_of(a->time.expr, side);
	in->time = evtime_new(&time, in->plan, e);
	if (!in->time || delay_of(a, side, &delay, e) < 0)
		return -1;
	watermark_init(&in->mark, delay, a->max_ahead);
	return 0;
}

static int init_program(struct streams *s, int i, const char *name, const char *text, struct err *e)
{
	struct expr_setup setup = { .source = { .name = name },
		                    .plan = s->in[i == DELETE_WHEN ? SIDE_RIGHT : SIDE_LEFT].plan };

	if (!text)
		return 0;
	setup.source.text = slice_from(text);
	s->prog[i] = expr_compile(&setup, e);
	if (!s->prog[i])
		return -1;
	s->eval[i] = eval_new(s->prog[i], &s->j->heap, NULL);
	return 0;
}

static void init_near(struct streams *s, bool texts, bool once)
{
	const struct args *a = s->j->args;
	int64_t both = a->within >= 0 ? a->within : a->ttl;
	bool bounds = a->before >= 0 || a->after >= 0 || a->expires;
	struct interval_opts opts = { .before = !bounds          ? both
		                                : a->before >= 0 ? a->before
		                                                 : 0,
		                      .after = !bounds         ? both
		                               : a->after >= 0 ? a->after
		                                               : 0,
		                      .expires = a->expires != NULL,
		                      .once = once,
		                      .texts = texts,
		                      .sink = pairs_sink(s->pairs) };

	s->kind = NEAR;
	s->lates = !a->ttl;
	s->skew = a->expires ? EXPIRES_SKEW : win_plus(opts.before, opts.after);
	interval_init(&s->near, &opts);
	s->near.state.forget = pairs_forget;
	s->near.state.context = s->pairs;
}

static int init_windows(struct streams *s, bool texts, bool once, struct err *e)
{
	const struct args *a = s->j->args;
	const struct spans_texts span = { a->size, a->every, a->cumulate, a->offset };
	struct winjoin_opts opts = { .spans = a->size ? &s->spans : NULL,
		                     .gap = a->gap,
		                     .once = once,
		                     .texts = texts,
		                     .sink = pairs_sink(s->pairs) };

	s->kind = WINDOWS;
	s->zone = a->time.zone ? tz_load(a->time.zone, e) : NULL;
	if ((a->time.zone && !s->zone) ||
	    (a->size && spans_parse(&s->spans, &span, s->zone, e) < 0))
		return -1;
	s->skew = !a->size ? a->gap : s->spans.kind == SPANS_CALENDAR ? NS_PER_DAY : s->spans.size;
	winjoin_init(&s->windows, &opts);
	return 0;
}

static void init_asof(struct streams *s, bool texts)
{
	const struct args *a = s->j->args;
	struct asof_opts opts = { .direction = (enum asof_direction)a->direction,
		                  .strict = a->strict,
		                  .tolerance = a->tolerance >= 0 ? a->tolerance : INT64_MAX,
		                  .texts = texts,
		                  .sink = pairs_sink(s->pairs) };

	s->kind = ASOF;
	asof_init(&s->asof, &opts);
}

static void init_changes(struct streams *s, bool texts)
{
	struct join_sink sink = pairs_sink(s->pairs);

	s->kind = CHANGES;
	s->loading = !s->one;
	s->lates = false;
	changes_init(&s->changes, texts, &sink);
}

static int init(struct streams *s, struct err *e)
{
	struct args *a = (struct args *)(uintptr_t)s->j->args;
	bool texts = merge_is_textual(s->j->merge), once;
	const char *deletes = !a->changelog ? NULL : a->delete_when ? a->delete_when : TOMBSTONE;
	int64_t delay;

	if (check_kinds(a, e) < 0)
		return -1;
	if (a->missing)
		a->type = JOIN_ANTI;
	s->one = a->left_when != NULL;
	if (init_input(s, SIDE_LEFT, e) < 0 || init_input(s, SIDE_RIGHT, e) < 0 ||
	    init_program(s, LEFT_WHEN, "--left-when", a->left_when, e) < 0 ||
	    init_program(s, RIGHT_WHEN, "--right-when", a->right_when, e) < 0 ||
	    init_program(s, EXPIRES, "--expires", a->expires, e) < 0 ||
	    init_program(s, DELETE_WHEN, "--delete-when", deletes, e) < 0)
		return -1;
	s->pairs = pairs_new(s->j, e);
	if (!s->pairs)
		return -1;
	once = a->type == JOIN_SEMI || a->type == JOIN_ANTI;
	s->lates = true;
	if (a->asof)
		init_asof(s, texts);
	else if (a->changelog)
		init_changes(s, texts);
	else if (!a->size && !a->gap)
		init_near(s, texts, once);
	else if (init_windows(s, texts, once, e) < 0)
		return -1;
	valve_init(&s->valve, s->valve_input, s->one ? 1 : 2);
	delay = s->in[0].mark.delay > s->in[1].mark.delay ? s->in[0].mark.delay
	                                                  : s->in[1].mark.delay;
	if (s->one)
		s->in[SIDE_LEFT].mark.delay = delay; /* there is one time, for both */
	s->skew = a->max_skew ? a->max_skew : win_plus(s->skew, delay);
	if (s->skew < LEAST_SKEW && !a->max_skew)
		s->skew = LEAST_SKEW;
	s->told = STAMP_NONE;
	return 0;
}

/* ---- time goes on */

/* What is kept of both sides. */
static const struct joinstate *state_of(const struct streams *s)
{
	return s->kind == NEAR      ? &s->near.state
	       : s->kind == WINDOWS ? &s->windows.state
	       : s->kind == ASOF    ? &s->asof.state
	                            : &s->changes.state;
}

/* The least event time that a later result can have. */
static int64_t frontier(const struct streams *s)
{
	int type = s->j->args->type;
	int64_t oldest =
		joinstate_oldest(state_of(s), true, type == JOIN_RIGHT || type == JOIN_FULL);

	return oldest < s->valve.w ? oldest : s->valve.w;
}

/* Pass the watermark on, if there is one to tell; AT_ONCE: however little it has risen. */
static int tell(struct streams *s, bool at_once, struct err *e)
{
	struct frame *f = &s->j->frame;
	int64_t w;

	if (!s->marks || f->out.ends_here || s->valve.w == STAMP_MAX ||
	    (!at_once && s->valve.w < win_plus(s->told, MARK_STEP)))
		return 0;
	w = frontier(s);
	if (w <= s->told || w == STAMP_NONE)
		return 0;
	s->told = w;
	control_write_watermark(writer_buf(&f->out), w);
	return writer_check(&f->out, e);
}

static int advance_kind(struct streams *s, enum side side, struct err *e)
{
	int64_t w = s->in[s->one ? SIDE_LEFT : side].mark.w;

	if (s->whole && w != STAMP_MAX)
		return 0; /* left records come in any order: right ones stay */
	switch (s->kind) {
	case NEAR:
		return interval_advance(&s->near, side, w, e);
	case ASOF:
		return asof_advance(&s->asof, side, w, e);
	default:
		return 0;
	}
}

/* The merged watermark has risen: sides that do not count go with it. */
static int follow(struct streams *s, struct err *e)
{
	for (int side = 0; side < 2 && !s->one; side++) {
		struct input *in = &s->in[side];

		if (!s->valve_input[side].aligned && in->mark.w < s->valve.w) {
			in->mark.w = s->valve.w;
			if (advance_kind(s, (enum side)side, e) < 0)
				return -1;
		}
	}
	return s->kind == WINDOWS ? winjoin_advance(&s->windows, s->valve.w, e) : 0;
}

/* The watermark of a side has risen. */
static int advance(struct streams *s, enum side side, struct err *e)
{
	if (advance_kind(s, side, e) < 0 || (s->one && advance_kind(s, other(side), e) < 0))
		return -1;
	if (!(s->in[side].over ? valve_over(&s->valve, side)
	                       : valve_mark(&s->valve, side, s->in[side].mark.w)))
		return 0;
	return follow(s, e) < 0 ? -1 : tell(s, false, e);
}

/* A side has something to say again. */
static int wake(struct streams *s, enum side side, struct err *e)
{
	if (!s->in[side].idle)
		return 0;
	s->in[side].idle = false;
	return valve_active(&s->valve, s->one ? 0 : side) ? follow(s, e) : 0;
}

/* A side is silent: time goes on without it. */
static int sleep_on(struct streams *s, enum side side, struct err *e)
{
	if (s->in[side].idle)
		return 0;
	s->in[side].idle = true;
	if (valve_idle(&s->valve, s->one ? 0 : side) && follow(s, e) < 0)
		return -1;
	return tell(s, false, e);
}

/* ---- records */

static int ask(struct streams *s, int i, const struct rec *rec, struct val *v, struct err *e)
{
	static const char *const names[] = { "--left-when", "--right-when", "--expires",
		                             "--delete-when" };
	int got;

	eval_start(s->eval[i], val_from_rec(rec, 0), rec);
	got = eval_next(s->eval[i], v);
	if (got == 0)
		*v = val_of(VAL_NULL);
	return got < 0 ? eval_error_note(s->eval[i], names[i], e) : 0;
}

static int read_expiry(struct streams *s, const struct rec *rec, int64_t *until, struct err *e)
{
	struct val v;

	if (ask(s, EXPIRES, rec, &v, e) < 0)
		return -1;
	if (evtime_value(s->in[SIDE_LEFT].time, v, &s->j->heap, until, e) < 0)
		return err_at(e, "--expires");
	return 0;
}

/* Let the oldest quarter go, or end the run. */
static int check_memory(struct streams *s, struct err *e)
{
	const struct args *a = s->j->args;
	size_t held = s->kind == NEAR      ? interval_memory(&s->near)
	              : s->kind == WINDOWS ? winjoin_memory(&s->windows)
	              : s->kind == ASOF    ? asof_memory(&s->asof)
	                                   : joinstate_memory(&s->changes.state);
	size_t before = state_of(s)->records;
	int did;

	held += pairs_memory(s->pairs);
	s->weigh_at = s->seq + WEIGH_EVERY;
	if (held <= a->max_memory)
		return 0;
	if (s->kind == CHANGES)
		return err_set(e, FAIL_LIMIT,
		               "the rows of the table take %zu bytes, more than --max-memory "
		               "(%" PRIu64 ")",
		               held, a->max_memory);
	if (s->whole && !s->in[SIDE_RIGHT].over)
		joinstate_sort(&s->asof.state);
	if (!a->on_full)
		return err_set(
			e, FAIL_LIMIT,
			"records that wait take %zu bytes, more than --max-memory (%" PRIu64
			"): narrower bounds or a smaller --delay need less; --close-idle D goes "
			"on without a side that is silent; --on-full evict lets the oldest go",
			held, a->max_memory);
	did = s->kind == NEAR      ? interval_evict(&s->near, before / 4 + 1, e)
	      : s->kind == WINDOWS ? winjoin_evict(&s->windows, s->windows.windows / 4 + 1, e)
	                           : asof_evict(&s->asof, before / 4 + 1, e);
	s->evicted += before - state_of(s)->records;
	return did;
}

/* A record as it came, or came out of what was held. */
struct came {
	const struct rec *rec;
	struct slice line, json; /* newlines included */
	const char *input;
	uint64_t number;
};

static int add(struct streams *s, const struct join_arrival *a, struct err *e)
{
	if (s->whole && a->side == SIDE_RIGHT) {
		asof_load(&s->asof, a);
		return 0;
	}
	switch (s->kind) {
	case NEAR:
		return interval_add(&s->near, a, e);
	case ASOF:
		return asof_add(&s->asof, a, e);
	default:
		winjoin_add(&s->windows, a);
		return 0;
	}
}

/* What is to be known of a record; -1 with FAIL_DATA. */
static int read_arrival(struct streams *s, enum side side, const struct came *c,
                        struct join_arrival *a, struct err *e)
{
	int got = joinkeys_read(s->j->keys, side, c->rec, &s->j->heap, &a->key, e);

	if (got < 0)
		return -1;
	if (s->kind != CHANGES &&
	    evtime_read(s->in[side].time, c->rec, &s->j->heap, &a->time, e) < 0)
		return -1;
	a->lonely = got == 0;
	a->hash = hash_bytes(a->key.p, a->key.n);
	if (side == SIDE_RIGHT)
		return pairs_read(s->pairs, c->rec, s->seq, e);
	return s->prog[EXPIRES] ? read_expiry(s, c->rec, &a->until, e) : 0;
}

/* A row that changes the table, or a record that looks it up. */
static int take_change(struct streams *s, const struct came *c, const struct join_arrival *a,
                       struct err *e)
{
	struct val deletes;
	struct err why;

	s->seq++;
	if (a->side == SIDE_LEFT)
		return changes_ask(&s->changes, a, e);
	err_clear(&why);
	if (ask(s, DELETE_WHEN, c->rec, &deletes, &why) < 0)
		return join_bad(s->j, c->input, c->number, c->line, &why, e);
	changes_put(&s->changes, a, val_true(deletes));
	return s->j->args->max_memory && s->seq >= s->weigh_at ? check_memory(s, e) : 0;
}

static int take_record(struct streams *s, enum side side, const struct came *c, struct err *e)
{
	struct watermark *mark = &s->in[s->one ? SIDE_LEFT : side].mark;
	struct join_arrival a = { .side = side,
		                  .rec = c->rec,
		                  .json = { c->json.p, c->json.n - 1 },
		                  .input = c->input,
		                  .line = c->number,
		                  .seq = s->seq };
	struct err why;

	err_clear(&why);
	if (read_arrival(s, side, c, &a, &why) < 0)
		return join_bad(s->j, c->input, c->number, c->line, &why, e);
	if (s->kind == CHANGES)
		return take_change(s, c, &a, e);
	if (!watermark_believes(mark, a.time)) {
		err_set(&why, FAIL_DATA,
		        "the event time is further ahead of all before than --max-ahead");
		return join_bad(s->j, c->input, c->number, c->line, &why, e);
	}
	if (s->lates && a.time < mark->w) {
		s->late++;
		return s->j->args->late ? report_append(&s->late_fd, s->j->args->late, c->line, e)
		                        : 0;
	}
	s->seq++;
	/* what is over by this record's time leaves before the record's own pairs */
	if (!(s->whole && side == SIDE_RIGHT) && watermark_see(mark, a.time) &&
	    advance(s, s->one ? SIDE_LEFT : side, e) < 0)
		return -1;
	if (add(s, &a, e) < 0)
		return -1;
	return s->j->args->max_memory && s->seq >= s->weigh_at ? check_memory(s, e) : 0;
}

/* Of one input that carries both: each record to the side, or sides, whose condition it meets. */
static int take_either(struct streams *s, const struct came *c, struct err *e)
{
	struct val left, right;
	struct err why;

	err_clear(&why);
	if (ask(s, LEFT_WHEN, c->rec, &left, &why) < 0 ||
	    ask(s, RIGHT_WHEN, c->rec, &right, &why) < 0)
		return join_bad(s->j, c->input, c->number, c->line, &why, e);
	if (val_true(left) && take_record(s, SIDE_LEFT, c, e) < 0)
		return -1;
	return val_true(right) ? take_record(s, SIDE_RIGHT, c, e) : 0;
}

static int take(struct streams *s, enum side side, const struct came *c, struct err *e)
{
	int did = wake(s, side, e) < 0 ? -1
	          : s->one             ? take_either(s, c, e)
	                               : take_record(s, side, c, e);

	pairs_unread(s->pairs);
	heap_reset(&s->j->heap);
	return did;
}

/* ---- control lines */

static int pass(struct streams *s, struct slice line, struct err *e)
{
	struct frame *f = &s->j->frame;

	if (f->out.ends_here)
		return 0;
	buf_add_slice(writer_buf(&f->out), line);
	return writer_check(&f->out, e);
}

static int release(struct streams *s, enum side side, struct err *e);

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
		return release(s, other(side), e);
	}
	buf_add_slice(&in->barrier, line);
	return 0;
}

/* A side is over: nothing waits for it any more. */
static int finish(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side], *o = &s->in[other(side)];

	if (in->over)
		return 0;
	in->over = true;
	if (wake(s, side, e) < 0)
		return -1;
	if (watermark_mark(&in->mark, STAMP_MAX) && advance(s, side, e) < 0)
		return -1;
	if (s->one || !o->barrier.n)
		return 0;
	if (pass(s, buf_slice(&o->barrier), e) < 0)
		return -1;
	buf_clear(&o->barrier);
	return release(s, other(side), e);
}

static int take_control(struct streams *s, enum side side, const struct came *c, struct err *e)
{
	struct input *in = &s->in[side];
	struct control control;
	struct err why;

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
		if (wake(s, side, e) < 0)
			return -1;
		if (watermark_mark(&in->mark, control.time) && advance(s, side, e) < 0)
			return -1;
		return tell(s, true, e);
	case CONTROL_IDLE:
		if (sleep_on(s, side, e) < 0)
			return -1;
		return s->valve.idle ? pass(s, c->line, e) : 0;
	case CONTROL_BARRIER:
		return barrier(s, side, c->line, e);
	case CONTROL_RESTORE:
		in->checkpointed = true;
		if (s->restored)
			return 0;
		s->restored = true;
		return pass(s, c->line, e);
	case CONTROL_END:
		in->ended = true;
		if (finish(s, side, e) < 0)
			return -1;
		return s->one || s->in[other(side)].over ? pass(s, c->line, e) : 0;
	default:
		return pass(s, c->line, e);
	}
}

/* ---- what came behind a barrier */

static int hold(struct streams *s, struct input *in, const struct came *c, bool control,
                struct err *e)
{
	size_t size = sizeof(struct held) + c->json.n + INDEX_PAD;
	struct held *h = alloc_array(size, 1);

	*h = (struct held){
		.input = c->input, .line = c->number, .control = control, .n = c->json.n
	};
	memcpy(h + 1, c->json.p, c->json.n);
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
	struct slice line = { (char *)(h + 1), h->n };
	struct rec rec;
	struct came c = { &rec, line, line, h->input, h->line };

	if (h->control)
		return take_control(s, side, &c, e);
	if (!in->scan)
		in->scan = scan_new(in->plan, NULL);
	scan_feed(in->scan, line.p, line.n);
	return scan_next(in->scan, &rec) == SCAN_RECORD ? take(s, side, &c, e) : 0;
}

/* Take what was held behind a barrier, as far as to the next one. */
static int release(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side];
	int did = 0;

	while (did == 0 && in->first && !in->barrier.n) {
		struct held *h = in->first;

		in->first = h->next;
		if (!in->first)
			in->last = &in->first;
		in->held -= sizeof *h + h->n + INDEX_PAD;
		did = take_held(s, side, h, e);
		free(h);
	}
	return did;
}

/* ---- reading */

/* How far a side has come; STAMP_NONE: it has not begun. */
static int64_t progress(const struct input *in)
{
	return in->mark.greatest > in->mark.w ? in->mark.greatest : in->mark.w;
}

static bool is_silent(const struct streams *s, const struct input *in, int64_t now)
{
	return in->dry && now - in->dry_since >= s->j->args->idle_timeout;
}

/* Is it to be read, or far enough ahead of the other, or behind a barrier, to wait for it? */
static bool may_read(const struct streams *s, enum side side, int64_t now)
{
	const struct input *in = &s->in[side], *o = &s->in[other(side)];

	if (in->over || !in->source)
		return false;
	if (s->loading && side == SIDE_LEFT)
		return false;
	if (s->one || o->over || stop_signal())
		return true;
	if (!in->barrier.n &&
	    (o->idle || in->mark.greatest == STAMP_NONE ||
	     (progress(o) != STAMP_NONE && progress(in) <= win_plus(progress(o), s->skew))))
		return true;
	return is_silent(s, o, now);
}

static int take_event(struct streams *s, enum side side, int got, const struct record *r,
                      struct err *e)
{
	struct input *in = &s->in[side];
	bool control = got == GOT_CONTROL;
	struct came c = { .rec = &r->rec,
		          .line = r->line,
		          .json = control ? r->line : r->json,
		          .input = source_name(in->source),
		          .number = source_line(in->source) };

	if (in->barrier.n)
		return hold(s, in, &c, control, e);
	return control ? take_control(s, side, &c, e) : take(s, side, &c, e);
}

static int end_input(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side];

	if (in->checkpointed && !in->ended)
		return err_set(e, FAIL_STATE,
		               "the %s input ended without its end line: the stage before it died; "
		               "what waits is not written",
		               side == SIDE_LEFT ? "left" : "right");
	/* what was held behind a barrier that will not be reached any more comes first */
	if (in->barrier.n) {
		buf_clear(&in->barrier);
		if (release(s, side, e) < 0)
			return -1;
	}
	if (finish(s, side, e) < 0)
		return -1;
	/* the other one's `end` waited for this */
	if (s->one || !s->in[other(side)].ended || s->j->frame.out.ends_here)
		return 0;
	control_write(writer_buf(&s->j->frame.out), "end");
	return writer_check(&s->j->frame.out, e);
}

static int look(struct streams *s, const bool *wanted, int64_t timeout, struct err *e);
static int read_one(struct streams *s, enum side side, struct err *e);

/*
 * A left record was read. What was written to a table that changes before it was, counts for it: so
 * right is read as far as it has come, once for all left records that came at one time.
 */
static int catch_up(struct streams *s, struct err *e)
{
	static const bool right[2] = { [SIDE_RIGHT] = true };
	uint64_t bytes = source_bytes(s->in[SIDE_LEFT].source), from;
	int did = 1;

	if (s->kind != CHANGES || s->one || bytes == s->left_read)
		return 0;
	s->left_read = bytes;
	if (look(s, right, 0, e) < 0)
		return -1;
	/* no more than a pipe and its reader hold was written before: left need not wait for all */
	for (from = source_bytes(s->in[SIDE_RIGHT].source);
	     did > 0 && !s->in[SIDE_RIGHT].dry && may_read(s, SIDE_RIGHT, 0) &&
	     source_bytes(s->in[SIDE_RIGHT].source) - from < CATCH_UP;)
		did = read_one(s, SIDE_RIGHT, e);
	return did < 0 ? -1 : 0;
}

/* Read one record of a side: 1, 0 there is none now, -1 with *e set. */
static int read_one(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side];
	struct record r;
	int got = frame_next_of(&s->j->frame, in->source, &r, e);

	switch (got) {
	case GOT_ERROR:
		return -1;
	case GOT_END:
		return end_input(s, side, e) < 0 ? -1 : 1;
	case GOT_TICK:
		in->dry = true;
		in->dry_since = stamp_monotonic();
		return 0;
	case GOT_RECORD:
	case GOT_CONTROL:
		if (side == SIDE_LEFT && catch_up(s, e) < 0)
			return -1;
		return take_event(s, side, got, &r, e) < 0 ? -1 : 1;
	default:
		return 1;
	}
}

/* Which inputs that were dry have something by now? Waits at most TIMEOUT ns; negative: for ever.
 */
static int look(struct streams *s, const bool *wanted, int64_t timeout, struct err *e)
{
	struct pollfd p[2];
	int side_of[2], n = 0;

	for (int side = 0; side < 2; side++) {
		struct input *in = &s->in[side];
		int fd = in->dry && !in->over && wanted[side] ? source_fd(in->source) : -1;

		if (fd >= 0) {
			p[n] = (struct pollfd){ .fd = fd, .events = POLLIN };
			side_of[n++] = side;
		} else if (in->dry && !in->over && wanted[side]) {
			in->dry = false; /* it is to be asked */
			timeout = timeout < 0 || timeout > ASK_EVERY ? ASK_EVERY : timeout;
		}
	}
	if (stop_poll(p, (nfds_t)n, timeout) < 0)
		return errno == EINTR ? 0 : err_set(e, FAIL_IO, "cannot wait for input:");
	for (int i = 0; i < n; i++)
		if (p[i].revents)
			s->in[side_of[i]].dry = false;
	return 0;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* How long at most to wait for an input that is dry: until it is silent, or idle. */
static int64_t patience(const struct streams *s, const struct input *in, int64_t now)
{
	const struct args *a = s->j->args;
	int64_t dry = now - in->dry_since, left = -1;

	if (in->over || !in->dry)
		return -1;
	if (dry < a->idle_timeout && !s->one)
		left = a->idle_timeout - dry;
	if (a->close_idle && !in->idle)
		left = sooner(left, dry < a->close_idle ? a->close_idle - dry : 0);
	return left;
}

/* Nothing can be read: write what there is, and wait. */
static int wait_for_input(struct streams *s, int64_t now, struct err *e)
{
	bool wanted[2];
	int64_t timeout = -1;

	if (frame_flush(&s->j->frame, e) < 0)
		return -1;
	frame_look_around(&s->j->frame);
	for (int side = 0; side < 2; side++) {
		struct input *in = &s->in[side];

		/* a side that is not to be read is looked at all the same, unless it has something
		 */
		wanted[side] = in->source && in->dry;
		timeout = in->source ? sooner(timeout, patience(s, in, now)) : timeout;
		if (s->j->args->close_idle && in->source && in->dry && !in->over &&
		    now - in->dry_since >= s->j->args->close_idle &&
		    sleep_on(s, (enum side)side, e) < 0)
			return -1;
	}
	if (stop_signal())
		timeout = sooner(timeout, stop_grace());
	return look(s, wanted, timeout, e);
}

/* The side that is behind in event time; without times, left lets right catch up, so they take
 * turns. */
static enum side first_to_read(struct streams *s)
{
	if (s->kind == CHANGES)
		return s->since_look % 2 ? SIDE_LEFT : SIDE_RIGHT;
	return progress(&s->in[SIDE_RIGHT]) < progress(&s->in[SIDE_LEFT]) ? SIDE_RIGHT : SIDE_LEFT;
}

static int loop(struct streams *s, struct err *e)
{
	static const bool both[2] = { true, true };
	int64_t now = stamp_monotonic();
	bool stopping = false;
	int type;

	while (!s->in[SIDE_LEFT].over || !s->in[SIDE_RIGHT].over) {
		enum side first = first_to_read(s);
		int did = 0;

		/* what stands behind a barrier has to wait for left's */
		if (s->in[SIDE_RIGHT].over || s->in[SIDE_RIGHT].barrier.n ||
		    is_silent(s, &s->in[SIDE_RIGHT], now))
			s->loading = false;
		/* a signal is for the inputs to act on, at once and when their time is up */
		if (stop_signal() && (!stopping || !stop_grace())) {
			stopping = true;
			s->in[SIDE_LEFT].dry = s->in[SIDE_RIGHT].dry = false;
		}
		if (!s->in[first].dry && may_read(s, first, now))
			did = read_one(s, first, e);
		if (did == 0 && !s->in[other(first)].dry && may_read(s, other(first), now))
			did = read_one(s, other(first), e);
		if (did < 0)
			return -1;
		if (did == 0) {
			if (wait_for_input(s, now, e) < 0)
				return -1;
		} else if (++s->since_look < LOOK_EVERY ||
		           (!s->in[SIDE_LEFT].dry && !s->in[SIDE_RIGHT].dry)) {
			continue;
		} else if (look(s, both, 0, e) < 0) {
			return -1;
		}
		s->since_look = 0;
		now = stamp_monotonic();
	}
	/* right records that nothing matched */
	type = s->j->args->type;
	if ((type != JOIN_RIGHT && type != JOIN_FULL) || (s->kind != ASOF && s->kind != CHANGES))
		return 0;
	return s->kind == ASOF ? asof_end(&s->asof, e) : changes_end(&s->changes, e);
}

/* RIGHT is a file, and nothing is said of its order: all of it counts. */
static int load(struct streams *s, struct err *e)
{
	int did;

	while (!s->in[SIDE_RIGHT].over) {
		did = read_one(s, SIDE_RIGHT, e);
		if (did < 0)
			return -1;
	}
	asof_loaded(&s->asof);
	return 0;
}

static bool is_table(const struct join *j, const char *name)
{
	const struct args *a = j->args;
	struct stat st;

	return a->asof && !a->delay && !a->late && !a->max_skew && stat(name, &st) == 0 &&
	       S_ISREG(st.st_mode);
}

/* ---- */

int streams_run(struct join *j, const struct decode_opts *decode, const char *const *operand,
                size_t operands, struct err *e)
{
	struct streams *s = j->streams = alloc_zero(1, sizeof *s);
	struct decode_opts right;
	size_t first = j->args->left_when ? 0 : 1;

	s->j = j;
	s->late_fd = -1;
	if (init(s, e) < 0)
		return -1;
	if (frame_inputs(&j->frame, decode, operand + first, operands - first, &j->plan[SIDE_LEFT],
	                 e) < 0)
		return -1;
	s->in[SIDE_LEFT].source = j->frame.source;
	if (s->one) {
		s->in[SIDE_RIGHT].over = true;
		return loop(s, e);
	}
	s->whole = is_table(j, operand[0]);
	if (join_right_format(j->args, operand[0], &right, e) < 0 ||
	    frame_other(&j->frame, &right, operand, s->whole, &j->plan[SIDE_RIGHT], e) < 0)
		return -1;
	s->in[SIDE_RIGHT].source = j->frame.other;
	if (s->whole)
		s->lates = false;
	return s->whole && load(s, e) < 0 ? -1 : loop(s, e);
}

void streams_say(struct join *j)
{
	const struct streams *s = j->streams;

	if (!s)
		return;
	j->frame.extra_name = "late";
	j->frame.extra = s->late;
	if (s->late)
		fprintf(stderr, "sjoin: %" PRIu64 " late record%s joined nothing%s\n", s->late,
		        s->late == 1 ? "" : "s",
		        s->late * 100 > s->seq + s->late ? " (more than 1 %: see --delay)" : "");
	if (s->evicted)
		fprintf(stderr,
		        "sjoin: %" PRIu64 " records had to go before their time was over, as if "
		        "nothing more would match them\n",
		        s->evicted);
}

void streams_free(struct join *j)
{
	struct streams *s = j->streams;

	if (!s)
		return;
	if (s->late_fd >= 0)
		close(s->late_fd);
	interval_free(&s->near);
	winjoin_free(&s->windows);
	asof_free(&s->asof);
	changes_free(&s->changes);
	pairs_free(s->pairs);
	for (int i = 0; i < PROGRAMS; i++) {
		eval_free(s->eval[i]);
		expr_free(s->prog[i]);
	}
	for (int side = 0; side < 2; side++) {
		struct input *in = &s->in[side];

		while (in->first) {
			struct held *h = in->first;

			in->first = h->next;
			free(h);
		}
		evtime_free(in->time);
		free(in->time_expr);
		buf_free(&in->barrier);
		scan_free(in->scan);
	}
	tz_free(s->zone);
	free(s);
	j->streams = NULL;
}
