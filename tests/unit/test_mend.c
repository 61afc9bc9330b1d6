/* mend.h: what becomes of a last line without a newline. */
#include "sinkrig.h"

#include "stream/mend.h"

static void mend_as(const char *path, enum mend_as as)
{
	int fd = open(path, O_WRONLY | O_APPEND);
	struct err e = { 0 };

	assert_true(fd >= 0);
	quiet();
	if (mend_last_line(fd, path, as, "tool", &e) < 0)
		fail_msg("%s", e.text);
	loud();
	close(fd);
}

static void mend(const char *path)
{
	mend_as(path, MEND_RECORDS);
}

static void test_mend_last_line__whole_ones_are_ended_others_moved(void **state)
{
	static const struct {
		const char *text, *then, *torn, *said;
	} rows[] = {
		{ "", "", NULL, "" },
		{ "\n", "\n", NULL, "" },
		{ "{\"a\":1}\n", "{\"a\":1}\n", NULL, "" },
		{ "{\"a\":1}\n{\"a\":2}", "{\"a\":1}\n{\"a\":2}\n", NULL,
		  "tool: f: the last line (7 bytes, whole) had no newline: it was added\n" },
		{ "[1,2]", "[1,2]\n", NULL,
		  "tool: f: the last line (5 bytes, whole) had no newline: it was added\n" },
		{ "{\"a\":1}\n{\"a\":2", "{\"a\":1}\n", "{\"a\":2\n",
		  "tool: f: the last line was torn: its 6 bytes were moved to f.torn\n" },
		{ "{\"a", "", "{\"a\n",
		  "tool: f: the last line was torn: its 3 bytes were moved to f.torn\n" },
		/* the beginning of a longer number */
		{ "[1]\n12", "[1]\n", "12\n",
		  "tool: f: the last line was torn: its 2 bytes were moved to f.torn\n" },
		{ "{\"a\":1}{\"b\":2}", "", "{\"a\":1}{\"b\":2}\n",
		  "tool: f: the last line was torn: its 14 bytes were moved to f.torn\n" },
		{ "a,b\n1,2\n3", "a,b\n1,2\n", "3\n",
		  "tool: f: the last line was torn: its 1 byte was moved to f.torn\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unlink("f.torn");
		feed_file("f", "w", slice_from(rows[i].text));
		mend("f");
		assert_file("f", rows[i].then);
		assert_file("stderr", rows[i].said);
		if (rows[i].torn)
			assert_file("f.torn", rows[i].torn);
		else
			assert_int_equal(access("f.torn", F_OK), -1);
		mend("f"); /* once is enough */
		assert_file("f", rows[i].then);
		assert_file("stderr", "");
	}
}

static void test_mend_last_line__adds_to_what_was_torn_before(void **state)
{
	(void)state;
	feed_file("f", "w", SLICE("one"));
	mend("f");
	feed_file("f", "a", SLICE("two"));
	mend("f");
	assert_file("f", "");
	assert_file("f.torn", "one\ntwo\n");
}

#define SLICE_OF(text)                                                                             \
	{                                                                                          \
		text, sizeof text - 1                                                              \
	}
#define ENDED "tool: f: the last line had no newline: it is ended with one\n"

static void test_mend_last_line__of_anything(void **state)
{
	static const struct {
		struct slice text, then;
		const char *torn, *said;
	} rows[] = {
		{ SLICE_OF("part1"), SLICE_OF("part1\n"), NULL, ENDED },
		{ SLICE_OF("a\n12\t\r"), SLICE_OF("a\n12\t\r\n"), NULL, ENDED },
		{ SLICE_OF("[1]\n{\"a\":2}"), SLICE_OF("[1]\n{\"a\":2}\n"), NULL,
		  "tool: f: the last line (7 bytes, whole) had no newline: it was added\n" },
		{ SLICE_OF("[1]\n {\"a\":2"), SLICE_OF("[1]\n"), " {\"a\":2\n",
		  "tool: f: the last line was torn: its 7 bytes were moved to f.torn\n" },
		{ SLICE_OF("[1]\n["), SLICE_OF("[1]\n"), "[\n",
		  "tool: f: the last line was torn: its 1 byte was moved to f.torn\n" },
		/* binary */
		{ SLICE_OF("a\0b"), SLICE_OF("a\0b"), NULL, "" },
		{ SLICE_OF("a\0b\nc"), SLICE_OF("a\0b\nc"), NULL, "" },
		{ SLICE_OF("a\0b\n[c"), SLICE_OF("a\0b\n[c"), NULL, "" },
		{ SLICE_OF("\x01\x8b\x08"), SLICE_OF("\x01\x8b\x08"), NULL, "" },
		{ SLICE_OF("a\x7f"), SLICE_OF("a\x7f"), NULL, "" },
		/* a control character in another line says nothing of this one */
		{ SLICE_OF("\x1b[1mx\ny"), SLICE_OF("\x1b[1mx\ny\n"), NULL, ENDED },
		{ SLICE_OF("\xc3\xa9"), SLICE_OF("\xc3\xa9\n"), NULL, ENDED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b;

		unlink("f.torn");
		feed_file("f", "w", rows[i].text);
		mend_as("f", MEND_ANY);
		b = sink_read("f");
		assert_slice("f", buf_slice(&b), rows[i].then);
		buf_free(&b);
		assert_file("stderr", rows[i].said);
		if (rows[i].torn)
			assert_file("f.torn", rows[i].torn);
		else
			assert_int_equal(access("f.torn", F_OK), -1);
	}
}

static void test_mend_last_line__quoted(void **state)
{
	static const struct {
		const char *text, *then, *torn;
	} rows[] = {
		{ "a,b\n1,2\n", "a,b\n1,2\n", NULL },
		{ "a,b\n1,2", "a,b\n", "1,2\n" },
		{ "a,b\n1,\"x\n", "a,b\n", "1,\"x\n\n" },
		{ "a,b\n1,\"x\ny", "a,b\n", "1,\"x\ny\n" },
		{ "a,b\n1,\"x\ny\"\n", "a,b\n1,\"x\ny\"\n", NULL },
		{ "a,b\n1,\"x\"\"\n", "a,b\n", "1,\"x\"\"\n\n" },
		{ "a,b\n[],\"x\n", "a,b\n", "[],\"x\n\n" },
		{ "a\n[]", "a\n", "[]\n" },
		{ "\"a\n", "", "\"a\n\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unlink("f.torn");
		feed_file("f", "w", slice_from(rows[i].text));
		mend_as("f", MEND_QUOTED);
		assert_file("f", rows[i].then);
		if (rows[i].torn)
			assert_file("f.torn", rows[i].torn);
		else
			assert_int_equal(access("f.torn", F_OK), -1);
		mend_as("f", MEND_QUOTED);
		assert_file("f", rows[i].then);
		assert_file("stderr", "");
	}
}

/* The quote that is open was opened more than a block ago. */
static void test_mend_last_line__quoted_and_long(void **state)
{
	struct stat st;

	(void)state;
	feed_run("printf 'a\\n\"' >f; yes | head -n 100000 >>f; cp f g; printf '\"\\n' >>g");
	mend_as("f", MEND_QUOTED);
	assert_file("f", "a\n");
	assert_int_equal(stat("f.torn", &st), 0);
	assert_int_equal(st.st_size, 1 + 200000 + 1);
	mend_as("g", MEND_QUOTED);
	assert_int_equal(stat("g", &st), 0);
	assert_int_equal(st.st_size, 2 + 1 + 200000 + 2);
}

/* Cut anywhere, an object is moved; its newline alone is added. */
static void test_mend_last_line__cut_at_every_byte(void **state)
{
	static const char first[] = "{\"n\":0}\n",
			  second[] = "{\"a\":[1,{\"b\":\"}\\\"]\"}],\"c\":1.5}\n";
	size_t len = sizeof second - 1;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		struct buf b = { 0 };

		unlink("f.torn");
		buf_adds(&b, first);
		buf_add(&b, second, cut);
		feed_file("f", "w", buf_slice(&b));
		mend("f");
		buf_clear(&b);
		buf_adds(&b, first);
		if (cut + 1 >= len)
			buf_adds(&b, second);
		buf_addc(&b, '\0');
		assert_file("f", b.p);
		assert_int_equal(access("f.torn", F_OK) == 0, cut > 0 && cut + 1 < len);
		buf_free(&b);
	}
}

/* Lines that are longer than what is read at once, and than any record. */
static void test_mend_last_line__long_ones(void **state)
{
	static const struct {
		size_t n; /* x in a string, and what stands around it */
		bool ends;
		size_t size, torn; /* then */
	} rows[] = {
		{ 65533, true, 2 + 65535 + 3, 0 },
		{ 65536, false, 2, 65536 + 3 },
		{ 1000000, true, 2 + 1000002 + 3, 0 },
		{ 1000000, false, 2, 1000000 + 3 },
		{ MEND_MAX - 4, true, 2 + MEND_MAX + 1, 0 },
		{ MEND_MAX - 3, true, 2 + MEND_MAX + 1 + 1, 0 },
		{ MEND_MAX - 2, false, 2, MEND_MAX + 1 },
		{ MEND_MAX - 1, false, 2 + MEND_MAX + 1 + 1, 0 }, /* no record of ours */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		FILE *f = fopen("f", "w");
		struct stat st;

		assert_non_null(f);
		unlink("f.torn");
		fputs("\n\n[\"", f);
		for (size_t j = 0; j < rows[i].n; j++)
			putc('x', f);
		fputs(rows[i].ends ? "\"]" : "", f);
		assert_int_equal(fclose(f), 0);
		mend("f");
		assert_int_equal(stat("f", &st), 0);
		assert_int_equal(st.st_size, rows[i].size);
		assert_int_equal(stat("f.torn", &st) == 0 ? st.st_size : 0, rows[i].torn);
	}
}

static void test_mend_last_line__where_it_cannot(void **state)
{
	struct err e;
	int fd;

	(void)state;
	feed_file("f", "w", SLICE("[1]\n[2"));
	assert_int_equal(mkdir("f.torn", 0700), 0);
	fd = open("f", O_WRONLY | O_APPEND);
	assert_int_equal(mend_last_line(fd, "f", MEND_ANY, "tool", &e), -1);
	assert_int_equal(e.kind, FAIL_OPEN);
	assert_string_equal(e.text, "cannot open f.torn: Is a directory");
	close(fd);
	assert_file("f", "[1]\n[2");
	fd = open("/dev/null", O_WRONLY);
	assert_int_equal(mend_last_line(fd, "/dev/null", MEND_ANY, "tool", &e), 0);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mend_last_line__whole_ones_are_ended_others_moved),
		TEST(test_mend_last_line__of_anything),
		TEST(test_mend_last_line__quoted),
		TEST(test_mend_last_line__quoted_and_long),
		TEST(test_mend_last_line__adds_to_what_was_torn_before),
		TEST(test_mend_last_line__cut_at_every_byte),
		TEST(test_mend_last_line__long_ones),
		TEST(test_mend_last_line__where_it_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
