/* pace.h: what leaves when, by a clock that is only looked at. */
#include "fakeflow.h"

#include "stream/pace.h"

#include <time.h>

/* Lines handed out until the end, waiting as is said; at[] when, ns since the beginning. */
static size_t run(struct flow flow, int64_t *at, size_t most, struct pace *forgiving)
{
	struct batch b = { 0 };
	struct err e;
	int64_t began = stamp_monotonic();
	size_t n = 0;
	enum got got;

	err_clear(&e);
	while ((got = flow.ops->next(flow.self, &b, &e)) != GOT_END) {
		int64_t now = stamp_monotonic(), timeout = -1;

		if (got == GOT_TICK) {
			struct timespec t;

			assert_int_equal(flow.ops->wait(flow.self, NULL, 0, &timeout), 0);
			assert_true(timeout >= 0);
			t = (struct timespec){ timeout / 1000000000, timeout % 1000000000 };
			nanosleep(&t, NULL);
		}
		for (size_t i = 0; got == GOT_LINES && i < b.lines.n; i++)
			if (b.lines.p[i] == '\n') {
				assert_true(n < most);
				at[n++] = now - began;
				if (forgiving)
					pace_forgive(forgiving);
			}
		b = (struct batch){ 0 };
	}
	return n;
}

static void test_pace__no_line_before_its_time(void **state)
{
	static char text[2 * 150 + 1];
	struct fake_step step[] = { { 0, text }, { 0, text } };
	struct fake f = { .step = step, .steps = COUNT(step), .parts = 1 };
	struct feed feed = { &fake_ops, &f };
	struct pace *p = pace_new(feed_flow(feed), &(struct rate){ 1000, 1000000000 });
	int64_t at[300];

	(void)state;
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = i % 2 ? '\n' : 'x';
	assert_int_equal(run(pace_flow(p), at, COUNT(at), NULL), 300);
	for (size_t i = 0; i < 300; i++)
		if (at[i] < (int64_t)i * 1000000 - 1000000)
			fail_msg("line %zu after %lld us", i, (long long)at[i] / 1000);
	/* nor much behind it on a machine that is not asleep: the wait is what is exact */
	assert_true(at[299] >= 298 * 1000000);
	pace_flow(p).ops->free(p);
}

static void test_pace__batches_are_cut(void **state)
{
	struct fake_step step[] = { { 0, "a\nb\nc\n~" } };
	struct fake f = { .step = step, .steps = 1, .parts = 1 };
	struct feed feed = { &fake_ops, &f };
	struct pace *p = pace_new(feed_flow(feed), &(struct rate){ 1, 10000000 });
	struct flow flow = pace_flow(p);
	struct buf log = { 0 };
	struct batch b = { 0 };
	struct err e;
	enum got got;

	(void)state;
	err_clear(&e);
	while ((got = flow.ops->next(flow.self, &b, &e)) != GOT_END) {
		if (got == GOT_LINES)
			fake_note(&log, &b, got);
		b = (struct batch){ 0 };
	}
	assert_slice("each alone, with what it lets out", buf_slice(&log),
	             SLICE("0@0-2^:a/ 0@2-4:b/ 0@4-5~:c/ "));
	flow.ops->free(flow.self);
	buf_free(&log);
}

static void test_pace_forgive__what_does_not_count_costs_no_time(void **state)
{
	static char text[2 * 1000 + 1];
	struct fake_step step[] = { { 0, text } };
	struct fake f = { .step = step, .steps = 1, .parts = 1 };
	struct feed feed = { &fake_ops, &f };
	/* an hour for each */
	struct pace *p = pace_new(feed_flow(feed), &(struct rate){ 1, INT64_C(3600000000000) });
	int64_t at[1000];

	(void)state;
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = i % 2 ? '\n' : 'x';
	assert_int_equal(run(pace_flow(p), at, COUNT(at), p), 1000);
	pace_flow(p).ops->free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pace__no_line_before_its_time),
		cmocka_unit_test(test_pace__batches_are_cut),
		cmocka_unit_test(test_pace_forgive__what_does_not_count_costs_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
