/*
 * command.h - a command as the shell runs it.
 * Floor: 7 (stream)
 */
#ifndef STREAM_COMMAND_H
#define STREAM_COMMAND_H

#include "base/err.h"

#include <signal.h>
#include <stdbool.h>

/* Has TEXT nothing to run? Says with FAIL_USAGE what it should be, like EXAMPLE. */
int command_check(const char *text, const char *example, struct err *e)
	__attribute__((warn_unused_result));

/*
 * In a child: become COMMAND, run by /bin/sh, with IN as its standard input and OUT as its standard
 * output (-1: as it is), in a process group of its own, and MASK's signals blocked.
 */
_Noreturn void command_become(const char *command, int in, int out, const sigset_t *mask);

/* The exit status out of what waitpid() says; 128 + N where signal N ended it. */
int command_status(int waited);

#endif
