/* Generating what branches, loops and binds names. */
#include "gen.h"

/* ---- conditions */

/* One jump on the truth of an operand, added to a chain. */
static int32_t jump_if(struct gen *g, struct operand *o, bool when, int32_t chain)
{
	int reg = gen_load(g, o);

	return (int32_t)gen_emit(g, when ? I_JT : I_JF, 0, reg, 0, chain);
}

/* Join two chains of jumps. */
static int32_t join(struct gen *g, int32_t a, int32_t b)
{
	int32_t at = a;

	if (a < 0 || g->failed)
		return b;
	while (g->p->code[at].x >= 0)
		at = g->p->code[at].x;
	g->p->code[at].x = b;
	return a;
}

static bool is_not(const struct node *n)
{
	return n->kind == NODE_PIPE && n->b->kind == NODE_CALL && n->b->count == 0 &&
	       slice_same(n->b->name, SLICE("not"));
}

int32_t gen_branch(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                   bool when)
{
	struct operand o;
	int32_t skip, chain;

	in = gen_peek(in);
	if (is_not(n) && gen_mult(g, n->a, env) == MULT_ONE)
		return gen_branch(g, n->a, env, in, !when);
	if ((n->kind == NODE_AND || n->kind == NODE_OR) && gen_mult(g, n, env) == MULT_ONE) {
		bool decided = n->kind == NODE_OR; /* what one side alone settles */

		if (decided == when) {
			chain = gen_branch(g, n->a, env, in, when);
			return join(g, chain, gen_branch(g, n->b, env, in, when));
		}
		skip = gen_branch(g, n->a, env, in, decided);
		chain = gen_branch(g, n->b, env, in, when);
		gen_land_all(g, skip);
		return chain;
	}
	o = gen(g, n, env, in, ANY);
	return jump_if(g, &o, when, -1);
}

/* What several branches put into one register has come from any of them. */
struct operand gen_merged(int to, const struct operand *in)
{
	struct operand out = gen_in_reg(to);

	out.path = in->path >= 0 ? to + 1 : -1;
	return out;
}

int gen_merge_reg(struct gen *g, const struct operand *in, int want)
{
	return want != ANY ? want : gen_regs(g, in->path >= 0 ? 2 : 1);
}

/* A branch's result into the common register. Is it referenced by nothing else? */
static bool branch(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                   int to)
{
	struct operand o = gen(g, n, env, in, to);

	return o.fresh && o.dies;
}

static struct operand if_node(struct gen *g, const struct node *n, struct scope *env,
                              struct operand in, int want)
{
	bool once = gen_mult(g, n->a, env) != MULT_MANY, fresh;
	int32_t otherwise = gen_branch(g, n->a, env, in, false);
	int to = gen_merge_reg(g, &in, want);
	struct operand out = gen_merged(to, &in);
	uint32_t end;

	in.dies = in.dies && once;
	fresh = branch(g, n->b, env, in, to);
	end = gen_emit(g, I_JUMP, 0, 0, 0, 0);
	gen_land_all(g, otherwise);
	if (n->c)
		fresh = branch(g, n->c, env, in, to) && fresh;
	else
		fresh = gen_settle(g, in, to).fresh && in.dies && fresh;
	gen_land(g, end);
	out.fresh = fresh;
	out.dies = true;
	return out;
}

/* a // b where a has exactly one output */
static struct operand alt_of_one(struct gen *g, const struct node *n, struct scope *env,
                                 struct operand in, int want)
{
	struct operand first = in, out;
	int to = gen_merge_reg(g, &in, want);
	uint32_t end;

	first.dies = false;
	out = gen_merged(to, &in);
	gen(g, n->a, env, first, to);
	end = gen_emit(g, I_JT, 0, to, 0, 0);
	gen(g, n->b, env, in, to);
	gen_land(g, end);
	return out;
}

/* The true outputs of a; those of b if there were none. */
static struct operand alt_of_many(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	struct operand first = in, found, nothing = gen_const_operand(g, val_of(VAL_FALSE));
	struct operand some = gen_const_operand(g, val_of(VAL_TRUE));
	int to = gen_merge_reg(g, &in, want), seen = gen_reg(g);
	uint32_t fork, end, skip;

	first.dies = false;
	gen_settle(g, nothing, seen);
	fork = gen_emit(g, I_FORK, 0, 0, 0, 0);
	found = gen(g, n->a, env, first, to);
	skip = gen_emit(g, I_JT, 0, found.reg, 0, 0);
	gen_emit(g, I_FAIL, 0, 0, 0, 0);
	gen_land(g, skip);
	gen_settle(g, some, seen);
	end = gen_emit(g, I_JUMP, 0, 0, 0, 0);
	gen_land(g, fork);
	skip = gen_emit(g, I_JF, 0, seen, 0, 0);
	gen_emit(g, I_FAIL, 0, 0, 0, 0);
	gen_land(g, skip);
	gen(g, n->b, env, in, to);
	gen_land(g, end);
	return gen_merged(to, &in);
}

/*
 * and, or: the left side's outputs are the outer loop; the right side is looked at if the left
 * leaves it open
 */
static struct operand logic_node(struct gen *g, const struct node *n, struct scope *env,
                                 struct operand in, int want)
{
	bool decided = n->kind == NODE_OR;
	struct operand a = gen(g, n->a, env, gen_peek(in), ANY), out;
	int to = gen_merge_reg(g, &in, want);
	int32_t open = jump_if(g, &a, !decided, -1);
	struct operand b;
	uint32_t end;

	gen_settle(g, gen_const_operand(g, val_bool(decided)), to);
	end = gen_emit(g, I_JUMP, 0, 0, 0, 0);
	gen_land_all(g, open);
	b = gen(g, n->b, env, gen_peek(in), ANY);
	gen_emit(g, I_NOT, to, gen_load(g, &b), 0, 0);
	gen_emit(g, I_NOT, to, to, 0, 0);
	gen_land(g, end);
	out = gen_in_reg(to);
	out.fresh = out.dies = true;
	return out;
}

struct operand gen_jump_form(struct gen *g, const struct node *n, struct scope *env,
                             struct operand in, int want)
{
	if (n->kind == NODE_IF)
		return if_node(g, n, env, in, want);
	if (n->kind == NODE_ALT)
		return gen_mult(g, n->a, env) == MULT_ONE ? alt_of_one(g, n, env, in, want)
		                                          : alt_of_many(g, n, env, in, want);
	return logic_node(g, n, env, in, want);
}

/* ---- try */

struct operand gen_try(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                       int want)
{
	bool many = gen_mult(g, n->a, env) == MULT_MANY;
	int mark = gen_reg(g), to = gen_merge_reg(g, &in, want);
	struct operand first = in, error;
	uint32_t handler, end;

	first.dies = false;
	handler = gen_emit(g, I_TRY, mark, 0, 0, 0);
	gen(g, n->a, env, first, to);
	gen_emit(g, many ? I_UNTRY : I_CUT, 0, mark, 0, 0);
	end = gen_emit(g, I_JUMP, 0, 0, 0, 0);
	gen_land(g, handler);
	if (n->b) {
		error = gen_in_reg(gen_reg(g));
		gen_emit(g, I_CATCH, error.reg, 0, 0, 0);
		if (in.path >= 0) {
			/* what a handler gives has no path */
			error.path = in.path;
			error.origin = in.origin;
		}
		gen(g, n->b, env, error, to);
	} else {
		gen_emit(g, I_FAIL, 0, 0, 0, 0);
	}
	gen_land(g, end);
	return gen_merged(to, &in);
}

/* ---- patterns */

/* Make the variables of a pattern; each name once. */
static struct scope *declare(struct gen *g, const struct pattern *p, struct scope *env,
                             const struct scope *until)
{
	const struct scope *s;
	struct slice name;

	for (uint32_t i = 0; i <= p->count; i++) {
		name = i < p->count ? p->item[i].name : p->name;
		if (i < p->count && p->item[i].pattern)
			env = declare(g, p->item[i].pattern, env, until);
		if (!name.p)
			continue;
		for (s = env; s != until; s = s->up)
			if (slice_same(s->name, name))
				break;
		if (s == until) {
			env = gen_bind(g, env, SCOPE_VAR, name);
			env->reg = gen_reg(g);
		}
	}
	return env;
}

static int declared(const struct scope *env, struct slice name)
{
	while (!slice_same(env->name, name) || env->kind != SCOPE_VAR)
		env = env->up;
	return env->reg;
}

/*
 * Take a value apart, arrays from their end, as jq does. Keys are evaluated with the value as input
 * and see nothing of what the pattern binds: their names mean what they mean in OUTER.
 */
static void destructure(struct gen *g, const struct pattern *p, struct scope *env,
                        struct scope *outer, struct operand v)
{
	const struct pattern_item *at;
	int key, part;
	struct operand item;

	if (p->kind == PATTERN_VAR) {
		gen_own(g, &v);
		gen_settle(g, v, declared(env, p->name));
		return;
	}
	for (uint32_t i = 0; i < p->count && !g->failed; i++) {
		at = &p->item[p->kind == PATTERN_ARRAY ? p->count - 1 - i : i];
		key = gen_reg(g);
		part = gen_reg(g);
		if (p->kind == PATTERN_ARRAY)
			gen_settle(g, gen_const_operand(g, val_num((double)(at - p->item))), key);
		else
			gen(g, at->key, outer, gen_in_reg(v.reg), key);
		gen_emit(g, I_INDEX, part, v.reg, key, 0);
		item = gen_in_reg(part);
		if (at->name.p) {
			gen_own(g, &item);
			gen_settle(g, item, declared(env, at->name));
		}
		if (at->pattern)
			destructure(g, at->pattern, env, outer, item);
	}
}

/*
 * Bind a lone $name to an operand: a constant stays one, a value of the program's stays where it
 * is.
 */
static struct scope *bind_simple(struct gen *g, struct slice name, struct operand v,
                                 struct scope *env)
{
	env = gen_bind(g, env, SCOPE_VAR, name);
	if (v.constant >= 0 && v.reg < 0) {
		env->constant = v.constant;
		return env;
	}
	env->reg = gen_own(g, &v);
	return env;
}

struct scope *gen_bind_pattern(struct gen *g, const struct pattern *p, struct operand v,
                               struct scope *env)
{
	struct scope *inner;

	if (p->kind == PATTERN_VAR)
		return bind_simple(g, p->name, v, env);
	inner = declare(g, p, env, env);
	gen_load(g, &v);
	destructure(g, p, inner, env, v);
	return inner;
}

/* a as p1 ?// p2 ?// p3 | body: an error under one pattern, in the body too, leads to the next */
static struct operand alternatives(struct gen *g, const struct node *n, struct scope *env,
                                   struct operand in, struct operand v, int want)
{
	int to = gen_merge_reg(g, &in, want), mark = gen_reg(g);
	struct scope *outer = env, *s;
	const struct pattern *p;
	uint32_t next, end[64];
	size_t ends = 0;

	for (p = n->pattern; p; p = p->alternative)
		env = declare(g, p, env, outer);
	gen_own(g, &v);
	for (p = n->pattern; p && !g->failed; p = p->alternative) {
		if (p->alternative && ends == sizeof end / sizeof end[0])
			return gen_fail(g, n->at, "more than %zu patterns", ends);
		next = p->alternative ? gen_emit(g, I_TRY, mark, 0, 0, 0) : 0;
		for (s = env; s != outer; s = s->up)
			gen_settle(g, gen_const_operand(g, val_of(VAL_NULL)), s->reg);
		destructure(g, p, env, outer, v);
		gen(g, n->b, env, in, to);
		if (p->alternative) {
			gen_emit(g, I_UNTRY, 0, mark, 0, 0);
			end[ends++] = gen_emit(g, I_JUMP, 0, 0, 0, 0);
			gen_land(g, next);
		}
	}
	while (ends)
		gen_land(g, end[--ends]);
	return gen_merged(to, &in);
}

struct operand gen_as(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                      int want)
{
	struct operand v = gen(g, n->a, env, gen_peek(in), ANY);
	bool once = gen_mult(g, n->a, env) != MULT_MANY;

	in.dies = in.dies && once && v.reg != in.reg;
	if (n->pattern->alternative) {
		in.dies = false;
		return alternatives(g, n, env, in, v, want);
	}
	if (n->pattern->kind != PATTERN_VAR)
		in.dies = false; /* the parts are part of it, and keys may be generators */
	return gen(g, n->b, gen_bind_pattern(g, n->pattern, v, env), in, want);
}

/* ---- arrays */

/* Leaves of a comma tree whose every leaf has one output; 0 where one has not. */
static uint32_t leaves(struct gen *g, const struct node *n, struct scope *env)
{
	uint32_t a, b;

	if (n->kind != NODE_COMMA)
		return gen_mult(g, n, env) == MULT_ONE;
	a = leaves(g, n->a, env);
	b = a ? leaves(g, n->b, env) : 0;
	return b ? a + b : 0;
}

static int put_leaves(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                      int to)
{
	struct operand v;

	if (n->kind == NODE_COMMA) {
		to = put_leaves(g, n->a, env, in, to);
		return put_leaves(g, n->b, env, in, to);
	}
	v = gen(g, n, env, in, to);
	gen_own(g, &v);
	return to + 1;
}

struct operand gen_collect(struct gen *g, const struct node *n, struct scope *env,
                           struct operand in, int want)
{
	int to = want == ANY ? gen_reg(g) : want, base;
	struct operand out = gen_in_reg(to), v;
	uint32_t count = n->a ? leaves(g, n->a, env) : 0, done;

	out.fresh = out.dies = true;
	in = gen_peek(in);
	if (count && count < 1000) {
		base = gen_regs(g, count);
		put_leaves(g, n->a, env, in, base);
		gen_emit(g, I_ARRAY, to, base, 0, (int32_t)count);
		return out;
	}
	/* `to` may be the input's own register, so the array grows in another */
	base = gen_reg(g);
	gen_emit(g, I_ARRAY0, base, 0, 0, 0);
	if (n->a) {
		done = gen_emit(g, I_FORK, 0, 0, 0, 0);
		v = gen(g, n->a, env, in, ANY);
		gen_own(g, &v);
		gen_emit(g, I_PUSH, base, v.reg, 0, 0);
		gen_emit(g, I_FAIL, 0, 0, 0, 0);
		gen_land(g, done);
	}
	gen_emit(g, I_MOVE, to, base, 0, 0);
	return out;
}

/* ---- reduce and foreach */

/* The state's register (and its path's behind it), holding the initial value. */
static struct operand initial(struct gen *g, const struct node *n, struct scope *env,
                              struct operand in)
{
	int state = gen_regs(g, in.path >= 0 ? 2 : 1);
	struct operand first = in, v;

	first.dies = false;
	v = gen(g, n->b, env, first, ANY);
	gen_own(g, &v);
	return gen_settle(g, v, state);
}

/*
 * The update's input is taken out of the state, so that it may be changed in place; while the
 * update has no output the state is null, as in jq.
 */
static struct operand take_state(struct gen *g, struct operand state, bool once)
{
	struct operand old = state;

	if (!once) {
		old = gen_settle(g, state, gen_regs(g, state.path >= 0 ? 2 : 1));
		gen_settle(g, gen_const_operand(g, val_of(VAL_NULL)), state.reg);
	}
	old.fresh = old.dies = true;
	old.slot = old.constant = -1;
	return old;
}

static void put_state(struct gen *g, struct operand v, struct operand state)
{
	gen_own(g, &v);
	gen_settle(g, v, state.reg);
}

static struct operand reduce_node(struct gen *g, const struct node *n, struct scope *env,
                                  struct operand in, int want)
{
	struct operand state = initial(g, n, env, in), source;
	uint32_t done = gen_emit(g, I_FORK, 0, 0, 0, 0);
	struct scope *inner;
	bool once;

	source = gen(g, n->a, env, gen_peek(in), ANY);
	inner = gen_bind_pattern(g, n->pattern, source, env);
	once = gen_mult(g, n->c, inner) == MULT_ONE;
	put_state(g, gen(g, n->c, inner, take_state(g, state, once), ANY), state);
	gen_emit(g, I_FAIL, 0, 0, 0, 0);
	gen_land(g, done);
	state.fresh = state.dies = true;
	state.slot = state.constant = -1;
	return gen_settle(g, state, want);
}

static struct operand foreach_node(struct gen *g, const struct node *n, struct scope *env,
                                   struct operand in, int want)
{
	struct operand state = initial(g, n, env, in), source, shown;
	struct scope *inner;
	bool once;

	source = gen(g, n->a, env, gen_peek(in), ANY);
	inner = gen_bind_pattern(g, n->pattern, source, env);
	once = gen_mult(g, n->c, inner) == MULT_ONE;
	put_state(g, gen(g, n->c, inner, take_state(g, state, once), ANY), state);
	shown = state;
	shown.fresh = shown.dies = false;
	shown.slot = shown.constant = -1;
	return n->d ? gen(g, n->d, inner, shown, want) : gen_settle(g, shown, want);
}

/*
 * as with alternatives inside a fold: the rest of the fold is the body; rare, so written as an
 * inner program
 */
static struct operand fold_alternatives(struct gen *g, const struct node *n, struct scope *env,
                                        struct operand in, int want)
{
	/*
	 * reduce S as P1 ?// P2 (I; U)  is  reduce (S as P1 ?// P2 | [all variables]) as [all
	 * variables] (I; U)
	 */
	struct scope *all = env, *s;
	struct pattern *p, *names = arena_alloc(&g->heap->arena, sizeof *names);
	struct node *as = arena_alloc(&g->heap->arena, sizeof *as),
		    *list = arena_alloc(&g->heap->arena, sizeof *list);
	struct node *again = arena_alloc(&g->heap->arena, sizeof *again), *var;
	uint32_t count = 0;

	for (p = n->pattern; p; p = p->alternative)
		all = declare(g, p, all, env);
	for (s = all; s != env; s = s->up)
		count++;
	*names = (struct pattern){ .kind = PATTERN_ARRAY, .count = count, .at = n->at };
	names->item = arena_array(&g->heap->arena, count, sizeof *names->item);
	*list = (struct node){ .kind = NODE_ARRAY, .at = n->at };
	for (s = all; s != env; s = s->up) {
		struct pattern *one = arena_alloc(&g->heap->arena, sizeof *one);
		struct node *comma = arena_alloc(&g->heap->arena, sizeof *comma);

		*one = (struct pattern){ .kind = PATTERN_VAR, .name = s->name, .at = n->at };
		names->item[--count] = (struct pattern_item){ .pattern = one };
		var = arena_alloc(&g->heap->arena, sizeof *var);
		*var = (struct node){ .kind = NODE_VAR, .name = s->name, .at = n->at };
		*comma = (struct node){ .kind = NODE_COMMA, .a = var, .b = list->a, .at = n->at };
		list->a = list->a ? comma : var;
	}
	*as = (struct node){
		.kind = NODE_AS, .a = n->a, .pattern = n->pattern, .b = list, .at = n->at
	};
	*again = *n;
	again->a = as;
	again->pattern = names;
	return gen_fold(g, again, env, in, want);
}

struct operand gen_fold(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                        int want)
{
	if (n->pattern->alternative)
		return fold_alternatives(g, n, env, in, want);
	return n->kind == NODE_REDUCE ? reduce_node(g, n, env, in, want)
	                              : foreach_node(g, n, env, in, want);
}
