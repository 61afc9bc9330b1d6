/* pack.h and newfile.h: files compressed read back by others, and by ours; names beside others. */
#include "sinkrig.h"

#include "io/newfile.h"
#include "io/pack.h"

static const struct {
	enum pack_how how;
	const char *to, *read; /* by the format's own program */
} forms[] = {
	{ PACK_GZIP, "log.1.gz", "gzip -dc log.1.gz | cmp - kept" },
	{ PACK_ZSTD, "log.1.zst", "zstd -qdc log.1.zst | cmp - kept" },
};

static void pack(const char *from, const char *to, enum pack_how how, bool durable)
{
	struct err e = { 0 };

	if (pack_file(from, to, how, durable, &e) < 0)
		fail_msg("%s", e.text);
}

/* N bytes that cannot be compressed much. */
static void make_noise(size_t n)
{
	FILE *f = fopen("log.1", "w");
	uint32_t x = 1;

	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		putc((int)(x >> 24), f);
	}
	assert_int_equal(fclose(f), 0);
}

static void test_pack_file__reads_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 1000000 };

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++)
		for (size_t j = 0; j < COUNT(sizes); j++) {
			struct buf was, now;

			make_noise(sizes[j]);
			feed_run("cp log.1 kept");
			pack("log.1", forms[i].to, forms[i].how, j % 2);
			assert_int_equal(access("log.1", F_OK), -1);
			feed_run(forms[i].read);
			was = sink_read("kept");
			now = sink_read(forms[i].to);
			assert_true(slice_same(buf_slice(&was), buf_slice(&now)));
			assert_int_equal(now.n, sizes[j]);
			buf_free(&was);
			buf_free(&now);
		}
	assert_names(".", "kept log.1.gz log.1.zst");
}

static void test_pack_file__keeps_mode_and_time(void **state)
{
	const struct timespec times[2] = { { 1800000000, 0 }, { 1700000000, 500 } };
	struct stat st;

	(void)state;
	feed_file("log.1", "w", SLICE("a\n"));
	assert_int_equal(chmod("log.1", 0640), 0);
	assert_int_equal(utimensat(AT_FDCWD, "log.1", times, 0), 0);
	pack("log.1", "log.1.gz", PACK_GZIP, false);
	assert_int_equal(stat("log.1.gz", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_mtim.tv_sec, 1700000000);
	assert_int_equal(st.st_mtim.tv_nsec, 500);
}

static void test_pack_file__failing_leaves_all_as_it_was(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(pack_file("none", "none.gz", PACK_GZIP, false, &e), -1);
	assert_int_equal(e.kind, FAIL_OPEN);
	assert_string_equal(e.text, "cannot open none: No such file or directory");
	feed_file("log.1", "w", SLICE("a\n"));
	assert_int_equal(pack_file("log.1", "none/log.1.gz", PACK_GZIP, false, &e), -1);
	assert_string_equal(e.text, "cannot make a file beside none/log.1.gz: No such file or "
	                            "directory");
	assert_int_equal(mkdir("log.1.zst", 0700), 0);
	assert_int_equal(pack_file("log.1", "log.1.zst", PACK_ZSTD, false, &e), -1);
	assert_int_equal(e.kind, FAIL_IO);
	assert_names(".", "log.1 log.1.zst");
	assert_file("log.1", "a\n");
}

static void test_newfile_target__follows_links(void **state)
{
	static const struct {
		const char *path, *target;
	} rows[] = {
		{ "plain", "plain" },         { "none", "none" },         { "d/none", "d/none" },
		{ "link", "plain" },          { "twice", "plain" },       { "d/up", "d/../plain" },
		{ "missing", "d/not there" }, { "absolute", "/no/such" }, { "round", "round" },
	};

	(void)state;
	feed_run("echo x > plain; mkdir d; ln -s plain link; ln -s link twice; ln -s ../plain d/up;"
	         "ln -s 'd/not there' missing; ln -s /no/such absolute; ln -s round round");
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *target = newfile_target(rows[i].path);

		assert_slice(rows[i].path, slice_from(target), slice_from(rows[i].target));
		free(target);
	}
}

static void test_newfile_beside__names(void **state)
{
	char path[300] = "d/", *name = NULL;
	struct err e;
	struct stat st;
	mode_t mask = umask(027);
	int fd;

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	fd = newfile_beside("d/log", &name, &e);
	assert_true(fd >= 0);
	assert_int_equal(strlen(name), strlen("d/.log.XXXXXX"));
	assert_memory_equal(name, "d/.log.", 7);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	close(fd);
	free(name);
	memset(path + 2, 'x', NAME_MAX);
	path[2 + NAME_MAX] = '\0';
	fd = newfile_beside(path, &name, &e);
	assert_true(fd >= 0);
	close(fd);
	free(name);
	umask(mask);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pack_file__reads_back),
		TEST(test_pack_file__keeps_mode_and_time),
		TEST(test_pack_file__failing_leaves_all_as_it_was),
		TEST(test_newfile_target__follows_links),
		TEST(test_newfile_beside__names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
