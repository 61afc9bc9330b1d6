/* last.h: the last lines and those from a certain one on, as tail has them. */
#include "feed.h"

#include "stream/last.h"

static void check(const char *label, const char *const *names, size_t count, struct last_opts opts,
                  const char *expected)
{
	struct buf log = { 0 };

	opts.max_line = FEED_MAX;
	feed_all(last_new(names, count, &opts), &log);
	assert_slice(label, buf_slice(&log), slice_from(expected));
	buf_free(&log);
}

static void make_files(void)
{
	feed_file("five", "w", SLICE("1\n2\n3\n4\n5\n"));
	feed_file("open", "w", SLICE("a\nb"));
	feed_file("empty", "w", SLICE(""));
	feed_file("csv", "w", SLICE("h\n1\n2\n3\n"));
	feed_file("head", "w", SLICE("h\n"));
	feed_file("long", "w", SLICE("1234567890123456789012345678901234567890x\n2\n3\n"));
}

static void test_last__of_files(void **state)
{
	static const struct {
		const char *label, *names[4];
		struct last_opts opts;
		const char *log;
	} rows[] = {
		{ "the last 2",
		  { "five" },
		  { .start = { .kind = START_LAST_LINES, .count = 2 } },
		  "<five>4\n5\n" },
		{ "all there are",
		  { "five" },
		  { .start = { .kind = START_LAST_LINES, .count = 5 } },
		  "<five>1\n2\n3\n4\n5\n" },
		{ "more than there are",
		  { "five" },
		  { .start = { .kind = START_LAST_LINES, .count = 9 } },
		  "<five>1\n2\n3\n4\n5\n" },
		{ "none", { "five" }, { .start = { .kind = START_LAST_LINES, .count = 0 } }, "" },
		{ "without newline",
		  { "open" },
		  { .start = { .kind = START_LAST_LINES, .count = 1 } },
		  "<open>b\n~" },
		{ "of nothing",
		  { "empty" },
		  { .start = { .kind = START_LAST_LINES, .count = 1 } },
		  "" },
		{ "of each",
		  { "five", "open" },
		  { .start = { .kind = START_LAST_LINES, .count = 1 } },
		  "<five>5\n<open>b\n~" },
		{ "of each, the first open",
		  { "open", "five" },
		  { .start = { .kind = START_LAST_LINES, .count = 1 } },
		  "<open>b\n~<five>5\n" },
		{ "of each, one empty",
		  { "open", "empty", "five" },
		  { .start = { .kind = START_LAST_LINES, .count = 2 } },
		  "<open>a\nb\n~<five>4\n5\n" },
		{ "one missing",
		  { "five", "gone", "open" },
		  { .start = { .kind = START_LAST_LINES, .count = 1 } },
		  "<ERROR: cannot open gone: No such file or directory>\n<five>5\n<open>b\n~" },
		{ "with header",
		  { "csv" },
		  { .start = { .kind = START_LAST_LINES, .count = 1 }, .header = true },
		  "<csv>h\n3\n" },
		{ "with header, all",
		  { "csv" },
		  { .start = { .kind = START_LAST_LINES, .count = 9 }, .header = true },
		  "<csv>h\n1\n2\n3\n" },
		{ "the header alone",
		  { "csv" },
		  { .start = { .kind = START_LAST_LINES, .count = 0 }, .header = true },
		  "<csv>h\n" },
		{ "headers",
		  { "csv", "head" },
		  { .start = { .kind = START_LAST_LINES, .count = 1 }, .header = true },
		  "<csv>h\n3\n<head>h\n" },
		{ "from 1",
		  { "five" },
		  { .start = { .kind = START_FROM_LINE, .count = 1 } },
		  "<five>1\n2\n3\n4\n5\n" },
		{ "from 0",
		  { "five" },
		  { .start = { .kind = START_FROM_LINE, .count = 0 } },
		  "<five>1\n2\n3\n4\n5\n" },
		{ "from 4",
		  { "five" },
		  { .start = { .kind = START_FROM_LINE, .count = 4 } },
		  "<five>4\n5\n" },
		{ "from behind the end",
		  { "five" },
		  { .start = { .kind = START_FROM_LINE, .count = 6 } },
		  "" },
		{ "from 2 of each",
		  { "five", "open", "empty" },
		  { .start = { .kind = START_FROM_LINE, .count = 2 } },
		  "<five>2\n3\n4\n5\n<open>b\n~" },
		{ "from 2, the first too long",
		  { "long", "five" },
		  { .start = { .kind = START_FROM_LINE, .count = 2 } },
		  "<long>2\n3\n<five>2\n3\n4\n5\n" },
		{ "from 3, header",
		  { "csv" },
		  { .start = { .kind = START_FROM_LINE, .count = 3 }, .header = true },
		  "<csv>h\n2\n3\n" },
		{ "from 1, header",
		  { "csv" },
		  { .start = { .kind = START_FROM_LINE, .count = 1 }, .header = true },
		  "<csv>h\n1\n2\n3\n" },
		{ "too long, among the last",
		  { "long" },
		  { .start = { .kind = START_LAST_LINES, .count = 3 } },
		  "<long><long>\n2\n3\n" },
		{ "too long, before the last",
		  { "five", "long" },
		  { .start = { .kind = START_LAST_LINES, .count = 2 } },
		  "<five>4\n5\n<long>2\n3\n" },
		{ "too long a header",
		  { "long" },
		  { .start = { .kind = START_LAST_LINES, .count = 1 }, .header = true },
		  "<long><long>\n3\n" },
		{ "bytes",
		  { "five" },
		  { .start = { .kind = START_LAST_BYTES, .count = 3 } },
		  "<five>\n5\n" },
		{ "bytes of each, one open, one empty",
		  { "open", "empty", "five" },
		  { .start = { .kind = START_LAST_BYTES, .count = 2 } },
		  "<open>\nb\n~<five>5\n" },
		{ "no bytes",
		  { "five" },
		  { .start = { .kind = START_LAST_BYTES, .count = 0 } },
		  "" },
		{ "bytes, with header",
		  { "csv", "head" },
		  { .start = { .kind = START_LAST_BYTES, .count = 3 }, .header = true },
		  "<csv>h\n\n3\n<head>h\n" },
		{ "from a byte of each",
		  { "five", "open", "empty" },
		  { .start = { .kind = START_FROM_BYTE, .count = 3 } },
		  "<five>2\n3\n4\n5\n<open>b\n~" },
		{ "from a byte, header",
		  { "csv" },
		  { .start = { .kind = START_FROM_BYTE, .count = 6 }, .header = true },
		  "<csv>h\n\n3\n" },
		{ "from 9, header",
		  { "csv", "head" },
		  { .start = { .kind = START_FROM_LINE, .count = 9 }, .header = true },
		  "<csv>h\n<head>h\n" },
	};

	(void)state;
	make_files();
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = 0;

		while (n < 4 && rows[i].names[n])
			n++;
		check(rows[i].label, rows[i].names, n, rows[i].opts, rows[i].log);
	}
}

/* However stdin comes: in two parts cut anywhere, with ticks between. */
static void test_last__gives_the_same_lines_for_every_cut(void **state)
{
	static const struct {
		struct last_opts opts;
		const char *log;
	} rows[] = {
		{ { .start = { .kind = START_LAST_LINES, .count = 2 } }, "<stdin>four\nfive\n~" },
		{ { .start = { .kind = START_LAST_LINES, .count = 2 }, .header = true },
		  "<stdin>one\nfour\nfive\n~" },
		{ { .start = { .kind = START_FROM_LINE, .count = 3 } },
		  "<stdin>three\nfour\nfive\n~" },
		{ { .start = { .kind = START_FROM_LINE, .count = 3 }, .header = true },
		  "<stdin>one\nthree\nfour\nfive\n~" },
		{ { .start = { .kind = START_LAST_BYTES, .count = 7 } }, "<stdin>ur\nfive\n~" },
		{ { .start = { .kind = START_LAST_BYTES, .count = 5 } }, "<stdin>\nfive\n~" },
		{ { .start = { .kind = START_LAST_BYTES, .count = 99 } },
		  "<stdin>one\ntwo\nthree\nfour\nfive\n~" },
		{ { .start = { .kind = START_LAST_BYTES, .count = 7 }, .header = true },
		  "<stdin>one\nur\nfive\n~" },
		{ { .start = { .kind = START_FROM_BYTE, .count = 11 } },
		  "<stdin>ree\nfour\nfive\n~" },
		{ { .start = { .kind = START_FROM_BYTE, .count = 23 } }, "<stdin>e\n~" },
		{ { .start = { .kind = START_FROM_BYTE, .count = 24 } }, "" },
		{ { .start = { .kind = START_FROM_BYTE, .count = 11 }, .header = true },
		  "<stdin>one\nree\nfour\nfive\n~" },
	};
	struct slice text = SLICE("one\ntwo\nthree\nfour\nfive");
	char label[32];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t cut = 0; cut <= text.n; cut++) {
			struct last_opts opts = rows[i].opts;
			struct lines l;
			struct buf log = { 0 };
			int fd[2];

			opts.max_line = FEED_MAX;
			l = last_new(NULL, 0, &opts);
			assert_int_equal(pipe(fd), 0);
			assert_int_equal(dup2(fd[0], 0), 0);
			close(fd[0]);
			feed_write(fd[1], text.p, cut);
			feed_read(l, &log);
			feed_write(fd[1], text.p + cut, text.n - cut);
			close(fd[1]);
			feed_all(l, &log);
			snprintf(label, sizeof label, "row %zu, cut at %zu", i, cut);
			assert_slice(label, buf_slice(&log), slice_from(rows[i].log));
			buf_free(&log);
		}
}

/* What COMMAND prints, as feed_all() logs it for the input NAME. */
static void expect(const char *command, const char *name, struct buf *log)
{
	FILE *f = popen(command, "r");
	size_t n;

	assert_non_null(f);
	buf_addf(log, "<%s>", name);
	n = fread(buf_room(log, 1 << 20), 1, 1 << 20, f);
	pclose(f);
	log->n += n;
	if (n == 0)
		buf_clear(log);
	else if (log->p[log->n - 1] != '\n')
		buf_adds(log, "\n~");
}

/* Beside tail, over sizes that cross the buffers; as a file, where it is sought, and as a pipe. */
static void test_last__agrees_with_tail(void **state)
{
	static const char *const names[] = { "big", "fifo" };
	static const uint64_t counts[] = { 0,     1,     2,     10,    99,    5000,
		                           20000, 39999, 40000, 40001, 90000, 300000 };
	static const struct {
		const char *option;
		enum start_kind kind;
	} kinds[] = { { "-n ", START_LAST_LINES },
		      { "-n +", START_FROM_LINE },
		      { "-c ", START_LAST_BYTES },
		      { "-c +", START_FROM_BYTE } };
	char command[64];

	(void)state;
	feed_run("mkfifo fifo");
	for (size_t k = 0; k < 4 * COUNT(kinds); k++)
		for (size_t i = 0; i < COUNT(counts); i++) {
			bool unended = k & 1, piped = k & 2;
			struct last_opts opts = { .start = { .kind = kinds[k / 4].kind,
				                             .count = counts[i] },
				                  .max_line = FEED_MAX };
			struct buf log = { 0 }, expected = { 0 };

			feed_run(unended ? "seq 39999 >big; printf end >>big" : "seq 40000 >big");
			if (piped)
				feed_run("cat big >fifo &");
			snprintf(command, sizeof command, "tail %s%d big", kinds[k / 4].option,
			         (int)counts[i]);
			expect(command, names[piped], &expected);
			feed_all(last_new(&names[piped], 1, &opts), &log);
			assert_row(command, slice_same(buf_slice(&log), buf_slice(&expected)));
			buf_free(&log);
			buf_free(&expected);
		}
}

/* Of a file no more is read than is given; nothing is held of a long one. */
static void test_last__begins_in_a_file(void **state)
{
	static const char *const names[] = { "sparse", "five" };
	struct last_opts opts = { .start = { .kind = START_LAST_LINES, .count = 2 },
		                  .max_line = FEED_MAX };
	struct slice lines;
	struct lines l;
	struct err e;

	(void)state;
	make_files();
	feed_run("truncate -s 1T sparse; printf '\\n1\\n2\\n' >>sparse");
	l = last_new(names, 2, &opts);
	assert_int_equal(l.ops->next(l.self, false, 0, &lines, &e), GOT_LINES);
	assert_slice("the last of it", lines, SLICE("1\n2\n"));
	assert_int_equal(l.ops->place(l.self, lines.p + 2, 2).offset, (INT64_C(1) << 40) + 3);
	assert_int_equal(l.ops->consumed(l.self), 4);
	assert_int_equal(l.ops->next(l.self, false, 0, &lines, &e), GOT_LINES);
	assert_slice("the next", lines, SLICE("4\n5\n"));
	assert_int_equal(l.ops->place(l.self, lines.p, 1).offset, 6);
	assert_string_equal(l.ops->name(l.self), "five");
	assert_int_equal(l.ops->next(l.self, false, 0, &lines, &e), GOT_END);
	l.ops->free(l.self);
}

/* Where lines stand in their input, also where they are copies. */
static void test_last__knows_places(void **state)
{
	static const struct {
		const char *label;
		struct last_opts opts;
		uint64_t offset[4]; /* of each line that comes */
		size_t lines;
	} rows[] = {
		{ "the last", { .start = { .kind = START_LAST_LINES, .count = 2 } }, { 4, 6 }, 2 },
		{ "with header",
		  { .start = { .kind = START_LAST_LINES, .count = 2 }, .header = true },
		  { 0, 4, 6 },
		  3 },
		{ "bytes", { .start = { .kind = START_LAST_BYTES, .count = 3 } }, { 5, 6 }, 2 },
		{ "bytes with header",
		  { .start = { .kind = START_LAST_BYTES, .count = 3 }, .header = true },
		  { 0, 5, 6 },
		  3 },
		{ "from", { .start = { .kind = START_FROM_LINE, .count = 3 } }, { 4, 6 }, 2 },
		{ "from a byte",
		  { .start = { .kind = START_FROM_BYTE, .count = 6 } },
		  { 5, 6 },
		  2 },
		{ "from a byte with header",
		  { .start = { .kind = START_FROM_BYTE, .count = 6 }, .header = true },
		  { 0, 5, 6 },
		  3 },
	};
	static const char *const names[] = { "csv", "fifo" };

	(void)state;
	make_files();
	feed_run("mkfifo fifo");
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		struct last_opts opts = rows[i / 2].opts;
		struct slice lines;
		struct lines l;
		struct err e;
		const char *p;

		opts.max_line = FEED_MAX;
		if (i & 1)
			feed_run("cat csv >fifo &");
		l = last_new(&names[i & 1], 1, &opts);
		assert_int_equal(l.ops->next(l.self, false, -1, &lines, &e), GOT_LINES);
		p = lines.p;
		for (size_t k = 0; k < rows[i / 2].lines; k++) {
			assert_row(rows[i / 2].label,
			           l.ops->place(l.self, p, k + 1).offset == rows[i / 2].offset[k]);
			p = (const char *)memchr(p, '\n', lines.n) + 1;
		}
		assert_ptr_equal(p, lines.p + lines.n);
		/* to the end, so that who writes to the FIFO has left it */
		assert_int_equal(l.ops->next(l.self, false, -1, &lines, &e), GOT_END);
		l.ops->free(l.self);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_last__of_files),
		TEST(test_last__gives_the_same_lines_for_every_cut),
		TEST(test_last__agrees_with_tail),
		TEST(test_last__begins_in_a_file),
		TEST(test_last__knows_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
