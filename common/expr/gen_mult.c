/* How many outputs an expression has, before it is generated. */
#include "gen.h"

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
