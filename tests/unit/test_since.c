/* since.h: times by hand; the search beside a reading of all lines. */
#include "unit.h"

#include "base/buf.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "stream/since.h"

#include <inttypes.h>
#include <unistd.h>

/* 2026-03-29T10:30:00Z: the day on which Berlin's clocks went from 2 to 3. */
#define NOW (INT64_C(1774780200) * NS_PER_SEC)

static void test_since_parse__tables(void **state)
{
	static const struct {
		const char *text, *zone;
		const char *expected; /* NULL: no time */
	} rows[] = {
		{ "2026-01-01T00:00:00Z", NULL, "2026-01-01T00:00:00Z" },
		{ "2026-01-01 12:00:00.5+01:00", NULL, "2026-01-01T11:00:00.5Z" },
		{ "2026-01-01T00:00:00", "Europe/Berlin", "2025-12-31T23:00:00Z" },
		{ "2026-01-01", NULL, "2026-01-01T00:00:00Z" },
		{ "now", "Europe/Berlin", "2026-03-29T10:30:00Z" },
		{ "today", NULL, "2026-03-29T00:00:00Z" },
		{ "yesterday", NULL, "2026-03-28T00:00:00Z" },
		{ "today", "Europe/Berlin", "2026-03-28T23:00:00Z" },
		{ "yesterday", "Europe/Berlin", "2026-03-27T23:00:00Z" },
		{ "today", "Asia/Tokyo", "2026-03-28T15:00:00Z" },
		{ "today", "Pacific/Kiritimati", "2026-03-29T10:00:00Z" },
		{ "-15m", NULL, "2026-03-29T10:15:00Z" },
		{ "-1d12h", NULL, "2026-03-27T22:30:00Z" },
		{ "-0", NULL, "2026-03-29T10:30:00Z" },
		{ "-500ms", "Europe/Berlin", "2026-03-29T10:29:59.5Z" },
		{ "15m", NULL, NULL },
		{ "-", NULL, NULL },
		{ "-15", NULL, NULL },
		{ "tomorrow", NULL, NULL },
		{ "", NULL, NULL },
		{ "2026-02-30", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e;
		struct tz *zone = NULL;
		char text[STAMP_TEXT];
		int64_t ns;
		int got;

		err_clear(&e);
		if (rows[i].zone)
			zone = tz_load(rows[i].zone, &e);
		got = since_parse("--since", rows[i].text, zone, NOW, &ns, &e);
		assert_row(rows[i].text, (got == 0) == (rows[i].expected != NULL));
		if (got == 0) {
			stamp_format(ns, text);
			assert_slice(rows[i].text, slice_from(text), slice_from(rows[i].expected));
		} else {
			assert_row(rows[i].text, e.kind == FAIL_USAGE);
		}
		tz_free(zone);
	}
}

/* ---- files whose lines are "NUMBER TEXT", or begin with a tab and have no time */

static unsigned asked; /* times of lines */

static int64_t time_of(void *context, struct slice line)
{
	char *end;
	int64_t t;

	(void)context;
	asked++;
	assert_true(line.n && line.p[line.n - 1] == '\n');
	if (line.p[0] < '0' || line.p[0] > '9')
		return STAMP_NONE;
	t = strtoll(line.p, &end, 10);
	return *end == ' ' ? t : STAMP_NONE;
}

static int64_t search(const struct buf *text, int64_t want, int64_t delay)
{
	const struct since_lines lines = { .time_of = time_of, .max_line = 40000, .delay = delay };
	FILE *f = tmpfile();
	int64_t found;

	assert_non_null(f);
	assert_int_equal(write(fileno(f), text->p, text->n), text->n);
	asked = 0;
	found = since_offset(fileno(f), want, &lines);
	fclose(f);
	return found;
}

/* The first line with a time >= WANT, by reading all; behind all the end or the unfinished line. */
static int64_t scan(const struct buf *text, int64_t want)
{
	size_t last = 0;

	for (size_t at = 0; at < text->n;) {
		const char *p = text->p + at, *newline = memchr(p, '\n', text->n - at);

		if (*p != '\t' && strtoll(p, NULL, 10) >= want)
			return (int64_t)at;
		last = at;
		at = newline ? (size_t)(newline + 1 - text->p) : text->n;
	}
	return (int64_t)(text->n && text->p[text->n - 1] == '\n' ? text->n : last);
}

static uint64_t seed = 1;

static uint64_t chance(uint64_t below)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (seed >> 33) % below;
}

struct style {
	const char *label;
	const char *end; /* of a line */
	unsigned lines;  /* at most */
	unsigned traces; /* of 10 lines, how many have some without time behind them */
	unsigned trace;  /* bytes of those at most */
	uint64_t filler; /* bytes of a line at most */
	bool cut;        /* the last line has no newline */
};

static void write_sorted(struct buf *b, const struct style *s)
{
	int64_t t = 1000;

	for (uint64_t n = chance(s->lines + 1); n > 0; n--) {
		t += (int64_t)chance(4);
		buf_addf(b, "%" PRId64 " ", t);
		for (uint64_t k = chance(s->filler); k > 0; k--)
			buf_addc(b, 'x');
		buf_adds(b, s->end);
		if (chance(10) < s->traces)
			for (uint64_t k = chance(s->trace); k > 40; k -= 40) {
				buf_adds(b, "\tat 17 some.place(of.a:program)");
				buf_adds(b, s->end);
			}
	}
	if (s->cut && b->n)
		b->n -= strlen(s->end);
}

static void test_since_offset__as_a_scan_of_sorted_files(void **state)
{
	static const struct style styles[] = {
		{ "short lines", "\n", 3000, 0, 0, 30, false },
		{ "a few", "\n", 12, 2, 100, 30, false },
		{ "CRLF", "\r\n", 3000, 0, 0, 30, false },
		{ "stack traces", "\n", 1500, 3, 2000, 60, false },
		{ "stack traces longer than blocks", "\n", 100, 5, 30000, 60, false },
		{ "long lines", "\n", 60, 0, 0, 20000, false },
		{ "a last line without newline", "\n", 600, 0, 0, 40, true },
		{ "the same between traces", "\r\n", 600, 4, 300, 40, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(styles); i++) {
		for (int n = 0; n < 60; n++) {
			struct buf b = { 0 };
			int64_t want = 990 + (int64_t)chance(2000);
			int64_t found, expected;

			write_sorted(&b, &styles[i]);
			found = search(&b, want, 0);
			expected = scan(&b, want);
			if (found != expected)
				fail_msg("%s, %d: %" PRId64 ", not %" PRId64 " of %zu",
				         styles[i].label, n, found, expected, b.n);
			buf_free(&b);
		}
	}
}

static void test_since_offset__reads_little(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int64_t t = 0; t < 400000; t++)
		buf_addf(&b, "%" PRId64 " of a log with lines of a usual length\n", t);
	assert_true(b.n > 16000000);
	assert_int_equal(search(&b, 123456, 0), scan(&b, 123456));
	assert_true(asked < 300);
	assert_int_equal(search(&b, 399999, 0), scan(&b, 399999));
	assert_int_equal(search(&b, 400000, 0), b.n);
	assert_true(asked < 300);
	buf_free(&b);
}

static void test_since_offset__zero_where_it_cannot_be_known(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(search(&b, 5, 0), 0);
	/* two days in the wrong order */
	for (int64_t t = 50000; t < 90000; t++)
		buf_addf(&b, "%" PRId64 " the later\n", t);
	for (int64_t t = 0; t < 40000; t++)
		buf_addf(&b, "%" PRId64 " the earlier\n", t);
	assert_int_equal(search(&b, 60000, 0), 0);
	assert_int_equal(search(&b, 30000, 0), 0);
	/* no times at all */
	buf_clear(&b);
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "\tnothing\n");
	assert_int_equal(search(&b, 5, 0), 0);
	/* compressed, as its first bytes say */
	buf_clear(&b);
	buf_adds(&b, "\x1f\x8b\x08\x08 1\n2 a\n3 b\n");
	assert_int_equal(search(&b, 3, 0), 0);
	/* the same without them */
	buf_clear(&b);
	buf_adds(&b, "1 a\n2 a\n3 b\n");
	assert_int_equal(search(&b, 3, 0), 8);
	buf_free(&b);
}

static void test_since_offset__nothing_lost_of_what_is_late(void **state)
{
	(void)state;
	for (int n = 0; n < 200; n++) {
		const int64_t delay = 50;
		struct buf b = { 0 };
		int64_t want = 100 + (int64_t)chance(2000), found, top = 0;

		/* each line at most DELAY earlier than one before it */
		for (int64_t t = 0; t < 2000; t++) {
			int64_t late = chance(3) ? 0 : (int64_t)chance((uint64_t)delay);
			int64_t time = t + late;

			time = time < top - delay ? top - delay : time;
			top = time > top ? time : top;
			buf_addf(&b, "%" PRId64 " a line\n", time);
		}
		found = search(&b, want, delay);
		assert_true(found <= scan(&b, want));
		/* and it was searched: what comes first is near */
		if (want > 300 && want < 1900)
			assert_true(strtoll(b.p + found, NULL, 10) >= want - 2 * delay);
		buf_free(&b);
	}
}

static void test_since_offset__pipe_begins_at_its_beginning(void **state)
{
	const struct since_lines lines = { .time_of = time_of, .max_line = 4000 };
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(since_offset(fd[0], 5, &lines), 0);
	close(fd[0]);
	close(fd[1]);
}

static int64_t last(const char *text, uint64_t fill)
{
	const struct since_lines lines = { .time_of = time_of, .max_line = 40000 };
	FILE *f = tmpfile();
	int64_t found;

	assert_non_null(f);
	fputs("7 first\n", f);
	for (; fill; fill--)
		fputs("\tat 17 some.place(of.a:program)\n", f);
	fputs(text, f);
	fflush(f);
	found = since_last(fileno(f), &lines);
	fclose(f);
	return found;
}

static void test_since_last(void **state)
{
	(void)state;
	assert_int_equal(last("8 a\n9 b\n", 0), 9);
	assert_int_equal(last("10 a\n9 b\n", 0), 10);
	assert_int_equal(last("8 a\n9 b", 0), 9);
	assert_int_equal(last("\tat\n", 0), 7);
	assert_int_equal(last("\tat\n", 1000), 7);       /* 32 KB before it */
	assert_int_equal(last("\tat\n", 10000), 7);      /* 320 KB */
	assert_int_equal(last("8 a\n\tat\n", 40000), 8); /* 1.3 MB */
	assert_int_equal(last("\tat\n", 40000), STAMP_NONE);
}

static void test_since_last__not_known(void **state)
{
	const struct since_lines lines = { .time_of = time_of, .max_line = 40000 };
	FILE *f = tmpfile();
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "7 a\n", 4), 4);
	assert_int_equal(since_last(fds[0], &lines), STAMP_NONE);
	assert_int_equal(since_last(fileno(f), &lines), STAMP_NONE);
	fputs("\x1F\x8B\b\n7 a\n", f); /* gzip */
	fflush(f);
	assert_int_equal(since_last(fileno(f), &lines), STAMP_NONE);
	fclose(f);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since_parse__tables),
		cmocka_unit_test(test_since_offset__as_a_scan_of_sorted_files),
		cmocka_unit_test(test_since_offset__reads_little),
		cmocka_unit_test(test_since_offset__zero_where_it_cannot_be_known),
		cmocka_unit_test(test_since_offset__nothing_lost_of_what_is_late),
		cmocka_unit_test(test_since_offset__pipe_begins_at_its_beginning),
		cmocka_unit_test(test_since_last),
		cmocka_unit_test(test_since_last__not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
