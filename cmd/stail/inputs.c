#include "stail.h"

#include "io/reader.h"
#include "stream/follow.h"
#include "stream/last.h"
#include "stream/plain.h"

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

int inputs_open(const struct args *a, bool header, const char *const *names, size_t count,
                struct feed *feed, struct err *e)
{
	bool following = follows(a) && count && strcmp(names[0], "-") != 0;
	struct start start = { .kind = START_ALL };
	struct follow_opts follow = { .tool = stail_tool.name,
		                      .by_name = a->follow_name || a->follow_how == FOLLOW_NAME,
		                      .retry = a->retry,
		                      .header = header,
		                      .max_line = a->shared.max_record };
	struct reader_opts reader = { .max_line = a->shared.max_record };
	struct last_opts last = { .header = header, .max_line = a->shared.max_record };
	struct lines lines;

	if (following)
		start = (struct start){ .kind = START_LAST_LINES, .count = 10 };
	if (parse_start(a, &start, e) < 0)
		return -1;
	follow.start = last.start = start;
	if (following) {
		for (size_t i = 1; i < count; i++)
			if (strcmp(names[i], "-") == 0)
				return err_set(e, FAIL_USAGE,
				               "-: stdin is not followed beside files");
		lines = follow_new(names, count, &follow, e);
		if (!lines.ops)
			return -1;
	} else if (start.kind != START_ALL) {
		lines = last_new(names, count, &last);
	} else {
		lines = reader_new(names, count, &reader);
	}
	*feed = plain_new(lines, names, count);
	return 0;
}
