#include "keys.h"

#include "base/duration.h"
#include "base/stamp.h"
#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ESC     0x1B
#define LONGEST 32                /* bytes of an escape sequence; none that is known has as many */
#define WITHIN  (500 * NS_PER_MS) /* a sequence comes whole, or it was the Escape key */

/* Signals that end a process that does not handle them. */
static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGABRT, SIGSEGV,
	                      SIGBUS, SIGFPE, SIGILL,  SIGALRM, SIGUSR2, SIGXCPU, SIGXFSZ };

/* Looked at by handlers; changed by them, and with all signals blocked. */
static volatile int tty = -1;
static volatile sig_atomic_t held; /* the terminal is as we want it, `saved` is how it was */
static struct termios saved;
static bool stops; /* SIGTSTP does what it does to anybody */

static unsigned char pressed[2 * LONGEST];
static size_t count;
static int64_t read_at; /* monotonic: when the last of them came */

/* ---- the terminal; what follows is called by handlers, too */

static bool is_ours(void)
{
	return tcgetpgrp(tty) == getpgrp();
}

static void set_keys(void)
{
	struct termios t = saved;

	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	tcsetattr(tty, TCSANOW, &t);
}

static void give_back(void)
{
	if (held && is_ours())
		tcsetattr(tty, TCSANOW, &saved);
	held = 0;
}

static void on_deadly(int sig)
{
	give_back();
	signal(sig, SIG_DFL);
	raise(sig); /* when the handler returns */
}

static void handle(int sig, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigfillset(&a.sa_mask);
	sigaction(sig, &a, NULL);
}

static void on_tstp(int sig);

/* Make the terminal, which is in the foreground, give keys. */
static void take(void)
{
	if (!held && tcgetattr(tty, &saved) < 0)
		return;
	held = 1;
	if (stops)
		handle(SIGTSTP, on_tstp);
	set_keys();
}

static void on_tstp(int sig)
{
	int error = errno;

	give_back();
	signal(sig, SIG_DFL);
	raise(sig); /* stops the process when the handler returns; goes on with SIGCONT */
	errno = error;
}

static void on_cont(int sig)
{
	int error = errno;

	(void)sig;
	if (tty >= 0 && is_ours())
		take();
	else
		held = 0; /* whoever has it made it theirs */
	errno = error;
}

/* ---- */

static void block(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

static void unblock(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

static bool is_default(int sig)
{
	struct sigaction a;

	return sigaction(sig, NULL, &a) == 0 && !(a.sa_flags & SA_SIGINFO) &&
	       a.sa_handler == SIG_DFL;
}

/* Once; the handlers do nothing while keys are closed. */
static void install(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
		if (is_default(deadly[i]))
			handle(deadly[i], on_deadly);
	stops = is_default(SIGTSTP);
	if (is_default(SIGCONT))
		handle(SIGCONT, on_cont);
	stop_calls(give_back);
	atexit(keys_close);
}

bool keys_open(void)
{
	sigset_t before;

	if (tty >= 0)
		return true;
	tty = open("/dev/tty", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (tty < 0)
		return false;
	count = 0;
	block(&before);
	if (is_ours()) {
		install();
		take();
	}
	unblock(&before);
	if (!held)
		keys_close();
	return tty >= 0;
}

void keys_close(void)
{
	sigset_t before;

	if (tty < 0)
		return;
	block(&before);
	if (held && stops)
		handle(SIGTSTP, SIG_DFL);
	give_back();
	close(tty);
	tty = -1;
	unblock(&before);
}

/* In the foreground, perhaps only now? */
static bool look(void)
{
	sigset_t before;
	bool ours;

	if (tty < 0)
		return false;
	ours = is_ours();
	if (ours == (held != 0))
		return ours;
	block(&before);
	if (ours)
		take();
	else
		held = 0;
	unblock(&before);
	return held;
}

int keys_fd(void)
{
	return look() ? tty : -1;
}

/* ---- escape sequences */

static int by_letter(int c)
{
	switch (c) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	default:
		return KEY_NONE;
	}
}

static int by_number(int n)
{
	switch (n) {
	case 1:
	case 7:
		return KEY_HOME;
	case 4:
	case 8:
		return KEY_END;
	case 5:
		return KEY_PAGE_UP;
	case 6:
		return KEY_PAGE_DOWN;
	default:
		return KEY_NONE;
	}
}

/* The sequence "ESC [" that PRESSED begins with (ECMA-48, 5.4): its length, 0 where it has not come
 * whole, and its key. */
static size_t control_sequence(int *key)
{
	size_t n = 2;
	int number = 0;

	/* the function keys of Linux's console */
	if (count > 2 && pressed[2] == '[')
		return count > 3 ? 4 : 0;
	while (n < count && pressed[n] >= '0' && pressed[n] <= '9' && n < 6)
		number = number * 10 + (pressed[n++] - '0');
	while (n < count && pressed[n] >= 0x20 && pressed[n] <= 0x3F)
		n++;
	if (n == count) {
		if (n >= LONGEST)
			count = 2; /* to pass over its rest, too */
		return 0;
	}
	*key = pressed[n] == '~' ? by_number(number) : by_letter(pressed[n]);
	/* what is none breaks it off */
	return pressed[n] >= 0x40 && pressed[n] <= 0x7E ? n + 1 : n;
}

/* The key that PRESSED begins with: bytes, 0 where it has not come whole. */
static size_t decode(int *key)
{
	*key = KEY_NONE;
	if (pressed[0] != ESC) {
		*key = pressed[0];
		return 1;
	}
	if (count == 1)
		return 0;
	switch (pressed[1]) {
	case '[':
		return control_sequence(key);
	case 'O': /* the same, of the keypad's mode */
		if (count > 2)
			*key = by_letter(pressed[2]);
		return count > 2 ? 3 : 0;
	case ESC:
		return 1;
	default: /* with Alt */
		return 2;
	}
}

static void drop(size_t n)
{
	count -= n;
	memmove(pressed, pressed + n, count);
}

/* More bytes, if there are some. */
static bool read_more(void)
{
	int64_t now = stamp_monotonic();
	sigset_t before;
	ssize_t n = -1;

	/* a sequence that did not go on was the Escape key, and whatever followed it */
	if (now - read_at > WITHIN)
		count = 0;
	/* SIGTTIN, too: it may be in the background by now */
	block(&before);
	if (tty >= 0)
		n = read(tty, pressed + count, sizeof pressed - count);
	unblock(&before);
	if (n == 0)
		keys_close(); /* hung up */
	if (n <= 0)
		return false;
	count += (size_t)n;
	read_at = now;
	return true;
}

int keys_next(void)
{
	int key;

	do {
		while (count) {
			size_t n = decode(&key);

			if (n == 0)
				break;
			drop(n);
			if (key != KEY_NONE)
				return key;
		}
	} while (look() && read_more());
	return KEY_NONE;
}
