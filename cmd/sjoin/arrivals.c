/* What is done with a record that comes, and with time as it goes on. */
#include "streams.h"

#include "base/hash.h"

#include <inttypes.h>

#define WEIGH_EVERY 1024              /* records between looks at --max-memory */
#define MARK_STEP   (100 * NS_PER_MS) /* event time between watermark lines that records cause */

/* ---- time goes on */

/* The least event time that a later result can have. */
static int64_t frontier(const struct streams *s)
{
	int type = s->j->args->type;
	int64_t oldest =
		joinstate_oldest(kinds_state(s), true, type == JOIN_RIGHT || type == JOIN_FULL);

	return oldest < s->valve.w ? oldest : s->valve.w;
}

/* Pass the watermark on, if there is one to tell; AT_ONCE: however little it has risen. */
int streams_tell(struct streams *s, bool at_once, struct err *e)
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

/* The merged watermark has risen: sides that do not count go with it. */
static int follow(struct streams *s, struct err *e)
{
	for (int side = 0; side < 2 && !s->one; side++) {
		struct input *in = &s->in[side];

		if (!s->valve_input[side].aligned && in->mark.w < s->valve.w) {
			in->mark.w = s->valve.w;
			if (kinds_advance(s, (enum side)side, e) < 0)
				return -1;
		}
	}
	return kinds_merged(s, e);
}

/* The watermark of a side has risen. */
int streams_advance(struct streams *s, enum side side, struct err *e)
{
	if (kinds_advance(s, side, e) < 0 || (s->one && kinds_advance(s, other(side), e) < 0))
		return -1;
	if (!(s->in[side].over ? valve_over(&s->valve, side)
	                       : valve_mark(&s->valve, side, s->in[side].mark.w)))
		return 0;
	return follow(s, e) < 0 ? -1 : streams_tell(s, false, e);
}

/* A side has something to say again. */
int streams_wake(struct streams *s, enum side side, struct err *e)
{
	if (!s->in[side].idle)
		return 0;
	s->in[side].idle = s->in[side].said_idle = false;
	return valve_active(&s->valve, s->one ? 0 : side) ? follow(s, e) : 0;
}

/* A side is silent: time goes on without it. */
int streams_sleep(struct streams *s, enum side side, struct err *e)
{
	if (s->in[side].idle)
		return 0;
	s->in[side].idle = true;
	if (valve_idle(&s->valve, s->one ? 0 : side) && follow(s, e) < 0)
		return -1;
	return streams_tell(s, false, e);
}

int streams_go_on(struct streams *s, int64_t silence, struct err *e)
{
	int64_t most = STAMP_NONE;

	for (int side = 0; side < 2; side++) {
		const struct watermark *m = &s->in[side].mark;
		int64_t w = win_plus(win_plus(m->greatest, silence), -m->delay);

		if (m->greatest != STAMP_NONE && w > most)
			most = w;
	}
	if (!valve_wait(&s->valve, most))
		return 0;
	return follow(s, e) < 0 ? -1 : streams_tell(s, false, e);
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

static int memory_full(const struct streams *s, size_t held, struct err *e)
{
	uint64_t most = s->j->args->max_memory;

	if (s->kind == CHANGES)
		return err_set(e, FAIL_LIMIT,
		               "the rows of the table take %zu bytes, more than --max-memory "
		               "(%" PRIu64 ")",
		               held, most);
	return err_set(e, FAIL_LIMIT,
	               "records that wait take %zu bytes, more than --max-memory (%" PRIu64
	               "): narrower bounds or a smaller --delay need less; --close-idle D goes "
	               "on without a side that is silent; --on-full evict lets the oldest go",
	               held, most);
}

/* --max-memory, --max-keys: let the oldest quarter go, or end the run. */
static int check_limits(struct streams *s, struct err *e)
{
	const struct args *a = s->j->args;
	size_t held = kinds_memory(s) + pairs_memory(s->pairs), keys = kinds_state(s)->keys.used;
	bool memory = a->max_memory && held > a->max_memory;

	s->weigh_at = s->seq + WEIGH_EVERY;
	if (!memory && keys <= a->max_keys)
		return 0;
	if (a->on_full)
		return kinds_evict(s, e);
	if (memory)
		return memory_full(s, held, e);
	return err_set(e, FAIL_LIMIT,
	               "records of %zu keys wait, more than --max-keys (%" PRIu64
	               "): narrower bounds or a smaller --delay keep fewer; --on-full evict lets "
	               "the oldest go",
	               keys, a->max_keys);
}

static int refuse(struct streams *s, const struct came *c, const struct err *why, struct err *e)
{
	return join_bad(s->j, c->input, c->number, c->line, why, e) < 0 ? -1 : 1;
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
		return kinds_add(s, a, e);
	err_clear(&why);
	if (ask(s, DELETE_WHEN, c->rec, &deletes, &why) < 0)
		return refuse(s, c, &why, e);
	changes_put(&s->changes, a, val_true(deletes));
	return s->seq >= s->weigh_at ? check_limits(s, e) : 0;
}

static int throw_late(struct streams *s, const struct came *c, struct err *e)
{
	const char *name = s->j->args->late;

	s->late++;
	return name && report_append(&s->late_fd, name, c->line, e) < 0 ? -1 : 1;
}

/* 1: it is bad or late, and has been dealt with; 0, or -1 with *e set. */
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
		return refuse(s, c, &why, e);
	if (s->kind == CHANGES)
		return take_change(s, c, &a, e);
	if (!watermark_believes(mark, a.time)) {
		err_set(&why, FAIL_DATA,
		        "the event time is further ahead of all before than --max-ahead");
		return refuse(s, c, &why, e);
	}
	if (s->lates && a.time < mark->w)
		return throw_late(s, c, e);
	s->seq++;
	/* what is over by this record's time leaves before the record's own pairs */
	if (!(s->whole && side == SIDE_RIGHT) && watermark_see(mark, a.time) &&
	    streams_advance(s, s->one ? SIDE_LEFT : side, e) < 0)
		return -1;
	if (kinds_add(s, &a, e) < 0)
		return -1;
	return s->seq >= s->weigh_at ? check_limits(s, e) : 0;
}

/* Of one input that carries both: each record to the side, or sides, whose condition it meets. One
 * that is bad or late on one side is not taken on the other, nor told of twice. */
static int take_either(struct streams *s, const struct came *c, struct err *e)
{
	struct val left, right;
	struct err why;
	int did;

	err_clear(&why);
	if (ask(s, LEFT_WHEN, c->rec, &left, &why) < 0 ||
	    ask(s, RIGHT_WHEN, c->rec, &right, &why) < 0)
		return join_bad(s->j, c->input, c->number, c->line, &why, e);
	did = val_true(left) ? take_record(s, SIDE_LEFT, c, e) : 0;
	return did == 0 && val_true(right) ? take_record(s, SIDE_RIGHT, c, e) : did;
}

int streams_take(struct streams *s, enum side side, const struct came *c, struct err *e)
{
	int did = streams_wake(s, side, e) < 0 ? -1
	          : s->one                     ? take_either(s, c, e)
	                                       : take_record(s, side, c, e);

	pairs_unread(s->pairs);
	heap_reset(&s->j->heap);
	return did < 0 ? -1 : 0;
}
