/* content.h: what files hold, compressed or not, and whether they are those that were read before.
 */
#include "feed.h"

#include "stream/content.h"

/* Line K, of eight bytes, begins at 8 * K. More than what is unpacked at once. */
#define LINES_ALL 30000
#define BYTES     (8 * (size_t)LINES_ALL)

static void make_lines(struct buf *text, int from, int upto)
{
	for (int i = from; i < upto; i++)
		buf_addf(text, "%07d\n", i);
}

static void make_all(const char *path)
{
	struct buf text = { 0 };

	make_lines(&text, 0, LINES_ALL);
	assert_int_equal(text.n, BYTES);
	feed_file(path, "w", buf_slice(&text));
	buf_free(&text);
}

static void must_open(struct content *c, const char *path)
{
	struct stat st;
	struct err e;

	err_clear(&e);
	assert_int_equal(content_open(c, path, &st, &e), 0);
}

static const char *const kinds[] = { "plain", "gz", "zst", "parts" };

/* The same in several files. */
static void make_kinds(void)
{
	make_all("plain");
	feed_run("gzip -c plain >gz && zstd -qc plain >zst");
	feed_run("head -c 100000 plain | gzip >parts && tail -c +100001 plain | gzip >>parts");
}

static void test_content_read__at_any_offset(void **state)
{
	static const struct {
		uint64_t at;
		size_t n;
		const char *text;
	} rows[] = {
		{ 0, 8, "0000000\n" },
		{ 8, 8, "0000001\n" },
		{ 20, 8, "002\n0000" },
		{ 79996, 8, "999\n0010" },
		{ 99996, 8, "499\n0012" },
		{ 239992, 8, "0029999\n" },
		{ 239992, 16, "0029999\n" },
		{ 239999, 8, "\n" },
		{ 240000, 8, "" },
		{ 240000, 8, "" },
		{ 999999, 8, "" },
		/* back again */
		{ 239996, 8, "999\n" },
		{ 160000, 8, "0020000\n" },
		{ 160000, 8, "0020000\n" },
		{ 160004, 8, "000\n0020" },
		{ 1, 7, "000000\n" },
		{ 0, 1, "0" },
		{ 0, 0, "" },
		{ 65536, 9, "0008192\n0" },
	};

	(void)state;
	make_kinds();
	for (size_t k = 0; k < COUNT(kinds); k++) {
		struct content c;

		must_open(&c, kinds[k]);
		assert_row(kinds[k], c.packed == (k > 0));
		for (size_t i = 0; i < COUNT(rows); i++) {
			char to[16];
			struct err e;
			long n = content_read(&c, rows[i].at, to, rows[i].n, &e);

			assert_row(kinds[k], n >= 0);
			assert_slice(kinds[k], ((struct slice){ to, (size_t)n }),
			             slice_from(rows[i].text));
		}
		content_close(&c);
		assert_int_equal(c.fd, -1);
	}
}

static void test_content_read__all_at_once(void **state)
{
	struct buf text = { 0 };
	char *to = malloc(BYTES + 1);

	(void)state;
	make_kinds();
	make_lines(&text, 0, LINES_ALL);
	for (size_t k = 0; k < COUNT(kinds); k++) {
		struct content c;
		struct err e;

		must_open(&c, kinds[k]);
		/* and once more behind a rewind */
		for (int i = 0; i < 2; i++) {
			assert_int_equal(content_read(&c, 0, to, BYTES + 1, &e), BYTES);
			assert_memory_equal(to, text.p, BYTES);
			content_rewind(&c);
		}
		content_close(&c);
	}
	free(to);
	buf_free(&text);
}

static void test_content_read__what_was_added(void **state)
{
	struct content c;
	struct err e;
	char to[8];

	(void)state;
	feed_file("a", "w", SLICE("one\n"));
	must_open(&c, "a");
	assert_int_equal(content_read(&c, 4, to, sizeof to, &e), 0);
	feed_file("a", "a", SLICE("two\n"));
	assert_int_equal(content_read(&c, 4, to, sizeof to, &e), 4);
	assert_memory_equal(to, "two\n", 4);
	content_close(&c);
}

static void test_content_read__damaged(void **state)
{
	static const struct {
		const char *label, *made;
	} rows[] = {
		{ "gzip, cut", "gzip -c plain | head -c 20000 >bad" },
		{ "zstd, cut", "zstd -qc plain | head -c 300 >bad" },
		{ "gzip, the checksum", "{ gzip -c plain | head -c -8; printf 12345678; } >bad" },
		{ "zstd, the checksum",
		  "{ zstd -qc --check plain | head -c -4; printf 1234; } >bad" },
		{ "gzip, only its magic", "printf '\\037\\213\\010\\000' >bad" },
	};
	char *to = malloc(BYTES + 1);

	(void)state;
	make_all("plain");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct content c;
		struct err e;

		feed_run(rows[i].made);
		must_open(&c, "bad");
		/* whether it is read, or skipped */
		for (uint64_t at = 0; at <= 2 * BYTES; at += 2 * BYTES) {
			long n;

			err_clear(&e);
			content_rewind(&c);
			n = content_read(&c, at, to, BYTES + 1, &e);
			assert_row(rows[i].label, n == -1);
			assert_row(rows[i].label, e.kind == FAIL_DATA);
		}
		content_close(&c);
	}
	free(to);
}

static void test_content_open__tells_of_the_file(void **state)
{
	struct content c;
	struct stat st, own;
	struct err e;

	(void)state;
	feed_file("a", "w", SLICE("12345"));
	assert_int_equal(content_open(&c, "a", &st, &e), 0);
	assert_int_equal(stat("a", &own), 0);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(st.st_ino, own.st_ino);
	assert_false(c.packed);
	content_close(&c);

	feed_file("empty", "w", SLICE(""));
	must_open(&c, "empty");
	assert_false(c.packed);
	content_close(&c);
}

static void test_content_open__refuses(void **state)
{
	static const struct {
		const char *path, *text;
	} rows[] = {
		{ "gone", "cannot open gone: No such file or directory" },
		{ "folder", "cannot follow folder: it is no regular file" },
		{ "pipe", "cannot follow pipe: it is no regular file" }, /* without a wait */
		{ "/dev/null", "cannot follow /dev/null: it is no regular file" },
	};

	(void)state;
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct content c;
		struct stat st;
		struct err e;

		err_clear(&e);
		assert_int_equal(content_open(&c, rows[i].path, &st, &e), -1);
		assert_int_equal(e.kind, FAIL_OPEN);
		assert_string_equal(e.text, rows[i].text);
		assert_int_equal(c.fd, -1);
	}
}

/* ---- prints */

/* The print of the first AT bytes, as a reader makes it. */
static struct print print_of(struct slice text, size_t at)
{
	struct print p = { 0 };

	print_head(&p, text.p, at < PRINT_HEAD ? at : PRINT_HEAD);
	print_tail(&p, text.p, at);
	return p;
}

static bool fits(const struct print *p, uint64_t at, const char *path)
{
	struct content c;
	bool is;

	must_open(&c, path);
	is = print_fits(p, at, &c);
	content_close(&c);
	return is;
}

/* Read up to line 100 (byte 800): bytes 0 to 256 and 736 to 800 are known. */
static void test_print_fits__what_was_read(void **state)
{
	static const struct {
		const char *made;
		bool fits;
	} rows[] = {
		{ "cp a b", true },
		{ "cp a c && mv c b", true },
		{ "gzip -c a >b", true },
		{ "zstd -qc a >b", true },
		{ "head -c 800 a >b", true },
		{ "head -c 800 a | gzip >b", true },
		{ "cat a a >b", true },
		{ "{ head -c 300 a; printf x; tail -c +302 a; } >b", true },
		{ "head -c 799 a >b", false },
		{ "head -c 799 a | zstd -qc >b", false },
		{ ": >b", false },
		{ "gzip -c </dev/null >b", false },
		{ "{ printf x; tail -c +2 a; } >b", false },
		{ "{ head -c 255 a; printf x; tail -c +257 a; } >b", false },
		{ "{ head -c 736 a; printf x; tail -c +738 a; } >b", false },
		{ "{ head -c 799 a; printf x; tail -c +801 a; } >b", false },
		{ "{ head -c 799 a; printf x; tail -c +801 a; } | gzip >b", false },
		{ "tail -c +9 a >b", false },
		{ "gzip -c a | head -c 60 >b", false },
	};
	struct buf text = { 0 };
	struct print p;

	(void)state;
	make_lines(&text, 0, 200);
	feed_file("a", "w", buf_slice(&text));
	p = print_of(buf_slice(&text), 800);
	assert_int_equal(p.head_n, 256);
	assert_int_equal(p.tail_n, 64);
	for (size_t i = 0; i < COUNT(rows); i++) {
		feed_run(rows[i].made);
		assert_row(rows[i].made, fits(&p, 800, "b") == rows[i].fits);
	}
	/* at another place */
	assert_false(fits(&p, 808, "a"));
	assert_false(fits(&p, 63, "a"));
	buf_free(&text);
}

static void test_print_fits__short_files(void **state)
{
	struct print p = print_of(SLICE("one\n"), 4), none = { 0 };

	(void)state;
	assert_int_equal(p.head_n, 4);
	assert_int_equal(p.tail_n, 4);
	feed_file("same", "w", SLICE("one\n"));
	feed_file("more", "w", SLICE("one\ntwo\n"));
	feed_file("less", "w", SLICE("one"));
	feed_file("other", "w", SLICE("One\n"));
	feed_file("empty", "w", SLICE(""));
	assert_true(fits(&p, 4, "same"));
	assert_true(fits(&p, 4, "more"));
	assert_false(fits(&p, 4, "less"));
	assert_false(fits(&p, 4, "other"));
	assert_false(fits(&p, 4, "empty"));
	/* nothing is known */
	assert_false(fits(&none, 0, "same"));
	assert_false(fits(&none, 0, "empty"));
}

/* What is before the place is not always known: then the beginning tells, and the length. */
static void test_print_fits__without_a_tail(void **state)
{
	struct buf text = { 0 };
	struct print p;

	(void)state;
	make_lines(&text, 0, 200);
	feed_file("a", "w", buf_slice(&text));
	p = print_of(buf_slice(&text), 800);
	p.tail_n = 0;
	feed_run("{ head -c 799 a; printf xy; } >other && head -c 799 a >shorter");
	feed_run("gzip -c a >a.gz && gzip -c shorter >shorter.gz");
	assert_true(fits(&p, 800, "a"));
	assert_true(fits(&p, 800, "a.gz"));
	assert_true(fits(&p, 800, "other"));
	assert_false(fits(&p, 800, "shorter"));
	assert_false(fits(&p, 800, "shorter.gz"));
	buf_free(&text);
}

static void test_print_tail__of_the_last_bytes(void **state)
{
	char text[PRINT_TAIL + 1];
	struct print all = { 0 }, last = { 0 }, other = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('0' + i);
	print_tail(&all, text, sizeof text);
	print_tail(&last, text + 1, PRINT_TAIL);
	print_tail(&other, text, PRINT_TAIL);
	assert_int_equal(all.tail_n, PRINT_TAIL);
	assert_true(all.tail == last.tail);
	assert_true(all.tail != other.tail);
	print_tail(&all, text, 3);
	assert_int_equal(all.tail_n, 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, feed_enter, feed_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_content_read__at_any_offset),
		TEST(test_content_read__all_at_once),
		TEST(test_content_read__what_was_added),
		TEST(test_content_read__damaged),
		TEST(test_content_open__tells_of_the_file),
		TEST(test_content_open__refuses),
		TEST(test_print_fits__what_was_read),
		TEST(test_print_fits__short_files),
		TEST(test_print_fits__without_a_tail),
		cmocka_unit_test(test_print_tail__of_the_last_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
