/*
 * merge(f): of objects one with all their members, each as the latest record that has it says (of
 * one time the bytes decide), in the order of their names; of sketches (sketchval.h) the sketch of
 * all. A mixture gives null.
 */
#include "base/alloc.h"
#include "kept.h"
#include "kinds.h"
#include "sketchval.h"

#include <stdlib.h>

struct part {
	char *name;
	uint64_t name_len;
	struct stamped value;
};

struct merged {
	struct part *part; /* by name */
	uint32_t n, cap;
	uint64_t objects, numbers, distinct; /* how many of each there were */
	struct sketch sketch;
	struct hll hll;
};

/* The member NAME, made where it is not. */
static struct part *part_of(struct merged *m, struct slice name)
{
	uint32_t lo = 0, hi = m->n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		int r = slice_order(name,
		                    (struct slice){ m->part[mid].name, m->part[mid].name_len });

		if (r == 0)
			return &m->part[mid];
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 4;
		m->part = alloc_resize(m->part, m->cap, sizeof *m->part);
	}
	memmove(m->part + lo + 1, m->part + lo, (m->n++ - lo) * sizeof *m->part);
	m->part[lo] = (struct part){ .name = alloc_copy(name.p, name.n), .name_len = name.n };
	return &m->part[lo];
}

static void add_part(struct merged *m, struct slice name, struct val value,
                     const struct agg_record *r)
{
	struct part *p = part_of(m, name);
	struct agg_value v = agg_value_of(value);

	if (!p->value.value.any || stamped_order(&p->value, r) >= 0)
		stamped_set(&p->value, &v, r);
}

static void add_object(struct merged *m, struct val v, const struct agg_record *r)
{
	struct heap h;

	m->objects++;
	heap_init(&h);
	v = val_force(&h, v);
	for (uint32_t i = 0; i < v.obj->n; i++)
		add_part(m, val_slice(&h, v.obj->at[i].key), v.obj->at[i].value, r);
	heap_free(&h);
}

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct merged *m = state;
	struct sketch sketch = { 0 };
	struct hll hll = { 0 };

	(void)a;
	switch (sketchval_kind(v->v)) {
	case SKETCHVAL_NUMBERS:
		m->numbers++;
		if (sketchval_get_numbers(v->v, &sketch) == 0)
			sketch_merge(&m->sketch, &sketch);
		sketch_free(&sketch);
		break;
	case SKETCHVAL_DISTINCT:
		m->distinct++;
		if (sketchval_get_distinct(v->v, &hll) == 0)
			hll_merge(&m->hll, &hll);
		hll_free(&hll);
		break;
	default:
		if (val_type(v->v) == TYPE_OBJECT)
			add_object(m, v->v, r);
	}
}

static struct val members(const struct merged *m, struct heap *h)
{
	struct obj *o = obj_new(h, m->n);

	for (uint32_t i = 0; i < m->n; i++) {
		const struct part *p = &m->part[i];

		o = obj_set(h, o,
		            val_str((struct slice){ arena_copy(&h->arena, p->name, p->name_len),
		                                    p->name_len }),
		            kept_value(&p->value.value, h));
	}
	return val_obj(o);
}

static struct val result(const struct agg *a, const void *state, const struct agg_at *at,
                         struct heap *h)
{
	struct merged *m = (struct merged *)state;

	(void)a;
	(void)at;
	if ((m->objects > 0) + (m->numbers > 0) + (m->distinct > 0) != 1)
		return val_of(VAL_NULL);
	if (m->objects)
		return members(m, h);
	return m->numbers ? sketchval_numbers(h, &m->sketch) : sketchval_distinct(h, &m->hll);
}

static void merge(const struct agg *a, void *to, const void *from)
{
	struct merged *m = to;
	const struct merged *f = from;
	struct heap h;

	(void)a;
	heap_init(&h);
	for (uint32_t i = 0; i < f->n; i++) {
		struct agg_record r = stamped_record(&f->part[i].value);

		add_part(m, (struct slice){ f->part[i].name, f->part[i].name_len },
		         kept_value(&f->part[i].value.value, &h), &r);
	}
	heap_free(&h);
	m->objects += f->objects;
	m->numbers += f->numbers;
	m->distinct += f->distinct;
	sketch_merge(&m->sketch, &f->sketch);
	hll_merge(&m->hll, &f->hll);
}

static void save(const void *state, struct buf *b)
{
	const struct merged *m = state;

	agg_put64(b, m->n);
	agg_put64(b, m->objects);
	agg_put64(b, m->numbers);
	agg_put64(b, m->distinct);
	for (uint32_t i = 0; i < m->n; i++) {
		agg_put64(b, m->part[i].name_len);
		agg_put(b, m->part[i].name, m->part[i].name_len);
		stamped_save(&m->part[i].value, b);
	}
	sketch_save(&m->sketch, b);
	hll_save(&m->hll, b);
}

static int load(void *state, struct slice *from)
{
	struct merged *m = state;
	uint64_t n, len;

	if (agg_take_count(from, &n, 40) < 0 || agg_take(from, &m->objects, 8) < 0 ||
	    agg_take(from, &m->numbers, 8) < 0 || agg_take(from, &m->distinct, 8) < 0)
		return -1;
	for (uint64_t i = 0; i < n; i++) {
		struct part *p;

		if (agg_take_count(from, &len, 1) < 0)
			return -1;
		p = part_of(m, (struct slice){ from->p, len });
		from->p += len;
		from->n -= len;
		if (p->value.value.any || stamped_load(&p->value, from) < 0)
			return -1;
	}
	return sketch_load(&m->sketch, from) < 0 ? -1 : hll_load(&m->hll, from);
}

static size_t memory(const void *state)
{
	const struct merged *m = state;
	size_t sum = m->cap * sizeof *m->part + sketch_memory(&m->sketch) + hll_memory(&m->hll);

	for (uint32_t i = 0; i < m->n; i++)
		sum += m->part[i].name_len + 1 + stamped_memory(&m->part[i].value);
	return sum;
}

static void drop(void *state)
{
	struct merged *m = state;

	for (uint32_t i = 0; i < m->n; i++) {
		free(m->part[i].name);
		stamped_free(&m->part[i].value);
	}
	free(m->part);
	sketch_free(&m->sketch);
	hll_free(&m->hll);
}

const struct agg_kind agg_merge = { .name = "merge",
	                            .usage = "merge(f)",
	                            .values = 1,
	                            .takes = AGG_OBJECTS,
	                            .gives_object = true,
	                            .shares = true,
	                            .size = sizeof(struct merged),
	                            .add = add,
	                            .result = result,
	                            .merge = merge,
	                            .save = save,
	                            .load = load,
	                            .memory = memory,
	                            .drop = drop };
