#include "stop.h"

#include "base/duration.h"
#include "base/stamp.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#define GRACE (10 * NS_PER_SEC)

static volatile sig_atomic_t asked, usr1, hup;
static volatile sig_atomic_t news; /* a signal came since the last wait */
static sigset_t ours;
static int64_t since;
static const char *volatile doomed;
static bool took_sigpipe;
static struct sigaction sigpipe; /* as it was before */
static void (*volatile last)(void);

static void on_stop(int sig)
{
	if (asked) {
		if (doomed)
			unlink(doomed);
		if (last)
			last();
		signal(sig, SIG_DFL);
		_exit(128 + sig);
	}
	asked = sig;
	news = 1;
}

static void on_usr1(int sig)
{
	(void)sig;
	usr1 = 1;
	news = 1;
}

static void on_hup(int sig)
{
	(void)sig;
	hup = 1;
	news = 1;
}

static void handle(int sig, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigemptyset(&a.sa_mask);
	sigaction(sig, &a, NULL);
}

static void install(int sig, void (*handler)(int))
{
	struct sigaction old;

	/* what the parent ignores (nohup, a shell's background job) stays ignored */
	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
		return;
	handle(sig, handler);
}

void stop_init(void)
{
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &ours, NULL); /* whatever the parent left us with */
	install(SIGINT, on_stop);
	install(SIGTERM, on_stop);
	install(SIGUSR1, on_usr1);
}

void stop_take_sigpipe(void)
{
	if (took_sigpipe)
		return;
	sigaction(SIGPIPE, NULL, &sigpipe);
	signal(SIGPIPE, SIG_IGN);
	took_sigpipe = true;
}

bool stop_at_sigpipe(void)
{
	struct sigaction was = sigpipe;

	if (!took_sigpipe)
		sigaction(SIGPIPE, NULL, &was);
	return was.sa_handler != SIG_IGN;
}

void stop_by_sigpipe(void)
{
	if (!stop_at_sigpipe())
		return;
	stop_give_back_sigpipe();
	raise(SIGPIPE);
}

void stop_give_back_sigpipe(void)
{
	if (took_sigpipe)
		sigaction(SIGPIPE, &sigpipe, NULL);
}

int stop_signal(void)
{
	return asked;
}

void stop_removes(const char *path)
{
	doomed = path;
}

void stop_calls(void (*call)(void))
{
	last = call;
}

bool stop_usr1(void)
{
	bool was = usr1;

	usr1 = 0;
	return was;
}

void stop_take_hup(void)
{
	handle(SIGHUP, on_hup);
	sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

bool stop_hup(void)
{
	bool was = hup;

	hup = 0;
	return was;
}

int stop_poll(struct pollfd *fds, nfds_t n, int64_t timeout)
{
	struct timespec t;
	sigset_t before;
	int r = -1;

	if (timeout >= 0) {
		t.tv_sec = timeout / NS_PER_SEC;
		t.tv_nsec = (long)(timeout % NS_PER_SEC);
	}
	sigprocmask(SIG_BLOCK, &ours, &before);
	if (news)
		errno = EINTR;
	else
		r = ppoll(fds, n, timeout < 0 ? NULL : &t, &before);
	news = 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

int64_t stop_grace(void)
{
	int64_t now = stamp_monotonic();

	if (!since)
		since = now;
	return now - since >= GRACE ? 0 : GRACE - (now - since);
}
