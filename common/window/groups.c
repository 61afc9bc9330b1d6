#include "groups.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "json/valparse.h"
#include "json/valwrite.h"

#include <math.h>
#include <stdlib.h>

/* First bytes of encoded values, in jq's order of types. */
enum { KEY_NULL = 1, KEY_FALSE, KEY_TRUE, KEY_NUMBER, KEY_STRING, KEY_ARRAY, KEY_OBJECT };

struct key {
	struct slice name;
	struct prog *prog;
	struct eval *eval;
	int32_t slot; /* of a mere field, or -1 */
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

static int add_key(struct keys *k, const char *expr, struct plan *plan, struct err *e)
{
	struct expr_setup setup = { .source = { .name = "--by" }, .plan = plan };
	const char *whole = expr;
	struct key *key = &k->key[k->n];
	struct slice name;
	size_t i;

	if (!take_name(&expr, &name))
		return err_set(e, FAIL_USAGE, "--by %s: it needs a name: --by 'NAME=%s'", whole,
		               whole);
	for (i = 0; i < k->n; i++)
		if (slice_same(k->key[i].name, name))
			return err_set(e, FAIL_USAGE,
			               "--by: two keys are called '%.*s'; NAME=EXPR gives one "
			               "another name",
			               (int)name.n, name.p);
	setup.source.text = slice_from(expr);
	*key = (struct key){ .name = name, .prog = expr_compile(&setup, e) };
	if (!key->prog)
		return -1;
	key->slot = expr_slot(key->prog);
	k->n++;
	return 0;
}

struct keys *keys_new(const char *const *exprs, size_t n, struct plan *plan, struct err *e)
{
	struct keys *k = alloc_zero(1, sizeof *k);

	k->key = alloc_zero(n, sizeof *k->key);
	while (k->n < n)
		if (add_key(k, exprs[k->n], plan, e) < 0) {
			keys_free(k);
			return NULL;
		}
	return k;
}

void keys_free(struct keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++) {
		eval_free(k->key[i].eval);
		expr_free(k->key[i].prog);
	}
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

/* ---- encoding */

/* Eight bytes, the most significant first, so that their order is that of the number. */
static void put64(struct buf *b, uint64_t v)
{
	char *to = buf_room(b, 8);

	v = __builtin_bswap64(v);
	memcpy(to, &v, 8);
	b->n += 8;
}

static uint64_t get64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return __builtin_bswap64(v);
}

/* The double in an order-preserving form, then the exact whole number where it is one. */
static void put_number(struct buf *b, struct val v)
{
	double d;
	int64_t whole = 0;
	uint64_t bits;
	bool exact;

	if (v.tag == VAL_LIT) {
		exact = num_read(val_text(v), &d, &whole);
	} else {
		d = v.num;
		exact = false;
	}
	d = d == 0 ? 0 : d; /* -0 is 0 */
	if (!exact && d > -9.2e18 && d < 9.2e18 && d == floor(d)) {
		whole = (int64_t)d;
		exact = true;
	}
	memcpy(&bits, &d, 8);
	put64(b, bits >> 63 ? ~bits : bits | UINT64_C(1) << 63);
	buf_addc(b, exact);
	put64(b, (uint64_t)whole ^ UINT64_C(1) << 63);
}

/* NUL is the end, so that "a" comes before "ab" whatever follows; a NUL inside is escaped. */
static void put_string(struct buf *b, struct slice s)
{
	const char *nul;

	while (s.n && (nul = memchr(s.p, '\0', s.n))) {
		buf_add(b, s.p, (size_t)(nul - s.p) + 1);
		buf_addc(b, '\xFF');
		s.n -= (size_t)(nul - s.p) + 1;
		s.p = nul + 1;
	}
	buf_add_slice(b, s);
	buf_add(b, "\0", 2);
}

static void put_value(struct buf *b, struct heap *h, struct val v)
{
	static const struct val_style sorted = { .sort = true };
	struct buf text = { 0 };

	switch (val_type(v)) {
	case TYPE_NULL:
		buf_addc(b, KEY_NULL);
		return;
	case TYPE_FALSE:
		buf_addc(b, KEY_FALSE);
		return;
	case TYPE_TRUE:
		buf_addc(b, KEY_TRUE);
		return;
	case TYPE_NUMBER:
		buf_addc(b, KEY_NUMBER);
		put_number(b, v);
		return;
	case TYPE_STRING:
		buf_addc(b, KEY_STRING);
		put_string(b, val_slice(h, v));
		return;
	default:
		buf_addc(b, val_type(v) == TYPE_ARRAY ? KEY_ARRAY : KEY_OBJECT);
		val_write(h, &text, v, &sorted);
		put_string(b, buf_slice(&text));
		buf_free(&text);
	}
}

/* A key's value: its first output. */
static int key_value(struct key *key, const struct rec *rec, struct heap *h, struct val *v,
                     struct err *e)
{
	struct buf text = { 0 };
	int got;

	*v = val_of(VAL_NULL);
	if (key->slot >= 0) {
		int32_t k = rec->slot[key->slot];

		if (k >= 0)
			*v = val_from_rec(rec, (uint32_t)k);
		if (k >= 0 || k == SLOT_ABSENT)
			return 0;
	}
	if (!key->eval)
		key->eval = eval_new(key->prog, h, NULL);
	eval_start(key->eval, val_from_rec(rec, 0), rec);
	got = eval_next(key->eval, v);
	if (got >= 0)
		return 0;
	eval_error_text(key->eval, &text);
	err_set(e, FAIL_DATA, "--by: %.*s", (int)text.n, text.p);
	buf_free(&text);
	return -1;
}

int keys_read(struct keys *k, const struct rec *rec, struct heap *h, struct slice *encoded,
              struct err *e)
{
	struct val v;

	buf_clear(&k->bytes);
	for (size_t i = 0; i < k->n; i++) {
		if (key_value(&k->key[i], rec, h, &v, e) < 0)
			return -1;
		put_value(&k->bytes, h, v);
	}
	*encoded = buf_slice(&k->bytes);
	return 0;
}

/* ---- decoding */

static struct val get_number(const char *p, struct heap *h)
{
	uint64_t bits = get64(p);
	double d;

	if (p[8]) {
		struct buf b = { 0 };
		struct val v;

		buf_add_int(&b, (int64_t)(get64(p + 9) ^ UINT64_C(1) << 63));
		v = val_lit((struct slice){ arena_copy(&h->arena, b.p, b.n), b.n });
		buf_free(&b);
		return v;
	}
	bits = bits >> 63 ? bits & ~(UINT64_C(1) << 63) : ~bits;
	memcpy(&d, &bits, 8);
	return val_num(d);
}

/* The string at P; *END is where it ends. */
static struct slice get_string(const char *p, const char **end, struct heap *h)
{
	char *to;
	size_t n = 0;

	for (*end = p; (*end)[0] || (*end)[1]; (*end)++)
		;
	to = arena_alloc(&h->arena, (size_t)(*end - p) + 1);
	for (; p < *end; p++) {
		to[n++] = *p;
		p += *p == '\0'; /* the escape behind it */
	}
	*end += 2;
	return (struct slice){ to, n };
}

void keys_decode(const struct keys *k, struct slice encoded, struct heap *h, struct val *value)
{
	const char *p = encoded.p;
	struct check_fault fault;
	struct slice s;

	for (size_t i = 0; i < k->n; i++) {
		char type = *p++;

		value[i] = val_of(VAL_NULL);
		switch (type) {
		case KEY_FALSE:
		case KEY_TRUE:
			value[i] = val_bool(type == KEY_TRUE);
			break;
		case KEY_NUMBER:
			value[i] = get_number(p, h);
			p += 17;
			break;
		case KEY_STRING:
			value[i] = val_str(get_string(p, &p, h));
			break;
		case KEY_ARRAY:
		case KEY_OBJECT:
			s = get_string(p, &p, h);
			if (val_parse(h, s, &value[i], &fault) < 0)
				value[i] = val_of(VAL_NULL);
			break;
		default:
			break;
		}
	}
}

/* Arrays and objects are the only ones whose bytes do not sort as they do. */
static bool bytes_sort(struct slice s, size_t n)
{
	const char *p = s.p;

	for (; n; n--) {
		char type = *p++;

		if (type == KEY_ARRAY || type == KEY_OBJECT)
			return false;
		if (type == KEY_NUMBER) {
			p += 17;
		} else if (type == KEY_STRING) {
			while (p[0] || p[1])
				p++;
			p += 2;
		}
	}
	return true;
}

int keys_order(const struct keys *k, struct slice a, struct slice b)
{
	struct val *x, *y;
	bool too_deep = false;
	struct heap h;
	int r = 0;

	if (bytes_sort(a, k->n) && bytes_sort(b, k->n))
		return slice_order(a, b);
	heap_init(&h);
	x = arena_array(&h.arena, k->n, sizeof *x);
	y = arena_array(&h.arena, k->n, sizeof *y);
	keys_decode(k, a, &h, x);
	keys_decode(k, b, &h, y);
	for (size_t i = 0; i < k->n && r == 0; i++)
		r = val_order(&h, x[i], y[i], &too_deep);
	heap_free(&h);
	return r;
}

/* ---- groups */

void groups_init(struct groups *g, size_t state_size)
{
	*g = (struct groups){ .state_size = state_size };
	arena_init(&g->arena);
}

struct group *groups_get(struct groups *g, struct slice key, uint64_t hash)
{
	struct group *group = (struct group *)(void *)map_find(&g->map, key, hash);
	char *copy;

	if (group)
		return group;
	group = arena_alloc(&g->arena, sizeof *group + g->state_size + key.n);
	memset(group->state, 0, g->state_size);
	copy = group->state + g->state_size;
	if (key.n)
		memcpy(copy, key.p, key.n);
	group->item = (struct map_item){ hash, copy, (uint32_t)key.n };
	map_add(&g->map, &group->item);
	return group;
}

size_t groups_count(const struct groups *g)
{
	return g->map.used;
}

static int by_key(const void *a, const void *b, void *keys)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;

	return keys_order(keys, (struct slice){ x->item.key, x->item.key_len },
	                  (struct slice){ y->item.key, y->item.key_len });
}

struct group **groups_sorted(const struct groups *g, const struct keys *k, struct heap *h)
{
	struct group **list =
		arena_array(&h->arena, g->map.used ? g->map.used : 1, sizeof(struct group *));
	size_t n = 0;

	for (size_t i = 0; g->map.slot && i <= g->map.mask; i++)
		if (g->map.slot[i])
			list[n++] = (struct group *)(void *)g->map.slot[i];
	qsort_r(list, n, sizeof *list, by_key, (void *)k);
	return list;
}

void groups_free(struct groups *g, void (*drop)(const void *context, void *state),
                 const void *context)
{
	for (size_t i = 0; g->map.slot && i <= g->map.mask; i++)
		if (g->map.slot[i])
			drop(context, ((struct group *)(void *)g->map.slot[i])->state);
	map_free(&g->map);
	arena_free(&g->arena);
}
