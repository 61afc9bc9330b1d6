/*
 * keys.h - single keys from the terminal, beside whatever the standard descriptors are.
 *
 * Read from /dev/tty without waiting for a newline and without echo, while the process is in the
 * foreground; the terminal is as it was at keys_close(), at exit and when a signal ends or stops
 * the process (and is taken again when it goes on). In the background nothing is read, and nothing
 * stops it. Signals that end a process are handled where they were not, so that stop_init() comes
 * first. State: the process's. Floor: 2 (io)
 */
#ifndef IO_KEYS_H
#define IO_KEYS_H

#include <stdbool.h>

enum key {
	KEY_NONE = -1, /* nothing was pressed */
	/* a byte as it is, and */
	KEY_UP = 256,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
};

/* False, and nothing is open, where there is no terminal, or the process is not in the foreground.
 */
bool keys_open(void);

/* The descriptor to wait for; -1 when not open, and while the process is in the background. */
int keys_fd(void);

/*
 * The next key, without waiting; to be called until there is none. Escape sequences that are not
 * known are passed over, and the Escape key.
 */
int keys_next(void);

void keys_close(void);

#endif
