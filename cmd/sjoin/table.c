/* The join with a table: it is read first, then left records are looked up in it. */
#include "sjoin.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <stdlib.h>

#define AHEAD 16 /* records that are looked up together */

/* ---- the left side */

/* Records that are held back, to be looked up together: the waits for memory are what it takes. */
struct ahead {
	struct left left[AHEAD];
	struct slice key[AHEAD]; /* p is NULL: it matches nothing */
	uint64_t hash[AHEAD];
	struct buf bytes[AHEAD]; /* keys */
	int32_t *slot;           /* of all of them */
	size_t slots, n;
};

static void ahead_init(struct join *j)
{
	size_t slots = j->plan[SIDE_LEFT].n;
	struct ahead *h;

	if (!merge_is_textual(j->merge) || j->match || j->disk)
		return;
	h = j->ahead = alloc_zero(1, sizeof *h);
	h->slots = slots;
	h->slot = alloc_array(AHEAD * slots, sizeof *h->slot);
}

static void ahead_free(struct ahead *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < AHEAD; i++)
		buf_free(&h->bytes[i]);
	free(h->slot);
	free(h);
}

/* The row behind ROW of its key, or NULL. */
static int next_row(struct join *j, struct row **row, struct err *e)
{
	if (j->disk)
		return disktable_next(j->disk, row, e);
	*row = (*row)->next;
	return 0;
}

/* Write a record with each of its rows, ROW the first of them. */
static int write_matches(struct join *j, const struct left *left, struct row *row, struct err *e)
{
	do {
		row->matched = true;
		if (merge_write(j, left, row, e) < 0 || next_row(j, &row, e) < 0)
			return -1;
	} while (row);
	return 0;
}

static int write_joined(struct join *j, const struct left *left, struct row *row, struct err *e)
{
	switch ((enum join_type)j->args->type) {
	case JOIN_SEMI:
		return row ? merge_pass(j, left, e) : 0;
	case JOIN_ANTI:
		return row ? 0 : merge_pass(j, left, e);
	case JOIN_LEFT:
	case JOIN_FULL:
		return row ? write_matches(j, left, row, e) : merge_write(j, left, NULL, e);
	default:
		return row ? write_matches(j, left, row, e) : 0;
	}
}

static int bad_record(struct join *j, const struct left *left, const struct err *why, struct err *e)
{
	return join_bad(j, left->name, left->number, left->line, why, e);
}

/* Take what is held back. */
static int drain(void *context, struct err *e)
{
	struct join *j = context;
	struct ahead *h = j->ahead;
	struct row_chain *chain[AHEAD];
	struct err why;
	int did = 0;

	if (!h)
		return 0;
	jointable_find_all(j->table, h->key, h->hash, chain, h->n);
	for (size_t i = 0; i < h->n && did == 0; i++) {
		err_clear(&why);
		if (write_joined(j, &h->left[i], chain[i] ? chain[i]->first : NULL, &why) < 0)
			did = bad_record(j, &h->left[i], &why, e);
		heap_reset(&j->heap);
	}
	h->n = 0;
	j->frame.holds = false;
	return did;
}

/* Hold a record back, whose text stays until the input's buffer changes; KEY, which does not, is
 * copied. */
static int hold(struct join *j, const struct left *left, struct slice key, struct err *e)
{
	struct ahead *h = j->ahead;
	size_t i = h->n++;
	int32_t *slot = h->slot + i * h->slots;

	memcpy(slot, left->slot, h->slots * sizeof *slot);
	h->left[i] = *left;
	h->left[i].slot = slot;
	h->left[i].rec = NULL;
	buf_clear(&h->bytes[i]);
	if (key.p)
		buf_add_slice(&h->bytes[i], key);
	h->key[i] = key.n ? buf_slice(&h->bytes[i]) : key;
	h->hash[i] = key.p ? hash_bytes(key.p, key.n) : 0;
	j->frame.holds = true;
	return h->n == AHEAD ? drain(j, e) : 0;
}

/* Join the record read last by itself. */
static int join_alone(struct join *j, const struct left *left, struct slice key, struct err *e)
{
	struct row_chain *c;
	struct row *row = NULL;

	if (key.p && j->match)
		row = tablematch_find(j->match, key, joinkeys_last(j->keys), &j->heap);
	else if (key.p && j->disk && disktable_find(j->disk, key, &row, e) < 0)
		return -1;
	else if (key.p && !j->disk && (c = jointable_find(j->table, key, hash_bytes(key.p, key.n))))
		row = c->first;
	return write_joined(j, left, row, e);
}

static int join_record(struct join *j, const struct record *r, struct err *e)
{
	struct source *s = j->frame.source;
	struct left left = { .line = r->line,
		             .whole = r->json,
		             .json = { r->json.p, r->json.n - 1 },
		             .slot = r->rec.slot,
		             .rec = &r->rec,
		             .name = source_name(s),
		             .number = source_line(s) };
	struct slice key;
	struct err why;
	int did;

	err_clear(&why);
	did = joinkeys_read(j->keys, SIDE_LEFT, &r->rec, &j->heap, &key, &why);
	if (did == 0)
		key = (struct slice){ 0 };
	if (did >= 0 && j->ahead && r->json.p == r->line.p)
		return hold(j, &left, key, e);
	if (j->frame.holds && drain(j, e) < 0)
		return -1;
	if (did >= 0)
		did = join_alone(j, &left, key, &why);
	return did < 0 ? bad_record(j, &left, &why, e) : 0;
}

/* The first row that nothing matched, or the next one behind *ROW; NULL at the end. */
static int next_left_over(struct join *j, struct row **row, struct err *e)
{
	if (j->disk)
		return disktable_rest(j->disk, row, e);
	do
		*row = *row ? (*row)->later : jointable_first(j->table);
	while (*row && (*row)->matched);
	return 0;
}

/* right, full: the rows that nothing matched. */
static int write_rest(struct join *j, struct err *e)
{
	struct row *row = NULL;
	struct err why;
	int did = 0;

	if (j->args->type != JOIN_RIGHT && j->args->type != JOIN_FULL)
		return 0;
	while (did == 0 && (did = next_left_over(j, &row, e)) == 0 && row) {
		err_clear(&why);
		if (merge_write(j, NULL, row, &why) < 0)
			did = join_bad(j, "the table", row->line, (struct slice){ 0 }, &why, e);
		heap_reset(&j->heap);
	}
	return did;
}

static int loop(struct join *j, struct err *e)
{
	struct frame *f = &j->frame;
	struct record r;
	int got, did = 0;

	f->drain = drain;
	f->drained = j;
	f->look = loader_before_refill;
	f->out.context = j;
	while (did == 0 && (got = frame_next(f, -1, &r, e)) != GOT_END) {
		if (got == GOT_ERROR)
			return -1;
		if (got != GOT_RECORD && f->holds && drain(j, e) < 0)
			return -1;
		if (got == GOT_CONTROL)
			did = frame_pass_control(f, r.line, e);
		if (got == GOT_RECORD && j->refilled)
			loader_look(j);
		if (got == GOT_RECORD)
			did = join_record(j, &r, e);
		heap_reset(&j->heap);
	}
	if (did == 0 && f->holds)
		did = drain(j, e);
	return did < 0 ? -1 : write_rest(j, e);
}

int tablejoin_run(struct join *j, const struct decode_opts *decode, const char *const *operand,
                  size_t operands, struct err *e)
{
	if (loader_read(j, operand[0], e) < 0 ||
	    frame_inputs(&j->frame, decode, operand + 1, operands - 1, &j->plan[SIDE_LEFT], e) < 0)
		return -1;
	ahead_init(j);
	return loop(j, e);
}

void tablejoin_stats(const struct join *j, FILE *to)
{
	if (j->disk)
		frame_stat(to, "rows", disktable_rows(j->disk));
	else if (j->table)
		frame_stat(to, "rows", jointable_rows(j->table));
}

void tablejoin_free(struct join *j)
{
	ahead_free(j->ahead);
	loader_free(j);
}
