/* stop.h: signals as flags. Each test runs in a process of its own: the flags are the process's. */
#include "feed.h"

#include "base/duration.h"
#include "io/reader.h"
#include "io/stop.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* Run CHILD in a process of its own; how it ended, as waitpid() says. */
static int run(int (*child)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		/* a background job of a shell has it ignored, which stop_init() leaves so */
		signal(SIGINT, SIG_DFL);
		_exit(child());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int flags(void)
{
	stop_init();
	if (stop_signal() || stop_usr1())
		return 1;
	raise(SIGUSR1);
	raise(SIGTERM);
	if (stop_signal() != SIGTERM || stop_signal() != SIGTERM)
		return 2;
	if (!stop_usr1() || stop_usr1())
		return 4;
	return 0;
}

static int second(void)
{
	stop_init();
	raise(SIGINT);
	raise(SIGTERM);
	return 1;
}

static int wait_ends(void)
{
	stop_init();
	raise(SIGINT); /* before the wait: it must not be missed */
	return !(stop_poll(NULL, 0, -1) == -1 && errno == EINTR && stop_signal() == SIGINT);
}

static int ignored(void)
{
	signal(SIGINT, SIG_IGN);
	stop_init();
	raise(SIGINT);
	return stop_signal();
}

static int hup(void)
{
	sigset_t mask;

	/* blocked and ignored, as the parent may have left it */
	sigemptyset(&mask);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGHUP, SIG_IGN);
	stop_init();
	stop_take_hup();
	if (stop_hup())
		return 1;
	raise(SIGHUP);
	if (stop_poll(NULL, 0, -1) != -1 || errno != EINTR)
		return 2;
	if (!stop_hup() || stop_hup() || stop_signal())
		return 4;
	return 0;
}

static int hup_not_taken(void)
{
	signal(SIGHUP, SIG_DFL);
	stop_init();
	raise(SIGHUP);
	return 0;
}

static int grace(void)
{
	int64_t first = stop_grace(), then = stop_grace();

	return !(first > 9 * NS_PER_SEC && first <= 10 * NS_PER_SEC && then > 0 && then <= first);
}

/* a source that is no pipe stops reading at once */
static int file_stops(void)
{
	static const char *const names[] = { "a" };
	const struct reader_opts opts = { .max_line = 100 };
	struct lines l = reader_new(names, 1, &opts);
	struct slice lines;
	struct err e;
	enum got got;

	stop_init();
	raise(SIGINT);
	got = l.ops->next(l.self, true, -1, &lines, &e);
	l.ops->free(l.self);
	return got != GOT_END;
}

/* unless it is to be whole */
static int whole_file(void)
{
	static const char *const names[] = { "a" };
	const struct reader_opts opts = { .max_line = 100, .whole = true };
	struct lines l = reader_new(names, 1, &opts);
	struct slice lines;
	struct err e;
	int bad;

	stop_init();
	raise(SIGINT);
	bad = l.ops->next(l.self, true, -1, &lines, &e) != GOT_LINES || lines.n != 4;
	bad |= l.ops->next(l.self, true, -1, &lines, &e) != GOT_END;
	l.ops->free(l.self);
	return bad;
}

/* a stage behind a pipe reads on to its end */
static int pipe_reads_on(void)
{
	const struct reader_opts opts = { .max_line = 100 };
	struct lines l = reader_new(NULL, 0, &opts);
	struct slice lines;
	struct err e;
	int fd[2], bad;

	stop_init();
	if (pipe(fd) < 0 || dup2(fd[0], 0) < 0 || write(fd[1], "a\n", 2) != 2)
		return 1;
	raise(SIGINT);
	bad = l.ops->next(l.self, true, -1, &lines, &e) != GOT_TICK; /* the signal's */
	bad |= stop_signal() != SIGINT;
	bad |= l.ops->next(l.self, true, -1, &lines, &e) != GOT_LINES || lines.n != 2;
	close(fd[1]);
	bad |= l.ops->next(l.self, true, -1, &lines, &e) != GOT_END;
	l.ops->free(l.self);
	return bad;
}

/* a signal ends the wait with a tick */
static int signal_ticks(void)
{
	const struct reader_opts opts = { .max_line = 100 };
	struct lines l = reader_new(NULL, 0, &opts);
	struct slice lines;
	struct err e;
	int fd[2], bad;

	stop_init();
	if (pipe(fd) < 0 || dup2(fd[0], 0) < 0)
		return 1;
	raise(SIGUSR1);
	bad = l.ops->next(l.self, false, -1, &lines, &e) != GOT_TICK || !stop_usr1();
	l.ops->free(l.self);
	return bad;
}

static void test_stop__in_processes(void **state)
{
	static const struct {
		const char *label;
		int (*child)(void);
	} rows[] = {
		{ "flags", flags },
		{ "wait_ends", wait_ends },
		{ "ignored", ignored },
		{ "hup", hup },
		{ "grace", grace },
		{ "file_stops", file_stops },
		{ "whole_file", whole_file },
		{ "pipe_reads_on", pipe_reads_on },
		{ "signal_ticks", signal_ticks },
	};

	(void)state;
	feed_file("a", "w", SLICE("1\n2\n"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = run(rows[i].child);

		if (status)
			fail_msg("%s: status %#x", rows[i].label, status);
	}
}

static void test_second_signal__ends_at_once(void **state)
{
	int status = run(second);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
}

static void test_hup__ends_who_does_not_take_it(void **state)
{
	int status = run(hup_not_taken);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGHUP);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stop__in_processes),
		TEST(test_second_signal__ends_at_once),
		TEST(test_hup__ends_who_does_not_take_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
