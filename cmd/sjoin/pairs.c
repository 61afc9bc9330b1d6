/* What becomes of the pairs that a join of streams finds, and of records without one. */
#include "sjoin.h"

#include "base/alloc.h"

#include <stdlib.h>

struct pairs {
	struct join *j;
	bool right, alone; /* right records without a pair leave, left ones do */
	/* --reduce: right records are added up, for each left one, as they come */
	struct aggset *sum;
	size_t size;   /* of a state */
	size_t memory; /* bytes of all that left records sum up */
	uint64_t read; /* the number of the record that the aggregates' arguments are from */
	struct scan *scan;
	struct buf text; /* of a right record that is read again */
	struct buf value;
};

/* What the right records of a left one come to; the state lies behind it. */
struct sum {
	_Alignas(16) size_t bytes;
};

struct pairs *pairs_new(struct join *j, struct err *e)
{
	struct pairs *p = alloc_zero(1, sizeof *p);
	const struct args *a = j->args;
	struct plan *plan = &j->plan[a->left_when ? SIDE_LEFT : SIDE_RIGHT];

	p->j = j;
	p->right = a->type == JOIN_RIGHT || a->type == JOIN_FULL;
	p->alone = a->type == JOIN_LEFT || a->type == JOIN_FULL;
	p->read = UINT64_MAX;
	if (!a->reduce)
		return p;
	p->sum = aggset_new(&(struct source){ slice_from(a->reduce), "--reduce" }, plan, NULL, e);
	if (!p->sum) {
		pairs_free(p);
		return NULL;
	}
	p->size = aggset_size(p->sum);
	return p;
}

void pairs_free(struct pairs *p)
{
	if (!p)
		return;
	aggset_free(p->sum);
	scan_free(p->scan);
	buf_free(&p->text);
	buf_free(&p->value);
	free(p);
}

/* ---- --reduce */

int pairs_read(struct pairs *p, const struct rec *rec, uint64_t seq, struct err *e)
{
	if (!p->sum)
		return 0;
	p->read = seq;
	return aggset_read(p->sum, rec, &p->j->heap, e);
}

void pairs_unread(struct pairs *p)
{
	p->read = UINT64_MAX;
}

/* A right record that came before: its arguments could be read then, so they can now. */
static int read_again(struct pairs *p, const struct joinrec *right, struct err *e)
{
	struct rec rec;

	if (p->read == right->seq)
		return 0;
	if (!p->scan)
		p->scan =
			scan_new(&p->j->plan[p->j->args->left_when ? SIDE_LEFT : SIDE_RIGHT], NULL);
	buf_clear(&p->text);
	buf_add(&p->text, right->row.json.p, right->row.json.n + 1);
	buf_room(&p->text, INDEX_PAD);
	scan_feed(p->scan, p->text.p, p->text.n);
	if (scan_next(p->scan, &rec) != SCAN_RECORD)
		return 0;
	return pairs_read(p, &rec, right->seq, e);
}

static int add_up(struct pairs *p, struct joinrec *left, const struct joinrec *right, struct err *e)
{
	const struct agg_record r = { .time = right->row.time, .line = right->row.json };
	struct sum *sum;

	if (read_again(p, right, e) < 0)
		return -1;
	if (!left->sum)
		left->sum = alloc_zero(1, sizeof *sum + p->size);
	sum = left->sum;
	aggset_add(p->sum, sum + 1, &r);
	p->memory -= sum->bytes;
	sum->bytes = sizeof *sum + p->size + aggset_memory(p->sum, sum + 1);
	p->memory += sum->bytes;
	return 0;
}

size_t pairs_memory(const struct pairs *p)
{
	return p->memory;
}

void pairs_forget(void *context, struct joinrec *r)
{
	struct pairs *p = context;
	struct sum *sum = r->sum;

	if (!sum)
		return;
	p->memory -= sum->bytes;
	aggset_drop(p->sum, sum + 1);
	free(sum);
	r->sum = NULL;
}

/* What right records came to, as if it were one of them. Where fields are merged, a value that is
 * no object is one. */
static int reduced(struct pairs *p, const struct joinrec *left, struct row *row, struct err *e)
{
	static const struct val_style style;
	struct heap *h = &p->j->heap;
	struct sum *none = left->sum ? NULL : alloc_zero(1, sizeof *none + p->size);
	const struct sum *sum = none ? none : left->sum;
	struct val v;
	int did = aggset_result(p->sum, sum + 1, NULL, h, &v, e);

	if (none)
		aggset_drop(p->sum, none + 1);
	free(none);
	if (did < 0)
		return -1;
	if (val_type(v) != TYPE_OBJECT && merge_is_of_fields(p->j->merge))
		v = val_obj(obj_set(h, obj_new(h, 1), val_str(SLICE("value")), v));
	buf_clear(&p->value);
	val_write(h, &p->value, v, &style);
	*row = (struct row){ .json = buf_slice(&p->value), .object = val_type(v) == TYPE_OBJECT };
	return 0;
}

/* ---- results */

static struct left left_of(const struct joinrec *r)
{
	struct slice whole = { r->row.json.p, r->row.json.n + 1 };

	return (struct left){ .line = whole,
		              .whole = whole,
		              .json = r->row.json,
		              .names = r->names,
		              .name = r->input,
		              .number = r->row.line };
}

/* A result, or the record that cannot be one. */
static int written(struct pairs *p, const struct joinrec *of, int did, const struct err *why,
                   struct err *e)
{
	struct slice line = { of->row.json.p, of->row.json.n + 1 };

	if (did < 0)
		did = join_bad(p->j, of->input, of->row.line, line, why, e);
	pairs_unread(p);
	heap_reset(&p->j->heap);
	return did;
}

static int take_pair(void *context, struct joinrec *left, struct joinrec *right,
                     const struct span *window, struct err *e)
{
	struct pairs *p = context;
	struct left l;
	struct err why;
	int did;

	if (p->j->args->type == JOIN_ANTI)
		return 0;
	err_clear(&why);
	if (p->sum) {
		did = add_up(p, left, right, &why);
		return did < 0 ? written(p, right, did, &why, e) : 0;
	}
	l = left_of(left);
	p->j->window = window;
	did = p->j->args->type == JOIN_SEMI ? merge_pass(p->j, &l, &why)
	                                    : merge_write(p->j, &l, &right->row, &why);
	return written(p, left, did, &why, e);
}

static int take_settled(void *context, struct joinrec *r, bool matched, const struct span *window,
                        struct err *e)
{
	struct pairs *p = context;
	struct left l;
	struct row row;
	struct err why;
	int did;

	err_clear(&why);
	p->j->window = window;
	if (r->right) {
		if (matched || !p->right)
			return 0;
		did = merge_write(p->j, NULL, &r->row, &why);
		return written(p, r, did, &why, e);
	}
	l = left_of(r);
	if (p->j->args->type == JOIN_ANTI) {
		did = matched ? 0 : merge_pass(p->j, &l, &why);
	} else if (p->sum) {
		if (!matched && !p->alone)
			return 0;
		did = reduced(p, r, &row, &why);
		if (did == 0)
			did = merge_write(p->j, &l, &row, &why);
	} else {
		did = matched || !p->alone ? 0 : merge_write(p->j, &l, NULL, &why);
	}
	return written(p, r, did, &why, e);
}

struct join_sink pairs_sink(struct pairs *p)
{
	return (struct join_sink){ .context = p, .pair = take_pair, .settled = take_settled };
}
