#include "kept.h"

#include "base/alloc.h"
#include "json/valparse.h"
#include "json/valwrite.h"

#include <stdlib.h>

static void set_text(struct kept *k, struct slice s)
{
	char *to = k->cap ? k->text : k->inside;

	if (s.n > (k->cap ? k->cap : KEPT_INSIDE)) {
		to = k->cap ? k->text : NULL;
		k->cap = (uint32_t)(s.n + s.n / 4);
		to = k->text = alloc_resize(to, k->cap, 1);
	}
	if (s.n)
		memcpy(to, s.p, s.n);
	k->size = (uint32_t)s.n;
}

struct slice kept_spelling(const struct agg_value *v, char room[NUM_TEXT])
{
	if (v->v.tag == VAL_LIT)
		return val_text(v->v);
	return (struct slice){ room, num_format(v->v.num, room) };
}

void kept_set(struct kept *k, const struct agg_value *v)
{
	struct heap h;
	struct buf b = { 0 };
	char room[NUM_TEXT];

	k->any = true;
	k->is_num = v->is_num;
	k->num = v->num;
	if (v->is_num) {
		set_text(k, kept_spelling(v, room));
		return;
	}
	if (v->v.tag == VAL_RAWSTR) {
		/* with its quotes it is JSON as it stands */
		set_text(k, (struct slice){ v->v.text - 1, v->v.len + 2u });
		return;
	}
	heap_init(&h);
	val_write_canonical(&h, &b, v->v);
	set_text(k, buf_slice(&b));
	buf_free(&b);
	heap_free(&h);
}

struct val kept_value(const struct kept *k, struct heap *h)
{
	struct slice text = kept_text(k);
	struct check_fault fault;
	struct val v;

	/* nan is kept as null */
	if (k->any && k->is_num && text.p[0] != 'n')
		return val_lit((struct slice){ arena_copy(&h->arena, text.p, text.n), text.n });
	if (!k->any || val_parse(h, text, &v, &fault) < 0)
		return val_of(VAL_NULL);
	return v;
}

int kept_order(const struct kept *k, const struct agg_value *v)
{
	struct slice mine = kept_text(k);
	bool too_deep = false;
	struct heap h;
	int r;

	if (k->is_num && v->is_num && k->num != v->num)
		return v->num < k->num ? -1 : 1;
	/* the same value again, as states and levels are */
	if (v->v.tag == VAL_LIT && slice_same(mine, val_text(v->v)))
		return 0;
	if (v->v.tag == VAL_RAWSTR && v->v.len + 2u == mine.n &&
	    memcmp(mine.p, v->v.text - 1, mine.n) == 0)
		return 0;
	heap_init(&h);
	r = val_order(&h, v->v, kept_value(k, &h), &too_deep);
	heap_free(&h);
	return r;
}

void kept_save(const struct kept *k, struct buf *b)
{
	struct slice text = kept_text(k);
	uint64_t head = (uint64_t)k->size << 2 | (uint64_t)k->is_num << 1 | k->any;

	agg_put64(b, head);
	agg_put(b, &k->num, sizeof k->num);
	agg_put(b, text.p, text.n);
}

int kept_load(struct kept *k, struct slice *from)
{
	uint64_t head;

	if (agg_take(from, &head, sizeof head) < 0 || agg_take(from, &k->num, sizeof k->num) < 0 ||
	    head >> 2 > from->n)
		return -1;
	k->any = head & 1;
	k->is_num = head >> 1 & 1;
	set_text(k, (struct slice){ from->p, head >> 2 });
	from->p += head >> 2;
	from->n -= head >> 2;
	return 0;
}

size_t kept_memory(const struct kept *k)
{
	return k->cap ? alloc_taken(k->cap) : 0;
}

void kept_free(struct kept *k)
{
	if (k->cap)
		free(k->text);
}

/* ---- with its record */

int stamped_order(const struct stamped *s, const struct agg_record *r)
{
	if (r->time != s->time)
		return r->time < s->time ? -1 : 1;
	return slice_order(r->line, (struct slice){ s->bytes, s->line });
}

void stamped_set(struct stamped *s, const struct agg_value *v, const struct agg_record *r)
{
	size_t n = r->line.n;

	s->time = r->time;
	if (n > s->line_cap) {
		s->line_cap = (uint32_t)(n + n / 4);
		s->bytes = alloc_resize(s->bytes, s->line_cap, 1);
	}
	if (n)
		memcpy(s->bytes, r->line.p, n);
	s->line = (uint32_t)n;
	kept_set(&s->value, v);
}

struct agg_record stamped_record(const struct stamped *s)
{
	return (struct agg_record){ .time = s->time, .line = { s->bytes, s->line } };
}

void stamped_save(const struct stamped *s, struct buf *b)
{
	kept_save(&s->value, b);
	agg_put64(b, (uint64_t)s->time);
	agg_put64(b, s->line);
	agg_put(b, s->bytes, s->line);
}

int stamped_load(struct stamped *s, struct slice *from)
{
	uint64_t n;

	if (kept_load(&s->value, from) < 0 || agg_take(from, &s->time, sizeof s->time) < 0 ||
	    agg_take_count(from, &n, 1) < 0)
		return -1;
	s->line = s->line_cap = (uint32_t)n;
	s->bytes = n ? alloc_array(n, 1) : NULL;
	return agg_take(from, s->bytes, n);
}

size_t stamped_memory(const struct stamped *s)
{
	return kept_memory(&s->value) + s->line_cap;
}

void stamped_free(struct stamped *s)
{
	kept_free(&s->value);
	free(s->bytes);
}
