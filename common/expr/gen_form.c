/* Generating calls of forms that are neither functions nor builtins: empty, path, range, limit ..
 */
#include "gen_call.h"

#include <stdio.h>

/* The output where none ever is: it need not be loaded, but has a path where one is wanted. */
static struct operand gen_never(struct gen *g, struct operand in, int want)
{
	return gen_settle(g, in.path < 0 ? gen_const_operand(g, val_of(VAL_NULL)) : in, want);
}

static struct operand gen_empty(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want)
{
	(void)n;
	(void)env;
	gen_emit(g, I_FAIL, 0, 0, 0, 0);
	return gen_never(g, in, want);
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
	return gen_never(g, in, want);
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

/*
 * prev(f), prev(key; f) and their like become _prev(site; key; f), with a new site for each call
 * that is generated.
 */
static struct operand gen_kept(struct gen *g, const struct node *n, struct scope *env,
                               struct operand in, int want)
{
	int base = gen_regs(g, 4), to = base + 3;
	struct operand out = gen_fresh(want == ANY ? gen_reg(g) : want);
	char name[16];
	int len = snprintf(name, sizeof name, "_%.*s", (int)n->name.n, n->name.p);
	const struct builtin *b = builtin_find((struct slice){ name, (size_t)len }, 3);

	for (uint32_t i = n->count; i-- > 0; to--)
		gen(g, n->list[i], env, gen_peek(in), to);
	if (n->count == 1)
		gen_settle(g, gen_const_operand(g, val_of(VAL_NULL)), base + 2);
	gen_settle(g, gen_const_operand(g, val_num(g->p->sites++)), base + 1);
	gen_emit(g, I_BUILTIN, out.reg, base, 0, (int32_t)(b - builtin_at(0)));
	return out;
}

static const struct form forms[] = {
	{ "empty", 0, gen_empty, MULT_OPT, false, true },
	{ "not", 0, gen_not, MULT_ONE, false, false },
	{ "error", 0, gen_error, MULT_OPT, false, true },
	{ "error", 1, gen_error, MULT_OPT, true, true },
	{ "path", 1, gen_path_form, MULT_ONE, true, false },
	{ "del", 1, gen_delete, MULT_ONE, false, false },
	{ "range", 2, gen_range, MULT_MANY, true, false },
	{ "_range", 3, gen_range, MULT_MANY, true, false },
	{ "first", 1, gen_first, MULT_OPT, false, true },
	{ "limit", 2, gen_limit, MULT_MANY, true, true },
	{ "skip", 2, gen_skip, MULT_MANY, true, true },
	{ "inputs", 0, gen_inputs, MULT_MANY, false, false },
	{ "getpath", 1, gen_getpath, MULT_ONE, true, true },
	{ "prev", 1, gen_kept, MULT_ONE, true, false },
	{ "prev", 2, gen_kept, MULT_ONE, true, false },
	{ "delta", 1, gen_kept, MULT_ONE, true, false },
	{ "delta", 2, gen_kept, MULT_ONE, true, false },
	{ "elapsed", 1, gen_kept, MULT_ONE, true, false },
	{ "elapsed", 2, gen_kept, MULT_ONE, true, false },
};

const struct form *gen_find_form(const struct node *n)
{
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (forms[i].arity == n->count && slice_same(n->name, slice_from(forms[i].name)))
			return &forms[i];
	return NULL;
}

const char *gen_form_at(size_t i, uint32_t *arity)
{
	if (i == sizeof forms / sizeof forms[0])
		return NULL;
	*arity = forms[i].arity;
	return forms[i].name;
}

bool gen_form_has_path(const struct form *f)
{
	return f->has_path;
}
