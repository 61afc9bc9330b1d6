#include "stail.h"

#include "base/alloc.h"
#include "io/descriptors.h"
#include "io/reader.h"
#include "stream/files.h"
#include "stream/holdback.h"
#include "stream/last.h"
#include "stream/mux.h"
#include "stream/open.h"
#include "stream/plain.h"

#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#define HELD ((size_t)64 << 20) /* bytes that --hold-back holds, about */

/* Where to begin, if -n or -c says it. */
static int parse_start(const struct args *a, struct start *s, struct err *e)
{
	if (a->lines && start_parse(a->lines, false, s) < 0)
		return err_set(e, FAIL_USAGE,
		               "-n: '%s' is no number of lines (like 10, or +10 for line 10 on)",
		               a->lines);
	if (a->bytes && start_parse(a->bytes, true, s) < 0)
		return err_set(e, FAIL_USAGE,
		               "-c: '%s' is no number of bytes (like 10, or +10 for byte 10 on)",
		               a->bytes);
	if (a->lines && a->bytes)
		return err_set(e, FAIL_USAGE, "-n and -c exclude one another");
	return 0;
}

/* Is this operand read to its end whatever is asked for, as a pipe is? */
static bool is_pipe(const char *name)
{
	struct stat st;

	return strcmp(name, "-") == 0 ||
	       (stat(name, &st) == 0 &&
	        (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) || S_ISSOCK(st.st_mode)));
}

static int open_files(struct inputs *in, const struct args *a, const struct start *start,
                      const char *const *names, size_t count, struct feed *feed, struct err *e)
{
	struct files_opts opts = { .feed = in->opts,
		                   .by_name =
		                           a->follow_how != FOLLOWED_DESCRIPTOR || a->follow_name,
		                   .waits = a->retry,
		                   .ends = a->exit_at_end || !follows(a),
		                   .poll = a->poll,
		                   .header = in->header,
		                   .numbered = a->tag,
		                   .start = *start,
		                   .keeps = a->resume,
		                   .interval = a->sleep,
		                   .partial_after = a->partial_after ? a->partial_after : -1,
		                   .max_open = (size_t)a->max_open,
		                   .begin = in->searches ? times_find : NULL,
		                   .context = in->times };

	descriptors_allow(a->max_open);
	*feed = files_new(names, count, &opts, e);
	return feed->ops ? 0 : -1;
}

/* Where --since is in a file; what cannot be begun anywhere is read whole. CONTEXT is a struct
 * times. */
static int64_t begin_found(void *context, int fd, bool *binary)
{
	struct err ignored;

	(void)binary;
	return fd < 0 ? 0 : times_find(context, fd, "", &ignored);
}

static struct feed open_plain(const struct inputs *in, const struct args *a,
                              const struct start *start, const char *const *names, size_t count)
{
	struct reader_opts reader = { .max_line = a->shared.max_record,
		                      .binary = in->spread && start->kind == START_ALL,
		                      .begin = in->searches ? begin_found : NULL,
		                      .context = in->times };
	struct last_opts last = { .header = in->header,
		                  .start = *start,
		                  .max_line = a->shared.max_record };

	if (start->kind == START_ALL)
		return plain_new(reader_new(names, count, &reader), names, count);
	return plain_new(last_new(names, count, &last), names, count);
}

/* Each of the names by itself: in order of time, or as they come, which is put in order then. */
static struct feed open_merged(const struct inputs *in, const struct args *a,
                               const struct start *start)
{
	struct merge_input *input = alloc_array(in->names, sizeof *input);
	struct mux_part *part = alloc_array(in->names, sizeof *part);
	struct line_clock clock = clocks_clock(in->clocks);
	struct feed feed;

	for (size_t i = 0; i < in->names; i++) {
		feed = open_plain(in, a, start, &in->name[i], 1);
		part[i] = (struct mux_part){ feed, in->name[i] };
		input[i] = (struct merge_input){ feed_flow(feed), feed };
	}
	feed = a->hold_back ? mux_new(part, in->names, false) : merge_new(input, in->names, &clock);
	free(input);
	free(part);
	return feed;
}

static void add_name(struct inputs *in, const char *name)
{
	in->name = alloc_grow(in->name, &in->cap, in->names + 1, sizeof *in->name);
	in->name[in->names++] = alloc_copy(name, strlen(name));
}

/* The names that operands stand for; patterns are what they match now. */
static int expand(struct inputs *in, const char *const *operand, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		glob_t found;

		if (!files_is_pattern(operand[i])) {
			add_name(in, operand[i]);
			continue;
		}
		if (glob(operand[i], 0, NULL, &found) != 0)
			return err_set(e, FAIL_OPEN, "cannot open %s: nothing matches it",
			               operand[i]);
		for (size_t k = 0; k < found.gl_pathc; k++)
			add_name(in, found.gl_pathv[k]);
		globfree(&found);
	}
	return 0;
}

static int open_url(const struct inputs *in, const struct args *a, const char *url,
                    struct feed *feed, struct err *e)
{
	enum follow follow = !follows(a) || a->exit_at_end                      ? FOLLOW_NOT
	                     : a->follow_name || a->follow_how == FOLLOWED_NAME ? FOLLOW_ALWAYS
	                                                                        : FOLLOW_ON;

	if (a->lines)
		return err_set(e, FAIL_USAGE, "-n: %s has no last lines, and no line numbers", url);
	return feed_open(url, &in->opts, follow, feed, e);
}

/* Files are read together, each pipe and URL beside them. FOLLOW: files may grow, rotate, be gone
 * on with. */
static int open_beside(struct inputs *in, const struct args *a, bool follow,
                       const char *const *operand, size_t count, struct feed *feed, struct err *e)
{
	static const struct start all = { .kind = START_ALL };
	const struct start *start = &in->start;
	struct mux_part *part = alloc_array(count + 1, sizeof *part);
	size_t parts = 0;
	int done = 0;

	for (size_t i = 0; done == 0 && i < count; i++) {
		part[parts].url = operand[i];
		if (feed_is_url(operand[i])) {
			done = open_url(in, a, operand[i], &part[parts].feed, e);
			parts += done == 0;
		} else if (follow && is_pipe(operand[i])) {
			part[parts++].feed = open_plain(in, a, &all, &operand[i], 1);
		} else if (follow) {
			add_name(in, operand[i]);
		} else {
			done = expand(in, &operand[i], 1, e);
		}
	}
	if (done == 0 && in->names) {
		part[parts].url = "files";
		if (follow)
			done = open_files(in, a, start, in->name, in->names, &part[parts].feed, e);
		else
			part[parts].feed = open_plain(in, a, start, in->name, in->names);
		parts += done == 0;
	}
	for (size_t i = 0; done < 0 && i < parts; i++)
		part[i].feed.ops->flow.free(part[i].feed.self);
	if (done == 0)
		*feed = parts == 1 ? part[0].feed : mux_new(part, parts, false);
	free(part);
	return done;
}

static bool any_url(const char *const *operand, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (feed_is_url(operand[i]))
			return true;
	return false;
}

static int choose_start(struct inputs *in, const struct args *a, bool follow, struct start *start,
                        struct err *e)
{
	*start = (struct start){ .kind = START_ALL };
	if (follow && !a->from_start && !a->exit_at_end)
		*start = (struct start){ .kind = START_LAST_LINES, .count = 10 };
	if (parse_start(a, start, e) < 0)
		return -1;
	if ((a->lines || a->bytes || a->from_start) && a->times.since)
		return err_set(e, FAIL_USAGE,
		               "--since says where to begin, and so do -n, -c and --from-start");
	if (!a->times.since && (!a->times.until || start->kind != START_ALL))
		return 0;
	*start = (struct start){ .kind = START_ALL };
	/* not where the first line is needed, or records are found only from their start on */
	in->searches = !in->header && !in->spread;
	return in->searches ? times_search(in->times, a->shared.max_record, e) : 0;
}

/* What there is, or what comes: as the operands and options have it, but for the order. */
static int open_all(struct inputs *in, const struct args *a, bool once, const char *const *operand,
                    size_t count, struct feed *feed, struct err *e)
{
	struct start *start = &in->start;

	if (choose_start(in, a, follows(a) && count, start, e) < 0)
		return -1;
	if ((count && !once) || any_url(operand, count))
		return open_beside(in, a, !once, operand, count, feed, e);
	if (expand(in, operand, count, e) < 0)
		return -1;
	*feed = in->clocks && in->names > 1 ? open_merged(in, a, start)
	                                    : open_plain(in, a, start, in->name, in->names);
	return 0;
}

int inputs_open(struct inputs *in, const struct args *a, const char *const *operand, size_t count,
                struct feed *feed, struct err *e)
{
	bool follow, once, urls = any_url(operand, count);

	if (count == 1 && strcmp(operand[0], "-") == 0)
		count = 0;
	follow = follows(a) && count;
	once = !(follow || a->exit_at_end || a->resume);
	if (in->clocks && (urls || !once) && !a->hold_back)
		return err_set(e, FAIL_USAGE,
		               "--merge-by-time of what is followed or resumed, and of URLs: "
		               "--hold-back says how long a record may wait for the others");
	in->opts = (struct feed_opts){ .tool = stail_tool.name,
		                       .max_line = a->shared.max_record,
		                       .debug = a->debug };
	if (open_all(in, a, once, operand, count, feed, e) < 0)
		return -1;
	if (in->clocks && a->hold_back)
		*feed = holdback_new(feed_flow(*feed), *feed,
		                     &(struct holdback_opts){ .wait = a->hold_back,
		                                              .limit = HELD,
		                                              .clock = clocks_clock(in->clocks) });
	if (in->clocks)
		clocks_attach(in->clocks, *feed);
	if (in->times)
		times_attach(in->times, *feed, once && !urls && !in->clocks,
		             (follow || urls) && !a->exit_at_end);
	return 0;
}

void inputs_free(struct inputs *in)
{
	for (size_t i = 0; i < in->names; i++)
		free((void *)(uintptr_t)in->name[i]);
	free(in->name);
}
