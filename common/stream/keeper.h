/*
 * keeper.h - a command that is not left behind, whatever becomes of us.
 *
 * Between us and the command stands a process that waits for the command to end, or for us to hang
 * up, which we do also when we die; then it sends the command's process group SIGTERM, and SIGKILL
 * after 2 s, and waits until nothing of it is left. What a command leaves running when it ends goes
 * the same way. Floor: 7 (stream)
 */
#ifndef STREAM_KEEPER_H
#define STREAM_KEEPER_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define KEEPER_PATIENCE_S 2 /* between SIGTERM and SIGKILL */

struct keeper {
	pid_t pid; /* of the keeper; 0: there is none */
	int line;  /* becomes readable when it has ended; shutting it ends the command */
	int out;   /* what the command writes; does not wait */
};

/* Run COMMAND. -1 with FAIL_OPEN. */
int keeper_run(struct keeper *k, const char *command, struct err *e)
	__attribute__((warn_unused_result));

/* Ask the command to end. Its output may be read on. */
void keeper_hang_up(struct keeper *k);

/*
 * Has all ended? Then the exit status is in *STATUS, 128 + N where a signal did it, and the
 * descriptors are closed. WAIT: until it has, 2 s and a bit after keeper_hang_up().
 */
bool keeper_ended(struct keeper *k, bool wait, int *status);

#endif
