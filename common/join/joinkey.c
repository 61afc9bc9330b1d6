#include "joinkey.h"

#include "base/alloc.h"
#include "expr/lex.h"
#include "json/key.h"
#include "json/valwrite.h"

#include <math.h>
#include <stdlib.h>

/* An expression of one side. */
struct side_expr {
	char *text; /* owned */
	struct keyexpr *expr;
};

/* One --on. */
struct part {
	struct side_expr side[2];
	struct slice field; /* owned: what both sides merely are, or p is NULL */
};

struct joinkeys {
	struct joinkey_opts opts;
	struct part *part;
	size_t n;
	struct buf bytes;
	struct val apart; /* opts.apart: the last value */
};

/* Read a part of the string that is open last; false where it does not end. */
static bool string_part(struct lex *l, struct buf *open)
{
	switch (lex_string(l)) {
	case PART_BAD:
		return false;
	case PART_EXPR:
		buf_addc(open, '(');
		break;
	case PART_END:
		open->n--;
		break;
	case PART_TEXT:
		break;
	}
	return true;
}

/* Read a token, and note the bracket or string that it opens or closes; false at the end. */
static bool next_token(struct lex *l, struct buf *open)
{
	char c = '\0';

	lex_next(l);
	if (l->token == TOK_STRING)
		buf_addc(open, '"');
	if (l->token == TOK_OP && l->text.n == 1)
		c = l->text.p[0];
	if (c == '(' || c == '[' || c == '{')
		buf_addc(open, c);
	else if (open->n && (c == ')' || c == ']' || c == '}'))
		open->n--;
	return l->token != TOK_END;
}

const char *join_parting(const char *text, char sign)
{
	struct lex l = { .src = slice_from(text) };
	struct buf open = { 0 }; /* a byte for each bracket and string */
	const char *at = NULL;
	bool more;

	do {
		if (open.n && open.p[open.n - 1] == '"') {
			more = string_part(&l, &open);
			continue;
		}
		more = next_token(&l, &open);
		if (open.n == 0 && l.token == TOK_OP &&
		    slice_same(l.text, (struct slice){ &sign, 1 }))
			at = l.text.p;
	} while (more && !at);
	buf_free(&open);
	return at;
}

/* The record's field that X merely is; p is NULL where it is something else. */
static struct slice field_of(const struct side_expr *x, const struct plan *plan)
{
	int32_t slot = keyexpr_slot(x->expr);

	return slot > 0 && plan->node[slot].parent == 0 ? plan->node[slot].key
	                                                : (struct slice){ 0 };
}

static int add_part(struct joinkeys *k, const char *on, struct plan *const plan[2], struct err *e)
{
	struct part *part = &k->part[k->n++];
	const char *at = join_parting(on, '=');
	struct slice name;

	part->side[SIDE_LEFT].text = alloc_copy(on, at ? (size_t)(at - on) : strlen(on));
	part->side[SIDE_RIGHT].text = alloc_copy(at ? at + 1 : on, strlen(at ? at + 1 : on));
	for (int side = 0; side < 2; side++) {
		struct side_expr *x = &part->side[side];

		if (!x->text[strspn(x->text, " \t")])
			return err_set(e, FAIL_USAGE,
			               "--on %s: one side is empty (--on LEFT=RIGHT, or --on EXPR "
			               "for both)",
			               on);
		x->expr = keyexpr_new("--on", x->text, plan[side], NULL, e);
		if (!x->expr)
			return -1;
	}
	name = field_of(&part->side[SIDE_LEFT], plan[SIDE_LEFT]);
	if (name.p && slice_same(name, field_of(&part->side[SIDE_RIGHT], plan[SIDE_RIGHT])))
		part->field = (struct slice){ alloc_copy(name.p, name.n), name.n };
	return 0;
}

struct joinkeys *joinkeys_new(const char *const *on, size_t n, const struct joinkey_opts *opts,
                              struct plan *const plan[2], struct err *e)
{
	struct joinkeys *k = alloc_zero(1, sizeof *k);

	k->opts = *opts;
	k->part = alloc_zero(n, sizeof *k->part);
	while (k->n < n)
		if (add_part(k, on[k->n], plan, e) < 0) {
			joinkeys_free(k);
			return NULL;
		}
	return k;
}

/* A number or boolean as tostring has it. */
static struct val as_text(struct heap *h, struct val v)
{
	enum val_type type = val_type(v);
	struct buf b = { 0 };

	if (type != TYPE_NUMBER && type != TYPE_TRUE && type != TYPE_FALSE)
		return v;
	val_write_canonical(h, &b, v);
	v = val_copy_str(h, buf_slice(&b));
	buf_free(&b);
	return v;
}

static struct val lower(struct heap *h, struct val v)
{
	struct slice s;
	char *to;

	if (val_type(v) != TYPE_STRING)
		return v;
	s = val_slice(h, v);
	to = arena_copy(&h->arena, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		to[i] = (char)(to[i] >= 'A' && to[i] <= 'Z' ? to[i] | 32 : to[i]);
	return val_str((struct slice){ to, s.n });
}

/* A value as it is to be compared. */
static struct val adapted(const struct joinkeys *k, struct val v, struct heap *h)
{
	if (k->opts.strings)
		v = as_text(h, v);
	return k->opts.ignore_case ? lower(h, v) : v;
}

/* A range, which is compared by its bounds. */
static struct val adapted_range(const struct joinkeys *k, struct val v, struct heap *h)
{
	struct arr *a;

	v = val_force(h, v);
	if (v.tag != VAL_ARR)
		return v;
	a = arr_new(h, v.arr->n);
	for (uint32_t i = 0; i < v.arr->n; i++)
		a = arr_push(h, a, adapted(k, v.arr->at[i], h));
	return val_arr(a);
}

int joinkeys_read(struct joinkeys *k, enum side side, const struct rec *rec, struct heap *h,
                  struct slice *key, struct err *e)
{
	bool null = false;

	buf_clear(&k->bytes);
	for (size_t i = 0; i < k->n; i++) {
		bool apart = k->opts.apart && i + 1 == k->n;
		struct val v;

		if (keyexpr_value(k->part[i].side[side].expr, val_from_rec(rec, 0), rec, h, &v, e) <
		    0)
			return -1;
		v = apart && k->opts.ranges && side == SIDE_RIGHT ? adapted_range(k, v, h)
		                                                  : adapted(k, v, h);
		/* nan equals nothing, itself included */
		null = null || val_type(v) == TYPE_NULL || (v.tag == VAL_NUM && isnan(v.num));
		if (apart)
			k->apart = v;
		else if (key_put(&k->bytes, h, v) < 0)
			return err_set(e, FAIL_DATA, "--on: the value is nested too deeply");
	}
	*key = k->bytes.n ? buf_slice(&k->bytes) : SLICE("");
	return !null;
}

struct val joinkeys_last(const struct joinkeys *k)
{
	return k->apart;
}

bool joinkeys_has_field(const struct joinkeys *k, struct slice name)
{
	for (size_t i = 0; i + k->opts.apart < k->n; i++)
		if (k->part[i].field.p && slice_same(k->part[i].field, name))
			return true;
	return false;
}

void joinkeys_show(const struct joinkeys *k, struct slice key, struct heap *h, struct buf *to)
{
	const char *p = key.p;

	if (k->n > 1)
		buf_addc(to, '[');
	for (size_t i = 0; i < k->n; i++) {
		struct val v;

		p = key_get(p, h, &v);
		if (i)
			buf_addc(to, ',');
		val_write_canonical(h, to, v);
	}
	if (k->n > 1)
		buf_addc(to, ']');
}

void joinkeys_free(struct joinkeys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++) {
		free((char *)k->part[i].field.p);
		for (int side = 0; side < 2; side++) {
			struct side_expr *x = &k->part[i].side[side];

			keyexpr_free(x->expr);
			free(x->text);
		}
	}
	free(k->part);
	buf_free(&k->bytes);
	free(k);
}
