/* watch.h: what is a change of the file of a name, and what is none. */
#include "feed.h"

#include "stream/watch.h"

#include <sys/resource.h>
#include <sys/wait.h>

#define EVENTS_MAX "/proc/sys/fs/inotify/max_queued_events"

static struct watch *begin(const char *name)
{
	struct err e;
	struct watch *w;

	err_clear(&e);
	w = watch_new(name, &e);
	if (!w)
		fail_msg("%s: %s", name, e.text);
	return w;
}

static void expect(struct watch *w, const char *label, int want)
{
	struct err e;
	int got;

	err_clear(&e);
	got = watch_changed(w, &e);
	if (got != want)
		fail_msg("%s: %d, not %d", label, got, want);
}

/* PREPARE, watch NAME, then each of the commands: "1 COMMAND" is a change, "0 COMMAND" is none. */
static void test_watch_changed__what_is_a_change(void **state)
{
	static const struct {
		const char *name, *prepare, *commands[6];
	} rows[] = {
		{ "t",
		  "echo 1 >t",
		  { "0 cat t >/dev/null", "0 chmod 600 t", "0 echo 2 >u", "0 mv u v" } },
		{ "t", "echo 1 >t", { "1 echo 2 >t", "1 echo 3 >>t", "1 : >t" } },
		{ "t",
		  "echo 1 >t",
		  { "1 echo 2 >u; mv u t", "1 echo 3 >t", "1 echo 4 >u; mv u t" } },
		{ "t",
		  "echo 1 >t",
		  { "0 rm t", "1 echo 2 >t", "0 mv t u", "0 echo 3 >u", "1 mv u t" } },
		{ "t",
		  "echo 1 >t",
		  { "0 mv t u", "1 ln u t", "1 echo 2 >u", "0 rm t", "1 ln -s u t" } },
		{ "t", "echo 1 >t; mkdir d", { "0 ln t d/u", "1 echo 2 >d/u" } },
		{ "t", ":", { "0 :", "1 echo 1 >t" } },
		{ "t", "ln -s t t", { "0 :", "0 rm t", "1 echo 1 >t" } },
		{ "l",
		  "mkdir a b; echo 1 >a/t; echo 2 >b/t; ln -s a/t l",
		  { "0 echo 3 >b/t", "1 echo 3 >a/t", "1 ln -sfn b/t l", "0 echo 4 >a/t",
		    "1 echo 4 >b/t", "1 echo 5 >b/u; mv b/u b/t" } },
		{ "l",
		  "echo 1 >t; ln -s t m; ln -s \"$PWD\"/m l",
		  { "1 echo 2 >t", "0 rm m", "1 ln -s t m" } },
		{ "t", /* as Kubernetes switches the files of a volume */
		  "mkdir d1 d2; echo 1 >d1/t; echo 2 >d2/t; ln -s d1 ..data; ln -s ..data/t t",
		  { "0 ln -s d2 ..tmp", "1 mv -T ..tmp ..data", "0 rm -r d1", "1 echo 3 >d2/t" } },
		{ "d/t",
		  "mkdir d e; echo 1 >d/t; echo 2 >e/t",
		  { "0 mv d f", "1 mv e d", "0 echo 3 >f/t", "1 echo 3 >d/t" } },
		{ "d/t",
		  "mkdir d; echo 1 >d/t",
		  { "0 rm -r d", "0 mkdir d", "1 echo 2 >d/t", "1 rm -r d; mkdir d; echo 3 >d/t",
		    "1 echo 4 >d/t" } },
		{ "d/e/t", ":", { "0 mkdir -p d/e", "1 echo 1 >d/e/t" } },
		{ "d/.././/t", "mkdir d; echo 1 >t", { "1 echo 2 >u; mv u t", "0 echo 3 >d/t" } },
	};
	char full[100];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int absolute = 0; absolute < 2; absolute++) {
			struct watch *w;

			feed_run("rm -rf ..data ..tmp *");
			feed_run(rows[i].prepare);
			snprintf(full, sizeof full, "%s/%s", feed_folder, rows[i].name);
			w = begin(absolute ? full : rows[i].name);
			for (size_t k = 0; k < 6 && rows[i].commands[k]; k++) {
				const char *command = rows[i].commands[k];

				feed_run(command + 2);
				expect(w, command, *command - '0');
				expect(w, command, 0);
			}
			watch_free(w);
		}
}

static void test_watch_changed__when_the_writer_has_closed_it(void **state)
{
	struct watch *w;

	(void)state;
	for (int anew = 0; anew < 2; anew++) {
		int fd;

		feed_file("t", "w", SLICE("1\n"));
		w = begin("t");
		if (anew)
			unlink("t");
		fd = open("t", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		expect(w, "opened", 0);
		feed_write(fd, "2\n", 2);
		expect(w, "written", 0);
		close(fd);
		expect(w, "closed", 1);
		expect(w, "closed", 0);
		watch_free(w);
	}
}

/* More happened than the kernel notes: it may have been a change. */
static void test_watch_changed__after_too_much(void **state)
{
	FILE *f = fopen(EVENTS_MAX, "r");
	struct watch *w;
	char name[32];
	int max;

	(void)state;
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &max), 1);
	fclose(f);
	w = begin("t");
	for (int i = 0; i <= max; i++) {
		snprintf(name, sizeof name, "%d", i);
		close(open(name, O_WRONLY | O_CREAT, 0600));
		unlink(name);
	}
	expect(w, "overflow", 1);
	expect(w, "overflow", 0);
	watch_free(w);
}

static void test_watch__where_nothing_can_be_opened(void **state)
{
	struct rlimit was, none;
	struct watch *w;
	struct err e;

	(void)state;
	feed_file("t", "w", SLICE("1\n"));
	w = begin("t");
	feed_file("t", "w", SLICE("2\n"));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = (struct rlimit){ 0, was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	err_clear(&e);
	assert_int_equal(watch_changed(w, &e), -1);
	assert_int_equal(e.kind, FAIL_OPEN);
	assert_string_equal(e.text, "cannot watch t: Too many open files");
	assert_null(watch_new("t", &e));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	feed_file("t", "w", SLICE("3\n"));
	expect(w, "given up", 0);
	watch_free(w);
}

/* What becomes of it in a process that may pass the folder "shut", not read it. */
static int shut_out(void)
{
	struct watch *w;
	struct err e;

	err_clear(&e);
	if (geteuid() == 0 && seteuid(65534) < 0)
		return 1;
	w = watch_new("shut/d/t", &e);
	if (!w)
		return 2;
	close(open("shut/d/t", O_WRONLY));
	if (watch_changed(w, &e) != 1)
		return 3;
	watch_free(w);
	if (watch_new("shut/t", &e) || e.kind != FAIL_OPEN ||
	    strcmp(e.text, "cannot watch the folder ./shut: Permission denied") != 0)
		return 4;
	return 0;
}

static void test_watch_new__folders_that_cannot_be_read(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	feed_run("chmod 755 .; mkdir -p shut/d; echo 1 >shut/t; echo 1 >shut/d/t; chmod 666 "
	         "shut/d/t; chmod 111 shut");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(shut_out());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	feed_run("chmod 755 shut");
	assert_int_equal(status, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_watch_changed__what_is_a_change),
		TEST(test_watch_changed__when_the_writer_has_closed_it),
		TEST(test_watch_changed__after_too_much),
		TEST(test_watch__where_nothing_can_be_opened),
		TEST(test_watch_new__folders_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
