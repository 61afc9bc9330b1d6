/* What container runtimes put before lines, taken off: by a scripted feed. */
#include "feedrig.h"

#include "stream/strip.h"

static void gives(const char *label, const char *prefix, size_t limit, const struct rig_step *steps,
                  bool cuts, const char *want)
{
	struct strip_opts opts = { .prefix = prefix,
		                   .max_line = limit,
		                   .timeout = 100 * NS_PER_MS,
		                   .clock = feedrig_clock };
	struct feedrig f = { .step = steps, .cuts = cuts };
	struct feed feed = feedrig_feed(&f);
	struct flow flow;
	struct err e;
	struct buf log = { 0 };

	err_clear(&e);
	flow = strip_new(feed_flow(feed), feed, &opts, &e);
	assert_non_null(flow.ops);
	feedrig_read(&f, flow, (struct feedrig_show){ .batches = !cuts }, &log);
	assert_slice(label, buf_slice(&log), slice_from(want));
	buf_free(&log);
}

/* ---- an expression */

static void test_strip__expression(void **state)
{
	static const struct rig_step compose[] = {
		FIRST(0, "web-1  | {\"a\":1}\n{\"b\":2}\ndb-1   |  x | y\nweb-1  | \n"),
		LAST(0, "web-1  | z"),
		DONE,
	};
	static const struct rig_step again[] = { LINES(0, "aab\nba\n\xFF\xFE\n"), DONE };
	static const struct rig_step longer[] = {
		LINES(0, "a\n"),
		LONG(0, "a1234567890", 4),
		LINES(1, "a\n"),
		DONE,
	};

	(void)state;
	gives("docker compose", "[\\w.-]+ +\\| ", 100, compose, false,
	      "<0>0:0:1|{\"a\":1}\n0:17:2|{\"b\":2}\n0:25:3| x | y\n0:41:4|\n(0<51)"
	      "0:51:5|z\n~(0<60)");
	gives("once, and only where the line begins", "a", 100, again, false,
	      "0:0:1|ab\n0:4:2|ba\n0:7:3|<FF><FE>\n(0<10)");
	gives("an empty match", "a*", 100, again, false,
	      "0:0:1|b\n0:4:2|ba\n0:7:3|<FF><FE>\n(0<10)");
	gives("a line that is too long; others behind it", "a", 10, longer, false,
	      "0:0:1|\n(0<2)0:2:2|(long)1234567890\n(0<18)1:0:1|\n(1<2)");
}

/* ---- CRI */

#define O  "2016-10-06T00:17:09.669794202Z stdout "
#define E_ "2016-10-06T00:17:09.669794202+01:00 stderr "

static void test_strip__cri(void **state)
{
	/* 38 bytes before the flag, and 43 */
	static const struct rig_step whole[] = {
		FIRST(0, O "F a b\n" E_ "F c\n" O "F\n" O "F \n" O "F:x d\n"),
		DONE,
	};
	static const struct rig_step others[] = {
		LINES(0, "plain\n2016-10-06T00:17:09.669794202Z stdin F a\n" O "X b\n" O "\n" O
		         "FF c\nnever stdout F d\n\n"),
		DONE,
	};
	static const struct rig_step pieces[] = {
		LINES(0, O "P a\n" O "P  b\n" O "F c\n" O "F d\n" O "P e\n" O "F\n"),
		DONE,
	};

	(void)state;
	gives("whole lines", "cri", 100, whole, true,
	      "<0>0:0:1|a b\n0:44:2|c\n0:91:3|\n0:131:4|\n0:172:5|d\n");
	gives("other lines stay", "cri", 100, others, true,
	      "0:0:1|plain\n0:6:2|2016-10-06T00:17:09.669794202Z stdin F a\n"
	      "0:47:3|" O "X b\n0:89:4|" O "\n0:128:5|" O "FF c\n0:171:6|never stdout F d\n"
	      "0:188:7|\n");
	gives("pieces are glued", "cri", 100, pieces, true, "0:0:1|a bc\n0:127:4|d\n0:169:5|e\n");
}

/* Each stream's pieces for themselves; what began first leaves first, so that nothing is given
 * twice after a restart. */
static void test_strip__cri_streams(void **state)
{
	static const struct rig_step both[] = {
		LINES(0, O "P a\n" E_ "P b\n"),
		LINES(0, E_ "F c\n" E_ "F d\nplain\n"),
		TICK(50),
		LINES(0, O "F e\n" O "F f\n"),
		TICK(0),
		DONE,
	};
	static const struct rig_step never[] = {
		LINES(0, O "P a\n" E_ "F b\n"), TICK(100), LINES(0, O "F c\n"), TICK(0), DONE,
	};
	static const struct rig_step late[] = {
		LINES(0, O "P a\n" E_ "F b\n"), TICK(100), TICK(0), LINES(0, O "F c\n"), DONE,
	};
	static const struct rig_step units[] = {
		LINES(0, O "P a\n"), LINES(1, O "P b\n"),
		LINES(0, O "F c\n"), OVER(1),
		FIRST(1, O "F d\n"), DONE,
	};

	(void)state;
	gives("both at once", "cri", 100, both, false,
	      ".100 0:0:1|ae\n0:42:2|bc\n0:136:4|d\n0:183:5|plain\n0:231:7|f\n(0<273). ");
	gives("a piece that came in time", "cri", 100, never, false,
	      ".100 0:0:1|ac\n0:42:2|b\n(0<131). ");
	gives("a piece whose rest never comes", "cri", 100, late, false,
	      ".100 0:0:1|a\n0:42:2|b\n(0<89)0:89:3|c\n(0<131)");
	gives("units", "cri", 100, units, false,
	      "0:0:1|ac\n(0<84)1:0:1|b\n(1<42)<1>1:0:1|d\n(1<42)");
}

static void test_strip__cri_too_long(void **state)
{
	static const struct rig_step steps[] = {
		LINES(0, O "P 01234\n" O "F 56789\n" O "P 01234\n" E_ "F x\n" O "P 567890\n" O
		           "P y\n" O "F z\n" O "F a\n"),
		LONG(0, O "P 01234567890123456789", 9),
		LINES(0, O "F b\n" O "F c\n"),
		DONE,
	};

	(void)state;
	gives("by one, and all that belongs to it", "cri", 10, steps, false,
	      "0:0:1|0123456789\n(0<92)"
	      "0:92:3|(long)01234567890\n(0<138)"
	      "0:138:4|x\n(0<232)0:316:8|a\n(0<358)"
	      "0:358:9|(long)01234567890\n(0<428)"
	      "0:470:11|c\n(0<512)");
}

static void test_strip__usage(void **state)
{
	static const struct rig_step steps[] = { DONE };
	struct strip_opts opts = { .prefix = "[" };
	struct feedrig f = { .step = steps };
	struct feed feed = feedrig_feed(&f);
	struct err e;

	(void)state;
	err_clear(&e);
	assert_null(strip_new(feed_flow(feed), feed, &opts, &e).ops);
	assert_int_equal(e.kind, FAIL_USAGE);
	assert_non_null(strstr(e.text, "--prefix: missing terminating ]"));
	assert_true(f.freed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strip__expression),
		cmocka_unit_test(test_strip__cri),
		cmocka_unit_test(test_strip__cri_streams),
		cmocka_unit_test(test_strip__cri_too_long),
		cmocka_unit_test(test_strip__usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
