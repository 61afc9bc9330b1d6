/*
 * keys.h, through a pseudo-terminal: each test runs in a session of its own, whose leader does what
 * a shell does, and the one that reads keys is its job.
 */
#include "unit.h"

#include "base/buf.h"
#include "base/duration.h"
#include "io/keys.h"
#include "io/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PATIENCE 20000 /* ms that an event that must come is waited for */
#define NOT_OPEN (-2)
#define READY    (-3)

struct shell {
	int keyboard; /* the other end of the terminal */
	int tty;
	int from; /* what the job says: numbers */
	pid_t job;
};

#define MUST(thing)                                                                                \
	do {                                                                                       \
		if (!(thing)) {                                                                    \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #thing);        \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* ---- the clock, in place of stamp_monotonic(): it stands until it is moved, for all processes */

static int64_t *clock_ns;

int64_t __wrap_stamp_monotonic(void);

int64_t __wrap_stamp_monotonic(void)
{
	return __atomic_load_n(clock_ns, __ATOMIC_ACQUIRE);
}

static void move_clock(int64_t ns)
{
	__atomic_fetch_add(clock_ns, ns, __ATOMIC_RELEASE);
}

/* ---- the job */

static int report;

static void say(int number)
{
	MUST(write(report, &number, sizeof number) == sizeof number);
}

/* Say each key; q closes, x exits, p writes where nobody reads, until a signal asks for the end. */
static void read_keys(void)
{
	struct pollfd p = { .events = POLLIN };
	int key, pipes[2];

	stop_init();
	if (!keys_open()) {
		say(NOT_OPEN);
		_exit(keys_fd() == -1 && keys_next() == KEY_NONE ? 0 : 1);
	}
	say(READY);
	while (!stop_signal()) {
		p.fd = keys_fd();
		stop_poll(&p, 1, 50000000);
		while ((key = keys_next()) != KEY_NONE) {
			say(key);
			if (key == 'q') {
				keys_close();
				_exit(keys_fd() == -1 ? 0 : 1);
			}
			if (key == 'x')
				exit(4);
			if (key == 'p' && pipe(pipes) == 0 && close(pipes[0]) == 0)
				_exit(write(pipes[1], "x", 1) < 0 ? 1 : 0);
		}
	}
	say(READY);
	for (;;)
		pause(); /* until the second one */
}

/* ---- the shell */

static void to_foreground(struct shell *s, pid_t group)
{
	MUST(tcsetpgrp(s->tty, group) == 0);
}

static void start(struct shell *s, bool foreground)
{
	int fds[2];

	MUST(pipe(fds) == 0);
	fflush(NULL);
	s->job = fork();
	MUST(s->job >= 0);
	if (s->job == 0) {
		report = fds[1];
		setpgid(0, 0);
		if (foreground)
			to_foreground(s, getpid());
		for (int sig = 1; sig < 32; sig++)
			signal(sig, SIG_DFL);
		close(s->keyboard);
		read_keys();
	}
	setpgid(s->job, s->job);
	close(fds[1]);
	s->from = fds[0];
}

static int hear(struct shell *s)
{
	struct pollfd p = { .fd = s->from, .events = POLLIN };
	int number;

	MUST(poll(&p, 1, PATIENCE) == 1);
	MUST(read(s->from, &number, sizeof number) == sizeof number);
	return number;
}

static bool hears_nothing(struct shell *s, int ms)
{
	struct pollfd p = { .fd = s->from, .events = POLLIN };

	return poll(&p, 1, ms) == 0;
}

static void type(struct shell *s, const char *text, size_t n)
{
	int left = 1;

	MUST(write(s->keyboard, text, n) == (ssize_t)n);
	/* until it was read, if it has come by now */
	for (int i = 0; left > 0 && i < PATIENCE; i++) {
		MUST(ioctl(s->tty, FIONREAD, &left) == 0);
		usleep(1000);
	}
	MUST(left == 0);
}

static bool is_cooked(const struct shell *s)
{
	struct termios t;

	MUST(tcgetattr(s->tty, &t) == 0);
	return (t.c_lflag & (ICANON | ECHO)) == (ICANON | ECHO);
}

static bool gives_keys(const struct shell *s)
{
	struct termios t;

	MUST(tcgetattr(s->tty, &t) == 0);
	return (t.c_lflag & (ICANON | ECHO | ISIG)) == ISIG;
}

static void until_it_gives_keys(const struct shell *s)
{
	for (int i = 0; !gives_keys(s) && i < PATIENCE; i++)
		usleep(1000);
	MUST(gives_keys(s));
}

static int wait_for(struct shell *s)
{
	int status;

	MUST(waitpid(s->job, &status, WUNTRACED) == s->job);
	return status;
}

static void ends_by(struct shell *s, int sig)
{
	int status = wait_for(s);

	MUST(WIFSIGNALED(status) && WTERMSIG(status) == sig);
}

static void ends_with(struct shell *s, int expected)
{
	int status = wait_for(s);

	MUST(WIFEXITED(status) && WEXITSTATUS(status) == expected);
}

/* ---- sessions */

static void open_terminal(struct shell *s)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	MUST(setsid() > 0);
	s->keyboard = posix_openpt(O_RDWR | O_NOCTTY);
	MUST(s->keyboard >= 0 && grantpt(s->keyboard) == 0 && unlockpt(s->keyboard) == 0);
	s->tty = open(ptsname(s->keyboard), O_RDWR | O_NOCTTY);
	MUST(s->tty >= 0 && ioctl(s->tty, TIOCSCTTY, 0) == 0);
	sigaction(SIGTTOU, &ignore, NULL);
	sigaction(SIGHUP, &ignore, NULL); /* of its own end */
	MUST(is_cooked(s));
}

static void run(void (*session)(struct shell *s))
{
	struct shell s = { 0 };
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(PATIENCE / 1000 * 2);
		open_terminal(&s);
		session(&s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

struct row {
	const char *typed;
	int keys[8];
};

static const struct row rows[] = {
	{ " .+=][?", { ' ', '.', '+', '=', ']', '[', '?' } },
	{ "\x7F\r", { 0x7F, '\n' } }, /* the terminal's ICRNL stays */
	{ "\xC3\xA9", { 0xC3, 0xA9 } },
	{ "\033[A\033[B\033[C\033[D", { KEY_UP, KEY_DOWN, KEY_RIGHT, KEY_LEFT } },
	{ "\033OA\033OD", { KEY_UP, KEY_LEFT } },
	{ "\033[H\033[F\033OH\033OF", { KEY_HOME, KEY_END, KEY_HOME, KEY_END } },
	{ "\033[1~\033[4~\033[7~\033[8~", { KEY_HOME, KEY_END, KEY_HOME, KEY_END } },
	{ "\033[5~\033[6~", { KEY_PAGE_UP, KEY_PAGE_DOWN } },
	{ "\033[1;5C", { KEY_RIGHT } }, /* with Ctrl */
	/* F5, F1, F1 of the console, Delete, Alt-q, a mouse's: not known */
	{ "a\033[15~b\033OPc\033[[Ad\033[3~\033qe\033[<0;1;2Mf", { 'a', 'b', 'c', 'd', 'e', 'f' } },
	{ "\033\033[A", { KEY_UP } },
	{ "\033[1\ng", { '\n', 'g' } }, /* broken off */
};

static void takes(struct shell *s, const struct row *row)
{
	for (size_t i = 0; row->keys[i]; i++) {
		int got = hear(s);

		if (got != row->keys[i])
			fprintf(stderr, "'%s': key %zu is %d, not %d\n", row->typed, i, got,
			        row->keys[i]);
		MUST(got == row->keys[i]);
	}
}

static void each_key(struct shell *s)
{
	start(s, true);
	MUST(hear(s) == READY);
	MUST(gives_keys(s));
	for (size_t i = 0; i < COUNT(rows); i++) {
		type(s, rows[i].typed, strlen(rows[i].typed));
		takes(s, &rows[i]);
	}
	type(s, "q", 1);
	MUST(hear(s) == 'q');
	ends_with(s, 0);
	MUST(is_cooked(s));
}

static void each_key_in_two_parts(struct shell *s)
{
	start(s, true);
	MUST(hear(s) == READY);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t cut = 1; cut < strlen(rows[i].typed); cut++) {
			type(s, rows[i].typed, cut);
			type(s, rows[i].typed + cut, strlen(rows[i].typed) - cut);
			takes(s, &rows[i]);
		}
	MUST(hears_nothing(s, 50));
}

static void endless_sequence(struct shell *s)
{
	start(s, true);
	MUST(hear(s) == READY);
	type(s, "\033[0000000000000000000000000000000000000000", 42);
	type(s, "ab", 2); /* a is its last byte */
	MUST(hear(s) == 'b');
}

/* What follows much later is no part of it. */
static void escape_key(struct shell *s)
{
	start(s, true);
	MUST(hear(s) == READY);
	/* what is typed at once is read at once: when a is there, Escape was read */
	type(s, "a\033", 2);
	MUST(hear(s) == 'a');
	move_clock(499 * NS_PER_MS);
	type(s, "b", 1);
	MUST(hears_nothing(s, 50));
	type(s, "a\033", 2);
	MUST(hear(s) == 'a');
	move_clock(501 * NS_PER_MS);
	type(s, "b", 1);
	MUST(hear(s) == 'b');
}

static void test_keys__arrive(void **state)
{
	(void)state;
	run(each_key);
	run(each_key_in_two_parts);
	run(endless_sequence);
	run(escape_key);
}

/* ---- the terminal is as it was */

static void is_left(struct shell *s)
{
	static const int deadly[] = { SIGHUP, SIGQUIT, SIGPIPE, SIGABRT, SIGALRM, SIGUSR2 };

	for (size_t i = 0; i < COUNT(deadly); i++) {
		start(s, true);
		MUST(hear(s) == READY && gives_keys(s));
		kill(s->job, deadly[i]);
		ends_by(s, deadly[i]);
		MUST(is_cooked(s));
	}
	/* written where nobody reads */
	start(s, true);
	MUST(hear(s) == READY);
	type(s, "p", 1);
	MUST(hear(s) == 'p');
	ends_by(s, SIGPIPE);
	MUST(is_cooked(s));
	/* exit() */
	start(s, true);
	MUST(hear(s) == READY);
	type(s, "x", 1);
	MUST(hear(s) == 'x');
	ends_with(s, 4);
	MUST(is_cooked(s));
}

static void second_signal(struct shell *s)
{
	/* typed, too: SIGINT by Ctrl-C */
	for (int typed = 0; typed < 2; typed++) {
		start(s, true);
		MUST(hear(s) == READY);
		typed ? type(s, "\003", 1) : (void)kill(s->job, SIGTERM);
		MUST(hear(s) == READY);
		MUST(gives_keys(s));
		typed ? type(s, "\003", 1) : (void)kill(s->job, SIGTERM);
		ends_with(s, 128 + (typed ? SIGINT : SIGTERM));
		MUST(is_cooked(s));
	}
}

static void test_keys__terminal_as_it_was(void **state)
{
	(void)state;
	run(is_left);
	run(second_signal);
}

/* ---- jobs */

static void is_stopped(struct shell *s)
{
	struct termios cooked;
	int status;

	MUST(tcgetattr(s->tty, &cooked) == 0);
	start(s, true);
	MUST(hear(s) == READY);
	/* twice, so that it is known that the handler is there again; SIGSTOP cannot be handled */
	for (int i = 0; i < 3; i++) {
		i == 2 ? (void)kill(s->job, SIGSTOP) : type(s, "\032", 1);
		status = wait_for(s);
		MUST(WIFSTOPPED(status));
		MUST(i == 2 || is_cooked(s));
		to_foreground(s, getpid());
		MUST(i == 2 || is_cooked(s));
		tcsetattr(s->tty, TCSANOW, &cooked); /* as shells do */
		to_foreground(s, s->job);
		kill(s->job, SIGCONT);
		until_it_gives_keys(s);
		type(s, "\033[A", 3);
		MUST(hear(s) == KEY_UP);
	}
	type(s, "q", 1);
	MUST(hear(s) == 'q');
	ends_with(s, 0);
	MUST(is_cooked(s));
}

/* Stopped, and going on in the background: what is typed is for others. */
static void in_between(struct shell *s)
{
	int status;
	char c;

	start(s, true);
	MUST(hear(s) == READY);
	type(s, "\032", 1);
	status = wait_for(s);
	MUST(WIFSTOPPED(status));
	to_foreground(s, getpid());
	kill(s->job, SIGCONT);
	MUST(write(s->keyboard, "a\n", 2) == 2);
	MUST(hears_nothing(s, 200));
	MUST(is_cooked(s));
	MUST(read(s->tty, &c, 1) == 1 && c == 'a' && read(s->tty, &c, 1) == 1);
	MUST(waitpid(s->job, &status, WUNTRACED | WNOHANG) == 0);
	/* in front again, which no signal tells */
	to_foreground(s, s->job);
	until_it_gives_keys(s);
	type(s, "b", 1);
	MUST(hear(s) == 'b');
	/* ended in the background: the terminal is whose it is */
	type(s, "\032", 1);
	status = wait_for(s);
	MUST(WIFSTOPPED(status));
	to_foreground(s, getpid());
	kill(s->job, SIGCONT);
	kill(s->job, SIGHUP);
	ends_by(s, SIGHUP);
	MUST(is_cooked(s));
}

static void from_the_background(struct shell *s)
{
	start(s, false);
	MUST(hear(s) == NOT_OPEN);
	ends_with(s, 0); /* not stopped */
	MUST(is_cooked(s));
}

static void without_terminal(struct shell *s)
{
	MUST(ioctl(s->tty, TIOCNOTTY) == 0);
	start(s, false);
	MUST(hear(s) == NOT_OPEN);
	ends_with(s, 0);
}

/* The window is closed: there are no keys any more, and nothing to wait for. */
static void hung_up(struct shell *s)
{
	MUST(keys_open());
	MUST(keys_next() == KEY_NONE && keys_fd() >= 0);
	close(s->keyboard);
	for (int i = 0; keys_fd() >= 0 && i < PATIENCE; i++) {
		MUST(keys_next() == KEY_NONE);
		usleep(1000);
	}
	MUST(keys_fd() == -1);
}

static void test_keys__jobs(void **state)
{
	(void)state;
	run(is_stopped);
	run(in_between);
	run(from_the_background);
	run(without_terminal);
	run(hung_up);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys__arrive),
		cmocka_unit_test(test_keys__terminal_as_it_was),
		cmocka_unit_test(test_keys__jobs),
	};

	clock_ns = mmap(NULL, sizeof *clock_ns, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                -1, 0);
	if (clock_ns == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
