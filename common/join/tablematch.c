#include "tablematch.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/ip.h"
#include "ranges.h"

#include <stdlib.h>

struct tablematch {
	enum match_kind kind;
	enum matches pick;
	struct jointable *table;
	/* the lengths there are, ascending: bits of networks, bytes of prefixes */
	size_t *length;
	size_t lengths, length_cap;
	struct ranges *ranges; /* MATCH_BETWEEN */
	struct buf key;
	/* of a search */
	struct row *first, **last;
	struct heap *heap;
};

struct tablematch *tablematch_new(enum match_kind kind, enum matches pick, struct jointable *t)
{
	struct tablematch *m = alloc_zero(1, sizeof *m);

	m->kind = kind;
	m->pick = pick;
	m->table = t;
	if (kind == MATCH_BETWEEN)
		m->ranges = ranges_new(pick);
	return m;
}

void tablematch_free(struct tablematch *m)
{
	if (!m)
		return;
	free(m->length);
	ranges_free(m->ranges);
	buf_free(&m->key);
	free(m);
}

/* ---- the table */

static void note_length(struct tablematch *m, size_t n)
{
	size_t i = m->lengths;

	while (i && m->length[i - 1] > n)
		i--;
	if (i && m->length[i - 1] == n)
		return;
	m->length = alloc_grow(m->length, &m->length_cap, m->lengths + 1, sizeof *m->length);
	memmove(m->length + i + 1, m->length + i, (m->lengths++ - i) * sizeof *m->length);
	m->length[i] = n;
}

/* Append the first BITS bits of an address, the rest zero. */
static void put_network(struct buf *b, const struct ip *ip, int bits)
{
	struct ip base = *ip;

	for (int i = 0; i < 16; i++) {
		int left = bits - 8 * i;

		if (left < 8)
			base.byte[i] &= (uint8_t)(left <= 0 ? 0 : 0xFF00 >> left);
	}
	buf_addc(b, (char)bits);
	buf_add(b, (const char *)base.byte, sizeof base.byte);
}

static int put_cidr(struct tablematch *m, struct val last, struct heap *h, struct err *e)
{
	struct ip_block block;

	if (val_type(last) != TYPE_STRING || ip_parse_block(val_slice(h, last), &block) < 0)
		return err_set(e, FAIL_DATA,
		               "--match cidr: the row's key is no network like "
		               "10.0.0.0/8 or 2001:db8::/32");
	put_network(&m->key, &block.base, block.bits);
	note_length(m, (size_t)block.bits);
	return 0;
}

static int put_prefix(struct tablematch *m, struct val last, struct heap *h, struct err *e)
{
	struct slice s;

	if (val_type(last) != TYPE_STRING)
		return err_set(e, FAIL_DATA, "--match prefix: the row's key is %s, not a string",
		               val_type_name(last));
	s = val_slice(h, last);
	buf_add_slice(&m->key, s);
	note_length(m, s.n);
	return 0;
}

static int add_range(struct tablematch *m, struct slice exact, struct val last, struct val v,
                     uint64_t line, struct heap *h, struct err *e)
{
	struct row **to;

	last = val_force(h, last);
	if (last.tag != VAL_ARR || last.arr->n != 2)
		return err_set(e, FAIL_DATA, "--match between: the row's key is no [from, to]");
	to = ranges_add(m->ranges, exact, last.arr->at[0], last.arr->at[1], h, e);
	if (!to)
		return err_at(e, "--match between");
	*to = jointable_add(m->table, exact, v, line, h);
	return 0;
}

int tablematch_add(struct tablematch *m, struct slice exact, struct val last, struct val v,
                   uint64_t line, struct heap *h, struct err *e)
{
	if (m->kind == MATCH_BETWEEN)
		return add_range(m, exact, last, v, line, h, e);
	buf_clear(&m->key);
	buf_add_slice(&m->key, exact);
	if (m->kind == MATCH_CIDR ? put_cidr(m, last, h, e) < 0 : put_prefix(m, last, h, e) < 0)
		return -1;
	jointable_add(m->table, m->key.n ? buf_slice(&m->key) : SLICE(""), v, line, h);
	return 0;
}

void tablematch_loaded(struct tablematch *m)
{
	if (m->ranges)
		ranges_loaded(m->ranges);
}

/* ---- looking */

static void take_row(void *context, struct row *row)
{
	struct tablematch *m = context;
	struct row *copy = arena_alloc(&m->heap->arena, sizeof *copy);

	row->matched = true;
	*copy = *row;
	copy->next = NULL;
	*m->last = copy;
	m->last = &copy->next;
}

/* The rows under the key in hand: all, or the one that is better than the one found. */
static void take_chain(struct tablematch *m, struct row **best)
{
	struct slice key = m->key.n ? buf_slice(&m->key) : SLICE("");
	const struct row_chain *c = jointable_find(m->table, key, hash_bytes(key.p, key.n));
	struct row *row = c ? c->first : NULL;

	if (m->pick == MATCHES_ALL) {
		for (; row; row = row->next)
			take_row(m, row);
		return;
	}
	if (m->pick == MATCHES_LAST)
		row = c ? c->last : NULL;
	if (row && (!*best || (m->pick == MATCHES_FIRST && row->time < (*best)->time) ||
	            (m->pick == MATCHES_LAST && row->time > (*best)->time)))
		*best = row;
}

static void find_by_length(struct tablematch *m, struct slice exact, struct val last,
                           struct heap *h)
{
	struct slice s;
	struct ip ip;
	struct row *best = NULL;

	if (val_type(last) != TYPE_STRING)
		return;
	s = val_slice(h, last);
	if (m->kind == MATCH_CIDR && ip_parse(s, &ip) < 0)
		return;
	for (size_t i = m->lengths; i--;) {
		if (m->kind == MATCH_CIDR && m->length[i] < 96 && ip_is_v4(&ip))
			break;
		if (m->kind == MATCH_PREFIX && m->length[i] > s.n)
			continue;
		buf_clear(&m->key);
		buf_add_slice(&m->key, exact);
		if (m->kind == MATCH_CIDR)
			put_network(&m->key, &ip, (int)m->length[i]);
		else
			buf_add(&m->key, s.p, m->length[i]);
		take_chain(m, &best);
		if (best && m->pick == MATCHES_LONGEST)
			break;
	}
	if (best)
		take_row(m, best);
}

struct row *tablematch_find(struct tablematch *m, struct slice exact, struct val last,
                            struct heap *h)
{
	m->first = NULL;
	m->last = &m->first;
	m->heap = h;
	if (m->kind == MATCH_BETWEEN)
		ranges_find(m->ranges, exact, last, h, take_row, m);
	else
		find_by_length(m, exact, last, h);
	return m->first;
}
