/* What the options ask for, of a join of streams. */
#include "streams.h"

#include "base/alloc.h"

#include <stdlib.h>

#define LEAST_SKEW NS_PER_SEC /* ns of event time that one side may always be ahead */

/* a row of --changelog that deletes its key, by default */
#define TOMBSTONE "type == \"object\" and has(\"value\") and .value == null"

bool streams_wanted(const struct args *a)
{
	return a->within >= 0 || a->before >= 0 || a->after >= 0 || a->ttl || a->expires ||
	       a->size || a->gap || a->asof || a->changelog || a->left_when || a->right_when;
}

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

int streams_init(struct streams *s, struct err *e)
{
	struct args *a = (struct args *)(uintptr_t)s->j->args;
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
	if (!s->pairs || kinds_init(s, e) < 0)
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
