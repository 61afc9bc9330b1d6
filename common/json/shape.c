#include "shape.h"

#include "base/alloc.h"
#include "jstring.h"

#include <stdlib.h>

#define SHAPE_MAX    4096              /* structurals; longer records are walked each time */
#define SHAPES_BYTES ((size_t)1 << 20) /* all shapes together */
#define PAUSE        4096              /* records, where shapes do not recur */

void shapes_init(struct shapes *s, const struct plan *plan)
{
	*s = (struct shapes){ .plan = plan };
}

static void drop_all(struct shapes *s)
{
	for (size_t i = 0; i < SHAPE_BUCKETS; i++) {
		while (s->bucket[i]) {
			struct shape *next = s->bucket[i]->chain;

			free(s->bucket[i]);
			s->bucket[i] = next;
		}
	}
	s->last = NULL;
	s->kept = s->bytes = 0;
}

void shapes_free(struct shapes *s)
{
	drop_all(s);
}

/* ---- resolving */

static struct slice key_text(const struct rec *r, uint32_t k)
{
	struct slice v = rec_value(r, k);

	return (struct slice){ v.p + 1, v.n - 2 };
}

/* The child of NODE that an object's key names, or -1. */
static int32_t child_by_key(const struct plan *plan, int32_t node, struct slice raw)
{
	int32_t c;

	for (c = plan->node[node].first; c >= 0; c = plan->node[c].next)
		if (plan->node[c].key.p && jstring_equals(raw, plan->node[c].key))
			return c;
	return -1;
}

static int32_t child_by_index(const struct plan *plan, int32_t node, uint32_t index)
{
	int32_t c;

	for (c = plan->node[node].first; c >= 0; c = plan->node[c].next)
		if (!plan->node[c].key.p && plan->node[c].index == index)
			return c;
	return -1;
}

static void resolve_object(const struct plan *plan, const struct rec *r, int32_t node, uint32_t k,
                           int32_t *slot)
{
	uint32_t end = r->skip[k];

	for (k++; k < end; k = rec_after(r, k + 2) + 1) {
		int32_t c = child_by_key(plan, node, key_text(r, k));

		if (c >= 0)
			slot[c] = (int32_t)(k + 2);
	}
}

static void resolve_array(const struct plan *plan, const struct rec *r, int32_t node, uint32_t k,
                          int32_t *slot)
{
	uint32_t end = r->skip[k], index = 0;

	for (k++; k < end; k = rec_after(r, k) + 1, index++) {
		int32_t c = child_by_index(plan, node, index);

		if (c >= 0)
			slot[c] = (int32_t)k;
	}
}

/*
 * The children of NODE, whose value is number K or not there (K < 0). Plans are as deep as
 * programs' paths.
 */
static void resolve(const struct plan *plan, const struct rec *r, int32_t node, int32_t k,
                    int32_t *slot)
{
	uint8_t cls = k >= 0 ? r->cls[k] : CLASS_BAD;
	int32_t c;

	for (c = plan->node[node].first; c >= 0; c = plan->node[c].next) {
		bool fits = plan->node[c].key.p ? cls == CLASS_OPEN_OBJ : cls == CLASS_OPEN_ARR;

		slot[c] = fits ? SLOT_ABSENT : SLOT_ODD;
	}
	if (cls == CLASS_OPEN_OBJ)
		resolve_object(plan, r, node, (uint32_t)k, slot);
	else if (cls == CLASS_OPEN_ARR)
		resolve_array(plan, r, node, (uint32_t)k, slot);
	for (c = plan->node[node].first; c >= 0; c = plan->node[c].next)
		if (plan->node[c].first >= 0)
			resolve(plan, r, c, slot[c], slot);
}

void shapes_resolve(const struct shapes *s, const struct rec *r, int32_t *slot)
{
	slot[0] = 0;
	if (s->plan->n > 1)
		resolve(s->plan, r, 0, 0, slot);
}

/* ---- keeping */

static bool has_key_child(const struct plan *plan, int32_t node)
{
	int32_t c;

	for (c = plan->node[node].first; c >= 0; c = plan->node[c].next)
		if (plan->node[c].key.p)
			return true;
	return false;
}

/* Keys of one object, counted (KEY is NULL) or noted. */
static uint32_t note_keys(const struct rec *r, uint32_t k, struct shape_key *key, size_t *bytes)
{
	uint32_t end = r->skip[k], n = 0;

	for (k++; k < end; k = rec_after(r, k + 2) + 1, n++) {
		struct slice t = key_text(r, k);
		uint32_t size = (uint32_t)t.n + 1;
		unsigned lo = size < 8 ? size : 8, hi = size < 16 ? size - lo : 8;

		*bytes += size;
		if (!key)
			continue;
		key[n] = (struct shape_key){ .at = k, .size = size, .text = t.p };
		key[n].mlo = lo == 8 ? ~UINT64_C(0) : (UINT64_C(1) << 8 * lo) - 1;
		key[n].mhi = hi == 8 ? ~UINT64_C(0) : (UINT64_C(1) << 8 * hi) - 1;
		memcpy(&key[n].lo, t.p, lo);
		memcpy(&key[n].hi, t.p + lo, hi);
	}
	return n;
}

/* The keys of all objects that the plan looks into. */
static uint32_t relevant_keys(const struct shapes *s, const struct rec *r, struct shape_key *key,
                              size_t *bytes)
{
	uint32_t n = 0;

	*bytes = 0;
	for (size_t i = 0; i < s->plan->n; i++) {
		int32_t k = i ? r->slot[i] : 0;

		if (k >= 0 && r->cls[k] == CLASS_OPEN_OBJ && has_key_child(s->plan, (int32_t)i))
			n += note_keys(r, (uint32_t)k, key ? key + n : NULL, bytes);
	}
	return n;
}

static uint32_t note_scalars(const struct rec *r, uint32_t *to)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < r->n; k++)
		if (r->cls[k] == CLASS_SCALAR) {
			if (to)
				to[n] = k;
			n++;
		}
	return n;
}

static void fill(struct shapes *s, struct shape *h, const struct rec *r, char *text)
{
	size_t ignored;

	memcpy(h->cls, r->cls, r->n + 1);
	for (uint32_t k = 0; k < r->n; k++)
		h->skip[k] =
			r->cls[k] == CLASS_OPEN_OBJ || r->cls[k] == CLASS_OPEN_ARR ? r->skip[k] : 0;
	memcpy(h->slot, r->slot, s->plan->n * sizeof *h->slot);
	note_scalars(r, h->scalar);
	relevant_keys(s, r, h->key, &ignored);
	for (uint32_t i = 0; i < h->keys; i++) {
		memcpy(text, h->key[i].text, h->key[i].size);
		h->key[i].text = text;
		text += h->key[i].size;
	}
}

static struct shape *make(struct shapes *s, const struct rec *r, size_t *bytes)
{
	size_t text, n = r->n;
	uint32_t keys = relevant_keys(s, r, NULL, &text), scalars = note_scalars(r, NULL);
	struct shape *h;
	char *p;

	*bytes = sizeof *h + keys * sizeof *h->key + (n + scalars + s->plan->n) * 4 + n + 1 + text;
	h = alloc_array(1, *bytes);
	*h = (struct shape){ .n = r->n, .scalars = scalars, .keys = keys };
	/* one block: the widest parts first, so that each is aligned */
	p = (char *)(h + 1);
	h->key = (struct shape_key *)(void *)p;
	p += keys * sizeof *h->key;
	h->skip = (uint32_t *)(void *)p;
	p += n * 4;
	h->scalar = (uint32_t *)(void *)p;
	p += scalars * 4;
	h->slot = (int32_t *)(void *)p;
	p += s->plan->n * 4;
	h->cls = (uint8_t *)p;
	fill(s, h, r, p + n + 1);
	return h;
}

void shapes_keep(struct shapes *s, const struct rec *r, uint64_t hash)
{
	struct shape *h;
	size_t bytes;

	if (s->pause) {
		s->pause--;
		return;
	}
	if (r->n > SHAPE_MAX)
		return;
	if (s->bytes > SHAPES_BYTES) {
		/* full: start over, at once where shapes recur, else after a while */
		if (s->known < s->kept)
			s->pause = PAUSE;
		drop_all(s);
		s->known = 0;
		if (s->pause)
			return;
	}
	h = make(s, r, &bytes);
	h->hash = hash;
	h->chain = s->bucket[hash % SHAPE_BUCKETS];
	s->bucket[hash % SHAPE_BUCKETS] = h;
	s->kept++;
	s->bytes += bytes;
	if (s->last)
		s->last->follows = h;
	s->last = h;
}

/* ---- recognising */

static bool keys_same(const struct shape *h, const struct rec *r)
{
	uint64_t differ = 0;

	for (uint32_t i = 0; i < h->keys; i++) {
		const struct shape_key *key = &h->key[i];
		const char *p = r->text + r->pos[key->at] + 1;
		uint64_t lo, hi;

		memcpy(&lo, p, 8);
		memcpy(&hi, p + 8, 8);
		differ |= ((lo ^ key->lo) & key->mlo) | ((hi ^ key->hi) & key->mhi);
		if (key->size > 16)
			differ |= r->pos[key->at + 1] - r->pos[key->at] <= key->size ||
			          memcmp(p, key->text, key->size) != 0;
	}
	return differ == 0;
}

struct shape *shapes_guess(struct shapes *s, const struct rec *r, size_t left)
{
	struct shape *h = s->last;

	if (!h)
		return NULL;
	h = h->follows ? h->follows : h;
	if (h->n >= left || memcmp(h->cls, r->cls, h->n + 1) != 0 || !keys_same(h, r))
		return NULL;
	s->last = h;
	s->known += s->known < UINT32_MAX;
	return h;
}

struct shape *shapes_find(struct shapes *s, const struct rec *r, uint64_t hash, size_t n)
{
	struct shape *h = s->bucket[hash % SHAPE_BUCKETS];

	for (; h; h = h->chain)
		if (h->hash == hash && h->n == n && memcmp(h->cls, r->cls, n + 1) == 0 &&
		    keys_same(h, r)) {
			if (s->last)
				s->last->follows = h;
			s->last = h;
			s->known += s->known < UINT32_MAX;
			return h;
		}
	return NULL;
}
