#include "valparse.h"

#include "jstring.h"

/* The text is valid: check_json() has said so. So nothing is checked again. */
struct parse {
	struct heap *h;
	const char *p;
};

static void skip_space(struct parse *s)
{
	while (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r')
		s->p++;
}

static struct val string(struct parse *s)
{
	const char *from = ++s->p;
	struct slice raw, decoded;

	while (*s->p != '"')
		s->p += *s->p == '\\' ? 2 : 1;
	raw = (struct slice){ from, (size_t)(s->p++ - from) };
	decoded = jstring_decode(raw, &s->h->arena);
	if (decoded.p == raw.p)
		decoded.p = arena_copy(&s->h->arena, raw.p, raw.n);
	return val_str(decoded);
}

static struct val number(struct parse *s)
{
	const char *from = s->p;
	size_t n;

	while ((*s->p >= '0' && *s->p <= '9') || *s->p == '-' || *s->p == '+' || *s->p == '.' ||
	       (*s->p | 32) == 'e')
		s->p++;
	n = (size_t)(s->p - from);
	return val_lit((struct slice){ arena_copy(&s->h->arena, from, n), n });
}

/* As deep in C as the text is, which is limited to CHECK_DEPTH. */
static struct val value(struct parse *s)
{
	struct arr *a;
	struct obj *o;
	struct val key;

	skip_space(s);
	switch (*s->p) {
	case '{':
		o = obj_new(s->h, 4);
		s->p++;
		for (skip_space(s); *s->p != '}'; skip_space(s)) {
			s->p += *s->p == ',';
			skip_space(s);
			key = string(s);
			skip_space(s);
			s->p++;
			o = obj_set(s->h, o, key, value(s));
		}
		s->p++;
		return val_obj(o);
	case '[':
		a = arr_new(s->h, 4);
		s->p++;
		for (skip_space(s); *s->p != ']'; skip_space(s)) {
			s->p += *s->p == ',';
			a = arr_push(s->h, a, value(s));
		}
		s->p++;
		return val_arr(a);
	case '"':
		return string(s);
	case 't':
		s->p += 4;
		return val_of(VAL_TRUE);
	case 'f':
		s->p += 5;
		return val_of(VAL_FALSE);
	case 'n':
		s->p += 4;
		return val_of(VAL_NULL);
	default:
		return number(s);
	}
}

int val_parse(struct heap *h, struct slice text, struct val *v, struct check_fault *fault)
{
	struct parse s = { .h = h };

	if (check_json(text, fault) < 0)
		return -1;
	/* a number may end with the text: it needs a byte behind it that ends it */
	s.p = arena_copy(&h->arena, text.p, text.n);
	*v = value(&s);
	return 0;
}
