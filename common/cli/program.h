/*
 * program.h - a tool's program as its options give it: -f, and the variables of --arg and the like.
 *
 *     program_init(&p, &args.program, word, "EXPR", &e)   behind parsing; frees what it read by
 *     expr_compile() with p.source and p.vars             program_free(), behind all programs
 *
 * Threads: read-only once it is made.
 * Floor: 9 (cli)
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "expr/expr.h"
#include "options.h"

/* What options store. */
struct program_opts {
	const char *file;         /* -f; NULL: the program is an operand */
	struct option_list named; /* OPTION_PAIR: --arg, --argjson, --slurpfile, --rawfile */
	struct option_list rest;  /* OPTION_REST: --args, --jsonargs */
};

struct program {
	struct source source;  /* the text, and what messages call it: the file's name */
	struct expr_vars vars; /* those of the options, then $ARGS */
	char *text;            /* of the file; NULL without */
	struct heap heap;      /* what the variables are made of */
};

/*
 * Read the file that -f names, else take WORD, which messages call NAME; make the variables. Of two
 * of a name the first counts, as in jq. -1 with FAIL_OPEN or FAIL_IO where a file cannot be read,
 * FAIL_USAGE where a value is no JSON, FAIL_COMPILE where the program's text is none; to be freed
 * in any case.
 */
int program_init(struct program *p, const struct program_opts *opts, const char *word,
                 const char *name, struct err *e) __attribute__((warn_unused_result));

/* Free it; one that is all zeros is fine. */
void program_free(struct program *p);

void program_free_opts(struct program_opts *opts);

#endif
