#include "keeper.h"

#include "base/duration.h"
#include "base/stamp.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the keeper's process */

static void on_child(int sig)
{
	(void)sig;
}

/*
 * Wait for a child or, unless LINE is -1, for the line to be hung up, at most TIMEOUT ns (negative:
 * for ever). Was it hung up?
 */
static bool hung_up(int line, int64_t timeout)
{
	struct pollfd p = { .fd = line, .events = POLLIN };
	struct timespec t = { timeout / NS_PER_SEC, timeout % NS_PER_SEC };
	sigset_t all_but_child;

	sigfillset(&all_but_child);
	sigdelset(&all_but_child, SIGCHLD);
	return ppoll(&p, 1, timeout < 0 ? NULL : &t, &all_but_child) > 0;
}

/* Has the command ended? It stays a zombie, so that its group's number stays its own. */
static bool has_ended(pid_t command)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)command, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == command;
}

/* Take those of the group that have ended. Is nothing left of it? */
static bool reap(pid_t group, int *status)
{
	pid_t pid;
	int got;

	while ((pid = waitpid(-group, &got, WNOHANG)) > 0)
		if (pid == group)
			*status = command_status(got);
	return pid < 0 && errno == ECHILD;
}

_Noreturn static void keep(int line, pid_t command)
{
	int64_t end, left;
	int status = 0;

	while (!has_ended(command) && !hung_up(line, -1))
		;
	kill(-command, SIGTERM);
	end = stamp_monotonic() + KEEPER_PATIENCE_S * NS_PER_SEC;
	while (!reap(command, &status)) {
		left = end - stamp_monotonic();
		if (left <= 0)
			kill(-command, SIGKILL);
		hung_up(-1, left > 0 ? left : 10 * NS_PER_MS);
	}
	_exit(status);
}

_Noreturn static void become(const char *command, int out, const sigset_t *mask)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	command_become(command, in, out, mask);
}

static void close_from(int first, int last)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0u) == 0)
		return;
#endif
	for (int fd = first; fd <= last && fd < 4096; fd++)
		close(fd);
}

/* All signals are blocked, and stay so. */
_Noreturn static void be_keeper(int line, int out, const char *command, const sigset_t *mask)
{
	struct sigaction a = { .sa_handler = on_child };
	pid_t pid;

	sigaction(SIGCHLD, &a, NULL);
	/* what the command leaves behind becomes ours, so that we can wait for it */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid == 0)
		become(command, out, mask);
	if (pid < 0)
		_exit(126);
	setpgid(pid, pid);
	if (line > 0)
		close_from(0, line - 1);
	close_from(line + 1, INT_MAX);
	keep(line, pid);
}

/* ---- ours */

static void close_both(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

int keeper_run(struct keeper *k, const char *command, struct err *e)
{
	sigset_t all, mask;
	int line[2], out[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
		return err_set(e, FAIL_OPEN, "cannot run it:");
	if (pipe2(out, O_CLOEXEC) < 0) {
		close_both(line);
		return err_set(e, FAIL_OPEN, "cannot run it:");
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	pid = fork();
	if (pid == 0)
		be_keeper(line[1], out[1], command, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (pid < 0) {
		err_set(e, FAIL_OPEN, "cannot run it:");
		close_both(line);
		close_both(out);
		return -1;
	}
	close(line[1]);
	close(out[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	*k = (struct keeper){ pid, line[0], out[0] };
	return 0;
}

void keeper_hang_up(struct keeper *k)
{
	shutdown(k->line, SHUT_WR);
}

bool keeper_ended(struct keeper *k, bool wait, int *status)
{
	int got = 0;
	pid_t pid;

	do
		pid = waitpid(k->pid, &got, wait ? 0 : WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return false;
	*status = command_status(got);
	close(k->line);
	close(k->out);
	k->pid = 0;
	return true;
}
