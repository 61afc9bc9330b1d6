#include "exec.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "command.h"
#include "io/stop.h"
#include "keeper.h"
#include "linebuf.h"

#include <stdio.h>
#include <stdlib.h>

#define FIRST (100 * NS_PER_MS)
#define MOST  (30 * NS_PER_SEC)
#define WELL  (30 * NS_PER_SEC) /* a command that ran for so long ran well */

struct exec {
	struct feed_opts opts;
	enum follow follow;
	char *name; /* exec:COMMAND */
	struct keeper keeper;
	struct linebuf in;
	int64_t began_at; /* of the run */
	bool begins;      /* nothing of it was handed out */
	bool read_out;    /* all that it wrote was read */
	bool asked;       /* it was asked to end */
	bool over;
	struct again again;
	uint64_t bytes; /* of runs that are over */
};

static const struct feed_ops ops;

static const char *command(const struct exec *x)
{
	return x->name + strlen("exec:");
}

static int run(struct exec *x, struct err *e)
{
	if (keeper_run(&x->keeper, command(x), e) < 0)
		return -1;
	x->began_at = stamp_monotonic();
	x->begins = true;
	x->read_out = false;
	linebuf_init(&x->in, x->opts.max_line);
	return 0;
}

static void exec_free(void *self)
{
	struct exec *x = self;
	int status;

	if (x->keeper.pid) {
		keeper_hang_up(&x->keeper);
		keeper_ended(&x->keeper, true, &status);
	}
	linebuf_free(&x->in);
	free(x->name);
	free(x);
}

int exec_open(const char *text, const struct feed_opts *opts, enum follow follow, struct feed *feed,
              struct err *e)
{
	struct exec *x;
	size_t room = strlen(text) + sizeof "exec:";

	if (command_check(text, "journalctl -f", e) < 0)
		return -1;
	x = alloc_zero(1, sizeof *x);
	x->opts = *opts;
	x->follow = follow;
	x->name = alloc_array(room, 1);
	snprintf(x->name, room, "exec:%s", text);
	x->again = (struct again){ .first = FIRST, .most = MOST };
	if (run(x, e) < 0) {
		exec_free(x);
		return -1;
	}
	*feed = (struct feed){ &ops, x };
	return 0;
}

/* ---- its end */

static void say_again(const struct exec *x, int status)
{
	char wait[DURATION_TEXT];

	if (x->opts.debug || (status && !x->opts.quiet))
		fprintf(stderr, "%s: %s: ended with status %d; it is run again after %s\n",
		        x->opts.tool, x->name, status,
		        duration_format(x->again.wait ? x->again.wait : x->again.first, wait));
}

static enum got run_ended(struct exec *x, int status, struct err *e)
{
	x->bytes += linebuf_bytes(&x->in);
	linebuf_free(&x->in);
	linebuf_init(&x->in, x->opts.max_line);
	if (x->follow == FOLLOW_NOT || x->asked) {
		x->over = true;
		if (!status || x->asked)
			return GOT_END;
		err_set(e, FAIL_IO, "%s: ended with status %d", x->name, status);
		return GOT_ERROR;
	}
	if (stamp_monotonic() - x->began_at >= WELL)
		again_reset(&x->again);
	say_again(x, status);
	again_later(&x->again);
	return GOT_TICK;
}

/* It has ended, or what it writes: the last line of it, and then the end itself. */
static enum got finish(struct exec *x, struct batch *b, struct err *e)
{
	int status;
	enum got got = x->read_out ? GOT_END : linebuf_end(&x->in, &b->lines);

	x->read_out = true;
	if (got != GOT_END)
		return got;
	return keeper_ended(&x->keeper, false, &status) ? run_ended(x, status, e) : GOT_TICK;
}

/* ---- reading */

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static enum got give(struct exec *x, enum got got, struct batch *b)
{
	b->place = (struct place){ .offset = x->in.offset, .line = x->in.line, .time = STAMP_NONE };
	b->upto = x->in.offset + b->lines.n;
	b->begins = x->begins;
	x->begins = false;
	return got;
}

static enum got read_run(struct exec *x, struct batch *b, struct err *e)
{
	struct err why;
	enum got got;

	if (x->read_out)
		return finish(x, b, e);
	err_clear(&why);
	got = linebuf_read(&x->in, x->keeper.out, &b->lines, &why);
	if (got == GOT_LINES || got == GOT_LONG)
		return give(x, got, b);
	/* the pipe may be held open by what left the command's process group */
	if (got == GOT_TICK && (readable(x->keeper.out) || !readable(x->keeper.line)))
		return got;
	got = finish(x, b, e);
	return got == GOT_LINES || got == GOT_LONG ? give(x, got, b) : got;
}

static enum got exec_next(void *self, struct batch *b, struct err *e)
{
	struct exec *x = self;
	struct err why;

	if (x->over)
		return GOT_END;
	if (stop_signal() && !x->keeper.pid)
		return GOT_END;
	if (stop_signal() && !x->asked) {
		keeper_hang_up(&x->keeper);
		x->asked = true;
	}
	if (!x->keeper.pid) {
		if (again_in(&x->again) > 0)
			return GOT_TICK;
		err_clear(&why);
		if (run(x, &why) < 0) {
			fprintf(stderr, "%s: %s: %s; it is tried again\n", x->opts.tool, x->name,
			        why.text);
			again_later(&x->again);
			return GOT_TICK;
		}
	}
	return read_run(x, b, e);
}

static size_t exec_wait(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	const struct exec *x = self;
	int64_t left = again_in(&x->again);
	size_t n = 0;

	if (!x->keeper.pid) {
		if (*timeout < 0 || *timeout > left)
			*timeout = left;
		return 0;
	}
	if (room)
		p[n++] = (struct pollfd){ .fd = x->keeper.line, .events = POLLIN };
	if (room > n && !x->read_out)
		p[n++] = (struct pollfd){ .fd = x->keeper.out, .events = POLLIN };
	return x->read_out ? 1 : 2;
}

/* ---- about it */

static size_t exec_parts(const void *self)
{
	(void)self;
	return 1;
}

static const char *exec_name(const void *self, size_t part)
{
	(void)part;
	return ((const struct exec *)self)->name;
}

static bool exec_over(const void *self, size_t part)
{
	(void)part;
	return ((const struct exec *)self)->over;
}

static uint64_t exec_consumed(const void *self)
{
	const struct exec *x = self;

	return x->bytes + linebuf_bytes(&x->in);
}

static uint64_t exec_size(const void *self)
{
	(void)self;
	return 0;
}

static const struct feed_ops ops = {
	.flow = { .next = exec_next, .wait = exec_wait, .free = exec_free },
	.parts = exec_parts,
	.name = exec_name,
	.over = exec_over,
	.consumed = exec_consumed,
	.size = exec_size,
};
