/* Generating path(..) and the assignments. */
#include "gen.h"

/* The input as the root of a path. */
static struct operand root(struct gen *g, struct operand in)
{
	gen_load(g, &in);
	in.dies = false;
	in.origin = in.reg;
	in.path = gen_reg(g);
	gen_emit(g, I_PATH0, in.path, 0, 0, 0);
	return in;
}

struct operand gen_path_of(struct gen *g, const struct node *n, struct scope *env,
                           struct operand in, int want)
{
	struct operand o = gen(g, n, env, root(g, in), ANY), out;

	gen_check_path(g, &o, PATH_RESULT, 0);
	out = gen_in_reg(want == ANY ? gen_reg(g) : want);
	gen_emit(g, I_PATHLIST, out.reg, o.path, 0, 0);
	out.fresh = out.dies = true;
	return out;
}

/*
 * Is this ., .a, .a.b[0]: one place, the same for every input? Its keys as an array if TO is not
 * NULL.
 */
static bool static_path(struct gen *g, const struct node *n, struct arr **to)
{
	if (n->kind == NODE_IDENTITY)
		return true;
	if (n->kind != NODE_INDEX || n->b->kind != NODE_LITERAL || !static_path(g, n->a, to))
		return false;
	if (to)
		*to = arr_push(g->heap, *to, n->b->value);
	return true;
}

/* What an assignment makes of the old value. */
struct change {
	const struct node *n; /* the assignment */
	struct scope *env;
	struct operand value; /* the right side of =, op=, //= */
	enum mult mult;       /* outputs of the new value */
};

/* The new value for an old one that is the program's to change. */
static struct operand changed(struct gen *g, const struct change *c, struct operand old)
{
	struct operand out;
	uint32_t end;
	int to;

	switch ((enum node_kind)c->n->kind) {
	case NODE_ASSIGN:
		return c->value;
	case NODE_UPDATE:
		return gen(g, c->n->b, c->env, old, ANY);
	case NODE_ALTASSIGN:
		to = gen_reg(g);
		gen_settle(g, old, to);
		end = gen_emit(g, I_JT, 0, to, 0, 0);
		gen_settle(g, c->value, to);
		gen_land(g, end);
		return gen_in_reg(to);
	default:
		out = gen_in_reg(gen_reg(g));
		out.fresh = out.dies = true;
		gen_emit(g, c->n->op == OP_ADD ? I_ADD_OWN : (enum insn_op)(I_ADD + c->n->op),
		         out.reg, old.reg, c->value.reg, 0);
		return out;
	}
}

static void set(struct gen *g, int to, int of, struct operand value, int path)
{
	gen_own(g, &value);
	gen_emit(g, I_SETPATH, to, of, value.reg, path);
}

/* The old value at a path of the register ACC, which holds what is being changed. */
static struct operand take(struct gen *g, int acc, int path)
{
	struct operand old = gen_in_reg(gen_reg(g));

	gen_emit(g, I_TAKEPATH, old.reg, acc, path, 0);
	old.fresh = old.dies = true;
	return old;
}

/* One place, known now, and one new value: no loop. */
static struct operand assign_static(struct gen *g, const struct change *c, struct arr *keys,
                                    struct operand in, int want)
{
	struct operand path = gen_const_operand(g, val_arr(keys)), old = gen_in_reg(-1), new;
	struct operand out = gen_in_reg(want == ANY ? gen_reg(g) : want);

	gen_load(g, &path);
	gen_own(g, &in);
	if (c->n->kind == NODE_UPDATE && in.slot >= 0)
		old = gen(g, c->n->a, c->env, gen_peek(in),
		          ANY); /* a field of the record: it is found already */
	else if (c->n->kind != NODE_ASSIGN)
		old = take(g, in.reg, path.reg);
	if (old.slot >= 0)
		gen_load(g, &old);
	new = changed(g, c, old);
	set(g, out.reg, in.reg, new, path.reg);
	out.fresh = out.dies = true;
	return out;
}

/* Is this one place, .[$k], .a[.i + 1].b, though where it is shows at run time? */
static bool single_path(struct gen *g, const struct node *n, struct scope *env)
{
	if (n->kind == NODE_IDENTITY)
		return true;
	return n->kind == NODE_INDEX && gen_mult(g, n->b, env) == MULT_ONE &&
	       single_path(g, n->a, env);
}

/* One place and one new value. The path is walked first: from then on nobody looks at the input. */
static struct operand assign_single(struct gen *g, const struct change *c, struct operand in,
                                    int want)
{
	struct operand at, old, new, out = gen_in_reg(want == ANY ? gen_reg(g) : want);

	gen_load(g, &in);
	at = gen(g, c->n->a, c->env, root(g, gen_peek(in)), ANY);
	gen_check_path(g, &at, PATH_RESULT, 0);
	gen_own(g, &in);
	old = c->n->kind == NODE_ASSIGN ? at : take(g, in.reg, at.path);
	new = changed(g, c, old);
	set(g, out.reg, in.reg, new, at.path);
	out.fresh = out.dies = true;
	return out;
}

struct operand gen_setpath(struct gen *g, const struct node *n, struct scope *env,
                           struct operand in, int want)
{
	struct operand value, keys, out = gen_in_reg(want == ANY ? gen_reg(g) : want);
	int path = gen_reg(g);

	value = gen(g, n->list[1], env, gen_peek(in), ANY);
	gen_load(g, &value);
	keys = gen(g, n->list[0], env, gen_peek(in), ANY);
	gen_emit(g, I_PATH0, path, 0, 0, 0);
	gen_emit(g, I_PATHCAT, path, path, gen_load(g, &keys), 0);
	gen_load(g, &in);
	in.dies = in.dies && value.reg != in.reg;
	gen_own(g, &in);
	set(g, out.reg, in.reg, value, path);
	out.fresh = out.dies = true;
	return out;
}

/* All places that the left side leads to. */
static struct operand assign_all(struct gen *g, const struct change *c, struct operand in, int want)
{
	int acc = gen_reg(g), dropped = NO_REG, mark = NO_REG, list;
	struct operand at, out = gen_in_reg(acc), old, new;
	uint32_t done, none = 0;

	gen_load(g, &in);
	gen_emit(g, I_MOVE, acc, in.reg, 0, 0);
	gen_emit(g, I_SHARE, 0, acc, 0, 0);
	if (c->mult != MULT_ONE) {
		dropped = gen_reg(g);
		mark = gen_reg(g);
		gen_emit(g, I_ARRAY0, dropped, 0, 0, 0);
	}
	done = gen_emit(g, I_FORK, 0, 0, 0, 0);
	at = gen(g, c->n->a, c->env, root(g, in), ANY);
	gen_check_path(g, &at, PATH_RESULT, 0);
	old = c->n->kind == NODE_ASSIGN ? at : take(g, acc, at.path);
	if (c->mult != MULT_ONE) {
		gen_emit(g, I_MARK, mark, 0, 0, 0);
		none = gen_emit(g, I_FORK, 0, 0, 0, 0);
	}
	new = changed(g, c, old);
	if (c->mult != MULT_ONE)
		gen_emit(g, I_CUT, 0, mark, 0, 0);
	set(g, acc, acc, new, at.path);
	gen_emit(g, I_FAIL, 0, 0, 0, 0);
	if (c->mult != MULT_ONE) {
		gen_land(g, none);
		list = gen_reg(g);
		gen_emit(g, I_PATHLIST, list, at.path, 0, 0);
		gen_emit(g, I_PUSH, dropped, list, 0, 0);
		gen_emit(g, I_FAIL, 0, 0, 0, 0);
	}
	gen_land(g, done);
	if (c->mult != MULT_ONE)
		gen_emit(g, I_DELPATHS, acc, acc, dropped, 0);
	out.fresh = out.dies = true;
	return gen_settle(g, out, want);
}

struct operand gen_assign(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                          int want)
{
	struct change c = { .n = n, .env = env, .mult = MULT_ONE };
	struct arr *keys = arr_new(g->heap, 4);

	if (n->kind == NODE_UPDATE) {
		c.mult = gen_mult(g, n->b, env);
	} else {
		/* the right side looks at the whole input, and is the outer loop */
		c.value = gen(g, n->b, env, gen_peek(in), ANY);
		gen_load(g, &c.value);
		in.dies = in.dies && gen_mult(g, n->b, env) != MULT_MANY && c.value.reg != in.reg;
	}
	if (c.mult == MULT_ONE && static_path(g, n->a, &keys) && keys->n)
		return assign_static(g, &c, keys, in, want);
	if (c.mult == MULT_ONE && n->a->kind == NODE_INDEX && single_path(g, n->a, env))
		return assign_single(g, &c, in, want);
	if (c.value.fresh) {
		/* it may be put into several places */
		gen_emit(g, I_SHARE, 0, c.value.reg, 0, 0);
		c.value.fresh = false;
	}
	return assign_all(g, &c, in, want);
}

/* Static paths in a comma tree, as an array of arrays; false where one is not. */
static bool static_paths(struct gen *g, const struct node *n, struct arr **to)
{
	struct arr *keys;

	if (n->kind == NODE_COMMA)
		return static_paths(g, n->a, to) && static_paths(g, n->b, to);
	keys = arr_new(g->heap, 4);
	if (!static_path(g, n, &keys) || keys->n == 0)
		return false;
	*to = arr_push(g->heap, *to, val_arr(keys));
	return true;
}

struct operand gen_delete(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                          int want)
{
	struct node path = {
		.kind = NODE_CALL, .at = n->at, .name = SLICE("path"), .list = n->list, .count = 1
	};
	struct node all = { .kind = NODE_ARRAY, .at = n->at, .a = &path };
	struct arr *known = arr_new(g->heap, 4);
	struct operand paths, out = gen_fresh(want == ANY ? gen_reg(g) : want);
	bool named = static_paths(g, n->list[0], &known);

	paths = named ? gen_const_operand(g, val_arr(known)) : gen(g, &all, env, gen_peek(in), ANY);
	gen_load(g, &paths);
	gen_own(g, &in);
	gen_emit(g, I_DELPATHS, out.reg, in.reg, paths.reg, named);
	return out;
}
