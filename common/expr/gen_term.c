/* Generating access, operators, and what builds values. */
#include "base/alloc.h"
#include "gen.h"

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

struct operand gen_index(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                         int want)
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

struct operand gen_slice(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                         int want)
{
	int bounds = gen_regs(g, 2);
	const struct node *part[2] = { n->b, n->c };
	struct operand of, out;

	for (int i = 0; i < 2; i++) {
		if (part[i])
			gen(g, part[i], env, gen_peek(in), bounds + i);
		else
			gen_load_constant(g, gen_constant(g, val_of(VAL_NULL)), bounds + i);
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

struct operand gen_each(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                        int want)
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

struct operand gen_binary(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                          int want)
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
	out = gen_fresh(want == ANY ? gen_reg(g) : want);
	if (n->op == OP_ADD && a.fresh && a.dies && a.reg != b.reg)
		gen_emit(g, I_ADD_OWN, out.reg, a.reg, b.reg, 0);
	else
		gen_emit(g, (enum insn_op)(I_ADD + n->op), out.reg, a.reg, b.reg, 0);
	return out;
}

struct operand gen_negate(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                          int want)
{
	struct operand a = gen(g, n->a, env, gen_peek(in), ANY), out;
	double v;

	if (known(g, &a, &v) && g->p->constant[a.constant].tag == VAL_NUM) {
		out = gen_const_operand(g, val_num(-v));
		return want == ANY ? out : gen_settle(g, out, want);
	}
	gen_load(g, &a);
	out = gen_fresh(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_NEG, out.reg, a.reg, 0, 0);
	return out;
}

struct operand gen_pipe(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                        int want)
{
	struct operand left = gen(g, n->a, env, in, ANY);

	gen_load(g, &left);
	if (left.reg == in.reg)
		left.dies = in.dies;
	return gen(g, n->b, env, left, want);
}

struct operand gen_comma(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                         int want)
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

struct operand gen_object(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                          int want)
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
	out = gen_fresh(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_OBJECT, out.reg, base, 0, (int32_t)(n->count / 2));
	return out;
}

struct operand gen_string(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                          int want)
{
	int base = gen_regs(g, n->count), format = n->name.n ? format_find(n->name) : 0;
	struct operand out;

	if (format < 0)
		return gen_fail(g, n->at, "@%.*s is not a format", (int)n->name.n, n->name.p);
	/* jq: the outputs of the last part are the outermost loop, as with + */
	for (uint32_t i = n->count; i-- > 0;) {
		int at = base + (int)i;

		gen(g, n->list[i], env, gen_peek(in), at);
		if (format && !(n->list[i]->kind == NODE_LITERAL && n->list[i]->op))
			gen_emit(g, I_FORMAT, at, at, 0, format);
	}
	out = gen_fresh(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_STRING, out.reg, base, 0, (int32_t)n->count);
	return out;
}

struct operand gen_format(struct gen *g, const struct node *n, struct operand in, int want)
{
	int format = format_find(n->name);
	struct operand out;

	if (format < 0)
		return gen_fail(g, n->at, "@%.*s is not a format", (int)n->name.n, n->name.p);
	gen_load(g, &in);
	out = gen_fresh(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_FORMAT, out.reg, in.reg, 0, format);
	return out;
}
