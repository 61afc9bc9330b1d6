#include "tablematch.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/ip.h"
#include "json/key.h"

#include <stdlib.h>

/* A row's range, of MATCH_BETWEEN. */
struct range {
	struct slice exact;
	struct slice from, to; /* as keys; p is NULL: no bound */
	struct row *row;
	size_t number;  /* in the order of the table */
	size_t reaches; /* of the ranges in this branch, the one that ends last */
};

/* The ranges of one exact key: range[first .. first + n). */
struct range_group {
	struct map_item item;
	size_t first, n;
};

struct tablematch {
	enum match_kind kind;
	enum matches pick;
	struct jointable *table;
	/* the lengths there are, ascending: bits of networks, bytes of prefixes */
	size_t *length;
	size_t lengths, length_cap;
	struct range *range;
	size_t ranges, range_cap;
	struct range_group *group;
	struct map groups;
	struct arena arena;
	struct buf key;
	/* of a search */
	struct row *first, **last;
	const struct range *best;
};

struct tablematch *tablematch_new(enum match_kind kind, enum matches pick, struct jointable *t)
{
	struct tablematch *m = alloc_zero(1, sizeof *m);

	m->kind = kind;
	m->pick = pick;
	m->table = t;
	arena_init(&m->arena);
	return m;
}

void tablematch_free(struct tablematch *m)
{
	if (!m)
		return;
	free(m->length);
	free(m->range);
	free(m->group);
	map_free(&m->groups);
	arena_free(&m->arena);
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

/* A bound as a key that stays. */
static int bound(struct tablematch *m, struct val v, struct heap *h, struct slice *to)
{
	*to = (struct slice){ 0 };
	if (val_type(v) == TYPE_NULL)
		return 0;
	buf_clear(&m->key);
	if (key_put(&m->key, h, v) < 0)
		return -1;
	*to = (struct slice){ arena_copy(&m->arena, m->key.p, m->key.n), m->key.n };
	return 0;
}

static int add_range(struct tablematch *m, struct slice exact, struct val last, struct heap *h,
                     struct err *e)
{
	struct range *r;

	last = val_force(h, last);
	if (last.tag != VAL_ARR || last.arr->n != 2)
		return err_set(e, FAIL_DATA, "--match between: the row's key is no [from, to]");
	m->range = alloc_grow(m->range, &m->range_cap, m->ranges + 1, sizeof *m->range);
	r = &m->range[m->ranges];
	*r = (struct range){ .number = m->ranges };
	if (bound(m, last.arr->at[0], h, &r->from) < 0 || bound(m, last.arr->at[1], h, &r->to) < 0)
		return err_set(e, FAIL_DATA, "--match between: a bound is nested too deeply");
	r->exact = (struct slice){ arena_copy(&m->arena, exact.p, exact.n), exact.n };
	m->ranges++;
	return 0;
}

int tablematch_add(struct tablematch *m, struct slice exact, struct val last, struct val v,
                   uint64_t line, struct heap *h, struct err *e)
{
	if (m->kind == MATCH_BETWEEN) {
		if (add_range(m, exact, last, h, e) < 0)
			return -1;
		m->range[m->ranges - 1].row = jointable_add(m->table, exact, v, line, h);
		return 0;
	}
	buf_clear(&m->key);
	buf_add_slice(&m->key, exact);
	if (m->kind == MATCH_CIDR ? put_cidr(m, last, h, e) < 0 : put_prefix(m, last, h, e) < 0)
		return -1;
	jointable_add(m->table, m->key.n ? buf_slice(&m->key) : SLICE(""), v, line, h);
	return 0;
}

/* ---- ranges as a tree: the root of [lo, hi) is its middle */

/* No bound is below all where a range begins, above all where it ends. */
static int order_from(struct slice a, struct slice b)
{
	return !a.p || !b.p ? (a.p != NULL) - (b.p != NULL) : slice_order(a, b);
}

static int order_to(struct slice a, struct slice b)
{
	return !a.p || !b.p ? (a.p == NULL) - (b.p == NULL) : slice_order(a, b);
}

static int by_exact_and_from(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	int order = slice_order(x->exact, y->exact);

	order = order ? order : order_from(x->from, y->from);
	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static size_t set_reach(struct tablematch *m, size_t lo, size_t hi)
{
	size_t mid = lo + (hi - lo) / 2, most = mid, one;

	if (lo < mid) {
		one = set_reach(m, lo, mid);
		most = order_to(m->range[one].to, m->range[most].to) > 0 ? one : most;
	}
	if (mid + 1 < hi) {
		one = set_reach(m, mid + 1, hi);
		most = order_to(m->range[one].to, m->range[most].to) > 0 ? one : most;
	}
	return m->range[mid].reaches = most;
}

void tablematch_loaded(struct tablematch *m)
{
	size_t groups = 0;

	qsort(m->range, m->ranges, sizeof *m->range, by_exact_and_from);
	m->group = alloc_array(m->ranges + 1, sizeof *m->group);
	for (size_t i = 0, n; i < m->ranges; i += n) {
		struct slice exact = m->range[i].exact;
		struct range_group *g = &m->group[groups++];

		for (n = 1; i + n < m->ranges && slice_same(m->range[i + n].exact, exact);)
			n++;
		*g = (struct range_group){ .item = { hash_bytes(exact.p, exact.n), exact.p,
			                             (uint32_t)exact.n },
			                   .first = i,
			                   .n = n };
		map_add(&m->groups, &g->item);
		set_reach(m, i, i + n);
	}
}

/* ---- looking */

static void take_row(struct tablematch *m, struct row *row, struct heap *h)
{
	struct row *copy = arena_alloc(&h->arena, sizeof *copy);

	row->matched = true;
	*copy = *row;
	copy->next = NULL;
	*m->last = copy;
	m->last = &copy->next;
}

static bool is_better(const struct tablematch *m, const struct range *r)
{
	const struct range *best = m->best;
	int order;

	if (!best)
		return true;
	if (m->pick == MATCHES_FIRST)
		return r->number < best->number;
	if (m->pick == MATCHES_LAST)
		return r->number > best->number;
	order = order_from(r->from, best->from);
	order = order ? order : order_to(best->to, r->to);
	return order > 0;
}

static void take_range(struct tablematch *m, const struct range *r, struct slice x, struct heap *h)
{
	/* values of another type lie between no bounds */
	if ((r->from.p && *r->from.p != *x.p) || (r->to.p && *r->to.p != *x.p))
		return;
	if (m->pick == MATCHES_ALL)
		take_row(m, r->row, h);
	else if (is_better(m, r))
		m->best = r;
}

static void search(struct tablematch *m, size_t lo, size_t hi, struct slice x, struct heap *h)
{
	size_t mid = lo + (hi - lo) / 2;
	const struct range *r = &m->range[mid];

	if (lo >= hi || order_to(m->range[r->reaches].to, x) < 0)
		return;
	search(m, lo, mid, x, h);
	if (r->from.p && slice_order(r->from, x) > 0)
		return;
	if (order_to(r->to, x) >= 0)
		take_range(m, r, x, h);
	search(m, mid + 1, hi, x, h);
}

static void find_range(struct tablematch *m, struct slice exact, struct val last, struct heap *h)
{
	const struct range_group *g = (const struct range_group *)(const void *)map_find(
		&m->groups, exact, hash_bytes(exact.p, exact.n));

	buf_clear(&m->key);
	if (!g || key_put(&m->key, h, last) < 0)
		return;
	m->best = NULL;
	search(m, g->first, g->first + g->n, buf_slice(&m->key), h);
	if (m->best)
		take_row(m, m->best->row, h);
}

/* The rows under the key in hand: all, or the one that is better than the one found. */
static void take_chain(struct tablematch *m, struct row **best, struct heap *h)
{
	struct slice key = m->key.n ? buf_slice(&m->key) : SLICE("");
	const struct row_chain *c = jointable_find(m->table, key, hash_bytes(key.p, key.n));

	for (struct row *row = c ? c->first : NULL; row; row = row->next)
		if (m->pick == MATCHES_ALL)
			take_row(m, row, h);
		else if (!*best || (m->pick == MATCHES_FIRST && row->time < (*best)->time) ||
		         (m->pick == MATCHES_LAST && row->time > (*best)->time))
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
		if (m->kind == MATCH_PREFIX && m->length[i] > s.n)
			continue;
		buf_clear(&m->key);
		buf_add_slice(&m->key, exact);
		if (m->kind == MATCH_CIDR)
			put_network(&m->key, &ip, (int)m->length[i]);
		else
			buf_add(&m->key, s.p, m->length[i]);
		take_chain(m, &best, h);
		if (best && m->pick == MATCHES_LONGEST)
			break;
	}
	if (best)
		take_row(m, best, h);
}

struct row *tablematch_find(struct tablematch *m, struct slice exact, struct val last,
                            struct heap *h)
{
	m->first = NULL;
	m->last = &m->first;
	if (m->kind == MATCH_BETWEEN)
		find_range(m, exact, last, h);
	else
		find_by_length(m, exact, last, h);
	return m->first;
}
