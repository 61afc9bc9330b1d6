#include "evtime.h"

#include "base/alloc.h"
#include "base/duration.h"

#include <stdlib.h>

#define USUAL 5

static const char *const usual[USUAL] = { "window_end", "ts", "time", "timestamp", "@timestamp" };

static const struct {
	const char *name, *plural;
} units[] = {
	[UNIT_S] = { "s", "seconds" },
	[UNIT_MS] = { "ms", "milliseconds" },
	[UNIT_US] = { "us", "microseconds" },
	[UNIT_NS] = { "ns", "nanoseconds" },
};

struct evtime {
	struct prog *prog; /* NULL: the usual fields */
	struct eval *eval;
	int32_t slot[USUAL]; /* of the usual fields; slot[0] alone where the expression is a mere
	                        field */
	size_t slots;
	enum stamp_unit unit; /* of numbers; UNIT_AUTO until the first one */
	bool guessed;         /* the first number's size said it */
	const char *pattern;  /* of strings, or NULL: RFC 3339 */
	struct tz *zone;
	struct stamp_memo memo;
};

static void set_format(struct evtime *t, const char *format)
{
	t->unit = stamp_unit_named(format);
	t->pattern = t->unit == UNIT_AUTO ? format : NULL;
}

static int compile(struct evtime *t, const struct evtime_opts *opts, struct plan *plan,
                   struct err *e)
{
	struct expr_setup setup = { .source = { slice_from(opts->expr), "--time" },
		                    .plan = plan,
		                    .vars = opts->vars };

	t->prog = expr_compile(&setup, e);
	if (!t->prog)
		return -1;
	t->slot[0] = expr_slot(t->prog);
	t->slots = t->slot[0] >= 0;
	return 0;
}

struct evtime *evtime_new(const struct evtime_opts *opts, struct plan *plan, struct err *e)
{
	struct evtime *t = alloc_zero(1, sizeof *t);

	set_format(t, opts->format);
	if (opts->zone) {
		t->zone = tz_load(opts->zone, e);
		if (!t->zone)
			goto failed;
	}
	if (opts->expr) {
		if (compile(t, opts, plan, e) < 0)
			goto failed;
		return t;
	}
	for (size_t i = 0; i < USUAL; i++)
		t->slot[t->slots++] = plan_key(plan, 0, slice_from(usual[i]));
	return t;
failed:
	evtime_free(t);
	return NULL;
}

void evtime_free(struct evtime *t)
{
	if (!t)
		return;
	eval_free(t->eval);
	expr_free(t->prog);
	tz_free(t->zone);
	free(t);
}

static int read_string(struct evtime *t, struct slice s, int64_t *ns, struct err *e)
{
	struct stamp_fields f;
	int used;

	if (!t->pattern) {
		if (stamp_parse(s, t->zone, &t->memo, ns) == 0)
			return 0;
		if (t->unit != UNIT_AUTO && !t->guessed)
			return err_set(e, FAIL_DATA,
			               "'%.*s' is a string and no RFC 3339 time; --time-format %s "
			               "is for numbers",
			               (int)(s.n > 60 ? 60 : s.n), s.p, units[t->unit].name);
		return err_set(e, FAIL_DATA,
		               "'%.*s' is no RFC 3339 time (--time-format says what else it is)",
		               (int)(s.n > 60 ? 60 : s.n), s.p);
	}
	used = stamp_strptime(s, t->pattern, &f);
	if (used < 0 || (size_t)used != s.n || stamp_from_fields(&f, t->zone, ns) < 0)
		return err_set(e, FAIL_DATA, "'%.*s' is no time like '%s'",
		               (int)(s.n > 60 ? 60 : s.n), s.p, t->pattern);
	return 0;
}

static int read_number(struct evtime *t, struct val v, int64_t *ns, struct err *e)
{
	char text[NUM_TEXT];
	struct slice s =
		v.tag == VAL_LIT ? val_text(v) : (struct slice){ text, num_format(v.num, text) };

	if (t->unit == UNIT_AUTO) {
		t->unit = stamp_guess(val_double(v));
		t->guessed = true;
	}
	if (stamp_number(s, t->unit, ns) == 0)
		return 0;
	if (t->guessed)
		return err_set(e, FAIL_DATA,
		               "%.*s is no time between 1677 and 2262 in %s, as the first number "
		               "was (--time-format says otherwise)",
		               (int)(s.n > 60 ? 60 : s.n), s.p, units[t->unit].plural);
	return err_set(e, FAIL_DATA, "%.*s is no time between 1677 and 2262",
	               (int)(s.n > 60 ? 60 : s.n), s.p);
}

int evtime_value(struct evtime *t, struct val v, struct heap *h, int64_t *ns, struct err *e)
{
	if (val_is_num(v))
		return read_number(t, v, ns, e);
	if (val_type(v) == TYPE_STRING)
		return read_string(t, val_slice(h, v), ns, e);
	return err_set(e, FAIL_DATA, "the event time is %s, not a string or number",
	               val_type_name(v));
}

/* By a program that is more than a field. */
static int read_program(struct evtime *t, const struct rec *rec, struct heap *h, int64_t *ns,
                        struct err *e)
{
	struct val v;
	int got;

	if (!t->eval)
		t->eval = eval_new(t->prog, h, NULL);
	eval_start(t->eval, val_from_rec(rec, 0), rec);
	got = eval_next(t->eval, &v);
	if (got > 0)
		return evtime_value(t, v, h, ns, e);
	if (got == 0)
		return err_set(e, FAIL_DATA, "--time gives no event time");
	return eval_error_note(t->eval, "--time", e);
}

bool evtime_there(const struct evtime *t, const struct rec *rec)
{
	for (size_t i = 0; i < t->slots; i++)
		if (rec->slot[t->slot[i]] >= 0)
			return true;
	return t->prog != NULL;
}

bool evtime_is_field(const struct evtime *t)
{
	return t->slots > 0;
}

int32_t evtime_field(const struct evtime *t, const struct rec *rec, int64_t *beyond)
{
	for (size_t i = 0; i < t->slots; i++) {
		int32_t k = rec->slot[t->slot[i]];

		if (k < 0 || val_from_rec(rec, (uint32_t)k).tag == VAL_NULL)
			continue;
		*beyond = !t->prog && i == 0;
		return k;
	}
	return -1;
}

int evtime_read(struct evtime *t, const struct rec *rec, struct heap *h, int64_t *ns, struct err *e)
{
	for (size_t i = 0; i < t->slots; i++) {
		int32_t k = rec->slot[t->slot[i]];
		struct val v;

		if (k < 0)
			continue;
		v = val_from_rec(rec, (uint32_t)k);
		if (v.tag == VAL_NULL)
			continue;
		if (evtime_value(t, v, h, ns, e) < 0)
			return -1;
		*ns -= !t->prog && i == 0;
		return 0;
	}
	if (t->prog)
		return t->slots ? err_set(e, FAIL_DATA, "--time gives no event time")
		                : read_program(t, rec, h, ns, e);
	return err_set(e, FAIL_DATA,
	               "no event time: none of window_end, ts, time, timestamp, @timestamp is "
	               "there (--time EXPR "
	               "names another)");
}
