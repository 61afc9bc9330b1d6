/*
 * terminal.h - a replay on a terminal: a status line on stderr, and keys that steer it.
 *
 * The line is drawn where stderr is a terminal and stdout is none, or with --progress; keys are
 * taken where stderr is a terminal. It is at the bottom, the cursor behind it; before anything else
 * is printed there it is erased. In the background nothing is drawn.
 */
#ifndef SREPLAY_TERMINAL_H
#define SREPLAY_TERMINAL_H

#include "sreplay.h"

/* Will there be a line, or keys? */
bool terminal_wanted(const struct args *a, const struct inputs *in);

/*
 * Begin, behind frame_start(): sets the frame's hooks. What it is given must outlive it. NULL where
 * there is neither line nor keys.
 */
struct terminal *terminal_open(const struct args *a, struct frame *f, struct replay *replay,
                               const struct inputs *in);

/* Ns until the line is to be drawn again; negative: never. */
int64_t terminal_timeout(const struct terminal *t);

/* Erase the line, give the terminal back. NULL is allowed. */
void terminal_close(struct terminal *t);

#endif
