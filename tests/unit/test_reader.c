/* reader.h: the same lines however the input is cut, compressed or not. */
#include "feed.h"

#include <errno.h>

#include "io/reader.h"

#include <sys/wait.h>

static const struct reader_opts opts = { .max_line = FEED_MAX };

#define FORTY "1234567890123456789012345678901234567890"

static struct lines open_names(const char *const *names, size_t count)
{
	return reader_new(names, count, &opts);
}

static const struct {
	const char *text, *log;
} corpus[] = {
	{ "", "" },
	{ "\n", "<stdin>\n" },
	{ "a\n", "<stdin>a\n" },
	{ "a", "<stdin>a\n~" },
	{ "a\n\nb\r\nc", "<stdin>a\n\nb\r\nc\n~" },
	{ "head\none\ntwo\n", "<stdin>head\none\ntwo\n" },
	{ FORTY "\nb\n", "<stdin>" FORTY "\nb\n" },
	{ FORTY, "<stdin>" FORTY "\n~" },
	{ FORTY "x\nb\n", "<stdin><long>\nb\n" },
	{ "a\n" FORTY FORTY "\nb\nc", "<stdin>a\n<long>\nb\nc\n~" },
	{ "a\n" FORTY FORTY "\n" FORTY "xyz\nb\n", "<stdin>a\n<long>\n<long>\nb\n" },
	{ "\x1F", "<stdin>\x1F\n~" }, /* the beginning of gzip's magic, and no more */
	{ "\x1F\n", "<stdin>\x1F\n" },
	{ "\x28\xB5\x2F\nx", "<stdin>\x28\xB5\x2F\nx\n~" },
};

/* stdin becomes a pipe; returns its writing end */
static int pipe_stdin(void)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(dup2(fd[0], 0), 0);
	close(fd[0]);
	return fd[1];
}

/* the log of a text that comes in parts of these sizes, the last of them whatever is left */
static void feed_parts(struct slice text, size_t first, size_t then, struct buf *log)
{
	struct lines l = open_names(NULL, 0);
	int fd = pipe_stdin();
	size_t part = first;

	buf_clear(log);
	while (text.n) {
		if (part > text.n)
			part = text.n;
		feed_write(fd, text.p, part);
		text.p += part;
		text.n -= part;
		part = then;
		assert_true(feed_read(l, log));
	}
	close(fd);
	feed_all(l, log);
}

static void test_next__gives_the_same_lines_for_every_cut(void **state)
{
	struct buf log = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(corpus); i++) {
		struct slice text = slice_from(corpus[i].text);

		for (size_t cut = 0; cut <= text.n; cut++) {
			feed_parts(text, cut, SIZE_MAX, &log);
			assert_slice(corpus[i].text, buf_slice(&log), slice_from(corpus[i].log));
		}
		feed_parts(text, 1, 1, &log);
		assert_slice(corpus[i].text, buf_slice(&log), slice_from(corpus[i].log));
	}
	buf_free(&log);
}

/* Read a whole file. */
static struct slice slurp(const char *path, struct buf *to)
{
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	buf_clear(to);
	to->n = fread(buf_room(to, 1 << 20), 1, 1 << 20, f);
	fclose(f);
	return buf_slice(to);
}

static void test_next__unpacks_for_every_cut(void **state)
{
	static const struct {
		const char *label, *make;
	} rows[] = {
		{ "gzip", "printf 'one\\ntwo\\nthree\\nfour' | gzip -n >x" },
		{ "gzip, two members",
		  "(printf 'one\\ntw' | gzip -n; printf 'o\\nthree\\nfour' | gzip -9n) >x" },
		{ "gzip with a name", "printf 'one\\ntwo\\nthree\\nfour' >n; gzip -c n >x" },
		{ "gzip, padded",
		  "(printf 'one\\ntwo\\nthree\\nfour' | gzip -n; printf '\\0\\0\\0\\0') >x" },
		{ "gzip, an empty member",
		  "(printf '' | gzip -n; printf 'one\\ntwo\\nthree\\nfour' | gzip -n) >x" },
		{ "zstd", "printf 'one\\ntwo\\nthree\\nfour' | zstd -qc >x" },
		{ "zstd without checksum",
		  "printf 'one\\ntwo\\nthree\\nfour' | zstd -qc --no-check >x" },
		{ "zstd, two frames",
		  "(printf 'one\\ntw' | zstd -qc; printf 'o\\nthree\\nfour' | zstd -qc) >x" },
	};
	struct buf log = { 0 }, data = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text;

		feed_run(rows[i].make);
		text = slurp("x", &data);
		for (size_t cut = 0; cut <= text.n; cut++) {
			feed_parts(text, cut, cut % 2 ? SIZE_MAX : 1, &log);
			assert_slice(rows[i].label, buf_slice(&log),
			             SLICE("<stdin>one\ntwo\nthree\nfour\n~"));
		}
	}
	buf_free(&log);
	buf_free(&data);
}

static void test_next__raw_leaves_what_is_compressed(void **state)
{
	static const char *const pack[] = { "gzip -n", "zstd -qc" };
	const struct reader_opts raw = { .max_line = 1 << 20, .raw = true };
	const char *const names[] = { "x" };
	struct buf data = { 0 }, got = { 0 };
	char command[64];

	(void)state;
	for (size_t i = 0; i < COUNT(pack); i++) {
		struct lines l = reader_new(names, 1, &raw);
		struct slice text, lines;
		struct err e;

		err_clear(&e);
		snprintf(command, sizeof command, "seq 1000 | %s >x", pack[i]);
		feed_run(command);
		text = slurp("x", &data);
		buf_clear(&got);
		while (l.ops->next(l.self, false, -1, &lines, &e) == GOT_LINES)
			buf_add(&got, lines.p, lines.n - !l.ops->terminated(l.self));
		assert_slice(pack[i], buf_slice(&got), text);
		l.ops->free(l.self);
	}
	buf_free(&got);
	buf_free(&data);
}

static void test_next__says_where_compressed_data_end_too_early(void **state)
{
	static const char *const pack[] = { "gzip -n", "zstd -qc", "zstd -qc --no-check" };
	char command[128], label[64];
	struct buf log = { 0 }, data = { 0 };
	const char *const names[] = { "x", "y" };

	(void)state;
	feed_file("y", "w", SLICE("next\n"));
	for (size_t i = 0; i < COUNT(pack); i++) {
		struct slice text;

		snprintf(command, sizeof command, "seq 100 | %s >x", pack[i]);
		feed_run(command);
		text = slurp("x", &data);
		for (size_t n = 4; n < text.n; n++) {
			struct slice tail;

			feed_file("x", "w", (struct slice){ text.p, n });
			buf_clear(&log);
			feed_all(open_names(names, 2), &log);
			snprintf(label, sizeof label, "%s, %zu bytes", pack[i], n);
			tail = SLICE("<ERROR: x: the compressed data end too early>\n<y>next\n");
			assert_row(label, log.n >= tail.n);
			assert_slice(label, ((struct slice){ log.p + log.n - tail.n, tail.n }),
			             tail);
		}
	}
	feed_run("(printf 'a\\n' | gzip -n; echo rubbish) >x");
	buf_clear(&log);
	feed_all(open_names(names, 1), &log);
	assert_slice("rubbish behind", buf_slice(&log),
	             SLICE("<x>a\n<ERROR: x: damaged gzip data (incorrect header check)>\n"));
	buf_free(&log);
	buf_free(&data);
}

/* Much more comes out than fits a buffer, whatever the sizes; and nothing of it waits for the end.
 */
static void test_next__unpacks_all_there_is_before_it_waits(void **state)
{
	static const char *const pack[] = { "gzip -n", "zstd -qc", "zstd -qc --no-check" };
	char command[128];
	struct buf log = { 0 }, plain = { 0 }, data = { 0 };
	struct slice text;

	(void)state;
	buf_adds(&plain, "<stdin>");
	for (int i = 100000; i < 200000; i++)
		buf_addf(&plain, "%d the same words\n", i % 7);
	feed_file("plain", "w", (struct slice){ plain.p + 7, plain.n - 7 });
	for (size_t i = 0; i < COUNT(pack); i++) {
		struct lines l = open_names(NULL, 0);
		int fd = pipe_stdin();

		snprintf(command, sizeof command, "%s <plain >x", pack[i]);
		feed_run(command);
		text = slurp("x", &data);
		assert_true(text.n < 60000);
		feed_write(fd, text.p, text.n);
		buf_clear(&log);
		assert_true(feed_read(l, &log));
		assert_row(pack[i], slice_same(buf_slice(&log), buf_slice(&plain)));
		assert_int_equal(l.ops->consumed(l.self), text.n);
		close(fd);
		feed_all(l, &log);
		assert_row(pack[i], slice_same(buf_slice(&log), buf_slice(&plain)));
	}
	buf_free(&log);
	buf_free(&plain);
	buf_free(&data);
}

static void test_next__goes_through_several_files(void **state)
{
	static const struct {
		const char *names[6];
		const char *log;
	} rows[] = {
		{ { "a" }, "<a>1\n2\n" },
		{ { "a", "open", "b" }, "<a>1\n2\n<open>3\n~<b>4\n" },
		{ { "empty", "a", "empty" }, "<a>1\n2\n" },
		{ { "gone", "a" },
		  "<ERROR: cannot open gone: No such file or directory>\n<a>1\n2\n" },
		{ { "a", "folder", "b" },
		  "<a>1\n2\n<ERROR: cannot read folder: it is a directory (name the files in it: "
		  "folder/*)>\n<b>4\n" },
		{ { "open", "gz", "b" }, "<open>3\n~<gz>5\n6\n~<b>4\n" },
		{ { "long", "b" }, "<long><long>\n<b>4\n" },
		{ { "longgz", "a" },
		  "<longgz><long>\n<ERROR: longgz: the compressed data end too early>\n<a>1\n2\n" },
	};
	struct buf log = { 0 };

	(void)state;
	feed_file("a", "w", SLICE("1\n2\n"));
	feed_file("b", "w", SLICE("4\n"));
	feed_file("open", "w", SLICE("3"));
	feed_file("empty", "w", SLICE(""));
	feed_file("long", "w", SLICE(FORTY FORTY));
	feed_run("mkdir folder; printf '5\\n6' | gzip >gz");
	/* a long line, and an end too early inside it */
	feed_run("head -c 400000 /dev/urandom | tr '\\n' ' ' | gzip | head -c 300000 >longgz");
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = 0;

		while (n < 6 && rows[i].names[n])
			n++;
		buf_clear(&log);
		feed_all(open_names(rows[i].names, n), &log);
		assert_slice(rows[i].log, buf_slice(&log), slice_from(rows[i].log));
	}
	buf_free(&log);
}

static void test_next__of_lines_longer_than_the_buffer(void **state)
{
	const char *const names[] = { "big" };
	const struct reader_opts large = { .max_line = (size_t)5 << 20 };
	size_t n = (size_t)5 << 20;
	struct lines l;
	struct slice lines;
	struct err e;

	(void)state;
	feed_run("(head -c 5242880 /dev/zero | tr '\\0' x; echo; echo short; head -c 12000000 "
	         "/dev/zero | tr '\\0' y; echo; printf end) >big");
	l = reader_new(names, 1, &large);
	assert_int_equal(l.ops->next(l.self, false, -1, &lines, &e), GOT_LINES);
	assert_true(lines.n == n + 7 && lines.p[0] == 'x' && lines.p[n - 1] == 'x');
	assert_memory_equal(lines.p + n, "\nshort\n", 7);
	/* the next one is over the limit: it is passed over */
	assert_int_equal(l.ops->next(l.self, false, -1, &lines, &e), GOT_LONG);
	assert_int_equal(lines.p[0], 'y');
	assert_int_equal(l.ops->next(l.self, false, -1, &lines, &e), GOT_LINES);
	assert_slice("end", lines, SLICE("end\n"));
	assert_false(l.ops->terminated(l.self));
	assert_int_equal(l.ops->next(l.self, false, -1, &lines, &e), GOT_END);
	assert_int_equal(l.ops->consumed(l.self), n + 1 + 6 + 12000000 + 1 + 3);
	assert_int_equal(l.ops->size(l.self), l.ops->consumed(l.self));
	l.ops->free(l.self);
}

static void test_next__ticks_once_before_it_waits(void **state)
{
	struct lines l = open_names(NULL, 0);
	struct slice lines;
	struct err e;
	int fd = pipe_stdin();
	pid_t pid;

	(void)state;
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_TICK);
	feed_write(fd, "a\n", 2);
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_LINES);
	/* told once, it waits the next time */
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_TICK);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(write(fd, "b\n", 2) != 2);
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_LINES);
	assert_slice("b", lines, SLICE("b\n"));
	waitpid(pid, NULL, 0);
	/* a wait that is over is a tick too, asked for or not */
	assert_int_equal(l.ops->next(l.self, false, 0, &lines, &e), GOT_TICK);
	assert_int_equal(l.ops->next(l.self, false, 1, &lines, &e), GOT_TICK);
	/* and something may have been written since: told again */
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_TICK);
	close(fd);
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_END);
	assert_int_equal(l.ops->size(l.self), 0); /* a pipe's is not known */
	assert_int_equal(l.ops->consumed(l.self), 4);
	l.ops->free(l.self);
}

static void test_next__of_a_file_never_ticks(void **state)
{
	const char *const names[] = { "a", "b" };
	struct lines l = open_names(names, 2);
	struct slice lines;
	struct err e;

	(void)state;
	feed_file("a", "w", SLICE("1\n"));
	feed_run("printf 2 | gzip >b");
	assert_int_equal(l.ops->next(l.self, true, 0, &lines, &e), GOT_LINES);
	assert_int_equal(l.ops->next(l.self, true, 0, &lines, &e), GOT_LINES);
	assert_int_equal(l.ops->next(l.self, true, 0, &lines, &e), GOT_END);
	assert_int_equal(l.ops->next(l.self, true, 0, &lines, &e), GOT_END);
	assert_int_equal(l.ops->consumed(l.self), l.ops->size(l.self)); /* as they are stored */
	assert_true(l.ops->size(l.self) > 20);
	l.ops->free(l.self);
}

static void test_next__binary_gives_whatever_was_read(void **state)
{
	const struct reader_opts binary = { .binary = true };
	struct lines l = reader_new(NULL, 0, &binary);
	struct slice lines;
	struct err e;
	int fd = pipe_stdin();

	(void)state;
	feed_write(fd, "a\nb", 3);
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_LINES);
	assert_slice("first", lines, SLICE("a\nb"));
	feed_write(fd, "c", 1);
	close(fd);
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_LINES);
	assert_slice("second", lines, SLICE("c"));
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_END);
	l.ops->free(l.self);
}

/* The next of the offsets that CONTEXT holds; below 0 it fails. */
static int64_t begin_next(void *context, int fd, bool *binary)
{
	const int64_t **next = context;

	(void)binary;
	assert_true(fd > 2);
	errno = EIO;
	return *(*next)++;
}

static void test_next__begins_within_files(void **state)
{
	static const char *const names[] = { "1", "2", "3" };
	static const int64_t offsets[] = { 8994, -1, 9000 };
	const int64_t *next = offsets;
	const struct reader_opts within = { .max_line = FEED_MAX,
		                            .begin = begin_next,
		                            .context = &next };
	struct lines l = reader_new(names, COUNT(names), &within);
	struct buf log = { 0 }, text = { 0 };
	struct slice lines;
	struct err e;

	(void)state;
	err_clear(&e);
	for (int i = 0; i < 3000; i++)
		buf_adds(&text, "ab\n");
	for (size_t i = 0; i < COUNT(names); i++)
		feed_file(names[i], "w", buf_slice(&text));
	assert_int_equal(l.ops->next(l.self, false, 0, &lines, &e), GOT_LINES);
	assert_slice("lines", lines, SLICE("ab\nab\n"));
	assert_true(l.ops->is_first(l.self));
	assert_int_equal(l.ops->place(l.self, lines.p, 1).offset, 8994);
	assert_int_equal(l.ops->place(l.self, lines.p + 3, 2).offset, 8997);
	/* the last begins at its end: nothing comes of it */
	feed_all(l, &log);
	assert_slice("the others", buf_slice(&log),
	             SLICE("<ERROR: cannot read 2: Input/output error>\n"));
	buf_free(&log);
	buf_free(&text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_next__gives_the_same_lines_for_every_cut),
		TEST(test_next__unpacks_for_every_cut),
		TEST(test_next__raw_leaves_what_is_compressed),
		TEST(test_next__says_where_compressed_data_end_too_early),
		TEST(test_next__unpacks_all_there_is_before_it_waits),
		TEST(test_next__goes_through_several_files),
		TEST(test_next__of_lines_longer_than_the_buffer),
		TEST(test_next__ticks_once_before_it_waits),
		TEST(test_next__of_a_file_never_ticks),
		TEST(test_next__begins_within_files),
		TEST(test_next__binary_gives_whatever_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
