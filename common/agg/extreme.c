/*
 * min and max of values as jq sorts them, first and last by event time. Of records of one time the
 * bytes decide, so that the order of arrival does not. Nothing at all: null.
 */
#include "base/alloc.h"
#include "kinds.h"
#include "json/valparse.h"
#include "json/valwrite.h"

#include <stdlib.h>

/* A value that outlives its record: its JSON text, and its double where it is a number. */
struct kept {
	bool any, is_num;
	double num;
	int64_t time;
	uint32_t size, cap;
	uint32_t line, line_cap; /* of first and last: the record's bytes */
	char *text;
	char *bytes;
};

static void keep_text(char **to, uint32_t *size, uint32_t *cap, struct slice s)
{
	if (s.n > *cap) {
		*cap = (uint32_t)(s.n < 16 ? 16 : s.n);
		*to = alloc_resize(*to, *cap, 1);
	}
	if (s.n)
		memcpy(*to, s.p, s.n);
	*size = (uint32_t)s.n;
}

/* A number as text. */
static struct slice spelling(const struct agg_value *v, char text[NUM_TEXT])
{
	if (v->v.tag == VAL_LIT)
		return val_text(v->v);
	return (struct slice){ text, num_format(v->v.num, text) };
}

static void keep(struct kept *k, const struct agg_value *v)
{
	struct heap h;
	struct buf b = { 0 };
	char text[NUM_TEXT];

	k->any = true;
	k->is_num = v->is_num;
	k->num = v->num;
	if (v->is_num) {
		keep_text(&k->text, &k->size, &k->cap, spelling(v, text));
		return;
	}
	if (v->v.tag == VAL_RAWSTR) {
		/* with its quotes it is JSON as it stands */
		keep_text(&k->text, &k->size, &k->cap,
		          (struct slice){ v->v.text - 1, v->v.len + 2u });
		return;
	}
	heap_init(&h);
	val_write_canonical(&h, &b, v->v);
	keep_text(&k->text, &k->size, &k->cap, buf_slice(&b));
	buf_free(&b);
	heap_free(&h);
}

static struct val value(const struct kept *k, struct heap *h)
{
	struct check_fault fault;
	struct val v;

	if (!k->any || val_parse(h, (struct slice){ k->text, k->size }, &v, &fault) < 0)
		return val_of(VAL_NULL);
	return v;
}

/* The new value against the one kept, as jq sorts: negative, zero, positive. */
static int order(const struct kept *k, const struct agg_value *v)
{
	bool too_deep = false;
	struct heap h;
	int r;

	if (k->is_num && v->is_num && k->num != v->num)
		return v->num < k->num ? -1 : 1;
	heap_init(&h);
	r = val_order(&h, v->v, value(k, &h), &too_deep);
	heap_free(&h);
	return r;
}

/* Of equal numbers (1, 1.0) the shorter spelling, then the lesser, so that order does not matter.
 */
static bool plainer(const struct kept *k, const struct agg_value *v)
{
	struct slice mine = { k->text, k->size }, s;
	char text[NUM_TEXT];

	if (!v->is_num)
		return false;
	s = spelling(v, text);
	return s.n != mine.n ? s.n < mine.n : slice_order(s, mine) < 0;
}

static void add_extreme(struct kept *k, const struct agg_value *v, int sign)
{
	int r = k->any ? sign * order(k, v) : 1;

	if (r > 0 || (r == 0 && plainer(k, v)))
		keep(k, v);
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

static void add_end(struct kept *k, const struct agg_value *v, const struct agg_record *r, int sign)
{
	int side = sign * ((r->time > k->time) - (r->time < k->time));

	if (k->any && side == 0)
		side = sign * slice_order(r->line, (struct slice){ k->bytes, k->line });
	if (k->any && side <= 0)
		return;
	k->time = r->time;
	keep_text(&k->bytes, &k->line, &k->line_cap, r->line);
	keep(k, v);
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

static struct val result(const struct agg *a, const void *state, struct heap *h)
{
	(void)a;
	return value(state, h);
}

static void drop(void *state)
{
	struct kept *k = state;

	free(k->text);
	free(k->bytes);
}

#define KIND(call, function)                                                                       \
	{                                                                                          \
		.name = (call), .args = 1, .size = sizeof(struct kept), .add = (function),         \
		.result = result, .drop = drop                                                     \
	}

const struct agg_kind agg_min = KIND("min", add_min);
const struct agg_kind agg_max = KIND("max", add_max);
const struct agg_kind agg_first = KIND("first", add_first);
const struct agg_kind agg_last = KIND("last", add_last);
