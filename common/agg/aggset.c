#include "aggset.h"

#include "base/alloc.h"
#include "expr/parse.h"

#include <stdio.h>
#include <stdlib.h>

#define AGGS_MAX 200

/* A program that aggregates take their values from; those with the same field share it. */
struct argument {
	struct prog *prog;
	struct eval *eval;
	int32_t slot; /* of the record, if it is a mere field: then it needs no run */
	/* its values for the record read last */
	struct agg_value one;
	bool has_one;
	struct agg_value *more; /* those behind the first */
	size_t mores, cap;
	bool numbers, truth; /* what the aggregates that use it want */
	const char *user;    /* one of them, for messages */
};

struct aggset {
	struct source source;
	struct plan *plan;
	struct agg agg[AGGS_MAX];
	size_t aggs;
	struct argument *arg;
	size_t args, arg_cap;
	size_t size;
	struct expr_var *var; /* the caller's, then one an aggregate */
	size_t vars, given, var_cap;
	struct expr_setup *setup; /* while compiling */
	struct prog *prog;
	struct eval *eval;
	const struct node *tree; /* in the program's heap */
	bool bare;               /* the error is a bare `.` */
};

/* ---- compiling */

static int fail_at(struct aggset *s, const struct node *n, struct err *e, const char *text)
{
	return parse_fail(&s->source, n->at, e, "%s", text);
}

/* The number that a parameter is: it must not depend on records. */
static int constant_param(struct aggset *s, struct node *n, double *to, struct err *e)
{
	struct expr_setup setup = { .source = s->source, .tree = n };
	struct prog *p = expr_compile(&setup, e);
	struct eval *v;
	struct heap h;
	struct val out;
	bool fine;

	if (!p)
		return -1;
	heap_init(&h);
	v = eval_new(p, &h, NULL);
	eval_start(v, val_of(VAL_NULL), NULL);
	fine = eval_next(v, &out) == 1 && val_is_num(out);
	if (fine)
		*to = val_double(out);
	eval_free(v);
	expr_free(p);
	heap_free(&h);
	return fine ? 0 : fail_at(s, n, e, "this must be a number, the same for every record");
}

static int add_argument(struct aggset *s, struct node *n, const struct agg_kind *kind,
                        struct err *e)
{
	struct expr_setup setup = { .source = s->source, .plan = s->plan, .tree = n };
	struct prog *p = expr_compile(&setup, e);
	struct argument *a;
	int32_t slot;
	size_t i;

	if (!p)
		return -1;
	if (expr_reads_input(p)) {
		expr_free(p);
		return fail_at(s, n, e, "input and inputs have no place in a window");
	}
	slot = expr_slot(p);
	for (i = 0; i < s->args && (slot < 0 || s->arg[i].slot != slot); i++)
		;
	if (i == s->args) {
		s->arg = alloc_grow(s->arg, &s->arg_cap, s->args + 1, sizeof *s->arg);
		s->arg[s->args++] = (struct argument){ .prog = p, .slot = slot };
	} else {
		expr_free(p);
	}
	a = &s->arg[i];
	a->numbers = a->numbers || kind->numbers;
	a->truth = a->truth || kind->truth;
	if (kind->numbers || !a->user)
		a->user = kind->name;
	return (int)i;
}

/* A call of an aggregate becomes a variable that will hold its value. */
static int replace_call(struct aggset *s, struct node *n, const struct agg_kind *kind,
                        struct err *e)
{
	struct agg *a = &s->agg[s->aggs];
	char name[24];
	uint32_t i;

	if (s->aggs == AGGS_MAX)
		return fail_at(s, n, e, "more than 200 aggregates in one program");
	*a = (struct agg){ .kind = kind, .argument = -1, .offset = s->size };
	if (n->count) {
		a->argument = add_argument(s, n->list[0], kind, e);
		if (a->argument < 0)
			return -1;
	}
	for (i = 1; i < n->count; i++)
		if (constant_param(s, n->list[i], &a->param[i - 1], e) < 0)
			return -1;
	if (kind->setup && kind->setup(a, e) < 0)
		return fail_at(s, n, e, e->text);
	s->size += (kind->size + 15) & ~(size_t)15;
	snprintf(name, sizeof name, "aggregate %zu", s->aggs);
	s->var = alloc_grow(s->var, &s->var_cap, s->vars + 1, sizeof *s->var);
	s->var[s->vars++] = (struct expr_var){ { alloc_copy(name, strlen(name)), strlen(name) },
		                               val_of(VAL_NONE) };
	s->aggs++;
	*n = (struct node){ .kind = NODE_VAR, .at = n->at, .name = s->var[s->vars - 1].name };
	return 0;
}

static int rewrite_node(struct aggset *s, struct node *n, bool at_window, struct err *e);

static int rewrite_parts(struct aggset *s, struct node *const *part, const bool *at_window,
                         size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (part[i] && rewrite_node(s, part[i], at_window[i], e) < 0)
			return -1;
	return 0;
}

/* A bare `.` where the window's records would be meant, many of them. */
static int bare(struct aggset *s, const struct node *n, struct err *e)
{
	s->bare = true;
	return fail_at(s, n, e,
	               "a window has many records, so '.' has no meaning here: take an aggregate "
	               "of it, like "
	               "first(.x), last(.x), max(.x), sum(.x)");
}

/* A call with a bare `.` in its arguments: an aggregate was meant. */
static int no_aggregate(struct aggset *s, const struct node *n, struct err *e)
{
	struct buf names = { 0 };

	s->bare = false;
	agg_names(&names);
	parse_fail(
		&s->source, n->at, e,
		"%.*s/%u is no aggregate (they are: %.*s), and '.' has no meaning outside of one",
		(int)(n->name.n > 60 ? 60 : n->name.n), n->name.p, n->count, (int)names.n, names.p);
	buf_free(&names);
	return -1;
}

/* Find the aggregates in a tree. AT_WINDOW: its `.` would be the window. */
static int rewrite_node(struct aggset *s, struct node *n, bool at_window, struct err *e)
{
	const struct agg_kind *kind = n->kind == NODE_CALL ? agg_find(n->name, n->count) : NULL;
	bool behind = at_window;

	if (kind)
		return replace_call(s, n, kind, e);
	switch ((enum node_kind)n->kind) {
	case NODE_IDENTITY:
	case NODE_RECURSE:
	case NODE_FORMAT:
		return at_window ? bare(s, n, e) : 0;
	case NODE_PIPE:
	case NODE_UPDATE:
		/* what comes behind looks at what came out before */
		behind = false;
		break;
	case NODE_TRY:
		behind = false; /* the handler looks at the error */
		break;
	default:
		break;
	}
	for (uint32_t i = 0; i < n->count; i++)
		if (rewrite_node(s, n->list[i], at_window, e) < 0)
			return s->bare && n->kind == NODE_CALL ? no_aggregate(s, n, e) : -1;
	if (n->def && rewrite_node(s, n->def->body, false, e) < 0)
		return -1;
	if (n->kind == NODE_REDUCE || n->kind == NODE_FOREACH)
		return rewrite_parts(s, (struct node *const[]){ n->a, n->b, n->c, n->d },
		                     (const bool[]){ at_window, at_window, false, false }, 4, e);
	return rewrite_parts(s, (struct node *const[]){ n->a, n->b, n->c, n->d },
	                     (const bool[]){ at_window, behind, at_window, at_window }, 4, e);
}

/* Called by the compiler between parsing and generating. */
static int rewrite(void *context, struct heap *heap, struct node **tree, struct err *e)
{
	struct aggset *s = context;

	(void)heap;
	if (rewrite_node(s, *tree, true, e) < 0)
		return -1;
	s->tree = *tree;
	s->setup->var = s->var;
	s->setup->vars = s->vars;
	return 0;
}

struct aggset *aggset_new(const char *text, struct plan *plan, const struct expr_var *var,
                          size_t vars, struct err *e)
{
	struct aggset *s = alloc_zero(1, sizeof *s);
	struct expr_setup setup = { .source = { slice_from(text), "AGG" },
		                    .rewrite = rewrite,
		                    .context = s };

	s->source = setup.source;
	s->plan = plan;
	s->setup = &setup;
	s->given = s->vars = vars;
	s->var = alloc_grow(s->var, &s->var_cap, vars + 1, sizeof *s->var);
	for (size_t i = 0; i < vars; i++)
		s->var[i] = var[i];
	s->prog = expr_compile(&setup, e);
	s->setup = NULL;
	if (!s->prog) {
		aggset_free(s);
		return NULL;
	}
	return s;
}

void aggset_free(struct aggset *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->args; i++) {
		eval_free(s->arg[i].eval);
		expr_free(s->arg[i].prog);
		free(s->arg[i].more);
	}
	for (size_t i = s->given; i < s->vars; i++)
		free((char *)s->var[i].name.p);
	eval_free(s->eval);
	expr_free(s->prog);
	free(s->arg);
	free(s->var);
	free(s);
}

size_t aggset_size(const struct aggset *s)
{
	return s->size ? s->size : 16;
}

bool aggset_has_field(const struct aggset *s, struct slice name)
{
	const struct node *n = s->tree;

	for (uint32_t i = 0; n->kind == NODE_OBJECT && i < n->count; i += 2)
		if (n->list[i]->kind == NODE_LITERAL && n->list[i]->value.tag == VAL_STR &&
		    slice_same(val_text(n->list[i]->value), name))
			return true;
	return false;
}

/* ---- per record */

/* One value of an argument. 1 it counts, 0 it does not (null), -1 it is of the wrong type. */
static int take(struct argument *a, struct val v, struct agg_value *to, struct err *e)
{
	*to = (struct agg_value){ .v = v };
	if (v.tag == VAL_LIT) {
		to->is_num = true;
		to->is_int = num_read(val_text(v), &to->num, &to->whole);
		return 1;
	}
	if (v.tag == VAL_NUM) {
		to->is_num = true;
		to->num = v.num;
		to->whole = v.num > -9e15 && v.num < 9e15 ? (int64_t)v.num : 0;
		to->is_int = (double)to->whole == v.num;
		return 1;
	}
	if (v.tag == VAL_NULL)
		return a->truth;
	if (a->numbers)
		return err_set(e, FAIL_DATA, "%s needs numbers, not %s", a->user, val_type_name(v));
	return 1;
}

static int read_generator(struct argument *a, struct err *e)
{
	struct agg_value v;
	struct val out;
	int got, r;

	while ((got = eval_next(a->eval, &out)) > 0) {
		r = take(a, out, &v, e);
		if (r < 0)
			return -1;
		if (r == 0)
			continue;
		if (!a->has_one) {
			a->one = v;
			a->has_one = true;
			continue;
		}
		a->more = alloc_grow(a->more, &a->cap, a->mores + 1, sizeof *a->more);
		a->more[a->mores++] = v;
	}
	return got;
}

static int read_argument(struct argument *a, const struct rec *rec, struct heap *h, struct err *e)
{
	struct buf text = { 0 };
	int r;

	a->has_one = false;
	a->mores = 0;
	if (a->slot >= 0 && rec->slot[a->slot] >= 0) {
		r = take(a, val_from_rec(rec, (uint32_t)rec->slot[a->slot]), &a->one, e);
		a->has_one = r > 0;
		return r;
	}
	if (!a->eval)
		a->eval = eval_new(a->prog, h, NULL);
	eval_start(a->eval, val_from_rec(rec, 0), rec);
	r = read_generator(a, e);
	if (r < 0 && e->kind == FAIL_NONE) {
		eval_error_text(a->eval, &text);
		err_set(e, FAIL_DATA, "%.*s", (int)text.n, text.p);
		buf_free(&text);
	}
	return r;
}

int aggset_read(struct aggset *s, const struct rec *rec, struct heap *h, struct err *e)
{
	for (size_t i = 0; i < s->args; i++)
		if (read_argument(&s->arg[i], rec, h, e) < 0)
			return -1;
	return 0;
}

void aggset_add(struct aggset *s, void *state, const struct agg_record *r)
{
	for (size_t i = 0; i < s->aggs; i++) {
		const struct agg *a = &s->agg[i];
		void *own = (char *)state + a->offset;
		const struct argument *arg;

		if (a->argument < 0) {
			a->kind->add(a, own, NULL, r);
			continue;
		}
		arg = &s->arg[a->argument];
		/* an argument that is shared may have a null that only conditions count */
		if (arg->has_one && (arg->one.v.tag != VAL_NULL || a->kind->truth))
			a->kind->add(a, own, &arg->one, r);
		for (size_t k = 0; k < arg->mores; k++)
			if (arg->more[k].v.tag != VAL_NULL || a->kind->truth)
				a->kind->add(a, own, &arg->more[k], r);
	}
}

/* ---- results */

int aggset_result(struct aggset *s, const void *state, const struct val *vars, struct heap *h,
                  struct val *v, struct err *e)
{
	struct buf text = { 0 };
	int got;

	if (!s->eval)
		s->eval = eval_new(s->prog, h, NULL);
	for (size_t i = 0; i < s->given; i++)
		eval_set_var(s->eval, i, vars[i]);
	for (size_t i = 0; i < s->aggs; i++)
		eval_set_var(s->eval, s->given + i,
		             s->agg[i].kind->result(&s->agg[i],
		                                    (const char *)state + s->agg[i].offset, h));
	eval_start(s->eval, val_of(VAL_NULL), NULL);
	got = eval_next(s->eval, v);
	if (got == 0)
		*v = val_of(VAL_NULL);
	if (got >= 0)
		return 0;
	eval_error_text(s->eval, &text);
	err_set(e, FAIL_DATA, "%.*s", (int)text.n, text.p);
	buf_free(&text);
	return -1;
}

void aggset_drop(const struct aggset *s, void *state)
{
	for (size_t i = 0; i < s->aggs; i++)
		if (s->agg[i].kind->drop)
			s->agg[i].kind->drop((char *)state + s->agg[i].offset);
}
