/* Lines that continue others, joined: by a scripted feed and a clock that stands still. */
#include "feedrig.h"

#include "stream/intake.h"
#include "stream/multiline.h"

#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT (100 * NS_PER_MS)

static void read_script(const char *how, size_t limit, bool json, struct feedrig *f,
                        struct feedrig_show show, struct buf *log)
{
	struct multiline_opts opts = { .how = how,
		                       .json = json,
		                       .max_line = limit,
		                       .timeout = TIMEOUT,
		                       .clock = feedrig_clock };
	struct feed feed = feedrig_feed(f);
	struct flow flow;
	struct err e;

	err_clear(&e);
	buf_clear(log);
	flow = multiline_new(feed_flow(feed), feed, &opts, &e);
	assert_non_null(flow.ops);
	feedrig_read(f, flow, show, log);
}

/* ---- what continues */

/*
 * Texts, and their records: how many lines each is of, and its text, in which <FF> stands for a
 * newline.
 */
static const struct {
	const char *label, *how;
	bool json;
	const char *text, *want;
} rows[] = {
	{ "expression: the first line", "^[0-9]", false, "1 a\nb\n c\n2 d\n3\n\n",
	  "3|1 a<FF>b<FF> c\n1|2 d\n2|3<FF>\n" },
	{ "expression: what comes before the first is a record", "^[0-9]", false, "a\nb\n1\n",
	  "2|a<FF>b\n1|1\n" },
	{ "expression: anywhere, unless it says where", "x", false, "ax\nb\ncx\n",
	  "2|ax<FF>b\n1|cx\n" },
	{ "expression: no UTF-8; the byte that stands for a newline is not let in", "^1", false,
	  "1\xFF\n\xFF\xFE\xC3\n1\n", "2|1<FE><FF><FE><FE><C3>\n1|1\n" },
	{ "JSON by an expression: blanks, and bytes as they are", "^\\{", true,
	  "{\"a\":\n\"\xFF\"}\n{}\n", "2|{\"a\": \"<FF>\"}\n1|{}\n" },
	{ "a carriage return goes with the newline that is joined", "^1", false,
	  "1\r\n\r\n2\r\n1\r\n", "3|1<FF><FF>2\r\n1|1\r\n" },
	{ "an empty first line", "^$", false, "\na\n\nb\n", "2|<FF>a\n2|<FF>b\n" },

	{ "indent", "indent", false, "a\n b\n\tc\nd\n\n e\n", "3|a<FF> b<FF>\tc\n1|d\n2|<FF> e\n" },
	{ "indent: from the start", "indent", false, " a\n b\nc\n", "2| a<FF> b\n1|c\n" },

	{ "json: as jq prints", "json", false, "{\n  \"a\": [\n    1\n  ]\n}\n[]\n{\n}\n",
	  "5|{   \"a\": [     1   ] }\n1|[]\n2|{ }\n" },
	{ "json: brackets in strings", "json", false,
	  "{\"a\":\n\"}\\\"]\\\\\"\n}\n{\"b\":\"{\"}\n1\n",
	  "3|{\"a\": \"}\\\"]\\\\\" }\n1|{\"b\":\"{\"}\n1|1\n" },
	{ "json: what begins with no bracket is a line, whatever is in it", "json", false,
	  "see [\n{\n}\n\"a\n\n3 {\n", "1|see [\n2|{ }\n1|\"a\n1|\n1|3 {\n" },
	{ "json: a string that meets the line's end is none, and ends it", "json", false,
	  "{\"a\":\n\"b\n}\n{}\n", "2|{\"a\": \"b\n1|}\n1|{}\n" },
	{ "json: white space, a byte order mark", "json", false, "\xEF\xBB\xBF {\n}\n\t[\n]\n",
	  "2|<EF><BB><BF> { }\n2|\t[ ]\n" },
	{ "json: more brackets are closed than open", "json", false, "[\n]]\n[\n]\n",
	  "2|[ ]]\n2|[ ]\n" },

	{ "java", "java", false, "E a\n\tat b(C:1)\n\t... 2 more\nCaused by: d\n  at e\nI f\n",
	  "5|E a<FF>\tat b(C:1)<FF>\t... 2 more<FF>Caused by: d<FF>  at e\n1|I f\n" },
	{ "java: the exception below its message, and one by itself", "java", false,
	  "E a\njava.lang.Error: b\n\tat c\na.BException\n\tat d\n",
	  "3|E a<FF>java.lang.Error: b<FF>\tat c\n2|a.BException<FF>\tat d\n" },
	{ "java: suppressed ones, and what only looks alike", "java", false,
	  "E\n\tSuppressed: x\n\t\t... 1 common\n attic\nat x\n ... more\n",
	  "3|E<FF>\tSuppressed: x<FF>\t\t... 1 common\n1| attic\n1|at x\n1| ... more\n" },
	{ "java: a sentence that ends so is no exception", "java", false,
	  "a\nsee a.b for the Error\nx.Error b\nError: c\nx.Errors\n",
	  "1|a\n1|see a.b for the Error\n1|x.Error b\n1|Error: c\n1|x.Errors\n" },

	{ "python", "python", false, "E a\nTraceback (most recent call last):\n  b\nV: c\nI d\n",
	  "4|E a<FF>Traceback (most recent call last):<FF>  b<FF>V: c\n1|I d\n" },
	{ "python: one that came of another", "python", false,
	  "Traceback (most recent call last):\n  b\nV: c\n\nDuring handling of the above "
	  "exception, "
	  "another exception occurred:\n\nTraceback (most recent call last):\n  d\nW\nI\n\nJ\n",
	  "9|Traceback (most recent call last):<FF>  b<FF>V: c<FF><FF>During handling of the above "
	  "exception, another exception occurred:<FF><FF>Traceback (most recent call "
	  "last):<FF>  d<FF>W\n1|I\n1|\n1|J\n" },
};

/* The text with that in front of each record that its place is. */
static void add_places(const char *text, const char *want, struct buf *to)
{
	const char *p = text;
	unsigned long line = 1;

	while (*want) {
		char *rest;
		unsigned long lines = strtoul(want, &rest, 10);
		size_t n = strcspn(rest, "\n") + 1;

		buf_addf(to, "0:%zu:%lu%.*s", (size_t)(p - text), line, (int)n, rest);
		for (line += lines; lines; lines--)
			p = strchr(p, '\n') + 1;
		want = rest + n;
	}
	assert_string_equal(p, "");
}

static void test_multiline__what_continues(void **state)
{
	struct buf log = { 0 }, want = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int cuts = 0; cuts < 2; cuts++) {
			const struct rig_step steps[] = {
				FIRST(0, rows[i].text),
				DONE,
			};
			struct feedrig f = { .step = steps, .cuts = cuts };

			read_script(rows[i].how, 1000, rows[i].json, &f, (struct feedrig_show){ 0 },
			            &log);
			buf_clear(&want);
			buf_adds(&want, "<0>");
			add_places(rows[i].text, rows[i].want, &want);
			assert_slice(rows[i].label, buf_slice(&log), buf_slice(&want));
		}
	buf_free(&want);
	buf_free(&log);
}

/* The same texts from several units by turns, a line each time: each as if it were alone. */
static void test_multiline__interleaved_units(void **state)
{
	static const struct rig_step steps[] = {
		FIRST(1, "a\n"),
		FIRST(2, " b\n c\n"),
		LINES(1, " d\n"),
		FIRST(3, "e\nf\n g\n"),
		LINES(2, "h\n"),
		LINES(1, " i\nj\n"),
		DONE,
	};
	struct feedrig f = { .step = steps };
	struct buf log = { 0 };

	(void)state;
	read_script("indent", 100, false, &f, (struct feedrig_show){ .batches = true }, &log);
	/* at the end the one that is silent for the longest time first */
	assert_slice("", buf_slice(&log),
	             slice_from("<3>3:0:1|e\n(3<2)"
	                        "<2>2:0:1| b<FF> c\n(2<6)"
	                        "<1>1:0:1|a<FF> d<FF> i\n(1<8)"
	                        "3:2:2|f<FF> g\n(3<7)"
	                        "2:6:3|h\n(2<8)"
	                        "1:8:4|j\n(1<10)"));
	buf_free(&log);
}

/* ---- beside a model: indent, on three units, as they come */

#define UNITS 3

static unsigned pick(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % n;
}

/* The records of a unit's lines: a line that begins with a blank goes on with the one before. */
static void add_model(size_t unit, const char *text, struct buf *to)
{
	unsigned long line = 1;

	for (const char *p = text; *p; line++) {
		size_t n = strcspn(p, "\n");

		if (p != text && *p == ' ')
			buf_adds(to, "<FF>");
		else
			buf_addf(to, "%s%zu:%zu:%lu|", p == text ? "" : "\n", unit,
			         (size_t)(p - text), line);
		buf_add(to, p, n);
		p += n + 1;
	}
	if (*text)
		buf_addc(to, '\n');
}

/* The lines of LOG that are of this unit. */
static void add_of_unit(const struct buf *log, size_t unit, struct buf *to)
{
	for (const char *p = log->p, *end = p + log->n; p < end;) {
		size_t n = (size_t)((const char *)memchr(p, '\n', (size_t)(end - p)) + 1 - p);

		if ((size_t)(*p - '0') == unit)
			buf_add(to, p, n);
		p += n;
	}
}

static void test_multiline__as_a_model_says(void **state)
{
	enum { STEPS = 30 };
	struct buf log = { 0 }, got = { 0 }, want = { 0 };

	(void)state;
	for (unsigned run = 0, seed = 1; run < 500; run++) {
		struct buf text[STEPS] = { 0 }, unit[UNITS] = { 0 };
		struct rig_step steps[STEPS + 1] = { 0 };
		struct feedrig f = { .step = steps };

		for (size_t i = 0; i < STEPS; i++) {
			size_t u = pick(&seed, UNITS);

			for (unsigned lines = pick(&seed, 4) + 1; lines; lines--)
				buf_addf(&text[i], "%s%u\n", pick(&seed, 2) ? " " : "",
				         pick(&seed, 1000));
			buf_add_slice(&unit[u], buf_slice(&text[i]));
			buf_addc(&text[i], '\0');
			steps[i] = (struct rig_step)LINES(u, text[i].p);
			if (pick(&seed, 3) == 0)
				steps[i] = (struct rig_step)TICK(1); /* too short for anything */
			if (steps[i].what == RIG_TICK)
				unit[u].n -= text[i].n - 1;
		}
		read_script("indent", 1000, false, &f, (struct feedrig_show){ 0 }, &log);
		for (size_t u = 0; u < UNITS; u++) {
			buf_clear(&got);
			buf_clear(&want);
			add_of_unit(&log, u, &got);
			buf_addc(&unit[u], '\0');
			add_model(u, unit[u].p, &want);
			assert_slice("unit", buf_slice(&got), buf_slice(&want));
			buf_free(&unit[u]);
		}
		for (size_t i = 0; i < STEPS; i++)
			buf_free(&text[i]);
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&log);
}

/* ---- when a record leaves */

static void gives(const char *label, const char *how, size_t limit, const struct rig_step *steps,
                  int finish_at, const char *want)
{
	struct feedrig f = { .step = steps };
	struct feedrig_show show = { .batches = true, .finish_at = finish_at };
	struct buf log = { 0 };

	read_script(how, limit, false, &f, show, &log);
	assert_slice(label, buf_slice(&log), slice_from(want));
	buf_free(&log);
}

static void test_multiline__timeout(void **state)
{
	static const struct rig_step silent[] = {
		LINES(0, "a\nb\n"), TICK(60),   LINES(0, " c\n"), TICK(99),  TICK(1), TICK(0),
		LINES(0, " d\n"),   TICK(1000), LINES(0, " e\n"), TICK(100), TICK(0), DONE,
	};
	static const struct rig_step away[] = {
		LINES(0, "a\n"),
		TICK(60),
		LINES(1, "b\nc\n"),
		BUSY(500),
		LINES(0, " d\n"),
		TICK(100),
		TICK(0),
		DONE,
	};
	static const struct rig_step busy[] = {
		LINES(0, "a\n"), TICK(60), LINES(1, "b\nc\n"), TICK(50), LINES(1, "d\n"),
		LINES(1, "e\n"), DONE,
	};

	(void)state;
	gives("silent for long enough; a line that came before it is seen is still taken", "indent",
	      100, silent, 0,
	      "0:0:1|a\n(0<2).100 .100 .1 "
	      "0:2:2|b<FF> c\n(0<7).100 .100 "
	      "0:7:4| d<FF> e\n(0<13)");
	gives("time in which nobody asks does not count", "indent", 100, away, 0,
	      ".100 1:0:1|b\n(1<2).100 "
	      "1:2:2|c\n(1<4)"
	      "0:0:1|a<FF> d\n(0<5)");
	gives("others are never silent", "indent", 100, busy, 0,
	      ".100 1:0:1|b\n(1<2).40 "
	      "1:2:2|c\n(1<4)"
	      "0:0:1|a\n(0<2)"
	      "1:4:3|d\n(1<6)"
	      "1:6:4|e\n(1<8)");
}

/* What is known to be complete is not held. */
static void test_multiline__leaves_at_once(void **state)
{
	static const struct rig_step json[] = {
		LINES(0, "{\n"), TICK(0), LINES(0, "}\n1\n[\n"), TICK(0), DONE,
	};
	static const struct rig_step over[] = {
		LINES(0, "a\n"), LINES(1, "b\n"), TICK(0), OVER(0), TICK(0), DONE,
	};
	static const struct rig_step in_turn[] = {
		LINES(0, "a\n"), OVER(0), LINES(1, " b\n"), TICK(0), DONE,
	};
	/* how many brackets are open is forgotten, too */
	static const struct rig_step given_up[] = {
		LINES(0, "[\n"), TICK(100), TICK(0), LINES(0, "1\n]\n[\n]\n"), DONE,
	};
	static const struct rig_step back[] = {
		OF_PART(1, 1, "[\n"),
		OF_PART(1, 2, "2\n"),
		{ .what = RIG_LINES, .unit = 1, .text = "3\n4\n", .part = 2 },
		DONE,
	};
	static const struct rig_step anew[] = {
		FIRST(0, "a\n b\n"),
		FIRST(0, " c\n"),
		TICK(0),
		DONE,
	};
	static const struct rig_step rotated[] = {
		OF_PART(0, 1, "a\n"),
		OF_PART(1, 2, "b\n"),
		OF_PART(0, 3, " c\nd\n"),
		DONE,
	};

	(void)state;
	gives("json whose brackets are closed", "json", 100, json, 0,
	      ".100 0:0:1|{ }\n0:4:3|1\n(0<6).100 0:6:4|[\n(0<8)");
	gives("json that nothing came to", "json", 100, given_up, 0,
	      ".100 0:0:1|[\n(0<2)0:2:2|1\n0:4:3|]\n0:6:4|[ ]\n(0<10)");
	gives("json of a unit that others came behind", "json", 100, back, 0,
	      "<1>1:0:1|[\n(1<2)<2>2:0:1|2\n(2<2)1:2:2|3\n1:4:3|4\n(1<6)");
	gives("a partition that is over", "indent", 100, over, 0,
	      ".100 0:0:1|a\n(0<2)1:0:1|b\n(1<2)");
	gives("a unit that begins anew", "indent", 100, anew, 0,
	      "<0>0:0:1|a<FF> b\n(0<5).100 <0>0:0:1| c\n(0<3)");
	gives("the next unit of a partition", "indent", 100, rotated, 0,
	      "<1>1:0:1|a\n(1<2)<3>3:0:1| c\n(3<3)<2>2:0:1|b\n(2<2)3:3:2|d\n(3<5)");
	gives("a partition behind another that is over", "indent", 100, in_turn, 0,
	      "0:0:1|a\n(0<2).100 1:0:1| b\n(1<3)");
}

static void test_multiline__finish(void **state)
{
	static const struct rig_step steps[] = {
		LINES(0, "a\n"), LINES(1, "b\n"), TICK(0), TICK(0), TICK(0), TICK(0), DONE,
	};

	(void)state;
	gives("both", "indent", 100, steps, 1, ".100 0:0:1|a\n(0<2)1:0:1|b\n(1<2)");
}

/* --pid: the stream ends with a process, and with what is held. */
static void test_multiline__ends_with_a_process(void **state)
{
	static const struct rig_step steps[] = {
		LINES(0, "a\n b\n"), TICK(0), TICK(0), TICK(0), TICK(0), TICK(0), DONE,
	};
	struct buf log = { 0 };
	struct feedrig f = { .step = steps, .let_out = &log };
	struct feed feed = feedrig_feed(&f);
	struct multiline_opts opts = {
		.how = "indent", .max_line = 100, .timeout = TIMEOUT, .clock = feedrig_clock
	};
	struct intake_opts intake = { .pid = fork(), .look = NS_PER_SEC };
	struct slice lines;
	struct lines l;
	struct err e;

	(void)state;
	if (intake.pid == 0)
		_exit(0);
	assert_int_equal(waitpid(intake.pid, NULL, 0), intake.pid);
	err_clear(&e);
	l = intake_new(multiline_new(feed_flow(feed), feed, &opts, &e), feed, &intake);
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_LINES);
	assert_slice("lines", lines, slice_from("a\xFF b\n"));
	assert_int_equal(l.ops->next(l.self, true, -1, &lines, &e), GOT_END);
	assert_slice("let out", buf_slice(&log), slice_from("[0<5]"));
	assert_true(f.step->what == RIG_TICK); /* the script is not at its end */
	l.ops->free(l.self);
	buf_free(&log);
}

static void test_multiline__unterminated(void **state)
{
	static const struct rig_step steps[] = {
		LAST(0, "a\n b\n"),
		FIRST(1, "c\nd\n"),
		LINES(1, " e\n"),
		DONE,
	};

	(void)state;
	gives("of the record that the line is in", "indent", 100, steps, 0,
	      "<1>1:0:1|c\n(1<2)0:0:1|a<FF> b\n~(0<4)1:2:2|d<FF> e\n(1<7)");
}

/* ---- records that are too long */

static void test_multiline__too_long(void **state)
{
	/* 10 bytes are allowed: "0123", a newline and " 4567" */
	static const struct rig_step fits[] = {
		LINES(0, "0123\n 4567\na\n"),
		DONE,
	};
	static const struct rig_step long_one[] = {
		LINES(0, "a\n0123\n 45678\n 9\n x\nb\nc\n"),
		DONE,
	};
	static const struct rig_step over_batches[] = {
		FIRST(0, "0123\n"), LINES(0, " 45678901234567890\n"),
		LINES(0, " x\n"),   TICK(0),
		FIRST(0, " y\n"),   DONE,
	};
	static const struct rig_step lines[] = {
		LINES(0, "a\nb\n"),  LONG(0, "01234567890", 5),
		LINES(0, " x\nc\n"), LONG(0, " 1234567890", 0),
		LINES(0, " y\n"),    LONG(0, " 1234567890", 1),
		LINES(0, "d\n"),     DONE,
	};
	static const struct rig_step json[] = {
		LINES(0, "[\n\"01234567\",\n2\n]\n[\n]\n"),
		LONG(0, "[[[[[[[[[[[", 2),
		LINES(0, "{\n}\n"),
		DONE,
	};

	(void)state;
	gives("as long as allowed", "indent", 10, fits, 0,
	      "0:0:1|0123<FF> 4567\n(0<11)0:11:3|a\n(0<13)");
	gives("too long by one: its rest is passed over", "indent", 10, long_one, 0,
	      "0:0:1|a\n(0<2)"
	      "0:2:2|(long)0123<FF> 45678\n(0<14)"
	      "0:20:6|b\n(0<22)0:22:7|c\n(0<24)");
	gives("over batches, to the unit's end", "indent", 10, over_batches, 0,
	      "<0>0:0:1|(long)0123<FF> 45678\n(0<24)(0<27). <0>0:0:1| y\n(0<3)");
	gives("lines that are too long themselves", "indent", 10, lines, 0,
	      "0:0:1|a\n(0<2)0:2:2|b\n(0<4)"
	      "0:4:3|(long)01234567890\n(0<21)"
	      "0:24:5|(long)c<FF> 12345678\n(0<38)(0<41)(0<54)"
	      "0:54:9|d\n(0<56)");
	gives("json", "json", 10, json, 0,
	      "0:0:1|(long)[ \"01234567\n(0<14)"
	      "0:18:5|[ ]\n(0<22)"
	      "0:22:7|(long)[[[[[[[[[[[\n(0<36)"
	      "0:36:8|{ }\n(0<40)");
}

/* ---- the rest */

static void test_multiline__errors_pass(void **state)
{
	static const struct rig_step steps[] = {
		LINES(0, "a\n"),
		FAILS("broken"),
		LINES(0, " b\n"),
		DONE,
	};
	static const struct rig_step due[] = {
		LINES(0, "a\n"), TICK(100), FAILS("broken"), LINES(0, " b\n"), DONE,
	};
	struct feedrig f = { .step = steps };
	struct feed feed = feedrig_feed(&f);
	struct multiline_opts opts = { .how = "(" };
	struct err e;

	(void)state;
	gives("of an input", "indent", 100, steps, 0, "<ERROR: broken>0:0:1|a<FF> b\n(0<5)");
	gives("while something is due", "indent", 100, due, 0,
	      ".100 <ERROR: broken>0:0:1|a\n(0<2)0:2:2| b\n(0<5)");
	err_clear(&e);
	assert_null(multiline_new(feed_flow(feed), feed, &opts, &e).ops);
	assert_int_equal(e.kind, FAIL_USAGE);
	assert_non_null(strstr(e.text, "--multiline: missing closing parenthesis"));
	assert_true(f.freed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_multiline__what_continues),
		cmocka_unit_test(test_multiline__interleaved_units),
		cmocka_unit_test(test_multiline__as_a_model_says),
		cmocka_unit_test(test_multiline__timeout),
		cmocka_unit_test(test_multiline__leaves_at_once),
		cmocka_unit_test(test_multiline__finish),
		cmocka_unit_test(test_multiline__ends_with_a_process),
		cmocka_unit_test(test_multiline__unterminated),
		cmocka_unit_test(test_multiline__too_long),
		cmocka_unit_test(test_multiline__errors_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
