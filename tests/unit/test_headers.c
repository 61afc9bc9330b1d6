/* headers.h: where headers come, over a feed that plays a script. */
#include "unit.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "stream/headers.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define UNITS 8

/*
 * A script, a step a character: a to c are a line of that partition, A to C one without newline,
 * L a line of partition 0 that is too long, '.' a tick, '!' an error, '$' the end.
 */
struct script {
	const char *at;
	const char *const *name;
	size_t parts;
	uint64_t offset[UNITS]; /* handed out of each unit */
	uint64_t out[UNITS];    /* let out */
	size_t out_elsewhere;   /* calls for units that are none */
	char text[LINES_PAD + 4];
};

static enum got script_next(void *self, struct batch *b, struct err *e)
{
	struct script *s = self;
	char step = *s->at ? *s->at++ : '$';
	size_t part = (size_t)((step | 32) - 'a');

	if (step == '.')
		return GOT_TICK;
	if (step == '!') {
		err_set(e, FAIL_OPEN, "cannot open it");
		return GOT_ERROR;
	}
	if (step == '$')
		return GOT_END;
	part = step == 'L' ? 0 : part;
	s->text[0] = step;
	s->text[1] = '\n';
	*b = (struct batch){
		.lines = { s->text, step == 'L' ? 1 : 2 },
		.place = { .part = part, .unit = part + 1, .offset = s->offset[part + 1] },
		.unterminated = step >= 'A' && step <= 'C'
	};
	s->offset[part + 1] += 2;
	b->upto = s->offset[part + 1];
	return step == 'L' ? GOT_LONG : GOT_LINES;
}

static size_t script_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	(void)self, (void)p, (void)room, (void)timeout;
	return 7;
}

static void script_free(void *self)
{
	(void)self;
}

static size_t script_parts(const void *self)
{
	return ((const struct script *)self)->parts;
}

static const char *script_name(const void *self, size_t part)
{
	return ((const struct script *)self)->name[part];
}

static void script_let_out(void *self, size_t unit, uint64_t upto)
{
	struct script *s = self;

	if (unit >= UNITS)
		s->out_elsewhere++;
	else
		s->out[unit] = upto;
}

static const struct feed_ops script_ops = {
	.flow = { .next = script_next, .wait = script_wait, .free = script_free },
	.parts = script_parts,
	.name = script_name,
	.let_out = script_let_out,
};

/* What comes of the script, as a tool writes it; ticks, errors and long lines are as there. */
static void play(struct script *s, bool live, struct buf *log)
{
	struct feed feed = { &script_ops, s };
	struct flow flow = headers_new(feed_flow(feed), feed, live);
	struct batch b = { 0 };
	bool cut = false;
	struct err e;
	enum got got;

	err_clear(&e);
	while ((got = flow.ops->next(flow.self, &b, &e)) != GOT_END) {
		if (got == GOT_TICK || got == GOT_ERROR) {
			buf_addc(log, got == GOT_TICK ? '.' : '!');
			continue;
		}
		if (cut)
			buf_addc(log, '\n');
		cut = b.unterminated;
		buf_add(log, b.lines.p, b.lines.n - cut);
		/* its lines are dealt with: no position goes back, none before it came */
		if (b.place.unit < UNITS) {
			assert_true(b.upto >= s->out[b.place.unit]);
			assert_true(b.upto <= s->offset[b.place.unit]);
		}
		script_ops.let_out(s, b.place.unit, b.upto);
	}
	for (size_t i = 0; i < UNITS; i++)
		assert_int_equal(s->out[i], s->offset[i]);
	flow.ops->free(flow.self);
}

static void test_headers__stand_before_lines_of_another_input(void **state)
{
	/* "stdin" and /dev/null are there, the other one is not */
	static const char *const names[] = { "stdin", "/dev/null", "/nowhere/at/all" };
	static const struct {
		const char *label, *script;
		size_t parts;
		bool live;
		const char *log;
	} rows[] = {
#define A "==> standard input <==\n"
#define B "==> /dev/null <==\n"
#define C "==> /nowhere/at/all <==\n"
		{ "one", "aa", 1, false, A "a\na\n" },
		{ "two", "aabb", 2, false, A "a\na\n\n" B "b\nb\n" },
		{ "one after the other and back", "abba", 2, false,
		  A "a\n\n" B "b\nb\n\n" A "a\n" },
		{ "the first one empty", "b", 2, false, A "\n" B "b\n" },
		{ "the last one empty", "a", 2, false, A "a\n\n" B },
		{ "all empty", "", 2, false, A "\n" B },
		{ "none", "", 0, false, "" },
		{ "one that is not there has none", "a!", 3, false, A "a\n!\n" B },
		{ "but if it has lines", "ac", 3, false, A "a\n\n" B "\n" C "c\n" },
		{ "an open line is ended once", "Ab", 2, false, A "A\n" B "b\n" },
		{ "an open line, then an empty input", "A", 2, false, A "A\n" B },
		{ "an open line of the last", "aB", 2, false, A "a\n\n" B "B" },
		{ "a line too long", "La", 1, false, A "La\n" },
		{ "nothing yet", ".a.b", 2, false, "." A "a\n.\n" B "b\n" },
		{ "live: nothing yet", ".a", 1, true, A ".a\n" },
		{ "live: some have lines", "b.a", 2, true, A "\n" B "b\n.\n" A "a\n" },
		{ "live: none has lines", ".b", 2, true, A "\n" B ".b\n" },
		{ "live: what comes later has its own", ".c.", 3, true, A "\n" B ".\n" C "c\n." },
		{ "live: again and again", "ab.aab.b", 2, true,
		  A "a\n\n" B "b\n.\n" A "a\na\n\n" B "b\n.b\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct script s = { .at = rows[i].script, .name = names, .parts = rows[i].parts };
		struct buf log = { 0 };

		play(&s, rows[i].live, &log);
		assert_slice(rows[i].label, buf_slice(&log), slice_from(rows[i].log));
		buf_free(&log);
	}
}

/* What was read is handed out without waiting. */
static void test_headers__wait_for_nothing_where_they_hold_lines(void **state)
{
	static const char *const names[] = { "/dev/null" };
	struct script s = { .at = "a", .name = names, .parts = 1 };
	struct feed feed = { &script_ops, &s };
	struct flow flow = headers_new(feed_flow(feed), feed, true);
	struct batch b;
	struct err e;
	int64_t timeout = -1;

	(void)state;
	assert_int_equal(flow.ops->wait(flow.self, NULL, 0, &timeout), 7);
	assert_int_equal(timeout, -1);
	assert_int_equal(flow.ops->next(flow.self, &b, &e), GOT_LINES);
	assert_int_equal(flow.ops->wait(flow.self, NULL, 0, &timeout), 0);
	assert_int_equal(timeout, 0);
	assert_int_equal(flow.ops->next(flow.self, &b, &e), GOT_LINES);
	assert_slice("the line", b.lines, SLICE("a\n"));
	assert_int_equal(flow.ops->wait(flow.self, NULL, 0, &timeout), 7);
	flow.ops->free(flow.self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers__stand_before_lines_of_another_input),
		cmocka_unit_test(test_headers__wait_for_nothing_where_they_hold_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
