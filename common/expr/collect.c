/*
 * Giving back what a program that runs for long no longer refers to: reduce inputs, until, range.
 *
 * A copying collector (C. J. Cheney, "A Nonrecursive List Compacting Algorithm", CACM 13, 1970)
 * over the heap's arena. It runs between instructions, where all that is alive is in the registers
 * of frames that are reachable from the current one and from the choices. Arrays, objects and steps
 * of paths are moved once and leave their new place behind; short strings are copied for each
 * reference, long ones once.
 */
#include "base/alloc.h"
#include "base/hash.h"
#include "base/map.h"
#include "eval.h"

#include <stdlib.h>

#define FIRST_AT  ((size_t)32 << 20) /* bytes in use when the first collection is worth it */
#define LONG_TEXT 64                 /* bytes from which a string is copied once */

/* A long string and where it went. */
struct text {
	struct map_item item; /* its key is where */
	struct slice was;
	const char *now;
};

struct collector {
	struct arena from;
	struct arena *to;
	struct val **todo; /* what was copied whose parts were not: pointers to values */
	size_t todos, todo_cap;
	struct map texts;
	struct arena scratch; /* of the map */
	struct frame **frame; /* visited */
	size_t frames, frame_cap;
};

static void later(struct collector *c, struct val *v)
{
	c->todo = alloc_grow(c->todo, &c->todo_cap, c->todos + 1, sizeof(struct val *));
	c->todo[c->todos++] = v;
}

/* ---- strings */

static const char *move_long(struct collector *c, struct slice s)
{
	struct slice key = { (const char *)&s, sizeof s };
	uint64_t hash = hash_bytes(key.p, key.n);
	struct text *t = (struct text *)(void *)map_find(&c->texts, key, hash);

	if (t)
		return t->now;
	t = arena_alloc(&c->scratch, sizeof *t);
	t->was = s;
	t->item = (struct map_item){ hash, (const char *)&t->was, sizeof t->was };
	t->now = arena_copy(c->to, s.p, s.n);
	map_add(&c->texts, &t->item);
	return t->now;
}

static void move_text(struct collector *c, struct val *v)
{
	if (!arena_holds(&c->from, v->text))
		return;
	v->text = v->len < LONG_TEXT ? arena_copy(c->to, v->text, v->len)
	                             : move_long(c, val_text(*v));
}

/* ---- arrays, objects, paths */

/* Note a new place at the beginning of the old one. */
static void leave_behind(void *old, void *new)
{
	memcpy(old, &new, sizeof(void *));
}

static void *left_behind(const void *old)
{
	void *new;

	memcpy(&new, old, sizeof(void *));
	return new;
}

static void move_array(struct collector *c, struct val *v)
{
	struct arr *old = v->arr, *new;
	uint32_t cap;

	if (!arena_holds(&c->from, old))
		return;
	if (old->moved) {
		v->arr = left_behind(old);
		return;
	}
	cap = old->shared ? old->n : old->n + old->n / 2;
	new = arena_alloc(c->to, sizeof *new + cap * sizeof(struct val));
	*new = (struct arr){ .n = old->n, .cap = cap, .shared = old->shared };
	memcpy(new->at, old->at, old->n * sizeof(struct val));
	for (uint32_t i = 0; i < new->n; i++)
		later(c, &new->at[i]);
	old->moved = true;
	leave_behind(old, new);
	v->arr = new;
}

static void move_object(struct collector *c, struct val *v)
{
	struct obj *old = v->obj, *new;

	if (!arena_holds(&c->from, old))
		return;
	if (old->moved) {
		v->obj = left_behind(old);
		return;
	}
	new = arena_alloc(c->to, sizeof *new + old->cap * sizeof(struct member));
	memcpy(new, old, sizeof *new + old->n * sizeof(struct member));
	if (old->index) {
		new->index = arena_array(c->to, old->mask + 1u, sizeof *new->index);
		memcpy(new->index, old->index, (old->mask + 1u) * sizeof *new->index);
	}
	for (uint32_t i = 0; i < new->n; i++) {
		move_text(c, &new->at[i].key);
		later(c, &new->at[i].value);
	}
	old->moved = true;
	leave_behind(old, new);
	v->obj = new;
}

/* A path's steps, up to where it meets one that was moved; a step with depth 0 was. */
static void move_path(struct collector *c, struct val *v)
{
	struct step *old = v->ptr, *new, **link = (struct step **)(void *)&v->ptr;

	for (; old && arena_holds(&c->from, old); old = new->before, link = &new->before) {
		if (old->depth == 0) {
			*link = old->before;
			return;
		}
		new = arena_alloc(c->to, sizeof *new);
		*new = *old;
		later(c, &new->key);
		old->depth = 0;
		old->before = new;
		*link = new;
	}
}

static void move_value(struct collector *c, struct val *v)
{
	switch (v->tag) {
	case VAL_LIT:
	case VAL_STR:
		move_text(c, v);
		break;
	case VAL_ARR:
		move_array(c, v);
		break;
	case VAL_OBJ:
		move_object(c, v);
		break;
	case VAL_PATH:
		move_path(c, v);
		break;
	default:
		break; /* of the record, or nothing that points */
	}
}

static void move_all(struct collector *c)
{
	while (c->todos)
		move_value(c, c->todo[--c->todos]);
}

/* ---- what is alive */

static void note_frame(struct collector *c, struct frame *f)
{
	if (!f || f->seen)
		return;
	f->seen = true;
	c->frame = alloc_grow(c->frame, &c->frame_cap, c->frames + 1, sizeof(struct frame *));
	c->frame[c->frames++] = f;
}

/* All frames that those noted lead to, and what is in their registers. */
static void move_frames(struct collector *c)
{
	size_t i;

	for (i = 0; i < c->frames; i++) {
		struct frame *f = c->frame[i];

		note_frame(c, f->caller);
		note_frame(c, f->outer);
		for (uint32_t r = 0; r < f->regs; r++) {
			if (f->reg[r].tag == VAL_CLOSURE)
				note_frame(c, f->reg[r].ptr);
			else
				move_value(c, &f->reg[r]);
		}
		move_all(c);
	}
	while (i > 0)
		c->frame[--i]->seen = false;
}

static void collect(struct eval *e)
{
	struct collector c = { .from = e->heap->arena, .to = &e->heap->arena };

	arena_init(&e->heap->arena);
	e->heap->arena.peak = arena_peak(&c.from);
	e->heap->tail = e->heap->tail_end = NULL;
	note_frame(&c, e->main);
	note_frame(&c, e->frame);
	for (size_t i = 0; i < e->choices; i++)
		note_frame(&c, e->choice[i].frame);
	move_frames(&c);
	move_value(&c, &e->error);
	move_all(&c);
	map_free(&c.texts);
	arena_free(&c.scratch);
	arena_free(&c.from);
	free(c.todo);
	free(c.frame);
}

/*
 * When to look again: soon where much was garbage, late where nearly all is alive, and not long
 * behind the limit.
 */
static size_t next_time(const struct eval *e, size_t before, size_t used)
{
	size_t at = used > before - before / 4 ? used * 4 : used * 2, most = e->heap->limit;

	if (e->first_at == 0)
		return 0;
	if (at < e->first_at)
		at = e->first_at;
	return at > most && at - most > most / 4 ? most + most / 4 : at;
}

bool eval_make_room(struct eval *e)
{
	size_t before = arena_used(&e->heap->arena), used;

	collect(e);
	used = arena_used(&e->heap->arena);
	if (used <= e->heap->limit) {
		e->room_until = next_time(e, before, used);
		return true;
	}
	e->exhausted = true;
	eval_fail(e, "more than %zu bytes are held in memory", e->heap->limit);
	return false;
}

void eval_set_memory(struct eval *e, size_t most, bool collects)
{
	e->heap->limit = most;
	e->collects = collects;
	eval_collect_at(e, FIRST_AT);
}

void eval_collect_at(struct eval *e, size_t bytes)
{
	e->first_at = bytes;
	e->room_until = !e->collects ? SIZE_MAX : e->heap->limit > bytes ? bytes : e->heap->limit;
}

bool eval_exhausted(const struct eval *e)
{
	return e->exhausted;
}
