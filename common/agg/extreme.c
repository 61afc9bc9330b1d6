/*
 * min and max of values as jq sorts them, first and last by event time, argmin and argmax: the
 * value of f where `by` is least or greatest. Of records of one time the bytes decide, of equal
 * values of `by` the earliest record, so that the order of arrival does not. Nothing at all: null.
 */
#include "kept.h"
#include "kinds.h"

/* ---- min, max */

/*
 * Of what is equal but spelled in two ways (1, 1.0, the members of an object) the shorter spelling,
 * then the lesser, so that order does not matter.
 */
static bool plainer(const struct kept *k, const struct agg_value *v)
{
	struct kept other = { 0 };
	struct slice mine = kept_text(k), s;
	char room[NUM_TEXT];
	bool is;

	if (!v->is_num && val_type(v->v) < TYPE_ARRAY)
		return false;
	if (!v->is_num)
		kept_set(&other, v);
	s = v->is_num ? kept_spelling(v, room) : kept_text(&other);
	is = s.n != mine.n ? s.n < mine.n : slice_order(s, mine) < 0;
	kept_free(&other);
	return is;
}

static void add_extreme(struct kept *k, const struct agg_value *v, int sign)
{
	int r = k->any ? sign * kept_order(k, v) : 1;

	if (r > 0 || (r == 0 && plainer(k, v)))
		kept_set(k, v);
}

static void merge_extreme(struct kept *k, const struct kept *from, int sign)
{
	struct agg_value v;
	struct heap h;

	if (!from->any)
		return;
	heap_init(&h);
	v = agg_value_of(kept_value(from, &h));
	add_extreme(k, &v, sign);
	heap_free(&h);
}

static void add_min(const struct agg *a, void *state, const struct agg_value *v,
                    const struct agg_record *r)
{
	(void)a;
	(void)r;
	add_extreme(state, v, -1);
}

static void add_max(const struct agg *a, void *state, const struct agg_value *v,
                    const struct agg_record *r)
{
	(void)a;
	(void)r;
	add_extreme(state, v, 1);
}

static void merge_min(const struct agg *a, void *to, const void *from)
{
	(void)a;
	merge_extreme(to, from, -1);
}

static void merge_max(const struct agg *a, void *to, const void *from)
{
	(void)a;
	merge_extreme(to, from, 1);
}

static struct val extreme_result(const struct agg *a, const void *state, const struct agg_at *at,
                                 struct heap *h)
{
	(void)a;
	(void)at;
	return kept_value(state, h);
}

static void extreme_save(const void *state, struct buf *b)
{
	kept_save(state, b);
}

static int extreme_load(void *state, struct slice *from)
{
	return kept_load(state, from);
}

static size_t extreme_memory(const void *state)
{
	return kept_memory(state);
}

static void extreme_drop(void *state)
{
	kept_free(state);
}

/* ---- first, last */

static void add_end(struct stamped *s, const struct agg_value *v, const struct agg_record *r,
                    int sign)
{
	int d = s->value.any ? sign * stamped_order(s, r) : 1;

	/* of several values of one record the first is first, the last is last */
	if (d > 0 || (d == 0 && sign > 0))
		stamped_set(s, v, r);
}

static void merge_end(struct stamped *s, const struct stamped *from, int sign)
{
	struct agg_record r = stamped_record(from);
	struct agg_value v;
	struct heap h;

	if (!from->value.any)
		return;
	heap_init(&h);
	v = agg_value_of(kept_value(&from->value, &h));
	add_end(s, &v, &r, sign);
	heap_free(&h);
}

static void add_first(const struct agg *a, void *state, const struct agg_value *v,
                      const struct agg_record *r)
{
	(void)a;
	add_end(state, v, r, -1);
}

static void add_last(const struct agg *a, void *state, const struct agg_value *v,
                     const struct agg_record *r)
{
	(void)a;
	add_end(state, v, r, 1);
}

static void merge_first(const struct agg *a, void *to, const void *from)
{
	(void)a;
	merge_end(to, from, -1);
}

static void merge_last(const struct agg *a, void *to, const void *from)
{
	(void)a;
	merge_end(to, from, 1);
}

static struct val end_result(const struct agg *a, const void *state, const struct agg_at *at,
                             struct heap *h)
{
	const struct stamped *s = state;

	(void)a;
	(void)at;
	return kept_value(&s->value, h);
}

static void end_save(const void *state, struct buf *b)
{
	stamped_save(state, b);
}

static int end_load(void *state, struct slice *from)
{
	return stamped_load(state, from);
}

static size_t end_memory(const void *state)
{
	return stamped_memory(state);
}

static void end_drop(void *state)
{
	stamped_free(state);
}

/* ---- argmin, argmax */

struct place {
	struct kept by;
	struct stamped value;
};

static void add_place(struct place *p, const struct agg_value *v, const struct agg_value *by,
                      const struct agg_record *r, int sign)
{
	int d = p->by.any ? sign * kept_order(&p->by, by) : 1;

	if (d > 0)
		kept_set(&p->by, by);
	if (d > 0 || (d == 0 && stamped_order(&p->value, r) < 0))
		stamped_set(&p->value, v, r);
}

static void merge_place(struct place *p, const struct place *from, int sign)
{
	struct agg_record r = stamped_record(&from->value);
	struct agg_value v, by;
	struct heap h;

	if (!from->by.any)
		return;
	heap_init(&h);
	v = agg_value_of(kept_value(&from->value.value, &h));
	by = agg_value_of(kept_value(&from->by, &h));
	add_place(p, &v, &by, &r, sign);
	heap_free(&h);
}

static void add_argmin(const struct agg *a, void *state, const struct agg_value *v,
                       const struct agg_value *by, const struct agg_record *r)
{
	(void)a;
	add_place(state, v, by, r, -1);
}

static void add_argmax(const struct agg *a, void *state, const struct agg_value *v,
                       const struct agg_value *by, const struct agg_record *r)
{
	(void)a;
	add_place(state, v, by, r, 1);
}

static void merge_argmin(const struct agg *a, void *to, const void *from)
{
	(void)a;
	merge_place(to, from, -1);
}

static void merge_argmax(const struct agg *a, void *to, const void *from)
{
	(void)a;
	merge_place(to, from, 1);
}

static struct val place_result(const struct agg *a, const void *state, const struct agg_at *at,
                               struct heap *h)
{
	const struct place *p = state;

	(void)a;
	(void)at;
	return kept_value(&p->value.value, h);
}

static void place_save(const void *state, struct buf *b)
{
	const struct place *p = state;

	kept_save(&p->by, b);
	stamped_save(&p->value, b);
}

static int place_load(void *state, struct slice *from)
{
	struct place *p = state;

	return kept_load(&p->by, from) < 0 ? -1 : stamped_load(&p->value, from);
}

static size_t place_memory(const void *state)
{
	const struct place *p = state;

	return kept_memory(&p->by) + stamped_memory(&p->value);
}

static void place_drop(void *state)
{
	struct place *p = state;

	kept_free(&p->by);
	stamped_free(&p->value);
}

/* ---- */

#define KIND(called, of, what)                                                                     \
	.name = (called), .gives_object = true, .shares = true, .size = sizeof(struct of),         \
	.result = what##_result, .save = what##_save, .load = what##_load,                         \
	.memory = what##_memory, .drop = what##_drop

const struct agg_kind agg_min = { KIND("min", kept, extreme), .usage = "min(f)", .values = 1,
	                          .add = add_min, .merge = merge_min };
const struct agg_kind agg_max = { KIND("max", kept, extreme), .usage = "max(f)", .values = 1,
	                          .add = add_max, .merge = merge_max };
const struct agg_kind agg_first = { KIND("first", stamped, end), .usage = "first(f)", .values = 1,
	                            .add = add_first, .merge = merge_first };
const struct agg_kind agg_last = { KIND("last", stamped, end), .usage = "last(f)", .values = 1,
	                           .add = add_last, .merge = merge_last };
const struct agg_kind agg_argmin = { KIND("argmin", place, place), .usage = "argmin(f; by)",
	                             .values = 2, .add_pair = add_argmin, .merge = merge_argmin };
const struct agg_kind agg_argmax = { KIND("argmax", place, place), .usage = "argmax(f; by)",
	                             .values = 2, .add_pair = add_argmax, .merge = merge_argmax };
