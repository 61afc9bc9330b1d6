/* chart.h: pictures drawn by hand. */
#include "unit.h"

#include "base/stamp.h"
#include "record/chart.h"

#include <math.h>

struct point {
	const char *series, *x; /* a label or a time; NULL ends */
	double y;
};

static int64_t at(const char *text)
{
	int64_t t;

	if (stamp_parse(slice_from(text), NULL, NULL, &t) < 0)
		fail_msg("no time: %s", text);
	return t;
}

static void add(struct chart *c, bool by_time, const struct point *p)
{
	struct slice series = slice_from(p->series);

	if (by_time)
		chart_time(c, series, at(p->x), p->y);
	else
		chart_label(c, series, slice_from(p->x), p->y);
}

/* Fail unless the picture is the one that is wanted. */
static void shows(const char *label, const struct chart *c, const char *want)
{
	struct buf b = { 0 };

	chart_draw(c, &b);
	if (!slice_same(buf_slice(&b), slice_from(want)))
		fail_msg("%s: got\n%.*s-- expected\n%s--", label, (int)b.n, b.n ? b.p : "", want);
	buf_free(&b);
}

struct row {
	const char *label;
	struct chart_opts opts;
	struct point point[12];
	const char *want;
};

static void run(const struct row *row, size_t n)
{
	for (; n; n--, row++) {
		struct chart *c = chart_new(&row->opts);

		for (const struct point *p = row->point; p->x; p++)
			add(c, row->opts.by_time, p);
		shows(row->label, c, row->want);
		chart_free(c);
	}
}

static void test_label__bars(void **state)
{
	static const struct row rows[] = {
		/* 14 columns are left for 10: 5 takes 7, 2.5 takes 3 and a half */
		{ "eighths",
		  { .width = 20, .height = 20, .unicode = true, .title = "ms by path" },
		  { { "", "a", 10 }, { "", "b", 5 }, { "", "c", 2.5 }, { "", "d", 0 } },
		  "ms by path\n"
		  "a ██████████████ 10\n"
		  "b ███████ 5\n"
		  "c ███▌ 2.5\n"
		  "d  0\n" },
		{ "ASCII",
		  { .width = 20, .height = 20 },
		  { { "", "a", 10 }, { "", "b", 5 }, { "", "c", 2.5 }, { "", "d", 0 } },
		  "a ############## 10\n"
		  "b ####### 5\n"
		  "c #### 2.5\n"
		  "d  0\n" },
		/* the last of equal keys counts, where the first stood */
		{ "again",
		  { .width = 20, .height = 20 },
		  { { "", "a", 1 }, { "", "b", 8 }, { "", "a", 16 } },
		  "a ############### 16\n"
		  "b ######## 8\n" },
		/* 14 columns for 6: 5 of them below zero; a column is 4/9, so 2 takes 4 and a half
		 */
		{ "negative",
		  { .width = 20, .height = 20, .unicode = true },
		  { { "", "a", 4 }, { "", "b", -2 }, { "", "c", 0 } },
		  "a      │█████████ 4\n"
		  "b ▐████│ -2\n"
		  "c      │ 0\n" },
		{ "negative, ASCII",
		  { .width = 20, .height = 20 },
		  { { "", "a", 4 }, { "", "b", -2 } },
		  "a      |######### 4\n"
		  "b #####| -2\n" },
		{ "all negative",
		  { .width = 20, .height = 20 },
		  { { "", "a", -7 }, { "", "b", -3.5 } },
		  "a ############| -7\n"
		  "b       ######| -3.5\n" },
		{ "all zero",
		  { .width = 20, .height = 20 },
		  { { "", "a", 0 }, { "", "b", -0.0 } },
		  "a  0\n"
		  "b  0\n" },
		{ "series",
		  { .width = 20, .height = 20, .unicode = true },
		  { { "get", "eu", 4 }, { "get", "us", 1 }, { "post", "eu", 2 } },
		  "eu get  ██████████ 4\n"
		  "   post █████ 2\n"
		  "us get  ██▌ 1\n" },
		{ "one series that has a name",
		  { .width = 20, .height = 20 },
		  { { "get", "eu", 4 } },
		  "eu get ########### 4\n" },
		{ "colours",
		  { .width = 20, .height = 20, .color = true, .title = "n" },
		  { { "g", "a", -1 }, { "p", "a", 1 }, { "p", "b", 0 } },
		  "\033[1mn\033[0m\n"
		  "a g \033[36m######\033[0m| -1\n"
		  "  p       |\033[33m######\033[0m 1\n"
		  "b p       | 0\n" },
		/* half of the width for labels, the last column of which says that there is more */
		{ "East Asian",
		  { .width = 20, .height = 20, .unicode = true },
		  { { "", "東京タワー展望台", 7 }, { "", "東京", 3.5 } },
		  "東京タワ~  █████ 7\n"
		  "東京       ██▌ 3.5\n" },
		{ "combining, control, long",
		  { .width = 20, .height = 20, .unicode = true },
		  { { "", "cafe\xCC\x81", 7 }, { "", "a\x1B[1m", 7 }, { "", "0123456789abc", 7 } },
		  "cafe\xCC\x81       ███████ 7\n"
		  "a?[1m      ███████ 7\n"
		  "012345678~ ███████ 7\n" },
		{ "no UTF-8",
		  { .width = 20, .height = 20 },
		  { { "", "é", 7 } },
		  "? ################ 7\n" },
		/* drawn 20 wide and 9 high: the greatest 8, signs aside, and the last line */
		{ "smaller than sensible",
		  { .width = 3, .height = 1 },
		  { { "", "a", 1 },
		    { "", "b", -16 },
		    { "", "c", 2 },
		    { "", "d", 3 },
		    { "", "e", 4 },
		    { "", "f", 5 },
		    { "", "g", 6 },
		    { "", "h", 7 },
		    { "", "i", 8 },
		    { "", "j", 0 } },
		  "b  ########| -16\n"
		  "c          |# 2\n"
		  "d          |## 3\n"
		  "e          |## 4\n"
		  "f          |### 5\n"
		  "g          |### 6\n"
		  "h          |#### 7\n"
		  "i          |#### 8\n"
		  "not shown: 2 labels\n" },
		{ "values that are none",
		  { .width = 20, .height = 20 },
		  { { "", "a", NAN }, { "", "b", INFINITY }, { "", "c", 16 }, { "", "d", -1e301 } },
		  "c ############### 16\n"
		  "not shown: 3 values\n" },
		{ "values that are none, alone",
		  { .width = 20, .height = 20, .title = "t" },
		  { { "", "a", NAN } },
		  "t\n"
		  "not shown: 1 value\n" },
		{ "large and small",
		  { .width = 30, .height = 20 },
		  { { "", "a", 1234567890123 }, { "", "b", 1e300 }, { "", "c", 1.0 / 3 } },
		  "a  1.23457e+12\n"
		  "b ################ 1e+300\n"
		  "c  0.333333\n" },
		{ "nothing", { .width = 20, .height = 20, .title = "t" }, { { 0 } }, "" },
	};

	(void)state;
	run(rows, COUNT(rows));
}

static void test_time__columns(void **state)
{
	static const struct row rows[] = {
		/* six lines for 4; 17 columns for three points */
		{ "eighths",
		  { .width = 20, .height = 10, .unicode = true, .by_time = true, .title = "n" },
		  { { "", "2026-11-29T12:00:00Z", 1 },
		    { "", "2026-11-29T12:02:00Z", 4 },
		    { "", "2026-11-29T12:01:00Z", 2 } },
		  "n\n"
		  "4 ┤          ████\n"
		  "  │          ████\n"
		  "  │          ████\n"
		  "2 ┤     ████ ████\n"
		  "  │▄▄▄▄ ████ ████\n"
		  "  │████ ████ ████\n"
		  "0 └┬─────────┬────\n"
		  "   12:00     12:02\n"
		  "   2026-11-29\n" },
		{ "ASCII, a gap",
		  { .width = 20, .height = 9, .by_time = true },
		  { { "", "2026-11-29T12:00:00Z", 1 },
		    { "", "2026-11-29T12:01:00Z", 1.2 },
		    { "", "2026-11-29T12:03:00Z", 4 } },
		  "4 +            ###\n"
		  "  |            ###\n"
		  "  |            ###\n"
		  "2 +            ###\n"
		  "  |### ###     ###\n"
		  "  |### ###     ###\n"
		  "0 ++-------+-------\n"
		  "   12:00   12:02\n"
		  "   2026-11-29\n" },
		/* three lines a unit below zero: 0.75 takes one and a half */
		{ "negative",
		  { .width = 20, .height = 9, .unicode = true, .by_time = true },
		  { { "", "2026-11-29T12:00:00Z", 2 }, { "", "2026-11-29T12:01:00Z", -0.75 } },
		  " 2 ┤███████\n"
		  "   │███████\n"
		  " 1 ┤███████\n"
		  "   │███████\n"
		  " 0 ┤        ███████\n"
		  "   │        ▀▀▀▀▀▀▀\n"
		  "-1 └┬───────┬───────\n"
		  "    12:00   12:01\n"
		  "    2026-11-29\n" },
		{ "zero range",
		  { .width = 20, .height = 9, .by_time = true },
		  { { "", "2026-11-29T12:00:00Z", 0 }, { "", "2026-11-29T12:01:00Z", 0 } },
		  "1.0 +\n"
		  "    |\n"
		  "    |\n"
		  "0.5 +\n"
		  "    |\n"
		  "    |\n"
		  "0.0 ++------+------\n"
		  "     12:00  12:01\n"
		  "     2026-11-29\n" },
		{ "little is seen",
		  { .width = 20, .height = 9, .by_time = true },
		  { { "", "2026-11-29T12:00:00Z", 100 },
		    { "", "2026-11-29T12:01:00Z", 1 },
		    { "", "2026-11-29T12:02:00Z", -0.001 } },
		  "100 +####\n"
		  "    |####\n"
		  " 50 +####\n"
		  "    |#### ____\n"
		  "  0 +          ''''\n"
		  "    |\n"
		  "-50 ++---------+----\n"
		  "     12:00     12:02\n"
		  "     2026-11-29\n" },
		{ "the last of equal times counts",
		  { .width = 20, .height = 9, .by_time = true },
		  { { "", "2026-11-29T12:00:00Z", 100 }, { "", "2026-11-29T12:00:00Z", 2 } },
		  "2 +#######\n"
		  "  |#######\n"
		  "  |#######\n"
		  "1 +#######\n"
		  "  |#######\n"
		  "  |#######\n"
		  "0 ++-------\n"
		  "   12:00\n"
		  "   2026-11-29\n" },
		{ "colour, values that are none",
		  { .width = 20, .height = 10, .unicode = true, .color = true, .by_time = true },
		  { { "", "2026-11-29T12:00:00Z", 2 },
		    { "", "2026-11-29T12:01:00Z", NAN },
		    { "", "2026-11-29T12:02:00Z", -INFINITY } },
		  "2 ┤\033[36m███████\033[0m\n"
		  "  │\033[36m███████\033[0m\n"
		  "  │\033[36m███████\033[0m\n"
		  "1 ┤\033[36m███████\033[0m\n"
		  "  │\033[36m███████\033[0m\n"
		  "  │\033[36m███████\033[0m\n"
		  "0 └┬───────\n"
		  "   12:00\n"
		  "   2026-11-29\n"
		  "not shown: 2 values\n" },
	};

	(void)state;
	run(rows, COUNT(rows));
}

static void test_time__lines(void **state)
{
	static const struct row rows[] = {
		/* five lines for 1 to 3, eight columns from point to point: a line is half a column
		 */
		{ "two that cross",
		  { .width = 20, .height = 9, .by_time = true },
		  { { "get", "2026-11-29T12:00:00Z", 1 },
		    { "post", "2026-11-29T12:00:00Z", 3 },
		    { "get", "2026-11-29T12:01:00Z", 3 },
		    { "post", "2026-11-29T12:01:00Z", 1 } },
		  "* get  o post\n"
		  "3 +o.     .*\n"
		  "  |  .. ..\n"
		  "2 +   ...\n"
		  "  | ..   ..\n"
		  "1 +*       o\n"
		  "  ++-------+-------\n"
		  "   12:00   12:01\n"
		  "   2026-11-29\n" },
		{ "colours",
		  { .width = 20, .height = 9, .unicode = true, .color = true, .by_time = true },
		  { { "get", "2026-11-29T12:00:00Z", 1 }, { "post", "2026-11-29T12:00:00Z", 3 } },
		  "\033[36m●\033[0m get  \033[33m○\033[0m post\n"
		  "3 ┤\033[33m○\033[0m\n"
		  "  │\n"
		  "2 ┤\n"
		  "  │\n"
		  "1 ┤\033[36m●\033[0m\n"
		  "  └┬───────\n"
		  "   12:00\n"
		  "   2026-11-29\n" },
		/* equal values: zero is put beside them; the first series stands before the second
		 */
		{ "zero range",
		  { .width = 20, .height = 9, .by_time = true },
		  { { "a", "2026-11-29T12:00:00Z", 2 }, { "b", "2026-11-29T12:00:00Z", 2 } },
		  "* a  o b\n"
		  "2 +*\n"
		  "  |\n"
		  "1 +\n"
		  "  |\n"
		  "0 +\n"
		  "  ++-------\n"
		  "   12:00\n"
		  "   2026-11-29\n" },
		/* the legend may have two lines, and what it does not name is not drawn */
		{ "a legend with more than it has room for",
		  { .width = 20, .height = 9, .unicode = true, .by_time = true },
		  { { "東京タワー展望台に", "2026-11-29T12:00:00Z", 0 },
		    { "0123456789012345678", "2026-11-29T12:00:00Z", 2 },
		    { "c", "2026-11-29T12:00:00Z", 100 } },
		  "● 東京タワー展望台に\n"
		  "○ 01234567890123456~\n"
		  "2 ┤○\n"
		  "  │\n"
		  "0 ┤●\n"
		  "  └┬───────\n"
		  "   12:00\n"
		  "   2026-11-29\n"
		  "not shown: 1 series\n" },
	};

	(void)state;
	run(rows, COUNT(rows));
}

static void test_time__more_points_than_columns(void **state)
{
	/* ten seconds a column, and the ninth has five points of each value */
	static const char want[] = "3 +         ########\n"
				   "  |         ########\n"
				   "2 +        #########\n"
				   "  |        #########\n"
				   "1 +#################\n"
				   "  |#################\n"
				   "0 ++-----------+----\n"
				   "   12:00       12:02\n"
				   "   2026-11-29\n";
	const struct chart_opts opts = { .width = 20, .height = 9, .by_time = true };
	struct chart *c = chart_new(&opts);
	int64_t start = at("2026-11-29T12:00:00Z"), second = 1000000000;

	(void)state;
	for (int64_t i = 0; i < 170; i++) {
		int64_t k = i * 83 % 170; /* in another order */

		chart_time(c, SLICE(""), start + k * second, k < 85 ? 1 : 3);
	}
	shows("170", c, want);
	chart_free(c);

	/* more than are kept: neighbours are put together */
	c = chart_new(&opts);
	for (int64_t i = 0; i < 17000; i++)
		chart_time(c, SLICE(""), start + i * second / 100, i < 8500 ? 1 : 3);
	shows("17000", c, want);
	chart_free(c);
}

static void test_time__axis(void **state)
{
	/* 35 columns, behind "0.0 +" */
	static const struct {
		const char *label, *first,
			*step; /* one year, month, or the difference of two times */
		int n;
		const char *want;
	} rows[] = {
		{ "ms, 8 columns each", "2026-11-29T12:00:00Z", "1970-01-01T00:00:00.1Z", 4,
		  "0.0 ++---------------+---------------\n"
		  "     12:00:00.000    12:00:00.200\n"
		  "     2026-11-29\n" },
		{ "ns, 8 columns each", "2026-11-29T12:00:00Z", "1970-01-01T00:00:00.000000001Z", 4,
		  "0.0 ++-------------------------------\n"
		  "     12:00:00.000000000\n"
		  "     2026-11-29\n" },
		{ "seconds, 3 columns each", "2026-11-29T12:00:00Z", "1970-01-01T00:00:01Z", 10,
		  "0.0 ++--------------+--------------\n"
		  "     12:00:00       12:00:05\n"
		  "     2026-11-29\n" },
		{ "hours, 5 columns each", "2026-11-28T22:00:00Z", "1970-01-01T01:00:00Z", 6,
		  "0.0 ++---------+---------+---------\n"
		  "     22:00     00:00     02:00\n"
		  "               2026-11-29\n" },
		{ "days, 7 columns each", "2026-12-29", "1970-01-02", 5,
		  "0.0 ++------+------+------+------+------\n"
		  "     12-29  12-30  12-31  01-01  01-02\n"
		  "     2026                 2027\n" },
		/* 2026-11-30 is a Monday */
		{ "weeks, a column a day", "2026-11-25", "1970-01-02", 30,
		  "0.0 +-----+------+------+------+---\n"
		  "          11-30  12-07  12-14  12-21\n"
		  "          2026\n" },
		/* a month is its first 28 days: 5.6 days a column */
		{ "months, 5 columns each", "2026-01-01", "month", 6,
		  "0.0 ++---------+----------+--------\n"
		  "     2026-01   2026-03    2026-05\n" },
		{ "years, 5 columns each", "2020-01-01", "year", 7,
		  "0.0 ++---------+---------+---------+----\n"
		  "     2020      2022      2024      2026\n" },
		{ "one time", "2026-11-29T12:34:56.25Z", "year", 1,
		  "0.0 ++-------\n"
		  "     12:34:56.250\n"
		  "     2026-11-29\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct chart_opts opts = { .width = 40, .height = 9, .by_time = true };
		struct chart *c = chart_new(&opts);
		int64_t t = at(rows[i].first);
		struct buf b = { 0 };
		size_t from = 0;

		for (int k = 0; k < rows[i].n; k++) {
			struct civil d;

			chart_time(c, SLICE(""), t, 1);
			civil_from_unix(t / 1000000000, &d);
			d.year += strcmp(rows[i].step, "year") == 0;
			d.mon += strcmp(rows[i].step, "month") == 0;
			if (rows[i].step[0] == '1')
				t += at(rows[i].step);
			else
				t = civil_to_unix(&d) * 1000000000;
		}
		chart_draw(c, &b);
		for (int line = 0; line < 6; line++)
			from = (size_t)((char *)memchr(b.p + from, '\n', b.n - from) + 1 - b.p);
		assert_slice(rows[i].label, ((struct slice){ b.p + from, b.n - from }),
		             slice_from(rows[i].want));
		buf_free(&b);
		chart_free(c);
	}
}

static void test_limits__are_said(void **state)
{
	const struct chart_opts opts = { .width = 40, .height = 9 };
	struct chart *c = chart_new(&opts);
	char name[16];

	(void)state;
	for (int i = 0; i < CHART_POINTS + 2; i++) {
		snprintf(name, sizeof name, "%d", i);
		chart_label(c, SLICE(""), slice_from(name), i < 7 ? 16 : 1);
	}
	/* the last line says what is left out */
	shows("labels", c,
	      "0 ################################### 16\n"
	      "1 ################################### 16\n"
	      "2 ################################### 16\n"
	      "3 ################################### 16\n"
	      "4 ################################### 16\n"
	      "5 ################################### 16\n"
	      "6 ################################### 16\n"
	      "7 ## 1\n"
	      "not shown: 4088 labels, 2 values\n");
	chart_free(c);
}

static void test_resize__draws_anew(void **state)
{
	const struct chart_opts opts = { .width = 20, .height = 9 };
	struct chart *c = chart_new(&opts);

	(void)state;
	chart_label(c, SLICE(""), SLICE("a"), 1);
	shows("20", c, "a ################ 1\n");
	chart_resize(c, 24, 9);
	shows("24", c, "a #################### 1\n");
	chart_free(c);
}

static void test_time__any_two(void **state)
{
	static const int64_t x[] = { INT64_MIN,           INT64_MIN + 1, -1,       0, 1,
		                     1764374400000000000, INT64_MAX - 1, INT64_MAX };
	static const double y[] = { 1e300, -1e300, 1e-300, 5e-324, -1, 0.1, 1e15, 1e15 + 1, 0 };

	(void)state;
	/* each line is as wide as it may be at most, and there are no more than asked for */
	for (size_t i = 0; i < COUNT(x) * COUNT(x) * COUNT(y) * COUNT(y) * 4; i++) {
		size_t k = i / 4, width = i % 2 ? 20 : 79, lines = 0;
		const struct chart_opts opts = {
			.width = width, .height = 10, .by_time = true, .title = "any"
		};
		struct chart *c = chart_new(&opts);
		struct buf b = { 0 };

		chart_time(c, SLICE(""), x[k % 8], y[k / 64 % 9]);
		chart_time(c, i % 4 < 2 ? SLICE("") : SLICE("b"), x[k / 8 % 8], y[k / 64 / 9]);
		chart_draw(c, &b);
		for (char *p = b.p, *end; p < b.p + b.n; p = end + 1, lines++) {
			end = memchr(p, '\n', (size_t)(b.p + b.n - p));
			assert_true((size_t)(end - p) <= width);
		}
		assert_in_range(lines, 8, 10);
		buf_free(&b);
		chart_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_label__bars),
		cmocka_unit_test(test_time__columns),
		cmocka_unit_test(test_time__lines),
		cmocka_unit_test(test_time__more_points_than_columns),
		cmocka_unit_test(test_time__axis),
		cmocka_unit_test(test_time__any_two),
		cmocka_unit_test(test_limits__are_said),
		cmocka_unit_test(test_resize__draws_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
