#include "groups.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "expr/keyexpr.h"
#include "json/key.h"

#include <endian.h>
#include <stdlib.h>

struct key {
	struct slice name;
	struct keyexpr *expr;
};

struct keys {
	struct key *key;
	size_t n;
	struct buf bytes; /* encoded */
};

/* ---- compiling */

/*
 * The last segment of a path: ".user.id" is id, '.["x y"]' x y. Empty where the expression is no
 * path.
 */
static struct slice path_name(const char *expr)
{
	const char *p = expr, *from = NULL;
	struct slice name = { 0 };

	while (*p == '.') {
		if (p[1] == '[' && p[2] == '"') {
			from = p + 3;
			name = (struct slice){ from, strcspn(from, "\"\\") };
			p = from + name.n;
			if (p[0] != '"' || p[1] != ']')
				return (struct slice){ 0 };
			p += 2;
			continue;
		}
		from = ++p;
		if (*p == '"') {
			from++;
			name = (struct slice){ from, strcspn(from, "\"\\") };
			p = from + name.n;
			if (*p++ != '"')
				return (struct slice){ 0 };
			continue;
		}
		while ((*p | 32) >= 'a' && (*p | 32) <= 'z'
		               ? 1
		               : *p == '_' || (*p >= '0' && *p <= '9' && p > from))
			p++;
		name = (struct slice){ from, (size_t)(p - from) };
	}
	if (*p)
		name.n = 0;
	return name;
}

/* "name=EXPR" taken apart; a path names itself. False where there is no name. */
static bool take_name(const char **expr, struct slice *name)
{
	const char *p = *expr;
	size_t n = 0;

	while (((p[n] | 32) >= 'a' && (p[n] | 32) <= 'z') || p[n] == '_' ||
	       (n && p[n] >= '0' && p[n] <= '9'))
		n++;
	if (n && p[n] == '=' && p[n + 1] != '=') {
		*name = (struct slice){ p, n };
		*expr = p + n + 1;
		return true;
	}
	*name = path_name(p);
	return name->n > 0;
}

static int add_key(struct keys *k, const char *expr, struct plan *plan,
                   const struct expr_vars *vars, struct err *e)
{
	const char *whole = expr;
	struct key *key = &k->key[k->n];
	struct slice name;
	size_t i;

	if (!take_name(&expr, &name))
		return err_set(e, FAIL_USAGE, "--by %s: it needs a name: --by 'NAME=%s'", whole,
		               whole);
	for (i = 0; i < k->n; i++)
		if (slice_same(k->key[i].name, name))
			return err_set(e, FAIL_COMPILE,
			               "--by: two keys are called '%.*s'; NAME=EXPR gives one "
			               "another name",
			               (int)name.n, name.p);
	*key = (struct key){ .name = name, .expr = keyexpr_new("--by", expr, plan, vars, e) };
	if (!key->expr)
		return -1;
	k->n++;
	return 0;
}

struct keys *keys_new(const char *const *exprs, size_t n, struct plan *plan,
                      const struct expr_vars *vars, struct err *e)
{
	struct keys *k = alloc_zero(1, sizeof *k);

	k->key = alloc_zero(n, sizeof *k->key);
	while (k->n < n)
		if (add_key(k, exprs[k->n], plan, vars, e) < 0) {
			keys_free(k);
			return NULL;
		}
	return k;
}

void keys_free(struct keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++)
		keyexpr_free(k->key[i].expr);
	free(k->key);
	buf_free(&k->bytes);
	free(k);
}

size_t keys_count(const struct keys *k)
{
	return k->n;
}

struct slice keys_name(const struct keys *k, size_t i)
{
	return k->key[i].name;
}

int keys_read(struct keys *k, const struct rec *rec, struct heap *h, struct slice *encoded,
              struct err *e)
{
	buf_clear(&k->bytes);
	for (size_t i = 0; i < k->n; i++)
		if (keyexpr_read(k->key[i].expr, val_from_rec(rec, 0), rec, h, &k->bytes, e) < 0)
			return -1;
	*encoded = buf_slice(&k->bytes);
	return 0;
}

void keys_decode(const struct keys *k, struct slice encoded, struct heap *h, struct val *value)
{
	const char *p = encoded.p;

	for (size_t i = 0; i < k->n; i++)
		p = key_get(p, h, &value[i]);
}

/* ---- groups */

#define SORT_FEW 256               /* fewer are sorted by comparing */
#define BLOCK    ((size_t)1 << 20) /* of a table's memory at most: little of it is not in use */
#define AHEAD    16 /* slots whose groups come into the cache while others are read */

void groups_init(struct groups *g, size_t state_size)
{
	*g = (struct groups){ .state_size = state_size };
	arena_init(&g->arena);
	g->arena.most = BLOCK;
}

struct group *groups_get(struct groups *g, struct slice key, uint64_t hash)
{
	struct group *group = (struct group *)(void *)map_find(&g->map, key, hash);
	size_t room = (key.n + 15) & ~(size_t)15;
	char *copy;

	if (group) {
		groups_expect(g, group);
		return group;
	}
	copy = arena_alloc(&g->arena, room + sizeof *group + g->state_size);
	group = (struct group *)(void *)(copy + room);
	memset(group->state, 0, g->state_size);
	if (key.n)
		memcpy(copy, key.p, key.n);
	group->item = (struct map_item){ hash, copy, (uint32_t)key.n };
	map_add(&g->map, &group->item);
	return group;
}

void groups_expect(const struct groups *g, const struct group *group)
{
	const char *p = (const char *)group, *end = group->state + g->state_size;

	for (; p < end; p += 64)
		__builtin_prefetch(p);
}

struct group *groups_find(const struct groups *g, struct slice key, uint64_t hash)
{
	return (struct group *)(void *)map_find(&g->map, key, hash);
}

void groups_each(const struct groups *g, void (*what)(void *context, struct group *g),
                 void *context)
{
	for (size_t i = 0; i < map_slots(&g->map); i++)
		if (map_at(&g->map, i))
			what(context, (struct group *)(void *)map_at(&g->map, i));
}

size_t groups_memory(const struct groups *g)
{
	return arena_held(&g->arena) + map_memory(&g->map);
}

size_t groups_count(const struct groups *g)
{
	return g->map.used;
}

/* A group, and the first eight bytes of its key as a number of their order. */
struct ranked {
	uint64_t prefix;
	struct group *group;
};

static uint64_t prefix_of(const struct group *g)
{
	uint64_t v = 0;

	memcpy(&v, g->item.key, g->item.key_len < sizeof v ? g->item.key_len : sizeof v);
	return htobe64(v);
}

static int by_key(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	return slice_order((struct slice){ x->group->item.key, x->group->item.key_len },
	                   (struct slice){ y->group->item.key, y->group->item.key_len });
}

/*
 * Sort by the prefixes alone, from the last byte to the first (radix sort); a byte that is the same
 * in all needs no pass. The sorted list is returned, LIST or ROOM.
 */
static struct ranked *sort_prefixes(struct ranked *list, struct ranked *room, size_t n)
{
	uint64_t all = ~UINT64_C(0), any = 0;

	for (size_t i = 0; i < n; i++) {
		all &= list[i].prefix;
		any |= list[i].prefix;
	}
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t at[256] = { 0 }, sum = 0;
		struct ranked *swap = list;

		if (!((all ^ any) >> shift & 0xFF))
			continue;
		for (size_t i = 0; i < n; i++)
			at[list[i].prefix >> shift & 0xFF]++;
		for (size_t i = 0; i < 256; i++) {
			size_t count = at[i];

			at[i] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			room[at[list[i].prefix >> shift & 0xFF]++] = list[i];
		list = room;
		room = swap;
	}
	return list;
}

size_t groups_sorting(size_t n)
{
	return n * (sizeof(struct group *) + 2 * sizeof(struct ranked));
}

/* Sort by prefix, then those of one prefix by the rest. */
static struct ranked *sort_many(struct ranked *list, struct ranked *room, size_t n)
{
	size_t from = 0;

	list = sort_prefixes(list, room, n);
	for (size_t i = 1; i <= n; i++) {
		if (i < n && list[i].prefix == list[from].prefix)
			continue;
		if (i - from > 1)
			qsort(list + from, i - from, sizeof *list, by_key);
		from = i;
	}
	return list;
}

/* All groups, in no order; those that come next are let into the cache. */
static void list_groups(const struct groups *g, struct ranked *list)
{
	size_t n = 0, slots = map_slots(&g->map);

	for (size_t i = 0; i < slots; i++) {
		struct group *group = (struct group *)(void *)map_at(&g->map, i);

		if (i + AHEAD < slots)
			__builtin_prefetch(map_at(&g->map, i + AHEAD));
		if (group)
			list[n++] = (struct ranked){ prefix_of(group), group };
	}
}

struct group **groups_sorted(const struct groups *g, struct heap *h)
{
	size_t n = g->map.used;
	struct group **list = arena_array(&h->arena, n + 1, sizeof(struct group *));
	struct ranked *ranked = arena_array(&h->arena, 2 * n + 1, sizeof *ranked);

	list_groups(g, ranked);
	if (n < SORT_FEW)
		qsort(ranked, n, sizeof *ranked, by_key);
	else
		ranked = sort_many(ranked, ranked + n, n);
	for (size_t i = 0; i < n; i++)
		list[i] = ranked[i].group;
	return list;
}

static void drop_states(const struct groups *g, void (*drop)(const void *context, void *state),
                        const void *context)
{
	for (size_t i = 0; i < map_slots(&g->map); i++)
		if (map_at(&g->map, i))
			drop(context, ((struct group *)(void *)map_at(&g->map, i))->state);
}

void groups_empty(struct groups *g, void (*drop)(const void *context, void *state),
                  const void *context)
{
	drop_states(g, drop, context);
	map_clear(&g->map);
	arena_reset(&g->arena);
}

void groups_free(struct groups *g, void (*drop)(const void *context, void *state),
                 const void *context)
{
	drop_states(g, drop, context);
	map_free(&g->map);
	arena_free(&g->arena);
}
