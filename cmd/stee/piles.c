/* stee: records for many files, put together by name. */
#include "stee.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/map.h"

#include <stdlib.h>

#define NAMES_MOST 4096               /* that are remembered when there is nothing for them */
#define KEEP_MAX   ((size_t)64 << 10) /* bytes of room that an empty one keeps */

struct pile {
	struct map_item item;
	char *name;
	struct buf text;
};

struct piles {
	struct map map;
	struct pile *last;   /* the one added to last */
	struct pile **first; /* those that hold something, in the order in which they began to */
	size_t n, cap, known;
};

struct piles *piles_new(void)
{
	return alloc_zero(1, sizeof(struct piles));
}

static void pile_free(struct pile *p)
{
	buf_free(&p->text);
	free(p->name);
	free(p);
}

static void forget(struct piles *s)
{
	for (size_t i = 0; i < map_slots(&s->map); i++)
		if (map_at(&s->map, i))
			pile_free((struct pile *)map_at(&s->map, i));
	map_clear(&s->map);
	s->known = 0;
	s->last = NULL;
}

void piles_free(struct piles *s)
{
	if (!s)
		return;
	forget(s);
	map_free(&s->map);
	free(s->first);
	free(s);
}

static struct pile *find(struct piles *s, struct slice name)
{
	uint64_t hash;
	struct pile *p = s->last;

	if (p && slice_same((struct slice){ p->item.key, p->item.key_len }, name))
		return p;
	hash = hash_bytes(name.p, name.n);
	p = (struct pile *)map_find(&s->map, name, hash);
	if (!p) {
		p = alloc_zero(1, sizeof *p);
		p->name = alloc_copy(name.p, name.n);
		p->item = (struct map_item){ hash, p->name, (uint32_t)name.n };
		map_add(&s->map, &p->item);
		s->known++;
	}
	s->last = p;
	return p;
}

void piles_add(struct piles *s, struct slice name, struct slice text)
{
	struct pile *p = find(s, name);

	if (!p->text.n) {
		s->first = alloc_grow(s->first, &s->cap, s->n + 1, sizeof *s->first);
		s->first[s->n++] = p;
	}
	buf_add_slice(&p->text, text);
}

int piles_empty(struct piles *s, struct outlets *o, size_t outlet, struct err *e)
{
	int done = 0;

	for (size_t i = 0; done == 0 && i < s->n; i++) {
		struct pile *p = s->first[i];
		struct parcel parcel = { .lines = buf_slice(&p->text),
			                 .key = { p->item.key, p->item.key_len },
			                 .time = STAMP_NONE };

		done = outlets_put(o, outlet, &parcel, e);
	}
	if (done == 0 && s->n)
		done = outlets_settle(o, e);
	for (size_t i = 0; i < s->n; i++)
		buf_trim(&s->first[i]->text, KEEP_MAX);
	s->n = 0;
	if (s->known > NAMES_MOST)
		forget(s);
	return done;
}
