/*
 * stop.h - signals, as flags: SIGINT and SIGTERM ask for an orderly end, SIGUSR1 for statistics.
 *
 * The signals are blocked but while a tool waits (stop_poll()), so that none is missed between
 * looking and waiting. A second SIGINT or SIGTERM ends the process at once. Floor: 2 (io)
 */
#ifndef IO_STOP_H
#define IO_STOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* Install the handlers. SIGPIPE is left as it is: it ends a tool as it ends cat. */
void stop_init(void);

/* The signal that asked for the end, or 0. Looks for pending ones first if LOOK. */
int stop_signal(bool look);

/* Was SIGUSR1 received since the last call? */
bool stop_usr1(void);

/*
 * poll(), with the signals let in. TIMEOUT in ns, negative for none. Returns as poll() does; -1
 * with EINTR when a signal came.
 */
int stop_poll(struct pollfd *fds, nfds_t n, int64_t timeout);

/*
 * Nanoseconds that are left to a stage that reads on after being asked to end, of 10 s; 0 when they
 * are over.
 */
int64_t stop_grace(void);

#endif
