/* manysinks.h: records by the names of their files; few of them open at once. */
#include "sinkrig.h"

#include "stream/manysinks.h"

#include <sys/resource.h>

static void put(struct sink s, const char *name, const char *text)
{
	struct parcel p = { slice_from(text), slice_from(name), STAMP_NONE };
	struct err e = { 0 };

	if (s.ops->put(s.self, &p, &e) != SINK_TOOK)
		fail_msg("%s: %s", name, e.text);
}

/* Descriptors of files in the test's own folder. */
static int open_files(void)
{
	char from[320], to[320];
	struct dirent **d;
	int n = scandir("/proc/self/fd", &d, NULL, NULL), files = 0;

	assert_true(n >= 0);
	for (int i = 0; i < n; i++) {
		ssize_t len;

		snprintf(from, sizeof from, "/proc/self/fd/%s", d[i]->d_name);
		len = readlink(from, to, sizeof to);
		files += len > (ssize_t)strlen(feed_folder) &&
		         memcmp(to, feed_folder, strlen(feed_folder)) == 0;
		free(d[i]);
	}
	free(d);
	return files;
}

static void test_put__by_name_into_folders(void **state)
{
	struct filesink_opts o = { .tool = "tool" };
	struct sink s = manysinks_new(&o, 10);

	(void)state;
	put(s, "a", "1\n");
	put(s, "d/e/b", "2\n");
	put(s, "d//e/c", "3\n");
	put(s, "a", "4\n");
	assert_int_equal(open_files(), 3);
	assert_int_equal(s.ops->bytes(s.self), 8);
	sink_end(s);
	assert_int_equal(open_files(), 0);
	assert_names(".", "a d");
	assert_names("d/e", "b c");
	assert_file("a", "1\n4\n");
	assert_file("d/e/b", "2\n");
	assert_file("d/e/c", "3\n");
}

#define NAMES 40
#define MOST  7
#define LINES 2000

/* Beside a model that keeps all texts. */
static void check_model(struct filesink_opts o, bool keeps_old)
{
	struct buf model[NAMES] = { 0 };
	struct sink s;
	uint32_t x = 1;
	char name[16], line[16];

	o.tool = "tool";
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof name, "f%d", i);
		feed_file(name, "w", SLICE("old\n"));
		if (keeps_old)
			buf_adds(&model[i], "old\n");
	}
	s = manysinks_new(&o, MOST);
	for (int i = 0; i < LINES; i++) {
		uint32_t n;

		x = x * 1664525 + 1013904223;
		n = (x >> 16) % NAMES;
		snprintf(name, sizeof name, "f%u", n);
		snprintf(line, sizeof line, "%d\n", i);
		put(s, name, line);
		buf_adds(&model[n], line);
		assert_true(open_files() <= MOST);
	}
	sink_end(s);
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof name, "f%d", i);
		buf_addc(&model[i], '\0');
		assert_file(name, model[i].p);
		buf_free(&model[i]);
	}
}

static void test_put__few_are_open(void **state)
{
	(void)state;
	check_model((struct filesink_opts){ 0 }, false);
	check_model((struct filesink_opts){ .append = true }, true);
	check_model((struct filesink_opts){ .atomic = true, .sync = SYNC_END }, false);
}

/* The one that was used last stays open. */
static void test_put__the_one_not_used_for_longest_is_closed(void **state)
{
	struct filesink_opts o = { .tool = "tool" };
	struct sink s = manysinks_new(&o, 2);

	(void)state;
	put(s, "a", "1\n");
	put(s, "b", "2\n");
	put(s, "a", "3\n");
	put(s, "c", "4\n");
	assert_int_equal(open_files(), 2);
	feed_run("rm a b; : > b"); /* what is open does not notice */
	put(s, "a", "5\n");
	assert_int_equal(access("a", F_OK), -1);
	put(s, "b", "6\n");
	sink_end(s);
	assert_names(".", "b c");
	assert_file("b", "6\n");
}

static void test_free__gives_up_what_is_atomic(void **state)
{
	struct filesink_opts o = { .tool = "tool", .atomic = true };
	struct sink s = manysinks_new(&o, 1);

	(void)state;
	feed_file("a", "w", SLICE("old\n"));
	put(s, "a", "1\n");
	put(s, "b", "2\n");
	put(s, "c", "3\n");
	sink_give_up(s);
	assert_names(".", "a");
	assert_file("a", "old\n");
}

static void test_rotate__also_what_was_closed(void **state)
{
	struct filesink_opts o = { .tool = "tool", .rotate_count = 2, .pack = PACK_ZSTD };
	struct sink s = manysinks_new(&o, 1);

	(void)state;
	for (int i = 0; i < 3; i++) {
		put(s, "a", "a\n");
		put(s, "b", "b\nb\n");
	}
	sink_end(s);
	assert_names(".", "a a.1.zst b b.1.zst b.2.zst");
	assert_file("a.1.zst", "a\na\n");
	assert_file("a", "a\n");
	assert_file("b.2.zst", "b\nb\n");
}

static void test_put__errors(void **state)
{
	struct filesink_opts o = { .tool = "tool" };
	struct sink s = manysinks_new(&o, 2);
	static const struct {
		const char *name, *why;
	} rows[] = {
		{ "a/b", "cannot open a/b: Not a directory" },
		{ "a/b/c", "cannot make the folder a/b: Not a directory" },
		{ "d/", "cannot open d/: Is a directory" },
	};
	struct err e;

	(void)state;
	put(s, "a", "1\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct parcel p = { SLICE("x\n"), slice_from(rows[i].name), STAMP_NONE };

		assert_int_equal(s.ops->put(s.self, &p, &e), SINK_FAILED);
		assert_int_equal(e.kind, FAIL_OPEN);
		assert_string_equal(e.text, rows[i].why);
	}
	put(s, "a", "2\n");
	sink_end(s);
	assert_file("a", "1\n2\n");
}

/* Names are remembered up to a limit; where all is appended to they may be forgotten. */
static void test_within__a_limit(void **state)
{
	struct filesink_opts o = { .tool = "tool" };
	struct parcel p = { SLICE("x\n"), SLICE("c"), STAMP_NONE };
	struct sink s = manysinks_within(&o, 1, 2500); /* for two */
	struct err e;

	(void)state;
	put(s, "a", "1\n");
	put(s, "b", "2\n");
	assert_int_equal(s.ops->put(s.self, &p, &e), SINK_FAILED);
	assert_int_equal(e.kind, FAIL_LIMIT);
	assert_string_equal(e.text, "cannot open c: 2 names are all that is remembered");
	sink_give_up(s);
	o.append = true;
	s = manysinks_within(&o, 1, 2500);
	for (int i = 0; i < 3; i++) {
		put(s, "a", "a\n");
		put(s, "b", "b\n");
		put(s, "c", "c\n");
	}
	assert_int_equal(s.ops->bytes(s.self), 18);
	sink_end(s);
	assert_file("a", "1\na\na\na\n");
	assert_file("b", "2\nb\nb\nb\n");
	assert_file("c", "c\nc\nc\n");
}

static void test_put__commands_stay(void **state)
{
	struct filesink_opts o = { .tool = "tool" };
	struct sink s = manysinks_new(&o, 1);

	(void)state;
	put(s, "exec:cat >a", "1\n");
	put(s, "exec:cat >b", "2\n");
	put(s, "exec:cat >a", "3\n");
	sink_end(s);
	assert_names(".", "a b");
	assert_file("a", "1\n3\n");
	assert_file("b", "2\n");
}

/* Each is synced and rotated by the clock. */
static void test_tick__of_all(void **state)
{
	struct filesink_opts o = { .tool = "tool", .rotate_every = 50 * NS_PER_MS };
	struct sink s = manysinks_new(&o, 5);
	int64_t timeout = -1;

	(void)state;
	put(s, "a", "1\n");
	put(s, "b", "2\n");
	s.ops->wait(s.self, NULL, 0, &timeout);
	assert_true(timeout > 0 && timeout <= 50 * NS_PER_MS);
	pause_ms(60);
	sink_tick(s);
	sink_end(s);
	assert_names(".", "a a.1 b b.1");
}

/* With few descriptors fewer are open, and with none it is said. */
static void test_put__no_descriptors_left(void **state)
{
	struct filesink_opts o = { .tool = "tool", .append = true, .sync = SYNC_END };
	struct sink s = manysinks_new(&o, 200);
	struct parcel p = { SLICE("x\n"), SLICE("d/other"), STAMP_NONE };
	struct rlimit was, few;
	struct err e;
	int first = dup(0), fd[64], n = 0;

	(void)state;
	close(first);
	getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	few.rlim_cur = (rlim_t)first + 10;
	feed_file("f7", "w", SLICE("[1]\n[2")); /* is mended, too */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	quiet();
	for (int i = 0; i < 60; i++) {
		char name[16];

		snprintf(name, sizeof name, "f%d", i % 20);
		put(s, name, "1\n");
	}
	loud();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	sink_end(s);
	assert_file("f0", "1\n1\n1\n");
	assert_file("f7", "[1]\n1\n1\n1\n");
	assert_file("f19", "1\n1\n1\n");

	o.sync = SYNC_NEVER;
	s = manysinks_new(&o, 200);
	few.rlim_cur = (rlim_t)first + 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (n < 64 && (fd[n] = dup(0)) >= 0)
		n++;
	assert_int_equal(s.ops->put(s.self, &p, &e), SINK_FAILED);
	while (n)
		close(fd[--n]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(e.kind, FAIL_OPEN);
	assert_string_equal(e.text, "cannot open d/other: Too many open files "
	                            "(--max-open says how many are held open)");
	sink_give_up(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_put__by_name_into_folders),
		TEST(test_put__few_are_open),
		TEST(test_put__the_one_not_used_for_longest_is_closed),
		TEST(test_free__gives_up_what_is_atomic),
		TEST(test_rotate__also_what_was_closed),
		TEST(test_put__errors),
		TEST(test_within__a_limit),
		TEST(test_put__commands_stay),
		TEST(test_tick__of_all),
		TEST(test_put__no_descriptors_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
