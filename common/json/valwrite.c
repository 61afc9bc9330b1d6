#include "valwrite.h"

#include "check.h"
#include "jstring.h"

struct writer {
	struct heap *h;
	struct buf *b;
	const struct val_style *style;
	bool verbatim;
	size_t end; /* of the buffer: nothing is begun behind it */
};

static const char COLOR_END[] = "\033[0m";

static void write_value(struct writer *w, struct val v, int depth);

static const char *color_of(const struct val_colors *c, struct val v)
{
	switch (val_type(v)) {
	case TYPE_NULL:
		return c->null;
	case TYPE_FALSE:
		return c->no;
	case TYPE_TRUE:
		return c->yes;
	case TYPE_NUMBER:
		return c->number;
	case TYPE_STRING:
		return c->string;
	case TYPE_ARRAY:
		return c->array;
	default:
		return c->object;
	}
}

static void color(struct writer *w, const char *sequence)
{
	if (w->style->colors)
		buf_adds(w->b, sequence);
}

static bool spread(const struct writer *w)
{
	return w->style->indent || w->style->tab;
}

/* start a line DEPTH levels deep, where values are laid out over lines */
static void line(struct writer *w, int depth)
{
	const struct val_style *s = w->style;

	if (!spread(w))
		return;
	buf_addc(w->b, '\n');
	for (int n = s->tab ? depth : depth * s->indent; n > 0; n--)
		buf_addc(w->b, s->tab ? '\t' : ' ');
}

/* A bracket, colon or comma in its colour; white space has none, as in jq 1.8. */
static void mark(struct writer *w, const char *sequence, char c)
{
	color(w, sequence);
	buf_addc(w->b, c);
	color(w, COLOR_END);
}

static void write_string(struct writer *w, struct val v)
{
	/* what is clean may hold DEL, which jq escapes */
	if (v.flag & VAL_CLEAN && !w->style->ascii && !memchr(v.text, 0x7F, v.len)) {
		buf_addc(w->b, '"');
		buf_add(w->b, v.text, v.len);
		buf_addc(w->b, '"');
	} else {
		jstring_write(w->b, val_slice(w->h, v), w->style->ascii);
	}
}

static void write_scalar(struct writer *w, struct val v)
{
	switch (v.tag) {
	case VAL_FALSE:
		buf_add(w->b, "false", 5);
		break;
	case VAL_TRUE:
		buf_add(w->b, "true", 4);
		break;
	case VAL_NUM:
		num_write(w->b, v.num);
		break;
	case VAL_LIT:
		num_canonical(w->b, val_text(v));
		break;
	case VAL_STR:
	case VAL_RAWSTR:
		write_string(w, v);
		break;
	default:
		buf_add(w->b, "null", 4);
	}
}

static void write_array(struct writer *w, const struct arr *a, int depth)
{
	const char *own = w->style->colors ? w->style->colors->array : "";

	mark(w, own, '[');
	for (uint32_t i = 0; i < a->n; i++) {
		if (i)
			mark(w, own, ',');
		line(w, depth + 1);
		write_value(w, a->at[i], depth + 1);
	}
	line(w, depth);
	mark(w, own, ']');
}

static void write_member(struct writer *w, const struct member *m, int depth)
{
	line(w, depth + 1);
	color(w, w->style->colors ? w->style->colors->key : "");
	write_string(w, m->key);
	color(w, COLOR_END);
	mark(w, w->style->colors ? w->style->colors->object : "", ':');
	if (spread(w))
		buf_addc(w->b, ' ');
	write_value(w, m->value, depth + 1);
}

static void write_object(struct writer *w, const struct obj *o, int depth)
{
	const char *own = w->style->colors ? w->style->colors->object : "";
	const uint32_t *order = w->style->sort ? obj_sorted(w->h, o) : NULL;

	mark(w, own, '{');
	for (uint32_t i = 0; i < o->n; i++) {
		if (i)
			mark(w, own, ',');
		write_member(w, &o->at[order ? order[i] : i], depth);
	}
	line(w, depth);
	mark(w, own, '}');
}

/* ---- the usual case: compact, without colours, parts of records as they stand */

static void write_verbatim(struct writer *w, struct val v, int depth);

static void write_pairs(struct writer *w, const struct obj *o, int depth)
{
	struct buf *b = w->b;

	buf_addc(b, '{');
	for (uint32_t i = 0; i < o->n; i++) {
		const struct val *key = &o->at[i].key;

		if (i)
			buf_addc(b, ',');
		if (key->flag & VAL_CLEAN) {
			char *to = buf_room(b, key->len + 3u);

			to[0] = '"';
			memcpy(to + 1, key->text, key->len);
			to[key->len + 1] = '"';
			to[key->len + 2] = ':';
			b->n += key->len + 3u;
		} else {
			jstring_write(b, val_text(*key), false);
			buf_addc(b, ':');
		}
		write_verbatim(w, o->at[i].value, depth + 1);
	}
	buf_addc(b, '}');
}

static void write_verbatim(struct writer *w, struct val v, int depth)
{
	if (w->b->n > w->end)
		return;
	switch (v.tag) {
	case VAL_LIT:
		buf_add(w->b, v.text, v.len);
		return;
	case VAL_RAWSTR:
		buf_add(w->b, v.text - 1, v.len + 2u);
		return;
	case VAL_RAWARR:
	case VAL_RAWOBJ:
		if (!w->style->squeeze) {
			buf_add_slice(w->b, rec_value(v.rec, v.len));
			return;
		}
		v = val_force(w->h, v);
		break;
	case VAL_ARR:
	case VAL_OBJ:
		break;
	default:
		write_scalar(w, v);
		return;
	}
	if (depth > CHECK_DEPTH) {
		buf_adds(w->b, "\"<skipped: too deep>\"");
		return;
	}
	if (v.tag == VAL_OBJ) {
		write_pairs(w, v.obj, depth);
		return;
	}
	buf_addc(w->b, '[');
	for (uint32_t i = 0; i < v.arr->n; i++) {
		if (i)
			buf_addc(w->b, ',');
		write_verbatim(w, v.arr->at[i], depth + 1);
	}
	buf_addc(w->b, ']');
}

/* ---- any style */

/* "[]", "{}" and what has no parts: one piece in its colour */
static void write_piece(struct writer *w, struct val v, enum val_type type)
{
	color(w, w->style->colors ? color_of(w->style->colors, v) : "");
	if (type == TYPE_ARRAY)
		buf_add(w->b, "[]", 2);
	else if (type == TYPE_OBJECT)
		buf_add(w->b, "{}", 2);
	else
		write_scalar(w, v);
	color(w, COLOR_END);
}

static void write_value(struct writer *w, struct val v, int depth)
{
	enum val_type type = val_type(v);

	if (w->b->n > w->end)
		return;
	if (depth > CHECK_DEPTH) {
		buf_adds(w->b, "\"<skipped: too deep>\"");
		return;
	}
	v = val_force(w->h, v);
	if (type == TYPE_ARRAY && v.arr->n)
		write_array(w, v.arr, depth);
	else if (type == TYPE_OBJECT && v.obj->n)
		write_object(w, v.obj, depth);
	else
		write_piece(w, v, type);
}

void val_write(struct heap *h, struct buf *b, struct val v, const struct val_style *style)
{
	struct writer w = { h, b, style, false, b->n + VAL_TEXT_MAX };

	w.verbatim = !(style->canonical || style->sort || style->ascii || style->indent ||
	               style->tab || style->colors);
	if (w.verbatim)
		write_verbatim(&w, v, 0);
	else
		write_value(&w, v, 0);
}

static const struct val_style canonical = { .canonical = true };

void val_write_canonical(struct heap *h, struct buf *b, struct val v)
{
	val_write(h, b, v, &canonical);
}

void val_write_start(struct heap *h, struct buf *b, struct val v, size_t max)
{
	struct writer w = { h, b, &canonical, false, b->n + max };

	write_value(&w, v, 0);
}
