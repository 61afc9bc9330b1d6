#include "stop.h"

#include "base/duration.h"
#include "base/stamp.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#define GRACE (10 * NS_PER_SEC)

static volatile sig_atomic_t asked, usr1;
static sigset_t waiting; /* the mask while waiting */
static int64_t since;

static void on_stop(int sig)
{
	if (asked) {
		signal(sig, SIG_DFL);
		_exit(128 + sig);
	}
	asked = sig;
}

static void on_usr1(int sig)
{
	(void)sig;
	usr1 = 1;
}

static void install(int sig, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler }, old;

	sigemptyset(&a.sa_mask);
	/* what the parent ignores (nohup, a shell's background job) stays ignored */
	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
		return;
	sigaction(sig, &a, NULL);
}

void stop_init(void)
{
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, &waiting);
	sigdelset(&waiting, SIGINT);
	sigdelset(&waiting, SIGTERM);
	sigdelset(&waiting, SIGUSR1);
	install(SIGINT, on_stop);
	install(SIGTERM, on_stop);
	install(SIGUSR1, on_usr1);
}

int stop_signal(bool look)
{
	sigset_t old;

	if (look) {
		sigprocmask(SIG_SETMASK, &waiting, &old);
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	return asked;
}

bool stop_usr1(void)
{
	bool was = usr1;

	usr1 = 0;
	return was;
}

int stop_poll(struct pollfd *fds, nfds_t n, int64_t timeout)
{
	struct timespec t;

	if (timeout >= 0) {
		t.tv_sec = timeout / NS_PER_SEC;
		t.tv_nsec = (long)(timeout % NS_PER_SEC);
	}
	return ppoll(fds, n, timeout < 0 ? NULL : &t, &waiting);
}

int64_t stop_grace(void)
{
	int64_t now = stamp_monotonic();

	if (!since)
		since = now;
	return now - since >= GRACE ? 0 : GRACE - (now - since);
}
