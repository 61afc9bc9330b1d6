/*
 * files.h: files that grow, are truncated, rotated, and appear. Every read looks at the files, so
 * that no test has to wait.
 */
#include "feed.h"

#include "io/stop.h"
#include "stream/files.h"
#include "stream/intake.h"

#include <signal.h>
#include <sys/wait.h>

#define FORTY "1234567890123456789012345678901234567890"

#define OPTS                                                                                       \
	.feed = { .tool = "t", .max_line = FEED_MAX }, .partial_after = -1, .max_open = 10,        \
	.interval = 1000000000

static const struct files_opts by_name = { OPTS, .by_name = true };
static const struct files_opts by_file = { OPTS };

enum act {
	ACT_NONE,
	ACT_OPEN,   /* begin to follow */
	ACT_EXPECT, /* TEXT is the log since the last look */
	ACT_APPEND, /* TEXT to FILE */
	ACT_WRITE,  /* FILE anew: truncated in place */
	ACT_RENAME, /* FILE to TEXT */
	ACT_COPY,   /* FILE to TEXT */
	ACT_REMOVE, /* FILE */
	ACT_WAIT,   /* until the clock of files has gone on */
};

struct step {
	enum act act;
	const char *file, *text;
};

/* What is said on stderr goes into a file. */
static int saved_stderr = -1;

static void catch_stderr(void)
{
	int fd = open("stderr", O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);

	saved_stderr = dup(2);
	dup2(fd, 2);
	close(fd);
}

static int leave(void **state)
{
	if (saved_stderr >= 0) {
		dup2(saved_stderr, 2);
		close(saved_stderr);
		saved_stderr = -1;
	}
	return state ? feed_leave(state) : 0;
}

static struct lines follow(const char *const *names, size_t count, const struct files_opts *opts,
                           struct err *e)
{
	static const struct intake_opts intake = { 0 };
	struct feed f = files_new(names, count, opts, e);

	return f.ops ? intake_new(feed_flow(f), f, &intake) : (struct lines){ 0 };
}

static void expect(struct lines l, const char *label, const char *text)
{
	struct buf log = { 0 };

	assert_true(feed_read(l, &log)); /* followed until asked to end */
	if (!slice_same(buf_slice(&log), slice_from(text)))
		leave(NULL); /* let it be seen */
	assert_slice(label, buf_slice(&log), slice_from(text));
	buf_free(&log);
}

static void copy(const char *from, const char *to)
{
	char command[64];

	snprintf(command, sizeof command, "cp %s %s", from, to);
	feed_run(command);
}

static void take_step(const struct step *step, const char *label, struct lines l)
{
	switch (step->act) {
	case ACT_EXPECT:
		expect(l, label, step->text);
		break;
	case ACT_APPEND:
		feed_file(step->file, "a", slice_from(step->text));
		break;
	case ACT_WRITE:
		feed_file(step->file, "w", slice_from(step->text));
		break;
	case ACT_RENAME:
		assert_int_equal(rename(step->file, step->text), 0);
		break;
	case ACT_WAIT:
		usleep(20000);
		break;
	case ACT_COPY:
		copy(step->file, step->text);
		break;
	default:
		assert_int_equal(unlink(step->file), 0);
	}
}

/* Play a script over the files NAMES. SAID is what stderr must have got. */
static void play(const char *label, const struct files_opts *opts, const char *const *names,
                 const char *said, const struct step *step)
{
	struct lines l = { 0 };
	size_t count = 0;
	char text[512];
	struct err e;
	FILE *f;

	while (names[count])
		count++;
	catch_stderr();
	for (; step->act; step++)
		if (step->act == ACT_OPEN) {
			l = follow(names, count, opts, &e);
			assert_non_null(l.ops);
		} else {
			take_step(step, label, l);
		}
	l.ops->free(l.self);
	leave(NULL);
	feed_run("rm -f a* b*");
	f = fopen("stderr", "r");
	assert_slice(label, ((struct slice){ text, fread(text, 1, sizeof text, f) }),
	             slice_from(said));
	fclose(f);
}

#define PLAY(label, opts, names, said, ...)                                                        \
	play(label, opts, names, said, (const struct step[]){ __VA_ARGS__, { ACT_NONE, "", "" } })

static const char *const one[] = { "a", NULL };
static const char *const two[] = { "a", "b", NULL };

static void test_files__begins_with_the_last_lines(void **state)
{
	static const struct {
		struct files_opts opts;
		const char *text, *log;
	} rows[] = {
		{ { .start = { .kind = START_LAST_LINES, .count = 2 } }, "1\n2\n3\n", "<a>2\n3\n" },
		{ { .start = { .kind = START_LAST_LINES, .count = 9 } },
		  "1\n2\n3\n",
		  "<a>1\n2\n3\n" },
		{ { .start = { .kind = START_LAST_LINES, .count = 0 } }, "1\n2\n3\n", "" },
		{ { .start = { .kind = START_ALL } }, "1\n2\n3\n", "<a>1\n2\n3\n" },
		/* the unterminated last line counts, and is waited for */
		{ { .start = { .kind = START_LAST_LINES, .count = 2 } }, "1\n2\n3", "<a>2\n" },
		{ { .start = { .kind = START_LAST_LINES, .count = 1 }, .header = true },
		  "h\n1\n2\n",
		  "<a>h\n2\n" },
		{ { .start = { .kind = START_LAST_LINES, .count = 9 }, .header = true },
		  "h\n1\n2\n",
		  "<a>h\n1\n2\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct files_opts opts = rows[i].opts;

		opts.feed = by_name.feed;
		opts.partial_after = -1;
		opts.max_open = 10;
		PLAY(rows[i].text, &opts, one, "", { ACT_WRITE, "a", rows[i].text },
		     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", rows[i].log }, { ACT_EXPECT, "", "" });
	}
}

static void test_files__gives_lines_when_they_are_whole(void **state)
{
	(void)state;
	for (int k = 0; k < 2; k++)
		PLAY("growth", k ? &by_name : &by_file, one, "", { ACT_WRITE, "a", "1\n2" },
		     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>1\n" }, { ACT_APPEND, "a", "x" },
		     { ACT_EXPECT, "", "" }, { ACT_APPEND, "a", "\n3\n4" },
		     { ACT_EXPECT, "", "2x\n3\n" }, { ACT_APPEND, "a", "\n" },
		     { ACT_EXPECT, "", "4\n" });
}

static void test_files__goes_on_behind_a_long_line(void **state)
{
	(void)state;
	PLAY("at once", &by_name, one, "", { ACT_WRITE, "a", "1\n" FORTY "x\n2\n" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>1\n<long>\n2\n" });
	PLAY("in parts", &by_name, one, "", { ACT_WRITE, "a", "1\n" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a>1\n" }, { ACT_APPEND, "a", FORTY "x" },
	     { ACT_EXPECT, "", "<long>\n" }, { ACT_APPEND, "a", FORTY }, { ACT_EXPECT, "", "" },
	     { ACT_APPEND, "a", FORTY "\n2\n3" }, { ACT_EXPECT, "", "2\n" },
	     { ACT_APPEND, "a", "\n" }, { ACT_EXPECT, "", "3\n" });
	PLAY("one behind the other", &by_name, one, "", { ACT_WRITE, "a", FORTY "x" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a><long>\n" },
	     { ACT_APPEND, "a", "\n" FORTY "y" }, { ACT_EXPECT, "", "<long>\n" },
	     { ACT_APPEND, "a", "\n2\n" }, { ACT_EXPECT, "", "2\n" });
	PLAY("truncated inside it", &by_name, one,
	     "t: a was truncated; it is read from its start\n", { ACT_WRITE, "a", FORTY "x" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a><long>\n" }, { ACT_WRITE, "a", "1\n2\n" },
	     { ACT_EXPECT, "", "<a>1\n2\n" });
}

static void test_files__reads_a_truncated_file_from_its_start(void **state)
{
	struct files_opts header = by_name;

	(void)state;
	for (int k = 0; k < 2; k++)
		PLAY("truncated", k ? &by_name : &by_file, one,
		     "t: a was truncated; it is read from its start\n",
		     { ACT_WRITE, "a", "1\n2\n3" }, { ACT_OPEN, "", "" },
		     { ACT_EXPECT, "", "<a>1\n2\n" }, { ACT_WRITE, "a", "4\n" },
		     { ACT_EXPECT, "", "3\n~<a>4\n" }, { ACT_APPEND, "a", "5\n" },
		     { ACT_EXPECT, "", "5\n" });
	header.header = true;
	header.start = (struct start){ .kind = START_LAST_LINES, .count = 1 };
	PLAY("with header", &header, one, "t: a was truncated; it is read from its start\n",
	     { ACT_WRITE, "a", "h\n1\n2\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>h\n2\n" },
	     { ACT_WRITE, "a", "h\n3\n" }, { ACT_EXPECT, "", "<a>h\n3\n" });
}

static void test_files__by_name_goes_on_in_the_new_file(void **state)
{
	(void)state;
	PLAY("rotated", &by_name, one,
	     "t: a is gone; it is waited for\nt: a was replaced; the new one is followed\n",
	     { ACT_WRITE, "a", "1\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>1\n" },
	     { ACT_RENAME, "a", "a.1" }, { ACT_EXPECT, "", "" },
	     { ACT_APPEND, "a.1", "2\n" }, /* the writer has not noticed yet */
	     { ACT_EXPECT, "", "2\n" }, { ACT_APPEND, "a.1", "3\n" }, { ACT_WRITE, "a", "4\n5" },
	     { ACT_EXPECT, "", "3\n<a>4\n" }, { ACT_APPEND, "a", "\n" }, { ACT_EXPECT, "", "5\n" },
	     { ACT_APPEND, "a.1", "6\n" }, /* nor now */
	     { ACT_EXPECT, "", "6\n" });
	PLAY("removed and made again", &by_name, one,
	     "t: a is gone; it is waited for\nt: a was replaced; the new one is followed\n",
	     { ACT_WRITE, "a", "1\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>1\n" },
	     { ACT_REMOVE, "a", "" }, { ACT_EXPECT, "", "" }, { ACT_WRITE, "a", "2\n" },
	     { ACT_EXPECT, "", "<a>2\n" });
	PLAY("a last line without newline", &by_name, one,
	     "t: a was replaced; the new one is followed\n"
	     "t: a was replaced; the new one is followed\n",
	     { ACT_WRITE, "a", "1\n2" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>1\n" },
	     { ACT_RENAME, "a", "a.1" }, { ACT_WRITE, "a", "3\n" }, { ACT_EXPECT, "", "<a>3\n" },
	     { ACT_RENAME, "a.1", "a.2" }, { ACT_RENAME, "a", "a.1" }, { ACT_WRITE, "a", "4\n" },
	     { ACT_EXPECT, "", "2\n~<a>4\n" });
}

/* Rotations that nobody saw: what had the name in between is read in order. */
static void test_files__rotated_more_than_once(void **state)
{
	(void)state;
	PLAY("numbered", &by_name, one, "t: a was replaced; the new one is followed\n",
	     { ACT_WRITE, "a.1", "history\n" }, { ACT_WAIT, "", "" }, { ACT_WRITE, "a", "1\n" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>1\n" }, { ACT_APPEND, "a", "2\n" },
	     { ACT_RENAME, "a.1", "a.3" }, { ACT_RENAME, "a", "a.2" }, { ACT_WRITE, "a", "3\n" },
	     { ACT_RENAME, "a", "a.1" }, { ACT_WRITE, "a", "4\n" },
	     { ACT_EXPECT, "", "2\n<a>3\n<a>4\n" });
	PLAY("dated", &by_name, one, "t: a was replaced; the new one is followed\n",
	     { ACT_WRITE, "a", "1\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>1\n" },
	     { ACT_RENAME, "a", "a-20260101" }, { ACT_WRITE, "a", "2\n" },
	     { ACT_RENAME, "a", "a-20260102" }, { ACT_WRITE, "a", "3\n" },
	     { ACT_RENAME, "a", "a-20260103" }, { ACT_WRITE, "a", "4\n" },
	     { ACT_EXPECT, "", "<a>2\n<a>3\n<a>4\n" });
}

/* copytruncate: what was not read is in the copy. */
static void test_files__truncated_with_a_copy(void **state)
{
	(void)state;
	PLAY("copied", &by_name, one,
	     "t: a was truncated; the rest of its copy is read, then it from its start\n",
	     { ACT_WRITE, "a", "first\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>first\n" },
	     { ACT_APPEND, "a", "second\nthi" }, { ACT_EXPECT, "", "second\n" },
	     { ACT_APPEND, "a", "rd\nfourth\n" }, { ACT_COPY, "a", "a.1" },
	     { ACT_WRITE, "a", "fifth, and longer than all that was in it before\n" },
	     { ACT_EXPECT, "", "third\nfourth\n<a><long>\n" });
	PLAY("copied twice", &by_name, one,
	     "t: a was truncated; the rest of its copy is read, then it from its start\n",
	     { ACT_WRITE, "a", "first\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>first\n" },
	     { ACT_APPEND, "a", "second\n" }, { ACT_COPY, "a", "a.2" },
	     { ACT_WRITE, "a", "third\n" }, { ACT_COPY, "a", "a.1" }, { ACT_WRITE, "a", "4\n" },
	     { ACT_EXPECT, "", "second\n<a>third\n<a>4\n" });
	PLAY("filled and copied while it was empty", &by_name, one, "", { ACT_WRITE, "a", "" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "" }, { ACT_WAIT, "", "" },
	     { ACT_WRITE, "a", "1\n" }, { ACT_COPY, "a", "a.1" }, { ACT_WRITE, "a", "22\n" },
	     { ACT_EXPECT, "", "<a>1\n<a>22\n" });
}

static void test_files__by_file_stays_with_it(void **state)
{
	(void)state;
	PLAY("renamed", &by_file, one, "", { ACT_WRITE, "a", "1\n" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a>1\n" }, { ACT_RENAME, "a", "a.1" },
	     { ACT_WRITE, "a", "another\n" }, { ACT_APPEND, "a.1", "2\n" },
	     { ACT_EXPECT, "", "2\n" });
}

static void test_files__by_name_waits_for_what_is_not_there(void **state)
{
	(void)state;
	PLAY("missing", &by_name, one,
	     "t: cannot open a: No such file or directory; it is waited for\n"
	     "t: a has appeared; it is followed\n",
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "" }, { ACT_WRITE, "a", "1\n" },
	     { ACT_EXPECT, "", "<a>1\n" }, { ACT_APPEND, "a", "2\n" }, { ACT_EXPECT, "", "2\n" });
}

static void test_files__refuses(void **state)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{ "gone", "cannot open gone: No such file or directory" },
		{ "folder", "cannot follow folder: it is no regular file" },
	};
	struct err e;

	(void)state;
	assert_int_equal(mkdir("folder", 0700), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_null(follow(&rows[i].name, 1, &by_file, &e).ops);
		assert_int_equal(e.kind, FAIL_OPEN);
		assert_string_equal(e.text, rows[i].text);
	}
}

static void test_files__takes_turns_over_files(void **state)
{
	(void)state;
	PLAY("two", &by_name, two, "", { ACT_WRITE, "a", "1\n" }, { ACT_WRITE, "b", "2\n" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>1\n<b>2\n" }, { ACT_APPEND, "b", "3\n" },
	     { ACT_EXPECT, "", "3\n" }, { ACT_APPEND, "a", "4" }, { ACT_APPEND, "b", "5\n" },
	     { ACT_EXPECT, "", "5\n" }, { ACT_APPEND, "a", "6\n" }, { ACT_EXPECT, "", "46\n" });
}

/* A wait ends when something is written, and for good when the end is asked for. */
static void test_files__waits_and_stops(void **state)
{
	struct lines l;
	struct slice lines;
	struct err e;
	enum got got;
	pid_t pid;

	(void)state;
	feed_file("a", "w", SLICE("1\n"));
	l = follow(one, 1, &by_name, &e);
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_LINES);
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_TICK);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		feed_file("a", "a", SLICE("2\n"));
		_exit(0);
	}
	while ((got = l.ops->next(l.self, false, -1, &lines, &e)) == GOT_TICK)
		;
	assert_int_equal(got, GOT_LINES);
	assert_slice("grown", lines, SLICE("2\n"));
	assert_int_equal(l.ops->consumed(l.self), 4);
	waitpid(pid, NULL, 0);
	stop_init();
	raise(SIGTERM);
	while ((got = l.ops->next(l.self, true, -1, &lines, &e)) == GOT_TICK)
		;
	assert_int_equal(got, GOT_END);
	l.ops->free(l.self);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files__begins_with_the_last_lines),
		TEST(test_files__gives_lines_when_they_are_whole),
		TEST(test_files__goes_on_behind_a_long_line),
		TEST(test_files__reads_a_truncated_file_from_its_start),
		TEST(test_files__by_name_goes_on_in_the_new_file),
		TEST(test_files__rotated_more_than_once),
		TEST(test_files__truncated_with_a_copy),
		TEST(test_files__by_file_stays_with_it),
		TEST(test_files__by_name_waits_for_what_is_not_there),
		TEST(test_files__refuses),
		TEST(test_files__takes_turns_over_files),
		TEST(test_files__waits_and_stops), /* last: the process is asked to end by it */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
