/* reorder.h: by scripts, and beside a stable sort. */
#include "fakeflow.h"

#include "stream/reorder.h"

static const struct line_clock clock_of = { fake_time, NULL };

/* What comes of the lines, and in *LATE how many came too late. */
static void reordered(struct fake *f, int64_t delay, struct buf *log, uint64_t *late)
{
	struct feed feed = { &fake_ops, f };
	struct reorder *r = reorder_new(feed_flow(feed), delay, &clock_of);
	struct flow flow = reorder_flow(r);
	struct batch b = { 0 };
	struct err e;
	enum got got;

	err_clear(&e);
	while ((got = flow.ops->next(flow.self, &b, &e)) != GOT_END) {
		if (got == GOT_TICK)
			buf_adds(log, ". ");
		else
			fake_note(log, &b, got);
	}
	*late = reorder_late(r);
	flow.ops->free(flow.self);
}

static void check(struct fake_step *step, size_t steps, int64_t delay, const char *expected,
                  uint64_t expected_late)
{
	struct fake f = { .step = step, .steps = steps, .parts = 2 };
	struct buf log = { 0 };
	uint64_t late;

	reordered(&f, delay, &log, &late);
	assert_slice("lines", buf_slice(&log), slice_from(expected));
	assert_int_equal(late, expected_late);
	buf_free(&log);
}

#define CHECK(delay, expected, late, ...)                                                          \
	do {                                                                                       \
		struct fake_step step[] = { __VA_ARGS__ };                                         \
		check(step, COUNT(step), delay, expected, late);                                   \
	} while (0)

static void test_reorder__holds_until_nothing_earlier_can_come(void **state)
{
	(void)state;
	/* 5 is handed out when 7 has come, 6 when 8 has; the rest in the end */
	CHECK(2, "0@2-0:5/ 0@6-0:6/ 0@0-0^:7/8/ ", 0, { 0, "7\n" }, { 0, "5\n" }, { 0, "8\n6\n" });
	CHECK(2, "0@0-0^:5/ . 0@2-0:7/ ", 0, { 0, "5\n7\n" }, { 0, NULL });
	CHECK(2, ". ", 0, { 0, NULL });
}

static void test_reorder__equal_times_keep_their_order(void **state)
{
	(void)state;
	CHECK(9, "0@0-0^:1a/1b/1c/2a/2b/2c/ ", 0, { 0, "1a\n1b\n2a\n2b\n1c\n" }, { 0, "2c\n" });
}

static void test_reorder__what_is_too_late_comes_at_once(void **state)
{
	(void)state;
	/* later by just as much is in time */
	CHECK(2, "0@2-0:3/ 0@4-0:2/ 0@0-0^:5/6/ ", 1, { 0, "5\n3\n" }, { 0, "2\n6\n" });
}

static void test_reorder__what_has_no_time_stays_behind_its_line(void **state)
{
	(void)state;
	CHECK(9, "0@0-0^:x/ 0@8-0:1/y/2/x/3/ ", 0, { 0, "x\n2\nx\n3\n1\n" }, { 0, "y\n" });
}

static void test_reorder__a_header_comes_before_its_lines(void **state)
{
	(void)state;
	CHECK(9, "0@0-0^:a/ 1@0-0^:b/ 1@2-0:1/ 0@2-0:2/ 1@4-0:3/ ", 0, { 0, "a\n2\n" },
	      { 1, "b\n1\n3\n" });
}

static void test_reorder__lines_that_are_too_long_pass(void **state)
{
	(void)state;
	CHECK(9, "<0@2-9:2looooo 0@0-0^:1/3/ ", 0, { 0, "1\n" }, { 0, "<2looooo" }, { 0, "3\n" });
}

static void test_reorder__as_a_stable_sort(void **state)
{
	static char text[8][4096];
	struct fake_step step[8];
	struct fake f = { .step = step, .steps = COUNT(step), .parts = 1 };
	struct buf log = { 0 };
	uint64_t late, seed = 1;
	int before = -1, last = -1, n = 0;

	(void)state;
	/* times rise by 1, each less up to 9, three digits and a number */
	for (size_t i = 0; i < COUNT(step); i++) {
		size_t at = 0;

		for (size_t k = 0; k < 100; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			at += (size_t)snprintf(text[i] + at, sizeof text[i] - at, "%03u#%03u\n",
			                       (unsigned)(100 + i * 100 + k - (seed >> 33) % 10),
			                       (unsigned)(i * 100 + k));
		}
		step[i] = (struct fake_step){ 0, text[i] };
	}
	reordered(&f, 9, &log, &late);
	assert_int_equal(late, 0);
	buf_addc(&log, '\0');
	for (char *p = log.p; (p = strchr(p, '#')); p++, n++) {
		int time = atoi(p - 3), number = atoi(p + 1);

		assert_true(time > before || (time == before && number > last));
		before = time;
		last = number;
	}
	assert_int_equal(n, 800);
	buf_free(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reorder__holds_until_nothing_earlier_can_come),
		cmocka_unit_test(test_reorder__equal_times_keep_their_order),
		cmocka_unit_test(test_reorder__what_is_too_late_comes_at_once),
		cmocka_unit_test(test_reorder__what_has_no_time_stays_behind_its_line),
		cmocka_unit_test(test_reorder__a_header_comes_before_its_lines),
		cmocka_unit_test(test_reorder__lines_that_are_too_long_pass),
		cmocka_unit_test(test_reorder__as_a_stable_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
