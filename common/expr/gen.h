/*
 * gen.h - from tree to instructions. Private to the compiler's parts.
 *
 * An expression is generated for an input operand and gives an output operand: code that, when it
 * is run through, has the output in a register. Where the input has a path the output has one too:
 * that is how path(..) and assignments compile. Functions that do not call themselves are generated
 * in place at each call, with their arguments in place of their parameters, so that only recursion
 * costs a frame.
 *
 * Who owns what: an operand is `fresh` if nothing else references what is in it, and `dies` if
 * nobody looks at it after the expression that is being generated. Only an operand that is both may
 * be changed in place; for any other the code says I_SHARE first (gen_own()). Floor: 5 (expr)
 */
#ifndef EXPR_GEN_H
#define EXPR_GEN_H

#include "code.h"
#include "expr.h"

#define GEN_DEPTH 3000 /* nodes in one another, after functions were put in place */
#define ANY       (-1) /* as a wanted register: whichever */

struct operand {
	int reg;          /* or -1: not loaded yet */
	int32_t slot;     /* of the record, or -1 */
	int32_t constant; /* or -1 */
	int path;         /* register of its path, or -1 where no path is wanted */
	int origin; /* register of the value that the path leads to; another than reg: to be checked
	             */
	bool fresh, dies;
};

/* A function that is being generated. */
struct fnctx {
	struct fnctx *outer;
	uint32_t regs;
};

enum scope_kind { SCOPE_VAR, SCOPE_LABEL, SCOPE_FUNC, SCOPE_ARG, SCOPE_PARAM };

/* A name and what it stands for; the newest shadows the older ones. */
struct scope {
	struct scope *up;
	enum scope_kind kind;
	struct slice name;
	struct fnctx *fn; /* VAR, LABEL, PARAM: whose register */
	int reg;
	int32_t constant;         /* VAR: its constant, or -1 */
	struct def *def;          /* FUNC */
	struct node *node;        /* ARG: an argument of a function generated in place .. */
	struct scope *env;        /*      .. and what its names mean */
	const struct source *src; /* FUNC, ARG: where the text is from */
};

/* A function that got a frame, or will. */
struct instance {
	struct instance *next;
	struct scope *func; /* its SCOPE_FUNC, or NULL for an argument .. */
	struct node *node;  /* .. given as a closure */
	struct scope *env;
	const struct source *src;
	struct fnctx *outer;
	uint32_t number; /* and number + 1 with a path */
};

struct gen {
	struct prog *p;
	struct heap *heap;
	struct plan *plan;
	struct err *err;
	const struct source *src;
	struct fnctx *fn, *main;
	struct scope *globals;      /* what the caller provides */
	struct instance *instances; /* newest first */
	struct scope *prelude;      /* definitions fetched so far, for their own env */
	uint32_t landed;            /* where the newest jump leads to */
	unsigned depth;
	unsigned looks; /* at calls: functions that call others twice each are many paths */
	bool failed;
};

/* How many outputs an expression has; OPT is none or one, without leaving choices. */
enum mult { MULT_ONE, MULT_OPT, MULT_MANY };

enum mult gen_mult(struct gen *g, const struct node *n, struct scope *env);

struct operand gen(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                   int want);

/* ---- registers and instructions */

int gen_reg(struct gen *g);

/* COUNT registers in a row; the first. */
int gen_regs(struct gen *g, unsigned count);

/* Add an instruction; returns its number. */
uint32_t gen_emit(struct gen *g, enum insn_op op, int d, int a, int b, int32_t x);

/* Let the jump at number AT lead to the next instruction. */
void gen_land(struct gen *g, uint32_t at);

/* Let a chain of jumps (linked by their x, -1 ends it) lead to the next instruction. */
void gen_land_all(struct gen *g, int32_t chain);

/* An operand that is just this register, not fresh. */
struct operand gen_in_reg(int reg);

/* The same operand without its path, not to be changed: an input that others look at too. */
struct operand gen_peek(struct operand in);

/* The register of an operand, loaded if need be. */
int gen_load(struct gen *g, struct operand *o);

/* Put an operand into WANT (and its path into WANT + 1), if WANT is not ANY; else load it. */
struct operand gen_settle(struct gen *g, struct operand o, int want);

/* Make a value safe to be referenced twice, unless it is fresh. Returns its register. */
int gen_own(struct gen *g, struct operand *o);

/* See that the operand's path is its value's, for an access (PATH_..) by the key in register KEY.
 */
void gen_check_path(struct gen *g, struct operand *o, int what, int key);

/* The number of a constant. */
int32_t gen_constant(struct gen *g, struct val v);
struct operand gen_const_operand(struct gen *g, struct val v);

/* Fail, once: the first message stays. */
struct operand gen_fail(struct gen *g, uint32_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

struct scope *gen_bind(struct gen *g, struct scope *up, enum scope_kind kind, struct slice name);

/*
 * Branches put what they give into one register, WANT or a new one, its path behind it; that as an
 * operand.
 */
int gen_merge_reg(struct gen *g, const struct operand *in, int want);
struct operand gen_merged(int to, const struct operand *in);

/* Bind what a pattern without alternatives names in a value. */
struct scope *gen_bind_pattern(struct gen *g, const struct pattern *p, struct operand v,
                               struct scope *env);

/* Load a variable or mark, from an outer function's frame where it lies there. */
struct operand gen_variable(struct gen *g, const struct scope *s, int want);

/* A value that nothing else references, in this register. */
struct operand gen_fresh(int reg);

/* A constant in WANT, or in a register that keeps it where the program's own frame can. */
int gen_load_constant(struct gen *g, int32_t constant, int want);

/* ---- the parts */

struct operand gen_jump_form(struct gen *g, const struct node *n, struct scope *env,
                             struct operand in, int want);

/* Code that jumps if N is true (or not true) and falls through otherwise; the chain of jumps. */
int32_t gen_branch(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                   bool when);

struct operand gen_call(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                        int want);
enum mult gen_call_mult(struct gen *g, const struct node *n, struct scope *env);

/* Generate the functions that calls were generated for. */
void gen_instances(struct gen *g);

/* gen_term.c: one a kind of node */
typedef struct operand gen_node(struct gen *g, const struct node *n, struct scope *env,
                                struct operand in, int want);
gen_node gen_index, gen_slice, gen_each, gen_binary, gen_negate, gen_pipe, gen_comma, gen_object,
	gen_string;
struct operand gen_format(struct gen *g, const struct node *n, struct operand in, int want);

struct operand gen_fold(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                        int want);
struct operand gen_collect(struct gen *g, const struct node *n, struct scope *env,
                           struct operand in, int want);
struct operand gen_try(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                       int want);
struct operand gen_as(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                      int want);
struct operand gen_assign(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                          int want);

/* del(N), N the call */
struct operand gen_delete(struct gen *g, const struct node *n, struct scope *env, struct operand in,
                          int want);

/* path(N) as an array. */
/* setpath(PATH; VALUE) of one output each. */
struct operand gen_setpath(struct gen *g, const struct node *n, struct scope *env,
                           struct operand in, int want);

struct operand gen_path_of(struct gen *g, const struct node *n, struct scope *env,
                           struct operand in, int want);

#endif
