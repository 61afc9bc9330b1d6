/* The ways in which records of two streams belong together, behind one interface. */
#include "streams.h"

#define EXPIRES_SKEW                                                                               \
	NS_PER_MIN /* ns of event time that one side may be ahead where records say                \
	              themselves how long they wait */

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
	if (a->size && s->spans.kind == SPANS_EVEN && s->spans.every > s->spans.size)
		return err_set(
			e, FAIL_USAGE,
			"--every is longer than --size: records between windows would be lost");
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

int kinds_init(struct streams *s, struct err *e)
{
	const struct args *a = s->j->args;
	bool texts = merge_is_textual(s->j->merge);
	bool once = a->type == JOIN_SEMI || a->type == JOIN_ANTI;

	s->lates = true;
	if (a->asof)
		init_asof(s, texts);
	else if (a->changelog)
		init_changes(s, texts);
	else if (!a->size && !a->gap)
		init_near(s, texts, once);
	else
		return init_windows(s, texts, once, e);
	return 0;
}

/* ---- */

const struct joinstate *kinds_state(const struct streams *s)
{
	return s->kind == NEAR      ? &s->near.state
	       : s->kind == WINDOWS ? &s->windows.state
	       : s->kind == ASOF    ? &s->asof.state
	                            : &s->changes.state;
}

int kinds_advance(struct streams *s, enum side side, struct err *e)
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

int kinds_add(struct streams *s, const struct join_arrival *a, struct err *e)
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
	case CHANGES:
		return changes_ask(&s->changes, a, e);
	default:
		winjoin_add(&s->windows, a);
		return 0;
	}
}

int kinds_merged(struct streams *s, struct err *e)
{
	return s->kind == WINDOWS ? winjoin_advance(&s->windows, s->valve.w, e) : 0;
}

size_t kinds_memory(const struct streams *s)
{
	return s->kind == NEAR      ? interval_memory(&s->near)
	       : s->kind == WINDOWS ? winjoin_memory(&s->windows)
	       : s->kind == ASOF    ? asof_memory(&s->asof)
	                            : joinstate_memory(&s->changes.state);
}

int kinds_evict(struct streams *s, struct err *e)
{
	size_t before = kinds_state(s)->records;
	int did;

	if (s->whole && !s->in[SIDE_RIGHT].over)
		joinstate_sort(&s->asof.state);
	did = s->kind == NEAR      ? interval_evict(&s->near, before / 4 + 1, e)
	      : s->kind == WINDOWS ? winjoin_evict(&s->windows, s->windows.windows / 4 + 1, e)
	                           : asof_evict(&s->asof, before / 4 + 1, e);
	s->evicted += before - kinds_state(s)->records;
	return did;
}

int kinds_end(struct streams *s, struct err *e)
{
	int type = s->j->args->type;

	if (type != JOIN_RIGHT && type != JOIN_FULL)
		return 0;
	return s->kind == ASOF      ? asof_end(&s->asof, e)
	       : s->kind == CHANGES ? changes_end(&s->changes, e)
	                            : 0;
}

void kinds_free(struct streams *s)
{
	interval_free(&s->near);
	winjoin_free(&s->windows);
	asof_free(&s->asof);
	changes_free(&s->changes);
	tz_free(s->zone);
}
