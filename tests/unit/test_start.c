/* start.h: what -n and -c take, and where that is in a file. */
#include "feed.h"

#include "stream/start.h"

static void test_parse__takes_what_tail_takes(void **state)
{
	static const struct {
		const char *text;
		enum start_kind lines, bytes;
		uint64_t count;
	} rows[] = {
#define LAST START_LAST_LINES, START_LAST_BYTES
#define FROM START_FROM_LINE, START_FROM_BYTE
		{ "10", LAST, 10 },
		{ "-10", LAST, 10 },
		{ "+10", FROM, 10 },
		{ "0", LAST, 0 },
		{ "+0", FROM, 0 },
		{ "010", LAST, 10 },
		{ "1b", LAST, 512 },
		{ "b", LAST, 512 },
		{ "+2k", FROM, 2048 },
		{ "2K", LAST, 2048 },
		{ "-2KiB", LAST, 2048 },
		{ "2Ki", LAST, 2048 },
		{ "2kB", LAST, 2000 },
		{ "2KB", LAST, 2000 },
		{ "1M", LAST, 1048576 },
		{ "1m", LAST, 1048576 },
		{ "1MB", LAST, 1000000 },
		{ "3G", LAST, UINT64_C(3221225472) },
		{ "3GB", LAST, UINT64_C(3000000000) },
		{ "1T", LAST, UINT64_C(1099511627776) },
		{ "1PB", LAST, UINT64_C(1000000000000000) },
		{ "15E", LAST, UINT64_C(17293822569102704640) },
		{ "18446744073709551615", LAST, UINT64_MAX },
	};
	static const char *const bad[] = { "",    "+",
		                           "-",   "x",
		                           "--1", "+-1",
		                           "-+1", "1.5",
		                           " 1",  "1 ",
		                           "0x1", "1kk",
		                           "1bB", "1kBB",
		                           "1iB", "1KiBx",
		                           "1g",  "1t",
		                           "16E", "17EB0",
		                           "1e3", "18446744073709551616" };
	struct start s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].text, start_parse(rows[i].text, false, &s) == 0);
		assert_row(rows[i].text, s.kind == rows[i].lines && s.count == rows[i].count);
		assert_row(rows[i].text, start_parse(rows[i].text, true, &s) == 0);
		assert_row(rows[i].text, s.kind == rows[i].bytes && s.count == rows[i].count);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_row(bad[i], start_parse(bad[i], false, &s) == -1);
}

static int64_t offset_in(const char *file, struct start s)
{
	int fd = open(file, O_RDONLY);
	int64_t at = start_offset(fd, &s);

	close(fd);
	return at;
}

static void test_offset__of_small_files(void **state)
{
	static const struct {
		const char *label, *text;
		struct start start;
		int64_t at;
	} rows[] = {
		{ "all", "1\n2\n3\n", { .kind = START_ALL, .count = 0 }, 0 },
		{ "the last 2", "1\n2\n3\n", { .kind = START_LAST_LINES, .count = 2 }, 2 },
		{ "the last 3", "1\n2\n3\n", { .kind = START_LAST_LINES, .count = 3 }, 0 },
		{ "the last 4", "1\n2\n3\n", { .kind = START_LAST_LINES, .count = 4 }, 0 },
		{ "the last 0", "1\n2\n3\n", { .kind = START_LAST_LINES, .count = 0 }, 6 },
		{ "an open line is the last",
		  "1\n2\n3",
		  { .kind = START_LAST_LINES, .count = 1 },
		  4 },
		{ "empty lines", "\n\n\n", { .kind = START_LAST_LINES, .count = 2 }, 1 },
		{ "from 0", "1\n2\n3\n", { .kind = START_FROM_LINE, .count = 0 }, 0 },
		{ "from 1", "1\n2\n3\n", { .kind = START_FROM_LINE, .count = 1 }, 0 },
		{ "from 3", "1\n2\n3\n", { .kind = START_FROM_LINE, .count = 3 }, 4 },
		{ "from the next one", "1\n2\n3\n", { .kind = START_FROM_LINE, .count = 4 }, 6 },
		{ "from beyond the end", "1\n2\n3\n", { .kind = START_FROM_LINE, .count = 9 }, 6 },
		{ "from behind an open line", "1\n2", { .kind = START_FROM_LINE, .count = 3 }, 3 },
		{ "the last byte", "1\n2\n3\n", { .kind = START_LAST_BYTES, .count = 1 }, 5 },
		{ "the last 0 bytes", "1\n2\n3\n", { .kind = START_LAST_BYTES, .count = 0 }, 6 },
		{ "as many bytes", "1\n2\n3\n", { .kind = START_LAST_BYTES, .count = 6 }, 0 },
		{ "more bytes", "1\n2\n3\n", { .kind = START_LAST_BYTES, .count = UINT64_MAX }, 0 },
		{ "from byte 0", "1\n2\n3\n", { .kind = START_FROM_BYTE, .count = 0 }, 0 },
		{ "from byte 1", "1\n2\n3\n", { .kind = START_FROM_BYTE, .count = 1 }, 0 },
		{ "from byte 6", "1\n2\n3\n", { .kind = START_FROM_BYTE, .count = 6 }, 5 },
		{ "from byte 7", "1\n2\n3\n", { .kind = START_FROM_BYTE, .count = 7 }, 6 },
		{ "from a byte far away",
		  "1\n2\n3\n",
		  { .kind = START_FROM_BYTE, .count = UINT64_MAX },
		  6 },
		{ "the last of nothing", "", { .kind = START_LAST_LINES, .count = 3 }, 0 },
		{ "from in nothing", "", { .kind = START_FROM_LINE, .count = 3 }, 0 },
		{ "bytes of nothing", "", { .kind = START_LAST_BYTES, .count = 3 }, 0 },
		{ "from a byte in nothing", "", { .kind = START_FROM_BYTE, .count = 3 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		feed_file("f", "w", slice_from(rows[i].text));
		assert_row(rows[i].label, offset_in("f", rows[i].start) == rows[i].at);
	}
}

/* Bytes that tail gives. */
static int64_t tail_gives(const char *options, const char *file)
{
	char command[64];
	long long n = -1;
	FILE *f;

	snprintf(command, sizeof command, "tail %s %s | wc -c", options, file);
	f = popen(command, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lld", &n), 1);
	pclose(f);
	return n;
}

/* Beside tail, over sizes that cross the blocks that are read. */
static void test_offset__agrees_with_tail(void **state)
{
	static const int counts[] = {
		0, 1, 2, 10, 5000, 20000, 39999, 40000, 40001, 65536, 300000
	};
	static const struct {
		const char *option;
		enum start_kind kind;
	} kinds[] = { { "-n ", START_LAST_LINES },
		      { "-n +", START_FROM_LINE },
		      { "-c ", START_LAST_BYTES },
		      { "-c +", START_FROM_BYTE } };
	char options[32];
	struct stat st;

	(void)state;
	for (int open_line = 0; open_line < 2; open_line++) {
		feed_run(open_line ? "seq 39999 >big; printf end >>big" : "seq 40000 >big");
		assert_int_equal(stat("big", &st), 0);
		for (size_t k = 0; k < COUNT(kinds); k++)
			for (size_t i = 0; i < COUNT(counts); i++) {
				struct start s = { .kind = kinds[k].kind,
					           .count = (uint64_t)counts[i] };

				snprintf(options, sizeof options, "%s%d", kinds[k].option,
				         counts[i]);
				assert_row(options, st.st_size - offset_in("big", s) ==
				                            tail_gives(options, "big"));
			}
	}
}

/* Lines whose ends lie at and beside the blocks' borders. */
static void test_offset__finds_lines_at_the_borders_of_blocks(void **state)
{
	enum { BLOCK = 64 << 10, BLOCKS = 3 };
	static char text[BLOCKS * BLOCK + 1];

	(void)state;
	for (int shift = -1; shift <= 1; shift++) {
		size_t n = (size_t)(BLOCKS * BLOCK + (shift > 0));

		memset(text, 'x', n);
		text[BLOCK + shift] = text[n - 1] = '\n';
		feed_file("f", "w", (struct slice){ text, n });
		assert_int_equal(
			offset_in("f", (struct start){ .kind = START_LAST_LINES, .count = 1 }),
			BLOCK + shift + 1);
		assert_int_equal(
			offset_in("f", (struct start){ .kind = START_FROM_LINE, .count = 2 }),
			BLOCK + shift + 1);
		/* the same seen from the end */
		memset(text, 'x', n);
		text[n - BLOCK - 1 + (size_t)shift] = '\n';
		feed_file("f", "w", (struct slice){ text, n });
		assert_int_equal(
			offset_in("f", (struct start){ .kind = START_LAST_LINES, .count = 1 }),
			(int64_t)n - BLOCK + shift);
	}
}

static void test_offset__says_what_cannot_be_read(void **state)
{
	struct start last = { .kind = START_LAST_LINES, .count = 1 },
		     from = { .kind = START_FROM_LINE, .count = 2 };

	(void)state;
	assert_int_equal(start_offset(-1, &last), -1);
	feed_run("mkdir d; touch d/a d/b d/c");
	assert_int_equal(offset_in("d", from), -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__takes_what_tail_takes),
		TEST(test_offset__of_small_files),
		TEST(test_offset__agrees_with_tail),
		TEST(test_offset__finds_lines_at_the_borders_of_blocks),
		TEST(test_offset__says_what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
