#include "aggset.h"

#include "aggset_in.h"
#include "base/alloc.h"
#include "sketchval.h"

#include <stdlib.h>

void aggset_explain(const struct aggset *s, FILE *to)
{
	char *empty = alloc_zero(1, s->size + 1);

	for (size_t i = 0; i < s->owns; i++) {
		const struct agg_kind *k = s->agg[s->own[i]].kind;

		fprintf(to, "  %-24s %zu bytes%s", k->usage, k->size,
		        k->memory ? " and what its values take" : "");
		if (k->form)
			fprintf(to, "; at first %s", k->form(empty + s->agg[s->own[i]].offset));
		fputc('\n', to);
	}
	free(empty);
}

void aggset_free(struct aggset *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->args; i++) {
		eval_free(s->arg[i].eval);
		expr_free(s->arg[i].prog);
		free(s->arg[i].more);
	}
	for (size_t i = 0; i < s->aggs; i++)
		free(s->agg[i].list);
	for (size_t i = s->given; i < s->vars; i++)
		free((char *)s->var[i].name.p);
	eval_free(s->eval);
	expr_free(s->prog);
	free(s->arg);
	free(s->var);
	buf_free(&s->scratch);
	free(s);
}

size_t aggset_size(const struct aggset *s)
{
	return s->size ? s->size : 16;
}

/* ---- per record */

/* May V, which is neither null nor a number, be a value of an argument? */
static int check(const struct argument *a, struct val v, struct err *e)
{
	enum sketchval kind;
	struct sketch sketch = { 0 };
	struct hll hll = { 0 };
	bool fine = false;

	if (a->takes & 1u << AGG_NUMBERS)
		return err_set(e, FAIL_DATA, "%s needs numbers, not %s", a->user, val_type_name(v));
	if (!(a->takes & (1u << AGG_RANKED | 1u << AGG_COUNTED | 1u << AGG_OBJECTS)))
		return 1;
	kind = sketchval_kind(v);
	if (a->takes & 1u << AGG_RANKED && kind != SKETCHVAL_NUMBERS)
		return err_set(e, FAIL_DATA, "%s needs numbers, not %s", a->user, val_type_name(v));
	if (a->takes & 1u << AGG_OBJECTS && val_type(v) != TYPE_OBJECT)
		return err_set(e, FAIL_DATA, "%s needs objects, not %s", a->user, val_type_name(v));
	if (kind == SKETCHVAL_NUMBERS)
		fine = sketchval_get_numbers(v, &sketch) == 0;
	else if (kind == SKETCHVAL_DISTINCT)
		fine = sketchval_get_distinct(v, &hll) == 0;
	sketch_free(&sketch);
	hll_free(&hll);
	if (fine || kind == SKETCHVAL_NONE)
		return 1;
	return err_set(e, FAIL_DATA, "%s cannot read this sketch", a->user);
}

/* One value of an argument. 1 it counts, 0 it does not (null), -1 it is of the wrong type. */
static int take(struct argument *a, struct val v, struct agg_value *to, struct err *e)
{
	*to = agg_value_of(v);
	if (to->is_num && !(a->takes & 1u << AGG_OBJECTS))
		return 1;
	if (v.tag == VAL_NULL)
		return (a->takes & 1u << AGG_CONDITION) != 0;
	return check(a, v, e);
}

static int read_generator(struct argument *a, struct err *e)
{
	struct agg_value v;
	struct val out;
	int got, r;

	while ((got = eval_next(a->eval, &out)) > 0) {
		r = take(a, out, &v, e);
		if (r < 0)
			return -1;
		if (r == 0)
			continue;
		if (!a->has_one) {
			a->one = v;
			a->has_one = true;
			continue;
		}
		a->more = alloc_grow(a->more, &a->cap, a->mores + 1, sizeof *a->more);
		a->more[a->mores++] = v;
	}
	return got;
}

static int read_argument(struct argument *a, const struct rec *rec, struct heap *h, struct err *e)
{
	int r;

	a->has_one = false;
	a->mores = 0;
	if (a->slot >= 0 && rec->slot[a->slot] >= 0) {
		r = take(a, val_from_rec(rec, (uint32_t)rec->slot[a->slot]), &a->one, e);
		a->has_one = r > 0;
		return r;
	}
	if (!a->eval)
		a->eval = eval_new(a->prog, h, NULL);
	eval_start(a->eval, val_from_rec(rec, 0), rec);
	r = read_generator(a, e);
	return r < 0 && e->kind == FAIL_NONE ? eval_error_note(a->eval, NULL, e) : r;
}

int aggset_read(struct aggset *s, const struct rec *rec, struct heap *h, struct err *e)
{
	for (size_t i = 0; i < s->args; i++)
		if (read_argument(&s->arg[i], rec, h, e) < 0)
			return -1;
	return 0;
}

/* An argument's values for a record. */
struct agg_kept {
	const struct agg_value *value;
	size_t n;
};

const struct agg_kept *aggset_keep(const struct aggset *s, struct heap *h)
{
	struct agg_kept *kept = arena_array(&h->arena, s->args + 1, sizeof *kept);

	for (size_t i = 0; i < s->args; i++) {
		const struct argument *a = &s->arg[i];
		size_t n = a->has_one + a->mores;
		struct agg_value *value = arena_array(&h->arena, n + 1, sizeof *value);

		for (size_t k = 0; k < n; k++) {
			value[k] = k ? a->more[k - 1] : a->one;
			value[k].v = val_copy_deep(h, value[k].v);
		}
		kept[i] = (struct agg_kept){ value, n };
	}
	return kept;
}

void aggset_use(struct aggset *s, const struct agg_kept *kept)
{
	for (size_t i = 0; i < s->args; i++) {
		struct argument *a = &s->arg[i];

		a->has_one = kept[i].n > 0;
		a->mores = a->has_one ? kept[i].n - 1 : 0;
		if (a->has_one)
			a->one = kept[i].value[0];
		if (!a->mores)
			continue;
		a->more = alloc_grow(a->more, &a->cap, a->mores, sizeof *a->more);
		memcpy(a->more, kept[i].value + 1, a->mores * sizeof *a->more);
	}
}

static void add_pairs(const struct aggset *s, const struct agg *a, void *own,
                      const struct agg_record *r)
{
	const struct argument *first = &s->arg[a->argument[0]], *second = &s->arg[a->argument[1]];

	if (!second->has_one || second->one.v.tag == VAL_NULL)
		return;
	if (first->has_one && first->one.v.tag != VAL_NULL)
		a->kind->add_pair(a, own, &first->one, &second->one, r);
	for (size_t k = 0; k < first->mores; k++)
		if (first->more[k].v.tag != VAL_NULL)
			a->kind->add_pair(a, own, &first->more[k], &second->one, r);
}

void aggset_add(struct aggset *s, void *state, const struct agg_record *r)
{
	for (size_t i = 0; i < s->owns; i++) {
		const struct agg *a = &s->agg[s->own[i]];
		void *own = (char *)state + a->offset;
		const struct argument *arg;
		bool truth;

		if (a->argument[0] < 0) {
			a->kind->add(a, own, NULL, r);
			continue;
		}
		if (a->kind->add_pair) {
			add_pairs(s, a, own, r);
			continue;
		}
		arg = &s->arg[a->argument[0]];
		truth = a->kind->takes == AGG_CONDITION;
		/* an argument that is shared may have a null that only conditions count */
		if (arg->has_one && (arg->one.v.tag != VAL_NULL || truth))
			a->kind->add(a, own, &arg->one, r);
		for (size_t k = 0; k < arg->mores; k++)
			if (arg->more[k].v.tag != VAL_NULL || truth)
				a->kind->add(a, own, &arg->more[k], r);
	}
}

/* ---- results */

void aggset_set_window(struct aggset *s, int64_t start, int64_t end, const void *before)
{
	s->start = start;
	s->end = end;
	s->before = before;
}

int aggset_result(struct aggset *s, const void *state, const struct val *vars, struct heap *h,
                  struct val *v, struct err *e)
{
	struct agg_at at = { .start = s->start, .end = s->end };
	struct val more;
	int got;

	if (!s->eval)
		s->eval = eval_new(s->prog, h, NULL);
	for (size_t i = 0; i < s->open; i++)
		eval_set_var(s->eval, i, vars[i]);
	for (size_t i = 0; i < s->aggs; i++) {
		const struct agg *a = &s->agg[i];

		at.before = s->before ? s->before + a->before : NULL;
		eval_set_var(s->eval, s->given + i,
		             a->kind->result(a, (const char *)state + a->offset, &at, h));
	}
	eval_start(s->eval, val_of(VAL_NULL), NULL);
	got = eval_next(s->eval, v);
	if (got == 0)
		*v = val_of(VAL_NULL);
	if (got > 0 && !expr_straight(s->prog) && (got = eval_next(s->eval, &more)) > 0)
		return err_set(e, FAIL_DATA, "AGG gives more than one value: [AGG] makes them one");
	return got >= 0 ? 0 : eval_error_note(s->eval, NULL, e);
}

/* ---- what is done with a whole state: with each of its parts */

void aggset_drop(const struct aggset *s, void *state)
{
	for (size_t i = 0; i < s->owns; i++) {
		const struct agg *a = &s->agg[s->own[i]];

		if (a->kind->drop)
			a->kind->drop((char *)state + a->offset);
	}
}

void aggset_merge(const struct aggset *s, void *to, const void *from)
{
	for (size_t i = 0; i < s->owns; i++) {
		const struct agg *a = &s->agg[s->own[i]];

		a->kind->merge(a, (char *)to + a->offset, (const char *)from + a->offset);
	}
}

size_t aggset_carry_size(const struct aggset *s)
{
	return s->carry_size;
}

void aggset_carry(const struct aggset *s, void *before, const void *state)
{
	/* calls that share a state carry the same into the same place */
	for (size_t i = 0; i < s->aggs; i++) {
		const struct agg *a = &s->agg[i];

		if (a->kind->carry)
			a->kind->carry((char *)before + a->before, (const char *)state + a->offset);
	}
}

void aggset_seed(struct aggset *s, uint64_t seed)
{
	for (size_t i = 0; i < s->aggs; i++)
		s->agg[i].seed = seed;
}

/* ---- saving */

void aggset_save(const struct aggset *s, const void *state, struct buf *b)
{
	buf_addc(b, AGGSET_VERSION);
	for (size_t i = 0; i < s->owns; i++) {
		const struct agg *a = &s->agg[s->own[i]];
		const char *own = (const char *)state + a->offset;

		if (a->kind->save)
			a->kind->save(own, b);
		else
			agg_put(b, own, a->kind->size);
	}
}

int aggset_load(const struct aggset *s, void *state, struct slice *from, struct err *e)
{
	char version;
	int r = agg_take(from, &version, 1);

	if (r == 0 && version != AGGSET_VERSION)
		return err_set(e, FAIL_STATE,
		               "the aggregates were saved in version %d, this is version %d",
		               version, AGGSET_VERSION);
	for (size_t i = 0; i < s->owns && r == 0; i++) {
		const struct agg *a = &s->agg[s->own[i]];
		char *own = (char *)state + a->offset;

		r = a->kind->load ? a->kind->load(own, from) : agg_take(from, own, a->kind->size);
	}
	return r < 0 ? err_set(e, FAIL_STATE, "saved aggregates are cut short or broken") : 0;
}

size_t aggset_memory(const struct aggset *s, const void *state)
{
	size_t sum = 0;

	for (size_t i = 0; i < s->owns; i++) {
		const struct agg *a = &s->agg[s->own[i]];

		if (a->kind->memory)
			sum += a->kind->memory((const char *)state + a->offset);
	}
	return sum;
}

void aggset_form(const struct aggset *s, const void *state, struct buf *b)
{
	for (size_t i = 0; i < s->owns; i++) {
		const struct agg *a = &s->agg[s->own[i]];

		if (!a->kind->form)
			continue;
		buf_addf(b, "%s%s %s", b->n ? ", " : "", a->kind->name,
		         a->kind->form((const char *)state + a->offset));
	}
}
