/* sinkfd.h, sinks.h: what goes out, what is kept, and how the other side's end is told. */
#include "feed.h"

#include "base/stamp.h"
#include "io/stop.h"
#include "stream/sinkfd.h"
#include "stream/sinks.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define PAGE 4096

static struct sink sink_over(int fd, bool shared)
{
	return sinkfd_new(fd, &(struct sinkfd_opts){ .name = "there", .shared = shared });
}

static enum took put_it(struct sink s, struct slice lines, struct err *e)
{
	return s.ops->put(s.self, &(struct parcel){ .lines = lines, .time = STAMP_NONE }, e);
}

static enum took push_it(struct sink s, struct err *e)
{
	return s.ops->push(s.self, e);
}

/* What is waited for; 0 for nothing. */
static short events(struct sink s, int *fd)
{
	struct pollfd p = { .fd = -1 };
	int64_t timeout = -1;
	size_t n = s.ops->wait(s.self, &p, 1, &timeout);

	assert_int_equal(timeout, -1);
	*fd = n ? p.fd : -1;
	return p.events;
}

static short ready(int fd, short what)
{
	struct pollfd p = { .fd = fd, .events = what };

	return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

/* Read what there is, N bytes at most. */
static size_t read_some(int fd, struct buf *to, size_t n)
{
	ssize_t got = ready(fd, POLLIN) & POLLIN ? read(fd, buf_room(to, n), n) : 0;

	assert_true(got >= 0);
	to->n += (size_t)got;
	return (size_t)got;
}

/* N bytes of lines that are all different. */
static struct buf text_of(size_t n)
{
	struct buf b = { 0 };

	for (int i = 0; b.n < n; i++)
		buf_addf(&b, "%d\n", i);
	b.n = n;
	return b;
}

static void test_put__keeps_what_does_not_fit(void **state)
{
	struct buf text = text_of(10000), got = { 0 };
	struct sink s;
	struct err e;
	int fd[2], on;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	s = sink_over(fd[1], false);
	assert_true(fcntl(fd[1], F_GETFL) & O_NONBLOCK);
	assert_int_equal(fcntl(fd[1], F_SETPIPE_SZ, PAGE), PAGE);
	assert_int_equal(put_it(s, buf_slice(&text), &e), SINK_TOOK);
	assert_int_equal(s.ops->bytes(s.self), PAGE);
	memset(text.p, 'x', PAGE); /* what it keeps is a copy */
	assert_int_equal(put_it(s, SLICE("more\n"), &e), SINK_FULL);
	assert_int_equal(events(s, &on), POLLOUT);
	assert_int_equal(ready(on, POLLOUT), 0);
	assert_int_equal(push_it(s, &e), SINK_FULL);
	assert_int_equal(read_some(fd[0], &got, 20000), PAGE);
	assert_int_equal(ready(on, POLLOUT), POLLOUT);
	assert_int_equal(push_it(s, &e), SINK_FULL);
	assert_int_equal(read_some(fd[0], &got, 20000), PAGE);
	assert_int_equal(push_it(s, &e), SINK_TOOK);
	assert_int_equal(put_it(s, SLICE("more\n"), &e), SINK_TOOK);
	read_some(fd[0], &got, 20000);
	buf_free(&text);
	text = text_of(10000);
	buf_adds(&text, "more\n");
	assert_slice("all, in order", buf_slice(&got), buf_slice(&text));
	assert_int_equal(s.ops->bytes(s.self), 10005);
	assert_null(s.ops->tick);
	assert_int_equal(s.ops->finish(s.self, &e), 0);
	s.ops->free(s.self);
	assert_int_equal(ready(fd[0], POLLIN), POLLHUP); /* it was closed */
	close(fd[0]);
	buf_free(&text);
	buf_free(&got);
}

static void test_put__takes_nothing_where_nothing_fits(void **state)
{
	struct buf text = text_of(PAGE), got = { 0 };
	struct sink s;
	struct err e;
	int fd[2], on;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	s = sink_over(fd[1], false);
	assert_int_equal(fcntl(fd[1], F_SETPIPE_SZ, PAGE), PAGE);
	assert_int_equal(put_it(s, buf_slice(&text), &e), SINK_TOOK);
	assert_int_equal(push_it(s, &e), SINK_TOOK);
	assert_int_equal(put_it(s, SLICE("more\n"), &e), SINK_FULL);
	assert_int_equal(events(s, &on), POLLOUT);
	assert_int_equal(read_some(fd[0], &got, 20000), PAGE);
	assert_int_equal(push_it(s, &e), SINK_TOOK);
	assert_int_equal(events(s, &on), 0);
	assert_int_equal(read_some(fd[0], &got, 20000), 0); /* nothing of it was kept */
	s.ops->free(s.self);
	close(fd[0]);
	buf_free(&text);
	buf_free(&got);
}

static void test_put__says_that_there_is_no_reader(void **state)
{
	struct sink s;
	struct err e;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	s = sink_over(fd[1], false);
	close(fd[0]);
	assert_int_equal(put_it(s, SLICE("a\n"), &e), SINK_FAILED);
	assert_int_equal(e.kind, FAIL_EPIPE);
	assert_string_equal(e.text, "cannot write to there: Broken pipe");
	s.ops->free(s.self);
}

/* Only where that was waited for, else it is told by the next write. */
static void test_wait__notices_that_the_reader_goes(void **state)
{
	struct sink s;
	struct err e;
	int fd[2], on;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	s = sink_over(fd[1], false);
	assert_int_equal(put_it(s, SLICE("a\n"), &e), SINK_TOOK);
	assert_int_equal(events(s, &on), 0);
	assert_int_equal(on, fd[1]);
	assert_int_equal(push_it(s, &e), SINK_TOOK);
	close(fd[0]);
	assert_int_equal(push_it(s, &e), SINK_TOOK);
	events(s, &on);
	assert_int_equal(ready(on, 0), POLLERR);
	assert_int_equal(push_it(s, &e), SINK_FAILED);
	assert_int_equal(e.kind, FAIL_EPIPE);
	s.ops->free(s.self);
}

/*
 * A pipe of others', too, that has the flags it had: put() would hang where it waited. CAREFUL: it
 * cannot be opened anew.
 */
static void share_a_pipe(bool careful)
{
	struct buf text = text_of(50000), got = { 0 };
	struct rlimit was, none;
	struct sink s;
	struct err e;
	int fd[2], on, next;

	assert_int_equal(pipe(fd), 0);
	next = dup(0);
	close(next);
	getrlimit(RLIMIT_NOFILE, &was);
	none = (struct rlimit){ (rlim_t)next, was.rlim_max };
	if (careful)
		setrlimit(RLIMIT_NOFILE, &none);
	s = sink_over(fd[1], true);
	setrlimit(RLIMIT_NOFILE, &was);
	assert_int_equal(fcntl(fd[1], F_SETPIPE_SZ, 2 * PAGE), 2 * PAGE);
	assert_int_equal(put_it(s, buf_slice(&text), &e), SINK_TOOK);
	assert_int_equal(put_it(s, SLICE("more\n"), &e), SINK_FULL);
	assert_int_equal(events(s, &on), POLLOUT);
	assert_int_equal(on == fd[1], careful);
	while (push_it(s, &e) == SINK_FULL)
		assert_int_equal(read_some(fd[0], &got, 2 * PAGE), 2 * PAGE);
	while (read_some(fd[0], &got, PAGE))
		;
	assert_slice("all, in order", buf_slice(&got), buf_slice(&text));
	assert_int_equal(s.ops->finish(s.self, &e), 0);
	s.ops->free(s.self);
	assert_int_equal(fcntl(fd[1], F_GETFL), O_WRONLY); /* open, and waits as before */
	close(fd[0]);
	close(fd[1]);
	buf_free(&text);
	buf_free(&got);
}

static void test_shared__keeps_its_flags(void **state)
{
	(void)state;
	alarm(60);
	share_a_pipe(false);
	share_a_pipe(true);
	alarm(0);
}

/* ---- connections */

static void test_socket__hears_the_peer_out(void **state)
{
	struct buf text = text_of(4000000), got = { 0 };
	struct sink s;
	struct err e;
	int fd[2], on;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	s = sink_over(fd[1], false);
	while (write(fd[0], "word\n", 5) == 5)
		;
	assert_int_equal(ready(fd[0], POLLOUT), 0); /* the peer waits for us */
	assert_int_equal(put_it(s, buf_slice(&text), &e), SINK_TOOK);
	assert_int_equal(events(s, &on), POLLIN | POLLOUT);
	assert_int_equal(push_it(s, &e), SINK_FULL);
	assert_int_equal(ready(fd[0], POLLOUT), POLLOUT);
	shutdown(fd[0], SHUT_WR); /* it has said all, and reads on */
	push_it(s, &e);
	assert_int_equal(events(s, &on), POLLOUT);
	while (push_it(s, &e) == SINK_FULL)
		assert_true(read_some(fd[0], &got, 100000) > 0);
	assert_int_equal(events(s, &on), 0);
	assert_int_equal(s.ops->finish(s.self, &e), 0);
	while (read_some(fd[0], &got, 100000))
		;
	assert_slice("all, in order", buf_slice(&got), buf_slice(&text));
	assert_true(ready(fd[0], POLLIN) & POLLHUP);
	s.ops->free(s.self);
	close(fd[0]);
	buf_free(&text);
	buf_free(&got);
}

static void test_socket__that_breaks_is_no_pipe_without_reader(void **state)
{
	struct sink s;
	struct err e;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	s = sink_over(fd[1], false);
	close(fd[0]);
	assert_int_equal(put_it(s, SLICE("a\n"), &e), SINK_FAILED);
	assert_int_equal(e.kind, FAIL_IO);
	s.ops->free(s.self);
}

/* ---- by name */

static struct sink opened(const char *text, const struct filesink_opts *files)
{
	struct sink s;
	struct err e;

	if (sink_open(text, files, &s, &e) < 0)
		fail_msg("%s", e.text);
	return s;
}

/* What was passed to what TEXT names, ended in order. */
static void deliver(struct sink s, struct slice text)
{
	struct err e;

	err_clear(&e);
	assert_int_equal(put_it(s, text, &e), SINK_TOOK);
	assert_int_equal(push_it(s, &e), SINK_TOOK);
	assert_int_equal(s.ops->finish(s.self, &e), 0);
	s.ops->free(s.self);
}

static void expect_file(const char *path, const char *text)
{
	char got[100];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(got, 1, sizeof got, f);
	fclose(f);
	assert_slice(path, ((struct slice){ got, n }), slice_from(text));
}

static const struct filesink_opts plain = { .tool = "test" };

static void test_open__refuses(void **state)
{
	static const struct {
		const char *text, *says;
		enum fail kind;
	} rows[] = {
		{ "tcq://127.0.0.1:5",
		  "tcq://127.0.0.1:5: unknown scheme, meant tcp: (there are unix, tcp, exec; a "
		  "file: "
		  "./tcq..)",
		  FAIL_USAGE },
		{ "syslog:514",
		  "syslog:514: unknown scheme (there are unix, tcp, exec; a file: ./syslog..)",
		  FAIL_USAGE },
		{ "tcp://127.0.0.1",
		  "tcp://127.0.0.1: there is no such port, or none (like 127.0.0.1:5000)",
		  FAIL_USAGE },
		{ "exec: ", "exec: : the command is missing (like exec:'gzip >log.gz')",
		  FAIL_USAGE },
		{ "unix:nothing", "unix:nothing: cannot connect: No such file or directory",
		  FAIL_OPEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sink s;
		struct err e;

		assert_int_equal(sink_open(rows[i].text, &plain, &s, &e), -1);
		assert_string_equal(e.text, rows[i].says);
		assert_int_equal(e.kind, rows[i].kind);
	}
}

static void test_open__file(void **state)
{
	struct sink s = opened("file:a", &plain); /* no scheme, so a name */
	struct err e;

	(void)state;
	assert_int_equal(put_it(s, SLICE("a\n"), &e), SINK_TOOK);
	assert_int_equal(s.ops->finish(s.self, &e), 0);
	s.ops->free(s.self);
	expect_file("file:a", "a\n");
}

/* It waits for a reader, as open() does. */
static void test_open__fifo(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "sleep 0.1; cat fifo >got", (char *)NULL);
		_exit(127);
	}
	deliver(opened("fifo", &plain), SLICE("a\nb\n"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	expect_file("got", "a\nb\n");
}

static void expect_peer(int listening, const char *text)
{
	int fd = accept(listening, NULL, NULL);
	char got[100];
	size_t n = 0;
	ssize_t some;

	assert_true(fd >= 0);
	while ((some = read(fd, got + n, sizeof got - n)) > 0)
		n += (size_t)some;
	assert_int_equal(some, 0);
	assert_slice("the peer", ((struct slice){ got, n }), slice_from(text));
	close(fd);
	close(listening);
}

static void test_open__connections(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "a socket" };
	socklen_t size = sizeof in;
	char url[60];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
	snprintf(url, sizeof url, "tcp://127.0.0.1:%d", ntohs(in.sin_port));
	deliver(opened(url, &plain), SLICE("a\nb\n"));
	expect_peer(fd, "a\nb\n");

	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
	assert_int_equal(listen(fd, 1), 0);
	deliver(opened("unix:a%20socket", &plain), SLICE("c\n"));
	expect_peer(fd, "c\n");
}

/* ---- commands */

static void test_exec__is_waited_for(void **state)
{
	(void)state;
	deliver(opened("exec:cat >part; mv part got", &plain), SLICE("a\nb\n"));
	expect_file("got", "a\nb\n");
}

static void test_exec__status_is_an_error(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "exec:cat >got; exit 3", "exec:cat >got; exit 3: ended with status 3" },
		/* SIGPIPE, which we ignore, is not ignored there */
		{ "exec:cat >got; kill -PIPE $$; exit 0",
		  "exec:cat >got; kill -PIPE $$; exit 0: ended with status 141" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sink s = opened(rows[i].text, &plain);
		struct err e;

		assert_int_equal(put_it(s, SLICE("a\n"), &e), SINK_TOOK);
		assert_int_equal(s.ops->finish(s.self, &e), -1);
		assert_int_equal(e.kind, FAIL_IO);
		assert_string_equal(e.text, rows[i].says);
		s.ops->free(s.self);
		expect_file("got", "a\n");
	}
}

/* One that fails before it has read all, and one that has enough. */
static void test_exec__that_reads_no_more(void **state)
{
	static const struct {
		const char *text, *says;
		enum fail kind;
	} rows[] = {
		{ "exec:exit 7", "exec:exit 7: ended with status 7", FAIL_IO },
		{ "exec:true", "cannot write to exec:true: Broken pipe", FAIL_EPIPE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sink s = opened(rows[i].text, &plain);
		enum took took;
		struct err e;

		do
			took = put_it(s, SLICE("a\n"), &e);
		while (took != SINK_FAILED);
		assert_int_equal(e.kind, rows[i].kind);
		assert_string_equal(e.text, rows[i].says);
		s.ops->free(s.self);
	}
}

/* Given up, its input ends and it is left alone; behind a signal it is ended, too. */
static void test_exec__given_up(void **state)
{
	(void)state;
	for (int asked = 0; asked < 2; asked++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			struct sink s = opened(
				"exec:trap 'echo term >got; exit' TERM; echo >ready; cat >got; "
				"sleep 0.2; mv got left",
				&plain);
			struct err e;

			stop_init();
			if (put_it(s, SLICE("a\n"), &e) != SINK_TOOK)
				_exit(1);
			while (access("ready", F_OK) < 0)
				usleep(1000);
			if (asked)
				raise(SIGTERM);
			s.ops->free(s.self);
			wait(&status);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		if (asked)
			expect_file("got", "term\n");
		else
			expect_file("left", "a\n");
		unlink("ready");
	}
}

static void head(void *context, const char *path, struct buf *to)
{
	assert_true(*path);
	buf_adds(to, context);
}

static void test_head__begins_the_stream(void **state)
{
	static char columns[] = "a,b\n";
	struct filesink_opts opts = { .tool = "test", .head = head, .context = columns };
	struct sink s = opened("exec:cat >got", &opts);
	struct err e;

	(void)state;
	assert_int_equal(put_it(s, SLICE("1,2\n"), &e), SINK_TOOK);
	deliver(s, SLICE("3,4\n"));
	expect_file("got", "a,b\n1,2\n3,4\n");
	s = opened("exec:cat >got", &opts);
	assert_int_equal(s.ops->finish(s.self, &e), 0);
	s.ops->free(s.self);
	expect_file("got", "a,b\n"); /* without a record, too */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_put__keeps_what_does_not_fit),
		TEST(test_put__takes_nothing_where_nothing_fits),
		TEST(test_put__says_that_there_is_no_reader),
		TEST(test_wait__notices_that_the_reader_goes),
		TEST(test_shared__keeps_its_flags),
		TEST(test_socket__hears_the_peer_out),
		TEST(test_socket__that_breaks_is_no_pipe_without_reader),
		TEST(test_open__refuses),
		TEST(test_open__file),
		TEST(test_open__fifo),
		TEST(test_open__connections),
		TEST(test_exec__is_waited_for),
		TEST(test_exec__status_is_an_error),
		TEST(test_exec__that_reads_no_more),
		TEST(test_exec__given_up),
		TEST(test_head__begins_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
