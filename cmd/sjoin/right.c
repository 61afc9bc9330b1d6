#include "io/reader.h"
#include "sjoin.h"
#include "stream/intake.h"
#include "stream/open.h"

int join_open_right(const struct args *a, const char *const *name, const struct decode_opts *decode,
                    bool whole, struct lines *lines, struct err *e)
{
	static const struct intake_opts intake = { 0 };
	struct feed_opts feed_opts = { .tool = "sjoin", .max_line = a->shared.max_record };
	struct reader_opts opts = { .max_line = a->shared.max_record,
		                    .binary = format_framed(decode->format),
		                    .whole = whole };
	struct feed feed;

	if (!feed_is_url(*name)) {
		*lines = reader_new(name, 1, &opts);
		return 0;
	}
	if (feed_open(*name, &feed_opts, FOLLOW_NOT, &feed, e) < 0)
		return -1;
	*lines = intake_new(feed_flow(feed), feed, &intake);
	return 0;
}
