#include "stail.h"

#include "base/alloc.h"
#include "io/reader.h"
#include "stream/follow.h"
#include "stream/last.h"
#include "stream/mux.h"
#include "stream/open.h"
#include "stream/plain.h"

#include <stdlib.h>

static int parse_lines(const char *text, struct last_opts *opts, struct err *e)
{
	opts->from = *text == '+';
	if (options_size(text + opts->from, &opts->count) < 0)
		return err_set(e, FAIL_USAGE,
		               "-n: '%s' is no number of lines (like 10, or +10 for line 10 on)",
		               text);
	return 0;
}

static bool follows(const struct args *a)
{
	return a->follow || a->follow_name;
}

/* The files, one behind the other or followed; none: stdin. */
static int open_files(const struct args *a, const struct inputs_as *as, const char *const *names,
                      size_t count, struct feed *feed, struct err *e)
{
	struct lines lines;
	struct follow_opts follow = { .tool = stail_tool.name,
		                      .by_name = a->follow_name,
		                      .last = 10,
		                      .max_line = a->shared.max_record };
	struct reader_opts reader = { .max_line = a->shared.max_record,
		                      .binary = as->framed && !a->lines };
	struct last_opts last = { 0 };
	bool all = false;

	last.header = follow.header = as->header;
	if (a->lines && parse_lines(a->lines, &last, e) < 0)
		return -1;
	if (follows(a) && count && strcmp(names[0], "-") != 0) {
		for (size_t i = 1; i < count; i++)
			if (strcmp(names[i], "-") == 0)
				return err_set(e, FAIL_USAGE,
				               "-: stdin is not followed beside files");
		if (a->lines && last.from && last.count > 1)
			return err_set(e, FAIL_USAGE,
			               "-n +N: with -f and -F only +1, the whole file");
		all = last.from;
		follow.all = all;
		follow.last = a->lines ? last.count : 10;
		lines = follow_new(names, count, &follow, e);
		if (!lines.ops)
			return -1;
	} else {
		lines = reader_new(names, count, &reader);
		if (a->lines)
			lines = last_new(lines, &last);
	}
	*feed = plain_new(lines, names, count);
	return 0;
}

/* Put the files before the URLs, each in their order. Returns the number of files. */
static size_t files_first(const char **names, size_t count)
{
	size_t files = 0;

	for (size_t i = 0; i < count; i++) {
		const char *name = names[i];

		if (feed_is_url(name))
			continue;
		memmove(names + files + 1, names + files, (i - files) * sizeof *names);
		names[files++] = name;
	}
	return files;
}

/* A feed for each URL. What was opened before a failure is closed again. */
static int open_urls(const struct args *a, const char *const *urls, size_t count,
                     struct mux_part *part, struct err *e)
{
	const struct feed_opts opts = { .tool = stail_tool.name, .max_line = a->shared.max_record };
	enum follow follow = a->follow_name ? FOLLOW_ALWAYS : a->follow ? FOLLOW_ON : FOLLOW_NOT;

	for (size_t i = 0; i < count; i++) {
		part[i].url = urls[i];
		if (feed_open(urls[i], &opts, follow, &part[i].feed, e) == 0)
			continue;
		while (i-- > 0)
			part[i].feed.ops->flow.free(part[i].feed.self);
		return -1;
	}
	return 0;
}

int inputs_open(const struct args *a, const struct inputs_as *as, const char **names, size_t count,
                struct feed *feed, struct err *e)
{
	size_t files = files_first(names, count), urls = count - files;
	struct mux_part *part;
	int done;

	if (!urls)
		return open_files(a, as, names, count, feed, e);
	if (a->lines)
		return err_set(e, FAIL_USAGE, "-n: %s has no last lines, and no line numbers",
		               names[files]);
	part = alloc_zero(urls + 1, sizeof *part);
	done = open_urls(a, names + files, urls, part, e);
	if (done == 0 && files) {
		part[urls].url = names[0];
		done = open_files(a, as, names, files, &part[urls].feed, e);
		for (size_t i = 0; done < 0 && i < urls; i++)
			part[i].feed.ops->flow.free(part[i].feed.self);
	}
	if (done == 0 && count == 1)
		*feed = part[0].feed;
	else if (done == 0)
		*feed = mux_new(part, urls + (files > 0), false);
	free(part);
	return done;
}
