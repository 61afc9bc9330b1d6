/*
 * eval.h - the state of an evaluation. Private to the evaluator and the builtins that need more
 * than builtin.h. Floor: 5 (expr)
 */
#ifndef EXPR_EVAL_H
#define EXPR_EVAL_H

#include "base/tz.h"
#include "code.h"
#include "expr.h"

/* Tags of values that programs never see. */
enum {
	VAL_FAILED = VAL_PRIVATE, /* what a builtin returns that failed */
	VAL_PATH,                 /* ptr: struct step, NULL for the root */
	VAL_MARK,                 /* len: a number of choices, or an iteration's position */
	VAL_CLOSURE,              /* len: function, ptr: frame that its variables are in */
};

/* One key of a path; paths share their beginnings. */
struct step {
	struct step *before; /* NULL at the first */
	uint32_t depth;      /* keys up to here */
	struct val key;
};

/* An activation of a function. Those of calls lie on the frame stack, one behind the other. */
struct frame {
	struct frame *caller;
	struct frame *outer;     /* where the function's outer variables are */
	const struct insn *back; /* where the caller goes on */
	uint32_t regs;
	uint16_t to; /* the caller's register for the output */
	bool with_path;
	bool seen; /* the collector's */
	struct val reg[];
};

enum choice_kind { CHOICE_FORK, CHOICE_TRY, CHOICE_UNTRY };

/* Where to go on when more output is wanted, or an error is to be caught. */
struct choice {
	const struct insn *resume;
	struct frame *frame;
	char *top;     /* frames below it are still needed */
	uint32_t mark; /* of a CHOICE_UNTRY: the choices that stay when an error passes it */
	enum choice_kind kind;
};

struct eval {
	const struct prog *prog;
	struct heap *heap;
	const struct eval_world *world;
	const struct rec *rec;
	struct frame *main;
	/* the machine */
	const struct insn *pc;
	struct frame *frame;
	struct choice *choice;
	size_t choices, choice_cap;
	char *stack, *stack_end; /* frames of calls; NULL until the first call */
	struct val error;
	int halted; /* exit status of halt, or -1 */
	/* memory */
	size_t room_until; /* bytes of the heap in use at which eval_make_room() is called */
	size_t first_at;   /* bytes in use at which collecting is worth it */
	bool collects, exhausted;
	bool fresh; /* eval_start() was called, eval_next() not yet */
	struct buf scratch;
	struct regex_cache *regex;
	struct kept *kept;
	struct tz *zone; /* of localtime */
	bool zone_read;
};

/* Registers of variables that the caller provides begin here in the program's own frame. */
#define EVAL_VAR_REG 1

static inline struct val val_private(int tag, uint32_t len)
{
	return (struct val){ .tag = (uint8_t)tag, .len = len };
}

/* The next record as a value, VAL_NONE at the end, or a failure. */
struct val eval_input(struct eval *e);

/* Collect what is not alive, where that is allowed. False with an error where too much is. */
bool eval_make_room(struct eval *e);

/*
 * Behind eval_set_memory(): collect from BYTES in use on, not only from 32 MiB. 0: whenever that is
 * possible, for tests.
 */
void eval_collect_at(struct eval *e, size_t bytes);

/* Free the regular expressions that an evaluator has compiled. */
void eval_regex_free(struct eval *e);

/* Free what prev, delta and elapsed remember. */
void eval_kept_free(struct eval *e);

/* The keys of a path as an array, not shared. */
struct arr *path_list(struct eval *e, const struct step *last);

#endif
