/* last.h: the last lines and those from a certain one on, as tail has them. */
#include "feed.h"

#include "io/reader.h"
#include "stream/last.h"

static const struct reader_opts reader = { .max_line = FEED_MAX };

static void check(const char *label, const char *const *names, size_t count,
                  const struct last_opts *opts, const char *expected)
{
	struct buf log = { 0 };

	feed_all(last_new(reader_new(names, count, &reader), opts), &log);
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
		{ "the last 2", { "five" }, { .start = { START_LAST_LINES, 2 } }, "<five>4\n5\n" },
		{ "all there are",
		  { "five" },
		  { .start = { START_LAST_LINES, 5 } },
		  "<five>1\n2\n3\n4\n5\n" },
		{ "more than there are",
		  { "five" },
		  { .start = { START_LAST_LINES, 9 } },
		  "<five>1\n2\n3\n4\n5\n" },
		{ "none", { "five" }, { .start = { START_LAST_LINES, 0 } }, "" },
		{ "without newline",
		  { "open" },
		  { .start = { START_LAST_LINES, 1 } },
		  "<open>b\n~" },
		{ "of nothing", { "empty" }, { .start = { START_LAST_LINES, 1 } }, "" },
		{ "of each",
		  { "five", "open" },
		  { .start = { START_LAST_LINES, 1 } },
		  "<five>5\n<open>b\n~" },
		{ "of each, the first open",
		  { "open", "five" },
		  { .start = { START_LAST_LINES, 1 } },
		  "<open>b\n~<five>5\n" },
		{ "of each, one empty",
		  { "open", "empty", "five" },
		  { .start = { START_LAST_LINES, 2 } },
		  "<open>a\nb\n~<five>4\n5\n" },
		{ "one missing",
		  { "five", "gone", "open" },
		  { .start = { START_LAST_LINES, 1 } },
		  "<ERROR: cannot open gone: No such file or directory>\n<five>5\n<open>b\n~" },
		{ "with header",
		  { "csv" },
		  { .start = { START_LAST_LINES, 1 }, .header = true },
		  "<csv>h\n3\n" },
		{ "with header, all",
		  { "csv" },
		  { .start = { START_LAST_LINES, 9 }, .header = true },
		  "<csv>h\n1\n2\n3\n" },
		{ "the header alone",
		  { "csv" },
		  { .start = { START_LAST_LINES, 0 }, .header = true },
		  "<csv>h\n" },
		{ "headers",
		  { "csv", "head" },
		  { .start = { START_LAST_LINES, 1 }, .header = true },
		  "<csv>h\n3\n<head>h\n" },
		{ "from 1",
		  { "five" },
		  { .start = { START_FROM_LINE, 1 } },
		  "<five>1\n2\n3\n4\n5\n" },
		{ "from 0",
		  { "five" },
		  { .start = { START_FROM_LINE, 0 } },
		  "<five>1\n2\n3\n4\n5\n" },
		{ "from 4", { "five" }, { .start = { START_FROM_LINE, 4 } }, "<five>4\n5\n" },
		{ "from behind the end", { "five" }, { .start = { START_FROM_LINE, 6 } }, "" },
		{ "from 2 of each",
		  { "five", "open", "empty" },
		  { .start = { START_FROM_LINE, 2 } },
		  "<five>2\n3\n4\n5\n<open>b\n~" },
		{ "from 2, the first too long",
		  { "long", "five" },
		  { .start = { START_FROM_LINE, 2 } },
		  "<long>2\n3\n<five>2\n3\n4\n5\n" },
		{ "from 3, header",
		  { "csv" },
		  { .start = { START_FROM_LINE, 3 }, .header = true },
		  "<csv>h\n2\n3\n" },
		{ "from 1, header",
		  { "csv" },
		  { .start = { START_FROM_LINE, 1 }, .header = true },
		  "<csv>h\n1\n2\n3\n" },
		{ "from 9, header",
		  { "csv", "head" },
		  { .start = { START_FROM_LINE, 9 }, .header = true },
		  "<csv>h\n<head>h\n" },
	};

	(void)state;
	make_files();
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = 0;

		while (n < 4 && rows[i].names[n])
			n++;
		check(rows[i].label, rows[i].names, n, &rows[i].opts, rows[i].log);
	}
}

/* However stdin comes: in two parts cut anywhere, with ticks between. */
static void test_last__gives_the_same_lines_for_every_cut(void **state)
{
	static const struct {
		struct last_opts opts;
		const char *log;
	} rows[] = {
		{ { .start = { START_LAST_LINES, 2 } }, "<stdin>four\nfive\n~" },
		{ { .start = { START_LAST_LINES, 2 }, .header = true },
		  "<stdin>one\nfour\nfive\n~" },
		{ { .start = { START_FROM_LINE, 3 } }, "<stdin>three\nfour\nfive\n~" },
		{ { .start = { START_FROM_LINE, 3 }, .header = true },
		  "<stdin>one\nthree\nfour\nfive\n~" },
	};
	struct slice text = SLICE("one\ntwo\nthree\nfour\nfive");
	char label[32];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t cut = 0; cut <= text.n; cut++) {
			struct lines l = last_new(reader_new(NULL, 0, &reader), &rows[i].opts);
			struct buf log = { 0 };
			int fd[2];

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

/* Beside tail, over sizes that cross the blocks that are read. */
static void test_last__agrees_with_tail(void **state)
{
	static const char *const names[] = { "big" };
	static const uint64_t counts[] = { 0, 1, 2, 10, 99, 5000, 20000, 39999, 40000, 40001 };
	char command[64];

	(void)state;
	for (int unended = 0; unended < 2; unended++)
		for (size_t i = 0; i < COUNT(counts); i++) {
			struct last_opts opts = { .start = { START_LAST_LINES, counts[i] } };
			struct buf log = { 0 }, expected = { 0 };
			struct lines l = last_new(reader_new(names, 1, &reader), &opts);
			FILE *f;

			feed_run(unended ? "seq 39999 >big; printf end >>big" : "seq 40000 >big");
			snprintf(command, sizeof command, "tail -n %d big", (int)counts[i]);
			f = popen(command, "r");
			assert_non_null(f);
			if (counts[i])
				buf_adds(&expected, "<big>");
			expected.n += fread(buf_room(&expected, 1 << 20), 1, 1 << 20, f);
			pclose(f);
			if (unended && counts[i])
				buf_adds(&expected, "\n~");
			feed_all(l, &log);
			assert_row(command, slice_same(buf_slice(&log), buf_slice(&expected)));
			buf_free(&log);
			buf_free(&expected);
		}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_last__of_files),
		TEST(test_last__gives_the_same_lines_for_every_cut),
		TEST(test_last__agrees_with_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
