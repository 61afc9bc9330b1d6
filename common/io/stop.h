/*
 * stop.h - signals, as flags: SIGINT and SIGTERM ask for an orderly end, SIGUSR1 for statistics,
 * and SIGHUP, where a tool takes it, for reading its files anew.
 *
 * A second SIGINT or SIGTERM ends the process at once, whatever it is doing: computing, or writing
 * where nobody reads. A signal between looking and waiting is not missed: stop_poll() knows of it.
 * Floor: 2 (io)
 */
#ifndef IO_STOP_H
#define IO_STOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* Install the handlers. SIGPIPE is left as it is: it ends a tool as it ends cat. */
void stop_init(void);

/*
 * For a tool that has several places to write to: that one has no reader is an error of write()
 * from now on, no signal.
 */
void stop_take_sigpipe(void);

/* Would SIGPIPE have ended us, or does the parent ignore it? */
bool stop_at_sigpipe(void);

/* End as SIGPIPE does, where it would have. */
void stop_by_sigpipe(void);

/* In a child that becomes another program: SIGPIPE as the parent left it. */
void stop_give_back_sigpipe(void);

/* The signal that asked for the end, or 0. */
int stop_signal(void);

/* The file that a second signal is to remove before it ends the process; NULL for none. */
void stop_removes(const char *path);

/* What a second signal is to call, too: of a signal handler. NULL for nothing. */
void stop_calls(void (*call)(void));

/* Was SIGUSR1 received since the last call? */
bool stop_usr1(void);

/*
 * SIGHUP is a request from now on, and ends the process no more. Even where the parent ignores it
 * (nohup), which asks for nothing but that.
 */
void stop_take_hup(void);

/* Was SIGHUP received since the last call? */
bool stop_hup(void);

/*
 * poll(), that does not wait if a signal came since the last call. TIMEOUT in ns, negative for
 * none. Returns as poll() does; -1 with EINTR when a signal came.
 */
int stop_poll(struct pollfd *fds, nfds_t n, int64_t timeout);

/*
 * Nanoseconds that are left to a stage that reads on after being asked to end, of 10 s; 0 when they
 * are over.
 */
int64_t stop_grace(void);

#endif
