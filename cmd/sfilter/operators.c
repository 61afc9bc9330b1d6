/* sfilter's stream operators, in their order: sample, (EXPR), dedup, changed, throttle; and
 * context. */
#include "sfilter.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "expr/keyexpr.h"
#include "ops/changed.h"
#include "ops/context.h"
#include "ops/dedup.h"
#include "ops/sample.h"
#include "ops/throttle.h"
#include "window/evtime.h"

#include <stdlib.h>

struct operators {
	const struct args *args;
	struct keyexpr *dedup_key, *value, *by, *sample_key;
	struct evtime *time; /* of --within */
	struct dedup dedup;
	struct changed changed;
	struct sample sample;
	struct throttle throttle;
	struct context context;
	struct buf key, other;
};

static bool wanted(const struct args *a)
{
	return a->dedup || a->changed || a->sample || a->sample_by || a->throttle || a->context;
}

/* ---- setting up */

static int check(const struct filter *f, struct err *e)
{
	const struct args *a = f->args;

	if ((a->within || a->among) && !a->dedup)
		return err_set(e, FAIL_USAGE,
		               "--within and --among say how --dedup EXPR remembers");
	if (a->within && a->among)
		return err_set(e, FAIL_USAGE, "--within and --among exclude one another");
	if ((a->time.expr || a->time.format || a->time.zone) && !a->within)
		return err_set(e, FAIL_USAGE,
		               "--time, --time-format and --tz are of --dedup --within D");
	if (a->by && !a->changed && !a->throttle)
		return err_set(e, FAIL_USAGE, "--by is the key of --changed and --throttle");
	if (a->sample_by && !a->sample)
		return err_set(e, FAIL_USAGE, "--sample-by needs --sample P: how many of the keys");
	if (a->context && a->map)
		return err_set(e, FAIL_USAGE, "--context passes records: not with -m");
	if (!wanted(a))
		return 0;
	if (expr_reads_input(f->prog) || input_is_special(a))
		return err_set(
			e, FAIL_USAGE,
			"--dedup, --changed, --sample, --throttle, --context look at records "
			"one by one: not with -n, -s, --stream or input");
	return 0;
}

static int key(struct keyexpr **to, const char *option, const char *text, struct plan *plan,
               struct err *e)
{
	*to = text ? keyexpr_new(option, text, plan, NULL, e) : NULL;
	return text && !*to ? -1 : 0;
}

static int compile(struct operators *o, struct filter *f, struct err *e)
{
	const struct args *a = f->args;
	/* what EXPR gives with -m is no record */
	struct plan *plan = a->map ? NULL : &f->plan;

	if (key(&o->sample_key, "--sample-by", a->sample_by, &f->plan, e) < 0 ||
	    key(&o->dedup_key, "--dedup", a->dedup, plan, e) < 0 ||
	    key(&o->value, "--changed", a->changed, plan, e) < 0 ||
	    key(&o->by, "--by", a->by, plan, e) < 0)
		return -1;
	if (!a->within)
		return 0;
	o->time = evtime_new(&a->time, &f->plan, e);
	return o->time ? 0 : -1;
}

static void stats(void *context, FILE *to)
{
	const struct operators *o = context;

	frame_stat(to, "throttled", o->throttle.dropped);
}

int operators_init(struct filter *f, struct err *e)
{
	const struct args *a = f->args;
	struct operators *o;

	if (check(f, e) < 0)
		return -1;
	if (!wanted(a))
		return 0;
	o = f->operators = alloc_zero(1, sizeof *o);
	o->args = a;
	f->frame->stats = stats;
	f->frame->statistics = o;
	dedup_init(&o->dedup, a->within, a->among, a->max_keys);
	changed_init(&o->changed, a->max_keys);
	if ((a->sample && sample_init(&o->sample, "--sample", a->sample, a->seed, e) < 0) ||
	    (a->throttle && throttle_init(&o->throttle, a->throttle, a->max_keys, e) < 0) ||
	    (a->context && context_init(&o->context, a->context, e) < 0))
		return -1;
	return compile(o, f, e);
}

void operators_free(struct operators *o)
{
	if (!o)
		return;
	keyexpr_free(o->sample_key);
	keyexpr_free(o->dedup_key);
	keyexpr_free(o->value);
	keyexpr_free(o->by);
	evtime_free(o->time);
	dedup_free(&o->dedup);
	changed_free(&o->changed);
	throttle_free(&o->throttle);
	context_free(&o->context);
	buf_free(&o->key);
	buf_free(&o->other);
	free(o);
}

/* ---- per record */

static int read_key(struct keyexpr *k, struct filter *f, struct val v, const struct record *r,
                    struct buf *to, struct err *e)
{
	buf_clear(to);
	return k ? keyexpr_read(k, v, f->args->map ? NULL : &r->rec, &f->heap, to, e) : 0;
}

int operators_sample(struct filter *f, const struct record *r, struct err *e)
{
	struct operators *o = f->operators;

	if (!o->args->sample)
		return 1;
	if (!o->sample_key)
		return sample_passes(&o->sample);
	buf_clear(&o->key);
	if (keyexpr_read(o->sample_key, val_from_rec(&r->rec, 0), &r->rec, &f->heap, &o->key, e) <
	    0)
		return -1;
	return sample_has(&o->sample, buf_slice(&o->key));
}

static int dedup(struct filter *f, struct val v, const struct record *r, struct err *e)
{
	struct operators *o = f->operators;
	int64_t time = STAMP_NONE;

	if (!o->dedup_key)
		return 1;
	if (read_key(o->dedup_key, f, v, r, &o->key, e) < 0 ||
	    (o->time && evtime_read(o->time, &r->rec, &f->heap, &time, e) < 0))
		return -1;
	return dedup_passes(&o->dedup, buf_slice(&o->key), time, e);
}

static int changed(struct filter *f, struct val v, const struct record *r, struct err *e)
{
	struct operators *o = f->operators;

	if (!o->value)
		return 1;
	if (read_key(o->value, f, v, r, &o->other, e) < 0)
		return -1;
	return changed_passes(&o->changed, buf_slice(&o->key), buf_slice(&o->other), e);
}

static int throttle(struct filter *f)
{
	struct operators *o = f->operators;

	return !o->args->throttle ||
	       throttle_passes(&o->throttle, buf_slice(&o->key), stamp_monotonic());
}

int operators_pass(struct filter *f, struct val v, const struct record *r, struct err *e)
{
	struct operators *o = f->operators;
	int yes = dedup(f, v, r, e);

	if (yes > 0 && read_key(o->by, f, v, r, &o->key, e) < 0)
		return -1;
	if (yes > 0)
		yes = changed(f, v, r, e);
	return yes > 0 ? throttle(f) : yes;
}

bool operators_have_context(const struct filter *f)
{
	return f->operators && f->args->context;
}

/* ---- context */

void operators_begin_file(struct filter *f)
{
	struct context *c;

	if (!operators_have_context(f))
		return;
	c = &f->operators->context;
	c->left = c->first = c->count = 0;
	c->skipped = c->started = false;
}

int operators_context(struct filter *f, struct slice line, bool match,
                      int (*pass)(struct filter *f, struct slice line, struct err *e),
                      struct err *e)
{
	struct context *c = &f->operators->context;
	struct slice older;

	if (!context_passes(c, match)) {
		context_hold(c, line);
		return 0;
	}
	while (context_take(c, &older))
		if (pass(f, older, e) < 0)
			return -1;
	/* the older lines are the context's own: they must be out before it holds others */
	if (writer_settle(&f->frame->out, e) < 0)
		return -1;
	return pass(f, line, e);
}
