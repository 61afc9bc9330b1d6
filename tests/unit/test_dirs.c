/* dirs.h: who is told of what happens to names in folders. */
#include "feed.h"

#include "stream/dirs.h"

/* A line for each event: OWNER WHAT FOLDER/NAME; '-' is nobody. */
static void note(void *context, void *owner, enum dirs_event what, const char *folder,
                 const char *name)
{
	static const char *const whats[] = { [DIRS_WRITTEN] = "written",
		                             [DIRS_CAME] = "came",
		                             [DIRS_WENT] = "went",
		                             [DIRS_FOLDER] = "folder",
		                             [DIRS_LOST] = "lost" };

	buf_addf(context, "%s %s %s/%s\n", owner ? (const char *)owner : "-", whats[what], folder,
	         name);
}

static void expect(struct dirs *d, const char *label, const char *events)
{
	struct buf got = { 0 };

	dirs_read(d, note, &got);
	assert_slice(label, buf_slice(&got), slice_from(events));
	buf_free(&got);
}

static void append(const char *path)
{
	feed_file(path, "a", SLICE("x\n"));
}

static char A[] = "A", B[] = "B", C[] = "C";

static void test_dirs_add__is_told(void **state)
{
	struct dirs *d = dirs_new(false);

	(void)state;
	assert_true(dirs_fd(d) >= 0);
	expect(d, "no folder", "");
	assert_true(dirs_add(d, "a", A));
	expect(d, "nothing yet", "");
	append("a");
	expect(d, "made", "A came ./a\nA written ./a\n");
	append("a");
	expect(d, "written", "A written ./a\n");
	expect(d, "once", "");
	assert_int_equal(truncate("a", 1), 0);
	expect(d, "truncated", "A written ./a\n");
	assert_int_equal(chmod("a", 0400), 0);
	expect(d, "its attributes", "A written ./a\n");
	assert_int_equal(rename("a", "b"), 0);
	expect(d, "renamed", "A went ./a\n- came ./b\n");
	assert_int_equal(rename("b", "a"), 0);
	expect(d, "back", "- went ./b\nA came ./a\n");
	assert_int_equal(unlink("a"), 0);
	expect(d, "removed", "A went ./a\n");
	assert_int_equal(symlink("b", "a"), 0);
	expect(d, "a link", "A came ./a\n");
	assert_int_equal(unlink("a"), 0);
	assert_int_equal(mkdir("a", 0700), 0);
	expect(d, "a folder", "A went ./a\nA folder ./a\n");
	dirs_free(d);
}

static void test_dirs_add__names_of_nobody(void **state)
{
	struct dirs *d = dirs_new(false);

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_true(dirs_add(d, "a", A));
	append("ab");
	append("c");
	expect(d, "others", "- came ./ab\n- written ./ab\n- came ./c\n- written ./c\n");
	append("sub/a");
	expect(d, "another folder's", "");
	assert_true(dirs_add(d, "sub/a", B));
	append("sub/a");
	append("sub/b");
	append("a");
	expect(d, "each folder",
	       "B written sub/a\n- came sub/b\n- written sub/b\nA came ./a\nA written ./a\n");
	assert_int_equal(rename("sub/a", "a"), 0);
	expect(d, "from folder to folder", "B went sub/a\nA came ./a\n");
	dirs_free(d);
}

static void test_dirs_add__several_owners(void **state)
{
	struct dirs *d = dirs_new(false);

	(void)state;
	append("a");
	assert_true(dirs_add(d, "a", A));
	assert_true(dirs_add(d, "a", B));
	append("a");
	expect(d, "two", "A written ./a\nB written ./a\n");
	dirs_remove(d, "a", C); /* who added nothing */
	dirs_remove(d, "b", A);
	append("a");
	expect(d, "still two", "A written ./a\nB written ./a\n");
	dirs_remove(d, "a", A);
	append("a");
	expect(d, "the other", "B written ./a\n");
	assert_true(dirs_add(d, "a", C));
	dirs_remove(d, "a", C);
	append("a");
	expect(d, "the first", "B written ./a\n");
	dirs_remove(d, "a", B);
	append("a");
	expect(d, "none: not watched any more", "");
	assert_true(dirs_add(d, "a", A));
	append("a");
	expect(d, "again", "A written ./a\n");
	dirs_free(d);
}

static void test_dirs_remove__one_name_of_a_folder(void **state)
{
	struct dirs *d = dirs_new(false);

	(void)state;
	assert_true(dirs_add(d, "a", A));
	assert_true(dirs_add(d, "b", B));
	dirs_remove(d, "a", A);
	append("a");
	append("b");
	expect(d, "b", "- came ./a\n- written ./a\nB came ./b\nB written ./b\n");
	dirs_free(d);
}

static void test_dirs_add_folder__tells_of_all(void **state)
{
	struct dirs *d = dirs_new(false);

	(void)state;
	assert_false(dirs_add_folder(d, "sub"));
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_true(dirs_add_folder(d, "sub"));
	append("sub/a");
	assert_int_equal(mkdir("sub/b", 0700), 0);
	expect(d, "names", "- came sub/a\n- written sub/a\n- folder sub/b\n");
	assert_true(dirs_add(d, "sub/a", A));
	append("sub/a");
	expect(d, "one has an owner", "A written sub/a\n");
	dirs_remove(d, "sub/a", A);
	append("sub/a");
	expect(d, "watched for itself", "- written sub/a\n");
	assert_int_equal(rmdir("sub/b"), 0);
	expect(d, "removed", "- went sub/b\n");
	dirs_free(d);
}

static void test_dirs__a_folder_goes_and_comes(void **state)
{
	struct dirs *d = dirs_new(false);

	(void)state;
	assert_false(dirs_add(d, "sub/a", A)); /* it is not there yet */
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_true(dirs_add(d, "sub/b", B));
	append("sub/a");
	expect(d, "both are told", "A came sub/a\nA written sub/a\n");
	feed_run("rm -r sub");
	expect(d, "gone", "A went sub/a\n- folder sub/\n");
	assert_int_equal(mkdir("sub", 0700), 0);
	append("sub/a");
	expect(d, "nobody asked since", "");
	assert_true(dirs_tells(d, "sub/a"));
	append("sub/a");
	expect(d, "asked", "A written sub/a\n");
	feed_run("rm -r sub");
	expect(d, "gone again", "A went sub/a\n- folder sub/\n");
	assert_int_equal(mkdir("sub", 0700), 0);
	append("sub/a");
	assert_true(dirs_add(d, "sub/c", C));
	append("sub/a");
	expect(d, "again", "A written sub/a\n");
	dirs_remove(d, "sub/a", A);
	dirs_remove(d, "sub/b", B);
	feed_run("rm -r sub");
	dirs_remove(d, "sub/c", C);
	expect(d, "nobody is left", "");
	dirs_free(d);
}

/* The kernel does not tell that a folder was removed while a file that was in it is open. */
static void test_dirs__a_folder_goes_with_an_open_file(void **state)
{
	struct dirs *d = dirs_new(false);
	int fd;

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	append("sub/a");
	assert_true(dirs_add(d, "sub/a", A));
	fd = open("sub/a", O_RDONLY);
	assert_true(fd >= 0);
	feed_run("rm -r sub");
	assert_false(dirs_tells(d, "sub/a"));
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_true(dirs_tells(d, "sub/a"));
	append("sub/a");
	expect(d, "the new one", "A came sub/a\nA written sub/a\n");
	close(fd);
	expect(d, "no news of the old one", "");
	dirs_free(d);
}

/* What is written in it under its new name is not told: it is another one. */
static void test_dirs__a_folder_is_renamed(void **state)
{
	struct dirs *d = dirs_new(false);

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_true(dirs_add(d, "sub/a", A));
	assert_int_equal(rename("sub", "before"), 0);
	expect(d, "renamed", "- folder sub/\n");
	append("before/a");
	expect(d, "not told", "");
	assert_false(dirs_tells(d, "sub/a"));
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_true(dirs_tells(d, "sub/a"));
	append("before/a");
	append("sub/a");
	expect(d, "the new one", "A came sub/a\nA written sub/a\n");
	dirs_free(d);
}

/* Of two names of one folder the first is told; the other has to be looked at. */
static void test_dirs__a_folder_with_two_names(void **state)
{
	struct dirs *d = dirs_new(false);

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(symlink("sub", "link"), 0);
	assert_true(dirs_add(d, "sub/a", A));
	assert_false(dirs_add(d, "link/a", B));
	append("sub/a");
	expect(d, "the first", "A came sub/a\nA written sub/a\n");
	dirs_remove(d, "link/a", B);
	append("sub/a");
	expect(d, "still", "A written sub/a\n");
	dirs_free(d);
}

/* As a pattern's name is added when it comes. */
static void add_what_comes(void *context, void *owner, enum dirs_event what, const char *folder,
                           const char *name)
{
	struct dirs *d = *(struct dirs **)context;

	(void)folder;
	if (what == DIRS_CAME && !owner)
		assert_true(dirs_add(d, name, A));
	else
		assert_ptr_equal(owner, A);
}

static void test_dirs_read__names_may_be_added(void **state)
{
	struct dirs *d = dirs_new(false);
	char name[16];

	(void)state;
	assert_true(dirs_add_folder(d, "."));
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "%d", i);
		append(name);
	}
	dirs_read(d, add_what_comes, &d);
	append("57");
	expect(d, "it was", "A written ./57\n");
	dirs_free(d);
}

static void count_lost(void *context, void *owner, enum dirs_event what, const char *folder,
                       const char *name)
{
	int *lost = context;

	if (what != DIRS_LOST)
		return;
	assert_null(owner);
	assert_string_equal(folder, "");
	assert_string_equal(name, "");
	(*lost)++;
}

static void test_dirs_read__says_that_events_were_lost(void **state)
{
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	struct dirs *d = dirs_new(false);
	int lost = 0;
	long room;

	(void)state;
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld", &room), 1);
	fclose(f);
	assert_true(dirs_add(d, "a", A));
	append("a");
	for (long i = 0; i <= room; i++)
		assert_int_equal(i % 2 ? rename("b", "a") : rename("a", "b"), 0);
	dirs_read(d, count_lost, &lost);
	assert_int_equal(lost, 1);
	append("c");
	expect(d, "and goes on", "- came ./c\n- written ./c\n");
	dirs_free(d);
}

static void test_dirs__polling_tells_nothing(void **state)
{
	struct dirs *d = dirs_new(true);

	(void)state;
	assert_int_equal(dirs_fd(d), -1);
	assert_false(dirs_add(d, "a", A));
	assert_false(dirs_add_folder(d, "."));
	append("a");
	expect(d, "polled", "");
	dirs_remove(d, "a", A);
	dirs_free(d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dirs_add__is_told),
		TEST(test_dirs_add__names_of_nobody),
		TEST(test_dirs_add__several_owners),
		TEST(test_dirs_remove__one_name_of_a_folder),
		TEST(test_dirs_add_folder__tells_of_all),
		TEST(test_dirs__a_folder_goes_and_comes),
		TEST(test_dirs__a_folder_goes_with_an_open_file),
		TEST(test_dirs__a_folder_is_renamed),
		TEST(test_dirs__a_folder_with_two_names),
		TEST(test_dirs_read__names_may_be_added),
		TEST(test_dirs_read__says_that_events_were_lost),
		TEST(test_dirs__polling_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
