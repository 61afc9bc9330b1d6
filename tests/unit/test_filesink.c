/* filesink.h: what stands in files, and under which names, whatever happens meanwhile. */
#include "sinkrig.h"

#include "stream/filesink.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- a disk: how many bytes there is room for, -1 for enough; what else happens */

static long room = -1;
static int full_errno = ENOSPC;
static size_t at_once = SIZE_MAX; /* bytes that one write() writes at most */
static unsigned interrupts;       /* of write(), to come */
static unsigned syncs, folder_syncs;

ssize_t write(int fd, const void *p, size_t n)
{
	if (fd <= 2)
		return syscall(SYS_write, fd, p, n);
	if (interrupts) {
		interrupts--;
		errno = EINTR;
		return -1;
	}
	n = n > at_once ? at_once : n;
	if (room == 0) {
		errno = full_errno;
		return -1;
	}
	if (room > 0) {
		n = n > (size_t)room ? (size_t)room : n;
		room -= (long)n;
	}
	return syscall(SYS_write, fd, p, n);
}

int fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		folder_syncs++;
	else
		syncs++;
	return (int)syscall(SYS_fsync, fd);
}

static int enter(void **state)
{
	room = -1;
	full_errno = ENOSPC;
	at_once = SIZE_MAX;
	interrupts = syncs = folder_syncs = 0;
	return feed_enter(state);
}

static struct sink open_sink(const char *path, struct filesink_opts o)
{
	struct sink s;
	struct err e = { 0 };

	o.tool = "tool";
	if (filesink_open(path, &o, &s, &e) < 0)
		fail_msg("%s", e.text);
	return s;
}

static void expect_failed(struct sink s, const char *text, const char *why)
{
	struct err e = { 0 };

	assert_int_equal(sink_try(s, text, &e), SINK_FAILED);
	assert_int_equal(e.kind, FAIL_IO);
	assert_string_equal(e.text, why);
}

static void head(void *context, const char *path, struct buf *to)
{
	assert_true(*path);
	buf_adds(to, context);
}

/* ---- replacing and appending */

static void test_replace__at_once(void **state)
{
	struct sink s;

	(void)state;
	feed_file("f", "w", SLICE("old\n"));
	s = open_sink("f", (struct filesink_opts){ 0 });
	assert_file("f", "");
	sink_put(s, "a\nb\n");
	sink_put(s, "c\n");
	assert_file("f", "a\nb\nc\n");
	assert_int_equal(s.ops->bytes(s.self), 6);
	sink_end(s);
	assert_file("f", "a\nb\nc\n");
	assert_int_equal(syncs + folder_syncs, 0);
}

static void test_append__behind_what_is_there(void **state)
{
	struct sink s;

	(void)state;
	s = open_sink("f", (struct filesink_opts){ .append = true });
	sink_put(s, "a\n");
	sink_end(s);
	s = open_sink("f", (struct filesink_opts){ .append = true, .atomic = true });
	sink_put(s, "b\n");
	feed_file("f", "a", SLICE("other\n"));
	sink_put(s, "c");
	sink_end(s);
	assert_file("f", "a\nb\nother\nc");
	assert_names(".", "f");
}

static void test_append__mends_a_torn_line(void **state)
{
	struct sink s;

	(void)state;
	feed_file("f", "w", SLICE("{\"a\":1}\n{\"a\""));
	quiet();
	s = open_sink("f", (struct filesink_opts){ .append = true });
	loud();
	sink_put(s, "{\"a\":3}\n");
	sink_end(s);
	assert_file("f", "{\"a\":1}\n{\"a\":3}\n");
	assert_file("f.torn", "{\"a\"\n");
	assert_file("stderr",
	            "tool: f: the last line was torn: its 4 bytes were moved to f.torn\n");
}

static void test_atomic__at_the_end(void **state)
{
	struct sink s;
	struct stat st;

	(void)state;
	feed_file("f", "w", SLICE("old\n"));
	assert_int_equal(chmod("f", 0604), 0);
	s = open_sink("f", (struct filesink_opts){ .atomic = true });
	sink_put(s, "new\n");
	assert_file("f", "old\n");
	sink_end(s);
	assert_file("f", "new\n");
	assert_names(".", "f");
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
}

static void test_atomic__given_up(void **state)
{
	struct sink s;

	(void)state;
	feed_file("f", "w", SLICE("old\n"));
	s = open_sink("f", (struct filesink_opts){ .atomic = true });
	sink_put(s, "new\n");
	sink_give_up(s);
	assert_file("f", "old\n");
	s = open_sink("g", (struct filesink_opts){ .atomic = true });
	sink_give_up(s);
	assert_names(".", "f");
}

static void test_atomic__a_new_one_has_the_usual_mode(void **state)
{
	mode_t mask = umask(022);
	struct sink s = open_sink("f", (struct filesink_opts){ .atomic = true });
	struct stat st;

	(void)state;
	sink_end(s);
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	umask(mask);
}

/* The link stays, what it leads to is replaced. */
static void test_atomic__through_links(void **state)
{
	struct sink s;

	(void)state;
	feed_run("mkdir d; echo old > d/f; ln -s d/f link; ln -s d/new dangling");
	s = open_sink("link", (struct filesink_opts){ .atomic = true });
	sink_put(s, "new\n");
	sink_end(s);
	s = open_sink("dangling", (struct filesink_opts){ .atomic = true });
	sink_put(s, "newer\n");
	sink_end(s);
	assert_names(".", "d dangling link");
	assert_names("d", "f new");
	assert_file("d/f", "new\n");
	assert_file("d/new", "newer\n");
	feed_run("test -h link && test -h dangling");
}

static void test_open__fails(void **state)
{
	static const struct {
		const char *path;
		bool atomic;
		const char *why;
	} rows[] = {
		{ "none/f", false, "cannot open none/f: No such file or directory" },
		{ "none/f", true, "cannot make a file beside none/f: No such file or directory" },
		{ "d", false, "cannot open d: Is a directory" },
		{ "d", true, "cannot open d: Is a directory" },
	};
	struct sink s;
	struct err e;

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct filesink_opts o = { .tool = "tool", .atomic = rows[i].atomic };

		assert_int_equal(filesink_open(rows[i].path, &o, &s, &e), -1);
		assert_int_equal(e.kind, FAIL_OPEN);
		assert_string_equal(e.text, rows[i].why);
	}
	assert_names(".", "d");
}

/* ---- what is no regular file */

static void test_open__devices(void **state)
{
	struct sink s;

	(void)state;
	s = open_sink("/dev/null", (struct filesink_opts){ .atomic = true, .rotate_count = 1 });
	sink_put(s, "1\n2\n");
	assert_int_equal(s.ops->bytes(s.self), 4);
	sink_end(s);
	s = open_sink("/dev/full", (struct filesink_opts){ .retry = NS_PER_MIN });
	expect_failed(s, "1\n", "cannot write to /dev/full: No space left on device");
	sink_give_up(s);
}

/* What was in the file is not truncated, and what comes is behind it. */
static void test_open__descriptors_by_name(void **state)
{
	static const char *const names[] = { "/dev/stderr", "/dev/fd/2" };
	struct filesink_opts o = { .tool = "tool" };
	struct sink s;
	struct err e;

	(void)state;
	quiet();
	fputs("before\n", stderr);
	for (size_t i = 0; i < COUNT(names); i++) {
		s = open_sink(names[i], o);
		sink_put(s, "1\n");
		sink_end(s);
	}
	fputs("behind\n", stderr);
	loud();
	assert_file("stderr", "before\n1\n1\nbehind\n");
	assert_int_equal(filesink_open("/dev/fd/99", &o, &s, &e), -1);
	assert_string_equal(e.text, "cannot open /dev/fd/99: Bad file descriptor");
}

/* It is closed, and goes on as what it was. */
static void test_rest__and_again(void **state)
{
	static char text[] = "a,b\n";
	static const bool atomic[] = { false, true };

	(void)state;
	for (size_t i = 0; i < COUNT(atomic); i++) {
		struct sink s;
		struct err e;

		feed_run("rm -f f f.1; echo old > f");
		s = open_sink("f", (struct filesink_opts){ .atomic = atomic[i],
		                                           .rotate_count = 3,
		                                           .head = head,
		                                           .context = text });
		sink_put(s, "1\n");
		assert_int_equal(filesink_rest(&s, &e), 1);
		sink_put(s, "2\n");
		assert_int_equal(filesink_rest(&s, &e), 1);
		sink_put(s, "3\n4\n");
		assert_file("f.1", "a,b\n1\n2\n3\n");
		if (atomic[i])
			assert_file("f", "old\n");
		assert_int_equal(filesink_rest(&s, &e), 1);
		sink_end(s);
		assert_names(".", "f f.1");
		assert_file("f", "a,b\n4\n");
	}
}

static void test_rest__not_always(void **state)
{
	struct sink s = open_sink("/dev/null", (struct filesink_opts){ 0 });
	struct err e;

	(void)state;
	assert_int_equal(filesink_rest(&s, &e), 0);
	sink_end(s);
	s = open_sink("f", (struct filesink_opts){ .retry = NS_PER_MIN });
	quiet();
	room = 0;
	sink_put(s, "1\n");
	loud();
	assert_int_equal(filesink_rest(&s, &e), 0);
	sink_give_up(s);
	room = -1;
	s = open_sink("f", (struct filesink_opts){ .sync = SYNC_EVERY, .sync_every = NS_PER_MIN });
	sink_put(s, "1\n");
	assert_int_equal(filesink_rest(&s, &e), 1);
	assert_int_equal(syncs, 1);
	sink_end(s);
	assert_int_equal(syncs, 1);
}

/* ---- whole records */

static void test_put__writes_on_behind_short_writes(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ 0 });

	(void)state;
	at_once = 3;
	interrupts = 2;
	sink_put(s, "first\nsecond\n");
	sink_end(s);
	assert_file("f", "first\nsecond\n");
}

/* What a full disk leaves, for each number of bytes that it has room for. */
static void test_put__cuts_back_to_the_last_whole_record(void **state)
{
	static const char text[] = "one\ntwo\nthree\n";
	static const size_t whole[] = { 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8 };

	(void)state;
	for (size_t n = 0; n < COUNT(whole); n++) {
		struct sink s = open_sink("f", (struct filesink_opts){ 0 });
		char why[200], then[32];

		room = -1;
		sink_put(s, "zero\n");
		room = (long)n;
		snprintf(
			why, sizeof why,
			"cannot write to f (%zu records, %zu bytes were written): No space left on "
			"device",
			1 + whole[n] / 4, 5 + whole[n]);
		expect_failed(s, text, why);
		assert_int_equal(s.ops->bytes(s.self), 5 + whole[n]);
		snprintf(then, sizeof then, "zero\n%.*s", (int)whole[n], text);
		sink_give_up(s);
		assert_file("f", then);
	}
}

static void test_put__a_limit_of_size(void **state)
{
	struct rlimit was, limit;
	struct sink s = open_sink("f", (struct filesink_opts){ 0 });

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	limit = was;
	limit.rlim_cur = 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	sink_put(s, "one\n");
	expect_failed(s, "two\nthree\n",
	              "cannot write to f (2 records, 8 bytes were written): File too large");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	sink_give_up(s);
	assert_file("f", "one\ntwo\n");
}

/* What somebody else wrote is not cut off. */
static void test_put__others_write_too(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ 0 });

	(void)state;
	sink_put(s, "one\n");
	feed_file("f", "a", SLICE("other\n"));
	room = 2;
	full_errno = EIO;
	expect_failed(s, "two\n",
	              "cannot write to f (1 records, 6 bytes were written, the last record in "
	              "part): Input/output error");
	sink_give_up(s);
	assert_file("f", "one\nother\ntw");
}

/* ---- trying again */

static enum took push(struct sink s)
{
	struct err e = { 0 };
	int64_t timeout = -1;
	enum took took;

	assert_int_equal(s.ops->wait(s.self, NULL, 0, &timeout), 0);
	assert_true(timeout >= 0 && timeout <= NS_PER_SEC); /* not for ever */
	pause_ms((long)(timeout / NS_PER_MS) + 1);
	took = s.ops->push(s.self, &e);
	if (took == SINK_FAILED)
		fail_msg("%s", e.text);
	return took;
}

static void test_retry__until_there_is_room(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ .retry = NS_PER_MIN });
	struct err e;

	(void)state;
	quiet();
	room = 6;
	sink_put(s, "one\ntwo\nthree\n"); /* it is taken, and kept */
	assert_file("f", "one\n");
	assert_int_equal(sink_try(s, "four\n", &e), SINK_FULL);
	room = 0;
	assert_int_equal(push(s), SINK_FULL);
	room = 4;
	assert_int_equal(push(s), SINK_FULL);
	assert_file("f", "one\ntwo\n");
	full_errno = EDQUOT;
	assert_int_equal(push(s), SINK_FULL);
	room = -1;
	assert_int_equal(push(s), SINK_TOOK);
	sink_put(s, "four\n");
	loud();
	assert_int_equal(s.ops->bytes(s.self), 19);
	sink_end(s);
	assert_file("f", "one\ntwo\nthree\nfour\n");
	assert_file("stderr", "tool: there is no room for f: it is tried again for 1m\n");
}

static void test_retry__not_for_ever(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ .retry = 250 * NS_PER_MS });
	int64_t begun = stamp_monotonic();
	struct err e = { 0 };
	enum took took;

	(void)state;
	quiet();
	room = 4;
	sink_put(s, "one\ntwo\n");
	while ((took = s.ops->push(s.self, &e)) == SINK_FULL)
		pause_ms(10);
	loud();
	assert_int_equal(took, SINK_FAILED);
	assert_string_equal(e.text, "cannot write to f (1 records, 4 bytes were written): No space "
	                            "left on device");
	assert_true(stamp_monotonic() - begun >= 250 * NS_PER_MS);
	sink_give_up(s);
	assert_file("f", "one\n");
}

/* A record that could not be cut off is gone on with. */
static void test_retry__in_the_middle_of_a_record(void **state)
{
	struct sink s =
		open_sink("f", (struct filesink_opts){ .retry = NS_PER_MIN, .rotate_size = 12 });

	(void)state;
	quiet();
	sink_put(s, "one\n");
	feed_file("f", "a", SLICE("other\n"));
	room = 2;
	sink_put(s, "two\nthree\n");
	assert_file("f", "one\nother\ntw");
	room = -1;
	assert_int_equal(push(s), SINK_TOOK);
	loud();
	sink_end(s);
	assert_file("f.1", "one\nother\ntwo\n");
	assert_file("f", "three\n");
}

static void test_retry__not_for_other_errors(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ .retry = NS_PER_MIN });

	(void)state;
	room = 0;
	full_errno = EIO;
	expect_failed(s, "one\n",
	              "cannot write to f (0 records, 0 bytes were written): Input/output error");
	sink_give_up(s);
}

/* ---- rotation */

static void test_rotate_size__is_not_exceeded(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ .rotate_size = 8 });

	(void)state;
	sink_put(s, "1\n2\n3\n4\n5\n");
	assert_file("f.1", "1\n2\n3\n4\n");
	assert_file("f", "5\n");
	sink_put(s, "six\n7\n"); /* to the last byte */
	assert_names(".", "f f.1");
	sink_put(s, "a longer one\n8\n");
	sink_end(s);
	assert_names(".", "f f.1 f.2 f.3");
	assert_file("f.3", "1\n2\n3\n4\n");
	assert_file("f.2", "5\nsix\n7\n");
	assert_file("f.1", "a longer one\n");
	assert_file("f", "8\n");
}

static void test_rotate_count__of_records(void **state)
{
	struct filesink_opts o = { .rotate_count = 3, .keep = 2, .append = true };
	struct sink s = open_sink("f", o);

	(void)state;
	sink_put(s, "1\n2\n");
	sink_end(s);
	s = open_sink("f", o); /* those are counted, too */
	sink_put(s, "3\n4\n5\n6\n7\n8\n9\n10\n");
	sink_put(s, "11\n");
	sink_put(s, "12\n");
	sink_end(s);
	assert_names(".", "f f.1 f.2");
	assert_file("f.2", "4\n5\n6\n");
	assert_file("f.1", "7\n8\n9\n");
	assert_file("f", "10\n11\n12\n");
}

static void test_rotate_every__by_the_clock(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ .rotate_every = 100 * NS_PER_MS });
	int64_t timeout = -1;

	(void)state;
	s.ops->wait(s.self, NULL, 0, &timeout);
	assert_int_equal(timeout, -1); /* nothing is there that could be old */
	sink_put(s, "1\n");
	sink_tick(s);
	assert_names(".", "f");
	s.ops->wait(s.self, NULL, 0, &timeout);
	assert_true(timeout > 0 && timeout <= 100 * NS_PER_MS);
	pause_ms(110);
	sink_tick(s);
	assert_names(".", "f f.1");
	assert_file("f", "");
	assert_file("f.1", "1\n");
	pause_ms(110);
	sink_tick(s); /* an empty one stays */
	sink_put(s, "2\n");
	pause_ms(110);
	sink_put(s, "3\n"); /* and without tick() */
	sink_end(s);
	assert_names(".", "f f.1 f.2");
	assert_file("f", "3\n");
	assert_file("f.1", "2\n");
}

static void test_rotate__compressed(void **state)
{
	struct sink s = open_sink(
		"f", (struct filesink_opts){
			     .rotate_count = 1, .pack = PACK_GZIP, .keep = 2, .sync = SYNC_END });

	(void)state;
	sink_put(s, "1\n2\n3\n4\n");
	sink_end(s);
	assert_names(".", "f f.1.gz f.2.gz");
	assert_file("f", "4\n");
	assert_file("f.1.gz", "3\n");
	assert_file("f.2.gz", "2\n");
}

static void test_rotate__atomic_ones_when_they_are_whole(void **state)
{
	struct sink s;

	(void)state;
	feed_file("f", "w", SLICE("old\n"));
	s = open_sink("f", (struct filesink_opts){ .rotate_count = 2, .atomic = true });
	sink_put(s, "1\n2\n3\n4\n5\n");
	assert_file("f.2", "1\n2\n");
	assert_file("f.1", "3\n4\n");
	assert_file("f", "old\n");
	sink_end(s);
	assert_file("f", "5\n");
	assert_names(".", "f f.1 f.2");
}

/* The names are beside the file, not beside the link. */
static void test_rotate__through_links(void **state)
{
	struct sink s;

	(void)state;
	feed_run("mkdir d; ln -s d/f link");
	s = open_sink("link", (struct filesink_opts){ .rotate_count = 1 });
	sink_put(s, "1\n2\n");
	sink_end(s);
	assert_names(".", "d link");
	assert_file("d/f.1", "1\n");
	assert_file("d/f", "2\n");
}

/* Somebody else did it: what has our name now is not ours to rename. */
static void test_rotate__the_name_is_another_files(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ .rotate_count = 1 });

	(void)state;
	sink_put(s, "1\n");
	feed_run("mv f moved; echo other > f");
	sink_put(s, "2\n");
	sink_end(s);
	assert_names(".", "f moved");
	assert_file("moved", "1\n");
	assert_file("f", "other\n2\n");
}

static void test_rotate__keeps_the_mode(void **state)
{
	struct sink s = open_sink("f", (struct filesink_opts){ .rotate_count = 1 });
	struct stat st;

	(void)state;
	sink_end(s);
	assert_int_equal(chmod("f", 0606), 0);
	s = open_sink("f", (struct filesink_opts){ .rotate_count = 1 });
	sink_put(s, "1\n2\n");
	sink_end(s);
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0606);
}

/* ---- what files begin with */

static void test_head__of_each_new_file(void **state)
{
	static char text[] = "a,b\n";
	struct filesink_opts o = {
		.rotate_count = 2, .append = true, .head = head, .context = text
	};
	struct sink s = open_sink("f", o);

	(void)state;
	assert_file("f", "");
	sink_put(s, "1,2\n3,4\n5,6\n");
	sink_end(s);
	assert_file("f.1", "a,b\n1,2\n3,4\n");
	assert_file("f", "a,b\n5,6\n");
	o.rotate_count = 0;
	s = open_sink("f", o);
	sink_put(s, "7,8\n");
	sink_end(s);
	assert_file("f", "a,b\n5,6\n7,8\n");
	s = open_sink("g", o); /* without a record */
	sink_end(s);
	assert_file("g", "a,b\n");
}

/* It counts as bytes, but is no record: one record always goes with it. */
static void test_head__and_size(void **state)
{
	static char text[] = "a,b\n";
	struct sink s = open_sink(
		"f", (struct filesink_opts){ .rotate_size = 10, .head = head, .context = text });

	(void)state;
	sink_put(s, "1\n2\n3\n4\n123456789\n5\n");
	sink_end(s);
	assert_file("f.3", "a,b\n1\n2\n3\n");
	assert_file("f.2", "a,b\n4\n");
	assert_file("f.1", "a,b\n123456789\n");
	assert_file("f", "a,b\n5\n");
}

static void test_head__there_is_no_room(void **state)
{
	static char text[] = "a,b\n";
	struct sink s = open_sink(
		"f", (struct filesink_opts){ .retry = NS_PER_MIN, .head = head, .context = text });

	(void)state;
	quiet();
	room = 3;
	sink_put(s, "1\n");
	assert_file("f", "");
	room = -1;
	assert_int_equal(push(s), SINK_TOOK);
	loud();
	sink_end(s);
	assert_file("f", "a,b\n1\n");
}

/* ---- durability */

static void test_sync__when_it_is_asked_for(void **state)
{
	static const struct {
		const char *label;
		struct filesink_opts o;
		unsigned put, put_folder, end, end_folder; /* behind two parcels, and at the end */
	} rows[] = {
		{ "never", { .sync = SYNC_NEVER }, 0, 0, 0, 0 },
		{ "end", { .sync = SYNC_END }, 0, 0, 1, 1 },
		{ "each", { .sync = SYNC_EACH }, 2, 1, 2, 1 },
		{ "atomic", { .sync = SYNC_END, .atomic = true }, 0, 0, 1, 2 },
		{ "rotated", { .sync = SYNC_END, .rotate_count = 1 }, 1, 2, 2, 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sink s;

		feed_run("rm -f f f.1");
		syncs = folder_syncs = 0;
		s = open_sink("f", rows[i].o);
		sink_put(s, "1\n");
		sink_put(s, "2\n");
		if (syncs != rows[i].put || folder_syncs != rows[i].put_folder)
			fail_msg("%s: %u and %u", rows[i].label, syncs, folder_syncs);
		sink_end(s);
		if (syncs != rows[i].end || folder_syncs != rows[i].end_folder)
			fail_msg("%s, end: %u and %u", rows[i].label, syncs, folder_syncs);
	}
}

static void test_sync_every__by_tick(void **state)
{
	struct sink s = open_sink(
		"f", (struct filesink_opts){ .sync = SYNC_EVERY, .sync_every = 50 * NS_PER_MS });
	int64_t timeout = -1;

	(void)state;
	s.ops->wait(s.self, NULL, 0, &timeout);
	assert_int_equal(timeout, -1);
	sink_put(s, "1\n");
	s.ops->wait(s.self, NULL, 0, &timeout);
	assert_true(timeout > 0 && timeout <= 50 * NS_PER_MS);
	sink_tick(s);
	assert_int_equal(syncs, 0);
	pause_ms(60);
	sink_put(s, "2\n");
	sink_tick(s);
	assert_int_equal(syncs, 1);
	pause_ms(60);
	sink_tick(s); /* nothing is new */
	assert_int_equal(syncs, 1);
	sink_end(s);
	assert_int_equal(syncs, 1);
}

/* ---- killed at any time */

#define KILLS 50

static uint32_t noise(uint32_t *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x >> 8;
}

static void make_records(char *text, uint32_t *seed)
{
	size_t n = 0;

	for (size_t i = noise(seed) % 20; i < 20; i++) {
		size_t len = noise(seed) % (noise(seed) % 8 ? 300 : 10000);

		n += (size_t)sprintf(text + n, "{\"n\":%zu,\"x\":\"", len);
		memset(text + n, 'x', len);
		n += len;
		n += (size_t)sprintf(text + n, "\"}\n");
	}
	text[n] = '\0';
}

/* Records of all sizes, each an object with a check of its length, for ever. */
_Noreturn static void write_for_ever(uint32_t seed)
{
	static char text[1 << 18];
	struct sink s = open_sink("f", (struct filesink_opts){ .append = true });
	struct err e;

	/* odd ones in many writes, so that some are killed between them */
	at_once = seed % 2 ? 50 : SIZE_MAX;
	for (;;) {
		make_records(text, &seed);
		if (sink_try(s, text, &e) != SINK_TOOK)
			_exit(1);
		if (noise(&seed) % 4 == 0)
			pause_ms(1);
	}
}

/* Are these whole records, but for the last? Returns bytes of the torn one. */
static size_t check_records(struct slice s)
{
	while (s.n) {
		const char *newline = memchr(s.p, '\n', s.n);
		size_t len, n;
		int head_len = 0;

		if (!newline)
			return s.n;
		n = (size_t)(newline - s.p);
		if (sscanf(s.p, "{\"n\":%zu,\"x\":\"%n", &len, &head_len) != 1 ||
		    n != (size_t)head_len + len + 2 || newline[-1] != '}')
			fail_msg("a torn record: %.*s", (int)n, s.p);
		s.p += n + 1;
		s.n -= n + 1;
	}
	return 0;
}

static void test_killed__whole_records_only(void **state)
{
	uint32_t seed = 7;
	size_t torn_sum = 0;

	(void)state;
	quiet();
	for (uint32_t i = 0; i < KILLS; i++) {
		pid_t pid = fork();
		int status;
		struct buf b;

		if (pid == 0)
			write_for_ever(i);
		assert_true(pid > 0);
		pause_ms(noise(&seed) % 20);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		if (access("f", F_OK) < 0)
			continue;
		b = sink_read("f");
		torn_sum += check_records(buf_slice(&b));
		buf_free(&b);
	}
	sink_end(open_sink("f", (struct filesink_opts){ .append = true }));
	loud();
	{
		struct buf b = sink_read("f");

		assert_true(b.n > 0);
		assert_int_equal(check_records(buf_slice(&b)), 0);
		buf_free(&b);
	}
	assert_true(torn_sum > 0); /* else it was not tried */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replace__at_once),
		TEST(test_append__behind_what_is_there),
		TEST(test_append__mends_a_torn_line),
		TEST(test_atomic__at_the_end),
		TEST(test_atomic__given_up),
		TEST(test_atomic__a_new_one_has_the_usual_mode),
		TEST(test_atomic__through_links),
		TEST(test_open__fails),
		TEST(test_open__devices),
		TEST(test_open__descriptors_by_name),
		TEST(test_rest__and_again),
		TEST(test_rest__not_always),
		TEST(test_put__writes_on_behind_short_writes),
		TEST(test_put__cuts_back_to_the_last_whole_record),
		TEST(test_put__a_limit_of_size),
		TEST(test_put__others_write_too),
		TEST(test_retry__until_there_is_room),
		TEST(test_retry__not_for_ever),
		TEST(test_retry__in_the_middle_of_a_record),
		TEST(test_retry__not_for_other_errors),
		TEST(test_rotate_size__is_not_exceeded),
		TEST(test_rotate_count__of_records),
		TEST(test_rotate_every__by_the_clock),
		TEST(test_rotate__compressed),
		TEST(test_rotate__atomic_ones_when_they_are_whole),
		TEST(test_rotate__through_links),
		TEST(test_rotate__the_name_is_another_files),
		TEST(test_rotate__keeps_the_mode),
		TEST(test_head__of_each_new_file),
		TEST(test_head__and_size),
		TEST(test_head__there_is_no_room),
		TEST(test_sync__when_it_is_asked_for),
		TEST(test_sync_every__by_tick),
		TEST(test_killed__whole_records_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
