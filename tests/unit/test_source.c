/* Records out of inputs: JSON and converted ones, control lines, bad records and their report. */
#include "rig.h"

#include "base/stamp.h"
#include "record/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* ---- lines out of memory: each text is an input, handed out in feeds of STEP lines */

struct memory {
	const char *const *text; /* NULL behind the last */
	const char *at;          /* in the current one, NULL before it */
	struct buf feed;
	size_t step;
	bool first;
};

static enum got memory_next(void *self, bool tick, int64_t timeout, struct slice *lines,
                            struct err *e)
{
	struct memory *m = self;

	(void)tick;
	(void)timeout;
	(void)e;
	if (m->at && !*m->at) {
		m->at = NULL;
		m->text++;
	}
	if (!*m->text)
		return GOT_END;
	m->first = !m->at;
	m->at = m->at ? m->at : *m->text;
	buf_clear(&m->feed);
	for (size_t i = 0; i < m->step && *m->at; i++) {
		size_t n = strcspn(m->at, "\n");

		buf_add(&m->feed, m->at, n);
		buf_addc(&m->feed, '\n');
		m->at += n + (m->at[n] == '\n');
	}
	memset(buf_room(&m->feed, LINES_PAD), 0, LINES_PAD);
	*lines = buf_slice(&m->feed);
	return GOT_LINES;
}

static const char *memory_name(const void *self)
{
	(void)self;
	return "memory";
}

static bool memory_first(const void *self)
{
	return ((const struct memory *)self)->first;
}

static bool memory_terminated(const void *self)
{
	(void)self;
	return true;
}

static uint64_t memory_none(const void *self)
{
	(void)self;
	return 0;
}

static void memory_free(void *self)
{
	buf_free(&((struct memory *)self)->feed);
}

static const struct lines_ops memory_ops = {
	.next = memory_next,
	.name = memory_name,
	.is_first = memory_first,
	.terminated = memory_terminated,
	.consumed = memory_none,
	.size = memory_none,
	.free = memory_free,
};

/* ---- what is said on stderr, caught in a file */

struct caught {
	FILE *file;
	int saved;
};

static struct caught catch_stderr(void)
{
	struct caught c = { tmpfile(), dup(2) };

	assert_non_null(c.file);
	assert_int_equal(dup2(fileno(c.file), 2), 2);
	return c;
}

static void release_stderr(struct caught *c, struct buf *said)
{
	size_t n;

	fflush(stderr);
	dup2(c->saved, 2);
	close(c->saved);
	rewind(c->file);
	while ((n = fread(buf_room(said, 4096), 1, 4096, c->file)))
		said->n += n;
	fclose(c->file);
}

/* ---- runs */

struct run {
	enum format format;
	const char *header;
	size_t max_record; /* 0: as much as there is */
	enum on_error policy;
	int joint;
};

/*
 * Read TEXTS to their end: events one below the other, records as "line number: JSON"; then what
 * was said.
 */
static void read_all(const struct run *how, const char *const *texts, size_t step, bool plan_none,
                     struct buf *out)
{
	struct memory m = { .text = texts, .step = step };
	struct report report;
	struct plan plan;
	struct source_setup setup = {
		.tool = "tool",
		.lines = { &memory_ops, &m },
		.decode = { .format = how->format, .header = how->header, .joint = how->joint },
		.max_record = how->max_record ? how->max_record : 1000,
		.plan = plan_none ? NULL : &plan,
		.report = &report
	};
	struct caught said = catch_stderr();
	struct source *s;
	struct record r;
	struct err e;
	int got;

	err_clear(&e);
	plan_init(&plan);
	report_init(&report, "tool", how->policy, NULL);
	s = source_new(&setup, &e);
	while ((got = source_next(s, false, -1, &r, &e)) != GOT_END) {
		static const char *const names[] = { [GOT_CONTROL] = "control",
			                             [GOT_HEADER] = "header",
			                             [GOT_PASS] = "pass",
			                             [GOT_DROPPED] = "dropped" };

		if (got == GOT_ERROR) {
			buf_addf(out, "stop: %s\n", e.text);
			break;
		}
		if (got == GOT_RECORD)
			buf_addf(out, "%" PRIu64 ": %.*s", source_line(s), (int)r.json.n, r.json.p);
		else if (got == GOT_DROPPED)
			buf_addf(out, "%s\n", names[got]);
		else
			buf_addf(out, "%s: %.*s", names[got], (int)r.line.n, r.line.p);
	}
	report_end(&report);
	source_free(s);
	plan_free(&plan);
	release_stderr(&said, out);
}

struct row {
	const char *label;
	struct run how;
	const char *texts[3];
	const char *want;
};

#define SAID(line, text) "tool: memory:" line ": " text "\n"

static const struct row rows[] = {
	{ "JSON lines as they are",
	  { .format = FORMAT_JSON },
	  { "{\"a\": 1}\n[2]\n3" },
	  "1: {\"a\": 1}\n2: [2]\n3: 3\n" },
	{ "blank lines are passed over, and counted",
	  { .format = FORMAT_JSON },
	  { "\n \t\n1\n\r\n2\n" },
	  "3: 1\n5: 2\n" },
	{ "CRLF is kept", { .format = FORMAT_JSON }, { "1\r\n2\r\n" }, "1: 1\r\n2: 2\r\n" },
	{ "a BOM at the very start is dropped, of each input",
	  { .format = FORMAT_JSON },
	  { "\xEF\xBB\xBF"
	    "1\n",
	    "\xEF\xBB\xBF"
	    "2\n" },
	  "1: 1\n1: 2\n" },
	{ "a BOM further down is not JSON",
	  { .format = FORMAT_JSON },
	  { "1\n\xEF\xBB\xBF"
	    "2\n" },
	  "1: 1\ndropped\n" SAID("2", "byte 1: expected a JSON value, got byte 0xEF") },
	{ "a bad record is said and left out",
	  { .format = FORMAT_JSON },
	  { "{\"a\":1}\n{\"a\":oops}\n2\n" },
	  "1: {\"a\":1}\ndropped\n3: 2\n" SAID("2", "byte 6: expected a JSON value, got 'o'") },
	{ "numbers of lines begin anew with an input",
	  { .format = FORMAT_JSON },
	  { "1\n2\n", "x\n" },
	  "1: 1\n2: 2\ndropped\n" SAID("1", "byte 1: expected a JSON value, got 'x'") },
	{ "--on-error pass",
	  { .format = FORMAT_JSON, .policy = ON_ERROR_PASS },
	  { "x\n1\n" },
	  "pass: x\n2: 1\n" SAID("1", "byte 1: expected a JSON value, got 'x'") },
	{ "--on-error skip",
	  { .format = FORMAT_JSON, .policy = ON_ERROR_SKIP },
	  { "x\n1\n" },
	  "dropped\n2: 1\n" },
	{ "--on-error fail",
	  { .format = FORMAT_JSON, .policy = ON_ERROR_FAIL },
	  { "1\nx\n2\n" },
	  "1: 1\nstop: memory:2: byte 1: expected a JSON value, got 'x'\n" },
	{ "a record of --max-record bytes, and one more",
	  { .format = FORMAT_JSON, .max_record = 4 },
	  { "1234\n12345\n1\n" },
	  "1: 1234\ndropped\n3: 1\n" SAID(
		  "2", "byte 5: the record is longer than --max-record (4 bytes)") },
	{ "the same of lines that are converted",
	  { .format = FORMAT_TEXT, .max_record = 4 },
	  { "1234\n12345\n" },
	  "1: \"1234\"\ndropped\n" SAID(
		  "2", "byte 5: the record is longer than --max-record (4 bytes)") },
	{ "control lines are events of their own",
	  { .format = FORMAT_JSON },
	  { "1\n\x16{\"kind\":\"idle\"}\n2\n" },
	  "1: 1\ncontrol: \x16{\"kind\":\"idle\"}\n3: 2\n" },
	{ "in other formats too",
	  { .format = FORMAT_CSV },
	  { "a\n1\n\x16{\"kind\":\"end\"}\n" },
	  "header: a\n2: {\"a\":1}\ncontrol: \x16{\"kind\":\"end\"}\n" },
	{ "CSV: a header for each input, CRLF, BOM",
	  { .format = FORMAT_CSV },
	  { "\xEF\xBB\xBF"
	    "a,b\r\n1,x\r\n",
	    "c\n\n2\n" },
	  "header: a,b\r\n2: {\"a\":1,\"b\":\"x\"}\nheader: c\n3: {\"c\":2}\n" },
	{ "CSV: a record over lines counts from its first",
	  { .format = FORMAT_CSV },
	  { "a,b\n\"x\n\ny\",1\n2,3\n" },
	  "header: a,b\n2: {\"a\":\"x\\n\\ny\",\"b\":1}\n5: {\"a\":2,\"b\":3}\n" },
	{ "CSV: CRLF inside quotes",
	  { .format = FORMAT_CSV },
	  { "a,b\r\n\"x\r\ny\",1\r\n" },
	  "header: a,b\r\n2: {\"a\":\"x\\r\\ny\",\"b\":1}\n" },
	{ "CSV: a bad row does not end it",
	  { .format = FORMAT_CSV },
	  { "a,b\n1\n2,3\n" },
	  "header: a,b\ndropped\n3: {\"a\":2,\"b\":3}\n" SAID("2", "expected 2 fields, got 1") },
	{ "CSV: a record that the input's end cuts short",
	  { .format = FORMAT_CSV },
	  { "a\n\"x\ny\n", "b\n1\n" },
	  "header: a\ndropped\nheader: b\n2: {\"b\":1}\n" SAID("2", "a closing '\"' is missing") },
	{ "CSV: names from the command line hold for all inputs",
	  { .format = FORMAT_CSV, .header = "n" },
	  { "1\n", "2\n" },
	  "1: {\"n\":1}\n1: {\"n\":2}\n" },
	{ "text keeps empty lines",
	  { .format = FORMAT_TEXT },
	  { "a\n\nb\n" },
	  "1: \"a\"\n2: \"\"\n3: \"b\"\n" },
	{ "joined lines: newlines are converted",
	  { .format = FORMAT_TEXT, .joint = 0xFF },
	  { "a\xFF b\xFF\nc\n\xFF\n" },
	  "1: \"a\\n b\\n\"\n2: \"c\"\n3: \"\\n\"\n" },
	{ "a CSV record that runs on over joined lines",
	  { .format = FORMAT_CSV, .header = "a,b", .joint = 0xFF },
	  { "\"x\xFFy\n\xFFz\",1\n" },
	  "1: {\"a\":\"x\\ny\\n\\nz\",\"b\":1}\n" },
	{ "no byte stands for a newline where nothing was joined",
	  { .format = FORMAT_TEXT },
	  { "a\xFF"
	    "b\n" },
	  "1: \"a\xFF"
	  "b\"\n" },
	{ "nothing at all", { .format = FORMAT_JSON }, { "" }, "" },
};

/* However many lines come at a time. */
static void test_source_next__events(void **state)
{
	struct buf out = { 0 };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		for (size_t step = 1; step <= 3; step++) {
			buf_clear(&out);
			read_all(&rows[i].how, rows[i].texts, step, false, &out);
			wrong += differs(rows[i].label, buf_slice(&out), rows[i].want);
		}
	assert_int_equal(wrong, 0);
	buf_free(&out);
}

/* Without a plan nothing is looked into: lines leave as they came. */
static void test_source_next__without_a_plan_passes_lines(void **state)
{
	static const char *const texts[] = { "not json\n\n\x16{}\n\xEF\xBB\xBFx\n", NULL };
	struct buf out = { 0 };

	(void)state;
	read_all(&(struct run){ .format = FORMAT_JSON }, texts, 2, true, &out);
	assert_int_equal(differs("lines", buf_slice(&out),
	                         "1: not json\n2: \ncontrol: \x16{}\n4: \xEF\xBB\xBFx\n"),
	                 0);
	buf_free(&out);
}

/* ---- report */

static void test_report_bad__says_ten_in_full_and_counts_the_rest(void **state)
{
	struct buf out = { 0 }, want = { 0 };
	struct caught said = catch_stderr();
	struct report r;
	struct err e;

	(void)state;
	report_init(&r, "tool", ON_ERROR_REPORT, NULL);
	for (uint64_t i = 1; i <= 25; i++) {
		assert_int_equal(report_bad(&r, "in", i, SLICE("x\n"), "why", &e), VERDICT_DROP);
		if (i <= 10)
			buf_addf(&want, "tool: in:%" PRIu64 ": why\n", i);
	}
	assert_int_equal(r.bad, 25);
	assert_int_equal(r.hidden, 15);
	assert_true(report_counts(&r));
	report_end(&r);
	buf_addf(&want, "tool: 25 bad records in all (--dead-letter FILE keeps them)\n%c", '\0');
	release_stderr(&said, &out);
	assert_int_equal(differs("said", buf_slice(&out), want.p), 0);
	buf_free(&out);
	buf_free(&want);
}

static void test_report_bad__keeps_lines_as_they_were(void **state)
{
	char name[] = "/tmp/test_source.XXXXXX", text[32];
	int fd = mkstemp(name);
	struct buf out = { 0 };
	struct caught said = catch_stderr();
	struct report r;
	struct err e;
	ssize_t n;

	(void)state;
	report_init(&r, "tool", ON_ERROR_SKIP, name);
	assert_int_equal(report_bad(&r, "in", 1, SLICE("{x\r\n"), "why", &e), VERDICT_DROP);
	assert_int_equal(report_bad(&r, "in", 2, SLICE("\xFF\n"), "why", &e), VERDICT_DROP);
	assert_false(report_counts(&r));
	report_end(&r);
	release_stderr(&said, &out);
	assert_int_equal(out.n, 0);
	n = read(fd, text, sizeof text);
	assert_int_equal(n, 6);
	assert_memory_equal(text, "{x\r\n\xFF\n", 6);
	close(fd);
	unlink(name);
	report_init(&r, "tool", ON_ERROR_SKIP, "/nonexistent/dead");
	assert_int_equal(report_bad(&r, "in", 1, SLICE("x\n"), "why", &e), VERDICT_STOP);
	assert_int_equal(e.kind, FAIL_OPEN);
	buf_free(&out);
}

/* ---- control lines */

static void test_control_parse__kinds(void **state)
{
	static const struct {
		const char *line;
		int kind; /* -1: malformed */
		int64_t time;
	} table[] = {
		{ "{\"kind\":\"watermark\",\"time\":\"1970-01-01T00:00:01.5Z\"}", CONTROL_WATERMARK,
		  1500000000 },
		{ "{\"time\":\"1970-01-01T01:00:00+01:00\",\"x\":[],\"kind\":\"watermark\"}",
		  CONTROL_WATERMARK, 0 },
		{ " {\"kind\": \"idle\"} ", CONTROL_IDLE, STAMP_NONE },
		{ "{\"kind\":\"barrier\",\"n\":7}", CONTROL_BARRIER, STAMP_NONE },
		{ "{\"kind\":\"restore\",\"generation\":3,\"n\":6}", CONTROL_RESTORE, STAMP_NONE },
		{ "{\"kind\":\"end\"}", CONTROL_END, STAMP_NONE },
		{ "{\"kind\":\"later\",\"time\":1}", CONTROL_OTHER, STAMP_NONE },
		{ "{\"kind\":7}", CONTROL_OTHER, STAMP_NONE },
		{ "{}", CONTROL_OTHER, STAMP_NONE },
		{ "{\"kind\":\"watermark\"}", -1, 0 },
		{ "{\"kind\":\"watermark\",\"time\":1}", -1, 0 },
		{ "{\"kind\":\"watermark\",\"time\":\"soon\"}", -1, 0 },
		{ "{\"kind\":\"end\"", -1, 0 },
		{ "", -1, 0 },
		{ "watermark", -1, 0 },
	};
	struct buf line = { 0 };
	struct control c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		buf_clear(&line);
		buf_addf(&line, "\x16%s", table[i].line);
		assert_true(control_is(buf_slice(&line)));
		if (control_parse(buf_slice(&line), &c, &e) < 0) {
			assert_int_equal(e.kind, FAIL_STATE);
			if (table[i].kind != -1)
				fail_msg("%s: %s", table[i].line, e.text);
			continue;
		}
		if ((int)c.kind != table[i].kind || c.time != table[i].time)
			fail_msg("%s: kind %d, time %" PRId64, table[i].line, (int)c.kind, c.time);
	}
	assert_false(control_is(SLICE("{\"kind\":\"end\"}\n")));
	assert_false(control_is(SLICE("")));
	buf_free(&line);
}

static void test_control_write__can_be_read(void **state)
{
	static const int64_t times[] = { 0, -1, 1767225600000000000, 1767225600000000001,
		                         -9223372036000000000 };
	struct buf b = { 0 };
	struct control c;
	struct err e;

	(void)state;
	control_write(&b, "end");
	control_write_watermark(&b, 1767225605000000000);
	assert_int_equal(
		differs("written", buf_slice(&b),
	                "\x16{\"kind\":\"end\"}\n"
	                "\x16{\"kind\":\"watermark\",\"time\":\"2026-01-01T00:00:05Z\"}\n"),
		0);
	for (size_t i = 0; i < ROWS(times); i++) {
		buf_clear(&b);
		control_write_watermark(&b, times[i]);
		assert_int_equal(control_parse(buf_slice(&b), &c, &e), 0);
		assert_int_equal(c.kind, CONTROL_WATERMARK);
		assert_true(c.time == times[i]);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source_next__events),
		cmocka_unit_test(test_source_next__without_a_plan_passes_lines),
		cmocka_unit_test(test_report_bad__says_ten_in_full_and_counts_the_rest),
		cmocka_unit_test(test_report_bad__keeps_lines_as_they_were),
		cmocka_unit_test(test_control_parse__kinds),
		cmocka_unit_test(test_control_write__can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
