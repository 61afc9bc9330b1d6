/*
 * What counts values one by one: distinct(f), how many different ones; mode(f), the one that was
 * there most often, the least of several; collect_set(f; n), the different ones in jq's order, the
 * n least of them; top(f; n), the n most frequent with their counts.
 *
 * top counts exactly while there are up to TOP_EXACT values (or 32 n), then in the way of
 * space-saving (A. Metwally, D. Agrawal, A. El Abbadi, "Efficient Computation of Frequent and Top-k
 * Elements in Data Streams", 2005) in batches, as J. Misra and D. Gries decrement (1982): the
 * lesser half is dropped, and a value that is new then starts from the greatest count dropped. So a
 * count is never too low, and too high by its `error` at most, which is at most the number of
 * values added by half of TOP_EXACT. Merging: P. K. Agarwal et al., "Mergeable Summaries", 2012.
 */
#include "kinds.h"
#include "tally.h"

#include <math.h>

#define TOP_EXACT  2048
#define FEW        100     /* of the best, to be picked out instead of sorting all */
#define COUNT_MOST 1000000 /* of n */

static void add_value(const struct agg *a, struct tally *t, const struct agg_value *v)
{
	if (tally_encode(a->scratch, v->v))
		tally_add(t, buf_slice(a->scratch), 1, 0);
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	(void)r;
	add_value(a, state, v);
}

static void merge(const struct agg *a, void *to, const void *from)
{
	(void)a;
	tally_merge(to, from);
}

static void save(const void *state, struct buf *b)
{
	tally_save(state, b);
}

static int load(void *state, struct slice *from)
{
	return tally_load(state, from);
}

static size_t memory(const void *state)
{
	return tally_memory(state);
}

static void drop(void *state)
{
	tally_free(state);
}

/* ---- distinct, mode */

static struct val distinct_result(const struct agg *a, const void *state, const struct agg_at *at,
                                  struct heap *h)
{
	(void)a;
	(void)at;
	(void)h;
	return val_num(((const struct tally *)state)->n);
}

static struct val mode_result(const struct agg *a, const void *state, const struct agg_at *at,
                              struct heap *h)
{
	const struct tally *t = state;
	const struct tally_item *best = t->item;

	(void)a;
	(void)at;
	for (uint32_t i = 1; i < t->n; i++) {
		const struct tally_item *x = &t->item[i];

		if (x->count > best->count ||
		    (x->count == best->count &&
		     slice_order(tally_key(t, x), tally_key(t, best)) < 0))
			best = x;
	}
	return t->n ? tally_value(t, best, h) : val_of(VAL_NULL);
}

/* ---- collect_set, top */

static int setup(struct agg *a, struct err *e)
{
	if (a->kind->optional && isinf(a->param))
		return 0;
	if (a->param >= 1 && a->param <= COUNT_MOST && a->param == floor(a->param))
		return 0;
	return err_set(e, FAIL_COMPILE, "%s: n is a whole number from 1 to %d", a->kind->usage,
	               COUNT_MOST);
}

/* Sorted and cut once in a while, so that a value costs little. */
static void keep_least(const struct agg *a, struct tally *t)
{
	if (t->n <= 2 * a->param + 64)
		return;
	tally_sort(t, TALLY_BY_VALUE);
	tally_cut(t, (uint32_t)a->param);
}

static void add_set(const struct agg *a, void *state, const struct agg_value *v,
                    const struct agg_record *r)
{
	(void)r;
	add_value(a, state, v);
	keep_least(a, state);
}

static void merge_set(const struct agg *a, void *to, const void *from)
{
	tally_merge(to, from);
	keep_least(a, to);
}

static struct val set_result(const struct agg *a, const void *state, const struct agg_at *at,
                             struct heap *h)
{
	struct tally *t = (struct tally *)state;
	struct arr *all = arr_new(h, t->n);

	(void)at;
	tally_sort(t, TALLY_BY_VALUE);
	for (uint32_t i = 0; i < t->n && i < a->param; i++)
		all = arr_push(h, all, tally_value(t, &t->item[i], h));
	return val_arr(all);
}

static uint32_t top_room(const struct agg *a)
{
	return a->param * 32 > TOP_EXACT ? (uint32_t)a->param * 32 : TOP_EXACT;
}

static void keep_top(const struct agg *a, struct tally *t)
{
	uint32_t half = top_room(a) / 2;

	if (t->n <= 2 * half)
		return;
	tally_sort(t, TALLY_BY_COUNT);
	t->floor = t->item[half].count;
	tally_cut(t, half);
}

static void add_top(const struct agg *a, void *state, const struct agg_value *v,
                    const struct agg_record *r)
{
	(void)r;
	add_value(a, state, v);
	keep_top(a, state);
}

static void merge_top(const struct agg *a, void *to, const void *from)
{
	tally_merge(to, from);
	keep_top(a, to);
}

static struct obj *put(struct heap *h, struct obj *o, const char *name, struct val v)
{
	struct val key = val_str(slice_from(name));

	key.flag = VAL_CLEAN;
	return obj_set(h, o, key, v);
}

static struct val entry(const struct tally *t, const struct tally_item *i, struct heap *h)
{
	struct obj *o = put(h, obj_new(h, 3), "value", tally_value(t, i, h));

	o = put(h, o, "count", val_num((double)i->count));
	return val_obj(t->floor ? put(h, o, "error", val_num((double)i->error)) : o);
}

static struct val top_result(const struct agg *a, const void *state, const struct agg_at *at,
                             struct heap *h)
{
	struct tally *t = (struct tally *)state;
	uint32_t n = a->param < t->n ? (uint32_t)a->param : t->n;
	struct arr *all = arr_new(h, n);
	const struct tally_item *few[FEW];

	(void)at;
	if (n <= FEW)
		tally_best(t, n, few);
	else
		tally_sort(t, TALLY_BY_COUNT);
	for (uint32_t i = 0; i < n; i++)
		all = arr_push(h, all, entry(t, n <= FEW ? few[i] : &t->item[i], h));
	return val_arr(all);
}

static const char *top_form(const void *state)
{
	return ((const struct tally *)state)->floor ? "space-saving" : "exact";
}

/* ---- */

#define KIND(called, use, adds, merges, gives)                                                     \
	.name = (called), .usage = (use), .values = 1, .size = sizeof(struct tally),               \
	.add = (adds), .result = (gives), .merge = (merges), .save = save, .load = load,           \
	.memory = memory, .drop = drop

const struct agg_kind agg_distinct = { KIND("distinct", "distinct(f)", add, merge, distinct_result),
	                               .shares = true };
const struct agg_kind agg_mode = { KIND("mode", "mode(f)", add, merge, mode_result),
	                           .gives_object = true, .shares = true };
const struct agg_kind agg_collect_set = { KIND("collect_set", "collect_set(f; n)", add_set,
	                                       merge_set, set_result),
	                                  .param = AGG_NUMBER, .optional = true, .setup = setup };
const struct agg_kind agg_top = { KIND("top", "top(f; n)", add_top, merge_top, top_result),
	                          .param = AGG_NUMBER, .setup = setup, .form = top_form };
