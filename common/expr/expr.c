#include "expr.h"

#include "base/alloc.h"
#include "code.h"
#include "eval.h"
#include "gen.h"
#include "parse.h"

#include <stdlib.h>

void expr_free(struct prog *p)
{
	if (!p)
		return;
	free(p->code);
	free(p->func);
	free(p->constant);
	free(p->preset);
	heap_free(&p->heap);
	free(p);
}

/* What the caller provides: constants, and variables that lie in the first registers. */
static struct scope *globals(struct gen *g, const struct expr_setup *setup)
{
	struct scope *env = NULL;
	size_t i;

	for (i = 0; setup->vars && i < setup->vars->n; i++) {
		const struct expr_var *v = &setup->vars->var[i];

		env = gen_bind(g, env, SCOPE_VAR, v->name);
		env->reg = EVAL_VAR_REG + (int)i;
		if (v->value.tag != VAL_NONE)
			env->constant = gen_constant(g, val_copy_deep(g->heap, v->value));
	}
	return env;
}

static void generate(struct gen *g, const struct node *tree, struct scope *env)
{
	struct operand in = gen_in_reg(0), out;
	struct prog *p = g->p;

	in.slot = g->plan ? 0 : -1;
	p->func = alloc_grow(p->func, &p->func_cap, 1, sizeof *p->func);
	p->func[0] = (struct func){ .params = 1 };
	p->funcs = 1;
	out = gen(g, tree, env, in, ANY);
	p->slot = out.reg < 0 && out.slot >= 0  ? out.slot
	          : tree->kind == NODE_IDENTITY ? in.slot
	                                        : -1;
	gen_load(g, &out);
	gen_emit(g, I_OUT, 0, out.reg, 0, 0);
	p->straight = gen_mult(g, tree, env) != MULT_MANY;
	p->func[0].regs = g->fn->regs + 1;
	gen_instances(g);
}

static int compile(struct prog *p, const struct expr_setup *setup, struct plan *plan, struct err *e)
{
	struct fnctx fn = { .regs = 0 };
	struct gen g = { .p = p,
		         .heap = &p->heap,
		         .plan = plan,
		         .err = e,
		         .src = &setup->source,
		         .fn = &fn,
		         .main = &fn };
	struct node *tree = setup->tree ? setup->tree : parse_program(&p->heap, &setup->source, e);

	p->plan = plan;
	if (!tree)
		return -1;
	if (setup->rewrite && setup->rewrite(setup->context, &p->heap, &tree, e) < 0)
		return -1;
	fn.regs = EVAL_VAR_REG + (uint32_t)(setup->vars ? setup->vars->n : 0);
	generate(&g, tree, globals(&g, setup));
	return g.failed ? -1 : 0;
}

struct prog *expr_compile(const struct expr_setup *setup, struct err *e)
{
	struct plan *plan = setup->plan;

	for (;;) {
		struct prog *p = alloc_zero(1, sizeof *p);

		if (compile(p, setup, plan, e) < 0) {
			expr_free(p);
			return NULL;
		}
		/* what reads further records cannot look into the text of this one meanwhile */
		if (!p->reads_input || !plan)
			return p;
		expr_free(p);
		plan = NULL;
	}
}

bool expr_straight(const struct prog *p)
{
	return p->straight;
}

bool expr_reads_input(const struct prog *p)
{
	return p->reads_input;
}

bool expr_keeps_state(const struct prog *p)
{
	return p->sites > 0;
}

int32_t expr_slot(const struct prog *p)
{
	return p->slot;
}

/* ---- for people */

static size_t count_ops(const struct prog *p, enum insn_op from, enum insn_op to)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->code[i].op >= from && p->code[i].op <= to;
	return n;
}

/* Does an instruction look at register 0, where a function's input is? */
static bool reads_input_register(const struct insn *in)
{
	switch ((enum insn_op)in->op) {
	case I_SLOT:
		return in->x == 0;
	case I_MOVE:
	case I_JT:
	case I_JF:
	case I_RAISE:
	case I_OUT:
	case I_ITER:
	case I_FIELD:
	case I_SLICE:
	case I_NEG:
	case I_NOT:
	case I_PUSH:
	case I_FORMAT:
	case I_RET:
	case I_GETPATH:
	case I_TAKEPATH:
	case I_DELPATHS:
		return in->a == 0;
	case I_CALLV:
	case I_TAILV:
	case I_PATHADD:
	case I_PATHCAT:
		return in->b == 0;
	case I_INDEX:
	case I_ADD_OWN:
	case I_SETPATH:
		return in->a == 0 || in->b == 0;
	default:
		/* others take theirs out of a row of registers, into which it is moved */
		return in->op >= I_ADD && in->op <= I_GE && (in->a == 0 || in->b == 0);
	}
}

bool expr_reads_whole(const struct prog *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (reads_input_register(&p->code[i]))
			return true;
	return p->plan == NULL;
}

void expr_explain(const struct prog *p, FILE *to)
{
	size_t calls = count_ops(p, I_CALL, I_TAILV), builtins = count_ops(p, I_BUILTIN, I_BUILTIN);
	size_t generators = count_ops(p, I_FORK, I_FORK) + count_ops(p, I_EACH, I_INPUT);

	fprintf(to, "runs:    %s, %zu instructions\n",
	        p->straight ? "straight through, at most one output a record"
	                    : "with generators: outputs by backtracking",
	        p->n);
	fprintf(to, "calls:   %zu of builtins, %zu of functions that call themselves\n", builtins,
	        calls);
	if (calls)
		fprintf(to,
		        "faster:  a function that calls itself costs a frame a call; reduce and "
		        "foreach do not\n");
	else if (!p->straight && generators)
		fprintf(to,
		        "faster:  any(f), all(f), first(f) end a generator as soon as they may\n");
}
