#include "stail.h"

#include "io/reader.h"
#include "stream/follow.h"
#include "stream/last.h"
#include "stream/plain.h"

static int parse_lines(const char *text, struct last_opts *opts, struct err *e)
{
	opts->from = *text == '+';
	if (options_size(text + opts->from, &opts->count) < 0)
		return err_set(e, FAIL_USAGE,
		               "-n: '%s' is no number of lines (like 10, or +10 for line 10 on)",
		               text);
	return 0;
}

int inputs_open(const struct args *a, bool header, const char *const *names, size_t count,
                struct feed *feed, struct err *e)
{
	struct lines lines;
	struct follow_opts follow = { .tool = stail_tool.name,
		                      .by_name = a->follow_name,
		                      .last = 10,
		                      .max_line = a->shared.max_record };
	struct reader_opts reader = { .max_line = a->shared.max_record };
	struct last_opts last = { 0 };
	bool all = false;

	last.header = follow.header = header;
	if (a->lines && parse_lines(a->lines, &last, e) < 0)
		return -1;
	if ((a->follow || a->follow_name) && count && strcmp(names[0], "-") != 0) {
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
