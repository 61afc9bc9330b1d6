#include "stail.h"

#include "base/alloc.h"
#include "io/reader.h"
#include "stream/follow.h"
#include "stream/holdback.h"
#include "stream/last.h"
#include "stream/mux.h"
#include "stream/plain.h"

#include <stdlib.h>

#define HELD ((size_t)64 << 20) /* bytes that --hold-back holds at most, about */

/* Where to begin, if -n says it. */
static int parse_start(const struct args *a, struct start *s, struct err *e)
{
	if (a->lines && start_parse(a->lines, false, s) < 0)
		return err_set(e, FAIL_USAGE,
		               "-n: '%s' is no number of lines (like 10, or +10 for line 10 on)",
		               a->lines);
	return 0;
}

/* What files and pipes that are read once are opened with. */
struct once {
	struct reader_opts reader;
	struct last_opts last;
};

/* These inputs, one behind the other. */
static struct feed read_once(const struct once *o, const char *const *names, size_t count)
{
	struct lines lines = reader_new(names, count, &o->reader);

	if (o->last.start.kind != START_ALL && o->last.start.kind != START_FOUND)
		lines = last_new(lines, &o->last);
	return plain_new(lines, names, count);
}

/* These inputs, all at once: in order of time, exactly or as well as can be. */
static struct feed read_merged(const struct once *o, const struct args *a, struct clocks *clocks,
                               const char *const *names, size_t count)
{
	struct merge_input *input = alloc_array(count, sizeof *input);
	struct mux_part *part = alloc_array(count, sizeof *part);
	struct line_clock clock = clocks_clock(clocks);
	struct feed feed;

	for (size_t i = 0; i < count; i++) {
		feed = read_once(o, names + i, 1);
		part[i] = (struct mux_part){ feed, names[i] };
		input[i] = (struct merge_input){ feed_flow(feed), feed };
	}
	if (a->hold_back) {
		feed = mux_new(part, count, false);
	} else {
		feed = merge_new(input, count, &clock);
	}
	free(input);
	free(part);
	return feed;
}

static int follow_files(const struct follow_opts *opts, const char *const *names, size_t count,
                        struct feed *feed, struct err *e)
{
	struct lines lines;

	for (size_t i = 1; i < count; i++)
		if (strcmp(names[i], "-") == 0)
			return err_set(e, FAIL_USAGE, "-: stdin is not followed beside files");
	lines = follow_new(names, count, opts, e);
	if (!lines.ops)
		return -1;
	*feed = plain_new(lines, names, count);
	return 0;
}

static int choose_start(const struct args *a, const struct inputs_opts *opts, bool follows,
                        struct start *start, struct err *e)
{
	if (follows)
		*start = (struct start){ .kind = START_LAST_LINES, .count = 10 };
	if (parse_start(a, start, e) < 0)
		return -1;
	if (a->lines && a->times.since)
		return err_set(e, FAIL_USAGE, "-n and --since exclude one another");
	if (opts->times && (a->times.since || !(follows || a->lines)))
		return times_start(opts->times, opts->header || opts->spread, a->shared.max_record,
		                   start, e);
	return 0;
}

int inputs_open(const struct args *a, const struct inputs_opts *opts, const char *const *names,
                size_t count, struct feed *feed, struct err *e)
{
	bool follows = (a->follow || a->follow_name) && count && strcmp(names[0], "-") != 0;
	bool merges = opts->clocks && count > 1;
	struct start start = { .kind = START_ALL };
	struct follow_opts follow = { .tool = stail_tool.name,
		                      .by_name = a->follow_name,
		                      .header = opts->header,
		                      .max_line = a->shared.max_record };
	struct once once = { .reader = { .max_line = a->shared.max_record },
		             .last = { .header = opts->header } };

	if (merges && follows && !a->hold_back)
		return err_set(e, FAIL_USAGE,
		               "--merge-by-time with -f and -F: --hold-back says how long a record "
		               "may wait for the others");
	if (choose_start(a, opts, follows, &start, e) < 0)
		return -1;
	follow.start = once.last.start = start;
	once.reader.begin = start.kind == START_FOUND ? start.find : NULL;
	once.reader.context = start.context;
	if (follows && follow_files(&follow, names, count, feed, e) < 0)
		return -1;
	if (!follows)
		*feed = merges ? read_merged(&once, a, opts->clocks, names, count)
		               : read_once(&once, names, count);
	if (merges && a->hold_back)
		*feed = holdback_new(
			feed_flow(*feed), *feed,
			&(struct holdback_opts){ .wait = a->hold_back,
		                                 .limit = HELD,
		                                 .clock = clocks_clock(opts->clocks) });
	if (opts->clocks)
		clocks_attach(opts->clocks, *feed);
	if (opts->times)
		times_attach(opts->times, *feed, !follows && !merges, follows);
	return 0;
}
