/*
 * options.h - one table per tool, from which everything is made: parsing, --help, the page's
 * OPTIONS, completions.
 *
 * Floor: 9 (cli)
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_FLAG,     /* bool: set to true */
	OPTION_CLEAR,    /* bool: set to false */
	OPTION_SIZE,     /* uint64_t: a count, with k M G (thousands) or Ki Mi Gi */
	OPTION_DURATION, /* int64_t ns */
	OPTION_SECONDS,  /* the same, and a bare number is seconds */
	OPTION_STRING,   /* const char * */
	OPTION_FILE,     /* const char *: completed as a file */
	OPTION_EXPR,     /* const char *: a program */
	OPTION_CHOICE,   /* int: index into choices */
	OPTION_LIST,     /* struct option_list: may be given again */
	OPTION_PAIR,     /* struct option_list, which several may share: two arguments each time
	                    become three items, the option's name, a name and a value */
	OPTION_REST,     /* struct option_list: later operands (but for the program) become pairs of
	                    the option's name and the operand */
	OPTION_NEXT, /* struct option_list: what it says is of the operand behind it. An item for
	                each operand (but for the program), NULL where none was given */
	OPTION_HELP,
	OPTION_VERSION,
};

/* Values of an option that may be given again. The items are pointers into argv. */
struct option_list {
	const char **item;
	size_t n, cap;
};

struct option_def {
	char letter;      /* or 0 */
	const char *name; /* long name, or NULL */
	enum option_kind kind;
	size_t offset;   /* of the value in the tool's arguments */
	const char *arg; /* what stands for the value in texts: "FMT"; NULL for flags */
	const char *
		def; /* the default as one would write it: parsed as the initial value, and shown */
	const char *choices; /* of OPTION_CHOICE: "report|skip|fail" */
	const char *implied; /* the value where none is given: --name takes one only as
	                        --name=VALUE, the letter none; NULL: a value is needed */
	bool positive;       /* OPTION_SIZE, OPTION_DURATION, OPTION_SECONDS: 0 is none */
	const char *help;    /* one or two sentences, no full stop at the end of the last */
};

/* A tool, as its texts describe it. */
struct tool {
	const char *name;
	const char *purpose;              /* one line, for the page's NAME too */
	const char *const *synopsis;      /* what follows the name, NULL behind the last */
	const struct option_def *options; /* its own; name and letter are 0 behind the last */
	const struct option_def *shared;  /* those that many tools have; one whose name is among
	                                     the tool's own is left out */
	size_t shared_offset;             /* of what they set, in the tool's arguments */
	const char *operands;             /* "file" if operands are completed as files, else NULL */
	bool takes_program;               /* the first operand is one, unless program_file is set;
	                                     it may begin with '-' and no letter: -1, -.a */
	size_t program_file;              /* where the arguments hold a const char * naming a file
	                                     with the program; 0 if nowhere */
	char number; /* the letter of the option that -5 is short for, of type OPTION_STRING;
	                letters of flags may follow: -5f. 0: there is none */
	const char *example; /* shown by --help */
};

/*
 * Parse the command line into ARGS: defaults first, then options in any order, "--" ends them.
 * Handles --help,
 * --version and --generate by printing to stdout and storing true in *DONE. Returns the index of
 * the first operand (operands are moved behind the options), or -1 with FAIL_USAGE.
 */
int options_parse(const struct tool *t, int argc, char **argv, void *args, bool *done,
                  struct err *e) __attribute__((warn_unused_result));

/* Free what lists hold. */
void options_free_list(struct option_list *l);

/* Parse a count with suffix: 10k, 16Mi, 1G. */
int options_size(const char *text, uint64_t *v) __attribute__((warn_unused_result));

/*
 * Print one of the texts made from the table: help, man, bash, zsh, fish. -1 if there is no such
 * kind.
 */
int options_generate(const struct tool *t, const char *kind);

#endif
