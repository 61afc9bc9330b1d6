/* Lines out of a descriptor that does not wait, wherever what is written is cut. */
#include "unit.h"

#include "base/buf.h"
#include "stream/linebuf.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define LIMIT 10

struct rig {
	struct linebuf l;
	int fd[2];
	struct buf log;
};

static void rig_open(struct rig *r, size_t limit)
{
	*r = (struct rig){ 0 };
	linebuf_init(&r->l, limit);
	assert_int_equal(pipe2(r->fd, O_NONBLOCK), 0);
}

static void rig_close(struct rig *r)
{
	close(r->fd[0]);
	linebuf_free(&r->l);
	buf_free(&r->log);
}

static void put(const struct rig *r, struct slice s)
{
	if (s.n)
		assert_int_equal(write(r->fd[1], s.p, s.n), (ssize_t)s.n);
}

/*
 * Read until there is nothing, and write down each batch's lines as "line@offset:text"; "(long)"
 * for one over the limit, however that was told; "~" behind a line without newline, "." at the end.
 */
static enum got drain(struct rig *r)
{
	struct pollfd p = { .fd = r->fd[0], .events = POLLIN };
	struct slice lines = { 0 };
	struct err e = { 0 };
	enum got got = GOT_TICK;

	while (poll(&p, 1, 0) > 0 || r->l.over) {
		got = linebuf_read(&r->l, r->fd[0], &lines, &e);
		if (got == GOT_TICK)
			continue;
		if (got != GOT_LINES && got != GOT_LONG)
			break;
		uint64_t line = r->l.line, offset = r->l.offset;

		while (lines.n) {
			const char *newline = memchr(lines.p, '\n', lines.n);
			size_t n = newline ? (size_t)(newline - lines.p) : lines.n;

			buf_addf(&r->log, "%d@%d:", (int)line, (int)offset);
			if (n > r->l.max_line)
				buf_adds(&r->log, "(long)");
			else
				buf_add(&r->log, lines.p, n);
			buf_addc(&r->log, ' ');
			n += newline != NULL;
			lines.p += n;
			lines.n -= n;
			offset += n;
			line++;
		}
		if (r->l.unterminated)
			buf_adds(&r->log, "~");
		got = GOT_TICK;
	}
	if (got == GOT_END)
		buf_adds(&r->log, ".");
	return got;
}

static const struct {
	const char *label, *text, *expected;
} rows[] = {
	{ "nothing", "", "." },
	{ "a line", "ab\n", "1@0:ab ." },
	{ "lines", "ab\n\nc\n", "1@0:ab 2@3: 3@4:c ." },
	{ "without newline", "ab\ncd", "1@0:ab 2@3:cd ~." },
	{ "the longest", "1234567890\nx\n", "1@0:1234567890 2@11:x ." },
	{ "too long", "a\n12345678901\nx\n", "1@0:a 2@2:(long) 3@14:x ." },
	{ "too long twice", "12345678901234567890\n12345678901234567890\nx\n",
	  "1@0:(long) 2@21:(long) 3@42:x ." },
	{ "too long at the end", "a\n123456789012", "1@0:a 2@2:(long) ." },
	{ "carriage returns stay", "a\r\nb", "1@0:a\r 2@3:b ~." },
};

static void test_read__cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice all = slice_from(rows[i].text);

		for (size_t cut = 0; cut <= all.n; cut++) {
			struct rig r;

			rig_open(&r, LIMIT);
			put(&r, (struct slice){ all.p, cut });
			assert_row(rows[i].label, drain(&r) == GOT_TICK);
			put(&r, (struct slice){ all.p + cut, all.n - cut });
			close(r.fd[1]);
			assert_row(rows[i].label, drain(&r) == GOT_END);
			assert_slice(rows[i].label, buf_slice(&r.log),
			             slice_from(rows[i].expected));
			assert_int_equal(linebuf_bytes(&r.l), all.n);
			rig_close(&r);
		}
	}
}

static void test_read__much(void **state)
{
	struct rig r;
	struct slice lines;
	struct err e = { 0 };
	uint64_t got = 0, wanted = 0;
	char text[4000];

	(void)state;
	memset(text, 'x', sizeof text);
	rig_open(&r, sizeof text);
	for (int round = 0; round < 200; round++) {
		size_t n = 1 + (size_t)(round * 977) % sizeof text;

		text[n - 1] = '\n';
		put(&r, (struct slice){ text, n });
		text[n - 1] = 'x';
		wanted += n;
		if (round % 7 == 0)
			while (linebuf_read(&r.l, r.fd[0], &lines, &e) == GOT_LINES) {
				assert_int_equal(r.l.offset, got);
				got += lines.n;
			}
	}
	while (linebuf_read(&r.l, r.fd[0], &lines, &e) == GOT_LINES)
		got += lines.n;
	assert_int_equal(got, wanted);
	assert_int_equal(r.l.lines, 200);
	/* what grew for much stays bounded */
	assert_true(r.l.cap <= 65536);
	close(r.fd[1]);
	rig_close(&r);
}

static void test_read__an_error_comes_behind_the_last_line(void **state)
{
	struct linebuf l;
	struct slice lines;
	struct err e = { 0 };
	int folder = open("/", O_RDONLY | O_DIRECTORY), fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_NONBLOCK), 0);
	assert_int_equal(write(fd[1], "half", 4), 4);
	linebuf_init(&l, LIMIT);
	assert_int_equal(linebuf_read(&l, fd[0], &lines, &e), GOT_TICK);
	/* a folder cannot be read */
	assert_int_equal(linebuf_read(&l, folder, &lines, &e), GOT_LINES);
	assert_slice("the last line", lines, SLICE("half\n"));
	assert_true(l.unterminated);
	assert_int_equal(linebuf_read(&l, folder, &lines, &e), GOT_ERROR);
	assert_string_equal(e.text, "cannot read: Is a directory");
	assert_int_equal(linebuf_read(&l, folder, &lines, &e), GOT_END);
	linebuf_free(&l);
	close(folder);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read__cut_anywhere),
		cmocka_unit_test(test_read__much),
		cmocka_unit_test(test_read__an_error_comes_behind_the_last_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
