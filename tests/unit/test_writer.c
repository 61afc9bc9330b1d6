/* writer.h: what is written, in which order, and when. */
#include "feed.h"

#include "io/writer.h"

#include <signal.h>
#include <sys/wait.h>

static int end; /* the reading end of the pipe that W writes to */

static void set_up(struct writer *w, bool each)
{
	int fd[2];

	assert_int_equal(pipe2(fd, O_NONBLOCK), 0);
	end = fd[0];
	writer_init(w, fd[1], "stdout", each);
}

static void tear_down(struct writer *w)
{
	close(w->fd);
	close(end);
	writer_free(w);
}

/* what has come through the pipe since the last look */
static void expect(const char *label, const char *text)
{
	char got[256];
	ssize_t n = read(end, got, sizeof got);

	assert_slice(label, ((struct slice){ got, n < 0 ? 0 : (size_t)n }), slice_from(text));
}

static void pass(struct writer *w, const char *p, size_t n)
{
	struct err e;

	assert_int_equal(writer_pass(w, (struct slice){ p, n }, &e), 0);
}

static void test_flush__writes_what_is_pending(void **state)
{
	struct writer w;
	struct err e;

	(void)state;
	set_up(&w, false);
	assert_false(w.ends_here);
	assert_false(writer_pending(&w));
	assert_int_equal(writer_flush(&w, &e), 0);
	buf_adds(writer_buf(&w), "a\n");
	assert_int_equal(writer_check(&w, &e), 0);
	expect("not yet", "");
	assert_true(writer_pending(&w));
	assert_int_equal(writer_flush(&w, &e), 0);
	expect("flushed", "a\n");
	assert_false(writer_pending(&w));
	assert_int_equal(w.bytes, 2);
	tear_down(&w);
}

static void test_pass__joins_neighbours_and_keeps_the_order(void **state)
{
	static const char text[] = "one\ntwo\nthree\nfour\n";
	struct writer w;
	struct err e;

	(void)state;
	set_up(&w, false);
	buf_adds(writer_buf(&w), "before\n");
	pass(&w, text, 4);
	pass(&w, text + 4, 4);
	assert_int_equal(w.run.n, 8); /* one run */
	pass(&w, text + 14, 5);       /* no neighbour */
	assert_int_equal(w.run.n, 5);
	expect("not yet", "");
	buf_adds(writer_buf(&w), "behind\n");
	pass(&w, text + 8, 6);
	assert_int_equal(writer_settle(&w, &e), 0);
	assert_int_equal(w.run.n, 0);
	buf_adds(writer_buf(&w), "end\n");
	assert_int_equal(writer_flush(&w, &e), 0);
	expect("all", "before\none\ntwo\nfour\nbehind\nthree\nend\n");
	tear_down(&w);
}

static void test_settle__copies_what_is_short_and_writes_what_is_long(void **state)
{
	static char text[40000], got[40000];
	struct writer w;
	struct err e;

	(void)state;
	set_up(&w, false);
	pass(&w, "short\n", 6);
	assert_int_equal(writer_settle(&w, &e), 0);
	assert_int_equal(w.out.n, 6);
	expect("held", "");
	memset(text, 'x', sizeof text);
	pass(&w, text, sizeof text);
	assert_int_equal(writer_settle(&w, &e), 0);
	assert_false(writer_pending(&w));
	assert_int_equal(read(end, got, 6), 6);
	assert_memory_equal(got, "short\n", 6);
	assert_int_equal(read(end, got, sizeof got), sizeof text);
	assert_memory_equal(got, text, sizeof text);
	tear_down(&w);
}

static void test_check__flushes_a_full_buffer(void **state)
{
	struct writer w;
	struct err e;
	uint64_t lines = 0;

	(void)state;
	set_up(&w, false);
	while (w.bytes == 0) {
		buf_adds(writer_buf(&w), "0123456789abcde\n");
		lines++;
		assert_int_equal(writer_check(&w, &e), 0);
		assert_true(lines <= WRITER_FULL / 16);
	}
	assert_int_equal(w.bytes, lines * 16);
	assert_int_equal(lines, WRITER_FULL / 16);
	tear_down(&w);
}

static void test_each__flushes_behind_every_record(void **state)
{
	struct writer w;
	struct err e;

	(void)state;
	set_up(&w, true);
	buf_adds(writer_buf(&w), "a\n");
	assert_int_equal(writer_check(&w, &e), 0);
	expect("made", "a\n");
	pass(&w, "b\nc\n", 2);
	expect("passed", "b\n");
	pass(&w, "c\n", 2);
	expect("passed again", "c\n");
	tear_down(&w);
}

static void test_ends_here__at_files(void **state)
{
	struct writer w;
	int fd = open("file", O_CREAT | O_WRONLY, 0600);

	(void)state;
	writer_init(&w, fd, "stdout", false);
	assert_true(w.ends_here);
	close(fd);
	fd = open("/dev/null", O_WRONLY);
	writer_init(&w, fd, "stdout", false);
	assert_false(w.ends_here);
	close(fd);
}

static void test_flush__says_that_the_device_is_full(void **state)
{
	static char text[100000];
	struct writer w;
	struct err e;
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	writer_init(&w, fd, "stdout", false);
	for (int k = 0; k < 2; k++) {
		err_clear(&e);
		if (k)
			assert_int_equal(writer_pass(&w, (struct slice){ text, sizeof text }, &e),
			                 0);
		else
			buf_adds(writer_buf(&w), "a\n");
		assert_int_equal(writer_flush(&w, &e), -1);
		assert_int_equal(e.kind, FAIL_IO);
		assert_string_equal(e.text, "cannot write to stdout: No space left on device");
		assert_false(writer_pending(&w)); /* a failure is said once */
		assert_int_equal(writer_flush(&w, &e), 0);
	}
	writer_free(&w);
	close(fd);
}

/* A closed pipe ends a tool as it ends cat, even where the parent had SIGPIPE ignored. */
static void test_flush__to_a_closed_pipe_ends_by_sigpipe(void **state)
{
	struct writer w;
	struct err e;
	int status;
	pid_t pid;

	(void)state;
	for (int ignored = 0; ignored < 2; ignored++) {
		set_up(&w, false);
		close(end);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			signal(SIGPIPE, ignored ? SIG_IGN : SIG_DFL);
			buf_adds(writer_buf(&w), "a\n");
			_exit(writer_flush(&w, &e) + 100);
		}
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGPIPE);
		tear_down(&w);
	}
}

/* A pipe that is full and does not block is waited for: nothing is lost, nothing is doubled. */
static void test_flush__waits_for_a_slow_reader(void **state)
{
	size_t n = (size_t)3 << 20, seen = 0;
	char *text = malloc(n), got[50000];
	struct writer w;
	struct err e;
	ssize_t k;
	pid_t pid;
	int status;

	(void)state;
	for (size_t i = 0; i < n; i++)
		text[i] = (char)(i % 251);
	set_up(&w, false);
	fcntl(end, F_SETFL, 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(end);
		pass(&w, text, n);
		_exit(writer_flush(&w, &e) < 0 || w.bytes != n);
	}
	close(w.fd);
	while ((k = read(end, got, sizeof got)) > 0) {
		assert_memory_equal(got, text + seen, (size_t)k);
		seen += (size_t)k;
	}
	assert_int_equal(seen, n);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(end);
	writer_free(&w);
	free(text);
}

/* ---- to a function */

struct sent {
	struct slice piece[8];
	size_t n;
	struct buf all;
	bool fails;
};

static int send_on(void *to, struct slice bytes, struct err *e)
{
	struct sent *s = to;

	assert_true(s->n < COUNT(s->piece));
	s->piece[s->n++] = bytes;
	buf_add_slice(&s->all, bytes);
	return s->fails ? err_set(e, FAIL_IO, "no") : 0;
}

static void test_put__has_long_runs_unbroken_and_short_ones_gathered(void **state)
{
	static char text[200000];
	struct sent s = { 0 };
	struct writer w;
	struct err e;

	(void)state;
	memset(text, 'x', sizeof text);
	writer_init_put(&w, send_on, &s, "there");
	pass(&w, "a\n", 2);
	assert_int_equal(writer_settle(&w, &e), 0);
	buf_adds(writer_buf(&w), "b\n");
	assert_int_equal(writer_check(&w, &e), 0);
	assert_int_equal(s.n, 0);
	for (size_t i = 0; i < sizeof text; i += 50000)
		pass(&w, text + i, 50000);
	assert_int_equal(writer_settle(&w, &e), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.piece[0].n, 4);
	assert_ptr_equal(s.piece[1].p, text); /* from where it lies */
	assert_int_equal(s.piece[1].n, sizeof text);
	pass(&w, "c\n", 2);
	assert_int_equal(writer_flush(&w, &e), 0);
	assert_int_equal(writer_flush(&w, &e), 0); /* nothing: no call */
	assert_int_equal(s.n, 3);
	assert_memory_equal(s.all.p, "a\nb\n", 4);
	assert_memory_equal(s.all.p + 200004, "c\n", 2);
	assert_int_equal(w.bytes, 200006);
	s.fails = true;
	pass(&w, "d\n", 2);
	assert_int_equal(writer_flush(&w, &e), -1);
	assert_string_equal(e.text, "no");
	assert_false(writer_pending(&w));
	writer_free(&w);
	buf_free(&s.all);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_flush__writes_what_is_pending),
		TEST(test_pass__joins_neighbours_and_keeps_the_order),
		TEST(test_settle__copies_what_is_short_and_writes_what_is_long),
		TEST(test_check__flushes_a_full_buffer),
		TEST(test_each__flushes_behind_every_record),
		TEST(test_ends_here__at_files),
		TEST(test_flush__says_that_the_device_is_full),
		TEST(test_flush__to_a_closed_pipe_ends_by_sigpipe),
		TEST(test_flush__waits_for_a_slow_reader),
		TEST(test_put__has_long_runs_unbroken_and_short_ones_gathered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
