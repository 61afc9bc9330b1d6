/*
 * files.h: files that grow, are truncated, rotated, and appear. Every read looks at the files, so
 * that no test has to wait.
 */
#include "feed.h"

#include "base/hash.h"
#include "io/stop.h"
#include "stream/files.h"
#include "stream/intake.h"
#include "json/valparse.h"

#include <dirent.h>
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
	ACT_NEXT,   /* TEXT is what comes at once; there may be more */
	ACT_APPEND, /* TEXT to FILE */
	ACT_WRITE,  /* FILE anew: truncated in place */
	ACT_RENAME, /* FILE to TEXT */
	ACT_COPY,   /* FILE to TEXT */
	ACT_FOLDER, /* FILE is made */
	ACT_GZIP,   /* FILE, which becomes FILE.gz */
	ACT_REMOVE, /* FILE */
	ACT_HELD,   /* as many files are open as TEXT says */
	ACT_SAVE,   /* all that came out is written; the positions are kept */
	ACT_END,    /* this run */
	ACT_GO_ON,  /* another one, from the positions that were kept */
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

static struct feed feed; /* what is followed */

static struct lines follow(const char *const *names, size_t count, const struct files_opts *opts,
                           struct err *e)
{
	static const struct intake_opts intake = { 0 };

	feed = files_new(names, count, opts, e);
	return feed.ops ? intake_new(feed_flow(feed), feed, &intake) : (struct lines){ 0 };
}

static struct buf positions;

static void save(void)
{
	struct err e;

	assert_int_equal(feed.ops->written(feed.self, &e), 0);
	buf_free(&positions);
	feed.ops->save(feed.self, &positions);
}

static void seek(void)
{
	struct check_fault fault;
	struct heap h;
	struct val v;
	struct err e;

	heap_init(&h);
	assert_int_equal(val_parse(&h, buf_slice(&positions), &v, &fault), 0);
	assert_int_equal(feed.ops->seek(feed.self, v, &h, &e), 0);
	heap_free(&h);
	buf_free(&positions);
}

/* Files of the test's folder that are open. */
static int held(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *entry;
	char path[256];
	int count = 0;

	assert_non_null(d);
	while ((entry = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), entry->d_name, path, sizeof path - 1);

		path[n < 0 ? 0 : n] = '\0';
		count += strncmp(path, feed_folder, strlen(feed_folder)) == 0 &&
		         !strstr(path, "/stderr");
	}
	closedir(d);
	return count;
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

static void expect_next(struct lines l, const char *label, const char *text)
{
	struct slice lines;
	struct err e;

	assert_int_equal(l.ops->next(l.self, true, 0, &lines, &e), GOT_LINES);
	assert_slice(label, lines, slice_from(text));
}

static void copy(const char *from, const char *to)
{
	char command[64];

	snprintf(command, sizeof command, "cp %s %s", from, to);
	feed_run(command);
}

static void take_step(const struct step *step, const char *label, struct lines l)
{
	char packed[32];

	switch (step->act) {
	case ACT_EXPECT:
		expect(l, label, step->text);
		break;
	case ACT_NEXT:
		expect_next(l, label, step->text);
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
	case ACT_GZIP:
		copy(step->file, "plain");
		feed_run("gzip -f plain");
		snprintf(packed, sizeof packed, "%s.gz", step->file);
		assert_int_equal(rename("plain.gz", packed), 0);
		assert_int_equal(unlink(step->file), 0);
		break;
	case ACT_FOLDER:
		assert_int_equal(mkdir(step->file, 0700), 0);
		break;
	case ACT_HELD:
		assert_row(label, held() == atoi(step->text));
		break;
	case ACT_SAVE:
		save();
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
		if (step->act == ACT_OPEN || step->act == ACT_GO_ON) {
			l = follow(names, count, opts, &e);
			assert_non_null(l.ops);
			if (step->act == ACT_GO_ON)
				seek();
		} else if (step->act == ACT_END) {
			l.ops->free(l.self);
		} else {
			take_step(step, label, l);
		}
	l.ops->free(l.self);
	leave(NULL);
	feed_run("rm -rf a* b*");
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
	PLAY("and written anew, with the same lines before the place", &by_name, one,
	     "t: a was truncated; it is read from its start\n",
	     { ACT_WRITE, "a", "1\n" FORTY "\n" FORTY "\n" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a>1\n" FORTY "\n" FORTY "\n" },
	     { ACT_WRITE, "a", "2\n" FORTY "\n" FORTY "\n3\n" },
	     { ACT_EXPECT, "", "<a>2\n" FORTY "\n" FORTY "\n3\n" });
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
	PLAY("the new one has only the header that all have", &by_name, one,
	     "t: a was replaced; the new one is followed\n", { ACT_WRITE, "a", "h\n1\n" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>h\n1\n" }, { ACT_RENAME, "a", "a.2" },
	     { ACT_WRITE, "a.1", "h\n2\n" }, { ACT_WRITE, "a", "h\n" },
	     { ACT_EXPECT, "", "<a>h\n2\n<a>h\n" }, { ACT_APPEND, "a", "3\n" },
	     { ACT_EXPECT, "", "3\n" });
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

/* A file that was opened and not read yet, truncated: its copy is read when it is met first. */
static void test_files__truncated_unread(void **state)
{
	struct files_opts polled = by_name;

	(void)state;
	PLAY("the copy is found as a rotation, and packed", &by_name, one,
	     "t: a was replaced; the new one is followed\n"
	     "t: a was replaced; the new one is followed\n"
	     "t: a was truncated; the rest of its copy is read, then it from its start\n",
	     { ACT_WRITE, "a", "0\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>0\n" },
	     { ACT_APPEND, "a", "1\n" }, { ACT_RENAME, "a", "a.3" }, { ACT_WRITE, "a", "3\n" },
	     { ACT_NEXT, "", "1\n" }, { ACT_APPEND, "a.3", "2\n" }, { ACT_COPY, "a", "a.2" },
	     { ACT_WRITE, "a", "44\n" }, { ACT_RENAME, "a", "a.1" }, { ACT_GZIP, "a.1", "" },
	     { ACT_WRITE, "a", "5\n" }, { ACT_NEXT, "", "2\n" }, { ACT_GZIP, "a.2", "" },
	     { ACT_EXPECT, "", "<a>3\n<a>44\n<a>5\n" });
	PLAY("and when only a part of a line was read", &by_name, one,
	     "t: a was replaced; the new one is followed\n"
	     "t: a was truncated; the rest of its copy is read, then it from its start\n",
	     { ACT_WRITE, "a", "1" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "" },
	     { ACT_APPEND, "a", "1\n22\n" }, { ACT_COPY, "a", "a.2" }, { ACT_WRITE, "a", "33\n" },
	     { ACT_RENAME, "a", "a.1" }, { ACT_GZIP, "a.1", "" }, { ACT_WRITE, "a", "4\n" },
	     { ACT_EXPECT, "", "<a>11\n22\n<a>33\n<a>4\n" });
	polled.poll = true;
	polled.interval = 90000000;
	PLAY("what is newer than a file that is not there any more", &polled, one,
	     "t: a was replaced; the new one is followed\n", { ACT_WRITE, "a", "" },
	     { ACT_OPEN, "", "" }, { ACT_APPEND, "a", "1\n" }, { ACT_REMOVE, "a", "" },
	     { ACT_WAIT, "", "" }, { ACT_WRITE, "a", "2\n" }, { ACT_RENAME, "a", "a.1" },
	     { ACT_WRITE, "a", "3\n" }, { ACT_EXPECT, "", "<a>1\n" }, { ACT_WAIT, "", "" },
	     { ACT_WAIT, "", "" }, { ACT_WAIT, "", "" }, { ACT_WAIT, "", "" }, { ACT_WAIT, "", "" },
	     { ACT_EXPECT, "", "<a>2\n<a>3\n" });
	PLAY("the copy of a file whose name was not looked at yet", &polled, one,
	     "t: a was replaced; the new one is followed\n", { ACT_WRITE, "a", "" },
	     { ACT_OPEN, "", "" }, { ACT_APPEND, "a", "1\n" }, { ACT_REMOVE, "a", "" },
	     { ACT_WAIT, "", "" }, { ACT_WRITE, "a", "2\n" }, { ACT_COPY, "a", "a.1" },
	     { ACT_EXPECT, "", "<a>1\n" }, { ACT_WAIT, "", "" }, { ACT_WAIT, "", "" },
	     { ACT_WAIT, "", "" }, { ACT_WAIT, "", "" }, { ACT_WAIT, "", "" },
	     { ACT_EXPECT, "", "<a>2\n" });
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

static const struct files_opts keeps = { OPTS, .by_name = true, .keeps = true };

#define BEGIN(text, out)                                                                           \
	{ ACT_WRITE, "a", text }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", out },                   \
	{                                                                                          \
		ACT_SAVE, "", ""                                                                   \
	}
#define GO_ON                                                                                      \
	{                                                                                          \
		ACT_GO_ON, "", ""                                                                  \
	}
#define END                                                                                        \
	{                                                                                          \
		ACT_END, "", ""                                                                    \
	}

/* Positions, and what happened to the files while nobody read them. */
static void test_files_seek__goes_on_where_it_was(void **state)
{
	struct files_opts header = keeps;

	(void)state;
	PLAY("grown", &keeps, one, "", BEGIN("1\n2", "<a>1\n"), END, { ACT_APPEND, "a", "x\n3\n" },
	     GO_ON, { ACT_EXPECT, "", "<a>2x\n3\n" }, { ACT_EXPECT, "", "" });
	PLAY("nothing new", &keeps, one, "", BEGIN("1\n", "<a>1\n"), END, GO_ON,
	     { ACT_EXPECT, "", "" }, { ACT_APPEND, "a", "2\n" }, { ACT_EXPECT, "", "<a>2\n" });
	PLAY("not written", &keeps, one, "", BEGIN("1\n", "<a>1\n"), { ACT_APPEND, "a", "2\n" },
	     { ACT_EXPECT, "", "2\n" }, END, { ACT_APPEND, "a", "3\n" }, GO_ON,
	     { ACT_EXPECT, "", "<a>2\n3\n" });
	PLAY("a third run", &keeps, one, "", BEGIN("1\n", "<a>1\n"), END,
	     { ACT_APPEND, "a", "2\n" }, GO_ON, { ACT_EXPECT, "", "<a>2\n" }, { ACT_SAVE, "", "" },
	     END, { ACT_APPEND, "a", "3\n" }, GO_ON, { ACT_EXPECT, "", "<a>3\n" });
	header.header = true;
	PLAY("with header", &header, one, "", BEGIN("h\n1\n", "<a>h\n1\n"), END,
	     { ACT_APPEND, "a", "2\n" }, GO_ON, { ACT_EXPECT, "", "<a>h\n2\n" });
}

static void test_files_seek__behind_rotations(void **state)
{
	(void)state;
	PLAY("renamed", &keeps, one, "", BEGIN("1\n", "<a>1\n"), { ACT_APPEND, "a", "2\n" }, END,
	     { ACT_RENAME, "a", "a.1" }, { ACT_APPEND, "a.1", "3\n" }, { ACT_WRITE, "a", "4\n" },
	     GO_ON, { ACT_EXPECT, "", "<a>2\n3\n<a>4\n" }, { ACT_APPEND, "a", "5\n" },
	     { ACT_EXPECT, "", "5\n" });
	PLAY("renamed and compressed", &keeps, one, "", BEGIN("1\n", "<a>1\n"), END,
	     { ACT_APPEND, "a", "2\n" }, { ACT_RENAME, "a", "a.1" }, { ACT_GZIP, "a.1", "" },
	     { ACT_WRITE, "a", "3\n" }, GO_ON, { ACT_EXPECT, "", "<a>2\n<a>3\n" });
	PLAY("all read, renamed and compressed", &keeps, one, "", BEGIN("1\n", "<a>1\n"), END,
	     { ACT_RENAME, "a", "a.1" }, { ACT_GZIP, "a.1", "" }, { ACT_WRITE, "a", "2\n" }, GO_ON,
	     { ACT_EXPECT, "", "<a>2\n" });
	PLAY("copied and truncated", &keeps, one, "", BEGIN("first\n", "<a>first\n"), END,
	     { ACT_APPEND, "a", "second\n" }, { ACT_COPY, "a", "a.1" },
	     { ACT_WRITE, "a", "third\n" }, GO_ON, { ACT_EXPECT, "", "<a>second\n<a>third\n" });
	PLAY("twice", &keeps, one, "", BEGIN("1\n", "<a>1\n"), END, { ACT_APPEND, "a", "2\n" },
	     { ACT_RENAME, "a", "a.2" }, { ACT_WRITE, "a", "3\n" }, { ACT_RENAME, "a", "a.1" },
	     { ACT_WRITE, "a", "4\n" }, GO_ON, { ACT_EXPECT, "", "<a>2\n<a>3\n<a>4\n" });
	PLAY("twice, the first compressed", &keeps, one, "", BEGIN("1\n", "<a>1\n"), END,
	     { ACT_APPEND, "a", "2\n" }, { ACT_RENAME, "a", "a.2" }, { ACT_GZIP, "a.2", "" },
	     { ACT_WRITE, "a", "3\n" }, { ACT_RENAME, "a", "a.1" }, { ACT_WRITE, "a", "4\n" },
	     GO_ON, { ACT_EXPECT, "", "<a>2\n<a>3\n<a>4\n" });
	PLAY("what was empty filled, copied, truncated, renamed", &keeps, one,
	     "t: a was replaced; the new one is followed\n", BEGIN("1\n", "<a>1\n"),
	     { ACT_RENAME, "a", "a.3" }, { ACT_WRITE, "a", "" }, { ACT_EXPECT, "", "" },
	     { ACT_SAVE, "", "" }, END, { ACT_WAIT, "", "" }, { ACT_APPEND, "a", "2\n" },
	     { ACT_COPY, "a", "a.2" }, { ACT_WAIT, "", "" }, { ACT_WAIT, "", "" },
	     { ACT_WRITE, "a", "33\n" }, { ACT_RENAME, "a", "a.1" }, { ACT_WRITE, "a", "4\n" },
	     GO_ON, { ACT_EXPECT, "", "<a>2\n<a>33\n<a>4\n" });
	PLAY("a part of a line, and another file begins so", &keeps, one,
	     "t: a was replaced; the new one is followed\n", BEGIN("10\n", "<a>10\n"),
	     { ACT_RENAME, "a", "a.3" }, { ACT_WRITE, "a", "1" }, { ACT_EXPECT, "", "" },
	     { ACT_SAVE, "", "" }, END, { ACT_APPEND, "a", "1\n" }, { ACT_RENAME, "a", "a.2" },
	     { ACT_GZIP, "a.2", "" }, { ACT_WRITE, "a", "12\n" }, GO_ON,
	     { ACT_EXPECT, "", "<a>11\n<a>12\n" });
	PLAY("renamed, none has the name", &keeps, one,
	     "t: cannot open a: No such file or directory; it is waited for\n"
	     "t: a was replaced; the new one is followed\n",
	     BEGIN("1\n", "<a>1\n"), END, { ACT_APPEND, "a", "2\n" }, { ACT_RENAME, "a", "a.1" },
	     GO_ON, { ACT_EXPECT, "", "<a>2\n" }, { ACT_WRITE, "a", "3\n" },
	     { ACT_EXPECT, "", "<a>3\n" });
}

/* A file as it is saved, whose contents TEXT were when it was read up to AT. */
static void add_saved(const char *path, const char *text, size_t at, bool last)
{
	size_t n = strlen(text);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	buf_addf(&positions,
	         "{\"dev\":%lu,\"ino\":%lu,\"born\":0,\"at\":%zu,\"line\":0,\"read\":%zu,"
	         "\"path\":\"a\",\"head_n\":%zu,\"head\":%llu,\"tail_n\":%zu,\"tail\":%llu}%s",
	         (unsigned long)st.st_dev, (unsigned long)st.st_ino, at, at, n,
	         (unsigned long long)hash_stable(text, n), at,
	         (unsigned long long)hash_stable(text, at), last ? "],\"done\":[]}]}" : ",");
}

/* It was read as a rotation; then, of what it is a copy of, nothing is read. */
static void test_files_seek__a_copy_that_was_read(void **state)
{
	struct lines l;
	struct err e;

	(void)state;
	feed_file("a.1", "w", slice_from("1\n"));
	feed_file("a", "w", slice_from("2\n"));
	l = follow(one, 1, &keeps, &e);
	assert_non_null(l.ops);
	buf_adds(&positions, "{\"since\":0,\"logs\":[{\"name\":\"a\",\"mtime\":0,\"files\":[");
	add_saved("a.1", "1\n", 2, false);
	add_saved("a", "1\n", 0, true);
	seek();
	expect(l, "unread", "<a>2\n");
	l.ops->free(l.self);
	feed_run("rm a a.1");
}

static void test_files_seek__what_is_gone(void **state)
{
	(void)state;
	PLAY("removed", &keeps, one,
	     "t: cannot open a: No such file or directory; it is waited for\n"
	     "t: a: a file of the last run is not there any more; what was not read of it (from "
	     "byte "
	     "2 on) is lost\n"
	     "t: a has appeared; it is followed\n",
	     BEGIN("1\n", "<a>1\n"), END, { ACT_REMOVE, "a", "" }, GO_ON, { ACT_EXPECT, "", "" },
	     { ACT_WRITE, "a", "2\n" }, { ACT_EXPECT, "", "<a>2\n" });
	PLAY("another one", &keeps, one,
	     "t: a: a file of the last run is not there any more; what was not read of it (from "
	     "byte "
	     "6 on) is lost\n",
	     BEGIN("first\n", "<a>first\n"), END, { ACT_REMOVE, "a", "" },
	     { ACT_WRITE, "a", "second\n" }, GO_ON, { ACT_EXPECT, "", "<a>second\n" });
	PLAY("truncated", &keeps, one,
	     "t: a: a file of the last run is not there any more; what was not read of it (from "
	     "byte "
	     "6 on) is lost\n",
	     BEGIN("first\n", "<a>first\n"), END, { ACT_WRITE, "a", "2\n" }, GO_ON,
	     { ACT_EXPECT, "", "<a>2\n" });
	PLAY("there again", &keeps, one,
	     "t: a: a file of the last run is not there any more; what was not read of it (from "
	     "byte "
	     "2 on) is lost\n"
	     "t: a was replaced; the new one is followed\n",
	     BEGIN("1\n", "<a>1\n"), END, { ACT_RENAME, "a", "b" }, { ACT_WRITE, "a", "2\n" },
	     GO_ON, { ACT_EXPECT, "", "<a>2\n" }, { ACT_RENAME, "a", "a.2" },
	     { ACT_RENAME, "b", "a.1" }, { ACT_APPEND, "a.1", "3\n" }, { ACT_WRITE, "a", "4\n" },
	     { ACT_EXPECT, "", "<a>3\n<a>4\n" });
}

static const char *const logs[] = { "*.log", NULL };

static void test_files_seek__patterns(void **state)
{
	struct files_opts last = keeps;

	(void)state;
	last.start = (struct start){ .kind = START_LAST_LINES, .count = 0 };
	PLAY("a new one from its start", &last, logs, "", { ACT_WRITE, "a.log", "1\n" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "" }, { ACT_SAVE, "", "" }, END,
	     { ACT_APPEND, "a.log", "2\n" }, { ACT_WRITE, "b.log", "1\n2\n" }, GO_ON,
	     { ACT_EXPECT, "", "<b.log>1\n2\n<a.log>2\n" });
	PLAY("one that is rotated to a name of the pattern", &keeps, logs, "",
	     { ACT_WRITE, "a.log", "1\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a.log>1\n" },
	     { ACT_SAVE, "", "" }, END, { ACT_APPEND, "a.log", "2\n" },
	     { ACT_RENAME, "a.log", "a-1.log" }, { ACT_WRITE, "a.log", "3\n" }, GO_ON,
	     { ACT_EXPECT, "", "<a.log>2\n<a.log>3\n" });
}

static void test_files_seek__refuses(void **state)
{
	struct check_fault fault;
	struct lines l;
	struct heap h;
	struct val v;
	struct err e;

	(void)state;
	feed_file("a", "w", SLICE("1\n"));
	l = follow(one, 1, &keeps, &e);
	heap_init(&h);
	assert_int_equal(val_parse(&h, SLICE("{\"offset\":1}"), &v, &fault), 0);
	assert_int_equal(feed.ops->seek(feed.self, v, &h, &e), -1);
	assert_int_equal(e.kind, FAIL_STATE);
	heap_free(&h);
	l.ops->free(l.self);
}

static void test_files__patterns(void **state)
{
	struct files_opts last = by_name;

	(void)state;
	last.start = (struct start){ .kind = START_LAST_LINES, .count = 0 };
	PLAY("what comes is read from its start", &last, logs, "", { ACT_WRITE, "a.log", "1\n" },
	     { ACT_WRITE, "a.txt", "no\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "" },
	     { ACT_WRITE, "b.log", "1\n2\n" }, { ACT_WRITE, "b.txt", "no\n" },
	     { ACT_EXPECT, "", "<b.log>1\n2\n" }, { ACT_APPEND, "a.log", "2\n" },
	     { ACT_EXPECT, "", "<a.log>2\n" });
	PLAY("none at first", &by_name, logs, "t: *.log matches nothing yet; it is waited for\n",
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "" }, { ACT_WRITE, "a.log", "1\n" },
	     { ACT_EXPECT, "", "<a.log>1\n" });
	PLAY("removed, and made again", &by_name, logs, "", { ACT_WRITE, "a.log", "1\n2" },
	     { ACT_WRITE, "b.log", "3\n" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a.log>1\n<b.log>3\n" }, { ACT_REMOVE, "a.log", "" },
	     { ACT_EXPECT, "", "2\n~" }, { ACT_HELD, "", "1" }, { ACT_WRITE, "a.log", "4\n" },
	     { ACT_EXPECT, "", "<a.log>4\n" });
	PLAY("rotations are none of their own", &by_name, logs,
	     "t: a.log was replaced; the new one is followed\n",
	     { ACT_WRITE, "a-1.log", "history\n" }, { ACT_WRITE, "a-20261127.log", "history\n" },
	     { ACT_WAIT, "", "" }, { ACT_WRITE, "a.log", "1\n" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a.log>1\n" }, { ACT_APPEND, "a.log", "2\n" },
	     { ACT_RENAME, "a.log", "a-20261128.log" }, { ACT_WRITE, "a.log", "3\n" },
	     { ACT_EXPECT, "", "2\n<a.log>3\n" });
	PLAY("a name that only begins like another", &by_name, logs, "",
	     { ACT_WRITE, "a.log", "1\n" }, { ACT_WRITE, "a-error.log", "2\n" },
	     { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a-error.log>2\n<a.log>1\n" },
	     { ACT_WRITE, "a.out.log", "3\n" }, { ACT_EXPECT, "", "<a.out.log>3\n" });
}

static const char *const five[] = { "a1", "a2", "a3", "a4", "a5", NULL };

static void test_files__with_few_open(void **state)
{
	(void)state;
	for (size_t open = 1; open <= 10; open += 9) {
		struct files_opts few = by_name;

		few.max_open = open;
		PLAY("five", &few, five, "t: a1 was replaced; the new one is followed\n",
		     { ACT_WRITE, "a1", "1\n" }, { ACT_WRITE, "a2", "2\n" },
		     { ACT_WRITE, "a3", "3\n" }, { ACT_WRITE, "a4", "4\n" },
		     { ACT_WRITE, "a5", "5\n" }, { ACT_OPEN, "", "" },
		     { ACT_HELD, "", open == 1 ? "1" : "5" },
		     { ACT_EXPECT, "", "<a1>1\n<a2>2\n<a3>3\n<a4>4\n<a5>5\n" },
		     { ACT_HELD, "", open == 1 ? "1" : "5" }, { ACT_APPEND, "a5", "6\n7" },
		     { ACT_APPEND, "a1", "8\n" }, { ACT_EXPECT, "", "6\n8\n" },
		     { ACT_APPEND, "a5", "\n" }, { ACT_APPEND, "a2", "9\n" },
		     { ACT_EXPECT, "", "7\n9\n" },
		     /* closed, renamed, found again */
		     { ACT_APPEND, "a1", "10\n" }, { ACT_RENAME, "a1", "a1.1" },
		     { ACT_WRITE, "a1", "11\n" }, { ACT_EXPECT, "", "10\n<a1>11\n" },
		     { ACT_APPEND, "a4", "12\n" }, { ACT_EXPECT, "", "12\n" },
		     { ACT_HELD, "", open == 1 ? "1" : "6" });
	}
}

static void test_files__unfinished_lines(void **state)
{
	struct files_opts now = by_name;

	(void)state;
	now.partial_after = 0;
	PLAY("at once", &now, one, "", { ACT_WRITE, "a", "1\n2" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a>1\n2\n~" }, { ACT_EXPECT, "", "" }, { ACT_APPEND, "a", "3\n4" },
	     { ACT_EXPECT, "", "3\n4\n~" });
	PLAY("too long", &now, one, "", { ACT_WRITE, "a", FORTY "x" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a><long>\n" }, { ACT_EXPECT, "", "" },
	     { ACT_APPEND, "a", "y\n2\n" }, { ACT_EXPECT, "", "2\n" });
	now.partial_after = INT64_C(3600) * 1000000000;
	PLAY("not yet", &now, one, "", { ACT_WRITE, "a", "1\n2" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a>1\n" }, { ACT_APPEND, "a", "3\n" }, { ACT_EXPECT, "", "23\n" });
}

static void test_files__headers_of_several(void **state)
{
	struct files_opts header = by_name;

	(void)state;
	header.header = true;
	header.start = (struct start){ .kind = START_LAST_LINES, .count = 1 };
	PLAY("two", &header, two, "", { ACT_WRITE, "a", "ha\n1\n2\n" },
	     { ACT_WRITE, "b", "hb\n3\n4\n" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a>ha\n2\n<b>hb\n4\n" }, { ACT_APPEND, "b", "5\n" },
	     { ACT_EXPECT, "", "5\n" }, { ACT_APPEND, "a", "6\n" },
	     { ACT_EXPECT, "", "<a>ha\n6\n" }, { ACT_APPEND, "a", "7\n" },
	     { ACT_EXPECT, "", "7\n" });
	PLAY("rotated", &header, one, "t: a was replaced; the new one is followed\n",
	     { ACT_WRITE, "a", "h\n1\n" }, { ACT_OPEN, "", "" }, { ACT_EXPECT, "", "<a>h\n1\n" },
	     { ACT_RENAME, "a", "a.1" }, { ACT_WRITE, "a", "h2\n2\n" },
	     { ACT_EXPECT, "", "<a>h2\n2\n" });
}

/* The folder of a log is removed, and made again. */
static void test_files__a_folder_that_comes_again(void **state)
{
	static const char *const names[] = { "sub/a", NULL };
	struct files_opts often = by_name;

	(void)state;
	often.interval = 1;
	PLAY("its folder", &often, names,
	     "t: sub/a is gone; it is waited for\nt: sub/a was replaced; the new one is followed\n",
	     { ACT_FOLDER, "sub", "" }, { ACT_WRITE, "sub/a", "1\n" }, { ACT_OPEN, "", "" },
	     { ACT_EXPECT, "", "<a>1\n" }, { ACT_RENAME, "sub", "before" }, { ACT_EXPECT, "", "" },
	     { ACT_FOLDER, "sub", "" }, { ACT_WRITE, "sub/a", "2\n" }, { ACT_EXPECT, "", "<a>2\n" },
	     { ACT_APPEND, "sub/a", "3\n" }, { ACT_EXPECT, "", "3\n" });
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
		TEST(test_files__truncated_unread),
		TEST(test_files__by_file_stays_with_it),
		TEST(test_files__by_name_waits_for_what_is_not_there),
		TEST(test_files__refuses),
		TEST(test_files__takes_turns_over_files),
		TEST(test_files_seek__goes_on_where_it_was),
		TEST(test_files_seek__behind_rotations),
		TEST(test_files_seek__a_copy_that_was_read),
		TEST(test_files_seek__what_is_gone),
		TEST(test_files_seek__patterns),
		TEST(test_files_seek__refuses),
		TEST(test_files__patterns),
		TEST(test_files__with_few_open),
		TEST(test_files__unfinished_lines),
		TEST(test_files__headers_of_several),
		TEST(test_files__a_folder_that_comes_again),
		TEST(test_files__waits_and_stops), /* last: the process is asked to end by it */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
