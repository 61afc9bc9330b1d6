/* Compiling programs over aggregates. */
#include "aggset_in.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "expr/parse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int fail_at(struct aggset *s, const struct node *n, struct err *e, const char *text)
{
	return parse_fail(&s->source, n->at, e, "%s", text);
}

static bool is_number(struct val v, double *to)
{
	if (val_is_num(v))
		*to = val_double(v);
	return val_is_num(v);
}

/* A duration: "30s", or a number of seconds. */
static bool is_duration(struct val v, double *to)
{
	int64_t ns;

	if (v.tag != VAL_STR || duration_parse(val_text(v), &ns) < 0)
		return is_number(v, to);
	*to = (double)ns / NS_PER_SEC;
	return true;
}

static bool is_list(struct heap *h, struct val v, struct agg *a)
{
	v = val_force(h, v);
	if (v.tag != VAL_ARR)
		return false;
	a->list = alloc_zero(v.arr->n + 1, sizeof *a->list);
	while (a->lists < v.arr->n && is_number(v.arr->at[a->lists], &a->list[a->lists]))
		a->lists++;
	return a->lists == v.arr->n;
}

/* What a parameter is: it must not depend on records. */
static int constant_param(struct aggset *s, struct node *n, struct agg *a, struct err *e)
{
	static const char *const what[] = { [AGG_NUMBER] = "number",
		                            [AGG_DURATION] = "duration like \"30s\"",
		                            [AGG_LIST] = "list of numbers" };
	struct expr_setup setup = { .source = s->source, .vars = &s->constants, .tree = n };
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
	fine = eval_next(v, &out) == 1;
	if (fine && a->kind->param == AGG_LIST)
		fine = is_list(&h, out, a);
	else if (fine && a->kind->param == AGG_DURATION)
		fine = is_duration(out, &a->param);
	else if (fine)
		fine = is_number(out, &a->param);
	eval_free(v);
	expr_free(p);
	heap_free(&h);
	if (fine)
		return 0;
	return parse_fail(&s->source, n->at, e, "%s: this must be a %s, the same for every record",
	                  a->kind->usage, what[a->kind->param]);
}

static int add_argument(struct aggset *s, struct node *n, const struct agg_kind *kind,
                        struct err *e)
{
	struct expr_setup setup = {
		.source = s->source, .plan = s->plan, .vars = &s->constants, .tree = n
	};
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
	a->takes |= 1u << kind->takes;
	if (kind->takes != AGG_ANY || !a->user)
		a->user = kind->name;
	return (int)i;
}

/* Can B's state be A's? */
static bool same_state(const struct agg *a, const struct agg *b)
{
	/* only mere fields have one argument between them */
	return a->kind->shares && a->kind->add == b->kind->add &&
	       a->kind->add_pair == b->kind->add_pair && a->argument[0] == b->argument[0] &&
	       a->argument[1] == b->argument[1];
}

/* Find room for the last call's state, and for what it carries. */
static void place_state(struct aggset *s)
{
	struct agg *a = &s->agg[s->aggs];
	bool carries = a->kind->carry_size > 0;
	size_t i;

	for (i = 0; i < s->aggs && !same_state(a, &s->agg[i]); i++)
		;
	a->offset = i < s->aggs ? s->agg[i].offset : s->size;
	if (i == s->aggs) {
		s->own[s->owns++] = (uint8_t)i;
		s->size += a->kind->size;
	}
	for (i = 0; carries && i < s->aggs &&
	            (s->agg[i].offset != a->offset || !s->agg[i].kind->carry_size);
	     i++)
		;
	a->before = carries && i < s->aggs ? s->agg[i].before : s->carry_size;
	if (carries && i == s->aggs)
		s->carry_size += a->kind->carry_size;
}

static int read_call(struct aggset *s, const struct node *n, struct agg *a, struct err *e)
{
	const struct agg_kind *kind = a->kind;
	unsigned i;

	for (i = 0; i < kind->values; i++) {
		a->argument[i] = add_argument(s, n->list[i], kind, e);
		if (a->argument[i] < 0)
			return -1;
	}
	if (i < n->count && constant_param(s, n->list[i], a, e) < 0)
		return -1;
	return kind->setup && kind->setup(a, e) < 0 ? fail_at(s, n, e, e->text) : 0;
}

/* A call of an aggregate becomes a variable that will hold its value. */
static int replace_call(struct aggset *s, struct node *n, const struct agg_kind *kind,
                        struct err *e)
{
	struct agg *a = &s->agg[s->aggs];
	char name[32];
	int r;

	if (s->aggs == AGGS_MAX)
		return fail_at(s, n, e, "more than 200 aggregates in one program");
	*a = (struct agg){
		.kind = kind, .argument = { -1, -1 }, .param = INFINITY, .scratch = &s->scratch
	};
	r = read_call(s, n, a, e);
	place_state(s);
	s->aggs++;
	if (r < 0)
		return -1;
	snprintf(name, sizeof name, "aggregate %zu", s->aggs - 1);
	s->var = alloc_grow(s->var, &s->var_cap, s->vars + 1, sizeof *s->var);
	s->var[s->vars++] = (struct expr_var){ { alloc_copy(name, strlen(name)), strlen(name) },
		                               val_of(VAL_NONE) };
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

/* A call with a bare `.` in its arguments, or of a wrong number of them: an aggregate was meant. */
static int no_aggregate(struct aggset *s, const struct node *n, struct err *e)
{
	const struct agg_kind *k = agg_named(n->name), *near = k ? k : agg_near(n->name);
	int len = (int)(n->name.n > 60 ? 60 : n->name.n);

	s->bare = false;
	if (k)
		return parse_fail(&s->source, n->at, e, "%.*s/%u is no aggregate: it is %s", len,
		                  n->name.p, n->count, k->usage);
	if (near)
		return parse_fail(&s->source, n->at, e, "%.*s/%u is no aggregate: did you mean %s?",
		                  len, n->name.p, n->count, near->usage);
	return parse_fail(&s->source, n->at, e,
	                  "%.*s/%u is no aggregate, and '.' has no meaning outside of one", len,
	                  n->name.p, n->count);
}

static bool is_local(const struct aggset *s, const struct node *call)
{
	const struct local *l = s->locals;

	while (l && (l->arity != call->count || !slice_same(l->name, call->name)))
		l = l->up;
	return l != NULL;
}

/*
 * A function of jq's at the level of AGG may not look at `.`, as length, test("x") and select(f)
 * do; now and range(f) do not. It is compiled by itself, with null for its arguments: then its
 * fields and its input are what it looks at.
 */
static int check_call(struct aggset *s, struct node *n, struct err *e)
{
	struct node null = { .kind = NODE_LITERAL, .at = n->at, .value = val_of(VAL_NULL) };
	struct node call = { .kind = NODE_CALL, .at = n->at, .name = n->name, .count = n->count };
	struct plan plan;
	struct expr_setup setup = { .source = s->source, .plan = &plan, .tree = &call };
	struct err undefined; /* what a name without any meaning gives; the compiler says so */
	struct prog *p;
	int did = 0;

	call.list = alloc_array(n->count + 1, sizeof(struct node *));
	for (uint32_t i = 0; i < n->count; i++)
		call.list[i] = &null;
	plan_init(&plan);
	p = expr_compile(&setup, &undefined);
	if (p && expr_reads_input(p))
		did = fail_at(s, n, e, "input and inputs have no place in a window");
	else if (p ? plan.n > 1 || expr_reads_whole(p) : agg_near(n->name) != NULL)
		did = no_aggregate(s, n, e);
	expr_free(p);
	plan_free(&plan);
	free(call.list);
	return did;
}

/* A definition, and what it is for. Within it `.` is whatever it is called with. */
static int rewrite_def(struct aggset *s, struct node *n, bool at_window, struct err *e)
{
	const struct def *d = n->def;
	const struct local *around = s->locals;
	struct local *local = alloc_array(d->arity + 1, sizeof *local);
	int did;

	local[0] = (struct local){ d->name, d->arity, around };
	for (uint32_t i = 0; i < d->arity; i++)
		local[i + 1] = (struct local){ d->param[i].name, 0, &local[i] };
	s->locals = &local[d->arity];
	did = rewrite_node(s, d->body, false, e);
	s->locals = &local[0];
	if (did == 0)
		did = rewrite_node(s, n->a, at_window, e);
	s->locals = around;
	free(local);
	return did;
}

/* Find the aggregates in a tree. AT_WINDOW: its `.` would be the window. */
static int rewrite_node(struct aggset *s, struct node *n, bool at_window, struct err *e)
{
	bool call = n->kind == NODE_CALL && !is_local(s, n), behind = at_window;
	const struct agg_kind *kind = call ? agg_find(n->name, n->count) : NULL;

	if (kind)
		return replace_call(s, n, kind, e);
	if (call && at_window && check_call(s, n, e) < 0)
		return -1;
	switch ((enum node_kind)n->kind) {
	case NODE_DEF:
		return rewrite_def(s, n, at_window, e);
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
			return s->bare && call ? no_aggregate(s, n, e) : -1;
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
	s->all = (struct expr_vars){ s->var, s->vars };
	s->setup->vars = &s->all;
	return 0;
}

/* The caller's variables: those that get their values with each result, and constants. */
static void take_vars(struct aggset *s, const struct expr_vars *vars)
{
	s->given = s->vars = vars->n;
	s->var = alloc_grow(s->var, &s->var_cap, vars->n + 1, sizeof *s->var);
	for (size_t i = 0; i < vars->n; i++)
		s->var[i] = vars->var[i];
	while (s->open < vars->n && vars->var[s->open].value.tag == VAL_NONE)
		s->open++;
	s->constants = (struct expr_vars){ vars->var + s->open, vars->n - s->open };
}

struct aggset *aggset_new(const struct source *source, struct plan *plan,
                          const struct expr_vars *vars, struct err *e)
{
	struct aggset *s = alloc_zero(1, sizeof *s);
	struct expr_setup setup = { .source = *source, .rewrite = rewrite, .context = s };

	s->source = setup.source;
	s->plan = plan;
	s->setup = &setup;
	if (vars)
		take_vars(s, vars);
	s->prog = expr_compile(&setup, e);
	s->setup = NULL;
	if (!s->prog) {
		aggset_free(s);
		return NULL;
	}
	return s;
}

bool aggset_uses_vars(const struct aggset *s)
{
	return memchr(s->source.text.p, '$', s->source.text.n) != NULL;
}

/* ---- what the fields are called */

/* The part of a program that its value is of. */
static const struct node *last_part(const struct node *n)
{
	while (n->kind == NODE_PIPE || n->kind == NODE_AS || n->kind == NODE_DEF)
		n = n->kind == NODE_DEF ? n->a : n->b;
	return n;
}

/* An aggregate whose value is never an object? */
static bool is_plain_aggregate(const struct aggset *s, struct slice var)
{
	for (size_t i = 0; i < s->aggs; i++)
		if (slice_same(s->var[s->given + i].name, var))
			return !s->agg[i].kind->gives_object;
	return false;
}

/* Surely no object? What is read off other values may be one. */
static bool is_no_object(const struct aggset *s, const struct node *n)
{
	n = last_part(n);
	switch ((enum node_kind)n->kind) {
	case NODE_STRING:
	case NODE_FORMAT:
	case NODE_ARRAY:
	case NODE_NEG:
	case NODE_AND:
	case NODE_OR:
		return true;
	case NODE_LITERAL:
		return val_type(n->value) != TYPE_OBJECT;
	case NODE_VAR:
		return is_plain_aggregate(s, n->name);
	case NODE_BINARY:
		/* objects can be added and multiplied */
		return (n->op != OP_ADD && n->op != OP_MUL) ||
		       (is_no_object(s, n->a) && is_no_object(s, n->b));
	case NODE_ALT:
		return is_no_object(s, n->a) && is_no_object(s, n->b);
	default:
		return false;
	}
}

static bool is_name(const struct node *key)
{
	return key->kind == NODE_LITERAL && key->value.tag == VAL_STR;
}

enum aggset_fields aggset_fields(const struct aggset *s)
{
	const struct node *n = last_part(s->tree);

	if (n->kind != NODE_OBJECT)
		return is_no_object(s, n) ? AGGSET_NO_OBJECT : AGGSET_UNKNOWN;
	for (uint32_t i = 0; i < n->count; i += 2)
		if (!is_name(n->list[i]))
			return AGGSET_UNKNOWN;
	return AGGSET_FIELDS;
}

struct slice aggset_field(const struct aggset *s, size_t i)
{
	const struct node *n = last_part(s->tree);

	for (uint32_t k = 0; n->kind == NODE_OBJECT && k < n->count; k += 2)
		if (is_name(n->list[k]) && i-- == 0)
			return val_text(n->list[k]->value);
	return (struct slice){ 0 };
}
