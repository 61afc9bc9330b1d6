/* Builtins on regular expressions. PCRE2's syntax; offsets count code points, as jq's do. */
#include "base/alloc.h"
#include "base/regex.h"
#include "base/utf8.h"
#include "bi.h"
#include "json/valwrite.h"

#include <stdlib.h>

#define CACHED 16 /* compiled patterns kept by an evaluator */

struct cached {
	char *pattern;
	size_t size;
	int flags;
	struct regex *regex;
};

struct regex_cache {
	struct cached entry[CACHED];
	unsigned used, next;
};

void eval_regex_free(struct eval *e)
{
	unsigned i;

	if (!e->regex)
		return;
	for (i = 0; i < e->regex->used; i++) {
		free(e->regex->entry[i].pattern);
		regex_free(e->regex->entry[i].regex);
	}
	free(e->regex);
}

static struct regex *compiled(struct eval *e, struct slice pattern, int flags)
{
	struct regex_cache *c = e->regex;
	struct cached *entry;
	struct regex *r;
	struct err err;
	unsigned i;

	if (!c)
		c = e->regex = alloc_zero(1, sizeof *c);
	for (i = 0; i < c->used; i++) {
		entry = &c->entry[i];
		if (entry->flags == flags &&
		    slice_same((struct slice){ entry->pattern, entry->size }, pattern))
			return entry->regex;
	}
	r = regex_new(pattern, flags, &err);
	if (!r) {
		eval_fail(e, "Regex failure: %s", err.text);
		return NULL;
	}
	entry = &c->entry[c->used < CACHED ? c->used++ : c->next++ % CACHED];
	if (entry->regex) {
		free(entry->pattern);
		regex_free(entry->regex);
	}
	*entry = (struct cached){ alloc_copy(pattern.p, pattern.n), pattern.n, flags, r };
	return r;
}

/* The letters of a flags argument; false (and a failure set) where one does not exist. */
static bool parse_flags(struct eval *e, struct val v, int *flags, bool *global)
{
	struct slice s;
	size_t i;

	if (v.tag == VAL_NULL)
		return true;
	if (val_type(v) != TYPE_STRING) {
		bi_fail(e, v, "is not a string");
		return false;
	}
	s = val_slice(eval_heap(e), v);
	for (i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case 'g':
			*global = true;
			break;
		case 'i':
			*flags |= REGEX_ICASE;
			break;
		case 'x':
			*flags |= REGEX_EXTENDED;
			break;
		case 'n':
			*flags |= REGEX_NOTEMPTY;
			break;
		case 'm': /* . matches a newline too */
		case 'p': /* m and s */
			*flags |= REGEX_DOTALL;
			break;
		case 's': /* ^ and $ match at the ends only: they do so anyway */
		case 'l': /* the longest match: PCRE2 takes the first */
			break;
		default:
			eval_fail(e, "%.*s is not a valid modifier string",
			          (int)(s.n > 40 ? 40 : s.n), s.p);
			return false;
		}
	return true;
}

/* A search that a program asked for. */
struct search {
	struct regex *regex;
	struct slice subject;
	bool global;
};

/* From input, pattern (or [pattern, flags]) and flags. False with a failure set. */
static bool begin(struct eval *e, struct val input, struct val pattern, struct val modifiers,
                  struct search *s)
{
	int flags = 0;

	if (val_type(pattern) == TYPE_ARRAY && modifiers.tag == VAL_NULL && val_count(pattern)) {
		pattern = val_force(eval_heap(e), pattern);
		if (pattern.arr->n > 1)
			modifiers = pattern.arr->at[1];
		pattern = pattern.arr->at[0];
	} else if (val_type(pattern) != TYPE_STRING && modifiers.tag == VAL_NULL) {
		eval_fail(e, "%s not a string or array", val_type_name(pattern));
		return false;
	}
	if (val_type(input) != TYPE_STRING) {
		bi_fail(e, input, "cannot be matched, as it is not a string");
		return false;
	}
	if (val_type(pattern) != TYPE_STRING) {
		bi_fail(e, pattern, "is not a string");
		return false;
	}
	s->global = false;
	if (!parse_flags(e, modifiers, &flags, &s->global))
		return false;
	s->subject = val_slice(eval_heap(e), input);
	s->regex = compiled(e, val_slice(eval_heap(e), pattern), flags);
	return s->regex != NULL;
}

static struct val given_up(struct eval *e)
{
	return eval_fail(e, "Regex failure: the match was given up as too costly");
}

static struct val test(struct eval *e, struct val input, struct val pattern, struct val modifiers)
{
	struct search s;
	int n;

	if (!begin(e, input, pattern, modifiers, &s))
		return val_private(VAL_FAILED, 0);
	n = regex_match(s.regex, s.subject, 0);
	return n < 0 ? given_up(e) : val_bool(n > 0);
}

struct val bi_test(struct eval *e, const struct val *arg)
{
	return test(e, arg[0], arg[1], val_of(VAL_NULL));
}

struct val bi_test_flags(struct eval *e, const struct val *arg)
{
	return test(e, arg[0], arg[1], arg[2].tag == VAL_NULL ? val_str(SLICE("")) : arg[2]);
}

/* ---- matches as objects */

/* Code points before a place in the subject, counted on from the last place asked for. */
struct counter {
	const char *at;
	size_t count;
};

static size_t count_to(struct counter *c, struct slice subject, const char *p)
{
	if (p < c->at)
		*c = (struct counter){ subject.p, 0 };
	c->count += utf8_length((struct slice){ c->at, (size_t)(p - c->at) });
	c->at = p;
	return c->count;
}

static struct obj *put(struct heap *h, struct obj *o, const char *name, struct val v)
{
	return obj_set(h, o, val_str(slice_from(name)), v);
}

/* offset, length and string of a group; of an empty one that is no whole match jq has another order
 */
static struct obj *group_object(struct heap *h, struct counter *c, struct slice subject,
                                struct slice g, bool of_match)
{
	struct obj *o = obj_new(h, 4);

	o = put(h, o, "offset", val_num(g.p ? (double)count_to(c, subject, g.p) : -1));
	if (!of_match && g.n == 0) {
		o = put(h, o, "string", g.p ? val_str(g) : val_of(VAL_NULL));
		return put(h, o, "length", val_num(0));
	}
	o = put(h, o, "length", val_num((double)utf8_length(g)));
	return put(h, o, "string", val_str(g));
}

static struct val match_object(struct heap *h, const struct search *s, struct counter *c,
                               int groups)
{
	struct obj *o = group_object(h, c, s->subject, regex_group(s->regex, 0), true);
	struct arr *captures = arr_new(h, (size_t)groups);
	int i;

	for (i = 1; i < groups; i++) {
		struct counter inner = *c;
		struct obj *one =
			group_object(h, &inner, s->subject, regex_group(s->regex, i), false);
		const char *name = regex_name(s->regex, i);

		one = put(h, one, "name",
		          name ? val_copy_str(h, slice_from(name)) : val_of(VAL_NULL));
		captures = arr_push(h, captures, val_obj(one));
	}
	return val_obj(put(h, o, "captures", val_arr(captures)));
}

/* Where to search on behind a match: behind it, or a code point further if it was empty. */
static size_t search_on(struct slice subject, struct slice match)
{
	size_t at = (size_t)(match.p - subject.p) + match.n;

	if (match.n)
		return at;
	at++;
	while (at < subject.n && (subject.p[at] & 0xC0) == 0x80)
		at++;
	return at;
}

/* All matches as an array: for match, capture and scan. */
struct val bi_match(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct arr *a = arr_new(h, 4);
	struct counter c;
	struct search s;
	size_t from = 0;
	int n;

	if (!begin(e, arg[0], arg[1], arg[2], &s))
		return val_private(VAL_FAILED, 0);
	c = (struct counter){ s.subject.p, 0 };
	do {
		n = regex_match(s.regex, s.subject, from);
		if (n < 0)
			return given_up(e);
		if (n == 0)
			break;
		a = arr_push(h, a, match_object(h, &s, &c, n));
		from = search_on(s.subject, regex_group(s.regex, 0));
	} while (s.global && from <= s.subject.n);
	return val_arr(a);
}

/* From a match to {name: string}. */
struct val bi_captures(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct val captures = *obj_get(arg[0].obj, SLICE("captures"));
	struct obj *o = obj_new(h, 4);
	uint32_t i;

	for (i = 0; i < captures.arr->n; i++) {
		const struct obj *one = captures.arr->at[i].obj;
		struct val name = *obj_get(one, SLICE("name"));

		if (name.tag != VAL_NULL)
			o = obj_set(h, o, name, *obj_get(one, SLICE("string")));
	}
	return val_obj(o);
}

/* split(re; flags): what lies between all matches */
struct val bi_split_regex(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct arr *a = arr_new(h, 4);
	struct slice match;
	struct search s;
	size_t from = 0, kept = 0, at;
	struct val flags = arg[2];
	int n;

	if (flags.tag == VAL_NULL)
		flags = val_str(SLICE("g"));
	else if (val_type(flags) != TYPE_STRING)
		return op_binary(e, OP_ADD, flags, val_str(SLICE("g")));
	if (!begin(e, arg[0], arg[1], flags, &s))
		return val_private(VAL_FAILED, 0);
	while (from <= s.subject.n && (n = regex_match(s.regex, s.subject, from))) {
		if (n < 0)
			return given_up(e);
		match = regex_group(s.regex, 0);
		at = (size_t)(match.p - s.subject.p);
		a = arr_push(h, a, val_str((struct slice){ s.subject.p + kept, at - kept }));
		kept = at + match.n;
		from = search_on(s.subject, match);
	}
	a = arr_push(h, a, val_str((struct slice){ s.subject.p + kept, s.subject.n - kept }));
	return val_arr(a);
}

/*
 * sub: arg[1] are the matches, arg[2] the texts for each. Output number I of the replacement is
 * used in result number I; a match that has fewer leaves a gap there, and so does null. Without any
 * output the input is left.
 */
struct val bi_replace(struct eval *e, const struct val *arg)
{
	struct heap *h = eval_heap(e);
	struct slice in = val_slice(h, arg[0]);
	struct arr *found = arg[1].arr, *texts = arg[2].arr, *out = arr_new(h, 1);
	uint32_t results = 0, r, i;

	for (i = 0; i < texts->n; i++)
		results = texts->at[i].arr->n > results ? texts->at[i].arr->n : results;
	for (r = 0; r < results; r++) {
		struct buf b = { 0 };
		struct slice left = in, gap;
		struct val text;
		size_t gone = 0; /* code points before `left` */

		for (i = 0; i < found->n; i++) {
			const struct obj *match = found->at[i].obj;
			struct slice m = val_slice(h, *obj_get(match, SLICE("string")));
			size_t offset = (size_t)val_double(*obj_get(match, SLICE("offset"))), at;

			if (r >= texts->at[i].arr->n || b.n > VAL_TEXT_MAX)
				continue;
			text = texts->at[i].arr->at[r];
			at = utf8_offset(left, offset - gone);
			gap = (struct slice){ left.p, at };
			buf_add_slice(&b, gap);
			if (val_type(text) == TYPE_STRING) {
				buf_add_slice(&b, val_slice(h, text));
			} else if (val_type(text) != TYPE_NULL) {
				buf_free(&b);
				return op_binary(e, OP_ADD, val_str(gap), text);
			}
			left = (struct slice){ left.p + at + m.n, left.n - at - m.n };
			gone = offset + utf8_length(m);
		}
		buf_add_slice(&b, left);
		text = eval_text(e, &b);
		buf_free(&b);
		if (eval_failed(text))
			return text;
		out = arr_push(h, out, text);
	}
	if (results == 0)
		out = arr_push(h, out, arg[0]);
	return val_arr(out);
}
