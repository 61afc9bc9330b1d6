#include "gen.h"

#include "base/alloc.h"
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>

#define GEN_DEPTH 3000   /* nodes in one another, after functions were put in place */
#define CODE_MAX  500000 /* instructions */

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
	if (!g->failed)
		g->p->code[at].x = (int32_t)(g->p->n - at - 1);
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

static struct operand fresh(int reg)
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
static int load_constant(struct gen *g, int32_t constant, int want)
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
		o->reg = load_constant(g, o->constant, ANY);
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
		load_constant(g, o.constant, want);
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
	return fresh(o.reg);
}

static struct operand label(struct gen *g, const struct node *n, struct scope *env,
                            struct operand in, int want)
{
	env = gen_bind(g, env, SCOPE_LABEL, n->name);
	env->reg = gen_reg(g);
	gen_emit(g, I_MARK, env->reg, 0, 0, 0);
	return gen(g, n->a, env, in, want);
}

/* ---- access */

/* The slot below SLOT that a literal key names, or -1. */
static int32_t child_slot(struct gen *g, int32_t slot, struct val key)
{
	double v;

	if (slot < 0 || !g->plan)
		return -1;
	if (key.tag == VAL_STR)
		return plan_key(g->plan, slot, val_text(key));
	if (!val_is_num(key))
		return -1;
	v = val_double(key);
	return v >= 0 && v < 1000 && v == (int)v ? plan_index(g->plan, slot, (uint32_t)v) : -1;
}

/* Is an input with a path there to be gone on from? Adds KEY to it. */
static void extend_path(struct gen *g, struct operand *out, struct operand *of, int key)
{
	if (of->path < 0)
		return;
	out->path = gen_reg(g);
	gen_emit(g, I_PATHADD, out->path, of->path, key, 0);
	out->origin = out->reg;
}

static struct operand index_literal(struct gen *g, struct operand of, struct val key, int want)
{
	int32_t slot = child_slot(g, of.slot, key);
	struct operand out = gen_in_reg(-1), k;

	if (slot >= 0 && of.path < 0) {
		out.slot = slot;
		return want == ANY ? out : gen_settle(g, out, want);
	}
	k = gen_const_operand(g, key);
	if (of.path >= 0 || key.tag != VAL_STR)
		gen_load(g, &k);
	if (of.path >= 0)
		gen_check_path(g, &of, PATH_ACCESS, k.reg);
	gen_load(g, &of);
	out.reg = out.origin = want == ANY ? gen_reg(g) : want;
	out.slot = slot;
	if (key.tag == VAL_STR)
		gen_emit(g, I_FIELD, out.reg, of.reg, 0, k.constant);
	else
		gen_emit(g, I_INDEX, out.reg, of.reg, k.reg, 0);
	extend_path(g, &out, &of, k.reg);
	return want == ANY ? out : gen_settle(g, out, want);
}

static struct operand index_node(struct gen *g, const struct node *n, struct scope *env,
                                 struct operand in, int want)
{
	struct operand of, key, out;

	if (n->b->kind == NODE_LITERAL)
		return index_literal(g, gen(g, n->a, env, in, ANY), n->b->value, want);
	/* jq: the key's outputs are the outer loop */
	key = gen(g, n->b, env, gen_peek(in), ANY);
	gen_load(g, &key);
	of = gen(g, n->a, env, in, ANY);
	gen_load(g, &of);
	if (of.path >= 0)
		gen_check_path(g, &of, PATH_ACCESS, key.reg);
	out = gen_in_reg(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_INDEX, out.reg, of.reg, key.reg, 0);
	extend_path(g, &out, &of, key.reg);
	return gen_settle(g, out, want);
}

static struct operand slice_node(struct gen *g, const struct node *n, struct scope *env,
                                 struct operand in, int want)
{
	int bounds = gen_regs(g, 2);
	const struct node *part[2] = { n->b, n->c };
	struct operand of, out;

	for (int i = 0; i < 2; i++) {
		if (part[i])
			gen(g, part[i], env, gen_peek(in), bounds + i);
		else
			load_constant(g, gen_constant(g, val_of(VAL_NULL)), bounds + i);
	}
	of = gen(g, n->a, env, in, ANY);
	gen_load(g, &of);
	if (of.path >= 0)
		gen_check_path(g, &of, PATH_ACCESS, bounds);
	out = gen_in_reg(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_SLICE, out.reg, of.reg, bounds, 0);
	if (of.path >= 0) {
		out.path = gen_reg(g);
		gen_emit(g, I_PATHSLICE, out.path, of.path, bounds, 0);
	}
	return gen_settle(g, out, want);
}

static struct operand each_node(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want)
{
	struct operand of = gen(g, n->a, env, in, ANY), out;
	bool with_path = of.path >= 0;
	int state = gen_regs(g, 2), key = with_path ? gen_reg(g) : NO_REG;

	if (with_path)
		gen_check_path(g, &of, PATH_ITERATE, 0);
	gen_load(g, &of);
	out = gen_in_reg(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_ITER, state, of.reg, with_path, 0);
	gen_emit(g, I_EACH, out.reg, state, key, 0);
	extend_path(g, &out, &of, key);
	return gen_settle(g, out, want);
}

/* ---- operators */

/* A constant's value, for folding; false where it is none. */
static bool known(const struct gen *g, const struct operand *o, double *v)
{
	if (o->constant < 0 || !val_is_num(g->p->constant[o->constant]))
		return false;
	*v = val_double(g->p->constant[o->constant]);
	return true;
}

/* The result of arithmetic on two constants: done once, here. */
static bool folded(struct gen *g, const struct node *n, struct operand *a, struct operand *b,
                   struct operand *out)
{
	double x, y;

	if (!known(g, a, &x) || !known(g, b, &y))
		return false;
	switch ((enum binary_op)n->op) {
	case OP_ADD:
		x += y;
		break;
	case OP_SUB:
		x -= y;
		break;
	case OP_MUL:
		x *= y;
		break;
	case OP_DIV:
		if (y == 0)
			return false;
		x /= y;
		break;
	default:
		return false;
	}
	*out = gen_const_operand(g, val_num(x));
	return true;
}

static struct operand binary_node(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	bool last = gen_mult(g, n->b, env) != MULT_MANY;
	struct operand b, a, out, first = gen_peek(in);

	/* jq: the right side's outputs are the outer loop */
	b = gen(g, n->b, env, first, ANY);
	if (b.constant < 0)
		gen_load(g, &b);
	in.path = -1;
	in.dies = in.dies && last && b.reg != in.reg;
	a = gen(g, n->a, env, in, ANY);
	if (folded(g, n, &a, &b, &out))
		return want == ANY ? out : gen_settle(g, out, want);
	gen_load(g, &a);
	gen_load(g, &b);
	out = fresh(want == ANY ? gen_reg(g) : want);
	if (n->op == OP_ADD && a.fresh && a.dies && a.reg != b.reg)
		gen_emit(g, I_ADD_OWN, out.reg, a.reg, b.reg, 0);
	else
		gen_emit(g, (enum insn_op)(I_ADD + n->op), out.reg, a.reg, b.reg, 0);
	return out;
}

static struct operand negate_node(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	struct operand a = gen(g, n->a, env, gen_peek(in), ANY), out;
	double v;

	if (known(g, &a, &v) && g->p->constant[a.constant].tag == VAL_NUM) {
		out = gen_const_operand(g, val_num(-v));
		return want == ANY ? out : gen_settle(g, out, want);
	}
	gen_load(g, &a);
	out = fresh(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_NEG, out.reg, a.reg, 0, 0);
	return out;
}

static struct operand pipe_node(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want)
{
	struct operand left = gen(g, n->a, env, in, ANY);

	gen_load(g, &left);
	if (left.reg == in.reg)
		left.dies = in.dies;
	return gen(g, n->b, env, left, want);
}

static struct operand comma_node(struct gen *g, const struct node *n, struct scope *env,
                                 struct operand in, int want)
{
	int to = want == ANY ? gen_regs(g, in.path >= 0 ? 2 : 1) : want;
	struct operand first = in, out;
	uint32_t fork = gen_emit(g, I_FORK, 0, 0, 0, 0), jump;

	first.dies = false;
	out = gen(g, n->a, env, first, to);
	jump = gen_emit(g, I_JUMP, 0, 0, 0, 0);
	gen_land(g, fork);
	gen(g, n->b, env, in, to);
	gen_land(g, jump);
	out.reg = out.origin = to;
	out.slot = out.constant = -1;
	out.fresh = false;
	return out;
}

/* ---- building */

static struct operand object_node(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	int base = gen_regs(g, n->count ? n->count : 1);
	struct operand v, out, key, look = gen_peek(in);

	for (uint32_t i = 0; i < n->count; i += 2) {
		const struct node *value = n->list[i + 1];
		int at = base + (int)i;

		if (n->list[i]->kind == NODE_LITERAL && !g->fn->outer) {
			/* the key's register keeps it from record to record */
			struct prog *p = g->p;

			p->preset = alloc_grow(p->preset, &p->preset_cap, p->presets + 1,
			                       sizeof *p->preset);
			p->preset[p->presets++] =
				(struct preset){ (uint16_t)at,
				                 (uint32_t)gen_constant(g, n->list[i]->value) };
		} else {
			gen(g, n->list[i], env, look, at);
		}
		if (value->kind == NODE_INDEX && value->b == n->list[i] &&
		    value->b->kind != NODE_LITERAL) {
			/* {"a\(1, 2)"}: the key is not generated again */
			key = look;
			gen_emit(g, I_INDEX, at + 1, gen_load(g, &key), at, 0);
			v = gen_in_reg(at + 1);
		} else {
			v = gen(g, value, env, look, at + 1);
		}
		gen_own(g, &v);
	}
	out = fresh(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_OBJECT, out.reg, base, 0, (int32_t)(n->count / 2));
	return out;
}

static struct operand string_node(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	int base = gen_regs(g, n->count), format = n->name.n ? format_find(n->name) : 0;
	struct operand out;

	if (format < 0)
		return gen_fail(g, n->at, "@%.*s is not a format", (int)n->name.n, n->name.p);
	for (uint32_t i = 0; i < n->count; i++) {
		int at = base + (int)i;

		gen(g, n->list[i], env, gen_peek(in), at);
		if (format && n->list[i]->kind != NODE_LITERAL)
			gen_emit(g, I_FORMAT, at, at, 0, format);
	}
	out = fresh(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_STRING, out.reg, base, 0, (int32_t)n->count);
	return out;
}

static struct operand format_node(struct gen *g, const struct node *n, struct operand in, int want)
{
	int format = format_find(n->name);
	struct operand out;

	if (format < 0)
		return gen_fail(g, n->at, "@%.*s is not a format", (int)n->name.n, n->name.p);
	gen_load(g, &in);
	out = fresh(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_FORMAT, out.reg, in.reg, 0, format);
	return out;
}

static struct operand define_node(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	env = gen_bind(g, env, SCOPE_FUNC, n->def->name);
	env->def = n->def;
	return gen(g, n->a, env, in, want);
}

/* ---- */

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
		return index_node(g, n, env, in, want);
	case NODE_SLICE:
		return slice_node(g, n, env, in, want);
	case NODE_EACH:
		return each_node(g, n, env, in, want);
	case NODE_PIPE:
		return pipe_node(g, n, env, in, want);
	case NODE_COMMA:
		return comma_node(g, n, env, in, want);
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
		break;
	}
	/* from here on nothing has a path */
	if (in.path >= 0) {
		struct operand out = pathless(gen(g, n, env, gen_peek(in), ANY), &in);

		return gen_settle(g, out, want);
	}
	switch ((enum node_kind)n->kind) {
	case NODE_LITERAL:
		in = gen_const_operand(g, n->value);
		return want == ANY ? in : gen_settle(g, in, want);
	case NODE_STRING:
		return string_node(g, n, env, in, want);
	case NODE_FORMAT:
		return format_node(g, n, in, want);
	case NODE_ARRAY:
		return gen_collect(g, n, env, in, want);
	case NODE_OBJECT:
		return object_node(g, n, env, in, want);
	case NODE_NEG:
		return negate_node(g, n, env, in, want);
	case NODE_BINARY:
		return binary_node(g, n, env, in, want);
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

/* ---- how many outputs */

static enum mult more(enum mult a, enum mult b)
{
	return a > b ? a : b;
}

static enum mult list_mult(struct gen *g, const struct node *n, struct scope *env)
{
	enum mult m = MULT_ONE;

	for (uint32_t i = 0; i < n->count; i++)
		m = more(m, gen_mult(g, n->list[i], env));
	return m;
}

static enum mult mult_of_def(struct gen *g, const struct node *n, struct scope *env)
{
	env = gen_bind(g, env, SCOPE_FUNC, n->def->name);
	env->def = n->def;
	return gen_mult(g, n->a, env);
}

static struct scope *bind_names(struct gen *g, const struct pattern *p, struct scope *env)
{
	for (; p; p = p->alternative) {
		if (p->kind == PATTERN_VAR)
			env = gen_bind(g, env, SCOPE_VAR, p->name);
		for (uint32_t i = 0; i < p->count; i++) {
			if (p->item[i].name.p)
				env = gen_bind(g, env, SCOPE_VAR, p->item[i].name);
			if (p->item[i].pattern)
				env = bind_names(g, p->item[i].pattern, env);
		}
	}
	return env;
}

/* Does a pattern look keys up by generators? */
static enum mult pattern_mult(struct gen *g, const struct pattern *p, struct scope *env)
{
	enum mult m = p->alternative ? MULT_MANY : MULT_ONE;

	for (uint32_t i = 0; i < p->count; i++) {
		if (p->item[i].key)
			m = more(m, gen_mult(g, p->item[i].key, env));
		if (p->item[i].pattern)
			m = more(m, pattern_mult(g, p->item[i].pattern, env));
	}
	return m;
}

static enum mult mult_of(struct gen *g, const struct node *n, struct scope *env)
{
	enum mult m;

	switch ((enum node_kind)n->kind) {
	case NODE_INDEX:
	case NODE_PIPE:
	case NODE_BINARY:
	case NODE_AND:
	case NODE_OR:
		return more(gen_mult(g, n->a, env), gen_mult(g, n->b, env));
	case NODE_SLICE:
		m = more(gen_mult(g, n->a, env), n->b ? gen_mult(g, n->b, env) : MULT_ONE);
		return more(m, n->c ? gen_mult(g, n->c, env) : MULT_ONE);
	case NODE_STRING:
	case NODE_OBJECT:
		return list_mult(g, n, env);
	case NODE_NEG:
		return gen_mult(g, n->a, env);
	case NODE_ALT:
		m = gen_mult(g, n->a, env);
		return m == MULT_ONE ? gen_mult(g, n->b, env) : MULT_MANY;
	case NODE_ASSIGN:
	case NODE_OPASSIGN:
	case NODE_ALTASSIGN:
		return gen_mult(g, n->b, env);
	case NODE_IF:
		m = more(gen_mult(g, n->a, env), gen_mult(g, n->b, env));
		return more(m, n->c ? gen_mult(g, n->c, env) : MULT_ONE);
	case NODE_TRY:
		m = more(gen_mult(g, n->a, env), n->b ? gen_mult(g, n->b, env) : MULT_OPT);
		return m;
	case NODE_REDUCE:
		return gen_mult(g, n->b, env);
	case NODE_DEF:
		return mult_of_def(g, n, env);
	case NODE_CALL:
		return gen_call_mult(g, n, env);
	case NODE_AS:
		m = more(gen_mult(g, n->a, env), pattern_mult(g, n->pattern, env));
		return more(m, gen_mult(g, n->b, bind_names(g, n->pattern, env)));
	case NODE_LABEL:
		return more(MULT_OPT, gen_mult(g, n->a, gen_bind(g, env, SCOPE_LABEL, n->name)));
	case NODE_BREAK:
		return MULT_OPT;
	case NODE_EACH:
	case NODE_RECURSE:
	case NODE_COMMA:
	case NODE_FOREACH:
		return MULT_MANY;
	default:
		return MULT_ONE;
	}
}

enum mult gen_mult(struct gen *g, const struct node *n, struct scope *env)
{
	enum mult m;

	if (g->failed || ++g->depth > GEN_DEPTH) {
		gen_fail(g, n->at, "the program is nested too deeply");
		return MULT_MANY;
	}
	m = mult_of(g, n, env);
	g->depth--;
	return m;
}
