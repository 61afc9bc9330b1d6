/* rotate.h: which names files have behind each turn. */
#include "sinkrig.h"

#include "stream/rotate.h"

static void turn(struct rotation *r, const char *text)
{
	struct err e = { 0 };

	feed_file("log", "w", slice_from(text));
	if (rotation_turn(r, "log", &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(access("log", F_OK), -1);
}

static void test_rotation_turn__the_newest_is_the_first(void **state)
{
	struct rotation r = { .path = "log", .tool = "tool" };

	(void)state;
	turn(&r, "a\n");
	assert_names(".", "log.1");
	turn(&r, "b\n");
	turn(&r, "c\n");
	assert_names(".", "log.1 log.2 log.3");
	assert_file("log.1", "c\n");
	assert_file("log.2", "b\n");
	assert_file("log.3", "a\n");
	rotation_join(&r);
}

static void test_rotation_turn__keeps_so_many(void **state)
{
	struct rotation r = { .path = "log", .tool = "tool", .keep = 2 };

	(void)state;
	for (char c = 'a'; c <= 'e'; c++)
		turn(&r, (char[]){ c, '\n', '\0' });
	assert_names(".", "log.1 log.2");
	assert_file("log.1", "e\n");
	assert_file("log.2", "d\n");
	r.keep = 1;
	turn(&r, "f\n");
	assert_names(".", "log.1");
	assert_file("log.1", "f\n");
}

/* More are there than are kept now. */
static void test_rotation_turn__removes_what_is_beyond(void **state)
{
	struct rotation r = { .path = "log", .tool = "tool", .keep = 2 };

	(void)state;
	feed_run("for i in 1 2.gz 3.zst 4 6 9.gz 1234567; do echo $i > log.$i; done");
	turn(&r, "a\n");
	assert_names(".", "log.1 log.2");
	assert_file("log.1", "a\n");
	assert_file("log.2", "1\n");
}

/* Only what has a number of ours is removed, and only files. */
static void test_rotation_turn__leaves_what_is_not_its_own(void **state)
{
	struct rotation r = { .path = "d/log", .tool = "tool", .keep = 2 };
	struct err e;

	(void)state;
	feed_run("mkdir d d/log.7; ln -s x d/log.8; touch log.5 d/log d/log.5 d/log.6.zst");
	feed_run("cd d; touch log.03 log.20261128 log.4.bz2 log.4x log.x log4 log.1.4 other.4 "
	         "log.4.gz.gz");
	assert_int_equal(rotation_turn(&r, "d/log", &e), 0);
	assert_names("d", "log.03 log.1 log.1.4 log.20261128 log.4.bz2 log.4.gz.gz log.4x log.7 "
	                  "log.8 log.x log4 other.4");
	assert_names(".", "d log.5");
}

static void test_rotation_turn__fills_gaps(void **state)
{
	struct rotation r = { .path = "log", .tool = "tool" };

	(void)state;
	feed_run("for i in 1.zst 2 4.gz; do echo $i > log.$i; done");
	turn(&r, "a\n");
	assert_names(".", "log.1 log.2.zst log.3 log.4.gz");
	turn(&r, "b\n");
	assert_names(".", "log.1 log.2 log.3.zst log.4 log.5.gz");
	assert_file("log.5.gz", "4.gz\n");
}

static void check_packed(enum pack_how how, const char *names, const char *form)
{
	struct rotation r = {
		.path = "log", .tool = "tool", .keep = 3, .pack = how, .durable = true
	};
	char name[32];

	for (char c = 'a'; c <= 'f'; c++)
		turn(&r, (char[]){ c, '\n', '\0' });
	rotation_join(&r);
	assert_int_equal(r.failed, 0);
	assert_names(".", names);
	for (int i = 1; i <= 3; i++) {
		snprintf(name, sizeof name, "log.%d%s", i, form);
		assert_file(name, (char[]){ (char)('g' - i), '\n', '\0' });
	}
	feed_run("rm log.*");
}

static void test_rotation_turn__compresses(void **state)
{
	(void)state;
	check_packed(PACK_GZIP, "log.1.gz log.2.gz log.3.gz", ".gz");
	check_packed(PACK_ZSTD, "log.1.zst log.2.zst log.3.zst", ".zst");
	check_packed(PACK_NONE, "log.1 log.2 log.3", "");
}

static void test_rotation_join__says_what_failed(void **state)
{
	struct rotation r = { .path = "log", .tool = "tool", .pack = PACK_GZIP };

	(void)state;
	feed_file("log", "w", SLICE("a\n"));
	quiet();
	turn(&r, "a\n");
	rotation_join(&r);
	assert_int_equal(r.failed, 0);
	/* there is no file to be compressed under a folder's name */
	assert_int_equal(unlink("log.1.gz"), 0);
	assert_int_equal(mkdir("log", 0700), 0);
	{
		struct err e;

		assert_int_equal(rotation_turn(&r, "log", &e), 0);
	}
	rotation_join(&r);
	assert_int_equal(r.failed, 1);
	/* once is enough */
	assert_int_equal(mkdir("log", 0700), 0);
	{
		struct err e;

		assert_int_equal(rotation_turn(&r, "log", &e), 0);
	}
	rotation_join(&r);
	loud();
	assert_int_equal(r.failed, 2);
	assert_file("stderr", "tool: cannot read log.1: Is a directory\n");
	assert_names(".", "log.1 log.2");
}

static void test_rotation_turn__fails(void **state)
{
	struct rotation r = { .path = "log", .tool = "tool" };
	struct err e;

	(void)state;
	assert_int_equal(rotation_turn(&r, "log", &e), -1);
	assert_int_equal(e.kind, FAIL_IO);
	assert_string_equal(e.text, "cannot rename log to log.1: No such file or directory");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rotation_turn__the_newest_is_the_first),
		TEST(test_rotation_turn__keeps_so_many),
		TEST(test_rotation_turn__removes_what_is_beyond),
		TEST(test_rotation_turn__leaves_what_is_not_its_own),
		TEST(test_rotation_turn__fills_gaps),
		TEST(test_rotation_turn__compresses),
		TEST(test_rotation_join__says_what_failed),
		TEST(test_rotation_turn__fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
