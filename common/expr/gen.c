#include "gen.h"

#include "base/alloc.h"
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>

#define CODE_MAX 500000 /* instructions */

/* ---- registers and instructions */

int gen_regs(struct gen *g, unsigned count)
{
	int first = (int)g->fn->regs;

	g->fn->regs += count;
	if (g->fn->regs >= NO_REG) {
		gen_fail(g, 0, "the program is too large: more than %d registers", NO_REG);
		g->fn->regs = 0;
		return 0;
	}
	return first;
}

int gen_reg(struct gen *g)
{
	return gen_regs(g, 1);
}

uint32_t gen_emit(struct gen *g, enum insn_op op, int d, int a, int b, int32_t x)
{
	struct prog *p = g->p;

	if (p->n >= CODE_MAX) {
		gen_fail(g, 0, "the program is too large: more than %d instructions", CODE_MAX);
		return 0;
	}
	p->code = alloc_grow(p->code, &p->code_cap, p->n + 1, sizeof *p->code);
	p->code[p->n] = (struct insn){ (uint16_t)op, (uint16_t)d, (uint16_t)a, (uint16_t)b, x, 0 };
	return (uint32_t)p->n++;
}

void gen_land(struct gen *g, uint32_t at)
{
	if (g->failed)
		return;
	g->p->code[at].x = (int32_t)(g->p->n - at - 1);
	g->landed = (uint32_t)g->p->n;
}

void gen_land_all(struct gen *g, int32_t chain)
{
	while (chain >= 0 && !g->failed) {
		int32_t next = g->p->code[chain].x;

		gen_land(g, (uint32_t)chain);
		chain = next;
	}
}

/* ---- operands */

struct operand gen_in_reg(int reg)
{
	return (struct operand){
		.reg = reg, .slot = -1, .constant = -1, .path = -1, .origin = reg
	};
}

struct operand gen_peek(struct operand in)
{
	in.path = -1;
	in.dies = false;
	return in;
}

struct operand gen_fresh(int reg)
{
	struct operand o = gen_in_reg(reg);

	o.fresh = o.dies = true;
	return o;
}

/*
 * A new value without a path, where the input has one: its path is still the input's, to be
 * checked.
 */
static struct operand pathless(struct operand o, const struct operand *in)
{
	if (in->path >= 0) {
		o.path = in->path;
		o.origin = in->origin;
	}
	return o;
}

int32_t gen_constant(struct gen *g, struct val v)
{
	struct prog *p = g->p;

	p->constant =
		alloc_grow(p->constant, &p->constant_cap, p->constants + 1, sizeof *p->constant);
	p->constant[p->constants] = val_share(v);
	return (int32_t)p->constants++;
}

struct operand gen_const_operand(struct gen *g, struct val v)
{
	struct operand o = gen_in_reg(-1);

	o.constant = gen_constant(g, v);
	return o;
}

/* A constant stays in a register of the program's own frame; a function's frame gets it each time.
 */
int gen_load_constant(struct gen *g, int32_t constant, int want)
{
	struct prog *p = g->p;
	int reg = want == ANY ? gen_reg(g) : want;

	if (want != ANY || g->fn->outer) {
		gen_emit(g, I_CONST, reg, 0, 0, constant);
		return reg;
	}
	p->preset = alloc_grow(p->preset, &p->preset_cap, p->presets + 1, sizeof *p->preset);
	p->preset[p->presets++] = (struct preset){ (uint16_t)reg, (uint32_t)constant };
	return reg;
}

int gen_load(struct gen *g, struct operand *o)
{
	if (o->reg >= 0)
		return o->reg;
	if (o->constant >= 0) {
		o->reg = gen_load_constant(g, o->constant, ANY);
	} else {
		o->reg = gen_reg(g);
		gen_emit(g, I_SLOT, o->reg, 0, 0, o->slot);
	}
	if (o->path < 0)
		o->origin = o->reg;
	return o->reg;
}

struct operand gen_settle(struct gen *g, struct operand o, int want)
{
	if (want == ANY || g->failed) {
		gen_load(g, &o);
		return o;
	}
	if (o.path >= 0)
		gen_check_path(g, &o, PATH_RESULT, 0);
	if (o.reg >= 0) {
		if (o.reg != want)
			gen_emit(g, I_MOVE, want, o.reg, 0, 0);
	} else if (o.constant >= 0) {
		gen_load_constant(g, o.constant, want);
	} else {
		gen_emit(g, I_SLOT, want, 0, 0, o.slot);
	}
	if (o.path >= 0 && o.path != want + 1) {
		gen_emit(g, I_MOVE, want + 1, o.path, 0, 0);
		o.path = want + 1;
	}
	o.reg = o.origin = want;
	return o;
}

int gen_own(struct gen *g, struct operand *o)
{
	bool scalar = o->constant >= 0;

	gen_load(g, o);
	if (!scalar && !(o->fresh && o->dies))
		gen_emit(g, I_SHARE, 0, o->reg, 0, 0);
	return o->reg;
}

void gen_check_path(struct gen *g, struct operand *o, int what, int key)
{
	gen_load(g, o);
	if (o->origin != o->reg)
		gen_emit(g, I_PATHSAME, key, o->reg, o->origin, what);
	o->origin = o->reg;
}

struct operand gen_fail(struct gen *g, uint32_t at, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	if (!g->failed) {
		va_start(ap, fmt);
		vsnprintf(text, sizeof text, fmt, ap);
		va_end(ap);
		parse_fail(g->src, at, g->err, "%s", text);
	}
	g->failed = true;
	return gen_in_reg(0);
}

/* ---- names */

struct scope *gen_bind(struct gen *g, struct scope *up, enum scope_kind kind, struct slice name)
{
	struct scope *s = arena_alloc(&g->heap->arena, sizeof *s);

	*s = (struct scope){
		.up = up, .kind = kind, .name = name, .fn = g->fn, .constant = -1, .src = g->src
	};
	return s;
}

static const struct scope *find(const struct scope *env, enum scope_kind kind, struct slice name)
{
	for (; env; env = env->up)
		if (env->kind == kind && slice_same(env->name, name))
			return env;
	return NULL;
}

struct operand gen_variable(struct gen *g, const struct scope *s, int want)
{
	struct operand o = gen_in_reg(s->reg);
	const struct fnctx *fn = g->fn;
	int32_t levels = 0;

	if (s->constant >= 0) {
		o.reg = -1;
		o.constant = s->constant;
		return gen_settle(g, o, want);
	}
	for (; fn != s->fn; fn = fn->outer)
		levels++;
	if (levels == 0)
		return want == ANY ? o : gen_settle(g, o, want);
	o.reg = o.origin = want == ANY ? gen_reg(g) : want;
	gen_emit(g, I_UP, o.reg, s->reg, 0, levels);
	return o;
}

static struct operand variable(struct gen *g, const struct node *n, struct scope *env, int want)
{
	const struct scope *s = find(env, SCOPE_VAR, n->name);
	struct node call = { .kind = NODE_CALL, .at = n->at, .name = SLICE("env") };

	if (s)
		return gen_variable(g, s, want);
	if (slice_same(n->name, SLICE("ENV")))
		return gen_call(g, &call, NULL, gen_in_reg(0), want);
	if (slice_same(n->name, SLICE("JQ_BUILD_CONFIGURATION")))
		return gen_settle(g, gen_const_operand(g, val_str(SLICE("sfilter"))), want);
	return gen_fail(g, n->at, "$%.*s is not defined", (int)n->name.n, n->name.p);
}

static struct operand break_label(struct gen *g, const struct node *n, struct scope *env)
{
	const struct scope *s = find(env, SCOPE_LABEL, n->name);
	struct operand o;

	if (!s)
		return gen_fail(g, n->at, "label $%.*s is not defined", (int)n->name.n, n->name.p);
	o = gen_variable(g, s, ANY);
	gen_emit(g, I_CUT, 0, o.reg, 0, 0);
	gen_emit(g, I_FAIL, 0, 0, 0, 0);
	return gen_fresh(o.reg);
}

static struct operand label(struct gen *g, const struct node *n, struct scope *env,
                            struct operand in, int want)
{
	env = gen_bind(g, env, SCOPE_LABEL, n->name);
	env->reg = gen_reg(g);
	gen_emit(g, I_MARK, env->reg, 0, 0, 0);
	return gen(g, n->a, env, in, want);
}

/* ---- trees */

static struct operand define_node(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	env = gen_bind(g, env, SCOPE_FUNC, n->def->name);
	env->def = n->def;
	return gen(g, n->a, env, in, want);
}

/* Nodes whose outputs are new values, so that they have no path. */
static struct operand value_node(struct gen *g, const struct node *n, struct scope *env,
                                 struct operand in, int want)
{
	if (in.path >= 0) {
		struct operand out = pathless(gen(g, n, env, gen_peek(in), ANY), &in);

		return gen_settle(g, out, want);
	}
	switch ((enum node_kind)n->kind) {
	case NODE_LITERAL:
		in = gen_const_operand(g, n->value);
		return want == ANY ? in : gen_settle(g, in, want);
	case NODE_STRING:
		return gen_string(g, n, env, in, want);
	case NODE_FORMAT:
		return gen_format(g, n, in, want);
	case NODE_ARRAY:
		return gen_collect(g, n, env, in, want);
	case NODE_OBJECT:
		return gen_object(g, n, env, in, want);
	case NODE_NEG:
		return gen_negate(g, n, env, in, want);
	case NODE_BINARY:
		return gen_binary(g, n, env, in, want);
	case NODE_AND:
	case NODE_OR:
		return gen_jump_form(g, n, env, in, want);
	case NODE_ASSIGN:
	case NODE_UPDATE:
	case NODE_OPASSIGN:
	case NODE_ALTASSIGN:
		return gen_assign(g, n, env, in, want);
	case NODE_VAR:
		return variable(g, n, env, want);
	case NODE_REG:
		return gen_settle(g, gen_in_reg((int)n->value.len), want);
	default:
		return gen_fail(g, n->at, "this is not compiled (a bug)");
	}
}

static struct operand dispatch(struct gen *g, const struct node *n, struct scope *env,
                               struct operand in, int want)
{
	struct node recurse = { .kind = NODE_CALL, .at = n->at, .name = SLICE("recurse") };

	switch ((enum node_kind)n->kind) {
	case NODE_IDENTITY:
		return want == ANY ? in : gen_settle(g, in, want);
	case NODE_RECURSE:
		return gen_call(g, &recurse, NULL, in, want);
	case NODE_INDEX:
		return gen_index(g, n, env, in, want);
	case NODE_SLICE:
		return gen_slice(g, n, env, in, want);
	case NODE_EACH:
		return gen_each(g, n, env, in, want);
	case NODE_PIPE:
		return gen_pipe(g, n, env, in, want);
	case NODE_COMMA:
		return gen_comma(g, n, env, in, want);
	case NODE_IF:
	case NODE_ALT:
		return gen_jump_form(g, n, env, in, want);
	case NODE_TRY:
		return gen_try(g, n, env, in, want);
	case NODE_REDUCE:
	case NODE_FOREACH:
		return gen_fold(g, n, env, in, want);
	case NODE_DEF:
		return define_node(g, n, env, in, want);
	case NODE_CALL:
		return gen_call(g, n, env, in, want);
	case NODE_AS:
		return gen_as(g, n, env, in, want);
	case NODE_LABEL:
		return label(g, n, env, in, want);
	case NODE_BREAK:
		return break_label(g, n, env);
	default:
		return value_node(g, n, env, in, want);
	}
}

struct operand gen(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                   int want)
{
	struct operand out;

	if (g->failed)
		return gen_in_reg(0);
	if (++g->depth > GEN_DEPTH)
		return gen_fail(g, n->at, "the program is nested too deeply");
	out = dispatch(g, n, env, in, want);
	g->depth--;
	return out;
}
