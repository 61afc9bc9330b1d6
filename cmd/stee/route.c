/* stee: which destinations a record is for, and under which name. */
#include "stee.h"

#include "base/hash.h"
#include "json/key.h"
#include "json/valwrite.h"

#include <stdlib.h>

/* ---- setting up */

/* Is there a partition to number, where a number is asked for, and the other way about? */
static int check_partition(const struct route *r, struct err *e)
{
	const struct args *a = r->args;
	bool used = false;

	for (size_t i = 0; i < r->dests; i++) {
		const struct dest *d = &r->dest[i];
		bool needs = d->name && pathname_needs_partition(d->name);

		used |= needs;
		if (needs && !a->partition)
			return err_set(e, FAIL_USAGE, "%s: {#} needs --partition EXPR and -N",
			               d->text);
	}
	if (a->partition && !used)
		return err_set(e, FAIL_USAGE,
		               "--partition: no DEST has {#}, where its number is to stand");
	return 0;
}

static int compile(struct route *r, struct dest *d, const char *condition, struct err *e)
{
	struct expr_setup setup = { .source = { slice_from(condition ? condition : ""), "--if" },
		                    .plan = r->plan };

	if (condition) {
		d->prog = expr_compile(&setup, e);
		if (!d->prog)
			return -1;
		d->eval = eval_new(d->prog, &r->heap, NULL);
	}
	if (sink_is_url(d->text))
		return 0;
	if (!pathname_is_template(d->text)) {
		d->plain = pathname_plain(d->text, e);
		d->text = d->plain;
		return d->plain ? 0 : -1;
	}
	d->name = pathname_new(d->text, r->zone, r->plan, e);
	return d->name ? 0 : -1;
}

static bool needs_time(const struct route *r)
{
	for (size_t i = 0; i < r->dests; i++)
		if (r->dest[i].name && pathname_needs_time(r->dest[i].name))
			return true;
	return false;
}

static int compile_all(struct route *r, struct err *e)
{
	const struct args *a = r->args;

	if (a->time.zone) {
		r->zone = tz_load(a->time.zone, e);
		if (e->kind != FAIL_NONE)
			return -1;
	}
	for (size_t i = 0; i < r->dests; i++)
		if (compile(r, &r->dest[i], a->conditions.item[i], e) < 0)
			return -1;
	if (needs_time(r)) {
		r->time = evtime_new(&a->time, r->plan, e);
		if (!r->time)
			return -1;
	} else if ((a->time.expr || a->time.format || a->time.zone) && !options_chart(a)) {
		return err_set(e, FAIL_USAGE,
		               "--time, --time-format and --tz are for {%%..} in a DEST, and for "
		               "-o chart");
	}
	if (a->partition) {
		r->partition = keyexpr_new("--partition", a->partition, r->plan, NULL, e);
		if (!r->partition)
			return -1;
	}
	return check_partition(r, e);
}

int route_init(struct route *r, const struct args *a, struct plan *plan, struct dest *dest,
               size_t dests, struct err *e)
{
	*r = (struct route){ .args = a, .dest = dest, .dests = dests, .plan = plan };
	heap_init(&r->heap);
	return compile_all(r, e);
}

void route_free(struct route *r)
{
	for (size_t i = 0; i < r->dests; i++) {
		eval_free(r->dest[i].eval);
		expr_free(r->dest[i].prog);
		pathname_free(r->dest[i].name);
		free(r->dest[i].plain);
		buf_free(&r->dest[i].key);
	}
	evtime_free(r->time);
	tz_free(r->zone);
	keyexpr_free(r->partition);
	heap_free(&r->heap);
	buf_free(&r->key);
	buf_free(&r->text);
}

/* ---- per record */

/* As in sfilter: is one of the outputs true? -1 where the program fails. */
static int holds(struct dest *d, const struct rec *rec, struct err *e)
{
	struct val v;
	int got;

	eval_start(d->eval, val_from_rec(rec, 0), rec);
	while ((got = eval_next(d->eval, &v)) > 0)
		if (val_true(v))
			return 1;
	return got < 0 ? eval_error_note(d->eval, "--if", e) : 0;
}

/*
 * The text whose hash is a key's partition: a string itself, of what else there is the JSON,
 * spelled in one way where jq's == holds values equal.
 */
static int partition_text(struct route *r, struct val v, struct slice *text, struct err *e)
{
	static const struct val_style sorted = { .sort = true };
	struct val same;

	if (val_type(v) == TYPE_STRING) {
		*text = val_slice(&r->heap, v);
		return 0;
	}
	buf_clear(&r->key);
	buf_clear(&r->text);
	if (key_put(&r->key, &r->heap, v) < 0)
		return err_set(e, FAIL_DATA, "--partition: the value is nested too deeply");
	key_get(r->key.p, &r->heap, &same);
	val_write(&r->heap, &r->text, same, &sorted);
	*text = buf_slice(&r->text);
	return 0;
}

static int find_partition(struct route *r, const struct rec *rec, uint64_t *number, struct err *e)
{
	struct slice text = { 0 };
	struct val v;

	if (keyexpr_value(r->partition, val_from_rec(rec, 0), rec, &r->heap, &v, e) < 0 ||
	    partition_text(r, v, &text, e) < 0)
		return -1;
	*number = hash_xxh64(text.p, text.n) % r->args->partitions;
	return 0;
}

/* The names of the files that the record is for. */
static int make_names(struct route *r, const struct rec *rec, struct err *e)
{
	int64_t time = STAMP_NONE;
	uint64_t partition = UINT64_MAX;

	for (size_t i = 0; i < r->dests; i++) {
		struct dest *d = &r->dest[i];

		if (!d->takes || !d->name)
			continue;
		if (time == STAMP_NONE && pathname_needs_time(d->name) &&
		    evtime_read(r->time, rec, &r->heap, &time, e) < 0)
			return -1;
		if (partition == UINT64_MAX && pathname_needs_partition(d->name) &&
		    find_partition(r, rec, &partition, e) < 0)
			return -1;
		buf_clear(&d->key);
		if (pathname_make(d->name, rec, &r->heap, time, partition, &d->key, e) < 0)
			return -1;
	}
	return 0;
}

static int choose(struct route *r, const struct rec *rec, struct err *e)
{
	bool taken = false;
	int yes;

	for (size_t i = 0; i < r->dests; i++) {
		struct dest *d = &r->dest[i];

		d->takes = false;
		if (taken && r->args->route)
			continue;
		yes = d->eval ? holds(d, rec, e) : 1;
		if (yes < 0)
			return -1;
		d->takes = taken = yes;
	}
	return 0;
}

int route_record(struct route *r, const struct rec *rec, struct err *e)
{
	heap_reset(&r->heap);
	return choose(r, rec, e) < 0 ? -1 : make_names(r, rec, e);
}

void route_line(struct route *r)
{
	for (size_t i = 0; i < r->dests; i++)
		r->dest[i].takes = !r->dest[i].eval && !r->dest[i].name;
}
