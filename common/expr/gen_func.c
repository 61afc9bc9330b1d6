/* Generating functions that call themselves: frames, closures, last calls. */
#include "base/alloc.h"
#include "gen_call.h"

#define ARGS_MAX 12 /* of a function that gets a frame */

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
	struct scope *s = arg->kind == NODE_CALL && arg->count == 0 ? gen_resolve(arg, env) : NULL;
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

struct operand gen_framed(struct gen *g, const struct node *n, struct scope *callee,
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
struct operand gen_call_param(struct gen *g, const struct scope *s, struct operand in, int want)
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

/* Turn a call right before a return into a last call. */
static bool make_tail(struct gen *g, uint32_t from, struct operand out, bool with_path)
{
	struct insn *last = &g->p->code[g->p->n - 1];

	/* where a branch before it ends, there is something to return from */
	if (g->p->n <= from || g->landed == g->p->n || last->d != out.reg ||
	    (with_path && out.path != out.reg + 1))
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

static void give_back(struct gen *g, struct operand out, bool with_path)
{
	if (with_path)
		gen_check_path(g, &out, PATH_RESULT, 0);
	gen_own(g, &out);
	if (with_path && out.path != out.reg + 1)
		out = gen_settle(g, out, gen_regs(g, 2));
	gen_emit(g, I_RET, 0, out.reg, 0, 0);
}

/* Generate N so that its outputs are returned; what is done last is a last call. */
static void returned(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	uint32_t from = (uint32_t)g->p->n;
	bool with_path = in.path >= 0;
	struct operand out = gen(g, n, env, in, ANY);

	if (!g->failed && !make_tail(g, from, out, with_path))
		give_back(g, out, with_path);
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

/* a // b */
static void returned_alt(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	struct operand first = in, seen = gen_in_reg(gen_reg(g));
	int to = gen_merge_reg(g, &in, ANY);
	bool many = gen_mult(g, n->a, env) != MULT_ONE;
	uint32_t fork = 0, none;

	first.dies = false;
	if (many) {
		gen_settle(g, gen_const_operand(g, val_of(VAL_FALSE)), seen.reg);
		fork = gen_emit(g, I_FORK, 0, 0, 0, 0);
	}
	gen(g, n->a, env, first, to);
	none = gen_emit(g, I_JF, 0, to, 0, 0);
	if (many)
		gen_settle(g, gen_const_operand(g, val_of(VAL_TRUE)), seen.reg);
	give_back(g, gen_merged(to, &in), in.path >= 0);
	gen_land(g, none);
	if (many) {
		gen_emit(g, I_FAIL, 0, 0, 0, 0);
		gen_land(g, fork);
		none = gen_emit(g, I_JF, 0, seen.reg, 0, 0);
		gen_emit(g, I_FAIL, 0, 0, 0, 0);
		gen_land(g, none);
	}
	body(g, n->b, env, in);
}

static void returned_as(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	struct operand v = gen(g, n->a, env, gen_peek(in), ANY);
	bool simple = n->pattern->kind == PATTERN_VAR;

	in.dies = in.dies && simple && gen_mult(g, n->a, env) != MULT_MANY && v.reg != in.reg;
	body(g, n->b, gen_bind_pattern(g, n->pattern, v, env), in);
}

static void returned_call(struct gen *g, const struct node *n, struct scope *env, struct operand in)
{
	struct scope *callee = gen_resolve(n, env);
	const struct source *src = g->src;

	if (callee && callee->kind == SCOPE_ARG) {
		g->src = callee->src;
		body(g, callee->node, callee->env, in);
	} else {
		if (!callee && !gen_find_form(n))
			callee = gen_prelude(g, n);
		if (callee && callee->kind == SCOPE_FUNC && !gen_recursive(callee->def)) {
			struct scope *inner = gen_bind_args(g, n, callee, env, in, false);

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
	if (++g->depth > GEN_DEPTH) {
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
	case NODE_ALT:
		returned_alt(g, n, env, in);
		break;
	case NODE_AS:
		if (n->pattern->alternative)
			returned(g, n, env, in);
		else
			returned_as(g, n, env, in);
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

/* ---- the bodies */

/* The environment of a function's body: its parameters are in its frame. */
static struct scope *params(struct gen *g, struct scope *func, bool with_path)
{
	struct scope *env = func;
	int reg = 1 + with_path;

	for (uint32_t i = 0; i < func->def->arity; i++, reg++) {
		const struct param *p = &func->def->param[i];

		if (p->is_value) {
			env = gen_bind_value(g, env, p, gen_in_reg(reg));
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
