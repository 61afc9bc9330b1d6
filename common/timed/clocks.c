/* The event times of lines of several partitions. */
#include "clocks.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <sys/stat.h>

struct clocks {
	const struct decode_opts *decode;
	struct evtime_opts time;
	bool header;
	struct linetime *spare; /* for the next partition: it is known to compile */
	struct linetime **of;   /* by partition; NULL where nothing came of one */
	size_t parts;
	struct feed feed; /* ops is NULL before there is one */
	struct buf first; /* header */
	size_t odd;       /* partition + 1 with another header; 0: none */
	bool timed, untimed;
};

struct clocks *clocks_new(const struct decode_opts *decode, const struct evtime_opts *time,
                          bool header, struct err *e)
{
	struct clocks *c = alloc_zero(1, sizeof *c);

	c->decode = decode;
	c->time = *time;
	c->header = header;
	c->spare = linetime_new(decode, time, e);
	if (!c->spare) {
		clocks_free(c);
		return NULL;
	}
	return c;
}

void clocks_free(struct clocks *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->parts; i++)
		linetime_free(c->of[i]);
	linetime_free(c->spare);
	buf_free(&c->first);
	free(c->of);
	free(c);
}

void clocks_attach(struct clocks *c, struct feed feed)
{
	c->feed = feed;
}

static struct linetime *of_part(struct clocks *c, size_t part)
{
	struct err e; /* what compiled once does so again */

	if (part >= c->parts) {
		c->of = alloc_resize(c->of, part + 1, sizeof *c->of);
		while (c->parts <= part)
			c->of[c->parts++] = NULL;
	}
	if (!c->of[part]) {
		err_clear(&e);
		c->of[part] = c->spare ? c->spare : linetime_new(c->decode, &c->time, &e);
		c->spare = NULL;
	}
	return c->of[part];
}

static void check_header(struct clocks *c, size_t part, struct slice line)
{
	if (!c->first.n)
		buf_add_slice(&c->first, line);
	else if (!slice_same(buf_slice(&c->first), line))
		c->odd = part + 1;
}

static void begin(struct clocks *c, size_t part, struct slice line)
{
	struct stat st;
	int64_t changed = 0;

	if (c->header)
		check_header(c, part, line);
	if (c->feed.ops && stat(c->feed.ops->name(c->feed.self, part), &st) == 0)
		changed = (int64_t)st.st_mtime * 1000000000;
	linetime_restart(of_part(c, part), changed);
}

static int64_t time_of(void *context, size_t part, bool begins, struct slice line)
{
	struct clocks *c = context;
	int64_t time;

	if (begins)
		begin(c, part, line);
	time = linetime_of(of_part(c, part), line);
	if (time == STAMP_NONE)
		c->untimed = true;
	else
		c->timed = true;
	return time;
}

struct line_clock clocks_clock(struct clocks *c)
{
	return (struct line_clock){ time_of, c };
}

int clocks_check(const struct clocks *c, struct err *e)
{
	if (!c->odd)
		return 0;
	return err_set(e, FAIL_DATA,
	               "%s: its header is not that of the files before: to be merged by time "
	               "they need the same fields",
	               c->feed.ops->name(c->feed.self, c->odd - 1));
}

bool clocks_none(const struct clocks *c)
{
	return c->untimed && !c->timed;
}
