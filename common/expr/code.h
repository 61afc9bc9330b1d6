/*
 * code.h - compiled programs: instructions of a register machine with backtracking.
 *
 * Values live in the registers of frames; a function call makes a frame. A generator leaves a
 * choice behind and goes on with its first output; when more is wanted, the newest choice is
 * resumed (FAIL), which runs the code behind the generator again. A register is written by one
 * place in the code and read behind it only, so a resumed choice finds everything as it needs it,
 * and nothing has to be undone. A program without generators leaves no choices: it runs straight
 * through. The machine is that of Prolog (D. Warren, "An Abstract Prolog Instruction Set", 1983:
 * environments, choice points, last call optimisation) without unification.
 *
 * Besides its value an expression can have a path (path(..), assignment): then a second register
 * holds it. Floor: 5 (expr)
 */
#ifndef EXPR_CODE_H
#define EXPR_CODE_H

#include "builtin.h"
#include "json/plan.h"

/*
 * d, a, b are registers unless said otherwise; x is a number, a jump's target is relative to the
 * next instruction
 */
enum insn_op {
	/* values */
	I_MOVE,  /* d = a */
	I_CONST, /* d = constant x */
	I_SLOT,  /* d = the record's field in slot x */
	I_UP,    /* d = register a of the frame x levels out */
	I_SHARE, /* there is a second reference to a */
	/* control */
	I_JUMP,  /* to x */
	I_JT,    /* to x if a is true */
	I_JF,    /* to x if a is false or null */
	I_FORK,  /* leave a choice: resume at x */
	I_FAIL,  /* no (more) output here: resume the newest choice */
	I_MARK,  /* d = the mark of the newest choice */
	I_CUT,   /* drop all choices newer than mark a */
	I_TRY,   /* leave a choice that catches errors: go to x; d = the mark before it */
	I_UNTRY, /* what fails from here on is not caught by the I_TRY of mark a */
	I_CATCH, /* d = the error caught */
	I_RAISE, /* fail with error a */
	I_OUT,   /* the program's output is a (path a + 1 not looked at) */
	/* generators */
	I_ITER, /* d, d + 1 = an iteration over a, with keys if b */
	I_EACH, /* d = the next value of iteration a, b = its key unless NO_REG; choice if there are
	           more */
	I_RANGE, /* d = the next of a, a + 1 the end, a + 2 the step; choice if there are more */
	I_INPUT, /* d = the next input; choice */
	I_TICK,  /* d += 1; if it is >= a: cut to mark b */
	I_SKIP,  /* if d > 0: d -= 1, fail */
	/* operators */
	I_INDEX, /* d = a[b] */
	I_FIELD, /* d = a[constant x] */
	I_SLICE, /* d = a[b : b + 1] */
	I_ADD,
	I_SUB,
	I_MUL,
	I_DIV,
	I_MOD, /* d = a op b */
	I_EQ,
	I_NE,
	I_LT,
	I_LE,
	I_GT,
	I_GE,
	I_ADD_OWN, /* d = a + b, a may be changed */
	I_NEG,     /* d = -a */
	I_NOT,     /* d = a | not */
	/* building */
	I_ARRAY0, /* d = [] */
	I_PUSH,   /* add a to array d */
	I_ARRAY,  /* d = [a, a + 1, ..], x of them */
	I_OBJECT, /* d = {a: a + 1, ..}, x pairs */
	I_STRING, /* d = a, a + 1, .. joined as strings, x of them */
	I_FORMAT, /* d = a as format x */
	/* calls */
	I_BUILTIN, /* d = builtin x of input a and arguments a + 1, .. */
	I_CALL, /* d = function x of input a and arguments; its frame's outer one is b levels out */
	I_TAIL, /* the same as the last thing the function does */
	I_CALLV, /* d = closure a of input b; x: 1 for the function's twin with a path */
	I_TAILV,
	I_CLOSURE, /* d = a closure of function x over this frame */
	I_RET,     /* the function's output is a */
	/* paths: linked lists of keys, newest first; where one is only read also arrays */
	I_PATH0,     /* d = the empty path */
	I_PATHADD,   /* d = path a with key b */
	I_PATHSLICE, /* d = path a with slice b : b + 1 */
	I_PATHCAT,   /* d = path a with the keys of array b */
	I_PATHLIST,  /* d = path a as an array */
	I_PATHSAME,  /* an error unless a is the value b that the path leads to; x, d: what was
	                tried, with key */
	I_GETPATH,   /* d = a at path b */
	I_TAKEPATH,  /* the same, to be put back changed: not shared by it */
	I_SETPATH,   /* d = a (may be changed) with b at the path in register x */
	I_DELPATHS,  /* d = a (may be changed) without the paths of array b; x: the program names
	                them */
};

#define NO_REG 0xFFFF

/* What I_PATHSAME was asked for. */
enum { PATH_RESULT, PATH_ACCESS, PATH_ITERATE };

struct insn {
	uint16_t op, d, a, b;
	int32_t x;
	uint32_t at; /* offset in the source, for messages and --explain */
};

/* A compiled function: the program itself is number 0. */
struct func {
	uint32_t entry;  /* instruction */
	uint32_t regs;   /* registers of its frame */
	uint16_t params; /* values that a call copies: input, its path if there is one, arguments */
	bool with_path;  /* its output has a path, in the register behind */
};

/* A constant that a register of the program's own frame holds from the start. */
struct preset {
	uint16_t reg;
	uint32_t constant;
};

struct prog {
	struct insn *code;
	size_t n, code_cap;
	struct func *func;
	size_t funcs, func_cap;
	struct val *constant;
	size_t constants, constant_cap;
	struct preset *preset;
	size_t presets, preset_cap;
	const struct plan *plan;
	struct heap heap; /* what the constants are made of, and the tree */
	bool straight;    /* leaves no choices: at most one output */
	bool reads_input; /* calls input or inputs */
	uint32_t sites;   /* calls of prev, delta, elapsed: each has a memory of its own */
	int32_t slot;     /* the slot of the record that the program merely names, or -1 */
};

#endif
