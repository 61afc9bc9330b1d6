/* intake.h: what else the loop waits for. */
#include "fakeflow.h"

#include "stream/intake.h"

#include <unistd.h>

static const struct fake_step steps[] = {
	{ 0, NULL }, { 0, NULL }, { 0, "a\n" }, { 0, NULL }, { 0, NULL }, { 0, "b\n" },
};

struct others {
	int fd;          /* waited for until it can be read */
	int64_t timeout; /* what it is lowered to; -1: not */
	int64_t was;     /* what it was when that was asked */
	size_t more;     /* descriptors that there would be beyond */
	int asked;
};

static size_t others_wait(void *context, struct pollfd *p, size_t room, int64_t *timeout)
{
	struct others *o = context;

	o->asked++;
	o->was = *timeout;
	if (o->timeout >= 0)
		*timeout = o->timeout;
	assert_true(room > 0);
	for (size_t i = 0; i < room && i <= o->more; i++)
		p[i] = (struct pollfd){ .fd = o->fd, .events = POLLIN };
	return o->more + 1;
}

/* A feed that could be waited for for ever. */
static size_t no_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	(void)self, (void)p, (void)room, (void)timeout;
	return 0;
}

static struct lines over(struct fake *f, struct others *o)
{
	static struct feed_ops ops;

	ops = fake_ops;
	ops.flow.wait = no_wait;
	struct feed feed = { &ops, f };

	return intake_new(feed_flow(feed), feed,
	                  &(struct intake_opts){ .wait = others_wait, .context = o });
}

/* The next, with as much time as there is. */
static enum got next(struct lines l, struct slice *lines)
{
	struct err e;

	return l.ops->next(l.self, true, -1, lines, &e);
}

/* A descriptor that is ready ends the wait with a tick; the feed is asked again only then. */
static void test_wait__for_descriptors_says_tick(void **state)
{
	struct fake f = { .step = steps, .steps = COUNT(steps), .parts = 1 };
	struct others o = { .timeout = -1 };
	struct slice lines;
	struct lines l = over(&f, &o);
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "x", 1), 1);
	o.fd = fd[0];
	assert_int_equal(next(l, &lines), GOT_TICK); /* there is nothing: flush */
	assert_int_equal(o.asked, 0);
	assert_int_equal(next(l, &lines), GOT_TICK);
	assert_int_equal(o.asked, 1);
	assert_int_equal(o.was, -1);
	assert_int_equal(f.at, 2);
	assert_int_equal(next(l, &lines), GOT_LINES);
	assert_slice("behind it", lines, SLICE("a\n"));
	l.ops->free(l.self);
	close(fd[0]);
	close(fd[1]);
}

/* One that is not ready, with a time-out: then the feed is asked, and a tick said. */
static void test_wait__for_a_time_says_tick(void **state)
{
	struct fake f = { .step = steps, .steps = COUNT(steps), .parts = 1 };
	struct others o = { .timeout = 0 };
	struct slice lines;
	struct lines l = over(&f, &o);
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	o.fd = fd[0];
	assert_int_equal(next(l, &lines), GOT_TICK);
	assert_int_equal(next(l, &lines), GOT_LINES);
	assert_int_equal(o.asked, 1);
	assert_int_equal(next(l, &lines), GOT_TICK);
	f.steps = f.at + 1; /* nothing behind that tick */
	f.at--;
	assert_int_equal(next(l, &lines), GOT_TICK);
	assert_int_equal(f.at, 5);
	assert_int_equal(o.asked, 2);
	l.ops->free(l.self);
	close(fd[0]);
	close(fd[1]);
}

/* More descriptors than are waited for: those beyond are looked at by the clock. */
static void test_wait__for_too_many_is_bounded_in_time(void **state)
{
	struct fake f = { .step = steps, .steps = COUNT(steps), .parts = 1 };
	struct others o = { .timeout = -1, .more = 5000 };
	struct slice lines;
	struct lines l = over(&f, &o);
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	o.fd = fd[0];
	assert_int_equal(next(l, &lines), GOT_TICK);
	assert_int_equal(next(l, &lines), GOT_LINES); /* did not wait for ever */
	l.ops->free(l.self);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wait__for_descriptors_says_tick),
		cmocka_unit_test(test_wait__for_a_time_says_tick),
		cmocka_unit_test(test_wait__for_too_many_is_bounded_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
