#include "stail.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "io/reader.h"
#include "stream/files.h"
#include "stream/last.h"
#include "stream/mux.h"
#include "stream/open.h"
#include "stream/plain.h"

#include <glob.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define OTHER_FILES 64 /* descriptors for all but the files followed */

/* Where to begin, if -n says it. */
static int parse_start(const struct args *a, struct start *s, struct err *e)
{
	if (a->lines && start_parse(a->lines, false, s) < 0)
		return err_set(e, FAIL_USAGE,
		               "-n: '%s' is no number of lines (like 10, or +10 for line 10 on)",
		               a->lines);
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

/* As many descriptors as that takes. */
static void allow_open(uint64_t files)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= files + OTHER_FILES)
		return;
	limit.rlim_cur =
		limit.rlim_max < files + OTHER_FILES ? limit.rlim_max : files + OTHER_FILES;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_files(struct inputs *in, const struct args *a, const struct start *start,
                      const char *const *names, size_t count, struct feed *feed, struct err *e)
{
	struct files_opts opts = { .feed = in->opts,
		                   .by_name = !a->follow || a->follow_name,
		                   .ends = a->exit_at_end || !(a->follow || a->follow_name),
		                   .poll = a->poll,
		                   .header = in->header,
		                   .start = *start,
		                   .keeps = a->resume,
		                   .interval = NS_PER_SEC,
		                   .partial_after = a->partial_after ? a->partial_after : -1,
		                   .max_open = (size_t)a->max_open };

	allow_open(a->max_open);
	*feed = files_new(names, count, &opts, e);
	return feed->ops ? 0 : -1;
}

static struct feed open_plain(const struct inputs *in, const struct args *a,
                              const struct start *start, const char *const *names, size_t count)
{
	struct reader_opts reader = { .max_line = a->shared.max_record,
		                      .binary = in->framed && start->kind == START_ALL };
	struct last_opts last = { .header = in->header, .start = *start };
	struct lines lines = reader_new(names, count, &reader);

	if (start->kind != START_ALL)
		lines = last_new(lines, &last);
	return plain_new(lines, names, count);
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
	enum follow follow = a->exit_at_end   ? FOLLOW_NOT
	                     : a->follow_name ? FOLLOW_ALWAYS
	                     : a->follow      ? FOLLOW_ON
	                                      : FOLLOW_NOT;

	if (a->lines)
		return err_set(e, FAIL_USAGE, "-n: %s has no last lines, and no line numbers", url);
	return feed_open(url, &in->opts, follow, feed, e) == 0 ? 0 : -1;
}

/* All files together, behind one another or followed; IN has their names. */
static int open_named(struct inputs *in, const struct args *a, struct feed *feed, struct err *e)
{
	if (in->follows)
		return open_files(in, a, &in->start, in->name, in->names, feed, e);
	*feed = open_plain(in, a, &in->start, in->name, in->names);
	return 0;
}

/* A source beside the files: a URL or, when files are followed, a pipe. 1: it is a file. */
static int open_beside(const struct inputs *in, const struct args *a, const char *const *operand,
                       struct feed *feed, struct err *e)
{
	static const struct start all = { .kind = START_ALL };

	if (feed_is_url(*operand))
		return open_url(in, a, *operand, feed, e);
	if (!in->follows || !is_pipe(*operand))
		return 1;
	*feed = open_plain(in, a, &all, operand, 1);
	return 0;
}

/* Files together, other sources beside them, all at once. */
static int open_all(struct inputs *in, const struct args *a, const char *const *operand,
                    size_t count, struct feed *feed, struct err *e)
{
	struct mux_part *part = alloc_array(count + 1, sizeof *part);
	size_t parts = 0;
	int done = 0;

	in->name = alloc_grow(in->name, &in->cap, count + 1, sizeof *in->name);
	for (size_t i = 0; done == 0 && i < count; i++) {
		part[parts].url = operand[i];
		done = open_beside(in, a, &operand[i], &part[parts].feed, e);
		parts += done == 0;
		if (done == 1 && in->follows)
			add_name(in, operand[i]);
		if (done == 1)
			done = in->follows ? 0 : expand(in, &operand[i], 1, e);
	}
	if (done == 0 && (in->names || !count)) {
		part[parts].url = "files";
		done = open_named(in, a, &part[parts].feed, e);
		parts += done == 0;
	}
	for (size_t i = 0; done < 0 && i < parts; i++)
		part[i].feed.ops->flow.free(part[i].feed.self);
	if (done == 0)
		*feed = parts == 1 ? part[0].feed : mux_new(part, parts, false);
	free(part);
	return done;
}

int inputs_open(struct inputs *in, const struct args *a, const char *const *operand, size_t count,
                struct feed *feed, struct err *e)
{
	in->follows = (a->follow || a->follow_name || a->exit_at_end || a->resume) && count;
	in->start = (struct start){ .kind = START_ALL };
	if ((a->follow || a->follow_name) && count && !a->from_start)
		in->start = (struct start){ .kind = START_LAST_LINES, .count = 10 };
	if (parse_start(a, &in->start, e) < 0)
		return -1;
	in->opts = (struct feed_opts){ .tool = stail_tool.name,
		                       .max_line = a->shared.max_record,
		                       .debug = a->debug };
	return open_all(in, a, operand, count, feed, e);
}

void inputs_free(struct inputs *in)
{
	for (size_t i = 0; i < in->names; i++)
		free((void *)(uintptr_t)in->name[i]);
	free(in->name);
}
