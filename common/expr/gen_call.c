/* Generating calls: of what, and how. */
#include "gen.h"

#include "base/alloc.h"
#include "parse.h"

#include <stdio.h>

#define INLINE_UNTIL 20000 /* instructions; a larger program gets real calls instead of copies */
#define ARGS_MAX     12    /* of a function that gets a frame */

/* ---- what a name means */

/*
 * The definition or argument that a call refers to, or NULL: then it is of the prelude or a
 * builtin.
 */
static struct scope *resolve(const struct node *n, struct scope *env)
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
static struct scope *from_prelude(struct gen *g, const struct node *n)
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

static bool recursive(struct def *d)
{
	if (!d->known) {
		d->known = true;
		d->recursive = calls(d->body, d);
	}
	return d->recursive;
}

/* ---- forms that are neither functions nor builtins */

typedef struct operand intrinsic_gen(struct gen *g, const struct node *n, struct scope *env,
                                     struct operand in, int want);

struct intrinsic {
	const char *name;
	uint32_t arity;
	intrinsic_gen *gen;
	enum mult mult;  /* at least */
	bool args_count; /* its arguments' outputs are its own */
};

static struct operand gen_empty(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want)
{
	(void)n;
	(void)env;
	gen_emit(g, I_FAIL, 0, 0, 0, 0);
	return gen_settle(g, in, want);
}

static struct operand gen_not(struct gen *g, const struct node *n, struct scope *env,
                              struct operand in, int want)
{
	struct operand out = gen_in_reg(want == ANY ? gen_reg(g) : want);

	(void)n;
	(void)env;
	gen_emit(g, I_NOT, out.reg, gen_load(g, &in), 0, 0);
	return out;
}

static struct operand gen_error(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want)
{
	struct operand v = n->count ? gen(g, n->list[0], env, gen_peek(in), ANY) : in;

	gen_emit(g, I_RAISE, 0, gen_load(g, &v), 0, 0);
	return gen_settle(g, in, want);
}

static struct operand gen_path_form(struct gen *g, const struct node *n, struct scope *env,
                                    struct operand in, int want)
{
	return gen_path_of(g, n->list[0], env, in, want);
}

static struct operand gen_range(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want)
{
	int bounds = gen_regs(g, 3), state = gen_regs(g, 3), i;
	struct operand out;

	for (i = 0; i < 3; i++) {
		if (i < (int)n->count)
			gen(g, n->list[i], env, gen_peek(in), bounds + i);
		else
			gen_settle(g, gen_const_operand(g, val_num(1)), bounds + i);
	}
	/*
	 * the range counts in registers of its own: the bounds may be generators, and are looked at
	 * again
	 */
	for (i = 0; i < 3; i++)
		gen_emit(g, I_MOVE, state + i, bounds + i, 0, 0);
	out = gen_in_reg(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_RANGE, out.reg, state, 0, 0);
	return out;
}

static struct operand gen_first(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want)
{
	int mark = gen_reg(g);
	struct operand out;

	gen_emit(g, I_MARK, mark, 0, 0, 0);
	out = gen(g, n->list[0], env, in, want);
	gen_load(g, &out);
	gen_emit(g, I_CUT, 0, mark, 0, 0);
	return out;
}

/* The count of limit and skip as a double in a register; an error where it is negative. */
static int gen_count(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	struct operand count = gen(g, n->list[0], env, gen_peek(in), ANY), zero, message;
	int reg = gen_reg(g), test = gen_reg(g);
	char text[64];
	uint32_t fine;
	int len;

	zero = gen_const_operand(g, val_num(0));
	gen_emit(g, I_LT, test, gen_load(g, &count), gen_load(g, &zero), 0);
	fine = gen_emit(g, I_JF, 0, test, 0, 0);
	len = snprintf(text, sizeof text, "%.*s doesn't support negative count", (int)n->name.n,
	               n->name.p);
	message = gen_const_operand(g, val_copy_str(g->heap, (struct slice){ text, (size_t)len }));
	gen_emit(g, I_RAISE, 0, gen_load(g, &message), 0, 0);
	gen_land(g, fine);
	gen_emit(g, I_ADD, reg, count.reg, zero.reg, 0);
	return reg;
}

static struct operand gen_limit(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want)
{
	int most = gen_count(g, n, env, in), mark = gen_reg(g), seen = gen_reg(g),
	    test = gen_reg(g);
	struct operand zero = gen_const_operand(g, val_num(0)), out;
	uint32_t some;

	gen_emit(g, I_GT, test, most, gen_load(g, &zero), 0);
	some = gen_emit(g, I_JT, 0, test, 0, 0);
	gen_emit(g, I_FAIL, 0, 0, 0, 0);
	gen_land(g, some);
	gen_emit(g, I_MARK, mark, 0, 0, 0);
	gen_emit(g, I_MOVE, seen, zero.reg, 0, 0);
	in.dies = false;
	out = gen(g, n->list[1], env, in, want);
	gen_load(g, &out);
	gen_emit(g, I_TICK, seen, most, mark, 0);
	return out;
}

static struct operand gen_skip(struct gen *g, const struct node *n, struct scope *env,
                               struct operand in, int want)
{
	int left = gen_count(g, n, env, in);
	struct operand out;

	in.dies = false;
	out = gen(g, n->list[1], env, in, want);
	gen_load(g, &out);
	gen_emit(g, I_SKIP, left, 0, 0, 0);
	return out;
}

static struct operand gen_inputs(struct gen *g, const struct node *n, struct scope *env,
                                 struct operand in, int want)
{
	struct operand out = gen_in_reg(want == ANY ? gen_reg(g) : want);

	(void)n;
	(void)env;
	(void)in;
	g->p->reads_input = true;
	gen_emit(g, I_INPUT, out.reg, 0, 0, 0);
	out.fresh = out.dies = true;
	return out;
}

/* With a path, getpath(p) goes on from it; without, it is a builtin. */
static struct operand gen_getpath(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	struct operand keys = gen(g, n->list[0], env, gen_peek(in), ANY),
		       out = gen_in_reg(gen_reg(g));

	gen_load(g, &keys);
	gen_load(g, &in);
	if (in.path >= 0)
		gen_check_path(g, &in, PATH_ACCESS, keys.reg);
	/* the keys are checked, and copied, by making a path of them */
	out.path = gen_reg(g);
	if (in.path < 0)
		gen_emit(g, I_PATH0, out.path, 0, 0, 0);
	gen_emit(g, I_PATHCAT, out.path, in.path >= 0 ? in.path : out.path, keys.reg, 0);
	gen_emit(g, I_GETPATH, out.reg, in.reg, keys.reg, 0);
	if (in.path < 0)
		out.path = -1;
	return gen_settle(g, out, want);
}

static const struct intrinsic intrinsics[] = {
	{ "empty", 0, gen_empty, MULT_OPT, false },
	{ "not", 0, gen_not, MULT_ONE, false },
	{ "error", 0, gen_error, MULT_OPT, false },
	{ "error", 1, gen_error, MULT_OPT, true },
	{ "path", 1, gen_path_form, MULT_ONE, true },
	{ "range", 2, gen_range, MULT_MANY, true },
	{ "range", 3, gen_range, MULT_MANY, true },
	{ "first", 1, gen_first, MULT_OPT, false },
	{ "limit", 2, gen_limit, MULT_MANY, true },
	{ "skip", 2, gen_skip, MULT_MANY, true },
	{ "inputs", 0, gen_inputs, MULT_MANY, false },
	{ "getpath", 1, gen_getpath, MULT_ONE, true },
};

static const struct intrinsic *find_intrinsic(const struct node *n)
{
	for (size_t i = 0; i < sizeof intrinsics / sizeof intrinsics[0]; i++)
		if (intrinsics[i].arity == n->count &&
		    slice_same(n->name, slice_from(intrinsics[i].name)))
			return &intrinsics[i];
	return NULL;
}

/* ---- functions put in place */

/* An argument that is an argument of the caller's, handed on as it is: what it stands for. */
static struct scope *handed_on(struct gen *g, struct scope *env, const struct param *p,
                               const struct node *arg, struct scope *arg_env)
{
	struct scope *s = arg->kind == NODE_CALL && arg->count == 0 ? resolve(arg, arg_env) : NULL,
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
static struct scope *bind_value(struct gen *g, struct scope *env, const struct param *p,
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
static struct scope *bind_args(struct gen *g, const struct node *n, struct scope *callee,
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
		inner = bind_value(g, inner, &d->param[i], v);
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
	struct scope *inner = bind_args(g, n, callee, env, in, false);
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

/* ---- functions with frames */

static struct instance *find_instance(struct gen *g, const struct scope *func,
                                      const struct node *node, const struct scope *env)
{
	struct instance *i;

	for (i = g->instances; i; i = i->next)
		if (func ? i->func == func : i->node == node && i->env == env && i->outer == g->fn)
			return i;
	return NULL;
}

/* The function (and its twin with a path) of a definition or an argument; generated later. */
static struct instance *instance(struct gen *g, struct scope *func, struct node *node,
                                 struct scope *env, const struct source *src)
{
	struct instance *i = find_instance(g, func, node, env);

	if (i)
		return i;
	i = arena_alloc(&g->heap->arena, sizeof *i);
	*i = (struct instance){ g->instances, func, node, env, src, g->fn, (uint32_t)g->p->funcs };
	if (func)
		i->outer = func->fn;
	g->instances = i;
	g->p->func = alloc_grow(g->p->func, &g->p->func_cap, g->p->funcs + 2, sizeof *g->p->func);
	g->p->func[g->p->funcs] = (struct func){ .params = 1 };
	g->p->func[g->p->funcs + 1] = (struct func){ .params = 2, .with_path = true };
	for (uint32_t k = 0; func && k < 2; k++)
		g->p->func[g->p->funcs + k].params += (uint16_t)func->def->arity;
	g->p->funcs += 2;
	return i;
}

/* An argument as a closure in register TO. */
static void closure(struct gen *g, struct node *arg, struct scope *env, int to)
{
	struct scope *s = arg->kind == NODE_CALL && arg->count == 0 ? resolve(arg, env) : NULL;
	const struct source *src = g->src;
	struct instance *i;

	if (s && s->kind == SCOPE_PARAM) {
		gen_variable(g, s, to);
		return;
	}
	if (s && s->kind == SCOPE_ARG) {
		arg = s->node;
		env = s->env;
		src = s->src;
	}
	i = instance(g, NULL, arg, env, src);
	gen_emit(g, I_CLOSURE, to, 0, 0, (int32_t)i->number);
}

static int levels_to(const struct gen *g, const struct fnctx *fn)
{
	const struct fnctx *f;
	int levels = 0;

	for (f = g->fn; f && f != fn; f = f->outer)
		levels++;
	return levels;
}

/* Room for a result, and its path if there is one. */
static struct operand result(struct gen *g, const struct operand *in, int want)
{
	struct operand out = gen_in_reg(want != ANY ? want : gen_regs(g, in->path >= 0 ? 2 : 1));

	if (in->path >= 0)
		out.path = out.reg + 1;
	return out;
}

static struct operand framed(struct gen *g, const struct node *n, struct scope *callee,
                             struct scope *env, struct operand in, int want)
{
	const struct def *d = callee->def;
	bool with_path = in.path >= 0;
	struct instance *i;
	struct operand out, v;
	int base, arg;

	if (d->arity > ARGS_MAX)
		return gen_fail(g, n->at, "a recursive function with more than %d parameters",
		                ARGS_MAX);
	if (with_path)
		gen_check_path(g, &in, PATH_RESULT, 0);
	base = gen_regs(g, 2 + d->arity);
	arg = base + 1 + with_path;
	for (uint32_t k = 0; k < d->arity; k++) {
		if (d->param[k].is_value) {
			v = gen(g, n->list[k], env, gen_peek(in), arg + (int)k);
			gen_own(g, &v);
		} else {
			closure(g, n->list[k], env, arg + (int)k);
		}
	}
	i = instance(g, callee, NULL, NULL, NULL);
	in.dies = in.dies && d->arity == 0;
	gen_own(g, &in);
	gen_settle(g, in, base);
	out = result(g, &in, want);
	gen_emit(g, I_CALL, out.reg, base, levels_to(g, callee->fn),
	         (int32_t)i->number + with_path);
	out.fresh = out.dies = true;
	return out;
}

/* Call an argument that came as a closure. */
static struct operand call_param(struct gen *g, const struct scope *s, struct operand in, int want)
{
	bool with_path = in.path >= 0;
	struct operand f = gen_variable(g, s, ANY), out;
	int base;

	if (with_path)
		gen_check_path(g, &in, PATH_RESULT, 0);
	base = gen_regs(g, 2);
	gen_own(g, &in);
	gen_settle(g, in, base);
	out = result(g, &in, want);
	gen_emit(g, I_CALLV, out.reg, f.reg, base, with_path);
	out.fresh = out.dies = true;
	return out;
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

/* Turn a call right before a return into a last call. */
static bool make_tail(struct gen *g, uint32_t from, struct operand out, bool with_path)
{
	struct insn *last = &g->p->code[g->p->n - 1];

	if (g->p->n <= from || last->d != out.reg || (with_path && out.path != out.reg + 1))
		return false;
	if (last->op == I_CALL)
		last->op = I_TAIL;
	else if (last->op == I_CALLV)
		last->op = I_TAILV;
	else
		return false;
	return true;
}

static void body(struct gen *g, const struct node *n, struct scope *env, struct operand in);

/* Generate N so that its outputs are returned; what is done last is a last call. */
static void returned(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	uint32_t from = (uint32_t)g->p->n;
	bool with_path = in.path >= 0;
	struct operand out = gen(g, n, env, in, ANY);
	int to;

	if (g->failed)
		return;
	if (with_path)
		gen_check_path(g, &out, PATH_RESULT, 0);
	gen_own(g, &out);
	if (make_tail(g, from, out, with_path))
		return;
	if (with_path && out.path != out.reg + 1) {
		to = gen_regs(g, 2);
		out = gen_settle(g, out, to);
	}
	gen_emit(g, I_RET, 0, out.reg, 0, 0);
}

static void returned_if(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	bool once = gen_mult(g, n->a, env) != MULT_MANY;
	int32_t otherwise = gen_branch(g, n->a, env, in, false);

	in.dies = in.dies && once;
	body(g, n->b, env, in);
	gen_land_all(g, otherwise);
	if (n->c)
		body(g, n->c, env, in);
	else
		returned(g, &(struct node){ .kind = NODE_IDENTITY, .at = n->at }, env, in);
}

static void returned_comma(struct gen *g, const struct node *n, struct scope *env,
                           struct operand in)
{
	uint32_t fork = gen_emit(g, I_FORK, 0, 0, 0, 0);
	struct operand first = in;

	first.dies = false;
	body(g, n->a, env, first);
	gen_land(g, fork);
	body(g, n->b, env, in);
}

static void returned_call(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	struct scope *callee = resolve(n, env);
	const struct source *src = g->src;

	if (callee && callee->kind == SCOPE_ARG) {
		g->src = callee->src;
		body(g, callee->node, callee->env, in);
	} else {
		if (!callee && !find_intrinsic(n))
			callee = from_prelude(g, n);
		if (callee && callee->kind == SCOPE_FUNC && !recursive(callee->def)) {
			struct scope *inner = bind_args(g, n, callee, env, in, false);

			in.dies = false;
			g->src = callee->src;
			body(g, callee->def->body, inner, in);
		} else {
			returned(g, n, env, in);
		}
	}
	g->src = src;
}

/* A function's body in tail position: follow what comes last into its branches. */
static void body(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	struct operand left;

	if (g->failed)
		return;
	if (++g->depth > 3000) {
		gen_fail(g, n->at, "the program is nested too deeply");
		return;
	}
	switch ((enum node_kind)n->kind) {
	case NODE_PIPE:
		left = gen(g, n->a, env, in, ANY);
		gen_load(g, &left);
		if (left.reg == in.reg)
			left.dies = in.dies;
		body(g, n->b, env, left);
		break;
	case NODE_IF:
		returned_if(g, n, env, in);
		break;
	case NODE_COMMA:
		returned_comma(g, n, env, in);
		break;
	case NODE_DEF:
		env = gen_bind(g, env, SCOPE_FUNC, n->def->name);
		env->def = n->def;
		body(g, n->a, env, in);
		break;
	case NODE_CALL:
		returned_call(g, n, env, in);
		break;
	default:
		returned(g, n, env, in);
	}
	g->depth--;
}

/* ---- calls */

/* A builtin: input and arguments in a row; jq: the last argument's outputs are the outermost loop.
 */
static struct operand builtin_call(struct gen *g, const struct node *n, const struct builtin *b,
                                   struct scope *env, struct operand in, int want)
{
	int base = gen_regs(g, 1 + n->count);
	struct operand out;

	for (uint32_t i = n->count; i-- > 0;)
		gen(g, n->list[i], env, gen_peek(in), base + 1 + (int)i);
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
	const struct intrinsic *form = find_intrinsic(n);
	const struct builtin *b = builtin_find(n->name, n->count);
	struct operand out;

	if (form && in.path >= 0 && form->gen != gen_getpath && form->gen != gen_first &&
	    form->gen != gen_limit && form->gen != gen_skip && form->gen != gen_empty &&
	    form->gen != gen_error) {
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
	struct scope *s = resolve(n, env);

	if (!s && !find_intrinsic(n))
		s = from_prelude(g, n);
	if (!s)
		return outside_call(g, n, env, in, want);
	if (s->kind == SCOPE_ARG)
		return argument(g, s, in, want);
	if (s->kind == SCOPE_PARAM)
		return call_param(g, s, in, want);
	if (recursive(s->def) || g->p->n > INLINE_UNTIL)
		return framed(g, n, s, env, in, want);
	return in_place(g, n, s, env, in, want);
}

enum mult gen_call_mult(struct gen *g, const struct node *n, struct scope *env)
{
	struct scope *s = resolve(n, env);
	const struct intrinsic *form = s ? NULL : find_intrinsic(n);
	enum mult m = MULT_ONE, args;
	struct scope *inner;

	if (!s && !form)
		s = from_prelude(g, n);
	if (!s) {
		args = !form || form->args_count ? args_mult(g, n, NULL, env) : MULT_ONE;
		m = form ? form->mult : MULT_ONE;
		return args > m ? args : m;
	}
	if (s->kind == SCOPE_ARG)
		return gen_mult(g, s->node, s->env);
	if (s->kind == SCOPE_PARAM || recursive(s->def) || g->p->n > INLINE_UNTIL)
		return MULT_MANY;
	inner = bind_args(g, n, s, env, gen_in_reg(0), true);
	args = args_mult(g, n, s->def, env);
	m = gen_mult(g, s->def->body, inner);
	return args > m ? args : m;
}

/* ---- the bodies */

/* The environment of a function's body: its parameters are in its frame. */
static struct scope *params(struct gen *g, struct scope *func, bool with_path)
{
	struct scope *env = func;
	int reg = 1 + with_path;

	for (uint32_t i = 0; i < func->def->arity; i++, reg++) {
		const struct param *p = &func->def->param[i];

		if (p->is_value) {
			env = bind_value(g, env, p, gen_in_reg(reg));
			continue;
		}
		env = gen_bind(g, env, SCOPE_PARAM, p->name);
		env->reg = reg;
	}
	return env;
}

static void generate(struct gen *g, struct instance *i, bool with_path)
{
	struct fnctx *fn = arena_alloc(&g->heap->arena, sizeof *fn);
	struct func *f = &g->p->func[i->number + with_path];
	struct operand in = gen_in_reg(0);
	uint32_t number = i->number + with_path;

	*fn = (struct fnctx){ .outer = i->outer, .regs = f->params };
	f->entry = (uint32_t)g->p->n;
	g->fn = fn;
	in.fresh = in.dies = true;
	if (with_path)
		in.path = 1;
	if (i->func) {
		g->src = i->func->src;
		body(g, i->func->def->body, params(g, i->func, with_path), in);
	} else {
		g->src = i->src;
		body(g, i->node, i->env, in);
	}
	/* one more register: a result's path lies behind it */
	g->p->func[number].regs = fn->regs + 1;
}

void gen_instances(struct gen *g)
{
	struct instance *done = NULL, *i, *newest;

	while (g->instances != done && !g->failed) {
		newest = g->instances;
		for (i = newest; i != done && !g->failed; i = i->next) {
			generate(g, i, false);
			generate(g, i, true);
		}
		done = newest;
	}
}
