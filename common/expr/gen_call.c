/* Generating calls: of what, and how. */
#include "gen_call.h"

#include "bi.h"
#include "parse.h"

/* ---- what a name means */

/*
 * The definition or argument that a call refers to, or NULL: then it is of the prelude or a
 * builtin.
 */
struct scope *gen_resolve(const struct node *n, struct scope *env)
{
	for (; env; env = env->up) {
		if (!slice_same(env->name, n->name))
			continue;
		if (env->kind == SCOPE_FUNC && env->def->arity == n->count)
			return env;
		if ((env->kind == SCOPE_ARG || env->kind == SCOPE_PARAM) && n->count == 0)
			return env;
	}
	return NULL;
}

/*
 * Fetch a definition of the prelude; all see one another and the builtins, nothing of the
 * program's.
 */
struct scope *gen_prelude(struct gen *g, const struct node *n)
{
	const char *text;
	struct source *src;
	struct scope *s;
	struct err e;

	for (s = g->prelude; s; s = s->up)
		if (slice_same(s->name, n->name) && s->def->arity == n->count)
			return s;
	text = prelude_find(n->name, n->count);
	if (!text)
		return NULL;
	src = arena_alloc(&g->heap->arena, sizeof *src);
	*src = (struct source){ slice_from(text), NULL };
	s = arena_alloc(&g->heap->arena, sizeof *s);
	*s = (struct scope){
		.up = g->prelude, .kind = SCOPE_FUNC, .name = n->name, .fn = g->main, .src = src
	};
	s->def = parse_def(g->heap, src, &e);
	if (!s->def) {
		gen_fail(g, n->at, "%s", e.text);
		return NULL;
	}
	g->prelude = s;
	return s;
}

/*
 * Does a tree call a function of this name and arity? (Shadowing is not looked at: then a frame is
 * made in vain.)
 */
static bool calls(const struct node *n, const struct def *d);

static bool pattern_calls(const struct pattern *p, const struct def *d)
{
	for (; p; p = p->alternative)
		for (uint32_t i = 0; i < p->count; i++)
			if ((p->item[i].key && calls(p->item[i].key, d)) ||
			    (p->item[i].pattern && pattern_calls(p->item[i].pattern, d)))
				return true;
	return false;
}

static bool calls(const struct node *n, const struct def *d)
{
	if (!n)
		return false;
	if (n->kind == NODE_CALL && n->count == d->arity && slice_same(n->name, d->name))
		return true;
	for (uint32_t i = 0; i < n->count; i++)
		if (calls(n->list[i], d))
			return true;
	return calls(n->a, d) || calls(n->b, d) || calls(n->c, d) || calls(n->d, d) ||
	       (n->def && calls(n->def->body, d)) || (n->pattern && pattern_calls(n->pattern, d));
}

bool gen_recursive(struct def *d)
{
	if (!d->known) {
		d->known = true;
		d->recursive = calls(d->body, d);
	}
	return d->recursive;
}

/* ---- functions put in place */

/* An argument that is an argument of the caller's, handed on as it is: what it stands for. */
static struct scope *handed_on(struct gen *g, struct scope *env, const struct param *p,
                               const struct node *arg, struct scope *arg_env)
{
	struct scope *s = arg->kind == NODE_CALL && arg->count == 0 ? gen_resolve(arg, arg_env)
	                                                            : NULL,
		     *copy;

	if (!s || (s->kind != SCOPE_ARG && s->kind != SCOPE_PARAM))
		return NULL;
	copy = gen_bind(g, env, s->kind, p->name);
	copy->fn = s->fn;
	copy->reg = s->reg;
	copy->node = s->node;
	copy->env = s->env;
	copy->src = s->src;
	return copy;
}

static struct scope *bind_arg(struct gen *g, struct scope *env, const struct param *p,
                              struct node *arg, struct scope *arg_env)
{
	struct scope *s = handed_on(g, env, p, arg, arg_env);

	if (s)
		return s;
	s = gen_bind(g, env, SCOPE_ARG, p->name);
	s->node = arg;
	s->env = arg_env;
	return s;
}

/* $p as a variable, and p as a function that gives it. */
struct scope *gen_bind_value(struct gen *g, struct scope *env, const struct param *p,
                             struct operand v)
{
	struct node *var = node_new(g->heap, NODE_VAR, 0);
	struct scope *s = gen_bind(g, env, SCOPE_VAR, p->name), *f;

	var->name = p->name;
	s->reg = v.reg;
	if (v.constant >= 0 && v.reg < 0)
		s->constant = v.constant;
	f = gen_bind(g, s, SCOPE_ARG, p->name);
	f->node = var;
	f->env = s;
	return f;
}

/* The environment of a body whose parameters stand for the call's arguments. */
struct scope *gen_bind_args(struct gen *g, const struct node *n, struct scope *callee,
                            struct scope *env, struct operand in, bool dry)
{
	struct scope *inner = callee;
	const struct def *d = callee->def;

	for (uint32_t i = 0; i < d->arity; i++) {
		struct operand v = gen_in_reg(0);

		if (!d->param[i].is_value) {
			inner = bind_arg(g, inner, &d->param[i], n->list[i], env);
			continue;
		}
		if (!dry) {
			v = gen(g, n->list[i], env, gen_peek(in), ANY);
			if (v.constant < 0)
				gen_own(g, &v);
		}
		inner = gen_bind_value(g, inner, &d->param[i], v);
	}
	return inner;
}

/* How many outputs the $-arguments of a call have. */
static enum mult args_mult(struct gen *g, const struct node *n, const struct def *d,
                           struct scope *env)
{
	enum mult m = MULT_ONE, one;

	for (uint32_t i = 0; i < n->count; i++)
		if (!d || d->param[i].is_value) {
			one = gen_mult(g, n->list[i], env);
			m = one > m ? one : m;
		}
	return m;
}

static struct operand in_place(struct gen *g, const struct node *n, struct scope *callee,
                               struct scope *env, struct operand in, int want)
{
	const struct source *src = g->src;
	struct scope *inner = gen_bind_args(g, n, callee, env, in, false);
	struct operand out;

	in.dies = in.dies && args_mult(g, n, callee->def, env) != MULT_MANY;
	for (uint32_t i = 0; i < n->count; i++)
		in.dies = in.dies &&
		          !callee->def->param[i].is_value; /* a $value may be a part of the input */
	g->src = callee->src;
	out = gen(g, callee->def->body, inner, in, want);
	g->src = src;
	return out;
}

/* ---- calls */

/* Is a function called, not put in place? */
static bool framed(struct gen *g, struct def *d)
{
	g->looks += g->looks < LOOKS_MAX;
	return gen_recursive(d) || g->p->n > INLINE_UNTIL || g->looks == LOOKS_MAX;
}

/* An argument put in place of the parameter's name. */
static struct operand argument(struct gen *g, const struct scope *s, struct operand in, int want)
{
	const struct source *src = g->src;
	struct operand out;

	g->src = s->src;
	out = gen(g, s->node, s->env, in, want);
	g->src = src;
	return out;
}

/* A builtin: input and arguments in a row; jq: the last argument's outputs are the outermost loop.
 */
static struct operand builtin_call(struct gen *g, const struct node *n, const struct builtin *b,
                                   struct scope *env, struct operand in, int want)
{
	int base = gen_regs(g, 1 + n->count);
	struct operand out;

	for (uint32_t i = n->count; i-- > 0;)
		gen(g, n->list[i], env, gen_peek(in), base + 1 + (int)i);
	if (!(b->flags & BUILTIN_BLIND))
		gen_settle(g, gen_peek(in), base);
	if (b->flags & BUILTIN_INPUT)
		g->p->reads_input = true;
	out = gen_in_reg(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_BUILTIN, out.reg, base, 0, (int32_t)(b - builtin_at(0)));
	out.fresh = out.dies = b->flags & BUILTIN_FRESH;
	if (b->flags & BUILTIN_SAME && in.path >= 0) {
		out.path = in.path;
		return gen_settle(g, out, ANY);
	}
	return out;
}

static struct operand outside_call(struct gen *g, const struct node *n, struct scope *env,
                                   struct operand in, int want)
{
	const struct form *form = gen_find_form(n);
	const struct builtin *b = builtin_find(n->name, n->count);
	struct operand out;

	/* those that trust what the prelude gives them are not the program's to call */
	if (b && b->flags & BUILTIN_INNER && g->src->name)
		b = NULL;
	if (form && in.path >= 0 && !gen_form_has_path(form)) {
		out = form->gen(g, n, env, gen_peek(in), ANY);
		out.path = in.path;
		out.origin = in.origin;
		return gen_settle(g, out, want);
	}
	if (form)
		return form->gen(g, n, env, in, want);
	if (!b)
		return gen_fail(g, n->at, "%.*s/%u is not defined", (int)n->name.n, n->name.p,
		                (unsigned)n->count);
	if (in.path < 0 && b->fn == bi_setpath && args_mult(g, n, NULL, env) == MULT_ONE)
		return gen_setpath(g, n, env, in, want);
	if (in.path < 0)
		return builtin_call(g, n, b, env, in, want);
	gen_load(g, &in);
	out = builtin_call(g, n, b, env, in, ANY);
	if (!(b->flags & BUILTIN_SAME)) {
		out.path = in.path;
		out.origin = in.origin;
	}
	return gen_settle(g, out, want);
}

struct operand gen_call(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                        int want)
{
	struct scope *s = gen_resolve(n, env);

	if (!s && !gen_find_form(n))
		s = gen_prelude(g, n);
	if (!s)
		return outside_call(g, n, env, in, want);
	if (s->kind == SCOPE_ARG)
		return argument(g, s, in, want);
	if (s->kind == SCOPE_PARAM)
		return gen_call_param(g, s, in, want);
	if (framed(g, s->def))
		return gen_framed(g, n, s, env, in, want);
	return in_place(g, n, s, env, in, want);
}

enum mult gen_call_mult(struct gen *g, const struct node *n, struct scope *env)
{
	struct scope *s = gen_resolve(n, env);
	const struct form *form = s ? NULL : gen_find_form(n);
	enum mult m = MULT_ONE, args;
	struct scope *inner;

	if (!s && !form)
		s = gen_prelude(g, n);
	if (!s) {
		args = !form || form->args_count ? args_mult(g, n, NULL, env) : MULT_ONE;
		m = form ? form->mult : MULT_ONE;
		return args > m ? args : m;
	}
	if (s->kind == SCOPE_ARG)
		return gen_mult(g, s->node, s->env);
	if (s->kind == SCOPE_PARAM || framed(g, s->def))
		return MULT_MANY;
	inner = gen_bind_args(g, n, s, env, gen_in_reg(0), true);
	args = args_mult(g, n, s->def, env);
	m = gen_mult(g, s->def->body, inner);
	return args > m ? args : m;
}
