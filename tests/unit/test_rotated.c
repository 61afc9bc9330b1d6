/* rotated.h: which names are rotations of which, and the order of those in a folder. */
#include "feed.h"

#include "stream/rotated.h"

static void test_rotated_is__tells_names(void **state)
{
	static const struct {
		const char *name, *other;
		bool is;
	} rows[] = {
		{ "access.log", "access.log.1", true },
		{ "access.log", "access.log.12.gz", true },
		{ "access.log", "access.log.0", true },
		{ "access.log", "access.log-20261128", true },
		{ "access.log", "access.log-20261128.zst", true },
		{ "access.log", "access.log_20261128.gzip", true },
		{ "access.log", "access.log.2026-11-28T22", true },
		{ "access.log", "access.log.2026-11-28T22:10:05+01:00.gz", true },
		{ "access.log", "access-1.log", true },
		{ "access.log", "access.1.log", true },
		{ "access.log", "access-20261128.log.gz", true },
		{ "access.log", "access_old.log", true },
		{ "access.log", "access.log.old", true },
		{ "access.log", "access.log.old.zstd", true },
		{ "access.log", "access.log.1-old", true },
		{ "syslog", "syslog.1", true },
		{ "syslog", "syslog-20261128.gz", true },
		{ ".log", ".log.1", true },
		{ "a.b.log", "a.b.7.log", true },
		{ "access.log", "access.log", false },
		{ "access.log", "access.log.gz", false },
		{ "access.log", "access.log.zst", false },
		{ "access.log", "access.logs", false },
		{ "access.log", "access.log1", false },
		{ "access.log", "access.log.bak", false },
		{ "access.log", "access.log.older", false },
		{ "access.log", "access.log.", false },
		{ "access.log", "access.log.1~", false },
		{ "access.log", "access.log.1 2", false },
		{ "access.log", "access2.log", false },
		{ "access.log", "access-.log", false },
		{ "access.log", "access-error.log", false },
		{ "access.log", "access-1.txt", false },
		{ "access.log", "xaccess.log.1", false },
		{ "access.log", "error.log.1", false },
		{ "access.log", "Access.log.1", false },
		{ "access.log", "access", false },
		{ "access.log", "access.1", false },
		{ "access.log", ".log", false },
		{ "access.log", "", false },
		{ "access.log.1", "access.log", false },
		{ "a.b.log", "a.7.log", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i].other, rotated_is(rows[i].name, rows[i].other) == rows[i].is);
}

/* A file that was last written so many seconds after one moment. */
struct file {
	const char *name;
	long second;
};

static void make(const struct file *f)
{
	const struct timespec at = { .tv_sec = 1800000000 + f->second };
	const struct timespec times[2] = { at, at };

	feed_file(f->name, "w", SLICE("x\n"));
	assert_int_equal(utimensat(AT_FDCWD, f->name, times, 0), 0);
}

/* The names, without folders, a blank between them. */
static void list(const struct rotations *r, struct buf *names)
{
	for (size_t i = 0; i < r->n; i++)
		buf_addf(names, "%s%s", i ? " " : "", strrchr(r->at[i].path, '/') + 1);
}

static void expect(const char *label, const char *path, const char *names)
{
	struct rotations r = { 0 };
	struct buf got = { 0 };

	rotations_find(&r, path);
	list(&r, &got);
	assert_slice(label, buf_slice(&got), slice_from(names));
	buf_free(&got);
	rotations_free(&r);
}

#define FILES_MAX 6

static void test_rotations_find__from_old_to_new(void **state)
{
	static const struct {
		const char *label;
		struct file files[FILES_MAX];
		const char *names;
	} rows[] = {
		{ "none", { { "a.log", 1 }, { "b.log.1", 2 } }, "" },
		{ "the first is the newest",
		  { { "a.log", 9 },
		    { "a.log.1", 8 },
		    { "a.log.2.gz", 7 },
		    { "a.log.9.gz", 6 },
		    { "a.log.10.gz", 5 } },
		  "a.log.10.gz a.log.9.gz a.log.2.gz a.log.1" },
		{ "written at one time",
		  { { "a.log.2", 5 }, { "a.log.1", 5 }, { "a.log.3", 5 } },
		  "a.log.3 a.log.2 a.log.1" },
		{ "one of them was touched",
		  { { "a.log.1", 8 }, { "a.log.2", 7 }, { "a.log.3", 6 }, { "a.log.4", 9 } },
		  "a.log.4 a.log.3 a.log.2 a.log.1" },
		{ "counting up",
		  { { "a.log.1", 5 }, { "a.log.2", 6 }, { "a.log.9", 7 }, { "a.log.10", 8 } },
		  "a.log.1 a.log.2 a.log.9 a.log.10" },
		{ "dates, whatever the times",
		  { { "a.log-20261128", 5 }, { "a.log-20261127.gz", 6 }, { "a.log-20261203", 4 } },
		  "a.log-20261127.gz a.log-20261128 a.log-20261203" },
		{ "dates before the ending",
		  { { "a-2026-11-28.log", 5 },
		    { "a-2026-11-27.log", 6 },
		    { "a-2026-11-29.log.zst", 4 } },
		  "a-2026-11-27.log a-2026-11-28.log a-2026-11-29.log.zst" },
		{ "hours",
		  { { "a.log.2026-11-28T22", 1 }, { "a.log.2026-11-28T9", 2 } },
		  "a.log.2026-11-28T9 a.log.2026-11-28T22" },
		{ "long numbers are dates",
		  { { "a.log.20261128", 1 }, { "a.log.20261127", 2 } },
		  "a.log.20261127 a.log.20261128" },
		{ "of two kinds by time",
		  { { "a.log.1", 5 },
		    { "a.log.2", 3 },
		    { "a.log-20261128", 4 },
		    { "a.log.old", 6 } },
		  "a.log.2 a.log-20261128 a.log.1 a.log.old" },
		{ "of two shapes by time",
		  { { "a.log-20261128", 2 }, { "a.log.old", 1 } },
		  "a.log.old a.log-20261128" },
		{ "being compressed, numbered",
		  { { "a.log.1", 5 }, { "a.log.1.gz", 5 }, { "a.log.2.gz", 4 } },
		  "a.log.2.gz a.log.1 a.log.1.gz" },
		{ "being compressed, written later",
		  { { "a.log.1", 5 }, { "a.log.1.gz", 6 }, { "a.log.2.gz", 4 } },
		  "a.log.2.gz a.log.1 a.log.1.gz" },
		{ "being compressed, by date",
		  { { "a.log-20261128.zst", 4 }, { "a.log-20261128", 5 } },
		  "a.log-20261128 a.log-20261128.zst" },
		{ "compressed so that it cannot be read",
		  { { "a.log.1", 5 },
		    { "a.log.2.xz", 4 },
		    { "a.log.3.bz2", 3 },
		    { "a.log.bz2", 2 } },
		  "a.log.1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t k = 0; k < FILES_MAX && rows[i].files[k].name; k++)
			make(&rows[i].files[k]);
		expect(rows[i].label, "a.log", rows[i].names);
		feed_run("rm -f a* b*");
	}
}

static void test_rotations_find__files_only(void **state)
{
	(void)state;
	assert_int_equal(mkdir("a.log.1", 0700), 0);
	make(&(struct file){ "a.log.2", 2 });
	assert_int_equal(symlink("a.log.2", "a.log.3"), 0);
	assert_int_equal(mkfifo("a.log.4", 0600), 0);
	expect("no folder, link, pipe", "a.log", "a.log.2");
	expect("no such folder", "b/a.log", "");
}

/* What a link leads to may be among them: it is there, and one may be newer. */
static void test_rotations_find__behind_a_link(void **state)
{
	static const struct file files[] = { { "logs/app-1.log", 1 },  { "logs/app-9.log", 2 },
		                             { "logs/app-10.log", 3 }, { "logs/app-11.log", 0 },
		                             { "logs/app-x.log", 5 },  { "logs/app-1-2.log", 5 },
		                             { "logs/app-1.txt", 5 },  { "logs/other-1.log", 5 } };

	(void)state;
	assert_int_equal(mkdir("logs", 0700), 0);
	for (size_t i = 0; i < COUNT(files); i++)
		make(&files[i]);
	assert_int_equal(symlink("logs/app-10.log", "app.log"), 0);
	expect("by their numbers", "app.log", "app-1.log app-9.log app-10.log app-11.log");
	expect("not a link", "logs/app-10.log", "");

	/* what was added to its target's name, and to its own */
	feed_run("rm logs/app-1.log logs/app-9.log logs/app-11.log");
	make(&(struct file){ "app.log-20261128", 1 });
	make(&(struct file){ "logs/app-10.log-20261128.gz", 2 });
	expect("both names", "app.log", "app.log-20261128 app-10.log-20261128.gz app-10.log");
}

static void test_rotations_find__tells_of_each(void **state)
{
	struct rotations r = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("logs", 0700), 0);
	make(&(struct file){ "logs/a.log.1", 2 });
	make(&(struct file){ "logs/a.log.2.gz", 1 });
	rotations_find(&r, "logs/a.log");
	assert_int_equal(r.n, 2);
	assert_string_equal(r.at[0].path, "logs/a.log.2.gz");
	assert_string_equal(r.at[0].suffix, ".2");
	assert_true(r.at[0].packed);
	assert_true(r.at[0].numbered);
	assert_int_equal(r.at[0].mtime, INT64_C(1800000001000000000));
	assert_int_equal(stat("logs/a.log.1", &st), 0);
	assert_string_equal(r.at[1].path, "logs/a.log.1");
	assert_string_equal(r.at[1].suffix, ".1");
	assert_false(r.at[1].packed);
	assert_int_equal(r.at[1].ino, st.st_ino);
	assert_int_equal(r.at[1].dev, st.st_dev);

	/* what was found before is forgotten */
	make(&(struct file){ "b-20261128.log", 1 });
	rotations_find(&r, "b.log");
	assert_int_equal(r.n, 1);
	assert_string_equal(r.at[0].path, "./b-20261128.log");
	assert_string_equal(r.at[0].suffix, "-20261128");
	assert_false(r.at[0].numbered);
	rotations_free(&r);
	assert_int_equal(r.n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rotated_is__tells_names),
		TEST(test_rotations_find__from_old_to_new),
		TEST(test_rotations_find__files_only),
		TEST(test_rotations_find__behind_a_link),
		TEST(test_rotations_find__tells_of_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
